// SPDX-License-Identifier: MIT
#include "h264/intra_parser.h"

#include <algorithm>

#include "daedalus/h264/job.h"
#include "h264/cabac_syntax.h"
#include "h264/cavlc_syntax.h"

namespace daedalus::h264 {

namespace {

// The samples that a prediction mode requires. DC's samples and those at the top right are
// optional, so they are not listed.
constexpr uint8_t left = 1, top = 2, corner = 4, all = 7;

// Tables 8-2 and 8-3: vertical, horizontal, DC, diagonal down left, diagonal down right, vertical
// right, horizontal down, vertical left, horizontal up.
constexpr std::array<uint8_t, 9> block_needs = {top, left, 0, top, all, all, all, top, left};
// Table 8-4: vertical, horizontal, DC, plane.
constexpr std::array<uint8_t, 4> luma_16x16_needs = {top, left, 0, all};
// Table 8-5: DC, horizontal, vertical, plane.
constexpr std::array<uint8_t, 4> chroma_needs = {0, left, top, all};

uint32_t samples_of_mb(const IntraNeighbours& available) {
  return (available.left && available.left_below ? left : 0u) | (available.top ? top : 0u) |
         (available.top_left ? corner : 0u);
}

// The samples available around the block in column x and row y.
uint32_t samples_of_block(const IntraNeighbours& available, uint32_t x, uint32_t y) {
  const bool has_left = x > 0 || (y < 2 ? available.left : available.left_below);
  const bool has_top = y > 0 || available.top;
  const bool has_corner = x == 0 && y == 0 ? available.top_left
                          : x == 0         ? (y < 3 ? available.left : available.left_below)
                          : y == 0         ? has_top
                                           : true;
  return (has_left ? left : 0u) | (has_top ? top : 0u) | (has_corner ? corner : 0u);
}

}  // namespace

IntraNeighbours::IntraNeighbours(const Neighbourhood& neighbourhood,
                                 bool constrained_intra_pred_flag) {
  const uint16_t wanted = static_cast<uint16_t>(
      mb_flags::available | (constrained_intra_pred_flag ? mb_flags::intra : 0));
  const auto usable = [wanted](const MbSummary& mb) { return (mb.flags & wanted) == wanted; };
  left = left_below = usable(neighbourhood.left.mb);
  if (constrained_intra_pred_flag &&
      (neighbourhood.left.mb.flags & mb_flags::intra_differs_below) != 0)
    left_below = !left;
  top = usable(neighbourhood.above->mb);
  top_right = usable(neighbourhood.above_right->mb);
  top_left = usable(neighbourhood.above_left->mb);
}

uint32_t IntraNeighbours::head_bits() const {
  return (left != left_below ? mb_head::left_differs_below : 0) |
         (left ? mb_head::left_available : 0) | (top ? mb_head::top_available : 0) |
         (top_right ? mb_head::top_right_available : 0) |
         (top_left ? mb_head::top_left_available : 0);
}

// Sets the mode that blocks at this edge assume for a neighbour in another macroblock (8.3.1.1).
template <typename Syntax>
void IntraParser<Syntax>::enter_pred_modes(MbEdge& edge) const {
  const uint16_t flags = edge.mb.flags;
  if (flags & mb_flags::has_pred_modes) return;
  const bool counts =
      constrained_intra_pred_ ? (flags & mb_flags::intra) != 0 : (flags & mb_flags::available) != 0;
  edge.pred_modes.fill(counts ? intra_dc_mode : dc_pred_mode_predicted);
}

template <typename Syntax>
bool IntraParser<Syntax>::pred_modes(bool transform_8x8, const IntraNeighbours& available,
                                     uint64_t& modes) {
  enter_pred_modes(neighbourhood_.left);
  enter_pred_modes(*neighbourhood_.above);
  auto& left_modes = neighbourhood_.left.pred_modes;
  auto& above_modes = neighbourhood_.above->pred_modes;
  const uint32_t step = transform_8x8 ? 4 : 1;  // in luma4x4BlkIdx
  modes = 0;
  for (uint32_t i = 0; i < 16; i += step) {
    const uint32_t x = luma_block_x(i), y = luma_block_y(i);
    int predicted = std::min(left_modes[y], above_modes[x]);
    if (predicted == dc_pred_mode_predicted) predicted = intra_dc_mode;
    int mode = syntax_.rem_intra_pred_mode();
    if (mode == rem_pred_mode_none)
      mode = predicted;
    else if (mode >= predicted)
      ++mode;
    if (block_needs[static_cast<uint32_t>(mode)] & ~samples_of_block(available, x, y)) return false;
    left_modes[y] = above_modes[x] = static_cast<int8_t>(mode);
    if (transform_8x8) left_modes[y + 1] = above_modes[x + 1] = static_cast<int8_t>(mode);
    modes |= static_cast<uint64_t>(mode) << i / step * 4;
  }
  return true;
}

template <typename Syntax>
bool IntraParser<Syntax>::intra_chroma_pred_mode(const IntraNeighbours& available, uint32_t& mode) {
  mode = syntax_.intra_chroma_pred_mode();
  return mode < chroma_needs.size() && !(chroma_needs[mode] & ~samples_of_mb(available));
}

template <typename Syntax>
bool IntraParser<Syntax>::is_possible_16x16(uint32_t mode, const IntraNeighbours& available) {
  return !(luma_16x16_needs[mode] & ~samples_of_mb(available));
}

template class IntraParser<CavlcSyntax>;
template class IntraParser<CabacSyntax>;

}  // namespace daedalus::h264
