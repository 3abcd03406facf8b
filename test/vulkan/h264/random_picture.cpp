// SPDX-License-Identifier: MIT
#include "vulkan/h264/random_picture.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <span>

namespace daedalus::h264 {
namespace {

constexpr uint32_t pcm_words = 96;
constexpr uint32_t random_weights = 64;
// The limit of 8.5.12 and 8.5.13 for the sum of a block's scaled coefficients, such that every
// number of the transform, including rounding, fits in 16 bits. A line's largest number is at most
// the sum for 4x4, and at most 1.5 times the sum for 8x8.
constexpr int64_t limit_4x4 = 32700;
constexpr int64_t limit_8x8 = 14500;              // 32700 / 1.5 / 1.5
constexpr int64_t limit_of_part = limit_4x4 / 2;  // if DC and AC are two blocks

// Table 8-15
uint32_t chroma_qp(int index) {
  constexpr std::array<uint8_t, 22> above_29 = {29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36,
                                                36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39};
  const int clipped = std::clamp(index, 0, 51);
  return clipped < 30 ? static_cast<uint32_t>(clipped)
                      : above_29[static_cast<std::size_t>(clipped - 30)];
}

// Scales a block's levels by scales[position] * 2^(qp / 6 - shift) (8.5.10 to 8.5.13).
struct Scaling {
  std::span<const uint32_t> scales;  // one for all positions, or one each
  uint32_t qp;
  uint32_t shift;
  uint32_t first_position;  // 1 if the DC is separate
  uint32_t positions;

  int64_t limit() const {
    if (positions == 64) return limit_8x8;
    return shift == 4 && first_position == 0 ? limit_4x4 : limit_of_part;
  }

  int64_t scale(uint32_t position) const {
    return scales.size() == 1 ? scales[0] : scales[position];
  }

  int64_t scaled(int64_t level, uint32_t position) const {
    return ((level * scale(position) << qp / 6) >> shift) + 1;
  }

  // The largest level for which scaled() is at most `room`; none if that is below 1.
  int64_t largest(int64_t room, uint32_t position) const {
    return room < 1 ? 0 : (((room - 1) << shift) >> qp / 6) / scale(position);
  }
};

class Filler {
 public:
  Filler(PictureJob& job, uint32_t width_in_mbs, uint32_t height_in_mbs, const PictureStyle& style)
      : job_(job),
        tables_(*job.tables),
        width_(width_in_mbs),
        height_(height_in_mbs),
        style_(style),
        random_(style.seed),
        levels_(width_in_mbs * height_in_mbs),
        is_field_(width_in_mbs * height_in_mbs) {}

