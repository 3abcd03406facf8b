// SPDX-License-Identifier: MIT
// VAEntrypointVideoProc, through libva.
#include <va/va.h>
#include <va/va_vpp.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "va/fixture.h"

namespace daedalus::test {

namespace {

constexpr uint8_t seed = 5;

class VideoProcess : public DriverTest {
 protected:
  void SetUp() override {
    source = make_surface();
    const auto decode_config = make_config();
    const auto decoder = make_context(decode_config);
    auto picture = make_pcm_picture(4, 4, source, seed);
    ASSERT_OK(decode(decoder, source, picture));
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, decoder));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, decode_config));

    ASSERT_OK(vaCreateConfig(display, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &config));
    // Clients of video processing may pass no size.
    ASSERT_OK(vaCreateContext(display, config, 0, 0, 0, nullptr, 0, &context));
  }
  void TearDown() override {
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &source, 1));
    for (VASurfaceID target : targets)
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &target, 1));
  }

  VASurfaceID make_target(uint32_t fourcc, unsigned width = 64, unsigned height = 64) {
    auto attribute = settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc));
    VASurfaceID id = no_id;
    EXPECT_STATUS(SUCCESS, vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height, &id, 1,
                                            &attribute, 1));
    targets.push_back(id);
    return id;
  }

  // Returns the first status other than success.
  VAStatus process(VAProcPipelineParameterBuffer parameters, VASurfaceID target, int times = 1) {
    if (parameters.surface == 0) parameters.surface = source;
    auto status = vaBeginPicture(display, context, target);
    for (int i = 0; i < times && status == VA_STATUS_SUCCESS; ++i) {
      VABufferID buffer = no_id;
      status = vaCreateBuffer(display, context, VAProcPipelineParameterBufferType,
                              sizeof(parameters), 1, &parameters, &buffer);
      if (status == VA_STATUS_SUCCESS) status = vaRenderPicture(display, context, &buffer, 1);
      vaDestroyBuffer(display, buffer);
    }
    const auto ended = vaEndPicture(display, context);
    return status == VA_STATUS_SUCCESS ? ended : status;
  }

  // The target's samples in its own format.
  std::vector<uint8_t> samples_of(VASurfaceID target, uint32_t fourcc, int width, int height,
                                  uint32_t& pitch) {
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, target));
    const auto image = make_image(fourcc, width, height);
    EXPECT_STATUS(SUCCESS, vaGetImage(display, target, 0, 0, static_cast<unsigned>(width),
                                      static_cast<unsigned>(height), image.image_id));
    uint8_t* samples = nullptr;
    EXPECT_STATUS(SUCCESS, vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
    std::vector<uint8_t> result(samples, samples + image.data_size);
    pitch = image.pitches[0];
    EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, image.buf));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    return result;
  }

  VASurfaceID source = no_id;
  VAConfigID config = no_id;
  VAContextID context = no_id;
  std::vector<VASurfaceID> targets;
};

