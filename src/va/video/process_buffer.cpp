// SPDX-License-Identifier: MIT
#include "va/video/process_buffer.h"

#include <algorithm>
#include <array>
#include <span>

#include "va/display_objects.h"
#include "va/formats.h"
#include "va/offers.h"

namespace daedalus::va {

namespace {

constexpr uint32_t rotations =
    1u << VA_ROTATION_NONE | 1u << VA_ROTATION_90 | 1u << VA_ROTATION_180 | 1u << VA_ROTATION_270;
constexpr uint32_t mirrors = VA_MIRROR_HORIZONTAL | VA_MIRROR_VERTICAL;

// VA hands out writable pointers to these.
std::array input_standards = {
    VAProcColorStandardBT601,     VAProcColorStandardBT709,    VAProcColorStandardBT470BG,
    VAProcColorStandardSMPTE170M, VAProcColorStandardXVYCC601, VAProcColorStandardXVYCC709,
    VAProcColorStandardBT2020,    VAProcColorStandardExplicit,
};
std::array output_standards = {
    VAProcColorStandardBT601,     VAProcColorStandardBT709,    VAProcColorStandardBT470BG,
    VAProcColorStandardSMPTE170M, VAProcColorStandardXVYCC601, VAProcColorStandardXVYCC709,
    VAProcColorStandardBT2020,    VAProcColorStandardSRGB,     VAProcColorStandardSTRGB,
    VAProcColorStandardExplicit,
};
std::array<uint32_t, 6> input_formats = {VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_I420,
                                         VA_FOURCC_YV12, VA_FOURCC_YUY2, VA_FOURCC_UYVY};
std::array<uint32_t, 8> output_formats = {VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_I420,
                                          VA_FOURCC_YV12, VA_FOURCC_BGRA, VA_FOURCC_BGRX,
                                          VA_FOURCC_RGBA, VA_FOURCC_RGBX};

Outcome refuse(VAStatus status, const char* reason) {
  return {status, std::string("video processing: ") + reason};
}

bool is_rgb(const Surface& surface) {
  return traits_of(surface.format->picture).rgb;
}

bool is_one_of(std::span<const uint32_t> formats, const Surface& surface) {
  return std::find(formats.begin(), formats.end(), surface.format->fourcc) != formats.end();
}

// ITU-T H.273, MatrixCoefficients; 0 and 2 leave it open.
bool read_coefficients(uint8_t matrix_coefficients, video::Matrix& matrix) {
  switch (matrix_coefficients) {
    case 0:
    case 2:
      return true;
    case 1:
      matrix = video::Matrix::bt709;
      return true;
    case 5:
    case 6:
      matrix = video::Matrix::bt601;
      return true;
    case 9:
      matrix = video::Matrix::bt2020;
      return true;
    default:
      return false;
  }
}

// False for what has coefficients of its own.
bool read_standard(VAProcColorStandardType standard, const VAProcColorProperties& properties,
                   video::Matrix& matrix) {
  switch (standard) {
    case VAProcColorStandardNone:
    case VAProcColorStandardSRGB:  // of pictures that have no matrix
    case VAProcColorStandardSTRGB:
      return true;
    case VAProcColorStandardBT601:
    case VAProcColorStandardBT470BG:
    case VAProcColorStandardSMPTE170M:
    case VAProcColorStandardXVYCC601:
      matrix = video::Matrix::bt601;
      return true;
    case VAProcColorStandardBT709:
    case VAProcColorStandardXVYCC709:
      matrix = video::Matrix::bt709;
      return true;
    case VAProcColorStandardBT2020:
      matrix = video::Matrix::bt2020;
      return true;
    case VAProcColorStandardExplicit:
      return read_coefficients(properties.matrix_coefficients, matrix);
    default:
      return false;
  }
}

bool read_color(VAProcColorStandardType standard, const VAProcColorProperties& properties,
                video::Color& color) {
  if (properties.color_range == VA_SOURCE_RANGE_FULL) color.range = video::Range::full;
  if (properties.color_range == VA_SOURCE_RANGE_REDUCED) color.range = video::Range::limited;
  const uint8_t location = properties.chroma_sample_location;
  if (location & VA_CHROMA_SITING_HORIZONTAL_CENTER) color.horizontal = video::Siting::between;
  if ((location & VA_CHROMA_SITING_VERTICAL_BOTTOM) == VA_CHROMA_SITING_VERTICAL_TOP)
    color.vertical = video::Siting::first;
  return read_standard(standard, properties, color.matrix);
}

// Clients copy the range of what they decoded (ffmpeg does) where they mean ordinary RGB. There is
// a standard for the other kind.
video::Range rgb_range(VAProcColorStandardType standard) {
  return standard == VAProcColorStandardSTRGB ? video::Range::limited : video::Range::full;
}

Outcome read_region(const VARectangle* given, const Surface& surface, video::Rectangle& region) {
  if (!given) return VA_STATUS_SUCCESS;
  const auto inside = region_of(surface, *given);
  if (!inside)
    return refuse(VA_STATUS_ERROR_INVALID_PARAMETER, "a region that is not inside of its surface");
  region = *inside;
  return VA_STATUS_SUCCESS;
}

Outcome read_turn(const VAProcPipelineParameterBuffer& parameters, video::Process& process) {
  if (parameters.rotation_state > VA_ROTATION_270 || (parameters.mirror_state & ~mirrors) != 0)
    return refuse(VA_STATUS_ERROR_INVALID_PARAMETER, "rotation or mirroring");
  process.rotation = static_cast<video::Rotation>(parameters.rotation_state);
  process.mirror_horizontally = parameters.mirror_state & VA_MIRROR_HORIZONTAL;
  process.mirror_vertically = parameters.mirror_state & VA_MIRROR_VERTICAL;
  return VA_STATUS_SUCCESS;
}
static_assert(VA_ROTATION_90 == static_cast<int>(video::Rotation::clockwise_90) &&
              VA_ROTATION_180 == static_cast<int>(video::Rotation::clockwise_180) &&
              VA_ROTATION_270 == static_cast<int>(video::Rotation::clockwise_270));

// The whole of the source, with the colours usual for its size, to the whole of the target.
video::Process whole_process(const Surface& source, const Surface& target) {
  video::Process process;
  process.source_region = {0, 0, source.width, source.height};
  process.target_region = {0, 0, target.width, target.height};
  process.source_color.matrix = usual_matrix(source);
  return process;
}

// An opaque blend is none.
bool blends(const VABlendState* state) {
  if (!state || state->flags == 0) return false;
  return state->flags != VA_BLEND_GLOBAL_ALPHA || state->global_alpha != 1.0f;
}

}  // namespace

VAStatus query_video_proc_filters(Display& display, VAContextID context, VAProcFilterType* filters,
                                  unsigned* num_filters) {
  if (!display.contexts.find(context)) return VA_STATUS_ERROR_INVALID_CONTEXT;
  if (!filters || !num_filters) return VA_STATUS_ERROR_INVALID_PARAMETER;
  *num_filters = 0;  // what there is needs no filter
  return VA_STATUS_SUCCESS;
}

VAStatus query_video_proc_filter_caps(Display& display, VAContextID context, VAProcFilterType,
                                      void*, unsigned* num_filter_caps) {
  if (!display.contexts.find(context)) return VA_STATUS_ERROR_INVALID_CONTEXT;
  return num_filter_caps ? VA_STATUS_ERROR_UNSUPPORTED_FILTER : VA_STATUS_ERROR_INVALID_PARAMETER;
}

VAStatus query_video_proc_pipeline_caps(Display& display, VAContextID context, VABufferID* filters,
                                        unsigned num_filters, VAProcPipelineCaps* caps) {
  if (!display.contexts.find(context)) return VA_STATUS_ERROR_INVALID_CONTEXT;
  if (!caps || (num_filters > 0 && !filters)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  for (unsigned i = 0; i < num_filters; ++i)
    if (!display.buffers.find(filters[i])) return VA_STATUS_ERROR_INVALID_BUFFER;
  if (num_filters > 0) return VA_STATUS_ERROR_UNSUPPORTED_FILTER;
  *caps = {};
  caps->filter_flags = VA_FILTER_SCALING_DEFAULT | VA_FILTER_SCALING_FAST | VA_FILTER_SCALING_HQ;
  caps->input_color_standards = input_standards.data();
  caps->num_input_color_standards = input_standards.size();
  caps->output_color_standards = output_standards.data();
  caps->num_output_color_standards = output_standards.size();
  caps->rotation_flags = rotations;
  caps->mirror_flags = mirrors;
  caps->num_input_pixel_formats = input_formats.size();
  caps->input_pixel_format = input_formats.data();
  caps->num_output_pixel_formats = output_formats.size();
  caps->output_pixel_format = output_formats.data();
  const auto* offer = find_offer(display.offers, VAProfileNone, VAEntrypointVideoProc);
  if (!offer) return VA_STATUS_SUCCESS;
  caps->min_input_width = caps->min_input_height = offer->min_size;
  caps->min_output_width = caps->min_output_height = offer->min_size;
  caps->max_input_width = caps->max_output_width = offer->max_size.width;
  caps->max_input_height = caps->max_output_height = offer->max_size.height;
  return VA_STATUS_SUCCESS;
}

std::optional<video::Rectangle> region_of(const Surface& surface, const VARectangle& region) {
  if (region.x < 0 || region.y < 0 || region.width == 0 || region.height == 0 ||
      region.x + uint32_t{region.width} > surface.width ||
      region.y + uint32_t{region.height} > surface.height)
    return {};
  return video::Rectangle{static_cast<uint32_t>(region.x), static_cast<uint32_t>(region.y),
                          region.width, region.height};
}

video::Scaling scaling_of(unsigned flags) {
  const bool best = (flags & VA_FILTER_SCALING_MASK) == VA_FILTER_SCALING_HQ;
  return best ? video::Scaling::bicubic : video::Scaling::bilinear;
}

video::Matrix usual_matrix(const Surface& surface) {
  const bool hd = surface.width >= 1280 || surface.height >= 720;
  return hd ? video::Matrix::bt709 : video::Matrix::bt601;
}

bool names_matrix(const VAProcPipelineParameterBuffer& parameters) {
  const uint8_t coefficients = parameters.input_color_properties.matrix_coefficients;
  if (parameters.surface_color_standard == VAProcColorStandardExplicit)
    return coefficients != 0 && coefficients != 2;
  return parameters.surface_color_standard != VAProcColorStandardNone;
}

Outcome read_process(const VAProcPipelineParameterBuffer& parameters, const Surface& source,
                     const Surface& target, video::Process& process) {
  if (!is_one_of(input_formats, source))
    return refuse(VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, "a source that is RGB");
  if (!is_one_of(output_formats, target))
    return refuse(VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, "a target that is 4:2:2");
  if (parameters.num_filters > 0) return refuse(VA_STATUS_ERROR_UNSUPPORTED_FILTER, "filters");
  if (parameters.num_additional_outputs > 0)
    return refuse(VA_STATUS_ERROR_UNIMPLEMENTED, "additional outputs");
  if (blends(parameters.blend_state)) return refuse(VA_STATUS_ERROR_UNIMPLEMENTED, "blending");
  process = whole_process(source, target);
  for (const auto& outcome : {read_region(parameters.surface_region, source, process.source_region),
                              read_region(parameters.output_region, target, process.target_region),
                              read_turn(parameters, process)})
    if (!outcome.done()) return outcome;

  if (!read_color(parameters.surface_color_standard, parameters.input_color_properties,
                  process.source_color))
    return refuse(VA_STATUS_ERROR_UNIMPLEMENTED, "the source's colour standard");
  if (!is_rgb(target)) process.target_color = process.source_color;
  if (!read_color(parameters.output_color_standard, parameters.output_color_properties,
                  process.target_color))
    return refuse(VA_STATUS_ERROR_UNIMPLEMENTED, "the target's colour standard");
  if (is_rgb(target)) process.target_color.range = rgb_range(parameters.output_color_standard);

  process.scaling = scaling_of(parameters.filter_flags);
  process.background = parameters.output_background_color;
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
