// Macroblocks that no slice brought.
#pragma once

#include "daedalus/h264/job.h"
#include "daedalus/h264/picture.h"

namespace daedalus::h264 {

// Fills them in: copies of the first reference picture that is present, or grey where there is
// none.
class Concealment {
 public:
  explicit Concealment(const PictureParameters& picture);

  bool is_intra() const { return slot_ == no_reference; }
  // PictureJob::reference_slots of what it fills in.
  uint32_t reference_slots() const { return is_intra() ? 0 : 1u << slot_; }
  void write(uint32_t address, const PictureJob& job) const;

 private:
  uint8_t slot_ = no_reference;
};

}  // namespace daedalus::h264
