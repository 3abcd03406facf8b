// SPDX-License-Identifier: MIT
// pthread_create of the whole process. It tells the driver's own threads from those of Vulkan
// drivers and of tests.
#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>

#include "faults/plan.h"

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*work)(void*), void* argument) {
  using namespace daedalus::test;
  static const auto real =
      reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  if (is_drivers(__builtin_return_address(0)) && meets(Fault::thread, "pthread_create"))
    return EAGAIN;
  return real(thread, attributes, work, argument);
}
