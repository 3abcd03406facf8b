// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "av1/job_check_parts.h"

namespace daedalus::av1::check {

namespace {

// Which surrounding samples a record reads (7.11.2), and their highest level.
class Reads {
 public:
  Reads(const IntraRecord& record, const Rectangle& area, IntraMode mode, bool edge_filter,
        Map& levels)
      : area_(area),
        levels_(levels),
        left_((record.mode & intra_mode::have_left) != 0),
        above_((record.mode & intra_mode::have_above) != 0),
        right_((record.mode & intra_mode::have_above_right) != 0),
        below_((record.mode & intra_mode::have_below_left) != 0),
        edge_filter_(edge_filter) {
    of_mode(mode, bits(record.mode, intra_mode::angle_shift, 9));
  }
  // The highest level plus 1.
  uint32_t level() const { return level_; }

 private:
  void of_mode(IntraMode mode, uint32_t angle);
  void of_angle(uint32_t angle);
  void read(const Rectangle& area) { level_ = std::max(level_, levels_.largest(area)); }
  // `more`: samples to read to the right as well.
  void read_above(uint32_t more) {
    if (above_)
      read({area_.x, area_.y - 1, area_.width + (right_ ? std::min(more, area_.width) : 0), 1});
    else if (left_)
      read({area_.x - 1, area_.y, 1, 1});
  }
  void read_left(uint32_t more) {
    if (left_)
      read({area_.x - 1, area_.y, 1, area_.height + (below_ ? std::min(more, area_.height) : 0)});
    else if (above_)
      read({area_.x, area_.y - 1, 1, 1});
  }
  void read_corner() {
    if (above_ && left_)
      read({area_.x - 1, area_.y - 1, 1, 1});
    else if (above_)
      read({area_.x, area_.y - 1, 1, 1});
    else if (left_)
      read({area_.x - 1, area_.y, 1, 1});
  }

  const Rectangle& area_;
  Map& levels_;
  bool left_, above_, right_, below_, edge_filter_;
  uint32_t level_ = 0;
};

void Reads::of_mode(IntraMode mode, uint32_t angle) {
  switch (mode) {
    case IntraMode::dc:
    case IntraMode::cfl:
      if (above_) read_above(0);
      if (left_) read_left(0);
      return;
    case IntraMode::smooth:
    case IntraMode::smooth_v:
    case IntraMode::smooth_h:
      read_above(0);
      return read_left(0);
    case IntraMode::paeth:
    case IntraMode::filter:
      read_above(0);
      read_left(0);
      return read_corner();
    default:
      return of_angle(angle);
  }
}

void Reads::of_angle(uint32_t angle) {
  if (angle <= 90) read_above(angle < 90 ? area_.height : 0);
  if (angle >= 180) read_left(angle > 180 ? area_.width : 0);
  if (angle > 90 && angle < 180) {
    read_above(0);
    read_left(0);
    read_corner();
  }
  if (edge_filter_ && angle != 90 && angle != 180) read_corner();
}

class Intra {
 public:
  Intra(const PictureJob& job, Makers& makers) : job_(job), makers_(makers) {}

  std::string fault();

 private:
  std::string slots();
  template <typename Visit>
  std::string for_each(Visit&& visit);
  const char* place(const IntraRecord& record, uint32_t plane, uint32_t index, uint32_t level);
  const char* mode(const IntraRecord& record, uint32_t plane, uint32_t level);
  static const char* directional(const IntraRecord& record, uint32_t mode);
  const char* cfl(const IntraRecord& record, const Rectangle& area, uint32_t level);
  const char* palette(const IntraRecord& record, uint32_t plane, const Rectangle& area) const;
  const char* copy(const IntraRecord& record, uint32_t plane, const Rectangle& area,
                   uint32_t level);
  const char* inter_intra(const IntraRecord& record, uint32_t plane, const Rectangle& area) const;
  bool reads_too_early(const IntraRecord& record, uint32_t plane, const Rectangle& area,
                       IntraMode mode, uint32_t level) {
    return Reads(record, area, mode, job_.enable_intra_edge_filter, makers_.intra_levels[plane])
               .level() > level;
  }

