// SPDX-License-Identifier: MIT
#include "reference/vp9/loop_filter.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace daedalus::vp9::scalar {
namespace {

uint32_t bits(uint32_t word, uint32_t shift, uint32_t count) {
  return word >> shift & ((1u << count) - 1);
}

// The edges of 8x8 samples of a plane: the lengths of their filters (4, 8 or 16 samples; 0: not
// filtered), and whether the inner edges, four samples further, are filtered with length 4.
struct Edges {
  int level = 0;
  int left = 0, top = 0;
  bool inner_left = false, inner_top = false;
};

// All edges of one component.
struct EdgeMap {
  int width, height;  // in units of 8x8 samples
  int superblock;     // units of a superblock's side
  std::vector<Edges> units;

  Edges& at(int x, int y) { return units[static_cast<size_t>(y * width + x)]; }
  const Edges& at(int x, int y) const { return units[static_cast<size_t>(y * width + x)]; }
};

// One component's samples across an edge; those before it have negative indices.
class Line {
 public:
  Line(const Plane& plane, int x, int y, bool vertical_edge)
      : plane_(plane), x_(x), y_(y), dx_(vertical_edge ? 1 : 0), dy_(vertical_edge ? 0 : 1) {}
  int operator[](int i) const { return plane_(x_ + i * dx_, y_ + i * dy_); }
  void set(int i, int value) const { plane_.set(x_ + i * dx_, y_ + i * dy_, value); }

 private:
  const Plane& plane_;
  int x_, y_, dx_, dy_;
};

// 8.8.2 to 8.8.5, one line.
class EdgeFilter {
 public:
  EdgeFilter(const Line& line, int size, int level, int sharpness, int bit_depth)
      : line_(line), size_(size), depth_shift_(bit_depth - 8) {
    const int shift = sharpness > 4 ? 2 : sharpness > 0 ? 1 : 0;
    int limit = level >> shift;
    if (sharpness > 0) limit = std::min(limit, 9 - sharpness);
    limit_ = std::max(limit, 1);
    blimit_ = 2 * (level + 2) + limit_;
    thresh_ = level >> 4;
  }

  void filter() const {
    if (!is_filtered()) return;
    if (size_ == 16 && is_flat(1, 3) && is_flat(4, 7)) {
      smooth(7);
    } else if (size_ >= 8 && is_flat(1, 3)) {
      smooth(3);
    } else {
      filter_narrow();
    }
  }

 private:
  int difference(int i, int j) const { return abs(line_[i] - line_[j]); }

  bool is_filtered() const {
    const int limit = limit_ << depth_shift_;
    for (int i = 0; i < 3; ++i) {
      if (difference(i, i + 1) > limit || difference(-1 - i, -2 - i) > limit) return false;
    }
    return difference(-1, 0) * 2 + difference(-2, 1) / 2 <= blimit_ << depth_shift_;
  }

  bool is_flat(int first, int last) const {
    for (int i = first; i <= last; ++i) {
      if (difference(i, 0) > 1 << depth_shift_ || difference(-1 - i, -1) > 1 << depth_shift_) {
        return false;
      }
    }
    return true;
  }

  // Averages 2 * reach + 1 samples and, once more, the one in the middle. More than `reach` + 1
  // samples from the edge, the last sample repeats.
  void smooth(int reach) const {
    std::array<int, 16> before;
    for (int i = -8; i < 8; ++i) {
      before[static_cast<size_t>(i + 8)] = i < -reach - 1 || i > reach ? 0 : line_[i];
    }
    for (int i = -reach; i < reach; ++i) {
      int sum = before[static_cast<size_t>(i + 8)] + reach + 1;
      for (int j = i - reach; j <= i + reach; ++j) {
        sum += before[static_cast<size_t>(std::clamp(j, -reach - 1, reach) + 8)];
      }
      line_.set(i, sum / (2 * reach + 2));
    }
  }

