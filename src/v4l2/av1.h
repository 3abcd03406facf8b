// SPDX-License-Identifier: MIT
// Translates V4L2's AV1 controls into the decode core's structures.
#pragma once

#include <cstddef>
#include <span>

#include "daedalus/av1/picture.h"
#include "daedalus/error.h"
#include "v4l2/av1_controls.h"

namespace daedalus::v4l2 {

struct Av1Controls {
  v4l2_ctrl_av1_sequence sequence;
  v4l2_ctrl_av1_frame frame;
  v4l2_ctrl_av1_film_grain film_grain;
};

// Everything except the tiles. Returns Error::unsupported for what is out of scope, Error::damaged
// for values that cannot be represented. Av1Decoder checks the others.
Result<void> fill_av1_picture(const Av1Controls& controls, av1::PictureParameters& picture);

// The tiles that `entries` (an array of v4l2_ctrl_av1_tile_group_entry) locates in the bitstream,
// without those that extend beyond it.
void fill_tiles(std::span<const std::byte> entries, std::span<const std::byte> bitstream,
                av1::PictureParameters& picture);

}  // namespace daedalus::v4l2
