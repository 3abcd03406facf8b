// SPDX-License-Identifier: MIT
#include "random_reconstruction.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <random>
#include <span>

#include "av1/intra_slots.h"

namespace daedalus::av1 {
namespace {

constexpr uint32_t mode_count = 18;

bool is(IntraMode mode, uint32_t number) {
  return static_cast<uint32_t>(mode) == number;
}

// A rectangle of a plane, in units of 4x4 samples.
struct Area {
  uint32_t x, y, width, height;
};

// The level of each unit's record, plus 1; 0 without a record. Units that are not decoded must not
// be read.
class Decoded {
 public:
  Decoded(uint32_t width_in, uint32_t height_in)
      : width(width_in), height(height_in), levels_(std::size_t{width} * height, -1) {}

  // The highest level in an area; nullopt if its visible part is not fully decoded.
  std::optional<uint32_t> level(const Area& area) const {
    int most = 0;
    for (uint32_t y = area.y; y < std::min(area.y + area.height, height); ++y) {
      for (uint32_t x = area.x; x < std::min(area.x + area.width, width); ++x) {
        if (at(x, y) < 0) return {};
        most = std::max(most, at(x, y));
      }
    }
    return static_cast<uint32_t>(most);
  }

  void set(const Area& area, uint32_t level) {
    for (uint32_t y = area.y; y < std::min(area.y + area.height, height); ++y)
      for (uint32_t x = area.x; x < std::min(area.x + area.width, width); ++x)
        levels_[std::size_t{y} * width + x] = static_cast<int>(level);
  }

  const uint32_t width, height;

 private:
  int at(uint32_t x, uint32_t y) const { return levels_[std::size_t{y} * width + x]; }
  std::vector<int> levels_;
};

class Filler {
 public:
  Filler(PictureJob& job, const ReconstructionStyle& style)
      : job_(job),
        style_(style),
        random_(style.seed),
        decoded_{Decoded(in_units(job.width), in_units(job.height)),
                 Decoded(in_units(job.width) / 2, in_units(job.height) / 2)} {}

  void fill() {
    job_.bit_depth = style_.bit_depth;
    job_.enable_intra_edge_filter = style_.edge_filter;
    for (uint32_t y = 0; y < decoded_[0].height; y += 16) {
      for (uint32_t x = 0; x < decoded_[0].width; x += 16) {
        divide({x, y, 16, 16}, 0);
        divide({x / 2, y / 2, 8, 8}, 1);
      }
    }
    write_transforms();
    write_intra();
    job_.palette_word_count = palette_words_;
  }

 private:
  struct Leveled {
    IntraRecord record;
    uint32_t level;
  };

  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  uint32_t below(uint32_t end) {
    return static_cast<uint32_t>(between(0, static_cast<int>(end) - 1));
  }
  bool chance(uint32_t percent) { return below(100) < percent; }

  // Divides squares into quarters, or into rows or columns of equal blocks, each with a transform
  // size.
  void divide(const Area& area, uint32_t list) {
    if (area.x >= decoded_[list].width || area.y >= decoded_[list].height) return;
    const uint32_t n = area.width;
    if (n > 1 && n * 4 > largest_only() && chance(style_.split_percent)) {
      for (uint32_t i = 0; i < 4; ++i)
        divide({area.x + i % 2 * n / 2, area.y + i / 2 * n / 2, n / 2, n / 2}, list);
      return;
    }
    uint32_t width = n, height = n;
    if (style_.only_size >= 0) {
      const auto size = static_cast<uint32_t>(style_.only_size);
      const uint32_t w = 1u << tx_width_log2[size] >> 2, h = 1u << tx_height_log2[size] >> 2;
      if (w <= n && h <= n) width = w, height = h;
    } else {
      const uint32_t kind = below(6), parts = kind < 3 ? 1 : kind < 5 ? 2 : 4;
      (chance(50) ? width : height) /= std::min(parts, n);
    }
    for (uint32_t y = 0; y < n; y += height)
      for (uint32_t x = 0; x < n; x += width) block({area.x + x, area.y + y, width, height}, list);
  }

  uint32_t largest_only() const {
    if (style_.only_size < 0) return 0;
    const auto size = static_cast<uint32_t>(style_.only_size);
    return 1u << std::max(tx_width_log2[size], tx_height_log2[size]);
  }

