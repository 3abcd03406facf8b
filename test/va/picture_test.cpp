// SPDX-License-Identifier: MIT
// VAContextID and VABufferID: from buffers to a decoded picture.
#include <algorithm>
#include <cstring>
#include <thread>

#include "va/fixture.h"
#include "va/h264/stream.h"

namespace daedalus::test {

namespace {

class Picture : public DriverTest {
 protected:
  void SetUp() override {
    config = make_config();
    context = make_context(config);
    target = make_surface();
    content = make_pcm_picture(4, 4, target, 5);
  }
  void TearDown() override {
    for (VABufferID buffer : buffers) vaDestroyBuffer(display, buffer);
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &target, 1));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
  }

  VABufferID make_buffer(VABufferType type, std::size_t size, const void* data,
                         unsigned num_elements = 1) {
    VABufferID id = no_id;
    EXPECT_STATUS(SUCCESS, vaCreateBuffer(display, context, type, static_cast<unsigned>(size),
                                          num_elements, const_cast<void*>(data), &id));
    buffers.push_back(id);
    return id;
  }
  VABufferID picture_buffer() {
    return make_buffer(VAPictureParameterBufferType, sizeof(content.picture), &content.picture);
  }
  VABufferID matrix_buffer() {
    return make_buffer(VAIQMatrixBufferType, sizeof(content.matrices), &content.matrices);
  }
  VABufferID slice_buffer() {
    return make_buffer(VASliceParameterBufferType, sizeof(content.slice), &content.slice);
  }
  VABufferID data_buffer() {
    return make_buffer(VASliceDataBufferType, content.data.size(), content.data.data());
  }
  VAStatus render(std::vector<VABufferID> ids) {
    return vaRenderPicture(display, context, ids.data(), static_cast<int>(ids.size()));
  }
  VAStatus begin() { return vaBeginPicture(display, context, target); }
  VAStatus end() { return vaEndPicture(display, context); }

  // The status of rendering these picture parameters. Discards the picture.
  VAStatus render_picture_parameters() {
    EXPECT_STATUS(SUCCESS, begin());
    const auto status = render({picture_buffer()});
    if (status != VA_STATUS_SUCCESS) {
      EXPECT_EQ(end(), status);
    }
    return status;
  }
  // The status of decoding a whole picture.
  VAStatus decode() {
    EXPECT_STATUS(SUCCESS, begin());
    EXPECT_STATUS(SUCCESS, render({picture_buffer(), matrix_buffer()}));
    EXPECT_STATUS(SUCCESS, render({slice_buffer(), data_buffer()}));
    return end();
  }

  // Checks that the target contains the picture of content, made with this seed.
  void expect_decoded(uint8_t seed = 5) {
    ASSERT_OK(vaSyncSurface(display, target));
    auto image = make_image(VA_FOURCC_I420, 64, 64);
    ASSERT_OK(vaGetImage(display, target, 0, 0, 64, 64, image.image_id));
    uint8_t* samples = nullptr;
    ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
    uint32_t wrong = 0;
    for (uint32_t y = 0; y < 64; ++y)
      for (uint32_t x = 0; x < 64; ++x)
        wrong += samples[image.offsets[0] + y * image.pitches[0] + x] != pcm_luma(x, y, seed);
    for (uint32_t y = 0; y < 32; ++y)
      for (uint32_t x = 0; x < 32; ++x) {
        wrong += samples[image.offsets[1] + y * image.pitches[1] + x] != pcm_cb(seed);
        wrong += samples[image.offsets[2] + y * image.pitches[2] + x] != pcm_cr(seed);
      }
    EXPECT_EQ(wrong, 0u) << "samples differ";
    EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, image.buf));
    EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
  }

  VAConfigID config = no_id;
  VAContextID context = no_id;
  VASurfaceID target = no_id;
  PcmPicture content;
  std::vector<VABufferID> buffers;
};

// Buffers.

TEST_F(Picture, BuffersAreZeroUntilWritten) {
  const auto buffer = make_buffer(VASliceDataBufferType, 1000, nullptr);
  uint8_t* data = nullptr;
  ASSERT_OK(vaMapBuffer(display, buffer, reinterpret_cast<void**>(&data)));
  EXPECT_EQ(std::count(data, data + 1000, 0), 1000);
  data[999] = 7;
  ASSERT_OK(vaUnmapBuffer(display, buffer));
  ASSERT_OK(vaMapBuffer(display, buffer, reinterpret_cast<void**>(&data)));
  EXPECT_EQ(data[999], 7);
  ASSERT_OK(vaUnmapBuffer(display, buffer));
}

