// SPDX-License-Identifier: MIT
// The planes of surfaces and images, in the order in which VA and DRM name them: YV12's second
// plane is Cr.
#pragma once

#include <array>
#include <cstdint>

#include "va/formats.h"

namespace daedalus::va {

inline constexpr uint32_t max_planes = 3;

struct PlaneAt {
  uint32_t offset, pitch;  // bytes
};
using PlaneList = std::array<PlaneAt, max_planes>;

uint32_t plane_count(const SurfaceFormat& format);

// The first plane_count() of them are valid.
PlaneList planes_of(const SurfaceFormat& format, const PictureLayout& layout);

// The inverse: sets pitch and offsets of the layout. False if no layout has these planes.
bool take_planes(const SurfaceFormat& format, const PlaneList& planes, PictureLayout& layout);

}  // namespace daedalus::va
