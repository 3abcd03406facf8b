// SPDX-License-Identifier: MIT
#include "va/client.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "va/display.h"
#include "va/render_parts.h"

namespace daedalus::test {

VADisplay open_display() {
  // vaInitialize reads libva's configuration into memory shared by all threads.
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  VADisplay display = open_test_display();
  int major = 0, minor = 0;
  if (!display || vaInitialize(display, &major, &minor) == VA_STATUS_SUCCESS) return display;
  vaTerminate(display);
  return nullptr;
}

VAStatus render(VADisplay display, VAContextID context, VASurfaceID target, PcmPicture& picture) {
  const Part parts[] = {
      {VAPictureParameterBufferType, sizeof(picture.picture), &picture.picture},
      {VAIQMatrixBufferType, sizeof(picture.matrices), &picture.matrices},
      {VASliceParameterBufferType, sizeof(picture.slice), &picture.slice},
      {VASliceDataBufferType, picture.data.size(), picture.data.data()},
  };
  return render_parts(display, context, target, parts);
}

VAStatus decode(VADisplay display, VAContextID context, VASurfaceID target, PcmPicture& picture) {
  const auto status = render(display, context, target, picture);
  return status == VA_STATUS_SUCCESS ? vaEndPicture(display, context) : status;
}

Samples read_samples(VADisplay display, VASurfaceID surface, uint32_t width, uint32_t height) {
  Samples result;
  if (vaSyncSurface(display, surface) != VA_STATUS_SUCCESS) return result;
  VAImageFormat format{};
  format.fourcc = VA_FOURCC_I420;
  VAImage image{};
  if (vaCreateImage(display, &format, static_cast<int>(width), static_cast<int>(height), &image) !=
      VA_STATUS_SUCCESS)
    return result;
  const uint8_t* samples = nullptr;
  if (vaGetImage(display, surface, 0, 0, width, height, image.image_id) == VA_STATUS_SUCCESS &&
      vaMapBuffer(display, image.buf,
                  const_cast<void**>(reinterpret_cast<const void**>(&samples))) ==
          VA_STATUS_SUCCESS) {
    for (uint32_t plane = 0; plane < 3; ++plane) {
      const uint32_t shift = plane == 0 ? 0 : 1;
      const uint8_t* row = samples + image.offsets[plane];
      for (uint32_t y = 0; y < height >> shift; ++y, row += image.pitches[plane])
        result.insert(result.end(), row, row + (width >> shift));
    }
    vaUnmapBuffer(display, image.buf);
  }
  vaDestroyImage(display, image.image_id);
  return result;
}

Samples pcm_samples(uint32_t width, uint32_t height, uint8_t seed) {
  Samples result;
  for (uint32_t y = 0; y < height; ++y)
    for (uint32_t x = 0; x < width; ++x) result.push_back(pcm_luma(x, y, seed));
  result.insert(result.end(), std::size_t{width} * height / 4, pcm_cb(seed));
  result.insert(result.end(), std::size_t{width} * height / 4, pcm_cr(seed));
  return result;
}

Samples black_samples(uint32_t width, uint32_t height) {
  Samples result(std::size_t{width} * height, 16);
  result.resize(std::size_t{width} * height * 3 / 2, 128);
  return result;
}

Samples mean(const Samples& past, const Samples& future) {
  Samples result(past.size());
  std::transform(past.begin(), past.end(), future.begin(), result.begin(),
                 [](uint8_t a, uint8_t b) { return static_cast<uint8_t>((a + b + 1) / 2); });
  return result;
}

Stream::Stream(VADisplay display, uint32_t width, uint32_t height)
    : display_(display), width_(width), height_(height) {
  vaCreateConfig(display_, VAProfileH264High, VAEntrypointVLD, nullptr, 0, &config_);
  vaCreateContext(display_, config_, static_cast<int>(width), static_cast<int>(height),
                  VA_PROGRESSIVE, nullptr, 0, &context_);
}

Stream::~Stream() {
  vaDestroyContext(display_, context_);
  vaDestroyConfig(display_, config_);
  vaDestroySurfaces(display_, surfaces_.data(), static_cast<int>(surfaces_.size()));
}

VASurfaceID Stream::make_surface() {
  VASurfaceID surface = VA_INVALID_ID;
  if (vaCreateSurfaces(display_, VA_RT_FORMAT_YUV420, width_, height_, &surface, 1, nullptr, 0) ==
      VA_STATUS_SUCCESS)
    surfaces_.push_back(surface);
  return surface;
}

VAStatus Stream::decode_intra(VASurfaceID target, uint8_t seed) {
  auto picture = make_pcm_picture(width_ / 16, height_ / 16, target, seed);
  return decode(display_, context_, target, picture);
}

VAStatus Stream::repeat(VASurfaceID target, VASurfaceID reference) {
  auto picture = make_skipped_picture(width_ / 16, height_ / 16, target, {&reference, 1});
  return decode(display_, context_, target, picture);
}

VAStatus Stream::repeat_later(VASurfaceID target, VASurfaceID reference) {
  auto status = VA_STATUS_SUCCESS;
  for (uint8_t seed = 0; seed < 12 && status == VA_STATUS_SUCCESS; ++seed)
    status = decode_intra(target, seed);
  return status == VA_STATUS_SUCCESS ? repeat(target, reference) : status;
}

VAStatus Stream::decode_mean(VASurfaceID target, VASurfaceID past, VASurfaceID future) {
  const std::array references = {past, future};
  auto picture = make_skipped_picture(width_ / 16, height_ / 16, target, references);
  return decode(display_, context_, target, picture);
}

Samples Stream::samples(VASurfaceID surface) const {
  return read_samples(display_, surface, width_, height_);
}

void Stream::change_size(uint32_t width, uint32_t height) {
  width_ = width;
  height_ = height;
}

}  // namespace daedalus::test
