// SPDX-License-Identifier: MIT
#include "h264/reference_lists.h"

#include <algorithm>

namespace daedalus::h264 {

namespace {

constexpr uint32_t modification_subtract = 0;
constexpr uint32_t modification_add = 1;

uint8_t field_of(uint32_t slot, bool is_bottom) {
  return static_cast<uint8_t>(slot + (is_bottom ? bottom_field : 0));
}

// 8.2.4.2.3 and 8.2.4.2.4: two lists of more than one picture must differ.
void make_different(std::array<ReferenceList, 2>& lists) {
  if (lists[1][1] != no_reference && lists[0] == lists[1]) std::swap(lists[1][0], lists[1][1]);
}

}  // namespace

int32_t ReferenceLists::curr_pic_num() const {
  const auto frame_num = static_cast<int32_t>(picture_.frame_num & 0xffff);
  return picture_.field_pic_flag ? frame_num * 2 + 1 : frame_num;
}

// Frames refer to frames whose fields are both references, fields to any field that is one.
bool ReferenceLists::is_reference(uint32_t slot) const {
  const ReferenceFrame& frame = picture_.references[slot];
  if (!frame.present) return false;
  return picture_.field_pic_flag ? frame.has_top || frame.has_bottom
                                 : frame.has_top && frame.has_bottom;
}

// 8-27.
int32_t ReferenceLists::frame_num_wrap(uint32_t slot) const {
  const int32_t frame_num = parameters_.reference_numbers[slot];
  return frame_num > static_cast<int32_t>(picture_.frame_num & 0xffff) ? frame_num - max_frame_num()
                                                                       : frame_num;
}

// Clients leave the count of a field undefined if it was never decoded; the count of a field that
// is no longer a reference is not used, either.
int32_t ReferenceLists::order_cnt(uint32_t slot) const {
  const ReferenceFrame& frame = picture_.references[slot];
  if (!frame.has_bottom) return frame.top_field_order_cnt;
  if (!frame.has_top) return frame.bottom_field_order_cnt;
  return frame.pic_order_cnt();
}

ReferenceLists::Slots ReferenceLists::short_term() const {
  Slots found;
  for (uint8_t slot = 0; slot < max_reference_pictures; ++slot)
    if (is_reference(slot) && !picture_.references[slot].long_term)
      found.slots[found.count++] = slot;
  std::stable_sort(found.slots.begin(), found.slots.begin() + found.count,
                   [&](uint8_t a, uint8_t b) { return frame_num_wrap(a) > frame_num_wrap(b); });
  return found;
}

// The nearest pictures first, those before this picture in output order and then those after
// it, or vice versa. A frame's first field, whose count may equal the current one, counts as
// before.
ReferenceLists::Slots ReferenceLists::by_order_cnt(bool later_first) const {
  const int32_t current = picture_.pic_order_cnt();
  Slots found = short_term();
  std::stable_sort(found.slots.begin(), found.slots.begin() + found.count,
                   [&](uint8_t a, uint8_t b) {
                     const int32_t count_a = order_cnt(a), count_b = order_cnt(b);
                     const bool later_a = count_a > current, later_b = count_b > current;
                     if (later_a != later_b) return later_a == later_first;
                     return later_a ? count_a < count_b : count_a > count_b;
                   });
  return found;
}

ReferenceLists::Slots ReferenceLists::long_term() const {
  Slots found;
  for (uint8_t slot = 0; slot < max_reference_pictures; ++slot)
    if (is_reference(slot) && picture_.references[slot].long_term)
      found.slots[found.count++] = slot;
  std::stable_sort(found.slots.begin(), found.slots.begin() + found.count,
                   [&](uint8_t a, uint8_t b) {
                     return parameters_.reference_numbers[a] < parameters_.reference_numbers[b];
                   });
  return found;
}

// 8.2.4.2.5: fields of alternating parity, beginning with the current field's; when one parity has
// no more, the rest of the other.
uint32_t ReferenceLists::append_fields(const Slots& frames, ReferenceList& list,
                                       uint32_t count) const {
  std::array<uint32_t, 2> next{};  // in frames.slots, of the current parity and of the other
  const auto take = [&](bool same_parity) {
    const bool is_bottom = picture_.bottom_field_flag == same_parity;
    for (uint32_t& i = next[same_parity ? 0 : 1]; i < frames.count;) {
      const uint8_t field = field_of(frames.slots[i++], is_bottom);
      if (picture_.has_reference(field)) {
        list[count++] = field;
        return true;
      }
    }
    return false;
  };
  bool same_parity = true;
  while (take(same_parity)) same_parity = !same_parity;
  while (take(!same_parity)) {
  }
  return count;
}

ReferenceList ReferenceLists::join(const Slots& short_term, const Slots& long_term) const {
  ReferenceList list;
  list.fill(no_reference);
  if (picture_.field_pic_flag) {
    append_fields(long_term, list, append_fields(short_term, list, 0));
    return list;
  }
  const auto end = std::copy_n(short_term.slots.begin(), short_term.count, list.begin());
  std::copy_n(long_term.slots.begin(), long_term.count, end);
  return list;
}

std::array<ReferenceList, 2> ReferenceLists::initial(SliceType slice_type) const {
  std::array<ReferenceList, 2> lists;
  const Slots last = long_term();
  if (slice_type == SliceType::p) {
    lists[0] = join(short_term(), last);
    lists[1].fill(no_reference);
    return lists;
  }
  lists[0] = join(by_order_cnt(false), last);
  lists[1] = join(by_order_cnt(true), last);
  make_different(lists);
  return lists;
}

// The picture of this PicNum (8-28, 8-30, 8-31) or LongTermPicNum (8-29, 8-32, 8-33).
uint8_t ReferenceLists::find(int32_t pic_num, bool long_term) const {
  const bool is_field = picture_.field_pic_flag;
  const bool same_parity = !is_field || pic_num % 2 != 0;
  const int32_t number = is_field ? pic_num >> 1 : pic_num;
  for (uint8_t slot = 0; slot < max_reference_pictures; ++slot) {
    if (!is_reference(slot) || picture_.references[slot].long_term != long_term) continue;
    const int32_t own = long_term ? parameters_.reference_numbers[slot] : frame_num_wrap(slot);
    if (own != number) continue;
    const uint8_t found =
        is_field ? field_of(slot, picture_.bottom_field_flag == same_parity) : slot;
    if (picture_.has_reference(found)) return found;
  }
  return no_reference;
}

ReferenceLists::Modifier::Modifier(const ReferenceLists& lists, ReferenceList& list,
                                   uint32_t num_ref_idx_active)
    : lists_(lists), list_(list), count_(num_ref_idx_active), pic_num_pred_(lists.curr_pic_num()) {}

// 8.2.4.3.1, 8.2.4.3.2.
void ReferenceLists::Modifier::apply(const ListModification& modification) {
  if (ref_idx_ >= count_) return;
  uint8_t reference;
  if (modification.modification_of_pic_nums_idc <= modification_add) {
    const auto max_pic_num = static_cast<int32_t>(lists_.max_pic_num());
    const auto difference = static_cast<int32_t>(modification.value) + 1;
    const bool subtracts = modification.modification_of_pic_nums_idc == modification_subtract;
    pic_num_pred_ += subtracts ? -difference : difference;
    if (pic_num_pred_ < 0) pic_num_pred_ += max_pic_num;
    if (pic_num_pred_ >= max_pic_num) pic_num_pred_ -= max_pic_num;
    const bool wraps = pic_num_pred_ > lists_.curr_pic_num();
    reference = lists_.find(wraps ? pic_num_pred_ - max_pic_num : pic_num_pred_, false);
  } else {
    reference = lists_.find(static_cast<int32_t>(modification.value), true);
  }
  // The reference moves here from its old position. A lost one had none.
  const auto begin = list_.begin() + ref_idx_, end = list_.begin() + count_;
  const auto old = reference == no_reference ? end : std::find(begin, end, reference);
  std::move_backward(begin, old == end ? end - 1 : old, old == end ? end : old + 1);
  *begin = reference;
  ++ref_idx_;
}

}  // namespace daedalus::h264
