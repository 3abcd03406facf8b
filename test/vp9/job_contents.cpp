// SPDX-License-Identifier: MIT
#include "vp9/job_contents.h"

#include <span>
#include <type_traits>

namespace daedalus::vp9::test {

namespace {

class Contents {
 public:
  template <typename T>
  void add(std::span<T> records, std::size_t count) {
    static_assert(sizeof(T) % sizeof(uint32_t) == 0);
    static_assert(std::has_unique_object_representations_v<std::remove_const_t<T>>);
    const auto* const first = reinterpret_cast<const uint32_t*>(records.data());
    words.insert(words.end(), first, first + count * sizeof(T) / sizeof(uint32_t));
  }
  void add(const std::vector<uint32_t>& levels) {
    words.insert(words.end(), levels.begin(), levels.end());
  }

  std::vector<uint32_t> words;
};

}  // namespace

std::vector<uint32_t> contents(const PictureJob& job) {
  Contents all;
  std::size_t blocks = 0, luma = 0, chroma = 0;
  for (const auto& counts : job.block_classes)
    blocks += std::size_t{counts.unscaled} + counts.scaled + counts.intra;
  for (const uint32_t count : job.luma_transform_counts) luma += count;
  for (const uint32_t count : job.chroma_transform_counts) chroma += count;
  all.add(job.blocks, blocks);
  all.add(job.small_blocks, job.unscaled_small_blocks + job.scaled_small_blocks);
  all.add(job.luma_transforms, luma);
  all.add(job.chroma_transforms, chroma);
  all.add(job.coefficient_bases, job.coefficient_bases.size());
  all.add(job.luma_intra_levels);
  all.add(job.chroma_intra_levels);
  if (!job.luma_intra_levels.empty()) all.add(job.luma_intra, job.luma_intra_levels.back());
  if (!job.chroma_intra_levels.empty()) all.add(job.chroma_intra, job.chroma_intra_levels.back());
  all.add(job.luma_strip_levels);
  all.add(job.chroma_strip_levels);
  // Coefficients after a tile's last one are not written.
  uint32_t sum = 0;
  for (const auto& transform : job.luma_transforms.first(luma)) {
    const uint32_t x = transform.place & 0x7ff, y = transform.place >> 11 & 0x7ff;
    const std::size_t first =
        job.coefficient_bases[(y >> 4) * in_superblocks(job.width) + (x >> 4)] +
        std::size_t{transform.coefficients & 0x1fff};
    for (const uint32_t word : job.coefficients.subspan(first, transform.coefficients >> 13))
      sum = sum * 31 + word;
  }
  all.words.push_back(sum);
  return all.words;
}

}  // namespace daedalus::vp9::test
