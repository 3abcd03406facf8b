// SPDX-License-Identifier: MIT
// VAProcFilterDeinterlacing, through libva.
#include <va/va.h>
#include <va/va_vpp.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "reference/deinterlace.h"
#include "va/fixture.h"

namespace daedalus::test {

namespace {

using Bytes = std::vector<std::byte>;

constexpr uint32_t width = 64, height = 48;

// NV12 without padding.
constexpr PictureLayout layout = {.format = PictureFormat::nv12,
                                  .width = width,
                                  .height = height,
                                  .pitch = width,
                                  .chroma_offset = width * height,
                                  .size = width * height * 3 / 2};

Bytes random_frame(uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(layout.size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// A frame's field, with the rows between interpolated bilinearly.
Bytes bobbed(const Bytes& frame, bool bottom) {
  Bytes result = frame;
  const auto interpolate = [&](uint32_t first, uint32_t rows) {
    for (uint32_t y = bottom ? 0 : 1; y < rows; y += 2)
      for (uint32_t x = 0; x < width; ++x) {
        const uint32_t above = y > 0 ? y - 1 : y + 1, below = y + 1 < rows ? y + 1 : y - 1;
        const auto at = [&](uint32_t row) {
          return static_cast<uint32_t>(frame[first + row * width + x]);
        };
        result[first + y * width + x] = static_cast<std::byte>((at(above) + at(below) + 1) / 2);
      }
  };
  interpolate(0, height);
  interpolate(width * height, height / 2);
  return result;
}

Bytes adapted(const Bytes& frame, const Bytes* previous, const Bytes* next, bool bottom,
              bool second) {
  video::Process process;
  process.source_region = process.target_region = {0, 0, width, height};
  process.bottom_field = bottom;
  process.second_field = second;
  const video::scalar::Frame own{frame, layout};
  const auto of = [&](const Bytes* bytes) {
    return video::scalar::Frame{bytes ? *bytes : frame, layout};
  };
  const auto before = of(previous), after = of(next);
  return video::scalar::deinterlaced(process, own, previous ? &before : nullptr,
                                     next ? &after : nullptr, layout);
}

class DeinterlacingFilter : public DriverTest {
 protected:
  void SetUp() override {
    ASSERT_OK(vaCreateConfig(display, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &config));
    ASSERT_OK(vaCreateContext(display, config, 0, 0, 0, nullptr, 0, &context));
    previous = upload(previous_frame);
    source = upload(frame);
    next = upload(next_frame);
    target = make_surface(width, height);
  }
  void TearDown() override {
    for (VABufferID filter : filters) EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, filter));
    for (auto* surface : {&previous, &source, &next, &target})
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, surface, 1));
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
  }

