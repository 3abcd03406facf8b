// SPDX-License-Identifier: MIT
#include "vulkan/av1/tables.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "vulkan/av1/intra_tables.h"
#include "vulkan/av1/prediction_tables.h"
#include "vulkan/av1/upscale_filters.h"

namespace daedalus::vulkan {

using namespace av1;

namespace {

template <typename Byte>
constexpr void pack_bytes(std::span<const Byte> bytes, uint32_t* words) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    words[i / 4] |= (static_cast<uint32_t>(bytes[i]) & 0xff) << i % 4 * 8;
}

// MasterMask[direction][y][x] of 7.11.3.11.
constexpr uint32_t master_mask(WedgeDirection direction, uint32_t y, uint32_t x) {
  const auto oblique = [](uint32_t row, uint32_t column) -> uint32_t {
    const int at = static_cast<int>(column + (row + 1) / 2) - 16;
    const auto place = static_cast<std::size_t>(std::clamp(at, 0, 63));
    return row % 2 == 0 ? wedge_master_oblique_even[place] : wedge_master_oblique_odd[place];
  };
  switch (direction) {
    case WedgeDirection::horizontal:
      return wedge_master_vertical[y];
    case WedgeDirection::vertical:
      return wedge_master_vertical[x];
    case WedgeDirection::oblique_27:
      return oblique(x, y);
    case WedgeDirection::oblique_63:
      return oblique(y, x);
    case WedgeDirection::oblique_117:
      return 64 - oblique(y, 63 - x);
    case WedgeDirection::oblique_153:
      return 64 - oblique(x, 63 - y);
  }
  return 0;
}

// Whether a wedge's mask averages below 32 along the block's upper and left edges.
constexpr bool flips_sign(const Wedge& wedge, uint32_t width, uint32_t height) {
  const uint32_t x = 32 - (wedge.x_offset * width >> 3), y = 32 - (wedge.y_offset * height >> 3);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < width; ++i) sum += master_mask(wedge.direction, y, x + i);
  for (uint32_t i = 1; i < height; ++i) sum += master_mask(wedge.direction, y + i, x);
  return (sum + (width + height - 1) / 2) / (width + height - 1) < 32;
}

constexpr void pack_wedges(JobTables& tables) {
  for (std::size_t shape = 0; shape < wedge_codebook.size(); ++shape) {
    for (std::size_t i = 0; i < 16; ++i) {
      const Wedge& wedge = wedge_codebook[shape][i];
      tables.wedges[shape][i] = static_cast<uint32_t>(wedge.direction) |
                                uint32_t{wedge.x_offset} << 4 | uint32_t{wedge.y_offset} << 8;
    }
  }
  for (std::size_t size = 0; size < block_size_count; ++size) {
    const uint32_t width = 1u << block_width_log2[size], height = 1u << block_height_log2[size];
    if (width > 32 || height > 32) continue;  // these sizes have no wedges
    const std::size_t shape = height > width ? 0 : height < width ? 1 : 2;
    for (std::size_t i = 0; i < 16; ++i)
      if (flips_sign(wedge_codebook[shape][i], width, height)) tables.wedge_flips[size] |= 1u << i;
  }
}

constexpr JobTables make_tables() {
  JobTables tables{};
  for (std::size_t kernel = 0; kernel < kernel_count; ++kernel)
    for (std::size_t i = 0; i < 16; ++i)
      pack_bytes(std::span<const int8_t>(halved_subpel_filters[kernel][i]),
                 tables.kernels[kernel][i]);
  for (std::size_t i = 0; i < warped_filters.size(); ++i)
    pack_bytes(std::span<const int8_t>(warped_filters[i]), tables.warp_filters[i]);
  pack_bytes(std::span<const uint8_t>(obmc_masks), tables.obmc_masks);
  pack_bytes(std::span<const uint8_t>(inter_intra_weights), tables.inter_intra_weights);
  pack_wedges(tables);
  pack_bytes(std::span<const uint8_t>(smooth_weights), tables.smooth_weights);
  for (std::size_t i = 0; i < dr_intra_derivative.size(); ++i)
    tables.intra_derivatives[i / 2] |= uint32_t{dr_intra_derivative[i]} << i % 2 * 16;
  for (std::size_t mode = 0; mode < intra_filter_taps.size(); ++mode)
    for (std::size_t i = 0; i < 8; ++i)
      pack_bytes(std::span<const int8_t>(intra_filter_taps[mode][i]),
                 tables.intra_filter_taps[mode][i]);
  for (std::size_t phase = 0; phase < upscale_filters.size(); ++phase)
    for (std::size_t i = 0; i < 8; ++i)
      tables.upscale_filters[phase][i / 4] |= static_cast<uint32_t>(upscale_filters[phase][i] + 32)
                                              << i % 4 * 8;
  return tables;
}

}  // namespace

constinit const JobTables av1_tables = make_tables();

}  // namespace daedalus::vulkan
