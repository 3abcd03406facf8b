// Whole pictures between the GPU's memory and the CPU's, for devices where the CPU does not see
// them.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "daedalus/device.h"
#include "vulkan/gpu.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {

// Each call is ordered behind everything submitted before it, and done when it returns. Any thread
// may call; none waits for another.
class Transfer {
 public:
  explicit Transfer(Gpu& gpu) : gpu_(gpu) {}

  Result<void> download(const Buffer& source, std::span<std::byte> destination);
  Result<void> upload(const Buffer& destination, std::span<const std::byte> source);
  Result<void> fill_black(const Buffer& destination, const PictureLayout& layout);

 private:
  // What one call at a time uses. There are as many as calls ever ran at the same time.
  struct Lane {
    UniqueCommandPool pool;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    Buffer staging;  // grows to the largest picture
  };
  template <typename Copy>
  Result<void> with_lane(Copy&& copy);
  Result<std::unique_ptr<Lane>> take();
  Result<std::unique_ptr<Lane>> create_lane();
  void give_back(std::unique_ptr<Lane> lane);
  Result<void> reserve(Lane& lane, std::size_t size);
  Result<void> begin(Lane& lane);
  Result<void> finish(Lane& lane);
  Result<void> copy(Lane& lane, VkBuffer source, VkBuffer destination, std::size_t size);

  Gpu& gpu_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> idle_;  // under the mutex, with room for all
  std::size_t made_ = 0;                     // likewise
};

}  // namespace daedalus::vulkan
