// SPDX-License-Identifier: MIT
// Compares shaders/video/process.comp with the same integers, sample by sample, and with real
// numbers.
#include "reference/video_process.h"

#include <cmath>
#include <cstring>
#include <random>

#include "video/plan.h"
#include "vulkan/processing_fixture.h"

namespace daedalus::vulkan {
namespace {

using namespace video;

struct Case {
  uint32_t source_width, source_height;
  PictureFormat format;
  uint32_t width, height;
  Process process;
  PictureFormat source_format = PictureFormat::nv12;
};

// The bytes of a picture that are samples.
std::vector<bool> sample_mask(const PictureLayout& layout) {
  const auto traits = traits_of(layout.format);
  std::vector<bool> mask(layout.size);
  const auto add = [&](uint32_t offset, uint32_t pitch, uint32_t row_bytes, uint32_t rows) {
    for (uint32_t y = 0; y < rows; ++y)
      std::fill_n(mask.begin() + offset + std::size_t{y} * pitch, row_bytes, true);
  };
  const uint32_t row_bytes = layout.width * traits.sample_bytes;
  const uint32_t chroma_rows = (layout.height + 1) / 2;
  add(0, layout.pitch, row_bytes, layout.height);
  if (traits.planes == 2) add(layout.chroma_offset, layout.pitch, row_bytes, chroma_rows);
  if (traits.planes == 3)
    for (const uint32_t offset : {layout.chroma_offset, layout.cr_offset})
      add(offset, layout.pitch / 2, row_bytes / 2, chroma_rows);
  return mask;
}

class VideoProcessTest : public ProcessingFixture {
 protected:
  // Processes these samples and compares all bytes of the target, including unchanged ones beside
  // its samples.
  void expect_exact(const Case& wanted, const std::shared_ptr<Picture>& source,
                    const std::vector<std::byte>& samples) {
    ASSERT_TRUE(source->upload(samples));
    const auto target = make(wanted.format, wanted.width, wanted.height);
    const auto before = download(*target);
    ASSERT_TRUE(stage->submit(wanted.process, source, target));
    const auto actual = download(*target);
    const auto plan = make_plan(wanted.process, source->layout(), target->layout());
    const auto& layout = target->layout();
    const auto expected = scalar::follow(plan, samples, source->layout(), layout);
    const auto mask = sample_mask(layout);
    for (std::size_t at = 0; at < layout.size; ++at) {
      const std::byte should_be = mask[at] ? expected[at] : before[at];
      ASSERT_EQ(static_cast<int>(actual[at]), static_cast<int>(should_be))
          << "row " << at / layout.pitch << ", byte " << at % layout.pitch << ", from format "
          << static_cast<int>(source->layout().format) << " to " << static_cast<int>(layout.format);
    }
    last_ = {actual, layout};
  }
  void expect_exact(const Case& wanted, uint32_t seed = 1) {
    const auto source = make(wanted.source_format, wanted.source_width, wanted.source_height);
    for (const auto& samples : {h264::random_samples(source->layout(), seed),
                                h264::extreme_samples(source->layout(), seed)})
      expect_exact(wanted, source, samples);
  }

  // The maximum deviation from ideal samples.
  double error(const Case& wanted) {
    const auto source = make(wanted.source_format, wanted.source_width, wanted.source_height);
    const auto samples = h264::random_samples(source->layout(), 3);
    expect_exact(wanted, source, samples);
    const auto ideal = scalar::ideal(wanted.process, samples, source->layout(), last_.layout);
    double worst = 0;
    for (std::size_t at = 0; at < ideal.size(); ++at)
      if (ideal[at] >= 0) worst = std::max(worst, std::abs(ideal[at] - value_at(at)));
    return worst;
  }

  // Reads the last target.
  double value_at(std::size_t at) const {
    if (last_.layout.format != PictureFormat::p010) return static_cast<double>(last_.bytes[at]);
    uint16_t word = 0;
    memcpy(&word, &last_.bytes[at], sizeof word);
    return word / 64.0;
  }

