// SPDX-License-Identifier: MIT
// A picture whose rows make each edge's result decide about all edges to its right, across
// superblocks without a cut: strips must be filtered level by level.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "fixture.h"
#include "reference/vp9/loop_filter.h"

namespace daedalus::vulkan {
namespace {

using Row = std::array<uint8_t, 256>;
constexpr int level = 20;
constexpr uint32_t width = 192, height = 128, pattern = 128;  // samples

void filter(Row& row, int x) {
  const vp9::scalar::Plane plane = {reinterpret_cast<std::byte*>(row.data()), 256, 1};
  vp9::scalar::filter_line(plane, x, 0, true, x % 32 == 0 ? 8 : 4, level, 0);
}

// Grows four samples at a time, and goes two steps back at a dead end. From 64 on, a second row is
// filtered as if the edge there were not: the next edge is then filtered in only one of the two.
class Domino {
 public:
  bool grow() {
    int x = 0;
    for (int step = 0; x < static_cast<int>(pattern) && step < 100000; ++step) {
      x = extend(x) ? x + 4 : x > 8 ? x - 8 : 0;
    }
    std::fill(row_.begin() + pattern, row_.end(), row_[pattern - 1]);
    return x >= static_cast<int>(pattern);
  }
  const Row& row() const { return row_; }

 private:
  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }

  bool extend(int x) {
    const auto at = static_cast<size_t>(x / 4);
    for (int tries = 0; tries < 400; ++tries) {
      Row& filtered = filtered_[at + 1];
      Row& other = other_[at + 1];
      filtered = filtered_[at];
      other = x == 64 ? row_ : other_[at];
      const int first = between(60, 195), second = first + between(-1, 1);
      const int third = second + (between(0, 1) ? 1 : -1) * between(16, 20);
      const std::array<int, 4> samples = {first, second, third, third + between(-1, 1)};
      for (size_t i = 0; i < 4; ++i) {
        const size_t to = static_cast<size_t>(x) + i;
        filtered[to] = other[to] = row_[to] = static_cast<uint8_t>(samples[i]);
      }
      if (x > 0) filter(filtered, x);
      if (x >= 64) filter(other, x);
      const Row& without = x == 60 ? row_ : other;
      const auto passes = [&](const Row& row) {
        return abs(row[static_cast<size_t>(x) + 1] - third) > level;
      };
      if (x < 60 || passes(filtered) != passes(without)) return true;
    }
    return false;
  }

  std::mt19937 random_{1};
  Row row_ = {};
  std::array<Row, 40> filtered_ = {}, other_ = {};
};

// 8x8 blocks with 4x4 transforms that copy the reference.
void fill_job(vp9::PictureJob& job) {
  const uint32_t columns = width / 8, rows = height / 8;
  for (uint32_t i = 0; i < columns * rows; ++i) {
    vp9::BlockRecord block = {};
    block.place = i % columns | i / columns << vp9::block_place::y_shift |
                  level << vp9::block_place::filter_level_shift;
    block.head = vp9::block_head::is_inter | vp9::no_reference
                                                 << vp9::block_head::reference_1_shift;
    job.blocks[i] = block;
  }
  job.block_classes[0].unscaled = columns * rows;
  job.filters = true;
  // No superblock has a cut.
  const std::array<uint32_t, 4> strips = {0, 1, 0 | 1 << 8, 1 | 1 << 8};
  std::copy(strips.begin(), strips.end(), job.luma_strips.begin());
  std::copy(strips.begin(), strips.end(), job.chroma_strips.begin());
  job.luma_strip_levels = job.chroma_strip_levels = {0, 1, 3, 4};
}

class Vp9DominoTest : public Vp9Fixture {
 protected:
  void SetUp() override { open(DispatchStrategy::levels); }
};

TEST_F(Vp9DominoTest, DecisionsGoAcrossSuperblocks) {
  Domino domino;
  ASSERT_TRUE(domino.grow());
  auto reference = make_picture(8, width, height);
  const PictureLayout layout = reference->layout();
  std::vector<std::byte> samples(layout.size, std::byte{128});
  for (uint32_t y = 0; y < height; ++y) {
    memcpy(samples.data() + y * layout.pitch, domino.row().data(), width);
  }
  ASSERT_TRUE(reference->upload(samples));
  auto job = stage->acquire(width, height, vp9::max_room(width, height));
  ASSERT_TRUE(job);
  (*job)->references[0] = {width, height};
  fill_job(**job);
  auto target = make_picture(8, width, height);
  std::vector<std::byte> wanted(layout.size);
  const std::array<vp9::scalar::PictureView, vp9::reference_count> views = {view(samples, layout)};
  vp9::scalar::reconstruct(**job, view(wanted, layout), views);
  ASSERT_TRUE(stage->submit(std::move(*job), target, {reference}));
  auto actual = download(*target);
  EXPECT_TRUE(same_samples(actual, wanted, layout, width, height));
}

}  // namespace
}  // namespace daedalus::vulkan
