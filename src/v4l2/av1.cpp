// SPDX-License-Identifier: MIT
#include "v4l2/av1.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "daedalus/av1/decoder.h"
#include "daedalus/av1/tile_spacing.h"
#include "v4l2/codec.h"

namespace daedalus::v4l2 {

namespace {

template <typename Flags>
bool has(Flags flags, uint32_t flag) {
  return (flags & flag) != 0;
}

// A control's fields hold more than the bitstream can code. Values that do not fit are checked
// elsewhere.
template <typename From, typename To>
void copy(const From& from, To& to) {
  std::copy_n(std::begin(from), std::min(std::size(from), std::size(to)), std::begin(to));
}

bool is_supported(const v4l2_ctrl_av1_sequence& sequence) {
  const bool is_420 = has(sequence.flags, V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X) &&
                      has(sequence.flags, V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y);
  return sequence.seq_profile == 0 && (sequence.bit_depth == 8 || sequence.bit_depth == 10) &&
         (is_420 || has(sequence.flags, V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME));
}

void fill_sequence(const v4l2_ctrl_av1_sequence& sequence, av1::PictureParameters& picture) {
  const auto flag = [&](uint32_t bit) { return has(sequence.flags, bit); };
  picture.bit_depth = sequence.bit_depth;
  picture.monochrome = flag(V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME);
  picture.use_128x128_superblock = flag(V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK);
  picture.enable_filter_intra = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_FILTER_INTRA);
  picture.enable_intra_edge_filter = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTRA_EDGE_FILTER);
  picture.enable_interintra_compound = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTERINTRA_COMPOUND);
  picture.enable_masked_compound = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_MASKED_COMPOUND);
  picture.enable_dual_filter = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_DUAL_FILTER);
  picture.enable_order_hint = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT);
  picture.enable_jnt_comp = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_JNT_COMP);
  picture.enable_cdef = flag(V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF);
  picture.order_hint_bits = picture.enable_order_hint ? sequence.order_hint_bits : uint8_t{0};
}

bool fill_frame(const v4l2_ctrl_av1_frame& frame, av1::PictureParameters& picture) {
  if (frame.frame_height_minus_1 >= av1::max_height || frame.upscaled_width > av1::max_width ||
      frame.frame_type > V4L2_AV1_SWITCH_FRAME || frame.order_hint > 255 ||
      frame.interpolation_filter > V4L2_AV1_INTERPOLATION_FILTER_SWITCHABLE ||
      frame.tx_mode > V4L2_AV1_TX_MODE_SELECT)
    return false;
  const auto flag = [&](uint32_t bit) { return has(frame.flags, bit); };
  picture.frame_type = static_cast<av1::FrameType>(frame.frame_type);
  picture.show_frame = flag(V4L2_AV1_FRAME_FLAG_SHOW_FRAME);
  picture.error_resilient_mode = flag(V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE);
  picture.disable_cdf_update = flag(V4L2_AV1_FRAME_FLAG_DISABLE_CDF_UPDATE);
  picture.allow_screen_content_tools = flag(V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS);
  picture.force_integer_mv = flag(V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV);
  picture.allow_intrabc = flag(V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC);
  picture.allow_high_precision_mv = flag(V4L2_AV1_FRAME_FLAG_ALLOW_HIGH_PRECISION_MV);
  picture.is_motion_mode_switchable = flag(V4L2_AV1_FRAME_FLAG_IS_MOTION_MODE_SWITCHABLE);
  picture.use_ref_frame_mvs = flag(V4L2_AV1_FRAME_FLAG_USE_REF_FRAME_MVS);
  picture.disable_frame_end_update_cdf = flag(V4L2_AV1_FRAME_FLAG_DISABLE_FRAME_END_UPDATE_CDF);
  picture.allow_warped_motion = flag(V4L2_AV1_FRAME_FLAG_ALLOW_WARPED_MOTION);
  picture.reference_select = flag(V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT);
  picture.reduced_tx_set = flag(V4L2_AV1_FRAME_FLAG_REDUCED_TX_SET);
  picture.skip_mode_present = flag(V4L2_AV1_FRAME_FLAG_SKIP_MODE_PRESENT);
  picture.upscaled_width = frame.upscaled_width;
  picture.height = frame.frame_height_minus_1 + 1;
  // At least 1, whatever the client passed: width() divides by it before the decoder checks it.
  picture.superres_denominator = flag(V4L2_AV1_FRAME_FLAG_USE_SUPERRES)
                                     ? std::max<uint8_t>(frame.superres_denom, 1)
                                     : uint8_t{8};
  picture.order_hint = static_cast<uint8_t>(frame.order_hint);
  picture.primary_ref_frame = frame.primary_ref_frame;
  picture.interpolation_filter = static_cast<uint8_t>(frame.interpolation_filter);
  picture.tx_mode = static_cast<uint8_t>(frame.tx_mode);
  return true;
}

