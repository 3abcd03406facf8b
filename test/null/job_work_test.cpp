// SPDX-License-Identifier: MIT
// What jobs require of a GPU, counted by hand.
#include "null/job_work.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "h264/job_memory.h"

namespace daedalus::null {
namespace {

using namespace h264;

// Add macroblocks in the order of their addresses.
struct Job : JobMemory {
  Job(uint32_t width_in_mbs, uint32_t height_in_mbs)
      : JobMemory(width_in_mbs, height_in_mbs, 1), width(width_in_mbs) {}

  // Blocks are (bit, number of levels), in ascending order of bits.
  void add(MbKind kind, uint32_t head_bits,
           std::initializer_list<std::pair<uint32_t, uint32_t>> coded = {}) {
    MbRecord& mb = mbs[count++];
    mb = {static_cast<uint32_t>(kind) << mb_head::kind_shift | head_bits, 0, block, entry};
    for (const auto& [bit, levels] : coded) {
      mb.coded_blocks |= 1u << bit;
      blocks[block++] = block_word(0, levels);
    }
  }
  void add_inter(MotionShape shape, std::initializer_list<MotionEntry> motion,
                 uint32_t head_bits = 0,
                 std::initializer_list<std::pair<uint32_t, uint32_t>> coded = {}) {
    add(MbKind::inter, head_bits | static_cast<uint32_t>(shape) << mb_head::motion_shape_shift,
        coded);
    for (const MotionEntry& one : motion) entries[entry++].motion = one;
  }
  JobWork counted() {
    EXPECT_EQ(count, mbs.size());
    JobWork work;
    count_work(job, width, work);
    return work;
  }

