// A picture's memory: linear planes in a buffer of its own.
#pragma once

#include <atomic>
#include <memory>

#include "daedalus/device.h"
#include "vulkan/device_state.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {

// NV12 has whole macroblocks. Rows are multiples of 64 bytes.
PictureLayout picture_layout(PictureFormat format, uint32_t width, uint32_t height);

// A black sample of any RGB format.
inline constexpr uint32_t opaque_black = 0xff000000;

class VulkanPicture final : public Picture {
 public:
  static Result<std::shared_ptr<VulkanPicture>> create(std::shared_ptr<DeviceState> device,
                                                       PictureFormat format, uint32_t width,
                                                       uint32_t height);

  Result<void> wait(std::chrono::nanoseconds timeout) override;
  std::span<std::byte> map() override { return buffer_.mapped(); }
  Result<void> download(std::span<std::byte> destination) override;
  Result<void> upload(std::span<const std::byte> source) override;

  const Buffer& buffer() const { return buffer_; }

  // The submits (see Queue) that last wrote, and that last wrote or read.
  void set_last_write(uint64_t number) {
    raise(last_write_, number);
    raise(last_use_, number);
  }
  void set_last_read(uint64_t number) { raise(last_use_, number); }

 private:
  VulkanPicture(std::shared_ptr<DeviceState> device, const PictureLayout& layout)
      : Picture(layout), device_(std::move(device)) {}
  Result<void> fill_black();

  // Stages that share a picture may report their submits out of order.
  static void raise(std::atomic<uint64_t>& last, uint64_t number) {
    uint64_t known = last;
    while (known < number && !last.compare_exchange_weak(known, number)) {
    }
  }

  std::shared_ptr<DeviceState> device_;
  Buffer buffer_;
  std::atomic<uint64_t> last_write_ = 0;
  std::atomic<uint64_t> last_use_ = 0;
};

}  // namespace daedalus::vulkan
