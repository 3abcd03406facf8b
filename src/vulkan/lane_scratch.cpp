// SPDX-License-Identifier: MIT
#include "vulkan/lane_scratch.h"

namespace daedalus::vulkan {

namespace {

// Jobs keep it while their submits use it, but a lost device may still execute a submit that nobody
// waits for any more.
struct ScratchBuffer {
  ScratchBuffer(std::shared_ptr<DeviceState> device_in, Buffer buffer_in)
      : device(std::move(device_in)), buffer(std::move(buffer_in)) {}
  ~ScratchBuffer() {
    Queue& queue = device->gpu->queue();
    if (queue.lost() && !queue.release_all()) buffer.abandon();
  }

  const std::shared_ptr<DeviceState> device;
  Buffer buffer;
};

}  // namespace

Result<std::shared_ptr<const Buffer>> LaneScratch::get(uint32_t lane, VkDeviceSize bytes) {
  auto& own = buffers_[lane];
  if (own && own->size() >= bytes) return own;
  auto made = Buffer::create(*device_->gpu, MemoryUse::scratch, bytes);
  if (!made) return tl::unexpected(made.error());
  const auto owner = std::make_shared<const ScratchBuffer>(device_, std::move(*made));
  own = std::shared_ptr<const Buffer>(owner, &owner->buffer);
  return own;
}

Result<void> LaneScratch::reserve(VkDeviceSize bytes) {
  for (uint32_t lane = 0; lane < device_->gpu->queue().lane_count(); ++lane)
    if (auto reserved = get(lane, bytes); !reserved) return tl::unexpected(reserved.error());
  return {};
}

}  // namespace daedalus::vulkan
