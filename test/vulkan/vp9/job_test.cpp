// SPDX-License-Identifier: MIT
// The guarantees in shaders/vp9/job.glsl.
#include "daedalus/vp9/job.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "vulkan/vp9/job_buffer.h"
#include "vulkan/vp9/recorder.h"

namespace daedalus::vp9 {
namespace {

static_assert(sizeof(BlockRecord) == 16);
static_assert(sizeof(SmallBlockRecord) == 48);
static_assert(sizeof(LumaTransform) == 8);
static_assert(sizeof(ChromaTransform) == 16);
static_assert(sizeof(ReferencePlane) == 32);
static_assert(offsetof(JobHeader, references) == 8 * 16);
static_assert(offsetof(JobHeader, kernels) == 14 * 16);
static_assert(offsetof(JobHeader, unscaled) == 14 * 16 + 512);
static_assert(offsetof(JobHeader, transforms) == 14 * 16 + 512 + 3 * 52 * 4);

TEST(Vp9Job, RoomOfTheLargestPictureFitsItsIndices) {
  const JobRoom room = max_room(max_width, max_height);
  EXPECT_EQ(room.coefficients, 128u * 128 * 6144);
  EXPECT_EQ(room.luma_transforms, 8192u * 8192 / 16);
}

TEST(Vp9Job, RoomOfTheSmallestPictureIsASuperblocks) {
  const JobRoom room = max_room(1, 1);
  EXPECT_EQ(room.blocks, 64u);
  EXPECT_EQ(room.chroma_intra, 64u);
}

// For a row of superblocks with 23 levels each, see test/vp9/picture_parser_test.cpp.
TEST(Vp9Job, HasRoomForLongChainsOfIntraBlocks) {
  vulkan::Vp9JobLayout layout(8 * 64, 32, max_room(8 * 64, 32));
  PictureJob job;
  job.width = 8 * 64;
  job.height = 32;
  for (uint32_t i = 0; i <= 8 * 23 * intra_class_count; ++i) job.luma_intra_levels.push_back(i);
  EXPECT_TRUE(vulkan::is_consistent(job, layout));
}

// Blocks below 8x8 take the most workgroups, and twice as many with 10 bits.
TEST(Vp9Job, PicturesWithMoreWorkgroupsThanADispatchHasAreNotRecordable) {
  constexpr uint32_t side = 8192;
  const vulkan::Vp9JobLayout layout(side, side, JobRoom());
  std::vector<std::byte> memory(layout.bytes());
  PictureJob job;
  job.width = job.height = side;
  job.filters = true;
  const auto is_recordable = [&](uint32_t bit_depth, uint32_t unscaled, uint32_t scaled) {
    job.bit_depth = bit_depth;
    job.unscaled_small_blocks = unscaled;
    job.scaled_small_blocks = scaled;
    vulkan::Vp9Commands picture;
    picture.workgroups = vulkan::write_vp9_job(memory, layout, job);
    picture.max_workgroups_per_axis = 65535;  // Vulkan's minimum
    return vulkan::is_recordable(job, picture);
  };
  constexpr uint32_t all = side / 8 * (side / 8);
  EXPECT_TRUE(is_recordable(8, all, 0));
  EXPECT_TRUE(is_recordable(8, 0, all));
  EXPECT_FALSE(is_recordable(10, all, 0));
  EXPECT_FALSE(is_recordable(10, 0, all));
  EXPECT_TRUE(is_recordable(10, all * 3 / 4, 0));
}

TEST(Vp9Job, MotionKindSortsByWhatAPredictionTakes) {
  BlockRecord block = {};
  block.head = no_reference << block_head::reference_1_shift;
  block.mv_0 = {8, -16};
  EXPECT_EQ(motion_kind(block), 0u);
  block.mv_0 = {8, -15};
  EXPECT_EQ(motion_kind(block), 2u);
  block.head = 1u << block_head::reference_1_shift;
  block.mv_0 = {-7, 0};
  EXPECT_EQ(motion_kind(block), 5u);
}

TEST(Vp9Job, FieldsOfAnIntraWordDoNotOverlap) {
  const uint32_t word = intra_word(2047, 0, TxSize::tx_32x32, IntraMode::dc, true, false, 3);
  EXPECT_EQ(word, 2047u | 3u << 22 | 1u << 28 | 3u << 30);
  EXPECT_EQ(intra_word(0, 2047, TxSize::tx_4x4, IntraMode::tm, false, true, 0),
            2047u << 11 | 9u << 24 | 1u << 29);
}

}  // namespace
}  // namespace daedalus::vp9
