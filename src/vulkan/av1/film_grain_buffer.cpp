// SPDX-License-Identifier: MIT
#include "vulkan/av1/film_grain_buffer.h"

#include <cstddef>

namespace daedalus::vulkan {

using namespace av1;

namespace {

// The parts of the templates that 32x32 luma blocks and their overlaps read.
constexpr std::size_t luma_first = 9, luma_size = 64, chroma_first = 6, chroma_size = 32;
constexpr uint32_t facts_words = 4, scaling_words = 3 * 256;
constexpr uint32_t luma_words = luma_size * luma_size / 2, chroma_words = chroma_size * chroma_size;

uint32_t blocks(uint32_t samples) {
  return (samples + 31) / 32;
}
uint32_t offset_row_words(uint32_t width) {
  return (blocks(width) + 3) / 4;
}

uint32_t two_numbers(int32_t low, int32_t high) {
  return (static_cast<uint32_t>(low) & 0xffff) | static_cast<uint32_t>(high) << 16;
}

class Writer {
 public:
  explicit Writer(std::span<uint32_t> words) : words_(words) {}
  void add(uint32_t word) { words_[next_++] = word; }

 private:
  const std::span<uint32_t> words_;
  std::size_t next_ = 0;
};

void write_facts(Writer& writer, const FilmGrain& grain, uint32_t row_words) {
  uint32_t facts = uint32_t{grain.scaling_shift} << 8 | row_words << 16;
  const bool bits[] = {grain.apply_y,        grain.apply_cb,
                       grain.apply_cr,       grain.chroma_scaling_from_luma,
                       grain.overlap,        grain.clip_to_restricted_range,
                       grain.identity_matrix};
  for (std::size_t i = 0; i < std::size(bits); ++i) facts |= uint32_t{bits[i]} << i;
  writer.add(facts);
  writer.add(two_numbers(grain.cb_luma_mult, grain.cb_mult));
  writer.add(two_numbers(grain.cr_luma_mult, grain.cr_mult));
  writer.add(two_numbers(grain.cb_offset, grain.cr_offset));
}

void write_scaling(Writer& writer, const FilmGrain& grain) {
  for (const auto& table : grain.scaling)
    for (std::size_t i = 0; i < 256; ++i)
      writer.add(uint32_t{table[i]} | uint32_t{table[i + 1]} << 8);
}

void write_templates(Writer& writer, const FilmGrain& grain) {
  for (std::size_t y = luma_first; y < luma_first + luma_size; ++y)
    for (std::size_t x = luma_first; x < luma_first + luma_size; x += 2)
      writer.add(two_numbers(grain.luma[y][x], grain.luma[y][x + 1]));
  for (std::size_t y = chroma_first; y < chroma_first + chroma_size; ++y)
    for (std::size_t x = chroma_first; x < chroma_first + chroma_size; ++x)
      writer.add(two_numbers(grain.chroma[0][y][x], grain.chroma[1][y][x]));
}

// The random numbers of 7.18.3.5: each row of blocks has its own seed.
void write_offsets(Writer& writer, uint32_t seed, uint32_t row, uint32_t row_words) {
  uint32_t random = seed;
  random ^= ((row * 37 + 178) & 255) << 8;
  random ^= (row * 173 + 105) & 255;
  for (uint32_t i = 0; i < row_words; ++i) {
    uint32_t word = 0;
    for (uint32_t shift = 0; shift < 32; shift += 8) {
      const uint32_t bit = (random ^ random >> 1 ^ random >> 3 ^ random >> 12) & 1;
      random = random >> 1 | bit << 15;
      word |= (random >> 8 & 255) << shift;
    }
    writer.add(word);
  }
}

}  // namespace

uint32_t film_grain_words(uint32_t width, uint32_t height) {
  return facts_words + scaling_words + luma_words + chroma_words +
         blocks(height) * offset_row_words(width);
}

void write_film_grain(std::span<uint32_t> words, const FilmGrain& grain, uint32_t width,
                      uint32_t height) {
  Writer writer(words);
  const uint32_t row_words = offset_row_words(width);
  write_facts(writer, grain, row_words);
  write_scaling(writer, grain);
  write_templates(writer, grain);
  for (uint32_t row = 0; row < blocks(height); ++row)
    write_offsets(writer, grain.grain_seed, row, row_words);
}

}  // namespace daedalus::vulkan
