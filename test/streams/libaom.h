// SPDX-License-Identifier: MIT
// AV1 by libaom's own interface, which has what ffmpeg's options lack: superres, frames of several
// sizes, spatial and temporal layers. Its decoder says what the streams decode to.
#pragma once

#include <aom/aom_encoder.h>

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "streams/library_codec.h"

namespace daedalus::test::libaom {

// Spatial layers have half the size of the next, temporal ones half the frames.
struct Layers {
  uint32_t spatial = 1, temporal = 1;
};

struct Recipe {
  const char* name;
  Size size;
  uint32_t frames;
  uint32_t usage = AOM_USAGE_GOOD_QUALITY;  // layers need AOM_USAGE_REALTIME
  std::function<void(aom_codec_enc_cfg_t&)> configure = {};
  std::vector<std::pair<int, int>> controls = {};  // AOME_SET_CPUUSED, and so on
  // Before a frame is encoded.
  std::function<void(aom_codec_ctx_t&, uint32_t)> before_frame = {};
  uint32_t bit_depth = 8;
  Layers layers{};
};

// Temporal units. Empty if libaom fails.
std::vector<Unit> encode(const Recipe& recipe);

// What libaom outputs for each unit, empty where it has nothing to show. Of spatial layers it
// outputs only the highest.
std::vector<Shown> decode(const std::vector<Unit>& units);

}  // namespace daedalus::test::libaom
