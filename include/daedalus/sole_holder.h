// SPDX-License-Identifier: MIT
// When an object that others held may be written again.
#pragma once

#include <memory>

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

}  // namespace daedalus
