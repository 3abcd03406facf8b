// SPDX-License-Identifier: MIT
// A profile as text: a line of column names, then a line for each picture, separated by tabs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daedalus/profile.h"
#include "profile/job_work.h"

namespace daedalus {

struct ProfileColumn {
  std::string_view name;
  uint64_t PictureProfile::*value;  // either this
  uint64_t JobWork::*work;          // or this

  uint64_t of(const PictureProfile& picture) const;
};
std::span<const ProfileColumn> profile_columns();

std::string profile_head();
std::string profile_line(const PictureProfile& picture);

// Nothing if the text is not a profile of this version.
std::optional<std::vector<PictureProfile>> read_profile(std::string_view text);

}  // namespace daedalus
