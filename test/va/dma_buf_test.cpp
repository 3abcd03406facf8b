// SPDX-License-Identifier: MIT
// vaExportSurfaceHandle, and surfaces in a client's memory.
#include <drm_fourcc.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <va/va_drmcommon.h>

#include <algorithm>
#include <span>

#include "va/fixture.h"

namespace daedalus::test {

namespace {

constexpr uint32_t prime_2 = VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2;
constexpr uint32_t read_write = VA_EXPORT_SURFACE_READ_WRITE;

// A surface's memory, accessed only through its file descriptor.
class Mapping {
 public:
  Mapping(int fd, std::size_t size)
      : memory_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)), size_(size) {}
  ~Mapping() {
    if (memory_ != MAP_FAILED) munmap(memory_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::span<uint8_t> bytes() const {
    return memory_ == MAP_FAILED ? std::span<uint8_t>()
                                 : std::span(static_cast<uint8_t*>(memory_), size_);
  }

 private:
  void* memory_;
  std::size_t size_;
};

VASurfaceAttrib pointer(VASurfaceAttribType type, void* value) {
  VASurfaceAttrib attribute{.type = type, .flags = VA_SURFACE_ATTRIB_SETTABLE};
  attribute.value.type = VAGenericValueTypePointer;
  attribute.value.value.p = value;
  return attribute;
}

class DmaBuf : public DriverTest {
 protected:
  static uint32_t memory_types() {
    const auto config = make_config();
    unsigned count = 0;
    EXPECT_STATUS(SUCCESS, vaQuerySurfaceAttributes(display, config, nullptr, &count));
    std::vector<VASurfaceAttrib> attributes(count);
    EXPECT_STATUS(SUCCESS, vaQuerySurfaceAttributes(display, config, attributes.data(), &count));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
    const auto found = std::find_if(
        attributes.begin(), attributes.end(),
        [](const auto& attribute) { return attribute.type == VASurfaceAttribMemoryType; });
    return found == attributes.end() ? 0 : static_cast<uint32_t>(found->value.value.i);
  }
  static VAStatus export_surface(VASurfaceID surface, uint32_t flags,
                                 VADRMPRIMESurfaceDescriptor& descriptor) {
    return vaExportSurfaceHandle(display, surface, prime_2, flags, &descriptor);
  }
  static VADRMPRIMESurfaceDescriptor exported(VASurfaceID surface, uint32_t flags) {
    VADRMPRIMESurfaceDescriptor descriptor{};
    EXPECT_STATUS(SUCCESS, export_surface(surface, flags, descriptor));
    return descriptor;
  }
  static VAStatus import(uint32_t memory_type, void* descriptor, VASurfaceID& surface,
                         uint32_t width = 64, uint32_t height = 64,
                         uint32_t fourcc = VA_FOURCC_NV12) {
    VASurfaceAttrib attributes[] = {
        settable(VASurfaceAttribMemoryType, static_cast<int>(memory_type)),
        settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc)),
        pointer(VASurfaceAttribExternalBufferDescriptor, descriptor)};
    return vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height, &surface, 1, attributes,
                            3);
  }
  static VASurfaceID make_surface_of(uint32_t fourcc) {
    auto attribute = settable(VASurfaceAttribPixelFormat, static_cast<int>(fourcc));
    VASurfaceID id = no_id;
    EXPECT_STATUS(SUCCESS,
                  vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &id, 1, &attribute, 1));
    return id;
  }
  static void destroy(VASurfaceID surface) {
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
  }

  // Decodes a picture of 64x64 with this seed, or with fewer rows of macroblocks.
  static void decode_pcm(VASurfaceID surface, uint8_t seed, uint32_t height_in_mbs = 4) {
    const auto config = make_config();
    const auto context = make_context(config);
    auto picture = make_pcm_picture(4, height_in_mbs, surface, seed);
    EXPECT_STATUS(SUCCESS, decode(context, surface, picture));
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surface));
    EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
    EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
  }
};