  static Process whole(uint32_t width, uint32_t height, uint32_t to_width, uint32_t to_height) {
    Process process;
    process.source_region = {0, 0, width, height};
    process.target_region = {0, 0, to_width, to_height};
    return process;
  }

  struct Result {
    std::vector<std::byte> bytes;
    PictureLayout layout;
  };
  Result last_;
};

constexpr PictureFormat formats[] = {PictureFormat::nv12, PictureFormat::p010, PictureFormat::i420,
                                     PictureFormat::bgra, PictureFormat::rgba};
constexpr PictureFormat sources[] = {PictureFormat::nv12, PictureFormat::p010, PictureFormat::i420,
                                     PictureFormat::yuy2, PictureFormat::uyvy};

// Rounding to the target's bits contributes a half; the filter's intermediate rounding and the
// matrix add a little.
constexpr double close_enough = 0.75;

TEST_F(VideoProcessTest, CopiesAreExact) {
  for (const PictureFormat format : {PictureFormat::nv12, PictureFormat::p010, PictureFormat::i420})
    for (const Range range : {Range::limited, Range::full}) {
      const auto source = make(format, 128, 48);
      auto samples = h264::extreme_samples(source->layout(), 5);
      if (format == PictureFormat::p010)  // the meaningful bits
        for (std::size_t i = 0; i < samples.size(); i += 2) samples[i] &= std::byte{0xc0};
      auto process = whole(128, 48, 128, 48);
      process.source_color.range = process.target_color.range = range;
      expect_exact({128, 48, format, 128, 48, process}, source, samples);
      EXPECT_EQ(last_.bytes, samples);
    }
}

// All 8-bit samples become 10 bits and 8 again: multiplied by four in limited range, 255 becomes
// 1023 in full range.
TEST_F(VideoProcessTest, EightBitsThroughTenAreExact) {
  for (const Range range : {Range::limited, Range::full}) {
    const auto source = make(PictureFormat::nv12, 64, 64), back = make(PictureFormat::nv12, 64, 64);
    std::vector<std::byte> samples(source->layout().size);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::byte>(i);
    auto process = whole(64, 64, 64, 64);
    process.source_color.range = process.target_color.range = range;
    expect_exact({64, 64, PictureFormat::p010, 64, 64, process}, source, samples);
    for (uint32_t x = 0; x < 64; ++x) {
      const auto sample = static_cast<double>(samples[x]);
      EXPECT_EQ(value_at(2 * x),
                range == Range::limited ? 4 * sample : std::round(sample * 1023 / 255));
    }
    const auto middle = make(PictureFormat::p010, 64, 64);
    ASSERT_TRUE(middle->upload(last_.bytes));
    ASSERT_TRUE(stage->submit(process, middle, back));
    EXPECT_TRUE(same_samples(download(*back), samples, back->layout()));
  }
}

TEST_F(VideoProcessTest, EveryFormatSizeAndFilter) {
  for (const PictureFormat source : sources)
    for (const PictureFormat format : formats)
      for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
        for (const auto& [width, height] :
             {std::pair{64u, 48u}, {97u, 81u}, {160u, 16u}, {33u, 27u}, {16u, 100u}, {17u, 16u}}) {
          auto process = whole(64, 48, width, height);
          process.scaling = scaling;
          const Case wanted{64, 48, format, width, height, process, source};
          expect_exact(wanted);
          EXPECT_LE(error(wanted), close_enough)
              << width << "x" << height << ", from format " << static_cast<int>(source) << " to "
              << static_cast<int>(format);
          if (HasFatalFailure()) return;
        }
}

TEST_F(VideoProcessTest, EveryTurn) {
  for (const auto& [source, format] : {std::pair{PictureFormat::nv12, PictureFormat::nv12},
                                       {PictureFormat::nv12, PictureFormat::bgra},
                                       {PictureFormat::p010, PictureFormat::p010},
                                       {PictureFormat::i420, PictureFormat::nv12},
                                       {PictureFormat::uyvy, PictureFormat::i420}})
    for (int rotation = 0; rotation < 4; ++rotation)
      for (int mirror = 0; mirror < 4; ++mirror) {
        auto process = whole(48, 32, 50, 37);
        process.rotation = static_cast<Rotation>(rotation);
        process.mirror_horizontally = mirror & 1;
        process.mirror_vertically = mirror & 2;
        const Case wanted{48, 32, format, 50, 37, process, source};
        expect_exact(wanted);
        EXPECT_LE(error(wanted), close_enough) << "rotation " << rotation << ", mirror " << mirror;
      }
}

TEST_F(VideoProcessTest, EveryColour) {
  constexpr Matrix matrices[] = {Matrix::bt601, Matrix::bt709, Matrix::bt2020};
  constexpr Range ranges[] = {Range::limited, Range::full};
  for (const auto& [source, format] : {std::pair{PictureFormat::nv12, PictureFormat::nv12},
                                       {PictureFormat::nv12, PictureFormat::rgba},
                                       {PictureFormat::nv12, PictureFormat::p010},
                                       {PictureFormat::p010, PictureFormat::nv12},
                                       {PictureFormat::p010, PictureFormat::p010},
                                       {PictureFormat::p010, PictureFormat::rgba}})
    for (const Matrix from : matrices)
      for (const Range from_range : ranges)
        for (const Matrix to : matrices)
          for (const Range to_range : ranges) {
            auto process = whole(32, 16, 32, 16);
            process.source_color.matrix = from;
            process.source_color.range = from_range;
            process.target_color.matrix = to;
            process.target_color.range = to_range;
            const Case wanted{32, 16, format, 32, 16, process, source};
            expect_exact(wanted);
            EXPECT_LE(error(wanted), close_enough);
          }
}

TEST_F(VideoProcessTest, EverySiting) {
  constexpr Siting sitings[] = {Siting::first, Siting::between};
  for (const auto& [source, format] : {std::pair{PictureFormat::nv12, PictureFormat::nv12},
                                       {PictureFormat::nv12, PictureFormat::bgra},
                                       {PictureFormat::yuy2, PictureFormat::nv12},
                                       {PictureFormat::p010, PictureFormat::i420}})
    for (const Siting a : sitings)
      for (const Siting b : sitings)
        for (const Siting c : sitings)
          for (const Siting d : sitings) {
            auto process = whole(32, 32, 48, 40);
            process.source_color.horizontal = a;
            process.source_color.vertical = b;
            process.target_color.horizontal = c;
            process.target_color.vertical = d;
            const Case wanted{32, 32, format, 48, 40, process, source};
            expect_exact(wanted);
            EXPECT_LE(error(wanted), close_enough);
          }
}

// Fields of interlaced frames: their own rows stay, rows between are interpolated; with scaling,
// rotation and conversion.
TEST_F(VideoProcessTest, EveryField) {
  for (const PictureFormat source : sources)
    for (const bool bottom : {false, true})
      for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
        for (const auto& [width, height] : {std::pair{50u, 46u}, {64u, 23u}, {33u, 97u}}) {
          auto process = whole(50, 46, width, height);
          process.deinterlacing = Deinterlacing::bob;
          process.bottom_field = bottom;
          process.scaling = scaling;
          process.rotation = width == 33 ? Rotation::clockwise_90 : Rotation::none;
          for (const PictureFormat format : {PictureFormat::nv12, PictureFormat::bgra}) {
            const Case wanted{50, 46, format, width, height, process, source};
            expect_exact(wanted);
            EXPECT_LE(error(wanted), close_enough) << width << "x" << height;
            if (HasFatalFailure()) return;
          }
        }
}

TEST_F(VideoProcessTest, AFieldsRowsStay) {
  const auto source = make(PictureFormat::nv12, 48, 32);
  const auto samples = h264::random_samples(source->layout(), 4);
  const auto& layout = source->layout();
  for (const uint32_t bottom : {0, 1}) {
    auto process = whole(48, 32, 48, 32);
    process.deinterlacing = Deinterlacing::bob;
    process.bottom_field = bottom != 0;
    expect_exact({48, 32, PictureFormat::nv12, 48, 32, process}, source, samples);
    const auto at = [&](uint32_t y, uint32_t x) {
      return static_cast<int>(samples[std::size_t{y} * layout.pitch + x]);
    };
    for (uint32_t y = 0; y < 48; ++y)
      for (uint32_t x = 0; x < 48; ++x) {
        const uint32_t rows = y < 32 ? 32 : 48, first = y < 32 ? 0 : 32;  // chroma follows luma
        if ((y - first) % 2 == bottom) {
          ASSERT_EQ(value_at(std::size_t{y} * layout.pitch + x), at(y, x));
        } else {
          const uint32_t above = y > first ? y - 1 : y + 1, below = y + 1 < rows ? y + 1 : y - 1;
          ASSERT_EQ(value_at(std::size_t{y} * layout.pitch + x),
                    (at(above, x) + at(below, x) + 1) / 2);
        }
      }
  }
}

TEST_F(VideoProcessTest, RegionsAnywhere) {
  std::mt19937 random(7);
  const auto below = [&](uint32_t end) {
    return std::uniform_int_distribution<uint32_t>(0, end - 1)(random);
  };
  const auto region = [&](uint32_t width, uint32_t height) {
    const uint32_t x = below(width), y = below(height);
    return Rectangle{x, y, 1 + below(width - x), 1 + below(height - y)};
  };
  for (int i = 0; i < 300; ++i) {
    const uint32_t width = 16 + below(100), height = 16 + below(60);
    const uint32_t to_width = 16 + below(100), to_height = 16 + below(60);
    Process process;
    process.source_region = region(width, height);
    process.target_region = region(to_width, to_height);
    process.background = static_cast<uint32_t>(random());
    process.rotation = static_cast<Rotation>(below(4));
    process.mirror_horizontally = below(2);
    process.mirror_vertically = below(2);
    process.scaling = static_cast<Scaling>(below(2));
    process.deinterlacing = static_cast<Deinterlacing>(below(2));
    process.bottom_field = below(2);
    process.source_color = {static_cast<Matrix>(below(3)), static_cast<Range>(below(2)),
                            static_cast<Siting>(below(2)), static_cast<Siting>(below(2))};
    process.target_color = {static_cast<Matrix>(below(3)), static_cast<Range>(below(2)),
                            static_cast<Siting>(below(2)), static_cast<Siting>(below(2))};
    const Case wanted{width,     height,  formats[below(std::size(formats))], to_width,
                      to_height, process, sources[below(std::size(sources))]};
    expect_exact(wanted, static_cast<uint32_t>(random()));
    EXPECT_LE(error(wanted), close_enough) << "case " << i;
    if (HasFailure()) return;
  }
}

// Widths around the source's, where samples depend on two neighbours or just on more, all at the
// end of the source's rows, planes and memory.
TEST_F(VideoProcessTest, EveryWidthAtTheSourcesEnd) {
  for (const auto& [source_format, format] : {std::pair{PictureFormat::nv12, PictureFormat::nv12},
                                              {PictureFormat::nv12, PictureFormat::bgra},
                                              {PictureFormat::nv12, PictureFormat::rgba},
                                              {PictureFormat::p010, PictureFormat::p010},
                                              {PictureFormat::i420, PictureFormat::i420},
                                              {PictureFormat::yuy2, PictureFormat::nv12},
                                              {PictureFormat::uyvy, PictureFormat::nv12}}) {
    const auto source = make(source_format, 64, 16);
    const auto samples = h264::random_samples(source->layout(), 13);
    for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
      for (uint32_t source_width : {1u, 2u, 3u, 4u, 5u, 8u, 29u, 63u, 64u})
        for (uint32_t width = 1; width <= 66; width += source_width > 8 && width < 26 ? 25 : 1) {
          Process process;
          process.source_region = {64 - source_width, 11, source_width, 5};
          process.target_region = {width % 4, 1, width, 6};
          process.scaling = scaling;
          process.mirror_horizontally = width % 5 == 0;
          expect_exact({64, 16, format, 70, 16, process}, source, samples);
          ASSERT_FALSE(HasFailure()) << source_width << " to " << width;
        }
  }
}

TEST_F(VideoProcessTest, FlatPicturesStayFlat) {
  const auto source = make(PictureFormat::nv12, 64, 48);
  const uint32_t chroma_offset = source->layout().chroma_offset;
  for (const int value : {0, 1, 127, 254, 255})
    for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
      for (const auto& [width, height] : {std::pair{64u, 48u}, {112u, 16u}, {16u, 128u}}) {
        std::vector<std::byte> samples(source->layout().size, static_cast<std::byte>(value));
        std::fill(samples.begin() + chroma_offset, samples.end(),
                  static_cast<std::byte>(255 - value));
        auto process = whole(64, 48, width, height);
        process.scaling = scaling;
        expect_exact({64, 48, PictureFormat::nv12, width, height, process}, source, samples);
        const auto& layout = last_.layout;
        for (uint32_t row = 0; row < height * 3 / 2; ++row)
          for (uint32_t x = 0; x < width; ++x)
            ASSERT_EQ(static_cast<int>(last_.bytes[std::size_t{row} * layout.pitch + x]),
                      row < height ? value : 255 - value);
      }
}

TEST_F(VideoProcessTest, TheLargestAndTheSmallest) {
  for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic}) {
    auto process = whole(4096, 64, 16, 16);
    process.scaling = scaling;
    EXPECT_LE(error({4096, 64, PictureFormat::bgra, 16, 16, process}), close_enough);
    expect_exact({4096, 64, PictureFormat::bgra, 16, 16, process});
    expect_exact({4096, 64, PictureFormat::nv12, 16, 16, process});
    process = whole(640, 640, 16, 16);
    process.scaling = scaling;
    process.target_color.matrix = Matrix::bt601;
    EXPECT_LE(error({640, 640, PictureFormat::nv12, 16, 16, process}), close_enough);
    process.rotation = Rotation::clockwise_90;
    expect_exact({640, 640, PictureFormat::rgba, 16, 16, process});
    process = whole(4096, 16, 4096, 16);
    process.scaling = scaling;
    expect_exact({4096, 16, PictureFormat::bgra, 4096, 16, process});
    process = whole(16, 2048, 16, 16);
    process.scaling = scaling;
    process.target_color.matrix = Matrix::bt2020;
    expect_exact({16, 2048, PictureFormat::nv12, 16, 16, process});
    process = whole(16, 16, 4096, 32);
    process.scaling = scaling;
    expect_exact({16, 16, PictureFormat::rgba, 4096, 32, process});
    process = whole(8192, 16, 16, 16);
    process.scaling = scaling;
    expect_exact({8192, 16, PictureFormat::p010, 16, 16, process, PictureFormat::p010});
    expect_exact({8192, 16, PictureFormat::nv12, 16, 16, process, PictureFormat::uyvy});
    process = whole(16, 16, 8192, 32);
    process.scaling = scaling;
    expect_exact({16, 16, PictureFormat::p010, 8192, 32, process, PictureFormat::yuy2});
  }
}

