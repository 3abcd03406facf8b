// SPDX-License-Identifier: MIT
#include "bench/driver.h"

#include <va/va.h>

#include <cstdlib>

#include "bench/display.h"

namespace daedalus::bench {

std::unique_ptr<Driver> Driver::open(std::string& error) {
  setenv("LIBVA_MESSAGING_LEVEL", "0", 0);
  VADisplay display = open_display();
  int major = 0, minor = 0;
  const VAStatus opened =
      display ? vaInitialize(display, &major, &minor) : VA_STATUS_ERROR_ALLOCATION_FAILED;
  if (opened != VA_STATUS_SUCCESS) {
    const char* path = getenv("LIBVA_DRIVERS_PATH");
    error = std::string("the driver does not open (") + vaErrorStr(opened) + ") from " +
            (path ? path : "libva's own folder; LIBVA_DRIVERS_PATH names another") +
            "; DAEDALUS_LOG_LEVEL=info says more";
    return nullptr;
  }
  std::unique_ptr<Driver> driver(new Driver(display));
  driver->device_ = vaapi_device(display);
  if (driver->device_) return driver;
  error = "libavcodec does not take the driver";
  return nullptr;
}

Driver::~Driver() {
  device_.reset();
  vaTerminate(display_);
}

std::string Driver::name() const {
  const char* vendor = vaQueryVendorString(display_);
  return vendor ? vendor : "";
}

void Driver::sync(const AVFrame& frame) const {
  vaSyncSurface(display_, static_cast<VASurfaceID>(reinterpret_cast<uintptr_t>(frame.data[3])));
}

}  // namespace daedalus::bench
