// SPDX-License-Identifier: MIT
// vaPutSurface in a window of an X server without a screen.
#include "programs/program.h"
#include "va/fixture.h"

// clang-format off: Xlib's macros change what comes after them.
#include <X11/Xutil.h>
#include <va/va_x11.h>
// clang-format on

#include <cmath>
#include <functional>

namespace daedalus::test {

namespace {

constexpr uint8_t seed = 5;
constexpr unsigned window_width = 160, window_height = 120;
constexpr unsigned long grey = 0x404040;

class PutSurface : public DriverTest {
 protected:
  static void SetUpTestSuite() {
    ASSERT_FALSE(test::display().name().empty()) << "Xvfb did not start";
    x11 = XOpenDisplay(test::display().name().c_str());
    ASSERT_NE(x11, nullptr);
    display = vaGetDisplay(x11);
    int major = 0, minor = 0;
    ASSERT_OK(vaInitialize(display, &major, &minor));
  }
  static void TearDownTestSuite() {
    DriverTest::TearDownTestSuite();
    XCloseDisplay(x11);
  }

  void SetUp() override {
    window = XCreateSimpleWindow(x11, DefaultRootWindow(x11), 0, 0, window_width, window_height, 0,
                                 0, grey);
    XMapWindow(x11, window);
    XSync(x11, False);
    surface = make_surface();
    const auto config = make_config();
    const auto context = make_context(config);
    auto picture = make_pcm_picture(4, 4, surface, seed);
    ASSERT_OK(decode(context, surface, picture));
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
  }
  void TearDown() override {
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
    XDestroyWindow(x11, window);
  }

  VAStatus put(VARectangle from, VARectangle to, std::vector<VARectangle> clips = {},
               unsigned flags = 0) {
    return vaPutSurface(display, surface, window, from.x, from.y, from.width, from.height, to.x,
                        to.y, to.width, to.height, clips.data(),
                        static_cast<unsigned>(clips.size()), flags);
  }

  // Red, green and blue of every sample of the window, packed in words.
  std::vector<uint32_t> shown() const {
    XImage* image = XGetImage(x11, window, 0, 0, window_width, window_height, AllPlanes, ZPixmap);
    std::vector<uint32_t> samples;
    for (int y = 0; y < int{window_height}; ++y)
      for (int x = 0; x < int{window_width}; ++x)
        samples.push_back(static_cast<uint32_t>(XGetPixel(image, x, y)) & 0xffffff);
    XDestroyImage(image);
    return samples;
  }

  // Whether a sample shows the picture at this position of the surface. BT.601 turns its luma into
  // red.
  static bool is_picture(uint32_t sample, uint32_t x, uint32_t y) {
    const double red =
        255 * ((pcm_luma(x, y, seed) - 16) / 219.0 + 1.402 * (pcm_cr(seed) - 128) / 224.0);
    return std::abs((sample >> 16) - std::fmin(std::fmax(red, 0), 255)) <= 0.6;
  }
  using Wanted = std::function<bool(uint32_t sample, uint32_t x, uint32_t y)>;
  void expect_shown(const Wanted& wanted) const {
    const auto samples = shown();
    for (uint32_t y = 0; y < window_height; ++y)
      for (uint32_t x = 0; x < window_width; ++x) {
        const uint32_t sample = samples[y * window_width + x];
        ASSERT_TRUE(wanted(sample, x, y))
            << std::hex << sample << std::dec << " at " << x << ", " << y;
      }
  }

