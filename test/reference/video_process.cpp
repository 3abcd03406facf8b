#include "reference/video_process.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace daedalus::video::scalar {

namespace {

uint32_t byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return static_cast<uint32_t>(bytes[at]);
}

// The integers of the shader.
class Follower {
 public:
  Follower(const Plan& plan, std::span<const std::byte> source) : plan_(plan), source_(source) {}

  bool in_region(uint32_t x, uint32_t y) const {
    const auto& [begin_x, begin_y] = plan_.constants.region_begin;
    const auto& [end_x, end_y] = plan_.constants.region_end;
    return x >= begin_x && y >= begin_y && x < end_x && y < end_y;
  }

  // Tables 0 and 1: luma at luma. 2 and 3: chroma at luma. 4 and 5: chroma at chroma.
  int64_t filtered(int table, uint32_t x, uint32_t y, uint32_t step, uint32_t component) const {
    if (plan_.constants.flags & Constants::turned) std::swap(x, y);
    const auto column = taps(table, x), row = taps(table + 1, y);
    const uint32_t plane = table == 0 ? 0 : plan_.constants.source_chroma_offset;
    int64_t sum = 0;
    for (uint32_t j = 0; j < row.weights.size(); ++j) {
      int64_t along = 0;
      for (uint32_t i = 0; i < column.weights.size(); ++i) {
        const std::size_t at = plane + std::size_t{row.first + j} * plan_.constants.source_pitch +
                               (column.first + i) * step + component;
        along += column.weights[i] * byte_at(source_, at);
      }
      sum += row.weights[j] * ((along + 32) >> 6);
    }
    return std::clamp<int64_t>((sum + 8192) >> 14, 0, 255 * 256);
  }

  uint8_t converted(int row, int64_t luma, int64_t cb, int64_t cr) const {
    const auto* factors = &plan_.constants.matrix[static_cast<std::size_t>(row) * 4];
    const int64_t value = factors[0] * luma + factors[1] * cb + factors[2] * cr + factors[3];
    return static_cast<uint8_t>(std::clamp<int64_t>(value >> 21, 0, 255));
  }

 private:
  struct Taps {
    uint32_t first;
    std::vector<int64_t> weights;
  };
  Taps taps(int table, uint32_t index) const {
    const uint32_t word = plan_.constants.tables[static_cast<std::size_t>(table)];
    const uint32_t count = word & 0xff;
    const std::size_t at = (word >> 8) + std::size_t{index} * (1 + (count + 1) / 2);
    Taps result{plan_.tables[at], {}};
    for (uint32_t i = 0; i < count; ++i)
      result.weights.push_back(static_cast<int16_t>(plan_.tables[at + 1 + i / 2] >> (i % 2 * 16)));
    return result;
  }

  const Plan& plan_;
  std::span<const std::byte> source_;
};

void follow_rgb(const Plan& plan, const Follower& follower, const PictureLayout& target,
                std::vector<std::byte>& result) {
  const auto& constants = plan.constants;
  for (uint32_t y = 0; y < target.height; ++y) {
    for (uint32_t x = 0; x < target.width; ++x) {
      std::array<uint8_t, 4> sample = {static_cast<uint8_t>(constants.background),
                                       static_cast<uint8_t>(constants.background >> 8),
                                       static_cast<uint8_t>(constants.background >> 16),
                                       static_cast<uint8_t>(constants.background >> 24)};
      if (follower.in_region(x, y)) {
        const uint32_t i = x - constants.region_begin[0], j = y - constants.region_begin[1];
        const auto luma = follower.filtered(0, i, j, 1, 0);
        const auto cb = follower.filtered(2, i, j, 2, 0), cr = follower.filtered(2, i, j, 2, 1);
        sample = {follower.converted(2, luma, cb, cr), follower.converted(1, luma, cb, cr),
                  follower.converted(0, luma, cb, cr), 255};
        if (target.format == PictureFormat::rgba) std::swap(sample[0], sample[2]);
      }
      for (std::size_t i = 0; i < 4; ++i)
        result[std::size_t{y} * target.pitch + x * 4 + i] = static_cast<std::byte>(sample[i]);
    }
  }
}

void follow_luma(const Plan& plan, const Follower& follower, const PictureLayout& target,
                 std::vector<std::byte>& result) {
  const auto& constants = plan.constants;
  for (uint32_t y = 0; y < target.height; ++y) {
    for (uint32_t x = 0; x < target.width; ++x) {
      auto sample = static_cast<uint8_t>(constants.background);
      if (follower.in_region(x, y)) {
        const uint32_t i = x - constants.region_begin[0], j = y - constants.region_begin[1];
        const bool mixes = constants.flags & Constants::mixes_chroma;
        sample = follower.converted(0, follower.filtered(0, i, j, 1, 0),
                                    mixes ? follower.filtered(2, i, j, 2, 0) : 0,
                                    mixes ? follower.filtered(2, i, j, 2, 1) : 0);
      }
      result[std::size_t{y} * target.pitch + x] = static_cast<std::byte>(sample);
    }
  }
}

