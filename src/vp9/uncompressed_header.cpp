// SPDX-License-Identifier: MIT
#include "vp9/uncompressed_header.h"

#include <algorithm>

#include "daedalus/vp9/job.h"

namespace daedalus::vp9 {

namespace {

// f(n) and s(n). Past the end they return zeros, and exhausted() is true.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> data) : data_(data) {}

  uint32_t f(uint32_t bits) {
    uint32_t value = 0;
    for (; bits > 0; --bits, ++position_) {
      const std::size_t byte = position_ / 8;
      const uint32_t bit =
          byte < data_.size() ? static_cast<uint32_t>(data_[byte]) >> (7 - position_ % 8) & 1 : 0;
      value = value << 1 | bit;
    }
    return value;
  }
  bool flag() { return f(1) != 0; }
  int32_t s(uint32_t bits) {
    const auto value = static_cast<int32_t>(f(bits));
    return flag() ? -value : value;
  }

  std::size_t bytes_read() const { return (position_ + 7) / 8; }
  bool exhausted() const { return bytes_read() > data_.size(); }

 private:
  std::span<const std::byte> data_;
  std::size_t position_ = 0;
};

constexpr uint32_t frame_marker = 2;
constexpr uint32_t sync_code = 0x498342;
constexpr uint32_t color_space_rgb = 7;

// The parts of the header, in order. Each returns false if the frame must not be decoded; error()
// has the reason.
class HeaderParser {
 public:
  HeaderParser(const PictureParameters& picture, const PersistentHeader& before)
      : bits_(picture.frame), references_(picture.references) {
    header_.persistent = before;
  }

  Result<UncompressedHeader> parse();

 private:
  bool fail(Error error) {
    error_ = error;
    return false;
  }

  bool profile();
  bool frame_type();
  bool key_frame();
  bool intra_only_frame();
  bool inter_frame();
  bool color_config();
  bool frame_size();
  bool frame_size_with_refs();
  bool check_references();
  bool check_size();
  void render_size();
  void read_interp_filter();
  void contexts();
  void loop_filter();
  void quantization();
  void segmentation();
  void segmentation_map();
  void segmentation_data();
  bool tile_info();
  bool sizes();

