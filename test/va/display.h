// SPDX-License-Identifier: MIT
// The benchmark's VADisplay, which needs neither an X server nor a DRM node.
#pragma once

#include "bench/display.h"

namespace daedalus::test {

inline VADisplay open_test_display() {
  return bench::open_display();
}

}  // namespace daedalus::test
