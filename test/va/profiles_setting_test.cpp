// SPDX-License-Identifier: MIT
// The setting `profiles`, as clients see it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "va/fixture.h"

namespace daedalus::test {

namespace {

// A driver that offers all of H.264, AV1 up to 1280x720, and no VP9.
class ProfilesSetting : public DriverTest {
 protected:
  static void SetUpTestSuite() {
    setenv("DAEDALUS_PROFILES", "h264 av1@1280x720", 1);
    setenv("DAEDALUS_LOG_LEVEL", "info", 1);
    setenv("DAEDALUS_LOG_TARGET", log_path().c_str(), 1);
    DriverTest::SetUpTestSuite();
  }
  static void TearDownTestSuite() {
    DriverTest::TearDownTestSuite();
    for (const char* name : {"DAEDALUS_PROFILES", "DAEDALUS_LOG_LEVEL", "DAEDALUS_LOG_TARGET"})
      unsetenv(name);
    std::filesystem::remove(log_path());
  }
  static std::filesystem::path log_path() {
    return std::filesystem::temp_directory_path() /
           ("daedalus-profiles-test-" + std::to_string(getpid()) + ".log");
  }
};

TEST_F(ProfilesSetting, LeavesProfilesOut) {
  std::vector<VAProfile> profiles(static_cast<std::size_t>(vaMaxNumProfiles(display)));
  int count = 0;
  ASSERT_OK(vaQueryConfigProfiles(display, profiles.data(), &count));
  EXPECT_EQ(std::set<VAProfile>(profiles.begin(), profiles.begin() + count),
            (std::set<VAProfile>{VAProfileNone, VAProfileH264ConstrainedBaseline, VAProfileH264Main,
                                 VAProfileH264High, VAProfileAV1Profile0}));
  VAConfigID id = no_id;
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE,
                vaCreateConfig(display, VAProfileVP9Profile0, VAEntrypointVLD, nullptr, 0, &id));
}

TEST_F(ProfilesSetting, LimitsSizesInAttributes) {
  VAConfigAttrib size[] = {{VAConfigAttribMaxPictureWidth, 0}, {VAConfigAttribMaxPictureHeight, 0}};
  ASSERT_OK(vaGetConfigAttributes(display, VAProfileAV1Profile0, VAEntrypointVLD, size, 2));
  EXPECT_EQ(size[0].value, 1280u);
  EXPECT_EQ(size[1].value, 720u);
  ASSERT_OK(vaGetConfigAttributes(display, VAProfileH264High, VAEntrypointVLD, size, 2));
  EXPECT_EQ(size[0].value, 4096u);

  const auto config = make_config(VAProfileAV1Profile0);
  unsigned count = 0;
  ASSERT_OK(vaQuerySurfaceAttributes(display, config, nullptr, &count));
  std::vector<VASurfaceAttrib> attributes(count);
  ASSERT_OK(vaQuerySurfaceAttributes(display, config, attributes.data(), &count));
  std::set<int> most;
  for (const auto& attribute : attributes)
    if (attribute.type == VASurfaceAttribMaxWidth || attribute.type == VASurfaceAttribMaxHeight)
      most.insert(attribute.value.value.i);
  EXPECT_EQ(most, (std::set{1280, 720}));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

TEST_F(ProfilesSetting, RefusesContextsOfLargerPictures) {
  const auto config = make_config(VAProfileAV1Profile0);
  const auto create = [&](int width, int height) {
    VAContextID id = no_id;
    const auto status =
        vaCreateContext(display, config, width, height, VA_PROGRESSIVE, nullptr, 0, &id);
    if (status == VA_STATUS_SUCCESS) {
      EXPECT_STATUS(SUCCESS, vaDestroyContext(display, id));
    }
    return status;
  };
  EXPECT_STATUS(SUCCESS, create(1280, 720));
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, create(1281, 720));
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, create(1280, 721));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

TEST_F(ProfilesSetting, IsInTheLogOnce) {
  std::size_t found = 0;
  std::ifstream log(log_path());
  for (std::string line; std::getline(log, line);)
    found +=
        line.ends_with("info: not offered, as the setting profiles says: vp9, av1 above 1280x720");
  EXPECT_EQ(found, 1u);
}

}  // namespace

}  // namespace daedalus::test
