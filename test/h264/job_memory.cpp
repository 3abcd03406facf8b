#include "job_memory.h"

#include <gtest/gtest.h>

#include <bit>

namespace daedalus::h264 {

namespace {

constexpr uint32_t no_kind = 7;

void expect_valid_motion(const JobMemory& memory, const MbRecord& mb) {
  static constexpr std::array<uint32_t, 5> counts = {1, 2, 2, 4, 16};
  const auto shape = static_cast<uint32_t>(shape_of(mb));
  ASSERT_LT(shape, counts.size());
  ASSERT_LE(mb.first_entry + counts[shape], memory.entries.size());
  for (uint32_t i = 0; i < counts[shape]; ++i) {
    const MotionEntry& entry = memory.entries[mb.first_entry + i].motion;
    const uint32_t slot0 = entry.slots & 0xff, slot1 = entry.slots >> 8;
    ASSERT_TRUE(slot0 < max_reference_pictures || slot0 == no_reference);
    ASSERT_TRUE(slot1 < max_reference_pictures || slot1 == no_reference);
    ASSERT_FALSE(slot0 == no_reference && slot1 == no_reference);
    ASSERT_NE(entry.weights & 3, 3u);
    if ((entry.weights & 3) == weights_explicit) {
      ASSERT_LT(entry.weights >> 2 & 0x7fff, memory.weights.size());
      ASSERT_LT(entry.weights >> 17, memory.weights.size());
    } else if ((entry.weights & 3) == weights_implicit) {
      const int32_t w1 = static_cast<int32_t>(entry.weights) >> 2;
      ASSERT_TRUE(w1 >= -64 && w1 <= 128);
    }
  }
}

uint32_t positions_in(uint32_t bit, bool transform_8x8) {
  if (bit == coded_block::cb_dc || bit == coded_block::cr_dc) return 4;
  const bool luma = bit >= coded_block::luma_block && bit < coded_block::cb_dc;
  return luma && transform_8x8 ? 64 : 16;
}

void expect_valid_blocks(const JobMemory& memory, const MbRecord& mb) {
  uint32_t index = mb.first_block;
  ASSERT_LE(index + static_cast<uint32_t>(std::popcount(mb.coded_blocks)), memory.blocks.size());
  ASSERT_EQ(mb.coded_blocks >> (coded_block::cr_block + 4), 0u);
  for (uint32_t bit = 0; bit < 32; ++bit) {
    if (!(mb.coded_blocks >> bit & 1)) continue;
    const uint32_t word = memory.blocks[index++];
    const uint32_t first = word >> 6, count = (word & 63) + 1;
    const uint32_t positions = positions_in(bit, (mb.head & mb_head::transform_8x8) != 0);
    ASSERT_LE(count, positions);
    ASSERT_LE(first + count, memory.coefficients.size());
    uint64_t seen = 0;
    for (uint32_t i = first; i < first + count; ++i) {
      const uint32_t position = memory.coefficients[i] & 0xff;
      ASSERT_LT(position, positions);
      ASSERT_NE(static_cast<int32_t>(memory.coefficients[i]) >> 8, 0);
      ASSERT_EQ(seen >> position & 1, 0u);
      seen |= uint64_t{1} << position;
    }
  }
}

void expect_valid_intra(const JobMemory& memory, const MbRecord& mb) {
  const MbKind kind = kind_of(mb);
  if (kind == MbKind::pcm) {
    ASSERT_LE(mb.first_block + 96, memory.coefficients.size());
    ASSERT_EQ(mb.coded_blocks, 0u);
  }
  if (kind != MbKind::intra_4x4 && kind != MbKind::intra_8x8) return;
  ASSERT_LT(mb.first_entry, memory.entries.size());
  ASSERT_EQ(kind == MbKind::intra_8x8, (mb.head & mb_head::transform_8x8) != 0);
  const auto& modes = memory.entries[mb.first_entry].intra.pred_modes;
  for (uint32_t i = 0; i < (kind == MbKind::intra_8x8 ? 4u : 16u); ++i)
    ASSERT_LE(modes[i / 8] >> i % 8 * 4 & 15, 8u);
}

void expect_valid_neighbours(const MbRecord& mb, uint32_t address, uint32_t width) {
  const uint32_t x = address % width;
  const auto has = [&](uint32_t bit) { return (mb.head & bit) != 0; };
  if (x == 0) {
    ASSERT_FALSE(has(mb_head::filter_left));
    ASSERT_FALSE(has(mb_head::left_available) || has(mb_head::top_left_available));
  }
  if (x + 1 == width) {
    ASSERT_FALSE(has(mb_head::top_right_available));
  }
  if (address < width) {
    ASSERT_FALSE(has(mb_head::filter_top) || has(mb_head::top_available));
    ASSERT_FALSE(has(mb_head::top_left_available) || has(mb_head::top_right_available));
  }
  ASSERT_LE(mb.head >> mb_head::qp_shift & 63, 51u);
  ASSERT_LE(mb.head >> mb_head::filter_offset_a_shift & 15, 12u);
  ASSERT_LE(mb.head >> mb_head::filter_offset_b_shift & 15, 12u);
}

// The level of each macroblock, -1 for inter ones.
void levels_of(const JobMemory& memory, std::vector<int>& levels) {
  levels.assign(memory.mb_count(), -1);
  const auto& begins = memory.job.intra_levels;
  uint32_t intra_mb_count = 0;
  for (const auto& mb : memory.mbs) intra_mb_count += kind_of(mb) != MbKind::inter;
  ASSERT_EQ(memory.job.inter_mb_count, memory.mb_count() - intra_mb_count);
  ASSERT_EQ(begins.empty(), intra_mb_count == 0);
  if (begins.empty()) return;
  ASSERT_EQ(begins.front(), 0u);
  ASSERT_EQ(begins.back(), intra_mb_count);
  ASSERT_LE(begins.size(), max_intra_levels + 1u);
  for (std::size_t level = 0; level + 1 < begins.size(); ++level) {
    ASSERT_LT(begins[level], begins[level + 1]);
    for (uint32_t i = begins[level]; i < begins[level + 1]; ++i) {
      ASSERT_LT(memory.intra_mbs[i], memory.mb_count());
      ASSERT_EQ(levels[memory.intra_mbs[i]], -1);
      ASSERT_NE(kind_of(memory.mbs[memory.intra_mbs[i]]), MbKind::inter);
      levels[memory.intra_mbs[i]] = static_cast<int>(level);
    }
  }
}

void expect_ordered(const JobMemory& memory, const std::vector<int>& levels, uint32_t width) {
  for (uint32_t address = 0; address < memory.mb_count(); ++address) {
    if (levels[address] < 0) continue;
    const uint32_t head = memory.mbs[address].head;
    if (head & mb_head::left_available) {
      ASSERT_LT(levels[address - 1], levels[address]);
    }
    if (head & mb_head::top_available) {
      ASSERT_LT(levels[address - width], levels[address]);
    }
    if (head & mb_head::top_right_available) {
      ASSERT_LT(levels[address - width + 1], levels[address]);
    }
    if (head & mb_head::top_left_available) {
      ASSERT_LT(levels[address - width - 1], levels[address]);
    }
  }
}

}  // namespace

JobMemory::JobMemory(uint32_t width_in_mbs, uint32_t height_in_mbs, std::size_t coefficient_words)
    : mbs(std::size_t{width_in_mbs} * height_in_mbs, MbRecord{no_kind, 0, 0, 0}),
      entries(mbs.size() * max_entries_per_mb),
      weights(max_explicit_weights),
      blocks(mbs.size() * max_blocks_per_mb),
      coefficients(coefficient_words),
      intra_mbs(mbs.size()) {
  job.header = &header;
  job.mbs = mbs;
  job.entries = entries;
  job.weights = weights;
  job.blocks = blocks;
  job.coefficients = coefficients;
  job.intra_mbs = intra_mbs;
}

void expect_valid(const JobMemory& memory, uint32_t width_in_mbs) {
  bool deblocks = false;
  for (uint32_t address = 0; address < memory.mb_count(); ++address) {
    const MbRecord& mb = memory.mbs[address];
    ASSERT_LE(mb.head & 7, static_cast<uint32_t>(MbKind::pcm));
    ASSERT_NO_FATAL_FAILURE(expect_valid_neighbours(mb, address, width_in_mbs));
    if (kind_of(mb) == MbKind::inter) {
      ASSERT_NO_FATAL_FAILURE(expect_valid_motion(memory, mb));
    } else {
      ASSERT_NO_FATAL_FAILURE(expect_valid_intra(memory, mb));
    }
    if (kind_of(mb) != MbKind::pcm) {
      ASSERT_NO_FATAL_FAILURE(expect_valid_blocks(memory, mb));
    }
    deblocks |=
        (mb.head & (mb_head::filter_inside | mb_head::filter_left | mb_head::filter_top)) != 0;
  }
  ASSERT_EQ(memory.job.deblocks, deblocks);
  std::vector<int> levels;
  ASSERT_NO_FATAL_FAILURE(levels_of(memory, levels));
  expect_ordered(memory, levels, width_in_mbs);
}

}  // namespace daedalus::h264
