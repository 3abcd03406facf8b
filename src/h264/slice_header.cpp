// SPDX-License-Identifier: MIT
// slice_header() (H.264 7.3.3).
#include "daedalus/h264/slice_header.h"

#include <algorithm>

#include "h264/bit_reader.h"
#include "h264/rbsp.h"
#include "h264/reference_lists.h"
#include "h264/slice_context.h"

namespace daedalus::h264 {

namespace {

constexpr uint32_t nal_slice = 1, nal_idr_slice = 5;
constexpr uint32_t max_list_entries = 32;
constexpr uint32_t end_of_modifications = 3;
constexpr uint32_t max_modifications = 2 * max_list_entries + 2;  // 7.4.3.1
constexpr uint32_t max_marking_operations = 66;                   // 7.4.3.3
// Longer than any valid header. BitReader reads at most the padding beyond it.
constexpr std::size_t max_header_bytes = 4096;

// The parts of the header, in order. Each returns false if the slice cannot be decoded.
class HeaderReader {
 public:
  HeaderReader(const Rbsp& rbsp, const PictureParameters& picture,
               const HeaderParameters& parameters)
      : bits_(rbsp.data(), 0), picture_(picture), parameters_(parameters) {}

  Result<SliceParameters> read(std::size_t bit_count);

 private:
  bool fail(Error error) {
    error_ = error;
    return false;
  }
  bool is_b() const { return slice_.slice_type == SliceType::b; }
  bool is_intra() const { return slice_.slice_type == SliceType::i; }

  bool nal_unit_header();
  bool slice_type();
  bool picture_structure();
  void pic_order_cnt();
  bool redundant_pic_cnt();
  bool num_ref_idx();
  bool ref_pic_lists();
  bool modify(std::size_t list, const ReferenceLists& lists);
  bool pred_weight_table();
  bool weights(PredictionWeights& weights, uint32_t count);
  bool weight(int16_t& weight, int16_t& offset);
  bool dec_ref_pic_marking();
  bool quantizer();
  bool deblocking();
  void skip_long_code();