  const PictureJob& job_;
  Makers& makers_;
};

std::string Intra::fault() {
  const auto& levels = job_.intra_levels;
  if (levels[0].size() != levels[1].size()) return "lists of other numbers of levels";
  if (!levels[0].empty()) {
    if (levels[0].size() - 1 > max_intra_levels(job_.width, job_.height)) return "too many levels";
    for (uint32_t plane = 0; plane < 2; ++plane)
      if (levels[plane][0] != 0 || !std::is_sorted(levels[plane].begin(), levels[plane].end()) ||
          levels[plane].back() > job_.intra[plane].size())
        return "levels' indices";
    for (std::size_t i = 0; i + 1 < levels[0].size(); ++i)
      if (levels[0][i] == levels[0][i + 1] && levels[1][i] == levels[1][i + 1])
        return check::fault("level", i, "empty");
    if (job_.monochrome && levels[1].back() != 0) return "chroma of a monochrome picture";
  }
  std::string what = for_each([&](const IntraRecord& record, uint32_t plane, uint32_t index,
                                  uint32_t level) { return place(record, plane, index, level); });
  if (!what.empty()) return what;
  for (uint32_t plane = 0; plane < (job_.monochrome ? 1u : 2u); ++plane) {
    const uint32_t width = makers_.width >> plane, height = makers_.height >> plane;
    for (uint32_t y = 0; y < height; y += 2)
      for (uint32_t x = 0; x < width; x += 2)
        if (makers_.predictions[plane].at(x, y) == 0 && makers_.intra_levels[plane].at(x, y) == 0)
          return "nobody makes samples of plane " + std::to_string(plane) + " at " +
                 std::to_string(x) + ' ' + std::to_string(y);
  }
  what = for_each([&](const IntraRecord& record, uint32_t plane, uint32_t, uint32_t level) {
    return mode(record, plane, level);
  });
  return what.empty() ? slots() : what;
}

// The slots of a level have each row of its records once.
std::string Intra::slots() {
  const auto& levels = job_.intra_slot_levels;
  if (job_.intra_slots.empty()) return levels.empty() ? "" : "levels of no slots";
  if (levels.size() != job_.intra_levels[0].size()) return "other levels of slots";
  if (levels.empty()) return {};
  if (levels[0] != 0 || !std::is_sorted(levels.begin(), levels.end()) ||
      levels.back() > job_.intra_slots.size())
    return "levels of slots";
  for (std::size_t level = 0; level + 1 < levels.size(); ++level) {
    std::map<std::pair<uint32_t, uint32_t>, std::vector<bool>> rows;
    for (uint32_t i = levels[level]; i < levels[level + 1]; ++i) {
      const IntraRecord& slot = job_.intra_slots[i];
      const uint32_t chroma = (slot.part & intra_part::of_chroma) != 0;
      const uint32_t height = 1u << bits(slot.part, intra_part::height_shift, 3);
      const uint32_t first = bits(slot.part, intra_part::first_row_shift, 7);
      const uint32_t count = bits(slot.part, intra_part::rows_shift, 8);
      if ((slot.part & intra_part::exists) == 0 || count == 0 || first + count > height)
        return check::fault("slot", i, "part");
      auto& of_record = rows[{chroma, slot.place}];
      of_record.resize(height);
      for (uint32_t row = first; row < first + count; ++row) {
        if (of_record[row]) return check::fault("slot", i, "repeated rows");
        of_record[row] = true;
      }
    }
    for (uint32_t plane = 0; plane < 2; ++plane)
      for (uint32_t i = job_.intra_levels[plane][level]; i < job_.intra_levels[plane][level + 1];
           ++i) {
        const IntraRecord& record = job_.intra[plane][i];
        const auto& of_record = rows[{plane, record.place}];
        if (of_record.size() != area_of(record).height ||
            std::count(of_record.begin(), of_record.end(), false) != 0)
          return check::fault(plane == 0 ? "luma intra" : "chroma intra", i, "rows in no slot");
      }
  }
  return {};
}

template <typename Visit>
std::string Intra::for_each(Visit&& visit) {
  for (uint32_t plane = 0; plane < 2; ++plane) {
    const auto& levels = job_.intra_levels[plane];
    for (uint32_t level = 0; level + 1 < levels.size(); ++level)
      for (uint32_t i = levels[level]; i < levels[level + 1]; ++i)
        if (const char* what = visit(job_.intra[plane][i], plane, i, level))
          return check::fault(plane == 0 ? "luma intra" : "chroma intra", i, what);
  }
  return {};
}

const char* Intra::place(const IntraRecord& record, uint32_t plane, uint32_t index,
                         uint32_t level) {
  const uint32_t mode = bits(record.mode, intra_mode::mode_shift, 5);
  if (mode > static_cast<uint32_t>(IntraMode::inter_intra)) return "mode";
  if (!is_whole_block(record) &&
      bits(record.place, transform_place::size_shift, 5) >= tx_size_count)
    return "size";
  const Rectangle area = area_of(record);
  if (area.x >= makers_.width >> plane || area.y >= makers_.height >> plane) return "outside";
  if (area.width < 4 || area.height < 4 || area.width > 128 || area.height > 128) return "size";
  if (area.x % area.width != 0 || area.y % area.height != 0) return "place";
  if (!makers_.intra_levels[plane].set(area, level + 1)) return "where another one is";
  makers_.intra_records[plane].set(area, index + 1);
  const bool blends = mode == static_cast<uint32_t>(IntraMode::inter_intra);
  const bool as_expected = makers_.predictions[plane].all(
      area, [&](uint32_t predicted) { return (predicted != 0) == blends; });
  if (!as_expected) return blends ? "not predicted" : "where inter prediction is";
  return nullptr;
}

const char* Intra::mode(const IntraRecord& record, uint32_t plane, uint32_t level) {
  const Rectangle area = area_of(record);
  if ((record.mode & intra_mode::have_left) != 0 && area.x == 0) return "left of the picture";
  if ((record.mode & intra_mode::have_above) != 0 && area.y == 0) return "above the picture";
  if ((record.mode & intra_mode::have_above) != 0 &&
      (record.mode & intra_mode::have_above_right) != 0 &&
      area.x + area.width >= makers_.width >> plane)
    return "right of the picture";
  if ((record.mode & intra_mode::have_left) != 0 &&
      (record.mode & intra_mode::have_below_left) != 0 &&
      area.y + area.height >= makers_.height >> plane)
    return "below the picture";
  const auto mode = static_cast<IntraMode>(bits(record.mode, intra_mode::mode_shift, 5));
  if (plane == 0 && bits(record.mode, intra_mode::coded_shift, 2) > 1) return "coded";
  switch (mode) {
    case IntraMode::palette:
      return palette(record, plane, area);
    case IntraMode::copy:
      return copy(record, plane, area, level);
    case IntraMode::inter_intra: {
      if (const char* what = inter_intra(record, plane, area)) return what;
      const auto sub_mode =
          static_cast<IntraMode>(bits(record.mode, intra_mode::sub_mode_shift, 5));
      return reads_too_early(record, plane, area, sub_mode, level) ? "level" : nullptr;
    }
    case IntraMode::cfl:
      if (plane == 0) return "luma from luma";
      if (const char* what = cfl(record, area, level)) return what;
      break;
    case IntraMode::filter:
      if (plane != 0) return "filtered chroma";
      if (bits(record.mode, intra_mode::sub_mode_shift, 5) > 4) return "filter mode";
      if (area.width > 32 || area.height > 32) return "filtered, but large";
      break;
    default:
      break;
  }
  if (mode >= IntraMode::v && mode <= IntraMode::d67)
    if (const char* what = directional(record, static_cast<uint32_t>(mode))) return what;
  return reads_too_early(record, plane, area, mode, level) ? "level" : nullptr;
}

const char* Intra::directional(const IntraRecord& record, uint32_t mode) {
  constexpr std::array<uint32_t, 9> angles = {0, 90, 180, 45, 135, 113, 157, 203, 67};
  const uint32_t angle = bits(record.mode, intra_mode::angle_shift, 9);
  const uint32_t difference = angle > angles[mode] ? angle - angles[mode] : angles[mode] - angle;
  return difference > 9 || difference % 3 != 0 ? "angle" : nullptr;
}

const char* Intra::cfl(const IntraRecord& record, const Rectangle& area, uint32_t level) {
  if (area.width > 32 || area.height > 32) return "chroma from luma, but large";
  for (const uint32_t shift : {0, 8}) {
    const auto alpha = static_cast<int8_t>(bits(record.detail, shift, 8));
    if (alpha < -16 || alpha > 16) return "alpha";
  }
  const uint32_t width = 4 * bits(record.detail, 16, 8), height = 4 * (record.detail >> 24);
  if (width == 0 || height == 0 || width > 2 * area.width || height > 2 * area.height)
    return "luma's part";
  const Rectangle luma = {2 * area.x, 2 * area.y, width, height};
  return makers_.intra_levels[0].largest(luma) > level ? "luma's level" : nullptr;
}

const char* Intra::palette(const IntraRecord& record, uint32_t plane, const Rectangle& area) const {
  const auto words =
      std::span<const uint32_t>(job_.palettes)
          .first(std::min<std::size_t>(job_.palette_word_count, job_.palettes.size()));
  constexpr uint32_t header = palette_header_words + palette_colors;
  if (words.size() < header || record.detail > words.size() - header) return "palette's index";
  const auto palette = words.subspan(record.detail);
  const uint32_t x = 4 * bits(palette[0], transform_place::x_shift, 11);
  const uint32_t y = 4 * bits(palette[0], transform_place::y_shift, 11);
  const uint32_t row_words = palette[1];
  if (area.x < x || area.y < y || area.x + area.width - x > 64 || area.y + area.height - y > 64)
    return "palette of another block";
  if (row_words == 0 || row_words > 8 || area.x + area.width - x > 8 * row_words)
    return "palette's row";
  const uint32_t end_y = area.y + area.height - y;
  if (palette.size() - header < std::size_t{row_words} * end_y) return "palette's map";
  for (uint32_t row = area.y - y; row < end_y; ++row)
    for (uint32_t column = area.x - x; column < area.x + area.width - x; ++column)
      if ((palette[header + row * row_words + column / 8] >> 4 * (column % 8) & 15) >=
          palette_colors)
        return "palette's map";
  const uint32_t most = (1u << job_.bit_depth) - 1;
  for (const uint32_t color : palette.subspan(palette_header_words, palette_colors))
    if ((color & 0xffff) > most || color >> 16 > (plane == 0 ? 0 : most)) return "palette's color";
  return nullptr;
}

const char* Intra::copy(const IntraRecord& record, uint32_t plane, const Rectangle& area,
                        uint32_t level) {
  const auto mv_x = static_cast<int16_t>(record.detail & 0xffff);
  const auto mv_y = static_cast<int16_t>(record.detail >> 16);
  if (mv_x % 8 != 0 || mv_y % 8 != 0) return "vector with a fraction";
  const uint32_t shift = 3 + plane;
  const auto half = [&](int32_t mv) { return plane != 0 && (mv & 15) != 0 ? 1u : 0u; };
  const int32_t x = static_cast<int32_t>(area.x) + (mv_x >> shift);
  const int32_t y = static_cast<int32_t>(area.y) + (mv_y >> shift);
  const Rectangle source = {static_cast<uint32_t>(x), static_cast<uint32_t>(y),
                            area.width + half(mv_x), area.height + half(mv_y)};
  if (x < 0 || y < 0 || source.x + source.width > makers_.width >> plane ||
      source.y + source.height > makers_.height >> plane)
    return "source outside";
  return makers_.intra_levels[plane].largest(source) > level ? "source's level" : nullptr;
}

const char* Intra::inter_intra(const IntraRecord& record, uint32_t plane,
                               const Rectangle& area) const {
  const uint32_t size = record.detail;
  if (size < 3 || size > 9) return "block's size";
  if (area.width != 1u << block_width_log2[size] >> plane ||
      area.height != 1u << block_height_log2[size] >> plane)
    return "not the block's size";
  const auto mode = static_cast<IntraMode>(bits(record.mode, intra_mode::sub_mode_shift, 5));
  if (mode > IntraMode::h && mode != IntraMode::smooth) return "mode";
  const uint32_t angle = mode == IntraMode::v ? 90 : mode == IntraMode::h ? 180 : 0;
  return bits(record.mode, intra_mode::angle_shift, 9) != angle ? "angle" : nullptr;
}

// Checks transform blocks: their positions, and that they match the intra records.
class Transforms {
 public:
  Transforms(const PictureJob& job, Makers& makers)
      : job_(job),
        makers_(makers),
        transforms_{Map(makers.width, makers.height, 2),
                    Map(makers.width / 2, makers.height / 2, 2)} {}