TEST_F(VideoProcess, SaysWhatItDoes) {
  VAProcFilterType filters[VAProcFilterCount];
  unsigned num_filters = VAProcFilterCount;
  ASSERT_OK(vaQueryVideoProcFilters(display, context, filters, &num_filters));
  EXPECT_EQ(num_filters, 1u);
  VAProcPipelineCaps caps{};
  ASSERT_OK(vaQueryVideoProcPipelineCaps(display, context, nullptr, 0, &caps));
  EXPECT_EQ(caps.rotation_flags, 0xfu);
  EXPECT_EQ(caps.mirror_flags, uint32_t{VA_MIRROR_HORIZONTAL | VA_MIRROR_VERTICAL});
  EXPECT_EQ(caps.blend_flags, 0u);
  EXPECT_EQ(caps.min_input_width, 1u);
  EXPECT_GT(caps.max_output_width, 4096u);
  EXPECT_LE(caps.max_output_width, 8192u);
  const std::set<VAProcColorStandardType> standards(
      caps.input_color_standards, caps.input_color_standards + caps.num_input_color_standards);
  for (auto standard : {VAProcColorStandardBT601, VAProcColorStandardBT709,
                        VAProcColorStandardBT2020, VAProcColorStandardExplicit})
    EXPECT_TRUE(standards.contains(standard));
  const std::set<uint32_t> formats(caps.output_pixel_format,
                                   caps.output_pixel_format + caps.num_output_pixel_formats);
  EXPECT_EQ(formats,
            (std::set<uint32_t>{VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_I420, VA_FOURCC_YV12,
                                VA_FOURCC_BGRA, VA_FOURCC_BGRX, VA_FOURCC_RGBA, VA_FOURCC_RGBX}));
  const std::set<uint32_t> sources(caps.input_pixel_format,
                                   caps.input_pixel_format + caps.num_input_pixel_formats);
  EXPECT_EQ(sources, (std::set<uint32_t>{VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_I420,
                                         VA_FOURCC_YV12, VA_FOURCC_YUY2, VA_FOURCC_UYVY}));
  unsigned count = 0;
  ASSERT_OK(vaQuerySurfaceAttributes(display, config, nullptr, &count));
  std::vector<VASurfaceAttrib> attributes(count);
  ASSERT_OK(vaQuerySurfaceAttributes(display, config, attributes.data(), &count));
  std::set<uint32_t> pixel_formats;
  for (const auto& attribute : attributes)
    if (attribute.type == VASurfaceAttribPixelFormat)
      pixel_formats.insert(static_cast<uint32_t>(attribute.value.value.i));
  auto all = formats;
  all.insert(sources.begin(), sources.end());
  EXPECT_EQ(pixel_formats, all);
  VAConfigAttrib rt_format{VAConfigAttribRTFormat, 0};
  ASSERT_OK(vaGetConfigAttributes(display, VAProfileNone, VAEntrypointVideoProc, &rt_format, 1));
  EXPECT_EQ(rt_format.value, uint32_t{VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV420_10 |
                                      VA_RT_FORMAT_YUV422 | VA_RT_FORMAT_RGB32});
}

// From the decoded picture to 10 bits, and from there to each 8-bit format.
TEST_F(VideoProcess, TakesEightBitsToTenAndBack) {
  const auto ten = make_target(VA_FOURCC_P010);
  ASSERT_OK(process({}, ten));
  uint32_t pitch = 0;
  auto samples = samples_of(ten, VA_FOURCC_P010, 64, 64, pitch);
  const auto word_at = [&](std::size_t at) {
    return static_cast<uint32_t>(samples[at] | samples[at + 1] << 8);
  };
  for (uint32_t y = 0; y < 64; ++y)
    for (uint32_t x = 0; x < 64; ++x)
      ASSERT_EQ(word_at(y * pitch + x * 2), uint32_t{pcm_luma(x, y, seed)} << 8);
  EXPECT_EQ(word_at(64 * pitch), uint32_t{pcm_cb(seed)} << 8);
  EXPECT_EQ(word_at(64 * pitch + 2), uint32_t{pcm_cr(seed)} << 8);

  VAProcPipelineParameterBuffer from_ten{};
  from_ten.surface = ten;
  for (uint32_t fourcc : {VA_FOURCC_NV12, VA_FOURCC_I420, VA_FOURCC_YV12}) {
    const auto eight = make_target(fourcc);
    ASSERT_OK(process(from_ten, eight));
    EXPECT_EQ(read_samples(display, eight, 64, 64), pcm_samples(64, 64, seed));
  }
  const auto again = make_target(VA_FOURCC_P010);
  ASSERT_OK(process(from_ten, again));
  EXPECT_EQ(samples_of(again, VA_FOURCC_P010, 64, 64, pitch), samples);
  const auto rgb = make_target(VA_FOURCC_BGRX), rgb_of_ten = make_target(VA_FOURCC_BGRX);
  ASSERT_OK(process({}, rgb));
  ASSERT_OK(process(from_ten, rgb_of_ten));
  EXPECT_EQ(samples_of(rgb_of_ten, VA_FOURCC_BGRX, 64, 64, pitch),
            samples_of(rgb, VA_FOURCC_BGRX, 64, 64, pitch));
}

