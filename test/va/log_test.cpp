// SPDX-License-Identifier: MIT
// What the log says about refused requests.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "va/fixture.h"

namespace daedalus::test {

namespace {

std::filesystem::path log_path() {
  return std::filesystem::temp_directory_path() /
         ("daedalus-log-test-" + std::to_string(getpid()) + ".log");
}

class LogOfRefusals : public DriverTest {
 protected:
  static void SetUpTestSuite() {
    setenv("DAEDALUS_LOG_LEVEL", "INFO", 1);
    setenv("DAEDALUS_LOG_TARGET", log_path().c_str(), 1);
    DriverTest::SetUpTestSuite();
  }
  static void TearDownTestSuite() {
    DriverTest::TearDownTestSuite();
    unsetenv("DAEDALUS_LOG_LEVEL");
    unsetenv("DAEDALUS_LOG_TARGET");
    std::filesystem::remove(log_path());
  }

  static std::size_t count(const std::string& text) {
    std::size_t found = 0;
    std::ifstream file(log_path());
    for (std::string line; std::getline(file, line);) found += line.find(text) != std::string::npos;
    return found;
  }
};

TEST_F(LogOfRefusals, SaysOnceOfAContextWhyItsPicturesAre) {
  const auto config = make_config();
  const auto context = make_context(config);
  auto surface = make_surface();
  auto picture = make_pcm_picture(4, 4, surface, 1);
  picture.picture.seq_fields.bits.chroma_format_idc = 2;
  for (int i = 0; i < 3; ++i) EXPECT_NE(decode(context, surface, picture), VA_STATUS_SUCCESS);
  EXPECT_EQ(count("error: a picture is refused: 4:2:2 or 4:4:4 chroma"), 1u);

  const auto other = make_context(config);
  auto large = make_pcm_picture(5, 4, surface, 1);
  EXPECT_NE(decode(other, surface, large), VA_STATUS_SUCCESS);
  EXPECT_EQ(count("error: a picture is refused: 80x64 samples for a surface of 64x64"), 1u);

  const auto third = make_context(config);
  EXPECT_STATUS(SUCCESS, vaBeginPicture(display, third, surface));
  EXPECT_STATUS(ERROR_INVALID_BUFFER, vaEndPicture(display, third));
  EXPECT_EQ(count("error: a picture is refused: a buffer is missing"), 1u);
  for (const auto id : {context, other, third})
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, id));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

TEST_F(LogOfRefusals, HasWordsForFormatsAndProfiles) {
  VASurfaceID surface = no_id;
  auto format = settable(VASurfaceAttribPixelFormat, VA_FOURCC_AYUV);
  EXPECT_STATUS(ERROR_ATTR_NOT_SUPPORTED,
                vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &surface, 1, &format, 1));
  EXPECT_EQ(count("refused: surfaces with pixel format AYUV"), 1u);
  auto memory = settable(VASurfaceAttribMemoryType, VA_SURFACE_ATTRIB_MEM_TYPE_USER_PTR);
  EXPECT_STATUS(ERROR_UNSUPPORTED_MEMORY_TYPE,
                vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &surface, 1, &memory, 1));
  EXPECT_EQ(count("refused: surfaces with memory type USER_PTR"), 1u);
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT,
                vaCreateSurfaces(display, VA_RT_FORMAT_YUV444, 64, 64, &surface, 1, nullptr, 0));
  EXPECT_EQ(count("refused: surfaces of format YUV444"), 1u);

  VAConfigID config = no_id;
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE,
                vaCreateConfig(display, VAProfileHEVCMain, VAEntrypointVLD, nullptr, 0, &config));
  EXPECT_EQ(count("refused: profile HEVCMain with entry point VLD"), 1u);
  VAConfigAttrib attribute{VAConfigAttribRateControl, VA_RC_CBR};
  EXPECT_STATUS(ERROR_INVALID_VALUE, vaCreateConfig(display, VAProfileH264Main, VAEntrypointVLD,
                                                    &attribute, 1, &config));
  EXPECT_EQ(count("refused: config attribute RateControl with value 0x2"), 1u);
}

}  // namespace

}  // namespace daedalus::test
