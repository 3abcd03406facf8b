// SPDX-License-Identifier: MIT
// Sections 7.10.2 to 7.10.4 taken literally, on arrays of units.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "av1/mv_prediction.h"

namespace daedalus::av1 {

class SpecificationMvs {
 public:
  // Everything decoded so far: an element for each unit of the frame, null if not decoded.
  using Units = std::vector<const BlockInfo*>;
  // MotionFieldMvs[ref][y8 * w8 + x8].
  struct Temporal {
    bool valid = false;
    std::array<Mv, 8> mv{};
  };

  SpecificationMvs(const TileContext& tile, const Units& units, const std::vector<Temporal>* field,
                   const Block& block)
      : tile_(tile), units_(units), field_(field), block_(block) {}

  void find_mv_stack();
  bool has_overlappable_candidates() const;
  void find_warp_samples();

  using Vector = std::array<int32_t, 2>;
  uint32_t num_mv_found = 0, new_mv_count = 0;
  std::array<std::array<Vector, 2>, 10> ref_stack_mv{};  // [idx][list]
  std::array<uint32_t, 10> weight_stack{};
  std::array<Vector, 2> global_mvs{};
  uint32_t new_mv_context = 0, ref_mv_context = 0, zero_mv_context = 0;
  std::array<uint32_t, 10> drl_ctx_stack{};
  uint32_t num_samples = 0, num_samples_scanned = 0;
  std::array<std::array<int32_t, 4>, 8> cand_list{};

 private:
  bool is_inside(int32_t row, int32_t col) const { return tile_.is_inside(row, col); }
  const BlockInfo* at(int32_t row, int32_t col) const {
    return units_[static_cast<std::size_t>(row) * tile_.frame->mi_cols +
                  static_cast<std::size_t>(col)];
  }
  Vector setup_global_mv(uint32_t list) const;
  void lower_mv_precision(Vector& mv) const;
  void scan_row(int32_t delta_row);
  void scan_col(int32_t delta_col);
  void scan_point(int32_t delta_row, int32_t delta_col);
  void temporal_scan();
  void add_tpl_ref_mv(int32_t delta_row, int32_t delta_col);
  void add_ref_mv_candidate(int32_t row, int32_t col, uint32_t weight);
  void search_stack(const BlockInfo& candidate, uint32_t list, uint32_t weight);
  void compound_search_stack(const BlockInfo& candidate, uint32_t weight);
  void push(const std::array<Vector, 2>& mvs, uint32_t weight);
  void sort(uint32_t start, uint32_t end);
  void extra_search();
  void add_extra_mv_candidate(const BlockInfo& candidate);
  void context_and_clamping(uint32_t num_new);
  void add_sample(int32_t delta_row, int32_t delta_col);

  const TileContext& tile_;
  const Units& units_;
  const std::vector<Temporal>* field_;
  const Block& block_;
  const bool compound_ = block_.info.ref_frame[1] > intra_frame;
  const int32_t mi_row_ = static_cast<int32_t>(block_.mi_row);
  const int32_t mi_col_ = static_cast<int32_t>(block_.mi_col);
  const int32_t bw4_ = static_cast<int32_t>(block_.width);
  const int32_t bh4_ = static_cast<int32_t>(block_.height);
  const int32_t mi_rows_ = static_cast<int32_t>(tile_.frame->mi_rows);
  const int32_t mi_cols_ = static_cast<int32_t>(tile_.frame->mi_cols);
  bool found_match_ = false;
  uint32_t close_matches_ = 0, total_matches_ = 0;
  std::array<std::vector<Vector>, 2> ref_id_mvs_, ref_diff_mvs_;
};

}  // namespace daedalus::av1
