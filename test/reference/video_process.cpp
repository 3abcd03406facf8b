// SPDX-License-Identifier: MIT
#include "reference/video_process.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace daedalus::video::scalar {

namespace {

// The address of a component's first sample, and the bytes between samples.
struct ComponentPlane {
  std::size_t begin;
  uint32_t pitch, step;
};

// Components are Y, Cb and Cr.
ComponentPlane plane_of(const PictureLayout& layout, uint32_t component) {
  const uint32_t pitch = layout.pitch, chroma = layout.chroma_offset;
  switch (layout.format) {
    case PictureFormat::i420:
      if (component == 0) return {0, pitch, 1};
      return {component == 1 ? chroma : layout.cr_offset, pitch / 2, 1};
    case PictureFormat::yuy2:
      return component == 0 ? ComponentPlane{0, pitch, 2}
                            : ComponentPlane{component == 1 ? 1u : 3u, pitch, 4};
    case PictureFormat::uyvy:
      return component == 0 ? ComponentPlane{1, pitch, 2}
                            : ComponentPlane{component == 1 ? 0u : 2u, pitch, 4};
    case PictureFormat::p010:
      return component == 0 ? ComponentPlane{0, pitch, 2}
                            : ComponentPlane{chroma + (component == 1 ? 0u : 2u), pitch, 4};
    default:
      return component == 0 ? ComponentPlane{0, pitch, 1}
                            : ComponentPlane{chroma + (component == 1 ? 0u : 1u), pitch, 2};
  }
}

// The address of a sample; chroma positions count chroma rows and columns.
std::size_t address(const PictureLayout& layout, uint32_t component, std::size_t x, std::size_t y) {
  const auto plane = plane_of(layout, component);
  return plane.begin + y * plane.pitch + x * plane.step;
}

uint32_t read(std::span<const std::byte> bytes, const PictureLayout& layout, uint32_t component,
              std::size_t x, std::size_t y) {
  const std::size_t at = address(layout, component, x, y);
  const auto low = static_cast<uint32_t>(bytes[at]);
  if (layout.format != PictureFormat::p010) return low;
  return (low | static_cast<uint32_t>(bytes[at + 1]) << 8) >> 6;
}

void write(std::vector<std::byte>& bytes, const PictureLayout& layout, uint32_t component,
           std::size_t x, std::size_t y, uint32_t sample) {
  const std::size_t at = address(layout, component, x, y);
  if (layout.format != PictureFormat::p010) {
    bytes[at] = static_cast<std::byte>(sample);
    return;
  }
  bytes[at] = static_cast<std::byte>(sample << 6);
  bytes[at + 1] = static_cast<std::byte>(sample >> 2);
}

int bits_of(const PictureLayout& layout) {
  return static_cast<int>(traits_of(layout.format).bits);
}
double largest_of(const PictureLayout& layout) {
  return (1 << bits_of(layout)) - 1;
}

bool has_all_rows_of_chroma(const PictureLayout& layout) {
  return layout.format == PictureFormat::yuy2 || layout.format == PictureFormat::uyvy;
}

// Computes with the shader's integers.
class Follower {
 public:
  Follower(const Plan& plan, std::span<const std::byte> source, const PictureLayout& source_layout,
           const PictureLayout& target)
      : plan_(plan),
        source_(source),
        layout_(source_layout),
        source_fraction_(bits_of(source_layout) - 8),
        target_fraction_(bits_of(target) - 8) {}

  bool in_region(uint32_t x, uint32_t y) const {
    const auto& [begin_x, begin_y] = plan_.constants.region_begin;
    const auto& [end_x, end_y] = plan_.constants.region_end;
    return x >= begin_x && y >= begin_y && x < end_x && y < end_y;
  }

  // Tables 0 and 1: luma at luma positions. 2 and 3: chroma at luma. 4 and 5: chroma at chroma.
  int64_t filtered(int table, uint32_t x, uint32_t y, uint32_t component) const {
    if (plan_.constants.flags & Constants::turned) std::swap(x, y);
    const auto column = taps(table, x), row = taps(table + 1, y);
    const int bits = 6 + source_fraction_;
    const uint32_t step = plan_.constants.flags & Constants::one_field ? 2 : 1;
    int64_t sum = 0;
    for (uint32_t j = 0; j < row.weights.size(); ++j) {
      int64_t along = 0;
      for (uint32_t i = 0; i < column.weights.size(); ++i)
        along += column.weights[i] * read(source_, layout_, component, column.first + i,
                                          row.first + std::size_t{j} * step);
      sum += row.weights[j] * ((along + (1 << (bits - 1))) >> bits);
    }
    const int64_t largest = (256 << source_fraction_) - 1;
    return std::clamp<int64_t>((sum + 8192) >> 14, 0, largest << (8 - source_fraction_));
  }

