// SPDX-License-Identifier: MIT
#include "source.h"

#include <algorithm>

#include "h264/cabac_contexts.h"

namespace daedalus::h264::random {

namespace context = cabac::context;

thread_local Source* Source::current_ = nullptr;

void CabacEncoder::begin() {
  low_ = 0;
  range_ = 510;
  outstanding_ = 0;
  is_first_ = true;
}

void CabacEncoder::put(bool bit) {
  if (!is_first_) out_.bits(bit, 1);
  is_first_ = false;
  for (; outstanding_ > 0; --outstanding_) out_.bits(!bit, 1);
}

void CabacEncoder::renormalise() {
  for (; range_ < 256; range_ <<= 1, low_ <<= 1) {
    if (low_ < 256) {
      put(false);
    } else if (low_ >= 512) {
      low_ -= 512;
      put(true);
    } else {
      low_ -= 256;
      ++outstanding_;
    }
  }
}

void CabacEncoder::decision(uint8_t state, bool bin) {
  const uint32_t quarter = range_ >> 6 & 3;
  const auto lps = static_cast<uint32_t>(cabac::steps[state] >> (55 - 8 * quarter) & 255);
  range_ -= lps;
  if (bin != (state & 1)) {
    low_ += range_;
    range_ = lps;
  }
  renormalise();
}

void CabacEncoder::bypass(bool bin) {
  low_ <<= 1;
  if (bin) low_ += range_;
  if (low_ >= 1024) {
    put(true);
    low_ -= 1024;
  } else if (low_ < 512) {
    put(false);
  } else {
    low_ -= 512;
    ++outstanding_;
  }
}

void CabacEncoder::terminate(bool bin) {
  range_ -= 2;
  if (!bin) {
    renormalise();
    return;
  }
  low_ += range_;
  range_ = 2;
  renormalise();
  put((low_ >> 9 & 1) != 0);
  out_.bits((low_ >> 7 & 3) | 1, 2);
}

void Source::restart() {
  out_ = header_;
  committed_ = marks_.empty() ? 0 : marks_.back();
  choices_.resize(committed_);
  next_ = 0;
  began_ = false;
  at_end = false;
  end_of_slice_ = End::unknown;
}

void Source::drop(std::size_t count) {
  marks_.resize(marks_.size() - std::min(count, marks_.size()));
}

bool Source::choose(uint32_t chance) {
  if (next_ == choices_.size()) choices_.push_back(below(256) < chance);
  return choices_[next_++] != 0;
}

void Source::append_pcm(const uint8_t* end) {
  out_.align();
  for (const uint8_t* byte = end - pcm_bytes_; byte < end; ++byte) out_.bits(*byte, 8);
}

// Called at the start of the slice, then after the samples of each I_PCM macroblock.
void Source::begin_cabac(const uint8_t* data, std::size_t first_byte) {
  if (began_) {
    append_pcm(data + first_byte);
  } else {
    while (out_.bit_count() % 8 != 0) out_.bits(1, 1);  // cabac_alignment_one_bit
  }
  began_ = true;
  encoder_.begin();
}

uint32_t Source::chance_of(uint32_t ctx) const {
  const auto within = [ctx](uint32_t first, uint32_t count) {
    return ctx >= first && ctx < first + count;
  };
  if (within(context::mb_skip_flag_p, 3) || within(context::mb_skip_flag_b, 3)) return taste_.skip;
  if (within(context::mb_type_p, 1)) return 60;  // intra
  if (within(context::mb_type_b, 3)) return 190;
  if (within(context::mvd_x, 3) || within(context::mvd_y, 3)) return 170;
  if (within(context::ref_idx, 6)) return 150;
  if (within(context::mb_qp_delta, 2)) return 80;
  if (within(context::coded_block_flag, 20)) return taste_.coded;
  if (within(context::significant_coeff_flag, 61) ||
      within(context::significant_coeff_flag_field, 61))
    return taste_.coded;
  if (within(context::significant_coeff_flag_8x8, 15) ||
      within(context::significant_coeff_flag_8x8_field, 15))
    return taste_.coded / 2;
  if (within(context::last_significant_coeff_flag, 61) ||
      within(context::last_significant_coeff_flag_field, 61) ||
      within(context::last_significant_coeff_flag_8x8, 9) ||
      within(context::last_significant_coeff_flag_8x8_field, 9))
    return 256 - taste_.coded * 2 / 3;
  if (within(context::coeff_abs_level_minus1, 49) ||
      within(context::coeff_abs_level_minus1_8x8, 10))
    return taste_.large;
  return 128;
}

bool Source::decision(uint8_t state, uint32_t ctx) {
  last_context_ = ctx;
  const bool bin = choose(chance_of(ctx));
  encoder_.decision(state, bin);
  return bin;
}

bool Source::bypass() {
  const bool bin = choose(128);
  encoder_.bypass(bin);
  return bin;
}

// mb_type's second bin, for I_PCM, or end_of_slice_flag.
bool Source::terminate() {
  const bool bin = end_of_slice_ == End::unknown ? choose(taste_.pcm) : end_of_slice_ == End::yes;
  end_of_slice_ = End::unknown;
  encoder_.terminate(bin);
  return bin;
}

void Source::begin_cavlc(const uint8_t* data, std::size_t first_bit) {
  if (!began_) {
    began_ = true;
    return;
  }
  // pcm_alignment_zero_bit, and the samples.
  const uint8_t* byte = data + first_bit / 8 - pcm_bytes_;
  if (!is_fresh()) {
    while ((header_.bit_count() + next_) % 8 != 0) ++next_;
    next_ += pcm_bytes_ * 8;
    return;
  }
  choices_.resize(next_);
  while ((header_.bit_count() + choices_.size()) % 8 != 0) choices_.push_back(0);
  for (std::size_t i = 0; i < pcm_bytes_ * 8; ++i)
    choices_.push_back(byte[i / 8] >> (7 - i % 8) & 1);
  next_ = choices_.size();
}

uint64_t Source::window() {
  while (choices_.size() < next_ + 64) choices_.push_back(below(2) != 0);
  uint64_t window = 0;
  for (std::size_t i = 0; i < 64; ++i) window = window << 1 | choices_[next_ + i];
  return window;
}

// Bits that were peeked at but not consumed are chosen again.
void Source::replace(uint32_t value, uint32_t length) {
  choices_.resize(next_);
  while (length-- > 0) choices_.push_back(value >> length & 1);
}

void Source::replace_ue(uint32_t value) {
  const auto length = static_cast<uint32_t>(std::bit_width(value + 1));
  replace(value + 1, 2 * length - 1);
}

void Source::choose_ue() {
  if (!is_fresh()) return;
  const uint32_t kind = below(16);
  uint32_t value = kind < 8    ? below(4)
                   : kind < 12 ? below(13)
                   : kind < 15 ? below(31)
                               : std::array{25u, 30u, 48u, 47u}[below(4)];
  if (is_first_code_) value = below(256) < taste_.skip ? below(4) : value % 2 * below(3);
  if (is_first_code_) value = std::min(value, mbs_left_);
  is_first_code_ = false;
  replace_ue(value);
}

void Source::choose_se() {
  if (!is_fresh()) return;
  const uint32_t kind = below(16);
  replace_ue(kind < 11 ? below(5) : kind < 15 ? below(50) : below(400));
}

void Source::choose_te(uint32_t max) {
  if (!is_fresh()) return;
  if (max > 1)
    replace_ue(below(max + 1));
  else
    replace(below(2), 1);
}

void Source::write_bits() {
  for (std::size_t i = 0; i < next_; ++i) out_.bits(choices_[i], 1);
}

}  // namespace daedalus::h264::random
