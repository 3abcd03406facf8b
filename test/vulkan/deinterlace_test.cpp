// SPDX-License-Identifier: MIT
// shaders/video/deinterlace.comp against the scalar reference.
#include "reference/deinterlace.h"

#include <random>

#include "reference/video_process.h"
#include "video/deinterlace.h"
#include "vulkan/processing_fixture.h"

namespace daedalus::vulkan {
namespace {

using namespace video;
using Samples = std::vector<std::byte>;

// Three frames, and which of them the process uses.
struct Frames {
  std::shared_ptr<Picture> frame, previous, next;
  Samples samples, previous_samples, next_samples;
  bool has_previous = true, has_next = true;

  Source source() const {
    return {frame, has_previous ? previous : nullptr, has_next ? next : nullptr};
  }
};

class DeinterlacingTest : public ProcessingFixture {
 protected:
  static void upload(Frames& frames) {
    ASSERT_TRUE(frames.frame->upload(frames.samples));
    ASSERT_TRUE(frames.previous->upload(frames.previous_samples));
    ASSERT_TRUE(frames.next->upload(frames.next_samples));
  }

  Frames make_frames(PictureFormat format, uint32_t width, uint32_t height, uint32_t seed,
                     bool extreme) {
    Frames frames;
    for (auto* picture : {&frames.frame, &frames.previous, &frames.next})
      *picture = make(format, width, height);
    const auto& layout = frames.frame->layout();
    for (auto* samples : {&frames.samples, &frames.previous_samples, &frames.next_samples})
      *samples =
          extreme ? h264::extreme_samples(layout, seed++) : h264::random_samples(layout, seed++);
    upload(frames);
    return frames;
  }

  static Process deinterlacing(uint32_t width, uint32_t height, bool bottom, bool second) {
    Process process;
    process.source_region = process.target_region = {0, 0, width, height};
    process.deinterlacing = Deinterlacing::motion_adaptive;
    process.bottom_field = bottom;
    process.second_field = second;
    return process;
  }

  // The scalar reference's output for the region and everything left of and above it.
  static Samples reference(const Process& process, const Frames& frames,
                           const PictureLayout& target) {
    const scalar::Frame frame{frames.samples, frames.frame->layout()},
        previous{frames.previous_samples, frames.previous->layout()},
        next{frames.next_samples, frames.next->layout()};
    return scalar::deinterlaced(deinterlacing_part(process), frame,
                                frames.has_previous ? &previous : nullptr,
                                frames.has_next ? &next : nullptr, target);
  }

  // For a process that only deinterlaces: the region equals the reference's output, everything else
  // is background or unchanged.
  void expect_exact(const Process& process, const Frames& frames) {
    const auto& layout = frames.frame->layout();
    const auto target = make(layout.format, layout.width, layout.height);
    ASSERT_TRUE(only_deinterlaces(process, layout, target->layout()));
    ASSERT_TRUE(stage->submit(process, frames.source(), target));
    const auto actual = download(*target);
    const auto wanted = reference(process, frames, target->layout());
    // The processing shader fills everything except the region with background.
    auto background = process;
    background.deinterlacing = Deinterlacing::none;
    const auto plan = make_plan(background, layout, target->layout());
    const auto beside = scalar::follow(plan, frames.samples, layout, target->layout());
    const auto bytes = traits_of(layout.format).sample_bytes;
    const auto& region = process.target_region;
    for (uint32_t row = 0; row < layout.height * 3 / 2; ++row) {
      const bool luma = row < layout.height;
      const uint32_t rows = luma ? region.height : (region.height + 1) / 2 + layout.height;
      const uint32_t row_bytes = (luma ? region.width : (region.width + 1) / 2 * 2) * bytes;
      for (uint32_t x = 0; x < layout.width * bytes; ++x) {
        const std::size_t at = std::size_t{row} * layout.pitch + x;
        const auto& from = row < rows && x < row_bytes ? wanted : beside;
        ASSERT_EQ(static_cast<int>(actual[at]), static_cast<int>(from[at]))
            << "row " << row << ", byte " << x << " of " << region.width << "x" << region.height;
      }
    }
  }

