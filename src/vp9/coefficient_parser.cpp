// SPDX-License-Identifier: MIT
#include "vp9/coefficient_parser.h"

#include <array>

#include "daedalus/vp9/job.h"

namespace daedalus::vp9 {

namespace {

// Extra bits of the categories, most significant first, ended by a 0.
constexpr uint8_t cat1_prob[] = {159, 0};
constexpr uint8_t cat2_prob[] = {165, 145, 0};
constexpr uint8_t cat3_prob[] = {173, 148, 140, 0};
constexpr uint8_t cat4_prob[] = {176, 155, 140, 135, 0};
constexpr uint8_t cat5_prob[] = {180, 157, 141, 134, 130, 0};
constexpr uint8_t cat6_prob[] = {254, 254, 254, 252, 249, 243, 230, 196,
                                 177, 153, 140, 133, 130, 129, 0};
constexpr uint8_t cat6_prob_10[] = {255, 255, 254, 254, 254, 252, 249, 243, 230,
                                    196, 177, 153, 140, 133, 130, 129, 0};

struct Token {
  int32_t level;
  uint8_t energy;  // for later contexts
};

struct Category {
  int32_t first_level;
  const uint8_t* probs;
};

[[gnu::always_inline]] inline Category read_category(BoolDecoder& decoder, const uint8_t* pareto,
                                                     bool ten_bits, uint8_t& energy) {
  energy = 4;
  if (!decoder.read(pareto[3])) {
    if (!decoder.read(pareto[4])) return {5, cat1_prob};
    return {7, cat2_prob};
  }
  energy = 5;
  if (!decoder.read(pareto[5])) {
    if (!decoder.read(pareto[6])) return {11, cat3_prob};
    return {19, cat4_prob};
  }
  if (!decoder.read(pareto[7])) return {35, cat5_prob};
  return {67, ten_bits ? cat6_prob_10 : cat6_prob};
}

// A token beyond ONE_TOKEN, with its pareto probabilities.
[[gnu::always_inline]] inline Token large_token(BoolDecoder& decoder, const uint8_t* pareto,
                                                bool ten_bits) {
  if (!decoder.read(pareto[0])) {
    if (!decoder.read(pareto[1])) return {2, 2};
    return {3 + static_cast<int32_t>(decoder.read_bit(pareto[2])), 3};
  }
  Token token;
  const Category category = read_category(decoder, pareto, ten_bits, token.energy);
  int32_t extra = 0;
  for (const uint8_t* prob = category.probs; *prob != 0; ++prob)
    extra = extra << 1 | static_cast<int32_t>(decoder.read_bit(*prob));
  token.level = category.first_level + extra;
  return token;
}

template <bool counting>
uint32_t* parse(BoolDecoder& decoder_in_memory, const CoefficientContext& block, uint32_t context,
                const ScanStep* step, uint32_t* words) {
  BoolDecoder decoder = decoder_in_memory;
  std::array<uint8_t, 1024> energy;  // by position, for those parsed so far
  const ScanStep* const end = step + (16u << 2 * block.tx_size);
  const CoefficientProbs* const probs = block.probs;
  CoefficientCounts* const counts = block.counts;
  const uint32_t halved = block.tx_size == tx_32x32;
  int32_t factor = block.dequantization[0];
  const int32_t ac_factor = block.dequantization[1];
  const auto next_context = [&energy](const ScanStep& at) {
    return at.contexts + ((1u + energy[at.neighbours[0]] + energy[at.neighbours[1]]) >> 1);
  };

  uint32_t at = context;
  while (true) {
    while (!decoder.read(probs[at][1])) {
      if constexpr (counting) ++counts[at].zero;
      energy[step->position] = 0;
      factor = ac_factor;
      if (++step == end) goto done;
      at = next_context(*step);
    }
    Token token{1, 1};
    if (decoder.read(probs[at][2])) {
      if constexpr (counting) ++counts[at].two;
      token = large_token(decoder, pareto_probs[probs[at][2]], block.ten_bits);
    } else if constexpr (counting) {
      ++counts[at].one;
    }
    energy[step->position] = token.energy;
    const int32_t value = decoder.with_sign((token.level * factor) >> halved);
    *words++ = coefficient_word(value, step->position);
    factor = ac_factor;
    if (++step == end) break;
    at = next_context(*step);
    if constexpr (counting) ++counts[at].more_checked;
    if (!decoder.read(probs[at][0])) {
      if constexpr (counting) ++counts[at].no_more;
      break;
    }
  }
done:
  decoder_in_memory = decoder;
  return words;
}

}  // namespace

uint32_t* parse_coefficients(BoolDecoder& decoder, const CoefficientContext& block,
                             uint32_t context, const ScanStep* scan, uint32_t* words) {
  return block.counts ? parse<true>(decoder, block, context, scan, words)
                      : parse<false>(decoder, block, context, scan, words);
}

}  // namespace daedalus::vp9