  BitReader bits_;
  const std::array<ReferenceSlot, reference_slots>& references_;
  UncompressedHeader header_;
  Error error_ = Error::damaged;
};

Result<UncompressedHeader> HeaderParser::parse() {
  if (!profile() || !frame_type()) return tl::unexpected(error_);
  contexts();
  loop_filter();
  quantization();
  segmentation();
  if (!tile_info() || !sizes()) return tl::unexpected(error_);
  return header_;
}

bool HeaderParser::profile() {
  if (bits_.f(2) != frame_marker) return fail(Error::damaged);
  const uint32_t low = bits_.f(1);
  const uint32_t profile = low | bits_.f(1) << 1;
  if (profile == 3) return fail(Error::unsupported);
  header_.profile = static_cast<uint8_t>(profile);
  if (profile == 1) return fail(Error::unsupported);
  return true;
}

bool HeaderParser::frame_type() {
  const bool show_existing_frame = bits_.flag();
  if (show_existing_frame) return fail(Error::damaged);
  header_.key_frame = !bits_.flag();
  header_.show_frame = bits_.flag();
  header_.error_resilient_mode = bits_.flag();
  if (header_.key_frame) return key_frame();
  header_.intra_only = header_.show_frame ? false : bits_.flag();
  header_.reset_frame_context = static_cast<uint8_t>(header_.error_resilient_mode ? 0 : bits_.f(2));
  return header_.intra_only ? intra_only_frame() : inter_frame();
}

bool HeaderParser::key_frame() {
  if (bits_.f(24) != sync_code) return fail(Error::damaged);
  return color_config() && frame_size();
}

bool HeaderParser::intra_only_frame() {
  if (bits_.f(24) != sync_code) return fail(Error::damaged);
  header_.persistent.bit_depth = 8;
  if (header_.profile > 0 && !color_config()) return false;
  header_.refresh_frame_flags = static_cast<uint8_t>(bits_.f(8));
  return frame_size();
}

bool HeaderParser::inter_frame() {
  header_.refresh_frame_flags = static_cast<uint8_t>(bits_.f(8));
  for (std::size_t i = 0; i < 3; ++i) {
    header_.ref_frame_idx[i] = static_cast<uint8_t>(bits_.f(3));
    const bool sign_bias = bits_.flag();
    // libvpx clears the sign biases when it resets the probabilities, so such frames have no
    // compound prediction.
    header_.ref_frame_sign_bias[last_frame + i] = sign_bias && !header_.error_resilient_mode;
  }
  if (!frame_size_with_refs()) return false;
  header_.allow_high_precision_mv = bits_.flag();
  read_interp_filter();
  return true;
}

bool HeaderParser::color_config() {
  header_.persistent.bit_depth = 8;
  if (header_.profile == 2) {
    const bool ten_or_twelve_bit = bits_.flag();
    if (ten_or_twelve_bit) return fail(Error::unsupported);
    header_.persistent.bit_depth = 10;
  }
  if (bits_.f(3) == color_space_rgb) return fail(Error::damaged);  // requires 4:4:4
  bits_.f(1);                                                      // color_range
  return true;
}

bool HeaderParser::check_size() {
  if (header_.width > max_width || header_.height > max_height) return fail(Error::unsupported);
  return true;
}

bool HeaderParser::frame_size() {
  header_.width = bits_.f(16) + 1;
  header_.height = bits_.f(16) + 1;
  render_size();
  return check_size();
}

void HeaderParser::render_size() {
  if (bits_.flag()) bits_.f(32);
}

bool HeaderParser::frame_size_with_refs() {
  bool found = false;
  for (std::size_t i = 0; i < 3 && !found; ++i) {
    found = bits_.flag();
    if (!found) continue;
    const auto& reference = references_[header_.ref_frame_idx[i]];
    if (!reference.present) return fail(Error::damaged);
    header_.width = reference.width;
    header_.height = reference.height;
  }
  if (!found) {
    header_.width = bits_.f(16) + 1;
    header_.height = bits_.f(16) + 1;
  }
  render_size();
  return check_size() && check_references();
}

// One reference of a usable size is enough, but all must have the same format.
bool HeaderParser::check_references() {
  bool any = false;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& reference = references_[header_.ref_frame_idx[i]];
    if (!reference.present) continue;
    if (reference.bit_depth != header_.persistent.bit_depth) return fail(Error::damaged);
    header_.ref_usable[i] =
        2 * header_.width >= reference.width && 2 * header_.height >= reference.height &&
        header_.width <= 16 * reference.width && header_.height <= 16 * reference.height;
    any |= header_.ref_usable[i];
  }
  return any || fail(Error::damaged);
}

void HeaderParser::read_interp_filter() {
  constexpr FilterType literal_to_type[4] = {eighttap_smooth, eighttap, eighttap_sharp, bilinear};
  const bool is_filter_switchable = bits_.flag();
  header_.interp_filter = is_filter_switchable ? switchable : literal_to_type[bits_.f(2)];
}

void HeaderParser::contexts() {
  if (!header_.error_resilient_mode) {
    header_.refresh_frame_context = bits_.flag();
    header_.frame_parallel_decoding_mode = bits_.flag();
  }
  header_.frame_context_idx = static_cast<uint8_t>(bits_.f(2));
  if (!header_.independent()) return;
  header_.persistent.lf_deltas = {};
  header_.persistent.features = {};
}