  static VASurfaceID upload(const Bytes& bytes) {
    const auto surface = make_surface(width, height);
    const auto image = make_image(VA_FOURCC_NV12, width, height);
    uint8_t* samples = nullptr;
    EXPECT_STATUS(SUCCESS, vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
    for (uint32_t y = 0; y < height * 3 / 2; ++y)
      memcpy(samples + place(image, y), &bytes[std::size_t{y} * width], width);
    EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, image.buf));
    EXPECT_STATUS(SUCCESS, vaPutImage(display, surface, image.image_id, 0, 0, width, height, 0, 0,
                                      width, height));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    return surface;
  }

  // The offset of a row of luma, or of the chroma rows after them.
  static std::size_t place(const VAImage& image, uint32_t row) {
    const std::size_t plane = row < height ? 0 : 1;
    return image.offsets[plane] +
           std::size_t{plane == 0 ? row : row - height} * image.pitches[plane];
  }

  static Bytes download(VASurfaceID surface) {
    const auto image = make_image(VA_FOURCC_NV12, width, height);
    EXPECT_STATUS(SUCCESS, vaGetImage(display, surface, 0, 0, width, height, image.image_id));
    uint8_t* samples = nullptr;
    EXPECT_STATUS(SUCCESS, vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
    Bytes bytes(layout.size);
    for (uint32_t y = 0; y < height * 3 / 2; ++y)
      memcpy(&bytes[std::size_t{y} * width], samples + place(image, y), width);
    EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, image.buf));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
    return bytes;
  }

  VABufferID make_filter(VAProcDeinterlacingType algorithm, uint32_t flags = 0) {
    VAProcFilterParameterBufferDeinterlacing filter{};
    filter.type = VAProcFilterDeinterlacing;
    filter.algorithm = algorithm;
    filter.flags = flags;
    return make_buffer(VAProcFilterParameterBufferType, sizeof filter, &filter);
  }
  VABufferID make_buffer(VABufferType type, unsigned size, void* data) {
    VABufferID id = no_id;
    EXPECT_STATUS(SUCCESS, vaCreateBuffer(display, context, type, size, 1, data, &id));
    filters.push_back(id);
    return id;
  }

  // Uses both references, unless `change` removes them.
  template <typename Change>
  VAStatus process(VABufferID filter, const Change& change) {
    VAProcPipelineParameterBuffer parameters{};
    parameters.surface = source;
    parameters.filters = &filter;
    parameters.num_filters = 1;
    parameters.forward_references = &previous;
    parameters.num_forward_references = 1;
    parameters.backward_references = &next;
    parameters.num_backward_references = 1;
    VASurfaceID to = target;
    change(parameters, to);
    VABufferID buffer = no_id;
    auto status = vaBeginPicture(display, context, to);
    if (status == VA_STATUS_SUCCESS)
      status = vaCreateBuffer(display, context, VAProcPipelineParameterBufferType,
                              sizeof(parameters), 1, &parameters, &buffer);
    if (status == VA_STATUS_SUCCESS) status = vaRenderPicture(display, context, &buffer, 1);
    vaDestroyBuffer(display, buffer);
    const auto ended = vaEndPicture(display, context);
    return status == VA_STATUS_SUCCESS ? ended : status;
  }
  VAStatus process(VABufferID filter) {
    return process(filter, [](auto&, auto&) {});
  }

  VAConfigID config = no_id;
  VAContextID context = no_id;
  VASurfaceID previous = no_id, source = no_id, next = no_id, target = no_id;
  const Bytes previous_frame = random_frame(1), frame = random_frame(2),
              next_frame = random_frame(3);
  std::vector<VABufferID> filters;
};

using Parameters = VAProcPipelineParameterBuffer;

TEST_F(DeinterlacingFilter, SaysWhatItDoes) {
  VAProcFilterType types[VAProcFilterCount];
  unsigned count = VAProcFilterCount;
  ASSERT_OK(vaQueryVideoProcFilters(display, context, types, &count));
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(types[0], VAProcFilterDeinterlacing);
  count = 0;
  EXPECT_STATUS(ERROR_MAX_NUM_EXCEEDED, vaQueryVideoProcFilters(display, context, types, &count));
  EXPECT_EQ(count, 1u);

  VAProcFilterCapDeinterlacing algorithms[VAProcDeinterlacingCount];
  const auto query = [&](VAProcFilterType type) {
    return vaQueryVideoProcFilterCaps(display, context, type, algorithms, &count);
  };
  count = 2;
  EXPECT_STATUS(ERROR_MAX_NUM_EXCEEDED, query(VAProcFilterDeinterlacing));
  EXPECT_EQ(count, 3u);
  ASSERT_OK(query(VAProcFilterDeinterlacing));
  ASSERT_EQ(count, 3u);
  EXPECT_EQ(algorithms[0].type, VAProcDeinterlacingBob);
  EXPECT_EQ(algorithms[1].type, VAProcDeinterlacingWeave);
  EXPECT_EQ(algorithms[2].type, VAProcDeinterlacingMotionAdaptive);
  for (const auto type : {VAProcFilterNone, VAProcFilterSharpening, VAProcFilterColorBalance})
    EXPECT_STATUS(ERROR_UNSUPPORTED_FILTER, query(type));
  EXPECT_STATUS(
      ERROR_INVALID_PARAMETER,
      vaQueryVideoProcFilterCaps(display, context, VAProcFilterDeinterlacing, nullptr, &count));
}

