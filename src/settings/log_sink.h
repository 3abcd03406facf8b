// Where log() of daedalus/log.h goes.
#pragma once

#include "daedalus/settings.h"

namespace daedalus {

// The log belongs to the process, as its displays do: the first open decides level and target, the
// last close leaves nothing behind.
void open_log(const Settings& settings);
void close_log();

}  // namespace daedalus
