// SPDX-License-Identifier: MIT
// The toy's VA buffers, and a context's session. A real codec has it in src/va/<codec>, and its
// buffer structs in va.h.
#pragma once

#include <va/va.h>

#include <optional>

#include "toy/decoder.h"
#include "va/offers.h"
#include "va/picture_buffers.h"
#include "va/session.h"

namespace daedalus::toy {

// VA has no profile for a toy, so it uses one that the driver does not support.
inline constexpr VAProfile toy_profile = VAProfileMPEG2Simple;

struct PictureParameterBuffer {
  uint32_t width_in_blocks, height_in_blocks;
  VASurfaceID reference;  // VA_INVALID_SURFACE: a key picture
};

struct SliceParameterBuffer {
  VASliceParameterBufferBase base;
  uint32_t first_row;
};

class ToySession final : public va::Session {
 public:
  static Result<std::unique_ptr<va::Session>> create(Device& device, const va::ContextWish& wish);

  va::Outcome render(const va::BufferContents& contents, const va::Surface& target,
                     const va::NamedObjects& objects) override;
  va::Outcome end(const std::shared_ptr<va::Surface>& target,
                  const va::SurfaceTable& surfaces) override;
  void reset() override;

 private:
  explicit ToySession(std::unique_ptr<Decoder> decoder) : decoder_(std::move(decoder)) {}
  va::Outcome take_picture(const va::BufferContents& contents, const va::Surface& target);

  std::unique_ptr<Decoder> decoder_;
  std::optional<PictureParameterBuffer> picture_;
  va::SliceBuffers slices_{sizeof(SliceParameterBuffer), max_size / block_size};
  DecoderPicture collected_;
};

}  // namespace daedalus::toy