TEST_F(VideoProcessTest, BackgroundIsTheColourAskedFor) {
  auto process = whole(16, 16, 1, 1);
  process.background = 0x80ff0000;  // red, half transparent
  expect_exact({16, 16, PictureFormat::rgba, 20, 20, process});
  const std::size_t last = std::size_t{19} * last_.layout.pitch + 19 * 4;
  EXPECT_EQ(last_.bytes[last], std::byte{255});
  EXPECT_EQ(last_.bytes[last + 1], std::byte{0});
  EXPECT_EQ(last_.bytes[last + 2], std::byte{0});
  EXPECT_EQ(last_.bytes[last + 3], std::byte{0x80});
  expect_exact({16, 16, PictureFormat::nv12, 32, 32, process});
  // BT.709's red, limited range.
  EXPECT_EQ(last_.bytes[std::size_t{31} * last_.layout.pitch + 31], std::byte{63});
  const std::size_t pair = last_.layout.chroma_offset + std::size_t{15} * last_.layout.pitch + 30;
  EXPECT_EQ(last_.bytes[pair], std::byte{102});
  EXPECT_EQ(last_.bytes[pair + 1], std::byte{240});
  expect_exact({16, 16, PictureFormat::p010, 32, 32, process});
  EXPECT_EQ(value_at(std::size_t{31} * last_.layout.pitch + 62), 250);
  EXPECT_EQ(value_at(last_.layout.chroma_offset + std::size_t{15} * last_.layout.pitch + 60), 409);
  EXPECT_EQ(value_at(last_.layout.chroma_offset + std::size_t{15} * last_.layout.pitch + 62), 960);
  expect_exact({16, 16, PictureFormat::i420, 32, 32, process});
  EXPECT_EQ(last_.bytes[last_.layout.chroma_offset + 15], std::byte{102});
  EXPECT_EQ(last_.bytes[last_.layout.cr_offset + 15], std::byte{240});
}

