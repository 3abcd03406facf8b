// SPDX-License-Identifier: MIT
// The driver's profile, read by the benchmark that requests it.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "profile/session.h"
#include "profile/table.h"

namespace daedalus::vulkan {

// Keeps the profile in memory.
class Profile {
 public:
  Profile()
      : file_(memfd_create("profile", 0)), session_("/proc/self/fd/" + std::to_string(file_)) {}

  // The record of the only picture in flight. It arrives soon after the picture completes.
  PictureProfile next() {
    while (true) {
      std::string text(1 << 14, '\0');
      const auto size = pread(file_, text.data(), text.size(), read_);
      text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
      const auto head = read_ == 0 && !text.empty() ? profile_head().size() : 0;
      const auto end = text.find('\n', head);
      if (end != text.npos) {
        read_ += static_cast<off_t>(end + 1);
        return read_profile(profile_head() + text.substr(head, end + 1 - head))->front();
      }
      std::this_thread::yield();
    }
  }

 private:
  const int file_;
  off_t read_ = 0;
  const ProfileSession session_;
};

// A device decides when it is opened whether to time its pictures, so this must exist before it.
inline Profile& the_profile() {
  static Profile profile;
  return profile;
}

}  // namespace daedalus::vulkan