TEST_F(Picture, BuffersHaveAsManyElementsAsTheyWereMadeFor) {
  const auto buffer = make_buffer(VASliceParameterBufferType, sizeof(content.slice), nullptr, 3);
  VABufferType type{};
  unsigned size = 0, num_elements = 0;
  const auto info = [&] { return buffer_info(buffer, type, size, num_elements); };
  ASSERT_OK(info());
  EXPECT_EQ(type, VASliceParameterBufferType);
  EXPECT_EQ(size, sizeof(content.slice));
  EXPECT_EQ(num_elements, 3u);
  EXPECT_STATUS(SUCCESS, vaBufferSetNumElements(display, buffer, 1));
  ASSERT_OK(info());
  EXPECT_EQ(num_elements, 1u);
  EXPECT_STATUS(SUCCESS, vaBufferSetNumElements(display, buffer, 3));
  EXPECT_STATUS(ERROR_MAX_NUM_EXCEEDED, vaBufferSetNumElements(display, buffer, 4));
}

TEST_F(Picture, BuffersOfOtherTypesAndSizesAreRefused) {
  VABufferID id = no_id;
  const auto create = [&](VABufferType type, unsigned size, unsigned count) {
    return vaCreateBuffer(display, context, type, size, count, nullptr, &id);
  };
  EXPECT_STATUS(ERROR_UNSUPPORTED_BUFFERTYPE, create(VAEncCodedBufferType, 100, 1));
  EXPECT_STATUS(ERROR_UNSUPPORTED_BUFFERTYPE, create(VASliceGroupMapBufferType, 100, 1));
  EXPECT_STATUS(ERROR_UNSUPPORTED_BUFFERTYPE, create(VABufferTypeMax, 100, 1));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, create(VASliceDataBufferType, 0, 1));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, create(VASliceDataBufferType, 100, 0));
  EXPECT_STATUS(ERROR_ALLOCATION_FAILED, create(VASliceDataBufferType, 0xffffffff, 1));
  EXPECT_STATUS(ERROR_ALLOCATION_FAILED, create(VASliceDataBufferType, 0x10000, 0x10001));
}

// Contexts.

TEST_F(Picture, ContextsAreMadeWithAndWithoutSurfaces) {
  VAContextID other = no_id;
  ASSERT_OK(vaCreateContext(display, config, 64, 64, 0, &target, 1, &other));
  EXPECT_NE(other, context);
  EXPECT_STATUS(SUCCESS, vaDestroyContext(display, other));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                vaCreateContext(display, config, 64, 64, 0, &target, -1, &other));
  for (auto [width, height] : {std::pair{0, 64}, {64, -1}, {4097, 64}, {64, 1 << 30}})
    EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED,
                  vaCreateContext(display, config, width, height, 0, nullptr, 0, &other));
}

// Pictures.

TEST_F(Picture, OfEightBitsGoIntoNv12Alone) {
  for (uint32_t fourcc : {VA_FOURCC_P010, VA_FOURCC_I420, VA_FOURCC_YV12, VA_FOURCC_YUY2,
                          VA_FOURCC_UYVY, VA_FOURCC_BGRA}) {
    auto attribute = settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc));
    VASurfaceID other = no_id;
    ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &other, 1, &attribute, 1));
    auto picture = make_pcm_picture(4, 4, other, 1);
    EXPECT_NE(test::decode(display, context, other, picture), VA_STATUS_SUCCESS) << fourcc;
    vaEndPicture(display, context);
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &other, 1));
  }
  auto picture = make_pcm_picture(4, 4, target, 1);
  EXPECT_STATUS(SUCCESS, test::decode(display, context, target, picture));
}

TEST_F(Picture, IsDecoded) {
  EXPECT_STATUS(SUCCESS, decode());
  expect_decoded();
  VASurfaceStatus status{};
  ASSERT_OK(vaQuerySurfaceStatus(display, target, &status));
  EXPECT_EQ(status, VASurfaceReady);
}

TEST_F(Picture, IsDecodedWithoutMatrices) {
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(SUCCESS, render({picture_buffer(), slice_buffer(), data_buffer()}));
  EXPECT_STATUS(SUCCESS, end());
  expect_decoded();
}

TEST_F(Picture, IsDecodedWithDataBeforeParameters) {
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(SUCCESS, render({data_buffer()}));
  EXPECT_STATUS(SUCCESS, render({slice_buffer()}));
  EXPECT_STATUS(SUCCESS, render({matrix_buffer(), picture_buffer()}));
  EXPECT_STATUS(SUCCESS, end());
  expect_decoded();
}

