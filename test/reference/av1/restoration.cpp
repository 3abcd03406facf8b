// SPDX-License-Identifier: MIT
#include "reference/av1/restoration.h"

#include <algorithm>
#include <array>

namespace daedalus::av1::scalar {
namespace {

constexpr int sgr_params[16][4] = {{2, 12, 1, 4},  {2, 15, 1, 6},  {2, 18, 1, 8},  {2, 21, 1, 9},
                                   {2, 24, 1, 10}, {2, 29, 1, 11}, {2, 36, 1, 12}, {2, 45, 1, 13},
                                   {2, 56, 1, 14}, {2, 68, 1, 15}, {0, 0, 1, 5},   {0, 0, 1, 8},
                                   {0, 0, 1, 11},  {0, 0, 1, 14},  {2, 30, 0, 0},  {2, 75, 0, 0}};

int64_t round2(int64_t value, int bits) {
  return bits == 0 ? value : (value + (int64_t{1} << (bits - 1))) >> bits;
}

int signed_bits(uint32_t word, uint32_t shift, uint32_t count) {
  return static_cast<int32_t>(word << (32 - shift - count)) >> (32 - count);
}

// One component's samples around a stripe (7.17.6).
class StripeSource {
 public:
  StripeSource(const Plane& recon, const Plane& filtered, int last_x, int last_y)
      : recon_(recon), filtered_(filtered), last_x_(last_x), last_y_(last_y) {}
  void set_stripe(int start, int end) {
    start_ = start;
    end_ = end;
  }
  int at(int x, int y) const {
    x = std::clamp(x, 0, last_x_);
    y = std::clamp(y, 0, last_y_);
    if (y < start_) return recon_(x, std::max(start_ - 2, y));
    if (y > end_) return recon_(x, std::min(end_ + 2, y));
    return filtered_(x, y);
  }
  int filtered(int x, int y) const { return filtered_(x, y); }
  int last_x() const { return last_x_; }
  int last_y() const { return last_y_; }

 private:
  const Plane recon_, filtered_;
  const int last_x_, last_y_;
  int start_ = 0, end_ = 0;
};

// 7.17.4, one sample.
int wiener_sample(const StripeSource& source, const RestorationUnit& unit, int x, int y,
                  int bit_depth) {
  std::array<int, 7> vertical, horizontal;
  const auto make = [](uint32_t packed, std::array<int, 7>& filter) {
    filter[3] = 128;
    for (std::size_t i = 0; i < 3; ++i) {
      const int c = signed_bits(packed, static_cast<uint32_t>(8 * i), 8);
      filter[i] = filter[6 - i] = c;
      filter[3] -= 2 * c;
    }
  };
  make(unit.vertical, vertical);
  make(unit.horizontal, horizontal);
  constexpr int round_0 = 3, round_1 = 11, filter_bits = 7;
  const int offset = 1 << (bit_depth + filter_bits - round_0 - 1);
  const int limit = (1 << (bit_depth + 1 + filter_bits - round_0)) - 1;
  int64_t sum = 0;
  for (int r = 0; r < 7; ++r) {
    int64_t s = 0;
    for (int t = 0; t < 7; ++t)
      s += horizontal[static_cast<std::size_t>(t)] * source.at(x + t - 3, y + r - 3);
    sum += vertical[static_cast<std::size_t>(r)] *
           std::clamp<int64_t>(round2(s, round_0), -offset, limit - offset);
  }
  return static_cast<int>(round2(sum, round_1));
}

// An element of A and B of 7.17.3.
struct Box {
  int a, b;
};

Box box(const StripeSource& source, int x, int y, int r, int eps, int bit_depth) {
  const int n = (2 * r + 1) * (2 * r + 1);
  const int n2e = n * n * eps;
  const int s = ((1 << 20) + n2e / 2) / n2e;
  int64_t a = 0, b = 0;
  for (int dy = -r; dy <= r; ++dy) {
    for (int dx = -r; dx <= r; ++dx) {
      const int c = source.at(x + dx, y + dy);
      a += c * c;
      b += c;
    }
  }
  const int64_t d = round2(b, bit_depth - 8);
  const int64_t p = std::max<int64_t>(0, round2(a, 2 * (bit_depth - 8)) * n - d * d);
  const int64_t z = round2(p * s, 20);
  const int64_t a2 = z >= 255 ? 256 : z == 0 ? 1 : ((z << 8) + z / 2) / (z + 1);
  const int64_t one_over_n = ((1 << 12) + n / 2) / n;
  return {static_cast<int>(a2), static_cast<int>(round2((256 - a2) * b * one_over_n, 12))};
}

// F of 7.17.3. Blocks begin at even rows, so odd rows of boxes are odd rows of the plane.
int box_filtered(const StripeSource& source, int x, int y, int pass, const int (&params)[4],
                 int bit_depth) {
  const bool odd = (y & 1) != 0;
  int64_t a = 0, b = 0;
  for (int dy = -1; dy <= 1; ++dy) {
    if (pass == 0 && ((y + dy) & 1) == 0) continue;
    for (int dx = -1; dx <= 1; ++dx) {
      const int weight = pass == 0 ? (dx == 0 ? 6 : 5) : (dx == 0 || dy == 0 ? 4 : 3);
      const Box element =
          box(source, x + dx, y + dy, params[pass * 2], params[pass * 2 + 1], bit_depth);
      a += weight * element.a;
      b += weight * element.b;
    }
  }
  const int shift = pass == 0 && odd ? 4 : 5;
  return static_cast<int>(round2(a * source.filtered(x, y) + b, 8 + shift - 4));
}

// 7.17.2, one sample.
int self_guided_sample(const StripeSource& source, const RestorationUnit& unit, int x, int y,
                       int bit_depth) {
  const auto& params = sgr_params[unit.vertical & 15];
  const int w0 = signed_bits(unit.horizontal, 0, 16), w1 = signed_bits(unit.horizontal, 16, 16);
  const int w2 = (1 << 7) - w0 - w1;
  const int u = source.filtered(x, y) << 4;
  const int f0 = params[0] ? box_filtered(source, x, y, 0, params, bit_depth) : u;
  const int f1 = params[2] ? box_filtered(source, x, y, 1, params, bit_depth) : u;
  return static_cast<int>(round2(int64_t{w1} * u + int64_t{w0} * f0 + int64_t{w2} * f1, 4 + 7));
}

class PlaneRestoration {
 public:
  PlaneRestoration(const PictureJob& job, Component component, StripeSource source, Plane target)
      : job_(job),
        plane_(static_cast<std::size_t>(component)),
        sub_(component == Component::y ? 0 : 1),
        source_(source),
        target_(target) {
    unit_log2_ = job.restoration_size_log2[plane_];
    const auto count = [&](int last) {
      return static_cast<int>(restoration_unit_count(static_cast<uint32_t>(last + 1),
                                                     static_cast<uint32_t>(unit_log2_)));
    };
    unit_rows_ = count(source_.last_y());
    unit_columns_ = count(source_.last_x());
  }

