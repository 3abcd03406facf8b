// SPDX-License-Identifier: MIT
#include "av1/mv_prediction.h"

#include <cstdlib>
#include <limits>

namespace daedalus::av1 {
namespace {

constexpr int32_t mv_border = 128;
constexpr uint8_t gm_translation = 1;

// has_newmv()
bool has_newmv(uint32_t y_mode) {
  constexpr uint32_t modes = 1u << newmv | 1u << new_newmv | 1u << near_newmv | 1u << new_nearmv |
                             1u << nearest_newmv | 1u << new_nearestmv;
  return (modes >> y_mode & 1) != 0;
}
bool is_global_mode(uint32_t y_mode) {
  return y_mode == globalmv || y_mode == global_globalmv;
}

int32_t round2_signed(int64_t value, uint32_t bits) {
  const int64_t half = int64_t{1} << (bits - 1);
  return static_cast<int32_t>(value >= 0 ? (value + half) >> bits : -((-value + half) >> bits));
}

int16_t in_16_bits(int32_t value) {
  return static_cast<int16_t>(std::clamp(value, -(1 << 15) + 1, (1 << 15) - 1));
}

// setup_global_mv process (7.10.2.1)
Mv global_mv(const FrameContext& frame, const Block& block, int32_t ref_frame) {
  if (ref_frame <= intra_frame) return {};
  const GlobalMotion& motion = frame.global_motion[static_cast<uint32_t>(ref_frame)];
  if (motion.type == 0) return {};
  const auto& params = motion.params;
  if (motion.type == gm_translation)
    return lower_mv_precision(*frame.picture,
                              {in_16_bits(params[0] >> 13), in_16_bits(params[1] >> 13)});
  const auto x = static_cast<int64_t>(block.mi_col * 4 + block.width * 2 - 1);
  const auto y = static_cast<int64_t>(block.mi_row * 4 + block.height * 2 - 1);
  const int64_t xc = (params[2] - (1 << 16)) * x + params[3] * y + params[0];
  const int64_t yc = params[4] * x + (params[5] - (1 << 16)) * y + params[1];
  if (frame.picture->allow_high_precision_mv)
    return {in_16_bits(round2_signed(yc, 13)), in_16_bits(round2_signed(xc, 13))};
  return lower_mv_precision(*frame.picture, {in_16_bits(round2_signed(yc, 14) * 2),
                                             in_16_bits(round2_signed(xc, 14) * 2)});
}

// The search for one block. Vectors in the grid already have the frame's precision.
template <bool is_compound>
class Search {
 public:
  Search(const TileContext& tile, const TileMotionField* temporal, const Block& block,
         MvStack& stack)
      : tile_(tile),
        frame_(*tile.frame),
        block_(block),
        temporal_(temporal),
        stack_(stack),
        mi_row_(static_cast<int32_t>(block.mi_row)),
        mi_col_(static_cast<int32_t>(block.mi_col)),
        ref_0_(block.info.ref_frame[0]),
        ref_1_(block.info.ref_frame[1]) {}

  void run();

 private:
  // A neighbour that spans this block's whole edge: its first row (column), and its vector's index
  // in the stack. Scans further out find the same block until they are past that row (column).
  struct Cover {
    int32_t first = std::numeric_limits<int32_t>::max();
    uint32_t index = none;
  };
  static constexpr uint32_t none = MvStack::capacity + 1;

  void set_up_globals();
  void set_up_limits();
  bool scan_row(int32_t delta_row, Cover& cover);
  bool scan_column(int32_t delta_col, Cover& cover);
  template <bool is_close>
  bool scan_units_of_row(uint32_t row, Cover& cover);
  template <bool is_close>
  bool scan_units_of_column(uint32_t column, Cover& cover);
  bool scan_above(int32_t delta_row, int32_t delta_col);
  void scan_temporal();
  void scan_temporal_around();
  MvPair temporal_pair(TemporalMv from) const;
  void add_temporal(TemporalMv from);
  bool is_far_from_global(MvPair pair) const;
  uint32_t add_candidate(const BlockInfo& candidate, uint32_t weight);
  MvPair candidate_pair(const BlockInfo& candidate) const;
  uint32_t find(MvPair pair) const;
  uint32_t add(MvPair pair, uint32_t weight);
  void sort(uint32_t begin, uint32_t end);
  void search_further();
  void add_extra(const BlockInfo& candidate);
  void add_extra_single(const BlockInfo& candidate);
  void combine_extra();
  Mv towards(Mv mv, int32_t from, int32_t to) const;

