// SPDX-License-Identifier: MIT
// Reads OBUs (AV1 specification, 5.3 to 5.11.1) as an API client does: turns temporal units into
// pictures' parameters, and tracks the reference slots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "daedalus/av1/picture.h"

namespace daedalus::av1::test {

inline constexpr uint32_t slot_count = 8;  // NUM_REF_FRAMES

// What a frame header says.
struct CodedFrame {
  bool show_existing_frame = false;
  uint32_t frame_to_show_map_idx = 0;  // show_existing_frame
  bool showable_frame = false;
  // A temporal unit's shown frames are one picture in several sizes or qualities; a decoder outputs
  // only the last (7.18.1).
  bool has_spatial_layers = false;
  uint32_t temporal_id = 0, spatial_id = 0;
  uint8_t refresh_frame_flags = 0;
  std::array<uint8_t, reference_count> ref_frame_idx{};  // slots; inter frames
  PictureParameters picture;  // not with show_existing_frame, except for its film grain
};

class ObuReader {
 public:
  using Sink = std::function<void(const CodedFrame&)>;

  // Calls `sink` for each complete frame of a temporal unit. Tiles are spans of `unit`. Returns
  // false if anything is broken or not supported, after delivering complete frames before that.
  bool read(std::span<const std::byte> unit, const Sink& sink);

 private:
  class Bits;
  struct Sequence {
    bool present = false;
    uint32_t profile = 0;
    bool reduced_still_picture_header = false;
    bool decoder_model_info_present = false, equal_picture_interval = false;
    uint32_t buffer_delay_length = 0, buffer_removal_time_length = 0;
    uint32_t frame_presentation_time_length = 0;
    uint32_t operating_points = 0;
    std::array<uint32_t, 32> operating_point_idc{};
    std::array<bool, 32> decoder_model_present{};
    uint32_t frame_width_bits = 0, frame_height_bits = 0;
    uint32_t max_frame_width = 0, max_frame_height = 0;
    bool frame_id_numbers_present = false;
    uint32_t delta_frame_id_length = 0, frame_id_length = 0;
    bool enable_warped_motion = false, enable_ref_frame_mvs = false;
    uint32_t force_screen_content_tools = 2, force_integer_mv = 2;  // 2: SELECT_...
    bool enable_superres = false, enable_restoration = false;
    bool separate_uv_delta_q = false, film_grain_params_present = false;
    bool supported = false;     // the format: 4:2:0 or monochrome, 8 or 10 bits
    PictureParameters picture;  // with the sequence's values
  };
  // What 7.20 saves, as far as headers need it.
  struct Slot {
    FrameType frame_type = FrameType::key;
    bool showable_frame = false;
    uint32_t upscaled_width = 0, width = 0, height = 0;
    uint8_t order_hint = 0;
    std::array<GlobalMotion, reference_count> global_motion;
    std::array<int8_t, 8> ref_deltas{};
    std::array<int8_t, 2> mode_deltas{};
    Segmentation segmentation;
    FilmGrainParameters film_grain;
  };

  bool read_sequence(Bits& bits);
  void read_operating_points(Bits& bits, Sequence& sequence);
  void read_color_config(Bits& bits, Sequence& sequence);
  bool read_header(Bits& bits);
  bool read_show_existing(Bits& bits);
  void read_frame_kind(Bits& bits);
  void read_references(Bits& bits);
  void set_frame_refs(uint32_t last_frame_idx, uint32_t gold_frame_idx);
  void read_frame_size(Bits& bits);
  void read_frame_size_with_refs(Bits& bits);
  void read_superres(Bits& bits);
  void read_tile_info(Bits& bits);
  void read_quantization(Bits& bits);
  void read_segmentation(Bits& bits);
  void read_deltas(Bits& bits);
  void derive_lossless();
  void read_loop_filter(Bits& bits);
  void read_cdef(Bits& bits);
  void read_restoration(Bits& bits);
  bool skip_mode_allowed() const;
  void read_global_motion(Bits& bits);
  int32_t read_global_parameter(Bits& bits, uint32_t ref, uint32_t index);
  void read_film_grain(Bits& bits);
  void read_new_film_grain(Bits& bits, FilmGrainParameters& grain);
  bool read_tile_group(std::span<const std::byte> data, const Sink& sink);
  int32_t distance(uint32_t a, uint32_t b) const;
  void finish_frame(const Sink& sink);

  Sequence sequence_;
  std::array<Slot, slot_count> slots_;
  bool seen_frame_header_ = false;
  CodedFrame frame_;
  uint32_t temporal_id_ = 0, spatial_id_ = 0;
  bool frame_size_override_ = false;
  bool coded_lossless_ = false;
  uint32_t tile_cols_log2_ = 0, tile_rows_log2_ = 0, tile_size_bytes_ = 4;
  uint32_t next_tile_ = 0;
};

}  // namespace daedalus::av1::test
