// SPDX-License-Identifier: MIT
#include "av1/obu_reader.h"

#include <algorithm>
#include <bit>

#include "av1/syntax.h"

namespace daedalus::av1::test {

// f(n), su(n), ns(n), le(n), uvlc(), leb128() (4.10). Past the end it reads zeros.
class ObuReader::Bits {
 public:
  explicit Bits(std::span<const std::byte> data) : data_(data) {}

  uint32_t bits(uint32_t count) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < count; ++i, ++position_) {
      const std::size_t byte = position_ / 8;
      const uint32_t bit = byte < data_.size()
                               ? std::to_integer<uint32_t>(data_[byte]) >> (7 - position_ % 8) & 1
                               : 0;
      value = value << 1 | bit;
    }
    return value;
  }
  bool flag() { return bits(1) != 0; }
  uint8_t byte(uint32_t count) { return static_cast<uint8_t>(bits(count)); }

  int32_t su(uint32_t count) {
    const auto value = static_cast<int32_t>(bits(count));
    const int32_t sign = 1 << (count - 1);
    return (value & sign) != 0 ? value - 2 * sign : value;
  }
  uint32_t ns(uint32_t n) {
    const auto w = static_cast<uint32_t>(std::bit_width(n));
    const uint32_t m = (1u << w) - n;
    const uint32_t v = bits(w - 1);
    return v < m ? v : (v << 1) - m + bits(1);
  }
  uint32_t le(uint32_t bytes) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < bytes; ++i) value |= bits(8) << (8 * i);
    return value;
  }
  uint32_t uvlc() {
    uint32_t zeros = 0;
    while (zeros < 32 && !overran() && !flag()) ++zeros;
    return zeros >= 32 ? ~0u : bits(zeros) + (1u << zeros) - 1;
  }
  uint64_t leb128() {
    uint64_t value = 0;
    for (uint32_t i = 0; i < 8; ++i) {
      const uint32_t next = bits(8);
      value |= uint64_t{next & 0x7f} << (7 * i);
      if ((next & 0x80) == 0) break;
    }
    return value;
  }
  void align() { position_ = (position_ + 7) / 8 * 8; }
  bool overran() const { return position_ > data_.size() * 8; }
  // The rest, starting at the next whole byte.
  std::span<const std::byte> rest() {
    align();
    return data_.subspan(std::min(position_ / 8, data_.size()));
  }

 private:
  std::span<const std::byte> data_;
  std::size_t position_ = 0;
};

namespace {

enum ObuType : uint32_t {
  obu_sequence_header = 1,
  obu_temporal_delimiter = 2,
  obu_frame_header = 3,
  obu_tile_group = 4,
  obu_frame = 6,
  obu_redundant_frame_header = 7,
};

constexpr uint32_t select = 2;  // SELECT_SCREEN_CONTENT_TOOLS, SELECT_INTEGER_MV

uint32_t tile_log2(uint32_t block, uint32_t target) {
  uint32_t k = 0;
  while (block << k < target) ++k;
  return k;
}

template <typename Starts>
uint32_t set_uniform_starts(Starts& starts, uint32_t superblocks, uint32_t log2) {
  const uint32_t size = (superblocks + (1u << log2) - 1) >> log2;
  uint32_t count = 0;
  for (uint32_t start = 0; start < superblocks; start += size)
    starts[count++] = static_cast<uint16_t>(start);
  starts[count] = static_cast<uint16_t>(superblocks);
  return count;
}

}  // namespace

bool ObuReader::read(std::span<const std::byte> unit, const Sink& sink) {
  while (!unit.empty()) {
    Bits header(unit);
    header.bits(1);
    const uint32_t type = header.bits(4);
    const bool extension = header.flag();
    const bool has_size = header.flag();
    header.bits(1);
    temporal_id_ = extension ? header.bits(3) : 0;
    spatial_id_ = extension ? header.bits(2) : 0;
    if (extension) header.bits(3);
    const uint64_t size = has_size ? header.leb128() : 0;
    std::span<const std::byte> payload = header.rest();
    if (header.overran() || size > payload.size()) return false;
    if (has_size) payload = payload.first(static_cast<std::size_t>(size));
    unit = unit.subspan(static_cast<std::size_t>(payload.data() - unit.data()) + payload.size());

    const uint32_t point = sequence_.operating_point_idc[0];
    const bool in_point = (point >> temporal_id_ & 1) != 0 && (point >> (spatial_id_ + 8) & 1) != 0;
    if (type != obu_sequence_header && type != obu_temporal_delimiter && point != 0 && extension &&
        !in_point)
      continue;
    Bits bits(payload);
    if (type == obu_temporal_delimiter) seen_frame_header_ = false;
    if (type == obu_sequence_header && !read_sequence(bits)) return false;
    if (type == obu_frame_header || type == obu_redundant_frame_header || type == obu_frame) {
      if (!sequence_.present) return false;
      const bool copy = seen_frame_header_ && type != obu_frame;
      if (!copy && (!sequence_.supported || !read_header(bits) || bits.overran())) return false;
      if (frame_.show_existing_frame) {
        finish_frame(sink);
        continue;
      }
    }
    if (type == obu_frame && !read_tile_group(bits.rest(), sink)) return false;
    if (type == obu_tile_group && (!seen_frame_header_ || !read_tile_group(payload, sink)))
      return false;
  }
  return true;
}

