// SPDX-License-Identifier: MIT
// What VA's H.264 buffers say, in the words of the decode core.
#pragma once

#include <va/va.h>

#include <span>

#include "daedalus/h264/picture.h"

namespace daedalus::va {

// References are `present` where the client names a surface, whether it exists or not. Scaling
// lists are flat.
h264::PictureParameters picture_parameters(const VAPictureParameterBufferH264& picture);

void set_scaling_lists(const VAIQMatrixBufferH264& matrices, h264::PictureParameters& parameters);

// `nal_unit` stays the caller's. Reference lists name the slots of picture.ReferenceFrames.
h264::SliceParameters slice_parameters(const VASliceParameterBufferH264& slice,
                                       const VAPictureParameterBufferH264& picture,
                                       std::span<const std::byte> nal_unit);

bool names_surface(const VAPictureH264& picture);

}  // namespace daedalus::va
