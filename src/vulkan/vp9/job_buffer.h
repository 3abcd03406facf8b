// SPDX-License-Identifier: MIT
// The memory of one VP9 job: the offsets of its lists in a buffer that CPU and GPU share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/vp9/job.h"

namespace daedalus::vulkan {

// Offsets in quads (16 bytes) from the start of the buffer, where the header is.
struct Vp9JobLayout {
  Vp9JobLayout() = default;
  Vp9JobLayout(uint32_t width, uint32_t height, const vp9::JobRoom& room);

  uint64_t bytes() const { return end_quad * 16; }

  uint32_t width = 0, height = 0;
  vp9::JobRoom room;
  uint32_t superblocks = 0;
  // Room for the first elements of a list's levels (intra levels: of each class), and the end of
  // the last one.
  uint32_t intra_level_words = 0, strip_level_words = 0;

  uint64_t blocks_quad, small_blocks_quad, luma_transforms_quad, chroma_transforms_quad;
  uint64_t coefficient_bases_quad, coefficients_quad, end_quad;
  // Luma, chroma.
  std::array<uint64_t, 2> intra_quads, intra_levels_quads, intra_turns_quads;
  std::array<uint64_t, 2> strips_quads, strip_levels_quads;
};

// Points the job's lists into its memory, and resets the job.
void open_vp9_job(std::span<std::byte> memory, const Vp9JobLayout& layout, vp9::PictureJob& job);

// Whether the job's counts and levels are within its lists.
bool is_consistent(const vp9::PictureJob& job, const Vp9JobLayout& layout);

// The number of workgroups for each dispatch.
struct Vp9Workgroups {
  uint32_t unscaled = 0, scaled = 0, edges = 0, transforms = 0, transforms_32 = 0;
};

// What a workgroup processes at a time: transform blocks in intra_tickets.comp, words of blocks in
// intra_levels.comp.
inline constexpr uint32_t intra_ticket_teams = 4, intra_level_lanes = 192;

// Writes the header (except for pictures and scratch memory) and the levels.
Vp9Workgroups write_vp9_job(std::span<std::byte> memory, const Vp9JobLayout& layout,
                            const vp9::PictureJob& job);

}  // namespace daedalus::vulkan
