// SPDX-License-Identifier: MIT
// The toy codec, decoded through VA.
#include <gtest/gtest.h>
#include <va/va.h>

#include <cstdlib>
#include <map>
#include <random>

#include "fuzz/linked_display.h"
#include "toy/session.h"
#include "va/client.h"

namespace daedalus::toy {

namespace {

constexpr uint32_t width = 5 * block_size, height = 7 * block_size;
constexpr uint32_t columns = width / block_size, rows = height / block_size;

using Blocks = std::vector<uint8_t>;  // a byte each

// The specification in job.h.
struct Model {
  struct Decoded {
    Blocks levels = Blocks(columns * rows);
    uint32_t step = 1;
  };
  const Decoded& decode(VASurfaceID target, VASurfaceID reference, const Blocks& bytes) {
    const bool key = reference == VA_INVALID_SURFACE;
    Decoded next;
    if (!key) next = surfaces.at(reference);
    uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      next.levels[i] = static_cast<uint8_t>(next.levels[i] + bytes[i] * next.step);
      sum += bytes[i];
    }
    next.step = 1 + sum % 7;
    return surfaces[target] = next;
  }
  test::Samples samples(VASurfaceID surface) const {
    const auto& levels = surfaces.at(surface).levels;
    test::Samples samples(width * height * 3 / 2, 128);
    for (uint32_t y = 0; y < height; ++y)
      for (uint32_t x = 0; x < width; ++x)
        samples[y * width + x] = levels[y / block_size * columns + x / block_size];
    return samples;
  }
  std::map<VASurfaceID, Decoded> surfaces;
};

class Toy : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("DAEDALUS_DEVICE", "", 1);
    display = fuzz::open_linked_display();
    ASSERT_NE(display, nullptr);
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(vaTerminate(display), VA_STATUS_SUCCESS);
    display = nullptr;
  }
  void SetUp() override {
    ASSERT_EQ(vaCreateConfig(display, toy_profile, VAEntrypointVLD, nullptr, 0, &config),
              VA_STATUS_SUCCESS);
    ASSERT_EQ(
        vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height, surfaces, 4, nullptr, 0),
        VA_STATUS_SUCCESS);
    context = make_context();
  }
  void TearDown() override {
    EXPECT_EQ(vaDestroyContext(display, context), VA_STATUS_SUCCESS);
    EXPECT_EQ(vaDestroySurfaces(display, surfaces, 4), VA_STATUS_SUCCESS);
    EXPECT_EQ(vaDestroyConfig(display, config), VA_STATUS_SUCCESS);
  }

  VAContextID make_context() const {
    VAContextID id = VA_INVALID_ID;
    EXPECT_EQ(vaCreateContext(display, config, width, height, 0, nullptr, 0, &id),
              VA_STATUS_SUCCESS);
    return id;
  }
  VABufferID make_buffer(VABufferType type, std::size_t size, unsigned count, const void* data) {
    VABufferID id = VA_INVALID_ID;
    EXPECT_EQ(vaCreateBuffer(display, context, type, static_cast<unsigned>(size), count,
                             const_cast<void*>(data), &id),
              VA_STATUS_SUCCESS);
    return id;
  }

  // Sends slices of two rows, with their parameters in one buffer and their data in another.
  VAStatus decode(VASurfaceID target, VASurfaceID reference, const Blocks& bytes,
                  uint32_t width_in_blocks = columns) {
    const PictureParameterBuffer picture{width_in_blocks, rows, reference};
    std::vector<SliceParameterBuffer> slices;
    for (uint32_t row = 0; row < rows && row * columns < bytes.size(); row += 2) {
      const auto size = std::min<std::size_t>(2 * columns, bytes.size() - row * columns);
      slices.push_back({{static_cast<uint32_t>(size), row * columns, VA_SLICE_DATA_FLAG_ALL}, row});
    }
    VABufferID buffers[] = {
        make_buffer(VAPictureParameterBufferType, sizeof(picture), 1, &picture),
        make_buffer(VASliceDataBufferType, bytes.size(), 1, bytes.data()),
        make_buffer(VASliceParameterBufferType, sizeof(slices[0]),
                    static_cast<unsigned>(slices.size()), slices.data()),
    };
    auto status = vaBeginPicture(display, context, target);
    if (status == VA_STATUS_SUCCESS) status = vaRenderPicture(display, context, buffers, 3);
    const auto ended = vaEndPicture(display, context);
    for (const auto id : buffers) vaDestroyBuffer(display, id);
    return status == VA_STATUS_SUCCESS ? ended : status;
  }

  Blocks random_blocks() {
    Blocks bytes(columns * rows);
    for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
    return bytes;
  }
  // Compares with the model's picture.
  void expect_equal(VASurfaceID surface) {
    EXPECT_TRUE(test::read_samples(display, surface, width, height) == model.samples(surface));
  }

  static inline VADisplay display = nullptr;
  VAConfigID config = VA_INVALID_ID;
  VAContextID context = VA_INVALID_ID;
  VASurfaceID surfaces[4];
  Model model;
  std::mt19937 random{1};
};

