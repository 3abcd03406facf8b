// The arithmetic decoding engine (H.264 9.3.1.2, 9.3.3.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "h264/bit_reader.h"

namespace daedalus::h264 {

// A context variable: pStateIdx << 1 | valMPS. A type of its own, because a store through a pointer
// to uint8_t might be one to anything, and would keep the decoder out of registers.
enum class CabacState : uint8_t {};

namespace cabac {

// rangeTabLPS (Table 9-44) by context variable * 4 + qCodIRangeIdx.
extern const std::array<uint8_t, 128 * 4> range_lps;
// The next context variable (Table 9-45) after a most and after a least probable symbol.
extern const std::array<CabacState, 128> next_state_mps;
extern const std::array<CabacState, 128> next_state_lps;

}  // namespace cabac

// codIRange and codIOffset are kept with the bits of the stream that follow below them: the
// leading bit of range_ is bit 8 of codIRange, and the number of bits after codIRange's last one is
// how many are in stock. Renormalisation is then nothing but a new position of the leading bit, and
// new bits are needed only when range_ has become shorter than codIRange's 9 bits; between bins it
// never is.
class CabacDecoder {
 public:
  CabacDecoder() = default;
  // Starts at a byte of the RBSP.
  CabacDecoder(const uint8_t* data, std::size_t first_byte)
      : data_(data),
        next_(data + first_byte + 7),
        range_(uint64_t{510} << 47),
        offset_(load_big_endian(data + first_byte) >> 8) {}

  bool valid() const { return offset_ < range_; }

  // The branch is mispredicted now and then, but so would be that of the caller on the bin; and
  // where it is predicted nothing waits for the comparison.
  [[gnu::always_inline]] uint32_t decision(CabacState& state) {
    const auto before = static_cast<std::size_t>(state);
    const int leading = leading_bit();
    // The leading bit is in it: 4 + qCodIRangeIdx.
    const std::size_t quarter = range_ >> (leading - 2);
    const uint64_t lps = uint64_t{cabac::range_lps[before * 4 + quarter - 4]} << (leading - 8);
    range_ -= lps;
    if (offset_ < range_) [[likely]] {
      state = cabac::next_state_mps[before];
      refill_if_short();
      return before & 1;
    }
    offset_ -= range_;
    range_ = lps;
    state = cabac::next_state_lps[before];
    refill_if_short();
    return ~before & 1;
  }

  [[gnu::always_inline]] uint32_t bypass() { return bypass_mask() + 1; }

  // A sign: the value, negative where the bin is 1.
  [[gnu::always_inline]] int32_t with_sign(int32_t value) {
    const auto mask = static_cast<int32_t>(~bypass_mask());
    return (value ^ mask) - mask;
  }

  // Where it returns true codIRange stays what it was: what follows begins at position().
  [[gnu::always_inline]] bool terminate() {
    const uint64_t mps = range_ - (uint64_t{2} << (leading_bit() - 8));
    if (offset_ >= mps) return true;
    range_ = mps;
    refill_if_short();
    return false;
  }

  // Position in bits of what the decoding process of the specification would read next.
  std::size_t position() const {
    return static_cast<std::size_t>((next_ - data_) * 8 - (leading_bit() - 8));
  }

 private:
  // Of range_, which is never 0.
  int leading_bit() const { return 63 ^ __builtin_clzll(range_); }

  // All ones for 0, 0 for 1.
  [[gnu::always_inline]] uint32_t bypass_mask() {
    if (range_ < 512) [[unlikely]]
      refill();  // halving must not lose a bit
    range_ >>= 1;
    const auto is_zero = static_cast<uint64_t>(static_cast<int64_t>(offset_ - range_) >> 63);
    offset_ -= range_ & ~is_zero;
    return static_cast<uint32_t>(is_zero);
  }

  [[gnu::always_inline]] void refill_if_short() {
    if (range_ < 256) [[unlikely]]
      refill();
  }
  void refill() {
    offset_ = offset_ << 48 | load_big_endian(next_) >> 16;
    range_ <<= 48;
    next_ += 6;
  }

  const uint8_t* data_ = nullptr;
  const uint8_t* next_ = nullptr;
  uint64_t range_ = 0;
  uint64_t offset_ = 0;
};

}  // namespace daedalus::h264
