// SPDX-License-Identifier: MIT
// Checks the scalar reference's inter prediction by properties that hold regardless of its
// formulas.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <vector>

#include "reference/av1/inter_prediction.h"
#include "reference/av1/masks.h"
#include "vulkan/av1/prediction_tables.h"

namespace daedalus::av1::scalar {
namespace {

constexpr uint32_t width = 64, height = 48, pitch = 128;

struct Picture {
  std::vector<std::byte> samples = std::vector<std::byte>(pitch * height * 3 / 2);
  PictureView view() { return {samples.data(), pitch, pitch * height, 8}; }
  int luma(int x, int y) { return view().plane(Component::y)(x, y); }

  void fill(const std::function<int(int, int)>& value) {
    for (const Component component : {Component::y, Component::cb, Component::cr}) {
      const Plane plane = view().plane(component);
      const int shift = component == Component::y ? 0 : 1;
      for (int y = 0; y < static_cast<int>(height) >> shift; ++y)
        for (int x = 0; x < static_cast<int>(width) >> shift; ++x) plane.set(x, y, value(x, y));
    }
  }
};

uint32_t place_of(uint32_t x, uint32_t y, uint32_t width_log2, uint32_t height_log2) {
  namespace p = prediction_place;
  return x / 2 << p::x_shift | y / 2 << p::y_shift | (width_log2 - 1) << p::width_shift |
         (height_log2 - 1) << p::height_shift;
}

constexpr uint32_t single = no_reference << prediction_head::reference_1_shift;
constexpr uint32_t second_too = 1u << prediction_head::reference_1_shift;
constexpr uint32_t compound_of(Compound compound) {
  return second_too | static_cast<uint32_t>(compound) << prediction_head::compound_shift;
}

class Av1PredictionReference : public testing::Test {
 protected:
  // Predicts one 16x16 block at (16, 16).
  void predict(PredictionRecord record) {
    record.place = place_of(16, 16, 4, 4);
    record.block_size = 6;
    predictions_[0] = record;
    record.place = place_of(8, 8, 3, 3);
    predictions_[1] = record;
    job_.width = width;
    job_.height = height;
    for (auto& reference : job_.references) {
      if (reference.width == 0) reference = {width, height};
    }
    for (uint32_t plane = 0; plane < 2; ++plane) {
      job_.predictions[plane] = {&predictions_[plane], 1};
      job_.prediction_counts[plane] = {};
      job_.prediction_counts[plane][0][0] = 1;
    }
    job_.overlaps = overlaps_;
    job_.warps = warps_;
    std::array<PictureView, reference_count> views{};
    for (uint32_t i = 0; i < 2; ++i) views[i] = references_[i].view();
    predict_inter(job_, target_.view(), views);
  }

  void expect_luma(const std::function<int(int, int)>& value) {
    for (int y = 16; y < 32; ++y)
      for (int x = 16; x < 32; ++x) ASSERT_EQ(target_.luma(x, y), value(x, y)) << x << ", " << y;
  }
  void expect_flat(int value) {
    expect_luma([&](int, int) { return value; });
    for (const Component component : {Component::cb, Component::cr}) {
      const Plane plane = target_.view().plane(component);
      for (int y = 8; y < 16; ++y)
        for (int x = 8; x < 16; ++x) ASSERT_EQ(plane(x, y), value);
    }
  }

  PictureJob job_;
  std::array<Picture, 2> references_;
  Picture target_;
  std::array<PredictionRecord, 2> predictions_;
  std::vector<OverlapRecord> overlaps_;
  std::vector<WarpRecord> warps_;
};

int noise(int x, int y) {
  return (x * 37 + y * 101 + x * y * 7) & 255;
}

TEST(Av1PredictionTables, FiltersSumUp) {
  for (const auto& kernel : halved_subpel_filters)
    for (const FilterTaps& filter : kernel)
      EXPECT_EQ(std::accumulate(filter.begin(), filter.end(), 0), 64);
  for (const FilterTaps& filter : warped_filters)
    EXPECT_EQ(std::accumulate(filter.begin(), filter.end(), 0), 128);
  // The filters for two fractions with a sum of 1 mirror each other.
  for (const uint32_t kernel : {0u, 1u, 2u, 3u, 4u, 5u})
    for (uint32_t fraction = 1; fraction < 16; ++fraction)
      for (uint32_t i = 1; i < 7; ++i)
        EXPECT_EQ(halved_subpel_filters[kernel][fraction][i],
                  halved_subpel_filters[kernel][16 - fraction][7 - i])
            << kernel << " " << fraction;
}

TEST(Av1PredictionTables, WedgesOfBothSignsComplete64) {
  for (const uint32_t size : {3u, 4u, 5u, 6u, 7u, 8u, 9u, 18u, 19u}) {
    const int w = 1 << block_width_log2[size], h = 1 << block_height_log2[size];
    for (uint32_t index = 0; index < 16; ++index) {
      int sum = 0;
      for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) {
          EXPECT_EQ(wedge_mask(size, false, index, x, y) + wedge_mask(size, true, index, x, y), 64);
          sum += wedge_mask(size, true, index, x, y);
        }
      }
      EXPECT_GT(sum, w * h * 4) << size << " " << index;
      EXPECT_LT(sum, w * h * 60) << size << " " << index;
    }
  }
}

