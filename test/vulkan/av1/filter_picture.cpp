// SPDX-License-Identifier: MIT
#include "filter_picture.h"

#include <algorithm>
#include <array>
#include <random>

#include "av1/film_grain.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1 {
namespace {

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(engine_() % end); }
  int32_t between(int32_t least, int32_t most) {
    return least + static_cast<int32_t>(below(static_cast<uint32_t>(most - least + 1)));
  }
  bool percent(uint32_t percent) { return below(100) < percent; }

 private:
  std::mt19937 engine_;
};

// Blocks and transform blocks as far as deblocking and CDEF need them.
class BlockMaker {
 public:
  BlockMaker(PictureJob& job, const FilterStyle& style, Random& random)
      : job_(job), style_(style), random_(random) {}

  void run() {
    for (uint32_t y = 0; y < in_units(job_.height); y += 32)
      for (uint32_t x = 0; x < in_units(job_.width); x += 32) split(x, y, 7, 7);
  }

 private:
  bool is_outside(uint32_t x, uint32_t y) const {
    return x >= in_units(job_.width) || y >= in_units(job_.height);
  }

  // Splits a square or one of its parts, at units x and y.
  void split(uint32_t x, uint32_t y, uint32_t width_log2, uint32_t height_log2) {
    if (is_outside(x, y)) return;
    const bool square = width_log2 == height_log2;
    if (!square || width_log2 == 2 || !random_.percent(style_.split_percent))
      return add_block(x, y, width_log2, height_log2);
    const uint32_t shape = random_.below(4);
    const uint32_t most_parts_log2 = width_log2 >= 4 && width_log2 < 7 ? 2 : 1;
    const uint32_t columns_log2 = shape == 1   ? 0
                                  : shape == 2 ? 1 + random_.below(most_parts_log2)
                                               : 1;
    const uint32_t rows_log2 = shape == 1 ? 1 + random_.below(most_parts_log2) : shape == 2 ? 0 : 1;
    const uint32_t part_width = width_log2 - columns_log2, part_height = height_log2 - rows_log2;
    for (uint32_t row = 0; row < 1u << rows_log2; ++row)
      for (uint32_t column = 0; column < 1u << columns_log2; ++column)
        split(x + (column << part_width) / 4, y + (row << part_height) / 4, part_width,
              part_height);
  }

  void add_block(uint32_t x, uint32_t y, uint32_t width_log2, uint32_t height_log2) {
    uint32_t size = 0;
    for (uint32_t i = 0; i < block_size_count; ++i)
      if (block_width_log2[i] == width_log2 && block_height_log2[i] == height_log2) size = i;
    const bool lossless = random_.percent(3);
    const uint32_t whole = transform_of(width_log2, height_log2);
    uint32_t tx_size = lossless ? 0 : random_transform(whole);
    const bool varies = !lossless && random_.percent(30);
    if (varies) {
      for (uint32_t row = 0; row < 1u << (height_log2 - tx_height_log2[whole]); ++row)
        for (uint32_t column = 0; column < 1u << (width_log2 - tx_width_log2[whole]); ++column)
          add_splits(x + (column << tx_width_log2[whole]) / 4,
                     y + (row << tx_height_log2[whole]) / 4, whole);
      tx_size = block_filter::no_tx_size;
    }
    uint32_t filter = tx_size << block_filter::tx_size_shift | (lossless ? block_is_lossless : 0);
    for (const uint32_t shift : block_filter::level_shift)
      if (!random_.percent(style_.zero_level_percent))
        filter |= static_cast<uint32_t>(random_.between(static_cast<int>(style_.least_level),
                                                        static_cast<int>(style_.most_level)))
                  << shift;
    const uint32_t place = x | y << block_place::y_shift | size << block_place::size_shift |
                           (random_.percent(style_.skip_percent) ? block_place::skip : 0) |
                           (random_.percent(80) ? block_place::is_inter : 0);
    job_.blocks[job_.block_count++] = {place, filter};
  }

  // Splits a transform block into parts of equal size, randomly chosen.
  void add_splits(uint32_t x, uint32_t y, uint32_t whole) {
    const uint32_t size = random_transform(whole);
    for (uint32_t row = 0; row < 1u << (tx_height_log2[whole] - tx_height_log2[size]); ++row) {
      for (uint32_t column = 0; column < 1u << (tx_width_log2[whole] - tx_width_log2[size]);
           ++column) {
        const uint32_t part_x = x + (column << tx_width_log2[size]) / 4;
        const uint32_t part_y = y + (row << tx_height_log2[size]) / 4;
        if (is_outside(part_x, part_y)) continue;
        job_.tx_splits[job_.tx_split_count++] = {
            part_x | part_y << transform_place::y_shift | size << transform_place::size_shift,
            job_.block_count};
      }
    }
  }

  // The largest transform of a block.
  static uint32_t transform_of(uint32_t width_log2, uint32_t height_log2) {
    for (uint32_t i = 0; i < tx_size_count; ++i)
      if (tx_width_log2[i] == std::min(width_log2, 6u) &&
          tx_height_log2[i] == std::min(height_log2, 6u))
        return i;
    return 0;
  }

