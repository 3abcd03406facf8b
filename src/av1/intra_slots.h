// SPDX-License-Identifier: MIT
// Deals the records of each dependency level out to the teams of intra_levels.comp: large records
// in parts, so that all teams of a level have about as much to do.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// Keeps its memory for the next picture.
class IntraSlotWriter {
 public:
  // Writes intra_slots and intra_slot_levels of a job that has room for slots. `records`: of luma
  // and chroma, in the order of the job's intra_levels.
  void write(const std::array<std::span<const IntraRecord>, 2>& records, PictureJob& job);

 private:
  // A record's part, before it is given to a team.
  struct Part {
    uint32_t cost;
    uint32_t index;  // in the level: luma's records, then chroma's
    uint32_t part;   // IntraRecord::part
  };

  uint64_t sum_costs(std::span<const IntraRecord> luma, std::span<const IntraRecord> chroma);
  void split(const IntraRecord& record, bool chroma, uint32_t index, uint64_t limit);
  void deal();

  std::vector<uint32_t> costs_;  // of a level's records
  std::vector<Part> parts_;      // of a level
  std::vector<uint8_t> teams_;   // each part's
  uint32_t spare_ = 0;           // how many slots there may be more than records are left
};

}  // namespace daedalus::av1