// Formats that clients upload, and that capture devices produce.
TEST_F(VideoProcess, TakesUploadsOfOtherFormats) {
  for (uint32_t fourcc : {VA_FOURCC_I420, VA_FOURCC_YV12, VA_FOURCC_YUY2, VA_FOURCC_UYVY}) {
    const auto upload = make_target(fourcc);
    const auto image = make_image(fourcc, 64, 64);
    uint8_t* bytes = nullptr;
    ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&bytes)));
    const bool packed = image.num_planes == 1;
    const uint32_t step = packed ? 2 : 1, first = fourcc == VA_FOURCC_UYVY ? 1 : 0;
    for (uint32_t y = 0; y < 64; ++y)
      for (uint32_t x = 0; x < 64; ++x)
        bytes[y * image.pitches[0] + x * step + first] = pcm_luma(x, y, seed);
    for (uint32_t y = 0; y < (packed ? 64u : 32u); ++y)
      for (uint32_t x = 0; x < 32; ++x)
        for (uint32_t component : {0, 1}) {
          const uint8_t sample = component == 0 ? pcm_cb(seed) : pcm_cr(seed);
          const uint32_t plane = fourcc == VA_FOURCC_YV12 ? 2 - component : 1 + component;
          if (packed)
            bytes[y * image.pitches[0] + 4 * x + 2 * component + 1 - first] = sample;
          else
            bytes[image.offsets[plane] + y * image.pitches[plane] + x] = sample;
        }
    ASSERT_OK(vaUnmapBuffer(display, image.buf));
    ASSERT_OK(vaPutImage(display, upload, image.image_id, 0, 0, 64, 64, 0, 0, 64, 64));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    VAProcPipelineParameterBuffer parameters{};
    parameters.surface = upload;
    const auto target = make_target(VA_FOURCC_NV12);
    ASSERT_OK(process(parameters, target));
    EXPECT_EQ(read_samples(display, target, 64, 64), pcm_samples(64, 64, seed)) << fourcc;
  }
}

TEST_F(VideoProcess, ReachesSizesBeyondWhatIsDecoded) {
  VAProcPipelineParameterBuffer from_wide{};
  from_wide.surface = make_target(VA_FOURCC_NV12, 8192, 64);
  ASSERT_OK(process({}, from_wide.surface));
  uint32_t pitch = 0;
  const auto samples = samples_of(from_wide.surface, VA_FOURCC_NV12, 8192, 64, pitch);
  for (uint32_t y = 0; y < 64; ++y) {
    EXPECT_EQ(samples[y * pitch], pcm_luma(0, y, seed));
    EXPECT_EQ(samples[y * pitch + 8191], pcm_luma(63, y, seed));
  }
  EXPECT_STATUS(SUCCESS, process(from_wide, make_target(VA_FOURCC_NV12, 1, 1)));
}

// Below HD size, and without other information: BT.601, limited range.
TEST_F(VideoProcess, MakesRgb) {
  for (uint32_t fourcc : {VA_FOURCC_BGRA, VA_FOURCC_BGRX, VA_FOURCC_RGBA, VA_FOURCC_RGBX}) {
    const auto target = make_target(fourcc);
    ASSERT_OK(process({}, target));
    uint32_t pitch = 0;
    const auto samples = samples_of(target, fourcc, 64, 64, pitch);
    const bool red_first = fourcc == VA_FOURCC_RGBA || fourcc == VA_FOURCC_RGBX;
    for (uint32_t y = 0; y < 64; ++y)
      for (uint32_t x = 0; x < 64; ++x) {
        const double luma = (pcm_luma(x, y, seed) - 16) / 219.0;
        const double cb = (pcm_cb(seed) - 128) / 224.0, cr = (pcm_cr(seed) - 128) / 224.0;
        const double red = luma + 1.402 * cr, green = luma - 0.344136 * cb - 0.714136 * cr,
                     blue = luma + 1.772 * cb;
        const auto* sample = &samples[y * pitch + x * 4];
        const auto is = [](uint8_t value, double wanted) {
          return std::abs(value - std::clamp(wanted * 255, 0.0, 255.0)) <= 0.6;
        };
        ASSERT_TRUE(is(sample[red_first ? 0 : 2], red)) << x << ", " << y;
        ASSERT_TRUE(is(sample[1], green)) << x << ", " << y;
        ASSERT_TRUE(is(sample[red_first ? 2 : 0], blue)) << x << ", " << y;
        ASSERT_EQ(sample[3], 255);
      }
  }
}

