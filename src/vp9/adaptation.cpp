// SPDX-License-Identifier: MIT
#include "vp9/adaptation.h"

#include <algorithm>

#include "vp9/tables.h"

namespace daedalus::vp9 {

namespace {

// merge_prob()
uint8_t merged(uint32_t before, uint32_t count_0, uint32_t count_1, uint32_t saturation,
               uint32_t largest_factor) {
  const uint32_t total = count_0 + count_1;
  if (total == 0) return static_cast<uint8_t>(before);
  const auto observed = static_cast<uint32_t>((uint64_t{count_0} * 256 + (total >> 1)) / total);
  const uint32_t clipped = std::clamp(observed, 1u, 255u);
  const uint32_t factor = largest_factor * std::min(total, saturation) / saturation;
  return static_cast<uint8_t>((before * (256 - factor) + clipped * factor + 128) >> 8);
}

uint8_t merged(uint32_t before, uint32_t count_0, uint32_t count_1) {
  return merged(before, count_0, count_1, 20, 128);
}

template <std::size_t size>
void merge_bits(const std::array<uint8_t, size>& before, const Nested<uint32_t, size, 2>& counts,
                std::array<uint8_t, size>& current) {
  for (std::size_t i = 0; i < size; ++i) current[i] = merged(before[i], counts[i][0], counts[i][1]);
}

// merge_probs(): returns how often the subtree at `node` was entered.
uint32_t merge_tree(const int8_t* tree, std::size_t node, const uint8_t* before,
                    const uint32_t* counts, uint8_t* current) {
  uint32_t branch[2];
  for (std::size_t bit = 0; bit < 2; ++bit) {
    const int8_t next = tree[node + bit];
    branch[bit] = next <= 0
                      ? counts[-next]
                      : merge_tree(tree, static_cast<std::size_t>(next), before, counts, current);
  }
  current[node >> 1] = merged(before[node >> 1], branch[0], branch[1]);
  return branch[0] + branch[1];
}

template <std::size_t rows, std::size_t probs, std::size_t leaves>
void merge_trees(const int8_t* tree, const Nested<uint8_t, rows, probs>& before,
                 const Nested<uint32_t, rows, leaves>& counts,
                 Nested<uint8_t, rows, probs>& current) {
  static_assert(leaves == probs + 1);
  for (std::size_t i = 0; i < rows; ++i)
    merge_tree(tree, 0, before[i].data(), counts[i].data(), current[i].data());
}

// 8.4.3
void adapt_coefficients(const AdaptationParameters& parameters, const Probabilities& before,
                        const Counts& counts, Probabilities& current) {
  constexpr uint32_t saturation = 24;
  const uint32_t factor = !parameters.intra && parameters.after_key ? 128 : 112;
  for (std::size_t tx = 0; tx < 4; ++tx)
    for (std::size_t plane = 0; plane < 2; ++plane)
      for (std::size_t inter = 0; inter < 2; ++inter)
        for (std::size_t context = 0; context < coefficient_contexts; ++context) {
          const auto& count = counts.coef[tx][plane][inter][context];
          const auto& old = before.coef[tx][plane][inter][context];
          auto& probs = current.coef[tx][plane][inter][context];
          probs[0] =
              merged(old[0], count.no_more, count.more_checked - count.no_more, saturation, factor);
          probs[1] = merged(old[1], count.zero, count.one + count.two, saturation, factor);
          probs[2] = merged(old[2], count.one, count.two, saturation, factor);
        }
}

// A transform size is coded as "larger than this one?", from 4x4 up.
template <std::size_t probs>
void adapt_tx_sizes(const Nested<uint8_t, 2, probs>& before, const Nested<uint32_t, 2, 4>& counts,
                    Nested<uint8_t, 2, probs>& current) {
  for (std::size_t context = 0; context < 2; ++context) {
    uint32_t larger = 0;
    for (std::size_t size = probs + 1; size-- > 0;) {
      const uint32_t count = counts[context][size];
      if (size < probs) current[context][size] = merged(before[context][size], count, larger);
      larger += count;
    }
  }
}

void adapt_mv_component(const MvComponentProbs& before, const MvComponentCounts& counts,
                        bool allow_high_precision_mv, MvComponentProbs& current) {
  current.sign = merged(before.sign, counts.sign[0], counts.sign[1]);
  merge_tree(mv_class_tree, 0, before.classes.data(), counts.classes.data(),
             current.classes.data());
  current.class0_bit = merged(before.class0_bit, counts.class0_bit[0], counts.class0_bit[1]);
  merge_bits(before.bits, counts.bits, current.bits);
  merge_trees<2, 3, 4>(mv_fr_tree, before.class0_fr, counts.class0_fr, current.class0_fr);
  merge_tree(mv_fr_tree, 0, before.fr.data(), counts.fr.data(), current.fr.data());
  if (!allow_high_precision_mv) return;
  current.class0_hp = merged(before.class0_hp, counts.class0_hp[0], counts.class0_hp[1]);
  current.hp = merged(before.hp, counts.hp[0], counts.hp[1]);
}

// 8.4.4
void adapt_modes(const AdaptationParameters& parameters, const Probabilities& before,
                 const Counts& counts, Probabilities& current) {
  merge_bits(before.is_inter, counts.is_inter, current.is_inter);
  merge_bits(before.comp_mode, counts.comp_mode, current.comp_mode);
  merge_bits(before.comp_ref, counts.comp_ref, current.comp_ref);
  for (std::size_t i = 0; i < 5; ++i)
    merge_bits(before.single_ref[i], counts.single_ref[i], current.single_ref[i]);
  merge_trees<7, 3, 4>(inter_mode_tree, before.inter_mode, counts.inter_mode, current.inter_mode);
  merge_trees<4, 9, 10>(intra_mode_tree, before.y_mode, counts.y_mode, current.y_mode);
  merge_trees<10, 9, 10>(intra_mode_tree, before.uv_mode, counts.uv_mode, current.uv_mode);
  merge_trees<16, 3, 4>(partition_tree, before.partition, counts.partition, current.partition);
  merge_bits(before.skip, counts.skip, current.skip);
  if (parameters.interp_filter)
    merge_trees<4, 2, 3>(interp_filter_tree, before.interp_filter, counts.interp_filter,
                         current.interp_filter);
  if (parameters.tx_size) {
    adapt_tx_sizes<1>(before.tx_8x8, counts.tx[0], current.tx_8x8);
    adapt_tx_sizes<2>(before.tx_16x16, counts.tx[1], current.tx_16x16);
    adapt_tx_sizes<3>(before.tx_32x32, counts.tx[2], current.tx_32x32);
  }
  merge_tree(mv_joint_tree, 0, before.mv_joint.data(), counts.mv_joint.data(),
             current.mv_joint.data());
  for (std::size_t i = 0; i < 2; ++i)
    adapt_mv_component(before.mv[i], counts.mv[i], parameters.allow_high_precision_mv,
                       current.mv[i]);
}

}  // namespace

void adapt(const AdaptationParameters& parameters, const Probabilities& before,
           const Counts& counts, Probabilities& current) {
  adapt_coefficients(parameters, before, counts, current);
  if (!parameters.intra) adapt_modes(parameters, before, counts, current);
}

}  // namespace daedalus::vp9
