// SPDX-License-Identifier: MIT
// residual() (VP9 bitstream specification, 6.4.23), and the intra records of a block.
#include <algorithm>

#include "vp9/tile_parser.h"

namespace daedalus::vp9 {

namespace {

// A block's part of a plane, in units of 4 samples: position in its superblock, size, and the part
// for which transform blocks are coded.
struct PlaneBlock {
  uint32_t x, y, width, height, visible_width, visible_height;
};

PlaneBlock luma_of(const Block& block) {
  return {block.mi_col % 8 * 2, block.mi_row % 8 * 2,    block.width * 2,
          block.height * 2,     block.visible_width * 2, block.visible_height * 2};
}
PlaneBlock chroma_of(const Block& block) {
  return {block.mi_col % 8, block.mi_row % 8,    block.width,
          block.height,     block.visible_width, block.visible_height};
}

constexpr uint32_t mask_of(uint32_t count) {
  return (1u << count) - 1;
}
constexpr uint32_t beyond(uint32_t first, uint32_t visible, uint32_t size) {
  return mask_of(size - visible) << (first + visible);
}

// Calls on_block(x, y, context) for the plane's transform blocks: position in the block, context of
// the first coefficient. It returns whether there are any. Updates the contexts.
template <typename OnBlock>
[[gnu::always_inline]] inline void for_transform_blocks(const PlaneBlock& plane,
                                                        TransformSize tx_size,
                                                        uint32_t& above_context,
                                                        uint32_t& left_context, OnBlock on_block) {
  const uint32_t step = 1u << tx_size;
  uint32_t above = above_context, left = left_context;
  uint32_t rows = mask_of(step) << plane.y;
  for (uint32_t y = 0; y < plane.visible_height; y += step, rows <<= step) {
    uint32_t columns = mask_of(step) << plane.x;
    for (uint32_t x = 0; x < plane.visible_width; x += step, columns <<= step) {
      const uint32_t context =
          static_cast<uint32_t>((above & columns) != 0) + static_cast<uint32_t>((left & rows) != 0);
      above &= ~columns;
      left &= ~rows;
      if (on_block(x, y, context)) {
        above |= columns;
        left |= rows;
      }
    }
  }
  // Beyond the frame's edge nothing is coded.
  if (plane.visible_width != plane.width)
    above &= ~beyond(plane.x, plane.visible_width, plane.width);
  if (plane.visible_height != plane.height)
    left &= ~beyond(plane.y, plane.visible_height, plane.height);
  above_context = above;
  left_context = left;
}

uint32_t transform_word(uint32_t x, uint32_t y, TransformSize tx_size) {
  return x << transform_place::x_shift | y << transform_place::y_shift |
         static_cast<uint32_t>(tx_size) << transform_place::tx_size_shift;
}

TxType tx_type_of(PredictionMode mode) {
  constexpr std::array<TxType, intra_modes> types = {
      TxType::dct_dct,  TxType::adst_dct, TxType::dct_adst, TxType::dct_dct,  TxType::adst_adst,
      TxType::adst_dct, TxType::dct_adst, TxType::dct_adst, TxType::adst_dct, TxType::adst_adst};
  return types[mode];
}

// The samples that a mode reads.
namespace reads {
constexpr uint8_t left = 1, above = 2, corner = 4;
constexpr uint8_t all = left | above | corner;
constexpr std::array<uint8_t, intra_modes> of_mode = {left | above, above, left, above, all,
                                                      all,          all,   left, above, all};
}  // namespace reads

// The intra levels along the edges of the parsed part of a plane, each one more than in the job.
// Valid where the bit is set; elsewhere there is no intra block.
struct LevelEdges {
  uint16_t* above;
  uint16_t* left;
  uint16_t* corner;
  uint32_t& above_bits;
  uint32_t& left_bits;
  uint32_t& corner_bits;

  static uint32_t largest(const uint16_t* levels, uint32_t bits, uint32_t first, uint32_t count) {
    if ((bits >> first & mask_of(count)) == 0) return 0;
    uint32_t level = 0;
    for (uint32_t i = first; i < first + count; ++i)
      if (bits >> i & 1) level = std::max<uint32_t>(level, levels[i]);
    return level;
  }

  // The level of a transform block in its list; stored for the blocks that depend on it.
  uint32_t add(uint32_t x, uint32_t y, uint32_t size, PredictionMode mode, bool above_right) {
    const uint32_t needs = reads::of_mode[mode];
    uint32_t level = 0;
    if (needs & reads::left) level = largest(left, left_bits, y, size);
    if (needs & reads::above)
      level = std::max(level, largest(above, above_bits, x, size + above_right));
    if ((needs & reads::corner) && (corner_bits >> y & 1))
      level = std::max<uint32_t>(level, corner[y]);
    keep(x, y, size, static_cast<uint16_t>(level + 1));
    return level;
  }

