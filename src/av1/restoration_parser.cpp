// SPDX-License-Identifier: MIT
#include "av1/restoration_parser.h"

#include <algorithm>

namespace daedalus::av1 {

namespace {

struct Tap {
  int32_t min, max, mid;
  uint32_t k;
};
// Wiener_Taps_Min, _Max, _Mid, _K.
constexpr std::array<Tap, 3> wiener_taps = {{{-5, 10, 3, 1}, {-23, 8, -7, 2}, {-17, 46, 15, 3}}};
// Sgrproj_Xqd_Min, _Max, _Mid, SGRPROJ_PRJ_SUBEXP_K.
constexpr std::array<Tap, 2> xqd_taps = {{{-96, 31, -32, 4}, {-32, 95, 31, 4}}};

// Whether Sgr_Params[set] has a non-zero radius in each pass (7.17.3), as a bit for each set.
constexpr uint32_t first_pass_sets = 0xc3ff, second_pass_sets = 0x3fff;

uint32_t read_subexp(SymbolDecoder& decoder, uint32_t symbols, uint32_t k) {
  uint32_t base = 0;
  for (uint32_t i = 0;; ++i) {
    const uint32_t bits = i == 0 ? k : k + i - 1;
    const uint32_t a = 1u << bits;
    if (symbols <= base + 3 * a) return decoder.non_symmetric(symbols - base) + base;
    if (!decoder.bit()) return decoder.literal(bits) + base;
    base += a;
  }
}

// inverse_recenter(r, v) (5.9.29)
uint32_t inverse_recenter(uint32_t r, uint32_t v) {
  if (v > 2 * r) return v;
  return (v & 1) != 0 ? r - ((v + 1) >> 1) : r + (v >> 1);
}

// decode_signed_subexp_with_ref_bool()
int32_t read_tap(SymbolDecoder& decoder, const Tap& tap, int32_t reference) {
  const auto symbols = static_cast<uint32_t>(tap.max + 1 - tap.min);
  const auto r = static_cast<uint32_t>(reference - tap.min);
  const uint32_t v = read_subexp(decoder, symbols, tap.k);
  const uint32_t x = 2 * r <= symbols ? inverse_recenter(r, v)
                                      : symbols - 1 - inverse_recenter(symbols - 1 - r, v);
  return static_cast<int32_t>(x) + tap.min;
}

// The restoration units that begin in an area whose start and length are in units of 4 samples,
// scaled by numerator / denominator.
struct Range {
  uint32_t begin, end;
};
Range units_in(uint32_t begin, uint32_t length, uint32_t numerator, uint32_t denominator,
               uint32_t count) {
  const auto first_at = [&](uint32_t at) {
    return (at * numerator + denominator - 1) / denominator;
  };
  return {first_at(begin), std::min(first_at(begin + length), count)};
}

}  // namespace

void RestorationParser::begin() {
  for (auto& plane : ref_wiener_)
    for (auto& pass : plane)
      for (std::size_t i = 0; i < pass.size(); ++i) pass[i] = wiener_taps[i].mid;
  for (auto& plane : ref_xqd_)
    for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = xqd_taps[i].mid;
}

void RestorationParser::read_superblock(TileContext& tile, uint32_t mi_row, uint32_t mi_col) {
  const PictureParameters& picture = tile.picture();
  const uint32_t size = 1u << tile.frame->sb_units_log2;
  const uint32_t planes = picture.monochrome ? 1 : 3;
  for (uint32_t plane = 0; plane < planes; ++plane) {
    // A plane without restoration has no units, nor has a frame that is lossless or has intra block
    // copy, whatever the parameters say.
    if (tile.frame->restoration_units[plane].empty()) continue;
    const uint32_t shift = plane == 0 ? 0 : 1;
    const uint32_t unit_log2 = picture.restoration_size_log2[plane];
    const uint32_t rows = restoration_unit_count((picture.height + shift) >> shift, unit_log2);
    const uint32_t columns =
        restoration_unit_count((picture.upscaled_width + shift) >> shift, unit_log2);
    // The size of a superblock in the upscaled picture.
    const bool scaled = picture.superres_denominator != 8;
    const uint32_t numerator = (4u >> shift) * (scaled ? picture.superres_denominator : 1u);
    const uint32_t denominator = (scaled ? 8u : 1u) << unit_log2;
    const Range down = units_in(mi_row, size, 4u >> shift, 1u << unit_log2, rows);
    const Range across = units_in(mi_col, size, numerator, denominator, columns);
    for (uint32_t row = down.begin; row < down.end; ++row)
      for (uint32_t column = across.begin; column < across.end; ++column)
        tile.frame->restoration_units[plane][row * columns + column] = read_unit(tile, plane);
  }
}

RestorationUnit RestorationParser::read_unit(TileContext& tile, uint32_t plane) {
  SymbolDecoder& decoder = tile.decoder;
  ModeCdfs& cdfs = tile.cdfs.modes;
  auto type = Restoration::none;
  switch (tile.picture().restoration[plane]) {
    case Restoration::wiener:
      if (decoder.boolean(cdfs.use_wiener)) type = Restoration::wiener;
      break;
    case Restoration::self_guided:
      if (decoder.boolean(cdfs.use_sgrproj)) type = Restoration::self_guided;
      break;
    default:
      type = static_cast<Restoration>(decoder.symbol(cdfs.restoration_type));
  }
  if (type == Restoration::wiener) return read_wiener(decoder, plane);
  if (type == Restoration::self_guided) return read_self_guided(decoder, plane);
  return {};
}

RestorationUnit RestorationParser::read_wiener(SymbolDecoder& decoder, uint32_t plane) {
  std::array<uint32_t, 2> packed{};
  for (std::size_t pass = 0; pass < 2; ++pass)
    for (std::size_t i = plane == 0 ? 0 : 1; i < 3; ++i) {
      int32_t& tap = ref_wiener_[plane][pass][i];
      tap = read_tap(decoder, wiener_taps[i], tap);
      packed[pass] |= (static_cast<uint32_t>(tap) & 0xff) << (8 * i);
    }
  return {static_cast<uint32_t>(Restoration::wiener), packed[0], packed[1], 0};
}

RestorationUnit RestorationParser::read_self_guided(SymbolDecoder& decoder, uint32_t plane) {
  const uint32_t set = decoder.literal(4);
  auto& xqd = ref_xqd_[plane];
  xqd[0] = (first_pass_sets >> set & 1) != 0 ? read_tap(decoder, xqd_taps[0], xqd[0]) : 0;
  xqd[1] = (second_pass_sets >> set & 1) != 0
               ? read_tap(decoder, xqd_taps[1], xqd[1])
               : std::clamp((1 << 7) - xqd[0], xqd_taps[1].min, xqd_taps[1].max);
  return {static_cast<uint32_t>(Restoration::self_guided), set,
          (static_cast<uint32_t>(xqd[0]) & 0xffff) | static_cast<uint32_t>(xqd[1]) << 16, 0};
}

}  // namespace daedalus::av1
