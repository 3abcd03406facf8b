// SPDX-License-Identifier: MIT
#include "vulkan/implicit_fences.h"

#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "daedalus/file_descriptor.h"
#include "vulkan/picture.h"

namespace daedalus::vulkan {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

template <typename Argument>
bool control(int fd, unsigned long request, Argument& argument) {
  int result;
  do {
    result = ioctl(fd, request, &argument);
  } while (result != 0 && (errno == EINTR || errno == EAGAIN));
  return result == 0;
}

// The fences of writers, or of all users. Linux has this since 6.0.
FileDescriptor export_fence(int dma_buf, bool of_readers) {
  dma_buf_export_sync_file request = {};
  request.flags = of_readers ? DMA_BUF_SYNC_WRITE : DMA_BUF_SYNC_READ;
  request.fd = -1;
  return control(dma_buf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, request) ? FileDescriptor(request.fd)
                                                                   : FileDescriptor();
}

bool import_fence(int dma_buf, bool of_writer, const FileDescriptor& fence) {
  dma_buf_import_sync_file request = {};
  request.flags = of_writer ? DMA_BUF_SYNC_WRITE : DMA_BUF_SYNC_READ;
  request.fd = fence.get();
  return control(dma_buf, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, request);
}

// Sync files become readable when they signal.
bool wait_for(int fd, short events, nanoseconds timeout) {
  const auto deadline = Clock::now() + std::min<nanoseconds>(timeout, std::chrono::hours(24));
  while (true) {
    const auto left = std::max<nanoseconds>(deadline - Clock::now(), nanoseconds(0));
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd polled = {fd, events, 0};
    const int ready = poll(&polled, 1, static_cast<int>(milliseconds));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    if (ready == 0) return false;
  }
}

Result<UniqueSemaphore> create_semaphore(const Gpu& gpu, VkExternalSemaphoreHandleTypeFlags kinds) {
  VkExportSemaphoreCreateInfo exported = {};
  exported.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO;
  exported.handleTypes = kinds;
  return gpu.create_semaphore(kinds != 0 ? &exported : nullptr);
}

}  // namespace

bool wait_for_dma_buf(int dma_buf, nanoseconds timeout) {
  return wait_for(dma_buf, POLLOUT, timeout);
}

BinarySemaphores ImplicitFences::before_submit(const Gpu& gpu, std::span<const SharedUse> uses) {
  signals_ = false;
  BinarySemaphores semaphores;
  if (uses.empty() || !gpu.shares_fences()) return semaphores;
  for (std::size_t i = 0; i < uses.size(); ++i)
    if (const VkSemaphore waited = prepare_wait(gpu, uses[i], i)) semaphores.add_wait(waited);
  if (!prepare_signal(gpu)) return semaphores;
  signals_ = true;
  semaphores.signalled = signalled_.get();
  return semaphores;
}

// Null if there is nothing to wait for.
VkSemaphore ImplicitFences::prepare_wait(const Gpu& gpu, const SharedUse& use, std::size_t index) {
  FileDescriptor fence = export_fence(use.picture->dma_buf(), use.writes);
  if (!fence || wait_for(fence.get(), POLLIN, nanoseconds(0))) return VK_NULL_HANDLE;
  UniqueSemaphore& waited = waited_[index];
  if (waited.get() == VK_NULL_HANDLE) {
    if (auto made = create_semaphore(gpu, 0)) waited = std::move(*made);
  }
  if (waited.get() != VK_NULL_HANDLE && gpu.import_sync_file(waited.get(), fence.get())) {
    fence.release();  // now owned by the semaphore
    return waited.get();
  }
  (void)wait_for(fence.get(), POLLIN, Queues::usual_patience);
  return VK_NULL_HANDLE;
}

bool ImplicitFences::prepare_signal(const Gpu& gpu) {
  if (is_spent_) signalled_ = {};
  is_spent_ = false;
  if (signalled_.get() != VK_NULL_HANDLE) return true;
  auto made = create_semaphore(gpu, VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT);
  if (!made) return false;
  signalled_ = std::move(*made);
  return true;
}

// If the submit is done already, there is no file and nothing to wait for.
void ImplicitFences::after_submit(const Gpu& gpu, std::span<const SharedUse> uses,
                                  const Submits& submit) {
  if (!signals_) return;
  int fd = -1;
  is_spent_ = !gpu.export_sync_file(signalled_.get(), fd);
  if (is_spent_) return;
  const FileDescriptor fence(fd);
  for (const SharedUse& use : uses) {
    const bool fenced = !fence || import_fence(use.picture->dma_buf(), use.writes, fence);
    if (use.writes && fenced) use.picture->add_fence(submit);
  }
}

void ImplicitFences::leak() {
  for (UniqueSemaphore& waited : waited_) waited.leak();
  signalled_.leak();
}

}  // namespace daedalus::vulkan
