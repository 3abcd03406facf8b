// SPDX-License-Identifier: MIT
// One macroblock of a job with the fields of its record unpacked.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "daedalus/h264/job.h"
#include "reference/picture_view.h"

namespace daedalus::h264::scalar {

inline constexpr uint32_t bits(uint32_t word, uint32_t first, uint32_t count) {
  return word >> first & ((1u << count) - 1);
}

inline constexpr uint8_t clip1(int64_t value) {
  return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

// Column and row of luma4x4BlkIdx, in blocks of 4x4, and back (6.4.3).
inline constexpr int luma_block_column(int index) {
  return (index & 1) | (index >> 1 & 2);
}
inline constexpr int luma_block_row(int index) {
  return (index >> 1 & 1) | (index >> 2 & 2);
}
inline constexpr int luma_block_index(int column, int row) {
  return (column & 1) | (row & 1) << 1 | (column & 2) << 1 | (row & 2) << 2;
}

class Macroblock {
 public:
  Macroblock(const PictureJob& job, uint32_t address)
      : job_(&job), record_(&job.mbs[address]), address_(address) {}

  const PictureJob& job() const { return *job_; }
  const PictureTables& tables() const { return *job_->tables; }
  uint32_t address() const { return address_; }
  int column() const { return static_cast<int>(address_ % job_->width_in_mbs); }
  int row() const { return static_cast<int>(address_ / job_->width_in_mbs); }

  // For MBAFF frames.
  bool is_field() const { return has(mb_head::field_mb); }
  bool is_second_of_pair() const { return job_->is_mbaff && row() % 2 == 1; }
  // The first macroblock of another pair, this many pairs further right and down.
  Macroblock first_of_pair(int right, int down) const {
    const auto width = static_cast<int>(job_->width_in_mbs);
    return {*job_, static_cast<uint32_t>((row() / 2 + down) * 2 * width + column() + right)};
  }
  Macroblock second_of_pair() const { return {*job_, address_ + job_->width_in_mbs}; }

  // The macroblock's samples, with other macroblocks' samples around them.
  Plane samples(const PictureView& picture, Component component) const {
    const int size = component == Component::y ? 16 : 8;
    const Plane plane = picture.plane(component);
    if (!is_field()) return plane.at(column() * size, row() * size);
    const Plane first = plane.at(column() * size, row() / 2 * 2 * size + row() % 2);
    return {first.origin, first.pitch * 2, first.step};
  }

  // Whether its upper or lower half has a left neighbour.
  bool left_available(bool lower) const {
    return has(mb_head::left_available) !=
           (lower && job_->is_mbaff && is_intra() && has(mb_head::left_differs_below));
  }

  MbKind kind() const { return static_cast<MbKind>(field(mb_head::kind_shift, 3)); }
  bool is_intra() const { return kind() != MbKind::inter; }
  bool has(uint32_t head_bit) const { return (record_->head & head_bit) != 0; }
  bool transform_8x8() const { return has(mb_head::transform_8x8); }
  int qp() const { return static_cast<int>(field(mb_head::qp_shift, 6)); }
  int chroma_qp(Component component) const { return chroma_qp_of(qp(), component); }
  uint32_t intra_chroma_pred_mode() const {
    return field(mb_head::intra_chroma_pred_mode_shift, 2);
  }
  uint32_t intra_16x16_pred_mode() const { return field(mb_head::intra_16x16_pred_mode_shift, 2); }
  int filter_offset_a() const { return filter_offset(mb_head::filter_offset_a_shift); }
  int filter_offset_b() const { return filter_offset(mb_head::filter_offset_b_shift); }

  // Intra4x4PredMode or Intra8x8PredMode of a block.
  uint32_t intra_pred_mode(int block) const {
    const auto index = static_cast<uint32_t>(block);
    return bits(job_->entries[record_->first_entry].intra.pred_modes[index / 8], index % 8 * 4, 4);
  }

  // The motion of the 4x4 block in this column and row.
  const MotionEntry& motion(int column, int row) const {
    const auto x = static_cast<uint32_t>(column), y = static_cast<uint32_t>(row);
    uint32_t entry = 0;
    switch (static_cast<MotionShape>(field(mb_head::motion_shape_shift, 3))) {
      case MotionShape::whole:
        entry = 0;
        break;
      case MotionShape::rows:
        entry = y / 2;
        break;
      case MotionShape::columns:
        entry = x / 2;
        break;
      case MotionShape::quarters:
        entry = y / 2 * 2 + x / 2;
        break;
      case MotionShape::blocks:
        entry = y * 4 + x;
        break;
    }
    return job_->entries[record_->first_entry + entry].motion;
  }

  bool is_coded(uint32_t block_bit) const { return (record_->coded_blocks >> block_bit & 1) != 0; }

  // The levels of a block, given by its bit in coded_blocks; none if it is not coded.
  std::span<const uint32_t> levels(uint32_t block_bit) const {
    if (!is_coded(block_bit)) return {};
    const uint32_t before = record_->coded_blocks & ((1u << block_bit) - 1);
    const uint32_t block =
        job_->blocks[record_->first_block + static_cast<uint32_t>(std::popcount(before))];
    return job_->coefficients.subspan(block >> 6, (block & 63) + 1);
  }

  // I_PCM: sample `index` of 256 luma, 64 Cb and 64 Cr samples.
  uint8_t pcm_sample(int index) const {
    const auto i = static_cast<uint32_t>(index);
    return static_cast<uint8_t>(job_->coefficients[record_->first_block + i / 4] >> i % 4 * 8);
  }

 private:
  uint32_t field(uint32_t shift, uint32_t count) const { return bits(record_->head, shift, count); }
  int filter_offset(uint32_t shift) const { return (static_cast<int>(field(shift, 4)) - 6) * 2; }
  int chroma_qp_of(int luma_qp, Component component) const {
    const uint32_t both = tables().chroma_qp[static_cast<uint32_t>(luma_qp)];
    return static_cast<int>(bits(both, component == Component::cb ? 0 : 8, 8));
  }

  const PictureJob* job_;
  const MbRecord* record_;
  uint32_t address_;
};

}  // namespace daedalus::h264::scalar