bool ObuReader::read_sequence(Bits& bits) {
  Sequence s;
  PictureParameters& p = s.picture;
  s.profile = bits.bits(3);
  bits.bits(1);
  s.reduced_still_picture_header = bits.flag();
  read_operating_points(bits, s);
  s.frame_width_bits = bits.bits(4) + 1;
  s.frame_height_bits = bits.bits(4) + 1;
  s.max_frame_width = bits.bits(s.frame_width_bits) + 1;
  s.max_frame_height = bits.bits(s.frame_height_bits) + 1;
  if (!s.reduced_still_picture_header) s.frame_id_numbers_present = bits.flag();
  if (s.frame_id_numbers_present) {
    s.delta_frame_id_length = bits.bits(4) + 2;
    s.frame_id_length = bits.bits(3) + s.delta_frame_id_length + 1;
  }
  p.use_128x128_superblock = bits.flag();
  p.enable_filter_intra = bits.flag();
  p.enable_intra_edge_filter = bits.flag();
  if (!s.reduced_still_picture_header) {
    p.enable_interintra_compound = bits.flag();
    p.enable_masked_compound = bits.flag();
    s.enable_warped_motion = bits.flag();
    p.enable_dual_filter = bits.flag();
    p.enable_order_hint = bits.flag();
    if (p.enable_order_hint) {
      p.enable_jnt_comp = bits.flag();
      s.enable_ref_frame_mvs = bits.flag();
    }
    s.force_screen_content_tools = bits.flag() ? select : bits.bits(1);
    if (s.force_screen_content_tools > 0) s.force_integer_mv = bits.flag() ? select : bits.bits(1);
    if (p.enable_order_hint) p.order_hint_bits = static_cast<uint8_t>(bits.bits(3) + 1);
  }
  s.enable_superres = bits.flag();
  p.enable_cdef = bits.flag();
  s.enable_restoration = bits.flag();
  read_color_config(bits, s);
  s.film_grain_params_present = bits.flag();
  if (bits.overran()) return false;
  s.present = true;
  sequence_ = s;
  return true;
}

void ObuReader::read_operating_points(Bits& bits, Sequence& s) {
  if (s.reduced_still_picture_header) {
    bits.bits(5);
    s.operating_points = 1;
    return;
  }
  if (bits.flag()) {  // timing_info()
    bits.bits(32);
    bits.bits(32);
    s.equal_picture_interval = bits.flag();
    if (s.equal_picture_interval) bits.uvlc();
    s.decoder_model_info_present = bits.flag();
    if (s.decoder_model_info_present) {
      s.buffer_delay_length = bits.bits(5) + 1;
      bits.bits(32);
      s.buffer_removal_time_length = bits.bits(5) + 1;
      s.frame_presentation_time_length = bits.bits(5) + 1;
    }
  }
  const bool initial_display_delay_present = bits.flag();
  s.operating_points = bits.bits(5) + 1;
  for (uint32_t i = 0; i < s.operating_points; ++i) {
    s.operating_point_idc[i] = bits.bits(12);
    if (bits.bits(5) > 7) bits.bits(1);
    if (s.decoder_model_info_present) s.decoder_model_present[i] = bits.flag();
    if (s.decoder_model_present[i]) {
      bits.bits(s.buffer_delay_length);
      bits.bits(s.buffer_delay_length);
      bits.bits(1);
    }
    if (initial_display_delay_present && bits.flag()) bits.bits(4);
  }
}

void ObuReader::read_color_config(Bits& bits, Sequence& s) {
  PictureParameters& p = s.picture;
  const bool high_bitdepth = bits.flag();
  const bool twelve_bit = s.profile == 2 && high_bitdepth && bits.flag();
  p.bit_depth = twelve_bit ? 12 : high_bitdepth ? 10 : 8;
  p.monochrome = s.profile != 1 && bits.flag();
  uint32_t primaries = 2, transfer = 2;
  p.matrix_coefficients = 2;
  if (bits.flag()) {
    primaries = bits.bits(8);
    transfer = bits.bits(8);
    p.matrix_coefficients = bits.byte(8);
  }
  s.supported = s.profile == 0;
  if (p.monochrome) {
    bits.bits(1);
    return;
  }
  if (primaries == 1 && transfer == 13 && p.matrix_coefficients == 0) {  // BT_709, SRGB, IDENTITY
    s.supported = false;
  } else {
    bits.bits(1);
    // Other profiles have more bits here, but are not supported.
    if (s.profile == 0) bits.bits(2);
  }
  s.separate_uv_delta_q = bits.flag();
}