TEST(Av1PredictionTables, StraightWedgesAreStraight) {
  for (int y = 0; y < 16; ++y) {
    // BLOCK_16X16, WEDGE_VERTICAL at x 4: column 4 has weight 43.
    EXPECT_EQ(wedge_mask(6, false, 6, 3, y) + wedge_mask(6, false, 6, 4, y), 64);
    EXPECT_TRUE(wedge_mask(6, false, 6, 4, y) == 43 || wedge_mask(6, false, 6, 4, y) == 21);
    EXPECT_EQ(wedge_mask(6, false, 6, 4, y), wedge_mask(6, false, 4, y, 4));
  }
}

TEST(Av1PredictionTables, InterIntraMasksFollowTheirMode) {
  EXPECT_EQ(inter_intra_mask(IntraMode::dc, 8, 8, 3, 5), 32);
  EXPECT_EQ(inter_intra_mask(IntraMode::v, 32, 8, 31, 0), 60);
  EXPECT_EQ(inter_intra_mask(IntraMode::v, 8, 8, 0, 1), inter_intra_weights[16]);
  EXPECT_EQ(inter_intra_mask(IntraMode::h, 8, 16, 7, 0), inter_intra_weights[56]);
  EXPECT_EQ(inter_intra_mask(IntraMode::smooth, 16, 16, 9, 4), inter_intra_weights[32]);
}

TEST_F(Av1PredictionReference, WholeVectorsCopy) {
  references_[0].fill(noise);
  predict({.head = single, .mv_0 = {-3 * 8, 5 * 8}});
  expect_luma([](int x, int y) { return noise(x + 5, y - 3); });
  const Plane cb = target_.view().plane(Component::cb);
  references_[0].fill([](int x, int y) { return x * 4 + y; });
  predict({.head = single, .mv_0 = {-4 * 8, 6 * 8}});
  EXPECT_EQ(cb(9, 10), (9 + 3) * 4 + 10 - 2);
}

TEST_F(Av1PredictionReference, SamplesOutsideRepeatTheBorder) {
  references_[0].fill(noise);
  predict({.head = single, .mv_0 = {-16384, 16383}});
  expect_luma([](int, int) { return noise(width - 1, 0); });
}

TEST_F(Av1PredictionReference, FlatPicturesStayFlat) {
  for (const int level : {0, 1, 77, 254, 255}) {
    for (auto& reference : references_) reference.fill([&](int, int) { return level; });
    warps_ = {{.matrix = {100, -300, 65536 + 700, -300, 450, 65536 - 500},
               .shear = {704, -320, 448, -512}}};
    overlaps_ = {{.span = 0 | 16 << 8 | 8 << 16, .head = 0, .mv = {5, 9}, .unused = 0},
                 {.span = 8 | 8 << 8 | 8 << 16, .head = 0, .mv = {-5, 3}, .unused = 0}};
    for (uint32_t kernel = 0; kernel < kernel_count; ++kernel) {
      const uint32_t kernels = kernel << prediction_head::kernel_x_shift |
                               (kernel_count - 1 - kernel) << prediction_head::kernel_y_shift;
      for (const Compound compound :
           {Compound::average, Compound::distance, Compound::wedge, Compound::difference}) {
        predict({.head = compound_of(compound) | kernels | 13u << prediction_head::weight_0_shift,
                 .mv_0 = {13, 7},
                 .mv_1 = {-22, 5}});
        expect_flat(level);
      }
      predict({.head = single | kernels | prediction_head::warp_0, .warp = 0});
      expect_flat(level);
      predict({.head = single | kernels | prediction_head::has_overlaps,
               .mv_0 = {1, 2},
               .overlaps = 1u << 24 | 1u << 28});
      expect_luma([&](int, int) { return level; });
    }
  }
}

