// SPDX-License-Identifier: MIT
// The null device of a daemon whose cost is measured.
#include "sharing_device.h"

namespace daedalus::test {

// The linker replaces null::open_device() by the second function: see --wrap in meson.build.
std::unique_ptr<daedalus::Device> null_open_device() __asm__(
    "__real__ZN8daedalus4null11open_deviceEv");
std::unique_ptr<daedalus::Device> open_device() __asm__("__wrap__ZN8daedalus4null11open_deviceEv");

std::unique_ptr<daedalus::Device> open_device() {
  return std::make_unique<SharingDevice>(null_open_device());
}

}  // namespace daedalus::test