TEST_F(VideoProcess, CropsAndTurns) {
  const auto target = make_target(VA_FOURCC_NV12, 64, 32);
  const VARectangle from{8, 16, 16, 32}, to{16, 0, 32, 16};
  VAProcPipelineParameterBuffer parameters{};
  parameters.surface_region = &from;
  parameters.output_region = &to;
  parameters.output_background_color = 0xff000000;
  parameters.rotation_state = VA_ROTATION_90;
  ASSERT_OK(process(parameters, target));
  uint32_t pitch = 0;
  const auto samples = samples_of(target, VA_FOURCC_NV12, 64, 32, pitch);
  for (uint32_t y = 0; y < 32; ++y)
    for (uint32_t x = 0; x < 64; ++x) {
      const bool inside = x >= 16 && x < 48 && y < 16;
      // Clockwise: the source's bottom row is the left column.
      const uint8_t wanted = inside ? pcm_luma(8 + y, 16 + 31 - (x - 16), seed) : 16;
      ASSERT_EQ(samples[y * pitch + x], wanted) << x << ", " << y;
    }
}

TEST_F(VideoProcess, TakesTheColoursThatTheClientNames) {
  const auto sample = [&](VAProcColorStandardType standard, uint8_t coefficients, uint8_t range) {
    const auto target = make_target(VA_FOURCC_RGBA);
    VAProcPipelineParameterBuffer parameters{};
    parameters.surface_color_standard = standard;
    parameters.input_color_properties.matrix_coefficients = coefficients;
    parameters.input_color_properties.color_range = range;
    EXPECT_STATUS(SUCCESS, process(parameters, target));
    uint32_t pitch = 0;
    const auto samples = samples_of(target, VA_FOURCC_RGBA, 64, 64, pitch);
    return std::vector<uint8_t>(samples.begin() + pitch * 8 + 32 * 4,
                                samples.begin() + pitch * 8 + 33 * 4);
  };
  const auto unnamed = sample(VAProcColorStandardNone, 0, VA_SOURCE_RANGE_UNKNOWN);
  const auto bt709 = sample(VAProcColorStandardBT709, 0, VA_SOURCE_RANGE_REDUCED);
  EXPECT_EQ(unnamed, sample(VAProcColorStandardBT601, 0, VA_SOURCE_RANGE_REDUCED));
  EXPECT_EQ(unnamed, sample(VAProcColorStandardExplicit, 6, VA_SOURCE_RANGE_REDUCED));
  EXPECT_EQ(bt709, sample(VAProcColorStandardExplicit, 1, VA_SOURCE_RANGE_REDUCED));
  EXPECT_NE(unnamed, bt709);
  EXPECT_NE(bt709, sample(VAProcColorStandardBT709, 0, VA_SOURCE_RANGE_FULL));
  EXPECT_NE(bt709, sample(VAProcColorStandardBT2020, 0, VA_SOURCE_RANGE_REDUCED));
  EXPECT_EQ(unnamed, sample(VAProcColorStandardExplicit, 2, VA_SOURCE_RANGE_REDUCED));
}

