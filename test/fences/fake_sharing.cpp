// SPDX-License-Identifier: MIT
#include "fences/fake_sharing.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "programs/vulkan_loader.h"

namespace daedalus::test {

namespace {

using Clock = std::chrono::steady_clock;

bool is_readable(int fd, int milliseconds) {
  pollfd polled = {fd, POLLIN, 0};
  const timespec timeout = {milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  return ppoll(&polled, 1, &timeout, nullptr) == 1;
}

int duplicate(int fd) {
  return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

int make_sync_file(bool signalled) {
  return eventfd(signalled ? 1 : 0, EFD_CLOEXEC);
}

void signal(int fence) {
  if (eventfd_write(fence, 1) != 0) std::abort();
}

struct Fence {
  int fd;
  bool writes;
};

struct DmaBuf {
  std::vector<Fence> fences;
  uint32_t given_by_readers = 0, given_by_writers = 0;
};

struct Submit {
  VkCommandBuffer commands;
  std::vector<VkSemaphore> waited, signalled;  // timelines
  std::vector<uint64_t> waited_values, signalled_values;
  std::vector<int> waited_files, signalled_files;
  Clock::time_point since;
};

// All of it is guarded by the mutex.
struct State {
  std::mutex mutex;
  std::condition_variable changed;
  Lack lack = Lack::nothing;
  uint32_t holds = 0;
  std::map<ino_t, DmaBuf> dma_bufs;
  std::map<VkDeviceMemory, VkDeviceSize> sizes;
  std::map<VkDeviceMemory, int> files;
  // For binary semaphores: the sync file that the next submit waits for, or that the last one
  // signals.
  std::map<VkSemaphore, int> payloads;
  std::map<VkCommandBuffer, SharedSubmit> barriers;
  std::vector<SharedSubmit> submits;
  uint64_t executed = 0;
  uint32_t unfinished = 0;  // submits whose files are open
};

State& state() {
  static auto* const all = new State;  // threads may outlive static objects
  return *all;
}

ino_t inode(int fd) {
  struct stat file;
  return fstat(fd, &file) == 0 ? file.st_ino : 0;
}

// The sync file of conflicting uses. Only the newest unsignalled one, since the driver's complete
// in order.
int export_sync_file(const DmaBuf& dma_buf, bool of_all) {
  for (auto fence = dma_buf.fences.rbegin(); fence != dma_buf.fences.rend(); ++fence)
    if ((of_all || fence->writes) && !is_readable(fence->fd, 0)) return duplicate(fence->fd);
  return make_sync_file(true);
}

int fail(int error) {
  errno = error;
  return -1;
}

int answer_export(DmaBuf& dma_buf, dma_buf_export_sync_file& request) {
  request.fd = export_sync_file(dma_buf, (request.flags & DMA_BUF_SYNC_WRITE) != 0);
  return 0;
}

int answer_import(DmaBuf& dma_buf, const dma_buf_import_sync_file& request) {
  const bool writes = (request.flags & DMA_BUF_SYNC_WRITE) != 0;
  ++(writes ? dma_buf.given_by_writers : dma_buf.given_by_readers);
  dma_buf.fences.push_back({duplicate(request.fd), writes});
  return 0;
}

// The real queue, which executes released work.
class Device {
 public:
  Device(VkDevice device, VkQueue queue) : device_(device), real_(queue) {
    thread_ = std::thread([this] { work(); });
  }
  ~Device() {
    {
      std::lock_guard lock(state().mutex);
      stopping_ = true;
    }
    state().changed.notify_all();
    thread_.join();
  }

  VkQueue queue() { return reinterpret_cast<VkQueue>(this); }
  void keep(Submit submit) {
    kept_.push_back(std::move(submit));
    ++state().unfinished;
  }

 private:
  void work() {
    std::unique_lock lock(state().mutex);
    while (!stopping_) {
      if (kept_.empty() || !may_go(kept_.front())) {
        state().changed.wait_for(lock, std::chrono::microseconds(200));
        continue;
      }
      const Submit submit = std::move(kept_.front());
      kept_.pop_front();
      ++state().executed;
      lock.unlock();
      execute(submit);
      lock.lock();
      for (const int file : submit.signalled_files) {
        signal(file);
        close(file);
      }
      for (const int file : submit.waited_files) close(file);
      if (--state().unfinished == 0) state().changed.notify_all();
    }
  }

  static bool may_go(const Submit& submit) {
    if (state().holds != 0 && Clock::now() - submit.since < Hold::patience) return false;
    return std::all_of(submit.waited_files.begin(), submit.waited_files.end(),
                       [](int file) { return is_readable(file, 0); });
  }

  void execute(const Submit& submit) const {
    VkTimelineSemaphoreSubmitInfo values = {};
    values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    values.waitSemaphoreValueCount = static_cast<uint32_t>(submit.waited.size());
    values.pWaitSemaphoreValues = submit.waited_values.data();
    values.signalSemaphoreValueCount = static_cast<uint32_t>(submit.signalled.size());
    values.pSignalSemaphoreValues = submit.signalled_values.data();
    const std::vector<VkPipelineStageFlags> stages(submit.waited.size(),
                                                   VK_PIPELINE_STAGE_ALL_COMMANDS_BIT);
    VkSubmitInfo info = {};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = &values;
    info.waitSemaphoreCount = static_cast<uint32_t>(submit.waited.size());
    info.pWaitSemaphores = submit.waited.data();
    info.pWaitDstStageMask = stages.data();
    info.commandBufferCount = 1;
    info.pCommandBuffers = &submit.commands;
    info.signalSemaphoreCount = static_cast<uint32_t>(submit.signalled.size());
    info.pSignalSemaphores = submit.signalled.data();
    VkSemaphoreWaitInfo wait = {};
    wait.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
    wait.semaphoreCount = 1;
    wait.pSemaphores = submit.signalled.data();
    wait.pValues = submit.signalled_values.data();
    if (loader<decltype(vkQueueSubmit)>("vkQueueSubmit")(real_, 1, &info, VK_NULL_HANDLE) !=
            VK_SUCCESS ||
        loader<decltype(vkWaitSemaphores)>("vkWaitSemaphores")(device_, &wait, UINT64_MAX) !=
            VK_SUCCESS)
      std::abort();
  }

  const VkDevice device_;
  const VkQueue real_;
  std::deque<Submit> kept_;  // guarded by the state's mutex, like what follows
  bool stopping_ = false;
  std::thread thread_;
};

std::map<VkDevice, std::unique_ptr<Device>>& devices() {
  static auto* const all = new std::map<VkDevice, std::unique_ptr<Device>>;
  return *all;
}

// Splits a submit's semaphores into timelines, which the real device has, and sync files.
Submit take(const VkSubmitInfo& info) {
  const auto& values = *static_cast<const VkTimelineSemaphoreSubmitInfo*>(info.pNext);
  auto& payloads = state().payloads;
  Submit submit = {};
  submit.commands = info.pCommandBuffers[0];
  submit.since = Clock::now();
  for (uint32_t i = 0; i < info.waitSemaphoreCount; ++i) {
    const auto file = payloads.find(info.pWaitSemaphores[i]);
    if (file == payloads.end()) {
      submit.waited.push_back(info.pWaitSemaphores[i]);
      submit.waited_values.push_back(values.pWaitSemaphoreValues[i]);
    } else {
      if (file->second < 0) std::abort();  // nothing will ever signal it
      submit.waited_files.push_back(std::exchange(file->second, -1));
    }
  }
  for (uint32_t i = 0; i < info.signalSemaphoreCount; ++i) {
    const auto file = payloads.find(info.pSignalSemaphores[i]);
    if (file == payloads.end()) {
      submit.signalled.push_back(info.pSignalSemaphores[i]);
      submit.signalled_values.push_back(values.pSignalSemaphoreValues[i]);
    } else {
      if (file->second >= 0) std::abort();  // it is signalled already
      file->second = make_sync_file(false);
      submit.signalled_files.push_back(duplicate(file->second));
    }
  }
  return submit;
}

VkResult get_memory_fd(VkDevice, const VkMemoryGetFdInfoKHR* info, int* fd) {
  std::lock_guard lock(state().mutex);
  auto [file, made] = state().files.try_emplace(info->memory, -1);
  if (made) {
    file->second = memfd_create("dma-buf", MFD_CLOEXEC);
    if (ftruncate(file->second, static_cast<off_t>(state().sizes.at(info->memory))) != 0)
      std::abort();
  }
  *fd = duplicate(file->second);
  return VK_SUCCESS;
}

VkResult get_memory_fd_properties(VkDevice, VkExternalMemoryHandleTypeFlagBits, int,
                                  VkMemoryFdPropertiesKHR* properties) {
  properties->memoryTypeBits = ~0u;
  return VK_SUCCESS;
}

VkResult import_semaphore_fd(VkDevice, const VkImportSemaphoreFdInfoKHR* info) {
  std::lock_guard lock(state().mutex);
  if (state().lack == Lack::import_into_semaphores) return VK_ERROR_OUT_OF_HOST_MEMORY;
  if ((info->flags & VK_SEMAPHORE_IMPORT_TEMPORARY_BIT) == 0) std::abort();
  state().payloads.at(info->semaphore) = info->fd;
  return VK_SUCCESS;
}

VkResult get_semaphore_fd(VkDevice, const VkSemaphoreGetFdInfoKHR* info, int* fd) {
  std::lock_guard lock(state().mutex);
  if (state().lack == Lack::export_of_semaphores) return VK_ERROR_TOO_MANY_OBJECTS;
  *fd = std::exchange(state().payloads.at(info->semaphore), -1);
  if (*fd < 0) std::abort();  // no submit signals it
  return VK_SUCCESS;
}

constexpr std::array extensions = {
    VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME, VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME,
    VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME, VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME};

bool is_fake(const char* name) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const char* fake) { return std::string_view(fake) == name; });
}

}  // namespace

