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

// A picture's memory, its users, and what decoding left with it.
class Surface {
 public:
  static Result<std::shared_ptr<Surface>> create(Device& device, PictureFormat format,
                                                 uint32_t width, uint32_t height);
  // In a client's memory; see Device::import_picture.
  static Result<std::shared_ptr<Surface>> import(Device& device, int dma_buf,
                                                 const PictureLayout& layout);
  ~Surface();

  Picture& picture() { return *picture_; }
  const std::shared_ptr<Picture>& shared_picture() { return picture_; }

  // Waits until the CPU may access the memory: until all queued writes are done and, for a
  // write, all queued reads too. A damaged bitstream is not an error here; see damage().
  // Error::timeout. Any other error is why the last picture was not decoded, such as
  // Error::device_lost or Error::out_of_memory.
  Result<void> sync(std::chrono::nanoseconds timeout, Access access = Access::read);
  // Whether sync() for a read would have to wait.
  bool busy();

  // For an access by the GPU, which is ordered from submission on: waits only until the conflicting
  // pictures have been submitted.
  void wait_for_turn(Access access);

  // A new descriptor of the dma-buf, for a client that reads it now; see sync() and
  // Picture::export_dma_buf.
  Result<int> export_dma_buf();

  // Clients that hold a surface's memory before it has a picture (Chromium) read it later without
  // vaSyncSurface: they rely on the fences that kernel drivers attach to dma-bufs. After submitting
  // a picture to such a surface, call wait_for_fence().
  bool is_read_without_sync();

  // Waits until the last picture is submitted and its fence is in the dma-buf. Without fences in
  // the device or the kernel it waits as sync() does, without a timeout.
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
