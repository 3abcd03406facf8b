// SPDX-License-Identifier: MIT
// A picture's slices: their shares of the job, parsing them, and what is left to do afterwards.
#include "h264/picture_parser.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numeric>
#include <utility>

#include "h264/concealment.h"
#include "h264/level_scale.h"
#include "h264/slice_context.h"
#include "h264/slice_parser.h"

namespace daedalus::h264 {

namespace {

// In both entropy coding modes a level takes at least one bit, its sign. The rest is room for the
// macroblock at which a slice proves to be broken, and for the check before it.
std::size_t coefficients_in_bits(const SliceParameters& slice) {
  return slice.nal_unit.size() * 8 + 2 * std::size_t{max_coefficients_per_mb};
}

std::size_t coefficients_in_mbs(std::size_t mb_count) {
  return mb_count * max_coefficients_per_mb;
}

// A slice's explicit weights: list 0's, then list 1's.
struct WeightTable {
  std::array<ExplicitWeight, 2 * 32> weights;
  std::size_t count = 0;

  void add_list(const SliceParameters& slice, std::size_t list, std::size_t num_ref_idx_active) {
    for (std::size_t i = 0; i < num_ref_idx_active; ++i)
      weights[count++] = explicit_weight(slice, list, i);
  }
  bool operator==(const WeightTable& other) const {
    return count == other.count &&
           std::memcmp(weights.data(), other.weights.data(), count * sizeof(weights[0])) == 0;
  }
};

WeightTable weight_table(const SliceParameters& slice) {
  WeightTable table;
  table.add_list(slice, 0, slice.num_ref_idx_l0_active_minus1 + std::size_t{1});
  if (slice.slice_type == SliceType::b)
    table.add_list(slice, 1, slice.num_ref_idx_l1_active_minus1 + std::size_t{1});
  return table;
}

// Sorts a level's macroblocks by kind, because different kinds diverge within a subgroup. The
// slowest kinds come first, so that fast ones fill the device at the end.
constexpr std::size_t intra_kinds = 4;
std::size_t turn_of(const IntraMb& mb) {
  return mb.level * intra_kinds + static_cast<std::size_t>(mb.kind) - 1;
}

}  // namespace

struct PictureParser::State {
  // A slice's share of the macroblocks and streams, and how far it got.
  struct Share {
    uint32_t first_mb, end_mb;
    uint32_t first_coefficient, coefficient_count;
    uint32_t first_weight;
    uint32_t parsed_end;  // first_mb if nothing could be parsed
    uint32_t intra_mb_count;
    JobAmounts amounts;
  };

  void share_mbs();
  void share_coefficients();
  void share_weights();
  std::unique_ptr<SliceParser> take_parser();
  void give_back(std::unique_ptr<SliceParser> parser);
  std::vector<MbRange> conceal();
  Concealment::Pattern pattern() const;
  void conceal(const MbRange& range);
  void sort_intra_mbs();
  uint32_t mb_count() const { return parameters->size_in_mbs(); }

  const PictureParameters* parameters = nullptr;
  std::span<const SliceParameters> slices;
  Motion motion{};
  MotionField* current = nullptr;
  PictureJob* job = nullptr;

  std::vector<Share> shares;    // by slice
  std::vector<uint32_t> order;  // slices by first macroblock
  // A slice's intra macroblocks begin at the index of its first macroblock.
  std::vector<IntraMb> intra_mbs;
  struct IntraRun {
    uint32_t first, count;
  };
  std::vector<IntraRun> intra_runs;
  std::vector<uint32_t> intra_turns;  // how many macroblocks have each, then where they begin
  std::vector<uint32_t> sorted_intra_mbs;
  Concealment concealment;

