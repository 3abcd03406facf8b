// SPDX-License-Identifier: MIT
// A frame with its own parser and job, so that several can be parsed side by side.
#pragma once

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "av1/job_memory.h"
#include "av1/obu_reader.h"
#include "av1/picture_parser.h"

namespace daedalus::av1::test {

// The saved frames in the reference slots.
class SavedSlots {
 public:
  SavedReferences references(const CodedFrame& frame) const {
    SavedReferences references;
    if (frame.picture.intra()) return references;
    for (std::size_t i = 0; i < references.size(); ++i)
      references[i] = slots_[frame.ref_frame_idx[i]];
    return references;
  }
  void refresh(const CodedFrame& frame, const std::shared_ptr<const SavedFrame>& saved) {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if ((frame.refresh_frame_flags >> i & 1) != 0) slots_[i] = saved;
  }
  void show_existing(const CodedFrame& frame) {
    refresh(frame, slots_[frame.frame_to_show_map_idx]);
  }
  void lose(std::size_t slot) { slots_[slot].reset(); }

 private:
  std::array<std::shared_ptr<const SavedFrame>, slot_count> slots_;
};

class OpenedFrame {
 public:
  OpenedFrame(const CodedFrame& coded, const SavedReferences& references)
      : frame(coded),
        memory(PictureParser::room(frame.picture), frame.picture.width(), frame.picture.height,
               frame.picture.upscaled_width) {
    opened = parser.begin(frame.picture, references, memory.job).has_value();
    if (!opened) parser.conceal(frame.picture, references, memory.job);
  }

  void parse() {
    for (std::size_t i = 0; i < parser.tile_count(); ++i) parser.parse_tile(i);
    damage = parser.finish();
  }
  // Parses each tile in its own thread; finish() joins them.
  void start() {
    for (std::size_t i = 0; i < parser.tile_count(); ++i)
      threads_.emplace_back([this, i] {
        while (!parser.may_parse()) std::this_thread::yield();
        parser.parse_tile(i);
      });
  }
  void finish() {
    for (auto& thread : threads_) thread.join();
    damage = parser.finish();
  }

  CodedFrame frame;
  JobMemory memory;
  PictureParser parser;
  bool opened = false;
  std::vector<DamagedSquares> damage;

 private:
  std::vector<std::thread> threads_;
};

}  // namespace daedalus::av1::test
