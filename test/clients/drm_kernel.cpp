// SPDX-License-Identifier: MIT
// For LD_PRELOAD with test/clients/drm-node: answers for files below /dev/dri like a kernel with a
// DRM device, as far as libdrm, libva, Mesa's software renderers and their clients need it, and
// provides /dev/udmabuf, from which lavapipe creates dma-bufs. All buffers are memfds, which can be
// mapped, and measured with lseek, like dma-bufs. Everything else goes to the kernel. Defines both
// variants of each function.
#undef _FILE_OFFSET_BITS
#include <drm.h>
#include <drm_mode.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <string_view>

namespace {

constexpr std::string_view udmabuf_device = "/dev/udmabuf";
constexpr char udmabuf_stand_in[] = "udmabuf-stand-in";

bool is_path(int fd, std::string_view part) {
  char link[64], path[256];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof(path));
  return length > 0 && std::string_view(path, static_cast<std::size_t>(length)).find(part) !=
                           std::string_view::npos;
}

int fail(int error) {
  errno = error;
  return -1;
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
  const bool prime = capability.capability == DRM_CAP_PRIME;
  const bool dumb = capability.capability == DRM_CAP_DUMB_BUFFER;
  capability.value = prime ? DRM_PRIME_CAP_IMPORT | DRM_PRIME_CAP_EXPORT : dumb ? 1 : 0;
  return 0;
}

// The buffer handles of this process.
class Buffers {
 public:
  int create(drm_mode_create_dumb& request) {
    constexpr uint64_t page = 4096;
    request.pitch = (request.width * request.bpp / 8 + 63) / 64 * 64;
    request.size = (uint64_t{request.pitch} * request.height + page - 1) / page * page;
    const int fd = memfd_create("dumb", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, static_cast<off_t>(request.size)) != 0) return -1;
    std::lock_guard lock(mutex_);
    request.handle = insert(fd);
    return 0;
  }
  // Callers map the node at the offset that they are given.
  int offset(drm_mode_map_dumb& request) {
    std::lock_guard lock(mutex_);
    if (!files_.contains(request.handle)) return fail(ENOENT);
    request.offset = uint64_t{request.handle} << 32;
    return 0;
  }
  int file_at(uint64_t offset) {
    std::lock_guard lock(mutex_);
    const auto found = files_.find(static_cast<uint32_t>(offset >> 32));
    return found == files_.end() ? -1 : found->second;
  }
  int destroy(uint32_t handle) {
    std::lock_guard lock(mutex_);
    const auto found = files_.find(handle);
    if (found == files_.end()) return fail(EINVAL);
    close(found->second);
    files_.erase(found);
    return 0;
  }
  int export_file(drm_prime_handle& request) {
    std::lock_guard lock(mutex_);
    const auto found = files_.find(request.handle);
    if (found == files_.end()) return fail(ENOENT);
    request.fd = fcntl(found->second, F_DUPFD_CLOEXEC, 0);
    return request.fd < 0 ? -1 : 0;
  }
  // The same memory has the same handle.
  int import_file(drm_prime_handle& request) {
    struct stat wanted;
    if (fstat(request.fd, &wanted) != 0) return -1;
    std::lock_guard lock(mutex_);
    const auto same = std::find_if(files_.begin(), files_.end(), [&](const auto& file) {
      struct stat known;
      return fstat(file.second, &known) == 0 && known.st_ino == wanted.st_ino &&
             known.st_dev == wanted.st_dev;
    });
    request.handle =
        same != files_.end() ? same->first : insert(fcntl(request.fd, F_DUPFD_CLOEXEC, 0));
    return 0;
  }

 private:
  uint32_t insert(int fd) {
    files_[++last_] = fd;
    return last_;
  }

  std::mutex mutex_;
  std::map<uint32_t, int> files_;
  uint32_t last_ = 0;
};

Buffers& buffers() {
  static auto* const all = new Buffers;  // threads may outlive static objects
  return *all;
}

