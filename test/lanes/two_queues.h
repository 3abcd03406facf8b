// Every device has two queues, whatever the machine's has. They are as contrary as Vulkan allows:
// submits are kept back, and of those whose semaphores let them go the latest goes first. What a
// client does not order by semaphores comes in the wrong order.
#pragma once

#include <cstdint>

namespace daedalus::test {

// In all devices so far: submits to each queue, and those that went before an earlier one.
struct TwoQueuesCounts {
  uint64_t first, second, overtaking;
};
TwoQueuesCounts two_queues_counts();

}  // namespace daedalus::test
