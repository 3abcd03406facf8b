// SPDX-License-Identifier: MIT
// The implementation of profile() in daedalus/profile.h.
#pragma once

#include <string>

#include "daedalus/profile.h"

namespace daedalus {

// The profile belongs to the process, like its displays: the first display that names a file opens
// it, and the last one closes it when everything is written.
class ProfileSession {
 public:
  explicit ProfileSession(const std::string& path);
  ~ProfileSession();
  ProfileSession(const ProfileSession&) = delete;
  ProfileSession& operator=(const ProfileSession&) = delete;
};

// A client's call, from beginning to end. Its CPU time is kept in the client's thread until the
// client ends its next picture.
class ProfiledCall {
 public:
  enum class Kind { setup, sync, other };
  explicit ProfiledCall(Kind kind) : kind_(kind) {
    if (profile_enabled()) begin();
  }
  ~ProfiledCall() {
    if (profile_enabled()) end();
  }
  ProfiledCall(const ProfiledCall&) = delete;
  ProfiledCall& operator=(const ProfiledCall&) = delete;

 private:
  static void begin();
  void end() const;
  Kind kind_;
};

// The cost of this thread's calls since this was last called.
void take_calls(PictureProfile& picture);

}  // namespace daedalus