  static inline Display* x11 = nullptr;
  Window window = 0;
  VASurfaceID surface = no_id;
};

bool inside(const VARectangle& area, uint32_t x, uint32_t y) {
  return static_cast<int>(x) >= area.x && static_cast<int>(y) >= area.y &&
         static_cast<int>(x) < area.x + area.width && static_cast<int>(y) < area.y + area.height;
}

TEST_F(PutSurface, ShowsAPartWhereItIsAskedTo) {
  const VARectangle to{20, 30, 32, 16};
  ASSERT_OK(put({8, 16, 32, 16}, to));
  expect_shown([&](uint32_t sample, uint32_t x, uint32_t y) {
    return inside(to, x, y) ? is_picture(sample, x - 20 + 8, y - 30 + 16) : sample == grey;
  });
}

// The field's own rows, with the mean of their neighbours between them.
TEST_F(PutSurface, ShowsOneField) {
  const VARectangle to{20, 30, 64, 64};
  for (const unsigned parity : {0, 1}) {
    ASSERT_OK(put({0, 0, 64, 64}, to, {}, parity == 0 ? VA_TOP_FIELD : VA_BOTTOM_FIELD));
    expect_shown([&](uint32_t sample, uint32_t x, uint32_t y) {
      if (!inside(to, x, y)) return sample == grey;
      const uint32_t column = x - 20, row = y - 30;
      if (row % 2 == parity) return is_picture(sample, column, row);
      const uint32_t above = row > 0 ? row - 1 : row + 1, below = row < 63 ? row + 1 : row - 1;
      const double luma = (pcm_luma(column, above, seed) + pcm_luma(column, below, seed)) / 2.0;
      const double red = 255 * ((luma - 16) / 219.0 + 1.402 * (pcm_cr(seed) - 128) / 224.0);
      return std::abs((sample >> 16) - std::fmin(std::fmax(red, 0), 255)) <= 1.2;
    });
  }
}

// The samples of a decoded picture, in surfaces of other formats.
TEST_F(PutSurface, ShowsSurfacesOfOtherFormats) {
  const auto decoded = read_samples(display, surface, 64, 64);
  for (uint32_t fourcc : {VA_FOURCC_P010, VA_FOURCC_I420, VA_FOURCC_YV12}) {
    auto attribute = settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc));
    VASurfaceID other = no_id;
    ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &other, 1, &attribute, 1));
    const auto image = make_image(fourcc, 64, 64);
    uint8_t* bytes = nullptr;
    ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&bytes)));
    const bool ten_bits = fourcc == VA_FOURCC_P010;
    const auto write = [&](std::size_t plane, std::size_t row, std::size_t column, uint8_t sample) {
      uint8_t* to = bytes + image.offsets[plane] + row * image.pitches[plane];
      if (!ten_bits) {
        to[column] = sample;
        return;
      }
      to[2 * column] = 0;
      to[2 * column + 1] = sample;
    };
    for (std::size_t y = 0; y < 64; ++y)
      for (std::size_t x = 0; x < 64; ++x) write(0, y, x, decoded[y * 64 + x]);
    for (std::size_t y = 0; y < 32; ++y)
      for (std::size_t x = 0; x < 32; ++x)
        for (std::size_t component = 0; component < 2; ++component) {
          const uint8_t sample = decoded[64 * 64 + component * 32 * 32 + y * 32 + x];
          const std::size_t plane = fourcc == VA_FOURCC_YV12 ? 2 - component : 1 + component;
          if (ten_bits)
            write(1, y, 2 * x + component, sample);
          else
            write(plane, y, x, sample);
        }
    ASSERT_OK(vaUnmapBuffer(display, image.buf));
    ASSERT_OK(vaPutImage(display, other, image.image_id, 0, 0, 64, 64, 0, 0, 64, 64));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    const VARectangle to{20, 30, 32, 16};
    ASSERT_OK(vaPutSurface(display, other, window, 8, 16, 32, 16, 20, 30, 32, 16, nullptr, 0,
                           VA_CLEAR_DRAWABLE));
    expect_shown([&](uint32_t sample, uint32_t x, uint32_t y) {
      return inside(to, x, y) ? is_picture(sample, x - 20 + 8, y - 30 + 16) : true;
    });
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &other, 1));
  }
}

TEST_F(PutSurface, ClipsAndClears) {
  const VARectangle to{40, 40, 64, 64}, first{40, 40, 10, 10}, second{60, 90, 50, 50};
  ASSERT_OK(put({0, 0, 64, 64}, to, {first, second}));
  expect_shown([&](uint32_t sample, uint32_t x, uint32_t y) {
    const bool visible = inside(to, x, y) && (inside(first, x, y) || inside(second, x, y));
    return visible ? is_picture(sample, x - 40, y - 40) : sample == grey;
  });
  ASSERT_OK(put({0, 0, 64, 64}, to, {}, VA_CLEAR_DRAWABLE));
  expect_shown([&](uint32_t sample, uint32_t x, uint32_t y) {
    return inside(to, x, y) ? is_picture(sample, x - 40, y - 40) : sample == 0;
  });
}

TEST_F(PutSurface, ReachesBeyondTheWindow) {
  ASSERT_OK(put({0, 0, 64, 64}, {-16, 100, 64, 64}));
  expect_shown([](uint32_t sample, uint32_t x, uint32_t y) {
    return x < 48 && y >= 100 ? is_picture(sample, x + 16, y - 100) : sample == grey;
  });
}

TEST_F(PutSurface, Scales) {
  for (unsigned filter : {VA_FILTER_SCALING_DEFAULT, VA_FILTER_SCALING_HQ}) {
    ASSERT_OK(put({0, 0, 64, 64}, {0, 0, window_width, window_height}, {}, filter));
    const auto samples = shown();
    // Interpolated between its neighbours; the picture increases along its rows.
    const uint32_t middle = samples[60 * window_width + 80] >> 16;
    EXPECT_NE(middle, grey >> 16);
    EXPECT_GE(samples[60 * window_width + 84] >> 16, middle);
  }
}

