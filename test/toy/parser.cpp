// SPDX-License-Identifier: MIT
#include "toy/parser.h"

#include <algorithm>

namespace daedalus::toy {

bool is_in_range(const PictureParameters& parameters) {
  constexpr uint32_t most = max_size / block_size;
  return parameters.width_in_blocks - 1 < most && parameters.height_in_blocks - 1 < most;
}

void Parser::begin(const PictureParameters& parameters, std::span<const Slice> slices,
                   const State* before, Job& job) {
  parameters_ = parameters;
  slices_ = slices;
  job_ = &job;
  job.step = before ? before->step : 1;
  sum_ = 0;
  for (auto& row : rows_) row = false;
}

// Ignores bytes beyond the picture's last row; a row is complete or lost. Values from a bitstream
// must be bounded before they are used as an index.
void Parser::parse_slice(std::size_t index) {
  const auto& slice = slices_[index];
  const uint32_t width = parameters_.width_in_blocks;
  uint32_t sum = 0;
  std::size_t at = 0;
  for (uint32_t row = slice.first_row;
       row < parameters_.height_in_blocks && slice.data.size() - at >= width; ++row) {
    if (rows_[row].exchange(true)) break;  // another slice has it
    for (uint32_t column = 0; column < width; ++column) {
      const auto difference = std::to_integer<uint32_t>(slice.data[at++]);
      job_->differences[std::size_t{row} * width + column] = difference;
      sum += difference;
    }
  }
  sum_ += sum;
}

std::vector<Parser::Lost> Parser::finish(State& state) {
  std::vector<Lost> lost;
  const uint32_t width = parameters_.width_in_blocks;
  for (uint32_t row = 0; row < parameters_.height_in_blocks; ++row) {
    if (rows_[row]) continue;
    const auto blocks = job_->differences.subspan(std::size_t{row} * width, width);
    std::fill(blocks.begin(), blocks.end(), 0);
    lost.push_back({row * width, (row + 1) * width - 1});
  }
  state.step = 1 + sum_ % 7;
  return lost;
}

}  // namespace daedalus::toy