std::vector<SharedSubmit> take_submits() {
  std::lock_guard lock(state().mutex);
  return std::exchange(state().submits, {});
}

uint64_t executed_submits() {
  std::lock_guard lock(state().mutex);
  return state().executed;
}

void wait_for_idle_device() {
  std::unique_lock lock(state().mutex);
  state().changed.wait(lock, [] { return state().unfinished == 0; });
}

Hold::Hold() {
  std::lock_guard lock(state().mutex);
  ++state().holds;
}

Hold::~Hold() {
  {
    std::lock_guard lock(state().mutex);
    --state().holds;
  }
  state().changed.notify_all();
}

void set_lack(Lack lack) {
  std::lock_guard lock(state().mutex);
  state().lack = lack;
}

ForeignUse::ForeignUse(int dma_buf, bool writes) : fence_(make_sync_file(false)) {
  std::lock_guard lock(state().mutex);
  state().dma_bufs[inode(dma_buf)].fences.push_back({duplicate(fence_), writes});
}

ForeignUse::~ForeignUse() {
  end();
}

void ForeignUse::end() {
  if (fence_ < 0) return;
  signal(fence_);
  close(std::exchange(fence_, -1));
}

bool are_signalled(int dma_buf, bool of_all, std::chrono::milliseconds timeout) {
  int file = -1;
  {
    std::lock_guard lock(state().mutex);
    file = export_sync_file(state().dma_bufs[inode(dma_buf)], of_all);
  }
  const bool signalled = is_readable(file, static_cast<int>(timeout.count()));
  close(file);
  return signalled;
}

