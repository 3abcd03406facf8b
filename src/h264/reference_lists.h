// SPDX-License-Identifier: MIT
// Reference picture lists (H.264 8.2.4).
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/h264/picture.h"
#include "daedalus/h264/slice_header.h"

namespace daedalus::h264 {

// An element of ref_pic_list_modification() (7.4.3.1).
struct ListModification {
  uint32_t modification_of_pic_nums_idc;  // 0..2
  uint32_t value;                         // abs_diff_pic_num_minus1 or long_term_pic_num
};

// One list of a slice, as SliceParameters holds it.
using ReferenceList = std::array<uint8_t, 32>;

// Builds the lists of a picture's slices. The caller owns everything that it refers to.
class ReferenceLists {
 public:
  ReferenceLists(const PictureParameters& picture, const HeaderParameters& parameters)
      : picture_(picture), parameters_(parameters) {}

  // MaxPicNum: modifications are less than this.
  uint32_t max_pic_num() const {
    return (16u << parameters_.log2_max_frame_num_minus4) * (picture_.field_pic_flag ? 2 : 1);
  }

  // 8.2.4.2: RefPicList0 and RefPicList1 of P or B slices before modification. Entries after the
  // last reference are no_reference.
  std::array<ReferenceList, 2> initial(SliceType slice_type) const;

  // 8.2.4.3: pictures that are not among the references become no_reference.
  class Modifier {
   public:
    Modifier(const ReferenceLists& lists, ReferenceList& list, uint32_t num_ref_idx_active);
    void apply(const ListModification& modification);

   private:
    const ReferenceLists& lists_;
    ReferenceList& list_;
    const uint32_t count_;
    uint32_t ref_idx_ = 0;
    int32_t pic_num_pred_;
  };

 private:
  int32_t max_frame_num() const { return 16 << parameters_.log2_max_frame_num_minus4; }
  int32_t curr_pic_num() const;
  bool is_reference(uint32_t slot) const;
  int32_t frame_num_wrap(uint32_t slot) const;
  int32_t order_cnt(uint32_t slot) const;
  uint8_t find(int32_t pic_num, bool long_term) const;

  // Slots in an order from which the lists of fields and frames are built.
  struct Slots {
    std::array<uint8_t, max_reference_pictures> slots;
    uint32_t count = 0;
  };
  Slots short_term() const;
  Slots by_order_cnt(bool later_first) const;
  Slots long_term() const;
  ReferenceList join(const Slots& short_term, const Slots& long_term) const;
  uint32_t append_fields(const Slots& frames, ReferenceList& list, uint32_t count) const;

  const PictureParameters& picture_;
  const HeaderParameters& parameters_;
};

}  // namespace daedalus::h264
