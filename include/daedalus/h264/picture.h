// SPDX-License-Identifier: MIT
// The syntax elements above slice data that decoding a picture needs, as API clients pass them
// (they parse the headers themselves). Names are those of ITU-T H.264 7.4.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/h264/job.h"

namespace daedalus::h264 {

enum class SliceType : uint8_t { p = 0, b = 1, i = 2 };  // SP and SI are outside of the profiles

// A frame of the decoded picture buffer, in the slot by which jobs and reference lists refer to it.
// Field pictures refer to its fields: by the slot, plus bottom_field for the bottom one.
struct ReferenceFrame {
  bool present = false;
  bool long_term = false;
  int32_t top_field_order_cnt = 0;
  int32_t bottom_field_order_cnt = 0;
  bool has_top = true, has_bottom = true;  // used by field pictures only

  int32_t pic_order_cnt() const {  // 8.2.1, PicOrderCnt of a frame
    return top_field_order_cnt < bottom_field_order_cnt ? top_field_order_cnt
                                                        : bottom_field_order_cnt;
  }
};

struct PictureParameters {
  uint32_t pic_width_in_mbs = 0;
  uint32_t frame_height_in_mbs = 0;

  // 0 or 1. Monochrome pictures are NV12 as well, with all chroma samples 128.
  uint8_t chroma_format_idc = 1;
  uint8_t bit_depth_luma_minus8 = 0;
  uint8_t bit_depth_chroma_minus8 = 0;
  bool frame_mbs_only_flag = true;
  bool mb_adaptive_frame_field_flag = false;
  bool field_pic_flag = false;
  bool bottom_field_flag = false;
  uint32_t frame_num = 0;
  uint32_t num_slice_groups_minus1 = 0;

  bool direct_8x8_inference_flag = false;
  bool entropy_coding_mode_flag = false;
  bool weighted_pred_flag = false;
  uint8_t weighted_bipred_idc = 0;
  bool transform_8x8_mode_flag = false;
  bool constrained_intra_pred_flag = false;
  int8_t pic_init_qp_minus26 = 0;
  int8_t chroma_qp_index_offset = 0;
  int8_t second_chroma_qp_index_offset = 0;

  bool reference_pic_flag = false;  // nal_ref_idc != 0
  int32_t top_field_order_cnt = 0;
  int32_t bottom_field_order_cnt = 0;

  std::array<ReferenceFrame, max_reference_pictures> references;

  // weightScale of 8.5.9, in zig-zag order as transmitted: [Intra Y, Cb, Cr, Inter Y, Cb, Cr] and
  // [Intra Y, Inter Y]. 16 everywhere if no matrix was transmitted.
  std::array<std::array<uint8_t, 16>, 6> scaling_list_4x4;
  std::array<std::array<uint8_t, 64>, 2> scaling_list_8x8;

  bool is_monochrome() const { return chroma_format_idc == 0; }
  PictureStructure structure() const {
    return !field_pic_flag     ? PictureStructure::frame
           : bottom_field_flag ? PictureStructure::bottom_field
                               : PictureStructure::top_field;
  }
  // MbaffFrameFlag.
  bool is_mbaff() const {
    return !frame_mbs_only_flag && mb_adaptive_frame_field_flag && !field_pic_flag;
  }
  // PicHeightInMbs and PicSizeInMbs.
  uint32_t height_in_mbs() const {
    return field_pic_flag ? frame_height_in_mbs / 2 : frame_height_in_mbs;
  }
  uint32_t size_in_mbs() const { return pic_width_in_mbs * height_in_mbs(); }
  // The position of a macroblock in the picture, counted row by row. In MBAFF frames a pair's two
  // macroblocks lie one below the other (6.4.1).
  uint32_t place_of(uint32_t mb_addr) const {
    if (!is_mbaff()) return mb_addr;
    const uint32_t pair = mb_addr / 2;
    return (pair / pic_width_in_mbs * 2 + mb_addr % 2) * pic_width_in_mbs + pair % pic_width_in_mbs;
  }

  // PicOrderCnt (8.2.1) of this picture, and of a reference picture as named by the lists.
  int32_t pic_order_cnt() const {
    if (field_pic_flag) return bottom_field_flag ? bottom_field_order_cnt : top_field_order_cnt;
    return std::min(top_field_order_cnt, bottom_field_order_cnt);
  }
  int32_t pic_order_cnt(uint32_t reference) const {
    const ReferenceFrame& frame = references[reference_slot(reference)];
    if (!field_pic_flag) return frame.pic_order_cnt();
    return is_bottom_field(reference) ? frame.bottom_field_order_cnt : frame.top_field_order_cnt;
  }
  // Whether this reference picture exists.
  bool has_reference(uint32_t reference) const {
    if (reference >= (field_pic_flag ? 2 : 1) * max_reference_pictures) return false;
    const ReferenceFrame& frame = references[reference_slot(reference)];
    if (!field_pic_flag) return frame.present;
    return frame.present && (is_bottom_field(reference) ? frame.has_bottom : frame.has_top);
  }
};

// pred_weight_table() for one list (7.4.3.2), flags already applied: where a flag is 0 the weight
// is 2^denominator and the offset 0.
struct PredictionWeights {
  std::array<int16_t, 32> luma_weight, luma_offset;
  std::array<std::array<int16_t, 2>, 32> chroma_weight, chroma_offset;  // [refIdx][Cb, Cr]
};

struct SliceParameters {
  uint32_t first_mb_in_slice = 0;  // counts pairs in MBAFF frames
  SliceType slice_type = SliceType::i;
  bool direct_spatial_mv_pred_flag = false;
  uint8_t num_ref_idx_l0_active_minus1 = 0;  // 0..31
  uint8_t num_ref_idx_l1_active_minus1 = 0;
  uint8_t cabac_init_idc = 0;  // 0..2
  int8_t slice_qp_delta = 0;
  uint8_t disable_deblocking_filter_idc = 0;  // 0..2
  int8_t slice_alpha_c0_offset_div2 = 0;      // -6..6
  int8_t slice_beta_offset_div2 = 0;          // -6..6

  // RefPicList0 and RefPicList1 after modification: slots of PictureParameters::references (in
  // field pictures with bottom_field), or no_reference if the picture is lost.
  std::array<std::array<uint8_t, 32>, 2> ref_pic_list;

  uint8_t luma_log2_weight_denom = 0;        // 0..7
  uint8_t chroma_log2_weight_denom = 0;      // 0..7
  std::array<PredictionWeights, 2> weights;  // read only in explicit mode

  // The NAL unit from its header byte on, emulation prevention bytes included, and where its
  // slice_data() begins: bits from the NAL header's first bit, counted without emulation prevention
  // bytes. Its owner keeps it until the slice is parsed.
  std::span<const std::byte> nal_unit;
  uint32_t slice_data_bit_offset = 0;
};

}  // namespace daedalus::h264
