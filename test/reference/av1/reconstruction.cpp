// SPDX-License-Identifier: MIT
#include "reference/av1/reconstruction.h"

#include <array>
#include <cstddef>
#include <vector>

#include "reference/av1/intra_prediction.h"
#include "reference/av1/transform.h"

namespace daedalus::av1::scalar {

namespace {

// An unpacked transform record, in samples of the plane.
struct Transform {
  explicit Transform(const TransformRecord& record)
      : size(static_cast<TxSize>(record.place >> transform_place::size_shift & 31)),
        type(static_cast<TxType>(record.shape >> 22 & 31)),
        of_chroma((record.place & transform_place::of_chroma) != 0),
        kept((record.place & transform_place::kept) != 0),
        x(static_cast<int>(record.place >> transform_place::x_shift & 2047) * 4),
        y(static_cast<int>(record.place >> transform_place::y_shift & 2047) * 4),
        w(1 << tx_width_log2[static_cast<uint32_t>(size)]),
        h(1 << tx_height_log2[static_cast<uint32_t>(size)]) {}

  TxSize size;
  TxType type;
  bool of_chroma, kept;
  int x, y, w, h;
};

// Computes the residual of one component: luma (0), Cb (1) or Cr (2).
void residual(const PictureJob& job, const TransformRecord& record, const Transform& transform,
              uint32_t component, Block& block) {
  for (auto& row : block) row.fill(0);
  const int width = transform.w < 32 ? transform.w : 32;
  const uint32_t count = record.shape >> (component == 2 ? 11 : 0) & 0x7ff;
  const uint32_t first = component == 2 ? record.cr_coefficients : record.coefficients;
  for (uint32_t i = 0; i < count; ++i) {
    const auto word = static_cast<int32_t>(job.coefficients[first + i]);
    const int position = word & 1023;
    block[position / width][position % width] = word >> 10;
  }
  inverse_transform(transform.size, transform.type, job.bit_depth, block);
}

// Rounded up to whole 64x64 squares.
struct PlaneSize {
  PlaneSize(const PictureJob& job, uint32_t plane)
      : width(static_cast<int>(in_64s(job.width)) * 64 >> (plane == 0 ? 0 : 1)),
        height(static_cast<int>(in_64s(job.height)) * 64 >> (plane == 0 ? 0 : 1)) {}
  int width, height;
};

template <typename Visit>
void for_each_transform(const PictureJob& job, bool kept, Visit&& visit) {
  std::size_t count = 0;
  for (const auto& of_plane : job.transform_counts)
    for (const uint32_t of_size : of_plane) count += of_size;
  static thread_local Block block;
  for (const TransformRecord& record : job.transforms.first(count)) {
    const Transform transform(record);
    if (transform.kept != kept) continue;
    for (uint32_t c = transform.of_chroma ? 1 : 0; c <= (transform.of_chroma ? 2 : 0); ++c) {
      residual(job, record, transform, c, block);
      const PlaneSize size(job, c);
      for (int i = 0; i < transform.h && transform.y + i < size.height; ++i)
        for (int j = 0; j < transform.w && transform.x + j < size.width; ++j)
          visit(c, transform.x + j, transform.y + i, block[i][j]);
    }
  }
}

// A plane's kept residuals.
class KeptResiduals {
 public:
  KeptResiduals(const PictureJob& job, uint32_t plane)
      : size_(job, plane), residuals_(std::size_t(size_.width) * size_.height) {}

  int32_t& operator()(int x, int y) { return residuals_[std::size_t(y) * size_.width + x]; }
  const PlaneSize& size() const { return size_; }

 private:
  PlaneSize size_;
  std::vector<int32_t> residuals_;
};

void add_kept(const IntraRecord& record, KeptResiduals& residuals, const Plane& plane) {
  const auto mode = static_cast<IntraMode>(record.mode >> intra_mode::mode_shift & 31);
  const int x = static_cast<int>(record.place >> transform_place::x_shift & 2047) * 4;
  const int y = static_cast<int>(record.place >> transform_place::y_shift & 2047) * 4;
  const uint32_t tx_size = record.place >> transform_place::size_shift & 31;
  const bool whole = mode == IntraMode::copy || mode == IntraMode::inter_intra;
  const int w = 1 << (whole ? (record.place >> 22 & 7) + 1 : tx_width_log2[tx_size]);
  const int h = 1 << (whole ? (record.place >> 25 & 7) + 1 : tx_height_log2[tx_size]);
  for (int i = y; i < y + h && i < residuals.size().height; ++i)
    for (int j = x; j < x + w && j < residuals.size().width; ++j)
      plane.set(j, i, plane.clip(plane(j, i) + residuals(j, i)));
}

}  // namespace

void add_inter_residuals(const PictureJob& job, const PictureView& target) {
  const std::array planes = {target.plane(Component::y), target.plane(Component::cb),
                             target.plane(Component::cr)};
  for_each_transform(job, false, [&](uint32_t component, int x, int y, int32_t value) {
    const Plane& plane = planes[component];
    plane.set(x, y, plane.clip(plane(x, y) + value));
  });
}

void reconstruct_intra(const PictureJob& job, const PictureView& target) {
  std::array residuals = {KeptResiduals(job, 0), KeptResiduals(job, 1), KeptResiduals(job, 2)};
  for_each_transform(job, true, [&](uint32_t component, int x, int y, int32_t value) {
    residuals[component](x, y) = value;
  });
  const std::size_t levels = job.intra_levels[0].empty() ? 0 : job.intra_levels[0].size() - 1;
  for (std::size_t level = 0; level < levels; ++level) {
    for (uint32_t list = 0; list < 2; ++list) {
      const auto& firsts = job.intra_levels[list];
      for (uint32_t i = firsts[level]; i < firsts[level + 1]; ++i) {
        const IntraRecord& record = job.intra[list][i];
        predict_intra(job, list, record, target);
        for (uint32_t c = list; c <= 2 * list; ++c)
          if ((record.mode >> intra_mode::coded_shift >> (c == 2 ? 1 : 0) & 1) != 0)
            add_kept(record, residuals[c], target.plane(static_cast<Component>(c)));
      }
    }
  }
}

}  // namespace daedalus::av1::scalar