  void keep(uint32_t x, uint32_t y, uint32_t size, uint16_t level) {
    const uint32_t columns = mask_of(size) << x, rows = mask_of(size) << y;
    keep_corner(x + size - 1, y);
    std::fill_n(corner + y + 1, size - 1, level);
    corner_bits |= rows & (rows << 1);
    std::fill_n(above + x, size, level);
    std::fill_n(left + y, size, level);
    above_bits |= columns;
    left_bits |= rows;
  }
  // The 4x4 block above the last column is above left of the next block to the right.
  void keep_corner(uint32_t last_column, uint32_t y) {
    corner[y] = above[last_column];
    corner_bits = (corner_bits & ~(1u << y)) | (above_bits >> last_column & 1) << y;
  }
  void clear(const PlaneBlock& plane) {
    const uint32_t rows = mask_of(plane.height) << plane.y;
    corner_bits &= ~rows;
    keep_corner(plane.x + plane.width - 1, plane.y);
    above_bits &= ~(mask_of(plane.width) << plane.x);
    left_bits &= ~rows;
  }
};

}  // namespace

void TileParser::reset_coefficient_contexts(const Block& block) {
  const PlaneBlock luma = luma_of(block), chroma = chroma_of(block);
  const auto reset = [](const PlaneBlock& plane, uint32_t& above, uint32_t& left) {
    above &= ~(mask_of(plane.width) << plane.x);
    left &= ~(mask_of(plane.height) << plane.y);
  };
  reset(luma, above_->luma, left_.luma);
  reset(chroma, above_->cb, left_.cb);
  reset(chroma, above_->cr, left_.cr);
}

// An inter block has no intra level.
void TileParser::leave_no_intra(const Block& block) {
  if ((above_->luma_intra | left_.luma_intra | luma_corner_intra_ | above_->chroma_intra |
       left_.chroma_intra | chroma_corner_intra_) == 0)
    return;
  LevelEdges{above_levels_->luma.data(), left_levels_.luma.data(), corner_levels_.luma.data(),
             above_->luma_intra,         left_.luma_intra,         luma_corner_intra_}
      .clear(luma_of(block));
  LevelEdges{above_levels_->chroma.data(), left_levels_.chroma.data(), corner_levels_.chroma.data(),
             above_->chroma_intra,         left_.chroma_intra,         chroma_corner_intra_}
      .clear(chroma_of(block));
}

CoefficientContext TileParser::coefficient_context(const Block& block, uint32_t plane,
                                                   TransformSize tx_size) {
  return {.probs = frame_->probabilities.coef[tx_size][plane][block.is_inter].data(),
          .counts = frame_->header.adapts() ? counts.coef[tx_size][plane][block.is_inter].data()
                                            : nullptr,
          .dequantization = frame_->dequantization[block.segment_id][plane].data(),
          .tx_size = tx_size,
          .ten_bits = frame_->header.persistent.bit_depth == 10};
}

// The transform record's word for the coefficients parsed next.
[[gnu::always_inline]] inline uint32_t TileParser::coefficients(const CoefficientContext& context,
                                                                uint32_t first,
                                                                const ScanStep* scan,
                                                                bool& any_token) {
  any_token = read_any_token(decoder_, context, first);
  if (!any_token) return 0;
  return records.add_coefficients(
      parse_coefficients(decoder_, context, first, scan, records.coefficients()));
}

bool TileParser::inter_residual(const Block& block) {
  bool any = false;
  const auto luma = coefficient_context(block, 0, block.tx_size);
  const ScanStep* scan = scan_steps(block.tx_size, default_scan);
  for_transform_blocks(
      luma_of(block), block.tx_size, above_->luma, left_.luma,
      [&](uint32_t x, uint32_t y, uint32_t context) {
        bool any_token;
        const uint32_t word = coefficients(luma, context, scan, any_token);
        if (word != 0)
          records.luma_transforms[block.tx_size].add(
              {transform_word(block.mi_col * 2 + x, block.mi_row * 2 + y, block.tx_size), word});
        any |= any_token;
        return any_token;
      });

  const TransformSize uv_size = uv_tx_size(block.size, block.tx_size);
  const auto chroma = coefficient_context(block, 1, uv_size);
  const PlaneBlock plane = chroma_of(block);
  scan = scan_steps(uv_size, default_scan);
  std::array<uint32_t, 64> cb_words;
  for_transform_blocks(plane, uv_size, above_->cb, left_.cb,
                       [&](uint32_t x, uint32_t y, uint32_t context) {
                         bool any_token;
                         cb_words[y * 8 + x] = coefficients(chroma, context, scan, any_token);
                         any |= any_token;
                         return any_token;
                       });
  for_transform_blocks(
      plane, uv_size, above_->cr, left_.cr, [&](uint32_t x, uint32_t y, uint32_t context) {
        bool any_token;
        const uint32_t cb = cb_words[y * 8 + x];
        const uint32_t cr = coefficients(chroma, context, scan, any_token);
        if ((cb | cr) != 0)
          records.chroma_transforms[uv_size].add(
              {transform_word(block.mi_col + x, block.mi_row + y, uv_size), cb, cr, 0});
        any |= any_token;
        return any_token;
      });
  return any;
}

void TileParser::intra_residual(const Block& block) {
  intra_luma(block);
  intra_chroma(block);
}

void TileParser::intra_luma(const Block& block) {
  const TransformSize tx_size = block.tx_size;
  const auto parameters = coefficient_context(block, 0, tx_size);
  const PlaneBlock plane = luma_of(block);
  const bool has_types = tx_size != tx_32x32 && !frame_->header.quantizer.lossless();
  LevelEdges levels{above_levels_->luma.data(), left_levels_.luma.data(),
                    corner_levels_.luma.data(), above_->luma_intra,
                    left_.luma_intra,           luma_corner_intra_};
  for_transform_blocks(
      plane, tx_size, above_->luma, left_.luma, [&](uint32_t x, uint32_t y, uint32_t context) {
        const PredictionMode mode = block.is_small() ? block.sub_modes[y * 2 + x] : block.info.mode;
        bool any_token = false;
        uint32_t word = 0;
        const uint32_t x4 = block.mi_col * 2 + x, y4 = block.mi_row * 2 + y;
        if (!block.skip)
          word = coefficients(parameters, context,
                              scan_steps(tx_size, has_types ? scan_of_mode[mode] : default_scan),
                              any_token);
        if (word != 0) {
          const uint32_t type = has_types ? static_cast<uint32_t>(tx_type_of(mode)) : 0;
          records.luma_transforms[tx_size].add({transform_word(x4, y4, tx_size) |
                                                    type << transform_place::tx_type_shift |
                                                    transform_place::is_intra,
                                                word});
        }
        const bool has_right = tx_size == tx_4x4 && x + 1 < plane.width;
        records.luma_intra.add(
            {intra_word(x4, y4, static_cast<TxSize>(tx_size), static_cast<IntraMode>(mode),
                        x4 != mi_col_begin_ * 2, has_right, word != 0),
             levels.add(plane.x + x, plane.y + y, 1u << tx_size, mode, has_right)});
        return any_token;
      });
}

void TileParser::intra_chroma(const Block& block) {
  const TransformSize tx_size = uv_tx_size(block.size, block.tx_size);
  const auto parameters = coefficient_context(block, 1, tx_size);
  const ScanStep* const scan = scan_steps(tx_size, default_scan);
  const PlaneBlock plane = chroma_of(block);
  LevelEdges levels{above_levels_->chroma.data(), left_levels_.chroma.data(),
                    corner_levels_.chroma.data(), above_->chroma_intra,
                    left_.chroma_intra,           chroma_corner_intra_};
  std::array<uint32_t, 64> cb_words;
  const auto parse = [&](uint32_t context, uint32_t& word) {
    bool any_token = false;
    word = block.skip ? 0 : coefficients(parameters, context, scan, any_token);
    return any_token;
  };
  for_transform_blocks(plane, tx_size, above_->cb, left_.cb,
                       [&](uint32_t x, uint32_t y, uint32_t context) {
                         return parse(context, cb_words[y * 8 + x]);
                       });
  for_transform_blocks(
      plane, tx_size, above_->cr, left_.cr, [&](uint32_t x, uint32_t y, uint32_t context) {
        const uint32_t cb = cb_words[y * 8 + x];
        uint32_t cr;
        const bool any_token = parse(context, cr);
        const uint32_t x4 = block.mi_col + x, y4 = block.mi_row + y;
        if ((cb | cr) != 0)
          records.chroma_transforms[tx_size].add(
              {transform_word(x4, y4, tx_size) | transform_place::is_intra, cb, cr, 0});
        const bool has_right = tx_size == tx_4x4 && x + 1 < plane.width;
        const uint32_t coded = static_cast<uint32_t>(cb != 0) | static_cast<uint32_t>(cr != 0) << 1;
        records.chroma_intra.add(
            {intra_word(x4, y4, static_cast<TxSize>(tx_size), static_cast<IntraMode>(block.uv_mode),
                        x4 != mi_col_begin_, has_right, coded),
             levels.add(plane.x + x, plane.y + y, 1u << tx_size, block.uv_mode, has_right)});
        return any_token;
      });
}

}  // namespace daedalus::vp9
