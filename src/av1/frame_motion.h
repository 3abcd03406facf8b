// SPDX-License-Identifier: MIT
// What inter prediction derives from a frame's header and references, computed once.
#pragma once

#include <cstdint>

#include "av1/frame_context.h"

namespace daedalus::av1 {

// Sets order_hints, sign_bias, is_past, is_scaled, skip_mode_frames, global_motion (clamped to
// valid values), warp_valid and, with use_ref_frame_mvs, motion_field from the picture's
// parameters, the frame's size and `references`. Intra frames are treated as having no references.
void derive_motion(FrameContext& frame);

// Whether 6.8.6 allows a frame of this size to use the reference.
bool is_scale_valid(const PictureParameters& picture, const ReferenceSize& reference);

// The distance weights process (7.11.3.15): returns FwdWeight, for the first reference. The second
// weight is 16 minus that.
uint32_t forward_weight(const FrameContext& frame, uint32_t ref_frame_0, uint32_t ref_frame_1);

}  // namespace daedalus::av1