void follow_chroma(const Plan& plan, const Follower& follower, const PictureLayout& target,
                   std::vector<std::byte>& result) {
  const auto& constants = plan.constants;
  for (uint32_t y = 0; y < (target.height + 1) / 2; ++y) {
    for (uint32_t x = 0; x < (target.width + 1) / 2; ++x) {
      std::array<uint8_t, 2> pair = {static_cast<uint8_t>(constants.background_chroma),
                                     static_cast<uint8_t>(constants.background_chroma >> 8)};
      if (follower.in_region(2 * x, 2 * y)) {
        const uint32_t i = x - (constants.region_begin[0] + 1) / 2;
        const uint32_t j = y - (constants.region_begin[1] + 1) / 2;
        const auto cb = follower.filtered(4, i, j, 2, 0), cr = follower.filtered(4, i, j, 2, 1);
        pair = {follower.converted(1, 0, cb, cr), follower.converted(2, 0, cb, cr)};
      }
      const std::size_t at = target.chroma_offset + std::size_t{y} * target.pitch + x * 2;
      result[at] = static_cast<std::byte>(pair[0]);
      result[at + 1] = static_cast<std::byte>(pair[1]);
    }
  }
}

// Real numbers.
struct Point {
  double x, y;
};

// Where a point of the target, as a part of its region, lies in the source.
Point turned_back(const Process& process, Point at) {
  if (process.mirror_horizontally) at.x = 1 - at.x;
  if (process.mirror_vertically) at.y = 1 - at.y;
  switch (process.rotation) {
    case Rotation::none:
      return at;
    case Rotation::clockwise_90:
      return {at.y, 1 - at.x};
    case Rotation::clockwise_180:
      return {1 - at.x, 1 - at.y};
    case Rotation::clockwise_270:
      return {1 - at.y, at.x};
  }
  return at;
}

