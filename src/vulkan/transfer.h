// SPDX-License-Identifier: MIT
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

// Each call waits for the submits in `after` and returns when it is done. Thread-safe; calls do not
// wait for each other.
class Transfer {
 public:
  explicit Transfer(Gpu& gpu) : gpu_(gpu) {}

  // `shared`: others have the picture's memory, too.
  Result<void> download(const Buffer& source, bool shared, std::span<std::byte> destination,
                        const Submits& after);
  Result<void> upload(const Buffer& destination, bool shared, std::span<const std::byte> source,
                      const Submits& after);
  Result<void> copy_within(const Buffer& buffer, bool shared, std::span<const VkBufferCopy> regions,
                           const Submits& after);
  Result<void> fill_black(const Buffer& destination, const PictureLayout& layout);
  // Before others have a picture's memory: makes what is there available to them (ownership.h).
  Result<void> release_to_others(const Buffer& buffer, const Submits& after);

 private:
  // What one call at a time uses. There are as many as calls have run concurrently.
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
  std::vector<std::unique_ptr<Channel>> idle_;  // under the mutex, with room for all
  std::size_t made_ = 0;                        // likewise
};

}  // namespace daedalus::vulkan