int answer_drm(unsigned long request, void* argument) {
  switch (_IOC_NR(request)) {
    case _IOC_NR(DRM_IOCTL_VERSION):
      return answer_version(*static_cast<drm_version*>(argument));
    case _IOC_NR(DRM_IOCTL_GET_CAP):
      return answer_capability(*static_cast<drm_get_cap*>(argument));
    case _IOC_NR(DRM_IOCTL_MODE_CREATE_DUMB):
      return buffers().create(*static_cast<drm_mode_create_dumb*>(argument));
    case _IOC_NR(DRM_IOCTL_MODE_MAP_DUMB):
      return buffers().offset(*static_cast<drm_mode_map_dumb*>(argument));
    case _IOC_NR(DRM_IOCTL_MODE_DESTROY_DUMB):
      return buffers().destroy(static_cast<drm_mode_destroy_dumb*>(argument)->handle);
    case _IOC_NR(DRM_IOCTL_GEM_CLOSE):
      return buffers().destroy(static_cast<drm_gem_close*>(argument)->handle);
    case _IOC_NR(DRM_IOCTL_PRIME_HANDLE_TO_FD):
      return buffers().export_file(*static_cast<drm_prime_handle*>(argument));
    case _IOC_NR(DRM_IOCTL_PRIME_FD_TO_HANDLE):
      return buffers().import_file(*static_cast<drm_prime_handle*>(argument));
    default:
      return fail(EINVAL);
  }
}

void* map(void* address, std::size_t length, int protection, int flags, int fd, off_t offset) {
  if (fd >= 0 && offset >> 32 != 0 && is_path(fd, "/dev/dri/")) {
    if (const int file = buffers().file_at(static_cast<uint64_t>(offset)); file >= 0) {
      fd = file;
      offset = 0;
    }
  }
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, length, protection, flags, fd, offset));
}

int open_at(int directory, const char* path, int flags, mode_t mode) {
  if (path && path == udmabuf_device && access(path, F_OK) != 0)
    return memfd_create(udmabuf_stand_in, MFD_CLOEXEC);
  return static_cast<int>(syscall(SYS_openat, directory, path, flags, mode));
}

bool makes_files(int flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

}  // namespace

extern "C" {

int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const auto kernel = [&] { return static_cast<int>(syscall(SYS_ioctl, fd, request, argument)); };
  if (_IOC_TYPE(request) == DRM_IOCTL_BASE && is_path(fd, "/dev/dri/"))
    return answer_drm(request, argument);
  if (request == UDMABUF_CREATE && is_path(fd, udmabuf_stand_in))
    return fcntl(static_cast<int>(static_cast<udmabuf_create*>(argument)->memfd), F_DUPFD_CLOEXEC,
                 0);
  if (request == DMA_BUF_IOCTL_SYNC) return std::max(kernel(), 0);
  return kernel();
}

void* mmap(void* address, std::size_t length, int protection, int flags, int fd,
           off_t offset) noexcept {
  return map(address, length, protection, flags, fd, offset);
}
void* mmap64(void* address, std::size_t length, int protection, int flags, int fd,
             off64_t offset) noexcept {
  return map(address, length, protection, flags, fd, offset);
}

// The mode is the last argument, present only if a file is created.
#define DAEDALUS_MODE(flags)                                              \
  va_list arguments;                                                      \
  va_start(arguments, flags);                                             \
  const mode_t mode = makes_files(flags) ? va_arg(arguments, mode_t) : 0; \
  va_end(arguments)

int open(const char* path, int flags, ...) {
  DAEDALUS_MODE(flags);
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  DAEDALUS_MODE(flags);
  return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int directory, const char* path, int flags, ...) {
  DAEDALUS_MODE(flags);
  return open_at(directory, path, flags, mode);
}
int openat64(int directory, const char* path, int flags, ...) {
  DAEDALUS_MODE(flags);
  return open_at(directory, path, flags, mode);
}
int __open_2(const char* path, int flags) {
  return open_at(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char* path, int flags) {
  return open_at(AT_FDCWD, path, flags, 0);
}

}  // extern "C"