  void fill() {
    fill_tables();
    fill_weights();
    if (style_.is_mbaff) choose_kinds();
    for (uint32_t mb_addr = 0; mb_addr < width_ * height_; ++mb_addr) {
      const uint32_t mb = place_of(mb_addr);
      job_.mbs[mb] = macroblock(mb);
    }
    order_intra_mbs();
    job_.deblocks = style_.deblocks;
    job_.structure = style_.structure;
    job_.is_mbaff = style_.is_mbaff;
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  uint32_t below(uint32_t end) {
    return static_cast<uint32_t>(between(0, static_cast<int>(end) - 1));
  }
  bool chance(uint32_t percent) { return below(100) < percent; }

  void fill_tables() {
    // The stage writes these too, but the reference needs them before.
    const int cb_offset = between(-12, 12), cr_offset = between(-12, 12);
    for (int qp = 0; qp < 52; ++qp) {
      tables_.chroma_qp[static_cast<std::size_t>(qp)] =
          chroma_qp(qp + cb_offset) | chroma_qp(qp + cr_offset) << 8;
    }
    // Scales of flat matrices, and of others with large scales.
    const auto scale = [&](uint32_t norm_adjust) {
      return style_.large_levels ? static_cast<uint32_t>(between(1, 255)) * norm_adjust
                                 : 16 * norm_adjust;
    };
    for (auto& list : tables_.level_scale_4x4)
      for (auto& scales : list)
        std::generate(std::begin(scales), std::end(scales), [&] { return scale(13); });
    for (auto& list : tables_.level_scale_8x8)
      for (auto& scales : list)
        std::generate(std::begin(scales), std::end(scales), [&] { return scale(20); });
  }

  void fill_weights() {
    // 128 is the weight for a flag of 0 with the largest denominator (7.4.3.2).
    const auto weight = [&] {
      return static_cast<uint32_t>(static_cast<uint16_t>(between(-128, 128))) |
             static_cast<uint32_t>(between(-128, 127)) << 16;
    };
    const uint32_t denominators = below(8) | below(8) << 8;
    for (auto& entry : job_.weights.first(random_weights)) {
      entry = {weight(), weight(), weight(), denominators};
    }
  }

  // ---- MBAFF ----

  void choose_kinds() {
    for (uint32_t pair = 0; pair < width_ * height_ / 2; ++pair) {
      const bool field = chance(style_.field_percent);
      is_field_[place_of(pair * 2)] = is_field_[place_of(pair * 2 + 1)] = field;
    }
  }
  uint32_t place_of(uint32_t mb_addr) const {
    if (!style_.is_mbaff) return mb_addr;
    const uint32_t pair = mb_addr / 2;
    return (pair / width_ * 2 + mb_addr % 2) * width_ + pair % width_;
  }
  uint32_t first_of_pair(uint32_t mb) const { return mb - mb / width_ % 2 * width_; }
  bool is_second(uint32_t mb) const { return mb / width_ % 2 != 0; }

  // The macroblocks on the left that this one reads.
  std::vector<uint32_t> left_of(uint32_t mb) const {
    if (!style_.is_mbaff) return {mb - 1};
    const uint32_t first = first_of_pair(mb) - 1;
    if (is_field_[first] != is_field_[mb]) return {first, first + width_};
    return {mb - 1};
  }
  // The macroblock above, in the same column or one to the right or left.
  uint32_t above(uint32_t mb, int columns) const {
    const uint32_t moved = mb + static_cast<uint32_t>(columns);
    if (!is_field_[mb]) return moved - width_;
    const uint32_t first = first_of_pair(moved) - 2 * width_;
    return is_field_[first] && !is_second(mb) ? first : first + width_;
  }
  uint32_t above_left(uint32_t mb) const {
    if (!style_.is_mbaff || is_field_[mb] || !is_second(mb)) return above(mb, -1);
    const uint32_t first = first_of_pair(mb) - 1;
    return is_field_[first] ? first + width_ : first;
  }
  bool is_lower_frame_mb(uint32_t mb) const {
    return style_.is_mbaff && is_second(mb) && !is_field_[mb];
  }
  bool is_in_top_row(uint32_t mb) const {
    return style_.is_mbaff ? mb < 2 * width_ && !is_lower_frame_mb(mb) : mb < width_;
  }

  MbRecord macroblock(uint32_t mb) {
    if (chance(style_.pcm_percent)) return pcm(mb);
    return chance(style_.intra_percent) ? intra(mb) : inter(mb);
  }

  // QP and everything for the deblocking filter, common to all macroblocks.
  uint32_t head(uint32_t mb, MbKind kind) {
    uint32_t head = static_cast<uint32_t>(kind) << mb_head::kind_shift;
    head |= static_cast<uint32_t>(between(style_.min_qp, style_.max_qp)) << mb_head::qp_shift;
    if (is_field_[mb]) head |= mb_head::field_mb;
    head |= offset() << mb_head::filter_offset_a_shift;
    head |= offset() << mb_head::filter_offset_b_shift;
    if (!style_.deblocks) return head;
    if (!chance(style_.unfiltered_percent)) head |= mb_head::filter_inside;
    if (mb % width_ != 0 && !chance(style_.unfiltered_percent)) head |= mb_head::filter_left;
    if (!is_in_top_row(mb) && !chance(style_.unfiltered_percent)) head |= mb_head::filter_top;
    return head;
  }

  uint32_t offset() {
    return static_cast<uint32_t>(between(style_.min_offset, style_.max_offset) + 6);
  }

  // ---- Intra ----

  MbRecord pcm(uint32_t mb) {
    const uint32_t first = coefficient_count_;
    const int base = between(112, 128);
    for (uint32_t i = 0; i < pcm_words; ++i) {
      uint32_t word = 0;
      for (int sample = 0; sample < 4; ++sample) {
        word = word << 8 | static_cast<uint32_t>(base + between(-2, 2));
      }
      job_.coefficients[coefficient_count_++] = word;
    }
    set_level(mb, 0);
    return {head(mb, MbKind::pcm), 0, first, 0};
  }

  MbRecord intra(uint32_t mb) {
    constexpr std::array kinds = {MbKind::intra_4x4, MbKind::intra_8x8, MbKind::intra_16x16};
    const MbKind kind = kinds[below(3)];
    MbRecord record = {head(mb, kind) | available_neighbours(mb), 0, block_count_, entry_count_};
    record.head |= mb_mode(record.head, {2, 1, 0, 3}) << mb_head::intra_chroma_pred_mode_shift;
    if (kind == MbKind::intra_8x8) record.head |= mb_head::transform_8x8;
    if (kind == MbKind::intra_16x16) {
      record.head |= mb_mode(record.head, {0, 1, 2, 3}) << mb_head::intra_16x16_pred_mode_shift;
    } else {
      job_.entries[entry_count_++].intra =
          block_modes(record.head, kind == MbKind::intra_4x4 ? 4 : 8);
    }
    record.coded_blocks = residual(record.head, kind);
    return record;
  }

  // Chooses among the existing neighbours. Sets the macroblock's level above that of intra ones.
  uint32_t available_neighbours(uint32_t mb) {
    const uint32_t x = mb % width_;
    uint32_t available = 0, level = 0;
    const auto offer = [&](bool exists, uint32_t bit, const auto& neighbours) {
      if (!exists || chance(style_.unavailable_percent)) return;
      available |= bit;
      for (const uint32_t neighbour : neighbours())
        if (is_intra(neighbour)) level = std::max(level, *levels_[neighbour] + 1);
    };
    const auto one = [](uint32_t neighbour) { return std::array{neighbour}; };
    const bool top = !is_in_top_row(mb);
    const bool corner = x > 0 && (top || is_lower_frame_mb(mb));
    offer(x > 0, mb_head::left_available, [&] { return left_of(mb); });
    if (x > 0 && is_field_[mb] && !is_field_[mb - 1])
      offer(chance(50), mb_head::left_differs_below, [&] { return left_of(mb); });
    offer(top, mb_head::top_available, [&] { return one(above(mb, 0)); });
    offer(top && x + 1 < width_ && !is_lower_frame_mb(mb), mb_head::top_right_available,
          [&] { return one(above(mb, 1)); });
    offer(corner, mb_head::top_left_available, [&] { return one(above_left(mb)); });
    set_level(mb, level);
    return available;
  }

  static bool left_is_available(uint32_t record_head, bool lower) {
    return ((record_head & mb_head::left_available) != 0) !=
           (lower && (record_head & mb_head::left_differs_below) != 0);
  }

  // Of the modes vertical, horizontal, DC and plane, given by their numbers, one that the
  // neighbours allow.
  uint32_t mb_mode(uint32_t record_head, const std::array<uint32_t, 4>& numbers) {
    const bool left = left_is_available(record_head, false) && left_is_available(record_head, true);
    const bool top = (record_head & mb_head::top_available) != 0;
    const bool all = left && top && (record_head & mb_head::top_left_available) != 0;
    const std::array<bool, 4> allowed = {top, left, true, all};
    uint32_t mode;
    do mode = below(4);
    while (!allowed[mode]);
    return numbers[mode];
  }

  // Table 8-2, Table 8-3
  IntraModes block_modes(uint32_t record_head, uint32_t size) {
    IntraModes modes = {};
    const uint32_t count = 256 / (size * size);
    for (uint32_t block = 0; block < count; ++block) {
      const uint32_t x = size == 8 ? block & 1 : (block & 1) | (block >> 1 & 2);
      const uint32_t y = size == 8 ? block >> 1 : (block >> 1 & 1) | (block >> 2 & 2);
      const uint32_t half = size == 8 ? 1 : 2, y_of_corner = y == 0 ? 0 : y - 1;
      const bool left = x > 0 || left_is_available(record_head, y >= half);
      const bool top = y > 0 || (record_head & mb_head::top_available) != 0;
      const bool corner = x > 0   ? top
                          : y > 0 ? left_is_available(record_head, y_of_corner >= half)
                                  : (record_head & mb_head::top_left_available) != 0;
      const bool all = left && top && corner;
      const std::array<bool, 9> allowed = {top, left, true, top, all, all, all, top, left};
      uint32_t mode;
      do mode = below(9);
      while (!allowed[mode]);
      modes.pred_modes[block / 8] |= mode << block % 8 * 4;
    }
    return modes;
  }

  bool is_intra(uint32_t mb) const { return levels_[mb].has_value(); }

  void set_level(uint32_t mb, uint32_t level) {
    levels_[mb] = level;
    ++intra_count_;
  }

  void order_intra_mbs() {
    job_.intra_levels.clear();
    if (intra_count_ == 0) return;
    std::vector<uint32_t> order;
    for (uint32_t mb = 0; mb < width_ * height_; ++mb)
      if (is_intra(mb)) order.push_back(mb);
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return *levels_[a] < *levels_[b]; });
    std::copy(order.begin(), order.end(), job_.intra_mbs.begin());
    for (uint32_t i = 0; i < order.size(); ++i)
      while (job_.intra_levels.size() <= *levels_[order[i]]) job_.intra_levels.push_back(i);
    job_.intra_levels.push_back(intra_count_);
  }