TEST_F(PutSurface, BlendsSubpictures) {
  const auto image = make_image(VA_FOURCC_BGRA, 8, 8);
  uint32_t* samples = nullptr;
  ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
  for (uint32_t y = 0; y < 8; ++y)
    for (uint32_t x = 0; x < 8; ++x)
      samples[y * image.pitches[0] / 4 + x] = x < 4 ? 0xff123456 : 0x00ffffff;
  ASSERT_OK(vaUnmapBuffer(display, image.buf));
  VASubpictureID subpicture = no_id;
  ASSERT_OK(vaCreateSubpicture(display, image.image_id, &subpicture));
  // On a surface that is displayed from (8, 8) at twice its size.
  ASSERT_OK(vaAssociateSubpicture(display, subpicture, &surface, 1, 0, 0, 8, 8, 16, 16, 4, 4, 0));
  const VARectangle to{10, 10, 96, 96};
  ASSERT_OK(put({8, 8, 48, 48}, to));
  const auto at = [this](uint32_t x, uint32_t y) { return shown()[y * window_width + x]; };
  EXPECT_EQ(at(10 + 16, 10 + 16), 0x123456u);
  EXPECT_EQ(at(10 + 16 + 2, 10 + 16 + 7), 0x123456u);
  EXPECT_NE(at(10 + 16 - 1, 10 + 16), 0x123456u);
  EXPECT_NE(at(10 + 16 + 7, 10 + 16), 0x123456u);

  // In the window's samples.
  ASSERT_OK(vaAssociateSubpicture(display, subpicture, &surface, 1, 0, 0, 8, 8, 50, 60, 8, 8,
                                  VA_SUBPICTURE_DESTINATION_IS_SCREEN_COORD));
  ASSERT_OK(put({8, 8, 48, 48}, to));
  EXPECT_EQ(at(50, 60), 0x123456u);
  EXPECT_EQ(at(53, 67), 0x123456u);
  EXPECT_NE(at(54, 60), 0x123456u);
  EXPECT_NE(at(10 + 16, 10 + 16), 0x123456u);

  // Half transparent.
  ASSERT_OK(vaSetSubpictureGlobalAlpha(display, subpicture, 0));
  ASSERT_OK(vaAssociateSubpicture(
      display, subpicture, &surface, 1, 0, 0, 8, 8, 50, 60, 8, 8,
      VA_SUBPICTURE_DESTINATION_IS_SCREEN_COORD | VA_SUBPICTURE_GLOBAL_ALPHA));
  ASSERT_OK(put({8, 8, 48, 48}, to));
  EXPECT_NE(at(50, 60), 0x123456u);

  // Pixels with red from 0x10 to 0x20 are transparent.
  ASSERT_OK(vaSetSubpictureChromakey(display, subpicture, 0x10, 0x20, 0xff));
  ASSERT_OK(vaAssociateSubpicture(
      display, subpicture, &surface, 1, 0, 0, 8, 8, 50, 60, 8, 8,
      VA_SUBPICTURE_DESTINATION_IS_SCREEN_COORD | VA_SUBPICTURE_CHROMA_KEYING));
  ASSERT_OK(put({8, 8, 48, 48}, to));
  EXPECT_NE(at(50, 60), 0x123456u);
  ASSERT_OK(vaSetSubpictureChromakey(display, subpicture, 0x13, 0x20, 0xff));
  ASSERT_OK(put({8, 8, 48, 48}, to));
  EXPECT_EQ(at(50, 60), 0x123456u);

  // Gone when destroyed.
  ASSERT_OK(vaDestroySubpicture(display, subpicture));
  ASSERT_OK(put({8, 8, 48, 48}, to));
  EXPECT_NE(at(50, 60), 0x123456u);
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
}

TEST_F(PutSurface, RefusesWhatIsNotThere) {
  const VARectangle to{0, 0, 64, 64};
  for (const VARectangle& from :
       {VARectangle{-1, 0, 8, 8}, {0, 57, 8, 8}, {0, 0, 65, 8}, {0, 0, 0, 8}})
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, put(from, to));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, put({0, 0, 64, 64}, {0, 0, 0, 64}));
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, put({0, 0, 64, 64}, {0, 0, 9000, 64}));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                vaPutSurface(display, surface, 12345, 0, 0, 64, 64, 0, 0, 64, 64, nullptr, 0, 0));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                vaPutSurface(display, surface, window, 0, 0, 64, 64, 0, 0, 64, 64, nullptr, 1, 0));
}

}  // namespace

}  // namespace daedalus::test
