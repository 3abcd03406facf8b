// SPDX-License-Identifier: MIT
// What AV1's jobs require of a GPU, counted by hand.
#include <gtest/gtest.h>

#include "av1/job_memory.h"
#include "null/job_work.h"

namespace daedalus::null {
namespace {

using namespace av1;

// A square of 2 << log2_size samples.
PredictionRecord prediction_of(uint32_t log2_size, const MotionVector& mv) {
  namespace p = prediction_place;
  PredictionRecord record{};
  record.place = log2_size << p::width_shift | log2_size << p::height_shift;
  record.head = no_reference << prediction_head::reference_1_shift;
  record.mv_0 = mv;
  return record;
}

IntraRecord intra_of(TxSize size, IntraMode mode) {
  IntraRecord record{};
  record.place = static_cast<uint32_t>(size) << transform_place::size_shift;
  record.mode = static_cast<uint32_t>(mode);
  return record;
}

// At (x, y), in units of 4 samples.
BlockRecord block_of(uint32_t x, uint32_t y, uint32_t block_size, TxSize tx_size, uint32_t level) {
  namespace p = block_place;
  BlockRecord block{};
  block.place =
      x << p::x_shift | y << p::y_shift | block_size << p::size_shift | p::is_inter | p::has_chroma;
  block.filter = static_cast<uint32_t>(tx_size) << block_filter::tx_size_shift;
  for (const uint32_t shift : block_filter::level_shift) block.filter |= level << shift;
  return block;
}

constexpr uint32_t block_64x64 = 12;

JobWork counted(const JobMemory& memory) {
  JobWork work;
  count_work(memory.job, work);
  return work;
}

struct Av1Work : testing::Test {
  Av1Work() {
    job.width = job.upscaled_width = 128;
    job.height = 64;
    // Two blocks of 64x64, with transform blocks of 32x32 and of 16x16.
    job.block_count = 2;
    job.blocks[0] = block_of(0, 0, block_64x64, TxSize::tx_32x32, 1);
    job.blocks[1] = block_of(16, 0, block_64x64, TxSize::tx_16x16, 1);
  }

  JobMemory memory{max_room(128, 64), 128, 64, 128};
  PictureJob& job = memory.job;
};

TEST_F(Av1Work, CountsWhatASubgroupPredicts) {
  // Four 16x16 blocks with four lanes each share a subgroup: all filter because the second one
  // does.
  const uint32_t area = area_class(prediction_of(3, {}).place);
  job.prediction_counts[0][static_cast<std::size_t>(PredictionKind::simple)][area] = 5;
  for (auto& record : job.predictions[0].first(5)) record = prediction_of(3, {0, 0});
  job.predictions[0][1] = prediction_of(3, {0, 3});  // horizontal
  job.predictions[0][4] = prediction_of(3, {3, 0});  // vertical, in the next subgroup
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_codec, static_cast<uint64_t>(WorkCodec::av1));
  EXPECT_EQ(work.work_av1_units, 16u * 8);
  EXPECT_EQ(work.work_av1_simple_turns, 2u);
  EXPECT_EQ(work.work_av1_luma_horizontal_rows, 16u);
  EXPECT_EQ(work.work_av1_luma_rows, 16u + 5);
  EXPECT_EQ(work.work_av1_luma_vertical_rows, 16u);
  EXPECT_EQ(work.work_av1_second_rows, 0u);
  EXPECT_EQ(work.work_av1_special_turns, 0u);
}

TEST_F(Av1Work, CountsOverlapsAndWarps) {
  const uint32_t area = area_class(prediction_of(3, {}).place);
  job.prediction_counts[0][static_cast<std::size_t>(PredictionKind::special)][area] = 2;
  job.predictions[0][0] = prediction_of(3, {0, 0});
  job.predictions[0][0].head |= prediction_head::has_overlaps;
  job.predictions[0][0].overlaps = 1u << 24 | 1u << 28;
  job.predictions[0][1] = prediction_of(3, {0, 0});
  job.predictions[0][1].head |= prediction_head::warp_0;
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_av1_special_turns, 1u);
  EXPECT_EQ(work.work_av1_special_rows, 16u);
  EXPECT_EQ(work.work_av1_overlap_passes, 2u);
  EXPECT_EQ(work.work_av1_warped_rows, 16u);
  EXPECT_EQ(work.work_av1_blended_turns, 1u);
}

