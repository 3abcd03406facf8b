// SPDX-License-Identifier: MIT
// What the GPU is told about a process on pictures of given layouts.
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

// What the shader's specialisation constants say: what source and target lie like.
struct Kind {
  uint32_t source, target;

  static constexpr uint32_t nv12 = 0, p010 = 1, i420 = 2, yuy2 = 3, uyvy = 4;  // RGB: 0 as well
  bool operator==(const Kind&) const = default;
};
Kind kind_of(PictureFormat source, PictureFormat target);

struct Plan {
  Constants constants = {};
  // Where source and target have their planes of Cr, if they do, and then one table after the
  // other, each from an even word on.
  std::vector<uint32_t> tables;
};

// Whether the process can be done: the source is YUV, the target RGB or 4:2:0, and the regions are
// inside of the pictures.
bool is_possible(const Process& process, const PictureLayout& source, const PictureLayout& target);

// Of a process that is possible. All that the tables name is inside of the source's planes then,
// and all that is written inside of the target's: pitches are multiples of 16.
Plan make_plan(const Process& process, const PictureLayout& source, const PictureLayout& target);

}  // namespace daedalus::video
