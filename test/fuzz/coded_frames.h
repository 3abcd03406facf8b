// SPDX-License-Identifier: MIT
// What a client decodes from a clip, one at a time: VP9 frames, with superframes split; AV1
// temporal units.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "bench/clip.h"
#include "vp9/superframe.h"

namespace daedalus::fuzz {

using Frames = std::vector<std::vector<std::byte>>;

inline Frames coded_frames(const bench::Clip& clip, std::size_t most) {
  Frames frames;
  const auto add = [&](std::span<const std::byte> frame) {
    if (frames.size() < most) frames.emplace_back(frame.begin(), frame.end());
  };
  for (const auto& packet : clip.packets) {
    const auto bytes =
        std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
    if (clip.parameters->codec_id == AV_CODEC_ID_VP9)
      for (const auto frame : vp9::test::split_superframe(bytes)) add(frame);
    else
      add(bytes);
  }
  return frames;
}

}  // namespace daedalus::fuzz
