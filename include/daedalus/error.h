// What can go wrong below the API edge. Functions return it as a value; no exception crosses a
// room.
#pragma once

#include <tl/expected.hpp>

namespace daedalus {

enum class Error {
  out_of_memory,      // host or device memory
  device_lost,        // the device failed or was reset; what it was working on is undefined
  unsupported,        // understood, but outside of what this driver or device does
  invalid_parameter,  // the caller's value is outside of its documented range
  timeout,            // the wait ended before the event
  damaged,            // the bitstream contradicts its specification
};

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace daedalus
