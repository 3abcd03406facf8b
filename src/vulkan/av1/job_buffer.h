// SPDX-License-Identifier: MIT
// The memory of one AV1 job: the offsets of its lists in a buffer that CPU and GPU share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/av1/stage.h"

namespace daedalus::vulkan {

// Offsets in quads (16 bytes) from the start of the buffer, where the header is.
struct Av1JobLayout {
  Av1JobLayout() = default;
  // `has_slots`: whether intra_levels.comp will reconstruct it.
  Av1JobLayout(const av1::FrameSize& size, const av1::JobRoom& room, bool has_slots);

  uint32_t slots() const;

  uint64_t bytes() const { return end_quad * 16; }

  av1::FrameSize size{};
  av1::JobRoom room;
  bool has_slots = false;
  uint32_t squares = 0;  // 64x64 luma samples each
  // Room for the first elements of all levels, and the end of the last one.
  uint32_t intra_level_words = 0;
  std::array<uint32_t, 3> restoration_units{};  // maximum for each plane

  uint64_t blocks_quad = 0, tx_splits_quad = 0, overlaps_quad = 0, warps_quad = 0;
  uint64_t transforms_quad = 0, palettes_quad = 0, cdef_indices_quad = 0, film_grain_quad = 0;
  uint64_t intra_turns_quad = 0, intra_slots_quad = 0, coefficients_quad = 0, end_quad = 0;
  // Luma, chroma.
  std::array<uint64_t, 2> predictions_quads{}, intra_quads{};
  std::array<uint64_t, 2> intra_levels_quads{};
  std::array<uint64_t, 3> restoration_quads{};
};

// Points the job's lists into its memory, and resets the job.
void open_av1_job(std::span<std::byte> memory, const Av1JobLayout& layout, av1::PictureJob& job);

// Whether the job's counts and levels are within its lists.
bool is_consistent(const av1::PictureJob& job, const Av1JobLayout& layout);

// Both lists have this number of levels.
uint32_t intra_level_count(const av1::PictureJob& job);
// How many words at the start of scratch memory tickets use (shaders/av1/intra_pending.glsl).
uint32_t av1_ticket_words(const av1::PictureJob& job);

// The number of workgroups for each dispatch.
struct Av1Workgroups {
  std::array<uint32_t, av1::prediction_kind_count> predictions{};
  uint32_t transforms = 0, large_transforms = 0;  // large: with a side of 32 or 64
};

// Writes the header (except for pictures and scratch memory), the levels and film grain.
Av1Workgroups write_av1_job(std::span<std::byte> memory, const Av1JobLayout& layout,
                            const av1::PictureJob& job);

}  // namespace daedalus::vulkan
