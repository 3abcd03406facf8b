// SPDX-License-Identifier: MIT
// A whole decoder: the entropy stage, the scalar reconstruction, and the client's part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "reference/vp9/picture_view.h"
#include "vp9/job_memory.h"
#include "vp9/picture_parser.h"
#include "vp9/superframe.h"

namespace daedalus::vp9::test {

struct Picture {
  Picture(uint32_t width, uint32_t height, uint32_t bit_depth);

  scalar::PictureView view();
  // The planes without padding; with more than 8 bits words of 16, low bits in use.
  std::vector<uint8_t> i420();

  uint32_t width, height, bit_depth;

 private:
  uint32_t pitch_, lines_;
  std::vector<std::byte> samples_;
};

class SoftwareDecoder {
 public:
  // Called for each parsed frame.
  using Observer = std::function<void(const UncompressedHeader&, const PictureJob&)>;

  // Without reconstruction it only creates jobs.
  explicit SoftwareDecoder(bool reconstructs, Observer observer = {})
      : reconstructs_(reconstructs), observer_(std::move(observer)) {}

  // Returns the picture to show after this frame, or null.
  std::shared_ptr<Picture> decode(std::span<const std::byte> frame);

  struct Report {
    uint32_t frames = 0, refused = 0, damaged = 0, broken_jobs = 0;
  };
  const Report& report() const { return report_; }
  const std::shared_ptr<const StreamState>& state() const { return state_; }

 private:
  std::shared_ptr<Picture> show_existing(std::span<const std::byte> frame);
  void reconstruct(Picture& picture, const PictureJob& job);

  bool reconstructs_;
  Observer observer_;
  PictureParser parser_;
  std::shared_ptr<const StreamState> state_;
  std::array<std::shared_ptr<Picture>, vp9::reference_slots> slots_;
  Report report_;
};

}  // namespace daedalus::vp9::test
