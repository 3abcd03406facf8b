// SPDX-License-Identifier: MIT
// A list to which a tile's records are appended. It keeps its memory for the next picture.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

namespace daedalus {

template <typename T>
class RecordList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  [[gnu::always_inline]] void add(const T& record) {
    if (size_ == capacity_) [[unlikely]]
      grow();
    records_[size_++] = record;
  }
  void clear() { size_ = 0; }
  void cut(uint32_t size) { size_ = size; }
  uint32_t size() const { return size_; }
  std::span<const T> records() const { return {records_.get(), size_}; }
  std::span<T> records() { return {records_.get(), size_}; }

 private:
  [[gnu::noinline]] void grow() {
    const uint32_t capacity = capacity_ == 0 ? 256 : 2 * capacity_;
    auto larger = std::make_unique_for_overwrite<T[]>(capacity);
    std::copy_n(records_.get(), size_, larger.get());
    records_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> records_;
  uint32_t size_ = 0, capacity_ = 0;
};

}  // namespace daedalus