void fill_segmentation(const v4l2_av1_segmentation& from, av1::Segmentation& to) {
  to = {};
  to.enabled = has(from.flags, V4L2_AV1_SEGMENTATION_FLAG_ENABLED);
  if (!to.enabled) return;
  to.update_map = has(from.flags, V4L2_AV1_SEGMENTATION_FLAG_UPDATE_MAP);
  to.temporal_update = has(from.flags, V4L2_AV1_SEGMENTATION_FLAG_TEMPORAL_UPDATE);
  copy(from.feature_enabled, to.feature_mask);
  for (std::size_t segment = 0; segment < av1::max_segments; ++segment)
    copy(from.feature_data[segment], to.feature_data[segment]);
}

void fill_quantizer(const v4l2_ctrl_av1_frame& frame, av1::PictureParameters& picture) {
  const v4l2_av1_quantization& from = frame.quantization;
  picture.base_q_idx = from.base_q_idx;
  picture.delta_q_y_dc = from.delta_q_y_dc;
  picture.delta_q_u_dc = from.delta_q_u_dc;
  picture.delta_q_u_ac = from.delta_q_u_ac;
  picture.delta_q_v_dc = from.delta_q_v_dc;
  picture.delta_q_v_ac = from.delta_q_v_ac;
  picture.using_qmatrix = has(from.flags, V4L2_AV1_QUANTIZATION_FLAG_USING_QMATRIX);
  picture.qm_y = picture.using_qmatrix ? from.qm_y : uint8_t{15};
  picture.qm_u = picture.using_qmatrix ? from.qm_u : uint8_t{15};
  picture.qm_v = picture.using_qmatrix ? from.qm_v : uint8_t{15};
  picture.delta_q_present = has(from.flags, V4L2_AV1_QUANTIZATION_FLAG_DELTA_Q_PRESENT);
  picture.delta_q_res = from.delta_q_res;
  picture.delta_lf_present =
      picture.delta_q_present &&
      has(frame.loop_filter.flags, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_PRESENT);
  picture.delta_lf_res = frame.loop_filter.delta_lf_res;
  picture.delta_lf_multi = has(frame.loop_filter.flags, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_MULTI);
}

// 5.9.19: some clients pass the coded value 3, others its meaning, 4.
uint8_t secondary(uint8_t strength) {
  return strength == 3 ? uint8_t{4} : strength;
}

bool fill_restoration(const v4l2_av1_loop_restoration& from, av1::PictureParameters& picture) {
  for (std::size_t plane = 0; plane < picture.restoration.size(); ++plane) {
    const bool none = plane > 0 && picture.monochrome;
    const auto type = from.frame_restoration_type[plane];
    if (type > V4L2_AV1_FRAME_RESTORE_SWITCHABLE) return false;
    picture.restoration[plane] =
        none ? av1::Restoration::none : static_cast<av1::Restoration>(type);
    picture.restoration_size_log2[plane] = 6;
    if (picture.restoration[plane] == av1::Restoration::none) continue;
    const uint32_t size = from.loop_restoration_size[plane];
    if (!std::has_single_bit(size)) return false;
    picture.restoration_size_log2[plane] = static_cast<uint8_t>(std::countr_zero(size));
  }
  // Chroma components share a size, even if only one of them is restored.
  auto& sizes = picture.restoration_size_log2;
  if (picture.restoration[1] == av1::Restoration::none) sizes[1] = sizes[2];
  if (picture.restoration[2] == av1::Restoration::none) sizes[2] = sizes[1];
  return true;
}

bool fill_filters(const v4l2_ctrl_av1_frame& frame, av1::PictureParameters& picture) {
  const v4l2_av1_loop_filter& filter = frame.loop_filter;
  copy(filter.level, picture.loop_filter_level);
  picture.loop_filter_sharpness = filter.sharpness;
  picture.loop_filter_delta_enabled = has(filter.flags, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_ENABLED);
  copy(filter.ref_deltas, picture.loop_filter_ref_deltas);
  copy(filter.mode_deltas, picture.loop_filter_mode_deltas);
  const v4l2_av1_cdef& cdef = frame.cdef;
  picture.cdef_damping = static_cast<uint8_t>(std::min(cdef.damping_minus_3 + 3, 255));
  picture.cdef_bits = cdef.bits;
  for (std::size_t i = 0; i < picture.cdef_strengths.size(); ++i)
    picture.cdef_strengths[i] = {cdef.y_pri_strength[i], secondary(cdef.y_sec_strength[i]),
                                 cdef.uv_pri_strength[i], secondary(cdef.uv_sec_strength[i])};
  return fill_restoration(frame.loop_restoration, picture);
}

