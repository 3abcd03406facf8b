// SPDX-License-Identifier: MIT
#include "random_predictions.h"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace daedalus::av1 {
namespace {

namespace head = prediction_head;
namespace place = prediction_place;

// A block in luma samples.
struct Rectangle {
  uint32_t x, y, width_log2, height_log2;
};

// A block's kernel (0 to 3) in a direction with this many samples.
uint32_t kernel_for(uint32_t kernel, uint32_t samples_log2) {
  if (samples_log2 > 2 || kernel == 3) return kernel;
  return kernel == 1 ? 5 : 4;
}

class Filler {
 public:
  Filler(PictureJob& job, const PredictionStyle& style)
      : job_(job), style_(style), random_(style.seed) {}

  void fill() {
    make_warps();
    for (uint32_t y = 0; y < in_units(job_.height) * 4; y += 128)
      for (uint32_t x = 0; x < in_units(job_.width) * 4; x += 128) partition({x, y, 7, 7});
    write();
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  uint32_t below(uint32_t end) {
    return static_cast<uint32_t>(between(0, static_cast<int>(end) - 1));
  }
  bool chance(uint32_t percent) { return below(100) < percent; }

  // Matrices as far from identity as possible, with any valid shear, which need not match.
  void make_warps() {
    for (uint32_t i = 0; i < reference_count + 16; ++i) {
      const int most = i % 2 ? 8191 : 500;
      WarpRecord warp = {
          .matrix = {between(-(1 << 23), (1 << 23) - 1), between(-(1 << 23), (1 << 23) - 1),
                     (1 << 16) + between(-most, most), between(-most, most), between(-most, most),
                     (1 << 16) + between(-most, most)},
          .shear = {}};
      const auto within = [&](int share, int rest) {
        const int limit = (65535 - rest) / share / 64;
        return between(-std::min(limit, 511), std::min(limit, 511)) * 64;
      };
      const int alpha = within(4, 0), beta = within(7, 4 * std::abs(alpha));
      const int gamma = within(4, 0), delta = within(4, 4 * std::abs(gamma));
      warp.shear = {static_cast<int16_t>(alpha), static_cast<int16_t>(beta),
                    static_cast<int16_t>(gamma), static_cast<int16_t>(delta)};
      job_.warps[job_.warp_count++] = warp;
    }
  }

  void partition(const Rectangle& square) {
    if (square.x >= in_units(job_.width) * 4 || square.y >= in_units(job_.height) * 4) return;
    const uint32_t log2 = square.width_log2, half = 1u << log2 >> 1;
    if (log2 == 2) return block(square);
    if (chance(style_.split_percent)) {
      for (uint32_t i = 0; i < 4; ++i)
        partition({square.x + i % 2 * half, square.y + i / 2 * half, log2 - 1, log2 - 1});
      return;
    }
    // Whole, halves, or quarters of at least 4 samples.
    const uint32_t parts_log2 = below(log2 == 3 || log2 == 7 ? 2 : 3);
    const bool rows = chance(50);
    for (uint32_t i = 0; i < 1u << parts_log2; ++i) {
      const uint32_t offset = i << (log2 - parts_log2);
      block({square.x + (rows ? 0 : offset), square.y + (rows ? offset : 0),
             log2 - (rows ? 0 : parts_log2), log2 - (rows ? parts_log2 : 0)});
    }
  }

  uint32_t any_reference() {
    uint32_t reference;
    do reference = below(reference_count);
    while (job_.references[reference].width == 0);
    return reference;
  }

  bool is_scaled(uint32_t reference) const {
    return job_.references[reference].width != job_.width ||
           job_.references[reference].height != job_.height;
  }

  MotionVector any_vector() {
    MotionVector mv;
    for (auto& component : mv) {
      component = static_cast<int16_t>(between(-style_.mv_range, style_.mv_range));
      if (chance(style_.whole_mv_percent)) component = static_cast<int16_t>(component & ~15);
    }
    return mv;
  }

  uint32_t any_kernel() {
    return style_.only_kernel < kernel_count ? style_.only_kernel : below(4);
  }

  static uint32_t block_size_of(const Rectangle& block) {
    for (uint32_t size = 0; size < block_size_count; ++size)
      if (block_width_log2[size] == block.width_log2 &&
          block_height_log2[size] == block.height_log2)
        return size;
    return 0;
  }

  void block(const Rectangle& block) {
    if (block.x >= in_units(job_.width) * 4 || block.y >= in_units(job_.height) * 4) return;
    PredictionRecord record = {};
    record.block_size = block_size_of(block);
    const bool is_large = block.width_log2 >= 3 && block.height_log2 >= 3;
    const bool compound = is_large && chance(style_.compound_percent);
    record.head = any_reference() << head::reference_0_shift |
                  (compound ? any_reference() : no_reference) << head::reference_1_shift;
    record.mv_0 = any_vector();
    if (compound) {
      record.mv_1 = any_vector();
      choose_compound(record, block);
    }
    const uint32_t kernel_x = any_kernel(), kernel_y = any_kernel();
    const bool warps[2] = {chance(style_.warp_percent), compound && chance(style_.warp_percent)};
    record.warp = reference_count + below(16);
    const bool overlapped = is_large && !compound && !warps[0] && chance(style_.overlap_percent);
    for (uint32_t plane = 0; plane < 2; ++plane) {
      const Rectangle area = {block.x >> plane, block.y >> plane, block.width_log2 - plane,
                              block.height_log2 - plane};
      add(plane, record, area, {kernel_x, kernel_y}, warps, overlapped);
    }
  }

  void choose_compound(PredictionRecord& record, const Rectangle& block) {
    Compound compound = chance(50) ? Compound::average : Compound::distance;
    if (chance(style_.masked_percent)) {
      const bool has_wedge = block.width_log2 <= 5 && block.height_log2 <= 5;
      compound = has_wedge && chance(50) ? Compound::wedge : Compound::difference;
    }
    constexpr std::array<uint32_t, 8> weights = {9, 7, 11, 5, 12, 4, 13, 3};
    record.head |= static_cast<uint32_t>(compound) << head::compound_shift |
                   weights[below(8)] << head::weight_0_shift |
                   below(16) << head::wedge_index_shift | (chance(50) ? head::wedge_sign : 0) |
                   (chance(50) ? head::mask_inverse : 0);
  }

  void add(uint32_t plane, PredictionRecord record, const Rectangle& area,
           const std::array<uint32_t, 2>& kernels, const bool (&warps)[2], bool overlapped) {
    record.place = area.x / 2 << place::x_shift | area.y / 2 << place::y_shift |
                   (area.width_log2 - 1) << place::width_shift |
                   (area.height_log2 - 1) << place::height_shift;
    record.head |= kernel_for(kernels[0], area.width_log2) << head::kernel_x_shift |
                   kernel_for(kernels[1], area.height_log2) << head::kernel_y_shift;
    const uint32_t references[2] = {record.head >> head::reference_0_shift & 7,
                                    record.head >> head::reference_1_shift & 7};
    const bool is_compound = references[1] != no_reference;
    const bool scales[2] = {is_scaled(references[0]), is_compound && is_scaled(references[1])};
    bool scaled = scales[0] || scales[1];
    if (area.width_log2 >= 3 && area.height_log2 >= 3) {
      if (warps[0] && !scales[0]) record.head |= head::warp_0;
      if (warps[1] && !scales[1]) record.head |= head::warp_1;
    }
    if (overlapped) scaled |= add_overlaps(plane, record, area, kernels);
    const auto compound = static_cast<Compound>(record.head >> head::compound_shift & 7);
    const bool special = (record.head & (head::warp_0 | head::warp_1 | head::has_overlaps)) != 0 ||
                         compound == Compound::wedge || compound == Compound::difference;
    const auto kind = scaled    ? PredictionKind::scaled
                      : special ? PredictionKind::special
                                : PredictionKind::simple;
    records_[plane][static_cast<std::size_t>(kind)].push_back(record);
  }

  // Adds neighbours of random sizes along the upper and the left edge, some of them intra. Returns
  // whether one has a scaled reference.
  bool add_overlaps(uint32_t plane, PredictionRecord& record, const Rectangle& area,
                    const std::array<uint32_t, 2>& kernels) {
    bool scaled = false;
    uint32_t counts[2] = {};
    const uint32_t first = job_.overlap_count;
    for (const bool above : {true, false}) {
      // 8x8 chroma has no overlap above (7.11.3.9).
      if (above && plane == 1 && (area.width_log2 < 3 || area.height_log2 < 3)) continue;
      const uint32_t length_log2 = above ? area.width_log2 : area.height_log2;
      const uint32_t depth_log2 = above ? area.height_log2 : area.width_log2;
      const uint32_t depth = std::min(1u << depth_log2 >> 1, 32u >> plane);
      for (uint32_t at = 0; at < 1u << length_log2 && counts[above ? 0 : 1] < 4;) {
        const uint32_t log2 = std::min(3 - plane + below(4), length_log2);
        const uint32_t length = 1u << log2;
        if (at % length != 0) continue;
        if (chance(80)) {
          const uint32_t reference = any_reference();
          scaled |= is_scaled(reference);
          const uint32_t kernel =
              above ? kernel_for(kernels[0], log2) : kernel_for(kernels[0], depth_log2 - 1);
          job_.overlaps[job_.overlap_count++] = {
              .span = at | length << 8 | depth << 16,
              .head = reference | kernel << head::kernel_x_shift |
                      kernel_for(any_kernel(), above ? depth_log2 - 1 : log2)
                          << head::kernel_y_shift,
              .mv = any_vector(),
              .unused = 0};
          ++counts[above ? 0 : 1];
        }
        at += length;
      }
    }
    record.overlaps = first | counts[0] << 24 | counts[1] << 28;
    if (counts[0] + counts[1] != 0) record.head |= head::has_overlaps;
    return scaled;
  }

  void write() {
    for (uint32_t plane = 0; plane < 2; ++plane) {
      std::size_t next = 0;
      for (std::size_t kind = 0; kind < prediction_kind_count; ++kind) {
        auto& records = records_[plane][kind];
        std::stable_sort(records.begin(), records.end(),
                         [&](const PredictionRecord& a, const PredictionRecord& b) {
                           if (area_class(a.place) != area_class(b.place))
                             return area_class(a.place) < area_class(b.place);
                           return style_.seed % 2 != 0 &&
                                  motion_kind(a, plane == 1) < motion_kind(b, plane == 1);
                         });
        for (const PredictionRecord& record : records) {
          job_.predictions[plane][next++] = record;
          ++job_.prediction_counts[plane][kind][area_class(record.place)];
        }
      }
    }
  }

  PictureJob& job_;
  const PredictionStyle style_;
  std::mt19937 random_;
  std::array<std::array<std::vector<PredictionRecord>, prediction_kind_count>, 2> records_;
};

}  // namespace

void fill_with_predictions(PictureJob& job, const PredictionStyle& style) {
  Filler(job, style).fill();
}

}  // namespace daedalus::av1
