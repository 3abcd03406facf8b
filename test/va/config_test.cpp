// SPDX-License-Identifier: MIT
// VAConfigID.
#include "va/fixture.h"

namespace daedalus::test {

namespace {

class Config : public DriverTest {};

TEST_F(Config, OfAnOfferedProfileSaysWhatItIs) {
  const auto config = make_config(VAProfileH264Main);
  VAProfile profile = VAProfileNone;
  VAEntrypoint entrypoint{};
  std::vector<VAConfigAttrib> attributes(
      static_cast<std::size_t>(vaMaxNumConfigAttributes(display)));
  int count = 0;
  ASSERT_OK(
      vaQueryConfigAttributes(display, config, &profile, &entrypoint, attributes.data(), &count));
  EXPECT_EQ(profile, VAProfileH264Main);
  EXPECT_EQ(entrypoint, VAEntrypointVLD);
  ASSERT_GT(count, 0);
  EXPECT_EQ(attributes[0].type, VAConfigAttribRTFormat);
  EXPECT_EQ(attributes[0].value, uint32_t{VA_RT_FORMAT_YUV420});
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

TEST_F(Config, AttributesAreKnownOrNotSupported) {
  VAConfigAttrib attributes[] = {
      {VAConfigAttribRTFormat, 0},         {VAConfigAttribMaxPictureWidth, 0},
      {VAConfigAttribMaxPictureHeight, 0}, {VAConfigAttribDecSliceMode, 0},
      {VAConfigAttribDecProcessing, 1},    {VAConfigAttribRateControl, 0},
      {VAConfigAttribEncryption, 0},       {VAConfigAttribTypeMax, 0},
  };
  ASSERT_OK(vaGetConfigAttributes(display, VAProfileH264High, VAEntrypointVLD, attributes,
                                  static_cast<int>(std::size(attributes))));
  EXPECT_EQ(attributes[0].value, uint32_t{VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV400});
  EXPECT_EQ(attributes[1].value, 4096u);
  EXPECT_EQ(attributes[2].value, 4096u);
  EXPECT_EQ(attributes[3].value, uint32_t{VA_DEC_SLICE_MODE_NORMAL});
  EXPECT_EQ(attributes[4].value, uint32_t{VA_DEC_PROCESSING_NONE});
  for (std::size_t i = 5; i < std::size(attributes); ++i)
    EXPECT_EQ(attributes[i].value, VA_ATTRIB_NOT_SUPPORTED) << i;
}

TEST_F(Config, DescribesAv1) {
  VAConfigAttrib attributes[] = {{VAConfigAttribRTFormat, 0}, {VAConfigAttribDecAV1Features, 1}};
  ASSERT_OK(vaGetConfigAttributes(display, VAProfileAV1Profile0, VAEntrypointVLD, attributes, 2));
  EXPECT_EQ(attributes[0].value, uint32_t{VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV420_10});
  EXPECT_EQ(attributes[1].value, 0u);  // no large-scale tiles
}

TEST_F(Config, RefusesWhatIsNotOffered) {
  VAConfigID id = no_id;
  const auto create = [&](VAProfile profile, VAEntrypoint entrypoint) {
    return vaCreateConfig(display, profile, entrypoint, nullptr, 0, &id);
  };
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, create(VAProfileH264StereoHigh, VAEntrypointVLD));
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, create(VAProfileHEVCMain, VAEntrypointVLD));
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, create(VAProfileVP9Profile1, VAEntrypointVLD));
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, create(VAProfileVP9Profile3, VAEntrypointVLD));
  EXPECT_STATUS(ERROR_UNSUPPORTED_ENTRYPOINT, create(VAProfileNone, VAEntrypointVLD));
  EXPECT_STATUS(ERROR_UNSUPPORTED_ENTRYPOINT, create(VAProfileH264Main, VAEntrypointVideoProc));
  EXPECT_STATUS(ERROR_UNSUPPORTED_ENTRYPOINT, create(VAProfileH264High, VAEntrypointEncSlice));
  int count = 0;
  VAEntrypoint entrypoint{};
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE,
                vaQueryConfigEntrypoints(display, VAProfileVP9Profile1, &entrypoint, &count));
  VAConfigAttrib attribute{VAConfigAttribRTFormat, 0};
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, vaGetConfigAttributes(display, VAProfileVP9Profile3,
                                                                 VAEntrypointVLD, &attribute, 1));
  EXPECT_STATUS(
      ERROR_UNSUPPORTED_ENTRYPOINT,
      vaGetConfigAttributes(display, VAProfileH264Main, VAEntrypointEncSlice, &attribute, 1));
}

TEST_F(Config, ChecksTheAttributesThatAClientWants) {
  const auto create = [](VAConfigAttribType type, uint32_t value) {
    VAConfigID id = no_id;
    VAConfigAttrib attribute{type, value};
    const auto status =
        vaCreateConfig(display, VAProfileH264Main, VAEntrypointVLD, &attribute, 1, &id);
    if (status == VA_STATUS_SUCCESS) {
      EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, id));
    }
    return status;
  };
  EXPECT_STATUS(SUCCESS, create(VAConfigAttribRTFormat, VA_RT_FORMAT_YUV420));
  EXPECT_STATUS(SUCCESS, create(VAConfigAttribDecSliceMode, VA_DEC_SLICE_MODE_NORMAL));
  EXPECT_STATUS(SUCCESS, create(VAConfigAttribMaxPictureWidth, 1920));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT,
                create(VAConfigAttribRTFormat, VA_RT_FORMAT_YUV420_10));
  EXPECT_STATUS(ERROR_INVALID_VALUE, create(VAConfigAttribDecSliceMode, VA_DEC_SLICE_MODE_BASE));
  EXPECT_STATUS(ERROR_INVALID_VALUE, create(VAConfigAttribDecProcessing, VA_DEC_PROCESSING));
  EXPECT_STATUS(ERROR_INVALID_VALUE, create(VAConfigAttribRateControl, VA_RC_CBR));
  EXPECT_STATUS(ERROR_INVALID_VALUE, create(VAConfigAttribTypeMax, 1));
  EXPECT_STATUS(SUCCESS, create(VAConfigAttribRateControl, VA_ATTRIB_NOT_SUPPORTED));
  VAConfigID id = no_id;
  VAConfigAttrib attribute{};
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                vaCreateConfig(display, VAProfileH264Main, VAEntrypointVLD, &attribute, -1, &id));
}

TEST_F(Config, IdsAreNotReusedAtOnce) {
  const auto first = make_config();
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, first));
  for (int i = 0; i < 100; ++i) {
    const auto next = make_config();
    EXPECT_NE(next, first);
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, next));
  }
}

}  // namespace

}  // namespace daedalus::test