// V4L2's first reference is INTRA_FRAME.
bool fill_global_motion(const v4l2_av1_global_motion& from, av1::PictureParameters& picture) {
  for (std::size_t i = 0; i < av1::reference_count; ++i) {
    av1::GlobalMotion& to = picture.global_motion[i];
    to = {};
    if (picture.intra()) continue;
    if (from.type[i + 1] > V4L2_AV1_WARP_MODEL_AFFINE) return false;
    if (from.type[i + 1] == V4L2_AV1_WARP_MODEL_IDENTITY) continue;
    to.type = static_cast<uint8_t>(from.type[i + 1]);
    copy(from.params[i + 1], to.params);
  }
  return true;
}

template <std::size_t size>
void fill_coefficients(const uint8_t (&plus_128)[V4L2_AV1_AR_COEFFS_SIZE],
                       std::array<int8_t, size>& to) {
  for (std::size_t i = 0; i < size; ++i) to[i] = static_cast<int8_t>(plus_128[i] - 128);
}

void fill_film_grain(const v4l2_ctrl_av1_film_grain& from, av1::FilmGrainParameters& to) {
  to = {};
  to.apply_grain = has(from.flags, V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN);
  if (!to.apply_grain) return;
  to.chroma_scaling_from_luma = has(from.flags, V4L2_AV1_FILM_GRAIN_FLAG_CHROMA_SCALING_FROM_LUMA);
  to.overlap_flag = has(from.flags, V4L2_AV1_FILM_GRAIN_FLAG_OVERLAP);
  to.clip_to_restricted_range = has(from.flags, V4L2_AV1_FILM_GRAIN_FLAG_CLIP_TO_RESTRICTED_RANGE);
  to.grain_seed = from.grain_seed;
  to.grain_scaling_minus_8 = from.grain_scaling_minus_8;
  to.ar_coeff_lag = from.ar_coeff_lag;
  to.ar_coeff_shift_minus_6 = from.ar_coeff_shift_minus_6;
  to.grain_scale_shift = from.grain_scale_shift;
  to.num_y_points = from.num_y_points;
  to.num_cb_points = from.num_cb_points;
  to.num_cr_points = from.num_cr_points;
  copy(from.point_y_value, to.point_y_value);
  copy(from.point_y_scaling, to.point_y_scaling);
  copy(from.point_cb_value, to.point_cb_value);
  copy(from.point_cb_scaling, to.point_cb_scaling);
  copy(from.point_cr_value, to.point_cr_value);
  copy(from.point_cr_scaling, to.point_cr_scaling);
  fill_coefficients(from.ar_coeffs_y_plus_128, to.ar_coeffs_y);
  fill_coefficients(from.ar_coeffs_cb_plus_128, to.ar_coeffs_cb);
  fill_coefficients(from.ar_coeffs_cr_plus_128, to.ar_coeffs_cr);
  to.cb_mult = from.cb_mult;
  to.cb_luma_mult = from.cb_luma_mult;
  to.cb_offset = from.cb_offset;
  to.cr_mult = from.cr_mult;
  to.cr_luma_mult = from.cr_luma_mult;
  to.cr_offset = from.cr_offset;
}

bool fill_tile_info(const v4l2_av1_tile_info& from, av1::PictureParameters& picture) {
  picture.tile_columns = from.tile_cols;
  picture.tile_rows = from.tile_rows;
  picture.context_update_tile_id = from.context_update_tile_id;
  return av1::set_tile_spacing<uint32_t>(
      has(from.flags, V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING), from.width_in_sbs_minus_1,
      from.height_in_sbs_minus_1, picture);
}

class Av1Codec final : public Codec {
 public:
  explicit Av1Codec(std::unique_ptr<Av1Decoder> decoder) : decoder_(std::move(decoder)) {}

  Result<void> decode(const Job& job, Buffer& buffer, Buffers& buffers) override;

