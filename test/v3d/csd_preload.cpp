// SPDX-License-Identifier: MIT
// Preloaded before Mesa's no-op DRM shim: executes what v3dv submits (see qpu.h), so that a program
// decodes with V3D's compiled shaders, and writes the cost of each dispatch to the file that
// DAEDALUS_QPU_COSTS names. A wait for the queue does not time out: execution is slow, but the
// device has not hung.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vulkan/vulkan.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "qpu.h"

namespace {

using namespace daedalus::v3d;

// The parts of Linux's drm.h and v3d_drm.h that are needed here.
constexpr unsigned gem_close = 0x09, prime_handle_to_fd = 0x2d, create_bo = 0x42,
                   get_bo_offset = 0x45, submit_csd = 0x47;
struct GemClose {
  uint32_t handle, pad;
};
struct PrimeHandle {
  uint32_t handle, flags;
  int32_t fd;
};
struct CreateBo {
  uint32_t size, flags, handle, offset;
};
struct GetBoOffset {
  uint32_t handle, offset;
};
struct SubmitCsd {
  uint32_t cfg[7], coef[4];
};

using Ioctl = int (*)(int, unsigned long, ...);
Ioctl next_ioctl() {
  static const auto next = reinterpret_cast<Ioctl>(dlsym(RTLD_NEXT, "ioctl"));
  return next;
}

// The compiled pipelines by name, read from the output of pipeline_statistics and V3D_DEBUG=qpu: a
// line "pipeline NAME", then a line per instruction that starts with "0x" and its 64 bits. If
// Mesa's compiler tries several times because of spills, the last attempt counts.
std::map<std::string, std::vector<uint64_t>> read_listing(const char* file) {
  std::map<std::string, std::vector<uint64_t>> pipelines;
  std::ifstream lines(file ? file : "");
  std::vector<uint64_t>* words = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("pipeline "))
      words = &pipelines[line.substr(9)];
    else if (line.starts_with("MESA_SHADER_") && words)
      words->clear();
    else if (line.starts_with("0x") && words)
      words->push_back(strtoull(line.c_str(), nullptr, 16));
  }
  return pipelines;
}

class Recorder {
 public:
  ~Recorder() {
    if (file_) fclose(file_);
    const char* name = getenv("DAEDALUS_QPU_PROFILE");
    FILE* profile = name ? fopen(name, "w") : nullptr;
    if (!profile) return;
    for (const auto& [code, program] : gpu_.programs())
      for (std::size_t i = 0; i < program.instructions.size(); ++i)
        fprintf(profile, "%08x %zu %016llx %llu\n", code, i,
                static_cast<unsigned long long>(program.instructions[i]->word),
                static_cast<unsigned long long>(program.executions[i]));
    fclose(profile);
  }

  void map(int fd, uint32_t handle, uint32_t address) {
    PrimeHandle prime{handle, O_RDWR, -1};
    if (next_ioctl()(fd, _IOWR('d', prime_handle_to_fd, PrimeHandle), &prime) != 0) return;
    const off_t size = lseek(prime.fd, 0, SEEK_END);
    void* memory = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED,
                        prime.fd, 0);
    close(prime.fd);
    if (memory == MAP_FAILED) return;
    const std::lock_guard lock(mutex_);
    buffers_[handle] = {address, static_cast<std::byte*>(memory), static_cast<std::size_t>(size)};
    gpu_.memory().map(address, static_cast<std::byte*>(memory), static_cast<std::size_t>(size));
  }

  void unmap(uint32_t handle) {
    const std::lock_guard lock(mutex_);
    const auto found = buffers_.find(handle);
    if (found == buffers_.end()) return;
    gpu_.memory().unmap(found->second.address, found->second.size);
    munmap(found->second.memory, found->second.size);
    buffers_.erase(found);
  }

  void run(const SubmitCsd& csd) {
    const std::lock_guard lock(mutex_);
    Dispatch dispatch;
    for (int i = 0; i < 3; ++i) dispatch.groups[static_cast<std::size_t>(i)] = csd.cfg[i] >> 16;
    const uint32_t size = csd.cfg[3] & 0xff;
    dispatch.group_size = size ? size : 256;
    dispatch.code = csd.cfg[5] & ~7u;
    dispatch.threads = csd.cfg[5] & 1 ? 4 : 2;
    dispatch.single_segment = csd.cfg[5] & 2;
    dispatch.uniforms = csd.cfg[6];
    const Costs c = gpu_.run(dispatch);
    if (!file_) {
      const char* name = getenv("DAEDALUS_QPU_COSTS");
      file_ = name ? fopen(name, "w") : nullptr;
      if (!file_) return;
    }
    const auto n = [](uint64_t value) { return static_cast<unsigned long long>(value); };
    fprintf(file_,
            "%s threads %u groups %u batches %llu instructions %llu lookups %llu tmu_cycles %llu "
            "waits %llu read %llu written %llu path %llu\n",
            name(dispatch.code).c_str(), dispatch.threads,
            dispatch.groups[0] * dispatch.groups[1] * dispatch.groups[2], n(c.batches),
            n(c.instructions), n(c.lookups), n(c.tmu_cycles), n(c.waits), n(c.read_bytes),
            n(c.written_bytes), n(c.path));
    fflush(file_);
  }

 private:
  // The name of the pipeline with this code, or "unknown".
  const std::string& name(uint32_t code) {
    std::string& name = names_[code];
    for (const auto& [pipeline, words] : listing_)
      if (name.empty() && is_at(code, words)) name = pipeline;
    if (name.empty()) name = "unknown";
    return name;
  }
  bool is_at(uint32_t code, const std::vector<uint64_t>& words) {
    for (uint64_t word : words) {
      const std::byte* memory = gpu_.memory().at(code);
      if (!memory || memcmp(memory, &word, sizeof word) != 0) return false;
      code += sizeof word;
    }
    return true;
  }

  struct Buffer {
    uint32_t address;
    std::byte* memory;
    std::size_t size;
  };
  std::mutex mutex_;
  Gpu gpu_;
  std::map<uint32_t, Buffer> buffers_;
  FILE* file_ = nullptr;
  const std::map<std::string, std::vector<uint64_t>> listing_ =
      read_listing(getenv("DAEDALUS_QPU_LISTING"));
  std::map<uint32_t, std::string> names_;
};

Recorder& recorder() {
  static Recorder recorder;
  return recorder;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const bool drm = _IOC_TYPE(request) == 'd';
  const unsigned number = _IOC_NR(request);
  if (drm && number == gem_close) recorder().unmap(static_cast<GemClose*>(argument)->handle);
  if (drm && number == submit_csd) recorder().run(*static_cast<SubmitCsd*>(argument));
  const int result = next_ioctl()(fd, request, argument);
  if (!drm || result != 0) return result;
  if (number == create_bo) {
    const auto* bo = static_cast<CreateBo*>(argument);
    recorder().map(fd, bo->handle, bo->offset);
  } else if (number == get_bo_offset) {
    const auto* bo = static_cast<GetBoOffset*>(argument);
    recorder().map(fd, bo->handle, bo->offset);
  }
  return result;
}

extern "C" __attribute__((visibility("default"))) VkResult vkWaitSemaphores(
    VkDevice device, const VkSemaphoreWaitInfo* info, uint64_t) {
  static const auto next =
      reinterpret_cast<PFN_vkWaitSemaphores>(dlsym(RTLD_NEXT, "vkWaitSemaphores"));
  return next(device, info, UINT64_MAX);
}
