// SPDX-License-Identifier: MIT
// The properties of each unit (4x4 luma samples) of a picture, taken from blocks and transform
// blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "daedalus/av1/job.h"

namespace daedalus::av1::scalar {

struct Unit {
  uint32_t place = 0, filter = 0;  // from its BlockRecord
  uint32_t luma_tx_size = 0;       // LoopfilterTxSizes[0]

  bool skip() const { return (place & block_place::skip) != 0; }
  bool is_inter() const { return (place & block_place::is_inter) != 0; }
  int level(std::size_t i) const {
    return static_cast<int>(filter >> block_filter::level_shift[i] & 63);
  }
  uint32_t block_size() const { return place >> block_place::size_shift & 31; }
  // log2 of the width (or height) in samples of the plane.
  int block_log2(bool chroma, bool vertical_edge) const;
  int transform_log2(bool chroma, bool vertical_edge) const;
};

class UnitMap {
 public:
  explicit UnitMap(const PictureJob& job);

  // The position must be within the padded size.
  const Unit& at(int row, int column) const {
    return units_[static_cast<std::size_t>(row * columns_ + column)];
  }
  int rows() const { return rows_; }
  int columns() const { return columns_; }

 private:
  template <typename Visit>
  void for_each_unit(uint32_t place, int width_log2, int height_log2, Visit&& visit);

  int rows_, columns_;
  std::vector<Unit> units_;
};

}  // namespace daedalus::av1::scalar
