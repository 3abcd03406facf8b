// SPDX-License-Identifier: MIT
// VP9 through VA: frames that contradict VA's parameters, invalid references, unsuitable surfaces.
// A refused request leaves the context unchanged.
#include <cstring>

#include "va/fixture.h"
#include "va/vp9/stream.h"

namespace daedalus::test {

namespace {

constexpr Vp9Wish same_size{.width = 0, .height = 0, .seed = 9};

class Vp9 : public DriverTest {
 protected:
  VAStatus decode(Vp9Client& client, Vp9Frame frame) { return client.decode(frame); }

  Samples samples(Vp9Client& client, uint32_t width = 64, uint32_t height = 64) {
    return read_samples(display, client.target(), width, height);
  }

  // Checks that a key frame and the next frame equal those of a context that decoded nothing else.
  void expect_intact(Vp9Client& client) {
    Vp9Client other(display, VAProfileVP9Profile0, 64, 64);
    for (const auto& frame : {make_vp9_key_frame({}), make_vp9_inter_frame(same_size)}) {
      EXPECT_STATUS(SUCCESS, client.decode(frame));
      EXPECT_EQ(errors_of(client.target()), 0u);
      EXPECT_STATUS(SUCCESS, other.decode(frame));
      EXPECT_EQ(samples(client), samples(other));
    }
  }
};

TEST_F(Vp9, FramesAreDecoded) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({.seed = 1})));
  const auto first = samples(client);
  ASSERT_FALSE(first.empty());
  EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({.seed = 2})));
  EXPECT_NE(samples(client), first);
  expect_intact(client);
}

TEST_F(Vp9, FieldsThatTheContextCannotDecodeAreRefused) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  const auto key = make_vp9_key_frame({});
  auto frame = client.make(key);
  frame.picture.profile = 2;
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, decode(client, frame));
  frame = client.make(key);
  frame.picture.bit_depth = 10;
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT, decode(client, frame));
  frame = client.make(key);
  frame.picture.frame_width = 65;
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, decode(client, frame));
  frame = client.make(key);
  frame.picture.frame_height = 65535;
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, decode(client, frame));
  expect_intact(client);
}

// The frame's own header is decisive.
TEST_F(Vp9, HeadersThatContradictTheFieldsDoNotLeaveTheSurface) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  auto large = client.make(make_vp9_key_frame({.width = 128, .height = 128}));
  large.picture.frame_width = large.picture.frame_height = 64;
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode(client, large));
  auto huge = client.make(make_vp9_key_frame({.width = 65536, .height = 65536}));
  huge.picture.frame_width = huge.picture.frame_height = 64;
  EXPECT_NE(decode(client, huge), VA_STATUS_SUCCESS);
  auto high = client.make(make_vp9_key_frame({.profile = 2}));
  high.picture.profile = 0;
  high.picture.bit_depth = 8;
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode(client, high));
  // A picture smaller than VA says is decoded with its own size.
  auto small = client.make(make_vp9_key_frame({.width = 16, .height = 8}));
  small.picture.frame_width = small.picture.frame_height = 64;
  EXPECT_STATUS(SUCCESS, decode(client, small));
  expect_intact(client);
}

TEST_F(Vp9, FramesShorterThanTheirHeadersAreRefusedOrConcealed) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
  for (const auto& whole : {make_vp9_key_frame({}), make_vp9_inter_frame(same_size)})
    for (std::size_t size = 1; size < whole.size(); size += size < 150 ? 1 : 500) {
      auto frame = client.make(whole);
      frame.data.resize(size);
      frame.slice.slice_data_size = static_cast<uint32_t>(size);
      const auto status = decode(client, frame);
      EXPECT_TRUE(status == VA_STATUS_SUCCESS || status == VA_STATUS_ERROR_INVALID_PARAMETER)
          << size << ": " << status;
    }
  expect_intact(client);
}

