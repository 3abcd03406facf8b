// SPDX-License-Identifier: MIT
// The job: what the entropy stage tells the GPU about one AV1 picture. Plain data, little-endian,
// written once, in order, into write-combined memory, never read back by the CPU.
// shaders/av1/job.glsl mirrors it.
//
// A job is a set of sorted lists without gaps. Threads that parse tiles side by side keep each
// tile's records in ordinary memory and merge them when the last tile is done. Only coefficients
// and palettes may be written while a tile is parsed, each tile into its own part.
//
// Names and cited clauses are the AV1 specification's. "Unit" is a square of 4x4 luma samples
// (MI_SIZE), "word" is 4 bytes, "quad" 16 bytes. The "coded size" is FrameWidth x FrameHeight,
// before superres; the "padded size" is MiCols x MiRows units, the coded size rounded up to
// multiples of 8. Positions are absolute and inside the padded size; blocks and transform blocks
// may extend beyond it. Chroma is 4:2:0, or absent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "daedalus/profile.h"
#include "daedalus/work_table.h"

namespace daedalus::av1 {

inline constexpr uint32_t max_width = 8192;  // samples; the least is 1
inline constexpr uint32_t max_height = 8192;
inline constexpr uint32_t reference_count = 7;  // LAST_FRAME .. ALTREF_FRAME: 0 .. 6
inline constexpr uint32_t no_reference = 7;

// MiCols or MiRows of a size in samples.
constexpr uint32_t in_units(uint32_t samples) {
  return 2 * ((samples + 7) / 8);
}
constexpr uint32_t in_64s(uint32_t samples) {
  return (samples + 63) / 64;
}

// How many records of each list a job has room for.
struct JobRoom {
  uint32_t blocks = 0;
  uint32_t tx_splits = 0;
  std::array<uint32_t, 2> predictions = {};  // of luma, of chroma
  uint32_t overlaps = 0;
  uint32_t warps = 0;
  std::array<uint32_t, 2> intra = {};
  uint32_t transforms = 0;
  uint32_t palette_words = 0;
  uint32_t coefficients = 0;
};

// Upper bounds for each 64x64 luma samples of a picture.
// Overlaps: an 8x8 block has at most one above and one left, in luma and in chroma. Warps: local
// warps of 8x8 blocks. Palettes: headers, colours and maps of 4x16 blocks in luma, and of pairs of
// them in chroma.
inline constexpr JobRoom max_room_per_64 = {
    .blocks = 256,
    .tx_splits = 256,
    .predictions = {256, 256},
    .overlaps = 64 * 4,
    .warps = 64,
    .intra = {256, 64},
    .transforms = 256 + 64,
    .palette_words = 64 * (26 + 9),
    .coefficients = 64 * 64 * 3 / 2,
};

constexpr JobRoom max_room(uint32_t width, uint32_t height) {
  const uint32_t squares = in_64s(width) * in_64s(height);
  JobRoom room = max_room_per_64;
  for (uint32_t* count :
       {&room.blocks, &room.tx_splits, &room.predictions[0], &room.predictions[1], &room.overlaps,
        &room.warps, &room.intra[0], &room.intra[1], &room.transforms, &room.palette_words}) {
    *count *= squares;
  }
  // Before each superblock, of up to 128x128, the parser has room for a whole one.
  room.coefficients *= ((width + 127) / 128) * ((height + 127) / 128) * 4;
  room.warps += reference_count;
  return room;
}

// Upper bound of the levels of intra records. A chain of dependent records that ends in the 64x64
// square (x, y) passes through at most x + 1 + 6 * (y + 1) squares, with intra block copy too, and
// through at most 256 records of luma and 64 of chroma in each.
constexpr uint32_t max_intra_levels(uint32_t width, uint32_t height) {
  return 320 * (in_64s(width) + 6 * in_64s(height));
}

// ---- Transform sizes and types ----

// TX_SIZE as the specification numbers it (6.10.16).
enum class TxSize : uint32_t {
  tx_4x4 = 0,
  tx_8x8 = 1,
  tx_16x16 = 2,
  tx_32x32 = 3,
  tx_64x64 = 4,
  tx_4x8 = 5,
  tx_8x4 = 6,
  tx_8x16 = 7,
  tx_16x8 = 8,
  tx_16x32 = 9,
  tx_32x16 = 10,
  tx_32x64 = 11,
  tx_64x32 = 12,
  tx_4x16 = 13,
  tx_16x4 = 14,
  tx_8x32 = 15,
  tx_32x8 = 16,
  tx_16x64 = 17,
  tx_64x16 = 18,
};
inline constexpr uint32_t tx_size_count = 19;
// Tx_Width_Log2, Tx_Height_Log2.
inline constexpr std::array<uint8_t, tx_size_count> tx_width_log2 = {2, 3, 4, 5, 6, 2, 3, 3, 4, 4,
                                                                     5, 5, 6, 2, 4, 3, 5, 4, 6};
inline constexpr std::array<uint8_t, tx_size_count> tx_height_log2 = {2, 3, 4, 5, 6, 3, 2, 4, 3, 5,
                                                                      4, 6, 5, 4, 2, 5, 3, 6, 4};

// TxType as the specification numbers it (6.10.19): "a_b" is a vertically, b horizontally.
enum class TxType : uint32_t {
  dct_dct = 0,
  adst_dct = 1,
  dct_adst = 2,
  adst_adst = 3,
  flipadst_dct = 4,
  dct_flipadst = 5,
  flipadst_flipadst = 6,
  adst_flipadst = 7,
  flipadst_adst = 8,
  idtx = 9,
  v_dct = 10,
  h_dct = 11,
  v_adst = 12,
  h_adst = 13,
  v_flipadst = 14,
  h_flipadst = 15,
  wht = 16,  // of lossless blocks, always 4x4
};
inline constexpr uint32_t tx_type_count = 17;

// ---- Blocks: what deblocking and CDEF derive their edges from ----

// Block sizes as the specification numbers them (6.10.4): BLOCK_4X4 0 .. BLOCK_128X128 15,
// BLOCK_4X16 16, 16X4, 8X32, 32X8, 16X64, BLOCK_64X16 21.
inline constexpr uint32_t block_size_count = 22;
inline constexpr std::array<uint8_t, block_size_count> block_width_log2 = {
    2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 2, 4, 3, 5, 4, 6};
inline constexpr std::array<uint8_t, block_size_count> block_height_log2 = {
    2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6, 5, 6, 7, 6, 7, 4, 2, 5, 3, 6, 4};

// Bits of BlockRecord::place.
namespace block_place {
inline constexpr uint32_t x_shift = 0;          // 11 bits, in units
inline constexpr uint32_t y_shift = 11;         // 11 bits, in units
inline constexpr uint32_t size_shift = 22;      // 5 bits
inline constexpr uint32_t skip = 1u << 27;      // Skips[][], after skip_mode and segment features
inline constexpr uint32_t is_inter = 1u << 28;  // IsInters[][]: 0 for intra block copy, too
// HasChroma: deblocking takes chroma's edges from the blocks at odd rows and columns, so from this
// block if it has any there.
inline constexpr uint32_t has_chroma = 1u << 29;
}  // namespace block_place

// Bits of BlockRecord::filter.
namespace block_filter {
// 6 bits each: lvlSeg of 7.14.4 after segment, delta_lf, reference and mode: of luma's vertical
// edges, of its horizontal ones, of Cb, of Cr.
inline constexpr uint32_t level_shift[4] = {0, 6, 12, 18};
// 5 bits, TxSize of all its luma transform blocks; no_tx_size if they differ: then they are in
// tx_splits. For blocks of 128 or 64x128: TX_64X64 and the like, repeated.
inline constexpr uint32_t tx_size_shift = 24;
inline constexpr uint32_t no_tx_size = 31;
}  // namespace block_filter

// Every block of the picture. Chroma's transform size follows from the block's size
// (get_tx_size_uv, 5.11.38) and, in lossless segments, is TX_4X4: then the luma size is TX_4X4 and
// bit 29 of `filter` is set.
struct alignas(8) BlockRecord {
  uint32_t place;
  uint32_t filter;
};
inline constexpr uint32_t block_is_lossless = 1u << 29;  // of BlockRecord::filter

// A luma transform block of a block whose transform sizes differ: LoopfilterTxSizes.
struct alignas(8) TxSplit {
  uint32_t place;  // as of transform records: x, y in units, TxSize at transform_place::size_shift
  uint32_t block;  // index in `blocks`
};

// ---- Inter prediction ----

// x is [1], y is [0], as in the bitstream: in eighths of a luma sample. The GPU clamps what it
// reads to the reference. Within +-2^14.
using MotionVector = std::array<int16_t, 2>;

// What it takes to make a record's prediction.
enum class PredictionKind : uint32_t {
  simple = 0,   // one reference, or the average or distance weighting of two; no overlap, no warp
  special = 1,  // masked compound, overlapped or warped
  scaled = 2,   // like either, but a reference's size differs from this picture's
};
inline constexpr uint32_t prediction_kind_count = 3;

// How two predictions are combined.
enum class Compound : uint32_t {
  none = 0,  // one reference
  average = 1,
  distance = 2,    // weight_0 of the first, 16 - weight_0 of the second
  wedge = 3,       // wedge_index, wedge_sign
  difference = 4,  // mask_type: 0 DIFFWTD_38, 1 DIFFWTD_38_INV
};

// Kernels (Subpel_Filters' first index in 7.11.3.4): regular, smooth, sharp, bilinear, and the
// four-tap versions of regular and smooth for widths (heights) up to 4.
inline constexpr uint32_t kernel_count = 6;

// Bits of PredictionRecord::place.
namespace prediction_place {
inline constexpr uint32_t x_shift = 0;        // 12 bits, in units of 2 samples of the plane
inline constexpr uint32_t y_shift = 12;       // 12 bits
inline constexpr uint32_t width_shift = 24;   // 3 bits: 2 << n samples, n 0..6
inline constexpr uint32_t height_shift = 27;  // 3 bits
}  // namespace prediction_place

// Bits of PredictionRecord::head.
namespace prediction_head {
inline constexpr uint32_t reference_0_shift = 0;   // 3 bits, 0..6
inline constexpr uint32_t reference_1_shift = 3;   // 3 bits, no_reference: one alone
inline constexpr uint32_t kernel_x_shift = 6;      // 3 bits, of the horizontal filter
inline constexpr uint32_t kernel_y_shift = 9;      // 3 bits
inline constexpr uint32_t compound_shift = 12;     // 3 bits, Compound
inline constexpr uint32_t weight_0_shift = 15;     // 4 bits, distance: FwdWeight, 3..13
inline constexpr uint32_t wedge_index_shift = 19;  // 4 bits
inline constexpr uint32_t wedge_sign = 1u << 23;
inline constexpr uint32_t mask_inverse = 1u << 24;  // difference: mask_type
// The first (second) reference is warped, by the matrix in `warps`. A scaled reference never is;
// its partner may be.
inline constexpr uint32_t warp_0 = 1u << 25;
inline constexpr uint32_t warp_1 = 1u << 26;
inline constexpr uint32_t has_overlaps = 1u << 27;  // `overlaps` says which
}  // namespace prediction_head

// A rectangle of a plane that is predicted in one way. Most blocks have one of luma and one of
// chroma (both components); chroma of small blocks may have several (sameUse of 7.11.3.1), each
// with the vectors of the luma block above it.
struct alignas(16) PredictionRecord {
  uint32_t place;
  uint32_t head;
  MotionVector mv_0;
  MotionVector mv_1;  // 0 where there is one reference
  // BLOCK_ size of its block. Wedge masks are of that size in luma; chroma's samples average four
  // of them (7.11.3.14). Records with masks cover their block.
  uint32_t block_size;
  // warp_0: index in `warps` of the first reference's matrix. The second one's, which is never a
  // local one, is at the index of the reference.
  uint32_t warp;
  // First of its overlaps | how many above << 24 | how many left << 28.
  uint32_t overlaps;
  uint32_t unused;
};

// A neighbour's prediction, blended with this block's (7.11.3.10): first those above, each with its
// position and length along the edge, in samples of the plane.
struct alignas(16) OverlapRecord {
  uint32_t
      span;  // x (or y) within the block in samples, 7 bits | length << 8 (2..64) | depth << 16
  uint32_t head;  // reference_0 and kernels of prediction_head; kernels by this span's size
  MotionVector mv;
  uint32_t unused;
};

// LocalWarpParams or gm_params with their shear (7.11.3.6): warpValid is 1. The first seven of the
// list are gm_params of the references, where warp_0 or warp_1 may name them; local ones follow.
struct alignas(16) WarpRecord {
  std::array<int32_t, 6> matrix;
  std::array<int16_t, 4> shear;  // alpha, beta, gamma, delta
};

// Predictions of a list are sorted by kind, then by this class: the logarithm of the area, with
// heights below 16 counted as 16. An invocation predicts 16 rows, so all records of a class take
// the same number of invocations.
inline constexpr uint32_t area_class_count = 10;
using AreaCounts = std::array<uint32_t, area_class_count>;

constexpr uint32_t area_class(uint32_t place) {
  const uint32_t width = place >> prediction_place::width_shift & 7;
  const uint32_t height = place >> prediction_place::height_shift & 7;
  return width + (height < 3 ? 3 : height) - 3;
}

// A GPU is fast when consecutive predictions are alike, so those of a class should be sorted by
// this, and in decoding order among equals. Correctness does not depend on it.
inline constexpr uint32_t motion_kind_count = 256;
constexpr uint32_t motion_kind(const PredictionRecord& record, bool chroma) {
  namespace head = prediction_head;
  const int mask = chroma ? 15 : 7;
  const uint32_t height = record.place >> prediction_place::height_shift & 7;
  uint32_t kind = height < 3 ? height : 3;
  if (((record.mv_0[0] | record.mv_1[0]) & mask) != 0) kind |= 1u << 2;
  if (((record.mv_0[1] | record.mv_1[1]) & mask) != 0) kind |= 1u << 3;
  if ((record.head >> head::reference_1_shift & 7) != no_reference) kind |= 1u << 4;
  if ((record.head & (head::warp_0 | head::warp_1)) != 0) kind |= 1u << 5;
  if ((record.head & head::has_overlaps) != 0) kind |= 1u << 6;
  // Filters of eight taps; the others have six.
  constexpr uint32_t sharp = 2;
  if ((record.head >> head::kernel_x_shift & 7) == sharp ||
      (record.head >> head::kernel_y_shift & 7) == sharp)
    kind |= 1u << 7;
  return kind;
}

// ---- Transform blocks ----

// Bits of `place` in transform and intra records, and in TxSplit: position in units of 4 samples of
// the plane.
namespace transform_place {
inline constexpr uint32_t x_shift = 0;           // 11 bits
inline constexpr uint32_t y_shift = 11;          // 11 bits
inline constexpr uint32_t size_shift = 22;       // 5 bits, TxSize
inline constexpr uint32_t of_chroma = 1u << 27;  // of transform records
// Added by the intra stage: for intra blocks, inter-intra and intra block copy.
inline constexpr uint32_t kept = 1u << 29;
}  // namespace transform_place

// A transform block of luma, or of Cb and Cr together, with a non-zero coefficient. In a block with
// inter-intra or intra block copy, if one luma transform block has a non-zero coefficient, all luma
// transform blocks of the block have a record; likewise chroma. A GPU is fast when consecutive
// records have the same type.
struct alignas(16) TransformRecord {
  uint32_t place;
  uint32_t coefficients;  // of luma, or of Cb: index in `coefficients`
  uint32_t shape;         // transform_shape
  uint32_t cr_coefficients;
};
// Both counts are 0..1024; luma has only the first. Cb and Cr have the same type.
constexpr uint32_t transform_shape(uint32_t count, uint32_t cr_count, TxType type) {
  return count | cr_count << 11 | static_cast<uint32_t>(type) << 22;
}

// A coefficient that is not 0: value << 10 | position. The value is Dequant[][] of 7.12.3, as
// clamped there: 16 bits with sign for 8 bits, 18 for 10 bits. The position is
// row << min(log2 width, 5) | column.
inline constexpr uint32_t coefficient_word(int32_t value, uint32_t position) {
  return static_cast<uint32_t>(value) << 10 | position;
}

// ---- Intra prediction, and everything else that reads this picture's own samples ----

// The specification's numbers of y modes (6.10.6), and the intra stage's other work.
enum class IntraMode : uint32_t {
  dc = 0,
  v = 1,
  h = 2,
  d45 = 3,
  d135 = 4,
  d113 = 5,
  d157 = 6,
  d203 = 7,
  d67 = 8,
  smooth = 9,
  smooth_v = 10,
  smooth_h = 11,
  paeth = 12,
  cfl = 13,     // chroma: DC, and alphas
  filter = 14,  // recursive filter, luma: filter_mode
  palette = 15,
  copy = 16,         // intra block copy: a whole block of the plane
  inter_intra = 17,  // a whole block, blended with what inter prediction left
};

// With an angle, in IntraRecord::mode.
constexpr bool is_directional(IntraMode mode) {
  return mode >= IntraMode::v && mode <= IntraMode::d67;
}

// Bits of IntraRecord::mode.
namespace intra_mode {
inline constexpr uint32_t mode_shift = 0;  // 5 bits, IntraMode
// Directional modes (V_PRED to D67_PRED): pAngle of 7.11.2, 3..267, 9 bits.
inline constexpr uint32_t angle_shift = 5;
inline constexpr uint32_t have_left = 1u << 14;
inline constexpr uint32_t have_above = 1u << 15;
inline constexpr uint32_t have_above_right = 1u << 16;
inline constexpr uint32_t have_below_left = 1u << 17;
inline constexpr uint32_t smooth_edge = 1u << 18;  // filterType of 7.11.2.8 is 1
// Whether a residual is kept for it: luma bit 0; Cb bit 0, Cr bit 1.
inline constexpr uint32_t coded_shift = 19;  // 2 bits
// filter: filter_intra_mode, 3 bits. inter_intra: interintra_mode as an IntraMode (dc, v, h,
// smooth), 5 bits.
inline constexpr uint32_t sub_mode_shift = 21;
inline constexpr uint32_t wedge = 1u << 26;        // inter_intra: a wedge, not a smooth mask
inline constexpr uint32_t wedge_index_shift = 27;  // 4 bits
}  // namespace intra_mode

// A predicted transform block, coded or not; of chroma Cb and Cr together. Transform blocks that
// begin outside the padded size have no record. Copy and inter_intra have log2 of the block's width
// and height in samples of the plane in place of TxSize, see intra_block_size.
struct alignas(16) IntraRecord {
  uint32_t place;
  uint32_t mode;
  // cfl: CflAlphaU & 0xff | (CflAlphaV & 0xff) << 8 | the existing part of its luma, in units
  // (MaxLumaW, MaxLumaH of 7.11.5, minus twice the record's position): width << 16 | height << 24.
  // palette: index in `palettes`.
  // copy: vector x & 0xffff | y << 16, in eighths of a luma sample.
  // inter_intra: block size (BLOCK_).
  uint32_t detail;
  uint32_t part;  // of a slot: intra_part; otherwise 0
};

// Bits of IntraRecord::part in intra_slots. A slot is some or all rows of a record, which one team
// (a group of invocations) of intra_levels.comp reconstructs.
namespace intra_part {
inline constexpr uint32_t of_chroma = 1;
inline constexpr uint32_t exists = 2;
inline constexpr uint32_t width_shift = 2;      // 3 bits: log2 of the record's width
inline constexpr uint32_t height_shift = 5;     // 3 bits: log2 of its height
inline constexpr uint32_t first_row_shift = 8;  // 7 bits
inline constexpr uint32_t rows_shift = 15;      // 8 bits; the shader keeps the team in the rest
}  // namespace intra_part
// Teams of a workgroup. Slot n of a level belongs to team n % intra_teams.
inline constexpr uint32_t intra_teams = 16;

// In copy and inter_intra records, bits 22 to 24 are log2 of the width minus 1, bits 25 to 27 log2
// of the height minus 1 (2 .. 128 samples).
constexpr uint32_t intra_block_size(uint32_t width_log2, uint32_t height_log2) {
  return (width_log2 - 1) << 22 | (height_log2 - 1) << 25;
}

// The key by which a level's records are sorted: luma's most expensive first; chroma's, which
// follow luma's, last. Correctness does not depend on it.
inline constexpr uint32_t intra_duration_count = 16;
constexpr uint32_t intra_duration(const IntraRecord& record, bool chroma) {
  const auto mode = static_cast<IntraMode>(record.mode & 31);
  uint32_t log2_samples = chroma ? 1 : 0;
  if (mode >= IntraMode::copy) {
    log2_samples += (record.place >> 22 & 7) + (record.place >> 25 & 7) + 2;
  } else {
    const uint32_t size = record.place >> transform_place::size_shift & 31;
    log2_samples += tx_width_log2[size] + tx_height_log2[size];
  }
  // The first steps cost the same whether they are full or not.
  const uint32_t log2_steps = log2_samples < 6 ? 0 : log2_samples - 6;
  const uint32_t duration = 2 * log2_steps +
                            (is_directional(mode) || mode == IntraMode::filter ? 2 : 0) +
                            (mode == IntraMode::cfl ? 1 : 0);
  return duration < intra_duration_count ? duration : intra_duration_count - 1;
}

// A palette in `palettes`: the colours, one word each for luma; for chroma Cb | Cr << 16; eight
// words, unused ones 0. Then the map of the whole block (of its onscreen part, the rest repeated,
// 7.11.4), row by row, four bits for a sample, width / 8 words (at least one) a row.
// `detail` is the first word's index; transform blocks of a block share the palette: x and y within
// the block follow from the record's place and its block's, which is in two words before the
// colours: place of the block's first sample (transform_place x and y), and words of a row.
inline constexpr uint32_t palette_header_words = 2;
inline constexpr uint32_t palette_colors = 8;

// ---- Post filters ----

// cdef_y_pri_strength[] and so on; secondary ones as applied (0, 1, 2, 4).
struct CdefStrength {
  uint8_t y_primary, y_secondary, uv_primary, uv_secondary;
};
inline constexpr uint8_t no_cdef = 0xff;  // cdef_idx is -1

enum class Restoration : uint8_t { none = 0, wiener = 1, self_guided = 2, switchable = 3 };

// One unit of loop restoration of a plane.
struct alignas(16) RestorationUnit {
  uint32_t type;  // Restoration: none, wiener, self_guided
  // wiener: LrWiener: vertical coefficients 0..2, 8 bits each (signed), then horizontal ones.
  // self_guided: lr_sgr_set, then LrSgrXqd 0 and 1, 16 bits each (signed).
  uint32_t vertical;    // or set
  uint32_t horizontal;  // or xqd 0 & 0xffff | xqd 1 << 16
  uint32_t unused;
};

// The CPU's input to film grain (7.18.3): templates, scaling tables and some parameters.
struct FilmGrain {
  bool apply = false;
  uint16_t grain_seed = 0;
  bool chroma_scaling_from_luma = false, overlap = false, clip_to_restricted_range = false;
  bool identity_matrix = false;                              // matrix_coefficients is MC_IDENTITY
  bool apply_y = false, apply_cb = false, apply_cr = false;  // num_*_points, or from luma
  uint8_t scaling_shift = 8;                                 // grain_scaling_minus_8 + 8
  int16_t cb_mult = 0, cb_luma_mult = 0, cb_offset = 0;      // as 7.18.3.5 uses them
  int16_t cr_mult = 0, cr_luma_mult = 0, cr_offset = 0;
  std::array<std::array<int16_t, 82>, 73> luma;                   // LumaGrain
  std::array<std::array<std::array<int16_t, 44>, 38>, 2> chroma;  // CbGrain, CrGrain
  std::array<std::array<uint8_t, 257>, 3> scaling;  // ScalingLut, the last one repeated
};

// ---- The picture ----

// Constants that shaders read by index, written by src/vulkan/av1/tables.cpp.
struct JobTables {
  // Subpel_Filters: [kernel][fraction in 1/16], eight signed bytes of the filter halved (all taps
  // are even), in two words.
  uint32_t kernels[kernel_count][16][2];
  // Warped_Filters (7.11.3.5), eight signed bytes in two words.
  uint32_t warp_filters[193][2];
  // Obmc_Mask_2, _4, _8, _16 and _32 concatenated, four bytes in a word: the mask of length n
  // begins at byte n - 2.
  uint32_t obmc_masks[16];
  // Wedge_Codebook by block_shape: direction | x offset << 4 | y offset << 8.
  uint32_t wedges[3][16];
  uint32_t wedge_flips[block_size_count];  // flipSign of 7.11.3.11, a bit for each wedge_index
  uint32_t inter_intra_weights[32];        // Ii_Weights_1d, four bytes in a word
  // Sm_Weights_Tx_4x4 to _64x64 concatenated, four bytes in a word: the n weights for n samples
  // begin at byte n - 4.
  uint32_t smooth_weights[31];
  uint32_t intra_derivatives[46];  // Dr_Intra_Derivative by angle (90: 0), two in a word
  // Intra_Filter_Taps: [mode][sample of 4x2], seven signed bytes in two words.
  uint32_t intra_filter_taps[5][8][2];
  // Upscale_Filter (7.16): [phase], eight bytes in two words, each 32 more than the tap.
  uint32_t upscale_filters[64][2];
};

struct alignas(16) ReferencePlane {
  uint32_t address_low, address_high;  // device address of the first luma sample
  uint32_t pitch;                      // bytes, both planes; a multiple of 16
  uint32_t chroma_offset;              // bytes from the first luma sample; a multiple of 16
  uint32_t width, height;              // of the picture in it, samples: reads are clamped to these
  // 7.11.3.3: xScale and yScale; 1 << 14: not scaled.
  uint32_t x_scale, y_scale;
};

// Classes of predictions of one kind: luma's by area, then chroma's.
inline constexpr uint32_t prediction_class_count = 2 * area_class_count;

// Luma's transform sizes, then chroma's.
inline constexpr uint32_t transform_class_count = 2 * tx_size_count;

// A picture in one of the stage's buffers.
struct alignas(16) FrameLayout {
  uint32_t word;                  // of its first luma sample, in its buffer
  uint32_t pitch, chroma_offset;  // bytes, multiples of 16
  uint32_t unused;
};

// First bytes of a job. The GPU stage writes it, from PictureJob and the pictures.
struct alignas(16) JobHeader {
  uint32_t width, height;                // coded, samples
  uint32_t padded_width, padded_height;  // MiCols * 4, MiRows * 4
  uint32_t upscaled_width, superres_denominator;
  uint32_t monochrome, enable_intra_edge_filter;
  uint32_t filter_levels;  // filter_level, 8 bits each
  uint32_t sharpness, cdef_damping;
  // Always 0, which shader compilers do not know. A value that is computed with it is not merged
  // with the same value computed without it, and so is not kept in a register in between.
  uint32_t zero;
  std::array<uint32_t, 8> cdef_strengths;  // CdefStrength
  std::array<uint32_t, 3> restoration;     // Restoration | log2 of the unit size << 8
  // Film grain: parameters for shaders/av1/film_grain.comp, and the display picture.
  uint32_t film_grain_word;
  uint32_t display_address_low, display_address_high, display_pitch, display_chroma_offset;
  // Where the lists begin in the job's buffer; the lengths of those that dispatches iterate over.
  uint32_t blocks_word, block_count, tx_splits_word, tx_split_count;
  std::array<uint32_t, 2> predictions_quads;
  uint32_t overlaps_quad, warps_quad;
  std::array<uint32_t, 2> intra_quads, intra_levels_words;
  // For each level: how many tickets precede it, one for each record of both lists
  // (intra_tickets.comp), or how many slots precede it (intra_levels.comp).
  uint32_t intra_turns_word, intra_slots_quad;
  uint32_t transforms_quad, coefficients_word, palettes_word, cdef_indices_word;
  std::array<uint32_t, 3> restoration_quads;
  // Offsets in the scratch buffer, for what stages pass to each other: see shaders/av1/job.glsl.
  uint32_t edges_word;
  std::array<uint32_t, 2> residuals_words;  // of luma, of chroma
  // The coded size in whole 64x64 squares, samples: everything that is reconstructed and has a
  // residual. Chroma is predicted from luma beyond the padded size (7.11.5).
  uint32_t room_width, room_height;
  // The input of the blend of special and scaled predictions, laid out like residuals.
  std::array<uint32_t, 2> second_words;
  // Reconstructed and deblocked; after CDEF; both upscaled; and the surface. If a filter does not
  // run, its output is its input. See job.glsl for the buffers.
  FrameLayout recon, filtered, upscaled_recon, upscaled_filtered, target;
  std::array<ReferencePlane, reference_count> references;
  WorkTable<prediction_class_count> predictions[prediction_kind_count];
  WorkTable<transform_class_count> transforms;
  JobTables tables;
};
// Shaders' structs have no gaps, so these must not have any.
static_assert(offsetof(JobHeader, recon) == offsetof(JobHeader, second_words) + 8);
static_assert(offsetof(JobHeader, tables) ==
              offsetof(JobHeader, transforms) + sizeof(JobHeader::transforms));

// A reference as this picture sees it.
struct ReferenceSize {
  uint32_t width = 0, height = 0;  // RefUpscaledWidth, RefFrameHeight; 0: no block refers to it
};

// One picture's lists: the GPU stage provides the memory, the entropy stage fills it. Lists have
// the requested room; the counts say how much of it is used.
struct PictureJob {
  // In memory that the GPU reads, each element written exactly once.
  std::span<BlockRecord> blocks;
  std::span<TxSplit> tx_splits;
  std::array<std::span<PredictionRecord>, 2> predictions;  // of luma, of chroma
  std::span<OverlapRecord> overlaps;
  std::span<WarpRecord> warps;
  std::array<std::span<IntraRecord>, 2> intra;  // of luma, of chroma, each by level
  // The same records, dealt out to teams; empty if the device does not ask for them. As long as
  // both lists of records together.
  std::span<IntraRecord> intra_slots;
  std::span<TransformRecord> transforms;  // luma's by TxSize, then chroma's
  std::span<uint32_t> palettes;
  std::span<uint32_t> coefficients;
  std::span<uint8_t> cdef_indices;  // for each 64x64 in raster order; no_cdef: not filtered
  // For each plane, in raster order (unitRows x unitCols of 7.17); only if its type is not none.
  std::array<std::span<RestorationUnit>, 3> restoration_units;

