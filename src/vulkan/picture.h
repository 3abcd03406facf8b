// SPDX-License-Identifier: MIT
// A picture's memory: linear planes in a buffer of its own.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>

#include "daedalus/device.h"
#include "vulkan/device_state.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {

// Implements Device::max_picture_size.
PictureSize max_picture_size(const VkPhysicalDeviceLimits& limits, PictureFormat format);

class VulkanPicture final : public Picture {
 public:
  static Result<std::shared_ptr<VulkanPicture>> create(std::shared_ptr<DeviceState> device,
                                                       PictureFormat format, uint32_t width,
                                                       uint32_t height);

  // `layout` describes the client's samples; its `size` is the size of the memory.
  static Result<std::shared_ptr<VulkanPicture>> import(std::shared_ptr<DeviceState> device,
                                                       int dma_buf, const PictureLayout& layout);

  ~VulkanPicture() override;

  Result<void> wait(std::chrono::nanoseconds timeout) override;
  Result<void> wait_for_readers(std::chrono::nanoseconds timeout) override;
  std::span<std::byte> map() override { return buffer_.mapped(); }
  Result<void> download(std::span<std::byte> destination) override;
  Result<void> upload(std::span<const std::byte> source) override;
  Result<void> repeat_field(Field field) override;
  Result<int> export_dma_buf() override;
  bool has_fence() const override;

  // Whether others may access this memory: it was exported, or is a client's.
  bool is_shared() const { return dma_buf() >= 0; }
  int dma_buf() const { return dma_buf_; }  // for fences; -1: not shared
  // The dma-buf has a fence for this submit.
  void add_fence(const Submits& submit) { last_fenced_.add(submit); }

  const DeviceState& device() const { return *device_; }
  const Buffer& buffer() const { return buffer_; }

  // Where decoders read and write whole macroblocks: this memory, if it has room for them.
  const Buffer& coded_buffer() const { return has_room() ? buffer_ : coded_; }
  const PictureLayout& coded_layout() const { return has_room() ? layout_ : coded_layout_; }

  // The copies from there to a client's memory, in bytes, for both planes.
  struct PlaneCopies {
    VkBuffer from, to;
    std::array<VkBufferCopy, 2> planes;
  };
  std::optional<PlaneCopies> copies_after_decoding() const;

  // The last submits that wrote, and that read or wrote, the picture.
  Submits writes() const { return last_writes_.get(); }
  Submits uses() const { return last_uses_.get(); }
  void add_write(const Submits& submit) {
    last_writes_.add(submit);
    last_uses_.add(submit);
  }
  void add_read(const Submits& submit) { last_uses_.add(submit); }

 private:
  VulkanPicture(std::shared_ptr<DeviceState> device, const PictureLayout& layout)
      : Picture(layout), device_(std::move(device)) {}
  Result<void> fill_black();
  Result<void> make_room();
  Result<void> share(int dma_buf);
  Result<void> keep(int dma_buf);
  bool has_room() const { return coded_.get() == VK_NULL_HANDLE; }

  // Stages that share a picture may report their submits out of order.
  class LastSubmits {
   public:
    void add(const Submits& submits);
    Submits get() const;

   private:
    std::array<std::atomic<uint64_t>, max_queues> numbers_ = {};
  };

  std::shared_ptr<DeviceState> device_;
  Buffer buffer_;
  Buffer coded_;  // empty, except for client memory that is too small for macroblocks
  PictureLayout coded_layout_ = {};
  LastSubmits last_writes_, last_uses_, last_fenced_;
  std::atomic<int> dma_buf_ = -1;
};

// For stages, which only get pictures of their own device.
inline VulkanPicture& vulkan_picture(const std::shared_ptr<Picture>& picture) {
  return static_cast<VulkanPicture&>(*picture);
}

}  // namespace daedalus::vulkan
