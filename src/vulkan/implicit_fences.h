// SPDX-License-Identifier: MIT
// Implicit fences: those that a dma-buf carries, for which its users on other devices and in other
// processes wait without being told.
#pragma once

#include <vulkan/vulkan.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <span>

#include "vulkan/gpu.h"
#include "vulkan/handle.h"
#include "vulkan/queue.h"

namespace daedalus::vulkan {

class VulkanPicture;

// What a submit does with a picture that others may access.
struct SharedUse {
  VulkanPicture* picture;
  bool writes;
};

// The semaphores of one submit at a time, made when they are first needed.
class ImplicitFences {
 public:
  // For the next submit; the one before it is done. It waits for those who write these pictures
  // and, where it writes, for those who read them. Without semaphores where there is nothing to
  // wait for, and nothing to signal because the kernel or the device has no such fences.
  BinarySemaphores before_submit(const Gpu& gpu, std::span<const SharedUse> uses);

  // Its end becomes a fence in the pictures' dma-bufs, and they learn of it
  // (VulkanPicture::add_fence).
  void after_submit(const Gpu& gpu, std::span<const SharedUse> uses, const Submits& submit);

  // Leaks them on purpose, see Queue::release.
  void abandon();

 private:
  bool prepare_signal(const Gpu& gpu);
  VkSemaphore prepare_wait(const Gpu& gpu, const SharedUse& use, std::size_t index);

  std::array<UniqueSemaphore, max_binary_waits> waited_;
  UniqueSemaphore signalled_;
  bool signals_ = false;   // the submit does
  bool is_spent_ = false;  // it was signalled, and can be signalled no second time
};

// Waits until the device and all others are done with what is in the way of writing a dma-buf by
// the CPU. False: not in time.
bool wait_for_dma_buf(int dma_buf, std::chrono::nanoseconds timeout);

}  // namespace daedalus::vulkan