// Chroma that rises by 4 a sample, in each direction that the position changes.
TEST_F(VideoProcess, MovesChromaToTheTargetsPosition) {
  constexpr uint32_t size = 64, chroma_size = size / 2, step = 4;
  const auto ramps = make_target(VA_FOURCC_NV12, size, size);
  const auto image = make_image(VA_FOURCC_NV12, size, size);
  uint8_t* bytes = nullptr;
  ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&bytes)));
  std::fill_n(bytes, image.data_size, uint8_t{100});
  for (uint32_t y = 0; y < chroma_size; ++y)
    for (uint32_t x = 0; x < chroma_size; ++x) {
      uint8_t* const sample = bytes + image.offsets[1] + y * image.pitches[1] + 2 * x;
      sample[0] = static_cast<uint8_t>(50 + step * x);  // Cb
      sample[1] = static_cast<uint8_t>(50 + step * y);  // Cr
    }
  ASSERT_OK(vaUnmapBuffer(display, image.buf));
  ASSERT_OK(vaPutImage(display, ramps, image.image_id, 0, 0, size, size, 0, 0, size, size));
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));

  // By how much Cb and Cr change in the middle of the picture.
  const auto change = [&](uint8_t from, uint8_t to) {
    VAProcPipelineParameterBuffer parameters{};
    parameters.surface = ramps;
    parameters.input_color_properties.chroma_sample_location = from;
    parameters.output_color_properties.chroma_sample_location = to;
    const auto target = make_target(VA_FOURCC_NV12, size, size);
    EXPECT_STATUS(SUCCESS, process(parameters, target));
    uint32_t pitch = 0;
    const auto samples = samples_of(target, VA_FOURCC_NV12, size, size, pitch);
    const auto* middle = &samples[(size + chroma_size / 2) * pitch + chroma_size];
    constexpr int unchanged = 50 + step * chroma_size / 2;
    return std::pair(middle[0] - unchanged, middle[1] - unchanged);
  };
  constexpr uint8_t left = VA_CHROMA_SITING_HORIZONTAL_LEFT,
                    centre = VA_CHROMA_SITING_HORIZONTAL_CENTER,
                    top = VA_CHROMA_SITING_VERTICAL_TOP, middle = VA_CHROMA_SITING_VERTICAL_CENTER;
  // A quarter of the distance between chroma samples.
  constexpr int quarter = step / 4;
  using Change = std::pair<int, int>;
  EXPECT_EQ(change(left | top, left | top), (Change{0, 0}));
  EXPECT_EQ(change(left | top, 0), (Change{0, 0})) << "unknown: as the source's";
  EXPECT_EQ(change(left | top, left | middle), (Change{0, quarter}));
  EXPECT_EQ(change(left | middle, left | top), (Change{0, -quarter}));
  EXPECT_EQ(change(left | middle, centre | middle), (Change{quarter, 0}));
  EXPECT_EQ(change(centre | middle, left | top), (Change{-quarter, -quarter}));
}

// ffmpeg tags RGB with the range of the source video, but means the full range.
TEST_F(VideoProcess, MakesLimitedRgbOfItsStandardAlone) {
  const auto green = [&](VAProcColorStandardType standard, uint8_t range) {
    const auto target = make_target(VA_FOURCC_RGBA);
    VAProcPipelineParameterBuffer parameters{};
    parameters.output_color_standard = standard;
    parameters.output_color_properties.color_range = range;
    EXPECT_STATUS(SUCCESS, process(parameters, target));
    uint32_t pitch = 0;
    return static_cast<int>(samples_of(target, VA_FOURCC_RGBA, 64, 64, pitch)[32 * 4 + 1]);
  };
  const int full = green(VAProcColorStandardSRGB, VA_SOURCE_RANGE_FULL);
  EXPECT_EQ(green(VAProcColorStandardBT709, VA_SOURCE_RANGE_REDUCED), full);
  EXPECT_NEAR(green(VAProcColorStandardSTRGB, VA_SOURCE_RANGE_REDUCED), 16 + full * 219 / 255.0, 1);
}

