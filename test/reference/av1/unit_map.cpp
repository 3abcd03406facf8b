// SPDX-License-Identifier: MIT
#include "reference/av1/unit_map.h"

#include <algorithm>

namespace daedalus::av1::scalar {

int Unit::block_log2(bool chroma, bool vertical_edge) const {
  const int log2 = vertical_edge ? block_width_log2[block_size()] : block_height_log2[block_size()];
  return chroma ? std::max(log2 - 1, 2) : log2;
}

// For chroma: get_tx_size_uv (5.11.38).
int Unit::transform_log2(bool chroma, bool vertical_edge) const {
  if (!chroma) return vertical_edge ? tx_width_log2[luma_tx_size] : tx_height_log2[luma_tx_size];
  return filter & block_is_lossless ? 2 : std::min(block_log2(true, vertical_edge), 5);
}

template <typename Visit>
void UnitMap::for_each_unit(uint32_t place, int width_log2, int height_log2, Visit&& visit) {
  const int x = static_cast<int>(place >> block_place::x_shift & 0x7ff);
  const int y = static_cast<int>(place >> block_place::y_shift & 0x7ff);
  for (int row = y; row < std::min(y + (1 << height_log2) / 4, rows_); ++row)
    for (int column = x; column < std::min(x + (1 << width_log2) / 4, columns_); ++column)
      visit(units_[static_cast<std::size_t>(row * columns_ + column)]);
}

UnitMap::UnitMap(const PictureJob& job)
    : rows_(static_cast<int>(in_units(job.height))),
      columns_(static_cast<int>(in_units(job.width))),
      units_(static_cast<std::size_t>(rows_ * columns_)) {
  for (const BlockRecord& block : job.blocks.first(job.block_count)) {
    const uint32_t size = block.place >> block_place::size_shift & 31;
    const uint32_t tx_size = block.filter >> block_filter::tx_size_shift & 31;
    for_each_unit(block.place, block_width_log2[size], block_height_log2[size], [&](Unit& unit) {
      unit.place = block.place;
      unit.filter = block.filter;
      if (tx_size != block_filter::no_tx_size) unit.luma_tx_size = tx_size;
    });
  }
  for (const TxSplit& split : job.tx_splits.first(job.tx_split_count)) {
    const uint32_t size = split.place >> transform_place::size_shift & 31;
    for_each_unit(split.place, tx_width_log2[size], tx_height_log2[size],
                  [&](Unit& unit) { unit.luma_tx_size = size; });
  }
}

}  // namespace daedalus::av1::scalar
