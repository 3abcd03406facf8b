// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>

#include "bench/decoding.h"
#include "bench/driver.h"
#include "bench/leg.h"

namespace daedalus::bench {

namespace {

uint32_t sample_at(const std::vector<uint8_t>& frame, std::size_t index, bool words) {
  return words ? frame[2 * index] | uint32_t{frame[2 * index + 1]} << 8 : frame[index];
}

// The first difference between the two, or nothing.
std::string difference(const AVFrame& driver, const AVFrame& software) {
  const auto actual = i420(driver), expected = i420(software);
  if (actual.empty()) return "the picture cannot be read";
  if (actual.size() != expected.size()) return "the sizes differ";
  const auto differs = std::mismatch(actual.begin(), actual.end(), expected.begin()).first;
  if (differs == actual.end()) return "";
  const bool words = software.format == AV_PIX_FMT_YUV420P10;
  const auto index = static_cast<std::size_t>(differs - actual.begin()) / (words ? 2 : 1);
  const auto width = static_cast<std::size_t>(driver.width);
  const auto height = static_cast<std::size_t>(driver.height);
  const std::size_t luma = width * height, chroma = (width + 1) / 2 * ((height + 1) / 2);
  const auto inside = index < luma ? index : (index - luma) % chroma;
  const auto stride = index < luma ? width : (width + 1) / 2;
  const char* plane = index < luma ? "luma" : index < luma + chroma ? "Cb" : "Cr";
  return plane + (" (" + std::to_string(inside % stride)) + ", " + std::to_string(inside / stride) +
         ") is " + std::to_string(sample_at(actual, index, words)) + ", should be " +
         std::to_string(sample_at(expected, index, words));
}

constexpr uint64_t most_named = 5;

}  // namespace

std::optional<Comparison> compare_frames(const Clip& clip, uint64_t pictures, std::string& error) {
  const auto opened = Driver::open(error);
  if (!opened) return {};
  Decoding driver(clip, opened->device(), 1, pictures), software(clip, nullptr, 1, pictures);
  Comparison result;
  for (;; ++result.frames) {
    const Frame actual = driver.next(), expected = software.next();
    error = driver.error() + software.error();
    if (!error.empty()) return {};
    if (!actual && !expected) return result;
    const std::string differs =
        actual && expected ? difference(*actual, *expected) : "one decoder gave fewer frames";
    if (differs.empty()) continue;
    if (++result.different <= most_named)
      printf("frame %llu (%c): %s\n", static_cast<unsigned long long>(result.frames),
             av_get_picture_type_char(expected ? expected->pict_type : AV_PICTURE_TYPE_NONE),
             differs.c_str());
    if (!actual || !expected) return result;
  }
}

}  // namespace daedalus::bench