double kernel(Scaling scaling, double x) {
  x = std::abs(x);
  if (scaling == Scaling::bilinear) return std::max(0.0, 1 - x);
  if (x <= 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
  return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
}

class Ideal {
 public:
  Ideal(const Process& process, std::span<const std::byte> source, const PictureLayout& layout)
      : process_(process), source_(source), layout_(layout) {}

  // Y, Cb, Cr at a luma position of the target. `chroma_step`: how many luma samples of the target
  // lie between those that are asked for.
  std::array<double, 3> at(double x, double y, double chroma_step) const {
    const auto& from = process_.source_region;
    const auto& to = process_.target_region;
    const Point part =
        turned_back(process_, {(x - to.x + 0.5) / to.width, (y - to.y + 0.5) / to.height});
    const double source_x = from.x + part.x * from.width - 0.5;
    const double source_y = from.y + part.y * from.height - 0.5;
    const bool turned =
        process_.rotation == Rotation::clockwise_90 || process_.rotation == Rotation::clockwise_270;
    const double ratio_x = static_cast<double>(from.width) / (turned ? to.height : to.width);
    const double ratio_y = static_cast<double>(from.height) / (turned ? to.width : to.height);
    const auto offset = [](Siting siting) { return siting == Siting::between ? 0.5 : 0; };
    const auto& color = process_.source_color;
    const double chroma_x = (source_x - offset(color.horizontal)) / 2;
    const double chroma_y = (source_y - offset(color.vertical)) / 2;
    const double chroma_ratio = chroma_step / 2;
    return {sample(0, source_x, source_y, ratio_x, ratio_y),
            sample(1, chroma_x, chroma_y, ratio_x * chroma_ratio, ratio_y * chroma_ratio),
            sample(2, chroma_x, chroma_y, ratio_x * chroma_ratio, ratio_y * chroma_ratio)};
  }

 private:
  double sample(int component, double x, double y, double ratio_x, double ratio_y) const {
    const double wide = std::clamp(ratio_x, 1.0, 16.0), high = std::clamp(ratio_y, 1.0, 16.0);
    const double reach = process_.scaling == Scaling::bilinear ? 1 : 2;
    double sum = 0, weights = 0;
    for (double j = std::floor(y - reach * high); j <= y + reach * high; ++j) {
      const double row_weight = kernel(process_.scaling, (j - y) / high);
      for (double i = std::floor(x - reach * wide); i <= x + reach * wide; ++i) {
        const double weight = row_weight * kernel(process_.scaling, (i - x) / wide);
        sum += weight * stored(component, i, j);
        weights += weight;
      }
    }
    return std::clamp(sum / weights, 0.0, 255.0);
  }

  // Beyond the region its border samples go on.
  double stored(int component, double x, double y) const {
    const auto& region = process_.source_region;
    const uint32_t scale = component == 0 ? 1 : 2;
    const auto inside = [&](double at, uint32_t begin, uint32_t length) {
      const double last = (begin + length - 1) / scale;
      return static_cast<std::size_t>(std::clamp<double>(at, begin / scale, last));
    };
    const std::size_t column = inside(x, region.x, region.width);
    const std::size_t row = inside(y, region.y, region.height);
    if (component == 0) return byte_at(source_, row * layout_.pitch + column);
    return byte_at(source_, layout_.chroma_offset + row * layout_.pitch + column * 2 +
                                static_cast<std::size_t>(component - 1));
  }

  const Process& process_;
  std::span<const std::byte> source_;
  const PictureLayout& layout_;
};

struct Weights {
  double red, green, blue;
};

Weights weights_of(Matrix matrix) {
  switch (matrix) {
    case Matrix::bt601:
      return {0.299, 0.587, 0.114};
    case Matrix::bt709:
      return {0.2126, 0.7152, 0.0722};
    case Matrix::bt2020:
      break;
  }
  return {0.2627, 0.678, 0.0593};
}

// R, G, B from 0 to 1.
std::array<double, 3> rgb_of(const std::array<double, 3>& sample, const Color& color) {
  const bool limited = color.range == Range::limited;
  const double y = limited ? (sample[0] - 16) / 219 : sample[0] / 255;
  const double cb = (sample[1] - 128) / (limited ? 224 : 255);
  const double cr = (sample[2] - 128) / (limited ? 224 : 255);
  const auto [kr, kg, kb] = weights_of(color.matrix);
  const double red = y + 2 * (1 - kr) * cr, blue = y + 2 * (1 - kb) * cb;
  return {red, (y - kr * red - kb * blue) / kg, blue};
}

std::array<double, 3> ycbcr_of(const std::array<double, 3>& rgb, const Color& color) {
  const auto [kr, kg, kb] = weights_of(color.matrix);
  const double y = kr * rgb[0] + kg * rgb[1] + kb * rgb[2];
  const double cb = (rgb[2] - y) / (2 * (1 - kb)), cr = (rgb[0] - y) / (2 * (1 - kr));
  if (color.range == Range::full) return {y * 255, cb * 255 + 128, cr * 255 + 128};
  return {y * 219 + 16, cb * 224 + 128, cr * 224 + 128};
}

bool covers(const Rectangle& region, uint32_t x, uint32_t y) {
  return x >= region.x && y >= region.y && x < region.x + region.width &&
         y < region.y + region.height;
}

void ideal_rgb(const Process& process, const Ideal& ideal, const PictureLayout& target,
               std::vector<double>& result) {
  const bool limited = process.target_color.range == Range::limited;
  for (uint32_t y = 0; y < target.height; ++y) {
    for (uint32_t x = 0; x < target.width; ++x) {
      if (!covers(process.target_region, x, y)) continue;
      auto rgb = rgb_of(ideal.at(x, y, 1), process.source_color);
      for (double& value : rgb)
        value = std::clamp(limited ? value * 219 + 16 : value * 255, 0.0, 255.0);
      if (target.format == PictureFormat::bgra) std::swap(rgb[0], rgb[2]);
      double* sample = &result[std::size_t{y} * target.pitch + x * 4];
      std::copy(rgb.begin(), rgb.end(), sample);
      sample[3] = 255;
    }
  }
}

void ideal_nv12(const Process& process, const Ideal& ideal, const PictureLayout& target,
                std::vector<double>& result) {
  const auto at = [&](double x, double y, double step) {
    auto sample =
        ycbcr_of(rgb_of(ideal.at(x, y, step), process.source_color), process.target_color);
    for (double& value : sample) value = std::clamp(value, 0.0, 255.0);
    return sample;
  };
  const auto offset = [](Siting siting) { return siting == Siting::between ? 0.5 : 0; };
  for (uint32_t y = 0; y < target.height; ++y) {
    for (uint32_t x = 0; x < target.width; ++x) {
      if (!covers(process.target_region, x, y)) continue;
      result[std::size_t{y} * target.pitch + x] = at(x, y, 1)[0];
      if (x % 2 != 0 || y % 2 != 0) continue;
      const auto sample = at(x + offset(process.target_color.horizontal),
                             y + offset(process.target_color.vertical), 2);
      double* pair = &result[target.chroma_offset + std::size_t{y / 2} * target.pitch + x];
      pair[0] = sample[1];
      pair[1] = sample[2];
    }
  }
}

}  // namespace

std::vector<std::byte> follow(const Plan& plan, std::span<const std::byte> source,
                              const PictureLayout& target) {
  std::vector<std::byte> result(target.size);
  const Follower follower(plan, source);
  if (target.format != PictureFormat::nv12) {
    follow_rgb(plan, follower, target, result);
  } else {
    follow_luma(plan, follower, target, result);
    follow_chroma(plan, follower, target, result);
  }
  return result;
}

std::vector<double> ideal(const Process& process, std::span<const std::byte> source,
                          const PictureLayout& source_layout, const PictureLayout& target) {
  std::vector<double> result(target.size, -1);
  const Ideal ideal(process, source, source_layout);
  if (target.format == PictureFormat::nv12)
    ideal_nv12(process, ideal, target, result);
  else
    ideal_rgb(process, ideal, target, result);
  return result;
}

}  // namespace daedalus::video::scalar