  std::mutex mutex;
  std::vector<std::unique_ptr<SliceParser>> idle_parsers;  // under the mutex
};

PictureParser::PictureParser() : state_(std::make_unique<State>()) {}
PictureParser::~PictureParser() = default;

std::size_t PictureParser::coefficient_words(const PictureParameters& parameters,
                                             std::span<const SliceParameters> slices) {
  const std::size_t in_picture = coefficients_in_mbs(parameters.size_in_mbs());
  std::size_t in_slices = 0;
  for (const auto& slice : slices) in_slices += coefficients_in_bits(slice);
  return std::min(in_slices, in_picture);
}

void PictureParser::begin(const PictureParameters& parameters,
                          std::span<const SliceParameters> slices, const Motion& motion,
                          MotionField* current, PictureJob& job) {
  state_->parameters = &parameters;
  state_->slices = slices;
  state_->motion = motion;
  state_->current = current;
  state_->job = &job;
  job.structure = parameters.structure();
  job.is_mbaff = parameters.is_mbaff();
  state_->intra_mbs.resize(state_->mb_count());
  state_->share_mbs();
  state_->share_coefficients();
  state_->share_weights();
  write_tables(parameters, *job.tables);
}

// A slice's macroblocks end where the next slice's begin, whatever it says. If several slices begin
// at the same macroblock, the last one gets them.
void PictureParser::State::share_mbs() {
  shares.assign(slices.size(), {});
  order.resize(slices.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto place = [this](uint32_t slice) {
    return std::pair(first_mb_of(*parameters, slices[slice]), slice);
  };
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return place(a) < place(b); });
  uint32_t end_mb = mb_count();
  for (auto slice = order.rbegin(); slice != order.rend(); ++slice) {
    const uint32_t first_mb = first_mb_of(*parameters, slices[*slice]);
    shares[*slice].first_mb = shares[*slice].parsed_end = first_mb;
    shares[*slice].end_mb = end_mb;
    end_mb = first_mb;
  }
}

// A slice gets no more than its macroblocks can hold. Slices share no macroblock, so all of them
// together stay within coefficient_words().
void PictureParser::State::share_coefficients() {
  const std::size_t room = job->coefficients.size();
  std::size_t next = 0;
  for (std::size_t slice = 0; slice < slices.size(); ++slice) {
    const auto& share = shares[slice];
    const std::size_t bound = std::min(coefficients_in_bits(slices[slice]),
                                       coefficients_in_mbs(share.end_mb - share.first_mb));
    const std::size_t count = std::min(bound, room - next);
    shares[slice].first_coefficient = static_cast<uint32_t>(next);
    shares[slice].coefficient_count = static_cast<uint32_t>(count);
    next += count;
  }
}

// Slices of a picture usually have the same weights: a table equal to the previous one is not
// written again. A slice whose weights do not fit is lost.
void PictureParser::State::share_weights() {
  WeightTable last;
  std::size_t last_first = 0, next = 0;
  const std::size_t room = std::min<std::size_t>(job->weights.size(), max_explicit_weights);
  for (std::size_t slice = 0; slice < slices.size(); ++slice) {
    if (weight_mode(*parameters, slices[slice].slice_type) != WeightMode::explicit_weights)
      continue;
    const WeightTable table = weight_table(slices[slice]);
    if (!(table == last)) {
      if (table.count > room - next) {
        shares[slice].end_mb = shares[slice].first_mb;
        continue;
      }
      std::copy_n(table.weights.begin(), table.count, job->weights.data() + next);
      last_first = next;
      next += table.count;
      last = table;
    }
    shares[slice].first_weight = static_cast<uint32_t>(last_first);
  }
}

std::unique_ptr<SliceParser> PictureParser::State::take_parser() {
  std::lock_guard lock(mutex);
  if (idle_parsers.empty()) return std::make_unique<SliceParser>();
  auto parser = std::move(idle_parsers.back());
  idle_parsers.pop_back();
  return parser;
}

void PictureParser::State::give_back(std::unique_ptr<SliceParser> parser) {
  std::lock_guard lock(mutex);
  idle_parsers.push_back(std::move(parser));
}

DecodedState::Progress PictureParser::progress_of_followed(std::size_t index) const {
  const PictureParameters& picture = *state_->parameters;
  const SliceParameters& slice = state_->slices[index];
  const auto progress_of = [&](const PictureParameters& current, const SliceParameters& own) {
    const auto* const motion = colocated_picture(current, own, state_->motion).motion;
    return motion ? motion->progress() : DecodedState::Progress::written;
  };
  auto least = progress_of(picture, slice);
  if (!picture.is_mbaff() || slice.slice_type != SliceType::b) return least;
  for (const bool bottom : {false, true}) {
    FieldView view;
    view.assign(picture, slice, bottom);
    least = std::min(least, progress_of(view.picture, view.slice));
  }
  return least;
}

void PictureParser::parse_slice(std::size_t index) {
  auto& share = state_->shares[index];
  SliceOutput output = {
      .job =
          JobWriter(*state_->job, share.first_mb, share.first_coefficient, share.coefficient_count),
      .motion = state_->current,
      .intra_mbs = state_->intra_mbs.data() + share.first_mb,
  };
  auto parser = state_->take_parser();
  share.parsed_end = parser->parse(*state_->parameters, state_->slices[index], state_->motion,
                                   share.first_weight, share.end_mb, output);
  share.intra_mb_count = output.intra_mb_count;
  share.amounts = output.job.amounts();
  state_->give_back(std::move(parser));
}

