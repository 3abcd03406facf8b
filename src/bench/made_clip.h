// SPDX-License-Identifier: MIT
// Clips made on the spot, with the encoders that libavcodec has.
#pragma once

#include <functional>
#include <string>

#include "bench/clip.h"
#include "daedalus/settings.h"

namespace daedalus::bench {

struct ClipSize {
  int width, height;
  int pictures;  // fewer for larger sizes, because encoding is slow
};
inline constexpr ClipSize made_clip_sizes[] = {
    {854, 480, 120}, {1280, 720, 90}, {1920, 1080, 60}, {3840, 2160, 30}};

// The name of libavcodec's encoder that would make clips of the codec; null if it has none that
// this program can use.
const char* encoder_for(Codec codec);

// The same clip every time, with the same encoder. On failure the clip has no packets. Calls
// `progress` with the number of pictures so far.
Clip make_clip(Codec codec, const ClipSize& size, const std::function<void(int)>& progress);

}  // namespace daedalus::bench