  // ---- Inter ----

  MbRecord inter(uint32_t mb) {
    constexpr std::array<uint32_t, 5> entry_counts = {1, 2, 2, 4, 16};
    const uint32_t shape = below(5);
    uint32_t record_head = head(mb, MbKind::inter) | shape << mb_head::motion_shape_shift;
    if (chance(40)) record_head |= mb_head::transform_8x8;
    const uint32_t first_entry = entry_count_;
    for (uint32_t i = 0; i < entry_counts[shape]; ++i)
      job_.entries[entry_count_++].motion =
          motion(is_field_[mb] || style_.structure != PictureStructure::frame);
    ++job_.inter_mb_count;
    const uint32_t first_block = block_count_;
    return {record_head, residual(record_head, MbKind::inter), first_block, first_entry};
  }

  // Vectors on both sides of the one-sample threshold, for few pictures, so that strengths 0 and 1
  // are about equally frequent.
  std::array<int16_t, 2> vector() {
    if (!style_.far_vectors)
      return {static_cast<int16_t>(between(0, 4)), static_cast<int16_t>(between(-1, 3))};
    const int limit = chance(50) ? 200 : chance(50) ? 4096 : 32768;
    return {static_cast<int16_t>(between(-limit, limit - 1)),
            static_cast<int16_t>(between(-limit, limit - 1))};
  }

