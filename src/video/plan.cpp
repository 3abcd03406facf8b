// SPDX-License-Identifier: MIT
#include "video/plan.h"

#include <utility>

#include "video/color_matrix.h"
#include "video/filter_table.h"

namespace daedalus::video {

namespace {

bool is_rgb(const PictureLayout& layout) {
  return traits_of(layout.format).rgb;
}

bool inside(const Rectangle& region, const PictureLayout& layout) {
  return region.width > 0 && region.height > 0 && region.width <= layout.width &&
         region.height <= layout.height && region.x <= layout.width - region.width &&
         region.y <= layout.height - region.height;
}

bool is_turned(const Process& process) {
  return process.rotation == Rotation::clockwise_90 || process.rotation == Rotation::clockwise_270;
}

Side source_x(const Process& process) {
  return {process.source_region.x, process.source_region.width, process.source_color.horizontal};
}
Side source_y(const Process& process) {
  return {process.source_region.y, process.source_region.height, process.source_color.vertical};
}
Side target_x(const Process& process) {
  return {process.target_region.x, process.target_region.width, process.target_color.horizontal};
}
Side target_y(const Process& process) {
  return {process.target_region.y, process.target_region.height, process.target_color.vertical};
}

// Rotated clockwise by 90 degrees, the source's last row comes first along the target's x.
Axis axis_along_source_x(const Process& process) {
  const bool reversed =
      process.rotation == Rotation::clockwise_180 || process.rotation == Rotation::clockwise_270;
  if (is_turned(process))
    return {source_x(process), target_y(process), reversed != process.mirror_vertically};
  return {source_x(process), target_x(process), reversed != process.mirror_horizontally};
}

bool is_422(PictureFormat format) {
  return format == PictureFormat::yuy2 || format == PictureFormat::uyvy;
}

Axis axis_along_source_y(const Process& process, PictureFormat source) {
  const bool reversed =
      process.rotation == Rotation::clockwise_90 || process.rotation == Rotation::clockwise_180;
  const bool turned = is_turned(process);
  const bool mirrored = turned ? process.mirror_horizontally : process.mirror_vertically;
  return {
      .source = source_y(process),
      .target = turned ? target_x(process) : target_y(process),
      .reversed = reversed != mirrored,
      .source_halved = !is_422(source),
      .one_field = process.deinterlacing == Deinterlacing::bob,
      .bottom_field = process.bottom_field,
  };
}

// A word of RGB, or luma and a pair in the form that the shader's write_chroma() takes.
void write_background(const Process& process, PictureFormat format, Constants& constants) {
  const uint32_t color = process.background;
  const auto red = static_cast<uint8_t>(color >> 16), green = static_cast<uint8_t>(color >> 8),
             blue = static_cast<uint8_t>(color);
  switch (format) {
    case PictureFormat::bgra:
      constants.background = color;
      break;
    case PictureFormat::rgba:
      constants.background = (color & 0xff00ff00) | static_cast<uint32_t>(blue) << 16 | red;
      break;
    default: {
      const uint32_t bits = traits_of(format).bits;
      const auto [y, cb, cr] = ycbcr_of({red, green, blue}, {process.target_color, bits});
      constants.background = y;
      constants.background_chroma = cb | cr << (format == PictureFormat::nv12 ? 8 : 16);
      break;
    }
  }
}

// Four adjacent target samples depend on at most this many.
constexpr uint32_t near_samples = 5;

uint32_t append_table(const FilterTable& table, std::vector<uint32_t>& words) {
  words.resize((words.size() + 1) / 2 * 2);
  const auto first = static_cast<uint32_t>(words.size());
  words.insert(words.end(), table.words.begin(), table.words.end());
  return first << 8 | table.taps;
}

Plan plan_tables(const Process& process, const PictureLayout& source, const PictureLayout& target) {
  Plan plan;
  plan.tables = {source.cr_offset, target.cr_offset};
  const Axis along_x = axis_along_source_x(process),
             along_y = axis_along_source_y(process, source.format);
  bool near = !is_turned(process);
  std::size_t index = 0;
  for (const Plane plane : {Plane::luma, Plane::chroma_at_luma, Plane::chroma}) {
    const auto columns = make_filter_table(along_x, plane, process.scaling);
    near = near && columns.taps <= 2 && columns.samples_of_four() <= near_samples;
    plan.constants.tables[index++] = append_table(columns, plan.tables);
    const auto rows = make_filter_table(along_y, plane, process.scaling);
    plan.constants.tables[index++] = append_table(rows, plan.tables);
  }
  plan.constants.flags = near ? Constants::near : 0;
  return plan;
}

}  // namespace

Kind kind_of(PictureFormat source, PictureFormat target) {
  const auto layout_of = [](PictureFormat format) {
    switch (format) {
      case PictureFormat::p010:
        return Kind::p010;
      case PictureFormat::i420:
        return Kind::i420;
      case PictureFormat::yuy2:
        return Kind::yuy2;
      case PictureFormat::uyvy:
        return Kind::uyvy;
      case PictureFormat::nv12:
      case PictureFormat::bgra:
      case PictureFormat::rgba:
        break;
    }
    return Kind::nv12;
  };
  return {layout_of(source), layout_of(target)};
}

bool is_possible(const Process& process, const PictureLayout& source, const PictureLayout& target) {
  return !is_rgb(source) && !is_422(target.format) && inside(process.source_region, source) &&
         inside(process.target_region, target);
}

Plan make_plan(const Process& process, const PictureLayout& source, const PictureLayout& target) {
  Plan plan = plan_tables(process, source, target);
  Constants& constants = plan.constants;
  const auto& region = process.target_region;
  const bool rgb = is_rgb(target);
  constants.width = target.width;
  constants.rows = target.height;
  constants.region_begin = {region.x, region.y};
  constants.region_end = {region.x + region.width, region.y + region.height};
  constants.source_pitch = source.pitch;
  constants.source_chroma_offset = source.chroma_offset;
  constants.target_pitch = target.pitch;
  constants.target_chroma_offset = target.chroma_offset;
  const Colorimetry from{process.source_color, traits_of(source.format).bits};
  const Colorimetry to{process.target_color, traits_of(target.format).bits};
  const auto matrix = rgb ? to_rgb(from, to.color.range) : to_ycbcr(from, to);
  const bool mixes = matrix.rows[0][1] != 0 || matrix.rows[0][2] != 0;
  constants.flags |= (rgb ? Constants::target_is_rgb : 0) |
                     (target.format == PictureFormat::rgba ? Constants::red_first : 0) |
                     (is_turned(process) ? Constants::turned : 0) |
                     (mixes ? Constants::mixes_chroma : 0) |
                     (process.deinterlacing == Deinterlacing::bob ? Constants::one_field : 0);
  for (std::size_t i = 0; i < constants.matrix.size(); ++i) {
    constants.matrix[i] = matrix.rows[i / 4][i % 4];
  }
  write_background(process, target.format, constants);
  return plan;
}

}  // namespace daedalus::video
