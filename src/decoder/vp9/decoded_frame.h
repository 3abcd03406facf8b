// SPDX-License-Identifier: MIT
// The state that a decoded VP9 frame leaves with its surface: its size, by which references are
// scaled, and the stream's state after it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "daedalus/decoded_state.h"
#include "vp9/stream_state.h"

namespace daedalus::vp9 {

class DecodedFrame final : public DecodedState {
 public:
  static constexpr Kind kind{};

  DecodedFrame(uint64_t number_in, uint32_t width_in, uint32_t height_in, uint8_t bit_depth_in)
      : DecodedState(kind),
        number(number_in),
        width(width_in),
        height(height_in),
        bit_depth(bit_depth_in) {}

  // Frames are numbered across the process in the order of queueing: of a new decoder's references,
  // the one with the largest number was decoded last.
  const uint64_t number;
  const uint32_t width, height;  // luma samples
  const uint8_t bit_depth;

  // Whether stream() may be called: parsing of the frame has begun.
  bool has_stream() const { return has_stream_.load(std::memory_order_acquire); }
  // Null if the stream began with this frame and it was lost.
  const std::shared_ptr<const StreamState>& stream() const { return stream_; }

  // The frame whose segmentation map the next frame would continue; null if it is this frame.
  const std::shared_ptr<const DecodedFrame>& map_frame() const { return map_frame_; }

  // Call once.
  void set_stream(std::shared_ptr<const StreamState> stream,
                  std::shared_ptr<const DecodedFrame> map_frame) {
    stream_ = std::move(stream);
    map_frame_ = std::move(map_frame);
    has_stream_.store(true, std::memory_order_release);
  }

 private:
  std::shared_ptr<const StreamState> stream_;
  std::shared_ptr<const DecodedFrame> map_frame_;
  std::atomic<bool> has_stream_ = false;
};

}  // namespace daedalus::vp9
