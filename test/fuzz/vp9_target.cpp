// SPDX-License-Identifier: MIT
// VP9's entropy stage: parses the input's frames one after another, as a decoder does.
#include <cstdio>
#include <cstdlib>

#include "fuzz/frames.h"
#include "vp9/job_check.h"
#include "vp9/opened_frame.h"

namespace daedalus::fuzz {
namespace {

using namespace vp9;

constexpr std::size_t max_data = std::size_t{1} << 16;
constexpr uint32_t max_superblocks = 64;

void check(const PictureJob& job) {
  if (const char* const fault = first_fault(job)) {
    fprintf(stderr, "a job is broken: %s\n", fault);
    abort();
  }
}

void conceal(const test::OpenedFrame& frame) {
  const auto& header = frame.header;
  if (header.width == 0) return;
  JobMemory memory(max_room(header.width, header.height), header.width, header.height);
  PictureParser parser;
  parser.conceal(frame.picture, header.width, header.height, header.persistent.bit_depth,
                 memory.job);
  check(memory.job);
}

bool is_small(std::span<const std::byte> bytes, const StreamState* state,
              const test::Slots& slots) {
  const auto header =
      PictureParser::read_header({.frame = bytes, .references = slots.slots()}, state);
  return !header ||
         in_superblocks(header->width) * in_superblocks(header->height) <= max_superblocks;
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus::fuzz;
  if (size > max_data) return 0;
  std::shared_ptr<const daedalus::vp9::StreamState> state;
  daedalus::vp9::test::Slots slots;
  for (const auto bytes : read_frames({data, size})) {
    if (!is_small(bytes, state.get(), slots)) continue;
    daedalus::vp9::test::OpenedFrame frame(bytes, state, slots);
    if (!frame.opened) {
      conceal(frame);
      continue;
    }
    frame.parse();
    frame.parser.finish();
    check(frame.memory->job);
    state = frame.parser.state();
    slots.refresh(frame.header);
  }
  return 0;
}