// A slice for each macroblock row, cut out of the whole picture's data.
struct Row {
  VASliceParameterBufferH264 slice;
  std::vector<uint8_t> data;
};
std::vector<Row> split_rows(const PcmPicture& picture) {
  const std::size_t header = 2, row_size = 4 * (2 + 384);
  std::vector<Row> rows(4);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto begin = picture.data.begin() + static_cast<std::ptrdiff_t>(header + row * row_size);
    auto& [slice, data] = rows[row];
    data.assign(picture.data.begin(), picture.data.begin() + header);
    data.insert(data.end(), begin, begin + static_cast<std::ptrdiff_t>(row_size));
    data.push_back(0x80);
    slice = picture.slice;
    slice.first_mb_in_slice = static_cast<uint16_t>(row * 4);
    slice.slice_data_size = static_cast<uint32_t>(data.size());
  }
  return rows;
}

TEST_F(Picture, IsDecodedFromSlicesInBuffersOfTheirOwn) {
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(SUCCESS, render({picture_buffer(), matrix_buffer()}));
  std::vector<VABufferID> all;
  for (const auto& [slice, data] : split_rows(content)) {
    all.push_back(make_buffer(VASliceParameterBufferType, sizeof(slice), &slice));
    all.push_back(make_buffer(VASliceDataBufferType, data.size(), data.data()));
  }
  EXPECT_STATUS(SUCCESS, render(all));
  EXPECT_STATUS(SUCCESS, end());
  expect_decoded();
}

TEST_F(Picture, IsDecodedFromSlicesInOneBuffer) {
  std::vector<VASliceParameterBufferH264> slices;
  std::vector<uint8_t> bytes(11, 0xff);  // the first slice begins somewhere in the buffer
  for (auto& [slice, data] : split_rows(content)) {
    slice.slice_data_offset = static_cast<uint32_t>(bytes.size());
    bytes.insert(bytes.end(), data.begin(), data.end());
    slices.push_back(slice);
  }
  slices.resize(6);  // more than exist
  const auto parameters =
      make_buffer(VASliceParameterBufferType, sizeof(slices[0]), slices.data(), 6);
  EXPECT_STATUS(SUCCESS, vaBufferSetNumElements(display, parameters, 4));
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(SUCCESS, render({picture_buffer()}));
  EXPECT_STATUS(SUCCESS, render({parameters,
                                 make_buffer(VASliceDataBufferType, bytes.size(), bytes.data())}));
  EXPECT_STATUS(SUCCESS, end());
  expect_decoded();
}

TEST_F(Picture, IsDecodedFromOneParameterBufferAndManyDataBuffers) {
  std::vector<VASliceParameterBufferH264> slices;
  std::vector<VABufferID> all;
  for (const auto& [slice, data] : split_rows(content)) {
    slices.push_back(slice);
    all.push_back(make_buffer(VASliceDataBufferType, data.size(), data.data()));
  }
  all.push_back(make_buffer(VASliceParameterBufferType, sizeof(slices[0]), slices.data(), 4));
  all.push_back(picture_buffer());
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(SUCCESS, render(all));
  EXPECT_STATUS(SUCCESS, end());
  expect_decoded();
}

TEST_F(Picture, KeepsWhatItsBuffersHeldWhenRendered) {
  EXPECT_STATUS(SUCCESS, begin());
  const VABufferID ids[] = {picture_buffer(), matrix_buffer(), slice_buffer(), data_buffer()};
  for (VABufferID id : ids) {
    EXPECT_STATUS(SUCCESS, render({id}));
    void* data = nullptr;
    EXPECT_STATUS(SUCCESS, vaMapBuffer(display, id, &data));
    memset(data, 0xff, 16);
    EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, id));
    EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, id));
  }
  EXPECT_STATUS(SUCCESS, end());
  expect_decoded();
}

TEST_F(Picture, MayBeWrittenThroughMapsThatOutliveBegin) {
  const auto parameters = make_buffer(VASliceParameterBufferType, sizeof(content.slice), nullptr);
  const auto bytes = make_buffer(VASliceDataBufferType, content.data.size(), nullptr);
  void *slice = nullptr, *data = nullptr;
  ASSERT_OK(vaMapBuffer(display, parameters, &slice));
  ASSERT_OK(vaMapBuffer(display, bytes, &data));
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(SUCCESS, render({picture_buffer()}));
  memcpy(slice, &content.slice, sizeof(content.slice));
  memcpy(data, content.data.data(), content.data.size());
  EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, parameters));
  EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, bytes));
  EXPECT_STATUS(SUCCESS, render({parameters, bytes}));
  EXPECT_STATUS(SUCCESS, end());
  expect_decoded();
}

