// What a process holds.
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

  // Free memory goes back to the system first.
  static Resources now();
};

// Whether `resident` says what the program needs: sanitizers keep freed memory for a while.
constexpr bool resident_is_meant =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    false;
#else
    true;
#endif

// Vulkan's layers, which hold things of their own, are left out of what is opened while this lives.
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
