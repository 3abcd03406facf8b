// SPDX-License-Identifier: MIT
// Implicit fences: a dma-buf carries them, and its users on other devices and in other processes
// wait for them without being told to.
#pragma once

#include <vulkan/vulkan.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <span>

#include "vulkan/gpu.h"
#include "vulkan/handle.h"
#include "vulkan/queues.h"

namespace daedalus::vulkan {

class VulkanPicture;

// How a submit uses a picture that others may access.
struct SharedUse {
  VulkanPicture* picture;
  bool writes;
};

// The semaphores of one submit at a time, created when they are first needed.
class ImplicitFences {
 public:
  // Prepares the next submit; the previous one must be done. It waits for writers of these pictures
  // and, if it writes, for readers. There is no semaphore to wait for if there is no fence, and
  // none to signal if the kernel or the device does not support such fences.
  BinarySemaphores before_submit(const Gpu& gpu, std::span<const SharedUse> uses);

  // Adds the submit's fence to the pictures' dma-bufs, and tells the pictures
  // (VulkanPicture::add_fence).
  void after_submit(const Gpu& gpu, std::span<const SharedUse> uses, const Submits& submit);

  // Leaks them on purpose; see Queues::release.
  void leak();

 private:
  bool prepare_signal(const Gpu& gpu);
  VkSemaphore prepare_wait(const Gpu& gpu, const SharedUse& use, std::size_t index);

  std::array<UniqueSemaphore, max_binary_waits> waited_;
  UniqueSemaphore signalled_;
  bool signals_ = false;   // whether the submit signals
  bool is_spent_ = false;  // it was signalled, and must be replaced before the next signal
};

// Waits until the device and all other users allow the CPU to write a dma-buf. False: timed
// out.
bool wait_for_dma_buf(int dma_buf, std::chrono::nanoseconds timeout);

}  // namespace daedalus::vulkan
