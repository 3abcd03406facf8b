#include "va/open_device.h"

#include <sys/stat.h>
#include <va/va_drmcommon.h>

#include "null/null_device.h"
#include "vulkan/device.h"

namespace daedalus::va {

std::optional<dev_t> drm_node(const VADriverContext& driver) {
  switch (driver.display_type & VA_DISPLAY_MAJOR_MASK) {
    case VA_DISPLAY_DRM:
    case VA_DISPLAY_X11:
    case VA_DISPLAY_WAYLAND:
      break;
    default:
      return {};
  }
  const auto* state = static_cast<const drm_state*>(driver.drm_state);
  struct stat node;
  if (!state || state->fd < 0 || fstat(state->fd, &node) != 0 || !S_ISCHR(node.st_mode)) return {};
  return node.st_rdev;
}

Result<std::unique_ptr<Device>> open_device(const Settings& settings,
                                            std::optional<dev_t> drm_node) {
  if (settings.device == null::device_name) return null::open_device();
  return vulkan::open_device(settings, drm_node);
}

}  // namespace daedalus::va
