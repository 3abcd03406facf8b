// SPDX-License-Identifier: MIT
#include "av1/job_contents.h"

#include <cstddef>
#include <span>
#include <type_traits>

namespace daedalus::av1::test {

namespace {

class Hash {
 public:
  template <typename T>
  void add(std::span<T> list, std::size_t count) {
    static_assert(std::has_unique_object_representations_v<std::remove_const_t<T>>);
    for (const std::byte byte : std::as_bytes(list.first(count)))
      value_ = (value_ ^ std::to_integer<uint64_t>(byte)) * 0x100000001b3;  // FNV-1a
  }
  template <typename T>
  void add(const T& value) {
    add(std::span(&value, 1), 1);
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

template <typename Counts>
uint32_t sum_of(const Counts& counts) {
  uint32_t sum = 0;
  for (const auto& of_kind : counts)
    for (const uint32_t count : of_kind) sum += count;
  return sum;
}

// The list has gaps at the ends of tiles.
void add_coefficients(const PictureJob& job, uint32_t transforms, Hash& hash) {
  for (const auto& transform : job.transforms.first(transforms)) {
    const uint32_t count = transform.shape & 0x7ff, cr_count = transform.shape >> 11 & 0x7ff;
    hash.add(job.coefficients.subspan(count == 0 ? 0 : transform.coefficients, count), count);
    hash.add(job.coefficients.subspan(cr_count == 0 ? 0 : transform.cr_coefficients, cr_count),
             cr_count);
  }
}

// Adds heads and colours of palettes, which have gaps, too.
void add_palettes(const PictureJob& job, std::span<const IntraRecord> records, Hash& hash) {
  constexpr std::size_t words = palette_header_words + palette_colors;
  for (const auto& record : records)
    if (IntraMode{record.mode >> intra_mode::mode_shift & 31} == IntraMode::palette)
      hash.add(job.palettes.subspan(record.detail, words), words);
}

// The list may have unused room.
std::size_t restoration_units(const PictureJob& job, std::size_t plane) {
  const uint32_t shift = plane == 0 ? 0 : 1, log2 = job.restoration_size_log2[plane];
  const auto in_direction = [&](uint32_t samples) {
    return std::size_t{restoration_unit_count((samples + shift) >> shift, log2)};
  };
  return in_direction(job.upscaled_width) * in_direction(job.height);
}

void add_filters(const PictureJob& job, Hash& hash) {
  hash.add(job.filter_level);
  hash.add(job.sharpness);
  hash.add(job.cdef);
  hash.add(job.cdef_damping);
  hash.add(job.cdef_strengths);
  if (job.cdef) hash.add(job.cdef_indices, job.cdef_indices.size());
  for (std::size_t plane = 0; plane < job.restoration.size(); ++plane) {
    hash.add(job.restoration[plane]);
    if (job.restoration[plane] == Restoration::none) continue;
    hash.add(job.restoration_size_log2[plane]);
    hash.add(job.restoration_units[plane], restoration_units(job, plane));
  }
  hash.add(job.film_grain.apply);
  if (!job.film_grain.apply) return;
  hash.add(job.film_grain.luma);
  hash.add(job.film_grain.chroma);
  hash.add(job.film_grain.scaling);
}

}  // namespace

uint64_t hash(const PictureJob& job) {
  Hash hash;
  hash.add(job.references);
  hash.add(job.blocks, job.block_count);
  hash.add(job.tx_splits, job.tx_split_count);
  hash.add(job.overlaps, job.overlap_count);
  hash.add(job.warps, job.warp_count);
  hash.add(job.prediction_counts);
  for (std::size_t list = 0; list < 2; ++list) {
    hash.add(job.predictions[list], sum_of(job.prediction_counts[list]));
    const auto& levels = job.intra_levels[list];
    hash.add(std::span(levels), levels.size());
    const uint32_t intra = levels.empty() ? 0 : levels.back();
    hash.add(job.intra[list], intra);
    add_palettes(job, job.intra[list].first(intra), hash);
  }
  hash.add(job.transform_counts);
  const uint32_t transforms = sum_of(job.transform_counts);
  hash.add(job.transforms, transforms);
  add_coefficients(job, transforms, hash);
  add_filters(job, hash);
  return hash.value();
}

}  // namespace daedalus::av1::test
