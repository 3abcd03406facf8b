// SPDX-License-Identifier: MIT
// VASubpictureID: creating, setting and associating. test/va/put_surface_test.cpp displays them.
#include "va/fixture.h"

namespace daedalus::test {

namespace {

class Subpicture : public DriverTest {
 protected:
  void SetUp() override {
    image = make_image(VA_FOURCC_BGRA, 32, 16);
    surface = make_surface();
    ASSERT_OK(vaCreateSubpicture(display, image.image_id, &subpicture));
  }
  void TearDown() override {
    EXPECT_STATUS(SUCCESS, vaDestroySubpicture(display, subpicture));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
  }

  VAStatus associate(VARectangle from, VARectangle to, unsigned flags = 0) {
    return vaAssociateSubpicture(display, subpicture, &surface, 1, from.x, from.y, from.width,
                                 from.height, to.x, to.y, to.width, to.height, flags);
  }

  VAImage image{};
  VASurfaceID surface = no_id;
  VASubpictureID subpicture = no_id;
};

TEST_F(Subpicture, FormatsHaveAnAlphaChannel) {
  std::vector<VAImageFormat> formats(static_cast<std::size_t>(vaMaxNumSubpictureFormats(display)));
  std::vector<unsigned> flags(formats.size());
  unsigned count = 0;
  ASSERT_OK(vaQuerySubpictureFormats(display, formats.data(), flags.data(), &count));
  ASSERT_EQ(count, 2u);
  EXPECT_EQ(formats[0].fourcc, uint32_t{VA_FOURCC_BGRA});
  EXPECT_EQ(formats[1].fourcc, uint32_t{VA_FOURCC_RGBA});
  for (unsigned i = 0; i < count; ++i)
    EXPECT_EQ(flags[i], unsigned{VA_SUBPICTURE_CHROMA_KEYING | VA_SUBPICTURE_GLOBAL_ALPHA |
                                 VA_SUBPICTURE_DESTINATION_IS_SCREEN_COORD});
  const auto opaque = make_image(VA_FOURCC_NV12, 16, 16);
  VASubpictureID id = no_id;
  EXPECT_STATUS(ERROR_INVALID_IMAGE_FORMAT, vaCreateSubpicture(display, opaque.image_id, &id));
  EXPECT_STATUS(ERROR_INVALID_IMAGE_FORMAT,
                vaSetSubpictureImage(display, subpicture, opaque.image_id));
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, opaque.image_id));
}

TEST_F(Subpicture, IsAssociatedWithPartsThatAreThere) {
  EXPECT_STATUS(SUCCESS, associate({0, 0, 32, 16}, {-10, 60, 100, 50}));
  EXPECT_STATUS(SUCCESS, associate({31, 15, 1, 1}, {0, 0, 1, 1}, VA_SUBPICTURE_GLOBAL_ALPHA));
  for (const VARectangle& from : {VARectangle{-1, 0, 8, 8},
                                  {0, -1, 8, 8},
                                  {0, 0, 33, 16},
                                  {1, 0, 32, 16},
                                  {0, 1, 32, 16},
                                  {0, 0, 0, 8},
                                  {0, 0, 8, 0}})
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, associate(from, {0, 0, 8, 8}));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, associate({0, 0, 8, 8}, {0, 0, 0, 8}));
  EXPECT_STATUS(ERROR_FLAG_NOT_SUPPORTED, associate({0, 0, 8, 8}, {0, 0, 8, 8}, 0x80));
  EXPECT_STATUS(SUCCESS, vaDeassociateSubpicture(display, subpicture, &surface, 1));
}

TEST_F(Subpicture, TakesValuesInTheirRanges) {
  EXPECT_STATUS(SUCCESS, vaSetSubpictureGlobalAlpha(display, subpicture, 0.5f));
  for (float alpha : {-0.1f, 1.1f, std::numeric_limits<float>::quiet_NaN()})
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, vaSetSubpictureGlobalAlpha(display, subpicture, alpha));
  EXPECT_STATUS(SUCCESS, vaSetSubpictureChromakey(display, subpicture, 0, 0xffffff, 0xffffff));
  EXPECT_STATUS(SUCCESS, vaSetSubpictureImage(display, subpicture, image.image_id));
}

}  // namespace

}  // namespace daedalus::test
