// SPDX-License-Identifier: MIT
// VP9 from V4L2: the decode core parses all of a frame's headers; the controls name its references.
#include "v4l2/vp9.h"

#include <linux/v4l2-controls.h>

#include "daedalus/vp9/decoder.h"
#include "v4l2/codec.h"

namespace daedalus::v4l2 {

namespace {

class Vp9Codec final : public Codec {
 public:
  explicit Vp9Codec(std::unique_ptr<Vp9Decoder> decoder) : decoder_(std::move(decoder)) {}

  Result<void> decode(const Job& job, Buffer& buffer, Buffers& buffers) override;

 private:
  std::unique_ptr<Vp9Decoder> decoder_;
  Vp9Picture picture_;  // a member so that its frame keeps its memory
};

Result<void> Vp9Codec::decode(const Job& job, Buffer& buffer, Buffers& buffers) {
  const auto controls = job.control<v4l2_ctrl_vp9_frame>(V4L2_CID_STATELESS_VP9_FRAME);
  if (!controls) return tl::unexpected(Error::damaged);
  picture_.references = {};
  if (const auto slots = reference_slots(job.bitstream)) {
    const std::array timestamps = {controls->last_frame_ts, controls->golden_frame_ts,
                                   controls->alt_frame_ts};
    for (std::size_t i = 0; i < timestamps.size(); ++i) {
      auto reference = buffers.find(timestamps[i]);
      // A frame cannot refer to itself. If a client says so, the reference is lost.
      if (reference != buffer.surface) picture_.references[(*slots)[i]] = std::move(reference);
    }
  }
  picture_.frame.assign(job.bitstream.begin(), job.bitstream.end());
  picture_.target = buffer.surface;
  buffer.reference = buffer.surface;
  return decoder_->decode(picture_);
}

}  // namespace

// Parses uncompressed_header() up to the references.
std::optional<std::array<uint8_t, 3>> reference_slots(std::span<const std::byte> frame) {
  std::size_t position = 0;
  const auto f = [&](uint32_t bits) {
    uint32_t value = 0;
    for (; bits > 0; --bits, ++position)
      value = value << 1 |
              (position / 8 < frame.size()
                   ? std::to_integer<uint32_t>(frame[position / 8]) >> (7 - position % 8) & 1
                   : 0);
    return value;
  };
  if (f(2) != 2) return {};  // frame_marker
  const uint32_t profile_low_bit = f(1), profile_high_bit = f(1);
  if (profile_low_bit && profile_high_bit) f(1);
  if (f(1)) return {};       // show_existing_frame
  if (f(1) == 0) return {};  // frame_type: a key frame
  const uint32_t show_frame = f(1), error_resilient_mode = f(1);
  if (!show_frame && f(1)) return {};  // intra_only
  if (!error_resilient_mode) f(2);     // reset_frame_context
  f(8);                                // refresh_frame_flags
  std::array<uint8_t, 3> slots;
  for (uint8_t& slot : slots) {
    slot = static_cast<uint8_t>(f(3));
    f(1);  // ref_frame_sign_bias
  }
  if (position > frame.size() * 8) return {};
  return slots;
}

Result<std::unique_ptr<Codec>> create_vp9(Device& device, const CodecWish& wish) {
  auto decoder = Vp9Decoder::create(device, wish.width, wish.height, wish.entropy_threads);
  if (!decoder) return tl::unexpected(decoder.error());
  return std::make_unique<Vp9Codec>(std::move(*decoder));
}

}  // namespace daedalus::v4l2
