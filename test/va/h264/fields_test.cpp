// SPDX-License-Identifier: MIT
// Interlaced H.264: frames of one or two fields, and pairs of macroblocks, intact and damaged.
#include <algorithm>
#include <array>

#include "va/fixture.h"
#include "va/h264/interlaced.h"

namespace daedalus::test {

namespace {

constexpr uint32_t width = 4, height = 4;  // of the frame, in macroblocks

VAPictureH264 reference_to(VASurfaceID surface) {
  VAPictureH264 reference{};
  reference.picture_id = surface;
  reference.flags = VA_PICTURE_H264_SHORT_TERM_REFERENCE;
  return reference;
}

class Interlaced : public DriverTest {
 protected:
  void SetUp() override {
    config = make_config();
    context = make_context(config);
    target = make_surface();
  }
  void TearDown() override {
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &target, 1));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
  }

  PcmPicture field(Parity parity, uint8_t seed, uint16_t frame_num = 0) {
    auto content = make_pcm_picture(width, height / 2, target, seed);
    make_field(content, parity);
    content.picture.frame_num = frame_num;
    return content;
  }
  void decode_field(Parity parity, uint8_t seed, uint16_t frame_num = 0) {
    auto content = field(parity, seed, frame_num);
    ASSERT_OK(decode(context, target, content));
  }
  void decode_broken_field(Parity parity, uint8_t seed) {
    auto content = field(parity, seed);
    content.data.resize(content.data.size() / 2);
    content.slice.slice_data_size = static_cast<uint32_t>(content.data.size());
    ASSERT_OK(decode(context, target, content));
  }

  using Luma = std::array<std::array<uint8_t, width * 16>, height * 16>;
  Luma luma_of(VASurfaceID surface) {
    Luma luma{};
    auto image = make_image(VA_FOURCC_NV12, width * 16, height * 16);
    EXPECT_STATUS(SUCCESS,
                  vaGetImage(display, surface, 0, 0, width * 16, height * 16, image.image_id));
    uint8_t* samples = nullptr;
    EXPECT_STATUS(SUCCESS, vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
    for (uint32_t y = 0; y < luma.size(); ++y)
      std::copy_n(samples + image.offsets[0] + y * image.pitches[0], luma[y].size(),
                  luma[y].begin());
    const uint8_t* const chroma = samples + image.offsets[1];
    for (uint32_t y = 0; y < chroma_rows.size(); ++y) chroma_rows[y] = chroma[y * image.pitches[1]];
    EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, image.buf));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    return luma;
  }

  // Checks that even rows are those of a field with the first seed, and odd rows those of the
  // second.
  void expect_fields(VASurfaceID surface, uint8_t top, uint8_t bottom) {
    const Luma luma = luma_of(surface);
    uint32_t wrong = 0;
    for (uint32_t y = 0; y < luma.size(); ++y)
      for (uint32_t x = 0; x < luma[y].size(); ++x)
        wrong += luma[y][x] != pcm_luma(x, y / 2, y % 2 == 0 ? top : bottom);
    EXPECT_EQ(wrong, 0u) << "luma samples differ";
    for (uint32_t y = 0; y < chroma_rows.size(); ++y)
      EXPECT_EQ(chroma_rows[y], pcm_cb(y % 2 == 0 ? top : bottom)) << "chroma row " << y;
  }

  // The macroblocks that the driver reports as damaged, by address in the frame.
  std::array<bool, width * height> damaged() {
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, target));
    void* info = nullptr;
    EXPECT_STATUS(SUCCESS,
                  vaQuerySurfaceError(display, target, VA_STATUS_ERROR_DECODING_ERROR, &info));
    std::array<bool, width * height> result{};
    for (auto* error = static_cast<const VASurfaceDecodeMBErrors*>(info); error->status == 1;
         ++error) {
      EXPECT_LE(error->end_mb, result.size() - 1);
      for (uint32_t mb = error->start_mb; mb <= std::min<uint32_t>(error->end_mb, 15); ++mb)
        result[mb] = true;
    }
    return result;
  }

  VAConfigID config = no_id;
  VAContextID context = no_id;
  VASurfaceID target = no_id;
  std::array<uint8_t, height * 8> chroma_rows{};  // the first sample of each row of the last image
};

TEST_F(Interlaced, AFrameHasTheRowsOfItsFields) {
  decode_field(Parity::top, 3);
  decode_field(Parity::bottom, 90);
  expect_fields(target, 3, 90);
  decode_field(Parity::bottom, 40, 1);
  decode_field(Parity::top, 60, 1);
  expect_fields(target, 60, 40);
}

TEST_F(Interlaced, ALoneFieldShowsItsRowsTwice) {
  decode_field(Parity::top, 3);
  decode_field(Parity::bottom, 90);
  decode_field(Parity::top, 50, 1);
  expect_fields(target, 50, 50);
  expect_fields(target, 50, 50);
  decode_field(Parity::bottom, 70, 2);
  expect_fields(target, 70, 70);
}

TEST_F(Interlaced, ASecondFieldThatComesAfterALookIsExact) {
  decode_field(Parity::top, 50);
  expect_fields(target, 50, 50);
  decode_field(Parity::bottom, 70);
  expect_fields(target, 50, 70);
}

TEST_F(Interlaced, TwoFieldsOfOneParityAreTwoFrames) {
  decode_field(Parity::bottom, 9);
  decode_field(Parity::bottom, 80);
  expect_fields(target, 80, 80);
}

TEST_F(Interlaced, FieldsOfTwoFramesAreNotPaired) {
  decode_field(Parity::top, 9, 0);
  decode_field(Parity::bottom, 80, 1);
  expect_fields(target, 80, 80);
}

