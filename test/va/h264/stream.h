// SPDX-License-Identifier: MIT
// H.264 pictures that can be written by hand, in CAVLC: macroblocks are all I_PCM, or all skipped.
#pragma once

#include <va/va.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace daedalus::test {

// The four buffers of one picture with one slice. Macroblocks are grey, with values that depend on
// `seed`.
struct PcmPicture {
  VAPictureParameterBufferH264 picture;
  VAIQMatrixBufferH264 matrices;
  VASliceParameterBufferH264 slice;
  std::vector<uint8_t> data;
};

PcmPicture make_pcm_picture(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target,
                            uint8_t seed);

// Repeats its reference, or is the mean of two.
PcmPicture make_skipped_picture(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target,
                                std::span<const VASurfaceID> references);

// A sample of such a picture. Its chroma is pcm_chroma.
uint8_t pcm_luma(uint32_t x, uint32_t y, uint8_t seed);
uint8_t pcm_cb(uint8_t seed);
uint8_t pcm_cr(uint8_t seed);

}  // namespace daedalus::test