// The number of wrong samples in such a picture.
uint32_t wrong_samples(std::span<const uint8_t> luma, std::span<const uint8_t> chroma,
                       uint32_t pitch, uint32_t height, uint8_t seed) {
  uint32_t wrong = 0;
  for (uint32_t y = 0; y < height; ++y)
    for (uint32_t x = 0; x < 64; ++x) wrong += luma[y * pitch + x] != pcm_luma(x, y, seed);
  for (uint32_t y = 0; y < height / 2; ++y)
    for (uint32_t x = 0; x < 32; ++x)
      wrong += chroma[y * pitch + 2 * x] != pcm_cb(seed) ||
               chroma[y * pitch + 2 * x + 1] != pcm_cr(seed);
  return wrong;
}

uint32_t wrong_samples(const VADRMPRIMESurfaceDescriptor& descriptor, uint8_t seed) {
  const Mapping mapping(descriptor.objects[0].fd, descriptor.objects[0].size);
  if (mapping.bytes().empty()) return ~0u;
  const auto& last = descriptor.layers[descriptor.num_layers - 1];
  return wrong_samples(mapping.bytes(), mapping.bytes().subspan(last.offset[last.num_planes - 1]),
                       descriptor.layers[0].pitch[0], 64, seed);
}

// A device without dma-bufs reports that, and refuses them.
class WithoutDmaBufs : public DmaBuf {
 protected:
  void SetUp() override {
    if (memory_types() & prime_2) GTEST_SKIP() << "this device shares its memory as dma-bufs";
  }
};

TEST_F(WithoutDmaBufs, AreRefused) {
  EXPECT_EQ(memory_types(), uint32_t{VA_SURFACE_ATTRIB_MEM_TYPE_VA});
  const auto surface = make_surface();
  VADRMPRIMESurfaceDescriptor descriptor{};
  EXPECT_STATUS(ERROR_UNSUPPORTED_MEMORY_TYPE, export_surface(surface, read_write, descriptor));
  VASurfaceID imported = no_id;
  EXPECT_STATUS(ERROR_UNSUPPORTED_MEMORY_TYPE, import(prime_2, &descriptor, imported));
  destroy(surface);
}

class WithDmaBufs : public DmaBuf {
 protected:
  void SetUp() override {
    if (!(memory_types() & prime_2))
      GTEST_SKIP() << "this device shares no memory as dma-bufs; test/clients/debian13 has one";
  }
};

TEST_F(WithDmaBufs, AreDescribedPlaneByPlane) {
  const auto surface = make_surface(100, 52);
  const auto separate = exported(surface, read_write | VA_EXPORT_SURFACE_SEPARATE_LAYERS);
  EXPECT_EQ(separate.fourcc, uint32_t{VA_FOURCC_NV12});
  EXPECT_EQ(separate.width, 100u);
  EXPECT_EQ(separate.height, 52u);
  ASSERT_EQ(separate.num_objects, 1u);
  EXPECT_EQ(separate.objects[0].drm_format_modifier, DRM_FORMAT_MOD_LINEAR);
  ASSERT_EQ(separate.num_layers, 2u);
  EXPECT_EQ(separate.layers[0].drm_format, uint32_t{DRM_FORMAT_R8});
  EXPECT_EQ(separate.layers[1].drm_format, uint32_t{DRM_FORMAT_GR88});
  const uint32_t pitch = separate.layers[0].pitch[0];
  EXPECT_EQ(separate.layers[1].pitch[0], pitch);
  EXPECT_GE(separate.layers[1].offset[0], pitch * 52);
  EXPECT_GE(separate.objects[0].size, separate.layers[1].offset[0] + pitch * 26);

  const auto composed = exported(surface, read_write | VA_EXPORT_SURFACE_COMPOSED_LAYERS);
  ASSERT_EQ(composed.num_layers, 1u);
  EXPECT_EQ(composed.layers[0].drm_format, uint32_t{DRM_FORMAT_NV12});
  ASSERT_EQ(composed.layers[0].num_planes, 2u);
  EXPECT_EQ(composed.layers[0].pitch[0], pitch);
  EXPECT_EQ(composed.layers[0].offset[1], separate.layers[1].offset[0]);
  close(separate.objects[0].fd);
  close(composed.objects[0].fd);
  destroy(surface);
}

