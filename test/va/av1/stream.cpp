// SPDX-License-Identifier: MIT
#include "va/av1/stream.h"

#include <algorithm>
#include <random>

#include "va/render_parts.h"

namespace daedalus::test {

namespace {

using av1::PictureParameters;

// Starts of equally sized tiles, in 64x64 superblocks.
void space_tiles(uint32_t samples, uint32_t tiles, std::span<uint16_t> starts) {
  const uint32_t superblocks = av1::in_64s(samples);
  for (uint32_t i = 0; i <= tiles; ++i) starts[i] = static_cast<uint16_t>(superblocks * i / tiles);
}

void set_tools(PictureParameters& picture) {
  picture.enable_filter_intra = picture.enable_intra_edge_filter = true;
  picture.enable_interintra_compound = picture.enable_masked_compound = true;
  picture.enable_dual_filter = picture.enable_jnt_comp = picture.enable_cdef = true;
  picture.enable_order_hint = true;
  picture.order_hint_bits = 7;
  picture.interpolation_filter = 4;
  picture.tx_mode = 2;
  picture.base_q_idx = 60;
  picture.loop_filter_level = {10, 12, 8, 8};
  picture.cdef_bits = 1;
  picture.cdef_strengths[0] = {4, 1, 2, 0};
  picture.cdef_strengths[1] = {1, 2, 0, 1};
  picture.restoration.fill(av1::Restoration::switchable);
}

void set_grain(const Av1Wish& wish, av1::FilmGrainParameters& grain) {
  grain.apply_grain = true;
  grain.grain_seed = static_cast<uint16_t>(wish.seed * 257);
  grain.grain_scaling_minus_8 = 2;
  grain.ar_coeff_lag = 1;
  grain.ar_coeff_shift_minus_6 = 1;
  grain.chroma_scaling_from_luma = grain.overlap_flag = true;
  grain.num_y_points = 2;
  grain.point_y_value[1] = 255;
  grain.point_y_scaling = {60, 90};
}

Av1Frame make(const Av1Wish& wish, av1::FrameType type, uint8_t order_hint) {
  av1::test::CodedFrame coded;
  auto& picture = coded.picture;
  set_tools(picture);
  picture.bit_depth = wish.bit_depth;
  picture.frame_type = type;
  picture.upscaled_width = wish.width;
  picture.height = wish.height;
  picture.order_hint = order_hint;
  picture.tile_columns = wish.tile_columns;
  picture.tile_rows = wish.tile_rows;
  space_tiles(wish.width, wish.tile_columns, picture.tile_column_starts);
  space_tiles(wish.height, wish.tile_rows, picture.tile_row_starts);
  if (wish.film_grain) set_grain(wish, picture.film_grain);
  if (picture.intra()) {
    coded.refresh_frame_flags = 0xff;
  } else {
    coded.refresh_frame_flags = 1;
    picture.primary_ref_frame = 0;
    picture.reference_select = picture.is_motion_mode_switchable = true;
    picture.allow_warped_motion = picture.allow_high_precision_mv = true;
    picture.use_ref_frame_mvs = true;
    for (uint8_t i = 0; i < coded.ref_frame_idx.size(); ++i) coded.ref_frame_idx[i] = i;
  }
  std::minstd_rand random(wish.seed);
  std::vector<std::byte> bytes(wish.tile_bytes);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random() >> 8);
  for (uint32_t row = 0; row < wish.tile_rows; ++row)
    for (uint32_t column = 0; column < wish.tile_columns; ++column)
      picture.tiles.push_back({row, column, bytes});
  return make_av1_frame(coded);
}

std::vector<Part> parts_of(Av1Frame& frame, Av1Sending sending) {
  const Part data = {VASliceDataBufferType, frame.data.size(), frame.data.data()};
  std::vector<Part> parts = {{VAPictureParameterBufferType, sizeof(frame.picture), &frame.picture}};
  if (sending == Av1Sending::together) {
    parts.push_back({VASliceParameterBufferType, sizeof(frame.tiles[0]), frame.tiles.data(),
                     static_cast<unsigned>(frame.tiles.size())});
    parts.push_back(data);
    return parts;
  }
  if (sending == Av1Sending::data_first) parts.push_back(data);
  for (auto& tile : frame.tiles) {
    parts.push_back({VASliceParameterBufferType, sizeof(tile), &tile});
    if (sending == Av1Sending::by_tile) parts.push_back(data);
  }
  return parts;
}

}  // namespace

