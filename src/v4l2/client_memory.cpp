// SPDX-License-Identifier: MIT
#include "v4l2/client_memory.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace daedalus::v4l2 {

namespace {

// Tells the kernel about CPU writes, so that later readers do not see stale caches.
class CpuWrite {
 public:
  explicit CpuWrite(int dma_buf) : dma_buf_(dma_buf) { sync(DMA_BUF_SYNC_START); }
  ~CpuWrite() { sync(DMA_BUF_SYNC_END); }
  CpuWrite(const CpuWrite&) = delete;
  CpuWrite& operator=(const CpuWrite&) = delete;

 private:
  void sync(uint64_t when) {
    dma_buf_sync request = {.flags = DMA_BUF_SYNC_WRITE | when};
    while (ioctl(dma_buf_, DMA_BUF_IOCTL_SYNC, &request) < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
  }
  const int dma_buf_;
};

void copy_plane(const std::byte* from, uint32_t from_pitch, std::byte* to, uint32_t to_pitch,
                uint32_t row_bytes, uint32_t rows) {
  for (uint32_t row = 0; row < rows; ++row)
    memcpy(to + std::size_t{row} * to_pitch, from + std::size_t{row} * from_pitch, row_bytes);
}

}  // namespace

Result<std::shared_ptr<ClientMemory>> ClientMemory::map(int dma_buf, const PictureLayout& layout) {
  const off_t size = lseek(dma_buf, 0, SEEK_END);
  if (size < 0 || static_cast<uint64_t>(size) < layout.size)
    return tl::unexpected(Error::invalid_parameter);
  const int own = fcntl(dma_buf, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return tl::unexpected(Error::out_of_memory);
  void* const bytes = mmap(nullptr, layout.size, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0);
  if (bytes == MAP_FAILED) {
    close(own);
    return tl::unexpected(Error::out_of_memory);
  }
  return std::shared_ptr<ClientMemory>(
      new ClientMemory(own, {static_cast<std::byte*>(bytes), layout.size}, layout));
}

ClientMemory::~ClientMemory() {
  munmap(bytes_.data(), bytes_.size());
  close(dma_buf_);
}

Result<void> ClientMemory::copy(Picture& picture) {
  const CpuWrite write(dma_buf_);
  return copy_samples(picture);
}

// The device's layout is usually the client's; then a single copy is enough.
Result<void> ClientMemory::copy_samples(Picture& picture) {
  const PictureLayout& layout = picture.layout();
  if (layout == layout_) return picture.download(bytes_);
  other_layout_.resize(layout.size);
  if (auto read = picture.download(other_layout_); !read) return read;
  const uint32_t row_bytes =
      std::min(layout.width, layout_.width) * traits_of(layout.format).sample_bytes;
  const uint32_t rows = std::min(layout.height, layout_.height);
  copy_plane(other_layout_.data(), layout.pitch, bytes_.data(), layout_.pitch, row_bytes, rows);
  copy_plane(other_layout_.data() + layout.chroma_offset, layout.pitch,
             bytes_.data() + layout_.chroma_offset, layout_.pitch, row_bytes, rows / 2);
  return {};
}

}  // namespace daedalus::v4l2
