// SPDX-License-Identifier: MIT
// Builds a V4L2 client's controls for a picture from a VA client's buffers.
#pragma once

#include <va/va.h>

#include <linux/v4l2-controls.h>

#include "streams/picture_parameter_sets.h"
#include "v4l2/av1.h"
#include "v4l2/h264.h"

namespace daedalus::test {

// The timestamp of the last picture decoded into a surface.
inline uint64_t timestamp_of(VASurfaceID surface) {
  return (uint64_t{surface} + 1) * 1000;
}

v4l2::H264Controls h264_controls(const VAPictureParameterBufferH264& picture,
                                 const VAIQMatrixBufferH264& matrices,
                                 const PictureParameterSets::Defaults& defaults);
v4l2_ctrl_vp9_frame vp9_control(const VADecPictureParameterBufferVP9& picture);
v4l2::Av1Controls av1_controls(const VADecPictureParameterBufferAV1& picture);

}  // namespace daedalus::test