int32_t ObuReader::distance(uint32_t a, uint32_t b) const {
  if (!sequence_.picture.enable_order_hint) return 0;
  const int32_t m = 1 << (sequence_.picture.order_hint_bits - 1);
  const auto difference = static_cast<int32_t>(a) - static_cast<int32_t>(b);
  return (difference & (m - 1)) - (difference & m);
}

// uncompressed_header()
bool ObuReader::read_header(Bits& bits) {
  const Sequence& s = sequence_;
  frame_ = {};
  frame_.picture = s.picture;
  PictureParameters& p = frame_.picture;
  if (!s.reduced_still_picture_header && bits.flag()) return read_show_existing(bits);
  read_frame_kind(bits);
  if (p.frame_type == FrameType::key && p.show_frame)
    for (Slot& slot : slots_) slot.order_hint = 0;
  p.disable_cdf_update = bits.flag();
  p.allow_screen_content_tools =
      s.force_screen_content_tools == select ? bits.flag() : s.force_screen_content_tools != 0;
  if (p.allow_screen_content_tools)
    p.force_integer_mv = s.force_integer_mv == select ? bits.flag() : s.force_integer_mv != 0;
  if (p.intra()) p.force_integer_mv = true;
  if (s.frame_id_numbers_present) bits.bits(s.frame_id_length);
  frame_size_override_ =
      p.frame_type == FrameType::switch_frame || (!s.reduced_still_picture_header && bits.flag());
  p.order_hint = bits.byte(p.order_hint_bits);
  p.primary_ref_frame = p.intra() || p.error_resilient_mode ? primary_ref_none : bits.byte(3);
  if (s.decoder_model_info_present && bits.flag())
    for (uint32_t i = 0; i < s.operating_points; ++i) {
      const uint32_t point = s.operating_point_idc[i];
      const bool in_point =
          (point >> temporal_id_ & 1) != 0 && (point >> (spatial_id_ + 8) & 1) != 0;
      if (s.decoder_model_present[i] && (point == 0 || in_point))
        bits.bits(s.buffer_removal_time_length);
    }
  read_references(bits);
  if (p.upscaled_width == 0 || p.height == 0) return false;  // taken from an empty slot
  p.disable_frame_end_update_cdf =
      s.reduced_still_picture_header || p.disable_cdf_update || bits.flag();
  const bool independent = p.primary_ref_frame == primary_ref_none;
  p.loop_filter_ref_deltas = {1, 0, 0, 0, -1, 0, -1, -1};
  p.loop_filter_mode_deltas = {};
  if (!independent) {
    const Slot& previous = slots_[frame_.ref_frame_idx[p.primary_ref_frame]];
    p.loop_filter_ref_deltas = previous.ref_deltas;
    p.loop_filter_mode_deltas = previous.mode_deltas;
    p.segmentation = previous.segmentation;
  }
  read_tile_info(bits);
  read_quantization(bits);
  read_segmentation(bits);
  read_deltas(bits);
  derive_lossless();
  read_loop_filter(bits);
  read_cdef(bits);
  read_restoration(bits);
  p.tx_mode = coded_lossless_ ? only_4x4 : bits.flag() ? tx_mode_select : tx_mode_largest;
  p.reference_select = !p.intra() && bits.flag();
  p.skip_mode_present = skip_mode_allowed() && bits.flag();
  p.allow_warped_motion =
      !p.intra() && !p.error_resilient_mode && s.enable_warped_motion && bits.flag();
  p.reduced_tx_set = bits.flag();
  read_global_motion(bits);
  read_film_grain(bits);
  seen_frame_header_ = true;
  next_tile_ = 0;
  return true;
}

bool ObuReader::read_show_existing(Bits& bits) {
  const Sequence& s = sequence_;
  frame_.show_existing_frame = true;
  frame_.frame_to_show_map_idx = bits.bits(3);
  if (s.decoder_model_info_present && !s.equal_picture_interval)
    bits.bits(s.frame_presentation_time_length);
  if (s.frame_id_numbers_present) bits.bits(s.frame_id_length);
  const Slot& slot = slots_[frame_.frame_to_show_map_idx];
  if (slot.frame_type == FrameType::key) frame_.refresh_frame_flags = 0xff;
  frame_.picture.film_grain = slot.film_grain;
  return true;
}

void ObuReader::read_frame_kind(Bits& bits) {
  const Sequence& s = sequence_;
  PictureParameters& p = frame_.picture;
  if (s.reduced_still_picture_header) {
    p.frame_type = FrameType::key;
    p.show_frame = true;
    p.error_resilient_mode = true;
    return;
  }
  p.frame_type = static_cast<FrameType>(bits.bits(2));
  p.show_frame = bits.flag();
  if (p.show_frame && s.decoder_model_info_present && !s.equal_picture_interval)
    bits.bits(s.frame_presentation_time_length);
  frame_.showable_frame = p.show_frame ? p.frame_type != FrameType::key : bits.flag();
  p.error_resilient_mode = p.frame_type == FrameType::switch_frame ||
                           (p.frame_type == FrameType::key && p.show_frame) || bits.flag();
}

