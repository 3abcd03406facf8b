// For LD_PRELOAD with test/clients/drm-node: answers, for files below /dev/dri, the questions by
// which libdrm, libva and their clients know a DRM device. Everything else goes to the kernel.
#include <drm.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace {

bool is_drm_node(int fd) {
  char link[64], path[256];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof(path));
  return length > 0 &&
         std::string_view(path, static_cast<std::size_t>(length)).starts_with("/dev/dri/");
}

// Callers ask for the length first, and then for the text.
void answer(char* text, __kernel_size_t& room, std::string_view value) {
  if (text) memcpy(text, value.data(), std::min<std::size_t>(room, value.size()));
  room = value.size();
}

int answer_version(drm_version& version) {
  version.version_major = 1;
  version.version_minor = 0;
  version.version_patchlevel = 0;
  answer(version.name, version.name_len, "daedalus");
  answer(version.date, version.date_len, "20250101");
  answer(version.desc, version.desc_len, "no device");
  return 0;
}

int answer_capability(drm_get_cap& capability) {
  capability.value =
      capability.capability == DRM_CAP_PRIME ? DRM_PRIME_CAP_IMPORT | DRM_PRIME_CAP_EXPORT : 0;
  return 0;
}

}  // namespace

extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (_IOC_TYPE(request) != DRM_IOCTL_BASE || !is_drm_node(fd))
    return static_cast<int>(syscall(SYS_ioctl, fd, request, argument));
  if (_IOC_NR(request) == _IOC_NR(DRM_IOCTL_VERSION))
    return answer_version(*static_cast<drm_version*>(argument));
  if (_IOC_NR(request) == _IOC_NR(DRM_IOCTL_GET_CAP))
    return answer_capability(*static_cast<drm_get_cap*>(argument));
  errno = EINVAL;
  return -1;
}
