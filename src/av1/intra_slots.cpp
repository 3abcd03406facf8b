// SPDX-License-Identifier: MIT
#include "av1/intra_slots.h"

#include <algorithm>
#include <numeric>

namespace daedalus::av1 {
namespace {

constexpr uint32_t team_lanes = 16;

struct Size {
  uint32_t width_log2, height_log2;
};

IntraMode mode_of(const IntraRecord& record) {
  return static_cast<IntraMode>(record.mode >> intra_mode::mode_shift & 31);
}

Size size_of(const IntraRecord& record) {
  if (mode_of(record) >= IntraMode::copy)
    return {(record.place >> 22 & 7) + 1, (record.place >> 25 & 7) + 1};
  const uint32_t size = record.place >> transform_place::size_shift & 31;
  return {tx_width_log2[size], tx_height_log2[size]};
}

// A record's time on V3D, in instructions: what each of its parts repeats, and each 16 words.
struct Cost {
  uint32_t fixed, step;
};

Cost cost_of(IntraMode mode, const Size& size) {
  const uint32_t points = (1u << size.width_log2) + (1u << size.height_log2);
  const uint32_t edges = (points + team_lanes - 1) / team_lanes;
  if (is_directional(mode)) return {1000 + edges * 900, 320};
  const uint32_t fixed = 1100 + edges * 320;
  switch (mode) {
    case IntraMode::dc:
      return {fixed, 190};
    case IntraMode::cfl:
      return {fixed + (1u << (size.width_log2 + size.height_log2)) / team_lanes * 220, 450};
    case IntraMode::smooth:
    case IntraMode::smooth_v:
    case IntraMode::smooth_h:
    case IntraMode::paeth:
      return {fixed, 420};
    default:
      return {fixed, 1000};
  }
}

// 16 words of 8 bits.
uint32_t steps_of(const Size& size, bool chroma) {
  const uint32_t words_log2 = size.width_log2 + size.height_log2 - (chroma ? 1 : 2);
  return words_log2 < 4 ? 1 : 1u << (words_log2 - 4);
}

uint32_t cost_of(const IntraRecord& record, bool chroma) {
  const Size size = size_of(record);
  if (mode_of(record) == IntraMode::filter) {
    // Two units of 4x2 samples at a time; some diagonals have an odd number of them.
    const uint32_t units = 1u << (size.width_log2 + size.height_log2 - 3);
    return 1500 + (units / 2 + (1u << size.width_log2) / 4) * 480;
  }
  const Cost cost = cost_of(mode_of(record), size);
  return cost.fixed + steps_of(size, chroma) * cost.step;
}

}  // namespace

uint64_t IntraSlotWriter::sum_costs(std::span<const IntraRecord> luma,
                                    std::span<const IntraRecord> chroma) {
  costs_.clear();
  for (const IntraRecord& record : luma) costs_.push_back(cost_of(record, false));
  for (const IntraRecord& record : chroma) costs_.push_back(cost_of(record, true));
  return std::accumulate(costs_.begin(), costs_.end(), uint64_t{0});
}

// Splits a record that costs more than `limit`, a team's share of the level, into about cost /
// limit parts of whole rows. Each part repeats the fixed cost, so more parts would cost more than
// they save.
void IntraSlotWriter::split(const IntraRecord& record, bool chroma, uint32_t index,
                            uint64_t limit) {
  const Size size = size_of(record);
  const uint32_t height = 1u << size.height_log2, all = costs_[index];
  uint32_t rows = height, part_cost = all;
  if (all > limit && mode_of(record) != IntraMode::filter) {
    const Cost cost = cost_of(mode_of(record), size);
    const uint32_t steps = steps_of(size, chroma);
    const uint32_t most = std::min(static_cast<uint32_t>((all + limit - 1) / limit), spare_ + 1);
    // Rows of a whole step.
    const uint32_t row_log2 = size.width_log2 - (chroma ? 1 : 2);
    const uint32_t least = row_log2 < 4 ? std::min(team_lanes >> row_log2, height) : 1;
    rows = (height + most * least - 1) / (most * least) * least;
    part_cost = cost.fixed + (steps * rows + height - 1) / height * cost.step;
  }
  for (uint32_t first = 0; first < height; first += rows) {
    const uint32_t count = std::min(rows, height - first);
    if (first != 0) --spare_;
    parts_.push_back({part_cost, index,
                      intra_part::exists | (chroma ? intra_part::of_chroma : 0) |
                          size.width_log2 << intra_part::width_shift |
                          size.height_log2 << intra_part::height_shift |
                          first << intra_part::first_row_shift | count << intra_part::rows_shift});
  }
}

// In each turn the team with the least work so far gets the longest part. Teams are numbered so
// that those with a part in the last turn come first: a level's slots have no gaps.
void IntraSlotWriter::deal() {
  std::sort(parts_.begin(), parts_.end(),
            [](const Part& a, const Part& b) { return a.cost > b.cost; });
  std::array<uint64_t, intra_teams> loads{};
  std::array<uint8_t, intra_teams> order;
  std::iota(order.begin(), order.end(), uint8_t{0});
  teams_.resize(parts_.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (i % intra_teams == 0)
      std::stable_sort(order.begin(), order.end(),
                       [&](uint8_t a, uint8_t b) { return loads[a] < loads[b]; });
    teams_[i] = order[i % intra_teams];
    loads[teams_[i]] += parts_[i].cost;
  }
  std::array<uint8_t, intra_teams> places;
  for (uint8_t i = 0; i < intra_teams; ++i) places[order[i]] = i;
  for (uint8_t& team : teams_) team = places[team];
}

void IntraSlotWriter::write(const std::array<std::span<const IntraRecord>, 2>& records,
                            PictureJob& job) {
  job.intra_slot_levels.clear();
  if (job.intra_levels[0].empty() || job.intra_slots.empty()) return;
  spare_ = static_cast<uint32_t>(job.intra_slots.size() - records[0].size() - records[1].size());
  job.intra_slot_levels.push_back(0);
  for (std::size_t level = 0; level + 1 < job.intra_levels[0].size(); ++level) {
    const auto of_level = [&](std::size_t plane) {
      const auto& levels = job.intra_levels[plane];
      return records[plane].subspan(levels[level], levels[level + 1] - levels[level]);
    };
    const auto luma = of_level(0), chroma = of_level(1);
    const uint64_t limit = sum_costs(luma, chroma) / intra_teams;
    parts_.clear();
    for (std::size_t i = 0; i < luma.size(); ++i)
      split(luma[i], false, static_cast<uint32_t>(i), limit);
    for (std::size_t i = 0; i < chroma.size(); ++i)
      split(chroma[i], true, static_cast<uint32_t>(luma.size() + i), limit);
    deal();
    const uint32_t first = job.intra_slot_levels.back();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      IntraRecord slot =
          part.index < luma.size() ? luma[part.index] : chroma[part.index - luma.size()];
      slot.part = part.part;
      job.intra_slots[first + i / intra_teams * intra_teams + teams_[i]] = slot;
    }
    job.intra_slot_levels.push_back(first + static_cast<uint32_t>(parts_.size()));
  }
}

}  // namespace daedalus::av1
