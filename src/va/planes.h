// SPDX-License-Identifier: MIT
// Where the planes of surfaces and images lie, in the order in which VA and DRM name them: YV12's
// second plane is Cr.
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

// The first plane_count() of them count.
PlaneList planes_of(const SurfaceFormat& format, const PictureLayout& layout);

// The other way: fills pitch and offsets of the layout. False where no layout is like that.
bool take_planes(const SurfaceFormat& format, const PlaneList& planes, PictureLayout& layout);

}  // namespace daedalus::va