TEST_F(Av1PredictionReference, RampsMoveByFractions) {
  references_[0].fill([](int x, int y) { return x * 2 + y; });
  for (const uint32_t kernel : {0u, 2u, 3u}) {
    predict({.head = single | kernel << prediction_head::kernel_x_shift |
                     kernel << prediction_head::kernel_y_shift,
             .mv_0 = {0, 4}});
    expect_luma([](int x, int y) { return (x * 2 + y) + 1; });
  }
}

TEST_F(Av1PredictionReference, AverageAndDistanceWeight) {
  references_[0].fill([](int, int) { return 100; });
  references_[1].fill([](int, int) { return 21; });
  predict({.head = compound_of(Compound::average)});
  expect_flat((100 + 21 + 1) / 2);
  predict({.head = compound_of(Compound::distance) | 13u << prediction_head::weight_0_shift});
  expect_flat((100 * 13 + 21 * 3 + 8) / 16);
}

TEST_F(Av1PredictionReference, WedgesWeightTheFirstReference) {
  references_[0].fill([](int, int) { return 64; });
  for (uint32_t index = 0; index < 16; ++index) {
    predict({.head = compound_of(Compound::wedge) | index << prediction_head::wedge_index_shift |
                     prediction_head::wedge_sign});
    expect_luma([&](int x, int y) { return wedge_mask(6, true, index, x - 16, y - 16); });
  }
}

TEST_F(Av1PredictionReference, DifferencesWeightTheirLumaAndChroma) {
  references_[0].fill([](int, int) { return 200; });
  references_[1].fill([](int, int) { return 40; });
  // 38 + 160 / 16
  predict({.head = compound_of(Compound::difference)});
  expect_flat((48 * 200 + 16 * 40 + 32) / 64);
  predict({.head = compound_of(Compound::difference) | prediction_head::mask_inverse});
  expect_flat((16 * 200 + 48 * 40 + 32) / 64);
}

TEST_F(Av1PredictionReference, WarpsThatMoveOnlyCopy) {
  // The filter for a whole position is {0, 127, 1, 0, ...}, so columns must be equal here.
  references_[0].fill([](int, int y) { return y * 3; });
  warps_ = {{.matrix = {3 << 16, -(2 << 16), 1 << 16, 0, 0, 1 << 16}, .shear = {}}};
  predict({.head = single | prediction_head::warp_0, .warp = 0});
  expect_luma([](int, int y) { return (y - 2) * 3; });
}

TEST_F(Av1PredictionReference, OverlapsFadeIntoTheBlock) {
  references_[0].fill([](int, int) { return 0; });
  references_[1].fill([](int, int) { return 128; });
  // Overlap above the right half, predicted from the second reference.
  overlaps_ = {{.span = 8 | 8 << 8 | 8 << 16, .head = 1, .mv = {0, 0}, .unused = 0}};
  predict({.head = single | prediction_head::has_overlaps, .overlaps = 1u << 24});
  constexpr std::array<int, 8> mask = {36, 42, 48, 53, 57, 61, 64, 64};
  expect_luma([&](int x, int y) {
    return x < 24 || y >= 24 ? 0 : 2 * (64 - mask[static_cast<std::size_t>(y - 16)]);
  });
  // Overlap left of the lower half.
  predict({.head = single | prediction_head::has_overlaps, .overlaps = 1u << 28});
  expect_luma([&](int x, int y) {
    return y < 24 || x >= 24 ? 0 : 2 * (64 - mask[static_cast<std::size_t>(x - 16)]);
  });
}

TEST(Av1PredictionScale, EqualSizesOnlyMove) {
  for (const int sample : {0, 16, 8191})
    for (const int vector : {-32768, -17, 0, 5, 32767}) {
      const ScaledStart start = scale_position(sample, vector, 1920, 1920);
      EXPECT_EQ(start.start, (sample * 16 + vector) * 64 + 32);
      EXPECT_EQ(start.step, 1024);
    }
}

TEST(Av1PredictionScale, TwiceTheSizeTakesEverySecondSample) {
  // The centre of the first sample is on the border of two.
  EXPECT_EQ(scale_position(0, 0, 128, 64).start, 512 + 32);
  EXPECT_EQ(scale_position(0, 0, 128, 64).step, 2048);
  EXPECT_EQ(scale_position(10, 16, 128, 64).start, 22 * 1024 + 512 + 32);
  EXPECT_EQ(scale_position(0, 0, 32, 64).start, -256 + 32);
}

}  // namespace
}  // namespace daedalus::av1::scalar
