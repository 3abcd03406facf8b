// tokens() (VP9 bitstream specification, 6.4.24): the coefficients of one transform block.
#pragma once

#include <cstdint>

#include "vp9/bool_decoder.h"
#include "vp9/probabilities.h"
#include "vp9/syntax.h"
#include "vp9/tables.h"

namespace daedalus::vp9 {

// What is the same for the blocks of a plane within one block.
struct CoefficientContext {
  const CoefficientProbs* probs;  // of the first of coefficient_contexts
  CoefficientCounts* counts;      // likewise; nullptr: not counted
  const int32_t* dequantization;  // dc, ac
  TransformSize tx_size;
  bool ten_bits;
};

struct ParsedCoefficients {
  uint32_t* end;  // of the job's words that were written
  // At least one token is not "no more", as contexts ask: all coefficients of a broken stream's
  // block may be 0 nevertheless.
  bool any_token;
};

// Writes the block's words to `words`, where there is room for as many as it has samples. `context`
// is 0..2, that of the first coefficient.
ParsedCoefficients parse_coefficients(BoolDecoder& decoder, const CoefficientContext& block,
                                      uint32_t context, const ScanStep* scan, uint32_t* words);

}  // namespace daedalus::vp9
