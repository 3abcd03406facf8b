// SPDX-License-Identifier: MIT
// The setting `profile`, through the driver: a record for each picture of contexts that decode in
// parallel.
#include "profile/table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "va/client.h"

namespace daedalus::test {

namespace {

constexpr uint32_t width = 64, height = 48;
constexpr int pictures_each = 10;

class ProfiledDriver : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    setenv("DAEDALUS_DEVICE", GetParam(), 1);
    setenv("DAEDALUS_PROFILE", path.c_str(), 1);
    display = open_display();
    ASSERT_NE(display, nullptr);
  }
  void TearDown() override {
    close();
    unsetenv("DAEDALUS_DEVICE");
    unsetenv("DAEDALUS_PROFILE");
    std::filesystem::remove(path);
  }
  void close() {
    if (display) vaTerminate(display);
    display = nullptr;
  }

  void play() const {
    Stream stream(display, width, height);
    const VASurfaceID surfaces[] = {stream.make_surface(), stream.make_surface()};
    EXPECT_EQ(stream.decode_intra(surfaces[0], 1), VA_STATUS_SUCCESS);
    for (int i = 1; i < pictures_each; ++i)
      EXPECT_EQ(stream.repeat(surfaces[i % 2], surfaces[(i + 1) % 2]), VA_STATUS_SUCCESS);
  }

  std::vector<PictureProfile> records() {
    close();
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    const auto read = read_profile(text.str());
    EXPECT_TRUE(read) << text.str();
    return read.value_or(std::vector<PictureProfile>());
  }

  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("daedalus-profiled-test-" + std::to_string(getpid()));
  VADisplay display = nullptr;
};

TEST_P(ProfiledDriver, RecordsThePicturesOfEveryContext) {
  std::vector<std::thread> streams;
  for (int i = 0; i < 3; ++i) streams.emplace_back([this] { play(); });
  for (auto& stream : streams) stream.join();

  std::map<uint64_t, uint64_t> last;  // for each decoder
  for (const auto& record : records()) {
    EXPECT_EQ(record.picture, ++last[record.decoder]);
    EXPECT_EQ(record.kind, record.picture == 1 ? uint64_t{'I'} : uint64_t{'P'});
    EXPECT_EQ(record.width_in_mbs * 16, width);
    EXPECT_EQ(record.height_in_mbs * 16, height);
    EXPECT_EQ(record.intra_mbs, record.picture == 1 ? 12u : 0u);
    EXPECT_EQ(record.inter_mbs, record.picture == 1 ? 0u : 12u);
    EXPECT_LE(record.submitted, record.completed);
    EXPECT_EQ(record.gpu_timed, record.dispatches > 0);
    EXPECT_EQ(record.gpu_inter > 0, record.dispatches > 0);
  }
  ASSERT_EQ(last.size(), 3u);
  for (const auto& [decoder, count] : last) EXPECT_EQ(count, uint64_t{pictures_each}) << decoder;
}

std::string device_name(const testing::TestParamInfo<const char*>& device) {
  return *device.param ? device.param : "best";
}

INSTANTIATE_TEST_SUITE_P(Devices, ProfiledDriver, testing::Values("", "null"), device_name);

}  // namespace

}  // namespace daedalus::test
