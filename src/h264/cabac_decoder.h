// SPDX-License-Identifier: MIT
// The arithmetic decoding engine (H.264 9.3.1.2, 9.3.3.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "h264/bit_reader.h"

namespace daedalus::h264 {

// A context variable: pStateIdx << 1 | valMPS. It is a type of its own because uint8_t may alias
// anything: a store through a pointer to it would force the decoder's state out of registers.
enum class CabacState : uint8_t {};

namespace cabac {

// Everything a decision needs from the tables for one context variable, in one load.
// Bits 55..62, 47..54, 39..46 and 31..38: rangeTabLPS (Table 9-44) for qCodIRangeIdx 0 to 3, so
// that a shift by 8 * qCodIRangeIdx brings it to where range_ has codIRange. Bits 0..7 and 8..15:
// the context variable (Table 9-45) after a most and after a least probable symbol.
extern const std::array<uint64_t, 128> steps;

}  // namespace cabac

// codIRange is in the upper 9 bits of range_, codIOffset in those of offset_, followed by the next
// bits of the stream and a one that marks their end. So comparing the two is the specification's
// comparison, and shifting both is the renormalisation. The table's address does not depend on
// range_, because the latency until the next range is known limits CABAC.
class CabacDecoder {
 public:
  CabacDecoder() = default;
  // Starts at a byte of the RBSP.
  CabacDecoder(const uint8_t* data, std::size_t first_byte)
      : data_(data),
        next_(data + first_byte + 7),
        range_(uint64_t{510} << codi_shift),
        offset_((load_big_endian(data + first_byte) & ~uint64_t{0xff}) | 0x80) {}
  // Member by member: compilers would load two members at once, and such a load stalls until both
  // recent stores have left the store buffer.
  CabacDecoder(const CabacDecoder& other)
      : data_(other.data_), next_(other.next_), range_(other.range_), offset_(other.offset_) {}
  CabacDecoder& operator=(const CabacDecoder& other) {
    data_ = other.data_;
    next_ = other.next_;
    range_ = other.range_;
    offset_ = other.offset_;
    return *this;
  }

  bool valid() const { return offset_ < range_; }

  // A mispredicted branch here replaces the caller's mispredicted branch on the bin. If it is
  // predicted, nothing waits for the comparison.
  [[gnu::always_inline]] uint32_t decision(CabacState& state) {
    const auto before = static_cast<std::size_t>(state);
    const uint64_t step = cabac::steps[before];
    const uint64_t lps = step << (range_ >> 58 & 24) & (uint64_t{255} << codi_shift);
    const uint64_t mps = range_ - lps;
    if (offset_ < mps) [[likely]] {
      state = static_cast<CabacState>(step);
      renormalise_by_one(mps);
      return before & 1;
    }
    offset_ -= mps;
    state = static_cast<CabacState>(step >> 8);
    const int bits = __builtin_clzll(lps);
    range_ = lps << bits;
    offset_ <<= bits;
    refill_if_short();
    return ~before & 1;
  }

  [[gnu::always_inline]] uint32_t bypass() { return bypass_mask() & 1; }

  // A sign: the value, negative where the bin is 1.
  [[gnu::always_inline]] int32_t with_sign(int32_t value) {
    const auto mask = static_cast<int32_t>(bypass_mask());
    return (value ^ mask) - mask;
  }

  // If it returns true, codIRange is unchanged: what follows begins at position().
  [[gnu::always_inline]] bool terminate() {
    const uint64_t mps = range_ - (uint64_t{2} << codi_shift);
    if (offset_ >= mps) return true;
    renormalise_by_one(mps);
    return false;
  }

  // Position in bits of what the specification's decoding process would read next.
  std::size_t position() const {
    const auto in_stock = codi_shift - 1 - __builtin_ctzll(offset_);
    return static_cast<std::size_t>((next_ - data_) * 8 - in_stock);
  }

 private:
  static constexpr int codi_shift = 55;

  // A most probable symbol renormalises by at most one bit. A conditional doubling costs less than
  // a shift by a variable count, which takes x86 several instructions, and a selection yields the
  // next range sooner than a mask does.
  [[gnu::always_inline]] void renormalise_by_one(uint64_t mps) {
    const auto missing = static_cast<uint64_t>(static_cast<int64_t>(~mps) >> 63);
    const uint64_t twice = mps + mps;
    range_ = static_cast<int64_t>(mps) < 0 ? mps : twice;
    offset_ += offset_ & missing;
    refill_if_short();
  }

  // All ones for 1, 0 for 0. Compares half the range instead of twice the offset.
  [[gnu::always_inline]] uint32_t bypass_mask() {
    const uint64_t half = range_ >> 1;
    const uint64_t mask = -static_cast<uint64_t>(offset_ >= half);
    offset_ = (offset_ - (half & mask)) << 1;
    refill_if_short();
    return static_cast<uint32_t>(mask);
  }

  [[gnu::always_inline]] void refill_if_short() {
    if (static_cast<uint32_t>(offset_) == 0) [[unlikely]]
      refill();
  }
  // The end mark has reached the upper half: there is room for 32 more bits.
  void refill() {
    const uint64_t bits = load_big_endian(next_) >> 32;
    offset_ += ((bits << 1 | 1) << (__builtin_ctzll(offset_) - 32)) - (offset_ & -offset_);
    next_ += 4;
  }

  const uint8_t* data_ = nullptr;
  const uint8_t* next_ = nullptr;
  uint64_t range_ = 0;
  uint64_t offset_ = 0;
};

}  // namespace daedalus::h264