  int clamp(int value) const {
    return std::clamp(value, -(128 << depth_shift_), (128 << depth_shift_) - 1);
  }

  void filter_narrow() const {
    const int offset = 128 << depth_shift_;
    const int p1 = line_[-2] - offset, p0 = line_[-1] - offset;
    const int q0 = line_[0] - offset, q1 = line_[1] - offset;
    const bool high_variance =
        difference(-2, -1) > thresh_ << depth_shift_ || difference(1, 0) > thresh_ << depth_shift_;
    const int base = clamp((high_variance ? clamp(p1 - q1) : 0) + 3 * (q0 - p0));
    const int first = clamp(base + 4) >> 3, second = clamp(base + 3) >> 3;
    line_.set(0, clamp(q0 - first) + offset);
    line_.set(-1, clamp(p0 + second) + offset);
    if (high_variance) return;
    const int outer = (first + 1) >> 1;
    line_.set(1, clamp(q1 - outer) + offset);
    line_.set(-2, clamp(p1 + outer) + offset);
  }

  const Line line_;
  const int size_, depth_shift_;
  int limit_, blimit_, thresh_;
};

// What the filter needs to know of a block.
struct FilteredBlock {
  int x, y, width, height;  // units of 8x8 luma samples
  int level;
  int tx_size;
  bool inner;

  explicit FilteredBlock(const BlockRecord& record)
      : x(static_cast<int>(bits(record.place, block_place::x_shift, 10))),
        y(static_cast<int>(bits(record.place, block_place::y_shift, 10))),
        width(1 << bits(record.place, block_place::width_shift, 2)),
        height(1 << bits(record.place, block_place::height_shift, 2)),
        level(static_cast<int>(record.place >> block_place::filter_level_shift)),
        tx_size(static_cast<int>(bits(record.place, block_place::tx_size_shift, 2))),
        inner((record.head & block_head::no_inner_edges) == 0) {}

  int chroma_tx_size() const {
    const int smaller = std::min(width, height);
    const int largest = smaller == 8 ? 3 : smaller == 4 ? 2 : smaller == 2 ? 1 : 0;
    return std::min(tx_size, largest);
  }
};

// Derives the edges of one component from blocks.
class EdgeMapMaker {
 public:
  EdgeMapMaker(int width, int height, bool chroma) : luma_width_(width), luma_height_(height) {
    shift_ = chroma ? 1 : 0;
    map_ = {(width + shift_) >> shift_, (height + shift_) >> shift_, 8 >> shift_, {}};
    map_.units.resize(static_cast<size_t>(map_.width * map_.height));
  }

  void add(const FilteredBlock& block) {
    if (block.level == 0) return;
    for (int y = block.y; y < std::min(block.y + block.height, luma_height_); ++y) {
      for (int x = block.x; x < std::min(block.x + block.width, luma_width_); ++x) {
        // Chroma uses the top left of every four luma units.
        if (((x | y) & shift_) == 0) map_.at(x >> shift_, y >> shift_) = edges(block, x, y);
      }
    }
  }

  const EdgeMap& map() const { return map_; }

 private:
  Edges edges(const FilteredBlock& block, int x, int y) const {
    const int tx_size = shift_ ? block.chroma_tx_size() : block.tx_size;
    // Chroma's last column and row, if they are only half inside.
    const bool half_column = shift_ && x == luma_width_ - 1;
    const bool half_row = shift_ && y == luma_height_ - 1;
    Edges result;
    result.level = block.level;
    if (block.inner || x == block.x) result.left = outer(x >> shift_, tx_size, half_column);
    if (block.inner || y == block.y) result.top = outer(y >> shift_, tx_size, half_row);
    result.inner_left = block.inner && tx_size == 0 && !half_column;
    result.inner_top = result.inner_left && !half_row;
    return result;
  }