TEST_F(VideoProcessTest, OneAfterTheOther) {
  const auto source = make(PictureFormat::nv12, 32, 32);
  const auto middle = make(PictureFormat::nv12, 64, 64);
  const auto samples = h264::random_samples(source->layout(), 11);
  ASSERT_TRUE(source->upload(samples));
  // More than the stage has slots, with each other's results as input, and alternating plans.
  const auto larger = whole(32, 32, 64, 64), smaller = whole(64, 64, 32, 32);
  auto expected = samples;
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(stage->submit(larger, source, middle));
    ASSERT_TRUE(stage->submit(smaller, middle, source));
    const auto first = scalar::follow(make_plan(larger, source->layout(), middle->layout()),
                                      expected, source->layout(), middle->layout());
    expected = scalar::follow(make_plan(smaller, middle->layout(), source->layout()), first,
                              middle->layout(), source->layout());
  }
  EXPECT_TRUE(same_samples(download(*source), expected, source->layout()));
}

TEST_F(VideoProcessTest, RefusesWhatIsNotInside) {
  const auto source = make(PictureFormat::nv12, 32, 32), target = make(PictureFormat::bgra, 40, 40);
  const auto refused = [&](Rectangle from, Rectangle to) {
    Process process;
    process.source_region = from;
    process.target_region = to;
    const auto submitted = stage->submit(process, source, target);
    return !submitted && submitted.error() == Error::invalid_parameter;
  };
  const Rectangle from{0, 0, 32, 32}, to{0, 0, 40, 40};
  EXPECT_FALSE(refused(from, to));
  for (const Rectangle& wrong : {Rectangle{0, 0, 0, 32},
                                 {0, 0, 32, 0},
                                 {1, 0, 32, 32},
                                 {0, 1, 32, 32},
                                 {0, 0, 33, 32},
                                 {0xffffffff, 0, 2, 2},
                                 {0, 0, 0xffffffff, 2},
                                 {32, 0, 1, 1}})
    EXPECT_TRUE(refused(wrong, to));
  for (const Rectangle& wrong : {Rectangle{0, 0, 41, 40}, {0, 40, 1, 1}, {0, 0xfffffff0, 40, 40}})
    EXPECT_TRUE(refused(from, wrong));
  EXPECT_FALSE(stage->submit(whole(32, 32, 32, 32), source, source));
  EXPECT_FALSE(stage->submit(whole(32, 32, 32, 32), target, source));
  EXPECT_FALSE(stage->submit(whole(32, 32, 32, 32), source, make(PictureFormat::yuy2, 32, 32)));
  EXPECT_FALSE(stage->submit(whole(32, 32, 32, 32), source, make(PictureFormat::uyvy, 32, 32)));
  EXPECT_FALSE(stage->submit(whole(32, 32, 32, 32), Source(nullptr), target));
  EXPECT_FALSE(stage->submit(whole(32, 32, 32, 32), source, nullptr));
}

}  // namespace
}  // namespace daedalus::vulkan
