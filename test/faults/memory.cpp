// SPDX-License-Identifier: MIT
// operator new and delete of the whole process. They tell the driver's own calls from those of
// Vulkan drivers, which may not survive a failure.
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <unordered_set>

#include "faults/plan.h"

namespace daedalus::test {

namespace {

// The file name of the shared object that contains the caller.
const char* caller_object(void* address) {
  dl_find_object object;
  return _dl_find_object(address, &object) == 0 ? object.dlfo_link_map->l_name : "";
}

}  // namespace

// The driver called directly, or through a function of libstdc++ such as std::string's.
bool is_drivers(void* address) {
  constexpr int depth = 8;
  const char* object = caller_object(address);
  if (strstr(object, "libstdc++")) {
    void* frames[depth];
    const int count = backtrace(frames, depth);
    for (int i = 2; i < count && strstr(object, "libstdc++"); ++i)
      object = caller_object(frames[i]);
  }
  return strstr(object, "daedalus_drv_video") != nullptr;
}

namespace {

std::atomic<bool> watching = false;
thread_local bool inside = false;  // set while the code below runs, which allocates too
std::mutex mutex;
std::unordered_set<void*>& drivers() {
  static auto* const all = new std::unordered_set<void*>;
  return *all;
}

class Inside {
 public:
  Inside() { inside = true; }
  ~Inside() { inside = false; }
};

}  // namespace

void watch_allocations() {
  watching = true;
}

int64_t live_allocations() {
  const Inside guard;
  std::lock_guard lock(mutex);
  return static_cast<int64_t>(drivers().size());
}

namespace {

void* allocate(std::size_t size, void* caller) {
  bool drivers_own = false;
  if (watching && !inside) {
    const Inside guard;
    drivers_own = is_drivers(caller);
    if (drivers_own && meets(Fault::new_memory, "operator new")) throw std::bad_alloc();
  }
  void* memory = malloc(size);
  if (!memory) throw std::bad_alloc();
  if (drivers_own) {
    const Inside guard;
    std::lock_guard lock(mutex);
    drivers().insert(memory);
  }
  return memory;
}

void release(void* memory) {
  if (watching && !inside && memory) {
    const Inside guard;
    std::lock_guard lock(mutex);
    drivers().erase(memory);
  }
  free(memory);
}

}  // namespace

}  // namespace daedalus::test

void* operator new(std::size_t size) {
  return daedalus::test::allocate(size, __builtin_return_address(0));
}
void* operator new[](std::size_t size) {
  return daedalus::test::allocate(size, __builtin_return_address(0));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return daedalus::test::allocate(size, __builtin_return_address(0));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept {
  daedalus::test::release(memory);
}
void operator delete[](void* memory) noexcept {
  daedalus::test::release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  daedalus::test::release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  daedalus::test::release(memory);
}
