// SPDX-License-Identifier: MIT
// The device of a display, which another one replaces after a loss.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "daedalus/device.h"

namespace daedalus::va {

// Any thread may call. Who makes something of a device holds it for as long.
class CurrentDevice {
 public:
  using Open = std::function<Result<std::unique_ptr<Device>>()>;

  // Opens the first one.
  static Result<std::unique_ptr<CurrentDevice>> open(Open open);

  // The one to make things of. Where it was lost it is opened anew: contexts and surfaces of the
  // lost one stay with it, and fail. Error::device_lost where there is none.
  Result<std::shared_ptr<Device>> get();

 private:
  CurrentDevice(Open open, std::shared_ptr<Device> device)
      : open_(std::move(open)), device_(std::move(device)) {}

  const Open open_;
  std::mutex mutex_;
  std::shared_ptr<Device> device_;  // under the mutex
};

}  // namespace daedalus::va
