// SPDX-License-Identifier: MIT
// A browser's sandbox: no thread of the process can open, connect or start anything any more.
#pragma once

#include <string>
#include <vector>

namespace daedalus::test {

class Sandbox {
 public:
  // Closes it until the process exits.
  Sandbox();
  bool closed() const { return listener_ >= 0; }

  // Whether this system supports it.
  static bool offered();

  // The refused requests: the call and, if it names one, the file.
  std::vector<std::string> refused() const;

 private:
  int listener_;
};

}  // namespace daedalus::test
