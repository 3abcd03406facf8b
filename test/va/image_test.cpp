// SPDX-License-Identifier: MIT
// VAImageID: copying samples to and from surfaces.
#include <cstring>
#include <random>

#include "va/fixture.h"

namespace daedalus::test {

namespace {

bool is_422(uint32_t fourcc) {
  return fourcc == VA_FOURCC_YUY2 || fourcc == VA_FOURCC_UYVY;
}

// A YUV picture with consecutive planes.
struct Samples {
  Samples(uint32_t width_in, uint32_t height_in, unsigned seed, uint32_t fourcc = VA_FOURCC_NV12)
      : width(width_in), height(height_in), half_rows(!is_422(fourcc)) {
    std::mt19937 random(seed);
    for (auto& plane : planes) {
      plane.resize(&plane == &planes[0] ? width * height : chroma_width() * chroma_height());
      // P010's low bits are copied as well, though they have no meaning.
      for (auto& sample : plane)
        sample = static_cast<uint16_t>(random() & (fourcc == VA_FOURCC_P010 ? 0xffff : 0xff));
    }
  }
  uint32_t chroma_width() const { return (width + 1) / 2; }
  uint32_t chroma_height() const { return half_rows ? (height + 1) / 2 : height; }

  uint32_t width, height;
  bool half_rows;
  std::vector<uint16_t> planes[3];  // Y, Cb, Cr
};

// A component's position in an image: its plane, the first sample's byte there, and the bytes
// between samples.
struct Place {
  uint32_t plane, first, step;
};

Place place_of(uint32_t fourcc, uint32_t component) {
  switch (fourcc) {
    case VA_FOURCC_I420:
      return {component, 0, 1};
    case VA_FOURCC_YV12:
      return {component == 0 ? 0 : 3 - component, 0, 1};
    case VA_FOURCC_YUY2:
      return component == 0 ? Place{0, 0, 2} : Place{0, 2 * component - 1, 4};
    case VA_FOURCC_UYVY:
      return component == 0 ? Place{0, 1, 2} : Place{0, 2 * component - 2, 4};
    case VA_FOURCC_P010:
      return component == 0 ? Place{0, 0, 2} : Place{1, 2 * component - 2, 4};
    default:
      return component == 0 ? Place{0, 0, 1} : Place{1, component - 1, 2};
  }
}

class Image : public DriverTest {
 protected:
  // Calls f(address in the image, its bytes, sample) for each sample.
  template <typename F>
  static void for_each(const VAImage& image, Samples& samples, F f) {
    uint8_t* base = nullptr;
    ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&base)));
    const std::size_t bytes = image.format.fourcc == VA_FOURCC_P010 ? 2 : 1;
    for (uint32_t component = 0; component < 3; ++component) {
      const auto [plane, first, step] = place_of(image.format.fourcc, component);
      const uint32_t width = component == 0 ? samples.width : samples.chroma_width();
      const uint32_t height = component == 0 ? samples.height : samples.chroma_height();
      for (uint32_t y = 0; y < height; ++y)
        for (uint32_t x = 0; x < width; ++x)
          f(base + image.offsets[plane] + y * image.pitches[plane] + x * step + first, bytes,
            samples.planes[component][y * width + x]);
    }
    ASSERT_OK(vaUnmapBuffer(display, image.buf));
  }
  static void fill(const VAImage& image, Samples& samples) {
    for_each(image, samples,
             [](uint8_t* at, std::size_t bytes, uint16_t sample) { memcpy(at, &sample, bytes); });
  }
  static uint32_t differences(const VAImage& image, Samples& samples) {
    uint32_t count = 0;
    for_each(image, samples, [&](const uint8_t* at, std::size_t bytes, uint16_t sample) {
      uint16_t value = 0;
      memcpy(&value, at, bytes);
      count += value != sample;
    });
    return count;
  }
  static VASurfaceID make_surface_of(uint32_t fourcc, unsigned width, unsigned height) {
    auto attribute = settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc));
    const unsigned format = is_422(fourcc)             ? VA_RT_FORMAT_YUV422
                            : fourcc == VA_FOURCC_P010 ? VA_RT_FORMAT_YUV420_10
                                                       : VA_RT_FORMAT_YUV420;
    VASurfaceID id = no_id;
    EXPECT_STATUS(SUCCESS, vaCreateSurfaces(display, format, width, height, &id, 1, &attribute, 1));
    return id;
  }
  static void put(VASurfaceID surface, const VAImage& image, int x, int y, unsigned width,
                  unsigned height) {
    EXPECT_STATUS(SUCCESS, vaPutImage(display, surface, image.image_id, 0, 0, width, height, x, y,
                                      width, height));
  }
};