std::vector<MbRange> PictureParser::finish() {
  auto& job = *state_->job;
  job.deblocks = false;
  job.amounts = {};
  job.reference_slots = 0;
  state_->intra_runs.clear();
  for (std::size_t slice = 0; slice < state_->shares.size(); ++slice) {
    const auto& share = state_->shares[slice];
    if (share.parsed_end > share.first_mb) {
      const SliceParameters& parameters = state_->slices[slice];
      job.deblocks |= parameters.disable_deblocking_filter_idc != 1;
      job.reference_slots |= reference_slots(*state_->parameters, parameters);
    }
    if (share.intra_mb_count > 0)
      state_->intra_runs.push_back({share.first_mb, share.intra_mb_count});
    job.amounts.entries += share.amounts.entries;
    job.amounts.blocks += share.amounts.blocks;
    job.amounts.coefficients += share.amounts.coefficients;
  }
  auto damaged = state_->conceal();
  if (state_->current) state_->current->finish();
  state_->sort_intra_mbs();
  return damaged;
}

std::vector<MbRange> PictureParser::State::conceal() {
  std::vector<MbRange> missing;
  uint32_t next = 0;
  for (const uint32_t slice : order) {
    const auto& share = shares[slice];
    if (share.first_mb > next) missing.push_back({next, share.first_mb - 1});
    next = std::max(next, share.parsed_end);
  }
  if (next < mb_count()) missing.push_back({next, mb_count() - 1});
  if (missing.empty()) return missing;
  concealment.begin(*parameters, *job, pattern());
  for (const auto& range : missing)
    for (uint32_t mb_addr = range.first; mb_addr <= range.last; ++mb_addr)
      concealment.add_lost(parameters->place_of(mb_addr));
  concealment.estimate();
  job->reference_slots |= concealment.reference_slots();
  for (const auto& range : missing) conceal(range);
  return missing;
}

// The first B slice, which has references on both sides, or else the first P slice.
Concealment::Pattern PictureParser::State::pattern() const {
  Concealment::Pattern pattern;
  for (std::size_t slice = 0; slice < slices.size(); ++slice) {
    const SliceType type = slices[slice].slice_type;
    if (shares[slice].parsed_end == shares[slice].first_mb || type == SliceType::i) continue;
    if (!pattern.slice || type == SliceType::b)
      pattern = {&slices[slice], shares[slice].first_weight};
    if (type == SliceType::b) break;
  }
  return pattern;
}

// A macroblock has the kind of its pair's other one, if that was received.
void PictureParser::State::conceal(const MbRange& range) {
  for (uint32_t mb_addr = range.first; mb_addr <= range.last; ++mb_addr) {
    const uint32_t place = parameters->place_of(mb_addr);
    const bool is_field =
        parameters->is_mbaff() && mb_addr == range.first && mb_addr % 2 == 1 &&
        (job->mbs[place - parameters->pic_width_in_mbs].head & mb_head::field_mb) != 0;
    concealment.write(place, mb_addr, is_field, *job);
    if (current) {
      keep_no_motion(current->mbs[place]);
      current->mbs[place].is_field = is_field;
    }
    intra_mbs[mb_addr] = {static_cast<uint16_t>(place), 0, MbKind::intra_16x16};
  }
  if (concealment.is_intra()) intra_runs.push_back({range.first, range.last - range.first + 1});
}

// Sorts by counting, in ordinary memory, and copies the result in order.
void PictureParser::State::sort_intra_mbs() {
  intra_turns.clear();
  uint32_t total = 0;
  for (const auto& run : intra_runs) {
    total += run.count;
    for (uint32_t i = run.first; i < run.first + run.count; ++i) {
      const std::size_t turn = turn_of(intra_mbs[i]);
      if (turn >= intra_turns.size()) intra_turns.resize((turn / intra_kinds + 1) * intra_kinds);
      ++intra_turns[turn];
    }
  }
  job->intra_levels.clear();
  job->inter_mb_count = mb_count() - total;
  if (total == 0) return;
  std::exclusive_scan(intra_turns.begin(), intra_turns.end(), intra_turns.begin(), 0u);
  for (std::size_t turn = 0; turn < intra_turns.size(); turn += intra_kinds)
    job->intra_levels.push_back(intra_turns[turn]);
  job->intra_levels.push_back(total);

  sorted_intra_mbs.resize(total);
  for (const auto& run : intra_runs)
    for (uint32_t i = run.first; i < run.first + run.count; ++i)
      sorted_intra_mbs[intra_turns[turn_of(intra_mbs[i])]++] = intra_mbs[i].address;
  std::copy(sorted_intra_mbs.begin(), sorted_intra_mbs.end(), job->intra_mbs.begin());
}

}  // namespace daedalus::h264
