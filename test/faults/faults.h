// Faults for the driver in this process: the program's own vk* functions and operator new stand
// before the real ones, count what the driver asks for, and fail what a test chooses.
#pragma once

#include <vulkan/vulkan.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace daedalus::test {

// What of the driver's fails. Each of them is counted by itself, from 1 on.
enum class Fault {
  vulkan_memory,  // a call of Vulkan that may lack memory does, once
  submit_lost,    // a submit finds the device lost, and all that follows on it
  wait_lost,      // a wait does
  silence,        // a submit and all that follow on the device are taken, and nothing comes of them
  new_memory,     // operator new throws, once
  thread,         // there is no room for another thread, once
};

// From now on counts, and fails the call with this number; 0 counts alone.
void arm(Fault fault, uint64_t number);

struct Armed {
  uint64_t calls = 0;         // counted since
  bool fired = false;         // whether one failed
  const char* function = "";  // which
};
Armed disarm();

// What the driver has and has not given back.
struct Live {
  int64_t vulkan_objects = 0;
  int64_t vulkan_memories = 0, vulkan_bytes = 0;
  int64_t allocations = 0;  // of operator new, while allocations are watched
};
Live live();

// Whether devices that are opened from now on look like discrete GPUs, with memory that the CPU
// does not see: the driver copies through staging memory then.
void make_discrete(bool discrete);

// Whether there is no GPU memory from now on. Returns how often some was asked for when there was
// none.
uint64_t refuse_memory(bool refuse);

// Off at first: it costs time at each allocation of the process.
void watch_allocations();

}  // namespace daedalus::test
