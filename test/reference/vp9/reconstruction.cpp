// SPDX-License-Identifier: MIT
#include "reference/vp9/reconstruction.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "reference/vp9/inter_prediction.h"
#include "reference/vp9/intra_prediction.h"
#include "reference/vp9/loop_filter.h"
#include "reference/vp9/transform.h"

namespace daedalus::vp9::scalar {
namespace {

namespace place = transform_place;

constexpr uint32_t position_bits = (1u << place::tx_size_shift) - 1;

std::size_t sum(const std::array<uint32_t, 4>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

// A transform block's residual in one component.
struct Residual {
  uint32_t place;
  uint32_t coefficients;  // as coefficients_of makes it
  Component component;
};

class Reconstruction {
 public:
  Reconstruction(const PictureJob& job, const PictureView& target) : job_(job), target_(target) {
    for (const LumaTransform& block : job.luma_transforms.first(sum(job.luma_transform_counts))) {
      if (block.place & place::is_intra) luma_.emplace(block.place & position_bits, block);
    }
    for (const ChromaTransform& block :
         job.chroma_transforms.first(sum(job.chroma_transform_counts))) {
      if (block.place & place::is_intra) chroma_.emplace(block.place & position_bits, block);
    }
  }

  void add_inter_residuals() const {
    for (const LumaTransform& block : job_.luma_transforms.first(sum(job_.luma_transform_counts))) {
      if (!(block.place & place::is_intra)) add({block.place, block.coefficients, Component::y});
    }
    for (const ChromaTransform& block :
         job_.chroma_transforms.first(sum(job_.chroma_transform_counts))) {
      if (!(block.place & place::is_intra)) add_chroma(block);
    }
  }

  void reconstruct_intra() const {
    const auto count = [](const std::vector<uint32_t>& levels) {
      return levels.empty() ? 0 : levels.back();
    };
    for (const uint32_t word : job_.luma_intra.first(count(job_.luma_intra_levels))) {
      predict(word, Component::y);
      if (!(word >> place::coded_shift & 1)) continue;
      const LumaTransform& block = luma_.at(word & position_bits);
      add({block.place, block.coefficients, Component::y});
    }
    for (const uint32_t word : job_.chroma_intra.first(count(job_.chroma_intra_levels))) {
      predict(word, Component::cb);
      predict(word, Component::cr);
      if (word >> place::coded_shift != 0) add_chroma(chroma_.at(word & position_bits));
    }
  }

 private:
  int width(Component component) const { return aligned(job_.width, component); }
  int height(Component component) const { return aligned(job_.height, component); }
  static int aligned(uint32_t size, Component component) {
    return static_cast<int>((size + 7) / 8 * (component == Component::y ? 8 : 4));
  }

  void predict(uint32_t word, Component component) const {
    predict_intra(word, target_.plane(component), width(component), height(component));
  }

  void add_chroma(const ChromaTransform& block) const {
    if (block.cb != 0) add({block.place, block.cb, Component::cb});
    if (block.cr != 0) add({block.place, block.cr, Component::cr});
  }

  Block read_coefficients(const Residual& residual, uint32_t x4, uint32_t y4, uint32_t size) const {
    const uint32_t per_superblock = residual.component == Component::y ? 16 : 8;
    const uint32_t superblock =
        y4 / per_superblock * in_superblocks(job_.width) + x4 / per_superblock;
    const uint32_t first = job_.coefficient_bases[superblock] + (residual.coefficients & 0x1fff);
    Block block = {};
    for (const uint32_t word : job_.coefficients.subspan(first, residual.coefficients >> 13)) {
      const uint32_t position = word & 0x3ff;
      block[position / size][position % size] = static_cast<int32_t>(word) >> 10;
    }
    return block;
  }

  void add(const Residual& residual) const {
    const uint32_t x4 = residual.place >> place::x_shift & 0x7ff;
    const uint32_t y4 = residual.place >> place::y_shift & 0x7ff;
    const auto tx_size = static_cast<TxSize>(residual.place >> place::tx_size_shift & 3);
    const uint32_t size = 4u << static_cast<uint32_t>(tx_size);
    Block block = read_coefficients(residual, x4, y4, size);
    inverse_transform(block, tx_size,
                      static_cast<TxType>(residual.place >> place::tx_type_shift & 3),
                      job_.lossless);
    const Plane plane = target_.plane(residual.component);
    const int first_x = static_cast<int>(x4 * 4), first_y = static_cast<int>(y4 * 4);
    const int end_x = std::min(static_cast<int>(size), width(residual.component) - first_x);
    const int end_y = std::min(static_cast<int>(size), height(residual.component) - first_y);
    for (int y = 0; y < end_y; ++y) {
      for (int x = 0; x < end_x; ++x) {
        const auto value = block[static_cast<size_t>(y)][static_cast<size_t>(x)];
        plane.set(first_x + x, first_y + y,
                  plane.clip(plane(first_x + x, first_y + y) + static_cast<int>(value)));
      }
    }
  }

  const PictureJob& job_;
  const PictureView target_;
  // Coded intra transform blocks by position.
  std::unordered_map<uint32_t, LumaTransform> luma_;
  std::unordered_map<uint32_t, ChromaTransform> chroma_;
};

}  // namespace

void reconstruct_without_filter(const PictureJob& job, const PictureView& target,
                                References references) {
  predict_inter(job, target, references);
  add_inter_residuals(job, target);
  reconstruct_intra(job, target);
}

void add_inter_residuals(const PictureJob& job, const PictureView& target) {
  Reconstruction(job, target).add_inter_residuals();
}

void reconstruct_intra(const PictureJob& job, const PictureView& target) {
  Reconstruction(job, target).reconstruct_intra();
}

void reconstruct(const PictureJob& job, const PictureView& target, References references) {
  reconstruct_without_filter(job, target, references);
  filter_picture(job, target);
}

}  // namespace daedalus::vp9::scalar
