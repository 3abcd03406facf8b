// All that a stream's frames leave to the frames after them. Such a state is never changed once it
// is written, but for what its FrameFields and SavedContexts say is still being parsed: it can be
// held by surfaces, and outlives contexts of the API that it was decoded in.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "vp9/frame_field.h"
#include "vp9/probabilities.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::vp9 {

// One of the four saved contexts. A frame that adapts its probabilities knows them after its last
// tile alone.
class SavedContext {
 public:
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  const Probabilities& probabilities() const { return probabilities_; }  // where ready()

  // Before anybody else knows of it.
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

  // Of the frame that wrote the segmentation map; nullptr: all of it is 0.
  std::shared_ptr<const FrameField> map;
};

}  // namespace daedalus::vp9
