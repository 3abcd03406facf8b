// SPDX-License-Identifier: MIT
// Copies whole pictures between the GPU's memory and the CPU's, on devices whose picture memory the
// CPU cannot access.
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

// Each call waits for the submits in `after` and returns when it is done. Thread-safe; calls do not
// wait for each other.
class Transfer {
 public:
  explicit Transfer(Gpu& gpu) : gpu_(gpu) {}

  // `shared`: others have access to the picture's memory.
  Result<void> download(const Buffer& source, bool shared, std::span<std::byte> destination,
                        const Submits& after);
  Result<void> upload(const Buffer& destination, bool shared, std::span<const std::byte> source,
                      const Submits& after);
  Result<void> copy_within(const Buffer& buffer, bool shared, std::span<const VkBufferCopy> regions,
                           const Submits& after);
  Result<void> fill_black(const Buffer& destination, const PictureLayout& layout);
  // Before a picture's memory is shared: makes its contents available to others (ownership.h).
  Result<void> release_to_others(const Buffer& buffer, const Submits& after);

 private:
  // Used by one call at a time. There are as many as there were concurrent calls.
  struct Channel {
    UniqueCommandPool pool;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    Buffer staging;  // grows to the largest picture
  };
  template <typename Copy>
  Result<void> with_channel(Copy&& copy);
  Result<std::unique_ptr<Channel>> take();
  Result<std::unique_ptr<Channel>> create_channel();
  void give_back(std::unique_ptr<Channel> channel);
  Result<void> reserve(Channel& channel, std::size_t size);
  Result<void> begin(Channel& channel, std::span<const VkBufferMemoryBarrier> acquired = {});
  Result<void> finish(Channel& channel, const Submits& after,
                      std::span<const VkBufferMemoryBarrier> released = {});

  Gpu& gpu_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> idle_;  // guarded by the mutex, with room for all
  std::size_t made_ = 0;                        // likewise
};

}  // namespace daedalus::vulkan
