// SPDX-License-Identifier: MIT
// Decodes files with the entropy stage and the scalar reconstruction, and compares each picture
// with libavcodec's: av1_compare_streams [--parse-only] FILE...
#include <cstdio>
#include <cstring>
#include <string>

#include "av1/clip_comparison.h"

int main(int argc, char** argv) {
  using namespace daedalus::av1::test;
  bool reconstructs = true, all_equal = true;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--parse-only") == 0) {
      reconstructs = false;
      continue;
    }
    const auto result = compare_with_libavcodec(argv[i], reconstructs);
    all_equal &= result.equal();
    printf("%s %s: %s\n", result.equal() ? "equal" : "DIFFERS", argv[i],
           result.description().c_str());
    fflush(stdout);
  }
  return all_equal ? 0 : 1;
}
