// SPDX-License-Identifier: MIT
#include "reference/av1/inter_prediction.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "reference/av1/masks.h"
#include "vulkan/av1/prediction_tables.h"

namespace daedalus::av1::scalar {
namespace {

constexpr int taps = 8;
constexpr int inter_round_0 = 3;  // InterRound0

uint32_t bits(uint32_t word, uint32_t shift, uint32_t count) {
  return word >> shift & ((1u << count) - 1);
}

int round2(int value, int shift) {
  return shift == 0 ? value : (value + (1 << (shift - 1))) >> shift;
}

// A rectangle of a plane, in samples.
struct Area {
  int x, y, width, height;
};

// preds[] of a rectangle, in raster order.
class Prediction {
 public:
  Prediction() = default;
  Prediction(int width, int height)
      : width_(width), values_(static_cast<std::size_t>(width * height)) {}
  int& operator()(int x, int y) { return values_[static_cast<std::size_t>(y * width_ + x)]; }
  int operator()(int x, int y) const { return values_[static_cast<std::size_t>(y * width_ + x)]; }

 private:
  int width_ = 0;
  std::vector<int> values_;
};

// Parameters of a prediction from one reference.
struct Source {
  uint32_t reference;
  uint32_t kernel_x, kernel_y;
  MotionVector mv;
  int inter_round_1;  // InterRound1
};

struct Position {
  int x, y;
};

Area area_of(uint32_t place) {
  namespace p = prediction_place;
  return {static_cast<int>(bits(place, p::x_shift, 12) * 2),
          static_cast<int>(bits(place, p::y_shift, 12) * 2), 2 << bits(place, p::width_shift, 3),
          2 << bits(place, p::height_shift, 3)};
}

int tap(uint32_t kernel, int fraction, int i) {
  return 2 * halved_subpel_filters[kernel][static_cast<std::size_t>(fraction)]
                                  [static_cast<std::size_t>(i)];
}

// The row or column of Warped_Filters for a position with 16 fractional bits.
const FilterTaps& warp_filter(int position) {
  return warped_filters[static_cast<std::size_t>(round2(position, 10) + 64)];
}

class Predictor {
 public:
  Predictor(const PictureJob& job, const PictureView& target,
            std::span<const PictureView, reference_count> references)
      : job_(job),
        target_(target),
        references_(references),
        width_(static_cast<int>(in_units(job.width) * 4)),
        height_(static_cast<int>(in_units(job.height) * 4)),
        mask_pitch_(width_ + 128),
        difference_masks_(static_cast<std::size_t>(mask_pitch_ * (height_ + 128))) {}

  void predict(const PredictionRecord& record, Component component) {
    const Area area = area_of(record.place);
    const uint32_t second = bits(record.head, prediction_head::reference_1_shift, 3);
    if (second == no_reference) {
      store(component, area, from_reference(record, component, area, 0));
    } else {
      predict_compound(record, component, area);
    }
    if (record.head & prediction_head::has_overlaps) blend_overlaps(record, component, area);
  }

 private:
  // The rest of 7.11.3.1 for a prediction from two references.
  void predict_compound(const PredictionRecord& record, Component component, const Area& area) {
    const std::array preds = {from_reference(record, component, area, 0),
                              from_reference(record, component, area, 1)};
    const auto compound =
        static_cast<Compound>(bits(record.head, prediction_head::compound_shift, 3));
    if (compound == Compound::difference && component == Component::y)
      make_difference_mask(record, area, preds);
    Prediction result(area.width, area.height);
    for (int y = 0; y < area.height; ++y) {
      for (int x = 0; x < area.width; ++x) {
        const int first = preds[0](x, y), second = preds[1](x, y);
        if (compound == Compound::average) {
          result(x, y) = round2(first + second, 1 + inter_post_round);
        } else if (compound == Compound::distance) {
          const int weight =
              static_cast<int>(bits(record.head, prediction_head::weight_0_shift, 4));
          result(x, y) = round2(weight * first + (16 - weight) * second, 4 + inter_post_round);
        } else {
          const int m = mask(record, component, area, x, y);
          result(x, y) = round2(m * first + (64 - m) * second, 6 + inter_post_round);
        }
      }
    }
    store(component, area, result);
  }

  // 7.11.3.12
  void make_difference_mask(const PredictionRecord& record, const Area& area,
                            const std::array<Prediction, 2>& preds) {
    const bool inverse = (record.head & prediction_head::mask_inverse) != 0;
    for (int y = 0; y < area.height; ++y) {
      for (int x = 0; x < area.width; ++x) {
        const int difference = round2(std::abs(preds[0](x, y) - preds[1](x, y)),
                                      static_cast<int>(job_.bit_depth) - 8 + inter_post_round);
        const int m = std::clamp(38 + difference / 16, 0, 64);
        difference_mask(area.x + x, area.y + y) = static_cast<uint8_t>(inverse ? 64 - m : m);
      }
    }
  }

  uint8_t& difference_mask(int x, int y) {
    return difference_masks_[static_cast<std::size_t>(y * mask_pitch_ + x)];
  }

