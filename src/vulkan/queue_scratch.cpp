// SPDX-License-Identifier: MIT
#include "vulkan/queue_scratch.h"

namespace daedalus::vulkan {

namespace {

// Jobs keep it while their submits use it, but a lost device may still execute a submit that nobody
// waits for any more.
struct ScratchBuffer {
  ScratchBuffer(std::shared_ptr<DeviceState> device_in, Buffer buffer_in)
      : device(std::move(device_in)), buffer(std::move(buffer_in)) {}
  ~ScratchBuffer() {
    Queues& queues = device->gpu->queues();
    if (queues.lost() && !queues.release_all()) buffer.leak();
  }

  const std::shared_ptr<DeviceState> device;
  Buffer buffer;
};

}  // namespace

Result<std::shared_ptr<const Buffer>> QueueScratch::get(uint32_t queue, VkDeviceSize bytes) {
  auto& own = buffers_[queue];
  if (own && own->size() >= bytes) return own;
  auto made = Buffer::create(*device_->gpu, MemoryUse::scratch, bytes);
  if (!made) return tl::unexpected(made.error());
  const auto owner = std::make_shared<const ScratchBuffer>(device_, std::move(*made));
  own = std::shared_ptr<const Buffer>(owner, &owner->buffer);
  return own;
}

Result<void> QueueScratch::reserve(VkDeviceSize bytes) {
  for (uint32_t queue = 0; queue < device_->gpu->queues().count(); ++queue)
    if (auto reserved = get(queue, bytes); !reserved) return tl::unexpected(reserved.error());
  return {};
}

}  // namespace daedalus::vulkan
