// SPDX-License-Identifier: MIT
// Plays whole VP9 frames through the driver in one context, as a VA client does. Inputs of odd size
// wait after each frame.
#include "fuzz/frames.h"
#include "fuzz/shared_display.h"
#include "va/vp9/stream.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::fuzz {
namespace {

constexpr std::size_t max_data = std::size_t{1} << 16;
constexpr uint32_t max_samples = 512 * 512;

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus;
  using namespace daedalus::fuzz;
  if (size > max_data) return 0;
  const auto frames = read_frames({data, size});
  if (frames.empty()) return 0;
  const auto first = vp9::parse_uncompressed_header({.frame = frames.front()}, {});
  const bool small = first && first->width * first->height <= max_samples;
  const uint32_t width = small ? first->width : 64, height = small ? first->height : 64;
  const VAProfile profile =
      first && first->profile == 2 ? VAProfileVP9Profile2 : VAProfileVP9Profile0;
  test::Vp9Client client(shared_display(), profile, width, height);
  for (const auto frame : frames) {
    client.decode(frame);
    if (size % 2) sync(client.target());
  }
  for (const VASurfaceID surface : client.surfaces()) sync(surface);
  return 0;
}
