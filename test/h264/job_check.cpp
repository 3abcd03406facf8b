// SPDX-License-Identifier: MIT
#include "h264/job_check.h"

#include <array>
#include <bit>
#include <cstring>
#include <vector>

namespace daedalus::h264 {

namespace {

// Null, or the violated condition.
using Broken = const char*;
#define REQUIRE(condition)               \
  do {                                   \
    if (!(condition)) return #condition; \
  } while (false)

constexpr std::array<uint32_t, 5> entry_counts = {1, 2, 2, 4, 16};
constexpr uint32_t pcm_words = 96;

bool has(const MbRecord& mb, uint32_t bit) {
  return (mb.head & bit) != 0;
}

bool has_modes(const MbRecord& mb) {
  return kind_of(mb) == MbKind::intra_4x4 || kind_of(mb) == MbKind::intra_8x8;
}

Broken check_weights(const PictureJob& job, uint32_t weights) {
  REQUIRE((weights & 3) != 3);
  if ((weights & 3) == weights_explicit) {
    REQUIRE((weights >> 2 & 0x7fff) < job.weights.size());
    REQUIRE(weights >> 17 < job.weights.size());
  } else if ((weights & 3) == weights_implicit) {
    const int32_t w1 = static_cast<int32_t>(weights) >> 2;
    REQUIRE(w1 >= -64 && w1 <= 128);
  }
  return nullptr;
}

// Whether the GPU waits for this reference, or the list is unused.
bool is_awaited(const PictureJob& job, const MbRecord& mb, uint32_t slot) {
  const bool is_field = job.structure != PictureStructure::frame || has(mb, mb_head::field_mb);
  const uint32_t end = (is_field ? 2 : 1) * max_reference_pictures;
  return slot == no_reference ||
         (slot < end && (job.reference_slots >> reference_slot(slot) & 1) != 0);
}

Broken check_motion(const PictureJob& job, const MbRecord& mb) {
  const auto shape = static_cast<uint32_t>(shape_of(mb));
  REQUIRE(shape < entry_counts.size());
  REQUIRE(mb.first_entry <= job.entries.size());
  REQUIRE(entry_counts[shape] <= job.entries.size() - mb.first_entry);
  for (uint32_t i = 0; i < entry_counts[shape]; ++i) {
    const MotionEntry entry = job.entries[mb.first_entry + i].motion;
    const uint32_t slot0 = entry.slots & 0xff, slot1 = entry.slots >> 8;
    REQUIRE(is_awaited(job, mb, slot0));
    REQUIRE(is_awaited(job, mb, slot1));
    REQUIRE(slot0 != no_reference || slot1 != no_reference);
    if (auto broken = check_weights(job, entry.weights)) return broken;
  }
  return nullptr;
}

uint32_t positions_in(uint32_t bit, bool transform_8x8) {
  if (bit == coded_block::cb_dc || bit == coded_block::cr_dc) return 4;
  const bool luma = bit >= coded_block::luma_block && bit < coded_block::cb_dc;
  return luma && transform_8x8 ? 64 : 16;
}

Broken check_levels(const PictureJob& job, uint32_t block, uint32_t positions) {
  const uint32_t first = block >> 6, count = (block & 63) + 1;
  REQUIRE(count <= positions);
  REQUIRE(first <= job.coefficients.size() && count <= job.coefficients.size() - first);
  uint64_t seen = 0;
  for (uint32_t i = first; i < first + count; ++i) {
    const uint32_t word = job.coefficients[i], position = word & 0xff;
    REQUIRE(position < positions);
    REQUIRE(static_cast<int32_t>(word) >> 8 != 0);
    REQUIRE((seen >> position & 1) == 0);
    seen |= uint64_t{1} << position;
  }
  return nullptr;
}

Broken check_blocks(const PictureJob& job, const MbRecord& mb) {
  const auto count = static_cast<uint32_t>(std::popcount(mb.coded_blocks));
  REQUIRE(mb.first_block <= job.blocks.size() && count <= job.blocks.size() - mb.first_block);
  REQUIRE(mb.coded_blocks >> (coded_block::cr_block + 4) == 0);
  uint32_t index = mb.first_block;
  for (uint32_t bits = mb.coded_blocks; bits != 0; bits &= bits - 1) {
    const auto bit = static_cast<uint32_t>(std::countr_zero(bits));
    const uint32_t positions = positions_in(bit, has(mb, mb_head::transform_8x8));
    if (auto broken = check_levels(job, job.blocks[index++], positions)) return broken;
  }
  return nullptr;
}

Broken check_intra(const PictureJob& job, const MbRecord& mb) {
  const bool is_8x8 = kind_of(mb) == MbKind::intra_8x8;
  if (kind_of(mb) == MbKind::pcm) {
    REQUIRE(mb.coded_blocks == 0);
    REQUIRE(mb.first_block <= job.coefficients.size());
    REQUIRE(pcm_words <= job.coefficients.size() - mb.first_block);
  }
  if (!has_modes(mb)) return nullptr;
  REQUIRE(mb.first_entry < job.entries.size());
  REQUIRE(is_8x8 == has(mb, mb_head::transform_8x8));
  const auto& modes = job.entries[mb.first_entry].intra.pred_modes;
  for (uint32_t i = 0; i < (is_8x8 ? 4u : 16u); ++i) REQUIRE((modes[i / 8] >> i % 8 * 4 & 15) <= 8);
  return nullptr;
}

bool is_field(const PictureJob& job, uint32_t place) {
  return has(job.mbs[place], mb_head::field_mb);
}
bool is_second_of_pair(uint32_t place, uint32_t width) {
  return place / width % 2 == 1;
}
uint32_t first_of_pair(uint32_t place, uint32_t width) {
  return place - place / width % 2 * width;
}
bool is_lower_frame_mb(const PictureJob& job, uint32_t place, uint32_t width) {
  return job.is_mbaff && is_second_of_pair(place, width) && !is_field(job, place);
}
bool has_nothing_above(const PictureJob& job, uint32_t place, uint32_t width) {
  if (!job.is_mbaff) return place < width;
  return place < 2 * width && !is_lower_frame_mb(job, place, width);
}

Broken check_head(const PictureJob& job, uint32_t address, uint32_t width) {
  using namespace mb_head;
  const MbRecord mb = job.mbs[address];
  REQUIRE((mb.head & 7) <= static_cast<uint32_t>(MbKind::pcm));
  const bool intra = kind_of(mb) != MbKind::inter;
  const uint32_t x = address % width;
  if (x == 0) REQUIRE(!has(mb, filter_left | left_available));
  if (x == 0 && intra) REQUIRE(!has(mb, top_left_available | left_differs_below));
  if (x + 1 == width) REQUIRE(!has(mb, top_right_available));
  if (has_nothing_above(job, address, width))
    REQUIRE(!has(mb, filter_top | top_available | top_left_available | top_right_available));
  if (is_lower_frame_mb(job, address, width)) REQUIRE(!has(mb, top_right_available));
  if (!job.is_mbaff) REQUIRE(!has(mb, field_mb));
  if (!job.is_mbaff && intra) REQUIRE(!has(mb, left_differs_below));
  if (job.is_mbaff) REQUIRE(has(mb, field_mb) == is_field(job, first_of_pair(address, width)));
  REQUIRE((mb.head >> qp_shift & 63) <= 51);
  REQUIRE((mb.head >> filter_offset_a_shift & 15) <= 12);
  REQUIRE((mb.head >> filter_offset_b_shift & 15) <= 12);
  return nullptr;
}

Broken check_mb(const PictureJob& job, uint32_t address, uint32_t width) {
  const MbRecord mb = job.mbs[address];
  if (auto broken = check_head(job, address, width)) return broken;
  const bool inter = kind_of(mb) == MbKind::inter;
  if (auto broken = inter ? check_motion(job, mb) : check_intra(job, mb)) return broken;
  return kind_of(mb) == MbKind::pcm ? nullptr : check_blocks(job, mb);
}

Broken check_tables(const PictureJob& job) {
  for (uint32_t qp : job.tables->chroma_qp) REQUIRE((qp & 0xff) <= 51 && qp >> 8 <= 51);
  return nullptr;
}

// Each macroblock's level, -1 for inter macroblocks.
Broken levels_of(const PictureJob& job, uint32_t width, std::vector<int>& levels) {
  levels.assign(job.mbs.size(), -1);
  const auto& begins = job.intra_levels;
  uint32_t intra_mb_count = 0;
  for (const auto& mb : job.mbs) intra_mb_count += kind_of(mb) != MbKind::inter;
  REQUIRE(job.inter_mb_count == job.mbs.size() - intra_mb_count);
  REQUIRE(begins.empty() == (intra_mb_count == 0));
  if (begins.empty()) return nullptr;
  REQUIRE(begins.front() == 0);
  REQUIRE(begins.back() == intra_mb_count);
  // Levels are at most x + 2 * y, or twice that of pairs; the last element is the end.
  const std::size_t height = job.mbs.size() / width;
  REQUIRE(begins.size() <= (job.is_mbaff ? 2 * (width + height) + 1 : width + 2 * height));
  for (std::size_t level = 0; level + 1 < begins.size(); ++level) {
    REQUIRE(begins[level] < begins[level + 1]);
    for (uint32_t i = begins[level]; i < begins[level + 1]; ++i) {
      REQUIRE(job.intra_mbs[i] < job.mbs.size());
      REQUIRE(levels[job.intra_mbs[i]] == -1);
      REQUIRE(kind_of(job.mbs[job.intra_mbs[i]]) != MbKind::inter);
      levels[job.intra_mbs[i]] = static_cast<int>(level);
    }
  }
  return nullptr;
}

// The macroblock above this one, one column to the left or right if `columns` says so.
uint32_t above_of(const PictureJob& job, uint32_t place, uint32_t width, int columns) {
  const uint32_t moved = place + static_cast<uint32_t>(columns);
  if (!is_field(job, place)) return moved - width;
  const uint32_t first = first_of_pair(moved, width) - 2 * width;
  return is_field(job, first) && !is_second_of_pair(place, width) ? first : first + width;
}
uint32_t above_left_of(const PictureJob& job, uint32_t place, uint32_t width) {
  if (!is_lower_frame_mb(job, place, width)) return above_of(job, place, width, -1);
  const uint32_t first = first_of_pair(place, width) - 1;
  return is_field(job, first) ? first + width : first;
}
// Both macroblocks of a pair of the other kind are neighbours.
std::array<uint32_t, 2> left_of(const PictureJob& job, uint32_t place, uint32_t width) {
  const uint32_t first = first_of_pair(place, width) - 1;
  if (!job.is_mbaff || is_field(job, first) == is_field(job, place)) return {place - 1, place - 1};
  return {first, first + width};
}

// A macroblock predicts only from macroblocks of earlier levels.
Broken check_order(const PictureJob& job, uint32_t place, const std::vector<int>& levels,
                   uint32_t width) {
  const MbRecord mb = job.mbs[place];
  if (has(mb, mb_head::left_available | mb_head::left_differs_below))
    for (const uint32_t left : left_of(job, place, width)) REQUIRE(levels[left] < levels[place]);
  if (has(mb, mb_head::top_available))
    REQUIRE(levels[above_of(job, place, width, 0)] < levels[place]);
  if (has(mb, mb_head::top_right_available))
    REQUIRE(levels[above_of(job, place, width, 1)] < levels[place]);
  if (has(mb, mb_head::top_left_available))
    REQUIRE(levels[above_left_of(job, place, width)] < levels[place]);
  return nullptr;
}

Broken check_deblocks(const PictureJob& job) {
  bool deblocks = false;
  for (const auto& mb : job.mbs)
    deblocks |= has(mb, mb_head::filter_inside | mb_head::filter_left | mb_head::filter_top);
  REQUIRE(job.deblocks == deblocks);
  return nullptr;
}

#undef REQUIRE

// FNV-1a.
class Hash {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    for (std::size_t i = 0; i < size; ++i) value_ = (value_ ^ bytes[i]) * 0x100000001b3;
  }
  template <typename T>
  void add(const T& value) {
    add(&value, sizeof(value));
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

// The positions of a macroblock's levels and entries in the job do not matter.
void add_mb(Hash& hash, const PictureJob& job, const MbRecord& mb) {
  hash.add(mb.head);
  hash.add(mb.coded_blocks);
  const uint32_t entries = kind_of(mb) == MbKind::inter
                               ? entry_counts[static_cast<uint32_t>(shape_of(mb))]
                               : has_modes(mb);
  for (uint32_t i = 0; i < entries; ++i) {
    const auto& entry = job.entries[mb.first_entry + i];
    if (kind_of(mb) == MbKind::inter)
      hash.add(entry.motion);
    else
      hash.add(entry.intra.pred_modes);
  }
  if (kind_of(mb) == MbKind::pcm)
    hash.add(&job.coefficients[mb.first_block], pcm_words * sizeof(uint32_t));
  for (int i = 0; i < std::popcount(mb.coded_blocks); ++i) {
    const uint32_t block = job.blocks[mb.first_block + static_cast<uint32_t>(i)];
    hash.add(&job.coefficients[block >> 6], ((block & 63) + 1) * sizeof(uint32_t));
  }
}

}  // namespace

std::optional<JobFault> first_fault(const PictureJob& job, uint32_t width_in_mbs) {
  const auto mb_count = static_cast<uint32_t>(job.mbs.size());
  for (uint32_t address = 0; address < mb_count; ++address)
    if (auto broken = check_mb(job, address, width_in_mbs)) return JobFault{broken, address};
  std::vector<int> levels;
  Broken broken = check_tables(job);
  if (!broken) broken = check_deblocks(job);
  if (!broken) broken = levels_of(job, width_in_mbs, levels);
  if (broken) return JobFault{broken, mb_count};
  for (uint32_t address = 0; address < mb_count; ++address)
    if (levels[address] >= 0 && (broken = check_order(job, address, levels, width_in_mbs)))
      return JobFault{broken, address};
  return std::nullopt;
}

uint64_t hash(const PictureJob& job) {
  Hash hash;
  hash.add(job.tables->chroma_qp);
  hash.add(job.tables->level_scale_4x4);
  hash.add(job.tables->level_scale_8x8);
  for (const auto& mb : job.mbs) add_mb(hash, job, mb);
  for (uint32_t begin : job.intra_levels) hash.add(begin);
  return hash.value();
}

}  // namespace daedalus::h264
