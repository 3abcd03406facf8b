// Whole pictures between the GPU's memory and the CPU's, for devices where the CPU does not see
// them.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>

#include "daedalus/device.h"
#include "vulkan/gpu.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {

// Each call is ordered behind everything submitted before it, and done when it returns. Any thread
// may call.
class Transfer {
 public:
  static Result<std::unique_ptr<Transfer>> create(Gpu& gpu);

  Result<void> download(const Buffer& source, std::span<std::byte> destination);
  Result<void> upload(const Buffer& destination, std::span<const std::byte> source);
  Result<void> fill_black(const Buffer& destination, const PictureLayout& layout);

 private:
  explicit Transfer(Gpu& gpu) : gpu_(gpu) {}
  Result<void> reserve(std::size_t size);
  Result<void> begin();
  Result<void> finish();
  Result<void> copy(VkBuffer source, VkBuffer destination, std::size_t size);

  Gpu& gpu_;
  std::mutex mutex_;
  UniqueCommandPool pool_;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;
  Buffer staging_;  // grows to the largest picture
};

}  // namespace daedalus::vulkan
