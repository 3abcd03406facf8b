// An H.264 picture that can be written down by hand: macroblocks of I_PCM, in CAVLC.
#pragma once

#include <va/va.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::test {

// The four buffers of one picture with one slice. Every macroblock is grey levels of `seed`.
struct PcmPicture {
  VAPictureParameterBufferH264 picture;
  VAIQMatrixBufferH264 matrices;
  VASliceParameterBufferH264 slice;
  std::vector<uint8_t> data;
};

PcmPicture make_pcm_picture(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target,
                            uint8_t seed);

// The sample of such a picture. Its chroma is pcm_chroma.
uint8_t pcm_luma(uint32_t x, uint32_t y, uint8_t seed);
uint8_t pcm_cb(uint8_t seed);
uint8_t pcm_cr(uint8_t seed);

}  // namespace daedalus::test