  BitReader bits_;
  const PictureParameters& picture_;
  const HeaderParameters& parameters_;
  bool is_idr_ = false, is_reference_ = false;
  SliceParameters slice_{};
  Error error_ = Error::damaged;
};

// delta_pic_order_cnt may have 63 bits, more than a BitReader's ue() takes.
void HeaderReader::skip_long_code() {
  bits_.refill();
  const uint32_t zeros = bits_.leading_zeros();
  if (zeros > 31) return bits_.set_broken();
  bits_.consume(zeros);
  bits_.refill();
  bits_.consume(zeros + 1);
}

Result<SliceParameters> HeaderReader::read(std::size_t bit_count) {
  for (auto& list : slice_.ref_pic_list) list.fill(no_reference);
  if (!nal_unit_header() || !slice_type() || !picture_structure()) return tl::unexpected(error_);
  pic_order_cnt();
  if (!redundant_pic_cnt()) return tl::unexpected(error_);
  if (is_b()) slice_.direct_spatial_mv_pred_flag = bits_.flag();
  if (!is_intra() && (!num_ref_idx() || !ref_pic_lists() || !pred_weight_table()))
    return tl::unexpected(error_);
  if (is_reference_ && !dec_ref_pic_marking()) return tl::unexpected(error_);
  if (!quantizer() || !deblocking()) return tl::unexpected(error_);
  if (bits_.broken() || bits_.position() >= bit_count) return tl::unexpected(Error::damaged);
  slice_.slice_data_bit_offset = static_cast<uint32_t>(bits_.position());
  return slice_;
}

bool HeaderReader::nal_unit_header() {
  if (bits_.flag()) return false;  // forbidden_zero_bit
  is_reference_ = bits_.bits(2) != 0;
  const uint32_t nal_unit_type = bits_.bits(5);
  is_idr_ = nal_unit_type == nal_idr_slice;
  return is_idr_ || nal_unit_type == nal_slice || fail(Error::unsupported);
}

bool HeaderReader::slice_type() {
  slice_.first_mb_in_slice = bits_.ue();
  const uint32_t slice_type = bits_.ue();
  if (slice_type > 9) return false;
  if (slice_type % 5 > static_cast<uint32_t>(SliceType::i)) return fail(Error::unsupported);
  slice_.slice_type = static_cast<SliceType>(slice_type % 5);
  bits_.ue();  // pic_parameter_set_id: the client has passed its contents
  return !is_idr_ || is_intra();
}

// A field for a frame's buffer, or a frame for a field's, belongs to another picture.
bool HeaderReader::picture_structure() {
  bits_.bits(parameters_.log2_max_frame_num_minus4 + 4u);  // frame_num, which the client passes
  if (!picture_.frame_mbs_only_flag) {
    if (bits_.flag() != picture_.field_pic_flag) return false;
    if (picture_.field_pic_flag && bits_.flag() != picture_.bottom_field_flag) return false;
  }
  if (is_idr_) bits_.ue();  // idr_pic_id
  return true;
}

void HeaderReader::pic_order_cnt() {
  const bool has_bottom =
      parameters_.bottom_field_pic_order_in_frame_present_flag && !picture_.field_pic_flag;
  if (parameters_.pic_order_cnt_type == 0) {
    bits_.bits(parameters_.log2_max_pic_order_cnt_lsb_minus4 + 4u);
    if (has_bottom) skip_long_code();
  } else if (parameters_.pic_order_cnt_type == 1 && !parameters_.delta_pic_order_always_zero_flag) {
    skip_long_code();
    if (has_bottom) skip_long_code();
  }
}

bool HeaderReader::redundant_pic_cnt() {
  return !parameters_.redundant_pic_cnt_present_flag || bits_.ue() == 0 || fail(Error::unsupported);
}

bool HeaderReader::num_ref_idx() {
  std::array<uint32_t, 2> minus1 = {parameters_.num_ref_idx_l0_default_active_minus1,
                                    parameters_.num_ref_idx_l1_default_active_minus1};
  if (bits_.flag()) {
    minus1[0] = bits_.ue();
    if (is_b()) minus1[1] = bits_.ue();
  }
  if (minus1[0] >= max_list_entries || (is_b() && minus1[1] >= max_list_entries)) return false;
  slice_.num_ref_idx_l0_active_minus1 = static_cast<uint8_t>(minus1[0]);
  if (is_b()) slice_.num_ref_idx_l1_active_minus1 = static_cast<uint8_t>(minus1[1]);
  return true;
}

bool HeaderReader::ref_pic_lists() {
  const ReferenceLists lists(picture_, parameters_);
  slice_.ref_pic_list = lists.initial(slice_.slice_type);
  return modify(0, lists) && (!is_b() || modify(1, lists));
}

// 7.3.3.1. Modifications move only the part of a list that is used.
bool HeaderReader::modify(std::size_t list, const ReferenceLists& lists) {
  const uint32_t count =
      1u + (list == 0 ? slice_.num_ref_idx_l0_active_minus1 : slice_.num_ref_idx_l1_active_minus1);
  auto& entries = slice_.ref_pic_list[list];
  std::fill(entries.begin() + count, entries.end(), no_reference);
  if (!bits_.flag()) return true;
  ReferenceLists::Modifier modifier(lists, entries, count);
  for (uint32_t i = 0; i < max_modifications; ++i) {
    const uint32_t idc = bits_.ue();
    if (idc == end_of_modifications) return true;
    const uint32_t value = bits_.ue();
    if (idc > end_of_modifications || value >= lists.max_pic_num()) return false;
    modifier.apply({idc, value});
  }
  return false;
}

bool HeaderReader::weight(int16_t& weight, int16_t& offset) {
  const int32_t weight_value = bits_.se(), offset_value = bits_.se();
  if (std::min(weight_value, offset_value) < -128 || std::max(weight_value, offset_value) > 127)
    return false;
  weight = static_cast<int16_t>(weight_value);
  offset = static_cast<int16_t>(offset_value);
  return true;
}

bool HeaderReader::weights(PredictionWeights& weights, uint32_t count) {
  weights.luma_weight.fill(static_cast<int16_t>(1 << slice_.luma_log2_weight_denom));
  for (auto& both : weights.chroma_weight)
    both.fill(static_cast<int16_t>(1 << slice_.chroma_log2_weight_denom));
  for (uint32_t i = 0; i < count; ++i) {
    if (bits_.flag() && !weight(weights.luma_weight[i], weights.luma_offset[i])) return false;
    if (picture_.is_monochrome() || !bits_.flag()) continue;
    for (std::size_t component = 0; component < 2; ++component)
      if (!weight(weights.chroma_weight[i][component], weights.chroma_offset[i][component]))
        return false;
  }
  return true;
}

// 7.3.3.2.
bool HeaderReader::pred_weight_table() {
  if (weight_mode(picture_, slice_.slice_type) != WeightMode::explicit_weights) return true;
  const uint32_t luma = bits_.ue();
  const uint32_t chroma = picture_.is_monochrome() ? 0 : bits_.ue();
  if (luma > 7 || chroma > 7) return false;
  slice_.luma_log2_weight_denom = static_cast<uint8_t>(luma);
  slice_.chroma_log2_weight_denom = static_cast<uint8_t>(chroma);
  if (!weights(slice_.weights[0], slice_.num_ref_idx_l0_active_minus1 + 1u)) return false;
  return !is_b() || weights(slice_.weights[1], slice_.num_ref_idx_l1_active_minus1 + 1u);
}

// 7.3.3.3: handled by the client.
bool HeaderReader::dec_ref_pic_marking() {
  if (is_idr_) {
    bits_.bits(2);
    return true;
  }
  if (!bits_.flag()) return true;
  for (uint32_t i = 0; i < max_marking_operations; ++i) {
    const uint32_t memory_management_control_operation = bits_.ue();
    switch (memory_management_control_operation) {
      case 0:
        return !bits_.broken();
      case 3:
        bits_.ue();
        [[fallthrough]];
      case 1:
      case 2:
      case 4:
      case 6:
        bits_.ue();
        break;
      case 5:
        break;
      default:
        return false;
    }
  }
  return false;
}

bool HeaderReader::quantizer() {
  if (picture_.entropy_coding_mode_flag && !is_intra()) {
    const uint32_t cabac_init_idc = bits_.ue();
    if (cabac_init_idc > 2) return false;
    slice_.cabac_init_idc = static_cast<uint8_t>(cabac_init_idc);
  }
  const int32_t slice_qp_delta = bits_.se();
  if (slice_qp_delta < -51 || slice_qp_delta > 51) return false;
  slice_.slice_qp_delta = static_cast<int8_t>(slice_qp_delta);
  return true;
}

bool HeaderReader::deblocking() {
  if (!parameters_.deblocking_filter_control_present_flag) return true;
  const uint32_t idc = bits_.ue();
  if (idc > 2) return false;
  slice_.disable_deblocking_filter_idc = static_cast<uint8_t>(idc);
  if (idc == 1) return true;
  const int32_t alpha = bits_.se(), beta = bits_.se();
  if (std::min(alpha, beta) < -6 || std::max(alpha, beta) > 6) return false;
  slice_.slice_alpha_c0_offset_div2 = static_cast<int8_t>(alpha);
  slice_.slice_beta_offset_div2 = static_cast<int8_t>(beta);
  return true;
}

}  // namespace

struct SliceHeaderParser::State {
  Rbsp rbsp;
};

SliceHeaderParser::SliceHeaderParser() : state_(std::make_unique<State>()) {}
SliceHeaderParser::~SliceHeaderParser() = default;
SliceHeaderParser::SliceHeaderParser(SliceHeaderParser&&) noexcept = default;
SliceHeaderParser& SliceHeaderParser::operator=(SliceHeaderParser&&) noexcept = default;

Result<void> SliceHeaderParser::parse(std::span<const std::byte> nal_unit,
                                      const PictureParameters& picture,
                                      const HeaderParameters& parameters, SliceParameters& slice) {
  if (parameters.log2_max_frame_num_minus4 > 12 ||
      parameters.log2_max_pic_order_cnt_lsb_minus4 > 12)
    return tl::unexpected(Error::damaged);
  state_->rbsp.assign(nal_unit.first(std::min(nal_unit.size(), max_header_bytes)));
  auto header = HeaderReader(state_->rbsp, picture, parameters).read(state_->rbsp.size() * 8);
  if (!header) return tl::unexpected(header.error());
  slice = *header;
  slice.nal_unit = nal_unit;
  return {};
}

}  // namespace daedalus::h264
