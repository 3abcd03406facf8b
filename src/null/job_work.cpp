// SPDX-License-Identifier: MIT
#include "null/job_work.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "null/counting.h"

namespace daedalus::null {
namespace {

using namespace h264;

class Macroblock {
 public:
  Macroblock(const PictureJob& job, uint32_t address) : job_(job), record_(job.mbs[address]) {}

  MbKind kind() const { return static_cast<MbKind>(bits(record_.head, mb_head::kind_shift, 3)); }
  bool has(uint32_t head_bit) const { return (record_.head & head_bit) != 0; }
  MotionShape shape() const {
    return static_cast<MotionShape>(bits(record_.head, mb_head::motion_shape_shift, 3));
  }
  uint32_t coded_blocks() const { return record_.coded_blocks; }

  const MotionEntry& motion(uint32_t column, uint32_t row) const {
    const std::array<uint32_t, 5> entries = {0, row / 2, column / 2, row / 2 * 2 + column / 2,
                                             row * 4 + column};
    return job_.entries[record_.first_entry + entries[static_cast<std::size_t>(shape())]].motion;
  }

  // The number of levels of a block by its bit in coded_blocks.
  uint32_t levels(uint32_t block_bit) const {
    if ((record_.coded_blocks >> block_bit & 1) == 0) return 0;
    const uint32_t before = record_.coded_blocks & ((1u << block_bit) - 1);
    const auto index = record_.first_block + static_cast<uint32_t>(std::popcount(before));
    return bits(job_.blocks[index], 0, 6) + 1;
  }

  // In the transform block that covers this 4x4 luma block.
  bool has_coefficients(uint32_t column, uint32_t row) const {
    uint32_t block = (column & 1) | (row & 1) << 1 | (column & 2) << 1 | (row & 2) << 2;
    if (has(mb_head::transform_8x8)) block &= ~3u;
    return (record_.coded_blocks >> (coded_block::luma_block + block) & 1) != 0;
  }

 private:
  const PictureJob& job_;
  const MbRecord& record_;
};

// The interpolation of 8.4.2.2.1 that a vector requires.
Count interpolation(const std::array<int16_t, 2>& mv) {
  const int x = mv[0] & 3, y = mv[1] & 3;
  if (y == 0) return x == 0 ? &JobWork::work_full : &JobWork::work_horizontal;
  if (x == 0) return &JobWork::work_vertical;
  return x == 2 || y == 2 ? &JobWork::work_centre : &JobWork::work_diagonal;
}

bool uses_list(const MotionEntry& entry, uint32_t list) {
  return bits(entry.slots, list * 8, 8) != no_reference;
}

void count_prediction(const Macroblock& mb, JobWork& work) {
  bool weighted = false;
  for (uint32_t block = 0; block < 16; ++block) {
    const MotionEntry& entry = mb.motion(block % 4, block / 4);
    weighted |= bits(entry.weights, 0, 2) != weights_default;
    for (uint32_t list = 0; list < 2; ++list)
      if (uses_list(entry, list)) ++(work.*interpolation(list ? entry.mv_l1 : entry.mv_l0));
  }
  work.work_weighted_mbs += weighted;
  work.work_split_mbs += mb.shape() != MotionShape::whole && mb.shape() != MotionShape::blocks;
  work.work_blocks_mbs += mb.shape() == MotionShape::blocks;
}

// inter.comp gives a subgroup several macroblocks: its lanes all do what any one of them has to do.
constexpr uint32_t luma_lanes = 8, chroma_lanes = 4;  // of a macroblock

// What some lanes of a turn do: predict the blocks that they own from one list.
struct LumaTurn {
  uint32_t rows = 0, column_filters = 0, centres = 0;
  bool border = false;

