// SPDX-License-Identifier: MIT
// Translates VA's video processing parameters into the decode core's structures.
#pragma once

#include <va/va.h>
#include <va/va_vpp.h>

#include <memory>
#include <optional>

#include "daedalus/video_process.h"
#include "va/outcome.h"
#include "va/session.h"
#include "va/surface.h"

namespace daedalus::va {

// The results of video processing queries.
VAStatus query_video_proc_filters(Display&, VAContextID context, VAProcFilterType* filters,
                                  unsigned* num_filters);
VAStatus query_video_proc_filter_caps(Display&, VAContextID context, VAProcFilterType type,
                                      void* caps, unsigned* num_caps);
VAStatus query_video_proc_pipeline_caps(Display&, VAContextID context, VABufferID* filters,
                                        unsigned num_filters, VAProcPipelineCaps* caps);

// BT.709 for HD, BT.601 for smaller pictures.
video::Matrix usual_matrix(const Surface& surface);

// Empty if the region is not inside the surface.
std::optional<video::Rectangle> region_of(const Surface& surface, const VARectangle& region);

// VA_FILTER_SCALING_* in a client's flags.
video::Scaling scaling_of(unsigned flags);

// VA_TOP_FIELD or VA_BOTTOM_FIELD in a client's flags: only that field. Both or none: the
// frame.
void show_field(unsigned flags, video::Process& process);

// Whether the client specifies the source's matrix.
bool names_matrix(const VAProcPipelineParameterBuffer& parameters);

// Reads the regions and the array of filters that `parameters` points to.
// VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, VA_STATUS_ERROR_INVALID_PARAMETER,
// VA_STATUS_ERROR_INVALID_BUFFER, VA_STATUS_ERROR_UNSUPPORTED_FILTER,
// VA_STATUS_ERROR_UNIMPLEMENTED.
Outcome read_process(const VAProcPipelineParameterBuffer& parameters, const Surface& source,
                     const Surface& target, const BufferTable& buffers, video::Process& process);

// The frames before and after the source; null if the process needs none or the client has none.
struct References {
  std::shared_ptr<Surface> previous, next;
};

// Reads the arrays of references. VA_STATUS_ERROR_INVALID_SURFACE,
// VA_STATUS_ERROR_INVALID_PARAMETER, VA_STATUS_ERROR_UNSUPPORTED_FILTER.
Outcome read_references(const VAProcPipelineParameterBuffer& parameters,
                        const video::Process& process, const Surface& source,
                        const SurfaceTable& surfaces, References& references);

}  // namespace daedalus::va
