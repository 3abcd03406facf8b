// SPDX-License-Identifier: MIT
// Conceals macroblocks that no slice contains.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "daedalus/h264/job.h"
#include "daedalus/h264/picture.h"

namespace daedalus::h264 {

// Fills in lost macroblocks: copies of reference pictures, displaced by the motion of the received
// macroblocks around them, or grey if there is no reference. Keeps its memory for the next
// picture.
//
// Motion is a velocity here, so that vectors to different references can be averaged, and a lost
// macroblock can be predicted from a reference that its neighbours do not use.
class Concealment {
 public:
  // The slice whose references and explicit weights are used for lost macroblocks.
  struct Pattern {
    const SliceParameters* slice = nullptr;  // null: the picture has no P or B slice
    uint32_t first_weight = 0;               // of its explicit weights in the job
  };

  // All received macroblocks are in the job. Then call add_lost() for each lost macroblock, by
  // place, estimate(), and write() for each, by address (mbAddr), which determines its streams.
  void begin(const PictureParameters& picture, const PictureJob& job, const Pattern& pattern);
  void add_lost(uint32_t place);
  void estimate();
  void write(uint32_t place, uint32_t mb_addr, bool is_field, const PictureJob& job) const;

  bool is_intra() const { return !references_[0] && !references_[1]; }
  // PictureJob::reference_slots of the concealed macroblocks.
  uint32_t reference_slots() const;

 private:
  // In 1/256 of a quarter sample for each unit of PicOrderCnt.
  struct Velocity {
    int32_t x = 0, y = 0;
  };
  struct Mb {
    enum class State : uint8_t { ignored, lost, next, known } state = State::ignored;
    Velocity velocity;
  };

  void choose_references(const Pattern& pattern);
  void choose_nearest_references();
  void choose_weights(const Pattern& pattern);
  int64_t distance_to(uint32_t slot) const;
  std::optional<Velocity> velocity_of(const MotionEntry& motion, bool is_field_mb) const;
  void add_received(uint32_t address, bool is_beside, uint32_t edge);
  void read_received();
  void spread();
  void set_to_mean_of_known(uint32_t address);
  template <typename Visit>
  void for_each_neighbour(uint32_t address, Visit&& visit) const;

  const PictureParameters* picture_ = nullptr;
  const PictureJob* job_ = nullptr;
  int64_t pic_order_cnt_ = 0;
  std::array<std::optional<uint8_t>, 2> references_;  // slots, for list 0 and list 1
  uint32_t weights_ = weights_default;
  std::vector<Mb> mbs_;
  std::vector<uint32_t> lost_, wave_, next_wave_;  // addresses
};

}  // namespace daedalus::h264
