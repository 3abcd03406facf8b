// SPDX-License-Identifier: MIT
// The logical device with its queues.
#pragma once

#include <vulkan/vulkan.h>

#include <memory>
#include <optional>
#include <vector>

#include "daedalus/error.h"
#include "vulkan/handle.h"
#include "vulkan/physical_device.h"
#include "vulkan/queues.h"

namespace daedalus::vulkan {

class Gpu {
 public:
  static Result<std::unique_ptr<Gpu>> open(const DeviceWish& wish);

  VkDevice device() const { return device_.get(); }
  const PhysicalDevice& physical() const { return physical_; }
  Queues& queues() { return *queues_; }
  const Queues& queues() const { return *queues_; }

  // Whether pictures can be exported as dma-bufs, and dma-bufs imported as pictures.
  bool shares_dma_bufs() const { return get_memory_fd_ != nullptr; }
  VkResult get_memory_fd(const VkMemoryGetFdInfoKHR* info, int* fd) const {
    return get_memory_fd_(device(), info, fd);
  }
  VkResult get_memory_fd_properties(int dma_buf, VkMemoryFdPropertiesKHR* properties) const {
    return get_memory_fd_properties_(device(), VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT,
                                     dma_buf, properties);
  }

  // Whether semaphores can be imported from and exported to sync files.
  bool shares_fences() const { return shares_dma_bufs() && physical_.sync_fd; }
  // For a single wait. Takes ownership of the descriptor on success.
  bool import_sync_file(VkSemaphore semaphore, int fd) const;
  // A sync file for the submit that signals the semaphore, which this resets; -1 if it has already
  // signalled. Returns false on failure.
  bool export_sync_file(VkSemaphore semaphore, int& fd) const;

  // A pool of the only queue family; its command buffers can be reset individually.
  Result<UniqueCommandPool> create_command_pool() const;
  // A timeline semaphore at 0.
  Result<UniqueSemaphore> create_timeline() const;
  // `kind`: the pNext chain of VkSemaphoreCreateInfo; null creates a binary semaphore.
  Result<UniqueSemaphore> create_semaphore(const void* kind) const;

 private:
  Gpu() = default;
  Result<void> create_device();
  Result<void> create_queues();
  std::vector<const char*> extensions() const;
  void try_dma_bufs();

  UniqueInstance instance_;
  PhysicalDevice physical_;
  UniqueDevice device_;
  std::optional<Queues> queues_;
  PFN_vkGetMemoryFdKHR get_memory_fd_ = nullptr;
  PFN_vkGetMemoryFdPropertiesKHR get_memory_fd_properties_ = nullptr;
  PFN_vkImportSemaphoreFdKHR import_semaphore_fd_ = nullptr;
  PFN_vkGetSemaphoreFdKHR get_semaphore_fd_ = nullptr;
};

}  // namespace daedalus::vulkan
