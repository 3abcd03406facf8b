// SPDX-License-Identifier: MIT
#include "v4l2/buffers.h"

#include <algorithm>

#include "daedalus/file_descriptor.h"
#include "daedalus/log.h"

namespace daedalus::v4l2 {

namespace {

// A queue's buffers, and those of the previous queue, which may still be reported as gone.
constexpr std::size_t max_buffers = std::size_t{DAEDALUS_V4L2_MAX_BUFFERS} * 2;

}  // namespace

Result<Buffer> Buffers::make(const Job& job) {
  const auto descriptor = connection_.get(job.head.buffer);
  if (!descriptor) return tl::unexpected(descriptor.error());
  const FileDescriptor dma_buf(*descriptor);
  Buffer buffer;
  buffer.number = job.head.buffer;
  buffer.layout = job.layout();
  if (device_.shares_dma_bufs()) {
    auto surface = Surface::import(device_, dma_buf.get(), buffer.layout);
    if (surface) {
      buffer.surface = std::move(*surface);
      return buffer;
    }
    log(LogLevel::warning, "a buffer of %ux%u is not for this device: it will be copied",
        buffer.layout.width, buffer.layout.height);
  }
  auto memory = ClientMemory::map(dma_buf.get(), buffer.layout);
  if (!memory) return tl::unexpected(memory.error());
  auto surface =
      Surface::create(device_, buffer.layout.format, buffer.layout.width, buffer.layout.height);
  if (!surface) return tl::unexpected(surface.error());
  buffer.memory = std::move(*memory);
  buffer.surface = std::move(*surface);
  return buffer;
}

Result<Buffer*> Buffers::take(const Job& job) {
  const auto found = std::find_if(buffers_.begin(), buffers_.end(), [&](const Buffer& buffer) {
    return buffer.number == job.head.buffer;
  });
  if (found != buffers_.end()) {
    // A number always means the same memory, whose layout does not change.
    if (found->layout != job.layout()) return tl::unexpected(Error::invalid_parameter);
    return &*found;
  }
  if (buffers_.size() >= max_buffers) return tl::unexpected(Error::out_of_memory);
  auto made = make(job);
  if (!made) return tl::unexpected(made.error());
  ++made_;
  return &buffers_.emplace_back(std::move(*made));
}

void Buffers::drop(uint64_t number) {
  std::erase_if(buffers_, [&](const Buffer& buffer) { return buffer.number == number; });
}

std::shared_ptr<Surface> Buffers::find(uint64_t timestamp) const {
  for (const Buffer& buffer : buffers_)
    if (buffer.timestamp == timestamp) return buffer.reference;
  return nullptr;
}

void Buffers::set_timestamp(Buffer& buffer, uint64_t timestamp) {
  for (Buffer& other : buffers_)
    if (other.timestamp == timestamp) other.timestamp.reset();
  buffer.timestamp = timestamp;
}

Result<std::shared_ptr<Surface>> Buffers::surface_without_grain(Buffer& buffer) {
  if (!buffer.without_grain) {
    auto made =
        Surface::create(device_, buffer.layout.format, buffer.layout.width, buffer.layout.height);
    if (!made) return tl::unexpected(made.error());
    buffer.without_grain = std::move(*made);
  }
  return buffer.without_grain;
}

}  // namespace daedalus::v4l2