  void run() {
    for (int y = 0; y <= source_.last_y(); ++y) {
      const int stripe = ((y << sub_) + 8) / 64, start = (-8 + stripe * 64) >> sub_;
      source_.set_stripe(start, start + (64 >> sub_) - 1);
      for (int x = 0; x <= source_.last_x(); ++x) target_.set(x, y, target_.clip(sample(x, y)));
    }
  }

 private:
  int sample(int x, int y) const {
    if (job_.restoration[plane_] == Restoration::none) return source_.filtered(x, y);
    const RestorationUnit& unit = unit_at(x, y);
    const int bit_depth = static_cast<int>(job_.bit_depth);
    switch (static_cast<Restoration>(unit.type)) {
      case Restoration::wiener:
        return wiener_sample(source_, unit, x, y, bit_depth);
      case Restoration::self_guided:
        return self_guided_sample(source_, unit, x, y, bit_depth);
      default:
        return source_.filtered(x, y);
    }
  }

  // 7.17.1: rows of units are counted in 4x4 luma blocks.
  const RestorationUnit& unit_at(int x, int y) const {
    const int luma_y = (y << sub_) / 4 * 4;
    const int row = std::min(unit_rows_ - 1, ((luma_y + 8) >> sub_) >> unit_log2_);
    const int column = std::min(unit_columns_ - 1, x >> unit_log2_);
    return job_.restoration_units[plane_][static_cast<std::size_t>(row * unit_columns_ + column)];
  }

  const PictureJob& job_;
  const std::size_t plane_;
  const int sub_;
  StripeSource source_;
  const Plane target_;
  int unit_log2_, unit_rows_, unit_columns_;
};

}  // namespace

void restore_picture(const PictureJob& job, const PictureView& recon, const PictureView& filtered,
                     const PictureView& restored) {
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    const int sub = component == Component::y ? 0 : 1;
    if (sub && job.monochrome) break;
    const int width = (static_cast<int>(job.upscaled_width) + sub) >> sub;
    const int height = (static_cast<int>(job.height) + sub) >> sub;
    const StripeSource source(recon.plane(component), filtered.plane(component), width - 1,
                              height - 1);
    PlaneRestoration(job, component, source, restored.plane(component)).run();
  }
}

}  // namespace daedalus::av1::scalar
