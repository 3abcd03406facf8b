// SPDX-License-Identifier: MIT
// A display with the driver, and calls that tests repeat.
#pragma once

#include <gtest/gtest.h>
#include <va/va.h>
#include <va/va_backend.h>

#include <vector>

#include "va/client.h"
#include "va/display.h"
#include "va/h264/stream.h"

namespace daedalus::test {

constexpr VAGenericID no_id = VA_INVALID_ID;

#define EXPECT_STATUS(expected, call) EXPECT_EQ(VA_STATUS_##expected, call)
#define ASSERT_OK(call) ASSERT_EQ(VA_STATUS_SUCCESS, call)

// One display for all tests of a suite, because opening a device is slow.
class DriverTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    display = open_display();
    ASSERT_NE(display, nullptr);
  }
  static void TearDownTestSuite() {
    EXPECT_STATUS(SUCCESS, vaTerminate(display));
    display = nullptr;
  }

  // For the driver's own functions.
  static VADriverContextP driver() {
    return static_cast<VADisplayContextP>(display)->pDriverContext;
  }

  static VASurfaceAttrib settable(VASurfaceAttribType type, int value) {
    VASurfaceAttrib attribute{};
    attribute.type = type;
    attribute.flags = VA_SURFACE_ATTRIB_SETTABLE;
    attribute.value.type = VAGenericValueTypeInteger;
    attribute.value.value.i = value;
    return attribute;
  }

  static VAConfigID make_config(VAProfile profile = VAProfileH264High) {
    VAConfigID id = no_id;
    EXPECT_STATUS(SUCCESS, vaCreateConfig(display, profile, VAEntrypointVLD, nullptr, 0, &id));
    return id;
  }
  static VASurfaceID make_surface(unsigned width = 64, unsigned height = 64) {
    VASurfaceID id = no_id;
    EXPECT_STATUS(
        SUCCESS, vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height, &id, 1, nullptr, 0));
    return id;
  }
  static VAContextID make_context(VAConfigID config, int width = 64, int height = 64) {
    VAContextID id = no_id;
    EXPECT_STATUS(SUCCESS,
                  vaCreateContext(display, config, width, height, VA_PROGRESSIVE, nullptr, 0, &id));
    return id;
  }
  // Passes the picture to the driver and destroys its buffers. Returns the first status other than
  // success.
  static VAStatus decode(VAContextID context, VASurfaceID target, PcmPicture& picture) {
    return test::decode(display, context, target, picture);
  }
  // The number of damaged ranges that a decoded surface reports.
  static std::size_t errors_of(VASurfaceID surface) {
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surface));
    VASurfaceDecodeMBErrors* errors = nullptr;
    if (vaQuerySurfaceError(display, surface, VA_STATUS_ERROR_DECODING_ERROR,
                            reinterpret_cast<void**>(&errors)) != VA_STATUS_SUCCESS)
      return 0;
    std::size_t count = 0;
    for (; errors && errors[count].status != -1; ++count)
      EXPECT_LE(errors[count].start_mb, errors[count].end_mb);
    return count;
  }
  // For tracing; libva declares it in no header.
  static VAStatus buffer_info(VABufferID id, VABufferType& type, unsigned& size, unsigned& count) {
    return driver()->vtable->vaBufferInfo(driver(), id, &type, &size, &count);
  }
  static VAImageFormat format_of(uint32_t fourcc) {
    VAImageFormat format{};
    format.fourcc = fourcc;
    return format;
  }
  static VAImage make_image(uint32_t fourcc, int width, int height) {
    VAImage image{};
    auto format = format_of(fourcc);
    EXPECT_STATUS(SUCCESS, vaCreateImage(display, &format, width, height, &image));
    return image;
  }

  static inline VADisplay display = nullptr;
};

}  // namespace daedalus::test
