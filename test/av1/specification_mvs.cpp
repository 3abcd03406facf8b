// SPDX-License-Identifier: MIT
#include "specification_mvs.h"

#include <algorithm>
#include <cstdlib>

namespace daedalus::av1 {
namespace {

using Vector = SpecificationMvs::Vector;

Vector vector_of(Mv mv) {
  return {mv.y, mv.x};
}
int32_t wide(const BlockInfo& block) {
  return static_cast<int32_t>(units_wide(block.size));
}
int32_t high(const BlockInfo& block) {
  return static_cast<int32_t>(units_high(block.size));
}
bool has_newmv(uint32_t mode) {
  return mode == newmv || mode == new_newmv || mode == near_newmv || mode == new_nearmv ||
         mode == nearest_newmv || mode == new_nearestmv;
}
int32_t round2_signed(int64_t value, uint32_t bits) {
  const int64_t half = int64_t{1} << (bits - 1);
  return static_cast<int32_t>(value < 0 ? -((-value + half) >> bits) : (value + half) >> bits);
}

}  // namespace

void SpecificationMvs::find_mv_stack() {
  global_mvs[0] = setup_global_mv(0);
  if (compound_) global_mvs[1] = setup_global_mv(1);
  found_match_ = false;
  scan_row(-1);
  bool found_above = found_match_;
  found_match_ = false;
  scan_col(-1);
  bool found_left = found_match_;
  found_match_ = false;
  if (std::max(bw4_, bh4_) <= 16) scan_point(-1, bw4_);
  if (found_match_) found_above = true;
  close_matches_ = uint32_t{found_above} + uint32_t{found_left};
  const uint32_t num_nearest = num_mv_found, num_new = new_mv_count;
  for (uint32_t i = 0; i < num_nearest; ++i) weight_stack[i] += 640;
  zero_mv_context = 0;
  if (field_) temporal_scan();
  scan_point(-1, -1);
  if (found_match_) found_above = true;
  found_match_ = false;
  scan_row(-3);
  if (found_match_) found_above = true;
  found_match_ = false;
  scan_col(-3);
  if (found_match_) found_left = true;
  found_match_ = false;
  if (bh4_ > 1) scan_row(-5);
  if (found_match_) found_above = true;
  found_match_ = false;
  if (bw4_ > 1) scan_col(-5);
  if (found_match_) found_left = true;
  total_matches_ = uint32_t{found_above} + uint32_t{found_left};
  sort(0, num_nearest);
  sort(num_nearest, num_mv_found);
  if (num_mv_found < 2) extra_search();
  context_and_clamping(num_new);
}

Vector SpecificationMvs::setup_global_mv(uint32_t list) const {
  const int32_t ref = block_.info.ref_frame[list];
  if (ref == intra_frame) return {0, 0};
  const GlobalMotion& motion = tile_.frame->global_motion[static_cast<uint32_t>(ref)];
  const auto& gm = motion.params;
  Vector mv{};
  if (motion.type == 1) {
    mv = {gm[0] >> 13, gm[1] >> 13};
  } else if (motion.type > 1) {
    const int64_t x = mi_col_ * 4 + bw4_ * 4 / 2 - 1, y = mi_row_ * 4 + bh4_ * 4 / 2 - 1;
    const int64_t xc = (gm[2] - (1 << 16)) * x + gm[3] * y + gm[0];
    const int64_t yc = gm[4] * x + (gm[5] - (1 << 16)) * y + gm[1];
    if (tile_.picture().allow_high_precision_mv)
      mv = {round2_signed(yc, 13), round2_signed(xc, 13)};
    else
      mv = {round2_signed(yc, 14) * 2, round2_signed(xc, 14) * 2};
  }
  lower_mv_precision(mv);
  return mv;
}

void SpecificationMvs::lower_mv_precision(Vector& mv) const {
  if (tile_.picture().allow_high_precision_mv) return;
  for (int32_t& component : mv) {
    if (tile_.picture().force_integer_mv) {
      const int32_t whole = (std::abs(component) + 3) >> 3;
      component = component > 0 ? whole << 3 : -(whole << 3);
    } else if ((component & 1) != 0) {
      component += component > 0 ? -1 : 1;
    }
  }
}

void SpecificationMvs::scan_row(int32_t delta_row) {
  const int32_t end4 = std::min(std::min(bw4_, mi_cols_ - mi_col_), 16);
  int32_t delta_col = 0;
  const bool use_step_16 = bw4_ >= 16;
  if (std::abs(delta_row) > 1) {
    delta_row += mi_row_ & 1;
    delta_col = 1 - (mi_col_ & 1);
  }
  for (int32_t i = 0; i < end4;) {
    const int32_t row = mi_row_ + delta_row, col = mi_col_ + delta_col + i;
    if (!is_inside(row, col)) break;
    int32_t len = std::min(bw4_, wide(*at(row, col)));
    if (std::abs(delta_row) > 1) len = std::max(2, len);
    if (use_step_16) len = std::max(4, len);
    add_ref_mv_candidate(row, col, static_cast<uint32_t>(len * 2));
    i += len;
  }
}

void SpecificationMvs::scan_col(int32_t delta_col) {
  const int32_t end4 = std::min(std::min(bh4_, mi_rows_ - mi_row_), 16);
  int32_t delta_row = 0;
  const bool use_step_16 = bh4_ >= 16;
  if (std::abs(delta_col) > 1) {
    delta_row = 1 - (mi_row_ & 1);
    delta_col += mi_col_ & 1;
  }
  for (int32_t i = 0; i < end4;) {
    const int32_t row = mi_row_ + delta_row + i, col = mi_col_ + delta_col;
    if (!is_inside(row, col)) break;
    int32_t len = std::min(bh4_, high(*at(row, col)));
    if (std::abs(delta_col) > 1) len = std::max(2, len);
    if (use_step_16) len = std::max(4, len);
    add_ref_mv_candidate(row, col, static_cast<uint32_t>(len * 2));
    i += len;
  }
}

void SpecificationMvs::scan_point(int32_t delta_row, int32_t delta_col) {
  const int32_t row = mi_row_ + delta_row, col = mi_col_ + delta_col;
  if (is_inside(row, col) && at(row, col)) add_ref_mv_candidate(row, col, 4);
}

void SpecificationMvs::temporal_scan() {
  const int32_t step_w4 = bw4_ >= 16 ? 4 : 2, step_h4 = bh4_ >= 16 ? 4 : 2;
  for (int32_t row = 0; row < std::min(bh4_, 16); row += step_h4)
    for (int32_t col = 0; col < std::min(bw4_, 16); col += step_w4) add_tpl_ref_mv(row, col);
  if (bh4_ < 2 || bh4_ >= 16 || bw4_ < 2 || bw4_ >= 16) return;
  const int32_t places[3][2] = {{bh4_, -2}, {bh4_, bw4_}, {bh4_ - 2, bw4_}};
  for (const auto& place : places) {
    const int32_t row = (mi_row_ & 15) + place[0], col = (mi_col_ & 15) + place[1];
    if (row >= 0 && row < 16 && col >= 0 && col < 16) add_tpl_ref_mv(place[0], place[1]);
  }
}

void SpecificationMvs::add_tpl_ref_mv(int32_t delta_row, int32_t delta_col) {
  const int32_t row = (mi_row_ + delta_row) | 1, col = (mi_col_ + delta_col) | 1;
  if (!is_inside(row, col)) return;
  const bool is_first = delta_row == 0 && delta_col == 0;
  if (is_first) zero_mv_context = 1;
  const Temporal& temporal =
      (*field_)[static_cast<std::size_t>((row >> 1) * (mi_cols_ / 2) + (col >> 1))];
  if (!temporal.valid) return;
  std::array<Vector, 2> mvs{};
  bool far = false;
  for (uint32_t list = 0; list < 1 + uint32_t{compound_}; ++list) {
    mvs[list] = vector_of(temporal.mv[static_cast<uint32_t>(block_.info.ref_frame[list])]);
    lower_mv_precision(mvs[list]);
    far = far || std::abs(mvs[list][0] - global_mvs[list][0]) >= 16 ||
          std::abs(mvs[list][1] - global_mvs[list][1]) >= 16;
  }
  if (is_first) zero_mv_context = far;
  push(mvs, 2);
}

void SpecificationMvs::push(const std::array<Vector, 2>& mvs, uint32_t weight) {
  uint32_t idx = 0;
  while (idx < num_mv_found && ref_stack_mv[idx] != mvs) ++idx;
  if (idx < num_mv_found) {
    weight_stack[idx] += weight;
  } else if (num_mv_found < 8) {
    ref_stack_mv[num_mv_found] = mvs;
    weight_stack[num_mv_found++] = weight;
  }
}

void SpecificationMvs::add_ref_mv_candidate(int32_t row, int32_t col, uint32_t weight) {
  const BlockInfo& candidate = *at(row, col);
  if (!candidate.is_inter) return;
  if (!compound_) {
    for (uint32_t list = 0; list < 2; ++list)
      if (candidate.ref_frame[list] == block_.info.ref_frame[0])
        search_stack(candidate, list, weight);
  } else if (candidate.ref_frame == block_.info.ref_frame) {
    compound_search_stack(candidate, weight);
  }
}

void SpecificationMvs::search_stack(const BlockInfo& candidate, uint32_t list, uint32_t weight) {
  const bool large = std::min(wide(candidate), high(candidate)) >= 2;
  Vector mv = vector_of(candidate.mv[list]);
  const auto ref = static_cast<uint32_t>(block_.info.ref_frame[0]);
  if ((candidate.y_mode == globalmv || candidate.y_mode == global_globalmv) &&
      tile_.frame->global_motion[ref].type > 1 && large)
    mv = global_mvs[0];
  lower_mv_precision(mv);
  if (has_newmv(candidate.y_mode)) ++new_mv_count;
  found_match_ = true;
  push({mv, Vector{}}, weight);
}

void SpecificationMvs::compound_search_stack(const BlockInfo& candidate, uint32_t weight) {
  std::array<Vector, 2> mvs = {vector_of(candidate.mv[0]), vector_of(candidate.mv[1])};
  for (uint32_t list = 0; list < 2; ++list) {
    const auto ref = static_cast<uint32_t>(block_.info.ref_frame[list]);
    if (candidate.y_mode == global_globalmv && tile_.frame->global_motion[ref].type > 1)
      mvs[list] = global_mvs[list];
    lower_mv_precision(mvs[list]);
  }
  found_match_ = true;
  push(mvs, weight);
  if (has_newmv(candidate.y_mode)) ++new_mv_count;
}

void SpecificationMvs::sort(uint32_t start, uint32_t end) {
  while (end > start) {
    uint32_t new_end = start;
    for (uint32_t idx = start + 1; idx < end; ++idx)
      if (weight_stack[idx - 1] < weight_stack[idx]) {
        std::swap(weight_stack[idx - 1], weight_stack[idx]);
        std::swap(ref_stack_mv[idx - 1], ref_stack_mv[idx]);
        new_end = idx;
      }
    end = new_end;
  }
}

void SpecificationMvs::extra_search() {
  const int32_t w4 = std::min(std::min(16, bw4_), mi_cols_ - mi_col_);
  const int32_t h4 = std::min(std::min(16, bh4_), mi_rows_ - mi_row_);
  const int32_t num4x4 = std::min(w4, h4);
  for (uint32_t pass = 0; pass < 2; ++pass)
    for (int32_t idx = 0; idx < num4x4 && num_mv_found < 2;) {
      const int32_t row = pass == 0 ? mi_row_ - 1 : mi_row_ + idx;
      const int32_t col = pass == 0 ? mi_col_ + idx : mi_col_ - 1;
      if (!is_inside(row, col)) break;
      add_extra_mv_candidate(*at(row, col));
      idx += pass == 0 ? wide(*at(row, col)) : high(*at(row, col));
    }
  if (!compound_) {
    for (uint32_t idx = num_mv_found; idx < 2; ++idx) ref_stack_mv[idx][0] = global_mvs[0];
    return;
  }
  std::array<std::array<Vector, 2>, 2> combined{};
  for (uint32_t list = 0; list < 2; ++list) {
    std::vector<Vector> all = ref_id_mvs_[list];
    all.insert(all.end(), ref_diff_mvs_[list].begin(), ref_diff_mvs_[list].end());
    all.resize(std::max<std::size_t>(all.size(), 2), global_mvs[list]);
    combined[0][list] = all[0];
    combined[1][list] = all[1];
  }
  if (num_mv_found == 1) {
    ref_stack_mv[1] = combined[combined[0] == ref_stack_mv[0] ? 1 : 0];
    weight_stack[1] = 2;
  } else {
    ref_stack_mv[0] = combined[0];
    ref_stack_mv[1] = combined[1];
    weight_stack[0] = weight_stack[1] = 2;
  }
  num_mv_found = 2;
}

void SpecificationMvs::add_extra_mv_candidate(const BlockInfo& candidate) {
  const auto& bias = tile_.frame->sign_bias;
  for (uint32_t from = 0; from < 2; ++from) {
    const int32_t ref = candidate.ref_frame[from];
    if (ref <= intra_frame) continue;
    for (uint32_t list = 0; list < 1 + uint32_t{compound_}; ++list) {
      Vector mv = vector_of(candidate.mv[from]);
      const int32_t own = block_.info.ref_frame[list];
      const bool turned = bias[static_cast<uint32_t>(ref)] != bias[static_cast<uint32_t>(own)];
      if (compound_ && ref == own && ref_id_mvs_[list].size() < 2) {
        ref_id_mvs_[list].push_back(mv);
        continue;
      }
      if (turned) mv = {-mv[0], -mv[1]};
      if (compound_) {
        if (ref_diff_mvs_[list].size() < 2) ref_diff_mvs_[list].push_back(mv);
        continue;
      }
      uint32_t idx = 0;
      while (idx < num_mv_found && ref_stack_mv[idx][0] != mv) ++idx;
      if (idx < num_mv_found) continue;
      ref_stack_mv[idx][0] = mv;
      weight_stack[idx] = 2;
      ++num_mv_found;
    }
  }
}

void SpecificationMvs::context_and_clamping(uint32_t num_new) {
  for (uint32_t idx = 0; idx < num_mv_found; ++idx) {
    uint32_t z = 0;
    if (idx + 1 < num_mv_found) {
      if (weight_stack[idx] >= 640)
        z = weight_stack[idx + 1] < 640 ? 1 : 0;
      else
        z = 2;
    }
    drl_ctx_stack[idx] = z;
    for (Vector& mv : ref_stack_mv[idx]) {
      const int32_t border_y = 128 + bh4_ * 4 * 8, border_x = 128 + bw4_ * 4 * 8;
      mv[0] = std::clamp(mv[0], -(mi_row_ * 4 * 8) - border_y,
                         (mi_rows_ - bh4_ - mi_row_) * 4 * 8 + border_y);
      mv[1] = std::clamp(mv[1], -(mi_col_ * 4 * 8) - border_x,
                         (mi_cols_ - bw4_ - mi_col_) * 4 * 8 + border_x);
    }
  }
  if (close_matches_ == 0) {
    new_mv_context = std::min(total_matches_, 1u);
    ref_mv_context = total_matches_;
  } else if (close_matches_ == 1) {
    new_mv_context = 3 - std::min(num_new, 1u);
    ref_mv_context = 2 + total_matches_;
  } else {
    new_mv_context = 5 - std::min(num_new, 1u);
    ref_mv_context = 5;
  }
}

bool SpecificationMvs::has_overlappable_candidates() const {
  if (block_.avail_u)
    for (int32_t x4 = mi_col_; x4 < std::min(mi_cols_, mi_col_ + bw4_); x4 += 2)
      if (at(mi_row_ - 1, x4 | 1)->ref_frame[0] > intra_frame) return true;
  if (block_.avail_l)
    for (int32_t y4 = mi_row_; y4 < std::min(mi_rows_, mi_row_ + bh4_); y4 += 2)
      if (at(y4 | 1, mi_col_ - 1)->ref_frame[0] > intra_frame) return true;
  return false;
}

void SpecificationMvs::find_warp_samples() {
  bool do_top_left = true, do_top_right = true;
  if (block_.avail_u) {
    const int32_t src_w = wide(*at(mi_row_ - 1, mi_col_));
    if (bw4_ <= src_w) {
      const int32_t col_offset = -(mi_col_ & (src_w - 1));
      if (col_offset < 0) do_top_left = false;
      if (col_offset + src_w > bw4_) do_top_right = false;
      add_sample(-1, 0);
    } else {
      for (int32_t i = 0; i < std::min(bw4_, mi_cols_ - mi_col_);) {
        const int32_t step = std::min(bw4_, wide(*at(mi_row_ - 1, mi_col_ + i)));
        add_sample(-1, i);
        i += step;
      }
    }
  }
  if (block_.avail_l) {
    const int32_t src_h = high(*at(mi_row_, mi_col_ - 1));
    if (bh4_ <= src_h) {
      if (-(mi_row_ & (src_h - 1)) < 0) do_top_left = false;
      add_sample(0, -1);
    } else {
      for (int32_t i = 0; i < std::min(bh4_, mi_rows_ - mi_row_);) {
        const int32_t step = std::min(bh4_, high(*at(mi_row_ + i, mi_col_ - 1)));
        add_sample(i, -1);
        i += step;
      }
    }
  }
  if (do_top_left) add_sample(-1, -1);
  if (do_top_right && std::max(bw4_, bh4_) <= 16) add_sample(-1, bw4_);
  if (num_samples == 0 && num_samples_scanned > 0) num_samples = 1;
}

void SpecificationMvs::add_sample(int32_t delta_row, int32_t delta_col) {
  if (num_samples_scanned >= 8) return;
  const int32_t row = mi_row_ + delta_row, col = mi_col_ + delta_col;
  if (!is_inside(row, col) || !at(row, col)) return;
  const BlockInfo& candidate = *at(row, col);
  if (candidate.ref_frame[0] != block_.info.ref_frame[0] || candidate.ref_frame[1] != no_ref)
    return;
  const int32_t w4 = wide(candidate), h4 = high(candidate);
  const int32_t mid_y = (row & ~(h4 - 1)) * 4 + h4 * 2 - 1;
  const int32_t mid_x = (col & ~(w4 - 1)) * 4 + w4 * 2 - 1;
  const int32_t threshold = std::clamp(std::max(bw4_ * 4, bh4_ * 4), 16, 112);
  const Mv mv = candidate.mv[0], own = block_.info.mv[0];
  const bool valid = std::abs(mv.y - own.y) + std::abs(mv.x - own.x) <= threshold;
  ++num_samples_scanned;
  if (!valid && num_samples_scanned > 1) return;
  cand_list[num_samples] = {mid_y * 8, mid_x * 8, mid_y * 8 + mv.y, mid_x * 8 + mv.x};
  if (valid) ++num_samples;
}

}  // namespace daedalus::av1
