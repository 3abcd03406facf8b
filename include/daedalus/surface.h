// SPDX-License-Identifier: MIT
// Surfaces: what decoders and video processing write, and clients read. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/error.h"

namespace daedalus {

class SurfaceUses;

enum class Access { read, write };

// A picture's memory, who uses it, and what decoding left with it.
class Surface {
 public:
  static Result<std::shared_ptr<Surface>> create(Device& device, PictureFormat format,
                                                 uint32_t width, uint32_t height);
  // In a client's memory, see Device::import_picture.
  static Result<std::shared_ptr<Surface>> import(Device& device, int dma_buf,
                                                 const PictureLayout& layout);
  ~Surface();

  Picture& picture() { return *picture_; }
  const std::shared_ptr<Picture>& shared_picture() { return picture_; }

  // Waits until the CPU may access the memory: until all that was queued to write it has written
  // it and, for a write, all that was queued to read it has read it. The damage of a broken
  // bitstream is no error here, see damage(). Error::timeout, Error::device_lost,
  // Error::out_of_memory: the last picture did not get there.
  Result<void> sync(std::chrono::nanoseconds timeout, Access access = Access::read);
  bool busy();

  // For an access by the GPU, whose order starts where a picture is handed to it: waits only until
  // what is in the way is with the GPU.
  void wait_for_turn(Access access);

  // A new descriptor of its dma-buf, for a client that reads it now; see Picture::export_dma_buf
  // and sync().
  Result<int> export_dma_buf();

  // Clients that hold a surface's memory before there is a picture in it, as Chromium does, look at
  // it later without vaSyncSurface: they trust the fences that kernel drivers attach to dma-bufs.
  // Whoever hands a picture over for them calls wait_for_fence.
  bool is_read_without_sync();

  // Waits until the last picture is with the GPU and its fence is in the dma-buf; where the device
  // or the kernel has no such fences, as sync() does for ever.
  Result<void> wait_for_fence();

  // Parts of the last picture that were lost or broken: inclusive ranges of the codec's units,
  // which are macroblock addresses for H.264. Call after sync.
  struct Damage {
    uint32_t first, last;
  };
  std::vector<Damage> damage();

  SurfaceUses& uses() { return *uses_; }  // for pipelines and processors

 private:
  explicit Surface(std::shared_ptr<Picture> picture);
  std::shared_ptr<Picture> picture_;
  std::unique_ptr<SurfaceUses> uses_;
};

}  // namespace daedalus
