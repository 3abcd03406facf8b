// SPDX-License-Identifier: MIT
#include "vulkan/av1/stage.h"

#include "fixture.h"

namespace daedalus::vulkan {
namespace {

class Av1StageTest : public Av1Fixture {
 protected:
  void SetUp() override { open(DispatchStrategy::levels); }
};

TEST_F(Av1StageTest, RefusesSizesAndRoomThatNoPictureHas) {
  const av1::JobRoom room = av1::max_room(64, 64);
  EXPECT_FALSE(stage->acquire({0, 64, 0}, room));
  EXPECT_FALSE(stage->acquire({64, 64, 63}, room));
  EXPECT_FALSE(stage->acquire({64, 64, 8193}, room));
  av1::JobRoom more = room;
  ++more.coefficients;
  EXPECT_FALSE(stage->acquire({64, 64, 64}, more));
  EXPECT_TRUE(stage->acquire({64, 64, 128}, room));
}

TEST_F(Av1StageTest, RefusesPicturesOfAnotherFormatOrSize) {
  for (const bool small : {true, false}) {
    auto job = stage->acquire({64, 64, 64}, av1::max_room(64, 64));
    ASSERT_TRUE(job);
    const auto target = make_picture(small ? 8 : 10, 64, small ? 48 : 64);
    const auto submitted = stage->submit(std::move(*job), {target, nullptr}, {});
    ASSERT_FALSE(submitted);
    EXPECT_EQ(submitted.error(), Error::invalid_parameter);
  }
}

TEST_F(Av1StageTest, RefusesListsLongerThanTheirRoom) {
  const auto refuses = [&](auto&& spoil) {
    auto job = stage->acquire({64, 64, 64}, av1::max_room(64, 64));
    EXPECT_TRUE(job);
    spoil(**job);
    return !stage->submit(std::move(*job), {make_picture(8, 64, 64), nullptr}, {});
  };
  EXPECT_TRUE(refuses([](av1::PictureJob& job) { job.block_count = 257; }));
  EXPECT_TRUE(refuses([](av1::PictureJob& job) { job.transform_counts[1][3] = 321; }));
  EXPECT_TRUE(refuses([](av1::PictureJob& job) { job.prediction_counts[1][2][0] = 257; }));
  EXPECT_TRUE(refuses([](av1::PictureJob& job) { job.intra_levels = {{{0, 300}, {0, 0}}}; }));
  EXPECT_TRUE(refuses([](av1::PictureJob& job) { job.intra_levels = {{{0, 3}, {0}}}; }));
  const auto with_slots = [&](std::vector<uint32_t> levels) {
    return refuses([&](av1::PictureJob& job) {
      job.intra_levels = {{{0, 3}, {0, 0}}};
      job.intra_slot_levels = std::move(levels);
    });
  };
  EXPECT_TRUE(with_slots({}));
  EXPECT_TRUE(with_slots({0, 321}));
  EXPECT_TRUE(with_slots({0, 3, 3}));
}

}  // namespace
}  // namespace daedalus::vulkan