  std::string fault();

 private:
  const char* record(const TransformRecord& record, uint32_t plane, uint32_t size);
  const char* coefficients(uint32_t first, uint32_t count, uint32_t size);
  const char* type(uint32_t type, uint32_t size) const;
  const char* kept(const TransformRecord& record, uint32_t plane, const Rectangle& area);
  std::string coded_records();

  const PictureJob& job_;
  Makers& makers_;
  std::array<Map, 2> transforms_;  // for each 4x4: coded bits | 4
  std::vector<bool> named_;
};

std::string Transforms::fault() {
  std::size_t next = 0;
  for (uint32_t plane = 0; plane < 2; ++plane)
    for (uint32_t size = 0; size < tx_size_count; ++size)
      for (uint32_t i = 0; i < job_.transform_counts[plane][size]; ++i, ++next) {
        if (next >= job_.transforms.size()) return "too many transforms";
        if (plane == 1 && job_.monochrome) return "transform of a monochrome picture's chroma";
        if (const char* what = record(job_.transforms[next], plane, size))
          return check::fault("transform", next, what);
      }
  return coded_records();
}

const char* Transforms::record(const TransformRecord& record, uint32_t plane, uint32_t size) {
  if (bits(record.place, transform_place::size_shift, 5) != size) return "of another size";
  if (((record.place & transform_place::of_chroma) != 0) != (plane == 1)) return "plane";
  const Rectangle area = {4 * bits(record.place, transform_place::x_shift, 11),
                          4 * bits(record.place, transform_place::y_shift, 11),
                          1u << tx_width_log2[size], 1u << tx_height_log2[size]};
  if (area.x >= makers_.width >> plane || area.y >= makers_.height >> plane) return "outside";
  if (area.x % area.width != 0 || area.y % area.height != 0) return "place";
  const uint32_t count = bits(record.shape, 0, 11), cr_count = bits(record.shape, 11, 11);
  const uint32_t coded = (count != 0 ? 1u : 0u) | (cr_count != 0 ? 2u : 0u);
  if (!transforms_[plane].set(area, coded | 4)) return "where another one is";
  if (plane == 0 && cr_count != 0) return "luma with Cr";
  if (const char* what = type(record.shape >> 22, size)) return what;
  if (const char* what = coefficients(record.coefficients, count, size)) return what;
  if (const char* what = coefficients(record.cr_coefficients, cr_count, size)) return what;
  return kept(record, plane, area);
}

const char* Transforms::coefficients(uint32_t first, uint32_t count, uint32_t size) {
  const uint32_t width = std::min(1u << tx_width_log2[size], 32u);
  const uint32_t samples = width * std::min(1u << tx_height_log2[size], 32u);
  if (count > samples) return "number of coefficients";
  if (std::size_t{first} + count > job_.coefficients.size()) return "coefficients' index";
  named_.assign(samples, false);
  const int32_t limit = 1 << (7 + job_.bit_depth);
  for (const uint32_t word : job_.coefficients.subspan(first, count)) {
    const uint32_t position = word & 1023;
    const int32_t value = static_cast<int32_t>(word) >> 10;
    if (position >= samples) return "coefficient's position";
    if (named_[position]) return "position named twice";
    named_[position] = true;
    if (value == 0 || value < -limit || value >= limit) return "coefficient's value";
  }
  return nullptr;
}

const char* Transforms::type(uint32_t number, uint32_t size) const {
  const auto type = static_cast<TxType>(number);
  if (type > TxType::wht) return "type";
  const uint32_t longest = std::max(tx_width_log2[size], tx_height_log2[size]);
  if (type == TxType::wht) return size == 0 ? nullptr : "WHT larger than 4x4";
  if (longest == 6 && type != TxType::dct_dct) return "type of 64";
  if (longest == 5 && type != TxType::dct_dct && type != TxType::idtx) return "type of 32";
  if (size == static_cast<uint32_t>(TxSize::tx_16x16) && type > TxType::h_dct) return "type of 16";
  return nullptr;
}

const char* Transforms::kept(const TransformRecord& record, uint32_t plane, const Rectangle& area) {
  const bool is_kept = (record.place & transform_place::kept) != 0;
  const uint32_t index = makers_.intra_records[plane].at(area.x, area.y);
  if (!is_kept && (record.shape & 0x3fffff) == 0) return "without coefficients";
  if (is_kept != (index != 0)) return "kept or not";
  if (!is_kept) {
    const bool alone = makers_.intra_records[plane].all(area, [](uint32_t i) { return i == 0; });
    return alone ? nullptr : "added at once where intra records are";
  }
  const IntraRecord& intra = job_.intra[plane][index - 1];
  const uint32_t intra_coded = bits(intra.mode, intra_mode::coded_shift, 2);
  const Rectangle whole = area_of(intra);
  if (is_whole_block(intra))
    return !whole.contains(area) ? "beyond its block" : intra_coded == 0 ? "not coded" : nullptr;
  if (!(whole == area)) return "not its intra record's";
  const uint32_t coded =
      (bits(record.shape, 0, 11) != 0 ? 1u : 0u) | (bits(record.shape, 11, 11) != 0 ? 2u : 0u);
  return coded == 0             ? "without coefficients"
         : coded != intra_coded ? "coded otherwise than its intra record"
                                : nullptr;
}

// Checks that intra records with a residual have transform blocks.
std::string Transforms::coded_records() {
  for (uint32_t plane = 0; plane < 2; ++plane) {
    if (job_.intra_levels[plane].empty()) continue;
    for (uint32_t i = 0; i < job_.intra_levels[plane].back(); ++i) {
      const IntraRecord& intra = job_.intra[plane][i];
      const uint32_t coded = bits(intra.mode, intra_mode::coded_shift, 2);
      if (coded == 0) continue;
      uint32_t found = 0;
      const bool everywhere = transforms_[plane].all(area_of(intra), [&](uint32_t value) {
        found |= value & 3;
        return value != 0;
      });
      if (!everywhere || found != coded)
        return check::fault(plane == 0 ? "luma intra" : "chroma intra", i, "coded");
    }
  }
  return {};
}

}  // namespace

Rectangle area_of(const IntraRecord& record) {
  const uint32_t size = bits(record.place, transform_place::size_shift, 5);
  const bool whole = is_whole_block(record);
  return {4 * bits(record.place, transform_place::x_shift, 11),
          4 * bits(record.place, transform_place::y_shift, 11),
          1u << (whole ? bits(record.place, 22, 3) + 1 : tx_width_log2[size]),
          1u << (whole ? bits(record.place, 25, 3) + 1 : tx_height_log2[size])};
}

std::string check_intra(const PictureJob& job, Makers& makers) {
  return Intra(job, makers).fault();
}

std::string check_transforms(const PictureJob& job, Makers& makers) {
  return Transforms(job, makers).fault();
}

}  // namespace daedalus::av1::check
