// SPDX-License-Identifier: MIT
#include "decoder/surface_uses.h"

#include <gtest/gtest.h>

namespace daedalus {

namespace {

using namespace std::chrono_literals;

std::shared_ptr<Handover> make_pipeline() {
  return std::make_shared<Handover>(0);
}

bool waits(SurfaceUses& uses, Access access) {
  EXPECT_EQ(uses.is_free(access),
            uses.wait_until(access, SurfaceUses::Clock::now() + std::chrono::milliseconds(1)));
  return !uses.is_free(access);
}

std::vector<PictureNumber> earlier(SurfaceUses& uses, Access access,
                                   const std::shared_ptr<Handover>& pipeline) {
  std::vector<PictureNumber> result;
  uses.follow(access, pipeline, result);
  return result;
}

TEST(SurfaceUses, AWriteWaitsForReadersAndWritersAReadForWriters) {
  SurfaceUses uses;
  const auto pipeline = make_pipeline();
  EXPECT_FALSE(waits(uses, Access::write));
  uses.note(Access::write, {pipeline, 1});
  uses.note(Access::read, {pipeline, 2});
  EXPECT_TRUE(waits(uses, Access::read));
  EXPECT_TRUE(waits(uses, Access::write));
  *pipeline = 1;
  EXPECT_FALSE(waits(uses, Access::read));
  EXPECT_TRUE(waits(uses, Access::write));
  *pipeline = 2;
  EXPECT_FALSE(waits(uses, Access::write));
}

TEST(SurfaceUses, PicturesFollowThoseOfOtherPipelinesAlone) {
  SurfaceUses uses;
  const auto writer = make_pipeline(), reader = make_pipeline(), other = make_pipeline();
  uses.note(Access::write, {writer, 7});
  uses.note(Access::read, {reader, 3});
  EXPECT_TRUE(earlier(uses, Access::read, writer).empty());
  const auto of_read = earlier(uses, Access::read, other);
  ASSERT_EQ(of_read.size(), 1u);
  EXPECT_EQ(of_read[0].pipeline, writer);
  EXPECT_EQ(of_read[0].number, 7u);
  EXPECT_EQ(earlier(uses, Access::write, other).size(), 2u);
  *writer = 7;
  EXPECT_EQ(earlier(uses, Access::write, other).size(), 1u);
}

TEST(SurfaceUses, TheLastPictureSaysWhatIsThere) {
  SurfaceUses uses;
  const auto one = make_pipeline(), two = make_pipeline();
  const std::vector<Surface::Damage> damage = {{3, 5}};
  uses.begin_picture({one, 1}, nullptr, {});
  uses.begin_picture({two, 1}, nullptr, {});
  uses.end_picture({one, 1}, Error::out_of_memory, damage);
  EXPECT_FALSE(uses.failure());
  EXPECT_TRUE(uses.damage().empty());
  uses.end_picture({two, 1}, {}, damage);
  EXPECT_EQ(uses.damage().size(), 1u);
  uses.begin_picture({two, 2}, nullptr, {});
  EXPECT_TRUE(uses.damage().empty());
  uses.end_picture({two, 2}, Error::device_lost, {});
  EXPECT_EQ(uses.failure(), Error::device_lost);
  uses.overwrite();
  EXPECT_FALSE(uses.failure());
}

struct Mark final : DecodedState {
  static constexpr Kind kind{};
  Mark() : DecodedState(kind) {}
};
struct OtherMark final : DecodedState {
  static constexpr Kind kind{};
  OtherMark() : DecodedState(kind) {}
};

TEST(SurfaceUses, ASecondFieldAddsToTheFirst) {
  SurfaceUses uses;
  const auto pipeline = make_pipeline();
  const auto state = std::make_shared<Mark>();
  const std::vector<Surface::Damage> first = {{0, 1}}, second = {{8, 9}};
  uses.begin_picture({pipeline, 1}, state, {});
  uses.begin_picture({pipeline, 2}, nullptr, {.continues = true});
  uses.end_picture({pipeline, 1}, Error::out_of_memory, first);
  uses.end_picture({pipeline, 2}, {}, second);
  EXPECT_EQ(uses.damage().size(), 2u);
  EXPECT_EQ(uses.failure(), Error::out_of_memory);
  EXPECT_EQ(uses.state(), state);
}

// Remembers which fields were repeated.
class RepeatedPicture final : public Picture {
 public:
  RepeatedPicture() : Picture(picture_layout(PictureFormat::nv12, 16, 32)) {}
  Result<void> wait(std::chrono::nanoseconds) override { return {}; }
  Result<void> wait_for_readers(std::chrono::nanoseconds) override { return {}; }
  std::span<std::byte> map() override { return {}; }
  Result<void> download(std::span<std::byte>) override { return {}; }
  Result<void> upload(std::span<const std::byte>) override { return {}; }
  Result<int> export_dma_buf() override { return tl::unexpected(Error::unsupported); }
  Result<void> repeat_field(Field field) override {
    if (fails) return tl::unexpected(Error::out_of_memory);
    fields.push_back(field);
    return {};
  }

  std::vector<Field> fields;
  bool fails = false;
};

TEST(SurfaceUses, ALoneFieldIsRepeatedOnceAndNotBeforeItIsThere) {
  SurfaceUses uses;
  RepeatedPicture picture;
  const auto pipeline = make_pipeline();
  uses.note(Access::write, {pipeline, 1});
  uses.begin_picture({pipeline, 1}, nullptr, {.lone_field = Field::bottom});
  EXPECT_TRUE(uses.complete_frame(picture));
  EXPECT_TRUE(picture.fields.empty());
  *pipeline = 1;
  picture.fails = true;
  EXPECT_FALSE(uses.complete_frame(picture));
  picture.fails = false;
  EXPECT_TRUE(uses.lacks_field());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(uses.complete_frame(picture));
  EXPECT_EQ(picture.fields, std::vector{Field::bottom});
  EXPECT_FALSE(uses.lacks_field());
}

TEST(SurfaceUses, ASecondFieldOrAnotherPictureLeavesNothingToRepeat) {
  const auto pipeline = make_pipeline();
  for (const bool continues : {false, true}) {
    SurfaceUses uses;
    uses.begin_picture({pipeline, 1}, nullptr, {.lone_field = Field::top});
    EXPECT_TRUE(uses.lacks_field());
    uses.begin_picture({pipeline, 2}, nullptr, {.continues = continues});
    EXPECT_FALSE(uses.lacks_field());
  }
  SurfaceUses uses;
  uses.begin_picture({pipeline, 3}, nullptr, {.lone_field = Field::top});
  uses.overwrite();
  EXPECT_FALSE(uses.lacks_field());
}

TEST(SurfaceUses, StateIsFoundByItsOwnCodecAlone) {
  SurfaceUses uses;
  uses.begin_picture({make_pipeline(), 1}, std::make_shared<Mark>(), {});
  EXPECT_NE(state_as<Mark>(uses.state()), nullptr);
  EXPECT_EQ(state_as<OtherMark>(uses.state()), nullptr);
  EXPECT_EQ(state_as<Mark>(nullptr), nullptr);
}

TEST(SurfaceUses, MemoryThatWasSharedBeforeAPictureIsReadWithoutSync) {
  SurfaceUses before, after;
  before.share_memory();
  EXPECT_TRUE(before.is_read_without_sync());
  after.begin_picture({make_pipeline(), 1}, nullptr, {});
  after.share_memory();
  EXPECT_FALSE(after.is_read_without_sync());
}

}  // namespace

}  // namespace daedalus
