// SPDX-License-Identifier: MIT
// Loading the driver, and its self-description.
#include <dlfcn.h>
#include <va/va_backend.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include "va/fixture.h"

namespace daedalus::test {

namespace {

class Driver : public DriverTest {};

TEST_F(Driver, NamesItselfAndTheDevice) {
  const std::string vendor = vaQueryVendorString(display);
  EXPECT_EQ(vendor.rfind("daedalus ", 0), 0u) << vendor;
  EXPECT_NE(vendor.find(" on "), std::string::npos) << vendor;
}

TEST_F(Driver, FillsEveryEntryPoint) {
  using Slot = VAStatus (*)();
  const auto* slots = reinterpret_cast<const Slot*>(driver()->vtable);
  const std::size_t count = offsetof(VADriverVTable, reserved) / sizeof(Slot);
  for (std::size_t i = 0; i < count; ++i) EXPECT_NE(slots[i], nullptr) << "entry point " << i;
  for (unsigned long word : driver()->vtable->reserved) EXPECT_EQ(word, 0u);
}

TEST_F(Driver, OffersTheProfilesThatItDecodesAndVideoProcessing) {
  std::vector<VAProfile> profiles(static_cast<std::size_t>(vaMaxNumProfiles(display)));
  int count = 0;
  ASSERT_OK(vaQueryConfigProfiles(display, profiles.data(), &count));
  const std::set<VAProfile> offered(profiles.begin(), profiles.begin() + count);
  EXPECT_EQ(offered,
            (std::set<VAProfile>{VAProfileNone, VAProfileH264ConstrainedBaseline, VAProfileH264Main,
                                 VAProfileH264High, VAProfileVP9Profile0, VAProfileVP9Profile2,
                                 VAProfileAV1Profile0}));
  for (VAProfile profile : offered) {
    std::vector<VAEntrypoint> entrypoints(static_cast<std::size_t>(vaMaxNumEntrypoints(display)));
    ASSERT_OK(vaQueryConfigEntrypoints(display, profile, entrypoints.data(), &count));
    ASSERT_EQ(count, 1);
    EXPECT_EQ(entrypoints[0], profile == VAProfileNone ? VAEntrypointVideoProc : VAEntrypointVLD);
  }
}

TEST_F(Driver, OffersTheImageFormatsOfItsSurfaces) {
  std::vector<VAImageFormat> formats(static_cast<std::size_t>(vaMaxNumImageFormats(display)));
  int count = 0;
  ASSERT_OK(vaQueryImageFormats(display, formats.data(), &count));
  std::set<uint32_t> fourccs;
  for (int i = 0; i < count; ++i) {
    const auto& format = formats[static_cast<std::size_t>(i)];
    fourccs.insert(format.fourcc);
    const bool rgb = format.green_mask != 0;
    const bool is_422 = format.fourcc == VA_FOURCC_YUY2 || format.fourcc == VA_FOURCC_UYVY;
    EXPECT_EQ(format.bits_per_pixel, rgb                               ? 32u
                                     : is_422                          ? 16u
                                     : format.fourcc == VA_FOURCC_P010 ? 24u
                                                                       : 12u);
    EXPECT_EQ(format.byte_order, uint32_t{VA_LSB_FIRST});
    EXPECT_EQ(format.red_mask | format.green_mask | format.blue_mask, rgb ? 0xffffffu : 0u);
    EXPECT_EQ(format.alpha_mask & 0xffffff, 0u);
  }
  EXPECT_EQ(fourccs,
            (std::set<uint32_t>{VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_I420, VA_FOURCC_YV12,
                                VA_FOURCC_YUY2, VA_FOURCC_UYVY, VA_FOURCC_BGRA, VA_FOURCC_BGRX,
                                VA_FOURCC_RGBA, VA_FOURCC_RGBX}));
}

TEST_F(Driver, HasNoDisplayAttributes) {
  VADisplayAttribute attribute{};
  attribute.type = VADisplayAttribBrightness;
  attribute.flags = VA_DISPLAY_ATTRIB_GETTABLE;
  int count = 7;
  ASSERT_OK(vaQueryDisplayAttributes(display, &attribute, &count));
  EXPECT_EQ(count, 0);
  EXPECT_STATUS(ERROR_ATTR_NOT_SUPPORTED, vaGetDisplayAttributes(display, &attribute, 1));
  EXPECT_EQ(attribute.flags, uint32_t{VA_DISPLAY_ATTRIB_NOT_SUPPORTED});
  EXPECT_STATUS(ERROR_ATTR_NOT_SUPPORTED, vaSetDisplayAttributes(display, &attribute, 1));
  EXPECT_STATUS(ERROR_UNIMPLEMENTED, vaGetDisplayAttributes(display, nullptr, 0));
  EXPECT_STATUS(ERROR_UNIMPLEMENTED, vaSetDisplayAttributes(display, nullptr, 0));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, vaSetDisplayAttributes(display, &attribute, -1));
}

TEST_F(Driver, PutsNoSurfacesWithoutAWindowSystem) {
  auto surface = make_surface();
  EXPECT_STATUS(ERROR_UNIMPLEMENTED,
                driver()->vtable->vaPutSurface(driver(), surface, nullptr, 0, 0, 16, 16, 0, 0, 16,
                                               16, nullptr, 0, 0));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
}

TEST_F(Driver, ServesClientsOfTheOlderSurfaceCall) {
  VASurfaceID surfaces[2] = {no_id, no_id};
  const auto create = [&](int width, int height, int format, int count) {
    return driver()->vtable->vaCreateSurfaces(driver(), width, height, format, count, surfaces);
  };
  EXPECT_STATUS(SUCCESS, create(64, 64, VA_RT_FORMAT_YUV420, 2));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, surfaces, 2));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT, create(64, 64, VA_RT_FORMAT_YUV444, 2));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, create(-64, 64, VA_RT_FORMAT_YUV420, 2));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, create(64, 64, VA_RT_FORMAT_YUV420, -1));
}