Av1Frame make_av1_key_frame(const Av1Wish& wish) {
  return make(wish, av1::FrameType::key, 0);
}

Av1Frame make_av1_inter_frame(const Av1Wish& wish) {
  return make(wish, av1::FrameType::inter, 1);
}

std::vector<Av1Frame> make_av1_sequence(const Av1Wish& wish, uint32_t count) {
  std::vector<Av1Frame> frames = {make_av1_key_frame(wish)};
  for (uint32_t i = 1; i < count; ++i) {
    Av1Wish next = wish;
    next.seed = static_cast<uint8_t>(wish.seed + i);
    if (i % 4 >= 2) {
      next.width = (wish.width + 1) / 2;
      next.height = (wish.height + 1) / 2;
    }
    frames.push_back(make(next, av1::FrameType::inter, static_cast<uint8_t>(i % 128)));
  }
  return frames;
}

VAStatus decode(VADisplay display, VAContextID context, Av1Frame& frame, Av1Sending sending) {
  const auto status =
      render_parts(display, context, frame.picture.current_frame, parts_of(frame, sending));
  return status == VA_STATUS_SUCCESS ? vaEndPicture(display, context) : status;
}

Av1Client::Av1Client(VADisplay display, uint32_t bit_depth, uint32_t width, uint32_t height)
    : display_(display) {
  surfaces_.fill(VA_INVALID_SURFACE);
  vaCreateConfig(display_, VAProfileAV1Profile0, VAEntrypointVLD, nullptr, 0, &config_);
  vaCreateContext(display_, config_, static_cast<int>(width), static_cast<int>(height),
                  VA_PROGRESSIVE, nullptr, 0, &context_);
  vaCreateSurfaces(display_, bit_depth == 10 ? VA_RT_FORMAT_YUV420_10 : VA_RT_FORMAT_YUV420, width,
                   height, surfaces_.data(), static_cast<unsigned>(surfaces_.size()), nullptr, 0);
}

Av1Client::~Av1Client() {
  vaDestroyContext(display_, context_);
  vaDestroySurfaces(display_, surfaces_.data(), static_cast<int>(surfaces_.size()));
  vaDestroyConfig(display_, config_);
}

// Slots hold at most eight surfaces, and as many with film grain are not read again.
VASurfaceID Av1Client::next_surface() {
  const auto is_held = [&] {
    return std::any_of(slots_.begin(), slots_.end(),
                       [&](const Slot& slot) { return slot.target == surfaces_[next_]; });
  };
  do next_ = (next_ + 1) % surfaces_.size();
  while (surfaces_[next_] != VA_INVALID_SURFACE && is_held());
  return surfaces_[next_];
}

void Av1Client::prepare(Av1Frame& frame) {
  auto& picture = frame.picture;
  picture.current_frame = picture.current_display_picture = next_surface();
  if (picture.film_grain_info.film_grain_info_fields.bits.apply_grain)
    picture.current_display_picture = next_surface();
  for (std::size_t i = 0; i < slots_.size(); ++i) picture.ref_frame_map[i] = slots_[i].target;
}

VAStatus Av1Client::decode(Av1Frame& frame, Av1Sending sending) {
  const auto status = test::decode(display_, context_, frame, sending);
  target_ = frame.picture.current_frame;
  shown_ = frame.picture.current_display_picture;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if ((frame.refresh_frame_flags >> i & 1) != 0) slots_[i] = {target_, shown_};
  return status;
}

void Av1Client::show_existing(const av1::test::CodedFrame& coded) {
  const Slot shown = slots_[coded.frame_to_show_map_idx];
  shown_ = shown.shown;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if ((coded.refresh_frame_flags >> i & 1) != 0) slots_[i] = shown;
}

VAStatus Av1Client::decode(std::span<const std::byte> unit, const Change& change) {
  auto status = VA_STATUS_SUCCESS;
  reader_.read(unit, [&](const av1::test::CodedFrame& coded) {
    if (coded.show_existing_frame) return show_existing(coded);
    auto frame = make_av1_frame(coded);
    prepare(frame);
    if (change) change(frame);
    const auto decoded = decode(frame);
    if (status == VA_STATUS_SUCCESS) status = decoded;
  });
  return status;
}

}  // namespace daedalus::test