uint32_t fences_given(int dma_buf, bool of_writers) {
  std::lock_guard lock(state().mutex);
  const DmaBuf& known = state().dma_bufs[inode(dma_buf)];
  return of_writers ? known.given_by_writers : known.given_by_readers;
}

}  // namespace daedalus::test

using namespace daedalus::test;

extern "C" {

int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (request != DMA_BUF_IOCTL_EXPORT_SYNC_FILE && request != DMA_BUF_IOCTL_IMPORT_SYNC_FILE)
    return static_cast<int>(syscall(SYS_ioctl, fd, request, argument));
  std::lock_guard lock(state().mutex);
  if (state().lack == Lack::sync_files_of_dma_bufs) return fail(ENOTTY);
  DmaBuf& dma_buf = state().dma_bufs[inode(fd)];
  return request == DMA_BUF_IOCTL_EXPORT_SYNC_FILE
             ? answer_export(dma_buf, *static_cast<dma_buf_export_sync_file*>(argument))
             : answer_import(dma_buf, *static_cast<dma_buf_import_sync_file*>(argument));
}

// For a dma-buf: readable without writers, writable without users. Declared by this name because
// glibc declares that poll() does not read the array.
int poll_files(pollfd* polled, nfds_t count, int milliseconds) __asm__("poll");
int poll_files(pollfd* polled, nfds_t count, int milliseconds) {
  pollfd fence = *polled;
  if (count == 1) {
    std::lock_guard lock(state().mutex);
    const auto dma_buf = state().dma_bufs.find(inode(polled->fd));
    if (dma_buf != state().dma_bufs.end()) {
      fence = {export_sync_file(dma_buf->second, (polled->events & POLLOUT) != 0), POLLIN, 0};
    }
  }
  const bool is_dma_buf = count == 1 && fence.fd != polled->fd;
  const timespec timeout = {milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  const int ready =
      ppoll(is_dma_buf ? &fence : polled, count, milliseconds < 0 ? nullptr : &timeout, nullptr);
  if (!is_dma_buf) return ready;
  polled->revents = ready > 0 ? polled->events : short{0};
  close(fence.fd);
  return ready;
}

VkResult vkEnumerateDeviceExtensionProperties(VkPhysicalDevice physical, const char* layer,
                                              uint32_t* count, VkExtensionProperties* properties) {
  const auto real = loader<decltype(vkEnumerateDeviceExtensionProperties)>(
      "vkEnumerateDeviceExtensionProperties");
  uint32_t real_count = 0;
  real(physical, layer, &real_count, nullptr);
  std::vector<VkExtensionProperties> all(real_count);
  real(physical, layer, &real_count, all.data());
  std::erase_if(all, [](const auto& one) { return is_fake(one.extensionName); });
  for (const char* name : extensions) {
    VkExtensionProperties fake = {};
    strncpy(fake.extensionName, name, sizeof(fake.extensionName) - 1);
    all.push_back(fake);
  }
  if (properties) std::copy_n(all.begin(), std::min<std::size_t>(*count, all.size()), properties);
  *count = static_cast<uint32_t>(all.size());
  return VK_SUCCESS;
}

void vkGetPhysicalDeviceExternalBufferProperties(VkPhysicalDevice,
                                                 const VkPhysicalDeviceExternalBufferInfo*,
                                                 VkExternalBufferProperties* properties) {
  properties->externalMemoryProperties.externalMemoryFeatures =
      VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT | VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
}

void vkGetPhysicalDeviceExternalSemaphoreProperties(VkPhysicalDevice,
                                                    const VkPhysicalDeviceExternalSemaphoreInfo*,
                                                    VkExternalSemaphoreProperties* properties) {
  properties->externalSemaphoreFeatures =
      VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT | VK_EXTERNAL_SEMAPHORE_FEATURE_IMPORTABLE_BIT;
}

void vkGetPhysicalDeviceQueueFamilyProperties(VkPhysicalDevice physical, uint32_t* count,
                                              VkQueueFamilyProperties* families) {
  loader<decltype(vkGetPhysicalDeviceQueueFamilyProperties)>(
      "vkGetPhysicalDeviceQueueFamilyProperties")(physical, count, families);
  for (uint32_t i = 0; families && i < *count; ++i) families[i].queueCount = 1;
}

VkResult vkCreateDevice(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                        const VkAllocationCallbacks* callbacks, VkDevice* made) {
  std::vector<const char*> real_names;
  for (uint32_t i = 0; i < info->enabledExtensionCount; ++i)
    if (!is_fake(info->ppEnabledExtensionNames[i]))
      real_names.push_back(info->ppEnabledExtensionNames[i]);
  VkDeviceCreateInfo real = *info;
  real.enabledExtensionCount = static_cast<uint32_t>(real_names.size());
  real.ppEnabledExtensionNames = real_names.data();
  const auto result =
      loader<decltype(vkCreateDevice)>("vkCreateDevice")(physical, &real, callbacks, made);
  if (result != VK_SUCCESS) return result;
  VkQueue queue = VK_NULL_HANDLE;
  loader<decltype(vkGetDeviceQueue)>("vkGetDeviceQueue")(
      *made, info->pQueueCreateInfos[0].queueFamilyIndex, 0, &queue);
  auto device = std::make_unique<Device>(*made, queue);
  std::lock_guard lock(state().mutex);
  devices()[*made] = std::move(device);
  return result;
}

void vkDestroyDevice(VkDevice made, const VkAllocationCallbacks* callbacks) {
  std::unique_ptr<Device> device;
  {
    std::lock_guard lock(state().mutex);
    device = std::move(devices()[made]);
    devices().erase(made);
  }
  device.reset();
  loader<decltype(vkDestroyDevice)>("vkDestroyDevice")(made, callbacks);
}

void vkGetDeviceQueue(VkDevice device, uint32_t, uint32_t, VkQueue* queue) {
  std::lock_guard lock(state().mutex);
  *queue = devices().at(device)->queue();
}

PFN_vkVoidFunction vkGetDeviceProcAddr(VkDevice device, const char* name) {
  const std::string_view wanted = name;
  if (wanted == "vkGetMemoryFdKHR") return reinterpret_cast<PFN_vkVoidFunction>(get_memory_fd);
  if (wanted == "vkGetMemoryFdPropertiesKHR")
    return reinterpret_cast<PFN_vkVoidFunction>(get_memory_fd_properties);
  if (wanted == "vkImportSemaphoreFdKHR")
    return reinterpret_cast<PFN_vkVoidFunction>(import_semaphore_fd);
  if (wanted == "vkGetSemaphoreFdKHR")
    return reinterpret_cast<PFN_vkVoidFunction>(get_semaphore_fd);
  return loader<decltype(vkGetDeviceProcAddr)>("vkGetDeviceProcAddr")(device, name);
}

VkResult vkCreateBuffer(VkDevice device, const VkBufferCreateInfo* info,
                        const VkAllocationCallbacks* callbacks, VkBuffer* buffer) {
  VkBufferCreateInfo real = *info;
  real.pNext = nullptr;  // the driver has nothing else there
  return loader<decltype(vkCreateBuffer)>("vkCreateBuffer")(device, &real, callbacks, buffer);
}

// The driver's chain is flags, dedication, and then what makes it shared.
VkResult vkAllocateMemory(VkDevice device, const VkMemoryAllocateInfo* info,
                          const VkAllocationCallbacks* callbacks, VkDeviceMemory* memory) {
  auto flags = *static_cast<const VkMemoryAllocateFlagsInfo*>(info->pNext);
  auto dedicated = *static_cast<const VkMemoryDedicatedAllocateInfo*>(flags.pNext);
  dedicated.pNext = nullptr;
  flags.pNext = &dedicated;
  VkMemoryAllocateInfo real = *info;
  real.pNext = &flags;
  const auto result =
      loader<decltype(vkAllocateMemory)>("vkAllocateMemory")(device, &real, callbacks, memory);
  if (result != VK_SUCCESS) return result;
  std::lock_guard lock(state().mutex);
  state().sizes[*memory] = info->allocationSize;
  return result;
}

void vkFreeMemory(VkDevice device, VkDeviceMemory memory, const VkAllocationCallbacks* callbacks) {
  {
    std::lock_guard lock(state().mutex);
    if (const auto file = state().files.find(memory); file != state().files.end()) {
      const auto dma_buf = state().dma_bufs.find(inode(file->second));
      if (dma_buf != state().dma_bufs.end()) {
        for (const Fence& fence : dma_buf->second.fences) close(fence.fd);
        state().dma_bufs.erase(dma_buf);
      }
      close(file->second);
      state().files.erase(file);
    }
    state().sizes.erase(memory);
  }
  loader<decltype(vkFreeMemory)>("vkFreeMemory")(device, memory, callbacks);
}

VkResult vkCreateSemaphore(VkDevice device, const VkSemaphoreCreateInfo* info,
                           const VkAllocationCallbacks* callbacks, VkSemaphore* semaphore) {
  const auto* next = static_cast<const VkBaseInStructure*>(info->pNext);
  const bool is_timeline = next && next->sType == VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
  VkSemaphoreCreateInfo real = *info;
  if (!is_timeline) real.pNext = nullptr;
  const auto result =
      loader<decltype(vkCreateSemaphore)>("vkCreateSemaphore")(device, &real, callbacks, semaphore);
  std::lock_guard lock(state().mutex);
  if (result == VK_SUCCESS && !is_timeline) state().payloads[*semaphore] = -1;
  return result;
}

void vkDestroySemaphore(VkDevice device, VkSemaphore semaphore,
                        const VkAllocationCallbacks* callbacks) {
  {
    std::lock_guard lock(state().mutex);
    if (const auto file = state().payloads.find(semaphore); file != state().payloads.end()) {
      if (file->second >= 0) close(file->second);
      state().payloads.erase(file);
    }
  }
  loader<decltype(vkDestroySemaphore)>("vkDestroySemaphore")(device, semaphore, callbacks);
}

VkResult vkBeginCommandBuffer(VkCommandBuffer commands, const VkCommandBufferBeginInfo* info) {
  {
    std::lock_guard lock(state().mutex);
    state().barriers[commands] = {};
  }
  return loader<decltype(vkBeginCommandBuffer)>("vkBeginCommandBuffer")(commands, info);
}

void vkCmdPipelineBarrier(VkCommandBuffer commands, VkPipelineStageFlags from,
                          VkPipelineStageFlags to, VkDependencyFlags flags, uint32_t memory_count,
                          const VkMemoryBarrier* memory, uint32_t buffer_count,
                          const VkBufferMemoryBarrier* buffers, uint32_t,
                          const VkImageMemoryBarrier*) {
  {
    std::lock_guard lock(state().mutex);
    auto& counts = state().barriers[commands];
    for (uint32_t i = 0; i < buffer_count; ++i) {
      if (((from | to) & VK_PIPELINE_STAGE_HOST_BIT) != 0) std::abort();  // it is not allowed
      counts.acquired += buffers[i].srcQueueFamilyIndex == VK_QUEUE_FAMILY_FOREIGN_EXT;
      counts.released += buffers[i].dstQueueFamilyIndex == VK_QUEUE_FAMILY_FOREIGN_EXT;
    }
  }
  loader<decltype(vkCmdPipelineBarrier)>("vkCmdPipelineBarrier")(
      commands, from, to, flags, memory_count, memory, 0, nullptr, 0, nullptr);
}

VkResult vkQueueSubmit(VkQueue queue, uint32_t, const VkSubmitInfo* info, VkFence) {
  {
    std::lock_guard lock(state().mutex);
    Submit submit = take(*info);
    SharedSubmit counts = state().barriers[submit.commands];
    counts.waited = static_cast<uint32_t>(submit.waited_files.size());
    counts.signalled = static_cast<uint32_t>(submit.signalled_files.size());
    state().submits.push_back(counts);
    reinterpret_cast<Device*>(queue)->keep(std::move(submit));
  }
  state().changed.notify_all();
  return VK_SUCCESS;
}

}  // extern "C"