  static uint32_t tx_size(const Area& area) {
    for (uint32_t size = 0; size < tx_size_count; ++size)
      if (4 * area.width == 1u << tx_width_log2[size] &&
          4 * area.height == 1u << tx_height_log2[size])
        return size;
    return tx_size_count;
  }

  void block(const Area& area, uint32_t list) {
    if (area.x >= decoded_[list].width || area.y >= decoded_[list].height) return;
    const bool intra = chance(style_.intra_percent);
    uint32_t coded = chance(style_.coded_percent) ? list == 0 ? 1 : 1 + below(3) : 0;
    if (coded != 0) transform(area, list, coded, intra);
    uint32_t level = 0;
    if (intra) level = intra_record(area, list, coded) + 1;
    decoded_[list].set(area, level);
  }

  // ---- Transforms ----

  void transform(const Area& area, uint32_t list, uint32_t coded, bool kept) {
    const uint32_t size = tx_size(area);
    TransformRecord record = {};
    record.place = area.x << transform_place::x_shift | area.y << transform_place::y_shift |
                   size << transform_place::size_shift |
                   (list != 0 ? transform_place::of_chroma : 0) |
                   (kept ? transform_place::kept : 0);
    record.coefficients = coefficient_count_;
    const uint32_t first = (coded & 1) != 0 ? coefficients(size) : 0;
    record.cr_coefficients = coefficient_count_;
    const uint32_t second = (coded & 2) != 0 ? coefficients(size) : 0;
    record.shape = transform_shape(first, second, type_of(size));
    transforms_[list][size].push_back(record);
  }

  TxType type_of(uint32_t size) {
    const uint32_t side = std::max(tx_width_log2[size], tx_height_log2[size]);
    if (side == 6) return TxType::dct_dct;
    if (side == 5) return chance(30) ? TxType::idtx : TxType::dct_dct;
    if (size == 0 && (style_.lossless || chance(10))) return TxType::wht;
    return static_cast<TxType>(below(16));
  }

  uint32_t coefficients(uint32_t size) {
    const uint32_t width = 1u << std::min<uint32_t>(tx_width_log2[size], 5);
    const uint32_t height = 1u << std::min<uint32_t>(tx_height_log2[size], 5);
    const uint32_t percent = chance(30) ? 100 : chance(50) ? 1 + below(20) : 1;
    const int most = 1 << (style_.bit_depth + 7);
    uint32_t count = 0;
    for (uint32_t i = 0; i < width * height; ++i) {
      if (i != 0 && !chance(percent)) continue;
      int value = style_.extreme_coefficients ? chance(50) ? most - 1 : -most
                  : chance(80)                ? between(-60, 60)
                                              : between(-2000, 2000);
      if (style_.extreme_coefficients && chance(20)) value = between(-most, most - 1);
      if (value == 0) continue;
      job_.coefficients[coefficient_count_++] = coefficient_word(value, i);
      ++count;
    }
    return count;
  }

  void write_transforms() {
    uint32_t next = 0;
    for (std::size_t list = 0; list < 2; ++list) {
      for (std::size_t size = 0; size < tx_size_count; ++size) {
        job_.transform_counts[list][size] = static_cast<uint32_t>(transforms_[list][size].size());
        for (const TransformRecord& record : transforms_[list][size])
          job_.transforms[next++] = record;
      }
    }
  }

  // ---- Intra records ----

  bool may_be(uint32_t mode, const Area& area, uint32_t list) {
    const uint32_t longer = std::max(area.width, area.height);
    const uint32_t shorter = std::min(area.width, area.height);
    if (is(IntraMode::cfl, mode)) return list == 1 && longer <= 8;
    if (is(IntraMode::filter, mode)) return list == 0 && longer <= 8;
    if (is(IntraMode::palette, mode))
      return list == 0 ? shorter >= 2 : longer <= 8 && palette_words_ < job_.palettes.size() / 2;
    if (is(IntraMode::inter_intra, mode))
      return style_.intra_percent < 100 && longer <= (list == 0 ? 8u : 4u) &&
             shorter >= (list == 0 ? 2u : 1u);
    return true;
  }

