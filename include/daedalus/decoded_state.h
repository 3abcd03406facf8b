// SPDX-License-Identifier: MIT
// What a decoded picture leaves behind for later pictures, beside its samples.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace daedalus {

// Motion, probabilities, segmentation, as the codec needs it. It stays with the surface, where the
// pictures of a context that is made later find it too, and does not change once it is written.
class DecodedState {
 public:
  // One object for each class of states; a codec knows its own by it.
  struct Kind {};

  enum class Progress : uint8_t {
    queued,   // nobody may wait for it
    running,  // all of the picture's tasks are in the hands of threads: it can be followed
    written,  // or never will be
  };

  virtual ~DecodedState() = default;
  DecodedState(const DecodedState&) = delete;
  DecodedState& operator=(const DecodedState&) = delete;

  bool is(const Kind& kind) const { return &kind_ == &kind; }
  Progress progress() const { return progress_; }
  void set_progress(Progress progress) { progress_ = progress; }

 protected:
  explicit DecodedState(const Kind& kind) : kind_(kind) {}

 private:
  const Kind& kind_;
  std::atomic<Progress> progress_ = Progress::queued;
};

// Null where there is none, or another codec's.
template <typename State>
std::shared_ptr<const State> state_as(std::shared_ptr<const DecodedState> state) {
  if (!state || !state->is(State::kind)) return nullptr;
  return std::static_pointer_cast<const State>(std::move(state));
}

}  // namespace daedalus
