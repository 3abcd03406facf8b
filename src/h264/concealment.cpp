// SPDX-License-Identifier: MIT
#include "h264/concealment.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "h264/motion.h"
#include "h264/slice_context.h"

namespace daedalus::h264 {

namespace {

constexpr uint32_t intra_16x16_dc_mode = 2;
constexpr int velocity_bits = 8;
constexpr int32_t velocity_unit = 1 << velocity_bits;
// More make little difference; with none, seams show where two sides of a gap move differently.
constexpr int smoothing_rounds = 4;

}  // namespace

void Concealment::begin(const PictureParameters& picture, const PictureJob& job,
                        const Pattern& pattern) {
  picture_ = &picture;
  job_ = &job;
  pic_order_cnt_ = picture.pic_order_cnt();
  mbs_.assign(job.mbs.size(), {});
  lost_.clear();
  choose_references(pattern);
  choose_weights(pattern);
}

// Positive if the reference comes before the picture in output order.
int64_t Concealment::distance_to(uint32_t slot) const {
  return pic_order_cnt_ - picture_->pic_order_cnt(slot);
}

// References with index 0: encoders put the picture that is most similar there.
void Concealment::choose_references(const Pattern& pattern) {
  references_ = {};
  if (pattern.slice) {
    const std::size_t lists = pattern.slice->slice_type == SliceType::b ? 2 : 1;
    for (std::size_t list = 0; list < lists; ++list) {
      const uint8_t slot = pattern.slice->ref_pic_list[list][0];
      if (picture_->has_reference(slot)) references_[list] = slot;
    }
  }
  if (is_intra()) choose_nearest_references();
}

// The nearest before the picture in output order, and the nearest after it.
void Concealment::choose_nearest_references() {
  for (uint8_t slot = 0; slot < 2 * max_reference_pictures; ++slot) {
    if (!picture_->has_reference(slot)) continue;
    auto& nearest = references_[distance_to(slot) < 0 ? 1 : 0];
    if (!nearest || std::abs(distance_to(slot)) < std::abs(distance_to(*nearest))) nearest = slot;
  }
}

// Explicit weights continue a fade. Otherwise the nearer of two references counts more.
void Concealment::choose_weights(const Pattern& pattern) {
  weights_ = weights_default;
  const auto* slice = pattern.slice;
  if (slice && weight_mode(*picture_, slice->slice_type) == WeightMode::explicit_weights) {
    const auto is_first_of = [&](std::size_t list) {
      return references_[list] && *references_[list] == slice->ref_pic_list[list][0];
    };
    const bool has_list_1 = references_[1].has_value();
    if ((references_[0] && !is_first_of(0)) ||
        (has_list_1 && (slice->slice_type != SliceType::b || !is_first_of(1))))
      return;
    const uint32_t first_of_list_1 =
        pattern.first_weight + slice->num_ref_idx_l0_active_minus1 + 1u;
    weights_ =
        weights_explicit | pattern.first_weight << 2 | (has_list_1 ? first_of_list_1 : 0) << 17;
  } else if (references_[0] && references_[1]) {
    const int w1 = implicit_weight_1(*picture_, *references_[0], *references_[1]);
    if (w1 != 32) weights_ = weights_implicit | static_cast<uint32_t>(w1) << 2;
  }
}

uint32_t Concealment::reference_slots() const {
  uint32_t bits = 0;
  for (const auto& reference : references_)
    if (reference) bits |= 1u << reference_slot(*reference);
  return bits;
}

void Concealment::add_lost(uint32_t place) {
  mbs_[place].state = Mb::State::lost;
  lost_.push_back(place);
}

template <typename Visit>
void Concealment::for_each_neighbour(uint32_t address, Visit&& visit) const {
  const uint32_t width = picture_->pic_width_in_mbs, x = address % width;
  if (x > 0) visit(address - 1);
  if (x + 1 < width) visit(address + 1);
  if (address >= width) visit(address - width);
  if (address + width < mbs_.size()) visit(address + width);
}

void Concealment::estimate() {
  if (is_intra()) return;
  read_received();
  spread();
  for (int round = 0; round < smoothing_rounds; ++round)
    for (const uint32_t address : lost_) set_to_mean_of_known(address);
}

// In MBAFF frames a field macroblock's vectors are those of fields: half as high.
std::optional<Concealment::Velocity> Concealment::velocity_of(const MotionEntry& motion,
                                                              bool is_field_mb) const {
  Velocity sum;
  int32_t count = 0;
  for (uint32_t list = 0; list < 2; ++list) {
    uint32_t slot = motion.slots >> list * 8 & 0xff;
    if (is_field_mb && slot != no_reference) slot = reference_slot(slot);
    if (!picture_->has_reference(slot)) continue;
    const int64_t distance = distance_to(slot);
    if (distance == 0) continue;
    const auto& mv = list == 0 ? motion.mv_l0 : motion.mv_l1;
    sum.x += static_cast<int32_t>(mv[0] * velocity_unit / distance);
    sum.y += static_cast<int32_t>(mv[1] * (is_field_mb ? 2 : 1) * velocity_unit / distance);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return Velocity{sum.x / count, sum.y / count};
}

// Adds the mean velocity of the four blocks with which a received macroblock borders on a lost one:
// those in column `edge` if it is beside the lost one, otherwise in row `edge`. This reads the job
// back from memory that may be uncached, but only a little of it.
void Concealment::add_received(uint32_t address, bool is_beside, uint32_t edge) {
  const MbRecord mb = job_->mbs[address];
  const auto kind = static_cast<MbKind>(mb.head >> mb_head::kind_shift & 7);
  if (kind != MbKind::inter) return;
  const bool is_field_mb = (mb.head & mb_head::field_mb) != 0;
  const auto shape = static_cast<MotionShape>(mb.head >> mb_head::motion_shape_shift & 7);
  Velocity sum;
  int32_t count = 0;
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t entry = MbMotion::entry(shape, is_beside ? edge : i, is_beside ? i : edge);
    const auto velocity = velocity_of(job_->entries[mb.first_entry + entry].motion, is_field_mb);
    if (!velocity) continue;
    sum.x += velocity->x;
    sum.y += velocity->y;
    ++count;
  }
  if (count == 0) return;
  mbs_[address] = {.state = Mb::State::known, .velocity = {sum.x / count, sum.y / count}};
  wave_.push_back(address);
}

// If a macroblock has several lost neighbours, the edge to the first one counts.
void Concealment::read_received() {
  wave_.clear();
  for (const uint32_t address : lost_)
    for_each_neighbour(address, [&](uint32_t neighbour) {
      if (mbs_[neighbour].state != Mb::State::ignored) return;
      const bool is_beside = neighbour == address - 1 || neighbour == address + 1;
      add_received(neighbour, is_beside, neighbour < address ? 3 : 0);
    });
}

// From the received macroblocks inwards: each wave of lost ones gets the mean of earlier waves.
void Concealment::spread() {
  while (!wave_.empty()) {
    next_wave_.clear();
    for (const uint32_t address : wave_)
      for_each_neighbour(address, [&](uint32_t neighbour) {
        if (mbs_[neighbour].state != Mb::State::lost) return;
        mbs_[neighbour].state = Mb::State::next;
        next_wave_.push_back(neighbour);
      });
    for (const uint32_t address : next_wave_) set_to_mean_of_known(address);
    for (const uint32_t address : next_wave_) mbs_[address].state = Mb::State::known;
    std::swap(wave_, next_wave_);
  }
}

void Concealment::set_to_mean_of_known(uint32_t address) {
  Velocity sum;
  int32_t count = 0;
  for_each_neighbour(address, [&](uint32_t neighbour) {
    if (mbs_[neighbour].state != Mb::State::known) return;
    sum.x += mbs_[neighbour].velocity.x;
    sum.y += mbs_[neighbour].velocity.y;
    ++count;
  });
  if (count != 0) mbs_[address].velocity = {sum.x / count, sum.y / count};
}

void Concealment::write(uint32_t place, uint32_t mb_addr, bool is_field,
                        const PictureJob& job) const {
  // Intra without neighbours and without residual is 128 everywhere (8.3.3.3, 8.3.4).
  const uint32_t intra_head = static_cast<uint32_t>(MbKind::intra_16x16) << mb_head::kind_shift |
                              intra_16x16_dc_mode << mb_head::intra_16x16_pred_mode_shift;
  const uint32_t inter_head = static_cast<uint32_t>(MbKind::inter) << mb_head::kind_shift |
                              static_cast<uint32_t>(MotionShape::whole)
                                  << mb_head::motion_shape_shift;
  const uint32_t first_entry = mb_addr * max_entries_per_mb;
  job.mbs[place] = {
      .head = (is_intra() ? intra_head : inter_head) | (is_field ? mb_head::field_mb : 0),
      .coded_blocks = 0,
      .first_block = mb_addr * max_blocks_per_mb,
      .first_entry = first_entry};
  if (is_intra()) return;
  const Velocity velocity = mbs_[place].velocity;
  std::array<std::array<int16_t, 2>, 2> mv{};
  std::array<uint32_t, 2> slots = {no_reference, no_reference};
  for (std::size_t list = 0; list < 2; ++list) {
    if (!references_[list]) continue;
    slots[list] = *references_[list];
    const int64_t distance = distance_to(slots[list]);
    const auto component = [distance](int32_t of_velocity) {
      const int64_t vector = (of_velocity * distance + velocity_unit / 2) >> velocity_bits;
      return static_cast<int16_t>(std::clamp<int64_t>(vector, INT16_MIN, INT16_MAX));
    };
    mv[list] = {component(velocity.x), component(velocity.y)};
    if (!is_field) continue;
    // The second one of a pair: the bottom field.
    slots[list] += bottom_field;
    mv[list][1] = static_cast<int16_t>(mv[list][1] / 2);
  }
  job.entries[first_entry].motion = {
      .mv_l0 = mv[0], .mv_l1 = mv[1], .slots = slots[0] | slots[1] << 8, .weights = weights_};
}

}  // namespace daedalus::h264