  // The members below are in ordinary memory.
  uint32_t width = 0, height = 0;  // FrameWidth, FrameHeight: the coded size, samples
  uint32_t upscaled_width = 0;     // UpscaledWidth: `width` without superres
  uint32_t superres_denominator = 8;
  uint32_t bit_depth = 8;
  bool monochrome = false;  // no chroma in any list; the GPU fills it with 1 << (bit_depth - 1)
  bool enable_intra_edge_filter = false;
  std::array<ReferenceSize, reference_count> references;

  uint32_t block_count = 0, tx_split_count = 0, overlap_count = 0, warp_count = 0;
  // [of luma, of chroma][PredictionKind]
  std::array<std::array<AreaCounts, prediction_kind_count>, 2> prediction_counts = {};
  std::array<std::array<uint32_t, tx_size_count>, 2> transform_counts = {};  // of luma, of chroma
  uint32_t palette_word_count = 0;

  // Levels of the intra lists, one numbering for both. intra_levels[p][n] is the index in intra[p]
  // of level n's first record; the last element is the list's end; both have the same number of
  // elements. Empty: no record. A record's level is larger than that of every record whose samples
  // it reads:
  //   as its mode reads them (7.11.2): DC, smooth, Paeth: left and above, and the corner for Paeth;
  //   V and H with 90 and 180 degrees: one side; below 90: above and above right; 90 to 180: left,
  //   above and corner; above 180: left and below left; where the edge filter or upsampling runs
  //   also the corner's and the other side's first sample as 7.11.2.4 to 7.11.2.6 read them;
  //   a missing side's stand-in (7.11.2) is the other's first sample;
  //   filter: left, above, corner;  inter_intra: as its mode, for the block as a whole;
  //   cfl: chroma's sides, and the luma samples of its area;  copy: its source;  palette: nothing.
  // Inter blocks have no level.
  std::array<std::vector<uint32_t>, 2> intra_levels;
  // Likewise for intra_slots, if there are any; as many elements.
  std::vector<uint32_t> intra_slot_levels;