struct FormatRow {
  uint32_t fourcc, composed;
  std::vector<uint32_t> separate;
};
const FormatRow format_rows[] = {
    {VA_FOURCC_NV12, DRM_FORMAT_NV12, {DRM_FORMAT_R8, DRM_FORMAT_GR88}},
    {VA_FOURCC_P010, DRM_FORMAT_P010, {DRM_FORMAT_R16, DRM_FORMAT_GR1616}},
    {VA_FOURCC_I420, DRM_FORMAT_YUV420, {DRM_FORMAT_R8, DRM_FORMAT_R8, DRM_FORMAT_R8}},
    {VA_FOURCC_YV12, DRM_FORMAT_YVU420, {DRM_FORMAT_R8, DRM_FORMAT_R8, DRM_FORMAT_R8}},
    {VA_FOURCC_YUY2, DRM_FORMAT_YUYV, {DRM_FORMAT_YUYV}},
    {VA_FOURCC_UYVY, DRM_FORMAT_UYVY, {DRM_FORMAT_UYVY}},
    {VA_FOURCC_BGRX, DRM_FORMAT_XRGB8888, {DRM_FORMAT_XRGB8888}},
};

TEST_F(WithDmaBufs, AreOfOneKindAtATime) {
  constexpr uint32_t prime_3 = 0x08000000;  // named in libva 2.21
  VADRMPRIMESurfaceDescriptor descriptor{};
  auto surface = make_surface();
  for (const uint32_t kinds : {prime_2 | prime_3, prime_2 | VA_SURFACE_ATTRIB_MEM_TYPE_VA,
                               prime_2 | VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME, 0u})
    EXPECT_STATUS(
        ERROR_UNSUPPORTED_MEMORY_TYPE,
        vaExportSurfaceHandle(display, surface, kinds, VA_EXPORT_SURFACE_READ_ONLY, &descriptor));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
}

TEST_F(WithDmaBufs, OfEveryFormatSayWhichItIs) {
  for (const auto& row : format_rows) {
    const auto surface = make_surface_of(row.fourcc);
    const auto separate = exported(surface, read_write | VA_EXPORT_SURFACE_SEPARATE_LAYERS);
    EXPECT_EQ(separate.fourcc, row.fourcc);
    ASSERT_EQ(separate.num_layers, row.separate.size());
    const auto composed = exported(surface, read_write | VA_EXPORT_SURFACE_COMPOSED_LAYERS);
    ASSERT_EQ(composed.num_layers, 1u);
    EXPECT_EQ(composed.layers[0].drm_format, row.composed);
    ASSERT_EQ(composed.layers[0].num_planes, row.separate.size());
    for (uint32_t i = 0; i < separate.num_layers; ++i) {
      EXPECT_EQ(separate.layers[i].drm_format, row.separate[i]);
      ASSERT_EQ(separate.layers[i].num_planes, 1u);
      EXPECT_EQ(separate.layers[i].offset[0], composed.layers[0].offset[i]);
      EXPECT_EQ(separate.layers[i].pitch[0], composed.layers[0].pitch[i]);
      EXPECT_EQ(separate.layers[i].pitch[0] % 64, 0u);
    }
    close(separate.objects[0].fd);
    close(composed.objects[0].fd);
    destroy(surface);
  }
}

// For a plane 64 samples wide.
uint32_t row_bytes_of(uint32_t fourcc, uint32_t plane) {
  switch (fourcc) {
    case VA_FOURCC_NV12:
      return 64;
    case VA_FOURCC_I420:
    case VA_FOURCC_YV12:
      return plane == 0 ? 64 : 32;
    case VA_FOURCC_BGRX:
      return 256;
    default:
      return 128;
  }
}