  uint32_t random_transform(uint32_t whole) {
    const uint32_t wanted = style_.only_tx_log2;
    std::array<uint32_t, tx_size_count> fitting{};
    uint32_t count = 0;
    for (uint32_t i = 0; i < tx_size_count; ++i) {
      if (tx_width_log2[i] > tx_width_log2[whole] || tx_height_log2[i] > tx_height_log2[whole])
        continue;
      if (wanted != 0 && (tx_width_log2[i] > wanted || tx_height_log2[i] > wanted)) continue;
      fitting[count++] = i;
    }
    if (wanted == 0) return random_.percent(40) ? whole : fitting[random_.below(count)];
    const auto area = [](uint32_t size) { return tx_width_log2[size] + tx_height_log2[size]; };
    return *std::max_element(fitting.begin(), fitting.begin() + count,
                             [&](uint32_t a, uint32_t b) { return area(a) < area(b); });
  }

  PictureJob& job_;
  const FilterStyle& style_;
  Random& random_;
};

// Copies the first reference in blocks of 64x64 luma samples.
void add_predictions(PictureJob& job) {
  for (uint32_t plane = 0; plane < (job.monochrome ? 1u : 2u); ++plane) {
    const uint32_t size_log2 = plane == 0 ? 6 : 5;
    uint32_t count = 0;
    for (uint32_t y = 0; y < in_64s(job.height); ++y) {
      for (uint32_t x = 0; x < in_64s(job.width); ++x) {
        PredictionRecord record = {};
        record.place = (x << size_log2 >> 1) << prediction_place::x_shift |
                       (y << size_log2 >> 1) << prediction_place::y_shift |
                       (size_log2 - 1) << prediction_place::width_shift |
                       (size_log2 - 1) << prediction_place::height_shift;
        record.head = no_reference << prediction_head::reference_1_shift;
        record.block_size = 12;  // BLOCK_64X64
        job.predictions[plane][count++] = record;
      }
    }
    job.prediction_counts[plane][static_cast<std::size_t>(PredictionKind::simple)]
                         [area_class(job.predictions[plane][0].place)] = count;
  }
}

void set_deblocking(PictureJob& job, const FilterStyle& style, Random& random) {
  if (!style.deblocks) return;
  job.filter_level = {static_cast<uint8_t>(random.below(63) + 1),
                      static_cast<uint8_t>(random.below(64)),
                      static_cast<uint8_t>(style.filters_cb ? 20 : 0),
                      static_cast<uint8_t>(style.filters_cr ? 30 : 0)};
  job.sharpness = style.sharpness;
}

void set_cdef(PictureJob& job, const FilterStyle& style, Random& random) {
  for (uint32_t i = 0; i < in_64s(job.width) * in_64s(job.height); ++i)
    job.cdef_indices[i] =
        random.percent(style.no_cdef_percent) ? no_cdef : static_cast<uint8_t>(random.below(8));
  job.cdef = style.cdef;
  job.cdef_damping = 3 + random.below(4);
  constexpr std::array<uint8_t, 4> secondary = {0, 1, 2, 4};
  for (CdefStrength& strength : job.cdef_strengths) {
    strength = {static_cast<uint8_t>(random.below(16)), secondary[random.below(4)],
                static_cast<uint8_t>(random.below(16)), secondary[random.below(4)]};
    if (style.only_primary) strength.y_secondary = strength.uv_secondary = 0;
    if (style.only_secondary) strength.y_primary = strength.uv_primary = 0;
  }
}

uint32_t packed_wiener(Random& random, bool chroma) {
  const int first = chroma ? 0 : random.between(-5, 10);
  const int second = random.between(-23, 8), third = random.between(-17, 46);
  return (static_cast<uint32_t>(first) & 0xff) | (static_cast<uint32_t>(second) & 0xff) << 8 |
         (static_cast<uint32_t>(third) & 0xff) << 16;
}

RestorationUnit random_unit(Random& random, Restoration type, bool chroma) {
  if (type == Restoration::switchable) type = static_cast<Restoration>(random.below(3));
  RestorationUnit unit = {static_cast<uint32_t>(type), 0, 0, 0};
  if (type == Restoration::wiener) {
    unit.vertical = packed_wiener(random, chroma);
    unit.horizontal = packed_wiener(random, chroma);
  } else if (type == Restoration::self_guided) {
    unit.vertical = random.below(16);
    unit.horizontal = (static_cast<uint32_t>(random.between(-96, 31)) & 0xffff) |
                      static_cast<uint32_t>(random.between(-32, 95)) << 16;
  }
  return unit;
}

