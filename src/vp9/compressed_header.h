// SPDX-License-Identifier: MIT
// compressed_header() (VP9 bitstream specification, 6.3): forward updates of probabilities.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vp9/probabilities.h"
#include "vp9/syntax.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::vp9 {

struct CompressedHeader {
  TxMode tx_mode = only_4x4;
  ReferenceMode reference_mode = single_reference;
};

// Updates `probabilities`, which must be the loaded context's. After Error::damaged their values
// are unspecified.
Result<CompressedHeader> parse_compressed_header(std::span<const std::byte> partition,
                                                 const UncompressedHeader& header,
                                                 Probabilities& probabilities);

}  // namespace daedalus::vp9