void HeaderParser::loop_filter() {
  header_.loop_filter_level = static_cast<uint8_t>(bits_.f(6));
  header_.loop_filter_sharpness = static_cast<uint8_t>(bits_.f(3));
  header_.loop_filter_delta_enabled = bits_.flag();
  if (!header_.loop_filter_delta_enabled) return;
  const bool loop_filter_delta_update = bits_.flag();
  if (!loop_filter_delta_update) return;
  for (int8_t& delta : header_.persistent.lf_deltas.ref)
    if (bits_.flag()) delta = static_cast<int8_t>(bits_.s(6));
  for (int8_t& delta : header_.persistent.lf_deltas.mode)
    if (bits_.flag()) delta = static_cast<int8_t>(bits_.s(6));
}

void HeaderParser::quantization() {
  const auto delta_q = [this] { return static_cast<int8_t>(bits_.flag() ? bits_.s(4) : 0); };
  header_.quantizer.base_q_idx = static_cast<uint8_t>(bits_.f(8));
  header_.quantizer.delta_q_y_dc = delta_q();
  header_.quantizer.delta_q_uv_dc = delta_q();
  header_.quantizer.delta_q_uv_ac = delta_q();
}

void HeaderParser::segmentation() {
  header_.segmentation.enabled = bits_.flag();
  if (!header_.segmentation.enabled) return;
  header_.segmentation.update_map = bits_.flag();
  if (header_.segmentation.update_map) segmentation_map();
  const bool update_data = bits_.flag();
  if (update_data) segmentation_data();
}

void HeaderParser::segmentation_map() {
  const auto prob = [this] { return static_cast<uint8_t>(bits_.flag() ? bits_.f(8) : 255); };
  for (uint8_t& tree_prob : header_.segmentation.tree_probs) tree_prob = prob();
  header_.segmentation.temporal_update = bits_.flag();
  for (uint8_t& pred_prob : header_.segmentation.pred_probs)
    pred_prob = header_.segmentation.temporal_update ? prob() : uint8_t{255};
}

void HeaderParser::segmentation_data() {
  constexpr uint32_t bits[4] = {8, 6, 2, 0};
  constexpr uint32_t largest[4] = {255, 63, 3, 0};
  auto& features = header_.persistent.features;
  features = {};
  features.abs_or_delta_update = bits_.flag();
  for (std::size_t segment = 0; segment < max_segments; ++segment)
    for (std::size_t feature = 0; feature < 4; ++feature) {
      const bool feature_enabled = bits_.flag();
      if (!feature_enabled) continue;
      features.enabled[segment] |= static_cast<uint8_t>(1 << feature);
      const auto value = static_cast<int16_t>(std::min(bits_.f(bits[feature]), largest[feature]));
      const bool is_signed = feature < seg_ref_frame;
      features.data[segment][feature] =
          static_cast<int16_t>(is_signed && bits_.flag() ? -value : value);
    }
}

bool HeaderParser::tile_info() {
  const uint32_t sb64_cols = (header_.mi_cols() + 7) / 8;
  uint32_t min_log2 = 0, max_log2 = 1;
  while (64u << min_log2 < sb64_cols) ++min_log2;
  while (sb64_cols >> max_log2 >= 4) ++max_log2;
  --max_log2;
  header_.tile_cols_log2 = static_cast<uint8_t>(min_log2);
  while (header_.tile_cols_log2 < max_log2 && bits_.flag()) ++header_.tile_cols_log2;
  header_.tile_rows_log2 = static_cast<uint8_t>(bits_.f(1));
  if (header_.tile_rows_log2 != 0)
    header_.tile_rows_log2 = static_cast<uint8_t>(header_.tile_rows_log2 + bits_.f(1));
  return true;
}

bool HeaderParser::sizes() {
  header_.compressed_bytes = bits_.f(16);
  header_.header_bytes = static_cast<uint32_t>(bits_.bytes_read());
  return (header_.compressed_bytes != 0 && !bits_.exhausted()) || fail(Error::damaged);
}

}  // namespace

Result<UncompressedHeader> parse_uncompressed_header(const PictureParameters& picture,
                                                     const PersistentHeader& before) {
  return HeaderParser(picture, before).parse();
}

}  // namespace daedalus::vp9
