// SPDX-License-Identifier: MIT
// A frame with its own parser and job, so that several can be parsed in parallel.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "vp9/job_contents.h"
#include "vp9/job_memory.h"
#include "vp9/picture_parser.h"

namespace daedalus::vp9::test {

// The sizes of the pictures in the reference slots, tracked as a client does.
class Slots {
 public:
  const std::array<ReferenceSlot, vp9::reference_slots>& slots() const { return slots_; }
  void refresh(const UncompressedHeader& header) {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
      if (header.refresh_frame_flags >> slot & 1)
        slots_[slot] = {true, header.width, header.height, header.persistent.bit_depth};
  }

 private:
  std::array<ReferenceSlot, vp9::reference_slots> slots_;
};

class OpenedFrame {
 public:
  // Opens the frame if its headers are valid and it may begin.
  OpenedFrame(std::span<const std::byte> frame, const std::shared_ptr<const StreamState>& before,
              const Slots& slots)
      : picture{.frame = frame, .references = slots.slots()} {
    const auto read = PictureParser::read_header(picture, before.get());
    if (!read) return;
    header = *read;
    may_begin = PictureParser::may_begin(header, before.get());
    if (!may_begin) return;
    memory = std::make_unique<JobMemory>(PictureParser::room(header, picture), header.width,
                                         header.height);
    opened = parser.begin(picture, header, before, memory->job).has_value();
  }

  void parse() {
    for (std::size_t i = 0; i < parser.tile_column_count(); ++i) parser.parse_tile_column(i);
  }

  PictureParameters picture;
  UncompressedHeader header;
  bool may_begin = false, opened = false;
  std::unique_ptr<JobMemory> memory;
  PictureParser parser;
};

}  // namespace daedalus::vp9::test
