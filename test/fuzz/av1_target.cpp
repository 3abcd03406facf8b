// SPDX-License-Identifier: MIT
// AV1's entropy stage: parses the input's temporal units one after another, as a decoder does,
// including film grain's templates.
#include <cstdio>
#include <cstdlib>

#include "av1/film_grain.h"
#include "av1/job_check.h"
#include "av1/stream_parser.h"
#include "fuzz/frames.h"

namespace daedalus::fuzz {
namespace {

constexpr std::size_t max_data = std::size_t{1} << 16;

void check(const av1::test::OpenedFrame& frame) {
  if (const auto fault = av1::first_fault(frame.memory.job); !fault.empty()) {
    fprintf(stderr, "a job is broken: %s\n", fault.c_str());
    abort();
  }
  if (!frame.frame.picture.film_grain.apply_grain) return;
  av1::FilmGrain grain;
  make_film_grain(frame.frame.picture, grain);
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus::fuzz;
  if (size > max_data) return 0;
  daedalus::av1::test::StreamParser parser(check);
  for (const auto unit : read_frames({data, size})) parser.read(unit);
  return 0;
}
