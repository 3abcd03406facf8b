// SPDX-License-Identifier: MIT
// tokens() (VP9 bitstream specification, 6.4.24): the coefficients of one transform block.
#pragma once

#include <cstdint>

#include "vp9/bool_decoder.h"
#include "vp9/probabilities.h"
#include "vp9/syntax.h"
#include "vp9/tables.h"

namespace daedalus::vp9 {

// What the blocks of a plane within one block share.
struct CoefficientContext {
  const CoefficientProbs* probs;  // of the first of coefficient_contexts
  CoefficientCounts* counts;      // likewise; nullptr: not counted
  const int32_t* dequantization;  // dc, ac
  TransformSize tx_size;
  bool ten_bits;
};

// more_coefs of a block's first coefficient, whose context is 0..2: most blocks end there.
[[gnu::always_inline]] inline bool read_any_token(BoolDecoder& decoder,
                                                  const CoefficientContext& block,
                                                  uint32_t context) {
  const bool any_token = decoder.read(block.probs[context][0]);
  if (block.counts) {
    ++block.counts[context].more_checked;
    block.counts[context].no_more += !any_token;
  }
  return any_token;
}

// The rest of a block whose read_any_token() returned true. Writes at most one word per sample to
// `words`, and returns the end of what it wrote. In a broken stream all coefficients may be 0.
uint32_t* parse_coefficients(BoolDecoder& decoder, const CoefficientContext& block,
                             uint32_t context, const ScanStep* scan, uint32_t* words);

}  // namespace daedalus::vp9
