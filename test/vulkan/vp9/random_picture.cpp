// SPDX-License-Identifier: MIT
#include "random_picture.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace daedalus::vp9 {
namespace {

// No number in a transform exceeds the sum of the block's coefficients.
constexpr int most_8 = 15000, most_10 = 60000;

// The levels of a plane's intra blocks, by 4x4 samples; -1 without one.
class LevelMap {
 public:
  LevelMap(uint32_t width, uint32_t height)
      : width_(static_cast<int>(width)),
        height_(static_cast<int>(height)),
        levels_(static_cast<size_t>(width_ * height_), -1) {}

  // The highest level that a transform block reads, plus 1.
  int next(int x, int y, int size, bool left, bool right) const {
    int level = -1;
    for (int i = 0; i < size && y + i < height_ && left; ++i)
      level = std::max(level, at(x - 1, y + i));
    if (y == 0) return level + 1;
    for (int i = 0; i < size + (right ? 1 : 0) && x + i < width_; ++i)
      level = std::max(level, at(x + i, y - 1));
    if (left) level = std::max(level, at(x - 1, y - 1));
    return level + 1;
  }

  void set(int x, int y, int size, int level) {
    for (int j = y; j < std::min(y + size, height_); ++j)
      for (int i = x; i < std::min(x + size, width_); ++i)
        levels_[static_cast<size_t>(j * width_ + i)] = level;
  }

 private:
  int at(int x, int y) const { return levels_[static_cast<size_t>(y * width_ + x)]; }
  int width_, height_;
  std::vector<int> levels_;
};

// The input for the strips' levels: units with filtered inner 4x4 edges.
class InnerMap {
 public:
  InnerMap(uint32_t width, uint32_t height, uint32_t superblock_units)
      : width_(width), height_(height), n_(superblock_units), inner_(width * height) {}

  void set(uint32_t x, uint32_t y) { inner_[y * width_ + x] = true; }

  bool has_open_row(uint32_t column, uint32_t row) const {
    for (uint32_t y = row * n_; y < std::min((row + 1) * n_, height_); ++y) {
      uint32_t count = 0;
      for (uint32_t i = 0; i + 1 < n_; ++i) count += is_inner(column * n_ + i, y);
      if (count == n_ - 1) return true;
    }
    return false;
  }

  bool has_open_column(uint32_t column, uint32_t row) const {
    uint32_t count = 0;
    for (uint32_t i = 0; i + 1 < n_; ++i) count += is_inner(column * n_ + n_ - 1, row * n_ + i);
    return count == n_ - 1;
  }

 private:
  bool is_inner(uint32_t x, uint32_t y) const {
    return x < width_ && y < height_ && inner_[y * width_ + x];
  }
  uint32_t width_, height_, n_;
  std::vector<bool> inner_;
};

template <typename T>
struct WithLevel {
  T element;
  int level;
};

template <typename T>
void write_by_level(std::vector<WithLevel<T>>& elements, std::span<T> list,
                    std::vector<uint32_t>& levels) {
  std::stable_sort(elements.begin(), elements.end(),
                   [](const auto& a, const auto& b) { return a.level < b.level; });
  levels.clear();
  if (elements.empty()) return;
  for (uint32_t i = 0; i < elements.size(); ++i) {
    list[i] = elements[i].element;
    while (levels.size() <= static_cast<size_t>(elements[i].level)) levels.push_back(i);
  }
  levels.push_back(static_cast<uint32_t>(elements.size()));
}

void write_intra(std::vector<WithLevel<uint32_t>>& words, std::span<uint32_t> list,
                 std::vector<uint32_t>& levels) {
  for (auto& word : words) {
    word.level = word.level * static_cast<int>(intra_class_count) +
                 static_cast<int>(intra_class(word.element));
  }
  write_by_level(words, list, levels);
  if (levels.empty()) return;
  // The last level must have all classes, too.
  while (levels.size() % intra_class_count != 1) levels.push_back(levels.back());
}

class Filler {
 public:
  Filler(PictureJob& job, const PictureStyle& style)
      : job_(job),
        style_(style),
        random_(style.seed),
        units_x_((job.width + 7) / 8),
        units_y_((job.height + 7) / 8),
        superblocks_x_(in_superblocks(job.width)),
        superblocks_y_(in_superblocks(job.height)),
        luma_levels_(units_x_ * 2, units_y_ * 2),
        chroma_levels_(units_x_, units_y_),
        luma_inner_(units_x_, units_y_, 8),
        chroma_inner_((units_x_ + 1) / 2, (units_y_ + 1) / 2, 4) {}