TEST_F(Av1Work, CountsWorkgroupsOfTransforms) {
  job.transform_counts[0][static_cast<std::size_t>(TxSize::tx_8x8)] = 9;
  job.transform_counts[0][static_cast<std::size_t>(TxSize::tx_64x32)] = 1;
  for (auto& transform : job.transforms.first(9))
    transform.shape = transform_shape(8, 0, TxType::dct_dct);
  job.transforms[8].shape = transform_shape(9, 0, TxType::idtx);
  job.transforms[9].shape = transform_shape(65, 0, TxType::dct_dct);
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_av1_small_groups, 2u);
  EXPECT_EQ(work.work_av1_groups_8, 2u);
  EXPECT_EQ(work.work_av1_mixed_groups, 1u);
  EXPECT_EQ(work.work_av1_rounds, 1u + 2);
  EXPECT_EQ(work.work_av1_large_groups, 1u);
  EXPECT_EQ(work.work_av1_large_rounds, 2u);
  EXPECT_EQ(work.work_av1_lines_64, 2u);
  EXPECT_EQ(work.work_av1_lines_32, 4u);
}

// The first team has a part of a large record in the first turn and another record in the second.
TEST_F(Av1Work, CountsTheBusiestTeamOfIntraLevels) {
  const auto slot_of = [](TxSize size, IntraMode mode, uint32_t rows) {
    IntraRecord slot = intra_of(size, mode);
    slot.part = intra_part::exists |
                uint32_t{tx_width_log2[static_cast<uint32_t>(size)]} << intra_part::width_shift |
                uint32_t{tx_height_log2[static_cast<uint32_t>(size)]} << intra_part::height_shift |
                rows << intra_part::rows_shift;
    return slot;
  };
  for (auto& slot : job.intra_slots.first(16)) slot = slot_of(TxSize::tx_4x4, IntraMode::dc, 4);
  job.intra_slots[0] = slot_of(TxSize::tx_32x32, IntraMode::smooth, 8);
  job.intra_slots[16] = slot_of(TxSize::tx_16x16, IntraMode::d45, 16);
  job.intra_slots[17] = slot_of(TxSize::tx_8x8, IntraMode::cfl, 8);
  job.intra_slots[17].part |= intra_part::of_chroma;
  job.intra_slot_levels = {0, 17, 18};
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_av1_intra_levels, 2u);
  EXPECT_EQ(work.work_av1_intra_turns, 3u);
  EXPECT_EQ(work.work_av1_intra_records, 18u);
  EXPECT_EQ(work.work_av1_edge_steps, 7u);
  EXPECT_EQ(work.work_av1_smooth_steps, 4u);
  EXPECT_EQ(work.work_av1_directional_steps, 4u);
  EXPECT_EQ(work.work_av1_cfl_steps, 2u);
  EXPECT_EQ(work.work_av1_dc_steps, 0u);
}

TEST_F(Av1Work, CountsEdges) {
  EXPECT_EQ(counted(memory).work_av1_luma_left_edges, 0u);
  job.filter_level = {1, 1, 1, 1};
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_av1_deblocked_units, 16u * 8);
  // In steps of 16 rows: one edge inside the first block, the second block's own, and three inside
  // it.
  EXPECT_EQ(work.work_av1_luma_left_edges, 4u * (1 + 1 + 3));
  EXPECT_EQ(work.work_av1_wide_left_edges, 4u * (1 + 1 + 3));
  EXPECT_EQ(work.work_av1_luma_top_edges, 1u + 3);
  // Chroma's transform blocks have the size of its blocks.
  EXPECT_EQ(work.work_av1_chroma_left_edges, 2u);
  EXPECT_EQ(work.work_av1_chroma_top_edges, 0u);
}

TEST_F(Av1Work, CountsTapsAndDirectionsOfCdef) {
  job.cdef = true;
  job.cdef_strengths[0] = {4, 0, 0, 2};
  job.cdef_indices[0] = 0;
  job.cdef_indices[1] = no_cdef;
  JobWork work = counted(memory);
  EXPECT_EQ(work.work_av1_cdef_units, 16u * 8);
  EXPECT_EQ(work.work_av1_luma_taps, 64u * 4);
  EXPECT_EQ(work.work_av1_chroma_taps, 32u * 8);
  EXPECT_EQ(work.work_av1_directions, 4u);
  job.blocks[0].place |= block_place::skip;
  work = counted(memory);
  EXPECT_EQ(work.work_av1_luma_taps, 0u);
}

TEST_F(Av1Work, CountsUnitsOfRestoration) {
  job.restoration = {Restoration::wiener, Restoration::none, Restoration::switchable};
  job.restoration_size_log2 = {6, 6, 5};
  for (auto& unit : job.restoration_units[0].first(2))
    unit.type = static_cast<uint32_t>(Restoration::wiener);
  job.restoration_units[0][1].type = static_cast<uint32_t>(Restoration::none);
  for (auto& unit : job.restoration_units[2].first(2))
    unit.type = static_cast<uint32_t>(Restoration::self_guided);
  const JobWork work = counted(memory);
  EXPECT_EQ(work.work_av1_restored_units, 16u * 8);
  EXPECT_EQ(work.work_av1_guided_units, 16u * 8);
  EXPECT_EQ(work.work_av1_luma_wiener, 4u);
  EXPECT_EQ(work.work_av1_chroma_guided, 2u);
}

}  // namespace
}  // namespace daedalus::null
