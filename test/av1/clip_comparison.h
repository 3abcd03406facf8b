// SPDX-License-Identifier: MIT
// Decodes whole files with SoftwareDecoder, and compares each picture with libavcodec's.
#pragma once

#include <string>

#include "av1/software_decoder.h"

namespace daedalus::av1::test {

struct ClipComparison {
  SoftwareDecoder::Report report;
  int32_t pictures = 0, libavcodec = 0;  // shown by each of them
  int32_t different = 0, first_difference = -1;
  int64_t first_byte = -1;  // position of the first difference in the picture's planes

  bool equal() const {
    return pictures > 0 && pictures == libavcodec && different == 0 && report.refused == 0 &&
           report.damaged == 0 && report.broken_units == 0;
  }
  std::string description() const;
};

// If pictures are not reconstructed, only compares their number.
ClipComparison compare_with_libavcodec(const std::string& file, bool reconstructs);

}  // namespace daedalus::av1::test
