#include "vulkan/transfer.h"

#include <cstring>

#include "vulkan/command_slots.h"
#include "vulkan/picture.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

template <typename Copy>
Result<void> Transfer::with_lane(Copy&& copy) {
  auto lane = take();
  if (!lane) return tl::unexpected(lane.error());
  const Result<void> done = copy(**lane);
  give_back(std::move(*lane));
  return done;
}

// A lost device may still be at what a lane has: none is used again.
Result<std::unique_ptr<Transfer::Lane>> Transfer::take() {
  if (gpu_.queue().lost()) return tl::unexpected(Error::device_lost);
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto lane = std::move(idle_.back());
      idle_.pop_back();
      return lane;
    }
    idle_.reserve(++made_);
  }
  return create_lane();
}

void Transfer::give_back(std::unique_ptr<Lane> lane) {
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(lane));
}

Result<std::unique_ptr<Transfer::Lane>> Transfer::create_lane() {
  auto lane = std::make_unique<Lane>();
  auto pool = gpu_.create_command_pool();
  if (!pool) return tl::unexpected(pool.error());
  lane->pool = std::move(*pool);
  VkCommandBufferAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  info.commandPool = lane->pool.get();
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  if (auto result = vkAllocateCommandBuffers(gpu_.device(), &info, &lane->commands);
      result != VK_SUCCESS) {
    return failure(result);
  }
  return lane;
}

Result<void> Transfer::download(const Buffer& source, std::span<std::byte> destination) {
  return with_lane([&](Lane& lane) {
    return reserve(lane, destination.size())
        .and_then([&] { return copy(lane, source.get(), lane.staging.get(), destination.size()); })
        .map([&] { memcpy(destination.data(), lane.staging.mapped().data(), destination.size()); });
  });
}

Result<void> Transfer::upload(const Buffer& destination, std::span<const std::byte> source) {
  return with_lane([&](Lane& lane) {
    return reserve(lane, source.size()).and_then([&] {
      memcpy(lane.staging.mapped().data(), source.data(), source.size());
      return copy(lane, lane.staging.get(), destination.get(), source.size());
    });
  });
}

Result<void> Transfer::fill_black(const Buffer& destination, const PictureLayout& layout) {
  return with_lane([&](Lane& lane) {
    if (auto begun = begin(lane); !begun) return begun;
    if (layout.format == PictureFormat::nv12) {
      vkCmdFillBuffer(lane.commands, destination.get(), 0, layout.chroma_offset, 0x10101010);
      vkCmdFillBuffer(lane.commands, destination.get(), layout.chroma_offset,
                      layout.size - layout.chroma_offset, 0x80808080);
    } else {
      vkCmdFillBuffer(lane.commands, destination.get(), 0, layout.size, opaque_black);
    }
    return finish(lane);
  });
}

Result<void> Transfer::reserve(Lane& lane, std::size_t size) {
  if (lane.staging.size() >= size) return {};
  auto staging = Buffer::create(gpu_, MemoryUse::download, size);
  if (!staging) return tl::unexpected(staging.error());
  lane.staging = std::move(*staging);
  return {};
}

Result<void> Transfer::begin(Lane& lane) {
  if (auto begun = begin_commands(lane.commands); !begun) return begun;
  memory_barrier(
      lane.commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
      VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
      VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
  return {};
}

Result<void> Transfer::finish(Lane& lane) {
  memory_barrier(lane.commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                 VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  if (auto result = vkEndCommandBuffer(lane.commands); result != VK_SUCCESS) {
    return failure(result);
  }
  auto number = gpu_.queue().submit(lane.commands);
  if (!number) return tl::unexpected(number.error());
  return gpu_.queue().wait(*number, Queue::forever);
}

Result<void> Transfer::copy(Lane& lane, VkBuffer source, VkBuffer destination, std::size_t size) {
  if (auto begun = begin(lane); !begun) return begun;
  const VkBufferCopy region = {0, 0, size};
  vkCmdCopyBuffer(lane.commands, source, destination, 1, &region);
  return finish(lane);
}

}  // namespace daedalus::vulkan
