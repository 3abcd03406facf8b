// SPDX-License-Identifier: MIT
// Plays whole frames of VP9 through the driver, as a VA client does, in one context. An input of an
// odd size is waited for after each frame.
#include <cstdlib>

#include "fuzz/linked_display.h"
#include "fuzz/vp9_frames.h"
#include "va/vp9/stream.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::fuzz {
namespace {

constexpr std::size_t max_data = std::size_t{1} << 16;
constexpr uint32_t max_samples = 512 * 512;

// Shared by all inputs, because opening a device is slow.
VADisplay display() {
  static VADisplay opened = open_linked_display();
  if (!opened) abort();
  return opened;
}

void sync(VASurfaceID surface) {
  vaSyncSurface(display(), surface);
  VASurfaceDecodeMBErrors* errors = nullptr;
  vaQuerySurfaceError(display(), surface, VA_STATUS_ERROR_DECODING_ERROR,
                      reinterpret_cast<void**>(&errors));
  for (int i = 0; errors && errors[i].status != -1; ++i)
    if (errors[i].start_mb > errors[i].end_mb) abort();
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus;
  using namespace daedalus::fuzz;
  if (size > max_data) return 0;
  const auto frames = read_vp9_frames({data, size});
  if (frames.empty()) return 0;
  const auto first = vp9::parse_uncompressed_header({.frame = frames.front()}, {});
  const bool small = first && first->width * first->height <= max_samples;
  const uint32_t width = small ? first->width : 64, height = small ? first->height : 64;
  const VAProfile profile =
      first && first->profile == 2 ? VAProfileVP9Profile2 : VAProfileVP9Profile0;
  test::Vp9Client client(display(), profile, width, height);
  for (const auto frame : frames) {
    client.decode(frame);
    if (size % 2) sync(client.target());
  }
  for (const VASurfaceID surface : client.surfaces()) sync(surface);
  return 0;
}
