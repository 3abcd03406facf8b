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

}  // namespace daedalus::test
