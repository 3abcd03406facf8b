// SPDX-License-Identifier: MIT
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

// For logs.
constexpr const char* describe(Error error) {
  switch (error) {
    case Error::out_of_memory:
      return "out of memory";
    case Error::device_lost:
      return "device lost";
    case Error::unsupported:
      return "not supported";
    case Error::invalid_parameter:
      return "a parameter is out of range";
    case Error::timeout:
      return "timed out";
    case Error::damaged:
      return "damaged bitstream";
  }
  return "unknown error";
}

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace daedalus