// 4:2:0 formats with 8 bits: each can be copied to surfaces of the others.
constexpr uint32_t formats[] = {VA_FOURCC_NV12, VA_FOURCC_I420, VA_FOURCC_YV12};
// Only to surfaces of the same format.
constexpr uint32_t other_formats[] = {VA_FOURCC_P010, VA_FOURCC_YUY2, VA_FOURCC_UYVY};

TEST_F(Image, LiesWithinItsBuffer) {
  for (uint32_t fourcc : formats)
    for (auto [width, height] :
         {std::pair{1, 1}, {16, 16}, {175, 143}, {1920, 1080}, {4096, 4096}}) {
      const auto image = make_image(fourcc, width, height);
      EXPECT_EQ(image.format.fourcc, fourcc);
      EXPECT_EQ(image.width, width);
      EXPECT_EQ(image.height, height);
      const uint32_t chroma_width = static_cast<uint32_t>(width + 1) / 2;
      const uint32_t chroma_height = static_cast<uint32_t>(height + 1) / 2;
      ASSERT_EQ(image.num_planes, fourcc == VA_FOURCC_NV12 ? 2u : 3u);
      EXPECT_GE(image.pitches[0], static_cast<uint32_t>(width));
      EXPECT_GE(image.offsets[1], image.pitches[0] * static_cast<uint32_t>(height));
      for (uint32_t plane = 1; plane < image.num_planes; ++plane) {
        EXPECT_GE(image.pitches[plane], chroma_width * (3 - image.num_planes + 1));
        const uint32_t end = image.offsets[plane] + image.pitches[plane] * chroma_height;
        EXPECT_LE(end, plane + 1 < image.num_planes ? image.offsets[plane + 1] : image.data_size);
      }
      VABufferType type{};
      unsigned size = 0, count = 0;
      EXPECT_STATUS(SUCCESS, buffer_info(image.buf, type, size, count));
      EXPECT_EQ(type, VAImageBufferType);
      EXPECT_EQ(size * count, image.data_size);
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
      EXPECT_STATUS(ERROR_INVALID_BUFFER, vaDestroyBuffer(display, image.buf));
    }
}

TEST_F(Image, OfOtherFormatsLiesWithinItsBuffer) {
  for (uint32_t fourcc : other_formats)
    for (auto [width, height] : {std::pair{1, 1}, {16, 16}, {175, 143}, {8192, 4096}}) {
      const auto image = make_image(fourcc, width, height);
      const uint32_t pairs = static_cast<uint32_t>(width + 1) / 2;
      EXPECT_EQ(image.format.bits_per_pixel, fourcc == VA_FOURCC_P010 ? 24u : 16u);
      EXPECT_GE(image.pitches[0], 4 * pairs);
      if (is_422(fourcc)) {
        ASSERT_EQ(image.num_planes, 1u);
        EXPECT_GE(image.data_size, image.pitches[0] * static_cast<uint32_t>(height));
      } else {
        ASSERT_EQ(image.num_planes, 2u);
        EXPECT_EQ(image.pitches[1], image.pitches[0]);
        EXPECT_GE(image.offsets[1], image.pitches[0] * static_cast<uint32_t>(height));
        EXPECT_GE(image.data_size,
                  image.offsets[1] + image.pitches[1] * (static_cast<uint32_t>(height + 1) / 2));
      }
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    }
}

