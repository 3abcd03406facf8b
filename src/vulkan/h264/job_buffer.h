// The memory of one job: where its streams lie in one buffer that CPU and GPU share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "daedalus/h264/job.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {

// Offsets in quads (16 bytes) from the buffer's beginning, where the header is. The coefficients,
// whose number differs from picture to picture, come last.
struct H264JobLayout {
  H264JobLayout(uint32_t width_in_mbs, uint32_t height_in_mbs);

  VkDeviceSize bytes(std::size_t coefficients) const {
    return static_cast<VkDeviceSize>(coefficients_quad) * 16 + coefficients * 4;
  }
  std::size_t max_coefficients() const {
    return std::size_t{mb_count} * h264::max_coefficients_per_mb;
  }

  uint32_t width_in_mbs, height_in_mbs, mb_count;
  uint32_t intra_level_words;  // room for the first macroblocks of all levels, and the end
  uint32_t mbs_quad, entries_quad, weights_quad, blocks_quad, intra_mbs_quad, intra_levels_quad,
      coefficients_quad;
};

class H264JobBuffer {
 public:
  // Makes room for at least so many coefficients, no more than max_coefficients(). The GPU does
  // not use the buffer any more.
  Result<void> reserve(const Gpu& gpu, const H264JobLayout& layout, std::size_t coefficients);

  // Points the job's streams into the buffer.
  void open(const H264JobLayout& layout, std::size_t coefficients, h264::PictureJob& job) const;

  // Where the shaders find the levels' beginnings.
  void write_intra_levels(const H264JobLayout& layout, std::span<const uint32_t> levels) const;

  const Buffer& buffer() const { return buffer_; }
  void abandon() { buffer_.abandon(); }  // see Queue::release

 private:
  Buffer buffer_;
};

}  // namespace daedalus::vulkan
