// SPDX-License-Identifier: MIT
// Parses a stream's frames one after another, whatever they contain.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "av1/opened_frame.h"

namespace daedalus::av1::test {

class StreamParser {
 public:
  using Take = std::function<void(const OpenedFrame&)>;

  // Refuses frames with more luma samples: they would take much time and memory.
  static constexpr uint32_t max_samples = 1 << 20;

  // Calls `take` for each parsed frame.
  explicit StreamParser(Take take) : take_(std::move(take)) {}

  void read(std::span<const std::byte> unit) {
    const bool read = reader_.read(unit, [&](const CodedFrame& frame) { parse(frame); });
    report_.broken_units += !read;
  }

  struct Report {
    uint32_t parsed = 0, damaged = 0, refused = 0, broken_units = 0;
  };
  const Report& report() const { return report_; }

 private:
  void parse(const CodedFrame& frame) {
    if (frame.show_existing_frame) return slots_.show_existing(frame);
    const auto& picture = frame.picture;
    if (!PictureParser::check(picture) || picture.upscaled_width * picture.height > max_samples) {
      ++report_.refused;
      return;
    }
    OpenedFrame opened(frame, slots_.references(frame));
    if (opened.opened) opened.parse();
    take_(opened);
    ++report_.parsed;
    report_.damaged += !opened.opened || !opened.damage.empty();
    slots_.refresh(frame, opened.parser.state());
  }

  const Take take_;
  ObuReader reader_;
  SavedSlots slots_;
  Report report_;
};

}  // namespace daedalus::av1::test
