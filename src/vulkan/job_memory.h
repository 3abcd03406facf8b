// SPDX-License-Identifier: MIT
// Offsets in a job's memory, in quads of 16 bytes, and how a dispatch's workgroups are divided.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/work_table.h"

namespace daedalus::vulkan {

constexpr uint32_t divide_up(uint64_t value, uint32_t divisor) {
  return static_cast<uint32_t>((value + divisor - 1) / divisor);
}

constexpr uint64_t quads(uint64_t bytes) {
  return (bytes + 15) / 16;
}

// The index of a quad's first word, as shaders count.
constexpr uint32_t word_of(uint64_t quad) {
  return static_cast<uint32_t>(quad * 4);
}

// `memory` must have room for it.
template <typename T>
std::span<T> list_at(std::span<std::byte> memory, uint64_t quad, std::size_t count) {
  return {reinterpret_cast<T*>(memory.data() + quad * 16), count};
}

// Divides workgroups of this size among classes of records, one class after the other.
template <uint32_t classes>
class WorkTableWriter {
 public:
  WorkTableWriter(WorkTable<classes>& table, uint32_t lanes) : table_(table), lanes_(lanes) {
    table_.groups[0] = 0;
  }

  // Records [first, first + count), each taking 2^log2_lanes invocations.
  void add(uint32_t first, uint32_t count, uint32_t log2_lanes) {
    table_.first[class_] = first;
    table_.end[class_] = first + count;
    groups_ += divide_up(uint64_t{count} << log2_lanes, lanes_);
    table_.groups[++class_] = groups_;
  }

  uint32_t groups() const { return groups_; }

 private:
  WorkTable<classes>& table_;
  const uint32_t lanes_;
  uint32_t class_ = 0, groups_ = 0;
};

}  // namespace daedalus::vulkan