  void fill() {
    job_.bit_depth = style_.bit_depth;
    job_.lossless = style_.lossless;
    job_.sharpness = style_.sharpness;
    job_.filters = style_.filters;
    for (uint32_t y = 0; y < superblocks_y_; ++y) {
      for (uint32_t x = 0; x < superblocks_x_; ++x) superblock(x, y);
    }
    write_blocks();
    write_transforms();
    write_intra(luma_intra_, job_.luma_intra, job_.luma_intra_levels);
    write_intra(chroma_intra_, job_.chroma_intra, job_.chroma_intra_levels);
    write_strips(luma_inner_, job_.luma_strips, job_.luma_strip_levels);
    write_strips(chroma_inner_, job_.chroma_strips, job_.chroma_strip_levels);
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  uint32_t below(uint32_t end) {
    return static_cast<uint32_t>(between(0, static_cast<int>(end) - 1));
  }
  bool chance(uint32_t percent) { return below(100) < percent; }

  void superblock(uint32_t x, uint32_t y) {
    base_ = static_cast<uint32_t>(coefficient_count_);
    job_.coefficient_bases[y * superblocks_x_ + x] = base_;
    partition(x * 8, y * 8, 3);
  }

  void partition(uint32_t x, uint32_t y, uint32_t log2_size) {
    if (x >= units_x_ || y >= units_y_) return;
    const uint32_t half = 1u << log2_size >> 1;
    if (log2_size == 0) return block(x, y, 0, 0);
    if (chance(style_.split_percent)) {
      for (uint32_t i = 0; i < 4; ++i) partition(x + i % 2 * half, y + i / 2 * half, log2_size - 1);
      return;
    }
    // A block of two units at the frame's edge has its second half outside.
    const uint32_t kind = below(3);
    if (kind == 0) return block(x, y, log2_size, log2_size);
    if (kind == 1) {
      block(x, y, log2_size, log2_size - 1);
      if (y + half < units_y_) block(x, y + half, log2_size, log2_size - 1);
    } else {
      block(x, y, log2_size - 1, log2_size);
      if (x + half < units_x_) block(x + half, y, log2_size - 1, log2_size);
    }
  }

  void block(uint32_t x, uint32_t y, uint32_t w, uint32_t h) {
    const uint32_t largest = std::min(w, h) + 1;  // 8x8 blocks can have 8x8 transforms
    uint32_t tx_size = style_.only_tx < 4 ? std::min(style_.only_tx, std::min(largest, 3u))
                                          : below(std::min(largest, 3u) + 1);
    const bool intra = chance(style_.intra_percent) || !has_references();
    const bool small = w + h == 0 && chance(style_.small_percent);
    if (small || style_.lossless) tx_size = 0;
    BlockRecord record = {};
    const uint32_t level = chance(style_.unfiltered_percent)
                               ? 0
                               : static_cast<uint32_t>(between(static_cast<int>(style_.min_level),
                                                               static_cast<int>(style_.max_level)));
    record.place = x | y << block_place::y_shift | w << block_place::width_shift |
                   h << block_place::height_shift | tx_size << block_place::tx_size_shift |
                   level << block_place::filter_level_shift;
    const bool coded = intra || !chance(style_.no_inner_percent);
    if (intra) {
      intra_block(record, x, y, w, h, tx_size);
    } else {
      inter_block(record, small);
      if (!coded) {
        if (small)
          small_blocks_.back().block.head |= block_head::no_inner_edges;
        else
          blocks_.back().head |= block_head::no_inner_edges;
      }
    }
    const uint32_t chroma_tx = std::min(tx_size, std::min(w, h));
    if (!intra && coded) {
      for_each_transform(x, y, w, h, tx_size, false, [&](uint32_t x4, uint32_t y4, bool, bool) {
        if (chance(style_.coded_percent)) code_luma(x4, y4, tx_size, 0, false);
      });
      for_each_transform(x, y, w, h, chroma_tx, true, [&](uint32_t x4, uint32_t y4, bool, bool) {
        if (chance(style_.coded_percent)) code_chroma(x4, y4, chroma_tx, 1 + below(3), false);
      });
    }
    if (level == 0 || !coded) return;
    for (uint32_t j = y; j < std::min(y + (1u << h), units_y_); ++j) {
      for (uint32_t i = x; i < std::min(x + (1u << w), units_x_); ++i) {
        if (tx_size == 0) luma_inner_.set(i, j);
        if (chroma_tx == 0 && i % 2 == 0 && j % 2 == 0) chroma_inner_.set(i / 2, j / 2);
      }
    }
  }

  bool has_references() const { return job_.references[0].width != 0; }

  bool is_scaled(uint32_t reference) const {
    return job_.references[reference].width != job_.width ||
           job_.references[reference].height != job_.height;
  }

  MotionVector motion_vector() {
    MotionVector mv;
    for (auto& component : mv) {
      component = static_cast<int16_t>(between(-style_.mv_range, style_.mv_range));
      if (chance(style_.whole_mv_percent)) component = static_cast<int16_t>(component & ~7);
    }
    return mv;
  }

  void inter_block(BlockRecord record, bool small) {
    const uint32_t first = below(reference_count);
    const bool compound = chance(style_.compound_percent);
    const uint32_t second = compound ? (first + 1 + below(2)) % reference_count : no_reference;
    record.head = block_head::is_inter | first << block_head::reference_0_shift |
                  second << block_head::reference_1_shift |
                  below(4) << block_head::interp_filter_shift;
    const bool scaled = is_scaled(first) || (compound && is_scaled(second));
    if (!small) {
      record.mv_0 = motion_vector();
      if (compound) record.mv_1 = motion_vector();
      blocks_.push_back(record);
      scaled_.push_back(scaled);
      return;
    }
    record.head |= block_head::is_small;
    SmallBlockRecord block = {record, {}};
    for (auto& part : block.parts) {
      part.mv_0 = motion_vector();
      if (compound) part.mv_1 = motion_vector();
    }
    small_blocks_.push_back(block);
    small_scaled_.push_back(scaled);
  }

  // Visits those that begin inside: positions, whether they are in the block's first column, and
  // whether not in its last.
  template <typename Visit>
  void for_each_transform(uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint32_t tx_size,
                          bool chroma, Visit&& visit) {
    const uint32_t shift = chroma ? 0 : 1, step = 1u << tx_size;
    const uint32_t first_x = x << shift, first_y = y << shift;
    const uint32_t end_x = first_x + (1u << w << shift), end_y = first_y + (1u << h << shift);
    for (uint32_t y4 = first_y; y4 < std::min(end_y, units_y_ << shift); y4 += step) {
      for (uint32_t x4 = first_x; x4 < std::min(end_x, units_x_ << shift); x4 += step) {
        visit(x4, y4, x4 == first_x, x4 + step < end_x);
      }
    }
  }

  void intra_block(const BlockRecord& record, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
                   uint32_t tx_size) {
    blocks_.push_back(record);
    scaled_.push_back(false);
    const uint32_t tile = superblocks_x_ / style_.tile_columns * 8;
    const bool tile_edge =
        x == 0 || (style_.tile_columns > 1 && x % tile == 0 && x / tile < style_.tile_columns);
    const uint32_t chroma_tx = std::min(tx_size, std::min(w, h)), chroma_mode = below(10);
    for_each_transform(
        x, y, w, h, tx_size, false, [&](uint32_t x4, uint32_t y4, bool first, bool right) {
          const uint32_t mode = below(10), coded = chance(style_.coded_percent);
          const bool left = !(first && tile_edge), above_right = right && tx_size == 0;
          const int level = luma_levels_.next(static_cast<int>(x4), static_cast<int>(y4),
                                              1 << tx_size, left, above_right);
          luma_levels_.set(static_cast<int>(x4), static_cast<int>(y4), 1 << tx_size, level);
          luma_intra_.push_back({intra_word(x4, y4, static_cast<TxSize>(tx_size),
                                            static_cast<IntraMode>(mode), left, above_right, coded),
                                 level});
          if (coded)
            code_luma(x4, y4, tx_size, tx_size == 3 || style_.lossless ? 0 : below(4), true);
        });
    for_each_transform(
        x, y, w, h, chroma_tx, true, [&](uint32_t x4, uint32_t y4, bool first, bool right) {
          const uint32_t coded = chance(style_.coded_percent) ? 1 + below(3) : 0;
          const bool left = !(first && tile_edge), above_right = right && chroma_tx == 0;
          const int level = chroma_levels_.next(static_cast<int>(x4), static_cast<int>(y4),
                                                1 << chroma_tx, left, above_right);
          chroma_levels_.set(static_cast<int>(x4), static_cast<int>(y4), 1 << chroma_tx, level);
          chroma_intra_.push_back(
              {intra_word(x4, y4, static_cast<TxSize>(chroma_tx),
                          static_cast<IntraMode>(chroma_mode), left, above_right, coded),
               level});
          if (coded) code_chroma(x4, y4, chroma_tx, coded, true);
        });
  }

  // ---- Coefficients ----

  uint32_t coefficients(uint32_t tx_size) {
    const uint32_t samples = 16u << 2 * tx_size;
    const uint32_t kind = below(8);
    const uint32_t count = kind == 0 ? samples : kind < 4 ? 1 : 1 + below(std::min(samples, 20u));
    const uint32_t offset = static_cast<uint32_t>(coefficient_count_) - base_;
    std::vector<uint32_t> positions(samples);
    std::iota(positions.begin(), positions.end(), 0u);
    if (kind != 1) std::shuffle(positions.begin() + (kind == 2), positions.end(), random_);
    int left = style_.large_residual ? (style_.bit_depth == 8 ? most_8 : most_10) : 400;
    for (uint32_t i = 0; i < count; ++i) {
      const int most = std::max(left / (i + 1 == count ? 1 : 4), 1);
      int value = between(-most, most);
      if (value == 0) value = 1;
      left = std::max(left - abs(value), 1);
      if (left == 1) value = value < 0 ? -1 : 1;
      job_.coefficients[coefficient_count_++] = coefficient_word(value, positions[i]);
    }
    return coefficients_of(offset, count);
  }

  static uint32_t place(uint32_t x4, uint32_t y4, uint32_t tx_size, uint32_t type, bool intra) {
    namespace p = transform_place;
    return x4 | y4 << p::y_shift | tx_size << p::tx_size_shift | type << p::tx_type_shift |
           (intra ? p::is_intra : 0);
  }

  void code_luma(uint32_t x4, uint32_t y4, uint32_t tx_size, uint32_t type, bool intra) {
    luma_transforms_[tx_size].push_back(
        {place(x4, y4, tx_size, type, intra), coefficients(tx_size)});
  }

  void code_chroma(uint32_t x4, uint32_t y4, uint32_t tx_size, uint32_t coded, bool intra) {
    ChromaTransform transform = {place(x4, y4, tx_size, 0, intra), 0, 0, 0};
    if (coded & 1) transform.cb = coefficients(tx_size);
    if (coded & 2) transform.cr = coefficients(tx_size);
    chroma_transforms_[tx_size].push_back(transform);
  }

  // ---- Lists ----

  void write_blocks() {
    std::vector<uint32_t> order(blocks_.size());
    std::iota(order.begin(), order.end(), 0u);
    const auto kind = [&](uint32_t i) {
      return !(blocks_[i].head & block_head::is_inter) ? 2u : scaled_[i] ? 1u : 0u;
    };
    const auto key = [&](uint32_t i) {
      return std::tuple(block_class(blocks_[i].place), kind(i), motion_kind(blocks_[i]));
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return key(a) < key(b); });
    for (size_t i = 0; i < order.size(); ++i) {
      job_.blocks[i] = blocks_[order[i]];
      BlockClass& c = job_.block_classes[block_class(blocks_[order[i]].place)];
      ++(kind(order[i]) == 2 ? c.intra : kind(order[i]) == 1 ? c.scaled : c.unscaled);
    }
    size_t next = 0;
    for (const bool scaled : {false, true}) {
      for (size_t i = 0; i < small_blocks_.size(); ++i) {
        if (small_scaled_[i] != scaled) continue;
        job_.small_blocks[next++] = small_blocks_[i];
        ++(scaled ? job_.scaled_small_blocks : job_.unscaled_small_blocks);
      }
    }
  }

