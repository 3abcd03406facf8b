// A picture's memory and its layout.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/error.h"

namespace daedalus {

enum class PictureFormat {
  nv12,  // a plane of luma samples, then a plane of Cb, Cr pairs of half the height, same pitch
  bgra,  // one plane; a sample is 4 bytes: blue, green, red, alpha
  rgba,  // red, green, blue, alpha
};

struct PictureLayout {
  PictureFormat format;
  uint32_t width, height;  // samples; NV12: multiples of 16
  uint32_t pitch;          // bytes, a multiple of 16, all planes
  uint32_t chroma_offset;  // NV12: bytes from the first luma sample, a multiple of 16; else 0
  uint32_t size;           // bytes

  // What decoders may use of NV12: as large as the above, or larger where the memory is a client's
  // that does not hold whole macroblocks. Pictures are then decoded elsewhere, and copied as part
  // of the same submit.
  uint32_t coded_width() const { return (width + 15) / 16 * 16; }
  uint32_t coded_height() const { return (height + 15) / 16 * 16; }

  bool operator==(const PictureLayout&) const = default;
};

// The memory of one picture. It is black (NV12: 16, 128) when made, unless it is a client's, and
// stays where it is for life.
class Picture {
 public:
  virtual ~Picture() = default;
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  const PictureLayout& layout() const { return layout_; }

  // Waits for the last submitted write. Error::timeout, Error::device_lost.
  virtual Result<void> wait(std::chrono::nanoseconds timeout) = 0;

  // The samples in the CPU's address space, layout().size bytes; empty where the memory is not
  // visible to the CPU. The caller waits first.
  virtual std::span<std::byte> map() = 0;

  // Copies the whole picture, in its layout, to or from ordinary memory of layout().size bytes,
  // after waiting for the last write (and, for upload, as part of it).
  virtual Result<void> download(std::span<std::byte> destination) = 0;
  virtual Result<void> upload(std::span<const std::byte> source) = 0;

  // A new file descriptor of the dma-buf that is this memory, the caller's to close. The memory
  // lives until the last of them is closed. Error::unsupported where Device::shares_dma_bufs() is
  // false.
  virtual Result<int> export_dma_buf() = 0;

 protected:
  explicit Picture(const PictureLayout& layout) : layout_(layout) {}
  PictureLayout layout_;
};

}  // namespace daedalus
