// SPDX-License-Identifier: MIT
#include "reference/av1/intra_prediction.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "reference/av1/intra_tables.h"
#include "reference/av1/masks.h"

namespace daedalus::av1::scalar {

namespace {

constexpr int max_side = 128;
using Prediction = std::array<std::array<int, max_side>, max_side>;

// AboveRow or LeftCol, starting at index -16.
class Edge {
 public:
  int& operator[](int i) { return samples_[i + 16]; }

 private:
  std::array<int, 16 + 2 * max_side + 2 * 64> samples_{};
};

// An unpacked record, in samples of the plane.
struct Record {
  Record(const PictureJob& job, uint32_t list, const IntraRecord& record)
      : mode(static_cast<IntraMode>(record.mode >> intra_mode::mode_shift & 31)),
        angle(static_cast<int>(record.mode >> intra_mode::angle_shift & 511)),
        sub_mode(record.mode >> intra_mode::sub_mode_shift & 31),
        have_left((record.mode & intra_mode::have_left) != 0),
        have_above((record.mode & intra_mode::have_above) != 0),
        have_above_right((record.mode & intra_mode::have_above_right) != 0),
        have_below_left((record.mode & intra_mode::have_below_left) != 0),
        smooth_edge((record.mode & intra_mode::smooth_edge) != 0),
        x(static_cast<int>(record.place >> transform_place::x_shift & 2047) * 4),
        y(static_cast<int>(record.place >> transform_place::y_shift & 2047) * 4),
        max_x((static_cast<int>(in_units(job.width)) * 4 >> list) - 1),
        max_y((static_cast<int>(in_units(job.height)) * 4 >> list) - 1),
        end_x(static_cast<int>(in_64s(job.width)) * 64 >> list),
        end_y(static_cast<int>(in_64s(job.height)) * 64 >> list) {
    if (mode == IntraMode::copy || mode == IntraMode::inter_intra) {
      log2_w = static_cast<int>(record.place >> 22 & 7) + 1;
      log2_h = static_cast<int>(record.place >> 25 & 7) + 1;
    } else {
      const uint32_t size = record.place >> transform_place::size_shift & 31;
      log2_w = tx_width_log2[size];
      log2_h = tx_height_log2[size];
    }
    w = 1 << log2_w;
    h = 1 << log2_h;
  }

  IntraMode mode;
  int angle;
  uint32_t sub_mode;
  bool have_left, have_above, have_above_right, have_below_left, smooth_edge;
  int x, y, max_x, max_y, end_x, end_y, log2_w, log2_h, w, h;
};

int round2(int value, int bits) {
  return bits == 0 ? value : (value + (1 << (bits - 1))) >> bits;
}

int round2_signed(int value, int bits) {
  return value >= 0 ? round2(value, bits) : -round2(-value, bits);
}

// Predicts one component from its neighbours (7.11.2).
class Neighbours {
 public:
  Neighbours(const Record& record, const Plane& plane, bool edge_filter)
      : r_(record), plane_(plane), edge_filter_(edge_filter) {
    read_above();
    read_left();
    const int base = 1 << (plane.bit_depth - 1);
    above_[-1] = left_[-1] = r_.have_above && r_.have_left ? plane(r_.x - 1, r_.y - 1)
                             : r_.have_above               ? plane(r_.x, r_.y - 1)
                             : r_.have_left                ? plane(r_.x - 1, r_.y)
                                                           : base;
  }

  void predict(IntraMode mode, uint32_t filter_mode, Prediction& pred);

 private:
  void read_above();
  void read_left();
  void filter(uint32_t filter_mode, Prediction& pred);
  void directional(Prediction& pred);
  void dc(Prediction& pred);
  void smooth(IntraMode mode, Prediction& pred);
  void paeth(Prediction& pred);
  int filter_strength(int delta) const;
  bool upsamples(int delta) const;
  static void filter_edge(Edge& edge, int size, int strength);
  void upsample(Edge& edge, int count) const;

