// SPDX-License-Identifier: MIT
#include "reference/av1/superres.h"

#include <algorithm>
#include <array>

namespace daedalus::av1::scalar {
namespace {

// Upscale_Filter
constexpr int upscale_filter[64][8] = {
    {0, 0, 0, 128, 0, 0, 0, 0},        {0, 0, -1, 128, 2, -1, 0, 0},
    {0, 1, -3, 127, 4, -2, 1, 0},      {0, 1, -4, 127, 6, -3, 1, 0},
    {0, 2, -6, 126, 8, -3, 1, 0},      {0, 2, -7, 125, 11, -4, 1, 0},
    {-1, 2, -8, 125, 13, -5, 2, 0},    {-1, 3, -9, 124, 15, -6, 2, 0},
    {-1, 3, -10, 123, 18, -6, 2, -1},  {-1, 3, -11, 122, 20, -7, 3, -1},
    {-1, 4, -12, 121, 22, -8, 3, -1},  {-1, 4, -13, 120, 25, -9, 3, -1},
    {-1, 4, -14, 118, 28, -9, 3, -1},  {-1, 4, -15, 117, 30, -10, 4, -1},
    {-1, 5, -16, 116, 32, -11, 4, -1}, {-1, 5, -16, 114, 35, -12, 4, -1},
    {-1, 5, -17, 112, 38, -12, 4, -1}, {-1, 5, -18, 111, 40, -13, 5, -1},
    {-1, 5, -18, 109, 43, -14, 5, -1}, {-1, 6, -19, 107, 45, -14, 5, -1},
    {-1, 6, -19, 105, 48, -15, 5, -1}, {-1, 6, -19, 103, 51, -16, 5, -1},
    {-1, 6, -20, 101, 53, -16, 6, -1}, {-1, 6, -20, 99, 56, -17, 6, -1},
    {-1, 6, -20, 97, 58, -17, 6, -1},  {-1, 6, -20, 95, 61, -18, 6, -1},
    {-2, 7, -20, 93, 64, -18, 6, -2},  {-2, 7, -20, 91, 66, -19, 6, -1},
    {-2, 7, -20, 88, 69, -19, 6, -1},  {-2, 7, -20, 86, 71, -19, 6, -1},
    {-2, 7, -20, 84, 74, -20, 7, -2},  {-2, 7, -20, 81, 76, -20, 7, -1},
    {-2, 7, -20, 79, 79, -20, 7, -2},  {-1, 7, -20, 76, 81, -20, 7, -2},
    {-2, 7, -20, 74, 84, -20, 7, -2},  {-1, 6, -19, 71, 86, -20, 7, -2},
    {-1, 6, -19, 69, 88, -20, 7, -2},  {-1, 6, -19, 66, 91, -20, 7, -2},
    {-2, 6, -18, 64, 93, -20, 7, -2},  {-1, 6, -18, 61, 95, -20, 6, -1},
    {-1, 6, -17, 58, 97, -20, 6, -1},  {-1, 6, -17, 56, 99, -20, 6, -1},
    {-1, 6, -16, 53, 101, -20, 6, -1}, {-1, 5, -16, 51, 103, -19, 6, -1},
    {-1, 5, -15, 48, 105, -19, 6, -1}, {-1, 5, -14, 45, 107, -19, 6, -1},
    {-1, 5, -14, 43, 109, -18, 5, -1}, {-1, 5, -13, 40, 111, -18, 5, -1},
    {-1, 4, -12, 38, 112, -17, 5, -1}, {-1, 4, -12, 35, 114, -16, 5, -1},
    {-1, 4, -11, 32, 116, -16, 5, -1}, {-1, 4, -10, 30, 117, -15, 4, -1},
    {-1, 3, -9, 28, 118, -14, 4, -1},  {-1, 3, -9, 25, 120, -13, 4, -1},
    {-1, 3, -8, 22, 121, -12, 4, -1},  {-1, 3, -7, 20, 122, -11, 3, -1},
    {-1, 2, -6, 18, 123, -10, 3, -1},  {0, 2, -6, 15, 124, -9, 3, -1},
    {0, 2, -5, 13, 125, -8, 2, -1},    {0, 1, -4, 11, 125, -7, 2, 0},
    {0, 1, -3, 8, 126, -6, 2, 0},      {0, 1, -3, 6, 127, -4, 1, 0},
    {0, 1, -2, 4, 127, -3, 1, 0},      {0, 0, -1, 2, 128, -1, 0, 0},
};

constexpr int scale_bits = 14, scale_mask = (1 << 14) - 1, extra_bits = 8;

// The source positions of a plane's row.
struct Steps {
  int step, first;  // stepX, initialSubpelX

  Steps(int from, int to) {
    step = ((from << scale_bits) + to / 2) / to;
    const int error = to * step - (from << scale_bits);
    first =
        (-((to - from) << (scale_bits - 1)) + to / 2) / to + (1 << (extra_bits - 1)) - error / 2;
    first &= scale_mask;
  }
  int source(int x) const { return -(1 << scale_bits) + first + x * step; }
};

int upscaled_sample(const Plane& from, int source, int y, int last) {
  const int x = source >> scale_bits, phase = (source & scale_mask) >> extra_bits;
  int sum = 64;
  for (int k = 0; k < 8; ++k)
    sum += from(std::clamp(x + k - 3, 0, last), y) * upscale_filter[phase][k];
  return from.clip(sum >> 7);
}

}  // namespace

void upscale_picture(const PictureJob& job, const PictureView& from, const PictureView& to) {
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    const int sub = component == Component::y ? 0 : 1;
    if (sub && job.monochrome) break;
    const int width = (static_cast<int>(job.width) + sub) >> sub;
    const int upscaled_width = (static_cast<int>(job.upscaled_width) + sub) >> sub;
    const int height = (static_cast<int>(job.height) + sub) >> sub;
    const int last = (static_cast<int>(in_units(job.width)) >> sub) * 4 - 1;
    const Plane source = from.plane(component), target = to.plane(component);
    const Steps steps(width, upscaled_width);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < upscaled_width; ++x)
        target.set(x, y, upscaled_sample(source, steps.source(x), y, last));
  }
}

}  // namespace daedalus::av1::scalar
