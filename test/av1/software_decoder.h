// SPDX-License-Identifier: MIT
// A whole decoder: the entropy stage, the scalar reconstruction, and the client's part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "av1/obu_reader.h"
#include "av1/picture_parser.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::test {

struct Picture {
  Picture(uint32_t width, uint32_t height, uint32_t bit_depth, bool monochrome);

  scalar::PictureView view();
  // The planes without padding; with more than 8 bits words of 16, low bits in use. Luma only if
  // monochrome.
  std::vector<uint8_t> planes();

  uint32_t width, height, bit_depth;
  bool monochrome;
  std::shared_ptr<const SavedFrame> saved;

 private:
  uint32_t pitch_, lines_;
  std::vector<std::byte> samples_;
};

class SoftwareDecoder {
 public:
  using Show = std::function<void(Picture&)>;

  // Without reconstruction it only creates jobs.
  SoftwareDecoder(bool reconstructs, Show show)
      : reconstructs_(reconstructs), show_(std::move(show)) {}

  // Returns false if the unit is broken.
  bool decode(std::span<const std::byte> temporal_unit);

  struct Report {
    uint32_t frames = 0, refused = 0, damaged = 0, broken_units = 0;
  };
  const Report& report() const { return report_; }

 private:
  void decode_frame(const CodedFrame& frame);
  void show_existing(const CodedFrame& frame);
  void show(const std::shared_ptr<Picture>& picture, const CodedFrame& frame);
  void reconstruct(Picture& picture, const PictureJob& job,
                   const std::array<std::shared_ptr<Picture>, reference_count>& references);

  const bool reconstructs_;
  const Show show_;
  ObuReader reader_;
  PictureParser parser_;
  std::array<std::shared_ptr<Picture>, slot_count> slots_;
  std::shared_ptr<Picture> highest_layer_;  // of the temporal unit so far
  Report report_;
};

}  // namespace daedalus::av1::test
