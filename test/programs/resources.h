// SPDX-License-Identifier: MIT
// The resources that this process holds.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace daedalus::test {

struct Resources {
  std::size_t descriptors;
  std::size_t threads;
  std::size_t resident;  // bytes
  std::size_t data;      // bytes of address space for data and stacks

  // Returns free memory to the system before measuring.
  static Resources now();
  // Waits until the process holds no more descriptors and threads than `before`, but at most a
  // second: the system may list a joined thread for a moment longer.
  static Resources settled(const Resources& before);
};

// False under sanitizers, which keep freed memory for a while: `resident` then means nothing.
constexpr bool resident_is_meant =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)  // GCC
    false;
#elif defined(__has_feature)  // Clang
    !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
    true;
#endif

// While this exists, Vulkan instances are created without layers, which hold resources of their
// own.
class WithoutLayers {
 public:
  WithoutLayers();
  ~WithoutLayers();
  WithoutLayers(const WithoutLayers&) = delete;
  WithoutLayers& operator=(const WithoutLayers&) = delete;

 private:
  std::optional<std::string> layers_;
};

}  // namespace daedalus::test
