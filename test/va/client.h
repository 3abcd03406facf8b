// SPDX-License-Identifier: MIT
// A VA-API client with streams whose samples are all known.
#pragma once

#include <va/va.h>

#include <cstdint>
#include <vector>

#include "va/h264/stream.h"

namespace daedalus::test {

// An initialised display; null if that failed.
VADisplay open_display();

// Begins a picture, passes it to the driver and destroys its buffers. Returns the first status
// other than success.
VAStatus render(VADisplay display, VAContextID context, VASurfaceID target, PcmPicture& picture);
// Also ends the picture.
VAStatus decode(VADisplay display, VAContextID context, VASurfaceID target, PcmPicture& picture);

// I420 without padding.
using Samples = std::vector<uint8_t>;

// Waits for the surface. Empty if the driver refused.
Samples read_samples(VADisplay display, VASurfaceID surface, uint32_t width, uint32_t height);

// The decoded samples of make_pcm_picture.
Samples pcm_samples(uint32_t width, uint32_t height, uint8_t seed);
// A surface's samples before its first picture, and on a device that does not decode.
Samples black_samples(uint32_t width, uint32_t height);
// The decoded samples of make_skipped_picture with two references.
Samples mean(const Samples& past, const Samples& future);

// A context, and surfaces for it. Width and height must be multiples of 16.
class Stream {
 public:
  Stream(VADisplay display, uint32_t width, uint32_t height);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  VASurfaceID make_surface();
  VAStatus decode_intra(VASurfaceID target, uint8_t seed);
  VAStatus repeat(VASurfaceID target, VASurfaceID reference);
  // Queued after slow pictures, so that the reference is not yet read when this returns.
  VAStatus repeat_later(VASurfaceID target, VASurfaceID reference);
  VAStatus decode_mean(VASurfaceID target, VASurfaceID past, VASurfaceID future);
  Samples samples(VASurfaceID surface) const;
  Samples intra_samples(uint8_t seed) const { return pcm_samples(width_, height_, seed); }

  // Changes the size of later pictures and surfaces. The context stays.
  void change_size(uint32_t width, uint32_t height);
  VAContextID context() const { return context_; }

 private:
  VADisplay display_;
  uint32_t width_, height_;
  VAConfigID config_ = VA_INVALID_ID;
  VAContextID context_ = VA_INVALID_ID;
  std::vector<VASurfaceID> surfaces_;
};

}  // namespace daedalus::test
