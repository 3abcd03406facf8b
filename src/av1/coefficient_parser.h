// SPDX-License-Identifier: MIT
// coeffs() (5.11.39) and dequantisation (7.12.3) of one transform block.
#pragma once

#include <array>
#include <cstdint>

#include "av1/cdf.h"
#include "av1/scan_tables.h"
#include "av1/symbol_decoder.h"
#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// What a plane's coefficients are multiplied by.
struct Dequantizer {
  uint32_t dc = 4, ac = 4;
  const uint8_t* matrix = nullptr;  // for this plane and level, all sizes; null: flat
  uint32_t bit_depth = 8;
};

// A transform block with all_zero 0.
struct CodedBlock {
  TxSize size;
  TxType type;  // dct_dct for lossless blocks
  bool of_chroma;
  uint32_t dc_sign_context;
};

struct Coefficients {
  uint32_t count = 0;  // words written
  // Becomes AboveLevelContext and AboveDcContext (and Left...): culLevel | dcCategory << 6.
  uint8_t context = 0;
  bool broken = false;  // a value that no valid stream has
};

class CoefficientParser {
 public:
  // Writes words for PictureJob::coefficients, at most 1024.
  Coefficients parse(SymbolDecoder& decoder, CoefficientCdfs& cdfs, const CodedBlock& block,
                     const Dequantizer& dequantizer, uint32_t* words);

 private:
  template <TxClass tx_class>
  Coefficients parse_class(SymbolDecoder& decoder, CoefficientCdfs& cdfs, const CodedBlock& block,
                           const Dequantizer& dequantizer, uint32_t eob, uint32_t* words);
  template <TxClass tx_class>
  uint32_t read_levels(SymbolDecoder& decoder, CoefficientCdfs& cdfs, const CodedBlock& block,
                       uint32_t eob);
  Coefficients write(SymbolDecoder& decoder, CoefficientCdfs& cdfs, const CodedBlock& block,
                     const Dequantizer& dequantizer, uint32_t count, uint32_t* words);

  // For each position its level up to 15, and min(level, 3) << 6. All zero between blocks.
  std::array<uint8_t, level_stride * level_stride> levels_{};
  // Scan steps of the non-zero levels, last coefficient first.
  std::array<uint32_t, 1024> steps_;
};

}  // namespace daedalus::av1
