// SPDX-License-Identifier: MIT
// The serial part of film grain synthesis (7.18.3): the random templates and the scaling tables,
// from which the GPU makes noise.
#pragma once

#include "daedalus/av1/job.h"
#include "daedalus/av1/picture.h"

namespace daedalus::av1 {

// Sets all of `grain` from the picture's parameters.
void make_film_grain(const PictureParameters& picture, FilmGrain& grain);

}  // namespace daedalus::av1