TEST_F(VideoProcess, RefusesWhatItCannotDo) {
  const auto target = make_target(VA_FOURCC_BGRA);
  const auto status_of = [&](auto change) {
    VAProcPipelineParameterBuffer parameters{};
    change(parameters);
    return process(parameters, target);
  };
  using Parameters = VAProcPipelineParameterBuffer;
  for (const VARectangle& region :
       {VARectangle{-1, 0, 8, 8}, {0, 57, 8, 8}, {0, 0, 65, 8}, {0, 0, 0, 8}}) {
    EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                  status_of([&](Parameters& p) { p.surface_region = &region; }));
    EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                  status_of([&](Parameters& p) { p.output_region = &region; }));
  }
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_of([](Parameters& p) { p.rotation_state = 4; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_of([](Parameters& p) { p.mirror_state = 4; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_of([](Parameters& p) { p.num_filters = 1; }));
  EXPECT_STATUS(ERROR_UNIMPLEMENTED, status_of([](Parameters& p) {
                  p.surface_color_standard = VAProcColorStandardSMPTE240M;
                }));
  EXPECT_STATUS(ERROR_UNIMPLEMENTED, status_of([](Parameters& p) {
                  p.surface_color_standard = VAProcColorStandardExplicit;
                  p.input_color_properties.matrix_coefficients = 8;  // YCgCo
                }));
  VABlendState blend{};
  blend.flags = VA_BLEND_GLOBAL_ALPHA;
  blend.global_alpha = 0.5f;
  EXPECT_STATUS(ERROR_UNIMPLEMENTED, status_of([&](Parameters& p) { p.blend_state = &blend; }));
  EXPECT_STATUS(ERROR_INVALID_SURFACE, status_of([&](Parameters& p) { p.surface = no_id; }));
  EXPECT_STATUS(ERROR_INVALID_IMAGE_FORMAT, status_of([&](Parameters& p) { p.surface = target; }));
  for (uint32_t fourcc : {VA_FOURCC_YUY2, VA_FOURCC_UYVY})
    EXPECT_STATUS(ERROR_INVALID_IMAGE_FORMAT, process({}, make_target(fourcc)));
  EXPECT_STATUS(ERROR_UNIMPLEMENTED, process({}, target, 2));
  EXPECT_STATUS(ERROR_INVALID_SURFACE, process({}, source));
  EXPECT_STATUS(ERROR_INVALID_BUFFER, process({}, target, 0));
  EXPECT_STATUS(SUCCESS, process({}, target));  // still works after all that

  VAProcPipelineCaps caps{};
  VABufferID buffer = no_id;
  ASSERT_OK(vaCreateBuffer(display, context, VASliceDataBufferType, 8, 1, nullptr, &buffer));
  EXPECT_STATUS(ERROR_INVALID_BUFFER,
                vaQueryVideoProcPipelineCaps(display, context, &buffer, 1, &caps));
  EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, buffer));
  unsigned count = 0;
  EXPECT_STATUS(
      ERROR_UNSUPPORTED_FILTER,
      vaQueryVideoProcFilterCaps(display, context, VAProcFilterSharpening, nullptr, &count));
}

// Decoding and processing have separate kinds of buffers.
TEST_F(VideoProcess, RefusesBuffersOfDecoding) {
  const auto target = make_target(VA_FOURCC_BGRA);
  ASSERT_OK(vaBeginPicture(display, context, target));
  VABufferID buffer = no_id;
  VAIQMatrixBufferH264 matrices{};
  ASSERT_OK(vaCreateBuffer(display, context, VAIQMatrixBufferType, sizeof(matrices), 1, &matrices,
                           &buffer));
  EXPECT_STATUS(ERROR_UNSUPPORTED_BUFFERTYPE, vaRenderPicture(display, context, &buffer, 1));
  EXPECT_STATUS(ERROR_UNSUPPORTED_BUFFERTYPE, vaEndPicture(display, context));
  EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, buffer));
}

// Processing may overwrite a surface that was decoded before.
TEST_F(VideoProcess, OfADecodedTargetWins) {
  const auto target = make_target(VA_FOURCC_NV12);
  const auto decode_config = make_config();
  const auto decoder = make_context(decode_config);
  auto picture = make_pcm_picture(4, 4, target, 90);
  ASSERT_OK(decode(decoder, target, picture));
  ASSERT_OK(process({}, target));
  uint32_t pitch = 0;
  const auto samples = samples_of(target, VA_FOURCC_NV12, 64, 64, pitch);
  for (uint32_t y = 0; y < 64; ++y)
    for (uint32_t x = 0; x < 64; ++x) ASSERT_EQ(samples[y * pitch + x], pcm_luma(x, y, seed));
  EXPECT_STATUS(SUCCESS, vaDestroyContext(display, decoder));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, decode_config));
}

// The picture that reads the surface may not have reached the GPU yet.
TEST_F(VideoProcess, OverAReferenceDoesNotAffectItsReaders) {
  constexpr uint32_t size = 512;
  Stream stream(display, size, size);
  const auto reference = stream.make_surface(), copy = stream.make_surface();
  for (uint8_t round = 100; round < 102; ++round) {
    EXPECT_STATUS(SUCCESS, stream.decode_intra(reference, round));
    EXPECT_STATUS(SUCCESS, stream.repeat_later(copy, reference));
    EXPECT_STATUS(SUCCESS, process({}, reference));
    EXPECT_TRUE(stream.samples(copy) == stream.intra_samples(round));
    EXPECT_FALSE(stream.samples(reference) == stream.intra_samples(round));
  }
}

}  // namespace

}  // namespace daedalus::test