  // At (x, y), in samples.
  void add(const std::array<int16_t, 2>& mv, uint32_t block_rows, int x, int y, int width,
           int height) {
    const bool vertical = (mv[1] & 3) != 0;
    rows = std::max(rows, block_rows + (vertical ? 5 : 0));
    if (vertical) column_filters = std::max(column_filters, block_rows);
    if (interpolation(mv) == &JobWork::work_centre) centres = std::max(centres, block_rows);
    // In inter.comp's terms: in words, and with the additional rows of a vertical filter.
    x += (mv[0] >> 2) - 2;
    y += mv[1] >> 2;
    border |= x < 0 || (x >> 2) + 2 >= width / 4 || y < 2 ||
              y + static_cast<int>(block_rows) + 2 >= height;
  }
};

void count_luma_turns(const PictureJob& job, uint32_t first_mb, uint32_t width_in_mbs,
                      JobWork& work) {
  const auto mb_count = static_cast<uint32_t>(job.mbs.size());
  const int width = static_cast<int>(width_in_mbs * 16),
            height = static_cast<int>(mb_count / width_in_mbs * 16);
  for (uint32_t turn = 0; turn < 4; ++turn) {
    LumaTurn counted;
    for (uint32_t lane = 0; lane < lanes; ++lane) {
      const uint32_t address = first_mb + lane / luma_lanes;
      if (address >= mb_count) break;
      const Macroblock mb(job, address);
      const uint32_t rows = mb.shape() == MotionShape::blocks ? 4 : 8, row = turn * rows;
      if (mb.kind() != MbKind::inter || row >= 16) continue;
      const uint32_t list = row / 8, x = lane % 4 * 4, y = lane / 4 % 2 * 8 + row % 8;
      const MotionEntry& entry = mb.motion(x / 4, y / 4);
      if (!uses_list(entry, list)) continue;
      counted.add(list ? entry.mv_l1 : entry.mv_l0, rows,
                  static_cast<int>(address % width_in_mbs * 16 + x),
                  static_cast<int>(address / width_in_mbs * 16 + y), width, height);
    }
    work.work_luma_border_rows += counted.border ? counted.rows : 0;
    work.work_luma_column_filters += counted.column_filters;
    work.work_luma_centres += counted.centres;
  }
}

void count_chroma_turns(const PictureJob& job, uint32_t first_mb, JobWork& work) {
  for (uint32_t turn = 0; turn < 8; ++turn) {
    uint32_t rows = 0;
    for (uint32_t lane = 0; lane < lanes; ++lane) {
      const uint32_t address = first_mb + lane / chroma_lanes;
      if (address >= job.mbs.size()) break;
      const Macroblock mb(job, address);
      const bool blocks = mb.shape() == MotionShape::blocks;
      const uint32_t block = blocks ? turn : turn * 4;  // of four for each list
      if (mb.kind() != MbKind::inter || block >= 8) continue;
      const MotionEntry& entry =
          mb.motion(lane % 2 * 2 + block % 2, lane / 2 % 2 * 2 + block / 2 % 2);
      if (uses_list(entry, block / 4)) rows = std::max(rows, blocks ? 3u : 5u);
    }
    work.work_chroma_rows += rows;
  }
}

struct ResidualCounts {
  Count mbs, blocks, longest;
};

// The blocks with these bits in coded_blocks.
void count_blocks(const Macroblock& mb, uint32_t mask, const ResidualCounts& counts,
                  JobWork& work) {
  uint32_t longest = 0;
  for (uint32_t rest = mb.coded_blocks() & mask; rest != 0; rest &= rest - 1) {
    longest = std::max(longest, mb.levels(static_cast<uint32_t>(std::countr_zero(rest))));
    ++(work.*counts.blocks);
  }
  work.*counts.mbs += longest != 0;
  work.*counts.longest += longest;
}

void count_residual(const Macroblock& mb, JobWork& work) {
  constexpr uint32_t luma = (1u << coded_block::cb_dc) - 1, chroma = ~luma;
  constexpr std::array<ResidualCounts, 3> inter = {{
      {&JobWork::work_inter_4x4_mbs, &JobWork::work_inter_4x4_blocks,
       &JobWork::work_inter_4x4_longest},
      {&JobWork::work_inter_8x8_mbs, &JobWork::work_inter_8x8_blocks,
       &JobWork::work_inter_8x8_longest},
      {&JobWork::work_inter_chroma_mbs, &JobWork::work_inter_chroma_blocks,
       &JobWork::work_inter_chroma_longest},
  }};
  constexpr std::array<ResidualCounts, 3> intra = {{
      {&JobWork::work_intra_4x4_residual_mbs, &JobWork::work_intra_4x4_blocks,
       &JobWork::work_intra_4x4_longest},
      {&JobWork::work_intra_8x8_residual_mbs, &JobWork::work_intra_8x8_blocks,
       &JobWork::work_intra_8x8_longest},
      {&JobWork::work_intra_chroma_mbs, &JobWork::work_intra_chroma_blocks,
       &JobWork::work_intra_chroma_longest},
  }};
  const auto& counts = mb.kind() == MbKind::inter ? inter : intra;
  count_blocks(mb, luma, counts[mb.has(mb_head::transform_8x8) ? 1 : 0], work);
  count_blocks(mb, chroma, counts[2], work);
}

// Whether bS is 1 where there are no coefficients (8.7.2.1).
bool motion_differs(const MotionEntry& p, const MotionEntry& q) {
  const uint32_t p0 = bits(p.slots, 0, 8), p1 = bits(p.slots, 8, 8);
  const uint32_t q0 = bits(q.slots, 0, 8), q1 = bits(q.slots, 8, 8);
  const auto apart = [](const auto& a, const auto& b) {
    return std::abs(a[0] - b[0]) >= 4 || std::abs(a[1] - b[1]) >= 4;
  };
  const auto matches = [&](uint32_t first, uint32_t second, const auto& mv0, const auto& mv1) {
    return p0 == first && p1 == second && !(p0 != no_reference && apart(p.mv_l0, mv0)) &&
           !(p1 != no_reference && apart(p.mv_l1, mv1));
  };
  return !matches(q0, q1, q.mv_l0, q.mv_l1) && !matches(q1, q0, q.mv_l1, q.mv_l0);
}

// The edges of a macroblock in one direction; `before` is the neighbour across the first edge.
void count_edges(const Macroblock& mb, const Macroblock* before, bool horizontal, Count segments,
                 JobWork& work) {
  const bool intra = mb.kind() != MbKind::inter;
  for (uint32_t edge = 0; edge < 4; ++edge) {
    const Macroblock* p = edge == 0 ? before : &mb;
    if (!p || (edge != 0 && !mb.has(mb_head::filter_inside))) continue;
    if (edge % 2 != 0 && mb.has(mb_head::transform_8x8)) continue;
    if (edge == 0 && (intra || p->kind() != MbKind::inter)) {
      ++work.work_strong_edges;
      continue;
    }
    for (uint32_t along = 0; along < 4; ++along) {
      const uint32_t back = (edge + 3) % 4;
      const uint32_t qx = horizontal ? along : edge, qy = horizontal ? edge : along;
      const uint32_t px = horizontal ? along : back, py = horizontal ? back : along;
      work.*segments += intra || mb.has_coefficients(qx, qy) || p->has_coefficients(px, py) ||
                        motion_differs(p->motion(px, py), mb.motion(qx, qy));
    }
  }
}

void count_deblocking(const PictureJob& job, uint32_t address, uint32_t width_in_mbs,
                      JobWork& work) {
  const Macroblock mb(job, address);
  const uint64_t before =
      work.work_strong_edges + work.work_vertical_segments + work.work_horizontal_segments;
  if (mb.has(mb_head::filter_left)) {
    const Macroblock left(job, address - 1);
    count_edges(mb, &left, false, &JobWork::work_vertical_segments, work);
  } else {
    count_edges(mb, nullptr, false, &JobWork::work_vertical_segments, work);
  }
  if (mb.has(mb_head::filter_top)) {
    const Macroblock above(job, address - width_in_mbs);
    count_edges(mb, &above, true, &JobWork::work_horizontal_segments, work);
  } else {
    count_edges(mb, nullptr, true, &JobWork::work_horizontal_segments, work);
  }
  work.work_filtered_mbs +=
      work.work_strong_edges + work.work_vertical_segments + work.work_horizontal_segments !=
      before;
}

// How many macroblocks a workgroup of intra_levels.comp reconstructs at a time.
constexpr uint32_t mbs_per_turn = 24;

// In each level the macroblocks with the smallest blocks take longest.
void count_intra_levels(const PictureJob& job, JobWork& work) {
  for (std::size_t level = 0; level + 1 < job.intra_levels.size(); ++level) {
    const uint32_t first = job.intra_levels[level], end = job.intra_levels[level + 1];
    std::array<bool, 5> kinds{};
    for (uint32_t i = first; i < end; ++i)
      kinds[static_cast<std::size_t>(Macroblock(job, job.intra_mbs[i]).kind())] = true;
    if (kinds[static_cast<std::size_t>(MbKind::intra_4x4)])
      ++work.work_4x4_levels;
    else if (kinds[static_cast<std::size_t>(MbKind::intra_8x8)])
      ++work.work_8x8_levels;
    work.work_level_turns += (end - first + mbs_per_turn - 1) / mbs_per_turn;
  }
}

}  // namespace

// Counts the rows and neighbours of an MBAFF frame as if its records were a progressive frame's:
// accurate enough, because MBAFF has separate costs.
void count_work(const PictureJob& job, uint32_t width_in_mbs, JobWork& work) {
  if (job.is_mbaff) work.work_codec = static_cast<uint64_t>(WorkCodec::h264_mbaff);
  constexpr std::array<Count, 5> intra_kinds = {
      nullptr, &JobWork::work_intra_4x4_mbs, &JobWork::work_intra_8x8_mbs,
      &JobWork::work_intra_16x16_mbs, &JobWork::work_pcm_mbs};
  for (uint32_t address = 0; address < job.mbs.size(); ++address) {
    const Macroblock mb(job, address);
    if (const Count kind = intra_kinds[static_cast<std::size_t>(mb.kind())])
      ++(work.*kind);
    else
      count_prediction(mb, work);
    if (mb.kind() != MbKind::pcm) count_residual(mb, work);
    if (job.deblocks) count_deblocking(job, address, width_in_mbs, work);
  }
  for (uint32_t mb = 0; mb < job.mbs.size(); mb += lanes / luma_lanes)
    count_luma_turns(job, mb, width_in_mbs, work);
  for (uint32_t mb = 0; mb < job.mbs.size(); mb += lanes / chroma_lanes)
    count_chroma_turns(job, mb, work);
  count_intra_levels(job, work);
}

}  // namespace daedalus::null
