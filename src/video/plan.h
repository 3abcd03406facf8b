// SPDX-License-Identifier: MIT
// The GPU's parameters for processing pictures with given layouts.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/video_process.h"

namespace daedalus::video {

// The push constants of shaders/video/process.comp, field by field.
struct Constants {
  uint32_t width, rows;  // of the target's first plane
  std::array<uint32_t, 2> region_begin, region_end;
  uint32_t source_pitch, source_chroma_offset, target_pitch, target_chroma_offset;
  uint32_t flags;
  // Of x and y for luma, chroma at luma and chroma: first word of Plan::tables << 8 | taps.
  std::array<uint32_t, 6> tables;
  std::array<int32_t, 12> matrix;
  uint32_t background, background_chroma;

  static constexpr uint32_t target_is_rgb = 1, red_first = 2, turned = 4, mixes_chroma = 8,
                            near = 16, one_field = 32;
};
static_assert(sizeof(Constants) <= 128, "push constants every device has");

// The shader's specialisation constants: the layouts of source and target.
struct Kind {
  uint32_t source, target;

  static constexpr uint32_t nv12 = 0, p010 = 1, i420 = 2, yuy2 = 3, uyvy = 4;  // RGB: 0 as well
  bool operator==(const Kind&) const = default;
};
Kind kind_of(PictureFormat source, PictureFormat target);

struct Plan {
  Constants constants = {};
  // The offsets of the Cr planes of source and target, if they have any, and then one table after
  // the other, each at an even word.
  std::vector<uint32_t> tables;
};

// Whether the process can be done: the source is YUV, the target RGB or 4:2:0, and the regions are
// inside of the pictures.
bool is_possible(const Process& process, const PictureLayout& source, const PictureLayout& target);

// For a possible process. All source samples in the tables are then inside the source's planes, and
// all writes inside the target's: pitches are multiples of 16.
Plan make_plan(const Process& process, const PictureLayout& source, const PictureLayout& target);

}  // namespace daedalus::video
