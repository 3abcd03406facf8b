// SPDX-License-Identifier: MIT
// Injects faults into the driver in this process: the program's own vk* functions and operator new
// replace the real ones, count the driver's calls, and fail those that a test chooses.
#pragma once

#include <vulkan/vulkan.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace daedalus::test {

// The kind of call that fails. Each kind is counted separately, from 1.
enum class Fault {
  vulkan_memory,  // a Vulkan call runs out of memory, once
  submit_lost,    // a submit, and every later call on that device, finds the device lost
  wait_lost,      // a wait finds the device lost
  silence,        // a submit and all later ones on the device are accepted, but never execute
  new_memory,     // operator new throws, once
  thread,         // a thread cannot be created, once
};

// Starts counting, and fails the call with this number; 0 only counts.
void arm(Fault fault, uint64_t number);

struct Armed {
  uint64_t calls = 0;         // counted so far
  bool fired = false;         // whether the call was reached
  const char* function = "";  // the one that failed
};
Armed disarm();

// What the driver holds.
struct Live {
  int64_t vulkan_objects = 0;
  int64_t vulkan_memories = 0, vulkan_bytes = 0;
  int64_t allocations = 0;  // by operator new, while allocations are watched
};
Live live();

// Makes devices that are opened from now on look like discrete GPUs, with memory that the CPU
// cannot map: the driver then copies through staging memory.
void make_discrete(bool discrete);

// Makes every allocation of GPU memory fail from now on, or stops doing so. Returns how many have
// failed since the last call.
uint64_t refuse_memory(bool refuse);

// Off by default, because it slows down every allocation of the process.
void watch_allocations();

}  // namespace daedalus::test
