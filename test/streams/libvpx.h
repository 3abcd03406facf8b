// SPDX-License-Identifier: MIT
// VP9 encoding with libvpx's API, which supports what ffmpeg's options lack: sizes that change
// between key frames, and spatial layers. Its decoder provides the expected frames.
#pragma once

#include <vpx/vpx_encoder.h>

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "streams/library_codec.h"

namespace daedalus::test::libvpx {

struct Recipe {
  const char* name;
  Size size;
  uint32_t frames;
  std::function<void(vpx_codec_enc_cfg_t&)> configure = {};
  std::vector<std::pair<int, int>> controls = {};  // VP8E_SET_CPUUSED, and so on
  // Called before each frame is encoded; may change the configuration's size.
  std::function<void(vpx_codec_ctx_t&, vpx_codec_enc_cfg_t&, uint32_t)> before_frame = {};
  uint32_t bit_depth = 8;
  bool two_pass = false;
  // Each layer has half the size of the next.
  uint32_t spatial_layers = 1;
};

// Empty if libvpx fails.
std::vector<Unit> encode(const Recipe& recipe);

// libvpx's output for each unit, empty if nothing is shown. For a superframe it outputs only the
// last frame.
std::vector<Shown> decode(const std::vector<Unit>& units);

}  // namespace daedalus::test::libvpx
