// SPDX-License-Identifier: MIT
// Measures the input of advice (advice.h).
#pragma once

#include "bench/options.h"
#include "bench/report.h"

namespace daedalus::bench {

// Fills the report with a file for each clip: the given ones, or made ones of every codec and size.
// False if something failed, after printing what.
bool recommend(const Options& options, Report& report);

}  // namespace daedalus::bench
