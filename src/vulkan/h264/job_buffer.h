// SPDX-License-Identifier: MIT
// The memory of one job: the offsets of its streams in a buffer that CPU and GPU share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/h264/job.h"

namespace daedalus::vulkan {

// Offsets in quads (16 bytes) from the start of the buffer, which begins with the header. The
// coefficients come last because their number varies from picture to picture.
struct H264JobLayout {
  H264JobLayout() = default;
  H264JobLayout(uint32_t width_in_mbs, uint32_t height_in_mbs);

  uint64_t bytes(std::size_t coefficients) const {
    return uint64_t{coefficients_quad} * 16 + coefficients * 4;
  }
  std::size_t max_coefficients() const {
    return std::size_t{mb_count} * h264::max_coefficients_per_mb;
  }

  uint32_t width_in_mbs = 0, height_in_mbs = 0, mb_count = 0;
  uint32_t intra_level_words = 0;  // room for the first macroblock of each level, and the end
  uint32_t mbs_quad, entries_quad, weights_quad, blocks_quad, intra_mbs_quad, intra_levels_quad,
      coefficients_quad;
};

// The header of a job in its memory.
h264::JobHeader& h264_job_header(std::span<std::byte> memory);

// Points the job's streams into its memory, and resets the job.
void open_h264_job(std::span<std::byte> memory, const H264JobLayout& layout,
                   std::size_t coefficients, h264::PictureJob& job);

// Offsets of the levels' beginnings, for shaders.
void write_h264_intra_levels(std::span<std::byte> memory, const H264JobLayout& layout,
                             std::span<const uint32_t> levels);

}  // namespace daedalus::vulkan