  const Record& r_;
  const Plane& plane_;
  const bool edge_filter_;
  Edge above_, left_;
};

void Neighbours::read_above() {
  const int limit = std::min(r_.max_x, r_.x + (r_.have_above_right ? 2 * r_.w : r_.w) - 1);
  for (int i = 0; i < r_.w + r_.h; ++i)
    above_[i] = r_.have_above  ? plane_(std::min(limit, r_.x + i), r_.y - 1)
                : r_.have_left ? plane_(r_.x - 1, r_.y)
                               : (1 << (plane_.bit_depth - 1)) - 1;
}

void Neighbours::read_left() {
  const int limit = std::min(r_.max_y, r_.y + (r_.have_below_left ? 2 * r_.h : r_.h) - 1);
  for (int i = 0; i < r_.w + r_.h; ++i)
    left_[i] = r_.have_left    ? plane_(r_.x - 1, std::min(limit, r_.y + i))
               : r_.have_above ? plane_(r_.x, r_.y - 1)
                               : (1 << (plane_.bit_depth - 1)) + 1;
}

void Neighbours::predict(IntraMode mode, uint32_t filter_mode, Prediction& pred) {
  switch (mode) {
    case IntraMode::filter:
      return filter(filter_mode, pred);
    case IntraMode::dc:
    case IntraMode::cfl:
      return dc(pred);
    case IntraMode::smooth:
    case IntraMode::smooth_v:
    case IntraMode::smooth_h:
      return smooth(mode, pred);
    case IntraMode::paeth:
      return paeth(pred);
    default:
      return directional(pred);
  }
}

// 7.11.2.2
void Neighbours::paeth(Prediction& pred) {
  for (int i = 0; i < r_.h; ++i) {
    for (int j = 0; j < r_.w; ++j) {
      const int base = above_[j] + left_[i] - above_[-1];
      const int to_left = std::abs(base - left_[i]), to_top = std::abs(base - above_[j]);
      const int to_corner = std::abs(base - above_[-1]);
      pred[i][j] = to_left <= to_top && to_left <= to_corner ? left_[i]
                   : to_top <= to_corner                     ? above_[j]
                                                             : above_[-1];
    }
  }
}

// 7.11.2.3
void Neighbours::filter(uint32_t filter_mode, Prediction& pred) {
  for (int i2 = 0; i2 < r_.h; i2 += 2) {
    for (int j4 = 0; j4 < r_.w; j4 += 4) {
      std::array<int, 7> p;
      for (int i = 0; i < 5; ++i)
        p[i] = i2 == 0             ? above_[j4 + i - 1]
               : j4 == 0 && i == 0 ? left_[i2 - 1]
                                   : pred[i2 - 1][j4 + i - 1];
      for (int i = 5; i < 7; ++i) p[i] = j4 == 0 ? left_[i2 + i - 5] : pred[i2 + i - 5][j4 - 1];
      for (int at = 0; at < 8; ++at) {
        int sum = 0;
        for (int i = 0; i < 7; ++i) sum += intra_filter_taps[filter_mode][at][i] * p[i];
        pred[i2 + at / 4][j4 + at % 4] = plane_.clip(round2_signed(sum, 4));
      }
    }
  }
}

// 7.11.2.5
void Neighbours::dc(Prediction& pred) {
  int sum = 0, count = 0;
  if (r_.have_left) {
    for (int k = 0; k < r_.h; ++k) sum += left_[k];
    count += r_.h;
  }
  if (r_.have_above) {
    for (int k = 0; k < r_.w; ++k) sum += above_[k];
    count += r_.w;
  }
  const int average = count == 0 ? 1 << (plane_.bit_depth - 1) : (sum + (count >> 1)) / count;
  for (int i = 0; i < r_.h; ++i) std::fill_n(pred[i].begin(), r_.w, average);
}

// 7.11.2.6
void Neighbours::smooth(IntraMode mode, Prediction& pred) {
  const uint8_t* const x = smooth_weights + r_.w - 4;
  const uint8_t* const y = smooth_weights + r_.h - 4;
  for (int i = 0; i < r_.h; ++i) {
    for (int j = 0; j < r_.w; ++j) {
      const int vertical = y[i] * above_[j] + (256 - y[i]) * left_[r_.h - 1];
      const int horizontal = x[j] * left_[i] + (256 - x[j]) * above_[r_.w - 1];
      pred[i][j] = mode == IntraMode::smooth     ? round2(vertical + horizontal, 9)
                   : mode == IntraMode::smooth_v ? round2(vertical, 8)
                                                 : round2(horizontal, 8);
    }
  }
}

// 7.11.2.9
int Neighbours::filter_strength(int delta) const {
  const int d = std::abs(delta), sum = r_.w + r_.h;
  if (r_.smooth_edge) {
    if (sum <= 8) return d >= 64 ? 2 : d >= 40 ? 1 : 0;
    if (sum <= 16) return d >= 48 ? 2 : d >= 20 ? 1 : 0;
    if (sum <= 24) return d >= 4 ? 3 : 0;
    return 3;
  }
  if (sum <= 8) return d >= 56 ? 1 : 0;
  if (sum <= 16) return d >= 40 ? 1 : 0;
  if (sum <= 24) return d >= 32 ? 3 : d >= 16 ? 2 : d >= 8 ? 1 : 0;
  if (sum <= 32) return d >= 32 ? 3 : d >= 4 ? 2 : 1;
  return 3;
}

// 7.11.2.10
bool Neighbours::upsamples(int delta) const {
  const int d = std::abs(delta);
  return d > 0 && d < 40 && r_.w + r_.h <= (r_.smooth_edge ? 8 : 16);
}

// 7.11.2.12
void Neighbours::filter_edge(Edge& edge, int size, int strength) {
  constexpr int kernels[3][5] = {{0, 4, 8, 4, 0}, {0, 5, 6, 5, 0}, {2, 4, 4, 4, 2}};
  if (strength == 0) return;
  Edge copy = edge;
  for (int i = 1; i < size; ++i) {
    int sum = 0;
    for (int j = 0; j < 5; ++j)
      sum += kernels[strength - 1][j] * copy[std::clamp(i - 2 + j, 0, size - 1) - 1];
    edge[i - 1] = (sum + 8) >> 4;
  }
}

// 7.11.2.11
void Neighbours::upsample(Edge& edge, int count) const {
  std::array<int, 64> dup;
  dup[0] = edge[-1];
  for (int i = -1; i < count; ++i) dup[i + 2] = edge[i];
  dup[count + 2] = edge[count - 1];
  edge[-2] = dup[0];
  for (int i = 0; i < count; ++i) {
    edge[2 * i - 1] =
        plane_.clip(round2(-dup[i] + 9 * dup[i + 1] + 9 * dup[i + 2] - dup[i + 3], 4));
    edge[2 * i] = dup[i + 2];
  }
}

// 7.11.2.4
void Neighbours::directional(Prediction& pred) {
  const int angle = r_.angle, w = r_.w, h = r_.h;
  int up_above = 0, up_left = 0;
  if (edge_filter_ && angle != 90 && angle != 180) {
    if (angle > 90 && angle < 180 && w + h >= 24)
      above_[-1] = left_[-1] = round2(left_[0] * 5 + above_[-1] * 6 + above_[0] * 5, 4);
    if (r_.have_above)
      filter_edge(above_, std::min(w, r_.max_x - r_.x + 1) + (angle < 90 ? h : 0) + 1,
                  filter_strength(angle - 90));
    if (r_.have_left)
      filter_edge(left_, std::min(h, r_.max_y - r_.y + 1) + (angle > 180 ? w : 0) + 1,
                  filter_strength(angle - 180));
    up_above = upsamples(angle - 90);
    up_left = upsamples(angle - 180);
    if (up_above != 0) upsample(above_, w + (angle < 90 ? h : 0));
    if (up_left != 0) upsample(left_, h + (angle > 180 ? w : 0));
  }
  const bool between_both = angle > 90 && angle < 180;
  const int dx = angle < 90     ? dr_intra_derivative[angle]
                 : between_both ? dr_intra_derivative[180 - angle]
                                : 0;
  const int dy = angle > 180    ? dr_intra_derivative[270 - angle]
                 : between_both ? dr_intra_derivative[angle - 90]
                                : 0;
  const auto between = [](Edge& edge, int base, int shift) {
    return round2(edge[base] * (32 - shift) + edge[base + 1] * shift, 5);
  };
  for (int i = 0; i < h; ++i) {
    for (int j = 0; j < w; ++j) {
      int& out = pred[i][j];
      if (angle == 90) {
        out = above_[j];
      } else if (angle == 180) {
        out = left_[i];
      } else if (angle < 90) {
        const int idx = (i + 1) * dx, base = (idx >> (6 - up_above)) + (j << up_above);
        const int most = (w + h - 1) << up_above;
        out = base < most ? between(above_, base, ((idx << up_above) >> 1) & 31) : above_[most];
      } else if (angle > 180) {
        const int idx = (j + 1) * dy, base = (idx >> (6 - up_left)) + (i << up_left);
        out = between(left_, base, ((idx << up_left) >> 1) & 31);
      } else {
        int idx = (j << 6) - (i + 1) * dx, base = idx >> (6 - up_above);
        if (base >= -(1 << up_above)) {
          out = between(above_, base, ((idx << up_above) >> 1) & 31);
        } else {
          idx = (i << 6) - (j + 1) * dy;
          base = idx >> (6 - up_left);
          out = between(left_, base, ((idx << up_left) >> 1) & 31);
        }
      }
    }
  }
}

void write(const Record& r, const Plane& plane, const Prediction& pred) {
  for (int i = 0; i < r.h && r.y + i < r.end_y; ++i)
    for (int j = 0; j < r.w && r.x + j < r.end_x; ++j) plane.set(r.x + j, r.y + i, pred[i][j]);
}

// 7.11.5
void add_luma(const Record& r, const IntraRecord& record, bool cr, const Plane& luma,
              const Plane& plane, Prediction& pred) {
  const int alpha = static_cast<int8_t>(record.detail >> (cr ? 8 : 0) & 0xff);
  const int max_x = r.x * 2 + static_cast<int>(record.detail >> 16 & 0xff) * 4 - 2;
  const int max_y = r.y * 2 + static_cast<int>(record.detail >> 24) * 4 - 2;
  std::array<std::array<int, 32>, 32> l;
  int sum = 0;
  for (int i = 0; i < r.h; ++i) {
    for (int j = 0; j < r.w; ++j) {
      const int x = std::min((r.x + j) * 2, max_x), y = std::min((r.y + i) * 2, max_y);
      l[i][j] = (luma(x, y) + luma(x + 1, y) + luma(x, y + 1) + luma(x + 1, y + 1)) << 1;
      sum += l[i][j];
    }
  }
  const int average = round2(sum, r.log2_w + r.log2_h);
  for (int i = 0; i < r.h; ++i)
    for (int j = 0; j < r.w; ++j)
      pred[i][j] = plane.clip(pred[i][j] + round2_signed(alpha * (l[i][j] - average), 6));
}

// 7.11.4
void read_palette(const PictureJob& job, const Record& r, const IntraRecord& record, uint32_t shift,
                  Prediction& pred) {
  const uint32_t* const palette = job.palettes.data() + record.detail;
  const int x0 = static_cast<int>(palette[0] >> transform_place::x_shift & 2047) * 4;
  const int y0 = static_cast<int>(palette[0] >> transform_place::y_shift & 2047) * 4;
  const uint32_t* const map = palette + palette_header_words + palette_colors;
  for (int i = 0; i < r.h; ++i) {
    for (int j = 0; j < r.w; ++j) {
      const auto x = static_cast<uint32_t>(r.x - x0 + j), y = static_cast<uint32_t>(r.y - y0 + i);
      const uint32_t index = map[y * palette[1] + x / 8] >> 4 * (x % 8) & 7;
      pred[i][j] = static_cast<int>(palette[palette_header_words + index] >> shift & 0xffff);
    }
  }
}

// Intra block copy: whole samples, and half samples of chroma by the bilinear filter.
void copy(const Record& r, const IntraRecord& record, uint32_t list, const Plane& plane,
          Prediction& pred) {
  const int mv_x = static_cast<int16_t>(record.detail & 0xffff);
  const int mv_y = static_cast<int16_t>(record.detail >> 16);
  const int shift = list == 0 ? 3 : 4;
  const int half_x = list == 0 ? 0 : mv_x >> 3 & 1, half_y = list == 0 ? 0 : mv_y >> 3 & 1;
  const auto at = [&](int x, int y) {
    return plane(std::clamp(x, 0, r.max_x), std::clamp(y, 0, r.max_y));
  };
  for (int i = 0; i < r.h; ++i) {
    for (int j = 0; j < r.w; ++j) {
      const int x = r.x + j + (mv_x >> shift), y = r.y + i + (mv_y >> shift);
      const int sum = at(x, y) + at(x + half_x, y) + at(x, y + half_y) + at(x + half_x, y + half_y);
      pred[i][j] = round2(sum, 2);
    }
  }
}

// 7.11.3.14
void blend(const Record& r, const IntraRecord& record, uint32_t list, const Plane& plane,
           Prediction& pred) {
  const bool wedge = (record.mode & intra_mode::wedge) != 0;
  const uint32_t index = record.mode >> intra_mode::wedge_index_shift & 15;
  const auto luma_mask = [&](int x, int y) {
    return wedge_mask(record.detail, false, index, x, y);
  };
  for (int i = 0; i < r.h && r.y + i <= r.max_y; ++i) {
    for (int j = 0; j < r.w && r.x + j <= r.max_x; ++j) {
      const int m = !wedge ? inter_intra_mask(static_cast<IntraMode>(r.sub_mode), r.w, r.h, j, i)
                    : list == 0 ? luma_mask(j, i)
                                : chroma_mask(luma_mask, j, i);
      pred[i][j] = round2(m * pred[i][j] + (64 - m) * plane(r.x + j, r.y + i), 6);
    }
  }
}

}  // namespace

void predict_intra(const PictureJob& job, uint32_t list, const IntraRecord& record,
                   const PictureView& target) {
  const Record r(job, list, record);
  const Plane luma = target.plane(Component::y);
  static thread_local Prediction pred;
  for (uint32_t c = list; c <= 2 * list; ++c) {
    const Plane plane = target.plane(static_cast<Component>(c));
    const bool whole = r.mode == IntraMode::inter_intra;
    if (r.mode == IntraMode::palette) {
      read_palette(job, r, record, c == 2 ? 16 : 0, pred);
    } else if (r.mode == IntraMode::copy) {
      copy(r, record, list, plane, pred);
    } else {
      Neighbours neighbours(r, plane, job.enable_intra_edge_filter);
      neighbours.predict(whole ? static_cast<IntraMode>(r.sub_mode) : r.mode, r.sub_mode, pred);
    }
    if (r.mode == IntraMode::cfl) add_luma(r, record, c == 2, luma, plane, pred);
    if (whole) blend(r, record, list, plane, pred);
    write(r, plane, pred);
  }
}

}  // namespace daedalus::av1::scalar
