// SPDX-License-Identifier: MIT
#include "reference/h264/inter_prediction.h"

#include <algorithm>
#include <array>

namespace daedalus::h264::scalar {
namespace {

// A 4x4 luma block, or in its top left corner the corresponding 2x2 chroma block.
using Samples = std::array<std::array<int, 4>, 4>;  // [row][column]

// A reference plane whose edge samples repeat endlessly (8.4.2.2).
struct EndlessPlane {
  Plane plane;
  int width, height;

  int operator()(int x, int y) const {
    return plane(std::clamp(x, 0, width - 1), std::clamp(y, 0, height - 1));
  }
};

int six_tap(int a, int b, int c, int d, int e, int f) {
  return a - 5 * b + 20 * c + 20 * d - 5 * e + f;
}

// 8.4.2.2.1: the sample at a quarter position; (x, y) is its full-sample part. Names as in Figure
// 8-4.
int luma_sample(const EndlessPlane& reference, int x, int y, int x_fraction, int y_fraction) {
  const auto row_sum = [&](int row) {  // b1 at row 0, s1 at row 1
    return six_tap(reference(x - 2, y + row), reference(x - 1, y + row), reference(x, y + row),
                   reference(x + 1, y + row), reference(x + 2, y + row), reference(x + 3, y + row));
  };
  const auto column_sum = [&](int column) {  // h1 at column 0, m1 at column 1
    const int i = x + column;
    return six_tap(reference(i, y - 2), reference(i, y - 1), reference(i, y), reference(i, y + 1),
                   reference(i, y + 2), reference(i, y + 3));
  };
  const auto half = [](int sum) { return int{clip1((sum + 16) >> 5)}; };
  const auto average = [](int a, int b) { return (a + b + 1) >> 1; };

  const int full = reference(x, y);  // G
  const auto b = [&] { return half(row_sum(0)); };
  const auto h = [&] { return half(column_sum(0)); };
  const auto m = [&] { return half(column_sum(1)); };
  const auto s = [&] { return half(row_sum(1)); };
  const auto j = [&] {
    const int sum =
        six_tap(row_sum(-2), row_sum(-1), row_sum(0), row_sum(1), row_sum(2), row_sum(3));
    return int{clip1((sum + 512) >> 10)};
  };

  switch (y_fraction * 4 + x_fraction) {
    case 0:
      return full;
    case 1:
      return average(full, b());  // a
    case 2:
      return b();  // b
    case 3:
      return average(b(), reference(x + 1, y));  // c
    case 4:
      return average(full, h());  // d
    case 5:
      return average(b(), h());  // e
    case 6:
      return average(b(), j());  // f
    case 7:
      return average(b(), m());  // g
    case 8:
      return h();  // h
    case 9:
      return average(h(), j());  // i
    case 10:
      return j();  // j
    case 11:
      return average(j(), m());  // k
    case 12:
      return average(h(), reference(x, y + 1));  // n
    case 13:
      return average(h(), s());  // p
    case 14:
      return average(j(), s());  // q
    default:
      return average(s(), m());  // r
  }
}

// 8.4.2.2.2
int chroma_sample(const EndlessPlane& reference, int x, int y, int x_fraction, int y_fraction) {
  const int top = (8 - x_fraction) * reference(x, y) + x_fraction * reference(x + 1, y);
  const int bottom = (8 - x_fraction) * reference(x, y + 1) + x_fraction * reference(x + 1, y + 1);
  return ((8 - y_fraction) * top + y_fraction * bottom + 32) >> 6;
}

// One list's prediction for the 4x4 luma block at (x, y), in luma samples of the picture.
Samples predict_luma(const EndlessPlane& reference, int x, int y, std::array<int16_t, 2> mv) {
  Samples samples{};
  for (int j = 0; j < 4; ++j) {
    for (int i = 0; i < 4; ++i) {
      samples[static_cast<size_t>(j)][static_cast<size_t>(i)] =
          luma_sample(reference, x + i + (mv[0] >> 2), y + j + (mv[1] >> 2), mv[0] & 3, mv[1] & 3);
    }
  }
  return samples;
}

// The same for the 2x2 chroma block at (x, y), in chroma samples. In 4:2:0 a chroma vector is the
// luma vector in eighths of a chroma sample (8.4.1.4).
Samples predict_chroma(const EndlessPlane& reference, int x, int y, std::array<int16_t, 2> mv) {
  Samples samples{};
  for (int j = 0; j < 2; ++j) {
    for (int i = 0; i < 2; ++i) {
      samples[static_cast<size_t>(j)][static_cast<size_t>(i)] = chroma_sample(
          reference, x + i + (mv[0] >> 3), y + j + (mv[1] >> 3), mv[0] & 7, mv[1] & 7);
    }
  }
  return samples;
}

struct Weight {
  int weight, offset;
};

struct Weights {
  std::array<Weight, 2> list;
  int log_wd;
};

Weight explicit_weight(const ExplicitWeight& entry, Component component) {
  const uint32_t word = component == Component::y    ? entry.luma
                        : component == Component::cb ? entry.cb
                                                     : entry.cr;
  return {static_cast<int16_t>(word & 0xffff), static_cast<int16_t>(word >> 16)};
}

// 8.4.2.3, for implicit and explicit mode.
Weights weights_of(const PictureJob& job, const MotionEntry& motion, Component component) {
  if ((motion.weights & 3) == weights_implicit) {
    const int w1 = static_cast<int32_t>(motion.weights) >> 2;
    return {{Weight{64 - w1, 0}, Weight{w1, 0}}, 5};
  }
  const ExplicitWeight& l0 = job.weights[bits(motion.weights, 2, 15)];
  const ExplicitWeight& l1 = job.weights[bits(motion.weights, 17, 15)];
  const bool uses_l0 = (motion.slots & 0xff) != no_reference;
  const uint32_t denominators = (uses_l0 ? l0 : l1).log2_denominators;
  return {{explicit_weight(l0, component), explicit_weight(l1, component)},
          static_cast<int>(bits(denominators, component == Component::y ? 0 : 8, 8))};
}

// 8.4.2.3.2, one list
int weighted(int sample, const Weight& w, int log_wd) {
  const int rounding = log_wd >= 1 ? 1 << (log_wd - 1) : 0;
  return clip1(((sample * w.weight + rounding) >> log_wd) + w.offset);
}

// 8.4.2.3.2, both lists
int weighted(int sample_l0, int sample_l1, const Weights& w) {
  const int sum = sample_l0 * w.list[0].weight + sample_l1 * w.list[1].weight;
  const int offset = (w.list[0].offset + w.list[1].offset + 1) >> 1;
  return clip1(((sum + (1 << w.log_wd)) >> (w.log_wd + 1)) + offset);
}

// A sample's final prediction from the lists' predictions (8.4.2.3).
int combine(const PictureJob& job, const MotionEntry& motion, Component component, int sample_l0,
            int sample_l1) {
  const bool l0 = (motion.slots & 0xff) != no_reference;
  const bool l1 = (motion.slots >> 8 & 0xff) != no_reference;
  const bool both = l0 && l1;
  if ((motion.weights & 3) == weights_default) {
    return both ? (sample_l0 + sample_l1 + 1) >> 1 : l0 ? sample_l0 : sample_l1;
  }
  const Weights weights = weights_of(job, motion, component);
  if (both) return weighted(sample_l0, sample_l1, weights);
  return l0 ? weighted(sample_l0, weights.list[0], weights.log_wd)
            : weighted(sample_l1, weights.list[1], weights.log_wd);
}

// Whether the macroblock refers to fields, and whether it belongs to a bottom field.
bool refers_to_fields(const Macroblock& mb) {
  return mb.job().structure != PictureStructure::frame || mb.is_field();
}
bool is_of_bottom_field(const Macroblock& mb) {
  return mb.is_field() ? mb.is_second_of_pair()
                       : mb.job().structure == PictureStructure::bottom_field;
}

// The view of a frame, or of one of its fields.
PictureView reference_view(const Macroblock& mb,
                           std::span<const PictureView, max_reference_pictures> references,
                           uint32_t slot) {
  if (!refers_to_fields(mb)) return references[slot];
  return references[reference_slot(slot)].field(is_bottom_field(slot));
}

// Table 8-9
std::array<int16_t, 2> chroma_vector(const Macroblock& mb, uint32_t slot,
                                     std::array<int16_t, 2> mv) {
  if (!refers_to_fields(mb)) return mv;
  const bool is_bottom = is_of_bottom_field(mb);
  int offset = 0;
  if (is_bottom_field(slot) && !is_bottom) offset = -2;
  if (!is_bottom_field(slot) && is_bottom) offset = 2;
  return {mv[0], static_cast<int16_t>(mv[1] + offset)};
}

// Predicts the part of a component that belongs to the 4x4 luma block in this column and row.
void predict_block(const Macroblock& mb, int column, int row, Component component,
                   const PictureView& target,
                   std::span<const PictureView, max_reference_pictures> references) {
  const bool luma = component == Component::y;
  const int size = luma ? 4 : 2;
  const int mb_row = mb.is_field() ? mb.row() / 2 : mb.row();
  const int x = (mb.column() * 4 + column) * size, y = (mb_row * 4 + row) * size;
  const int width = static_cast<int>(mb.job().width_in_mbs) * size * 4;
  const int height = static_cast<int>(mb.job().height_in_mbs) * size * 4 / (mb.is_field() ? 2 : 1);
  const MotionEntry& motion = mb.motion(column, row);

  std::array<Samples, 2> prediction{};
  for (uint32_t list = 0; list < 2; ++list) {
    const uint32_t slot = bits(motion.slots, list * 8, 8);
    if (slot == no_reference) continue;
    const EndlessPlane reference{reference_view(mb, references, slot).plane(component), width,
                                 height};
    const std::array<int16_t, 2> mv = list == 0 ? motion.mv_l0 : motion.mv_l1;
    prediction[list] = luma ? predict_luma(reference, x, y, mv)
                            : predict_chroma(reference, x, y, chroma_vector(mb, slot, mv));
  }

  const Plane block = mb.samples(target, component).at(column * size, row * size);
  for (int j = 0; j < size; ++j) {
    for (int i = 0; i < size; ++i) {
      const auto sy = static_cast<size_t>(j), sx = static_cast<size_t>(i);
      block(i, j) = static_cast<uint8_t>(
          combine(mb.job(), motion, component, prediction[0][sy][sx], prediction[1][sy][sx]));
    }
  }
}

}  // namespace

void predict_inter(const Macroblock& mb, const PictureView& target,
                   std::span<const PictureView, max_reference_pictures> references) {
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    for (int row = 0; row < 4; ++row) {
      for (int column = 0; column < 4; ++column) {
        predict_block(mb, column, row, component, target, references);
      }
    }
  }
}

}  // namespace daedalus::h264::scalar
