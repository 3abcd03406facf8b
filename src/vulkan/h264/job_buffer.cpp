// SPDX-License-Identifier: MIT
#include "vulkan/h264/job_buffer.h"

#include <cstring>

namespace daedalus::vulkan {

using namespace h264;

namespace {

uint32_t quads(std::size_t bytes) {
  return static_cast<uint32_t>((bytes + 15) / 16);
}

template <typename T>
std::span<T> stream(std::span<std::byte> memory, uint32_t quad, std::size_t count) {
  return {reinterpret_cast<T*>(memory.data() + std::size_t{quad} * 16), count};
}

// Every Vulkan device can bind this much, so every picture's job fits.
constexpr uint64_t required_max_storage_buffer_range = uint64_t{1} << 27;
static_assert(uint64_t{max_width_in_mbs} * max_height_in_mbs * max_job_bytes_per_mb +
                  max_job_bytes_per_picture <=
              required_max_storage_buffer_range);

}  // namespace

H264JobLayout::H264JobLayout(uint32_t width, uint32_t height)
    : width_in_mbs(width), height_in_mbs(height), mb_count(width * height) {
  intra_level_words = 2 * (width + height) + 1;
  mbs_quad = quads(sizeof(JobHeader));
  entries_quad = mbs_quad + quads(mb_count * sizeof(MbRecord));
  weights_quad = entries_quad + quads(mb_count * max_entries_per_mb * sizeof(Entry));
  blocks_quad = weights_quad + quads(max_explicit_weights * sizeof(ExplicitWeight));
  intra_mbs_quad = blocks_quad + quads(mb_count * max_blocks_per_mb * sizeof(uint32_t));
  intra_levels_quad = intra_mbs_quad + quads(mb_count * sizeof(uint32_t));
  coefficients_quad = intra_levels_quad + quads(intra_level_words * sizeof(uint32_t));
}

JobHeader& h264_job_header(std::span<std::byte> memory) {
  return stream<JobHeader>(memory, 0, 1).front();
}

void open_h264_job(std::span<std::byte> memory, const H264JobLayout& layout,
                   std::size_t coefficients, PictureJob& job) {
  const std::size_t mbs = layout.mb_count;
  job.width_in_mbs = layout.width_in_mbs;
  job.height_in_mbs = layout.height_in_mbs;
  job.tables = &h264_job_header(memory).tables;
  job.mbs = stream<MbRecord>(memory, layout.mbs_quad, mbs);
  job.entries = stream<Entry>(memory, layout.entries_quad, mbs * max_entries_per_mb);
  job.weights = stream<ExplicitWeight>(memory, layout.weights_quad, max_explicit_weights);
  job.blocks = stream<uint32_t>(memory, layout.blocks_quad, mbs * max_blocks_per_mb);
  job.coefficients = stream<uint32_t>(memory, layout.coefficients_quad, coefficients);
  job.intra_mbs = stream<uint32_t>(memory, layout.intra_mbs_quad, mbs);
  job.structure = PictureStructure::frame;
  job.is_mbaff = false;
  job.intra_levels.clear();
  job.inter_mb_count = 0;
  job.reference_slots = all_reference_slots;
  job.deblocks = false;
  job.amounts = {};
  job.profile.reset();
}

void write_h264_intra_levels(std::span<std::byte> memory, const H264JobLayout& layout,
                             std::span<const uint32_t> levels) {
  const auto words = stream<uint32_t>(memory, layout.intra_levels_quad, layout.intra_level_words);
  memcpy(words.data(), levels.data(), levels.size_bytes());
}

}  // namespace daedalus::vulkan