TEST_F(Image, OfANewSurfaceIsBlack) {
  for (uint32_t fourcc : {VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_I420, VA_FOURCC_YV12,
                          VA_FOURCC_YUY2, VA_FOURCC_UYVY}) {
    auto surface = make_surface_of(fourcc, 80, 48);
    const auto image = make_image(fourcc, 80, 48);
    ASSERT_OK(vaGetImage(display, surface, 0, 0, 80, 48, image.image_id));
    Samples black(80, 48, 0, fourcc);
    const int shift = fourcc == VA_FOURCC_P010 ? 8 : 0;
    for (auto& plane : black.planes)
      std::fill(plane.begin(), plane.end(),
                static_cast<uint16_t>((&plane == &black.planes[0] ? 16 : 128) << shift));
    EXPECT_EQ(differences(image, black), 0u);
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
  }
}

TEST_F(Image, GoesInAndOutInEveryPairOfFormats) {
  for (auto [width, height] : {std::pair{64u, 64u}, {176u, 144u}, {175u, 143u}, {34u, 18u}})
    for (uint32_t fourcc : formats) {
      auto surface = make_surface_of(fourcc, width, height);
      for (uint32_t in : formats)
        for (uint32_t out : formats) {
          const auto source = make_image(in, static_cast<int>(width), static_cast<int>(height));
          const auto result = make_image(out, static_cast<int>(width), static_cast<int>(height));
          Samples samples(width, height, in ^ out ^ width);
          fill(source, samples);
          put(surface, source, 0, 0, width, height);
          ASSERT_OK(vaGetImage(display, surface, 0, 0, width, height, result.image_id));
          EXPECT_EQ(differences(result, samples), 0u) << width << "x" << height;
          EXPECT_STATUS(SUCCESS, vaDestroyImage(display, source.image_id));
          EXPECT_STATUS(SUCCESS, vaDestroyImage(display, result.image_id));
        }
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
    }
}

TEST_F(Image, OfItsSurfacesFormatGoesInAndOut) {
  for (auto [width, height] : {std::pair{64u, 64u}, {175u, 143u}, {34u, 18u}})
    for (uint32_t fourcc : other_formats) {
      auto surface = make_surface_of(fourcc, width, height);
      const auto source = make_image(fourcc, static_cast<int>(width), static_cast<int>(height));
      const auto result = make_image(fourcc, static_cast<int>(width), static_cast<int>(height));
      Samples samples(width, height, fourcc ^ width, fourcc);
      fill(source, samples);
      put(surface, source, 0, 0, width, height);
      ASSERT_OK(vaGetImage(display, surface, 0, 0, width, height, result.image_id));
      EXPECT_EQ(differences(result, samples), 0u) << width << "x" << height;
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, source.image_id));
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, result.image_id));
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
    }
}

TEST_F(Image, OfOtherSamplesThanTheSurfaceIsRefused) {
  for (uint32_t of_surface : {VA_FOURCC_NV12, VA_FOURCC_P010, VA_FOURCC_YUY2, VA_FOURCC_UYVY}) {
    auto surface = make_surface_of(of_surface, 64, 64);
    for (uint32_t fourcc : {VA_FOURCC_I420, VA_FOURCC_P010, VA_FOURCC_YUY2, VA_FOURCC_UYVY,
                            VA_FOURCC_BGRA, VA_FOURCC_RGBX}) {
      const auto image = make_image(fourcc, 64, 64);
      const bool alike =
          fourcc == of_surface || (of_surface == VA_FOURCC_NV12 && fourcc == VA_FOURCC_I420);
      const auto wanted = alike ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
      EXPECT_EQ(vaGetImage(display, surface, 0, 0, 64, 64, image.image_id), wanted);
      EXPECT_EQ(vaPutImage(display, surface, image.image_id, 0, 0, 64, 64, 0, 0, 64, 64), wanted);
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    }
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
  }
}