TEST_F(Vp9, SlicesOutsideTheirDataAreRefused) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  for (const auto& [offset, size] :
       {std::pair{0u, 1u << 30}, {1u << 31, 10u}, {~0u, ~0u}, {0u, 0u}}) {
    auto frame = client.make(make_vp9_key_frame({}));
    frame.slice.slice_data_offset = offset;
    frame.slice.slice_data_size = size;
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode(client, frame));
  }
  auto partial = client.make(make_vp9_key_frame({}));
  partial.slice.slice_data_flag = VA_SLICE_DATA_FLAG_BEGIN;
  EXPECT_STATUS(ERROR_FLAG_NOT_SUPPORTED, decode(client, partial));
  expect_intact(client);
}

TEST_F(Vp9, BrokenTilesAreConcealedAndReported) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
  const auto before = samples(client);
  auto frame = client.make(make_vp9_inter_frame(same_size));
  frame.data[frame.data.size() - same_size.tile_bytes] = std::byte{0xff};  // the marker is set
  EXPECT_STATUS(SUCCESS, decode(client, frame));
  EXPECT_EQ(errors_of(client.target()), 1u);
  EXPECT_EQ(samples(client), before);
  expect_intact(client);
}

TEST_F(Vp9, ReferencesMayBeMissing) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
  const auto inter = make_vp9_inter_frame(same_size);
  const VASurfaceID never_decoded = make_surface();
  for (const VASurfaceID wrong :
       {VASurfaceID{VA_INVALID_SURFACE}, VASurfaceID{12345}, never_decoded}) {
    auto frame = client.make(inter);
    for (auto& reference : frame.picture.reference_frames) reference = wrong;
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode(client, frame));
    EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
    // The other references are enough.
    frame = client.make(inter);
    frame.picture.reference_frames[1] = wrong;
    EXPECT_STATUS(SUCCESS, decode(client, frame));
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, client.target()));
    EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
  }
  EXPECT_STATUS(SUCCESS, vaSyncSurface(display, never_decoded));
  expect_intact(client);
  VASurfaceID gone = never_decoded;
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &gone, 1));
}

TEST_F(Vp9, ReferencesOfAnotherFormatOrSizeAreRefused) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  Vp9Client high(display, VAProfileVP9Profile2, 64, 64);
  Vp9Client large(display, VAProfileVP9Profile0, 256, 256);
  EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
  EXPECT_STATUS(SUCCESS, high.decode(make_vp9_key_frame({.profile = 2})));
  EXPECT_STATUS(SUCCESS, large.decode(make_vp9_key_frame({.width = 256, .height = 256})));
  const Vp9Wish explicit_size{.seed = 9};
  for (const VASurfaceID wrong : {high.target(), large.target()}) {
    auto frame = client.make(make_vp9_inter_frame(explicit_size));
    for (auto& reference : frame.picture.reference_frames) reference = wrong;
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode(client, frame));
    EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
  }
  expect_intact(client);
}

TEST_F(Vp9, SurfacesThatDoNotFitAreRefused) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  Vp9Client high(display, VAProfileVP9Profile2, 64, 64);
  VASurfaceID small = make_surface(32, 64);
  auto frame = client.make(make_vp9_key_frame({}));
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED,
                test::decode(display, client.context(), small, frame));
  EXPECT_STATUS(ERROR_INVALID_SURFACE,
                test::decode(display, client.context(), high.surfaces()[0], frame));
  auto high_frame = high.make(make_vp9_key_frame({.profile = 2}));
  EXPECT_STATUS(ERROR_INVALID_SURFACE,
                test::decode(display, high.context(), client.surfaces()[0], high_frame));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &small, 1));
  expect_intact(client);
}

// If a client gives the target as its own reference, the reference is lost.
TEST_F(Vp9, NoFrameRefersToItself) {
  Vp9Client client(display, VAProfileVP9Profile0, 64, 64);
  EXPECT_STATUS(SUCCESS, client.decode(make_vp9_key_frame({})));
  auto frame = client.make(make_vp9_inter_frame(same_size));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                test::decode(display, client.context(), client.target(), frame));
  expect_intact(client);
}

}  // namespace

}  // namespace daedalus::test
