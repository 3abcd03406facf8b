// SPDX-License-Identifier: MIT
// A profile's file: its contents, and when it is opened and closed.
#include <gtest/gtest.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "profile/session.h"
#include "profile/table.h"

namespace daedalus {

namespace {

class ProfileTest : public testing::Test {
 protected:
  ProfileTest()
      : path(std::filesystem::temp_directory_path() /
             ("daedalus-profile-test-" + std::to_string(getpid()))) {}
  ~ProfileTest() override { std::filesystem::remove(path); }

  std::string text() const {
    std::ostringstream contents;
    contents << std::ifstream(path).rdbuf();
    return contents.str();
  }

  static void give(uint64_t picture, FinishProfile finish = {}) {
    auto record = std::make_unique<PictureProfile>();
    record->kind = 'P';
    record->picture = picture;
    profile(std::move(record), std::move(finish));
  }

  const std::filesystem::path path;
};

TEST_F(ProfileTest, IsOffWithoutAPath) {
  const ProfileSession session("");
  EXPECT_FALSE(profile_enabled());
  EXPECT_EQ(cpu_lap(), 0u);
}

TEST_F(ProfileTest, HasEveryColumnOfEveryPicture) {
  PictureProfile written;
  JobWork work;
  uint64_t value = 1;
  for (const auto& column : profile_columns())
    (column.work ? work.*column.work : written.*column.value) = value++;
  written.kind = 'B';
  written.work = std::make_shared<JobWork>(work);
  EXPECT_EQ(profile_columns().size() * sizeof(uint64_t),
            sizeof(PictureProfile) - sizeof(written.work) + sizeof(JobWork));

  const auto read = read_profile(profile_head() + profile_line(written));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1u);
  for (const auto& column : profile_columns())
    EXPECT_EQ(column.of(read->front()), column.of(written)) << column.name;
}

TEST_F(ProfileTest, RefusesOtherText) {
  const std::string line = profile_line(PictureProfile{.kind = 'I'});
  EXPECT_FALSE(read_profile(""));
  EXPECT_FALSE(read_profile(line));
  EXPECT_FALSE(read_profile(profile_head() + "1\t2\n"));
  EXPECT_FALSE(read_profile(profile_head() + line.substr(0, line.size() - 1)));
  EXPECT_FALSE(read_profile(profile_head() + line.substr(0, line.size() - 1) + "\t1\n"));
  EXPECT_FALSE(read_profile(profile_head() + "x" + line));
}

TEST_F(ProfileTest, FinishesPicturesInTheirOrder) {
  {
    const ProfileSession session(path);
    EXPECT_TRUE(profile_enabled());
    for (uint64_t i = 0; i < 20; ++i)
      give(i, [next = i](PictureProfile& picture) {
        if (next == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        picture.completed = profile_clock();
      });
  }
  EXPECT_FALSE(profile_enabled());
  const auto pictures = read_profile(text());
  ASSERT_TRUE(pictures);
  ASSERT_EQ(pictures->size(), 20u);
  for (uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ((*pictures)[i].picture, i);
    EXPECT_GE((*pictures)[i].completed, (*pictures)[i == 0 ? 0 : i - 1].completed);
  }
}

TEST_F(ProfileTest, LastsUntilTheLastDisplay) {
  auto earlier = std::make_unique<ProfileSession>("");
  auto session = std::make_unique<ProfileSession>(path);
  give(1);
  session.reset();
  EXPECT_TRUE(profile_enabled());
  give(2);  // a picture in flight
  earlier.reset();
  EXPECT_FALSE(profile_enabled());
  const auto pictures = read_profile(text());
  ASSERT_TRUE(pictures);
  EXPECT_EQ(pictures->size(), 2u);
}

TEST_F(ProfileTest, AppendsUnderOneHead) {
  for (uint64_t i = 0; i < 3; ++i) {
    const ProfileSession session(path);
    give(i);
  }
  const auto pictures = read_profile(text());
  ASSERT_TRUE(pictures);
  EXPECT_EQ(pictures->size(), 3u);
}

TEST_F(ProfileTest, IsOffWhereTheFileCannotBeWritten) {
  const ProfileSession session(path / "no-folder");
  EXPECT_FALSE(profile_enabled());
}

uint64_t thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

void spend(uint64_t nanoseconds) {
  for (const uint64_t end = thread_time() + nanoseconds; thread_time() < end;) {
  }
}

// All of a thread's time is counted in exactly one lap, and a call's time is kept for its picture.
TEST_F(ProfileTest, CountsCpuTimeOnce) {
  const ProfileSession session(path);
  std::thread([] {
    constexpr uint64_t step = 2'000'000;
    PictureProfile picture;
    spend(5 * step);  // the client's own time
    {
      const ProfiledCall call(ProfiledCall::Kind::other);
      spend(step);
    }
    {
      const ProfiledCall call(ProfiledCall::Kind::sync);
      spend(2 * step);
    }
    take_calls(picture);
    spend(3 * step);
    add_cpu_lap(&picture, &PictureProfile::cpu_entropy);
    EXPECT_GE(picture.cpu_calls, step);
    EXPECT_GE(picture.cpu_sync, 2 * step);
    EXPECT_GE(picture.cpu_entropy, 3 * step);
    EXPECT_LE(picture.cpu_calls + picture.cpu_sync + picture.cpu_entropy + 5 * step, thread_time());
    take_calls(picture);
    EXPECT_EQ(picture.cpu_calls, 0u);
    EXPECT_EQ(picture.cpu_setup + picture.cpu_sync, 0u);
  }).join();
}

}  // namespace

}  // namespace daedalus