  void write_transforms() {
    size_t luma = 0, chroma = 0;
    for (size_t size = 0; size < 4; ++size) {
      for (const auto& transform : luma_transforms_[size]) job_.luma_transforms[luma++] = transform;
      for (const auto& transform : chroma_transforms_[size])
        job_.chroma_transforms[chroma++] = transform;
      job_.luma_transform_counts[size] = static_cast<uint32_t>(luma_transforms_[size].size());
      job_.chroma_transform_counts[size] = static_cast<uint32_t>(chroma_transforms_[size].size());
    }
  }

  // Levels as defined in job.h.
  void write_strips(const InnerMap& inner, std::span<uint32_t> list,
                    std::vector<uint32_t>& levels) {
    std::vector<WithLevel<uint32_t>> strips;
    std::vector<int> level(superblocks_x_ * superblocks_y_);
    for (uint32_t y = 0; y < superblocks_y_; ++y) {
      for (uint32_t x = 0; x + 1 < superblocks_x_; ++x) {
        int& own = level[y * superblocks_x_ + x];
        if (x > 0 && inner.has_open_row(x, y)) own = level[y * superblocks_x_ + x - 1] + 1;
        if (y > 0 && (inner.has_open_row(x, y - 1) || inner.has_open_column(x, y - 1))) {
          own = std::max(own, level[(y - 1) * superblocks_x_ + x] + 1);
        }
        strips.push_back({x | y << 8, own});
      }
    }
    write_by_level(strips, list, levels);
  }

