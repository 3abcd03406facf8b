// SPDX-License-Identifier: MIT
#include "va/current_device.h"

#include <utility>

#include "daedalus/log.h"

namespace daedalus::va {

Result<std::unique_ptr<CurrentDevice>> CurrentDevice::open(Open open) {
  auto device = open();
  if (!device) return tl::unexpected(device.error());
  return std::unique_ptr<CurrentDevice>(new CurrentDevice(std::move(open), std::move(*device)));
}

Result<std::shared_ptr<Device>> CurrentDevice::get() {
  std::shared_ptr<Device> lost;  // destroyed without the lock, as that may wait
  std::lock_guard lock(mutex_);
  if (!device_->lost()) return device_;
  auto opened = open_();
  if (!opened) {
    log(LogLevel::error, "the device is lost and cannot be reopened");
    return tl::unexpected(Error::device_lost);
  }
  lost = std::exchange(device_, std::move(*opened));
  log(LogLevel::warning, "the device was lost: new surfaces and contexts use %s",
      device_->name().c_str());
  return device_;
}

}  // namespace daedalus::va
