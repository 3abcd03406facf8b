// SPDX-License-Identifier: MIT
// VASurfaceID.
#include <va/va_drmcommon.h>

#include <algorithm>
#include <map>

#include "va/fixture.h"

namespace daedalus::test {

namespace {

class Surface : public DriverTest {
 protected:
  // The status of creating one surface, which is destroyed again.
  static VAStatus create(unsigned format, unsigned width, unsigned height,
                         std::vector<VASurfaceAttrib> attributes = {}) {
    VASurfaceID id = no_id;
    const auto status = vaCreateSurfaces(display, format, width, height, &id, 1, attributes.data(),
                                         static_cast<unsigned>(attributes.size()));
    if (status == VA_STATUS_SUCCESS) {
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &id, 1));
    }
    return status;
  }
};

TEST_F(Surface, AttributesAreQueriedInTwoSteps) {
  const auto config = make_config();
  unsigned count = 0;
  ASSERT_OK(vaQuerySurfaceAttributes(display, config, nullptr, &count));
  std::vector<VASurfaceAttrib> attributes(count);
  unsigned short_count = count - 1;
  EXPECT_STATUS(ERROR_MAX_NUM_EXCEEDED,
                vaQuerySurfaceAttributes(display, config, attributes.data(), &short_count));
  EXPECT_EQ(short_count, count);
  ASSERT_OK(vaQuerySurfaceAttributes(display, config, attributes.data(), &count));
  std::map<VASurfaceAttribType, int> values;
  for (const auto& attribute : attributes) {
    EXPECT_FALSE(attribute.type == VASurfaceAttribPixelFormat && values.contains(attribute.type))
        << "more formats than one are decoded";
    values[attribute.type] = attribute.value.value.i;
  }
  EXPECT_EQ(values[VASurfaceAttribPixelFormat], int{VA_FOURCC_NV12});
  EXPECT_EQ(values[VASurfaceAttribMinWidth], 16);
  EXPECT_EQ(values[VASurfaceAttribMaxWidth], 4096);
  EXPECT_EQ(values[VASurfaceAttribMinHeight], 16);
  EXPECT_EQ(values[VASurfaceAttribMaxHeight], 4096);
  EXPECT_TRUE(values[VASurfaceAttribMemoryType] & VA_SURFACE_ATTRIB_MEM_TYPE_VA);
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

TEST_F(Surface, TakesTheAttributesThatFit) {
  EXPECT_STATUS(
      SUCCESS,
      create(VA_RT_FORMAT_YUV420, 1920, 1080,
             {settable(VASurfaceAttribPixelFormat, VA_FOURCC_NV12),
              settable(VASurfaceAttribMemoryType, VA_SURFACE_ATTRIB_MEM_TYPE_VA),
              settable(VASurfaceAttribUsageHint, VA_SURFACE_ATTRIB_USAGE_HINT_DECODER |
                                                     VA_SURFACE_ATTRIB_USAGE_HINT_EXPORT)}));
  for (uint32_t fourcc : {VA_FOURCC_BGRA, VA_FOURCC_RGBX, VA_FOURCC_NV12})
    for (unsigned format : {VA_RT_FORMAT_YUV420, VA_RT_FORMAT_RGB32})
      EXPECT_STATUS(
          SUCCESS,
          create(format, 64, 64, {settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc))}));
}

// A client may name only the rt_format, or only the fourcc.
TEST_F(Surface, HasTheFormatAskedFor) {
  const auto fourcc_of = [](unsigned format, std::vector<VASurfaceAttrib> attributes) {
    VASurfaceID id = no_id;
    EXPECT_STATUS(SUCCESS, vaCreateSurfaces(display, format, 64, 64, &id, 1, attributes.data(),
                                            static_cast<unsigned>(attributes.size())));
    VAImage image{};
    const auto status = vaDeriveImage(display, id, &image);
    if (status == VA_STATUS_SUCCESS) {
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    }
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &id, 1));
    return image.format.fourcc;
  };
  if (fourcc_of(VA_RT_FORMAT_YUV420, {}) == 0) GTEST_SKIP() << "surfaces cannot be mapped";
  EXPECT_EQ(fourcc_of(VA_RT_FORMAT_YUV420, {}), uint32_t{VA_FOURCC_NV12});
  EXPECT_EQ(fourcc_of(VA_RT_FORMAT_YUV420_10, {}), uint32_t{VA_FOURCC_P010});
  EXPECT_EQ(fourcc_of(VA_RT_FORMAT_YUV422, {}), uint32_t{VA_FOURCC_YUY2});
  EXPECT_EQ(fourcc_of(VA_RT_FORMAT_RGB32, {}), uint32_t{VA_FOURCC_BGRA});
  for (uint32_t fourcc : {VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_I420, VA_FOURCC_YV12,
                          VA_FOURCC_YUY2, VA_FOURCC_UYVY, VA_FOURCC_RGBX})
    EXPECT_EQ(fourcc_of(VA_RT_FORMAT_YUV420,
                        {settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc))}),
              fourcc);
}