 private:
  void take_references(const v4l2_ctrl_av1_frame& frame, const Buffer& buffer,
                       const Buffers& buffers);
  Result<void> take_targets(Buffer& buffer, Buffers& buffers);

  std::unique_ptr<Av1Decoder> decoder_;
  Av1Picture picture_;  // a member so that its vectors keep their memory
};

// Intra frames' indices are zero or stale.
void Av1Codec::take_references(const v4l2_ctrl_av1_frame& frame, const Buffer& buffer,
                               const Buffers& buffers) {
  picture_.references = {};
  if (picture_.parameters.intra()) return;
  for (std::size_t i = 0; i < av1::reference_count; ++i) {
    const int slot = frame.ref_frame_idx[i];
    if (slot < 0 || slot >= V4L2_AV1_TOTAL_REFS_PER_FRAME) continue;
    auto reference = buffers.find(frame.reference_frame_ts[slot]);
    // A frame cannot refer to itself. If a client says so, the reference is lost.
    if (reference != buffer.surface) picture_.references[i] = std::move(reference);
  }
}

Result<void> Av1Codec::take_targets(Buffer& buffer, Buffers& buffers) {
  picture_.target = buffer.surface;
  picture_.display.reset();
  if (picture_.parameters.film_grain.apply_grain) {
    auto surface = buffers.surface_without_grain(buffer);
    if (!surface) return tl::unexpected(surface.error());
    picture_.target = std::move(*surface);
    picture_.display = buffer.surface;
  }
  buffer.reference = picture_.target;
  return {};
}

Result<void> Av1Codec::decode(const Job& job, Buffer& buffer, Buffers& buffers) {
  const auto sequence = job.control<v4l2_ctrl_av1_sequence>(V4L2_CID_STATELESS_AV1_SEQUENCE);
  const auto frame = job.control<v4l2_ctrl_av1_frame>(V4L2_CID_STATELESS_AV1_FRAME);
  const auto film_grain = job.control<v4l2_ctrl_av1_film_grain>(V4L2_CID_STATELESS_AV1_FILM_GRAIN);
  if (!sequence || !frame || !film_grain) return tl::unexpected(Error::damaged);
  if (auto filled = fill_av1_picture({*sequence, *frame, *film_grain}, picture_.parameters);
      !filled)
    return filled;
  picture_.data.assign(job.bitstream.begin(), job.bitstream.end());
  fill_tiles(job.control_bytes(V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY), picture_.data,
             picture_.parameters);
  take_references(*frame, buffer, buffers);
  if (auto taken = take_targets(buffer, buffers); !taken) return taken;
  return decoder_->decode(picture_);
}

}  // namespace

Result<void> fill_av1_picture(const Av1Controls& controls, av1::PictureParameters& picture) {
  if (!is_supported(controls.sequence)) return tl::unexpected(Error::unsupported);
  fill_sequence(controls.sequence, picture);
  if (!fill_frame(controls.frame, picture)) return tl::unexpected(Error::damaged);
  fill_segmentation(controls.frame.segmentation, picture.segmentation);
  fill_quantizer(controls.frame, picture);
  fill_film_grain(controls.film_grain, picture.film_grain);
  if (!fill_filters(controls.frame, picture) ||
      !fill_global_motion(controls.frame.global_motion, picture) ||
      !fill_tile_info(controls.frame.tile_info, picture))
    return tl::unexpected(Error::damaged);
  return {};
}

void fill_tiles(std::span<const std::byte> entries, std::span<const std::byte> bitstream,
                av1::PictureParameters& picture) {
  picture.tiles.clear();
  const std::size_t most = std::size_t{picture.tile_columns} * picture.tile_rows;
  for (v4l2_ctrl_av1_tile_group_entry tile;
       entries.size() >= sizeof(tile) && picture.tiles.size() < most;
       entries = entries.subspan(sizeof(tile))) {
    memcpy(&tile, entries.data(), sizeof(tile));
    if (tile.tile_offset > bitstream.size() || tile.tile_size > bitstream.size() - tile.tile_offset)
      continue;
    picture.tiles.push_back(
        {tile.tile_row, tile.tile_col, bitstream.subspan(tile.tile_offset, tile.tile_size)});
  }
}

Result<std::unique_ptr<Codec>> create_av1(Device& device, const CodecWish& wish) {
  auto decoder = Av1Decoder::create(device, wish.width, wish.height, wish.entropy_threads);
  if (!decoder) return tl::unexpected(decoder.error());
  return std::make_unique<Av1Codec>(std::move(*decoder));
}

}  // namespace daedalus::v4l2
