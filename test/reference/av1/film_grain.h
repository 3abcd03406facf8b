// SPDX-License-Identifier: MIT
// The noise of AV1's film grain synthesis, from templates and scaling tables (7.18.3.5).
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// Copies a picture with this many luma samples, and adds noise to it.
void add_film_grain(const FilmGrain& grain, bool monochrome, uint32_t width, uint32_t height,
                    const PictureView& from, const PictureView& to);

}  // namespace daedalus::av1::scalar
