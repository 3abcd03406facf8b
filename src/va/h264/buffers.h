// SPDX-License-Identifier: MIT
// Translates VA's H.264 buffers into the decode core's structures.
#pragma once

#include <va/va.h>

#include <span>

#include "daedalus/h264/picture.h"

namespace daedalus::va {

// A reference is `present` if the client names a surface, whether or not it exists. Scaling lists
// are flat.
h264::PictureParameters picture_parameters(const VAPictureParameterBufferH264& picture);

void set_scaling_lists(const VAIQMatrixBufferH264& matrices, h264::PictureParameters& parameters);

// The caller owns `nal_unit`. Reference lists have the slots of picture.ReferenceFrames.
h264::SliceParameters slice_parameters(const VASliceParameterBufferH264& slice,
                                       const VAPictureParameterBufferH264& picture,
                                       std::span<const std::byte> nal_unit);

bool names_surface(const VAPictureH264& picture);

}  // namespace daedalus::va