  uint32_t converted(int row, int64_t luma, int64_t cb, int64_t cr) const {
    const auto* factors = &plan_.constants.matrix[static_cast<std::size_t>(row) * 4];
    const int64_t value = factors[0] * luma + factors[1] * cb + factors[2] * cr + factors[3];
    const int64_t largest = (256 << target_fraction_) - 1;
    return static_cast<uint32_t>(std::clamp<int64_t>(value >> (21 - target_fraction_), 0, largest));
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
  const PictureLayout& layout_;
  int source_fraction_, target_fraction_;  // bits above 8
};

void follow_rgb(const Plan& plan, const Follower& follower, const PictureLayout& target,
                std::vector<std::byte>& result) {
  const auto& constants = plan.constants;
  for (uint32_t y = 0; y < target.height; ++y) {
    for (uint32_t x = 0; x < target.width; ++x) {
      std::array<uint32_t, 4> sample = {constants.background, constants.background >> 8,
                                        constants.background >> 16, constants.background >> 24};
      if (follower.in_region(x, y)) {
        const uint32_t i = x - constants.region_begin[0], j = y - constants.region_begin[1];
        const auto luma = follower.filtered(0, i, j, 0);
        const auto cb = follower.filtered(2, i, j, 1), cr = follower.filtered(2, i, j, 2);
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
      uint32_t sample = constants.background;
      if (follower.in_region(x, y)) {
        const uint32_t i = x - constants.region_begin[0], j = y - constants.region_begin[1];
        const bool mixes = constants.flags & Constants::mixes_chroma;
        sample = follower.converted(0, follower.filtered(0, i, j, 0),
                                    mixes ? follower.filtered(2, i, j, 1) : 0,
                                    mixes ? follower.filtered(2, i, j, 2) : 0);
      }
      write(result, target, 0, x, y, sample);
    }
  }
}

void follow_chroma(const Plan& plan, const Follower& follower, const PictureLayout& target,
                   std::vector<std::byte>& result) {
  const auto& constants = plan.constants;
  for (uint32_t y = 0; y < (target.height + 1) / 2; ++y) {
    for (uint32_t x = 0; x < (target.width + 1) / 2; ++x) {
      const int distance = target.format == PictureFormat::nv12 ? 8 : 16;
      std::array<uint32_t, 2> pair = {constants.background_chroma & ((1 << distance) - 1),
                                      constants.background_chroma >> distance};
      if (follower.in_region(2 * x, 2 * y)) {
        const uint32_t i = x - (constants.region_begin[0] + 1) / 2;
        const uint32_t j = y - (constants.region_begin[1] + 1) / 2;
        const auto cb = follower.filtered(4, i, j, 1), cr = follower.filtered(4, i, j, 2);
        pair = {follower.converted(1, 0, cb, cr), follower.converted(2, 0, cb, cr)};
      }
      write(result, target, 1, x, y, pair[0]);
      write(result, target, 2, x, y, pair[1]);
    }
  }
}

// In real numbers.
struct Point {
  double x, y;
};

// Maps a point of the target region to the source region, both from 0 to 1.
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

  // Y, Cb, Cr at a luma position of the target. `chroma_step` is the distance between requested
  // samples, in luma samples of the target.
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
    const bool all_rows = has_all_rows_of_chroma(layout_);
    const double chroma_y = all_rows ? source_y : (source_y - offset(color.vertical)) / 2;
    const double wide = ratio_x * chroma_step / 2;
    const double high = ratio_y * (all_rows ? chroma_step : chroma_step / 2);
    return {sample(0, source_x, source_y, ratio_x, ratio_y),
            sample(1, chroma_x, chroma_y, wide, high), sample(2, chroma_x, chroma_y, wide, high)};
  }

 private:
  // The rows that are read: all, or one field's if the region contains any of its rows.
  struct Rows {
    double first, step;
  };
  Rows rows_of(uint32_t component) const {
    const auto& region = process_.source_region;
    const uint32_t scale = component == 0 || has_all_rows_of_chroma(layout_) ? 1 : 2;
    const uint32_t begin = region.y / scale, last = (region.y + region.height - 1) / scale;
    const uint32_t parity = process_.bottom_field ? 1 : 0;
    const bool has_field = begin != last || begin % 2 == parity;
    return process_.deinterlacing == Deinterlacing::bob && has_field ? Rows{1.0 * parity, 2}
                                                                     : Rows{0, 1};
  }

  double sample(uint32_t component, double x, double y, double ratio_x, double ratio_y) const {
    const auto [first_row, step] = rows_of(component);
    y = (y - first_row) / step;
    ratio_y /= step;
    const double wide = std::clamp(ratio_x, 1.0, 16.0), high = std::clamp(ratio_y, 1.0, 16.0);
    const double reach = process_.scaling == Scaling::bilinear ? 1 : 2;
    double sum = 0, weights = 0;
    for (double j = std::floor(y - reach * high); j <= y + reach * high; ++j) {
      const double row_weight = kernel(process_.scaling, (j - y) / high);
      for (double i = std::floor(x - reach * wide); i <= x + reach * wide; ++i) {
        const double weight = row_weight * kernel(process_.scaling, (i - x) / wide);
        sum += weight * stored(component, i, j, first_row, step);
        weights += weight;
      }
    }
    return std::clamp(sum / weights, 0.0, largest_of(layout_));
  }

