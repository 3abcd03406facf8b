// SPDX-License-Identifier: MIT
// Plays AV1 temporal units through the driver in one context, as a VA client does. Inputs of odd
// size wait after each unit. If the second bit of the size is set, the input ends with changes of
// the parameters: clients may get wrong what no bitstream can say.
#include <algorithm>
#include <cstdlib>

#include "fuzz/frames.h"
#include "fuzz/shared_display.h"
#include "va/av1/stream.h"

namespace daedalus::fuzz {
namespace {

constexpr std::size_t max_data = std::size_t{1} << 16;
constexpr uint32_t max_samples = 512 * 512;

struct Opening {
  uint32_t width = 64, height = 64, bit_depth = 8;
};

Opening opening_of(std::span<const std::byte> unit) {
  Opening opening;
  av1::test::ObuReader reader;
  reader.read(unit, [&](const av1::test::CodedFrame& frame) {
    const auto& picture = frame.picture;
    if (picture.upscaled_width * picture.height > max_samples) return;
    opening.width = std::max(opening.width, picture.upscaled_width);
    opening.height = std::max(opening.height, picture.height);
    opening.bit_depth = picture.bit_depth;
  });
  return opening;
}

// Each change is the position of a byte in the picture's parameters and then its tiles', low byte
// first, and the bits of it that change.
constexpr std::size_t change_bytes = 3, changes_bytes = 4 * change_bytes;

void change(test::Av1Frame& frame, std::span<const uint8_t> changes) {
  const auto picture = std::as_writable_bytes(std::span(&frame.picture, 1));
  const auto tiles = std::as_writable_bytes(std::span(frame.tiles));
  for (; !changes.empty(); changes = changes.subspan(change_bytes)) {
    const std::size_t position =
        (changes[0] | std::size_t{changes[1]} << 8) % (picture.size() + tiles.size());
    std::byte& byte =
        position < picture.size() ? picture[position] : tiles[position - picture.size()];
    byte ^= std::byte{changes[2]};
  }
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus;
  using namespace daedalus::fuzz;
  if (size > max_data) return 0;
  std::span<const uint8_t> input(data, size), changes;
  if ((size & 2) != 0 && size > changes_bytes) {
    changes = input.last(changes_bytes);
    input = input.first(size - changes_bytes);
  }
  const auto units = read_frames(input);
  if (units.empty()) return 0;
  const auto opening = opening_of(units.front());
  test::Av1Client client(shared_display(), opening.bit_depth, opening.width, opening.height);
  for (const auto unit : units) {
    client.decode(unit, [&](test::Av1Frame& frame) { change(frame, changes); });
    if (size % 2) sync(client.shown());
  }
  for (const VASurfaceID surface : client.surfaces()) sync(surface);
  return 0;
}
