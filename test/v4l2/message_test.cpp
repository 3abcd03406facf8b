// SPDX-License-Identifier: MIT
// Messages and controls that a hostile client or module might send.
#include "v4l2/message.h"

#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include <random>

#include "daedalus/av1/decoder.h"
#include "daedalus/h264/decoder.h"
#include "v4l2/av1.h"
#include "v4l2/fake_kernel.h"
#include "v4l2/h264.h"
#include "v4l2/vp9.h"

namespace daedalus::test {
namespace {

using v4l2::Job;
using v4l2::parse_message;

constexpr FakeFormat format = {V4L2_PIX_FMT_NV12, 64, 48};

JobMessage message() {
  JobMessage message(DAEDALUS_V4L2_VP9, format, 3, 4);
  const std::array<std::byte, 5> first = {std::byte{1}}, second = {std::byte{2}};
  message.add_control(10, first);
  message.add_control(11, second);
  return message;
}

template <typename Change>
bool parses_with(Change change) {
  auto bytes = message().bytes(1);
  daedalus_v4l2_job head;
  memcpy(&head, bytes.data(), sizeof(head));
  change(head);
  memcpy(bytes.data(), &head, sizeof(head));
  return parse_message(bytes).has_value();
}

TEST(V4l2Message, Job) {
  const std::array<std::byte, 3> bitstream = {std::byte{7}, std::byte{8}, std::byte{9}};
  auto sent = message();
  sent.set_bitstream(bitstream);
  const auto bytes = sent.bytes(5);
  const auto parsed = parse_message(bytes);
  ASSERT_TRUE(parsed);
  const auto& job = std::get<Job>(*parsed);
  EXPECT_EQ(job.head.job, 5u);
  EXPECT_TRUE(std::ranges::equal(job.bitstream, bitstream));
  EXPECT_EQ(job.control_bytes(11).size(), 5u);
  EXPECT_EQ(job.control_bytes(11)[0], std::byte{2});
  EXPECT_TRUE(job.control_bytes(12).empty());
  EXPECT_FALSE(job.control<uint32_t>(10)) << "of another size";
  EXPECT_EQ(job.layout().chroma_offset, 64u * 48);
}

TEST(V4l2Message, ContradictionsAreRefused) {
  using J = daedalus_v4l2_job;
  EXPECT_TRUE(parses_with([](J&) {}));
  EXPECT_FALSE(parses_with([](J& job) { job.header.size += 8; }));
  EXPECT_FALSE(parses_with([](J& job) { job.header.type = 9; }));
  EXPECT_FALSE(parses_with([](J& job) { job.header.version = 2; }));
  EXPECT_FALSE(parses_with([](J& job) { job.format = V4L2_PIX_FMT_YUYV; }));
  EXPECT_FALSE(parses_with([](J& job) { job.width = 0; }));
  EXPECT_FALSE(parses_with([](J& job) { job.width = 1u << 20; }));
  EXPECT_FALSE(parses_with([](J& job) { job.height = 47; }));
  EXPECT_FALSE(parses_with([](J& job) { job.height = 0xfffffff0; }));
  EXPECT_FALSE(parses_with([](J& job) { job.pitch = 48; }));
  EXPECT_FALSE(parses_with([](J& job) { job.chroma_offset -= 64; }));
  EXPECT_FALSE(parses_with([](J& job) { job.sizeimage -= 1; }));
  EXPECT_FALSE(parses_with([](J& job) { job.controls_offset = 0; }));
  EXPECT_FALSE(parses_with([](J& job) { job.controls_offset += 4; }));
  EXPECT_FALSE(parses_with([](J& job) { job.controls_size = 0xffffffff; }));
  EXPECT_FALSE(parses_with([](J& job) { job.bitstream_offset = 0xfffffff8; }));
  EXPECT_FALSE(parses_with([](J& job) { job.bitstream_size = 1u << 20; }));
}

TEST(V4l2Message, CutAnywhereIsRefused) {
  const auto bytes = message().bytes(1);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parse_message(std::span(bytes).first(size))) << size;
}

// Random values; the ends of their ranges are more frequent.
template <typename T>
T noise(std::mt19937& random) {
  T value;
  auto* bytes = reinterpret_cast<uint8_t*>(&value);
  const uint32_t kind = random() % 4;
  for (std::size_t i = 0; i < sizeof(value); ++i)
    bytes[i] = static_cast<uint8_t>(kind == 0 ? 0 : kind == 1 ? 0xff : random());
  for (std::size_t i = 0; i < 16; ++i)
    bytes[random() % sizeof(value)] = static_cast<uint8_t>(random() % 4 == 0 ? 0 : random());
  return value;
}

TEST(V4l2Controls, H264OfNoise) {
  std::mt19937 random(1);
  h264::SliceHeaderParser parser;
  for (int i = 0; i < 20000; ++i) {
    const v4l2::H264Controls controls = {
        noise<v4l2_ctrl_h264_sps>(random), noise<v4l2_ctrl_h264_pps>(random),
        noise<v4l2_ctrl_h264_scaling_matrix>(random), noise<v4l2_ctrl_h264_decode_params>(random)};
    const auto picture = v4l2::h264_picture(controls);
    [[maybe_unused]] const auto checked = H264Decoder::check(picture);
    const auto bitstream = noise<std::array<std::byte, 200>>(random);
    std::vector<h264::SliceParameters> slices;
    v4l2::parse_slices(bitstream, picture, v4l2::h264_header(controls), parser, slices);
    for (const auto& slice : slices) {
      ASSERT_GE(slice.nal_unit.data(), bitstream.data());
      ASSERT_LE(slice.nal_unit.data() + slice.nal_unit.size(), bitstream.data() + bitstream.size());
    }
  }
}

TEST(V4l2Controls, H264ScalingMatricesCountWithTheirFlagAlone) {
  v4l2::H264Controls controls{};
  controls.scaling_matrix.scaling_list_8x8[1][63] = 77;
  controls.scaling_matrix.scaling_list_4x4[2][1] = 33;
  EXPECT_EQ(v4l2::h264_picture(controls).scaling_list_8x8[1][63], 16);
  controls.pps.flags = V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
  EXPECT_EQ(v4l2::h264_picture(controls).scaling_list_8x8[1][63], 77);
  EXPECT_EQ(v4l2::h264_picture(controls).scaling_list_4x4[2][1], 33);
}

// Restricts fields that are checked individually to their ranges.
void make_plausible(v4l2::Av1Controls& controls, std::mt19937& random) {
  const auto any = [&](uint32_t end) { return static_cast<uint32_t>(random() % end); };
  controls.sequence.seq_profile = 0;
  controls.sequence.bit_depth = 8;
  controls.sequence.flags |= V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME;
  auto& frame = controls.frame;
  frame.upscaled_width = any(8000);
  frame.frame_height_minus_1 = any(8000);
  frame.frame_type = any(4);
  frame.order_hint = any(256);
  frame.interpolation_filter = any(5);
  frame.tx_mode = any(3);
  for (auto& type : frame.global_motion.type) type = any(4);
  for (auto& type : frame.loop_restoration.frame_restoration_type) type = any(4);
  for (auto& size : frame.loop_restoration.loop_restoration_size) size = 1u << any(32);
  frame.tile_info.flags = V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING;
  frame.tile_info.tile_cols = frame.tile_info.tile_rows = 1;
  frame.tile_info.context_update_tile_id = 0;
}

TEST(V4l2Controls, Av1OfNoise) {
  std::mt19937 random(1);
  std::size_t good = 0;
  for (int i = 0; i < 20000; ++i) {
    v4l2::Av1Controls controls = {noise<v4l2::v4l2_ctrl_av1_sequence>(random),
                                  noise<v4l2::v4l2_ctrl_av1_frame>(random),
                                  noise<v4l2::v4l2_ctrl_av1_film_grain>(random)};
    if (random() % 2) make_plausible(controls, random);
    av1::PictureParameters picture;
    if (!v4l2::fill_av1_picture(controls, picture)) continue;
    ++good;
    const auto entries = noise<std::array<std::byte, 160>>(random);
    const std::array<std::byte, 50> bitstream{};
    v4l2::fill_tiles(entries, bitstream, picture);
    for (const auto& tile : picture.tiles) {
      ASSERT_GE(tile.bytes.data(), bitstream.data());
      ASSERT_LE(tile.bytes.data() + tile.bytes.size(), bitstream.data() + bitstream.size());
    }
  }
  EXPECT_GT(good, 100u);
}

TEST(V4l2Controls, Av1TilesWithinTheBitstreamAlone) {
  av1::PictureParameters picture;
  picture.tile_columns = 4;
  const std::array<std::byte, 50> bitstream{};
  const v4l2::v4l2_ctrl_av1_tile_group_entry entries[] = {
      {10, 40, 0, 0}, {10, 41, 0, 1}, {0xffffffff, 2, 0, 2}, {50, 0, 0, 3}};
  v4l2::fill_tiles(std::as_bytes(std::span(entries)), bitstream, picture);
  ASSERT_EQ(picture.tiles.size(), 2u);
  EXPECT_EQ(picture.tiles[0].bytes.data(), bitstream.data() + 10);
  EXPECT_EQ(picture.tiles[1].column, 3u);
}

TEST(V4l2Controls, Vp9ReferenceSlots) {
  const auto slots = [](std::initializer_list<uint8_t> bytes) {
    std::vector<std::byte> frame;
    for (const uint8_t byte : bytes) frame.push_back(std::byte{byte});
    return v4l2::reference_slots(frame);
  };
  // frame_marker 2, profile 0, an inter frame that is shown; 0, 00; flags 0x01; 5, 2, 7.
  const auto found = slots({0b10000110, 0b00000000, 0b01101001, 0b00111000});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::array<uint8_t, 3>{5, 2, 7}));
  EXPECT_FALSE(slots({0b10000110, 0b00000000})) << "truncated";
  EXPECT_FALSE(slots({0b10000010, 0, 0, 0})) << "a key frame";
  EXPECT_FALSE(slots({}));
}

}  // namespace
}  // namespace daedalus::test
