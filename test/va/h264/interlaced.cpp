// SPDX-License-Identifier: MIT
#include "va/h264/interlaced.h"

#include "h264/bit_writer.h"
#include "va/client.h"

namespace daedalus::test {

void make_field(PcmPicture& content, Parity parity) {
  auto& picture = content.picture;
  picture.picture_height_in_mbs_minus1 =
      static_cast<uint16_t>(picture.picture_height_in_mbs_minus1 * 2 + 1);
  picture.seq_fields.bits.frame_mbs_only_flag = 0;
  picture.pic_fields.bits.field_pic_flag = 1;
  picture.CurrPic.flags =
      parity == Parity::top ? VA_PICTURE_H264_TOP_FIELD : VA_PICTURE_H264_BOTTOM_FIELD;
}

uint8_t luma_of_pairs(uint32_t mb_addr, uint8_t seed) {
  return static_cast<uint8_t>(16 + (mb_addr + seed) % 200);
}

uint32_t mb_of_pairs(uint32_t x, uint32_t y, uint32_t width_in_mbs) {
  const uint32_t pair = y / 32 * width_in_mbs + x / 16;
  return pair * 2 + (pair % 2 == 1 ? y % 2 : y / 16 % 2);
}

PcmPicture make_pairs(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target,
                      uint8_t seed) {
  auto result = make_pcm_picture(1, 1, target, 0);
  auto& picture = result.picture;
  picture.picture_width_in_mbs_minus1 = static_cast<uint16_t>(width_in_mbs - 1);
  picture.picture_height_in_mbs_minus1 = static_cast<uint16_t>(height_in_mbs - 1);
  picture.seq_fields.bits.frame_mbs_only_flag = 0;
  picture.seq_fields.bits.mb_adaptive_frame_field_flag = 1;
  h264::BitWriter bits;
  bits.bits(0x65, 8).bits(0x88, 8);
  for (uint32_t mb = 0; mb < width_in_mbs * height_in_mbs; ++mb) {
    if (mb % 2 == 0) bits.bits(mb / 2 % 2, 1);  // mb_field_decoding_flag
    bits.ue(25).align();
    for (uint32_t i = 0; i < 384; ++i) bits.bits(luma_of_pairs(mb, seed), 8);
  }
  bits.trailing_bits();
  result.data.clear();
  for (const std::byte byte : bits.bytes()) result.data.push_back(static_cast<uint8_t>(byte));
  result.slice.slice_data_size = static_cast<uint32_t>(result.data.size());
  return result;
}

std::vector<InterlacedFrame> make_interlaced_sequence(uint32_t width, uint32_t height, uint8_t seed,
                                                      uint32_t count) {
  constexpr uint32_t kinds = 6;
  std::vector<InterlacedFrame> frames;
  for (uint32_t i = 0; i < count; ++i)
    frames.push_back({static_cast<InterlacedFrame::Kind>(i % kinds), static_cast<uint8_t>(seed + i),
                      width, height});
  return frames;
}

// Frames consist of whole pairs.
InterlacedClient::InterlacedClient(VADisplay display, uint32_t width, uint32_t height)
    : display_(display), width_in_mbs_((width + 15) / 16), height_in_mbs_((height + 31) / 32 * 2) {
  surfaces_.fill(VA_INVALID_SURFACE);
  const int coded_width = static_cast<int>(width_in_mbs_ * 16);
  const int coded_height = static_cast<int>(height_in_mbs_ * 16);
  vaCreateConfig(display_, VAProfileH264High, VAEntrypointVLD, nullptr, 0, &config_);
  vaCreateContext(display_, config_, coded_width, coded_height, 0, nullptr, 0, &context_);
  vaCreateSurfaces(display_, VA_RT_FORMAT_YUV420, width_in_mbs_ * 16, height_in_mbs_ * 16,
                   surfaces_.data(), static_cast<unsigned>(surfaces_.size()), nullptr, 0);
}

InterlacedClient::~InterlacedClient() {
  vaDestroyContext(display_, context_);
  vaDestroySurfaces(display_, surfaces_.data(), static_cast<int>(surfaces_.size()));
  vaDestroyConfig(display_, config_);
}

VAStatus InterlacedClient::decode(PcmPicture& picture) {
  picture.picture.frame_num = frame_num_;
  return test::decode(display_, context_, target(), picture);
}

VAStatus InterlacedClient::decode_intra_field(Parity parity, uint8_t seed) {
  auto picture = make_pcm_picture(width_in_mbs_, height_in_mbs_ / 2, target(), seed);
  make_field(picture, parity);
  return decode(picture);
}

VAStatus InterlacedClient::decode_skipped_field(Parity parity, VASurfaceID reference,
                                                Parity of_reference) {
  auto picture =
      make_skipped_picture(width_in_mbs_, height_in_mbs_ / 2, target(), std::array{reference});
  make_field(picture, parity);
  picture.slice.RefPicList0[0].flags |=
      of_reference == Parity::top ? VA_PICTURE_H264_TOP_FIELD : VA_PICTURE_H264_BOTTOM_FIELD;
  return decode(picture);
}

VAStatus InterlacedClient::decode(const InterlacedFrame& frame) {
  const VASurfaceID before = target();
  target_ = (target_ + 1) % surfaces_.size();
  ++frame_num_;
  const auto first_of = [](VAStatus one, VAStatus two) {
    return one == VA_STATUS_SUCCESS ? two : one;
  };
  switch (frame.kind) {
    case InterlacedFrame::Kind::intra_fields: {
      const auto first = decode_intra_field(Parity::top, frame.seed);
      return first_of(first, decode_intra_field(Parity::bottom, frame.seed / 2));
    }
    case InterlacedFrame::Kind::pairs: {
      auto picture = make_pairs(width_in_mbs_, height_in_mbs_, target(), frame.seed);
      return decode(picture);
    }
    case InterlacedFrame::Kind::skipped_frame: {
      auto picture =
          make_skipped_picture(width_in_mbs_, height_in_mbs_, target(), std::array{before});
      picture.picture.seq_fields.bits.frame_mbs_only_flag = 0;
      return decode(picture);
    }
    case InterlacedFrame::Kind::skipped_second: {
      const auto first = decode_intra_field(Parity::bottom, frame.seed);
      return first_of(first, decode_skipped_field(Parity::top, target(), Parity::bottom));
    }
    case InterlacedFrame::Kind::lone_field:
      return decode_intra_field(Parity::top, frame.seed);
    case InterlacedFrame::Kind::skipped_of_a_field:
      break;
  }
  const auto first = decode_skipped_field(Parity::top, before, Parity::top);
  return first_of(first, decode_skipped_field(Parity::bottom, before, Parity::bottom));
}

}  // namespace daedalus::test
