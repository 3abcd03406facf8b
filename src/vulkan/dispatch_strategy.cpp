// SPDX-License-Identifier: MIT
#include "vulkan/dispatch_strategy.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "daedalus/log.h"

namespace daedalus::vulkan {
namespace {

// llvmpipe ends all loops of an invocation after 65,535 iterations in total, and waiting for
// another thread's macroblock may take more. With a single thread nothing ever waits.
bool waits_are_cut_short(VkDriverId driver) {
  if (driver != VK_DRIVER_ID_MESA_LLVMPIPE) return false;
  const char* threads = getenv("LP_NUM_THREADS");
  return !threads || atoi(threads) > 1;
}

}  // namespace

bool runs_in_lockstep(VkDriverId driver) {
  return driver == VK_DRIVER_ID_MESA_V3DV || driver == VK_DRIVER_ID_MESA_LLVMPIPE;
}

// Ticket shaders spin until other workgroups make progress. That terminates only if workgroups that
// have started are guaranteed forward progress. Vulkan does not guarantee it; the drivers below are
// known to provide it.
DispatchStrategy resolve_strategy(DispatchStrategy strategy, VkDriverId driver) {
  if (strategy == DispatchStrategy::tickets && waits_are_cut_short(driver)) {
    log(LogLevel::warning,
        "dispatch=tickets is not possible on llvmpipe with several threads, which gives up waiting "
        "after a while: levels are used. Set LP_NUM_THREADS=1 for tickets");
    return DispatchStrategy::levels;
  }
  if (strategy != DispatchStrategy::automatic) return strategy;
  constexpr VkDriverId fair[] = {VK_DRIVER_ID_NVIDIA_PROPRIETARY, VK_DRIVER_ID_MESA_RADV,
                                 VK_DRIVER_ID_INTEL_OPEN_SOURCE_MESA};
  const bool tickets = std::find(std::begin(fair), std::end(fair), driver) != std::end(fair);
  return tickets ? DispatchStrategy::tickets : DispatchStrategy::levels;
}

}  // namespace daedalus::vulkan
