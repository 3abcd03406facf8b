// SPDX-License-Identifier: MIT
#include "queues/two_queues.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "programs/vulkan_loader.h"

namespace daedalus::test {

namespace {

using Clock = std::chrono::steady_clock;

// How long a submit is held back for a submit to the other queue that could overtake it.
constexpr auto patience = std::chrono::milliseconds(5);

std::array<std::atomic<uint64_t>, 2> submits = {};
std::atomic<uint64_t> overtaking = 0;

struct Submit {
  VkCommandBuffer commands;
  std::vector<VkSemaphore> waited;
  std::vector<uint64_t> values;
  VkSemaphore signalled;
  uint64_t value;
  uint64_t number;  // counts the device's submits
  Clock::time_point since;
};

class Device;
struct Queue {
  Device* device;
  std::deque<Submit> kept;
};

class Device {
 public:
  Device(VkDevice device, uint32_t family) : device_(device) {
    loader<decltype(vkGetDeviceQueue)>("vkGetDeviceQueue")(device, family, 0, &real_);
    for (Queue& queue : queues_) queue.device = this;
    thread_ = std::thread([this] { work(); });
  }
  ~Device() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  VkQueue queue(uint32_t index) { return reinterpret_cast<VkQueue>(&queues_.at(index)); }

  void keep(Queue& queue, const VkSubmitInfo& info) {
    const auto& values = *static_cast<const VkTimelineSemaphoreSubmitInfo*>(info.pNext);
    if (info.signalSemaphoreCount != 1) std::abort();  // these tests share no surfaces
    {
      std::lock_guard lock(mutex_);
      ++submits[static_cast<std::size_t>(&queue - queues_.data())];
      queue.kept.push_back(
          {info.pCommandBuffers[0],
           {info.pWaitSemaphores, info.pWaitSemaphores + info.waitSemaphoreCount},
           {values.pWaitSemaphoreValues, values.pWaitSemaphoreValues + info.waitSemaphoreCount},
           info.pSignalSemaphores[0],
           values.pSignalSemaphoreValues[0],
           ++last_number_,
           Clock::now()});
    }
    changed_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      Queue* const queue = choose();
      if (queue) {
        pass_on(*queue);
      } else {
        changed_.wait_for(lock, std::chrono::microseconds(200));
      }
    }
  }

  bool may_go(const Submit& submit) const {
    for (std::size_t i = 0; i < submit.waited.size(); ++i) {
      uint64_t value = 0;
      loader<decltype(vkGetSemaphoreCounterValue)>("vkGetSemaphoreCounterValue")(
          device_, submit.waited[i], &value);
      if (value < submit.values[i]) return false;
    }
    return true;
  }

  // The queue to execute next; null while a better submit may still arrive.
  Queue* choose() {
    Queue* latest = nullptr;
    std::size_t ready = 0;
    bool is_late = false;
    for (Queue& queue : queues_) {
      if (queue.kept.empty() || !may_go(queue.kept.front())) continue;
      ++ready;
      is_late |= Clock::now() - queue.kept.front().since > patience;
      if (!latest || queue.kept.front().number > latest->kept.front().number) latest = &queue;
    }
    return ready == queues_.size() || is_late ? latest : nullptr;
  }

  void pass_on(Queue& queue) {
    const Submit submit = std::move(queue.kept.front());
    queue.kept.pop_front();
    for (const Queue& other : queues_)
      overtaking += !other.kept.empty() && other.kept.front().number < submit.number;
    VkTimelineSemaphoreSubmitInfo values = {};
    values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    values.signalSemaphoreValueCount = 1;
    values.pSignalSemaphoreValues = &submit.value;
    VkSubmitInfo info = {};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = &values;
    info.commandBufferCount = 1;
    info.pCommandBuffers = &submit.commands;
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &submit.signalled;
    if (loader<decltype(vkQueueSubmit)>("vkQueueSubmit")(real_, 1, &info, VK_NULL_HANDLE) !=
        VK_SUCCESS)
      std::abort();
  }

  const VkDevice device_;
  VkQueue real_ = VK_NULL_HANDLE;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Queue, 2> queues_;  // guarded by the mutex, as are the members below
  uint64_t last_number_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

std::mutex mutex;
std::map<VkDevice, std::unique_ptr<Device>> devices;  // guarded by the mutex

}  // namespace

TwoQueuesCounts two_queues_counts() {
  return {submits[0], submits[1], overtaking};
}

}  // namespace daedalus::test

using namespace daedalus::test;

extern "C" {

void vkGetPhysicalDeviceQueueFamilyProperties(VkPhysicalDevice physical, uint32_t* count,
                                              VkQueueFamilyProperties* families) {
  loader<decltype(vkGetPhysicalDeviceQueueFamilyProperties)>(
      "vkGetPhysicalDeviceQueueFamilyProperties")(physical, count, families);
  for (uint32_t i = 0; families && i < *count; ++i) families[i].queueCount = 2;
}

VkResult vkCreateDevice(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                        const VkAllocationCallbacks* callbacks, VkDevice* made) {
  VkDeviceQueueCreateInfo queue = info->pQueueCreateInfos[0];
  queue.queueCount = 1;
  VkDeviceCreateInfo one_queue = *info;
  one_queue.pQueueCreateInfos = &queue;
  const VkResult result =
      loader<decltype(vkCreateDevice)>("vkCreateDevice")(physical, &one_queue, callbacks, made);
  if (result != VK_SUCCESS) return result;
  std::lock_guard lock(mutex);
  devices[*made] = std::make_unique<Device>(*made, queue.queueFamilyIndex);
  return result;
}

void vkDestroyDevice(VkDevice made, const VkAllocationCallbacks* callbacks) {
  {
    std::lock_guard lock(mutex);
    devices.erase(made);
  }
  loader<decltype(vkDestroyDevice)>("vkDestroyDevice")(made, callbacks);
}

void vkGetDeviceQueue(VkDevice device, uint32_t, uint32_t index, VkQueue* queue) {
  std::lock_guard lock(mutex);
  *queue = devices.at(device)->queue(index);
}

VkResult vkQueueSubmit(VkQueue handle, uint32_t, const VkSubmitInfo* info, VkFence) {
  Queue& queue = *reinterpret_cast<Queue*>(handle);
  queue.device->keep(queue, *info);
  return VK_SUCCESS;
}

}  // extern "C"
