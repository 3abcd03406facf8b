// SPDX-License-Identifier: MIT
#include "va/video/process_buffer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "va/buffer.h"
#include "va/display_objects.h"
#include "va/formats.h"
#include "va/offers.h"

namespace daedalus::va {

namespace {

constexpr uint32_t rotations =
    1u << VA_ROTATION_NONE | 1u << VA_ROTATION_90 | 1u << VA_ROTATION_180 | 1u << VA_ROTATION_270;
constexpr uint32_t mirrors = VA_MIRROR_HORIZONTAL | VA_MIRROR_VERTICAL;

// VA returns writable pointers to these.
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

// ITU-T H.273, MatrixCoefficients; 0 and 2 mean unspecified.
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

// False for standards with other coefficients.
bool read_standard(VAProcColorStandardType standard, const VAProcColorProperties& properties,
                   video::Matrix& matrix) {
  switch (standard) {
    case VAProcColorStandardNone:
    case VAProcColorStandardSRGB:  // for pictures without a matrix
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
  if (location & VA_CHROMA_SITING_HORIZONTAL_LEFT) color.horizontal = video::Siting::first;
  if (location & VA_CHROMA_SITING_HORIZONTAL_CENTER) color.horizontal = video::Siting::between;
  const uint32_t vertical = location & VA_CHROMA_SITING_VERTICAL_BOTTOM;  // a field of two bits
  if (vertical == VA_CHROMA_SITING_VERTICAL_TOP) color.vertical = video::Siting::first;
  if (vertical == VA_CHROMA_SITING_VERTICAL_CENTER) color.vertical = video::Siting::between;
  return read_standard(standard, properties, color.matrix);
}

// Clients copy the range of the decoded picture (ffmpeg does) when they mean ordinary RGB. Another
// standard exists for limited-range RGB.
video::Range rgb_range(VAProcColorStandardType standard) {
  return standard == VAProcColorStandardSTRGB ? video::Range::limited : video::Range::full;
}

constexpr std::array deinterlacing_algorithms = {VAProcDeinterlacingBob, VAProcDeinterlacingWeave,
                                                 VAProcDeinterlacingMotionAdaptive};

// From an array that holds `capacity` entries.
template <typename Value, std::size_t count>
VAStatus hand_out(const std::array<Value, count>& values, Value* array, unsigned* capacity) {
  const bool has_room = std::exchange(*capacity, unsigned{count}) >= count;
  if (!has_room) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  std::copy(values.begin(), values.end(), array);
  return VA_STATUS_SUCCESS;
}

Outcome read_deinterlacing(const VAProcFilterParameterBufferDeinterlacing& filter,
                           video::Process& process) {
  if (filter.flags & VA_DEINTERLACING_ONE_FIELD)
    return refuse(VA_STATUS_ERROR_UNIMPLEMENTED, "deinterlacing surfaces of one field");
  switch (filter.algorithm) {
    case VAProcDeinterlacingNone:
    case VAProcDeinterlacingWeave:
      return VA_STATUS_SUCCESS;
    case VAProcDeinterlacingBob:
      process.deinterlacing = video::Deinterlacing::bob;
      break;
    case VAProcDeinterlacingMotionAdaptive:
      process.deinterlacing = video::Deinterlacing::motion_adaptive;
      break;
    default:
      return refuse(VA_STATUS_ERROR_UNSUPPORTED_FILTER, "an algorithm of deinterlacing");
  }
  process.bottom_field = filter.flags & VA_DEINTERLACING_BOTTOM_FIELD;
  const bool bottom_first = filter.flags & VA_DEINTERLACING_BOTTOM_FIELD_FIRST;
  process.second_field = process.bottom_field != bottom_first;
  return VA_STATUS_SUCCESS;
}

// GStreamer's va plugin sets the wanted field, and which field is first, in the surface's flags,
// and leaves the filter's flags zero.
void read_surface_flag(uint32_t flag, video::Process& process) {
  const uint32_t field = flag & (VA_TOP_FIELD | VA_BOTTOM_FIELD);
  const uint32_t order = flag & (VA_TOP_FIELD_FIRST | VA_BOTTOM_FIELD_FIRST);
  if ((field != VA_TOP_FIELD && field != VA_BOTTOM_FIELD) || order == 0) return;
  process.bottom_field = field == VA_BOTTOM_FIELD;
  process.second_field = process.bottom_field != (order == VA_BOTTOM_FIELD_FIRST);
}

Outcome read_filter(const BufferContents& contents, video::Process& process) {
  VAProcFilterParameterBufferDeinterlacing filter = {};
  if (contents.type != VAProcFilterParameterBufferType ||
      contents.bytes().size() < sizeof(VAProcFilterParameterBufferBase))
    return refuse(VA_STATUS_ERROR_INVALID_BUFFER, "a filter that is no filter's buffer");
  memcpy(&filter, contents.memory.get(), std::min(contents.bytes().size(), sizeof filter));
  if (filter.type != VAProcFilterDeinterlacing)
    return refuse(VA_STATUS_ERROR_UNSUPPORTED_FILTER, "a filter that does not deinterlace");
  // Clients built with an older libva have fewer reserved words.
  if (contents.bytes().size() <
      offsetof(VAProcFilterParameterBufferDeinterlacing, flags) + sizeof filter.flags)
    return refuse(VA_STATUS_ERROR_INVALID_BUFFER, "a deinterlacing filter that is too short");
  return read_deinterlacing(filter, process);
}

Outcome read_filters(const VABufferID* filters, unsigned num_filters, const BufferTable& buffers,
                     video::Process& process) {
  if (num_filters == 0) return VA_STATUS_SUCCESS;
  if (!filters || num_filters > VAProcFilterCount)
    return refuse(VA_STATUS_ERROR_INVALID_PARAMETER, "the number of filters");
  std::shared_ptr<Buffer> buffer;
  for (unsigned i = 0; i < num_filters; ++i) {
    buffer = buffers.find(filters[i]);
    if (!buffer) return VA_STATUS_ERROR_INVALID_BUFFER;
  }
  if (num_filters > 1)
    return refuse(VA_STATUS_ERROR_UNSUPPORTED_FILTER, "more filters than one that deinterlaces");
  return read_filter(buffer->contents(), process);
}

// The first reference is the nearest. A client may pass more, and mark missing ones with
// VA_INVALID_SURFACE.
Outcome read_reference(const VASurfaceID* ids, uint32_t count, const Surface& source,
                       const SurfaceTable& surfaces, std::shared_ptr<Surface>& reference) {
  if (count == 0) return VA_STATUS_SUCCESS;
  if (!ids) return refuse(VA_STATUS_ERROR_INVALID_PARAMETER, "no references where there are some");
  if (ids[0] == VA_INVALID_SURFACE) return VA_STATUS_SUCCESS;
  reference = surfaces.find(ids[0]);
  if (!reference) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (reference->format->picture != source.format->picture || reference->width != source.width ||
      reference->height != source.height)
    return refuse(VA_STATUS_ERROR_INVALID_PARAMETER, "a reference of another format or size");
  return VA_STATUS_SUCCESS;
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

// The whole source, with the usual colours for its size, to the whole target.
video::Process whole_process(const Surface& source, const Surface& target) {
  video::Process process;
  process.source_region = {0, 0, source.width, source.height};
  process.target_region = {0, 0, target.width, target.height};
  process.source_color.matrix = usual_matrix(source);
  return process;
}

// An opaque blend is no blend.
bool blends(const VABlendState* state) {
  if (!state || state->flags == 0) return false;
  return state->flags != VA_BLEND_GLOBAL_ALPHA || state->global_alpha != 1.0f;
}

}  // namespace

VAStatus query_video_proc_filters(Display& display, VAContextID context, VAProcFilterType* filters,
                                  unsigned* num_filters) {
  if (!display.contexts.find(context)) return VA_STATUS_ERROR_INVALID_CONTEXT;
  if (!filters || !num_filters) return VA_STATUS_ERROR_INVALID_PARAMETER;
  return hand_out(std::array{VAProcFilterDeinterlacing}, filters, num_filters);
}

VAStatus query_video_proc_filter_caps(Display& display, VAContextID context, VAProcFilterType type,
                                      void* caps, unsigned* num_caps) {
  if (!display.contexts.find(context)) return VA_STATUS_ERROR_INVALID_CONTEXT;
  if (!num_caps) return VA_STATUS_ERROR_INVALID_PARAMETER;
  if (type != VAProcFilterDeinterlacing) return VA_STATUS_ERROR_UNSUPPORTED_FILTER;
  if (!caps) return VA_STATUS_ERROR_INVALID_PARAMETER;
  std::array<VAProcFilterCapDeinterlacing, deinterlacing_algorithms.size()> all = {};
  for (std::size_t i = 0; i < all.size(); ++i) all[i].type = deinterlacing_algorithms[i];
  return hand_out(all, static_cast<VAProcFilterCapDeinterlacing*>(caps), num_caps);
}

VAStatus query_video_proc_pipeline_caps(Display& display, VAContextID context, VABufferID* filters,
                                        unsigned num_filters, VAProcPipelineCaps* caps) {
  if (!display.contexts.find(context)) return VA_STATUS_ERROR_INVALID_CONTEXT;
  if (!caps || (num_filters > 0 && !filters)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  video::Process process;
  const auto outcome = read_filters(filters, num_filters, display.buffers, process);
  if (!outcome.done()) return outcome.status;
  *caps = {};
  caps->filter_flags = VA_FILTER_SCALING_DEFAULT | VA_FILTER_SCALING_FAST | VA_FILTER_SCALING_HQ |
                       VA_TOP_FIELD | VA_BOTTOM_FIELD;
  if (process.deinterlacing == video::Deinterlacing::motion_adaptive)
    caps->num_forward_references = caps->num_backward_references = 1;
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

void show_field(unsigned flags, video::Process& process) {
  constexpr unsigned both = VA_TOP_FIELD | VA_BOTTOM_FIELD;
  if ((flags & both) == 0 || (flags & both) == both) return;
  process.deinterlacing = video::Deinterlacing::bob;
  process.bottom_field = flags & VA_BOTTOM_FIELD;
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
                     const Surface& target, const BufferTable& buffers, video::Process& process) {
  if (!is_one_of(input_formats, source))
    return refuse(VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, "a source that is RGB");
  if (!is_one_of(output_formats, target))
    return refuse(VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, "a target that is 4:2:2");
  if (parameters.num_additional_outputs > 0)
    return refuse(VA_STATUS_ERROR_UNIMPLEMENTED, "additional outputs");
  if (blends(parameters.blend_state)) return refuse(VA_STATUS_ERROR_UNIMPLEMENTED, "blending");
  process = whole_process(source, target);
  for (const auto& outcome :
       {read_region(parameters.surface_region, source, process.source_region),
        read_region(parameters.output_region, target, process.target_region),
        read_turn(parameters, process),
        read_filters(parameters.filters, parameters.num_filters, buffers, process)})
    if (!outcome.done()) return outcome;
  if (parameters.num_filters == 0)
    show_field(parameters.filter_flags, process);
  else
    read_surface_flag(parameters.input_surface_flag, process);

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

// Forward references were captured before the frame, according to va_vpp.h and the clients.
Outcome read_references(const VAProcPipelineParameterBuffer& parameters,
                        const video::Process& process, const Surface& source,
                        const SurfaceTable& surfaces, References& references) {
  references = {};
  if (process.deinterlacing != video::Deinterlacing::motion_adaptive) return VA_STATUS_SUCCESS;
  if (!video::deinterlaces_adaptively(source.format->picture))
    return refuse(VA_STATUS_ERROR_UNSUPPORTED_FILTER,
                  "motion-adaptive deinterlacing of other formats than NV12 and P010");
  auto outcome = read_reference(parameters.forward_references, parameters.num_forward_references,
                                source, surfaces, references.previous);
  if (outcome.done())
    outcome = read_reference(parameters.backward_references, parameters.num_backward_references,
                             source, surfaces, references.next);
  return outcome;
}

}  // namespace daedalus::va
