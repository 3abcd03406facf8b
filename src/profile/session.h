// SPDX-License-Identifier: MIT
// Where profile() of daedalus/profile.h goes.
#pragma once

#include <string>

#include "daedalus/profile.h"

namespace daedalus {

// The profile belongs to the process, as its displays do: the first one that names a file opens it,
// the last one of all closes it, when what was handed over is written.
class ProfileSession {
 public:
  explicit ProfileSession(const std::string& path);
  ~ProfileSession();
  ProfileSession(const ProfileSession&) = delete;
  ProfileSession& operator=(const ProfileSession&) = delete;
};

// A client's call, from its beginning to its end. Its CPU time waits, in the client's thread, for
// the picture that the client ends next.
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

// What the calls of this thread cost since it last asked.
void take_calls(PictureProfile& picture);

}  // namespace daedalus