// Samples written through the second surface appear in the first.
TEST_F(WithDmaBufs, OfEveryFormatMayBeASecondSurface) {
  for (const auto& row : format_rows)
    for (uint32_t flags : {VA_EXPORT_SURFACE_COMPOSED_LAYERS, VA_EXPORT_SURFACE_SEPARATE_LAYERS}) {
      const auto owner = make_surface_of(row.fourcc);
      auto descriptor = exported(owner, read_write | flags);
      VASurfaceID surface = no_id;
      ASSERT_OK(import(prime_2, &descriptor, surface, 64, 64, row.fourcc));
      close(descriptor.objects[0].fd);
      auto image = make_image(row.fourcc, 64, 64);
      uint8_t* samples = nullptr;
      ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
      const std::span bytes(samples, image.data_size);
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 151 >> 4);
      const std::vector<uint8_t> written(bytes.begin(), bytes.end());
      ASSERT_OK(vaPutImage(display, surface, image.image_id, 0, 0, 64, 64, 0, 0, 64, 64));
      for (const auto from : {owner, surface}) {
        std::fill(bytes.begin(), bytes.end(), uint8_t{0});
        ASSERT_OK(vaGetImage(display, from, 0, 0, 64, 64, image.image_id));
        for (uint32_t plane = 0; plane < image.num_planes; ++plane) {
          const uint32_t rows = plane == 0 ? 64 : 32;
          const uint32_t row_bytes = row_bytes_of(row.fourcc, plane);
          for (uint32_t y = 0; y < rows; ++y) {
            const auto at = image.offsets[plane] + y * image.pitches[plane];
            ASSERT_TRUE(std::equal(bytes.begin() + at, bytes.begin() + at + row_bytes,
                                   written.begin() + at))
                << row.fourcc << ", plane " << plane << ", row " << y;
          }
        }
      }
      EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, image.buf));
      EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
      destroy(surface);
      destroy(owner);
    }
}

TEST_F(WithDmaBufs, AreBlackBeforeTheFirstPictureAndShowEachOne) {
  const auto surface = make_surface();
  const auto descriptor = exported(surface, VA_EXPORT_SURFACE_READ_ONLY);
  {
    const Mapping mapping(descriptor.objects[0].fd, descriptor.objects[0].size);
    ASSERT_FALSE(mapping.bytes().empty());
    EXPECT_EQ(mapping.bytes()[0], 16);
    EXPECT_EQ(mapping.bytes()[descriptor.layers[1].offset[0]], 128);
  }
  for (const uint8_t seed : {uint8_t{3}, uint8_t{8}}) {
    decode_pcm(surface, seed);
    EXPECT_EQ(wrong_samples(descriptor, seed), 0u);
  }
  close(descriptor.objects[0].fd);
  destroy(surface);
}

