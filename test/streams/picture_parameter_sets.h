// SPDX-License-Identifier: MIT
// Picture parameter sets of H.264 streams, for syntax elements that VA-API does not pass.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <span>

#include "h264/bit_reader.h"
#include "h264/rbsp.h"

namespace daedalus::test {

// The default lengths of reference lists.
class PictureParameterSets {
 public:
  struct Defaults {
    uint8_t num_ref_idx_l0_active_minus1, num_ref_idx_l1_active_minus1;
  };

  // Reads parameter sets that a container stores outside packets (ISO/IEC 14496-15, 5.3.3.1), or a
  // byte stream.
  void read_extradata(std::span<const std::byte> extradata) {
    if (extradata.size() < 7 || extradata[0] != std::byte{1}) return read(extradata);
    length_size_ = std::to_integer<std::size_t>(extradata[4] & std::byte{3}) + 1;
    auto rest = extradata.subspan(5);
    for (const auto mask : {std::byte{31}, std::byte{255}}) {  // sequence, then picture sets
      if (rest.empty()) return;
      auto count = std::to_integer<uint32_t>(rest[0] & mask);
      for (rest = rest.subspan(1); count > 0; --count) rest = read_with_length(rest, 2);
    }
  }

  // Reads all NAL units of a packet.
  void read(std::span<const std::byte> packet) {
    if (length_size_ > 0) {
      while (!packet.empty()) packet = read_with_length(packet, length_size_);
      return;
    }
    constexpr std::byte start_code[] = {std::byte{0}, std::byte{0}, std::byte{1}};
    const auto next = [&](auto from) {
      return std::search(from, packet.end(), std::begin(start_code), std::end(start_code));
    };
    for (auto at = next(packet.begin()); at != packet.end();) {
      const auto begin = at + 3;
      at = next(begin);
      read_nal_unit({begin, at});
    }
  }

  std::optional<Defaults> of_slice(std::span<const std::byte> nal_unit) {
    rbsp_.assign(nal_unit.first(std::min<std::size_t>(nal_unit.size(), 32)));
    h264::BitReader bits(rbsp_.data(), 8);
    bits.ue();
    bits.ue();
    const auto found = sets_.find(bits.ue());
    return found == sets_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  // Reads the first NAL unit. Returns the rest.
  std::span<const std::byte> read_with_length(std::span<const std::byte> units,
                                              std::size_t length_size) {
    std::size_t length = 0;
    if (units.size() < length_size) return {};
    for (const auto byte : units.first(length_size))
      length = length << 8 | std::to_integer<std::size_t>(byte);
    const auto rest = units.subspan(length_size);
    length = std::min(length, rest.size());
    read_nal_unit(rest.first(length));
    return rest.subspan(length);
  }

  void read_nal_unit(std::span<const std::byte> nal_unit) {
    if (nal_unit.empty() || (nal_unit[0] & std::byte{31}) != std::byte{8}) return;
    rbsp_.assign(nal_unit);
    h264::BitReader bits(rbsp_.data(), 8);
    const uint32_t pic_parameter_set_id = bits.ue();
    bits.ue();     // seq_parameter_set_id
    bits.bits(2);  // entropy_coding_mode_flag, bottom_field_pic_order_in_frame_present_flag
    bits.ue();     // num_slice_groups_minus1, 0 in supported streams
    const auto l0 = static_cast<uint8_t>(bits.ue());
    sets_[pic_parameter_set_id] = {l0, static_cast<uint8_t>(bits.ue())};
  }

  h264::Rbsp rbsp_;
  std::map<uint32_t, Defaults> sets_;
  std::size_t length_size_ = 0;  // 0: packets are byte streams
};

}  // namespace daedalus::test
