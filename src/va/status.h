// SPDX-License-Identifier: MIT
// Translates the core's errors into VA statuses.
#pragma once

#include <va/va.h>

#include "daedalus/error.h"

namespace daedalus::va {

constexpr VAStatus to_status(Error error) {
  switch (error) {
    case Error::out_of_memory:
      return VA_STATUS_ERROR_ALLOCATION_FAILED;
    case Error::device_lost:
      return VA_STATUS_ERROR_OPERATION_FAILED;
    case Error::unsupported:
      return VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
    case Error::invalid_parameter:
      return VA_STATUS_ERROR_INVALID_PARAMETER;
    case Error::timeout:
      return VA_STATUS_ERROR_TIMEDOUT;
    case Error::damaged:
      return VA_STATUS_ERROR_DECODING_ERROR;
  }
  return VA_STATUS_ERROR_UNKNOWN;
}

template <typename T>
VAStatus to_status(const Result<T>& result) {
  return result ? VA_STATUS_SUCCESS : to_status(result.error());
}

}  // namespace daedalus::va
