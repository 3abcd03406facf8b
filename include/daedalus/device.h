// SPDX-License-Identifier: MIT
// What the decode core needs of a GPU, without naming one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "daedalus/av1/stage.h"
#include "daedalus/error.h"
#include "daedalus/h264/stage.h"
#include "daedalus/picture.h"
#include "daedalus/video_process.h"
#include "daedalus/vp9/stage.h"

namespace daedalus {

// Counted since the device was opened; tests and benchmarks read them.
struct DeviceCounters {
  uint64_t picture_submits = 0;  // vkQueueSubmit calls for decoded pictures
  uint64_t dispatches = 0;       // vkCmdDispatch calls in them
  uint64_t barriers = 0;         // vkCmdPipelineBarrier calls in them
};

struct PictureSize {
  uint32_t width, height;  // samples
};

// For pictures of every device.
inline constexpr uint32_t max_picture_side = 8192;

class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;

  // The largest picture of this format: max_picture_side in both directions, or less if the device
  // cannot address that much memory.
  virtual PictureSize max_picture_size(PictureFormat format) const = 0;

  // Width and height in samples; those of NV12 are rounded up to multiples of 16. Fails with
  // Error::out_of_memory, or Error::invalid_parameter if the size exceeds max_picture_size().
  virtual Result<std::shared_ptr<Picture>> create_picture(PictureFormat format, uint32_t width,
                                                          uint32_t height) = 0;

  // Width and height are those of the expected pictures: memory for some of them is allocated up
  // front. `jobs` is how many jobs the caller can use at a time, those in flight on the GPU
  // included. The stage may have fewer, but at least h264::min_jobs. Error::invalid_parameter if
  // the size is 0 or above the codec's maximum, Error::out_of_memory, Error::device_lost.
  virtual Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(
      uint32_t width_in_mbs, uint32_t height_in_mbs, uint32_t jobs) = 0;
  // The same, with sizes in samples.
  virtual Result<std::unique_ptr<vp9::ReconstructionStage>> create_vp9_stage(uint32_t width,
                                                                             uint32_t height,
                                                                             uint32_t jobs) = 0;

  virtual Result<std::unique_ptr<av1::ReconstructionStage>> create_av1_stage(uint32_t width,
                                                                             uint32_t height,
                                                                             uint32_t jobs) = 0;

  // Whether pictures can be exported as dma-bufs, and dma-bufs can be imported as pictures.
  virtual bool shares_dma_bufs() const = 0;

  // A picture in a client's memory, with the given layout. The caller keeps the descriptor. Fails
  // with Error::invalid_parameter if the memory is too small or this device cannot use it, and with
  // Error::unsupported if shares_dma_bufs() is false.
  virtual Result<std::shared_ptr<Picture>> import_picture(int dma_buf,
                                                          const PictureLayout& layout) = 0;

  virtual Result<std::unique_ptr<video::ProcessingStage>> create_processing_stage() = 0;

  // A lost device stays lost. Its pictures and stages return Error::device_lost and can be
  // destroyed; opening the device again creates an independent one.
  virtual bool lost() const = 0;

  // Whether the picture belongs to this device. Its stages accept no other.
  virtual bool owns(const Picture& picture) const = 0;

  virtual DeviceCounters counters() const = 0;
};

}  // namespace daedalus
