// SPDX-License-Identifier: MIT
#include "bench/display.h"

#include <va/va_backend.h>

#include <cstdlib>
#include <cstring>

namespace daedalus::bench {

namespace {

constexpr unsigned long no_window_system = 0xf0;

int is_valid(VADisplayContextP display) {
  return display->pDriverContext && display->pDriverContext->display_type == no_window_system;
}

// libva frees the driver's tables; open_display allocated the rest.
void destroy(VADisplayContextP display) {
  free(display->pDriverContext);
  free(display);
}

const char* driver_name() {
  const char* name = getenv("LIBVA_DRIVER_NAME");
  return name ? name : "daedalus";
}

VAStatus get_num_candidates(VADisplayContextP, int* num_candidates) {
  *num_candidates = 1;
  return VA_STATUS_SUCCESS;
}

VAStatus get_driver_name(VADisplayContextP, char** name, int) {
  *name = strdup(driver_name());
  return *name ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_ALLOCATION_FAILED;
}

VAStatus get_driver_names(VADisplayContextP display, char** names, unsigned* num_names) {
  *num_names = 1;
  return get_driver_name(display, names, 0);
}

}  // namespace

VADisplay open_display() {
  auto* display = static_cast<VADisplayContextP>(calloc(1, sizeof(VADisplayContext)));
  auto* driver = static_cast<VADriverContextP>(calloc(1, sizeof(VADriverContext)));
  if (!display || !driver) {
    free(display);
    free(driver);
    return nullptr;
  }
  driver->display_type = no_window_system;
  driver->pDisplayContext = display;
  display->vadpy_magic = VA_DISPLAY_MAGIC;
  display->pDriverContext = driver;
  display->vaIsValid = is_valid;
  display->vaDestroy = destroy;
  display->vaGetNumCandidates = get_num_candidates;
  display->vaGetDriverNameByIndex = get_driver_name;
#if VA_CHECK_VERSION(1, 20, 0)
  display->vaGetDriverNames = get_driver_names;
#else
  // Built with an older libva but run with a newer one, which has the function in this place.
  display->reserved[0] = reinterpret_cast<unsigned long>(get_driver_names);
#endif
  return display;
}

}  // namespace daedalus::bench
