// SPDX-License-Identifier: MIT
#include "vp9/probabilities.h"

#include <algorithm>
#include <type_traits>

#include "vp9/tables.h"

namespace daedalus::vp9 {

namespace {

constexpr Nested<uint8_t, 4, 9> default_y_mode = {{{65, 32, 18, 144, 162, 194, 41, 51, 98},
                                                   {132, 68, 18, 165, 217, 196, 45, 40, 78},
                                                   {173, 80, 19, 176, 240, 193, 64, 35, 46},
                                                   {221, 135, 38, 194, 248, 121, 96, 85, 29}}};

constexpr Nested<uint8_t, 10, 9> default_uv_mode = {{{120, 7, 76, 176, 208, 126, 28, 54, 103},
                                                     {48, 12, 154, 155, 139, 90, 34, 117, 119},
                                                     {67, 6, 25, 204, 243, 158, 13, 21, 96},
                                                     {97, 5, 44, 131, 176, 139, 48, 68, 97},
                                                     {83, 5, 42, 156, 111, 152, 26, 49, 152},
                                                     {80, 5, 58, 178, 74, 83, 33, 62, 145},
                                                     {86, 5, 32, 154, 192, 168, 14, 22, 163},
                                                     {85, 5, 32, 156, 216, 148, 19, 29, 73},
                                                     {77, 7, 64, 116, 132, 122, 37, 126, 120},
                                                     {101, 21, 107, 181, 192, 103, 19, 67, 125}}};

constexpr Nested<uint8_t, 16, 3> default_partition = {{{199, 122, 141},
                                                       {147, 63, 159},
                                                       {148, 133, 118},
                                                       {121, 104, 114},
                                                       {174, 73, 87},
                                                       {92, 41, 83},
                                                       {82, 99, 50},
                                                       {53, 39, 39},
                                                       {177, 58, 59},
                                                       {68, 26, 63},
                                                       {52, 79, 25},
                                                       {17, 14, 12},
                                                       {222, 34, 30},
                                                       {72, 16, 44},
                                                       {58, 32, 12},
                                                       {10, 7, 6}}};

constexpr Nested<uint8_t, 7, 3> default_inter_mode = {{{2, 173, 34},
                                                       {7, 145, 85},
                                                       {7, 166, 63},
                                                       {7, 94, 66},
                                                       {8, 64, 46},
                                                       {17, 81, 31},
                                                       {25, 29, 30}}};

constexpr MvComponentProbs default_mv_row = {
    .sign = 128,
    .classes = {224, 144, 192, 168, 192, 176, 192, 198, 198, 245},
    .class0_bit = 216,
    .bits = {136, 140, 148, 160, 176, 192, 224, 234, 234, 240},
    .class0_fr = {{{128, 128, 64}, {96, 112, 64}}},
    .fr = {64, 96, 64},
    .class0_hp = 160,
    .hp = 128,
};

constexpr MvComponentProbs default_mv_column = {
    .sign = 128,
    .classes = {216, 128, 176, 160, 176, 176, 192, 198, 198, 208},
    .class0_bit = 208,
    .bits = {136, 140, 148, 160, 176, 192, 224, 234, 234, 240},
    .class0_fr = {{{128, 128, 64}, {96, 112, 64}}},
    .fr = {64, 96, 64},
    .class0_hp = 160,
    .hp = 128,
};

void set_default_coefficients(Probabilities& probs) {
  for (std::size_t tx = 0; tx < 4; ++tx)
    for (std::size_t plane = 0; plane < 2; ++plane)
      for (std::size_t inter = 0; inter < 2; ++inter)
        for (std::size_t context = 0; context < coefficient_contexts; ++context)
          std::copy_n(default_coefficient_probs[tx][plane][inter][context / 6][context % 6], 3,
                      probs.coef[tx][plane][inter][context].begin());
}

}  // namespace

Probabilities default_probabilities() {
  Probabilities probs{
      .coef = {},
      .skip = {192, 128, 64},
      .tx_8x8 = {{{100}, {66}}},
      .tx_16x16 = {{{20, 152}, {15, 101}}},
      .tx_32x32 = {{{3, 136, 37}, {5, 52, 13}}},
      .inter_mode = default_inter_mode,
      .interp_filter = {{{235, 162}, {36, 255}, {34, 3}, {149, 144}}},
      .is_inter = {9, 102, 187, 225},
      .comp_mode = {239, 183, 119, 96, 41},
      .single_ref = {{{33, 16}, {77, 74}, {142, 142}, {172, 170}, {238, 247}}},
      .comp_ref = {50, 126, 123, 221, 226},
      .y_mode = default_y_mode,
      .uv_mode = default_uv_mode,
      .partition = default_partition,
      .mv_joint = {32, 64, 96},
      .mv = {default_mv_row, default_mv_column},
  };
  set_default_coefficients(probs);
  return probs;
}

// Counts consist of 32-bit numbers only.
void Counts::add(const Counts& other) {
  static_assert(std::is_trivially_copyable_v<Counts> && sizeof(Counts) % sizeof(uint32_t) == 0);
  auto* const to = reinterpret_cast<uint32_t*>(this);
  const auto* const from = reinterpret_cast<const uint32_t*>(&other);
  for (std::size_t i = 0; i < sizeof(Counts) / sizeof(uint32_t); ++i) to[i] += from[i];
}

}  // namespace daedalus::vp9
