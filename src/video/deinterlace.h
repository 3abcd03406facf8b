// SPDX-License-Identifier: MIT
// The GPU's parameters for motion-adaptive deinterlacing of pictures with given layouts.
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/device.h"
#include "daedalus/video_process.h"

namespace daedalus::video {

// The push constants of shaders/video/deinterlace.comp, field by field.
struct DeinterlacingConstants {
  struct Planes {
    uint32_t pitch, chroma_offset;
  };

  uint32_t width, rows;                // of the frame's luma, from its left top corner on
  uint32_t target_width, target_rows;  // at least as large; the rest gets the background
  std::array<Planes, 3> sources;       // the frame, the previous and the next one
  Planes target;
  uint32_t flags;
  uint32_t background, background_chroma;  // of a word of each plane

  static constexpr uint32_t bottom_field = 1, second_field = 2, no_references = 4;
};
static_assert(sizeof(DeinterlacingConstants) <= 128, "push constants every device has");

// Whether motion-adaptive deinterlacing is all that the process does, so that it can write the
// target itself.
bool only_deinterlaces(const Process& process, const PictureLayout& source,
                       const PictureLayout& target);

// Whether the motion-adaptive process can read these frames: they have a format that
// deinterlaces_adaptively(), and contain the process's region. Null references are fine.
bool can_deinterlace(const Process& process, const PictureLayout& frame,
                     const PictureLayout* previous, const PictureLayout* next);

// For a process that only_deinterlaces(). A missing frame is replaced by the frame itself.
DeinterlacingConstants make_deinterlacing(const Process& process, const PictureLayout& frame,
                                          const PictureLayout* previous, const PictureLayout* next,
                                          const PictureLayout& target);

// A motion-adaptive process that does more is divided into these two: the first writes the
// whole frame up to the region's end into a picture like the source, and the second reads
// that.
Process deinterlacing_part(const Process& process);
Process remaining_part(const Process& process);

}  // namespace daedalus::video