// An intact stream does not refer to such a frame.
TEST_F(Interlaced, AFrameThatRefersToALoneFieldFindsItsRowsTwice) {
  for (const Parity parity : {Parity::top, Parity::bottom}) {
    decode_field(Parity::top, 1);
    decode_field(Parity::bottom, 2);
    decode_field(parity, 33, 1);
    auto second = make_surface();
    auto skipped = make_skipped_picture(width, height, second, std::array{target});
    skipped.picture.seq_fields.bits.frame_mbs_only_flag = 0;
    ASSERT_OK(decode(context, second, skipped));
    expect_fields(second, 33, 33);
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &second, 1));
  }
}

TEST_F(Interlaced, AFieldThatRefersToAMissingOneTakesTheOtherOfItsFrame) {
  decode_field(Parity::top, 1);
  decode_field(Parity::bottom, 2);
  decode_field(Parity::top, 33, 1);
  auto second = make_surface();
  for (const Parity parity : {Parity::top, Parity::bottom}) {
    auto skipped = make_skipped_picture(width, height / 2, second, std::array{target});
    make_field(skipped, parity);
    skipped.picture.ReferenceFrames[0] = reference_to(target);
    skipped.slice.RefPicList0[0] = reference_to(target);
    skipped.slice.RefPicList0[0].flags |= VA_PICTURE_H264_BOTTOM_FIELD;
    ASSERT_OK(decode(context, second, skipped));
  }
  const auto luma = luma_of(second);
  for (uint32_t y = 0; y < luma.size(); ++y) EXPECT_EQ(luma[y][5], pcm_luma(5, y / 2, 33)) << y;
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &second, 1));
}

// The field has two rows of macroblocks, the second of which is lost entirely or mostly. Each of
// its macroblocks covers a part of two macroblocks of the frame.
TEST_F(Interlaced, DamageOfAFieldIsReportedInMacroblocksOfTheFrame) {
  decode_broken_field(Parity::top, 3);
  decode_field(Parity::bottom, 90);
  const auto marked = damaged();
  for (uint32_t mb = 0; mb < marked.size(); ++mb) {
    const uint32_t of_field = mb / (2 * width) * width + mb % width;
    if (of_field != 3) {  // the data ends there
      EXPECT_EQ(marked[mb], of_field > 3) << "macroblock " << mb;
    }
  }
  const auto luma = luma_of(target);
  for (uint32_t y = 1; y < luma.size(); y += 2)
    EXPECT_EQ(luma[y][9], pcm_luma(9, y / 2, 90)) << "the intact field, row " << y;

  decode_field(Parity::top, 20, 0);
  decode_field(Parity::bottom, 21, 0);
  const auto after = damaged();
  EXPECT_TRUE(std::none_of(after.begin(), after.end(), [](bool mark) { return mark; }));
  expect_fields(target, 20, 21);
}

TEST_F(Interlaced, DamageOfTheSecondFieldLeavesTheFirst) {
  decode_field(Parity::bottom, 90);
  decode_broken_field(Parity::top, 3);
  EXPECT_TRUE(damaged()[15]);
  const auto luma = luma_of(target);
  for (uint32_t y = 1; y < luma.size(); y += 2)
    EXPECT_EQ(luma[y][9], pcm_luma(9, y / 2, 90)) << "the intact field, row " << y;
}

TEST_F(Interlaced, PairsOfBothKindsAreInOneFrame) {
  auto content = make_pairs(width, height, target, 0);
  ASSERT_OK(decode(context, target, content));
  const auto luma = luma_of(target);
  for (uint32_t y = 0; y < luma.size(); ++y)
    for (uint32_t x = 0; x < luma[y].size(); x += 16)
      EXPECT_EQ(luma[y][x], luma_of_pairs(mb_of_pairs(x, y, width), 0)) << x << ", " << y;
}

// The slice ends in the second macroblock of a pair, so that the first one is decoded. Whatever the
// pair's kind, concealment must fill exactly the remaining rows.
TEST_F(Interlaced, ASliceThatBreaksWithinAPairLeavesItsFirstMacroblock) {
  constexpr std::size_t header = 2, bytes_per_mb = 386;
  for (const uint32_t pair : {2u, 3u}) {  // a frame pair, and one of fields
    decode_field(Parity::top, 1);
    decode_field(Parity::bottom, 1);
    auto content = make_pairs(width, height, target, 0);
    const uint32_t first_lost = pair * 2 + 1;
    content.data.resize(header + first_lost * bytes_per_mb + 100);
    content.slice.slice_data_size = static_cast<uint32_t>(content.data.size());
    ASSERT_OK(decode(context, target, content));
    const auto luma = luma_of(target);
    for (uint32_t y = 0; y < luma.size(); ++y)
      for (uint32_t x = 0; x < luma[y].size(); x += 16) {
        const uint32_t mb = mb_of_pairs(x, y, width);
        if (mb < first_lost) {
          EXPECT_EQ(luma[y][x], 16 + mb) << "pair " << pair << ": " << x << ", " << y;
        } else if (mb == first_lost) {
          EXPECT_NE(luma[y][x], 16 + mb - 1) << "pair " << pair << ": " << x << ", " << y;
        }
      }
    const auto marked = damaged();
    for (uint32_t mb = 0; mb < marked.size(); ++mb) {
      const uint32_t of_frame = mb / (2 * width) * width + mb % width;
      EXPECT_EQ(marked[mb], of_frame >= pair) << "pair " << pair << ", macroblock " << mb;
    }
    auto intact = make_pairs(width, height, target, 0);
    ASSERT_OK(decode(context, target, intact));
    EXPECT_EQ(luma_of(target)[63][63], 16 + 15);
    EXPECT_FALSE(damaged()[15]);
  }
}

}  // namespace

}  // namespace daedalus::test