// Reads refresh_frame_flags up to the order hints.
void ObuReader::read_references(Bits& bits) {
  const Sequence& s = sequence_;
  PictureParameters& p = frame_.picture;
  const bool refreshes_all =
      p.frame_type == FrameType::switch_frame || (p.frame_type == FrameType::key && p.show_frame);
  frame_.refresh_frame_flags = refreshes_all ? 0xff : bits.byte(8);
  if ((!p.intra() || frame_.refresh_frame_flags != 0xff) && p.error_resilient_mode &&
      p.enable_order_hint)
    for (Slot& slot : slots_) {
      const uint8_t hint = bits.byte(p.order_hint_bits);
      if (hint != slot.order_hint) {
        slot = {};
        slot.order_hint = hint;
      }
    }
  if (p.intra()) {
    read_frame_size(bits);
    if (p.allow_screen_content_tools && p.superres_denominator == 8) p.allow_intrabc = bits.flag();
    return;
  }
  const bool short_signaling = p.enable_order_hint && bits.flag();
  if (short_signaling) {
    const uint32_t last_frame_idx = bits.bits(3);
    set_frame_refs(last_frame_idx, bits.bits(3));
  }
  for (uint8_t& index : frame_.ref_frame_idx) {
    if (!short_signaling) index = bits.byte(3);
    if (s.frame_id_numbers_present) bits.bits(s.delta_frame_id_length);
  }
  if (frame_size_override_ && !p.error_resilient_mode)
    read_frame_size_with_refs(bits);
  else
    read_frame_size(bits);
  p.allow_high_precision_mv = !p.force_integer_mv && bits.flag();
  p.interpolation_filter = bits.flag() ? uint8_t{switchable} : bits.byte(2);
  p.is_motion_mode_switchable = bits.flag();
  p.use_ref_frame_mvs = !p.error_resilient_mode && s.enable_ref_frame_mvs && bits.flag();
}

// 7.8
void ObuReader::set_frame_refs(uint32_t last_frame_idx, uint32_t gold_frame_idx) {
  std::array<int32_t, reference_count> indices;
  indices.fill(-1);
  indices[0] = static_cast<int32_t>(last_frame_idx);
  indices[golden_frame - last_frame] = static_cast<int32_t>(gold_frame_idx);
  std::array<bool, slot_count> used{};
  used[last_frame_idx] = used[gold_frame_idx] = true;
  std::array<int32_t, slot_count> hints;
  for (uint32_t i = 0; i < slot_count; ++i)
    hints[i] = distance(slots_[i].order_hint, frame_.picture.order_hint);
  // The last slot with the largest hint (latest), or the first one with the smallest.
  const auto find = [&](bool backward, bool latest) {
    int32_t found = -1;
    for (uint32_t i = 0; i < slot_count; ++i) {
      if (used[i] || (hints[i] >= 0) != backward) continue;
      const auto best = static_cast<std::size_t>(std::max(found, 0));
      if (found < 0 || (latest ? hints[i] >= hints[best] : hints[i] < hints[best]))
        found = static_cast<int32_t>(i);
    }
    return found;
  };
  const auto set = [&](uint32_t ref_frame, int32_t slot) {
    if (slot < 0) return;
    indices[ref_frame - last_frame] = slot;
    used[static_cast<std::size_t>(slot)] = true;
  };
  set(altref_frame, find(true, true));
  set(bwdref_frame, find(true, false));
  set(altref2_frame, find(true, false));
  for (const uint32_t ref_frame :
       {last2_frame, last3_frame, bwdref_frame, altref2_frame, altref_frame})
    if (indices[ref_frame - last_frame] < 0) set(ref_frame, find(false, true));
  const auto earliest =
      static_cast<int32_t>(std::min_element(hints.begin(), hints.end()) - hints.begin());
  for (uint32_t i = 0; i < reference_count; ++i)
    frame_.ref_frame_idx[i] = static_cast<uint8_t>(indices[i] < 0 ? earliest : indices[i]);
}

// frame_size() and render_size()
void ObuReader::read_frame_size(Bits& bits) {
  const Sequence& s = sequence_;
  PictureParameters& p = frame_.picture;
  p.upscaled_width = s.max_frame_width;
  p.height = s.max_frame_height;
  if (frame_size_override_) {
    p.upscaled_width = bits.bits(s.frame_width_bits) + 1;
    p.height = bits.bits(s.frame_height_bits) + 1;
  }
  read_superres(bits);
  if (bits.flag()) bits.bits(32);
}

void ObuReader::read_frame_size_with_refs(Bits& bits) {
  for (const uint8_t slot : frame_.ref_frame_idx) {
    if (!bits.flag()) continue;
    frame_.picture.upscaled_width = slots_[slot].upscaled_width;
    frame_.picture.height = slots_[slot].height;
    return read_superres(bits);
  }
  read_frame_size(bits);
}