TEST_F(DeinterlacingFilter, SaysWhichReferencesItReads) {
  for (const auto& [algorithm, references] : {std::pair{VAProcDeinterlacingNone, 0u},
                                              {VAProcDeinterlacingBob, 0u},
                                              {VAProcDeinterlacingWeave, 0u},
                                              {VAProcDeinterlacingMotionAdaptive, 1u}}) {
    auto filter = make_filter(algorithm);
    VAProcPipelineCaps caps{};
    ASSERT_OK(vaQueryVideoProcPipelineCaps(display, context, &filter, 1, &caps));
    EXPECT_EQ(caps.num_forward_references, references);
    EXPECT_EQ(caps.num_backward_references, references);
    EXPECT_EQ(caps.filter_flags & (VA_TOP_FIELD | VA_BOTTOM_FIELD),
              uint32_t{VA_TOP_FIELD | VA_BOTTOM_FIELD});
  }
}

TEST_F(DeinterlacingFilter, ShowsTheFieldThatIsAskedFor) {
  for (const uint32_t bottom : {0, VA_DEINTERLACING_BOTTOM_FIELD})
    for (const uint32_t bottom_first : {0, VA_DEINTERLACING_BOTTOM_FIELD_FIRST}) {
      const uint32_t flags = bottom | bottom_first;
      ASSERT_OK(process(make_filter(VAProcDeinterlacingMotionAdaptive, flags)));
      const bool second = (bottom != 0) != (bottom_first != 0);
      EXPECT_TRUE(download(target) ==
                  adapted(frame, &previous_frame, &next_frame, bottom != 0, second))
          << flags;
      ASSERT_OK(process(make_filter(VAProcDeinterlacingBob, flags)));
      EXPECT_TRUE(download(target) == bobbed(frame, bottom != 0)) << flags;
      for (const auto algorithm : {VAProcDeinterlacingWeave, VAProcDeinterlacingNone}) {
        ASSERT_OK(process(make_filter(algorithm, flags)));
        EXPECT_TRUE(download(target) == frame) << flags;
      }
    }
}

// Like GStreamer's va plugin, which leaves the filter's flags zero.
TEST_F(DeinterlacingFilter, ShowsTheFieldThatTheSurfaceNames) {
  const auto adaptive = make_filter(VAProcDeinterlacingMotionAdaptive);
  for (const uint32_t field : {VA_TOP_FIELD, VA_BOTTOM_FIELD})
    for (const uint32_t order : {VA_TOP_FIELD_FIRST, VA_BOTTOM_FIELD_FIRST}) {
      ASSERT_OK(process(
          adaptive, [&](Parameters& p, VASurfaceID&) { p.input_surface_flag = field | order; }));
      const bool bottom = field == VA_BOTTOM_FIELD;
      const bool second = bottom != (order == VA_BOTTOM_FIELD_FIRST);
      EXPECT_TRUE(download(target) == adapted(frame, &previous_frame, &next_frame, bottom, second));
    }
}

// Like vaPutSurface.
TEST_F(DeinterlacingFilter, IsNotNeededForBob) {
  const auto with_flags = [&](unsigned flags, unsigned num_filters, VABufferID filter) {
    EXPECT_STATUS(SUCCESS, process(filter, [&](Parameters& p, VASurfaceID&) {
                    p.filter_flags = flags;
                    p.num_filters = num_filters;
                  }));
    return download(target);
  };
  EXPECT_TRUE(with_flags(VA_TOP_FIELD, 0, no_id) == bobbed(frame, false));
  EXPECT_TRUE(with_flags(VA_BOTTOM_FIELD, 0, no_id) == bobbed(frame, true));
  EXPECT_TRUE(with_flags(VA_FRAME_PICTURE, 0, no_id) == frame);
  EXPECT_TRUE(with_flags(VA_TOP_FIELD | VA_BOTTOM_FIELD, 0, no_id) == frame);
  EXPECT_TRUE(with_flags(VA_BOTTOM_FIELD, 1, make_filter(VAProcDeinterlacingWeave)) == frame);
}