TEST_F(Toy, IsAllThatIsOffered) {
  std::vector<VAProfile> profiles(static_cast<std::size_t>(vaMaxNumProfiles(display)));
  int count = 0;
  ASSERT_EQ(vaQueryConfigProfiles(display, profiles.data(), &count), VA_STATUS_SUCCESS);
  ASSERT_EQ(count, 1);
  EXPECT_EQ(profiles[0], toy_profile);
  VAConfigAttrib attribute{VAConfigAttribMaxPictureWidth, 0};
  EXPECT_EQ(vaGetConfigAttributes(display, toy_profile, VAEntrypointVLD, &attribute, 1),
            VA_STATUS_SUCCESS);
  EXPECT_EQ(attribute.value, max_size);
}

TEST_F(Toy, PicturesAreWhatTheyShouldBe) {
  VASurfaceID reference = VA_INVALID_SURFACE;
  for (int picture = 0; picture < 40; ++picture) {
    const auto target = surfaces[picture % 4];
    const auto bytes = random_blocks();
    model.decode(target, reference, bytes);
    ASSERT_EQ(decode(target, reference, bytes), VA_STATUS_SUCCESS);
    if (picture % 9 == 8) expect_equal(target);
    reference = picture % 13 == 12 ? VA_INVALID_SURFACE : target;
  }
  for (const auto surface : surfaces) expect_equal(surface);
}

// A picture's saved state belongs to its surface, not to its context.
TEST_F(Toy, GoesOnInAnotherContext) {
  auto bytes = random_blocks();
  model.decode(surfaces[0], VA_INVALID_SURFACE, bytes);
  ASSERT_EQ(decode(surfaces[0], VA_INVALID_SURFACE, bytes), VA_STATUS_SUCCESS);
  ASSERT_NE(model.surfaces[surfaces[0]].step, 1u);
  EXPECT_EQ(vaDestroyContext(display, context), VA_STATUS_SUCCESS);
  context = make_context();
  bytes = random_blocks();
  model.decode(surfaces[1], surfaces[0], bytes);
  ASSERT_EQ(decode(surfaces[1], surfaces[0], bytes), VA_STATUS_SUCCESS);
  expect_equal(surfaces[1]);
}

TEST_F(Toy, LostRowsRepeatTheReferenceAndAreReported) {
  auto bytes = random_blocks();
  model.decode(surfaces[0], VA_INVALID_SURFACE, bytes);
  ASSERT_EQ(decode(surfaces[0], VA_INVALID_SURFACE, bytes), VA_STATUS_SUCCESS);
  bytes = random_blocks();
  bytes.resize((rows - 1) * columns);
  model.decode(surfaces[1], surfaces[0], bytes);
  ASSERT_EQ(decode(surfaces[1], surfaces[0], bytes), VA_STATUS_SUCCESS);
  expect_equal(surfaces[1]);
  VASurfaceDecodeMBErrors* errors = nullptr;
  ASSERT_EQ(vaQuerySurfaceError(display, surfaces[1], VA_STATUS_ERROR_DECODING_ERROR,
                                reinterpret_cast<void**>(&errors)),
            VA_STATUS_SUCCESS);
  EXPECT_EQ(errors[0].start_mb, (rows - 1) * columns);
  EXPECT_EQ(errors[0].end_mb, rows * columns - 1);
  EXPECT_EQ(errors[1].status, -1);
}

TEST_F(Toy, IsRefusedWhereItDoesNotFit) {
  const auto bytes = random_blocks();
  EXPECT_EQ(decode(surfaces[0], VA_INVALID_SURFACE, bytes, columns + 1),
            VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED);
  EXPECT_EQ(decode(surfaces[0], VA_INVALID_SURFACE, bytes, 0), VA_STATUS_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(decode(surfaces[0], surfaces[0], bytes), VA_STATUS_ERROR_INVALID_SURFACE);
}

}  // namespace

}  // namespace daedalus::toy