void ObuReader::read_superres(Bits& bits) {
  const bool use_superres = sequence_.enable_superres && bits.flag();
  frame_.picture.superres_denominator =
      use_superres ? static_cast<uint8_t>(bits.bits(3) + 9) : uint8_t{8};
}

void ObuReader::read_tile_info(Bits& bits) {
  PictureParameters& p = frame_.picture;
  const uint32_t log2 = p.superblock_log2();
  const uint32_t cols = (4 * in_units(p.width()) + (1u << log2) - 1) >> log2;
  const uint32_t rows = (4 * in_units(p.height) + (1u << log2) - 1) >> log2;
  const uint32_t max_width_sb = 4096u >> log2;
  uint32_t max_area_sb = (4096u * 2304u) >> (2 * log2);
  const uint32_t min_log2_cols = tile_log2(max_width_sb, cols);
  const uint32_t max_log2_cols = tile_log2(1, std::min(cols, max_tile_columns));
  const uint32_t max_log2_rows = tile_log2(1, std::min(rows, max_tile_rows));
  const uint32_t min_log2 = std::max(min_log2_cols, tile_log2(max_area_sb, rows * cols));
  if (bits.flag()) {
    tile_cols_log2_ = min_log2_cols;
    while (tile_cols_log2_ < max_log2_cols && bits.flag()) ++tile_cols_log2_;
    p.tile_columns = set_uniform_starts(p.tile_column_starts, cols, tile_cols_log2_);
    tile_rows_log2_ = min_log2 > tile_cols_log2_ ? min_log2 - tile_cols_log2_ : 0;
    while (tile_rows_log2_ < max_log2_rows && bits.flag()) ++tile_rows_log2_;
    p.tile_rows = set_uniform_starts(p.tile_row_starts, rows, tile_rows_log2_);
  } else {
    uint32_t widest = 0;
    const auto read_starts = [&](auto& starts, uint32_t superblocks, uint32_t largest) {
      uint32_t count = 0;
      for (uint32_t start = 0; start < superblocks && count + 1 < starts.size(); ++count) {
        starts[count] = static_cast<uint16_t>(start);
        const uint32_t size = bits.ns(std::min(superblocks - start, largest)) + 1;
        widest = std::max(widest, size);
        start += size;
      }
      starts[count] = static_cast<uint16_t>(superblocks);
      return count;
    };
    p.tile_columns = read_starts(p.tile_column_starts, cols, max_width_sb);
    tile_cols_log2_ = tile_log2(1, p.tile_columns);
    max_area_sb = min_log2 > 0 ? (rows * cols) >> (min_log2 + 1) : rows * cols;
    const uint32_t max_height_sb = std::max(max_area_sb / widest, 1u);
    p.tile_rows = read_starts(p.tile_row_starts, rows, max_height_sb);
    tile_rows_log2_ = tile_log2(1, p.tile_rows);
  }
  if (tile_cols_log2_ == 0 && tile_rows_log2_ == 0) return;
  p.context_update_tile_id = bits.bits(tile_rows_log2_ + tile_cols_log2_);
  tile_size_bytes_ = bits.bits(2) + 1;
}

void ObuReader::read_quantization(Bits& bits) {
  PictureParameters& p = frame_.picture;
  const auto read_delta = [&] { return bits.flag() ? static_cast<int8_t>(bits.su(7)) : int8_t{0}; };
  p.base_q_idx = bits.byte(8);
  p.delta_q_y_dc = read_delta();
  if (!p.monochrome) {
    const bool different = sequence_.separate_uv_delta_q && bits.flag();
    p.delta_q_u_dc = read_delta();
    p.delta_q_u_ac = read_delta();
    p.delta_q_v_dc = different ? read_delta() : p.delta_q_u_dc;
    p.delta_q_v_ac = different ? read_delta() : p.delta_q_u_ac;
  }
  p.using_qmatrix = bits.flag();
  if (!p.using_qmatrix) return;
  p.qm_y = bits.byte(4);
  p.qm_u = bits.byte(4);
  p.qm_v = sequence_.separate_uv_delta_q ? bits.byte(4) : p.qm_u;
}

void ObuReader::read_segmentation(Bits& bits) {
  constexpr std::array<uint8_t, 8> feature_bits = {8, 6, 6, 6, 6, 3, 0, 0};
  constexpr std::array<int32_t, 8> feature_max = {255, 63, 63, 63, 63, 7, 0, 0};
  Segmentation& segmentation = frame_.picture.segmentation;
  if (!bits.flag()) {
    segmentation = {};
    return;
  }
  segmentation.enabled = true;
  segmentation.update_map = true;
  segmentation.temporal_update = false;
  bool update_data = true;
  if (frame_.picture.primary_ref_frame != primary_ref_none) {
    segmentation.update_map = bits.flag();
    if (segmentation.update_map) segmentation.temporal_update = bits.flag();
    update_data = bits.flag();
  }
  if (!update_data) return;
  for (uint32_t i = 0; i < max_segments; ++i) {
    segmentation.feature_mask[i] = 0;
    for (uint32_t j = 0; j < 8; ++j) {
      segmentation.feature_data[i][j] = 0;
      if (!bits.flag()) continue;
      segmentation.feature_mask[i] = static_cast<uint8_t>(segmentation.feature_mask[i] | 1u << j);
      const bool is_signed = j < seg_lvl_ref_frame;
      const int32_t value = is_signed ? bits.su(1u + feature_bits[j])
                                      : static_cast<int32_t>(bits.bits(feature_bits[j]));
      segmentation.feature_data[i][j] =
          static_cast<int16_t>(std::clamp(value, is_signed ? -feature_max[j] : 0, feature_max[j]));
    }
  }
}

