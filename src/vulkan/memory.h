// SPDX-License-Identifier: MIT
// Buffers, each with its own memory for its lifetime.
#pragma once

#include <vulkan/vulkan.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/error.h"
#include "vulkan/gpu.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

// Mapped memory is coherent: it needs no flush or invalidation.
enum class MemoryUse {
  upload,    // written by the CPU in order, read by the GPU
  download,  // written by the GPU, read by the CPU: cached if the device has such memory
  picture,   // for the GPU; visible to the CPU if that costs the GPU nothing
  // A picture that shaders also read by address. v3dv lists all such memory in every job whose
  // shader uses addresses, and the kernel puts a fence on each.
  reference,
  scratch,  // for the GPU only
};

class Buffer {
 public:
  Buffer() = default;
  static Result<Buffer> create(const Gpu& gpu, MemoryUse use, VkDeviceSize size);
  // A picture in imported memory. Error::invalid_parameter if the device cannot use it.
  static Result<Buffer> import(const Gpu& gpu, MemoryUse use, int dma_buf, VkDeviceSize size);

  // Leaks it on purpose; see Queues::release.
  void leak() {
    buffer_.leak();
    memory_.leak();
  }

  // A new file descriptor of a picture's memory.
  Result<int> export_dma_buf(const Gpu& gpu) const;

  VkBuffer get() const { return buffer_.get(); }
  VkDeviceSize size() const { return size_; }
  VkDeviceAddress address() const { return address_; }  // for references

  // Empty if the CPU cannot access the memory.
  std::span<std::byte> mapped() const { return mapped_; }
  // Whether the CPU can read it as fast as any memory of this device.
  bool readable() const { return readable_; }

 private:
  static Result<Buffer> create_unbound(const Gpu& gpu, MemoryUse use, VkDeviceSize size);
  Result<void> allocate(const Gpu& gpu, MemoryUse use);
  Result<void> allocate_imported(const Gpu& gpu, MemoryUse use, int dma_buf);
  Result<void> allocate_from(const Gpu& gpu, MemoryUse use, uint32_t type, VkDeviceSize size,
                             const void* source);
  Result<void> import_from(const Gpu& gpu, MemoryUse use, uint32_t type, VkDeviceSize size,
                           int dma_buf);
  void take_address(const Gpu& gpu);
  Result<void> map(const Gpu& gpu, VkMemoryPropertyFlags flags);

  UniqueMemory memory_;
  UniqueBuffer buffer_;
  VkDeviceSize size_ = 0;
  VkDeviceAddress address_ = 0;
  std::span<std::byte> mapped_;
  bool readable_ = false;
};

}  // namespace daedalus::vulkan
