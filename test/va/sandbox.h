// SPDX-License-Identifier: MIT
// A browser's sandbox: no thread of the process opens, connects or starts anything any more.
#pragma once

#include <string>
#include <vector>

namespace daedalus::test {

class Sandbox {
 public:
  // From here on to the end of the process.
  Sandbox();
  bool closed() const { return listener_ >= 0; }

  // Whether this system has such a thing.
  static bool offered();

  // The refused requests: the call and, if it names one, the file.
  std::vector<std::string> refused() const;

 private:
  int listener_;
};

}  // namespace daedalus::test