  uint32_t intra_record(const Area& area, uint32_t list, uint32_t coded) {
    uint32_t mode;
    do {
      mode = style_.only_mode >= 0 && chance(90) ? static_cast<uint32_t>(style_.only_mode)
                                                 : below(mode_count);
    } while (!may_be(mode, area, list));
    IntraRecord record = {};
    record.place = area.x << transform_place::x_shift | area.y << transform_place::y_shift;
    const bool whole = is(IntraMode::copy, mode) || is(IntraMode::inter_intra, mode);
    const uint32_t size = tx_size(area);
    record.place |= whole ? intra_block_size(tx_width_log2[size], tx_height_log2[size])
                          : size << transform_place::size_shift;
    record.mode = coded << intra_mode::coded_shift;
    uint32_t level = sides(record, area, list);
    if (is(IntraMode::copy, mode)) {
      const auto source = copy(record, area, list);
      if (source)
        level = *source;
      else
        mode = static_cast<uint32_t>(IntraMode::inter_intra);
    }
    if (is(IntraMode::inter_intra, mode) && !may_be(mode, area, list)) {
      mode = 0;
      record.place = (record.place & 0x3fffff) | size << transform_place::size_shift;
    }
    record.mode |= mode << intra_mode::mode_shift;
    level = std::max(level, details(record, mode, area, list));
    intra_[list].push_back({record, level});
    return level;
  }

  // The level of both sides and the corner, as far as they are available.
  uint32_t sides(IntraRecord& record, const Area& area, uint32_t list) {
    const Decoded& decoded = decoded_[list];
    uint32_t level = 0;
    const bool left = area.x > 0 && !chance(style_.unavailable_percent);
    const bool above = area.y > 0 && !chance(style_.unavailable_percent);
    const auto read = [&](const Area& side) {
      const auto found = decoded.level(side);
      if (found) level = std::max(level, *found);
      return found.has_value();
    };
    if (above) {
      record.mode |= intra_mode::have_above;
      read({area.x, area.y - 1, area.width, 1});
      if (area.x + area.width < decoded.width && !chance(style_.unavailable_percent) &&
          read({area.x + area.width, area.y - 1, area.width, 1}))
        record.mode |= intra_mode::have_above_right;
    }
    if (left) {
      record.mode |= intra_mode::have_left;
      read({area.x - 1, area.y, 1, area.height});
      if (area.y + area.height < decoded.height && !chance(style_.unavailable_percent) &&
          read({area.x - 1, area.y + area.height, 1, area.height}))
        record.mode |= intra_mode::have_below_left;
    }
    if (above && left) read({area.x - 1, area.y - 1, 1, 1});
    if (chance(50)) record.mode |= intra_mode::smooth_edge;
    return level;
  }

  std::optional<uint32_t> copy(IntraRecord& record, const Area& area, uint32_t list) {
    const auto x0 = static_cast<int>(area.x * 4) << list, y0 = static_cast<int>(area.y * 4) << list;
    for (int tries = 0; tries < 8; ++tries) {
      const int x = between(0, static_cast<int>(decoded_[0].width) * 4 - 1) - x0;
      const int y = between(std::max(-y0, -64), 0);
      // In samples of the plane, plus one for half samples.
      const int left = static_cast<int>(area.x * 4) + (x >> list);
      const int top = static_cast<int>(area.y * 4) + (y >> list);
      const int right = left + static_cast<int>(area.width * 4);
      const int bottom = top + static_cast<int>(area.height * 4);
      if (left < 0 || top < 0 || right >= static_cast<int>(decoded_[list].width * 4) ||
          bottom >= static_cast<int>(decoded_[list].height * 4))
        continue;
      const auto unit = [](int sample) { return static_cast<uint32_t>(sample) / 4; };
      const auto level = decoded_[list].level(
          {unit(left), unit(top), unit(right) + 1 - unit(left), unit(bottom) + 1 - unit(top)});
      if (!level) continue;
      record.detail = static_cast<uint16_t>(x * 8) | uint32_t{static_cast<uint16_t>(y * 8)} << 16;
      return level;
    }
    return {};
  }

  uint32_t directional_angle(uint32_t mode) {
    constexpr std::array<int, 9> angles = {0, 90, 180, 45, 135, 113, 157, 203, 67};
    return static_cast<uint32_t>(angles[mode] + 3 * between(-3, 3));
  }