  // Outside the region its border samples repeat.
  double stored(uint32_t component, double x, double y, double first_row, double step) const {
    const auto& region = process_.source_region;
    const uint32_t columns = component == 0 ? 1 : 2;
    const uint32_t rows = has_all_rows_of_chroma(layout_) ? 1 : columns;
    const double first_column = region.x / columns;
    const double last_column = (region.x + region.width - 1) / columns;
    const double first = std::ceil((region.y / rows - first_row) / step);
    const double last = std::floor(((region.y + region.height - 1) / rows - first_row) / step);
    return read(source_, layout_, component,
                static_cast<std::size_t>(std::clamp(x, first_column, last_column)),
                static_cast<std::size_t>(first_row + step * std::clamp(y, first, last)));
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
std::array<double, 3> rgb_of(const std::array<double, 3>& sample, const Color& color, int bits) {
  const bool limited = color.range == Range::limited;
  const double scale = 1 << (bits - 8), largest = (1 << bits) - 1;
  const double y = limited ? (sample[0] / scale - 16) / 219 : sample[0] / largest;
  const auto chroma = [&](double value) {
    return (value - 128 * scale) / (limited ? 224 * scale : largest);
  };
  const double cb = chroma(sample[1]), cr = chroma(sample[2]);
  const auto [kr, kg, kb] = weights_of(color.matrix);
  const double red = y + 2 * (1 - kr) * cr, blue = y + 2 * (1 - kb) * cb;
  return {red, (y - kr * red - kb * blue) / kg, blue};
}

std::array<double, 3> ycbcr_of(const std::array<double, 3>& rgb, const Color& color, int bits) {
  const auto [kr, kg, kb] = weights_of(color.matrix);
  const double scale = 1 << (bits - 8), largest = (1 << bits) - 1;
  const double y = kr * rgb[0] + kg * rgb[1] + kb * rgb[2];
  const double cb = (rgb[2] - y) / (2 * (1 - kb)), cr = (rgb[0] - y) / (2 * (1 - kr));
  if (color.range == Range::full)
    return {y * largest, cb * largest + 128 * scale, cr * largest + 128 * scale};
  return {(y * 219 + 16) * scale, (cb * 224 + 128) * scale, (cr * 224 + 128) * scale};
}

bool covers(const Rectangle& region, uint32_t x, uint32_t y) {
  return x >= region.x && y >= region.y && x < region.x + region.width &&
         y < region.y + region.height;
}

void ideal_rgb(const Process& process, const Ideal& ideal, const PictureLayout& target,
               int source_bits, std::vector<double>& result) {
  const bool limited = process.target_color.range == Range::limited;
  for (uint32_t y = 0; y < target.height; ++y) {
    for (uint32_t x = 0; x < target.width; ++x) {
      if (!covers(process.target_region, x, y)) continue;
      auto rgb = rgb_of(ideal.at(x, y, 1), process.source_color, source_bits);
      for (double& value : rgb)
        value = std::clamp(limited ? value * 219 + 16 : value * 255, 0.0, 255.0);
      if (target.format == PictureFormat::bgra) std::swap(rgb[0], rgb[2]);
      double* sample = &result[std::size_t{y} * target.pitch + x * 4];
      std::copy(rgb.begin(), rgb.end(), sample);
      sample[3] = 255;
    }
  }
}

void ideal_yuv(const Process& process, const Ideal& ideal, const PictureLayout& target,
               int source_bits, std::vector<double>& result) {
  const auto at = [&](double x, double y, double step) {
    auto sample = ycbcr_of(rgb_of(ideal.at(x, y, step), process.source_color, source_bits),
                           process.target_color, bits_of(target));
    for (double& value : sample) value = std::clamp(value, 0.0, largest_of(target));
    return sample;
  };
  const auto offset = [](Siting siting) { return siting == Siting::between ? 0.5 : 0; };
  for (uint32_t y = 0; y < target.height; ++y) {
    for (uint32_t x = 0; x < target.width; ++x) {
      if (!covers(process.target_region, x, y)) continue;
      result[address(target, 0, x, y)] = at(x, y, 1)[0];
      if (x % 2 != 0 || y % 2 != 0) continue;
      const auto sample = at(x + offset(process.target_color.horizontal),
                             y + offset(process.target_color.vertical), 2);
      for (uint32_t component : {1, 2})
        result[address(target, component, x / 2, y / 2)] = sample[component];
    }
  }
}

}  // namespace

std::vector<std::byte> follow(const Plan& plan, std::span<const std::byte> source,
                              const PictureLayout& source_layout, const PictureLayout& target) {
  std::vector<std::byte> result(target.size);
  const Follower follower(plan, source, source_layout, target);
  if (traits_of(target.format).rgb) {
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
  if (traits_of(target.format).rgb)
    ideal_rgb(process, ideal, target, bits_of(source_layout), result);
  else
    ideal_yuv(process, ideal, target, bits_of(source_layout), result);
  return result;
}

}  // namespace daedalus::video::scalar