// The reference for a rectangle: a chroma sample is copied if one of its luma samples is.
Samples cut(const Samples& from, uint32_t x, uint32_t y, uint32_t width, uint32_t height) {
  Samples result(width, height, 0, from.half_rows ? VA_FOURCC_NV12 : VA_FOURCC_YUY2);
  for (uint32_t component = 0; component < 3; ++component) {
    const uint32_t half = component == 0 ? 1 : 2, row_scale = from.half_rows ? half : 1;
    const uint32_t to_width = component == 0 ? width : result.chroma_width();
    const uint32_t to_height = component == 0 ? height : result.chroma_height();
    const uint32_t from_width = component == 0 ? from.width : from.chroma_width();
    for (uint32_t row = 0; row < to_height; ++row)
      for (uint32_t column = 0; column < to_width; ++column)
        result.planes[component][row * to_width + column] =
            from.planes[component][(y / row_scale + row) * from_width + x / half + column];
  }
  return result;
}

TEST_F(Image, IsGotFromAnyRectangle) {
  constexpr std::pair<uint32_t, uint32_t> pairs[] = {
      {VA_FOURCC_NV12, VA_FOURCC_NV12}, {VA_FOURCC_NV12, VA_FOURCC_I420},
      {VA_FOURCC_NV12, VA_FOURCC_YV12}, {VA_FOURCC_I420, VA_FOURCC_NV12},
      {VA_FOURCC_P010, VA_FOURCC_P010}, {VA_FOURCC_YUY2, VA_FOURCC_YUY2},
      {VA_FOURCC_UYVY, VA_FOURCC_UYVY}};
  for (const auto& [of_surface, fourcc] : pairs) {
    auto surface = make_surface_of(of_surface, 96, 80);
    const auto source = make_image(of_surface, 96, 80);
    Samples samples(96, 80, 1, of_surface);
    fill(source, samples);
    put(surface, source, 0, 0, 96, 80);
    for (auto [x, y, width, height] : {std::array{0u, 0u, 96u, 80u},
                                       {2u, 4u, 40u, 30u},
                                       {95u, 79u, 1u, 1u},
                                       {1u, 1u, 33u, 17u},
                                       {31u, 7u, 64u, 20u}}) {
      const auto image = make_image(fourcc, 96, 80);
      ASSERT_OK(vaGetImage(display, surface, static_cast<int>(x), static_cast<int>(y), width,
                           height, image.image_id));
      auto expected = cut(samples, x, y, width, height);
      EXPECT_EQ(differences(image, expected), 0u) << x << "," << y << " " << width << "x" << height;
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    }
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, source.image_id));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
  }
}

TEST_F(Image, PutIntoARectangleLeavesTheRest) {
  for (const auto& [fourcc, of_patch] : {std::pair{VA_FOURCC_NV12, VA_FOURCC_YV12},
                                         {VA_FOURCC_YV12, VA_FOURCC_NV12},
                                         {VA_FOURCC_P010, VA_FOURCC_P010},
                                         {VA_FOURCC_UYVY, VA_FOURCC_UYVY}}) {
    auto surface = make_surface_of(fourcc, 64, 64);
    const auto background = make_image(fourcc, 64, 64);
    const auto patch = make_image(of_patch, 16, 8);
    Samples samples(64, 64, 2, fourcc), small(16, 8, 3, of_patch);
    fill(background, samples);
    fill(patch, small);
    put(surface, background, 0, 0, 64, 64);
    put(surface, patch, 20, 10, 16, 8);
    for (uint32_t component = 0; component < 3; ++component) {
      const uint32_t half = component == 0 ? 1 : 2, row_scale = small.half_rows ? half : 1;
      for (uint32_t y = 0; y < 8 / row_scale; ++y)
        for (uint32_t x = 0; x < 16 / half; ++x)
          samples.planes[component][(10 / row_scale + y) * 64 / half + 20 / half + x] =
              small.planes[component][y * 16 / half + x];
    }
    ASSERT_OK(vaGetImage(display, surface, 0, 0, 64, 64, background.image_id));
    EXPECT_EQ(differences(background, samples), 0u);
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, background.image_id));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, patch.image_id));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
  }
}

