// SPDX-License-Identifier: MIT
// The part of film grain synthesis (7.18.3) that is serial: the random templates and the scaling
// tables. The GPU makes noise of them.
#pragma once

#include "daedalus/av1/job.h"
#include "daedalus/av1/picture.h"

namespace daedalus::av1 {

// Sets all of `grain` from the picture's parameters.
void make_film_grain(const PictureParameters& picture, FilmGrain& grain);

}  // namespace daedalus::av1
