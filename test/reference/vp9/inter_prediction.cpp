// SPDX-License-Identifier: MIT
#include "reference/vp9/inter_prediction.h"

#include <algorithm>
#include <array>
#include <vector>

namespace daedalus::vp9::scalar {
namespace {

uint32_t bits(uint32_t word, uint32_t shift, uint32_t count) {
  return word >> shift & ((1u << count) - 1);
}

constexpr int taps = 8;
using Kernel = std::array<int, taps>;

// subpel_filters (8.5.2.4), by InterpFilter.
constexpr std::array<std::array<Kernel, 16>, 4> kernels = {{
    {{{0, 0, 0, 128, 0, 0, 0, 0},
      {0, 1, -5, 126, 8, -3, 1, 0},
      {-1, 3, -10, 122, 18, -6, 2, 0},
      {-1, 4, -13, 118, 27, -9, 3, -1},
      {-1, 4, -16, 112, 37, -11, 4, -1},
      {-1, 5, -18, 105, 48, -14, 4, -1},
      {-1, 5, -19, 97, 58, -16, 5, -1},
      {-1, 6, -19, 88, 68, -18, 5, -1},
      {-1, 6, -19, 78, 78, -19, 6, -1},
      {-1, 5, -18, 68, 88, -19, 6, -1},
      {-1, 5, -16, 58, 97, -19, 5, -1},
      {-1, 4, -14, 48, 105, -18, 5, -1},
      {-1, 4, -11, 37, 112, -16, 4, -1},
      {-1, 3, -9, 27, 118, -13, 4, -1},
      {0, 2, -6, 18, 122, -10, 3, -1},
      {0, 1, -3, 8, 126, -5, 1, 0}}},
    {{{0, 0, 0, 128, 0, 0, 0, 0},
      {-3, -1, 32, 64, 38, 1, -3, 0},
      {-2, -2, 29, 63, 41, 2, -3, 0},
      {-2, -2, 26, 63, 43, 4, -4, 0},
      {-2, -3, 24, 62, 46, 5, -4, 0},
      {-2, -3, 21, 60, 49, 7, -4, 0},
      {-1, -4, 18, 59, 51, 9, -4, 0},
      {-1, -4, 16, 57, 53, 12, -4, -1},
      {-1, -4, 14, 55, 55, 14, -4, -1},
      {-1, -4, 12, 53, 57, 16, -4, -1},
      {0, -4, 9, 51, 59, 18, -4, -1},
      {0, -4, 7, 49, 60, 21, -3, -2},
      {0, -4, 5, 46, 62, 24, -3, -2},
      {0, -4, 4, 43, 63, 26, -2, -2},
      {0, -3, 2, 41, 63, 29, -2, -2},
      {0, -3, 1, 38, 64, 32, -1, -3}}},
    {{{0, 0, 0, 128, 0, 0, 0, 0},
      {-1, 3, -7, 127, 8, -3, 1, 0},
      {-2, 5, -13, 125, 17, -6, 3, -1},
      {-3, 7, -17, 121, 27, -10, 5, -2},
      {-4, 9, -20, 115, 37, -13, 6, -2},
      {-4, 10, -23, 108, 48, -16, 8, -3},
      {-4, 10, -24, 100, 59, -19, 9, -3},
      {-4, 11, -24, 90, 70, -21, 10, -4},
      {-4, 11, -23, 80, 80, -23, 11, -4},
      {-4, 10, -21, 70, 90, -24, 11, -4},
      {-3, 9, -19, 59, 100, -24, 10, -4},
      {-3, 8, -16, 48, 108, -23, 10, -4},
      {-2, 6, -13, 37, 115, -20, 9, -4},
      {-2, 5, -10, 27, 121, -17, 7, -3},
      {-1, 3, -6, 17, 125, -13, 5, -2},
      {0, 1, -3, 8, 127, -7, 3, -1}}},
    {{{0, 0, 0, 128, 0, 0, 0, 0},
      {0, 0, 0, 120, 8, 0, 0, 0},
      {0, 0, 0, 112, 16, 0, 0, 0},
      {0, 0, 0, 104, 24, 0, 0, 0},
      {0, 0, 0, 96, 32, 0, 0, 0},
      {0, 0, 0, 88, 40, 0, 0, 0},
      {0, 0, 0, 80, 48, 0, 0, 0},
      {0, 0, 0, 72, 56, 0, 0, 0},
      {0, 0, 0, 64, 64, 0, 0, 0},
      {0, 0, 0, 56, 72, 0, 0, 0},
      {0, 0, 0, 48, 80, 0, 0, 0},
      {0, 0, 0, 40, 88, 0, 0, 0},
      {0, 0, 0, 32, 96, 0, 0, 0},
      {0, 0, 0, 24, 104, 0, 0, 0},
      {0, 0, 0, 16, 112, 0, 0, 0},
      {0, 0, 0, 8, 120, 0, 0, 0}}},
}};

// A part of a block with one vector, in one plane: the whole block, or one of several 4x4.
struct Part {
  int block_x, block_y;           // the block's corner, samples of the plane
  int block_width, block_height;  // the block's size in the plane
  int x, y, width, height;        // the part, relative to the block's corner
};

// Where the prediction of a part begins in the reference, and its steps, in 1/16 samples.
struct Start {
  int x, y, x_step, y_step;
};

int scaled(int value, uint32_t scale) {
  return static_cast<int>(static_cast<int64_t>(value) * static_cast<int64_t>(scale) >> 14);
}

// (reference size << 14) / size
uint32_t scale_of(uint32_t reference_size, uint32_t size) {
  return (reference_size << 14) / size;
}

constexpr uint32_t no_scale = 1u << 14;

// One coordinate of a block predicted from a scaled reference (8.5.2.3, but like libvpx: chroma
// uses the fraction of the luma position).
int scaled_start(int block, int offset, int mv, int block_size, int picture_size, bool chroma,
                 uint32_t scale) {
  const int shift = chroma ? 0 : 1;
  // Samples further outside are never visible.
  const int before = -((block << (chroma ? 1 : 0)) * 8 << shift) - ((4 + block_size) << 4);
  const int end = (picture_size - ((block + block_size) << (chroma ? 1 : 0))) * 8;
  const int after = end * (1 << shift) + ((4 + block_size) << 4) - 16;
  const int clamped = std::clamp(mv * (1 << shift), before, after);
  const int luma_position = (block << (chroma ? 1 : 0)) + offset;
  const int fraction = scaled(luma_position * 16, scale) & 15;
  return scaled(block + offset, scale) * 16 + scaled(clamped, scale) + fraction;
}

class Predictor {
 public:
  Predictor(const PictureJob& job, const PictureView& target,
            std::span<const PictureView, reference_count> references)
      : job_(job),
        target_(target),
        references_(references),
        width_(static_cast<int>((job.width + 7) / 8 * 8)),
        height_(static_cast<int>((job.height + 7) / 8 * 8)) {}

