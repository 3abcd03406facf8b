// SPDX-License-Identifier: MIT
// Everything that a frame leaves to later frames. Immutable, except that its FrameFields and
// SavedContexts may be incomplete; both report their progress. Surfaces can hold it, so that it
// outlives the API context in which it was decoded.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "vp9/frame_field.h"
#include "vp9/probabilities.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::vp9 {

// One of the four saved contexts. If a frame adapts its probabilities, the context that it saves is
// ready only after its last tile.
class SavedContext {
 public:
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  const Probabilities& probabilities() const { return probabilities_; }  // only if ready()

  // Call before any other thread knows it.
  void begin() { ready_.store(false, std::memory_order_relaxed); }
  void set(const Probabilities& probabilities) {
    probabilities_ = probabilities;
    ready_.store(true, std::memory_order_release);
  }

 private:
  Probabilities probabilities_;
  std::atomic<bool> ready_ = false;
};

struct StreamState {
  PersistentHeader header;
  std::array<std::shared_ptr<const SavedContext>, 4> contexts;

  // The last decoded frame.
  uint32_t width = 0, height = 0;
  bool shown = false;
  bool intra_only = false;
  bool key_frame = false;
  std::shared_ptr<const FrameField> last;

  // Of the frame that wrote the segmentation map; nullptr: the map is all 0.
  std::shared_ptr<const FrameField> map;
};

}  // namespace daedalus::vp9
