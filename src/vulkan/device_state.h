// What an open device, its pictures and its stages share, and what the last of them closes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "vulkan/gpu.h"
#include "vulkan/h264/pipelines.h"
#include "vulkan/transfer.h"
#include "vulkan/video/pipeline.h"

namespace daedalus::vulkan {

struct DeviceState {
  std::unique_ptr<Gpu> gpu;
  std::unique_ptr<Transfer> transfer;
  std::unique_ptr<H264Pipelines> h264;
  std::unique_ptr<VideoPipeline> video;

  // DeviceCounters
  std::atomic<uint64_t> picture_submits = 0;
  std::atomic<uint64_t> dispatches = 0;
  std::atomic<uint64_t> barriers = 0;
};

}  // namespace daedalus::vulkan
