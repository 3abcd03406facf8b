// SPDX-License-Identifier: MIT
// When what others held may be written again.
#pragma once

#include <memory>

namespace daedalus {

// Whether nobody else holds the object. Then all that others did with it happened before this
// returns, whichever of their threads let go of it last. Holders come by the caller's doing alone.
template <typename T>
bool is_sole_holder(const std::shared_ptr<T>& pointer) {
  if (pointer.use_count() != 1) return false;
  // use_count() says so and orders nothing. The end of a copy lowers the count as others' ends did,
  // and comes after them.
  std::shared_ptr<T>(pointer).reset();
  return true;
}

}  // namespace daedalus
