// SPDX-License-Identifier: MIT
// A VA-API client with streams whose every sample is known.
#pragma once

#include <va/va.h>

#include <cstdint>
#include <vector>

#include "va/h264/stream.h"

namespace daedalus::test {

// Initialised; null if that failed.
VADisplay open_display();

// Begins a picture, hands it to the driver and forgets its buffers; the first status that is no
// success.
VAStatus render(VADisplay display, VAContextID context, VASurfaceID target, PcmPicture& picture);
// And ends it.
VAStatus decode(VADisplay display, VAContextID context, VASurfaceID target, PcmPicture& picture);

// I420 without padding.
using Samples = std::vector<uint8_t>;

// Waits for the surface. Empty if the driver refused.
Samples read_samples(VADisplay display, VASurfaceID surface, uint32_t width, uint32_t height);

// What make_pcm_picture decodes to.
Samples pcm_samples(uint32_t width, uint32_t height, uint8_t seed);
// What a surface has before its first picture, and on a device that makes none.
Samples black_samples(uint32_t width, uint32_t height);
// What make_skipped_picture with two references decodes to.
Samples mean(const Samples& past, const Samples& future);

// A context, and surfaces that go with it. Width and height are multiples of 16.
class Stream {
 public:
  Stream(VADisplay display, uint32_t width, uint32_t height);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  VASurfaceID make_surface();
  VAStatus decode_intra(VASurfaceID target, uint8_t seed);
  VAStatus repeat(VASurfaceID target, VASurfaceID reference);
  // Behind pictures that take their time: the reference is not read yet when this returns.
  VAStatus repeat_later(VASurfaceID target, VASurfaceID reference);
  VAStatus decode_mean(VASurfaceID target, VASurfaceID past, VASurfaceID future);
  Samples samples(VASurfaceID surface) const;
  Samples intra_samples(uint8_t seed) const { return pcm_samples(width_, height_, seed); }

  // What follows has another size; the context stays, new surfaces have the size.
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