  void predict_block(const BlockRecord& block) const {
    for (const Component component : {Component::y, Component::cb, Component::cr}) {
      const Part part = whole(block, component);
      predict_part(block, component, part, {block.mv_0, block.mv_1});
    }
  }

  void predict_small_block(const SmallBlockRecord& small) const {
    for (int i = 0; i < 4; ++i) {
      Part part = whole(small.block, Component::y);
      part.x = i % 2 * 4;
      part.y = i / 2 * 4;
      part.width = part.height = 4;
      predict_part(small.block, Component::y, part, {small.parts[i].mv_0, small.parts[i].mv_1});
    }
    std::array<MotionVector, 2> average;
    for (size_t i = 0; i < 2; ++i) {
      average[0][i] = quarter(small.parts[0].mv_0[i] + small.parts[1].mv_0[i] +
                              small.parts[2].mv_0[i] + small.parts[3].mv_0[i]);
      average[1][i] = quarter(small.parts[0].mv_1[i] + small.parts[1].mv_1[i] +
                              small.parts[2].mv_1[i] + small.parts[3].mv_1[i]);
    }
    for (const Component component : {Component::cb, Component::cr}) {
      predict_part(small.block, component, whole(small.block, component), average);
    }
  }

 private:
  static int16_t quarter(int sum) {
    return static_cast<int16_t>((sum < 0 ? sum - 2 : sum + 2) / 4);
  }

  static Part whole(const BlockRecord& block, Component component) {
    const int unit = component == Component::y ? 8 : 4;
    const int width = unit << bits(block.place, block_place::width_shift, 2);
    const int height = unit << bits(block.place, block_place::height_shift, 2);
    return {static_cast<int>(bits(block.place, block_place::x_shift, 10)) * unit,
            static_cast<int>(bits(block.place, block_place::y_shift, 10)) * unit,
            width,
            height,
            0,
            0,
            width,
            height};
  }

  void predict_part(const BlockRecord& block, Component component, const Part& part,
                    const std::array<MotionVector, 2>& mvs) const {
    const uint32_t first = bits(block.head, block_head::reference_0_shift, 2);
    const uint32_t second = bits(block.head, block_head::reference_1_shift, 2);
    const auto& filter = kernels[bits(block.head, block_head::interp_filter_shift, 2)];
    std::vector<int> samples = predict_from(first, component, part, mvs[0], filter);
    if (second != no_reference) {
      const std::vector<int> other = predict_from(second, component, part, mvs[1], filter);
      for (size_t i = 0; i < samples.size(); ++i) samples[i] = (samples[i] + other[i] + 1) >> 1;
    }
    store(component, part, samples);
  }