// The picture that reads the surface may not have reached the GPU yet.
TEST_F(Image, PutOverAReferenceDoesNotAffectItsReaders) {
  constexpr uint32_t size = 512;
  Stream stream(display, size, size);
  const auto reference = stream.make_surface(), copy = stream.make_surface();
  const auto zeros = make_image(VA_FOURCC_NV12, size, size);
  for (uint8_t round = 100; round < 102; ++round) {
    EXPECT_STATUS(SUCCESS, stream.decode_intra(reference, round));
    EXPECT_STATUS(SUCCESS, stream.repeat_later(copy, reference));
    put(reference, zeros, 0, 0, size, size);
    EXPECT_TRUE(stream.samples(copy) == stream.intra_samples(round));
    EXPECT_TRUE(stream.samples(reference) == test::Samples(size * size * 3 / 2, 0));
  }
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, zeros.image_id));
}

// Like vaPutImage, but the client writes by itself: the GPU must be done reading, too.
TEST_F(Image, MappedForWritingDoesNotAffectReaders) {
  constexpr uint32_t size = 512;
  Stream stream(display, size, size);
  const auto reference = stream.make_surface(), copy = stream.make_surface();
  VAImage derived{};
  const auto status = vaDeriveImage(display, reference, &derived);
  if (status == VA_STATUS_ERROR_OPERATION_FAILED) GTEST_SKIP() << "surfaces cannot be mapped";
  ASSERT_OK(status);
  for (uint8_t round = 100; round < 105; ++round) {
    EXPECT_STATUS(SUCCESS, stream.decode_intra(reference, round));
    EXPECT_STATUS(SUCCESS, stream.repeat_later(copy, reference));
    void* samples = nullptr;
    ASSERT_OK(vaMapBuffer(display, derived.buf, &samples));
    memset(samples, 0, derived.data_size);
    ASSERT_OK(vaUnmapBuffer(display, derived.buf));
    EXPECT_TRUE(stream.samples(copy) == stream.intra_samples(round));
  }
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, derived.image_id));
}

TEST_F(Image, GottenIntoAReferenceDoesNotAffectItsReaders) {
  constexpr uint32_t size = 512;
  Stream stream(display, size, size);
  const auto reference = stream.make_surface(), copy = stream.make_surface();
  const auto other = stream.make_surface();
  VAImage derived{};
  const auto status = vaDeriveImage(display, reference, &derived);
  if (status == VA_STATUS_ERROR_OPERATION_FAILED) GTEST_SKIP() << "surfaces cannot be mapped";
  ASSERT_OK(status);
  EXPECT_STATUS(SUCCESS, stream.decode_intra(other, 99));
  for (uint8_t round = 100; round < 105; ++round) {
    EXPECT_STATUS(SUCCESS, stream.decode_intra(reference, round));
    EXPECT_STATUS(SUCCESS, stream.repeat_later(copy, reference));
    EXPECT_STATUS(SUCCESS, vaGetImage(display, other, 0, 0, size, size, derived.image_id));
    EXPECT_TRUE(stream.samples(copy) == stream.intra_samples(round));
    EXPECT_TRUE(stream.samples(reference) == stream.intra_samples(99));
  }
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, derived.image_id));
}

