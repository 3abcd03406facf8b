// SPDX-License-Identifier: MIT
#include "va/semiplanar.h"

namespace daedalus::test {

namespace {

void append_planes(std::vector<std::byte>& samples, const VAImage& image, const std::byte* from,
                   uint32_t sample_bytes) {
  const uint32_t width = image.width, height = image.height;
  const uint32_t row_bytes[] = {width * sample_bytes, (width + 1) / 2 * 2 * sample_bytes};
  const uint32_t rows[] = {height, (height + 1) / 2};
  for (uint32_t plane = 0; plane < 2; ++plane) {
    const std::byte* row = from + image.offsets[plane];
    for (uint32_t y = 0; y < rows[plane]; ++y, row += image.pitches[plane])
      samples.insert(samples.end(), row, row + row_bytes[plane]);
  }
}

}  // namespace

std::vector<std::byte> read_semiplanar(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                       uint32_t width, uint32_t height) {
  std::vector<std::byte> samples;
  if (vaSyncSurface(display, surface) != VA_STATUS_SUCCESS) return samples;
  VAImageFormat format{};
  format.fourcc = bit_depth == 10 ? VA_FOURCC_P010 : VA_FOURCC_NV12;
  VAImage image{};
  if (vaCreateImage(display, &format, static_cast<int>(width), static_cast<int>(height), &image) !=
      VA_STATUS_SUCCESS)
    return samples;
  void* mapped = nullptr;
  if (vaGetImage(display, surface, 0, 0, width, height, image.image_id) == VA_STATUS_SUCCESS &&
      vaMapBuffer(display, image.buf, &mapped) == VA_STATUS_SUCCESS) {
    append_planes(samples, image, static_cast<const std::byte*>(mapped), bit_depth == 10 ? 2 : 1);
    vaUnmapBuffer(display, image.buf);
  }
  vaDestroyImage(display, image.image_id);
  return samples;
}

std::vector<uint8_t> read_planar(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                 uint32_t width, uint32_t height) {
  const auto rows = read_semiplanar(display, surface, bit_depth, width, height);
  const std::size_t luma = std::size_t{width} * height;
  const std::size_t chroma = std::size_t{(width + 1) / 2} * ((height + 1) / 2);
  const std::size_t sample_bytes = bit_depth == 10 ? 2 : 1;
  if (rows.size() != (luma + 2 * chroma) * sample_bytes) return {};
  std::vector<uint8_t> planar;
  const auto add = [&](std::size_t first, std::size_t count, std::size_t step) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::byte* sample = &rows[(first + i * step) * sample_bytes];
      if (sample_bytes == 1) {
        planar.push_back(static_cast<uint8_t>(*sample));
        continue;
      }
      const uint32_t value =
          (static_cast<uint32_t>(sample[0]) | static_cast<uint32_t>(sample[1]) << 8) >> 6;
      planar.push_back(static_cast<uint8_t>(value));
      planar.push_back(static_cast<uint8_t>(value >> 8));
    }
  };
  add(0, luma, 1);
  add(luma, chroma, 2);
  add(luma + 1, chroma, 2);
  return planar;
}

}  // namespace daedalus::test