  // Ignores samples outside the aligned size.
  void store(Component component, const Part& part, const std::vector<int>& samples) const {
    const Plane plane = target_.plane(component);
    const int shift = component == Component::y ? 0 : 1;
    for (int y = 0; y < part.height; ++y) {
      for (int x = 0; x < part.width; ++x) {
        const int to_x = part.block_x + part.x + x, to_y = part.block_y + part.y + y;
        if (to_x >= width_ >> shift || to_y >= height_ >> shift) continue;
        plane.set(to_x, to_y, samples[static_cast<size_t>(y * part.width + x)]);
      }
    }
  }

  Start start_of(uint32_t reference, bool chroma, const Part& part, const MotionVector& mv) const {
    const ReferenceSize& size = job_.references[reference];
    const uint32_t x_scale = scale_of(size.width, job_.width);
    const uint32_t y_scale = scale_of(size.height, job_.height);
    if (x_scale == no_scale && y_scale == no_scale) {
      const int unit = chroma ? 1 : 2;
      return {(part.block_x + part.x) * 16 + mv[0] * unit,
              (part.block_y + part.y) * 16 + mv[1] * unit, 16, 16};
    }
    return {scaled_start(part.block_x, part.x, mv[0], part.block_width, width_, chroma, x_scale),
            scaled_start(part.block_y, part.y, mv[1], part.block_height, height_, chroma, y_scale),
            scaled(16, x_scale), scaled(16, y_scale)};
  }

  std::vector<int> predict_from(uint32_t reference, Component component, const Part& part,
                                const MotionVector& mv,
                                const std::array<Kernel, 16>& filter) const {
    const Plane plane = references_[reference].plane(component);
    const bool chroma = component != Component::y;
    const int last_x = static_cast<int>((job_.references[reference].width + chroma) >> chroma) - 1;
    const int last_y = static_cast<int>((job_.references[reference].height + chroma) >> chroma) - 1;
    const Start start = start_of(reference, chroma, part, mv);

    // Rows from three above the first one to four below the last one.
    const int first_row = (start.y >> 4) - 3;
    const int rows = (((start.y & 15) + (part.height - 1) * start.y_step) >> 4) + taps;
    std::vector<int> lines(static_cast<size_t>(rows * part.width));
    for (int row = 0; row < rows; ++row) {
      const int y = std::clamp(first_row + row, 0, last_y);
      for (int column = 0; column < part.width; ++column) {
        const int position = (start.x & 15) + column * start.x_step;
        int sum = 64;
        for (int tap = 0; tap < taps; ++tap) {
          const int x = std::clamp((start.x >> 4) + (position >> 4) + tap - 3, 0, last_x);
          sum += plane(x, y) * filter[static_cast<size_t>(position & 15)][static_cast<size_t>(tap)];
        }
        lines[static_cast<size_t>(row * part.width + column)] = plane.clip(sum >> 7);
      }
    }

    std::vector<int> samples(static_cast<size_t>(part.width * part.height));
    for (int row = 0; row < part.height; ++row) {
      const int position = (start.y & 15) + row * start.y_step;
      for (int column = 0; column < part.width; ++column) {
        int sum = 64;
        for (int tap = 0; tap < taps; ++tap) {
          sum += lines[static_cast<size_t>(((position >> 4) + tap) * part.width + column)] *
                 filter[static_cast<size_t>(position & 15)][static_cast<size_t>(tap)];
        }
        samples[static_cast<size_t>(row * part.width + column)] = plane.clip(sum >> 7);
      }
    }
    return samples;
  }

  const PictureJob& job_;
  const PictureView target_;
  std::span<const PictureView, reference_count> references_;
  const int width_, height_;  // aligned
};

}  // namespace

void predict_inter(const PictureJob& job, const PictureView& target,
                   std::span<const PictureView, reference_count> references) {
  const Predictor predictor(job, target, references);
  std::size_t first = 0;
  for (const BlockClass& blocks : job.block_classes) {
    const std::size_t inter = blocks.unscaled + blocks.scaled;
    for (const BlockRecord& block : job.blocks.subspan(first, inter))
      predictor.predict_block(block);
    first += inter + blocks.intra;
  }
  for (const SmallBlockRecord& block :
       job.small_blocks.first(job.unscaled_small_blocks + job.scaled_small_blocks)) {
    predictor.predict_small_block(block);
  }
}

}  // namespace daedalus::vp9::scalar