  // Sets what modes need beyond the sides. Returns its level.
  uint32_t details(IntraRecord& record, uint32_t mode, const Area& area, uint32_t list) {
    if (mode >= 1 && mode <= 8) record.mode |= directional_angle(mode) << intra_mode::angle_shift;
    if (is(IntraMode::filter, mode)) record.mode |= below(5) << intra_mode::sub_mode_shift;
    if (is(IntraMode::palette, mode)) palette(record, area, list);
    if (is(IntraMode::inter_intra, mode)) inter_intra(record, area, list);
    if (!is(IntraMode::cfl, mode)) return 0;
    const uint32_t width = std::min(2 * area.width, decoded_[0].width - 2 * area.x);
    const uint32_t height = std::min(2 * area.height, decoded_[0].height - 2 * area.y);
    record.detail =
        below(256) | below(256) << 8 | (1 + below(width)) << 16 | (1 + below(height)) << 24;
    const auto level = decoded_[0].level({2 * area.x, 2 * area.y, width, height});
    return level.value_or(0);
  }

  void palette(IntraRecord& record, const Area& area, uint32_t list) {
    record.detail = palette_words_;
    const auto add = [&](std::size_t word) {
      job_.palettes[palette_words_++] = static_cast<uint32_t>(word);
    };
    const uint32_t row_words = std::max(area.width * 4 / 8, 1u);
    add(record.place & 0x3fffff);
    add(row_words);
    const uint32_t most = (1u << style_.bit_depth) - 1;
    for (uint32_t i = 0; i < palette_colors; ++i)
      add((random_() & most) | (list != 0 ? random_() & most : 0) << 16);
    for (uint32_t i = 0; i < area.height * 4 * row_words; ++i) add(random_() & 0x77777777);
  }

  void inter_intra(IntraRecord& record, const Area& area, uint32_t list) {
    constexpr std::array<IntraMode, 4> modes = {IntraMode::dc, IntraMode::v, IntraMode::h,
                                                IntraMode::smooth};
    const IntraMode mode = modes[below(4)];
    record.mode |= static_cast<uint32_t>(mode) << intra_mode::sub_mode_shift;
    if (mode == IntraMode::v) record.mode |= 90u << intra_mode::angle_shift;
    if (mode == IntraMode::h) record.mode |= 180u << intra_mode::angle_shift;
    for (uint32_t size = 0; size < block_size_count; ++size) {
      if (1u << block_width_log2[size] != area.width * 4 << list ||
          1u << block_height_log2[size] != area.height * 4 << list)
        continue;
      record.detail = size;
      const bool has_wedge = (size >= 3 && size <= 9) || size == 18 || size == 19;
      if (has_wedge && chance(50))
        record.mode |= intra_mode::wedge | below(16) << intra_mode::wedge_index_shift;
    }
  }

  void write_intra() {
    std::size_t level_count = 0;
    for (auto& records : intra_) {
      std::stable_sort(records.begin(), records.end(),
                       [](const auto& a, const auto& b) { return a.level < b.level; });
      if (!records.empty())
        level_count = std::max<std::size_t>(level_count, records.back().level + 1);
    }
    for (std::size_t list = 0; list < 2; ++list) {
      auto& levels = job_.intra_levels[list];
      levels.clear();
      if (level_count == 0) continue;
      uint32_t i = 0;
      for (uint32_t level = 0; level < level_count; ++level) {
        levels.push_back(i);
        for (; i < intra_[list].size() && intra_[list][i].level == level; ++i)
          job_.intra[list][i] = intra_[list][i].record;
      }
      levels.push_back(i);
    }
    const auto records = [&](std::size_t list) {
      return std::span<const IntraRecord>(job_.intra[list]).first(intra_[list].size());
    };
    IntraSlotWriter().write({records(0), records(1)}, job_);
  }

  PictureJob& job_;
  const ReconstructionStyle& style_;
  std::mt19937 random_;
  std::array<Decoded, 2> decoded_;
  std::array<std::array<std::vector<TransformRecord>, tx_size_count>, 2> transforms_;
  std::array<std::vector<Leveled>, 2> intra_;
  uint32_t coefficient_count_ = 0, palette_words_ = 0;
};

}  // namespace

void fill_random(PictureJob& job, const ReconstructionStyle& style) {
  Filler(job, style).fill();
}

}  // namespace daedalus::av1
