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

// Of any device's pictures.
inline constexpr uint32_t max_picture_side = 8192;

class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;

  // Pictures of a format are up to so wide and so high: max_picture_side each, where the device can
  // address that much memory.
  virtual PictureSize max_picture_size(PictureFormat format) const = 0;

  // Width and height in samples, of NV12 rounded up to multiples of 16 by the callee.
  // Error::out_of_memory, Error::invalid_parameter where the size is not within the above.
  virtual Result<std::shared_ptr<Picture>> create_picture(PictureFormat format, uint32_t width,
                                                          uint32_t height) = 0;

  // The size is the one that pictures are expected to have: memory for some of them is there from
  // the start. `jobs`: how many the caller can make use of at the same time, those that the GPU
  // works on included. The stage may have fewer, but at least h264::min_jobs.
  virtual Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(
      uint32_t width_in_mbs, uint32_t height_in_mbs, uint32_t jobs) = 0;
  // Likewise, in samples.
  virtual Result<std::unique_ptr<vp9::ReconstructionStage>> create_vp9_stage(uint32_t width,
                                                                             uint32_t height,
                                                                             uint32_t jobs) = 0;

  virtual Result<std::unique_ptr<av1::ReconstructionStage>> create_av1_stage(uint32_t width,
                                                                             uint32_t height,
                                                                             uint32_t jobs) = 0;

  // Whether pictures can be exported as dma-bufs, and dma-bufs be pictures.
  virtual bool shares_dma_bufs() const = 0;

  // A picture in a client's memory, as it is laid out there. The descriptor stays the caller's.
  // Error::invalid_parameter where the memory is too small for the layout or not this device's to
  // use, Error::unsupported where shares_dma_bufs() is false.
  virtual Result<std::shared_ptr<Picture>> import_picture(int dma_buf,
                                                          const PictureLayout& layout) = 0;

  virtual Result<std::unique_ptr<video::ProcessingStage>> create_processing_stage() = 0;

  // Once lost, it stays so. Its pictures and stages answer Error::device_lost and can be destroyed;
  // a device that is opened anew has nothing to do with it.
  virtual bool lost() const = 0;

  // Whether the picture is this device's. Stages take no other.
  virtual bool owns(const Picture& picture) const = 0;

  virtual DeviceCounters counters() const = 0;
};

}  // namespace daedalus
