// SPDX-License-Identifier: MIT
// The L2 cache: 128 KiB, 16 ways, 64-byte lines, least recently used replacement, write-back.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace daedalus::v3d {

class L2Cache {
 public:
  static constexpr uint32_t line_bytes = 64, ways = 16, sets = 128 * 1024 / line_bytes / ways;

  void access(uint32_t line, bool write) {
    Set& set = sets_[line % sets];
    ++now_;
    Way* victim = &set[0];
    for (Way& way : set) {
      if (way.line == line) {
        way.used = now_;
        way.dirty |= write;
        return;
      }
      if (way.used < victim->used) victim = &way;
    }
    if (victim->dirty) written_ += line_bytes;
    // A line is not read before it is written, because every shader writes whole words.
    if (!write) read_ += line_bytes;
    *victim = {line, write, now_};
  }

  // The kernel cleans the cache after each dispatch.
  void clean() {
    for (Set& set : sets_)
      for (Way& way : set) {
        if (way.dirty) written_ += line_bytes;
        way.dirty = false;
      }
  }
  uint64_t read_bytes() const { return read_; }
  uint64_t written_bytes() const { return written_; }

 private:
  struct Way {
    uint32_t line = ~0u;
    bool dirty = false;
    uint64_t used = 0;
  };
  using Set = std::array<Way, ways>;
  std::vector<Set> sets_ = std::vector<Set>(sets);
  uint64_t now_ = 0, read_ = 0, written_ = 0;
};

}  // namespace daedalus::v3d