TEST_F(Picture, ThatCannotBeDecodedIsRefusedWithItsParameters) {
  const auto good = content.picture;
  const auto refused = [&](auto&& change) {
    content.picture = good;
    change(content.picture);
    return render_picture_parameters();
  };
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,  // in a sequence of frames only
                refused([](auto& p) { p.pic_fields.bits.field_pic_flag = 1; }));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT,
                refused([](auto& p) { p.seq_fields.bits.chroma_format_idc = 2; }));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT,
                refused([](auto& p) { p.seq_fields.bits.chroma_format_idc = 3; }));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT, refused([](auto& p) {
                  p.bit_depth_luma_minus8 = 2;
                  p.bit_depth_chroma_minus8 = 2;
                }));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, refused([](auto& p) { p.num_slice_groups_minus1 = 1; }));
#pragma GCC diagnostic pop
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED,
                refused([](auto& p) { p.picture_width_in_mbs_minus1 = 4; }));
  EXPECT_NE(VA_STATUS_SUCCESS, refused([](auto& p) { p.picture_height_in_mbs_minus1 = 0xffff; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, refused([](auto& p) { p.pic_init_qp_minus26 = 100; }));

  content.picture = good;
  EXPECT_STATUS(SUCCESS, decode());
  expect_decoded();
}

TEST_F(Picture, WithWrongBuffersFailsAndTheNextOneDoesNot) {
  const auto failing = [&](std::vector<VABufferID> ids, VAStatus expected) {
    EXPECT_STATUS(SUCCESS, begin());
    EXPECT_EQ(render(std::move(ids)), expected);
    EXPECT_EQ(end(), expected);
  };
  failing({no_id}, VA_STATUS_ERROR_INVALID_BUFFER);
  failing({picture_buffer(), target}, VA_STATUS_ERROR_INVALID_BUFFER);
  failing({make_buffer(VAPictureParameterBufferType, 8, nullptr)}, VA_STATUS_ERROR_INVALID_BUFFER);
  failing({make_buffer(VAIQMatrixBufferType, 8, nullptr)}, VA_STATUS_ERROR_INVALID_BUFFER);
  failing({make_buffer(VASliceParameterBufferType, 8, nullptr)}, VA_STATUS_ERROR_INVALID_BUFFER);
  failing({make_buffer(VAImageBufferType, 8, nullptr)}, VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE);
  content.slice.slice_data_flag = VA_SLICE_DATA_FLAG_BEGIN;
  failing({slice_buffer()}, VA_STATUS_ERROR_FLAG_NOT_SUPPORTED);
  content.slice.slice_data_flag = VA_SLICE_DATA_FLAG_ALL;
  content.slice.slice_type = 3;  // SP
  failing({slice_buffer()}, VA_STATUS_ERROR_UNSUPPORTED_PROFILE);
  content.slice.slice_type = 10;
  failing({slice_buffer()}, VA_STATUS_ERROR_INVALID_PARAMETER);
  content.slice.slice_type = 7;  // I, coded as "all slices are I" in the standard
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, vaRenderPicture(display, context, buffers.data(), -1));
  EXPECT_STATUS(SUCCESS, decode());
  expect_decoded();
}

TEST_F(Picture, SlicesOutsideOfTheirDataAreRefused) {
  const auto good = content.slice;
  const auto decode_with = [&](uint32_t offset, uint32_t size) {
    content.slice = good;
    content.slice.slice_data_offset = offset;
    content.slice.slice_data_size = size;
    return decode();
  };
  const auto size = good.slice_data_size;
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode_with(0, size + 1));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode_with(1, size));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode_with(0xffffffff, 2));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode_with(2, 0xffffffff));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, decode_with(0, 0));
  EXPECT_STATUS(SUCCESS, decode_with(0, size));
  expect_decoded();
}

TEST_F(Picture, MoreDataBuffersThanSlicesAreRefused) {
  EXPECT_STATUS(SUCCESS, begin());
  EXPECT_STATUS(SUCCESS, render({picture_buffer(), slice_buffer(), data_buffer(), data_buffer()}));
  EXPECT_STATUS(ERROR_INVALID_BUFFER, end());
}

TEST_F(Picture, ReferencesThatAreGoneOrNeverWereDoNotMatter) {
  auto gone = make_surface();
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &gone, 1));
  for (VASurfaceID id : {gone, target, VASurfaceID{12345}, config}) {
    content.picture.ReferenceFrames[0] = {.picture_id = id,
                                          .flags = VA_PICTURE_H264_SHORT_TERM_REFERENCE};
    EXPECT_STATUS(SUCCESS, decode());
    expect_decoded();
  }
}

