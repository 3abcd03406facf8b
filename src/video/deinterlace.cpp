// SPDX-License-Identifier: MIT
#include "video/deinterlace.h"

#include "video/color_matrix.h"

namespace daedalus::video {

namespace {

bool is_usable(const PictureLayout* reference, const Process& process, PictureFormat format) {
  const Rectangle& region = process.source_region;
  return !reference ||
         (reference->format == format && region.x + region.width <= reference->width &&
          region.y + region.height <= reference->height);
}

// A word of luma, and one of Cb and Cr.
void write_background(const Process& process, PictureFormat format,
                      DeinterlacingConstants& constants) {
  const auto component = [&](int shift) {
    return static_cast<uint8_t>(process.background >> shift);
  };
  const auto [y, cb, cr] = ycbcr_of({component(16), component(8), component(0)},
                                    {process.target_color, traits_of(format).bits});
  if (format == PictureFormat::p010) {
    constants.background = (y << 6) * 0x10001;
    constants.background_chroma = cb << 6 | cr << 22;
  } else {
    constants.background = y * 0x1010101;
    constants.background_chroma = (cb | cr << 8) * 0x10001;
  }
}

DeinterlacingConstants::Planes planes_of(const PictureLayout& layout) {
  return {layout.pitch, layout.chroma_offset};
}

}  // namespace

bool only_deinterlaces(const Process& process, const PictureLayout& source,
                       const PictureLayout& target) {
  const Rectangle& region = process.source_region;
  return source.format == target.format && region == process.target_region && region.x == 0 &&
         region.y == 0 && process.rotation == Rotation::none && !process.mirror_horizontally &&
         !process.mirror_vertically && process.source_color == process.target_color;
}

bool can_deinterlace(const Process& process, const PictureLayout& frame,
                     const PictureLayout* previous, const PictureLayout* next) {
  return deinterlaces_adaptively(frame.format) && is_usable(previous, process, frame.format) &&
         is_usable(next, process, frame.format);
}

DeinterlacingConstants make_deinterlacing(const Process& process, const PictureLayout& frame,
                                          const PictureLayout* previous, const PictureLayout* next,
                                          const PictureLayout& target) {
  DeinterlacingConstants constants = {};
  constants.width = process.target_region.width;
  constants.rows = process.target_region.height;
  constants.target_width = target.width;
  constants.target_rows = target.height;
  constants.sources = {planes_of(frame), planes_of(previous ? *previous : frame),
                       planes_of(next ? *next : frame)};
  constants.target = planes_of(target);
  constants.flags = (process.bottom_field ? DeinterlacingConstants::bottom_field : 0) |
                    (process.second_field ? DeinterlacingConstants::second_field : 0) |
                    (previous || next ? 0 : DeinterlacingConstants::no_references);
  write_background(process, target.format, constants);
  return constants;
}

Process deinterlacing_part(const Process& process) {
  Process part;
  const Rectangle& region = process.source_region;
  part.source_region =
      part.target_region = {0, 0, region.x + region.width, region.y + region.height};
  part.deinterlacing = process.deinterlacing;
  part.bottom_field = process.bottom_field;
  part.second_field = process.second_field;
  part.source_color = part.target_color = process.source_color;
  return part;
}

Process remaining_part(const Process& process) {
  Process part = process;
  part.deinterlacing = Deinterlacing::none;
  part.bottom_field = part.second_field = false;
  return part;
}

}  // namespace daedalus::video
