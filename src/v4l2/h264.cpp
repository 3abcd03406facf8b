// SPDX-License-Identifier: MIT
#include "v4l2/h264.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "daedalus/h264/decoder.h"
#include "daedalus/h264/scaling_lists.h"
#include "daedalus/log.h"
#include "v4l2/codec.h"

namespace daedalus::v4l2 {

namespace {

constexpr std::size_t max_slices = std::size_t{h264::max_width_in_mbs} * h264::max_height_in_mbs;
constexpr auto nal_unit_type_mask = std::byte{31};
constexpr auto nal_slice = std::byte{1}, nal_idr_slice = std::byte{5};

template <typename Flags>
bool has(Flags flags, uint32_t flag) {
  return (flags & flag) != 0;
}

h264::ReferenceFrame reference_frame(const v4l2_h264_dpb_entry& entry) {
  return {
      .present = has(entry.flags, V4L2_H264_DPB_ENTRY_FLAG_VALID) &&
                 has(entry.flags, V4L2_H264_DPB_ENTRY_FLAG_ACTIVE),
      .long_term = has(entry.flags, V4L2_H264_DPB_ENTRY_FLAG_LONG_TERM),
      .top_field_order_cnt = entry.top_field_order_cnt,
      .bottom_field_order_cnt = entry.bottom_field_order_cnt,
      .has_top = has(entry.fields, V4L2_H264_TOP_FIELD_REF),
      .has_bottom = has(entry.fields, V4L2_H264_BOTTOM_FIELD_REF),
  };
}

// The position of the next start code: two zero bytes and a one.
const std::byte* find_start_code(const std::byte* begin, const std::byte* end) {
  constexpr std::array start_code = {std::byte{0}, std::byte{0}, std::byte{1}};
  while (end - begin >= 3) {
    const void* const one = memchr(begin + 2, 1, static_cast<std::size_t>(end - begin) - 2);
    if (!one) return end;
    begin = static_cast<const std::byte*>(one) - 2;
    if (std::equal(start_code.begin(), start_code.end(), begin)) return begin;
    ++begin;
  }
  return end;
}

class H264Codec final : public Codec {
 public:
  explicit H264Codec(std::unique_ptr<H264Decoder> decoder) : decoder_(std::move(decoder)) {}

  Result<void> decode(const Job& job, Buffer& buffer, Buffers& buffers) override;

