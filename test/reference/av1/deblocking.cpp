// SPDX-License-Identifier: MIT
#include "reference/av1/deblocking.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "reference/av1/unit_map.h"

namespace daedalus::av1::scalar {
namespace {

// One component's samples across an edge: q0, q1, .. at index 0 and up, p0, p1, .. at -1 and down.
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

// 7.14.6, with the limits of 7.14.4.
class EdgeFilter {
 public:
  EdgeFilter(const Line& line, bool chroma, const EdgeStrength& strength, int bit_depth)
      : line_(line), chroma_(chroma), size_(strength.size), bit_depth_(bit_depth) {
    const int level = strength.level, sharpness = strength.sharpness;
    const int shift = sharpness > 4 ? 2 : sharpness > 0 ? 1 : 0;
    limit_ =
        sharpness > 0 ? std::clamp(level >> shift, 1, 9 - sharpness) : std::max(1, level >> shift);
    blimit_ = 2 * (level + 2) + limit_;
    thresh_ = level >> 4;
    length_ = size_ == 4 ? 4 : chroma ? 6 : size_ == 8 ? 8 : 16;
  }

  void filter() const {
    if (!filter_mask()) return;
    if (size_ == 4 || !is_flat(1, length_ >= 8 ? 3 : 2)) {
      filter_narrow();
    } else if (size_ == 8 || !is_flat(4, 6)) {
      filter_wide(3);
    } else {
      filter_wide(4);
    }
  }

 private:
  int difference(int i, int j) const { return abs(line_[i] - line_[j]); }
  int scaled(int threshold) const { return threshold << (bit_depth_ - 8); }

  bool filter_mask() const {
    const int steps = length_ >= 8 ? 3 : length_ >= 6 ? 2 : 1;
    for (int i = 0; i < steps; ++i)
      if (std::max(difference(i + 1, i), difference(-i - 2, -i - 1)) > scaled(limit_)) return false;
    return difference(-1, 0) * 2 + difference(-2, 1) / 2 <= scaled(blimit_);
  }

  bool is_flat(int first, int last) const {
    for (int i = first; i <= last; ++i)
      if (std::max(difference(i, 0), difference(-i - 1, -1)) > scaled(1)) return false;
    return true;
  }

  int filter4_clamp(int value) const {
    return std::clamp(value, -(1 << (bit_depth_ - 1)), (1 << (bit_depth_ - 1)) - 1);
  }

  void filter_narrow() const {
    const int offset = scaled(0x80);
    const bool hev = std::max(difference(-2, -1), difference(1, 0)) > scaled(thresh_);
    const int ps1 = line_[-2] - offset, ps0 = line_[-1] - offset;
    const int qs0 = line_[0] - offset, qs1 = line_[1] - offset;
    const int base = filter4_clamp((hev ? filter4_clamp(ps1 - qs1) : 0) + 3 * (qs0 - ps0));
    const int filter1 = filter4_clamp(base + 4) >> 3, filter2 = filter4_clamp(base + 3) >> 3;
    line_.set(0, filter4_clamp(qs0 - filter1) + offset);
    line_.set(-1, filter4_clamp(ps0 + filter2) + offset);
    if (hev) return;
    const int outer = (filter1 + 1) >> 1;
    line_.set(1, filter4_clamp(qs1 - outer) + offset);
    line_.set(-2, filter4_clamp(ps1 + outer) + offset);
  }

  void filter_wide(int log2_size) const {
    const int n = log2_size == 4 ? 6 : chroma_ ? 2 : 3;
    const int n2 = log2_size == 3 && !chroma_ ? 0 : 1;
    std::array<int, 12> filtered;
    for (int i = -n; i < n; ++i) {
      int t = 1 << (log2_size - 1);
      for (int j = -n; j <= n; ++j)
        t += line_[std::clamp(i + j, -(n + 1), n)] * (abs(j) <= n2 ? 2 : 1);
      filtered[static_cast<std::size_t>(i + n)] = t >> log2_size;
    }
    for (int i = -n; i < n; ++i) line_.set(i, filtered[static_cast<std::size_t>(i + n)]);
  }

  const Line line_;
  const bool chroma_;
  const int size_, bit_depth_;
  int limit_, blimit_, thresh_, length_;
};

// Filters all edges of one direction in one plane.
class PlaneDeblocking {
 public:
  PlaneDeblocking(const PictureJob& job, const UnitMap& units, const PictureView& recon,
                  Component component, bool vertical_edges)
      : job_(job),
        units_(units),
        plane_(recon.plane(component)),
        component_(component),
        chroma_(component != Component::y),
        vertical_(vertical_edges) {}

  void run() const {
    const int step = chroma_ ? 2 : 1;
    for (int row = 0; row * 4 < static_cast<int>(job_.height); row += step)
      for (int column = 0; column * 4 < static_cast<int>(job_.width); column += step)
        if ((vertical_ ? column : row) != 0) filter_edge(row, column);
  }

 private:
  // 7.14.2, for a unit inside the picture.
  void filter_edge(int row, int column) const {
    const int sub = chroma_ ? 1 : 0;
    const int x = column * 4 >> sub, y = row * 4 >> sub;
    row |= sub;
    column |= sub;
    const Unit& unit = units_.at(row, column);
    const Unit& before =
        units_.at(row - (vertical_ ? 0 : 1 << sub), column - (vertical_ ? 1 << sub : 0));
    if (!is_filtered(unit, vertical_ ? x : y)) return;
    const int size_log2 = std::min({unit.transform_log2(chroma_, vertical_),
                                    before.transform_log2(chroma_, vertical_), chroma_ ? 3 : 4});
    const std::size_t i = chroma_ ? static_cast<std::size_t>(component_) + 1 : vertical_ ? 0 : 1;
    const int level = unit.level(i) != 0 ? unit.level(i) : before.level(i);
    if (level == 0) return;
    for (int line = 0; line < 4; ++line)
      deblock_line(plane_, x + (vertical_ ? 0 : line), y + (vertical_ ? line : 0), vertical_,
                   chroma_, {1 << size_log2, level, static_cast<int>(job_.sharpness)});
  }

  // applyFilter, for the edge before the unit at this position.
  bool is_filtered(const Unit& unit, int position) const {
    const bool is_block_edge = position % (1 << unit.block_log2(chroma_, vertical_)) == 0;
    const bool is_tx_edge = position % (1 << unit.transform_log2(chroma_, vertical_)) == 0;
    return is_tx_edge && (is_block_edge || !unit.skip() || !unit.is_inter());
  }

  const PictureJob& job_;
  const UnitMap& units_;
  const Plane plane_;
  const Component component_;
  const bool chroma_, vertical_;
};

}  // namespace

void deblock_line(const Plane& plane, int x, int y, bool vertical_edge, bool chroma,
                  const EdgeStrength& strength) {
  const Line line(plane, x, y, vertical_edge);
  EdgeFilter(line, chroma, strength, static_cast<int>(plane.bit_depth)).filter();
}

void deblock_picture(const PictureJob& job, const PictureView& recon) {
  if (!job.deblocks()) return;
  const UnitMap units(job);
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    const auto plane = static_cast<std::size_t>(component);
    if (plane > 0 && (job.monochrome || job.filter_level[plane + 1] == 0)) continue;
    for (const bool vertical_edges : {true, false})
      PlaneDeblocking(job, units, recon, component, vertical_edges).run();
  }
}

}  // namespace daedalus::av1::scalar
