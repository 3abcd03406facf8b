// SPDX-License-Identifier: MIT
// Values of syntax elements, numbered as in libvpx where that differs from the specification,
// because contexts and counts are indexed by them.
#pragma once

#include <array>
#include <cstdint>

namespace daedalus::vp9 {

enum BlockSize : uint8_t {
  block_4x4,
  block_4x8,
  block_8x4,
  block_8x8,
  block_8x16,
  block_16x8,
  block_16x16,
  block_16x32,
  block_32x16,
  block_32x32,
  block_32x64,
  block_64x32,
  block_64x64,
};
inline constexpr uint32_t block_sizes = 13;

enum Partition : uint8_t { partition_none, partition_horz, partition_vert, partition_split };

enum PredictionMode : uint8_t {
  dc_pred,
  v_pred,
  h_pred,
  d45_pred,
  d135_pred,
  d117_pred,
  d153_pred,
  d207_pred,
  d63_pred,
  tm_pred,
  nearest_mv,
  near_mv,
  zero_mv,
  new_mv,
};
inline constexpr uint32_t intra_modes = 10;

enum TransformSize : uint8_t { tx_4x4, tx_8x8, tx_16x16, tx_32x32 };
enum TxMode : uint8_t { only_4x4, allow_8x8, allow_16x16, allow_32x32, tx_mode_select };

enum RefFrame : uint8_t { intra_frame, last_frame, golden_frame, altref_frame };

enum FilterType : uint8_t { eighttap, eighttap_smooth, eighttap_sharp, bilinear, switchable };

enum ReferenceMode : uint8_t { single_reference, compound_reference, reference_mode_select };

enum SegmentFeature : uint8_t { seg_alt_q, seg_alt_l, seg_ref_frame, seg_skip };
inline constexpr uint32_t max_segments = 8;

// Width and height in units of 8 samples (blocks below 8x8: 1), and their logarithms.
inline constexpr std::array<uint8_t, block_sizes> width_8_log2 = {0, 0, 0, 0, 0, 1, 1,
                                                                  1, 2, 2, 2, 3, 3};
inline constexpr std::array<uint8_t, block_sizes> height_8_log2 = {0, 0, 0, 0, 1, 0, 1,
                                                                   2, 1, 2, 3, 2, 3};

inline constexpr std::array<TransformSize, block_sizes> max_tx_size = {
    tx_4x4,   tx_4x4,   tx_4x4,   tx_8x8,   tx_8x8,   tx_8x8,  tx_16x16,
    tx_16x16, tx_16x16, tx_32x32, tx_32x32, tx_32x32, tx_32x32};

// get_uv_tx_size() of 4:2:0
inline constexpr TransformSize uv_tx_size(BlockSize size, TransformSize tx_size) {
  if (size < block_8x8) return tx_4x4;
  // A chroma block has half the width and height, so its largest transform is one size smaller.
  // That of 64x64 is 32x32, as in luma, which has no larger one.
  const TransformSize largest =
      size == block_64x64 ? tx_32x32 : static_cast<TransformSize>(max_tx_size[size] - 1);
  return tx_size < largest ? tx_size : largest;
}

}  // namespace daedalus::vp9