TEST_F(Driver, MakesMonochromeSurfacesNv12) {
  VASurfaceID surface = no_id;
  ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV400, 64, 64, &surface, 1, nullptr, 0));
  VAImage image;
  ASSERT_OK(vaDeriveImage(display, surface, &image));
  EXPECT_EQ(image.format.fourcc, uint32_t{VA_FOURCC_NV12});
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
}

TEST_F(Driver, TerminatesNoOtherDisplay) {
  VADriverContext empty{};
  EXPECT_STATUS(ERROR_INVALID_DISPLAY, driver()->vtable->vaTerminate(&empty));
  EXPECT_STATUS(ERROR_INVALID_DISPLAY, driver()->vtable->vaTerminate(nullptr));
}

// A driver is loaded into other people's programs: its symbols must not collide with theirs.
TEST(DriverModule, ExportsTheInitFunctionAlone) {
  const auto path = std::filesystem::path(getenv("LIBVA_DRIVERS_PATH")) / "daedalus_drv_video.so";
  FILE* pipe = popen(("nm -D --defined-only '" + path.string() + "'").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string symbols;
  for (int c; (c = fgetc(pipe)) != EOF;) symbols += static_cast<char>(c);
  pclose(pipe);
  EXPECT_NE(symbols.find(" T __vaDriverInit_1_0\n"), std::string::npos) << symbols;
  EXPECT_EQ(std::count(symbols.begin(), symbols.end(), '\n'), 1) << symbols;
}

TEST(DriverModule, OpensAndClosesAgainAndAgain) {
  for (int round = 0; round < 5; ++round) {
    VADisplay display = open_test_display();
    int major = 0, minor = 0;
    ASSERT_OK(vaInitialize(display, &major, &minor));
    ASSERT_OK(vaTerminate(display));
  }
}

TEST(DriverModule, KeepsDisplaysApart) {
  VADisplay displays[2];
  VAConfigID config = no_id;
  for (auto& display : displays) {
    display = open_test_display();
    int major = 0, minor = 0;
    ASSERT_OK(vaInitialize(display, &major, &minor));
  }
  ASSERT_OK(vaCreateConfig(displays[0], VAProfileH264Main, VAEntrypointVLD, nullptr, 0, &config));
  EXPECT_STATUS(ERROR_INVALID_CONFIG, vaDestroyConfig(displays[1], config));
  ASSERT_OK(vaTerminate(displays[1]));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(displays[0], config));
  ASSERT_OK(vaTerminate(displays[0]));
}

