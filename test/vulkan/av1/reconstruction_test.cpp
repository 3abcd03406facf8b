// SPDX-License-Identifier: MIT
// Compares the device's transforms and intra prediction of random pictures with the scalar
// reference.
#include "reference/av1/reconstruction.h"
#include <algorithm>
#include <cstddef>
#include <vector>

#include "fixture.h"
#include "random_reconstruction.h"

namespace daedalus::vulkan {
namespace {

using av1::IntraMode;
using av1::ReconstructionStyle;

class Av1ReconstructionTest : public Av1Fixture,
                              public testing::WithParamInterface<DispatchStrategy> {
 protected:
  void SetUp() override { open(GetParam()); }

  // Random samples replace the output of inter prediction.
  testing::AssertionResult reconstructs(uint32_t width, uint32_t height,
                                        const ReconstructionStyle& style) {
    const auto target = make_picture(style.bit_depth, width, height);
    const PictureLayout layout = target->layout();
    const auto room =
        picture_layout(layout.format, av1::in_64s(width) * 64, av1::in_64s(height) * 64);
    auto before = random_samples(layout, style.seed);
    if (!target->upload(before)) return testing::AssertionFailure() << "no upload";
    auto wanted = in_room(before, layout, room);
    auto job = stage->acquire({width, height, width}, av1::max_room(width, height));
    if (!job) return testing::AssertionFailure() << "no job";
    fill_random(**job, style);
    const auto wanted_view = view(wanted, room);
    av1::scalar::add_inter_residuals(**job, wanted_view);
    av1::scalar::reconstruct_intra(**job, wanted_view);
    if (!stage->submit(std::move(*job), {target, nullptr}, {}))
      return testing::AssertionFailure() << "no submit";
    auto actual = in_room(download(*target), layout, room);
    return same_samples(actual, wanted, room, width, height);
  }

 private:
  static std::vector<std::byte> in_room(const std::vector<std::byte>& samples,
                                        const PictureLayout& layout, const PictureLayout& room) {
    std::vector<std::byte> result(room.size);
    const auto copy_rows = [&](uint32_t from, uint32_t to, uint32_t rows) {
      for (uint32_t y = 0; y < rows; ++y)
        std::copy_n(samples.data() + from + std::size_t{y} * layout.pitch,
                    std::min(layout.pitch, room.pitch),
                    result.data() + to + std::size_t{y} * room.pitch);
    };
    copy_rows(0, 0, layout.coded_height());
    copy_rows(layout.chroma_offset, room.chroma_offset, layout.coded_height() / 2);
    return result;
  }
};

TEST_P(Av1ReconstructionTest, AddsResidualsOfAllSizes) {
  for (const uint32_t bit_depth : {8u, 10u}) {
    for (int size = 0; size < static_cast<int>(av1::tx_size_count); ++size) {
      ReconstructionStyle style;
      style.seed = static_cast<uint32_t>(size) + bit_depth;
      style.bit_depth = bit_depth;
      style.intra_percent = 0;
      style.coded_percent = 80;
      style.only_size = size;
      style.extreme_coefficients = size % 2 != 0;
      EXPECT_TRUE(reconstructs(200, 136, style)) << bit_depth << " bits, size " << size;
      style.extreme_coefficients = !style.extreme_coefficients;
      EXPECT_TRUE(reconstructs(136, 72, style)) << bit_depth << " bits, size " << size;
    }
  }
}

TEST_P(Av1ReconstructionTest, AddsResidualsOfMixedSizes) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    ReconstructionStyle style;
    style.seed = seed;
    style.bit_depth = seed % 2 ? 8 : 10;
    style.intra_percent = 0;
    style.coded_percent = seed * 12;
    style.lossless = seed == 8;
    style.extreme_coefficients = seed > 4;
    EXPECT_TRUE(reconstructs(200 + seed * 3, 136 + seed, style)) << "seed " << seed;
  }
}

// Each mode, predicted from its surroundings and with residuals.
TEST_P(Av1ReconstructionTest, PredictsInEachMode) {
  for (const uint32_t bit_depth : {8u, 10u}) {
    for (int mode = 0; mode <= static_cast<int>(IntraMode::inter_intra); ++mode) {
      for (uint32_t seed = 1; seed <= 3; ++seed) {
        ReconstructionStyle style;
        style.seed = seed;
        style.bit_depth = bit_depth;
        style.intra_percent = 90;
        style.coded_percent = seed == 1 ? 0 : 30;
        style.only_mode = mode;
        style.edge_filter = seed != 3;
        style.split_percent = 40 + seed * 15;
        EXPECT_TRUE(reconstructs(192, 128 + 64 * (seed % 2), style))
            << bit_depth << " bits, mode " << mode << ", seed " << seed;
      }
    }
  }
}

TEST_P(Av1ReconstructionTest, ReconstructsIntraAmongInterBlocks) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    ReconstructionStyle style;
    style.seed = seed;
    style.bit_depth = seed % 2 ? 8 : 10;
    style.intra_percent = seed * 12;
    style.extreme_coefficients = seed > 6;
    EXPECT_TRUE(reconstructs(256, 192, style)) << "seed " << seed;
  }
}

// Surfaces have no room beyond the padded size, so CDEF's shader copies.
TEST_P(Av1ReconstructionTest, ReconstructsAllSizes) {
  for (uint32_t size = 1; size <= 26; ++size) {
    ReconstructionStyle style;
    style.seed = size;
    style.intra_percent = 100;
    style.bit_depth = size % 3 ? 8 : 10;
    const uint32_t width = size * size % 131 + 1, height = size * 7 % 90 + 1;
    EXPECT_TRUE(reconstructs(width, height, style)) << width << "x" << height;
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, Av1ReconstructionTest,
                         testing::Values(DispatchStrategy::levels, DispatchStrategy::tickets),
                         [](const auto& strategy) {
                           return strategy.param == DispatchStrategy::levels ? "Levels" : "Tickets";
                         });

}  // namespace
}  // namespace daedalus::vulkan
