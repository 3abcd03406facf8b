// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>
#include <limits>

#include "vulkan/device_state.h"
#include "vulkan/fixture.h"
#include "vulkan/picture.h"

namespace daedalus::vulkan {
namespace {

// Some drivers cannot be loaded more than about 30 times in one process. An open device keeps them
// loaded.
class OpenDevice : public testing::Environment {
 public:
  void SetUp() override {
    if (auto opened = open_device({})) device_ = std::move(*opened);
  }
  void TearDown() override { device_.reset(); }

 private:
  std::unique_ptr<Device> device_;
};
[[maybe_unused]] const auto* const open_device_environment =
    testing::AddGlobalTestEnvironment(new OpenDevice);

using DeviceTest = DeviceFixture;

constexpr PictureFormat every_format[] = {
    PictureFormat::nv12, PictureFormat::p010, PictureFormat::i420, PictureFormat::yuy2,
    PictureFormat::uyvy, PictureFormat::bgra, PictureFormat::rgba};

TEST_F(DeviceTest, OpensByNameAndIndex) {
  for (const std::string& wanted : {device->name(), std::string("0")}) {
    Settings settings;
    settings.device = wanted;
    EXPECT_TRUE(open_device(settings)) << wanted;
  }
}

TEST_F(DeviceTest, RefusesADeviceThatIsNotThere) {
  for (const char* missing :
       {"no such device", "4000000000", "99999999999999999999", "/dev/null", "/no/such/node"}) {
    Settings settings;
    settings.device = missing;
    const auto opened = open_device(settings);
    ASSERT_FALSE(opened) << missing;
    EXPECT_EQ(opened.error(), Error::unsupported);
  }
}

TEST_F(DeviceTest, PicturesAreLaidOutAsPromised) {
  for (const uint32_t width : {1u, 16u, 17u, 320u, 1920u, 4096u}) {
    for (const uint32_t height : {1u, 16u, 1080u}) {
      auto picture = device->create_picture(PictureFormat::nv12, width, height);
      ASSERT_TRUE(picture);
      const auto& layout = (*picture)->layout();
      EXPECT_EQ(layout.width, (width + 15) / 16 * 16);
      EXPECT_EQ(layout.height, (height + 15) / 16 * 16);
      EXPECT_GE(layout.pitch, layout.width);
      EXPECT_EQ(layout.pitch % 64, 0u);
      EXPECT_GE(layout.chroma_offset, layout.pitch * layout.height);
      EXPECT_EQ(layout.chroma_offset % 16, 0u);
      EXPECT_GE(layout.size, layout.chroma_offset + layout.pitch * layout.height / 2);
    }
  }
}

TEST_F(DeviceTest, PicturesOfEveryFormatAreLaidOutAsPromisedAndBlack) {
  for (const PictureFormat format : every_format)
    for (const uint32_t width : {1u, 17u, 320u, 4096u})
      for (const uint32_t height : {1u, 16u, 130u}) {
        auto picture = device->create_picture(format, width, height);
        ASSERT_TRUE(picture);
        const auto& layout = (*picture)->layout();
        const auto traits = traits_of(format);
        EXPECT_EQ(layout.format, format);
        EXPECT_GE(layout.width, width);
        EXPECT_GE(layout.height, height);
        EXPECT_GE(layout.pitch, layout.width * traits.sample_bytes);
        EXPECT_EQ(layout.pitch % 64, 0u);
        const uint32_t luma_end = layout.pitch * layout.height;
        EXPECT_GE(layout.size, luma_end);
        if (traits.planes > 1) {
          EXPECT_GE(layout.chroma_offset, luma_end);
        }
        if (traits.planes == 2) {
          EXPECT_GE(layout.size, layout.chroma_offset + luma_end / 2);
        }
        if (traits.planes == 3) {
          EXPECT_EQ(layout.pitch % 128, 0u);
          EXPECT_GE(layout.cr_offset, layout.chroma_offset + luma_end / 4);
          EXPECT_GE(layout.size, layout.cr_offset + luma_end / 4);
        }
        const auto samples = download(**picture);
        const auto word_at = [&](uint32_t at) {
          uint32_t word = 0;
          memcpy(&word, samples.data() + at, sizeof word);
          return word;
        };
        EXPECT_EQ(word_at(0), traits.black);
        EXPECT_EQ(word_at(luma_end - 4), traits.black);
        if (traits.planes > 1) {
          EXPECT_EQ(word_at(layout.chroma_offset), traits.black_chroma);
          EXPECT_EQ(word_at(layout.size - 4), traits.black_chroma);
        }
      }
}

TEST_F(DeviceTest, RefusesPicturesOutsideOfTheRange) {
  constexpr uint32_t huge = std::numeric_limits<uint32_t>::max();
  const std::array<std::array<uint32_t, 2>, 6> sizes = {
      {{0, 16}, {16, 0}, {8193, 16}, {16, 8193}, {huge, 16}, {huge, huge}}};
  for (const auto& [width, height] : sizes) {
    const auto picture = device->create_picture(PictureFormat::nv12, width, height);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error(), Error::invalid_parameter);
    EXPECT_FALSE(device->create_h264_stage(width == 16 ? 1 : width, height == 16 ? 1 : height, 4));
  }
}

TEST_F(DeviceTest, MakesTheLargestPictures) {
  for (const auto format : {PictureFormat::nv12, PictureFormat::bgra}) {
    const auto [width, height] = device->max_picture_size(format);
    EXPECT_EQ(width, max_picture_side);
    EXPECT_GE(height, max_picture_side / 2);
    EXPECT_TRUE(device->create_picture(format, width, height));
    EXPECT_FALSE(device->create_picture(format, width + 1, height));
    EXPECT_FALSE(device->create_picture(format, width, height + 1));
  }
}

// V3D's limit, and Vulkan's minimum.
TEST(PictureSizeTest, IsWhatStorageBuffersHold) {
  VkPhysicalDeviceLimits limits = {};
  limits.maxStorageBufferRange = 1u << 30;
  EXPECT_EQ(max_picture_size(limits, PictureFormat::bgra).height, 8192u);
  limits.maxStorageBufferRange = 1u << 27;
  EXPECT_EQ(max_picture_size(limits, PictureFormat::nv12).height, 8192u);
  EXPECT_EQ(max_picture_size(limits, PictureFormat::bgra).height, 4096u);
}

bool is_black(std::span<const std::byte> samples, const PictureLayout& layout) {
  const auto chroma = samples.begin() + layout.chroma_offset;
  return std::all_of(samples.begin(), chroma, [](std::byte b) { return b == std::byte{16}; }) &&
         std::all_of(chroma, samples.end(), [](std::byte b) { return b == std::byte{128}; });
}

TEST_F(DeviceTest, PicturesAreBlackWhenMade) {
  const auto picture = make_picture(5, 3);
  EXPECT_TRUE(is_black(download(*picture), picture->layout()));
  EXPECT_TRUE(picture->wait(std::chrono::nanoseconds(0)));
}

TEST_F(DeviceTest, UploadsAndDownloads) {
  const auto picture = make_picture(7, 4);
  for (uint32_t seed = 0; seed < 3; ++seed) {
    const auto samples = h264::random_samples(picture->layout(), seed);
    ASSERT_TRUE(picture->upload(samples));
    EXPECT_EQ(download(*picture), samples);
    const auto mapped = picture->map();
    if (!mapped.empty()) {
      EXPECT_TRUE(std::equal(mapped.begin(), mapped.end(), samples.begin(), samples.end()));
    }
  }
  std::vector<std::byte> short_one(picture->layout().size - 1);
  EXPECT_EQ(picture->upload(short_one).error(), Error::invalid_parameter);
  EXPECT_EQ(picture->download(short_one).error(), Error::invalid_parameter);
}

TEST_F(DeviceTest, PicturesOutliveTheDevice) {
  const auto picture = make_picture(2, 2);
  device.reset();
  EXPECT_TRUE(is_black(download(*picture), picture->layout()));
}

TEST_F(DeviceTest, KnowsItsPictures) {
  const auto picture = make_picture(2, 2);
  EXPECT_TRUE(device->owns(*picture));
  EXPECT_FALSE(device->lost());
  open();
  EXPECT_FALSE(device->owns(*picture));
}

// The path of pictures that the CPU cannot access, of which this device may have none.
TEST(TransferTest, GoesThroughStagingMemory) {
  auto gpu = Gpu::open({});
  ASSERT_TRUE(gpu);
  Transfer transfer(**gpu);
  for (const uint32_t width : {64u, 320u, 16u}) {  // staging memory first grows, then stays
    const auto layout = picture_layout(PictureFormat::nv12, width, 48);
    auto buffer = Buffer::create(**gpu, MemoryUse::picture, layout.size);
    ASSERT_TRUE(buffer);
    std::vector<std::byte> samples(layout.size);
    ASSERT_TRUE(transfer.fill_black(*buffer, layout));
    ASSERT_TRUE(transfer.download(*buffer, false, samples, {}));
    EXPECT_TRUE(is_black(samples, layout));
    const auto wanted = h264::random_samples(layout, width);
    ASSERT_TRUE(transfer.upload(*buffer, false, wanted, {}));
    ASSERT_TRUE(transfer.download(*buffer, false, samples, {}));
    EXPECT_EQ(samples, wanted);
  }
}

TEST(BufferTest, RefusesWhatNoShaderCouldSee) {
  auto gpu = Gpu::open({});
  ASSERT_TRUE(gpu);
  const auto size = VkDeviceSize{(*gpu)->physical().limits.maxStorageBufferRange} + 1;
  const auto buffer = Buffer::create(**gpu, MemoryUse::upload, size);
  ASSERT_FALSE(buffer);
  EXPECT_EQ(buffer.error(), Error::out_of_memory);
}

}  // namespace
}  // namespace daedalus::vulkan
