// SPDX-License-Identifier: MIT
// GoogleTest assertions for job_check.h.
#pragma once

#include <gtest/gtest.h>

#include "job_memory.h"

namespace daedalus::h264 {

inline void expect_valid(const JobMemory& memory, uint32_t width_in_mbs) {
  const auto fault = first_fault(memory.job, width_in_mbs);
  ASSERT_FALSE(fault) << fault->broken << " does not hold at macroblock " << fault->address;
}

}  // namespace daedalus::h264
