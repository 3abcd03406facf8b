// SPDX-License-Identifier: MIT
#include "va/vp9/stream.h"

#include <algorithm>
#include <random>

#include "va/render_parts.h"
#include "vp9/stream_writer.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::test {

namespace {

using vp9::test::BitWriter;

constexpr uint32_t compressed_bytes = 64;  // zeros: no probability changes

void write_beginning(BitWriter& bits, uint32_t profile, bool key_frame) {
  bits.f(2, 2).f(profile & 1, 1).f(profile >> 1, 1).f(0, 1);  // frame_marker, show_existing_frame
  bits.f(!key_frame, 1).f(1, 1).f(0, 1);  // frame_type, show_frame, error_resilient_mode
}

void write_size(BitWriter& bits, uint32_t width, uint32_t height) {
  bits.f(width - 1, 16).f(height - 1, 16);
}

// Writes the rest, starting after frame_size or interp_filter.
std::vector<std::byte> finish(BitWriter& bits, const Vp9Wish& wish) {
  bits.f(1, 1).f(0, 1).f(0, 2);   // refresh_frame_context, backward adaptation, context 0
  bits.f(10, 6).f(0, 3).f(0, 1);  // loop_filter_level, no deltas
  bits.f(60, 8).f(0, 3).f(0, 1);  // base_q_idx, no deltas, no segmentation
  // Frames are narrow enough to have no bits of tile columns.
  bits.f(0, 1).f(compressed_bytes, 16);
  auto frame = bits.bytes();
  frame.resize(frame.size() + compressed_bytes);
  std::minstd_rand random(wish.seed);
  for (std::size_t i = 0; i < wish.tile_bytes; ++i)
    frame.push_back(static_cast<std::byte>(i == 0 ? random() & 0x7f : random() >> 8));  // marker 0
  return frame;
}

}  // namespace

std::vector<std::byte> make_vp9_key_frame(const Vp9Wish& wish) {
  BitWriter bits;
  write_beginning(bits, wish.profile, true);
  bits.f(0x498342, 24);
  if (wish.profile == 2) bits.f(0, 1);  // 10 bits
  bits.f(1, 3).f(0, 1);                 // color_space, color_range
  write_size(bits, wish.width, wish.height);
  bits.f(0, 1);  // render_and_frame_size_different
  return finish(bits, wish);
}

std::vector<std::byte> make_vp9_inter_frame(const Vp9Wish& wish, uint8_t refresh_frame_flags) {
  BitWriter bits;
  write_beginning(bits, wish.profile, false);
  bits.f(0, 2).f(refresh_frame_flags, 8);  // reset_frame_context
  for (uint32_t slot = 0; slot < 3; ++slot) bits.f(slot, 3).f(0, 1);
  if (wish.width == 0) {
    bits.f(1, 1);
  } else {
    bits.f(0, 3);
    write_size(bits, wish.width, wish.height);
  }
  bits.f(0, 1).f(1, 1).f(1, 1);  // render size, allow_high_precision_mv, is_filter_switchable
  return finish(bits, wish);
}

std::vector<Vp9SizedFrame> make_vp9_sequence(const Vp9Wish& wish, uint32_t count) {
  std::vector<Vp9SizedFrame> frames = {{make_vp9_key_frame(wish), wish.width, wish.height}};
  for (uint32_t i = 1; i < count; ++i) {
    Vp9Wish next = wish;
    next.seed = static_cast<uint8_t>(wish.seed + i);
    if (i % 4 >= 2) {
      next.width = (wish.width + 1) / 2;
      next.height = (wish.height + 1) / 2;
    }
    frames.push_back({make_vp9_inter_frame(next), next.width, next.height});
  }
  return frames;
}

VAStatus decode(VADisplay display, VAContextID context, VASurfaceID target, Vp9Frame& frame) {
  const Part parts[] = {
      {VAPictureParameterBufferType, sizeof(frame.picture), &frame.picture},
      {VASliceParameterBufferType, sizeof(frame.slice), &frame.slice},
      {VASliceDataBufferType, frame.data.size(), frame.data.data()},
  };
  const auto status = render_parts(display, context, target, parts);
  return status == VA_STATUS_SUCCESS ? vaEndPicture(display, context) : status;
}

