// SPDX-License-Identifier: MIT
// Where the parser's readers get bins and bits while a slice is written: chosen at random when
// first requested, and repeated when the slice is parsed again.
//
// The parser serves as the grammar. It is compiled against readers that write (shadow/h264):
// whatever it reads is added to the slice. If a macroblock turns out to be invalid in a stream, the
// slice is restarted with what came before it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "h264/bit_writer.h"

namespace daedalus::h264::random {

using Engine = std::mt19937;

// The probabilities of choices.
struct Taste {
  uint32_t coded = 100;  // of 256: coded_block_flag, significant_coeff_flag
  uint32_t large = 40;   // of 256: each additional bin of a level
  uint32_t pcm = 10;     // of 256
  uint32_t skip = 50;    // of 256
};

// The arithmetic encoder (9.3.4.2).
class CabacEncoder {
 public:
  explicit CabacEncoder(BitWriter& out) : out_(out) {}
  void begin();
  // `state`: pStateIdx << 1 | valMPS.
  void decision(uint8_t state, bool bin);
  void bypass(bool bin);
  void terminate(bool bin);  // if it is 1, the last bit written is a 1

 private:
  void put(bool bit);
  void renormalise();

  BitWriter& out_;
  uint32_t low_ = 0, range_ = 510, outstanding_ = 0;
  bool is_first_ = true;
};

class Source {
 public:
  // The source of the slice being written on this thread.
  static Source& current() { return *current_; }

  Source(Engine& engine, const Taste& taste, const BitWriter& header, std::size_t pcm_bytes)
      : engine_(engine), taste_(taste), header_(header), pcm_bytes_(pcm_bytes) {
    current_ = this;
  }
  ~Source() { current_ = nullptr; }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Starts the slice again from its beginning.
  void restart();
  // Keeps the macroblocks so far. Later restarts repeat them.
  void keep() { marks_.push_back(position()); }
  // Discards the choices after the last `count` calls of keep().
  void drop(std::size_t count);
  // Call before a macroblock, or a pair. `mbs_left`: how many may be skipped.
  void begin_mb(uint32_t mbs_left) {
    is_first_code_ = true;
    mbs_left_ = mbs_left;
  }
  const BitWriter& slice() const { return out_; }
  BitWriter& slice() { return out_; }

  // CABAC. `context`: ctxIdx, or none for a bypass bin.
  void begin_cabac(const uint8_t* data, std::size_t first_byte);
  bool decision(uint8_t state, uint32_t context);
  bool bypass();
  bool terminate();
  // Says whether the next bin of terminate() is an end_of_slice_flag of 1.
  void set_end_of_slice(bool ends) { end_of_slice_ = ends ? End::yes : End::no; }
  uint32_t last_context() const { return last_context_; }

  // CAVLC.
  void begin_cavlc(const uint8_t* data, std::size_t first_bit);
  uint64_t window();
  void consume(uint32_t count) { next_ += count; }
  void choose_ue();
  void choose_se();
  void choose_te(uint32_t max);
  // The reader's end of data.
  bool at_end = false;
  // Call after the last macroblock. Stores the bits so far in slice().
  void write_bits();

 private:
  enum class End { unknown, no, yes };

  uint32_t below(uint32_t end) { return static_cast<uint32_t>(engine_() % end); }
  std::size_t position() const { return next_; }
  bool choose(uint32_t chance);
  uint32_t chance_of(uint32_t context) const;
  void append_pcm(const uint8_t* end);
  bool is_fresh() const { return next_ >= committed_; }
  void replace(uint32_t value, uint32_t length);
  void replace_ue(uint32_t value);

  static thread_local Source* current_;
  Engine& engine_;
  const Taste taste_;
  const BitWriter header_;
  const std::size_t pcm_bytes_;
  BitWriter out_;
  CabacEncoder encoder_{out_};

  // Bins or bits, one in each byte, in the order of requests.
  std::vector<uint8_t> choices_;
  std::size_t next_ = 0, committed_ = 0;
  std::vector<std::size_t> marks_;

  bool began_ = false;
  uint32_t last_context_ = 0;
  End end_of_slice_ = End::unknown;
  bool is_first_code_ = false;
  uint32_t mbs_left_ = 0;
};

}  // namespace daedalus::h264::random