TEST_F(Surface, RefusesOtherAttributes) {
  const auto with = [](VASurfaceAttribType type, int value) {
    return create(VA_RT_FORMAT_YUV420, 64, 64, {settable(type, value)});
  };
  EXPECT_STATUS(ERROR_ATTR_NOT_SUPPORTED, with(VASurfaceAttribPixelFormat, VA_FOURCC_P016));
  for (int type : {VA_SURFACE_ATTRIB_MEM_TYPE_USER_PTR, VA_SURFACE_ATTRIB_MEM_TYPE_KERNEL_DRM, 0})
    EXPECT_STATUS(ERROR_UNSUPPORTED_MEMORY_TYPE, with(VASurfaceAttribMemoryType, type));
  EXPECT_STATUS(ERROR_ATTR_NOT_SUPPORTED, with(VASurfaceAttribMaxWidth, 64));
  auto attribute = settable(VASurfaceAttribPixelFormat, 0);
  attribute.value.type = VAGenericValueTypePointer;
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, create(VA_RT_FORMAT_YUV420, 64, 64, {attribute}));
  VASurfaceAttribExternalBuffers external{};
  attribute.type = VASurfaceAttribExternalBufferDescriptor;
  attribute.value.value.p = &external;
  EXPECT_STATUS(ERROR_UNSUPPORTED_MEMORY_TYPE, create(VA_RT_FORMAT_YUV420, 64, 64, {attribute}));
}

TEST_F(Surface, RefusesOtherFormatsAndSizes) {
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT, create(VA_RT_FORMAT_YUV420_12, 64, 64));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT, create(VA_RT_FORMAT_YUV444, 64, 64));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT, create(0, 64, 64));
  for (auto [width, height] : {std::pair{0u, 64u},
                               {64u, 0u},
                               {8193u, 64u},
                               {64u, 8193u},
                               {0xffffffffu, 64u},
                               {0x80000000u, 0x80000000u}})
    EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, create(VA_RT_FORMAT_YUV420, width, height));
  EXPECT_STATUS(SUCCESS, create(VA_RT_FORMAT_YUV420, 16, 16));
  EXPECT_STATUS(SUCCESS, create(VA_RT_FORMAT_YUV420, 8192, 16));
  EXPECT_STATUS(SUCCESS, create(VA_RT_FORMAT_YUV420, 1, 1));
  EXPECT_STATUS(SUCCESS, create(VA_RT_FORMAT_YUV420_10, 8192, 16));
  EXPECT_STATUS(SUCCESS, create(VA_RT_FORMAT_RGB32, 8192, 1));
}

TEST_F(Surface, IsReadyWhenMade) {
  auto surface = make_surface();
  VASurfaceStatus status{};
  ASSERT_OK(vaQuerySurfaceStatus(display, surface, &status));
  EXPECT_EQ(status, VASurfaceReady);
  EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surface));
  EXPECT_STATUS(SUCCESS, vaSyncSurface2(display, surface, 0));
  EXPECT_STATUS(SUCCESS, vaSyncSurface2(display, surface, VA_TIMEOUT_INFINITE));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
}

TEST_F(Surface, ThatIsWholeHasNoErrors) {
  auto surface = make_surface();
  void* info = nullptr;
  ASSERT_OK(vaQuerySurfaceError(display, surface, VA_STATUS_ERROR_DECODING_ERROR, &info));
  EXPECT_EQ(static_cast<const VASurfaceDecodeMBErrors*>(info)->status, -1);
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                vaQuerySurfaceError(display, surface, VA_STATUS_ERROR_ENCODING_ERROR, &info));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
}

TEST_F(Surface, ListsAreDestroyedWholeOrNotAtAll) {
  VASurfaceID surfaces[3];
  ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, surfaces, 3, nullptr, 0));
  VASurfaceID wrong[] = {surfaces[0], no_id, surfaces[2]};
  EXPECT_STATUS(ERROR_INVALID_SURFACE, vaDestroySurfaces(display, wrong, 3));
  EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surfaces[0]));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, vaDestroySurfaces(display, surfaces, -1));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, surfaces, 3));
}

}  // namespace

}  // namespace daedalus::test