  // m of 7.11.3.14, for a sample of the rectangle.
  int mask(const PredictionRecord& record, Component component, const Area& area, int x, int y) {
    namespace head = prediction_head;
    const bool is_wedge =
        static_cast<Compound>(bits(record.head, head::compound_shift, 3)) == Compound::wedge;
    const int shift = component == Component::y ? 0 : 1;
    const auto luma = [&](int luma_x, int luma_y) -> int {
      if (is_wedge)
        return wedge_mask(record.block_size, (record.head & head::wedge_sign) != 0,
                          bits(record.head, head::wedge_index_shift, 4), luma_x, luma_y);
      return difference_mask((area.x << shift) + luma_x, (area.y << shift) + luma_y);
    };
    return component == Component::y ? luma(x, y) : chroma_mask(luma, x, y);
  }

  // Samples outside the padded size are not used.
  bool is_inside(Component component, int x, int y) const {
    const int shift = component == Component::y ? 0 : 1;
    return x < width_ >> shift && y < height_ >> shift;
  }

  void store(Component component, const Area& area, const Prediction& values) const {
    const Plane plane = target_.plane(component);
    for (int y = 0; y < area.height; ++y)
      for (int x = 0; x < area.width; ++x)
        if (is_inside(component, area.x + x, area.y + y))
          plane.set(area.x + x, area.y + y, plane.clip(values(x, y)));
  }

  Prediction from_reference(const PredictionRecord& record, Component component, const Area& area,
                            uint32_t list) const {
    namespace head = prediction_head;
    const uint32_t shift = list == 0 ? head::reference_0_shift : head::reference_1_shift;
    const bool is_compound = bits(record.head, head::reference_1_shift, 3) != no_reference;
    const Source source = {bits(record.head, shift, 3), bits(record.head, head::kernel_x_shift, 3),
                           bits(record.head, head::kernel_y_shift, 3),
                           list == 0 ? record.mv_0 : record.mv_1, is_compound ? 7 : 11};
    if (!(record.head & (list == 0 ? head::warp_0 : head::warp_1)))
      return block_inter_prediction(source, component, area);
    const uint32_t matrix = list == 0 ? record.warp : source.reference;
    Prediction pred(area.width, area.height);
    for (int y = 0; y < area.height; y += 8)
      for (int x = 0; x < area.width; x += 8)
        block_warp(source, component, job_.warps[matrix], area, {x, y}, pred);
    return pred;
  }

  Position last_sample(uint32_t reference, Component component) const {
    const uint32_t chroma = component == Component::y ? 0 : 1;
    return {static_cast<int>((job_.references[reference].width + chroma) >> chroma) - 1,
            static_cast<int>((job_.references[reference].height + chroma) >> chroma) - 1};
  }

  // 7.11.3.3 and 7.11.3.4
  Prediction block_inter_prediction(const Source& source, Component component,
                                    const Area& area) const {
    const ReferenceSize& size = job_.references[source.reference];
    const int chroma = component == Component::y ? 0 : 1;
    const auto [start_x, step_x] =
        scale_position(area.x, (2 * source.mv[1]) >> chroma, size.width, job_.width);
    const auto [start_y, step_y] =
        scale_position(area.y, (2 * source.mv[0]) >> chroma, size.height, job_.height);
    const Plane plane = references_[source.reference].plane(component);
    const Position last = last_sample(source.reference, component);

    const int rows = (((area.height - 1) * step_y + (1 << 10) - 1) >> 10) + taps;
    Prediction intermediate(area.width, rows);
    for (int row = 0; row < rows; ++row) {
      const int y = std::clamp((start_y >> 10) + row - 3, 0, last.y);
      for (int column = 0; column < area.width; ++column) {
        const int position = start_x + step_x * column;
        int sum = 0;
        for (int t = 0; t < taps; ++t)
          sum += tap(source.kernel_x, position >> 6 & 15, t) *
                 plane(std::clamp((position >> 10) + t - 3, 0, last.x), y);
        intermediate(column, row) = round2(sum, inter_round_0);
      }
    }
    Prediction pred(area.width, area.height);
    for (int row = 0; row < area.height; ++row) {
      const int position = (start_y & 1023) + step_y * row;
      for (int column = 0; column < area.width; ++column) {
        int sum = 0;
        for (int t = 0; t < taps; ++t)
          sum += tap(source.kernel_y, position >> 6 & 15, t) *
                 intermediate(column, (position >> 10) + t);
        pred(column, row) = round2(sum, source.inter_round_1);
      }
    }
    return pred;
  }

