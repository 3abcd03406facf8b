// SPDX-License-Identifier: MIT
// uncompressed_header() (VP9 bitstream specification, 6.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/error.h"
#include "daedalus/vp9/picture.h"
#include "vp9/segmentation.h"
#include "vp9/syntax.h"

namespace daedalus::vp9 {

struct SegmentationParameters {
  bool enabled = false;
  bool update_map = false;
  bool temporal_update = false;
  std::array<uint8_t, 7> tree_probs{};
  std::array<uint8_t, 3> pred_probs{};
};

// State that headers carry over from frame to frame. In an UncompressedHeader: its values after the
// frame.
struct PersistentHeader {
  uint8_t bit_depth = 8;
  LoopFilterDeltas lf_deltas;
  SegmentationFeatures features;
};

struct UncompressedHeader {
  PersistentHeader persistent;

  uint8_t profile = 0;
  bool key_frame = false;
  bool show_frame = false;
  bool error_resilient_mode = false;
  bool intra_only = false;
  uint8_t reset_frame_context = 0;
  uint8_t refresh_frame_flags = 0xff;  // used by the client
  uint32_t width = 0, height = 0;

  std::array<uint8_t, 3> ref_frame_idx{};     // inter: slots of LAST_FRAME, GOLDEN_, ALTREF_FRAME
  std::array<bool, 4> ref_frame_sign_bias{};  // by RefFrame
  std::array<bool, 3> ref_usable{};           // present, and of a size from which it can be scaled
  bool allow_high_precision_mv = false;
  FilterType interp_filter = eighttap;

  bool refresh_frame_context = false;
  bool frame_parallel_decoding_mode = true;
  uint8_t frame_context_idx = 0;  // as coded

  uint8_t loop_filter_level = 0;
  uint8_t loop_filter_sharpness = 0;
  bool loop_filter_delta_enabled = false;
  Quantizer quantizer;
  SegmentationParameters segmentation;
  uint8_t tile_cols_log2 = 0, tile_rows_log2 = 0;

  uint32_t header_bytes = 0;      // of this header
  uint32_t compressed_bytes = 0;  // of the compressed one after it

  bool intra() const { return key_frame || intra_only; }
  // Whether probabilities, deltas and features are reset (setup_past_independence).
  bool independent() const { return intra() || error_resilient_mode; }
  // The context that it loads, and saves if it saves one.
  uint32_t context() const { return independent() ? 0 : frame_context_idx; }
  bool adapts() const { return !error_resilient_mode && !frame_parallel_decoding_mode; }

  uint32_t mi_cols() const { return (width + 7) / 8; }
  uint32_t mi_rows() const { return (height + 7) / 8; }
};

// Error::unsupported for profiles 1 and 3, 12 bits, and sizes larger than a job's. Error::damaged
// for invalid headers, and for show_existing_frame, which clients handle themselves.
Result<UncompressedHeader> parse_uncompressed_header(const PictureParameters& picture,
                                                     const PersistentHeader& before);

}  // namespace daedalus::vp9