  // The edge before a unit in this column or row.
  static int outer(int unit, int tx_size, bool half) {
    const int units = tx_size == 3 ? 4 : tx_size == 2 ? 2 : 1;
    if (unit == 0 || unit % units != 0) return 0;
    if (tx_size >= 2) return half ? 8 : 16;
    return tx_size == 1 || unit % 4 == 0 ? 8 : 4;
  }

  int luma_width_, luma_height_, shift_;
  EdgeMap map_;
};

class PlaneFilter {
 public:
  // `width` and `height` are the plane's aligned size; the last units may be only half inside.
  PlaneFilter(const Plane& plane, const EdgeMap& map, int width, int height, uint32_t sharpness)
      : plane_(plane), map_(map), width_(width), height_(height), sharpness_(sharpness) {}

  void filter_superblock(int column, int row) const {
    const int first_x = column * map_.superblock, first_y = row * map_.superblock;
    const int end_x = std::min(first_x + map_.superblock, map_.width);
    const int end_y = std::min(first_y + map_.superblock, map_.height);
    for (int y = first_y * 8; y < std::min(end_y * 8, height_); ++y) {
      for (int unit = first_x; unit < end_x; ++unit) {
        const Edges& edges = map_.at(unit, y / 8);
        filter(unit * 8, y, true, edges.left, edges.level);
        filter(unit * 8 + 4, y, true, edges.inner_left ? 4 : 0, edges.level);
      }
    }
    for (int x = first_x * 8; x < std::min(end_x * 8, width_); ++x) {
      for (int unit = first_y; unit < end_y; ++unit) {
        const Edges& edges = map_.at(x / 8, unit);
        filter(x, unit * 8, false, edges.top, edges.level);
        filter(x, unit * 8 + 4, false, edges.inner_top ? 4 : 0, edges.level);
      }
    }
  }

 private:
  void filter(int x, int y, bool vertical, int size, int level) const {
    if (size != 0) filter_line(plane_, x, y, vertical, size, level, sharpness_);
  }

  const Plane plane_;
  const EdgeMap& map_;
  int width_, height_;
  uint32_t sharpness_;
};

EdgeMap make_edge_map(const PictureJob& job, bool chroma) {
  EdgeMapMaker maker(static_cast<int>((job.width + 7) / 8), static_cast<int>((job.height + 7) / 8),
                     chroma);
  std::size_t count = 0;
  for (const BlockClass& blocks : job.block_classes) {
    count += blocks.unscaled + blocks.scaled + blocks.intra;
  }
  for (const BlockRecord& block : job.blocks.first(count)) maker.add(FilteredBlock(block));
  for (const SmallBlockRecord& block :
       job.small_blocks.first(job.unscaled_small_blocks + job.scaled_small_blocks)) {
    maker.add(FilteredBlock(block.block));
  }
  return maker.map();
}

}  // namespace

void filter_line(const Plane& plane, int x, int y, bool vertical_edge, int size, int level,
                 uint32_t sharpness) {
  const Line line(plane, x, y, vertical_edge);
  EdgeFilter(line, size, level, static_cast<int>(sharpness), static_cast<int>(plane.bit_depth))
      .filter();
}

void filter_picture(const PictureJob& job, const PictureView& target) {
  if (!job.filters) return;
  const EdgeMap luma = make_edge_map(job, false), chroma = make_edge_map(job, true);
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    const int unit = component == Component::y ? 8 : 4;
    const PlaneFilter filter(target.plane(component), component == Component::y ? luma : chroma,
                             static_cast<int>((job.width + 7) / 8) * unit,
                             static_cast<int>((job.height + 7) / 8) * unit, job.sharpness);
    for (int row = 0; row < static_cast<int>(in_superblocks(job.height)); ++row) {
      for (int column = 0; column < static_cast<int>(in_superblocks(job.width)); ++column) {
        filter.filter_superblock(column, row);
      }
    }
  }
}

}  // namespace daedalus::vp9::scalar
