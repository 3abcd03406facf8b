// SPDX-License-Identifier: MIT
// A device and a kernel that share memory as dma-bufs and fences as sync files, on machines that
// cannot: the program's functions override the Vulkan loader's and libc's.
//
// A dma-buf is a file of the right size, without the samples. A sync file is an eventfd, readable
// once it is signalled. Submits go to the real device one at a time, once their sync files are
// signalled and no test holds them back.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace daedalus::test {

// A submit, as the driver made it.
struct SharedSubmit {
  uint32_t acquired = 0, released = 0;  // buffers, from and to VK_QUEUE_FAMILY_FOREIGN_EXT
  uint32_t waited = 0, signalled = 0;   // binary semaphores
};

// The submits since the last call.
std::vector<SharedSubmit> take_submits();

// How many submits the device has begun to execute.
uint64_t executed_submits();

// Waits until the device has executed every submit and closed the files that these waited for and
// signalled.
void wait_for_idle_device();

// While this exists, the device executes nothing, unless the driver waits too long.
class Hold {
 public:
  static constexpr std::chrono::seconds patience{3};
  Hold();
  ~Hold();
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
};

// What the system does not support.
enum class Lack {
  nothing,
  sync_files_of_dma_bufs,  // a kernel before 6.0
  export_of_semaphores,
  import_into_semaphores,
};
void set_lack(Lack lack);

// Another process's use of a dma-buf, until it is signalled.
class ForeignUse {
 public:
  ForeignUse(int dma_buf, bool writes);
  ~ForeignUse();
  ForeignUse(const ForeignUse&) = delete;
  ForeignUse& operator=(const ForeignUse&) = delete;
  void end();

 private:
  int fence_;
};

// Whether all fences of a dma-buf (writers' only, or all) are signalled within this time.
bool are_signalled(int dma_buf, bool of_all, std::chrono::milliseconds timeout);
// How many fences the driver has attached to it.
uint32_t fences_given(int dma_buf, bool of_writers);

}  // namespace daedalus::test