  // For a process that does more.
  void expect_exact_in_two_steps(const Process& process, const Frames& frames, PictureFormat format,
                                 uint32_t width, uint32_t height) {
    const auto& layout = frames.frame->layout();
    const auto target = make(format, width, height);
    ASSERT_FALSE(only_deinterlaces(process, layout, target->layout()));
    ASSERT_TRUE(stage->submit(process, frames.source(), target));
    const auto between = picture_layout(layout.format, layout.width, layout.height);
    const auto middle = reference(process, frames, between);
    const auto plan = make_plan(remaining_part(process), between, target->layout());
    const auto wanted = scalar::follow(plan, middle, between, target->layout());
    const auto actual = download(*target);
    const uint32_t rows = target->layout().size / target->layout().pitch;
    const uint32_t row_bytes = target->layout().width * traits_of(format).sample_bytes;
    for (uint32_t row = 0; row < rows; ++row)
      for (uint32_t x = 0; x < row_bytes; ++x) {
        const std::size_t at = std::size_t{row} * target->layout().pitch + x;
        ASSERT_EQ(static_cast<int>(actual[at]), static_cast<int>(wanted[at])) << row << ", " << x;
      }
  }
};

constexpr bool either[] = {false, true};
constexpr PictureFormat formats[] = {PictureFormat::nv12, PictureFormat::p010};

TEST_F(DeinterlacingTest, OfRandomAndExtremeFrames) {
  for (const PictureFormat format : formats)
    for (const bool extreme : either) {
      const auto frames = make_frames(format, 272, 80, 7, extreme);
      for (const bool bottom : either)
        for (const bool second : either)
          ASSERT_NO_FATAL_FAILURE(expect_exact(deinterlacing(272, 80, bottom, second), frames));
    }
}

TEST_F(DeinterlacingTest, OfEverySize) {
  for (const PictureFormat format : formats) {
    const auto frames = make_frames(format, 48, 48, 21, false);
    for (uint32_t width = 1; width <= 20; ++width)
      for (uint32_t height : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 15u, 16u, 17u, 47u, 48u}) {
        auto process = deinterlacing(width, height, (width + height) % 2 == 0, width % 3 == 0);
        process.background = 0xff804020;
        ASSERT_NO_FATAL_FAILURE(expect_exact(process, frames));
        process.bottom_field = !process.bottom_field;
        ASSERT_NO_FATAL_FAILURE(expect_exact(process, frames));
      }
  }
}

// The usual case: most samples change little or not at all, some a lot.
TEST_F(DeinterlacingTest, OfFramesAlike) {
  std::mt19937 random(3);
  for (const PictureFormat format : formats) {
    auto frames = make_frames(format, 128, 64, 31, false);
    const uint32_t unit = format == PictureFormat::p010 ? 2 : 1;
    for (auto* samples : {&frames.previous_samples, &frames.next_samples}) {
      *samples = frames.samples;
      for (std::size_t at = 0; at < samples->size(); at += unit)
        if (random() % 4 == 0)
          (*samples)[at + unit - 1] = static_cast<std::byte>(
              static_cast<uint32_t>((*samples)[at + unit - 1]) + random() % 9 - 4);
    }
    upload(frames);
    for (const bool bottom : either)
      for (const bool second : either)
        ASSERT_NO_FATAL_FAILURE(expect_exact(deinterlacing(128, 64, bottom, second), frames));
  }
}

TEST_F(DeinterlacingTest, WithoutAllReferences) {
  for (const PictureFormat format : formats) {
    auto frames = make_frames(format, 64, 32, 41, false);
    for (const bool has_previous : either)
      for (const bool has_next : either)
        for (const bool second : either) {
          frames.has_previous = has_previous;
          frames.has_next = has_next;
          ASSERT_NO_FATAL_FAILURE(expect_exact(deinterlacing(64, 32, second, second), frames));
        }
  }
}

TEST_F(DeinterlacingTest, OfStillFramesIsTheFrame) {
  const auto frame = make(PictureFormat::nv12, 96, 48), target = make(PictureFormat::nv12, 96, 48);
  const auto previous = make(PictureFormat::nv12, 96, 48), next = make(PictureFormat::nv12, 96, 48);
  const auto& layout = frame->layout();
  Samples samples(layout.size);
  for (uint32_t y = 0; y < 72; ++y)
    for (uint32_t x = 0; x < 96; ++x)
      samples[std::size_t{y} * layout.pitch + x] = static_cast<std::byte>(2 * x + y % 48);
  for (const auto& picture : {frame, previous, next}) ASSERT_TRUE(picture->upload(samples));
  for (const bool bottom : either) {
    ASSERT_TRUE(
        stage->submit(deinterlacing(96, 48, bottom, bottom), {frame, previous, next}, target));
    EXPECT_TRUE(same_samples(download(*target), samples, layout));
  }
}

// A frame may be its own neighbour: like a missing one.
TEST_F(DeinterlacingTest, WithTheFrameItselfAsReference) {
  auto frames = make_frames(PictureFormat::nv12, 64, 32, 51, false);
  const auto process = deinterlacing(64, 32, false, false);
  const auto target = make(PictureFormat::nv12, 64, 32);
  ASSERT_TRUE(stage->submit(process, {frames.frame, frames.frame, frames.frame}, target));
  frames.has_previous = frames.has_next = false;
  EXPECT_TRUE(same_samples(download(*target), reference(process, frames, target->layout()),
                           target->layout()));
  // Both neighbours may be one picture.
  frames.has_previous = frames.has_next = true;
  frames.next_samples = frames.previous_samples;
  ASSERT_TRUE(stage->submit(process, {frames.frame, frames.previous, frames.previous}, target));
  EXPECT_TRUE(same_samples(download(*target), reference(process, frames, target->layout()),
                           target->layout()));
}

// In one submit with scaling, cropping, rotation and conversion.
TEST_F(DeinterlacingTest, BeforeOtherProcessing) {
  for (const PictureFormat format : formats) {
    const auto frames = make_frames(format, 80, 48, 61, false);
    for (const bool second : either) {
      auto scaled = deinterlacing(80, 48, second, second);
      scaled.target_region = {0, 0, 100, 30};
      for (const PictureFormat target :
           {PictureFormat::nv12, PictureFormat::p010, PictureFormat::bgra})
        ASSERT_NO_FATAL_FAILURE(expect_exact_in_two_steps(scaled, frames, target, 112, 32));
      auto cropped = deinterlacing(80, 48, !second, second);
      cropped.source_region = {7, 9, 33, 20};
      cropped.target_region = {3, 1, 20, 33};
      cropped.rotation = Rotation::clockwise_90;
      ASSERT_NO_FATAL_FAILURE(expect_exact_in_two_steps(cropped, frames, format, 48, 48));
      auto converted = deinterlacing(80, 48, second, !second);
      converted.target_color.range = Range::full;
      ASSERT_NO_FATAL_FAILURE(expect_exact_in_two_steps(converted, frames, format, 80, 48));
    }
  }
}

// Both fields of many frames, each frame being the next one's reference, all in flight at once.
TEST_F(DeinterlacingTest, OneAfterTheOther) {
  std::vector<std::shared_ptr<Picture>> pictures, targets;
  std::vector<Samples> samples;
  for (uint32_t i = 0; i < 6; ++i) {
    pictures.push_back(make(PictureFormat::nv12, 64, 32));
    samples.push_back(h264::random_samples(pictures[i]->layout(), i));
    ASSERT_TRUE(pictures[i]->upload(samples[i]));
  }
  const auto process = [&](bool second) { return deinterlacing(64, 32, second, second); };
  for (uint32_t i = 1; i < 5; ++i)
    for (const bool second : either) {
      targets.push_back(make(PictureFormat::nv12, 64, 32));
      ASSERT_TRUE(stage->submit(process(second), {pictures[i], pictures[i - 1], pictures[i + 1]},
                                targets.back()));
    }
  for (uint32_t i = 1; i < 5; ++i)
    for (const bool second : either) {
      const Frames frames{pictures[i], pictures[i - 1], pictures[i + 1],
                          samples[i],  samples[i - 1],  samples[i + 1]};
      const auto& target = targets[2 * (i - 1) + (second ? 1 : 0)];
      EXPECT_TRUE(same_samples(download(*target),
                               reference(process(second), frames, target->layout()),
                               target->layout()));
    }
}

TEST_F(DeinterlacingTest, RefusesWhatItCannotRead) {
  const auto frame = make(PictureFormat::nv12, 64, 32), other = make(PictureFormat::nv12, 64, 32);
  const auto target = make(PictureFormat::nv12, 64, 32);
  const auto process = deinterlacing(64, 32, false, false);
  const auto refused = [&](const Source& source) {
    const auto submitted = stage->submit(process, source, target);
    return !submitted && submitted.error() == Error::invalid_parameter;
  };
  EXPECT_FALSE(refused({frame, other, other}));
  EXPECT_TRUE(refused({frame, target, other}));
  EXPECT_TRUE(refused({frame, other, target}));
  EXPECT_TRUE(refused({frame, make(PictureFormat::p010, 64, 32), other}));
  EXPECT_TRUE(refused({frame, other, make(PictureFormat::nv12, 48, 32)}));
  EXPECT_TRUE(refused({frame, other, make(PictureFormat::nv12, 64, 16)}));
  for (const PictureFormat format : {PictureFormat::i420, PictureFormat::yuy2, PictureFormat::bgra})
    EXPECT_TRUE(refused(make(format, 64, 32)));
}

}  // namespace
}  // namespace daedalus::vulkan
