// SPDX-License-Identifier: MIT
// When an object that others held may be written again.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

namespace daedalus {

// Whether nobody else holds the object. If so, everything that the other holders did with it
// happens before this returns. Only the caller may create new holders.
template <typename T>
bool is_sole_holder(const std::shared_ptr<T>& pointer) {
  if (pointer.use_count() != 1) return false;
  // use_count() orders nothing. Destroying a copy decrements the count, as the others did, and so
  // synchronises with them.
  std::shared_ptr<T>(pointer).reset();
  return true;
}

// Objects that are reused when nothing else holds them.
template <typename T>
class SharedPool {
 public:
  std::shared_ptr<T> take() {
    const auto unused = std::find_if(objects_.begin(), objects_.end(), is_sole_holder<T>);
    if (unused != objects_.end()) return *unused;
    return objects_.emplace_back(std::make_shared<T>());
  }
  template <typename Function>
  void for_unused(Function function) {
    for (auto& object : objects_)
      if (is_sole_holder(object)) function(*object);
  }

 private:
  std::vector<std::shared_ptr<T>> objects_;
};

}  // namespace daedalus
