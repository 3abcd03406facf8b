// SPDX-License-Identifier: MIT
// What VA's video processing parameters say, in the words of the decode core.
#pragma once

#include <va/va.h>
#include <va/va_vpp.h>

#include <optional>

#include "daedalus/video_process.h"
#include "va/outcome.h"
#include "va/surface.h"

namespace daedalus::va {

// What queries of video processing answer.
VAStatus query_video_proc_filters(Display&, VAContextID context, VAProcFilterType* filters,
                                  unsigned* num_filters);
VAStatus query_video_proc_filter_caps(Display&, VAContextID context, VAProcFilterType type,
                                      void* caps, unsigned* num_caps);
VAStatus query_video_proc_pipeline_caps(Display&, VAContextID context, VABufferID* filters,
                                        unsigned num_filters, VAProcPipelineCaps* caps);

// BT.709 for HD, BT.601 for less.
video::Matrix usual_matrix(const Surface& surface);

// None where the region is not inside of the surface.
std::optional<video::Rectangle> region_of(const Surface& surface, const VARectangle& region);

// VA_FILTER_SCALING_* in a client's flags.
video::Scaling scaling_of(unsigned flags);

// Whether the client says which matrix made the source.
bool names_matrix(const VAProcPipelineParameterBuffer& parameters);

// Reads the regions that `parameters` points to. VA_STATUS_ERROR_INVALID_PARAMETER,
// VA_STATUS_ERROR_UNSUPPORTED_FILTER, VA_STATUS_ERROR_UNIMPLEMENTED.
Outcome read_process(const VAProcPipelineParameterBuffer& parameters, const Surface& source,
                     const Surface& target, video::Process& process);

}  // namespace daedalus::va