  MotionEntry motion(bool refers_to_fields) {
    MotionEntry entry = {};
    entry.mv_l0 = vector();
    entry.mv_l1 = vector();
    const uint32_t lists = below(4);
    const uint32_t slots = style_.far_vectors ? max_reference_pictures : 2;
    const uint32_t slot_l0 = lists == 1 ? no_reference : reference(slots, refers_to_fields);
    const uint32_t slot_l1 = lists == 0 ? no_reference : reference(slots, refers_to_fields);
    entry.slots = slot_l0 | slot_l1 << 8;
    entry.weights = style_.weighted ? weights(lists > 1) : weights_default;
    return entry;
  }

  uint32_t reference(uint32_t slots, bool is_field) {
    return below(slots) + (is_field && chance(50) ? bottom_field : 0);
  }

  uint32_t weights(bool both) {
    switch (below(3)) {
      case 0:
        return weights_default;
      case 1:
        return both ? weights_implicit | static_cast<uint32_t>(between(-64, 128)) << 2
                    : weights_default;
      default:
        return weights_explicit | below(random_weights) << 2 | below(random_weights) << 17;
    }
  }

  // ---- Residual: writes blocks and levels and returns coded_blocks ----

  uint32_t residual(uint32_t record_head, MbKind kind) {
    const uint32_t qp = record_head >> mb_head::qp_shift & 63;
    const bool transform_8x8 = (record_head & mb_head::transform_8x8) != 0;
    uint32_t coded_blocks = 0;
    for (uint32_t bit = 0; bit < max_blocks_per_mb; ++bit) {
      if (bit == coded_block::luma_dc && kind != MbKind::intra_16x16) continue;
      const bool luma_ac = bit >= coded_block::luma_block && bit < coded_block::cb_dc;
      if (luma_ac && transform_8x8 && (bit - coded_block::luma_block) % 4 != 0) continue;
      if (chance(style_.coded_percent) && block(scaling(bit, kind, qp, transform_8x8)))
        coded_blocks |= 1u << bit;
    }
    return coded_blocks;
  }

  Scaling scaling(uint32_t bit, MbKind kind, uint32_t qp, bool transform_8x8) const {
    const bool is_inter = kind == MbKind::inter;
    const uint32_t intra_or_inter = is_inter ? 3 : 0;
    if (bit < coded_block::cb_dc) {
      if (transform_8x8) return {tables_.level_scale_8x8[is_inter ? 1 : 0][qp % 6], qp, 6, 0, 64};
      const std::span<const uint32_t> scales = tables_.level_scale_4x4[intra_or_inter][qp % 6];
      if (bit == coded_block::luma_dc) return {scales.first(1), qp, 6, 0, 16};
      return {scales, qp, 4, kind == MbKind::intra_16x16 ? 1u : 0u, 16};
    }
    const bool cr = bit == coded_block::cr_dc || bit >= coded_block::cr_block;
    const uint32_t qp_c = tables_.chroma_qp[qp] >> (cr ? 8 : 0) & 255;
    const std::span<const uint32_t> scales =
        tables_.level_scale_4x4[intra_or_inter + (cr ? 2 : 1)][qp_c % 6];
    if (bit < coded_block::cb_block) return {scales.first(1), qp_c, 5, 0, 4};
    return {scales, qp_c, 4, 1, 16};
  }