// At a stream's ends and after a seek.
TEST_F(DeinterlacingFilter, DoesWithoutReferences) {
  const auto filter = make_filter(VAProcDeinterlacingMotionAdaptive);
  VASurfaceID none = VA_INVALID_SURFACE;
  ASSERT_OK(process(filter, [&](Parameters& p, VASurfaceID&) { p.forward_references = &none; }));
  EXPECT_TRUE(download(target) == adapted(frame, nullptr, &next_frame, false, false));
  ASSERT_OK(process(filter, [](Parameters& p, VASurfaceID&) {
    p.num_backward_references = 0;
    p.backward_references = nullptr;
  }));
  EXPECT_TRUE(download(target) == adapted(frame, &previous_frame, nullptr, false, false));
  ASSERT_OK(process(filter, [](Parameters& p, VASurfaceID&) {
    p.num_forward_references = p.num_backward_references = 0;
  }));
  EXPECT_TRUE(download(target) == adapted(frame, nullptr, nullptr, false, false));
}

// A client's lists may be longer or shorter than it says: the driver reads only the nearest
// reference.
TEST_F(DeinterlacingFilter, ReadsOneReferenceOfEachList) {
  const auto filter = make_filter(VAProcDeinterlacingMotionAdaptive);
  ASSERT_OK(process(filter, [](Parameters& p, VASurfaceID&) {
    p.num_forward_references = p.num_backward_references = 0xffffffff;
  }));
  EXPECT_TRUE(download(target) == adapted(frame, &previous_frame, &next_frame, false, false));
}

TEST_F(DeinterlacingFilter, RefusesReferencesThatItCannotRead) {
  const auto filter = make_filter(VAProcDeinterlacingMotionAdaptive);
  auto gone = make_surface(width, height);
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &gone, 1));
  auto larger = make_surface(width, height + 16);
  auto attribute = settable(VASurfaceAttribPixelFormat, VA_FOURCC_P010);
  VASurfaceID ten_bits = no_id;
  ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420_10, width, height, &ten_bits, 1,
                             &attribute, 1));
  const auto with = [&](VASurfaceID* list, bool forward) {
    return process(filter, [&](Parameters& p, VASurfaceID&) {
      (forward ? p.forward_references : p.backward_references) = list;
    });
  };
  for (const bool forward : {false, true}) {
    EXPECT_STATUS(ERROR_INVALID_SURFACE, with(&gone, forward));
    EXPECT_STATUS(ERROR_INVALID_SURFACE, with(&target, forward));
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, with(&larger, forward));
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, with(&ten_bits, forward));
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, with(nullptr, forward));
    EXPECT_STATUS(SUCCESS, with(&source, forward));
  }
  // If no reference is read, invalid ones do not matter.
  EXPECT_STATUS(SUCCESS,
                process(make_filter(VAProcDeinterlacingBob), [&](Parameters& p, VASurfaceID&) {
                  p.forward_references = &gone;
                  p.backward_references = nullptr;
                }));
  for (auto* surface : {&larger, &ten_bits})
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, surface, 1));
  EXPECT_STATUS(SUCCESS, process(filter));  // still works after all that
  EXPECT_TRUE(download(target) == adapted(frame, &previous_frame, &next_frame, false, false));
}

// The driver keeps the references once the picture is rendered.
TEST_F(DeinterlacingFilter, KeepsReferencesThatAreDestroyed) {
  auto filter = make_filter(VAProcDeinterlacingMotionAdaptive);
  auto before = upload(next_frame), after = upload(previous_frame);
  VAProcPipelineParameterBuffer parameters{};
  parameters.surface = source;
  parameters.filters = &filter;
  parameters.num_filters = 1;
  parameters.forward_references = &before;
  parameters.backward_references = &after;
  parameters.num_forward_references = parameters.num_backward_references = 1;
  VABufferID buffer =
      make_buffer(VAProcPipelineParameterBufferType, sizeof parameters, &parameters);
  ASSERT_OK(vaBeginPicture(display, context, target));
  ASSERT_OK(vaRenderPicture(display, context, &buffer, 1));
  for (auto* surface : {&before, &after})
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, surface, 1));
  ASSERT_OK(vaEndPicture(display, context));
  EXPECT_TRUE(download(target) == adapted(frame, &next_frame, &previous_frame, false, false));
}