  // Deblocking (7.14): loop_filter_level[0] to [3] (vertical, horizontal, Cb, Cr). If both of
  // luma's are 0, nothing is filtered; if Cb's or Cr's is 0, that plane is not. Otherwise only the
  // blocks' levels count.
  std::array<uint8_t, 4> filter_level = {};
  uint32_t sharpness = 0;
  bool deblocks() const { return filter_level[0] != 0 || filter_level[1] != 0; }

  // CDEF (7.15): whether it runs at all (enable_cdef, not CodedLossless, not allow_intrabc, and a
  // strength is not 0).
  bool cdef = false;
  uint32_t cdef_damping = 3;  // cdef_damping_minus_3 + 3
  std::array<CdefStrength, 8> cdef_strengths = {};

  // Loop restoration (7.17): FrameRestorationType of each plane, and the log2 of
  // LoopRestorationSize.
  std::array<Restoration, 3> restoration = {};
  std::array<uint8_t, 3> restoration_size_log2 = {6, 6, 6};

  FilmGrain film_grain;

  std::unique_ptr<PictureProfile> profile;  // null without a profile

  // Makes it an empty job; the vectors keep their memory.
  void reset() {
    auto levels = std::move(intra_levels);
    auto slot_levels = std::move(intra_slot_levels);
    *this = PictureJob();
    for (auto& list : levels) list.clear();
    slot_levels.clear();
    intra_levels = std::move(levels);
    intra_slot_levels = std::move(slot_levels);
  }
};

// The filters that a picture needs; the last one writes the surface.
struct Filters {
  explicit Filters(const PictureJob& job)
      : deblock(job.deblocks()),
        cdef(job.cdef),
        superres(job.superres_denominator != 8),
        restoration(job.restoration != std::array<Restoration, 3>{}) {
    // Surfaces have no room for the samples beyond the padded size that intra prediction needs.
    const bool fits = in_units(job.width) % 16 == 0 && in_units(job.height) % 16 == 0;
    if (!fits && !job.intra_levels[0].empty() && !any_but_deblock()) cdef = true;
  }

  // `cdef` is also used when CDEF is off, to copy the picture to the surface.
  bool deblock, cdef, superres, restoration;

  bool any_but_deblock() const { return cdef || superres || restoration; }
  bool needs_edges() const { return deblock || cdef; }
};

// 7.17: how many units a plane has in a direction. `size`: of the (upscaled) plane, in samples.
constexpr uint32_t restoration_unit_count(uint32_t size, uint32_t unit_log2) {
  const uint32_t units = (size + (1u << unit_log2 >> 1)) >> unit_log2;
  return units == 0 ? 1 : units;
}

}  // namespace daedalus::av1
