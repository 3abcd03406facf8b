// SPDX-License-Identifier: MIT
// Replaces src/h264/cabac_decoder.h: decodes what the random source chooses, which also encodes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "h264/bit_reader.h"

namespace daedalus::h264 {

enum class CabacState : uint8_t {};

namespace cabac {
extern const std::array<uint64_t, 128> steps;
// ctxIdx 0 of the slice being written; null while its address is being found.
inline thread_local const CabacState* first_context = nullptr;
}  // namespace cabac

class CabacDecoder {
 public:
  CabacDecoder() = default;
  CabacDecoder(const uint8_t* data, std::size_t first_byte) {
    source().begin_cabac(data, first_byte);
  }

  bool valid() const { return true; }

  uint32_t decision(CabacState& state) {
    if (!cabac::first_context) {
      probed = &state;
      return 0;
    }
    const auto before = static_cast<uint8_t>(state);
    const bool bin =
        source().decision(before, static_cast<uint32_t>(&state - cabac::first_context));
    const uint64_t step = cabac::steps[before];
    state = static_cast<CabacState>(bin == (before & 1) ? step : step >> 8);
    return bin;
  }
  uint32_t bypass() { return source().bypass(); }
  int32_t with_sign(int32_t value) { return source().bypass() ? -value : value; }
  bool terminate() { return source().terminate(); }
  // Samples of I_PCM macroblocks are at the start of the unit that the parser was given.
  std::size_t position() const { return 0; }

  // The context variable of a decision that was not made because first_context was null.
  static inline thread_local const CabacState* probed = nullptr;

 private:
  static random::Source& source() { return random::Source::current(); }
};

}  // namespace daedalus::h264
