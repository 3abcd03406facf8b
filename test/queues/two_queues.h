// SPDX-License-Identifier: MIT
// Gives every device two queues, however many the machine's has, and makes them as adverse as
// Vulkan allows: holds submits back, and of those whose semaphores allow it executes the latest
// first. Work that a client does not order with semaphores executes in the wrong order.
#pragma once

#include <cstdint>

namespace daedalus::test {

// For all devices so far: the submits to each queue, and how many overtook an earlier one.
struct TwoQueuesCounts {
  uint64_t first, second, overtaking;
};
TwoQueuesCounts two_queues_counts();

}  // namespace daedalus::test
