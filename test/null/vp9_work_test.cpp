// SPDX-License-Identifier: MIT
// What VP9's jobs require of a GPU, counted by hand.
#include <gtest/gtest.h>

#include "null/job_work.h"
#include "vp9/job_memory.h"

namespace daedalus::null {
namespace {

using namespace vp9;

constexpr uint32_t single = no_reference << block_head::reference_1_shift;

// A block of (8 << log2_size) squared at (x, y), in units of 8.
BlockRecord block_of(uint32_t x, uint32_t y, uint32_t log2_size, TxSize tx_size, uint32_t level) {
  namespace p = block_place;
  BlockRecord block{};
  block.place = x << p::x_shift | y << p::y_shift | log2_size << p::width_shift |
                log2_size << p::height_shift | static_cast<uint32_t>(tx_size) << p::tx_size_shift |
                level << p::filter_level_shift;
  block.head = block_head::is_inter | single;
  return block;
}

JobWork counted(const JobMemory& memory) {
  JobWork work;
  count_work(memory.job, work);
  return work;
}

struct Vp9Work : testing::Test {
  Vp9Work() {
    job.width = 128;
    job.height = 64;
  }

  JobMemory memory{max_room(128, 64), 128, 64};
  PictureJob& job = memory.job;
};

TEST_F(Vp9Work, CountsWhatASubgroupPredicts) {
  // Two 16x16 blocks with four lanes each share a subgroup: both filter because the second one
  // does.
  job.block_classes[block_class(5u << block_place::width_shift)].unscaled = 2;
  job.blocks[0] = block_of(0, 0, 1, TxSize::tx_16x16, 0);
  job.blocks[1] = block_of(2, 0, 1, TxSize::tx_16x16, 0);
  job.blocks[1].mv_0 = {8, 4};
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_codec, static_cast<uint64_t>(WorkCodec::vp9));
  EXPECT_EQ(work.work_vp9_units, 16u * 8);
  EXPECT_EQ(work.work_vp9_luma_rows, 16u + 7);
  EXPECT_EQ(work.work_vp9_luma_vertical_rows, 16u);
  EXPECT_EQ(work.work_vp9_luma_horizontal_rows, 0u);
  // In chroma both fractions are halves.
  EXPECT_EQ(work.work_vp9_chroma_horizontal_rows, 8u + 7);
  EXPECT_EQ(work.work_vp9_chroma_vertical_rows, 8u);
  EXPECT_EQ(work.work_vp9_filtered_units, 0u);
}

TEST_F(Vp9Work, CountsWorkgroupsOfTransforms) {
  // A workgroup has 64 lanes: for 64 4x4 blocks, or for one 32x32 block of both components.
  job.luma_transform_counts[0] = 65;
  for (auto& transform : job.luma_transforms.first(65)) transform = {0, coefficients_of(0, 3)};
  job.luma_transforms[64].coefficients = coefficients_of(0, 9);
  job.chroma_transform_counts[3] = 2;
  for (auto& transform : job.chroma_transforms.first(2))
    transform = {0, 0, coefficients_of(0, 129), 0};
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_vp9_groups_4x4, 2u);
  EXPECT_EQ(work.work_vp9_rounds, 1u + 3);
  EXPECT_EQ(work.work_vp9_groups_32x32, 2u);
  EXPECT_EQ(work.work_vp9_rounds_32x32, 4u);
}

TEST_F(Vp9Work, CountsTurnsOfIntraLevels) {
  // Two levels of luma: one 32x32 block and sixteen 4x4 blocks, 256 + 64 words; then one 8x8 block.
  job.luma_intra_levels = {0, 1, 1, 1, 17, 17, 17, 18, 18};
  // A level of chroma: four 4x4 blocks, 32 words.
  job.chroma_intra_levels = {0, 0, 0, 0, 4};
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_vp9_intra_levels, 2u);
  EXPECT_EQ(work.work_vp9_luma_intra_turns, 2u + 1);
  EXPECT_EQ(work.work_vp9_chroma_intra_turns, 1u);
  EXPECT_EQ(work.work_vp9_longer_intra_turns, 3u);
  EXPECT_EQ(work.work_vp9_longer_intra_levels, 2u);
  EXPECT_EQ(work.work_vp9_luma_intra_subgroups, 20u + 1);
  EXPECT_EQ(work.work_vp9_chroma_intra_subgroups, 2u);
}

TEST_F(Vp9Work, CountsEdgesAndStrips) {
  // A 64x64 block with 32x32 transforms, and one with 4x4 transforms and inner edges.
  job.filters = true;
  job.block_classes[15].unscaled = 2;
  job.blocks[0] = block_of(0, 0, 3, TxSize::tx_32x32, 1);
  job.blocks[1] = block_of(8, 0, 3, TxSize::tx_4x4, 1);
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_vp9_filtered_units, 16u * 8);
  EXPECT_EQ(work.work_vp9_luma_left_edges, 4u * (1 + 8));
  EXPECT_EQ(work.work_vp9_luma_inner_left_edges, 4u * 8);
  EXPECT_EQ(work.work_vp9_luma_top_edges, 1u + 7);
  EXPECT_EQ(work.work_vp9_luma_inner_top_edges, 8u);
  EXPECT_EQ(work.work_vp9_strips, 1u);
  EXPECT_EQ(work.work_vp9_strip_dispatches, 0u);
}

TEST_F(Vp9Work, CountsDispatchesOfLaterStrips) {
  job.filters = true;
  job.luma_strip_levels = {0, 1, 2, 7, 8};
  job.chroma_strip_levels = {0, 1, 3};
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_vp9_strip_dispatches, 3u);
  EXPECT_EQ(work.work_vp9_strip_turns, 2u + 1);
  EXPECT_EQ(work.work_vp9_alone_strips, 5u);
  EXPECT_EQ(work.work_vp9_later_strips, 1u + 2 + 5 + 1);
}

}  // namespace
}  // namespace daedalus::null
