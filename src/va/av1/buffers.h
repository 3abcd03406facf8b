// SPDX-License-Identifier: MIT
// AV1's VA buffers in the words of the decoder.
#pragma once

#include <va/va.h>
#include <va/va_dec_av1.h>

#include "daedalus/av1/picture.h"
#include "va/outcome.h"

namespace daedalus::va {

// Everything but the tiles' bytes and the references. Refuses what is not the Main profile, and
// tile grids that do not cover the frame; values that no bitstream has are the decoder's to refuse.
Outcome fill_picture(const VADecPictureParameterBufferAV1& buffer, av1::PictureParameters& picture);

}  // namespace daedalus::va
