// SPDX-License-Identifier: MIT
#include <cstdio>

#include "bench/decoding.h"
#include "bench/driver.h"
#include "bench/leg.h"

namespace daedalus::bench {

namespace {

// The first difference between the two, or nothing.
std::string difference(const AVFrame& driver, const AVFrame& software) {
  const auto actual = i420(driver), expected = i420(software);
  if (actual.empty()) return "the picture cannot be read";
  if (actual.size() != expected.size()) return "the sizes differ";
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == expected[i]) continue;
    const auto width = static_cast<std::size_t>(driver.width);
    const auto luma = width * static_cast<std::size_t>(driver.height);
    const auto inside = i < luma ? i : (i - luma) % (luma / 4);
    const auto stride = i < luma ? width : width / 2;
    return std::string(i < luma              ? "luma"
                       : i < luma + luma / 4 ? "Cb"
                                             : "Cr") +
           " (" + std::to_string(inside % stride) + ", " + std::to_string(inside / stride) +
           ") is " + std::to_string(actual[i]) + ", should be " + std::to_string(expected[i]);
  }
  return "";
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
