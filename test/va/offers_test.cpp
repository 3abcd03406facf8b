// SPDX-License-Identifier: MIT
// The offer table, with the test's own rows.
#include "va/offers.h"

#include <gtest/gtest.h>

#include <array>

#include "null/null_device.h"

namespace daedalus::va {

namespace {

constexpr std::array extra = {VAConfigAttrib{VAConfigAttribDecSliceMode, VA_DEC_SLICE_MODE_NORMAL}};

bool never(const Device&) {
  return false;
}

constexpr Offer row(VAProfile profile, VAEntrypoint entrypoint, uint32_t rt_formats,
                    uint32_t min_size, PictureSize max_size) {
  Offer offer{};
  offer.profile = profile;
  offer.entrypoint = entrypoint;
  offer.rt_formats = rt_formats;
  offer.min_size = min_size;
  offer.max_size = max_size;
  offer.attributes = extra;
  return offer;
}

constexpr Offer never_offered() {
  auto offer = row(VAProfileJPEGBaseline, VAEntrypointVLD, VA_RT_FORMAT_YUV420, 8, {2048, 1024});
  offer.runs_on = never;
  return offer;
}

constexpr Offer of_a_codec() {
  auto offer = row(VAProfileMPEG2Main, VAEntrypointVLD, VA_RT_FORMAT_YUV420, 8, {2048, 1024});
  offer.codec = Codec::vp9;
  return offer;
}

constexpr std::array table = {
    row(VAProfileNone, VAEntrypointVideoProc, VA_RT_FORMAT_RGB32, 16, {100000, 64}),
    of_a_codec(),
    row(VAProfileMPEG2Main, VAEntrypointIDCT, VA_RT_FORMAT_YUV420, 8, {2048, 1024}),
    never_offered(),
};

class OfferTable : public testing::Test {
 protected:
  const std::unique_ptr<Device> device = null::open_device();
  const std::vector<Offer> offers = offers_of(*device, {});
};

TEST_F(OfferTable, HoldsWhatTheDeviceCanDo) {
  EXPECT_EQ(offers.size(), 3u);
  EXPECT_EQ(find_offer(offers, VAProfileJPEGBaseline, VAEntrypointVLD), nullptr);
  EXPECT_EQ(find_offer(offers, VAProfileMPEG2Main, VAEntrypointVideoProc), nullptr);
  EXPECT_EQ(find_offer(offers, VAProfileMPEG2Main, VAEntrypointIDCT), &offers[2]);
}

TEST_F(OfferTable, NamesAProfileOnce) {
  EXPECT_EQ(profiles_of(offers), (std::vector{VAProfileNone, VAProfileMPEG2Main}));
  EXPECT_EQ(entrypoints_of(offers, VAProfileMPEG2Main),
            (std::vector{VAEntrypointVLD, VAEntrypointIDCT}));
  EXPECT_TRUE(entrypoints_of(offers, VAProfileJPEGBaseline).empty());
}

TEST_F(OfferTable, TellsHowLargeArraysMustBe) {
  const auto sizes = array_sizes(offers);
  EXPECT_EQ(sizes.profiles, 2);
  EXPECT_EQ(sizes.entrypoints, 2);
  EXPECT_EQ(sizes.config_attributes, 4);
}

TEST_F(OfferTable, KeepsToTheLimitsOfCodecs) {
  CodecLimits limits;
  limits[0] = limits[2] = {0, 0};  // these rows have no codec
  limits[1] = {640, 4096};
  const auto limited = offers_of(*device, limits);
  ASSERT_EQ(limited.size(), 3u);
  EXPECT_EQ(limited[1].max_size.width, 640u);
  EXPECT_EQ(limited[1].max_size.height, 1024u);
  EXPECT_EQ(limited[2].max_size.width, 2048u);

  limits[1] = {0, 0};
  const auto fewer = offers_of(*device, limits);
  ASSERT_EQ(fewer.size(), 2u);
  EXPECT_EQ(fewer[0].profile, VAProfileNone);
  EXPECT_EQ(fewer[1].entrypoint, VAEntrypointIDCT);
}

TEST_F(OfferTable, AttributesAreTheRowsAsFarAsTheDeviceGoes) {
  EXPECT_EQ(config_attribute(offers[0], VAConfigAttribMaxPictureWidth),
            device->max_picture_size(PictureFormat::bgra).width);
  EXPECT_EQ(config_attribute(offers[0], VAConfigAttribMaxPictureHeight), 64u);
  EXPECT_EQ(config_attribute(offers[0], VAConfigAttribRTFormat), uint32_t{VA_RT_FORMAT_RGB32});
  EXPECT_EQ(config_attribute(offers[0], VAConfigAttribDecSliceMode),
            uint32_t{VA_DEC_SLICE_MODE_NORMAL});
  EXPECT_EQ(config_attribute(offers[0], VAConfigAttribDecProcessing), VA_ATTRIB_NOT_SUPPORTED);
  const auto of_surfaces = [&](VASurfaceAttribType type) {
    for (const auto& attribute : surface_attributes(offers[1], *device))
      if (attribute.type == type) return attribute.value.value.i;
    return -1;
  };
  EXPECT_EQ(of_surfaces(VASurfaceAttribPixelFormat), int{VA_FOURCC_NV12});
  EXPECT_EQ(of_surfaces(VASurfaceAttribMinWidth), 8);
  EXPECT_EQ(of_surfaces(VASurfaceAttribMaxWidth), 2048);
  EXPECT_EQ(of_surfaces(VASurfaceAttribMaxHeight), 1024);
}

}  // namespace

Offers offer_table() {
  return table;
}

}  // namespace daedalus::va
