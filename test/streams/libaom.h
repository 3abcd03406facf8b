// SPDX-License-Identifier: MIT
// AV1 encoding with libaom's API, which supports what ffmpeg's options lack: superres, frames of
// several sizes, spatial and temporal layers. Its decoder provides the expected frames.
#pragma once

#include <aom/aom_encoder.h>

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "streams/library_codec.h"

namespace daedalus::test::libaom {

// Each spatial layer has half the size of the next, each temporal layer half the frames.
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
  // Called before each frame is encoded.
  std::function<void(aom_codec_ctx_t&, uint32_t)> before_frame = {};
  uint32_t bit_depth = 8;
  Layers layers{};
};

// Temporal units. Empty if libaom fails.
std::vector<Unit> encode(const Recipe& recipe);

// libaom's output for each unit, empty if nothing is shown. For spatial layers it outputs only the
// highest. Monochrome frames have grey chroma planes.
std::vector<Shown> decode(const std::vector<Unit>& units);

}  // namespace daedalus::test::libaom
