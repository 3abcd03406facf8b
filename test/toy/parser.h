// SPDX-License-Identifier: MIT
// The toy's entropy stage: turns bytes into differences. A real codec has it in src/<codec>. It
// depends on neither VA nor Vulkan.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <vector>

#include "daedalus/decoded_state.h"
#include "toy/job.h"

namespace daedalus::toy {

struct PictureParameters {
  uint32_t width_in_blocks = 0, height_in_blocks = 0;
  bool key = true;
};

// Rows of blocks.
struct Slice {
  uint32_t first_row = 0;
  std::span<const std::byte> data;  // a byte for each of its blocks
};

// What a picture saves for pictures that refer to it.
class State final : public DecodedState {
 public:
  static constexpr Kind kind{};
  State() : DecodedState(kind) {}

  uint32_t step = 1;
};

// The picture's parameters must be within the toy's limits: 1 to max_size.
bool is_in_range(const PictureParameters& parameters);

// Parses one picture: call begin(), then parse_slice() once for each slice on any thread, then
// finish().
class Parser {
 public:
  // `before` is the reference's state, which must be written; null for a key picture.
  void begin(const PictureParameters& parameters, std::span<const Slice> slices,
             const State* before, Job& job);
  void parse_slice(std::size_t index);
  // Lost blocks, first to last. finish() makes rows without a slice repeat the reference, and
  // returns them.
  struct Lost {
    uint32_t first, last;
  };
  std::vector<Lost> finish(State& state);

 private:
  PictureParameters parameters_;
  std::span<const Slice> slices_;
  Job* job_ = nullptr;
  std::atomic<uint32_t> sum_ = 0;
  std::vector<std::atomic<bool>> rows_ = std::vector<std::atomic<bool>>(max_size / block_size);
};

}  // namespace daedalus::toy