  PictureJob& job_;
  const PictureStyle style_;
  std::mt19937 random_;
  const uint32_t units_x_, units_y_, superblocks_x_, superblocks_y_;
  LevelMap luma_levels_, chroma_levels_;
  InnerMap luma_inner_, chroma_inner_;
  uint32_t base_ = 0;
  size_t coefficient_count_ = 0;
  std::vector<BlockRecord> blocks_;
  std::vector<bool> scaled_, small_scaled_;
  std::vector<SmallBlockRecord> small_blocks_;
  std::array<std::vector<LumaTransform>, 4> luma_transforms_;
  std::array<std::vector<ChromaTransform>, 4> chroma_transforms_;
  std::vector<WithLevel<uint32_t>> luma_intra_, chroma_intra_;
};

}  // namespace

void fill_random(PictureJob& job, const PictureStyle& style) {
  Filler(job, style).fill();
}

std::vector<std::byte> random_samples(const PictureLayout& layout, uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
  const uint32_t bytes = traits_of(layout.format).sample_bytes;
  const int scale = bytes == 1 ? 1 : 4;
  std::vector<std::byte> samples(layout.size);
  const uint32_t columns = layout.pitch / bytes, rows = layout.size / layout.pitch;
  for (uint32_t y = 0; y < rows; y += 8) {
    for (uint32_t x = 0; x < columns; x += 8) {
      const int kind = below(4), base = kind == 3 ? 128 : 112 + below(32);
      const int noise = kind == 0 ? 1 : kind == 1 ? 3 : kind == 2 ? 24 : 256;
      for (uint32_t i = 0; i < 64; ++i) {
        const uint32_t to_x = x + i % 8, to_y = y + i / 8;
        if (to_x >= columns || to_y >= rows) continue;
        const int value = std::clamp((base + below(noise) - noise / 2) * scale + below(scale), 0,
                                     256 * scale - 1);
        const auto word = static_cast<uint16_t>(value << 6);
        std::byte* at = samples.data() + to_y * layout.pitch + to_x * bytes;
        if (bytes == 1)
          *at = static_cast<std::byte>(value);
        else
          memcpy(at, &word, 2);
      }
    }
  }
  return samples;
}

}  // namespace daedalus::vp9
