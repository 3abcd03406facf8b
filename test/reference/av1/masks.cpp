// SPDX-License-Identifier: MIT
#include "reference/av1/masks.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "vulkan/av1/prediction_tables.h"

namespace daedalus::av1::scalar {
namespace {

constexpr int master_size = 64;  // MASK_MASTER_SIZE
constexpr int directions = 6, wedge_types = 16;

constexpr std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

using MasterMask = std::array<std::array<int, master_size>, master_size>;

std::array<MasterMask, directions> make_master_masks() {
  std::array<MasterMask, directions> masks{};
  const auto mask = [&](WedgeDirection direction) -> MasterMask& {
    return masks[static_cast<std::size_t>(direction)];
  };
  const auto clipped = [](int i) { return at(std::clamp(i, 0, master_size - 1)); };
  for (int j = 0; j < master_size; ++j) {
    int shift = master_size / 4;
    for (int i = 0; i < master_size; i += 2) {
      auto& oblique = mask(WedgeDirection::oblique_63);
      oblique[at(i)][at(j)] = wedge_master_oblique_even[clipped(j - shift)];
      --shift;
      oblique[at(i + 1)][at(j)] = wedge_master_oblique_odd[clipped(j - shift)];
      mask(WedgeDirection::vertical)[at(i)][at(j)] = wedge_master_vertical[at(j)];
      mask(WedgeDirection::vertical)[at(i + 1)][at(j)] = wedge_master_vertical[at(j)];
    }
  }
  for (int i = 0; i < master_size; ++i) {
    for (int j = 0; j < master_size; ++j) {
      const int value = mask(WedgeDirection::oblique_63)[at(i)][at(j)];
      const int mirrored = master_size - 1 - j;
      mask(WedgeDirection::oblique_27)[at(j)][at(i)] = value;
      mask(WedgeDirection::oblique_117)[at(i)][at(mirrored)] = 64 - value;
      mask(WedgeDirection::oblique_153)[at(mirrored)][at(i)] = 64 - value;
      mask(WedgeDirection::horizontal)[at(j)][at(i)] = mask(WedgeDirection::vertical)[at(i)][at(j)];
    }
  }
  return masks;
}

// block_shape
std::size_t shape(int width, int height) {
  return height > width ? 0 : height < width ? 1 : 2;
}

// All 16 wedges of a block size, for both signs: [sign][wedge_index][y * width + x].
using WedgeMasks = std::array<std::array<std::vector<int>, wedge_types>, 2>;

WedgeMasks make_wedge_masks(uint32_t block_size) {
  static const auto masters = make_master_masks();
  const int width = 1 << block_width_log2[block_size], height = 1 << block_height_log2[block_size];
  WedgeMasks masks;
  for (int index = 0; index < wedge_types; ++index) {
    const Wedge& wedge = wedge_codebook[shape(width, height)][at(index)];
    const MasterMask& master = masters[static_cast<std::size_t>(wedge.direction)];
    const int x_offset = master_size / 2 - ((wedge.x_offset * width) >> 3);
    const int y_offset = master_size / 2 - ((wedge.y_offset * height) >> 3);
    int sum = 0;
    for (int i = 0; i < width; ++i) sum += master[at(y_offset)][at(x_offset + i)];
    for (int i = 1; i < height; ++i) sum += master[at(y_offset + i)][at(x_offset)];
    const int average = (sum + (width + height - 1) / 2) / (width + height - 1);
    const bool flip_sign = average < 32;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const int value = master[at(y_offset + y)][at(x_offset + x)];
        masks[flip_sign][at(index)].push_back(value);
        masks[!flip_sign][at(index)].push_back(64 - value);
      }
    }
  }
  return masks;
}

}  // namespace

int wedge_mask(uint32_t block_size, bool sign, uint32_t index, int x, int y) {
  static std::map<uint32_t, WedgeMasks> made;
  auto found = made.find(block_size);
  if (found == made.end()) found = made.emplace(block_size, make_wedge_masks(block_size)).first;
  return found->second[sign][index][at((y << block_width_log2[block_size]) + x)];
}

int inter_intra_mask(IntraMode mode, int width, int height, int x, int y) {
  const int scale = 128 / std::max(width, height);
  switch (mode) {
    case IntraMode::v:
      return inter_intra_weights[at(y * scale)];
    case IntraMode::h:
      return inter_intra_weights[at(x * scale)];
    case IntraMode::smooth:
      return inter_intra_weights[at(std::min(x, y) * scale)];
    default:
      return 32;
  }
}

}  // namespace daedalus::av1::scalar