// delta_q_params() and delta_lf_params()
void ObuReader::read_deltas(Bits& bits) {
  PictureParameters& p = frame_.picture;
  p.delta_q_present = p.base_q_idx > 0 && bits.flag();
  if (!p.delta_q_present) return;
  p.delta_q_res = bits.byte(2);
  p.delta_lf_present = !p.allow_intrabc && bits.flag();
  if (!p.delta_lf_present) return;
  p.delta_lf_res = bits.byte(2);
  p.delta_lf_multi = bits.flag();
}

void ObuReader::derive_lossless() {
  const PictureParameters& p = frame_.picture;
  coded_lossless_ = p.delta_q_y_dc == 0 && p.delta_q_u_ac == 0 && p.delta_q_u_dc == 0 &&
                    p.delta_q_v_ac == 0 && p.delta_q_v_dc == 0;
  for (uint32_t i = 0; i < max_segments; ++i) {
    const bool has_q = p.segmentation.enabled && (p.segmentation.feature_mask[i] & 1) != 0;
    if (p.base_q_idx + (has_q ? p.segmentation.feature_data[i][seg_lvl_alt_q] : 0) > 0)
      coded_lossless_ = false;
  }
}

void ObuReader::read_loop_filter(Bits& bits) {
  PictureParameters& p = frame_.picture;
  if (coded_lossless_ || p.allow_intrabc) {
    p.loop_filter_ref_deltas = {1, 0, 0, 0, -1, 0, -1, -1};
    p.loop_filter_mode_deltas = {};
    return;
  }
  p.loop_filter_level[0] = bits.byte(6);
  p.loop_filter_level[1] = bits.byte(6);
  if (!p.monochrome && (p.loop_filter_level[0] != 0 || p.loop_filter_level[1] != 0)) {
    p.loop_filter_level[2] = bits.byte(6);
    p.loop_filter_level[3] = bits.byte(6);
  }
  p.loop_filter_sharpness = bits.byte(3);
  p.loop_filter_delta_enabled = bits.flag();
  if (!p.loop_filter_delta_enabled || !bits.flag()) return;
  for (int8_t& delta : p.loop_filter_ref_deltas)
    if (bits.flag()) delta = static_cast<int8_t>(bits.su(7));
  for (int8_t& delta : p.loop_filter_mode_deltas)
    if (bits.flag()) delta = static_cast<int8_t>(bits.su(7));
}

void ObuReader::read_cdef(Bits& bits) {
  PictureParameters& p = frame_.picture;
  if (coded_lossless_ || p.allow_intrabc || !p.enable_cdef) return;
  const auto read_secondary = [&] {
    const uint8_t strength = bits.byte(2);
    return strength == 3 ? uint8_t{4} : strength;
  };
  p.cdef_damping = static_cast<uint8_t>(bits.bits(2) + 3);
  p.cdef_bits = bits.byte(2);
  for (uint32_t i = 0; i < 1u << p.cdef_bits; ++i) {
    CdefStrength& strength = p.cdef_strengths[i];
    strength.y_primary = bits.byte(4);
    strength.y_secondary = read_secondary();
    if (p.monochrome) continue;
    strength.uv_primary = bits.byte(4);
    strength.uv_secondary = read_secondary();
  }
}

void ObuReader::read_restoration(Bits& bits) {
  constexpr std::array<Restoration, 4> remap = {Restoration::none, Restoration::switchable,
                                                Restoration::wiener, Restoration::self_guided};
  PictureParameters& p = frame_.picture;
  const bool all_lossless = coded_lossless_ && p.superres_denominator == 8;
  if (all_lossless || p.allow_intrabc || !sequence_.enable_restoration) return;
  bool uses = false, uses_chroma = false;
  for (uint32_t plane = 0; plane < (p.monochrome ? 1u : 3u); ++plane) {
    p.restoration[plane] = remap[bits.bits(2)];
    const bool used = p.restoration[plane] != Restoration::none;
    uses = uses || used;
    uses_chroma = uses_chroma || (used && plane > 0);
  }
  if (!uses) return;
  uint32_t shift = bits.bits(1);
  if (p.use_128x128_superblock)
    ++shift;
  else if (shift != 0)
    shift += bits.bits(1);
  const uint32_t uv_shift = uses_chroma ? bits.bits(1) : 0;
  const auto luma = static_cast<uint8_t>(6 + shift);
  const auto chroma = static_cast<uint8_t>(luma - uv_shift);
  p.restoration_size_log2 = {luma, chroma, chroma};
}

