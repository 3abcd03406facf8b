// SPDX-License-Identifier: MIT
// What became of a call, with words for the log.
#pragma once

#include <va/va.h>

#include <string>

namespace daedalus::va {

// A status alone will do where it says all there is to say.
struct Outcome {
  Outcome(VAStatus status_in, std::string reason_in = {})
      : status(status_in), reason(std::move(reason_in)) {}
  bool done() const { return status == VA_STATUS_SUCCESS; }

  VAStatus status;
  std::string reason;  // for the log, why it was not done
};

}  // namespace daedalus::va
