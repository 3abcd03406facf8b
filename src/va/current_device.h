// SPDX-License-Identifier: MIT
// A display's device, and its replacement after a loss.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "daedalus/device.h"

namespace daedalus::va {

// Any thread may call. Objects created from a device keep it alive.
class CurrentDevice {
 public:
  using Open = std::function<Result<std::unique_ptr<Device>>()>;

  // Opens the first device.
  static Result<std::unique_ptr<CurrentDevice>> open(Open open);

  // The device on which to create objects. A lost one is replaced: contexts and surfaces of the
  // lost device stay with it, and fail. Error::device_lost if no device can be opened.
  Result<std::shared_ptr<Device>> get();

 private:
  CurrentDevice(Open open, std::shared_ptr<Device> device)
      : open_(std::move(open)), device_(std::move(device)) {}

  const Open open_;
  std::mutex mutex_;
  std::shared_ptr<Device> device_;  // guarded by the mutex
};

}  // namespace daedalus::va