Vp9Client::Vp9Client(VADisplay display, VAProfile profile, uint32_t width, uint32_t height)
    : display_(display), width_(width), height_(height) {
  slots_.fill(VA_INVALID_SURFACE);
  surfaces_.fill(VA_INVALID_SURFACE);
  const bool high = profile == VAProfileVP9Profile2;
  vaCreateConfig(display_, profile, VAEntrypointVLD, nullptr, 0, &config_);
  vaCreateContext(display_, config_, static_cast<int>(width), static_cast<int>(height),
                  VA_PROGRESSIVE, nullptr, 0, &context_);
  vaCreateSurfaces(display_, high ? VA_RT_FORMAT_YUV420_10 : VA_RT_FORMAT_YUV420, width, height,
                   surfaces_.data(), static_cast<unsigned>(surfaces_.size()), nullptr, 0);
}

Vp9Client::~Vp9Client() {
  vaDestroyContext(display_, context_);
  vaDestroySurfaces(display_, surfaces_.data(), static_cast<int>(surfaces_.size()));
  vaDestroyConfig(display_, config_);
}

Vp9Frame Vp9Client::make(std::span<const std::byte> bytes) const {
  Vp9Frame frame{};
  frame.data.assign(bytes.begin(), bytes.end());
  frame.slice.slice_data_size = static_cast<uint32_t>(bytes.size());
  frame.slice.slice_data_flag = VA_SLICE_DATA_FLAG_ALL;
  auto& picture = frame.picture;
  std::copy(slots_.begin(), slots_.end(), picture.reference_frames);
  picture.frame_width = static_cast<uint16_t>(width_);
  picture.frame_height = static_cast<uint16_t>(height_);
  picture.bit_depth = 8;
  vp9::PersistentHeader before;
  for (const auto& slot : sizes_)
    if (slot.present) before.bit_depth = slot.bit_depth;
  const auto header = vp9::parse_uncompressed_header({bytes, sizes_}, before);
  if (!header) return frame;
  picture.frame_width = static_cast<uint16_t>(header->width);
  picture.frame_height = static_cast<uint16_t>(header->height);
  picture.profile = header->profile;
  picture.bit_depth = header->profile == 2 ? 10 : 8;
  picture.pic_fields.bits.frame_type = !header->key_frame;
  picture.pic_fields.bits.show_frame = header->show_frame;
  picture.pic_fields.bits.intra_only = header->intra_only;
  frame.refresh_frame_flags = header->refresh_frame_flags;
  return frame;
}

VASurfaceID Vp9Client::next_target() {
  const auto is_held = [&] {
    return std::find(slots_.begin(), slots_.end(), surfaces_[target_]) != slots_.end();
  };
  do target_ = (target_ + 1) % surfaces_.size();
  while (surfaces_[target_] != VA_INVALID_SURFACE && is_held());
  return surfaces_[target_];
}

VAStatus Vp9Client::decode(Vp9Frame& frame) {
  const VASurfaceID target = next_target();
  const auto status = test::decode(display_, context_, target, frame);
  width_ = frame.picture.frame_width;
  height_ = frame.picture.frame_height;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if ((frame.refresh_frame_flags >> slot & 1) == 0) continue;
    slots_[slot] = target;
    sizes_[slot] = {true, width_, height_, frame.picture.bit_depth};
  }
  return status;
}

VAStatus Vp9Client::decode_or_show(std::span<const std::byte> bytes) {
  // frame_marker, a profile of 0 or 2, show_existing_frame
  if (!bytes.empty() && (static_cast<uint32_t>(bytes[0]) & 0xe8) == 0x88) {
    shown_ = slots_[static_cast<uint32_t>(bytes[0]) & 7];
    return VA_STATUS_SUCCESS;
  }
  auto frame = make(bytes);
  const auto status = decode(frame);
  if (frame.picture.pic_fields.bits.show_frame) shown_ = target();
  return status;
}

}  // namespace daedalus::test
