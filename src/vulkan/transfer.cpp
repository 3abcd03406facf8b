// SPDX-License-Identifier: MIT
#include "vulkan/transfer.h"

#include <array>
#include <cstring>

#include "vulkan/command_slots.h"
#include "vulkan/ownership.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

template <typename Copy>
Result<void> Transfer::with_channel(Copy&& copy) {
  auto channel = take();
  if (!channel) return tl::unexpected(channel.error());
  const Result<void> done = copy(**channel);
  give_back(std::move(*channel));
  return done;
}

// A lost device may still use a channel's memory: no channel is reused.
Result<std::unique_ptr<Transfer::Channel>> Transfer::take() {
  if (gpu_.queues().lost()) return tl::unexpected(Error::device_lost);
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto channel = std::move(idle_.back());
      idle_.pop_back();
      return channel;
    }
    idle_.reserve(++made_);
  }
  return create_channel();
}

void Transfer::give_back(std::unique_ptr<Channel> channel) {
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(channel));
}

Result<std::unique_ptr<Transfer::Channel>> Transfer::create_channel() {
  auto channel = std::make_unique<Channel>();
  auto pool = gpu_.create_command_pool();
  if (!pool) return tl::unexpected(pool.error());
  channel->pool = std::move(*pool);
  VkCommandBufferAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  info.commandPool = channel->pool.get();
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  if (auto result = vkAllocateCommandBuffers(gpu_.device(), &info, &channel->commands);
      result != VK_SUCCESS) {
    return failure(result);
  }
  return channel;
}

Result<void> Transfer::download(const Buffer& source, bool shared, std::span<std::byte> destination,
                                const Submits& after) {
  const std::array acquired = {
      acquire_from_others(gpu_.physical(), source.get(), VK_ACCESS_TRANSFER_READ_BIT)};
  return with_channel([&](Channel& channel) {
    return reserve(channel, destination.size())
        .and_then([&] { return begin(channel, std::span(acquired).first(shared ? 1 : 0)); })
        .and_then([&] {
          const VkBufferCopy region = {0, 0, destination.size()};
          vkCmdCopyBuffer(channel.commands, source.get(), channel.staging.get(), 1, &region);
          return finish(channel, after);
        })
        .map([&] {
          memcpy(destination.data(), channel.staging.mapped().data(), destination.size());
        });
  });
}

Result<void> Transfer::upload(const Buffer& destination, bool shared,
                              std::span<const std::byte> source, const Submits& after) {
  const std::array acquired = {
      acquire_from_others(gpu_.physical(), destination.get(), VK_ACCESS_TRANSFER_WRITE_BIT)};
  const std::array released = {
      vulkan::release_to_others(gpu_.physical(), destination.get(), VK_ACCESS_TRANSFER_WRITE_BIT)};
  return with_channel([&](Channel& channel) {
    return reserve(channel, source.size())
        .and_then([&] { return begin(channel, std::span(acquired).first(shared ? 1 : 0)); })
        .and_then([&] {
          memcpy(channel.staging.mapped().data(), source.data(), source.size());
          const VkBufferCopy region = {0, 0, source.size()};
          vkCmdCopyBuffer(channel.commands, channel.staging.get(), destination.get(), 1, &region);
          return finish(channel, after, std::span(released).first(shared ? 1 : 0));
        });
  });
}

Result<void> Transfer::copy_within(const Buffer& buffer, bool shared,
                                   std::span<const VkBufferCopy> regions, const Submits& after) {
  const std::array acquired = {acquire_from_others(
      gpu_.physical(), buffer.get(), VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT)};
  const std::array released = {
      vulkan::release_to_others(gpu_.physical(), buffer.get(), VK_ACCESS_TRANSFER_WRITE_BIT)};
  return with_channel([&](Channel& channel) {
    return begin(channel, std::span(acquired).first(shared ? 1 : 0)).and_then([&] {
      vkCmdCopyBuffer(channel.commands, buffer.get(), buffer.get(),
                      static_cast<uint32_t>(regions.size()), regions.data());
      return finish(channel, after, std::span(released).first(shared ? 1 : 0));
    });
  });
}

Result<void> Transfer::fill_black(const Buffer& destination, const PictureLayout& layout) {
  return with_channel([&](Channel& channel) {
    if (auto begun = begin(channel); !begun) return begun;
    const FormatTraits traits = traits_of(layout.format);
    const uint32_t first_plane = traits.planes == 1 ? layout.size : layout.chroma_offset;
    vkCmdFillBuffer(channel.commands, destination.get(), 0, first_plane, traits.black);
    if (first_plane < layout.size)
      vkCmdFillBuffer(channel.commands, destination.get(), first_plane, layout.size - first_plane,
                      traits.black_chroma);
    return finish(channel, {});
  });
}

Result<void> Transfer::release_to_others(const Buffer& buffer, const Submits& after) {
  const std::array released = {
      vulkan::release_to_others(gpu_.physical(), buffer.get(), VK_ACCESS_TRANSFER_WRITE_BIT)};
  return with_channel([&](Channel& channel) {
    return begin(channel).and_then([&] { return finish(channel, after, released); });
  });
}

Result<void> Transfer::reserve(Channel& channel, std::size_t size) {
  if (channel.staging.size() >= size) return {};
  auto staging = Buffer::create(gpu_, MemoryUse::download, size);
  if (!staging) return tl::unexpected(staging.error());
  channel.staging = std::move(*staging);
  return {};
}

Result<void> Transfer::begin(Channel& channel, std::span<const VkBufferMemoryBarrier> acquired) {
  if (auto begun = begin_commands(channel.commands); !begun) return begun;
  memory_barrier(
      channel.commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
      VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
      VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, acquired);
  return {};
}

Result<void> Transfer::finish(Channel& channel, const Submits& after,
                              std::span<const VkBufferMemoryBarrier> released) {
  memory_barrier(channel.commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                 VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  if (!released.empty())
    memory_barrier(channel.commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                   VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, 0, released);
  if (auto result = vkEndCommandBuffer(channel.commands); result != VK_SUCCESS) {
    return failure(result);
  }
  auto submitted = gpu_.queues().submit(channel.commands, after);
  if (!submitted) return tl::unexpected(submitted.error());
  return gpu_.queues().wait(*submitted, Queues::forever);
}

}  // namespace daedalus::vulkan