  const TileContext& tile_;
  const FrameContext& frame_;
  const Block& block_;
  const TileMotionField* const temporal_;
  MvStack& stack_;
  const int32_t mi_row_, mi_col_;
  const int8_t ref_0_, ref_1_;
  std::array<bool, 2> warps_{};  // GmType[RefFrame[list]] > TRANSLATION
  bool any_warps_ = false;
  bool new_mv_found_ = false;  // NewMvCount is not 0
  TemporalMv last_temporal_{};
  uint32_t last_temporal_index_ = none;

  // RefIdMvs and RefDiffMvs
  struct ExtraMvs {
    std::array<Mv, 2> same, other;
    uint32_t same_count = 0, other_count = 0;
  };
  std::array<ExtraMvs, 2> extra_;
};

template <bool is_compound>
void Search<is_compound>::run() {
  stack_.count = 0;
  stack_.weights = {};
  set_up_globals();
  set_up_limits();

  Cover above_cover, left_cover;
  bool above = scan_row(-1, above_cover);
  bool left = scan_column(-1, left_cover);
  if (std::max(block_.width, block_.height) <= 16 &&
      scan_above(-1, static_cast<int32_t>(block_.width)))
    above = true;
  const uint32_t close_matches = uint32_t{above} + uint32_t{left};
  stack_.nearest_count = stack_.count;
  const bool has_new = new_mv_found_;

  stack_.zero_mv_context = 0;
  if (temporal_) scan_temporal();
  above |= scan_above(-1, -1);
  above |= scan_row(-3, above_cover);
  left |= scan_column(-3, left_cover);
  if (block_.height > 1) above |= scan_row(-5, above_cover);
  if (block_.width > 1) left |= scan_column(-5, left_cover);
  const uint32_t matches = uint32_t{above} + uint32_t{left};

  sort(0, stack_.nearest_count);
  sort(stack_.nearest_count, stack_.count);
  if (stack_.count < 2) search_further();

  if (close_matches == 0) {
    stack_.new_mv_context = static_cast<uint8_t>(std::min(matches, 1u));
    stack_.ref_mv_context = static_cast<uint8_t>(matches);
  } else if (close_matches == 1) {
    stack_.new_mv_context = has_new ? 2 : 3;
    stack_.ref_mv_context = static_cast<uint8_t>(2 + matches);
  } else {
    stack_.new_mv_context = has_new ? 4 : 5;
    stack_.ref_mv_context = 5;
  }
}

template <bool is_compound>
void Search<is_compound>::set_up_globals() {
  stack_.global_mvs[0] = global_mv(frame_, block_, ref_0_);
  stack_.global_mvs[1] = is_compound ? global_mv(frame_, block_, ref_1_) : Mv{};
  warps_[0] = frame_.global_motion[static_cast<uint32_t>(ref_0_)].type > gm_translation;
  if (is_compound)
    warps_[1] = frame_.global_motion[static_cast<uint32_t>(ref_1_)].type > gm_translation;
  any_warps_ = warps_[0] || warps_[1];
}

// clamp_mv_row() and clamp_mv_col() with MV_BORDER and the block's size.
template <bool is_compound>
void Search<is_compound>::set_up_limits() {
  const auto width = static_cast<int32_t>(block_.width),
             height = static_cast<int32_t>(block_.height);
  const int32_t border_y = mv_border + height * 32, border_x = mv_border + width * 32;
  stack_.row_low = -mi_row_ * 32 - border_y;
  stack_.row_high = (static_cast<int32_t>(frame_.mi_rows) - height - mi_row_) * 32 + border_y;
  stack_.col_low = -mi_col_ * 32 - border_x;
  stack_.col_high = (static_cast<int32_t>(frame_.mi_cols) - width - mi_col_) * 32 + border_x;
}

// The scan row process (7.10.2.2). Returns whether a candidate matched.
template <bool is_compound>
[[gnu::always_inline]] inline bool Search<is_compound>::scan_row(int32_t delta_row, Cover& cover) {
  const bool is_close = delta_row == -1;
  const int32_t row = mi_row_ + delta_row + (is_close ? 0 : mi_row_ & 1);
  if (row < static_cast<int32_t>(tile_.mi_row_start)) return false;
  if (is_close) return scan_units_of_row<true>(static_cast<uint32_t>(row), cover);
  if (cover.first <= row) {
    stack_.weights[cover.index] += 2 * std::max(block_.width, 2u);
    return false;  // no new match
  }
  return scan_units_of_row<false>(static_cast<uint32_t>(row), cover);
}

template <bool is_compound>
template <bool is_close>
[[gnu::noinline]] bool Search<is_compound>::scan_units_of_row(uint32_t row, Cover& cover) {
  const uint32_t width = block_.width;
  const uint32_t first = is_close ? block_.mi_col : block_.mi_col | 1;
  const uint32_t end = std::min({width, tile_.mi_col_end - first, 16u});
  const uint32_t least = width >= 16 ? 4 : is_close ? 1 : 2;
  uint32_t i = 0;
  bool found = false;
  do {
    const BlockInfo& candidate = frame_.info(row, first + i);
    const uint32_t wide = units_wide(candidate.size);
    const uint32_t length = std::max(std::min(width, wide), least);
    const uint32_t index = add_candidate(candidate, 2 * length);
    found |= index != none;
    if (is_close && i == 0 && wide >= std::max(width, 2u)) cover = {candidate.mi_row, index};
    i += length;
  } while (i < end);
  return found;
}

// The scan col process (7.10.2.3).
template <bool is_compound>
[[gnu::always_inline]] inline bool Search<is_compound>::scan_column(int32_t delta_col,
                                                                    Cover& cover) {
  const bool is_close = delta_col == -1;
  const int32_t column = mi_col_ + delta_col + (is_close ? 0 : mi_col_ & 1);
  if (column < static_cast<int32_t>(tile_.mi_col_start)) return false;
  if (is_close) return scan_units_of_column<true>(static_cast<uint32_t>(column), cover);
  if (cover.first <= column) {
    stack_.weights[cover.index] += 2 * std::max(block_.height, 2u);
    return false;  // no new match
  }
  return scan_units_of_column<false>(static_cast<uint32_t>(column), cover);
}

template <bool is_compound>
template <bool is_close>
[[gnu::noinline]] bool Search<is_compound>::scan_units_of_column(uint32_t column, Cover& cover) {
  const uint32_t height = block_.height;
  const uint32_t first = is_close ? block_.mi_row : block_.mi_row | 1;
  const uint32_t end = std::min({height, tile_.mi_row_end - first, 16u});
  const uint32_t least = height >= 16 ? 4 : is_close ? 1 : 2;
  uint32_t i = 0;
  bool found = false;
  do {
    const BlockInfo& candidate = frame_.info(first + i, column);
    const uint32_t high = units_high(candidate.size);
    const uint32_t length = std::max(std::min(height, high), least);
    const uint32_t index = add_candidate(candidate, 2 * length);
    found |= index != none;
    if (is_close && i == 0 && high >= std::max(height, 2u)) cover = {candidate.mi_col, index};
    i += length;
  } while (i < end);
  return found;
}

// The scan point process (7.10.2.4), for the row above only.
template <bool is_compound>
bool Search<is_compound>::scan_above(int32_t delta_row, int32_t delta_col) {
  const int32_t row = mi_row_ + delta_row, column = mi_col_ + delta_col;
  if (!tile_.is_inside(row, column)) return false;
  const auto mi_row = static_cast<uint32_t>(row), mi_col = static_cast<uint32_t>(column);
  if (delta_col > 0 && !tile_.is_decoded(mi_row, mi_col)) return false;
  return add_candidate(frame_.info(mi_row, mi_col), 4) != none;
}

// The temporal scan process (7.10.2.5). Places are 8x8 samples: the units at odd rows and columns.
// Tiles end at even ones.
template <bool is_compound>
void Search<is_compound>::scan_temporal() {
  const uint32_t height = std::min({block_.height, 16u, tile_.mi_row_end - block_.mi_row});
  const uint32_t width = std::min({block_.width, 16u, tile_.mi_col_end - block_.mi_col});
  const uint32_t step_y = block_.height >= 16 ? 4 : 2, step_x = block_.width >= 16 ? 4 : 2;
  const TemporalMv first = temporal_->at(block_.mi_row, block_.mi_col);
  stack_.zero_mv_context = 1;
  if (first.distance() != 0) {
    const MvPair pair = temporal_pair(first);
    stack_.zero_mv_context = is_far_from_global(pair);
    last_temporal_ = first;
    last_temporal_index_ = add(pair, 0);  // its weight is added below
  }
  for (uint32_t row = 0; row < height; row += step_y) {
    const TemporalMv* const places = &temporal_->at(block_.mi_row + row, block_.mi_col);
    for (uint32_t column = 0; column < width; column += step_x) add_temporal(places[column / 2]);
  }
  const auto may_look_around = [](uint32_t size) { return size >= 2 && size < 16; };
  if (may_look_around(block_.height) && may_look_around(block_.width)) scan_temporal_around();
}

// Places around the block, but in the same 64x64 square.
template <bool is_compound>
void Search<is_compound>::scan_temporal_around() {
  const uint32_t width = block_.width, height = block_.height;
  const uint32_t mi_row = block_.mi_row, mi_col = block_.mi_col;
  const uint32_t row = mi_row & 15, column = mi_col & 15;
  const bool has_below = row + height < 16 && mi_row + height < tile_.mi_row_end;
  if (has_below && column >= 2) add_temporal(temporal_->at(mi_row + height, mi_col - 2));
  if (column + width >= 16 || mi_col + width >= tile_.mi_col_end) return;
  if (has_below) add_temporal(temporal_->at(mi_row + height, mi_col + width));
  if (mi_row + height - 2 < tile_.mi_row_end)
    add_temporal(temporal_->at(mi_row + height - 2, mi_col + width));
}

template <bool is_compound>
MvPair Search<is_compound>::temporal_pair(TemporalMv from) const {
  const auto mv_for = [&](int8_t ref) {
    const Mv mv = frame_.motion_field->mv_for(from, static_cast<uint32_t>(ref));
    return lower_mv_precision(*frame_.picture, mv);
  };
  return mv_pair(mv_for(ref_0_), is_compound ? mv_for(ref_1_) : Mv{});
}

// The temporal sample process (7.10.2.6).
template <bool is_compound>
[[gnu::always_inline]] inline void Search<is_compound>::add_temporal(TemporalMv from) {
  if (from.distance() == 0) return;
  if (from.is_same_vector(last_temporal_)) {
    stack_.weights[last_temporal_index_] += 2;
    return;
  }
  last_temporal_ = from;
  last_temporal_index_ = add(temporal_pair(from), 2);
}

template <bool is_compound>
bool Search<is_compound>::is_far_from_global(MvPair pair) const {
  bool is_far = false;
  for (uint32_t list = 0; list < 1 + uint32_t{is_compound}; ++list) {
    const Mv mv = mv_of(pair, list), global = stack_.global_mvs[list];
    is_far |= std::abs(mv.y - global.y) >= 16 || std::abs(mv.x - global.x) >= 16;
  }
  return is_far;
}

// The add reference motion vector process (7.10.2.7) with its two search processes. Returns the
// index of the candidate's vector in the stack, `none` if the candidate does not match, or an
// unused index if the stack is full.
template <bool is_compound>
[[gnu::always_inline]] inline uint32_t Search<is_compound>::add_candidate(
    const BlockInfo& candidate, uint32_t weight) {
  const bool is_first = candidate.ref_frame[0] == ref_0_;
  // Intra blocks match only in the search of intra block copy.
  if constexpr (is_compound) {
    if (!is_first | (candidate.ref_frame[1] != ref_1_)) return none;
    new_mv_found_ |= has_newmv(candidate.y_mode);
    return add(candidate_pair(candidate), weight);
  }
  if (!is_first & (candidate.ref_frame[1] != ref_0_)) return none;
  if (!candidate.is_inter) return none;
  new_mv_found_ |= has_newmv(candidate.y_mode);
  const uint8_t size = candidate.size;
  const bool is_global = warps_[0] && is_global_mode(candidate.y_mode) &&
                         std::min(block_width_log2[size], block_height_log2[size]) >= 3;
  return add(mv_pair(is_global ? stack_.global_mvs[0] : candidate.mv[is_first ? 0 : 1]), weight);
}

template <bool is_compound>
MvPair Search<is_compound>::candidate_pair(const BlockInfo& candidate) const {
  Mv first = candidate.mv[0], second = candidate.mv[1];
  if (any_warps_ && candidate.y_mode == global_globalmv) {
    if (warps_[0]) first = stack_.global_mvs[0];
    if (warps_[1]) second = stack_.global_mvs[1];
  }
  return mv_pair(first, second);
}

// The pair's index in the stack, or the first free one. Branchless, because branches would often be
// mispredicted; pairs past the end do not matter.
template <bool is_compound>
[[gnu::always_inline]] inline uint32_t Search<is_compound>::find(MvPair pair) const {
  uint32_t places = 1u << stack_.count;
  const auto look = [&](uint32_t i) { places |= uint32_t{stack_.pairs[i] == pair} << i; };
  for (uint32_t i = 0; i < 4; ++i) look(i);
  if (stack_.count > 4) [[unlikely]]
    for (uint32_t i = 4; i < MvStack::capacity; ++i) look(i);
  const auto place = static_cast<uint32_t>(std::countr_zero(places));
  if (place > MvStack::capacity) __builtin_unreachable();  // count is at most that
  return place;
}

template <bool is_compound>
uint32_t Search<is_compound>::add(MvPair pair, uint32_t weight) {
  const uint32_t place = find(pair);
  stack_.pairs[place] = pair;
  stack_.weights[place] += weight;
  stack_.count = std::max(stack_.count, std::min(place + 1, MvStack::capacity));
  return place;
}

// The sorting process (7.10.2.11): stable, by weight.
template <bool is_compound>
void Search<is_compound>::sort(uint32_t begin, uint32_t end) {
  for (uint32_t i = begin + 1; i < end; ++i) {
    const MvPair pair = stack_.pairs[i];
    const uint32_t weight = stack_.weights[i];
    uint32_t place = i;
    for (; place > begin && stack_.weights[place - 1] < weight; --place) {
      stack_.pairs[place] = stack_.pairs[place - 1];
      stack_.weights[place] = stack_.weights[place - 1];
    }
    stack_.pairs[place] = pair;
    stack_.weights[place] = weight;
  }
}

// The extra search process (7.10.2.12).
template <bool is_compound>
void Search<is_compound>::search_further() {
  const uint32_t width = std::min(std::min(block_.width, 16u), frame_.mi_cols - block_.mi_col);
  const uint32_t height = std::min(std::min(block_.height, 16u), frame_.mi_rows - block_.mi_row);
  const uint32_t count = std::min(width, height);
  for (uint32_t i = 0; block_.avail_u && i < count && stack_.count < 2;) {
    if (block_.mi_col + i >= tile_.mi_col_end) break;
    const BlockInfo& candidate = frame_.info(block_.mi_row - 1, block_.mi_col + i);
    add_extra(candidate);
    i += units_wide(candidate.size);
  }
  for (uint32_t i = 0; block_.avail_l && i < count && stack_.count < 2;) {
    if (block_.mi_row + i >= tile_.mi_row_end) break;
    const BlockInfo& candidate = frame_.info(block_.mi_row + i, block_.mi_col - 1);
    add_extra(candidate);
    i += units_high(candidate.size);
  }
  if constexpr (is_compound) {
    combine_extra();
  } else {
    for (uint32_t i = stack_.count; i < 2; ++i) stack_.pairs[i] = mv_pair(stack_.global_mvs[0]);
  }
}

// Converts a vector between references: inverted if they are on different sides in time.
template <bool is_compound>
Mv Search<is_compound>::towards(Mv mv, int32_t from, int32_t to) const {
  if (frame_.sign_bias[static_cast<uint32_t>(from)] == frame_.sign_bias[static_cast<uint32_t>(to)])
    return mv;
  return {static_cast<int16_t>(-mv.y), static_cast<int16_t>(-mv.x)};
}

// The add extra MV candidate process (7.10.2.13).
template <bool is_compound>
void Search<is_compound>::add_extra(const BlockInfo& candidate) {
  if constexpr (!is_compound) {
    add_extra_single(candidate);
    return;
  }
  for (uint32_t from = 0; from < 2; ++from) {
    const int32_t ref = candidate.ref_frame[from];
    if (ref <= intra_frame) continue;
    for (uint32_t list = 0; list < 2; ++list) {
      const int32_t own = list == 0 ? ref_0_ : ref_1_;
      ExtraMvs& extra = extra_[list];
      if (ref == own && extra.same_count < 2)
        extra.same[extra.same_count++] = candidate.mv[from];
      else if (extra.other_count < 2)
        extra.other[extra.other_count++] = towards(candidate.mv[from], ref, own);
    }
  }
}

template <bool is_compound>
void Search<is_compound>::add_extra_single(const BlockInfo& candidate) {
  for (uint32_t from = 0; from < 2; ++from) {
    const int32_t ref = candidate.ref_frame[from];
    if (ref <= intra_frame) continue;
    const MvPair pair = mv_pair(towards(candidate.mv[from], ref, ref_0_));
    if (find(pair) == stack_.count) add(pair, 2);
  }
}

template <bool is_compound>
void Search<is_compound>::combine_extra() {
  std::array<std::array<Mv, 2>, 2> combined;  // [place][list]
  for (uint32_t list = 0; list < 2; ++list) {
    const ExtraMvs& extra = extra_[list];
    uint32_t count = 0;
    for (uint32_t i = 0; i < extra.same_count; ++i) combined[count++][list] = extra.same[i];
    for (uint32_t i = 0; i < extra.other_count && count < 2; ++i)
      combined[count++][list] = extra.other[i];
    while (count < 2) combined[count++][list] = stack_.global_mvs[list];
  }
  const MvPair first = mv_pair(combined[0][0], combined[0][1]);
  const MvPair second = mv_pair(combined[1][0], combined[1][1]);
  const auto append = [this](MvPair pair) {
    stack_.pairs[stack_.count] = pair;
    stack_.weights[stack_.count++] = 2;
  };
  if (stack_.count == 1) {
    append(first == stack_.pairs[0] ? second : first);
  } else {
    append(first);
    append(second);
  }
}

}  // namespace

void find_mv_stack(const TileContext& tile, const TileMotionField* temporal, const Block& block,
                   MvStack& stack) {
  if (block.info.is_compound())
    Search<true>(tile, temporal, block, stack).run();
  else
    Search<false>(tile, temporal, block, stack).run();
}

Mv lower_mv_precision(const PictureParameters& picture, Mv mv) {
  if (picture.allow_high_precision_mv) return mv;
  const auto lowered = [&](int16_t component) -> int16_t {
    const int32_t magnitude = std::abs(component);
    const int32_t lower = picture.force_integer_mv ? (magnitude + 3) & ~7 : magnitude & ~1;
    return static_cast<int16_t>(component < 0 ? -lower : lower);
  };
  return {lowered(mv.y), lowered(mv.x)};
}

bool has_overlappable_candidates(const TileContext& tile, const Block& block) {
  const FrameContext& frame = *tile.frame;
  if (block.avail_u) {
    const uint32_t end = std::min(frame.mi_cols, block.mi_col + block.width);
    for (uint32_t x4 = block.mi_col; x4 < end; x4 += 2)
      if (frame.info(block.mi_row - 1, x4 | 1).ref_frame[0] > intra_frame) return true;
  }
  if (block.avail_l) {
    const uint32_t end = std::min(frame.mi_rows, block.mi_row + block.height);
    for (uint32_t y4 = block.mi_row; y4 < end; y4 += 2)
      if (frame.info(y4 | 1, block.mi_col - 1).ref_frame[0] > intra_frame) return true;
  }
  return false;
}

}  // namespace daedalus::av1
