// SPDX-License-Identifier: MIT
// Reads the settings of daedalus/settings.h.
#pragma once

#include <string>
#include <vector>

#include "daedalus/settings.h"

namespace daedalus {

struct LoadedSettings {
  Settings settings;
  // What was ignored, each with the file and line, or the variable. The log opens only when the
  // settings are known, so the caller logs them.
  std::vector<std::string> warnings;
};

// secure_getenv, or a test's substitute.
using GetEnvironment = char* (*)(const char* name);

// Reads the file, or the one that DAEDALUS_CONF names, and then the environment over it. A missing
// file is no warning unless DAEDALUS_CONF asked for it.
LoadedSettings load_settings(const std::string& path, GetEnvironment get_environment);

// daedalus_drv_video.conf in the directory that the build was configured with.
extern const char default_settings_path[];

}  // namespace daedalus
