// SPDX-License-Identifier: MIT
// How far the rows of a frame are parsed, for threads that parse later frames at the same time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace daedalus {

// Each row counts the tile columns that have finished it.
template <uint32_t max_rows>
class RowProgress {
 public:
  // Another tile column has finished this row.
  void add_parsed(uint32_t row) {
    auto& count = parsed_[row];
    if (count.fetch_add(1, std::memory_order_acq_rel) + 1 == tile_columns_) count.notify_all();
  }
  // Everything is parsed, or never will be: ends all waits.
  void finish() {
    for (auto& count : parsed_) {
      count.store(all, std::memory_order_release);
      count.notify_all();
    }
    finished_.store(true, std::memory_order_release);
  }
  bool finished() const { return finished_.load(std::memory_order_acquire); }

  void wait_for_row(uint32_t row) const {
    const auto& count = parsed_[row];
    for (uint32_t now = count.load(std::memory_order_acquire); now < tile_columns_;
         now = count.load(std::memory_order_acquire))
      count.wait(now, std::memory_order_acquire);
  }

 protected:
  RowProgress() = default;
  ~RowProgress() = default;

  // Call before any other thread knows the frame.
  void begin_rows(uint32_t tile_columns) {
    tile_columns_ = tile_columns;
    for (auto& count : parsed_) count.store(0, std::memory_order_relaxed);
    finished_.store(false, std::memory_order_relaxed);
  }

 private:
  static constexpr uint32_t all = ~0u;

  uint32_t tile_columns_ = 0;
  std::array<std::atomic<uint32_t>, max_rows> parsed_{};
  std::atomic<bool> finished_ = false;
};

}  // namespace daedalus