  // False if not even the smallest level is within the limit.
  bool block(const Scaling& scaling) {
    std::vector<uint32_t> positions(scaling.positions - scaling.first_position);
    std::iota(positions.begin(), positions.end(), scaling.first_position);
    std::shuffle(positions.begin(), positions.end(), random_);
    if (!style_.large_levels)
      positions.resize(1);
    else
      positions.resize(1 + below(static_cast<uint32_t>(positions.size())));
    const uint32_t first = coefficient_count_;
    // Few large levels, or an even share for each of many.
    const bool even = chance(50);
    int64_t room = scaling.limit();
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const uint32_t position = positions[i];
      const auto left = static_cast<int64_t>(positions.size() - i);
      const int level = level_within(scaling, position, even ? room / left : room);
      if (level == 0) continue;
      room -= scaling.scaled(level, position);
      job_.coefficients[coefficient_count_++] =
          coefficient_word(chance(50) ? level : -level, position);
    }
    if (coefficient_count_ == first) return false;
    job_.blocks[block_count_++] = block_word(first, coefficient_count_ - first);
    return true;
  }

  // A level above 0, the largest one every other time.
  int level_within(const Scaling& scaling, uint32_t position, int64_t room) {
    const int64_t bound = style_.large_levels ? 1 << 15 : 1;
    const int64_t largest = std::min(bound, scaling.largest(room, position));
    if (largest <= 0) return 0;
    return chance(50) ? static_cast<int>(largest) : between(1, static_cast<int>(largest));
  }

  PictureJob& job_;
  PictureTables& tables_;
  const uint32_t width_, height_;
  const PictureStyle style_;
  std::mt19937 random_;
  std::vector<std::optional<uint32_t>> levels_;  // of intra macroblocks
  std::vector<bool> is_field_;                   // for macroblocks of MBAFF frames
  uint32_t entry_count_ = 0, block_count_ = 0, coefficient_count_ = 0, intra_count_ = 0;
};

}  // namespace

std::size_t coefficient_words(uint32_t width_in_mbs, uint32_t height_in_mbs) {
  return std::size_t{width_in_mbs} * height_in_mbs * max_coefficients_per_mb;
}

void fill_job(PictureJob& job, uint32_t width_in_mbs, uint32_t height_in_mbs,
              const PictureStyle& style) {
  Filler(job, width_in_mbs, height_in_mbs, style).fill();
}

std::vector<std::byte> random_samples(const PictureLayout& layout, uint32_t seed) {
  std::mt19937 random(seed);
  const auto between = [&](int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  const int contrast = between(2, 60), noise = between(0, 5), middle = between(0, 255);
  std::vector<std::byte> samples(layout.size);
  const uint32_t rows = layout.size / layout.pitch;
  std::vector<int> bases(layout.pitch / 4 + 1);
  for (uint32_t y = 0; y < rows; ++y) {
    if (y % 4 == 0) {
      for (int& base : bases) base = middle + between(-contrast / 2, contrast / 2);
    }
    for (uint32_t x = 0; x < layout.pitch; ++x) {
      const int value = std::clamp(bases[x / 4] + between(-noise, noise), 0, 255);
      samples[std::size_t{y} * layout.pitch + x] = static_cast<std::byte>(value);
    }
  }
  return samples;
}

std::vector<std::byte> extreme_samples(const PictureLayout& layout, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::byte> samples(layout.size);
  for (auto& sample : samples) sample = static_cast<std::byte>(random() % 2 == 0 ? 0 : 255);
  return samples;
}

std::vector<std::byte> steep_samples(const PictureLayout& layout, uint32_t seed) {
  // The signs of the six-tap filter's weights (8.4.2.2.1). Where the picture repeats them, some
  // vector hits the filter's largest sum, or with opposite samples its smallest.
  constexpr std::array<uint32_t, 6> negative = {0, 1, 0, 0, 1, 0};
  std::vector<std::byte> samples(layout.size);
  for (uint32_t at = 0; at < layout.size; ++at) {
    const uint32_t x = at % layout.pitch, y = at / layout.pitch;
    const bool dark = ((negative[x % 6] ^ negative[y % 6] ^ seed) & 1) != 0;
    samples[at] = static_cast<std::byte>(dark ? 0 : 255);
  }
  return samples;
}

}  // namespace daedalus::h264
