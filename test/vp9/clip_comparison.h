// SPDX-License-Identifier: MIT
// A file's pictures as the entropy stage and the scalar reconstruction make them, and as libavcodec
// does.
#pragma once

#include <cstdint>
#include <string>

#include "vp9/software_decoder.h"

namespace daedalus::vp9::test {

struct ClipComparison {
  SoftwareDecoder::Report report;
  uint32_t pictures = 0;    // ours
  uint32_t libavcodec = 0;  // its
  uint32_t different = 0;   // of those that both have
  int32_t first_difference = -1;

  bool equal() const {
    return different == 0 && pictures == libavcodec && pictures > 0 && report.refused == 0 &&
           report.damaged == 0 && report.broken_jobs == 0;
  }
  std::string description() const;
};

// Without reconstruction only the number of pictures is compared.
ClipComparison compare_with_libavcodec(const std::string& file, bool reconstructs);

}  // namespace daedalus::vp9::test
