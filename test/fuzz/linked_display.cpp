// SPDX-License-Identifier: MIT
#include "fuzz/linked_display.h"

#include <dlfcn.h>
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>

#include <cstdlib>

#include "va/display.h"

extern "C" VAStatus __vaDriverInit_1_0(VADriverContextP driver);

namespace daedalus::fuzz {

// Does the work of vaInitialize after finding a driver.
VADisplay open_linked_display() {
  constexpr int keep = 0;
  setenv("DAEDALUS_CONF", "/dev/null", keep);
  setenv("DAEDALUS_DEVICE", "null", keep);
  setenv("DAEDALUS_ENTROPY_THREADS", "2", keep);
  VADisplay display = test::open_test_display();
  auto* driver = static_cast<VADisplayContextP>(display)->pDriverContext;
  driver->vtable = static_cast<VADriverVTable*>(calloc(1, sizeof(VADriverVTable)));
  driver->vtable_vpp = static_cast<VADriverVTableVPP*>(calloc(1, sizeof(VADriverVTableVPP)));
  const bool opened = __vaDriverInit_1_0(driver) == VA_STATUS_SUCCESS;
  if (opened)
    driver->handle =
        dlopen(nullptr, RTLD_NOW);  // without a handle vaTerminate does not call the driver
  if (opened) return display;
  vaTerminate(display);
  return nullptr;
}

}  // namespace daedalus::fuzz
