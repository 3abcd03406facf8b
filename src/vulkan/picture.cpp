#include "vulkan/picture.h"

#include <algorithm>
#include <cstring>

namespace daedalus::vulkan {
namespace {

constexpr uint32_t align(uint32_t value, uint32_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

}  // namespace

PictureLayout picture_layout(PictureFormat format, uint32_t width, uint32_t height) {
  PictureLayout layout = {};
  layout.format = format;
  if (format == PictureFormat::nv12) {
    layout.width = align(width, 16);
    layout.height = align(height, 16);
    layout.pitch = align(layout.width, 64);
    layout.chroma_offset = layout.pitch * layout.height;
    layout.size = layout.chroma_offset + layout.chroma_offset / 2;
  } else {
    layout.width = width;
    layout.height = height;
    layout.pitch = align(width * 4, 64);
    layout.size = layout.pitch * height;
  }
  return layout;
}

Result<std::shared_ptr<VulkanPicture>> VulkanPicture::create(std::shared_ptr<DeviceState> device,
                                                             PictureFormat format, uint32_t width,
                                                             uint32_t height) {
  constexpr uint32_t max_width = h264::max_width_in_mbs * 16;
  constexpr uint32_t max_height = h264::max_height_in_mbs * 16;
  if (width == 0 || height == 0 || width > max_width || height > max_height) {
    return tl::unexpected(Error::invalid_parameter);
  }
  const auto layout = picture_layout(format, width, height);
  std::shared_ptr<VulkanPicture> picture(new VulkanPicture(std::move(device), layout));
  auto buffer = Buffer::create(*picture->device_->gpu, MemoryUse::picture, layout.size);
  if (!buffer) return tl::unexpected(buffer.error());
  picture->buffer_ = std::move(*buffer);
  if (auto filled = picture->fill_black(); !filled) return tl::unexpected(filled.error());
  return picture;
}

Result<void> VulkanPicture::fill_black() {
  const auto samples = map();
  if (samples.empty()) return device_->transfer->fill_black(buffer_, layout_);
  if (layout_.format != PictureFormat::nv12) {
    auto* words = reinterpret_cast<uint32_t*>(samples.data());
    std::fill_n(words, layout_.size / sizeof(uint32_t), opaque_black);
    return {};
  }
  memset(samples.data(), 16, layout_.chroma_offset);
  memset(samples.data() + layout_.chroma_offset, 128, layout_.size - layout_.chroma_offset);
  return {};
}

Result<void> VulkanPicture::wait(std::chrono::nanoseconds timeout) {
  return device_->gpu->queue().wait(last_write_, timeout);
}

Result<void> VulkanPicture::download(std::span<std::byte> destination) {
  if (destination.size() != layout_.size) return tl::unexpected(Error::invalid_parameter);
  if (!buffer_.readable()) return device_->transfer->download(buffer_, destination);
  return wait(Queue::forever).map([&] {
    memcpy(destination.data(), map().data(), destination.size());
  });
}

Result<void> VulkanPicture::upload(std::span<const std::byte> source) {
  if (source.size() != layout_.size) return tl::unexpected(Error::invalid_parameter);
  if (map().empty()) return device_->transfer->upload(buffer_, source);
  return device_->gpu->queue().wait(last_use_, Queue::forever).map([&] {
    memcpy(map().data(), source.data(), source.size());
  });
}

}  // namespace daedalus::vulkan
