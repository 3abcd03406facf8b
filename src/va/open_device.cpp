// SPDX-License-Identifier: MIT
#include "va/open_device.h"

#include <sys/stat.h>
#include <va/va_drmcommon.h>

#include "daedalus/log.h"
#include "null/null_device.h"
#include "settings/words.h"
#include "va/render_nodes.h"
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
  if (same_word(settings.device, null::device_name)) return null::open_device();
  auto device = vulkan::open_device(settings, drm_node);
  // Mesa's drivers omit devices that they may not open: there may be another device, or none.
  for (const auto& node : closed_render_nodes("/dev/dri"))
    log(device ? LogLevel::warning : LogLevel::error,
        "no permission to open %s: GPUs behind it are missing (add the user to its group)",
        node.c_str());
  return device;
}

}  // namespace daedalus::va
