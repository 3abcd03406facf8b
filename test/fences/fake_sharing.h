// SPDX-License-Identifier: MIT
// A device and a kernel that share memory as dma-bufs, and fences as sync files, where the
// machine's do not: the program's functions stand before those of the Vulkan loader and of libc.
//
// A dma-buf is a file of the right size, without the samples. A sync file is an eventfd, readable
// once it is signalled. Submits go to the real device one after the other, each when the sync files
// that it waits for are signalled and no test holds it back.
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

// Since this was last called.
std::vector<SharedSubmit> take_submits();

// How many submits the device has begun to execute.
uint64_t executed_submits();

// Waits until the device has executed every submit and closed the files that these waited for and
// signalled.
void wait_for_idle_device();

// While it exists, the device executes nothing, but for a driver that waits too long.
class Hold {
 public:
  static constexpr std::chrono::seconds patience{3};
  Hold();
  ~Hold();
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
};

// What does not work.
enum class Lack {
  nothing,
  sync_files_of_dma_bufs,  // a kernel before 6.0
  export_of_semaphores,
  import_into_semaphores,
};
void set_lack(Lack lack);

// Another process's work that uses a dma-buf, until it is signalled.
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

// Whether everything that a dma-buf carries is signalled within this time: of writers, or of all.
bool are_signalled(int dma_buf, bool of_all, std::chrono::milliseconds timeout);
// How many fences it was ever given by the driver.
uint32_t fences_given(int dma_buf, bool of_writers);

}  // namespace daedalus::test
