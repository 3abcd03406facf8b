// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <span>
#include <vector>

#include "null/av1_filter_work.h"
#include "null/counting.h"
#include "null/job_work.h"

namespace daedalus::null {
namespace {

using namespace av1;

// ---- Prediction: a lane has a word's columns and up to 16 rows, for 8-bit pictures ----

struct PlaneCounts {
  Count rows, horizontal_rows, vertical_rows;
};
constexpr std::array<PlaneCounts, 2> simple_counts = {{
    {&JobWork::work_av1_luma_rows, &JobWork::work_av1_luma_horizontal_rows,
     &JobWork::work_av1_luma_vertical_rows},
    {&JobWork::work_av1_chroma_rows, &JobWork::work_av1_chroma_horizontal_rows,
     &JobWork::work_av1_chroma_vertical_rows},
}};
constexpr PlaneCounts special_counts = {&JobWork::work_av1_special_rows,
                                        &JobWork::work_av1_special_horizontal_rows,
                                        &JobWork::work_av1_special_vertical_rows};

// What a subgroup predicts in one pass: all lanes do what any one of them has to do.
struct Turn {
  uint32_t rows = 0;
  bool horizontal = false, vertical = false, sharp = false;

  void add(const MotionVector& mv, uint32_t head, uint32_t own_rows, bool chroma) {
    constexpr uint32_t sharp_kernel = 2;
    const int mask = chroma ? 15 : 7;
    const bool x = (mv[0] & mask) != 0, y = (mv[1] & mask) != 0;
    rows = std::max(rows, own_rows);
    horizontal |= x;
    vertical |= y;
    sharp |= (x && bits(head, prediction_head::kernel_x_shift, 3) == sharp_kernel) ||
             (y && bits(head, prediction_head::kernel_y_shift, 3) == sharp_kernel);
  }
  void count(uint64_t times, const PlaneCounts& counts, JobWork& work) const {
    if (rows == 0) return;
    const uint64_t all = (rows + (vertical ? (sharp ? 7 : 5) : 0)) * times;
    work.*(horizontal ? counts.horizontal_rows : counts.rows) += all;
    if (vertical) work.*counts.vertical_rows += rows * times;
    if (sharp) work.work_av1_sharp_rows += all;
  }
};

uint32_t reference(const PredictionRecord& record, uint32_t list) {
  return bits(record.head,
              list ? prediction_head::reference_1_shift : prediction_head::reference_0_shift, 3);
}

uint32_t height_of(const PredictionRecord& record) {
  return 2u << bits(record.place, prediction_place::height_shift, 3);
}

// The records of a class: each takes this many lanes.
uint32_t lanes_of(uint32_t area, bool chroma) {
  return std::max(1u << area >> (chroma ? 0 : 1), 1u);
}

void count_simple(std::span<const PredictionRecord> records, uint32_t times, bool chroma,
                  JobWork& work) {
  ++work.work_av1_simple_turns;
  for (uint32_t list = 0; list < 2; ++list) {
    Turn turn;
    for (const auto& record : records)
      if (reference(record, list) != no_reference)
        turn.add(list ? record.mv_1 : record.mv_0, record.head, std::min(height_of(record), 16u),
                 chroma);
    turn.count(times, simple_counts[chroma ? 1 : 0], work);
    if (list == 1) work.work_av1_second_rows += uint64_t{turn.rows} * times;
  }
}

// How many neighbours affect a part of a record: those above, and those on the left that are beside
// its 16 rows.
uint32_t overlap_passes(const PredictionRecord& record) {
  if ((record.head & prediction_head::has_overlaps) == 0) return 0;
  const uint32_t above = bits(record.overlaps, 24, 4), left = record.overlaps >> 28;
  const uint32_t parts = divide_up(height_of(record), 16);
  return (above ? 1 : 0) + divide_up(left, parts);
}

void count_special(std::span<const PredictionRecord> records, uint32_t times, bool chroma,
                   JobWork& work) {
  ++work.work_av1_special_turns;
  uint32_t overlaps = 0, warped = 0;
  for (uint32_t list = 0; list < 2; ++list) {
    Turn turn;
    for (const auto& record : records) {
      if (reference(record, list) == no_reference) continue;
      const uint32_t rows = std::min(height_of(record), 16u);
      const uint32_t warps = list ? prediction_head::warp_1 : prediction_head::warp_0;
      if ((record.head & warps) != 0)
        warped = std::max(warped, rows);
      else
        turn.add(list ? record.mv_1 : record.mv_0, record.head, rows, chroma);
      overlaps = std::max(overlaps, overlap_passes(record));
    }
    turn.count(times, special_counts, work);
  }
  work.work_av1_overlap_passes += uint64_t{overlaps} * times;
  work.work_av1_warped_rows += uint64_t{warped} * times;
}

using CountTurn = void (*)(std::span<const PredictionRecord>, uint32_t, bool, JobWork&);

void count_class(std::span<const PredictionRecord> records, uint32_t area, bool chroma,
                 CountTurn count_turn, JobWork& work) {
  const uint32_t own = lanes_of(area, chroma);
  const std::size_t in_turn = std::max(lanes / own, 1u);
  for (std::size_t first = 0; first < records.size(); first += in_turn)
    count_turn(records.subspan(first, std::min(in_turn, records.size() - first)),
               std::max(own / lanes, 1u), chroma, work);
}

uint64_t subgroups(uint32_t count, uint32_t area, bool chroma) {
  return divide_up(count * lanes_of(area, chroma), lanes);
}

void count_prediction(const PictureJob& job, JobWork& work) {
  for (std::size_t plane = 0; plane < 2; ++plane) {
    std::size_t first = 0;
    for (uint32_t kind = 0; kind < prediction_kind_count; ++kind)
      for (uint32_t area = 0; area < area_class_count; ++area) {
        const uint32_t count = job.prediction_counts[plane][kind][area];
        const auto records =
            std::span<const PredictionRecord>(job.predictions[plane]).subspan(first, count);
        first += count;
        const bool chroma = plane == 1;
        if (kind == static_cast<uint32_t>(PredictionKind::scaled)) {
          work.work_av1_scaled_turns += subgroups(count, area, chroma);
          continue;
        }
        const bool simple = kind == static_cast<uint32_t>(PredictionKind::simple);
        count_class(records, area, chroma, simple ? count_simple : count_special, work);
        if (!simple) work.work_av1_blended_turns += subgroups(count, area, chroma);
      }
  }
}

// ---- Residuals: workgroups of 64 lanes ----

uint32_t log2_side(uint32_t size) {
  return std::max<uint32_t>(tx_width_log2[size], tx_height_log2[size]);
}

constexpr std::array<Count, 3> small_groups = {
    &JobWork::work_av1_groups_4, &JobWork::work_av1_groups_8, &JobWork::work_av1_groups_16};
constexpr std::array<Count, 4> large_lines = {
    &JobWork::work_av1_lines_8, &JobWork::work_av1_lines_16, &JobWork::work_av1_lines_32,
    &JobWork::work_av1_lines_64};

uint32_t most_coefficients(const TransformRecord& record) {
  return std::max(bits(record.shape, 0, 11), bits(record.shape, 11, 11));
}

TxType type_of(const TransformRecord& record) {
  return static_cast<TxType>(bits(record.shape, 22, 5));
}

// Blocks whose lines are not all DCTs.
bool is_mixed(const TransformRecord& record) {
  return type_of(record) != TxType::dct_dct;
}

void count_small_transforms(std::span<const TransformRecord> records, uint32_t size, bool chroma,
                            JobWork& work) {
  const uint32_t side = log2_side(size);
  const std::size_t in_group = std::max(64u >> side >> (chroma ? 1 : 0), 1u);
  for (std::size_t first = 0; first < records.size(); first += in_group) {
    uint32_t rounds = 0;
    bool mixed = false;
    for (const auto& record : records.subspan(first, std::min(in_group, records.size() - first))) {
      rounds = std::max(rounds, divide_up(most_coefficients(record), 1u << side));
      mixed |= is_mixed(record);
    }
    ++work.work_av1_small_groups;
    ++(work.*small_groups[side - 2]);
    work.work_av1_rounds += rounds;
    work.work_av1_mixed_groups += mixed;
  }
}

// A subgroup transforms 16 rows or columns; in chroma, of both components.
void count_lines(uint32_t log2_size, uint32_t lines, JobWork& work) {
  work.*large_lines[log2_size - 3] += divide_up(lines, lanes);
}

void count_large_transforms(std::span<const TransformRecord> records, uint32_t size, bool chroma,
                            JobWork& work) {
  const uint32_t width = tx_width_log2[size], height = tx_height_log2[size];
  const uint32_t components = chroma ? 2 : 1, lines = 1u << log2_side(size);
  const auto count = static_cast<uint32_t>(records.size());
  work.work_av1_large_groups += divide_up(count * lines * components, 64);
  for (const auto& record : records) {
    work.work_av1_large_rounds += divide_up(most_coefficients(record), lines);
    work.work_av1_large_words += (1u << width << height) * components / 4 / lanes;
    if (type_of(record) == TxType::idtx) continue;
    count_lines(width, std::min(1u << height, 32u) * components, work);
    count_lines(height, components << width, work);
  }
}

void count_residuals(const PictureJob& job, JobWork& work) {
  std::size_t first = 0;
  for (std::size_t plane = 0; plane < 2; ++plane)
    for (uint32_t size = 0; size < tx_size_count; ++size) {
      const uint32_t count = job.transform_counts[plane][size];
      const auto records = std::span<const TransformRecord>(job.transforms).subspan(first, count);
      first += count;
      if (log2_side(size) > 4)
        count_large_transforms(records, size, plane == 1, work);
      else
        count_small_transforms(records, size, plane == 1, work);
    }
}

// ---- Intra slots: one per subgroup, those of a level dealt out to 16 subgroups ----

struct IntraSize {
  uint32_t width, height;
};

IntraMode mode_of(const IntraRecord& record) {
  return static_cast<IntraMode>(bits(record.mode, intra_mode::mode_shift, 5));
}

IntraSize size_of(const IntraRecord& slot) {
  return {1u << bits(slot.part, intra_part::width_shift, 3),
          1u << bits(slot.part, intra_part::height_shift, 3)};
}

// Which loop over words a record uses.
Count steps_of(IntraMode mode) {
  if (mode == IntraMode::dc) return &JobWork::work_av1_dc_steps;
  if (mode <= IntraMode::d67) return &JobWork::work_av1_directional_steps;
  if (mode <= IntraMode::smooth_h) return &JobWork::work_av1_smooth_steps;
  if (mode == IntraMode::paeth) return &JobWork::work_av1_paeth_steps;
  if (mode == IntraMode::cfl) return &JobWork::work_av1_cfl_steps;
  return &JobWork::work_av1_other_steps;
}

// Both sides together; vertical and horizontal prediction have one.
uint32_t edge_steps(const IntraRecord& slot, const IntraSize& size) {
  const uint32_t angle = bits(slot.mode, intra_mode::angle_shift, 9);
  if (is_directional(mode_of(slot)) && (angle == 90 || angle == 180))
    return divide_up(angle == 90 ? size.width : size.height, lanes);
  return divide_up(size.width + size.height, lanes);
}

// The recursive filter: two units of 4x2 samples at a time, of those on a diagonal.
uint32_t filter_steps(const IntraSize& size) {
  const uint32_t units = size.width / 4, rows = size.height / 2;
  uint32_t steps = 0;
  for (uint32_t wave = 0; wave < units + rows - 1; ++wave) {
    const uint32_t first = wave < units ? 0 : wave - units + 1;
    steps += divide_up(std::min(wave, rows - 1) - first + 1, 2);
  }
  return steps;
}

// What a slot keeps its team busy with.
struct IntraSteps {
  Count kind;
  uint32_t words = 0, edges = 0, filter = 0;

