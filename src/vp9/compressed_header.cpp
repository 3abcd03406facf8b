// SPDX-License-Identifier: MIT
#include "vp9/compressed_header.h"

#include <algorithm>
#include <array>

#include "vp9/bool_decoder.h"

namespace daedalus::vp9 {

namespace {

constexpr uint32_t max_prob = 255;
constexpr uint32_t update_prob = 252;  // of diff_update_prob() and of update_mv_prob()

// inv_map_table: every thirteenth value from 7 on comes first, then the others.
constexpr std::array<uint8_t, 255> inv_map_table = [] {
  std::array<uint8_t, 255> table{};
  std::size_t count = 0;
  for (uint32_t value = 7; value < max_prob; value += 13)
    table[count++] = static_cast<uint8_t>(value);
  for (uint32_t value = 1; value < 254; ++value)
    if (value % 13 != 7) table[count++] = static_cast<uint8_t>(value);
  table[count++] = 253;
  return table;
}();

// inv_recenter_nonneg()
uint32_t recentered(uint32_t value, uint32_t center) {
  if (value > 2 * center) return value;
  return value & 1 ? center - ((value + 1) >> 1) : center + (value >> 1);
}

// inv_remap_prob()
uint8_t remapped(uint32_t delta, uint32_t prob) {
  const uint32_t value = inv_map_table[delta];
  const uint32_t center = prob - 1;
  if (center << 1 <= max_prob) return static_cast<uint8_t>(1 + recentered(value, center));
  return static_cast<uint8_t>(max_prob - recentered(value, max_prob - 1 - center));
}

class HeaderParser {
 public:
  HeaderParser(std::span<const std::byte> partition, const UncompressedHeader& header,
               Probabilities& probs)
      : bool_(reinterpret_cast<const uint8_t*>(partition.data()), partition.size()),
        header_(header),
        probs_(probs) {}

  Result<CompressedHeader> parse();

 private:
  uint32_t decode_term_subexp();
  void diff_update(uint8_t& prob) {
    if (bool_.read(update_prob)) prob = remapped(decode_term_subexp(), prob);
  }
  template <typename T>
  void diff_update(T& probs) {
    for (auto& prob : probs) diff_update(prob);
  }
  void update_mv(uint8_t& prob) {
    if (bool_.read(update_prob)) prob = static_cast<uint8_t>(bool_.literal(7) << 1 | 1);
  }
  template <typename T>
  void update_mv(T& probs) {
    for (auto& prob : probs) update_mv(prob);
  }

  TxMode tx_mode();
  void tx_probs();
  void coefficients(TxMode tx_mode);
  ReferenceMode reference_mode();
  void reference_probs(ReferenceMode mode);
  void mv_probs();

  BoolDecoder bool_;
  const UncompressedHeader& header_;
  Probabilities& probs_;
};

Result<CompressedHeader> HeaderParser::parse() {
  const bool marker = bool_.read(128);
  if (marker) return tl::unexpected(Error::damaged);
  CompressedHeader result;
  result.tx_mode = header_.quantizer.lossless() ? only_4x4 : tx_mode();
  if (result.tx_mode == tx_mode_select) tx_probs();
  coefficients(result.tx_mode);
  diff_update(probs_.skip);
  if (!header_.intra()) {
    diff_update(probs_.inter_mode);
    if (header_.interp_filter == switchable) diff_update(probs_.interp_filter);
    diff_update(probs_.is_inter);
    result.reference_mode = reference_mode();
    reference_probs(result.reference_mode);
    diff_update(probs_.y_mode);
    diff_update(probs_.partition);
    mv_probs();
  }
  if (bool_.overran()) return tl::unexpected(Error::damaged);
  return result;
}

uint32_t HeaderParser::decode_term_subexp() {
  if (!bool_.read(128)) return bool_.literal(4);
  if (!bool_.read(128)) return bool_.literal(4) + 16;
  if (!bool_.read(128)) return bool_.literal(5) + 32;
  const uint32_t value = bool_.literal(7);
  if (value < 65) return value + 64;
  return (value << 1) - 1 + bool_.literal(1);
}

TxMode HeaderParser::tx_mode() {
  uint32_t mode = bool_.literal(2);
  if (mode == allow_32x32) mode += bool_.literal(1);
  return static_cast<TxMode>(mode);
}

void HeaderParser::tx_probs() {
  diff_update(probs_.tx_8x8);
  diff_update(probs_.tx_16x16);
  diff_update(probs_.tx_32x32);
}

void HeaderParser::coefficients(TxMode tx_mode) {
  const std::size_t largest = std::min<std::size_t>(tx_mode, tx_32x32);
  for (std::size_t size = tx_4x4; size <= largest; ++size) {
    const bool update_probs = bool_.read(128);
    if (!update_probs) continue;
    for (auto& plane : probs_.coef[size])
      for (auto& bands : plane)
        for (std::size_t context = 0; context < coefficient_contexts; ++context) {
          if (context >= 3 && context < 6) continue;  // band 0 has three
          for (std::size_t i = 0; i < 3; ++i) diff_update(bands[context][i]);
        }
  }
}

ReferenceMode HeaderParser::reference_mode() {
  const auto& bias = header_.ref_frame_sign_bias;
  const bool compound_allowed =
      bias[golden_frame] != bias[last_frame] || bias[altref_frame] != bias[last_frame];
  if (!compound_allowed || !bool_.read(128)) return single_reference;
  return bool_.read(128) ? reference_mode_select : compound_reference;
}

void HeaderParser::reference_probs(ReferenceMode mode) {
  if (mode == reference_mode_select) diff_update(probs_.comp_mode);
  if (mode != compound_reference) diff_update(probs_.single_ref);
  if (mode != single_reference) diff_update(probs_.comp_ref);
}

void HeaderParser::mv_probs() {
  update_mv(probs_.mv_joint);
  for (auto& component : probs_.mv) {
    update_mv(component.sign);
    update_mv(component.classes);
    update_mv(component.class0_bit);
    update_mv(component.bits);
  }
  for (auto& component : probs_.mv) {
    update_mv(component.class0_fr);
    update_mv(component.fr);
  }
  if (!header_.allow_high_precision_mv) return;
  for (auto& component : probs_.mv) {
    update_mv(component.class0_hp);
    update_mv(component.hp);
  }
}

}  // namespace

Result<CompressedHeader> parse_compressed_header(std::span<const std::byte> partition,
                                                 const UncompressedHeader& header,
                                                 Probabilities& probabilities) {
  return HeaderParser(partition, header, probabilities).parse();
}

}  // namespace daedalus::vp9
