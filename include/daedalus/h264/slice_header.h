// SPDX-License-Identifier: MIT
// slice_header() for API clients that pass pictures without slice parameters, such as frame-based
// V4L2 clients.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "daedalus/error.h"
#include "daedalus/h264/picture.h"

namespace daedalus::h264 {

// What parsing a slice header needs besides PictureParameters, with the names of H.264 7.4.
struct HeaderParameters {
  uint8_t log2_max_frame_num_minus4 = 0;          // 0..12
  uint8_t pic_order_cnt_type = 0;                 // 0..2
  uint8_t log2_max_pic_order_cnt_lsb_minus4 = 0;  // 0..12
  bool delta_pic_order_always_zero_flag = false;

  bool bottom_field_pic_order_in_frame_present_flag = false;
  uint8_t num_ref_idx_l0_default_active_minus1 = 0;  // 0..31
  uint8_t num_ref_idx_l1_default_active_minus1 = 0;
  bool deblocking_filter_control_present_flag = false;
  bool redundant_pic_cnt_present_flag = false;

  // For each of PictureParameters::references: frame_num of short-term references, LongTermFrameIdx
  // of long-term ones.
  std::array<uint16_t, max_reference_pictures> reference_numbers{};
};

// Parses slice headers, and builds the reference lists that they ask for. One call at a time.
class SliceHeaderParser {
 public:
  SliceHeaderParser();
  ~SliceHeaderParser();
  SliceHeaderParser(SliceHeaderParser&&) noexcept;
  SliceHeaderParser& operator=(SliceHeaderParser&&) noexcept;

  // `nal_unit` is a coded slice (nal_unit_type 1 or 5) from its header byte on; the result refers
  // to it. The picture's parameters must have passed H264Decoder::check. A frame counts as a
  // reference if both has_top and has_bottom are set. On error `slice` is unchanged: Error::damaged
  // if the header contradicts the specification or the picture, Error::unsupported for SP and SI
  // slices and for slices of redundant coded pictures.
  Result<void> parse(std::span<const std::byte> nal_unit, const PictureParameters& picture,
                     const HeaderParameters& parameters, SliceParameters& slice);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daedalus::h264
