// SPDX-License-Identifier: MIT
#include "reference/deinterlace.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace daedalus::video::scalar {

namespace {

// A component of a frame: NV12's and P010's Y, Cb or Cr.
class Component {
 public:
  Component(const Frame& frame, int component, int width, int rows)
      : frame_(frame), component_(component), width_(width), rows_(rows) {}

  static std::size_t address(const PictureLayout& layout, int component, int x, int y) {
    const auto bytes = static_cast<int>(traits_of(layout.format).sample_bytes);
    const int at = component == 0 ? x : 2 * x + component - 1;
    return (component == 0 ? 0 : layout.chroma_offset) +
           static_cast<std::size_t>(y) * layout.pitch + static_cast<std::size_t>(at * bytes);
  }

  // A row beyond the region is replaced by the nearest one of the same field, if there is one.
  int at(int x, int y) const {
    if (y < 0) y += 2;
    if (y >= rows_) y -= 2;
    y = std::clamp(y, 0, rows_ - 1);
    const auto at = address(frame_.layout, component_, std::clamp(x, 0, width_ - 1), y);
    const auto low = static_cast<int>(frame_.bytes[at]);
    if (frame_.layout.format == PictureFormat::nv12) return low;
    return (low | static_cast<int>(frame_.bytes[at + 1]) << 8) >> 6;
  }

  int width() const { return width_; }
  int rows() const { return rows_; }

 private:
  const Frame& frame_;
  int component_, width_, rows_;
};

struct Components {
  Component frame, previous, next;
  const Component &before, &after;  // contain the fields just before and after the kept one
  bool has_references;
};

// How badly the rows above and below match along a line: above, it goes `slope` samples to the
// right, below as many to the left.
int mismatch(const Component& frame, int x, int y, int slope) {
  int sum = 0;
  for (int i = x - 1; i <= x + 1; ++i)
    sum += std::abs(frame.at(i + slope, y - 1) - frame.at(i - slope, y + 1));
  return sum;
}

int along_best_line(const Component& frame, int x, int y, int vertical) {
  if (x < 3 || x + 3 >= frame.width()) return vertical;
  int least = 3 * mismatch(frame, x, y, 0) / 4, result = vertical;
  for (const int side : {-1, 1})
    for (const int slope : {side, 2 * side}) {
      const int sum = mismatch(frame, x, y, slope);
      if (sum >= least) break;
      least = sum;
      result = (frame.at(x + slope, y - 1) + frame.at(x - slope, y + 1)) / 2;
    }
  return result;
}

int interpolated(const Components& all, int x, int y) {
  const int above = all.frame.at(x, y - 1), below = all.frame.at(x, y + 1);
  int vertical = (above + below) / 2;
  const auto both = [&](int row) { return all.before.at(x, row) + all.after.at(x, row); };
  if (all.has_references &&
      std::abs(above - below) > std::abs(all.before.at(x, y) - all.after.at(x, y)))
    vertical += (2 * both(y) - both(y - 2) - both(y + 2)) >> 4;
  return along_best_line(all.frame, x, y, vertical);
}

// Half of the largest difference between consecutive frames: at this row, and above and below it.
int change(const Components& all, int x, int y) {
  const auto kept_field = [&](const Component& other) {
    return std::abs(other.at(x, y - 1) - all.frame.at(x, y - 1)) +
           std::abs(other.at(x, y + 1) - all.frame.at(x, y + 1));
  };
  const int here = std::abs(all.before.at(x, y) - all.after.at(x, y));
  return std::max({here, kept_field(all.previous), kept_field(all.next)}) / 2;
}

// How far the other fields deviate from the kept one, in both directions, at the missing row and
// two rows above and below.
int combing(const Components& all, int x, int y) {
  if (y < 2 || y + 2 >= all.frame.rows()) return 0;
  const auto mean = [&](int row) { return (all.before.at(x, row) + all.after.at(x, row)) / 2; };
  const int above = all.frame.at(x, y - 1), below = all.frame.at(x, y + 1);
  const std::array here = {mean(y) - above, mean(y) - below};
  const std::array beyond = {mean(y - 2) - above, mean(y + 2) - below};
  const int highest = std::max({here[0], here[1], std::min(beyond[0], beyond[1])});
  const int lowest = std::min({here[0], here[1], std::max(beyond[0], beyond[1])});
  return std::max(lowest, -highest);
}

int missing(const Components& all, int x, int y, int largest) {
  const int sample = interpolated(all, x, y);
  if (!all.has_references) return std::clamp(sample, 0, largest);
  const int mean = (all.before.at(x, y) + all.after.at(x, y)) / 2;
  const int most = std::max(change(all, x, y), combing(all, x, y));
  return std::clamp(std::clamp(sample, mean - most, mean + most), 0, largest);
}

void write(std::vector<std::byte>& bytes, const PictureLayout& layout, int component, int x, int y,
           int sample) {
  const auto at = Component::address(layout, component, x, y);
  if (layout.format == PictureFormat::nv12) {
    bytes[at] = static_cast<std::byte>(sample);
    return;
  }
  bytes[at] = static_cast<std::byte>(sample << 6);
  bytes[at + 1] = static_cast<std::byte>(sample >> 2);
}

}  // namespace

std::vector<std::byte> deinterlaced(const Process& process, const Frame& frame,
                                    const Frame* previous, const Frame* next,
                                    const PictureLayout& target) {
  std::vector<std::byte> result(target.size);
  const int largest = (1 << traits_of(target.format).bits) - 1;
  const int kept = process.bottom_field ? 1 : 0;
  for (const int component : {0, 1, 2}) {
    const auto size = [&](uint32_t luma) {
      return static_cast<int>(component == 0 ? luma : (luma + 1) / 2);
    };
    const int width = size(process.source_region.width), rows = size(process.source_region.height);
    const auto of = [&](const Frame* other) {
      return Component(other ? *other : frame, component, width, rows);
    };
    const Component own = of(&frame), earlier = of(previous), later = of(next);
    const Components all{own,
                         earlier,
                         later,
                         process.second_field ? own : earlier,
                         process.second_field ? later : own,
                         previous || next};
    for (int y = 0; y < rows; ++y)
      for (int x = 0; x < width; ++x)
        write(result, target, component, x, y,
              y % 2 == kept ? own.at(x, y) : missing(all, x, y, largest));
  }
  return result;
}

}  // namespace daedalus::video::scalar