 private:
  std::unique_ptr<H264Decoder> decoder_;
  h264::SliceHeaderParser parser_;
  H264Picture picture_;  // a member so that its vectors keep their memory
};

std::optional<H264Controls> controls_of(const Job& job) {
  const auto sps = job.control<v4l2_ctrl_h264_sps>(V4L2_CID_STATELESS_H264_SPS);
  const auto pps = job.control<v4l2_ctrl_h264_pps>(V4L2_CID_STATELESS_H264_PPS);
  const auto matrix =
      job.control<v4l2_ctrl_h264_scaling_matrix>(V4L2_CID_STATELESS_H264_SCALING_MATRIX);
  const auto params =
      job.control<v4l2_ctrl_h264_decode_params>(V4L2_CID_STATELESS_H264_DECODE_PARAMS);
  if (!sps || !pps || !matrix || !params) return {};
  return H264Controls{*sps, *pps, *matrix, *params};
}

Result<void> H264Codec::decode(const Job& job, Buffer& buffer, Buffers& buffers) {
  const auto controls = controls_of(job);
  if (!controls) return tl::unexpected(Error::damaged);
  picture_.target.reset();
  picture_.references = {};
  picture_.slices.clear();
  picture_.parameters = h264_picture(*controls);
  if (auto checked = H264Decoder::check(picture_.parameters); !checked) return checked;
  for (std::size_t slot = 0; slot < picture_.references.size(); ++slot)
    if (picture_.parameters.references[slot].present)
      picture_.references[slot] = buffers.find(controls->decode_params.dpb[slot].reference_ts);
  picture_.slice_data.assign(job.bitstream.begin(), job.bitstream.end());
  parse_slices(picture_.slice_data, picture_.parameters, h264_header(*controls), parser_,
               picture_.slices);
  picture_.target = buffer.surface;
  buffer.reference = buffer.surface;
  return decoder_->decode(picture_);
}

}  // namespace

h264::PictureParameters h264_picture(const H264Controls& controls) {
  const auto& [sps, pps, scaling_matrix, decode_params] = controls;
  const bool frame_mbs_only_flag = has(sps.flags, V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY);
  h264::PictureParameters picture{
      .pic_width_in_mbs = sps.pic_width_in_mbs_minus1 + 1u,
      .frame_height_in_mbs =
          (sps.pic_height_in_map_units_minus1 + 1u) * (frame_mbs_only_flag ? 1u : 2u),
      .chroma_format_idc = sps.chroma_format_idc,
      .bit_depth_luma_minus8 = sps.bit_depth_luma_minus8,
      .bit_depth_chroma_minus8 = sps.bit_depth_chroma_minus8,
      .frame_mbs_only_flag = frame_mbs_only_flag,
      .mb_adaptive_frame_field_flag = has(sps.flags, V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD),
      .field_pic_flag = has(decode_params.flags, V4L2_H264_DECODE_PARAM_FLAG_FIELD_PIC),
      .bottom_field_flag = has(decode_params.flags, V4L2_H264_DECODE_PARAM_FLAG_BOTTOM_FIELD),
      .frame_num = decode_params.frame_num,
      .num_slice_groups_minus1 = pps.num_slice_groups_minus1,
      .direct_8x8_inference_flag = has(sps.flags, V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE),
      .entropy_coding_mode_flag = has(pps.flags, V4L2_H264_PPS_FLAG_ENTROPY_CODING_MODE),
      .weighted_pred_flag = has(pps.flags, V4L2_H264_PPS_FLAG_WEIGHTED_PRED),
      .weighted_bipred_idc = pps.weighted_bipred_idc,
      .transform_8x8_mode_flag = has(pps.flags, V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE),
      .constrained_intra_pred_flag = has(pps.flags, V4L2_H264_PPS_FLAG_CONSTRAINED_INTRA_PRED),
      .pic_init_qp_minus26 = pps.pic_init_qp_minus26,
      .chroma_qp_index_offset = pps.chroma_qp_index_offset,
      .second_chroma_qp_index_offset = pps.second_chroma_qp_index_offset,
      .reference_pic_flag = decode_params.nal_ref_idc != 0,
      .top_field_order_cnt = decode_params.top_field_order_cnt,
      .bottom_field_order_cnt = decode_params.bottom_field_order_cnt,
  };
  std::transform(std::begin(decode_params.dpb), std::end(decode_params.dpb),
                 picture.references.begin(), reference_frame);
  // Clients may omit the fields of a progressive stream's references.
  if (frame_mbs_only_flag)
    for (auto& reference : picture.references) reference.has_top = reference.has_bottom = true;
  // The control keeps the values of an earlier request: the flag says whether they apply.
  if (has(pps.flags, V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT))
    h264::set_scaling_lists(scaling_matrix.scaling_list_4x4, scaling_matrix.scaling_list_8x8,
                            picture);
  else
    h264::set_flat_scaling_lists(picture);
  return picture;
}

h264::HeaderParameters h264_header(const H264Controls& controls) {
  const auto& [sps, pps, scaling_matrix, decode_params] = controls;
  h264::HeaderParameters header{
      .log2_max_frame_num_minus4 = sps.log2_max_frame_num_minus4,
      .pic_order_cnt_type = sps.pic_order_cnt_type,
      .log2_max_pic_order_cnt_lsb_minus4 = sps.log2_max_pic_order_cnt_lsb_minus4,
      .delta_pic_order_always_zero_flag =
          has(sps.flags, V4L2_H264_SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO),
      .bottom_field_pic_order_in_frame_present_flag =
          has(pps.flags, V4L2_H264_PPS_FLAG_BOTTOM_FIELD_PIC_ORDER_IN_FRAME_PRESENT),
      .num_ref_idx_l0_default_active_minus1 = pps.num_ref_idx_l0_default_active_minus1,
      .num_ref_idx_l1_default_active_minus1 = pps.num_ref_idx_l1_default_active_minus1,
      .deblocking_filter_control_present_flag =
          has(pps.flags, V4L2_H264_PPS_FLAG_DEBLOCKING_FILTER_CONTROL_PRESENT),
      .redundant_pic_cnt_present_flag =
          has(pps.flags, V4L2_H264_PPS_FLAG_REDUNDANT_PIC_CNT_PRESENT),
  };
  std::transform(std::begin(decode_params.dpb), std::end(decode_params.dpb),
                 header.reference_numbers.begin(),
                 [](const v4l2_h264_dpb_entry& entry) { return entry.frame_num; });
  return header;
}

void parse_slices(std::span<const std::byte> bitstream, const h264::PictureParameters& picture,
                  const h264::HeaderParameters& header, h264::SliceHeaderParser& parser,
                  std::vector<h264::SliceParameters>& slices) {
  const std::byte* const end = bitstream.data() + bitstream.size();
  const std::byte* at = find_start_code(bitstream.data(), end);
  while (end - at > 3) {
    const std::byte* const begin = at + 3;
    at = find_start_code(begin, end);
    const std::span<const std::byte> nal_unit(begin, at);
    if (nal_unit.empty()) continue;
    const auto type = nal_unit[0] & nal_unit_type_mask;
    if (type != nal_slice && type != nal_idr_slice) continue;
    if (slices.size() >= max_slices) return;
    h264::SliceParameters slice;
    if (auto parsed = parser.parse(nal_unit, picture, header, slice); !parsed) {
      if (parsed.error() != Error::unsupported)
        log(LogLevel::warning, "H.264: a slice header is damaged, its slice is dropped");
      continue;
    }
    slices.push_back(slice);
  }
}

Result<std::unique_ptr<Codec>> create_h264(Device& device, const CodecWish& wish) {
  auto decoder = H264Decoder::create(device, wish.width, wish.height, wish.entropy_threads);
  if (!decoder) return tl::unexpected(decoder.error());
  return std::make_unique<H264Codec>(std::move(*decoder));
}

}  // namespace daedalus::v4l2