// skip_mode_params()
bool ObuReader::skip_mode_allowed() const {
  const PictureParameters& p = frame_.picture;
  if (p.intra() || !p.reference_select || !p.enable_order_hint) return false;
  int32_t forward = -1, backward = -1;
  uint32_t forward_hint = 0;
  for (const uint8_t slot : frame_.ref_frame_idx) {
    const uint32_t hint = slots_[slot].order_hint;
    const int32_t from_this = distance(hint, p.order_hint);
    if (from_this < 0 && (forward < 0 || distance(hint, forward_hint) > 0)) {
      forward = slot;
      forward_hint = hint;
    }
    if (from_this > 0) backward = slot;
  }
  if (forward < 0 || backward >= 0) return forward >= 0;
  return std::any_of(frame_.ref_frame_idx.begin(), frame_.ref_frame_idx.end(), [&](uint8_t slot) {
    return distance(slots_[slot].order_hint, forward_hint) < 0;
  });
}

void ObuReader::read_global_motion(Bits& bits) {
  PictureParameters& p = frame_.picture;
  if (p.intra()) return;
  for (uint32_t ref = 0; ref < reference_count; ++ref) {
    GlobalMotion& motion = p.global_motion[ref];
    motion = {};
    if (!bits.flag()) continue;
    motion.type = bits.flag() ? 2 : bits.flag() ? 1 : 3;
    if (motion.type >= 2) {
      motion.params[2] = read_global_parameter(bits, ref, 2);
      motion.params[3] = read_global_parameter(bits, ref, 3);
      motion.params[4] = motion.type == 3 ? read_global_parameter(bits, ref, 4) : -motion.params[3];
      motion.params[5] = motion.type == 3 ? read_global_parameter(bits, ref, 5) : motion.params[2];
    }
    motion.params[0] = read_global_parameter(bits, ref, 0);
    motion.params[1] = read_global_parameter(bits, ref, 1);
  }
}

int32_t ObuReader::read_global_parameter(Bits& bits, uint32_t ref, uint32_t index) {
  const PictureParameters& p = frame_.picture;
  int32_t abs_bits = 12, precision = 15;
  if (index < 2) {
    const bool translation = p.global_motion[ref].type == 1;
    const int32_t coarse = p.allow_high_precision_mv ? 0 : 1;
    abs_bits = translation ? 9 - coarse : 12;
    precision = translation ? 3 - coarse : 6;
  }
  const int32_t shift = 16 - precision;
  const int32_t round = index % 3 == 2 ? 1 << 16 : 0, sub = index % 3 == 2 ? 1 << precision : 0;
  GlobalMotion previous;
  if (p.primary_ref_frame != primary_ref_none)
    previous = slots_[frame_.ref_frame_idx[p.primary_ref_frame]].global_motion[ref];
  const int32_t mx = 1 << abs_bits;
  // decode_signed_subexp_with_ref(-mx, mx + 1, r)
  const auto symbols = static_cast<uint32_t>(2 * mx + 1);
  const auto r =
      static_cast<uint32_t>(std::clamp((previous.params[index] >> shift) - sub, -mx, mx) + mx);
  uint32_t v = 0, base = 0;
  for (uint32_t i = 0;; ++i) {
    const uint32_t b = i == 0 ? 3 : 2 + i;
    if (symbols <= base + 3 * (1u << b)) {
      v = bits.ns(symbols - base) + base;
      break;
    }
    if (!bits.flag()) {
      v = bits.bits(b) + base;
      break;
    }
    base += 1u << b;
  }
  const auto recenter = [](uint32_t from, uint32_t value) {
    if (value > 2 * from) return value;
    return (value & 1) != 0 ? from - ((value + 1) >> 1) : from + (value >> 1);
  };
  const uint32_t x = 2 * r <= symbols ? recenter(r, v) : symbols - 1 - recenter(symbols - 1 - r, v);
  return (static_cast<int32_t>(x) - mx) * (1 << shift) + round;
}

void ObuReader::read_film_grain(Bits& bits) {
  PictureParameters& p = frame_.picture;
  if (!sequence_.film_grain_params_present || (!p.show_frame && !frame_.showable_frame)) return;
  FilmGrainParameters grain;
  grain.apply_grain = bits.flag();
  if (!grain.apply_grain) return;
  grain.grain_seed = static_cast<uint16_t>(bits.bits(16));
  if (p.frame_type == FrameType::inter && !bits.flag()) {
    const uint16_t seed = grain.grain_seed;
    grain = slots_[bits.bits(3)].film_grain;
    grain.grain_seed = seed;
  } else {
    read_new_film_grain(bits, grain);
  }
  p.film_grain = grain;
}

