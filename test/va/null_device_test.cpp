// SPDX-License-Identifier: MIT
// The device that does not decode: everything before the GPU works as with other devices.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "va/client.h"

namespace daedalus::test {

namespace {

class NullDevice : public testing::Test {
 protected:
  void SetUp() override {
    setenv("DAEDALUS_DEVICE", "null", 1);
    setenv("DAEDALUS_LOG_LEVEL", "info", 1);
    setenv("DAEDALUS_LOG_TARGET", log.c_str(), 1);
    display = open_display();
    ASSERT_NE(display, nullptr);
  }
  void TearDown() override {
    close();
    for (const char* name : {"DAEDALUS_DEVICE", "DAEDALUS_LOG_LEVEL", "DAEDALUS_LOG_TARGET"})
      unsetenv(name);
    std::filesystem::remove(log);
  }
  void close() {
    if (display) vaTerminate(display);
    display = nullptr;
  }
  std::string logged() {
    close();
    std::ostringstream text;
    text << std::ifstream(log).rdbuf();
    return text.str();
  }

  const std::filesystem::path log = std::filesystem::temp_directory_path() /
                                    ("daedalus-null-test-" + std::to_string(getpid()) + ".log");
  VADisplay display = nullptr;
};

TEST_F(NullDevice, SaysWhatItIs) {
  EXPECT_NE(std::string(vaQueryVendorString(display)).find("no GPU"), std::string::npos);
}

TEST_F(NullDevice, DecodesAndCountsPicturesThatStayBlack) {
  constexpr uint32_t width = 64, height = 48;
  {
    Stream stream(display, width, height);
    const VASurfaceID first = stream.make_surface(), second = stream.make_surface(),
                      between = stream.make_surface();
    EXPECT_EQ(stream.decode_intra(first, 7), VA_STATUS_SUCCESS);
    EXPECT_EQ(stream.repeat(second, first), VA_STATUS_SUCCESS);
    EXPECT_EQ(stream.decode_mean(between, first, second), VA_STATUS_SUCCESS);
    for (const VASurfaceID surface : {first, second, between})
      EXPECT_EQ(stream.samples(surface), black_samples(width, height));
  }
  const std::string text = logged();
  EXPECT_NE(text.find("decoded=3 damaged=0"), std::string::npos) << text;
  EXPECT_NE(text.find("picture_submits=3 dispatches=0"), std::string::npos) << text;
}

// Entropy decoding detects damage without a GPU, too.
TEST_F(NullDevice, KnowsDamage) {
  {
    Stream stream(display, 64, 48);
    const VASurfaceID target = stream.make_surface();
    PcmPicture picture = make_pcm_picture(4, 3, target, 3);
    picture.data.resize(picture.data.size() / 2);
    picture.slice.slice_data_size = static_cast<uint32_t>(picture.data.size());
    EXPECT_EQ(decode(display, stream.context(), target, picture), VA_STATUS_SUCCESS);
  }
  const std::string text = logged();
  EXPECT_NE(text.find("decoded=1 damaged=1"), std::string::npos) << text;
}

}  // namespace

}  // namespace daedalus::test
