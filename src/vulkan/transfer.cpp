#include "vulkan/transfer.h"

#include <cstring>

#include "vulkan/command_slots.h"
#include "vulkan/picture.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {
Result<std::unique_ptr<Transfer>> Transfer::create(Gpu& gpu) {
  std::unique_ptr<Transfer> transfer(new Transfer(gpu));
  auto pool = gpu.create_command_pool();
  if (!pool) return tl::unexpected(pool.error());
  transfer->pool_ = std::move(*pool);
  VkCommandBufferAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  info.commandPool = transfer->pool_.get();
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  if (auto result = vkAllocateCommandBuffers(gpu.device(), &info, &transfer->commands_);
      result != VK_SUCCESS) {
    return failure(result);
  }
  return transfer;
}

Result<void> Transfer::download(const Buffer& source, std::span<std::byte> destination) {
  std::lock_guard lock(mutex_);
  return reserve(destination.size())
      .and_then([&] { return copy(source.get(), staging_.get(), destination.size()); })
      .map([&] { memcpy(destination.data(), staging_.mapped().data(), destination.size()); });
}

Result<void> Transfer::upload(const Buffer& destination, std::span<const std::byte> source) {
  std::lock_guard lock(mutex_);
  return reserve(source.size()).and_then([&] {
    memcpy(staging_.mapped().data(), source.data(), source.size());
    return copy(staging_.get(), destination.get(), source.size());
  });
}

Result<void> Transfer::fill_black(const Buffer& destination, const PictureLayout& layout) {
  std::lock_guard lock(mutex_);
  if (auto begun = begin(); !begun) return begun;
  if (layout.format == PictureFormat::nv12) {
    vkCmdFillBuffer(commands_, destination.get(), 0, layout.chroma_offset, 0x10101010);
    vkCmdFillBuffer(commands_, destination.get(), layout.chroma_offset,
                    layout.size - layout.chroma_offset, 0x80808080);
  } else {
    vkCmdFillBuffer(commands_, destination.get(), 0, layout.size, opaque_black);
  }
  return finish();
}

Result<void> Transfer::reserve(std::size_t size) {
  if (staging_.size() >= size) return {};
  auto staging = Buffer::create(gpu_, MemoryUse::download, size);
  if (!staging) return tl::unexpected(staging.error());
  staging_ = std::move(*staging);
  return {};
}

Result<void> Transfer::begin() {
  if (auto begun = begin_commands(commands_); !begun) return begun;
  memory_barrier(commands_, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                 VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
                 VK_PIPELINE_STAGE_TRANSFER_BIT,
                 VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
  return {};
}

Result<void> Transfer::finish() {
  memory_barrier(commands_, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                 VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  if (auto result = vkEndCommandBuffer(commands_); result != VK_SUCCESS) return failure(result);
  auto number = gpu_.queue().submit(commands_);
  if (!number) return tl::unexpected(number.error());
  return gpu_.queue().wait(*number, Queue::forever);
}

Result<void> Transfer::copy(VkBuffer source, VkBuffer destination, std::size_t size) {
  if (auto begun = begin(); !begun) return begun;
  const VkBufferCopy region = {0, 0, size};
  vkCmdCopyBuffer(commands_, source, destination, 1, &region);
  return finish();
}

}  // namespace daedalus::vulkan