TEST(DriverModule, TerminateTakesWhatIsLeft) {
  VADisplay display = open_test_display();
  int major = 0, minor = 0;
  ASSERT_OK(vaInitialize(display, &major, &minor));
  VAConfigID config = no_id;
  ASSERT_OK(vaCreateConfig(display, VAProfileH264Main, VAEntrypointVLD, nullptr, 0, &config));
  VASurfaceID surface = no_id;
  ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &surface, 1, nullptr, 0));
  VAContextID context = no_id;
  ASSERT_OK(vaCreateContext(display, config, 64, 64, 0, &surface, 1, &context));
  VABufferID buffer = no_id;
  ASSERT_OK(vaCreateBuffer(display, context, VASliceDataBufferType, 100, 1, nullptr, &buffer));
  VAImage image{};
  vaDeriveImage(display, surface, &image);
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
}

// Opens a display with variables set, and collects the messages that the driver passes to libva.
class OpenedWith {
 public:
  using Variables = std::map<std::string, std::string>;
  explicit OpenedWith(const Variables& variables) {
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    VADisplay display = open_test_display();
    auto* context = static_cast<VADisplayContextP>(display)->pDriverContext;
    // Like libva's own displays.
    context->error_callback = [](VADriverContextP, const char* line) { *teller += line; };
    teller = &told;
    int major = 0, minor = 0;
    status = vaInitialize(display, &major, &minor);
    EXPECT_STATUS(SUCCESS, vaTerminate(display));
    for (const auto& [name, value] : variables) unsetenv(name.c_str());
  }

  bool tells(std::string_view text) const { return told.find(text) != std::string::npos; }

  VAStatus status = VA_STATUS_SUCCESS;
  std::string told;

 private:
  static inline std::string* teller = nullptr;
};

TEST(DriverModule, ThatFindsNoDeviceFailsAndSaysWhy) {
  const auto log = std::filesystem::temp_directory_path() /
                   ("daedalus-va-test-" + std::to_string(getpid()) + ".log");
  const OpenedWith opened(OpenedWith::Variables{{"DAEDALUS_DEVICE", "a device that nobody makes"},
                                                {"DAEDALUS_LOG_LEVEL", "error"},
                                                {"DAEDALUS_LOG_TARGET", log}});
  EXPECT_NE(opened.status, VA_STATUS_SUCCESS);
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_NE(text.str().find("error: "), std::string::npos) << text.str();
  std::filesystem::remove(log);
}

TEST(DriverModule, ThatFindsNoSuchDeviceTellsWhatThereIs) {
  const OpenedWith opened(OpenedWith::Variables{{"DAEDALUS_DEVICE", "nonsense"}});
  EXPECT_NE(opened.status, VA_STATUS_SUCCESS);
  EXPECT_TRUE(opened.tells("daedalus: ")) << opened.told;
  EXPECT_TRUE(opened.tells("\"nonsense\"")) << opened.told;
  EXPECT_TRUE(opened.tells("device 0, ")) << opened.told;
  EXPECT_TRUE(opened.tells("usable\n")) << opened.told;
}

TEST(DriverModule, ThatFindsNoVulkanDriverTellsSo) {
  const OpenedWith opened(OpenedWith::Variables{{"VK_ICD_FILENAMES", "/nowhere.json"},
                                                {"VK_DRIVER_FILES", "/nowhere.json"}});
  EXPECT_NE(opened.status, VA_STATUS_SUCCESS);
  EXPECT_TRUE(opened.tells("Vulkan driver")) << opened.told;
}

TEST(DriverModule, TellsWhichSettingItDoesNotTake) {
  const OpenedWith opened(
      OpenedWith::Variables{{"DAEDALUS_LOG_LEVEL", "loud"}, {"DAEDALUS_DEVICE", "NULL"}});
  EXPECT_EQ(opened.status, VA_STATUS_SUCCESS);
  EXPECT_TRUE(opened.tells("DAEDALUS_LOG_LEVEL: \"loud\"")) << opened.told;
}

TEST(DriverModule, IsSilentWhereNothingIsWrong) {
  const OpenedWith opened(
      OpenedWith::Variables{{"DAEDALUS_DEVICE", "null"}, {"DAEDALUS_LOG_TARGET", "STDERR"}});
  EXPECT_EQ(opened.status, VA_STATUS_SUCCESS);
  EXPECT_EQ(opened.told, "");
}

}  // namespace

}  // namespace daedalus::test
