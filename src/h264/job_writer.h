// SPDX-License-Identifier: MIT
// Writes one slice's part of a job's streams. Their memory is write-combined: everything is written
// in order, and nothing is read back.
//
// Neither this class nor the shaders check for the ends of the streams, because slices have
// disjoint ranges of macroblocks (share_mbs() in picture_parser.cpp), a macroblock is written once
// and has at most max_entries_per_mb entries and max_blocks_per_mb blocks, and the parser calls
// has_room_for_mb() before each macroblock.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>

#include "daedalus/h264/job.h"

namespace daedalus::h264 {

class JobWriter {
 public:
  JobWriter() = default;
  // The slice's macroblocks begin at `first_mb`, its levels at `first_coefficient`; it may have
  // `coefficient_count` of them.
  JobWriter(const PictureJob& job, uint32_t first_mb, uint32_t first_coefficient,
            uint32_t coefficient_count)
      : mbs_(job.mbs.data()),
        entries_(job.entries.data()),
        blocks_(job.blocks.data()),
        coefficients_(job.coefficients.data()),
        next_entry_(first_mb * max_entries_per_mb),
        next_block_(first_mb * max_blocks_per_mb),
        next_coefficient_(first_coefficient),
        end_of_coefficients_(first_coefficient + coefficient_count),
        first_({next_entry_, next_block_, next_coefficient_}) {}

  JobAmounts amounts() const {
    return {next_entry_ - first_.entries, next_block_ - first_.blocks,
            next_coefficient_ - first_.coefficients};
  }

  bool has_room_for_mb() const {
    return end_of_coefficients_ - next_coefficient_ >= max_coefficients_per_mb;
  }

  void begin_mb() {
    coded_blocks_ = 0;
    first_block_ = next_block_;
    first_entry_ = next_entry_;
  }
  void end_mb(uint32_t address, uint32_t head) {
    mbs_[address] = {.head = head,
                     .coded_blocks = coded_blocks_,
                     .first_block = first_block_,
                     .first_entry = first_entry_};
  }

  void add_motion(const MotionEntry& motion) { entries_[next_entry_++].motion = motion; }
  void add_intra_modes(uint64_t pred_modes) {
    entries_[next_entry_++].intra = {
        .pred_modes = {static_cast<uint32_t>(pred_modes), static_cast<uint32_t>(pred_modes >> 32)},
        .unused = {}};
  }

  // The place of the next block's levels.
  uint32_t* levels() { return coefficients_ + next_coefficient_; }
  // Completes a block whose levels are written up to `end`; an empty block leaves no record.
  void add_block(uint32_t coded_block_bit, const uint32_t* end) {
    const auto count = static_cast<uint32_t>(end - levels());
    if (count == 0) return;
    coded_blocks_ |= 1u << coded_block_bit;
    blocks_[next_block_++] = block_word(next_coefficient_, count);
    next_coefficient_ += count;
  }

  // I_PCM: 256 luma samples, and 128 of chroma or, in monochrome, none.
  void add_pcm(const uint8_t* samples, bool monochrome) {
    first_block_ = next_coefficient_;
    const std::size_t count = monochrome ? 256 : 384;
    std::memcpy(levels(), samples, count);
    std::memset(reinterpret_cast<std::byte*>(levels()) + count, 128, 384 - count);
    next_coefficient_ += pcm_words;
  }

 private:
  static constexpr uint32_t pcm_words = 96;

  MbRecord* mbs_ = nullptr;
  Entry* entries_ = nullptr;
  uint32_t* blocks_ = nullptr;
  uint32_t* coefficients_ = nullptr;
  uint32_t next_entry_ = 0, next_block_ = 0, next_coefficient_ = 0;
  uint32_t end_of_coefficients_ = 0;
  JobAmounts first_;
  uint32_t coded_blocks_ = 0, first_block_ = 0, first_entry_ = 0;  // of this macroblock
};

}  // namespace daedalus::h264