TEST_F(DeinterlacingFilter, RefusesFiltersThatItDoesNotHave) {
  EXPECT_STATUS(ERROR_UNSUPPORTED_FILTER,
                process(make_filter(VAProcDeinterlacingMotionCompensated)));
  EXPECT_STATUS(ERROR_UNSUPPORTED_FILTER,
                process(make_filter(static_cast<VAProcDeinterlacingType>(6))));
  EXPECT_STATUS(ERROR_UNIMPLEMENTED,
                process(make_filter(VAProcDeinterlacingBob, VA_DEINTERLACING_ONE_FIELD)));
  VAProcFilterParameterBuffer other{};
  other.type = VAProcFilterSharpening;
  const auto sharpening = make_buffer(VAProcFilterParameterBufferType, sizeof other, &other);
  EXPECT_STATUS(ERROR_UNSUPPORTED_FILTER, process(sharpening));
  VAProcFilterParameterBufferDeinterlacing whole{};
  whole.type = VAProcFilterDeinterlacing;
  for (const unsigned size : {1u, 4u, 8u})
    EXPECT_STATUS(ERROR_INVALID_BUFFER,
                  process(make_buffer(VAProcFilterParameterBufferType, size, &whole)));
  EXPECT_STATUS(ERROR_INVALID_BUFFER, process(make_buffer(VASliceDataBufferType, 64, nullptr)));
  EXPECT_STATUS(ERROR_INVALID_BUFFER, process(no_id));
  const auto bob = make_filter(VAProcDeinterlacingBob);
  VABufferID two[] = {bob, bob};
  const auto with = [&](VABufferID* list, unsigned count) {
    return process(bob, [&](Parameters& p, VASurfaceID&) {
      p.filters = list;
      p.num_filters = count;
    });
  };
  EXPECT_STATUS(ERROR_UNSUPPORTED_FILTER, with(two, 2));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, with(nullptr, 1));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, with(two, 0xffffffff));
  EXPECT_STATUS(SUCCESS, with(two, 1));
}

// Bob supports every format that can be processed; motion-adaptive deinterlacing those that are
// decoded.
TEST_F(DeinterlacingFilter, TakesFormats) {
  const auto adaptive = make_filter(VAProcDeinterlacingMotionAdaptive);
  const auto bob = make_filter(VAProcDeinterlacingBob);
  for (const auto& [fourcc, rt_format] : {std::pair{VA_FOURCC_P010, VA_RT_FORMAT_YUV420_10},
                                          {VA_FOURCC_I420, VA_RT_FORMAT_YUV420},
                                          {VA_FOURCC_YUY2, VA_RT_FORMAT_YUV422}}) {
    auto attribute = settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc));
    VASurfaceID from = no_id;
    ASSERT_OK(vaCreateSurfaces(display, static_cast<unsigned>(rt_format), width, height, &from, 1,
                               &attribute, 1));
    const auto change = [&](Parameters& p, VASurfaceID&) {
      p.surface = from;
      p.num_forward_references = p.num_backward_references = 0;
    };
    EXPECT_STATUS(SUCCESS, process(bob, change));
    const auto status = process(adaptive, change);
    EXPECT_EQ(status,
              fourcc == VA_FOURCC_P010 ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_UNSUPPORTED_FILTER);
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &from, 1));
  }
}

// The target has another size, region or format; the result is still one picture.
TEST_F(DeinterlacingFilter, GoesWithScaling) {
  const auto filter = make_filter(VAProcDeinterlacingMotionAdaptive);
  const VARectangle region{0, 0, width, height / 2};
  ASSERT_OK(process(filter, [&](Parameters& p, VASurfaceID&) { p.output_region = &region; }));
  const auto scaled = download(target);
  EXPECT_EQ(scaled[std::size_t{height - 1} * width], std::byte{16});  // the background
  EXPECT_NE(scaled[0], std::byte{16});
}

}  // namespace

}  // namespace daedalus::test
