// SPDX-License-Identifier: MIT
// Owners of Vulkan handles, each the size of a handle and its parent.
#pragma once

#include <vulkan/vulkan.h>

#include <utility>

namespace daedalus::vulkan {

// A device's object, destroyed with vkDestroy<...>(device, handle, nullptr).
template <typename Handle, void (*destroy)(VkDevice, Handle, const VkAllocationCallbacks*)>
class DeviceHandle {
 public:
  DeviceHandle() = default;
  DeviceHandle(VkDevice device, Handle handle) : device_(device), handle_(handle) {}
  DeviceHandle(DeviceHandle&& other) noexcept { swap(other); }
  DeviceHandle& operator=(DeviceHandle&& other) noexcept {
    DeviceHandle(std::move(other)).swap(*this);
    return *this;
  }
  ~DeviceHandle() {
    if (handle_ != VK_NULL_HANDLE) destroy(device_, handle_, nullptr);
  }

  Handle get() const { return handle_; }

  // Leaks it on purpose; see Queues::release.
  void leak() { handle_ = VK_NULL_HANDLE; }

 private:
  void swap(DeviceHandle& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(handle_, other.handle_);
  }

  VkDevice device_ = VK_NULL_HANDLE;
  Handle handle_ = VK_NULL_HANDLE;
};

using UniqueBuffer = DeviceHandle<VkBuffer, vkDestroyBuffer>;
using UniqueMemory = DeviceHandle<VkDeviceMemory, vkFreeMemory>;
using UniqueSemaphore = DeviceHandle<VkSemaphore, vkDestroySemaphore>;
using UniqueCommandPool = DeviceHandle<VkCommandPool, vkDestroyCommandPool>;
using UniqueDescriptorPool = DeviceHandle<VkDescriptorPool, vkDestroyDescriptorPool>;
using UniqueDescriptorSetLayout = DeviceHandle<VkDescriptorSetLayout, vkDestroyDescriptorSetLayout>;
using UniquePipelineLayout = DeviceHandle<VkPipelineLayout, vkDestroyPipelineLayout>;
using UniquePipelineCache = DeviceHandle<VkPipelineCache, vkDestroyPipelineCache>;
using UniquePipeline = DeviceHandle<VkPipeline, vkDestroyPipeline>;
using UniqueQueryPool = DeviceHandle<VkQueryPool, vkDestroyQueryPool>;
using UniqueShaderModule = DeviceHandle<VkShaderModule, vkDestroyShaderModule>;

// Instances and devices themselves.
template <typename Handle, void (*destroy)(Handle, const VkAllocationCallbacks*)>
class RootHandle {
 public:
  RootHandle() = default;
  explicit RootHandle(Handle handle) : handle_(handle) {}
  RootHandle(RootHandle&& other) noexcept { std::swap(handle_, other.handle_); }
  RootHandle& operator=(RootHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~RootHandle() {
    if (handle_ != VK_NULL_HANDLE) destroy(handle_, nullptr);
  }

  Handle get() const { return handle_; }

 private:
  Handle handle_ = VK_NULL_HANDLE;
};

using UniqueInstance = RootHandle<VkInstance, vkDestroyInstance>;
using UniqueDevice = RootHandle<VkDevice, vkDestroyDevice>;

}  // namespace daedalus::vulkan
