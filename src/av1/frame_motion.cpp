// SPDX-License-Identifier: MIT
#include "av1/frame_motion.h"

#include <algorithm>
#include <cstdlib>

#include "av1/motion_field.h"
#include "av1/warp.h"

namespace daedalus::av1 {
namespace {

constexpr int32_t max_frame_distance = 31;
constexpr uint8_t gm_translation = 1, gm_affine = 3;

int32_t distance(const FrameContext& frame, uint32_t a, uint32_t b) {
  return relative_distance(a, b, frame.picture->order_hint_bits);
}

// The reference nearest to `hint`, after it (side 1) or before it (side -1); 0: none.
struct Nearest {
  int8_t ref = 0;
  uint8_t hint = 0;
};
Nearest nearest(const FrameContext& frame, uint8_t hint, int32_t side) {
  Nearest found;
  for (uint32_t ref = last_frame; ref <= altref_frame; ++ref) {
    const uint8_t own = frame.order_hints[ref];
    if (distance(frame, own, hint) * side <= 0) continue;
    if (found.ref == 0 || distance(frame, own, found.hint) * side < 0)
      found = {static_cast<int8_t>(ref), own};
  }
  return found;
}

// SkipModeFrame of skip_mode_params() (5.9.22). If skip mode is not allowed, any two.
std::array<int8_t, 2> skip_mode_frames(const FrameContext& frame) {
  const Nearest forward = nearest(frame, frame.picture->order_hint, -1);
  Nearest second = nearest(frame, frame.picture->order_hint, 1);
  if (second.ref == 0) second = nearest(frame, forward.hint, -1);
  if (forward.ref == 0 || second.ref == 0) return {last_frame, last2_frame};
  return {std::min(forward.ref, second.ref), std::max(forward.ref, second.ref)};
}

// Clamps to what a valid stream can code (5.9.25).
GlobalMotion bounded(const GlobalMotion& motion) {
  if (motion.type == 0 || motion.type > gm_affine) return {};
  constexpr std::array<int32_t, 6> middle = {0, 0, 1 << 16, 0, 0, 1 << 16};
  GlobalMotion result = motion;
  for (uint32_t i = 0; i < 6; ++i) {
    const int32_t reach = i < 2 ? 1 << 22 : 1 << 13;
    result.params[i] = std::clamp(motion.params[i], middle[i] - reach, middle[i] + reach);
  }
  return result;
}

void derive_reference(FrameContext& frame, uint32_t ref) {
  const PictureParameters& picture = *frame.picture;
  const auto& saved = frame.references[ref - 1];
  frame.order_hints[ref] = saved ? saved->order_hint : 0;
  const int32_t from_now = distance(frame, frame.order_hints[ref], picture.order_hint);
  frame.sign_bias[ref] = from_now > 0;
  frame.is_past[ref] = from_now < 0;
  frame.is_scaled[ref] =
      saved && (saved->upscaled_width != picture.width() || saved->height != picture.height);
  frame.global_motion[ref] = bounded(picture.global_motion[ref - 1]);
  frame.warp_valid[ref] = frame.global_motion[ref].type > gm_translation &&
                          setup_shear(frame.global_motion[ref].params).has_value();
}

}  // namespace

void derive_motion(FrameContext& frame) {
  frame.order_hints = {};
  frame.sign_bias = {};
  frame.is_past = {};
  frame.is_scaled = {};
  frame.global_motion = {};
  frame.warp_valid = {};
  frame.skip_mode_frames = {last_frame, last2_frame};
  if (frame.picture->intra()) return;
  for (uint32_t ref = last_frame; ref <= altref_frame; ++ref) derive_reference(frame, ref);
  frame.skip_mode_frames = skip_mode_frames(frame);
  if (!frame.picture->use_ref_frame_mvs) return;
  if (!frame.motion_field) frame.motion_field = std::make_unique<MotionField>();
  frame.motion_field->begin(frame);
}

bool is_scale_valid(const PictureParameters& picture, const ReferenceSize& reference) {
  const uint32_t width = picture.width(), height = picture.height;
  return 2 * width >= reference.width && 2 * height >= reference.height &&
         width <= 16 * reference.width && height <= 16 * reference.height;
}

uint32_t forward_weight(const FrameContext& frame, uint32_t ref_frame_0, uint32_t ref_frame_1) {
  constexpr std::array<std::array<int32_t, 2>, 3> quant_dist_weight = {{{2, 3}, {2, 5}, {2, 7}}};
  constexpr std::array<std::array<uint8_t, 2>, 4> quant_dist_lookup = {
      {{9, 7}, {11, 5}, {12, 4}, {13, 3}}};
  const auto distance_of = [&](uint32_t ref) {
    return std::min(std::abs(distance(frame, frame.order_hints[ref], frame.picture->order_hint)),
                    max_frame_distance);
  };
  const int32_t d0 = distance_of(ref_frame_1), d1 = distance_of(ref_frame_0);
  const uint32_t order = d0 <= d1;
  uint32_t i = 3;
  if (d0 != 0 && d1 != 0) {
    for (i = 0; i < 3; ++i) {
      const int32_t left = d0 * quant_dist_weight[i][order];
      const int32_t right = d1 * quant_dist_weight[i][1 - order];
      if (order != 0 ? left > right : left < right) break;
    }
  }
  return quant_dist_lookup[i][order];
}

}  // namespace daedalus::av1