TEST_F(Picture, ABrokenSliceIsConcealedAndReported) {
  content.data.resize(content.data.size() / 2);
  content.slice.slice_data_size = static_cast<uint32_t>(content.data.size());
  EXPECT_STATUS(SUCCESS, decode());
  EXPECT_STATUS(SUCCESS, vaSyncSurface(display, target));
  void* info = nullptr;
  ASSERT_OK(vaQuerySurfaceError(display, target, VA_STATUS_ERROR_DECODING_ERROR, &info));
  const auto* errors = static_cast<const VASurfaceDecodeMBErrors*>(info);
  ASSERT_EQ(errors[0].status, 1);
  EXPECT_GE(errors[0].start_mb, 6u);
  EXPECT_LE(errors[0].start_mb, 8u);
  const auto* last = errors;
  for (; last[1].status == 1; ++last) EXPECT_LT(last->end_mb, last[1].start_mb);
  EXPECT_EQ(last->end_mb, 15u);

  content = make_pcm_picture(4, 4, target, 9);
  EXPECT_STATUS(SUCCESS, decode());
  expect_decoded(9);
  ASSERT_OK(vaQuerySurfaceError(display, target, VA_STATUS_ERROR_DECODING_ERROR, &info));
  EXPECT_EQ(static_cast<const VASurfaceDecodeMBErrors*>(info)->status, -1);
}

TEST_F(Picture, ContextsOfManyThreadsDoNotMeet) {
  std::vector<std::thread> threads;
  for (uint8_t seed = 1; seed <= 4; ++seed)
    threads.emplace_back([seed, this] {
      const auto own_context = make_context(config);
      auto surface = make_surface();
      const auto own = make_pcm_picture(4, 4, surface, seed);
      for (int round = 0; round < 10; ++round) {
        VABufferID ids[3];
        const auto make = [&](VABufferType type, std::size_t size, const void* data, int index) {
          EXPECT_STATUS(SUCCESS,
                        vaCreateBuffer(display, own_context, type, static_cast<unsigned>(size), 1,
                                       const_cast<void*>(data), &ids[index]));
        };
        make(VAPictureParameterBufferType, sizeof(own.picture), &own.picture, 0);
        make(VASliceParameterBufferType, sizeof(own.slice), &own.slice, 1);
        make(VASliceDataBufferType, own.data.size(), own.data.data(), 2);
        EXPECT_STATUS(SUCCESS, vaBeginPicture(display, own_context, surface));
        EXPECT_STATUS(SUCCESS, vaRenderPicture(display, own_context, ids, 3));
        EXPECT_STATUS(SUCCESS, vaEndPicture(display, own_context));
        for (VABufferID id : ids) EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, id));
        EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surface));
      }
      EXPECT_STATUS(SUCCESS, vaDestroyContext(display, own_context));
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
    });
  for (auto& thread : threads) thread.join();
}

// A client that disconnects in the middle of work.
TEST(PictureInFlight, IsWaitedForByTerminate) {
  VADisplay display = open_test_display();
  int major = 0, minor = 0;
  ASSERT_OK(vaInitialize(display, &major, &minor));
  VAConfigID config = no_id;
  ASSERT_OK(vaCreateConfig(display, VAProfileH264High, VAEntrypointVLD, nullptr, 0, &config));
  VAContextID context = no_id;
  ASSERT_OK(vaCreateContext(display, config, 320, 192, 0, nullptr, 0, &context));
  for (uint8_t i = 0; i < 12; ++i) {
    VASurfaceID target = no_id;
    ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 320, 192, &target, 1, nullptr, 0));
    auto content = make_pcm_picture(20, 12, target, i);
    VABufferID ids[3];
    ASSERT_OK(vaCreateBuffer(display, context, VAPictureParameterBufferType,
                             sizeof(content.picture), 1, &content.picture, &ids[0]));
    ASSERT_OK(vaCreateBuffer(display, context, VASliceParameterBufferType, sizeof(content.slice), 1,
                             &content.slice, &ids[1]));
    ASSERT_OK(vaCreateBuffer(display, context, VASliceDataBufferType,
                             static_cast<unsigned>(content.data.size()), 1, content.data.data(),
                             &ids[2]));
    ASSERT_OK(vaBeginPicture(display, context, target));
    ASSERT_OK(vaRenderPicture(display, context, ids, 3));
    ASSERT_OK(vaEndPicture(display, context));
    if (i % 2 == 0) {
      ASSERT_OK(vaDestroySurfaces(display, &target, 1));
    }
  }
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
}

}  // namespace

}  // namespace daedalus::test