  const uint32_t width;
  uint32_t count = 0, block = 0, entry = 0;
};

constexpr uint32_t slots(uint32_t l0, uint32_t l1) {
  return l0 | l1 << 8;
}

MotionEntry from_list_0(int x, int y) {
  return {{static_cast<int16_t>(x), static_cast<int16_t>(y)}, {}, slots(0, no_reference), 0};
}

TEST(JobWork, TellsInterpolationsApart) {
  Job job(1, 1);
  job.add_inter(MotionShape::blocks, {});
  for (int i = 0; i < 16; ++i)
    job.entries[static_cast<std::size_t>(i)].motion = from_list_0(i % 4 - 8, i / 4 + 12);
  const JobWork work = job.counted();
  EXPECT_EQ(work.work_full, 1u);
  EXPECT_EQ(work.work_horizontal, 3u);
  EXPECT_EQ(work.work_vertical, 3u);
  EXPECT_EQ(work.work_centre, 5u);  // half a sample from whole ones in x, in y, or in both
  EXPECT_EQ(work.work_diagonal, 4u);
  EXPECT_EQ(work.work_blocks_mbs, 1u);
  EXPECT_EQ(work.work_split_mbs, 0u);
  EXPECT_EQ(work.work_weighted_mbs, 0u);
}

TEST(JobWork, CountsListsAndWeights) {
  Job job(2, 1);
  job.add_inter(MotionShape::rows, {{{}, {}, slots(0, 1), weights_implicit},
                                    {{1, 1}, {4, 0}, slots(no_reference, 1), weights_default}});
  job.add_inter(MotionShape::whole, {from_list_0(1, 0)});
  const JobWork work = job.counted();
  EXPECT_EQ(work.work_full, 8u * 2 + 8);
  EXPECT_EQ(work.work_horizontal, 16u);
  EXPECT_EQ(work.work_diagonal, 0u);  // list 0 is unused there
  EXPECT_EQ(work.work_weighted_mbs, 1u);
  EXPECT_EQ(work.work_split_mbs, 1u);
}

// Two macroblocks share a subgroup for luma, four for chroma.
TEST(JobWork, CountsWhatASubgroupDoes) {
  Job job(4, 1);
  job.add_inter(MotionShape::whole, {from_list_0(1, 1)});
  job.add_inter(MotionShape::whole, {{{0, 2}, {1, 2}, slots(0, 1), 0}});
  job.add_inter(MotionShape::whole, {from_list_0(4, 0)});
  job.add(MbKind::intra_4x4, 0);
  const JobWork work = job.counted();
  EXPECT_EQ(work.work_luma_column_filters, 8u + 8);  // both lists of the first two macroblocks
  EXPECT_EQ(work.work_luma_centres, 8u);             // (1, 2) of list 1
  // In a picture of one macroblock row everything is border; vertical filters read five more rows.
  EXPECT_EQ(work.work_luma_border_rows, 13u + 13 + 8);
  EXPECT_EQ(work.work_chroma_rows, 5u + 5);
}

// Blocks have their own vectors, and their own turns.
TEST(JobWork, CountsTurnsOfBlocks) {
  Job job(1, 1);
  job.add_inter(MotionShape::blocks, {});
  for (std::size_t i = 0; i < 16; ++i) job.entries[i].motion = from_list_0(0, 0);
  job.entries[15].motion = from_list_0(2, 1);  // in the last row of blocks, the second turn
  const JobWork work = job.counted();
  EXPECT_EQ(work.work_luma_column_filters, 4u);
  EXPECT_EQ(work.work_luma_centres, 4u);
  EXPECT_EQ(work.work_luma_border_rows, 4u + 9);
  EXPECT_EQ(work.work_chroma_rows, 4u * 3);
}

TEST(JobWork, KnowsBorders) {
  for (const auto& [mv_x, rows] :
       {std::pair(0, 0u), {-14 * 4, 0}, {-15 * 4, 8}, {13 * 4, 0}, {14 * 4, 8}}) {
    Job job(3, 3);
    for (int i = 0; i < 9; ++i) {
      if (i == 4)
        job.add_inter(MotionShape::whole, {from_list_0(mv_x, 0)});
      else
        job.add(MbKind::intra_16x16, 0);
    }
    EXPECT_EQ(job.counted().work_luma_border_rows, rows) << mv_x;
  }
}

TEST(JobWork, CountsResiduals) {
  using namespace coded_block;
  Job job(4, 1);
  job.add_inter(MotionShape::whole, {from_list_0(0, 0)}, 0,
                {{luma_block + 2, 3}, {luma_block + 9, 7}, {cb_dc, 2}, {cr_block + 1, 5}});
  job.add_inter(MotionShape::whole, {from_list_0(0, 0)}, mb_head::transform_8x8,
                {{luma_block, 64}, {luma_block + 4, 10}});
  job.add(MbKind::intra_16x16, 0, {{luma_dc, 16}, {luma_block + 3, 9}, {cr_dc, 1}});
  job.add(MbKind::pcm, 0);
  const JobWork work = job.counted();
  EXPECT_EQ(work.work_inter_4x4_mbs, 1u);
  EXPECT_EQ(work.work_inter_4x4_blocks, 2u);
  EXPECT_EQ(work.work_inter_4x4_longest, 7u);
  EXPECT_EQ(work.work_inter_8x8_mbs, 1u);
  EXPECT_EQ(work.work_inter_8x8_blocks, 2u);
  EXPECT_EQ(work.work_inter_8x8_longest, 64u);
  EXPECT_EQ(work.work_inter_chroma_mbs, 1u);
  EXPECT_EQ(work.work_inter_chroma_blocks, 2u);
  EXPECT_EQ(work.work_inter_chroma_longest, 5u);
  EXPECT_EQ(work.work_intra_4x4_residual_mbs, 1u);
  EXPECT_EQ(work.work_intra_4x4_blocks, 2u);
  EXPECT_EQ(work.work_intra_4x4_longest, 16u);
  EXPECT_EQ(work.work_intra_8x8_residual_mbs, 0u);
  EXPECT_EQ(work.work_intra_chroma_mbs, 1u);
  EXPECT_EQ(work.work_intra_chroma_blocks, 1u);
  EXPECT_EQ(work.work_intra_chroma_longest, 1u);
  EXPECT_EQ(work.work_intra_16x16_mbs, 1u);
  EXPECT_EQ(work.work_pcm_mbs, 1u);
}

TEST(JobWork, CountsEdges) {
  Job job(2, 2);
  // Nothing to filter: one vector, no coefficients.
  job.add_inter(MotionShape::whole, {from_list_0(0, 0)}, mb_head::filter_inside);
  // One sample from its neighbour's vector: all of its left edge is filtered. Around its first
  // block, which is coded, one segment to the right and one below.
  job.add_inter(MotionShape::whole, {from_list_0(4, 0)},
                mb_head::filter_inside | mb_head::filter_left, {{coded_block::luma_block, 1}});
  // A strong edge, and all inner edges.
  job.add(MbKind::intra_16x16, mb_head::filter_inside | mb_head::filter_top);
  // A strong edge; across the other one nothing differs.
  job.add_inter(MotionShape::whole, {from_list_0(4, 0)},
                mb_head::filter_left | mb_head::filter_top);
  JobWork work = job.counted();
  EXPECT_EQ(work.work_filtered_mbs, 0u);
  job.job.deblocks = true;
  work = job.counted();
  EXPECT_EQ(work.work_filtered_mbs, 3u);
  EXPECT_EQ(work.work_strong_edges, 2u);
  EXPECT_EQ(work.work_vertical_segments, 4u + 1 + 12);
  EXPECT_EQ(work.work_horizontal_segments, 1u + 12);
}

// An 8x8 block has no inner edges; its coefficients affect all edges around it.
TEST(JobWork, CountsEdgesOf8x8Blocks) {
  Job job(1, 1);
  job.add_inter(MotionShape::whole, {from_list_0(0, 0)},
                mb_head::filter_inside | mb_head::transform_8x8,
                {{coded_block::luma_block + 4, 1}});
  job.job.deblocks = true;
  const JobWork work = job.counted();
  EXPECT_EQ(work.work_vertical_segments, 2u);
  EXPECT_EQ(work.work_horizontal_segments, 2u);
}

TEST(JobWork, CountsIntraLevels) {
  Job job(51, 1);
  job.add(MbKind::intra_16x16, 0);
  for (int i = 0; i < 49; ++i) job.add(i == 20 ? MbKind::intra_4x4 : MbKind::intra_8x8, 0);
  job.add(MbKind::intra_8x8, 0);
  for (uint32_t i = 0; i < 51; ++i) job.intra_mbs[i] = i;
  job.job.intra_levels = {0, 1, 50, 51};
  const JobWork work = job.counted();
  EXPECT_EQ(work.work_4x4_levels, 1u);
  EXPECT_EQ(work.work_8x8_levels, 1u);
  EXPECT_EQ(work.work_level_turns, 1u + 3 + 1);  // of 24 macroblocks
  EXPECT_EQ(work.work_intra_4x4_mbs, 1u);
  EXPECT_EQ(work.work_intra_8x8_mbs, 49u);
  EXPECT_EQ(work.work_intra_16x16_mbs, 1u);
}

TEST(JobWork, TellsMbaffFramesFromOthers) {
  Job job(1, 2);
  for (int i = 0; i < 2; ++i) job.add(MbKind::intra_16x16, 0);
  EXPECT_EQ(job.counted().work_codec, static_cast<uint64_t>(WorkCodec::h264));
  job.job.is_mbaff = true;
  EXPECT_EQ(job.counted().work_codec, static_cast<uint64_t>(WorkCodec::h264_mbaff));
}

}  // namespace
}  // namespace daedalus::null