TEST_F(Image, DerivedFromASurfaceIsTheSurface) {
  for (const auto& [fourcc, of_image] : {std::pair{VA_FOURCC_NV12, VA_FOURCC_I420},
                                         {VA_FOURCC_P010, VA_FOURCC_P010},
                                         {VA_FOURCC_I420, VA_FOURCC_NV12},
                                         {VA_FOURCC_YV12, VA_FOURCC_I420},
                                         {VA_FOURCC_YUY2, VA_FOURCC_YUY2},
                                         {VA_FOURCC_UYVY, VA_FOURCC_UYVY}}) {
    auto surface = make_surface_of(fourcc, 100, 60);
    VAImage derived{};
    const auto status = vaDeriveImage(display, surface, &derived);
    if (status == VA_STATUS_ERROR_OPERATION_FAILED) GTEST_SKIP() << "surfaces cannot be mapped";
    ASSERT_OK(status);
    EXPECT_EQ(derived.format.fourcc, fourcc);
    EXPECT_EQ(derived.width, 100);
    EXPECT_EQ(derived.height, 60);
    const auto image = make_image(of_image, 100, 60);
    Samples samples(100, 60, 4, fourcc);
    fill(image, samples);
    put(surface, image, 0, 0, 100, 60);
    EXPECT_EQ(differences(derived, samples), 0u);
    Samples others(100, 60, 5, fourcc);
    fill(derived, others);
    ASSERT_OK(vaGetImage(display, surface, 0, 0, 100, 60, image.image_id));
    EXPECT_EQ(differences(image, others), 0u);

    EXPECT_STATUS(ERROR_SURFACE_BUSY,
                  vaGetImage(display, surface, 0, 0, 100, 60, derived.image_id));
    EXPECT_STATUS(ERROR_SURFACE_BUSY,
                  vaPutImage(display, surface, derived.image_id, 0, 0, 100, 60, 0, 0, 100, 60));
    // The samples outlive the surface's id.
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
    EXPECT_EQ(differences(derived, others), 0u);
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, derived.image_id));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
  }
}

TEST_F(Image, RefusesOtherFormatsAndSizes) {
  VAImage image{};
  auto format = format_of(VA_FOURCC_P016);
  EXPECT_STATUS(ERROR_INVALID_IMAGE_FORMAT, vaCreateImage(display, &format, 64, 64, &image));
  format = format_of(VA_FOURCC_NV12);
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, vaCreateImage(display, &format, 0, 64, &image));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, vaCreateImage(display, &format, 64, -1, &image));
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, vaCreateImage(display, &format, 8193, 64, &image));
}

TEST_F(Image, RefusesRectanglesOutside) {
  auto surface = make_surface(64, 64);
  const auto image = make_image(VA_FOURCC_NV12, 32, 32);
  const auto get = [&](int x, int y, unsigned width, unsigned height) {
    return vaGetImage(display, surface, x, y, width, height, image.image_id);
  };
  EXPECT_STATUS(SUCCESS, get(32, 32, 32, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, get(0, 0, 33, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, get(33, 0, 32, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, get(-1, 0, 32, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, get(0, 0, 0, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, get(0, 0x7fffffff, 32, 0xffffffff));
  const auto put_at = [&](int x, int y, unsigned width, unsigned height) {
    return vaPutImage(display, surface, image.image_id, 0, 0, width, height, x, y, width, height);
  };
  EXPECT_STATUS(SUCCESS, put_at(32, 32, 32, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, put_at(40, 0, 32, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, put_at(0, -2, 32, 32));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, put_at(0, 0, 64, 64));
  EXPECT_STATUS(ERROR_UNIMPLEMENTED,
                vaPutImage(display, surface, image.image_id, 0, 0, 32, 32, 0, 0, 64, 64));
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
}

TEST_F(Image, HasNoPalette) {
  const auto image = make_image(VA_FOURCC_NV12, 64, 64);
  uint8_t palette[16] = {};
  EXPECT_STATUS(ERROR_INVALID_IMAGE_FORMAT, vaSetImagePalette(display, image.image_id, palette));
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
}

}  // namespace

}  // namespace daedalus::test
