// The offer table, with rows of the test's own.
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

constexpr std::array table = {
    Offer{VAProfileNone,
          VAEntrypointVideoProc,
          VA_RT_FORMAT_RGB32,
          16,
          64,
          false,
          {},
          nullptr,
          nullptr},
    Offer{VAProfileMPEG2Main, VAEntrypointVLD, VA_RT_FORMAT_YUV420, 8, 2048, true, extra, nullptr,
          nullptr},
    Offer{VAProfileMPEG2Main, VAEntrypointIDCT, VA_RT_FORMAT_YUV420, 8, 2048, true, extra, nullptr,
          nullptr},
    Offer{VAProfileJPEGBaseline, VAEntrypointVLD, VA_RT_FORMAT_YUV420, 8, 2048, true, extra, never,
          nullptr},
};

class OfferTable : public testing::Test {
 protected:
  const std::unique_ptr<Device> device = null::open_device();
  const std::vector<const Offer*> offers = offers_of(*device);
};

TEST_F(OfferTable, HoldsWhatTheDeviceCanDo) {
  EXPECT_EQ(offers.size(), 3u);
  EXPECT_EQ(find_offer(offers, VAProfileJPEGBaseline, VAEntrypointVLD), nullptr);
  EXPECT_EQ(find_offer(offers, VAProfileMPEG2Main, VAEntrypointVideoProc), nullptr);
  EXPECT_EQ(find_offer(offers, VAProfileMPEG2Main, VAEntrypointIDCT), &table[2]);
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

TEST_F(OfferTable, AttributesAreTheRowsOwn) {
  EXPECT_EQ(config_attribute(table[0], VAConfigAttribMaxPictureWidth), 64u);
  EXPECT_EQ(config_attribute(table[0], VAConfigAttribRTFormat), uint32_t{VA_RT_FORMAT_RGB32});
  EXPECT_EQ(config_attribute(table[0], VAConfigAttribDecSliceMode), VA_ATTRIB_NOT_SUPPORTED);
  EXPECT_EQ(config_attribute(table[1], VAConfigAttribMaxPictureHeight), 2048u);
  EXPECT_EQ(config_attribute(table[1], VAConfigAttribDecSliceMode),
            uint32_t{VA_DEC_SLICE_MODE_NORMAL});
  const auto of_surfaces = [&](VASurfaceAttribType type) {
    for (const auto& attribute : surface_attributes(table[1], *device))
      if (attribute.type == type) return attribute.value.value.i;
    return -1;
  };
  EXPECT_EQ(of_surfaces(VASurfaceAttribPixelFormat), int{VA_FOURCC_NV12});
  EXPECT_EQ(of_surfaces(VASurfaceAttribMinWidth), 8);
  EXPECT_EQ(of_surfaces(VASurfaceAttribMaxHeight), 2048);
}

}  // namespace

std::span<const Offer> offer_table() {
  return table;
}

}  // namespace daedalus::va