// Like a reader that the kernel does not synchronise implicitly. Substitutes for dma-bufs have no
// fences, and are always ready.
void wait_for_fence(int dma_buf) {
  pollfd polled = {dma_buf, POLLIN, 0};
  EXPECT_EQ(poll(&polled, 1, 10'000), 1);
  dma_buf_sync begin = {DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ};
  ioctl(dma_buf, DMA_BUF_IOCTL_SYNC, &begin);
}

// With the picture's fence; without fences vaEndPicture waits.
TEST_F(WithDmaBufs, ShowThePictureToEarlierHoldersAfterEndPicture) {
  const auto config = make_config();
  const auto context = make_context(config);
  for (uint8_t seed = 1; seed < 10; ++seed) {
    const auto surface = make_surface();
    const auto descriptor = exported(surface, VA_EXPORT_SURFACE_READ_ONLY);
    auto picture = make_pcm_picture(4, 4, surface, seed);
    EXPECT_STATUS(SUCCESS, decode(context, surface, picture));
    wait_for_fence(descriptor.objects[0].fd);
    EXPECT_EQ(wrong_samples(descriptor, seed), 0u);
    close(descriptor.objects[0].fd);
    destroy(surface);
  }
  EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

TEST_F(WithDmaBufs, OutliveTheSurface) {
  const auto surface = make_surface();
  const auto first = exported(surface, read_write), second = exported(surface, read_write);
  EXPECT_NE(first.objects[0].fd, second.objects[0].fd);
  decode_pcm(surface, 7);
  close(first.objects[0].fd);
  destroy(surface);
  const auto other = make_surface();
  decode_pcm(other, 9);
  EXPECT_EQ(wrong_samples(second, 7), 0u);
  close(second.objects[0].fd);
  destroy(other);
}

TEST_F(WithDmaBufs, AreReadByAnotherProcess) {
  const auto surface = make_surface();
  const auto descriptor = exported(surface, VA_EXPORT_SURFACE_READ_ONLY);
  decode_pcm(surface, 11);
  destroy(surface);
  const pid_t reader = fork();
  if (reader == 0) _exit(wrong_samples(descriptor, 11) == 0 ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(reader, &status, 0), reader);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  close(descriptor.objects[0].fd);
}

TEST_F(WithDmaBufs, MayBeTheClients) {
  const auto owner = make_surface();
  auto descriptor = exported(owner, read_write | VA_EXPORT_SURFACE_COMPOSED_LAYERS);
  VASurfaceID surface = no_id;
  ASSERT_OK(import(prime_2, &descriptor, surface));
  decode_pcm(surface, 4);
  EXPECT_EQ(wrong_samples(descriptor, 4), 0u);
  destroy(surface);

  VASurfaceAttribExternalBuffers buffers{};
  uintptr_t handle = static_cast<uintptr_t>(descriptor.objects[0].fd);
  buffers.pixel_format = VA_FOURCC_NV12;
  buffers.width = buffers.height = 64;
  buffers.num_planes = 2;
  buffers.pitches[0] = buffers.pitches[1] = descriptor.layers[0].pitch[0];
  buffers.offsets[1] = descriptor.layers[0].offset[1];
  buffers.data_size = descriptor.objects[0].size;
  buffers.buffers = &handle;
  buffers.num_buffers = 1;
  ASSERT_OK(import(VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME, &buffers, surface));
  close(descriptor.objects[0].fd);  // the surface has its own descriptor
  decode_pcm(surface, 6);
  destroy(surface);
  const auto again = exported(owner, read_write);
  EXPECT_EQ(wrong_samples(again, 6), 0u);
  close(again.objects[0].fd);
  destroy(owner);
}

// The second plane follows 40 rows, which are no whole number of macroblocks: nothing may overwrite
// it.
TEST_F(WithDmaBufs, MayBeTheClientsAndHaveNoRoomForMacroblocks) {
  const auto owner = make_surface();
  auto descriptor = exported(owner, read_write | VA_EXPORT_SURFACE_COMPOSED_LAYERS);
  const uint32_t pitch = descriptor.layers[0].pitch[0];
  const Mapping mapping(descriptor.objects[0].fd, descriptor.objects[0].size);
  std::fill(mapping.bytes().begin(), mapping.bytes().end(), uint8_t{77});
  descriptor.height = 40;
  descriptor.layers[0].offset[1] = pitch * 40;
  VASurfaceID surface = no_id;
  ASSERT_OK(import(prime_2, &descriptor, surface, 64, 40));
  decode_pcm(surface, 5, 3);
  const auto bytes = mapping.bytes();
  EXPECT_EQ(wrong_samples(bytes, bytes.subspan(pitch * 40), pitch, 40, 5), 0u);
  EXPECT_EQ(std::count(bytes.begin() + pitch * 60, bytes.begin() + pitch * 96, 77), pitch * 36);

  auto image = make_image(VA_FOURCC_NV12, 64, 40);
  ASSERT_OK(vaGetImage(display, surface, 0, 0, 64, 40, image.image_id));
  uint8_t* samples = nullptr;
  ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
  const std::span all(samples, image.data_size);
  EXPECT_EQ(wrong_samples(all, all.subspan(image.offsets[1]), image.pitches[0], 40, 5), 0u);
  EXPECT_STATUS(SUCCESS, vaUnmapBuffer(display, image.buf));
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
  close(descriptor.objects[0].fd);
  destroy(surface);
  destroy(owner);
}

TEST_F(WithDmaBufs, AreRefusedWhereTheyAreNotWhatTheySay) {
  const auto owner = make_surface();
  const auto right = exported(owner, read_write | VA_EXPORT_SURFACE_COMPOSED_LAYERS);
  VASurfaceID surface = no_id;
  const auto status_of = [&](auto change) {
    auto descriptor = right;
    change(descriptor);
    return import(prime_2, &descriptor, surface);
  };
  using Descriptor = VADRMPRIMESurfaceDescriptor;
  for (void (*change)(Descriptor&) : {
           +[](Descriptor& d) { d.objects[0].drm_format_modifier = DRM_FORMAT_MOD_INVALID; },
           +[](Descriptor& d) { d.num_objects = 2; },
           +[](Descriptor& d) { d.num_layers = 0; },
           +[](Descriptor& d) { d.num_layers = 0xffffffff; },
           +[](Descriptor& d) { d.layers[0].num_planes = 0xffffffff; },
           +[](Descriptor& d) { d.layers[0].object_index[1] = 1; },
           +[](Descriptor& d) { d.layers[0].pitch[0] = 63; },
           +[](Descriptor& d) { d.layers[0].pitch[0] = d.layers[0].pitch[1] = 48; },
           +[](Descriptor& d) { d.layers[0].pitch[0] = d.layers[0].pitch[1] = 0xfffffff0; },
           +[](Descriptor& d) { d.layers[0].offset[0] = 16; },
           +[](Descriptor& d) { d.layers[0].offset[1] = 64; },
           +[](Descriptor& d) { d.layers[0].offset[1] = 0xfffffff0; },
           +[](Descriptor& d) { d.width = 63; },
           +[](Descriptor& d) { d.height = 4000; },
           +[](Descriptor& d) { d.objects[0].fd = -1; },
       })
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_of(change));
  EXPECT_STATUS(ERROR_INVALID_IMAGE_FORMAT,
                status_of([](Descriptor& d) { d.fourcc = VA_FOURCC_P016; }));
  const int short_file = memfd_create("short", MFD_CLOEXEC);
  ASSERT_EQ(ftruncate(short_file, 4096), 0);
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                status_of([&](Descriptor& d) { d.objects[0].fd = short_file; }));
  close(short_file);
  close(right.objects[0].fd);
  destroy(owner);
}

TEST_F(WithDmaBufs, OfOtherFormatsAreRefusedWhereTheyAreNotWhatTheySay) {
  using Descriptor = VADRMPRIMESurfaceDescriptor;
  const auto expect_refused = [](uint32_t fourcc, auto change) {
    const auto owner = make_surface_of(fourcc);
    auto descriptor = exported(owner, read_write | VA_EXPORT_SURFACE_COMPOSED_LAYERS);
    change(descriptor);
    VASurfaceID surface = no_id;
    EXPECT_STATUS(ERROR_INVALID_PARAMETER, import(prime_2, &descriptor, surface, 64, 64, fourcc))
        << fourcc;
    close(descriptor.objects[0].fd);
    destroy(owner);
  };
  for (uint32_t fourcc : {VA_FOURCC_I420, VA_FOURCC_YV12}) {
    expect_refused(fourcc, [](Descriptor& d) { d.layers[0].pitch[1] = d.layers[0].pitch[0]; });
    expect_refused(fourcc, [](Descriptor& d) { d.layers[0].offset[1] = d.layers[0].offset[2]; });
    expect_refused(fourcc, [](Descriptor& d) { d.layers[0].offset[2] = 64; });
    expect_refused(fourcc, [](Descriptor& d) { d.layers[0].offset[2] = 0xfffffff0; });
    expect_refused(fourcc, [](Descriptor& d) { d.layers[0].offset[1] += 2; });
    expect_refused(fourcc, [](Descriptor& d) { d.layers[0].num_planes = 2; });
  }
  expect_refused(VA_FOURCC_P010, [](Descriptor& d) {
    d.layers[0].pitch[0] = d.layers[0].pitch[1] = 64;  // 8 bits' pitch
  });
  expect_refused(VA_FOURCC_P010, [](Descriptor& d) { d.layers[0].offset[1] = 64 * 64; });
  expect_refused(VA_FOURCC_YUY2, [](Descriptor& d) { d.layers[0].pitch[0] = 64; });
  expect_refused(VA_FOURCC_UYVY, [](Descriptor& d) { d.height = 4000; });
}

TEST_F(WithDmaBufs, AreLinear) {
  uint64_t modifiers[] = {DRM_FORMAT_MOD_INVALID, I915_FORMAT_MOD_X_TILED, DRM_FORMAT_MOD_LINEAR};
  VADRMFormatModifierList list{3, modifiers};
  auto attribute = pointer(VASurfaceAttribDRMFormatModifiers, &list);
  VASurfaceID surface = no_id;
  ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &surface, 1, &attribute, 1));
  destroy(surface);
  list.num_modifiers = 2;
  EXPECT_STATUS(ERROR_ATTR_NOT_SUPPORTED,
                vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &surface, 1, &attribute, 1));
}

}  // namespace

}  // namespace daedalus::test
