// SPDX-License-Identifier: MIT
// The state that an open device, its pictures and its stages share. The last of them destroys it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "daedalus/settings.h"
#include "vulkan/gpu.h"
#include "vulkan/pipeline_store.h"
#include "vulkan/transfer.h"

namespace daedalus::vulkan {

struct DeviceState {
  DeviceState(std::unique_ptr<Gpu> gpu_in, DispatchStrategy dispatch_in)
      : gpu(std::move(gpu_in)), dispatch(dispatch_in), transfer(*gpu), pipelines(gpu->device()) {}

  const std::unique_ptr<Gpu> gpu;
  const DispatchStrategy dispatch;
  Transfer transfer;
  PipelineStore pipelines;

  // DeviceCounters
  std::atomic<uint64_t> picture_submits = 0;
  std::atomic<uint64_t> dispatches = 0;
  std::atomic<uint64_t> barriers = 0;
};

}  // namespace daedalus::vulkan
