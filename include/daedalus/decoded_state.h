// SPDX-License-Identifier: MIT
// What a decoded picture leaves behind for later pictures, beside its samples.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace daedalus {

// Motion, probabilities or segmentation, as the codec needs it. It stays with the surface, where a
// context that is created later finds it too, and does not change after it is written.
class DecodedState {
 public:
  // One object for each class of states, by which a codec recognises its own.
  struct Kind {};

  enum class Progress : uint8_t {
    queued,   // must not be waited for
    running,  // threads have taken all of the picture's tasks: its progress can be followed
    written,  // or will never be written
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

// Null if there is none, or if it is another codec's.
template <typename State>
std::shared_ptr<const State> state_as(std::shared_ptr<const DecodedState> state) {
  if (!state || !state->is(State::kind)) return nullptr;
  return std::static_pointer_cast<const State>(std::move(state));
}

}  // namespace daedalus