  explicit IntraSteps(const IntraRecord& slot) : kind(steps_of(mode_of(slot))) {
    const IntraSize size = size_of(slot);
    const IntraMode mode = mode_of(slot);
    const bool chroma = (slot.part & intra_part::of_chroma) != 0;
    if (mode == IntraMode::filter)
      filter = filter_steps(size);
    else
      words = divide_up(size.width * bits(slot.part, intra_part::rows_shift, 8) / (chroma ? 2 : 4),
                        lanes);
    if (mode < IntraMode::palette) edges = edge_steps(slot, size);
  }

  // A rough estimate, in instructions' times.
  uint64_t cost() const {
    const bool directional = kind == &JobWork::work_av1_directional_steps;
    const uint32_t per_word = directional ? 320 : kind == &JobWork::work_av1_dc_steps ? 190 : 430;
    return 1100 + words * per_word + edges * (directional ? 900 : 320) + filter * 480;
  }
};

// A level takes as long as the team that has most to do.
void count_level(std::span<const IntraRecord> slots, JobWork& work) {
  std::array<uint64_t, intra_teams> costs{};
  for (std::size_t i = 0; i < slots.size(); ++i)
    costs[i % intra_teams] += IntraSteps(slots[i]).cost();
  const auto longest =
      static_cast<std::size_t>(std::max_element(costs.begin(), costs.end()) - costs.begin());
  for (std::size_t i = longest; i < slots.size(); i += intra_teams) {
    const IntraSteps of_slot(slots[i]);
    ++work.work_av1_intra_turns;
    work.*of_slot.kind += of_slot.words;
    work.work_av1_edge_steps += of_slot.edges;
    work.work_av1_filter_steps += of_slot.filter;
  }
  ++work.work_av1_intra_levels;
  work.work_av1_intra_records += slots.size();
}

void count_intra(const PictureJob& job, JobWork& work) {
  const auto& levels = job.intra_slot_levels;
  for (std::size_t level = 0; level + 1 < levels.size(); ++level)
    count_level(std::span<const IntraRecord>(job.intra_slots)
                    .subspan(levels[level], levels[level + 1] - levels[level]),
                work);
}

}  // namespace

void count_work(const PictureJob& job, JobWork& work) {
  work.work_codec = static_cast<uint64_t>(WorkCodec::av1);
  work.work_av1_units = uint64_t{in_units(job.width)} * in_units(job.height) / 4;
  work.work_av1_block_records = job.block_count + job.tx_split_count;
  count_prediction(job, work);
  count_residuals(job, work);
  count_intra(job, work);
  count_filters(job, work);
}

}  // namespace daedalus::null
