#include "random_picture.h"

#include <algorithm>
#include <array>

namespace daedalus::h264 {
namespace {

constexpr uint32_t pcm_words = 96;

class Filler {
 public:
  Filler(PictureJob& job, uint32_t width_in_mbs, uint32_t height_in_mbs, const PictureStyle& style)
      : job_(job),
        width_(width_in_mbs),
        height_(height_in_mbs),
        style_(style),
        random_(style.seed) {}

  void fill() {
    fill_header();
    for (auto& weight : job_.weights.first(2)) weight = {32, 32, 32, 5 | 5 << 8};
    for (uint32_t mb = 0; mb < width_ * height_; ++mb) {
      job_.mbs[mb] = chance(style_.pcm_percent) ? pcm(mb) : inter(mb);
    }
    if (intra_count_ != 0) job_.intra_levels = {0, intra_count_};
    job_.deblocks = style_.deblocks;
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  uint32_t below(uint32_t end) {
    return static_cast<uint32_t>(between(0, static_cast<int>(end) - 1));
  }
  bool chance(uint32_t percent) { return below(100) < percent; }

  void fill_header() {
    JobHeader& header = *job_.header;
    // The stage writes these too; what the test compares with reads them before.
    header.width_in_mbs = width_;
    header.height_in_mbs = height_;
    const int cb_offset = between(-12, 12), cr_offset = between(-12, 12);
    for (int qp = 0; qp < 52; ++qp) {
      header.chroma_qp[static_cast<std::size_t>(qp)] =
          chroma_qp(qp + cb_offset) | chroma_qp(qp + cr_offset) << 8;
    }
    for (auto& list : header.level_scale_4x4) {
      for (auto& scales : list) std::fill(std::begin(scales), std::end(scales), 16 * 13);
    }
    for (auto& list : header.level_scale_8x8) {
      for (auto& scales : list) std::fill(std::begin(scales), std::end(scales), 16 * 20);
    }
  }

  // Table 8-15
  static uint32_t chroma_qp(int index) {
    constexpr std::array<uint8_t, 22> above_29 = {29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36,
                                                  36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39};
    const int clipped = std::clamp(index, 0, 51);
    return clipped < 30 ? static_cast<uint32_t>(clipped)
                        : above_29[static_cast<std::size_t>(clipped - 30)];
  }

  // What all macroblocks have: QP and everything for the deblocking filter.
  uint32_t head(uint32_t mb, MbKind kind) {
    uint32_t head = static_cast<uint32_t>(kind) << mb_head::kind_shift;
    head |= static_cast<uint32_t>(between(style_.min_qp, style_.max_qp)) << mb_head::qp_shift;
    if (chance(40)) head |= mb_head::transform_8x8;
    if (!chance(style_.unfiltered_percent)) head |= mb_head::filter_inside;
    if (mb % width_ != 0 && !chance(style_.unfiltered_percent)) head |= mb_head::filter_left;
    if (mb >= width_ && !chance(style_.unfiltered_percent)) head |= mb_head::filter_top;
    head |= offset() << mb_head::filter_offset_a_shift;
    head |= offset() << mb_head::filter_offset_b_shift;
    return style_.deblocks
               ? head
               : head & ~(mb_head::filter_inside | mb_head::filter_left | mb_head::filter_top);
  }

  uint32_t offset() {
    return static_cast<uint32_t>(between(style_.min_offset, style_.max_offset) + 6);
  }

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
    job_.intra_mbs[intra_count_++] = mb;
    return {head(mb, MbKind::pcm), 0, first, 0};
  }

  MbRecord inter(uint32_t mb) {
    constexpr std::array<uint32_t, 5> entry_counts = {1, 2, 2, 4, 16};
    const uint32_t shape = below(5);
    const uint32_t record_head = head(mb, MbKind::inter) | shape << mb_head::motion_shape_shift;
    const uint32_t first_entry = entry_count_;
    for (uint32_t i = 0; i < entry_counts[shape]; ++i)
      job_.entries[entry_count_++].motion = motion();
    ++job_.inter_mb_count;

    const uint32_t first_block = block_count_;
    uint32_t coded_blocks = 0;
    const bool transform_8x8 = (record_head & mb_head::transform_8x8) != 0;
    for (uint32_t bit = coded_block::luma_block; bit < max_blocks_per_mb; ++bit) {
      const bool luma = bit < coded_block::cb_dc;
      if (luma && transform_8x8 && (bit - coded_block::luma_block) % 4 != 0) continue;
      if (!chance(style_.coded_percent)) continue;
      coded_blocks |= 1u << bit;
      const uint32_t positions = !luma ? 4 : transform_8x8 ? 64 : 16;
      job_.blocks[block_count_++] = block_word(coefficient_count_, 1);
      job_.coefficients[coefficient_count_++] = coefficient_word(
          chance(50) ? 1 : -1, bit < coded_block::cb_block ? below(positions) : 1 + below(15));
    }
    return {record_head, coded_blocks, first_block, first_entry};
  }

  // Vectors around those that are a whole sample apart, of few pictures, so that strengths of 0 and
  // of 1 are about as frequent.
  MotionEntry motion() {
    MotionEntry entry = {};
    const auto vector = [&] {
      return std::array<int16_t, 2>{static_cast<int16_t>(between(0, 4)),
                                    static_cast<int16_t>(between(-1, 3))};
    };
    entry.mv_l0 = vector();
    entry.mv_l1 = vector();
    const uint32_t lists = below(4);
    const uint32_t slot_l0 = lists == 1 ? no_reference : below(2);
    const uint32_t slot_l1 = lists == 0 ? no_reference : below(2);
    entry.slots = slot_l0 | slot_l1 << 8;
    return entry;
  }

  PictureJob& job_;
  const uint32_t width_, height_;
  const PictureStyle style_;
  std::mt19937 random_;
  uint32_t entry_count_ = 0, block_count_ = 0, coefficient_count_ = 0, intra_count_ = 0;
};

}  // namespace

std::size_t coefficient_words(uint32_t width_in_mbs, uint32_t height_in_mbs) {
  return std::size_t{width_in_mbs} * height_in_mbs * std::max(pcm_words, max_blocks_per_mb);
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

}  // namespace daedalus::h264
