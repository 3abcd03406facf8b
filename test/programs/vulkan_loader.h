// SPDX-License-Identifier: MIT
// The Vulkan loader's functions, for programs that define functions of the same names: the dynamic
// linker resolves the driver's calls to the program's.
#pragma once

#include <dlfcn.h>
#include <vulkan/vulkan.h>

namespace daedalus::test {

template <typename Function>
Function* loader(const char* name) {
  static void* const library = dlopen("libvulkan.so.1", RTLD_NOW);
  return reinterpret_cast<Function*>(dlsym(library, name));
}

}  // namespace daedalus::test