void set_restoration(PictureJob& job, const FilterStyle& style, Random& random) {
  if (!style.restores) return;
  for (uint32_t plane = 0; plane < (job.monochrome ? 1u : 3u); ++plane) {
    if (!(plane == 0 ? style.restores_luma : style.restores_chroma)) continue;
    const uint32_t sub = plane == 0 ? 0 : 1;
    job.restoration[plane] = style.only_wiener        ? Restoration::wiener
                             : style.only_self_guided ? Restoration::self_guided
                                                      : Restoration::switchable;
    const uint32_t log2_size = plane == 0 ? 6 + random.below(3) : 5 + random.below(4);
    job.restoration_size_log2[plane] = static_cast<uint8_t>(log2_size);
    const uint32_t columns = restoration_unit_count((job.upscaled_width + sub) >> sub, log2_size);
    const uint32_t rows = restoration_unit_count((job.height + sub) >> sub, log2_size);
    for (uint32_t i = 0; i < rows * columns; ++i)
      job.restoration_units[plane][i] = random_unit(random, job.restoration[plane], plane != 0);
  }
}

void set_points(Random& random, std::span<uint8_t> values, std::span<uint8_t> scaling,
                uint8_t& count) {
  uint32_t value = random.below(40);
  for (count = 0; count < values.size() && value < 256 && !random.percent(15); ++count) {
    values[count] = static_cast<uint8_t>(value);
    scaling[count] = static_cast<uint8_t>(random.below(256));
    value += 1 + random.below(60);
  }
}

void set_grain(PictureJob& job, const FilterStyle& style, Random& random) {
  if (!style.grain) return;
  PictureParameters picture;
  picture.bit_depth = static_cast<uint8_t>(style.bit_depth);
  picture.monochrome = style.monochrome;
  picture.matrix_coefficients = random.percent(30) ? 0 : 2;
  FilmGrainParameters& p = picture.film_grain;
  p.apply_grain = true;
  p.chroma_scaling_from_luma = random.percent(30);
  p.overlap_flag = random.percent(60);
  p.clip_to_restricted_range = random.percent(50);
  p.grain_seed = static_cast<uint16_t>(random.below(65536));
  p.grain_scaling_minus_8 = static_cast<uint8_t>(random.below(4));
  p.ar_coeff_lag = static_cast<uint8_t>(random.below(4));
  p.ar_coeff_shift_minus_6 = static_cast<uint8_t>(random.below(4));
  p.grain_scale_shift = static_cast<uint8_t>(random.below(4));
  set_points(random, p.point_y_value, p.point_y_scaling, p.num_y_points);
  set_points(random, p.point_cb_value, p.point_cb_scaling, p.num_cb_points);
  set_points(random, p.point_cr_value, p.point_cr_scaling, p.num_cr_points);
  const int range = random.percent(50) ? 20 : 127;
  for (int8_t& c : p.ar_coeffs_y) c = static_cast<int8_t>(random.between(-range, range));
  for (int8_t& c : p.ar_coeffs_cb) c = static_cast<int8_t>(random.between(-range, range));
  for (int8_t& c : p.ar_coeffs_cr) c = static_cast<int8_t>(random.between(-range, range));
  for (uint8_t* mult : {&p.cb_mult, &p.cb_luma_mult, &p.cr_mult, &p.cr_luma_mult})
    *mult = static_cast<uint8_t>(random.below(256));
  p.cb_offset = static_cast<uint16_t>(random.below(512));
  p.cr_offset = static_cast<uint16_t>(random.below(512));
  make_film_grain(picture, job.film_grain);
}

}  // namespace

uint32_t coded_width(uint32_t upscaled_width, const FilterStyle& style) {
  return (upscaled_width * 8 + style.superres_denominator / 2) / style.superres_denominator;
}

void fill_filter_job(PictureJob& job, const FilterStyle& style) {
  Random random(style.seed);
  job.bit_depth = style.bit_depth;
  job.monochrome = style.monochrome;
  job.superres_denominator = style.superres_denominator;
  job.references[0] = {job.width, job.height};
  BlockMaker(job, style, random).run();
  add_predictions(job);
  set_deblocking(job, style, random);
  set_cdef(job, style, random);
  set_restoration(job, style, random);
  set_grain(job, style, random);
}

std::vector<std::byte> filter_samples(const PictureLayout& layout, uint32_t seed) {
  Random random(seed);
  std::vector<std::byte> samples(layout.size);
  const uint32_t bits = traits_of(layout.format).bits;
  const scalar::PictureView view = {samples.data(), layout.pitch, layout.chroma_offset, bits};
  for (const auto component :
       {scalar::Component::y, scalar::Component::cb, scalar::Component::cr}) {
    const int sub = component == scalar::Component::y ? 0 : 1;
    const int width = static_cast<int>(layout.width + 1) >> sub,
              height = static_cast<int>(layout.height + 1) >> sub;
    const auto plane = view.plane(component);
    for (int top = 0; top < height; top += 16) {
      for (int left = 0; left < width; left += 16) {
        const int base = random.percent(80) ? plane.largest() / 2 + random.between(-4, 4)
                                            : random.between(0, plane.largest());
        const int noise = 1 << random.below(random.percent(80) ? 4 : bits + 1);
        for (int y = top; y < std::min(top + 16, height); ++y)
          for (int x = left; x < std::min(left + 16, width); ++x)
            plane.set(x, y, plane.clip(base + random.between(-noise, noise) / 2));
      }
    }
  }
  return samples;
}

}  // namespace daedalus::av1
