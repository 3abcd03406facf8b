// SPDX-License-Identifier: MIT
// The loop that measures a shader of any codec.
#pragma once

#include <benchmark/benchmark.h>

#include "daedalus/profile.h"

namespace daedalus::vulkan {

// Measures one stage of a kind of picture with `items` items per picture, in items per second of
// GPU time. `kernels` decodes pictures of that kind and checks the last one.
template <typename Kernels>
void measure_stage(benchmark::State& state, Kernels& kernels, uint64_t PictureProfile::*stage,
                   uint64_t items) {
  for ([[maybe_unused]] auto _ : state) {
    const auto picture = kernels.decode();
    if (!picture) {
      state.SkipWithError("the device does not decode, or has no timestamps");
      return;
    }
    state.SetIterationTime(static_cast<double>((*picture).*stage) * 1e-9);
  }
  state.SetItemsProcessed(static_cast<int64_t>(items) * state.iterations());
  if (const auto right = kernels.is_right(); !right) state.SkipWithError(right.message());
}

}  // namespace daedalus::vulkan
