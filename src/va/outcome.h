// SPDX-License-Identifier: MIT
// The result of a call, with a reason for the log.
#pragma once

#include <va/va.h>

#include <string>

namespace daedalus::va {

// A status without a reason if it says everything.
struct Outcome {
  Outcome(VAStatus status_in, std::string reason_in = {})
      : status(status_in), reason(std::move(reason_in)) {}
  bool done() const { return status == VA_STATUS_SUCCESS; }

  VAStatus status;
  std::string reason;  // for the log: why the call failed
};

}  // namespace daedalus::va
