// SPDX-License-Identifier: MIT
// random_stream SEED SEQUENCES FILE: writes a random interlaced stream, and prints its width and
// height, and how many frames and pictures it has.
#include <cstdio>
#include <cstdlib>

#include "h264/random/stream_writer.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: random_stream SEED SEQUENCES FILE\n");
    return 2;
  }
  const auto number = [&](int i) { return static_cast<uint32_t>(strtoul(argv[i], nullptr, 10)); };
  const auto stream = daedalus::h264::random::write_stream(number(1), number(2));
  FILE* file = fopen(argv[3], "wb");
  if (!file) return 1;
  const bool written =
      fwrite(stream.bytes.data(), 1, stream.bytes.size(), file) == stream.bytes.size();
  if (fclose(file) != 0 || !written) return 1;
  printf("%u %u %u %u\n", stream.width, stream.height, stream.frames, stream.pictures);
}
