// SPDX-License-Identifier: MIT
#include "faults/plan.h"

#include <mutex>

namespace daedalus::test {

namespace {

std::mutex mutex;
std::optional<Fault> armed;
uint64_t wanted = 0;
Armed seen;

}  // namespace

void arm(Fault fault, uint64_t number) {
  std::lock_guard lock(mutex);
  armed = fault;
  wanted = number;
  seen = {};
}

Armed disarm() {
  std::lock_guard lock(mutex);
  armed.reset();
  return seen;
}

bool meets(Fault fault, const char* function) {
  std::lock_guard lock(mutex);
  if (armed != fault || ++seen.calls != wanted) return false;
  seen.fired = true;
  seen.function = function;
  return true;
}

}  // namespace daedalus::test
