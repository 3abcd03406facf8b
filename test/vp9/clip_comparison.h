// SPDX-License-Identifier: MIT
// Compares a file's pictures from the entropy stage and the scalar reconstruction with
// libavcodec's.
#pragma once

#include <cstdint>
#include <string>

#include "vp9/software_decoder.h"

namespace daedalus::vp9::test {

struct ClipComparison {
  SoftwareDecoder::Report report;
  uint32_t pictures = 0;    // from our decoder
  uint32_t libavcodec = 0;  // from libavcodec
  uint32_t different = 0;   // among those that both output
  int32_t first_difference = -1;

  bool equal() const {
    return different == 0 && pictures == libavcodec && pictures > 0 && report.refused == 0 &&
           report.damaged == 0 && report.broken_jobs == 0;
  }
  std::string description() const;
};

// Without reconstruction, only compares the number of pictures.
ClipComparison compare_with_libavcodec(const std::string& file, bool reconstructs);

}  // namespace daedalus::vp9::test