void ObuReader::read_new_film_grain(Bits& bits, FilmGrainParameters& grain) {
  const bool monochrome = frame_.picture.monochrome;
  const auto read_points = [&](uint8_t& count, auto& values, auto& scalings) {
    count = static_cast<uint8_t>(std::min<std::size_t>(bits.bits(4), values.size()));
    for (uint32_t i = 0; i < count; ++i) {
      values[i] = bits.byte(8);
      scalings[i] = bits.byte(8);
    }
  };
  const auto read_coefficients = [&](auto& coefficients, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i)
      coefficients[i] = static_cast<int8_t>(static_cast<int32_t>(bits.bits(8)) - 128);
  };
  read_points(grain.num_y_points, grain.point_y_value, grain.point_y_scaling);
  grain.chroma_scaling_from_luma = !monochrome && bits.flag();
  if (!monochrome && !grain.chroma_scaling_from_luma && grain.num_y_points != 0) {
    read_points(grain.num_cb_points, grain.point_cb_value, grain.point_cb_scaling);
    read_points(grain.num_cr_points, grain.point_cr_value, grain.point_cr_scaling);
  }
  grain.grain_scaling_minus_8 = bits.byte(2);
  grain.ar_coeff_lag = bits.byte(2);
  const uint32_t luma_count = 2u * grain.ar_coeff_lag * (grain.ar_coeff_lag + 1u);
  const uint32_t chroma_count = luma_count + (grain.num_y_points != 0);
  if (grain.num_y_points != 0) read_coefficients(grain.ar_coeffs_y, luma_count);
  if (grain.chroma_scaling_from_luma || grain.num_cb_points != 0)
    read_coefficients(grain.ar_coeffs_cb, chroma_count);
  if (grain.chroma_scaling_from_luma || grain.num_cr_points != 0)
    read_coefficients(grain.ar_coeffs_cr, chroma_count);
  grain.ar_coeff_shift_minus_6 = bits.byte(2);
  grain.grain_scale_shift = bits.byte(2);
  if (grain.num_cb_points != 0) {
    grain.cb_mult = bits.byte(8);
    grain.cb_luma_mult = bits.byte(8);
    grain.cb_offset = static_cast<uint16_t>(bits.bits(9));
  }
  if (grain.num_cr_points != 0) {
    grain.cr_mult = bits.byte(8);
    grain.cr_luma_mult = bits.byte(8);
    grain.cr_offset = static_cast<uint16_t>(bits.bits(9));
  }
  grain.overlap_flag = bits.flag();
  grain.clip_to_restricted_range = bits.flag();
}

// tile_group_obu()
bool ObuReader::read_tile_group(std::span<const std::byte> data, const Sink& sink) {
  PictureParameters& p = frame_.picture;
  const uint32_t count = p.tile_columns * p.tile_rows;
  Bits header(data);
  uint32_t first = 0, last = count - 1;
  if (count > 1 && header.flag()) {
    first = header.bits(tile_cols_log2_ + tile_rows_log2_);
    last = header.bits(tile_cols_log2_ + tile_rows_log2_);
  }
  data = header.rest();
  if (first != next_tile_ || last < first || last >= count) return false;
  for (uint32_t i = first; i <= last; ++i) {
    std::size_t size = data.size();
    if (i != last) {
      if (data.size() < tile_size_bytes_) return false;
      size = std::size_t{Bits(data).le(tile_size_bytes_)} + 1;
      data = data.subspan(tile_size_bytes_);
      if (size > data.size()) return false;
    }
    p.tiles.push_back({i / p.tile_columns, i % p.tile_columns, data.first(size)});
    data = data.subspan(size);
  }
  next_tile_ = last + 1;
  if (next_tile_ == count) finish_frame(sink);
  return true;
}

// The frame is complete: the reference frame update process (7.20).
void ObuReader::finish_frame(const Sink& sink) {
  seen_frame_header_ = false;
  frame_.has_spatial_layers = std::popcount(sequence_.operating_point_idc[0] >> 8) > 1;
  frame_.temporal_id = temporal_id_;
  frame_.spatial_id = spatial_id_;
  sink(frame_);
  const PictureParameters& p = frame_.picture;
  Slot slot;
  if (frame_.show_existing_frame) {
    slot = slots_[frame_.frame_to_show_map_idx];
  } else {
    slot = {.frame_type = p.frame_type,
            .showable_frame = frame_.showable_frame,
            .upscaled_width = p.upscaled_width,
            .width = p.width(),
            .height = p.height,
            .order_hint = p.order_hint,
            .global_motion = p.global_motion,
            .ref_deltas = p.loop_filter_ref_deltas,
            .mode_deltas = p.loop_filter_mode_deltas,
            .segmentation = p.segmentation,
            .film_grain = p.film_grain};
  }
  for (uint32_t i = 0; i < slot_count; ++i)
    if ((frame_.refresh_frame_flags >> i & 1) != 0) slots_[i] = slot;
}

}  // namespace daedalus::av1::test