  // 7.11.3.5, for 8x8 samples of the rectangle.
  void block_warp(const Source& source, Component component, const WarpRecord& warp,
                  const Area& area, const Position& corner, Prediction& pred) const {
    const int chroma = component == Component::y ? 0 : 1;
    const auto [alpha, beta, gamma, delta] = warp.shear;
    const int source_x = (area.x + corner.x + 4) << chroma;
    const int source_y = (area.y + corner.y + 4) << chroma;
    const auto& matrix = warp.matrix;
    const int x4 = (matrix[2] * source_x + matrix[3] * source_y + matrix[0]) >> chroma;
    const int y4 = (matrix[4] * source_x + matrix[5] * source_y + matrix[1]) >> chroma;
    const Plane plane = references_[source.reference].plane(component);
    const Position last = last_sample(source.reference, component);

    Prediction intermediate(8, 15);
    for (int row = -7; row < 8; ++row) {
      const int y = std::clamp((y4 >> 16) + row, 0, last.y);
      for (int column = -4; column < 4; ++column) {
        const FilterTaps& filter = warp_filter((x4 & 0xffff) + alpha * column + beta * row);
        int sum = 0;
        for (int t = 0; t < taps; ++t)
          sum += filter[static_cast<std::size_t>(t)] *
                 plane(std::clamp((x4 >> 16) + column - 3 + t, 0, last.x), y);
        intermediate(column + 4, row + 7) = round2(sum, inter_round_0);
      }
    }
    for (int row = -4; row < 4; ++row) {
      for (int column = -4; column < 4; ++column) {
        const FilterTaps& filter = warp_filter((y4 & 0xffff) + gamma * column + delta * row);
        int sum = 0;
        for (int t = 0; t < taps; ++t)
          sum += filter[static_cast<std::size_t>(t)] * intermediate(column + 4, row + t + 4);
        pred(corner.x + column + 4, corner.y + row + 4) = round2(sum, source.inter_round_1);
      }
    }
  }

  // 7.11.3.9: first the overlaps above, then those on the left.
  void blend_overlaps(const PredictionRecord& record, Component component, const Area& area) const {
    const uint32_t first = bits(record.overlaps, 0, 24);
    const uint32_t above = bits(record.overlaps, 24, 4), left = bits(record.overlaps, 28, 4);
    for (uint32_t i = 0; i < above + left; ++i) {
      const OverlapRecord& overlap = job_.overlaps[first + i];
      const int offset = static_cast<int>(bits(overlap.span, 0, 8));
      const int length = static_cast<int>(bits(overlap.span, 8, 8));
      const int depth = static_cast<int>(bits(overlap.span, 16, 8));
      const Area covered = i < above ? Area{area.x + offset, area.y, length, depth}
                                     : Area{area.x, area.y + offset, depth, length};
      const Source source = {bits(overlap.head, prediction_head::reference_0_shift, 3),
                             bits(overlap.head, prediction_head::kernel_x_shift, 3),
                             bits(overlap.head, prediction_head::kernel_y_shift, 3), overlap.mv,
                             11};
      blend(component, covered, block_inter_prediction(source, component, covered), i < above,
            depth);
    }
  }

  // 7.11.3.10
  void blend(Component component, const Area& area, const Prediction& other, bool is_above,
             int mask_length) const {
    const Plane plane = target_.plane(component);
    for (int y = 0; y < area.height; ++y) {
      for (int x = 0; x < area.width; ++x) {
        if (!is_inside(component, area.x + x, area.y + y)) continue;
        const int m = obmc_masks[static_cast<std::size_t>(mask_length - 2 + (is_above ? y : x))];
        const int own = plane(area.x + x, area.y + y);
        plane.set(area.x + x, area.y + y, round2(m * own + (64 - m) * plane.clip(other(x, y)), 6));
      }
    }
  }

  static constexpr int inter_post_round = 4;  // InterPostRound for two references

  const PictureJob& job_;
  const PictureView target_;
  std::span<const PictureView, reference_count> references_;
  const int width_, height_;  // padded
  const int mask_pitch_;
  std::vector<uint8_t> difference_masks_;  // Mask of the luma samples that are predicted with one
};

int round2_signed(int64_t value, int shift) {
  const int64_t half = int64_t{1} << (shift - 1);
  return static_cast<int>(value < 0 ? -((-value + half) >> shift) : (value + half) >> shift);
}

}  // namespace

ScaledStart scale_position(int sample, int vector, uint32_t reference_size, uint32_t size) {
  constexpr int half_sample = 8;
  const int64_t scale = ((reference_size << 14) + size / 2) / size;
  const int original = (sample << 4) + vector + half_sample;
  const int64_t base = original * scale - (half_sample << 14);
  return {round2_signed(base, 8) + 32, round2_signed(scale, 4)};
}

void predict_inter(const PictureJob& job, const PictureView& target,
                   std::span<const PictureView, reference_count> references) {
  Predictor predictor(job, target, references);
  for (std::size_t plane = 0; plane < 2; ++plane) {
    std::size_t count = 0;
    for (const AreaCounts& counts : job.prediction_counts[plane])
      for (const uint32_t n : counts) count += n;
    for (const PredictionRecord& record : job.predictions[plane].first(count)) {
      if (plane == 0) {
        predictor.predict(record, Component::y);
      } else {
        predictor.predict(record, Component::cb);
        predictor.predict(record, Component::cr);
      }
    }
  }
}

}  // namespace daedalus::av1::scalar
