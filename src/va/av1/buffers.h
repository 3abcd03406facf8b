// SPDX-License-Identifier: MIT
// Translates AV1's VA buffers into the decoder's structures.
#pragma once

#include <va/va.h>
#include <va/va_dec_av1.h>

#include "daedalus/av1/picture.h"
#include "va/outcome.h"

namespace daedalus::va {

// Everything except the tiles' bytes and the references. Refuses profiles other than Main, and tile
// grids that do not cover the frame; the decoder refuses values that no bitstream can have.
Outcome fill_picture(const VADecPictureParameterBufferAV1& buffer, av1::PictureParameters& picture);

}  // namespace daedalus::va
