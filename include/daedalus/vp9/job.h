// SPDX-License-Identifier: MIT
// The job: what the entropy stage tells the GPU about one VP9 picture. Plain data, little-endian,
// written once, in order, into write-combined memory, never read back by the CPU.
// shaders/vp9/job.glsl mirrors it.
//
// A job is a set of sorted lists without gaps. Threads that parse tiles side by side keep each
// tile's records in ordinary memory and merge them when the last tile is done. Only coefficients
// may be written while a tile is parsed, each tile into its own part.
//
// "Superblock" is a square of 64x64 luma samples, "quad" is 16 bytes, "word" 4 bytes. The "aligned
// size" is the picture's width and height rounded up to multiples of 8 luma samples. Positions are
// absolute and lie inside of the aligned size; blocks and transform blocks may reach beyond it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daedalus/profile.h"
#include "daedalus/work_table.h"

namespace daedalus::vp9 {

inline constexpr uint32_t max_width = 8192;  // samples; the least is 1
inline constexpr uint32_t max_height = 8192;
inline constexpr uint32_t reference_count = 3;  // LAST_FRAME, GOLDEN_FRAME, ALTREF_FRAME: 0, 1, 2
inline constexpr uint32_t no_reference = 3;

constexpr uint32_t in_superblocks(uint32_t samples) {
  return (samples + 63) / 64;
}

// How many records of each list a job has room for.
struct JobRoom {
  uint32_t blocks = 0;
  uint32_t small_blocks = 0;
  uint32_t luma_transforms = 0;
  uint32_t chroma_transforms = 0;
  uint32_t luma_intra = 0;
  uint32_t chroma_intra = 0;
  uint32_t coefficients = 0;
};

// Upper bounds for each superblock of a picture. Blocks and small blocks together are at most
// 64.
inline constexpr JobRoom max_room_per_superblock = {64, 64, 256, 64, 256, 64, 64 * 64 * 3 / 2};

constexpr JobRoom max_room(uint32_t width, uint32_t height) {
  const uint32_t superblocks = in_superblocks(width) * in_superblocks(height);
  JobRoom room = max_room_per_superblock;
  for (uint32_t* count :
       {&room.blocks, &room.small_blocks, &room.luma_transforms, &room.chroma_transforms,
        &room.luma_intra, &room.chroma_intra, &room.coefficients}) {
    *count *= superblocks;
  }
  return room;
}

// ---- Blocks: motion, and the input for the loop filter's edges ----

// interp_filter, as libvpx and VA number it.
enum class InterpFilter : uint32_t { regular = 0, smooth = 1, sharp = 2, bilinear = 3 };

enum class TxSize : uint32_t { tx_4x4 = 0, tx_8x8 = 1, tx_16x16 = 2, tx_32x32 = 3 };

// Bits of BlockRecord::place.
namespace block_place {
inline constexpr uint32_t x_shift = 0;         // 10 bits, in units of 8 luma samples
inline constexpr uint32_t y_shift = 10;        // 10 bits
inline constexpr uint32_t width_shift = 20;    // 2 bits: 8 << n luma samples
inline constexpr uint32_t height_shift = 22;   // 2 bits
inline constexpr uint32_t tx_size_shift = 24;  // 2 bits, luma's; chroma's is derived from it
// 6 bits: the loop filter's level of this block, including its segment, reference and mode (8.8.1).
// 0: not filtered; 0 everywhere if the picture's filter level is 0.
inline constexpr uint32_t filter_level_shift = 26;
}  // namespace block_place

// Bits of BlockRecord::head.
namespace block_head {
inline constexpr uint32_t is_inter = 1u << 0;
// Inter blocks without coefficients (skip, or no coefficients at all in an inter block of 8x8 or
// more): the loop filter filters only the block's left and top edges. Never set with intra.
inline constexpr uint32_t no_inner_edges = 1u << 1;
inline constexpr uint32_t reference_0_shift = 2;    // 2 bits, inter: 0..2
inline constexpr uint32_t reference_1_shift = 4;    // 2 bits, inter: 0..2, no_reference: single
inline constexpr uint32_t interp_filter_shift = 6;  // 2 bits, inter: InterpFilter
inline constexpr uint32_t is_small = 1u << 8;       // below 8x8, in a SmallBlockRecord
}  // namespace block_head

// x, y in eighths of a luma sample (as in the bitstream: usehp or not), any 16-bit value. The GPU
// clamps the position of what it reads to the reference.
using MotionVector = std::array<int16_t, 2>;

// Every block of the picture from 8x8 to 64x64 luma samples, and intra blocks below 8x8, as 8x8.
// Only inter blocks below 8x8 are elsewhere. Vectors of intra blocks are 0.
struct alignas(16) BlockRecord {
  uint32_t place;
  uint32_t head;
  MotionVector mv_0;
  MotionVector mv_1;  // 0 where single
};

// An inter block below 8x8. Its four 4x4 blocks have vectors of their own, in raster order; those
// of 8x4 and 4x8 are written twice. The GPU averages them for chroma. `block` has the size 8x8, its
// own vectors are not used.
struct alignas(16) SmallBlockRecord {
  BlockRecord block;
  struct {
    MotionVector mv_0, mv_1;
  } parts[4];
};

// Blocks are sorted by class, that is by size. Within a class, blocks with only unscaled
// references come first, then blocks with at least one scaled reference, then intra
// blocks.
inline constexpr uint32_t block_class_count = 16;  // see block_class; 64x8 and the like are empty

struct BlockClass {
  uint32_t unscaled = 0, scaled = 0, intra = 0;
};

// A GPU is fast when consecutive blocks are predicted alike, so inter blocks of a class should be
// sorted by this, and in decoding order among equals. Correctness does not depend on it.
constexpr uint32_t motion_kind(const BlockRecord& block) {
  const uint32_t compound =
      (block.head >> block_head::reference_1_shift & 3) != no_reference ? 4 : 0;
  return compound | ((block.mv_0[1] & 7) != 0 ? 2u : 0u) | ((block.mv_0[0] & 7) != 0 ? 1u : 0u);
}

constexpr uint32_t block_class(uint32_t place) {
  return (place >> block_place::width_shift & 3) | (place >> block_place::height_shift & 3) << 2;
}

// ---- Transform blocks that have coefficients ----

// tx_type: the row (vertical) and column transforms.
enum class TxType : uint32_t {
  dct_dct = 0,
  adst_dct = 1,  // ADST vertically (V_PRED's)
  dct_adst = 2,  // ADST horizontally (H_PRED's)
  adst_adst = 3
};

// Bits of `place` in transform and intra records: the position in units of 4 samples of the plane.
namespace transform_place {
inline constexpr uint32_t x_shift = 0;         // 11 bits
inline constexpr uint32_t y_shift = 11;        // 11 bits
inline constexpr uint32_t tx_size_shift = 22;  // 2 bits
// Of transform records:
inline constexpr uint32_t tx_type_shift = 24;  // 2 bits, luma: TxType; 0 in chroma, 32x32, lossless
inline constexpr uint32_t is_intra = 1u << 26;
// Of intra records:
inline constexpr uint32_t mode_shift = 24;             // 4 bits, IntraMode
inline constexpr uint32_t left_available = 1u << 28;   // not the first column of a tile
inline constexpr uint32_t right_available = 1u << 29;  // 4x4: not the last column of its block
inline constexpr uint32_t coded_shift = 30;            // luma: bit 30; chroma: Cb 30, Cr 31
}  // namespace transform_place

// Where a transform block's coefficients are: an offset from its superblock's first one (see
// PictureJob::coefficient_bases), and their number. No other block uses these words.
inline constexpr uint32_t coefficients_of(uint32_t offset, uint32_t count) {
  return offset | count << 13;  // offset 0..6143, count 0..1024; 0: none
}

// A luma transform block with at least one coefficient that is not 0.
struct alignas(8) LumaTransform {
  uint32_t place;
  uint32_t coefficients;  // coefficients_of
};

// A chroma transform block of both components, where at least one has a coefficient that is not 0.
struct alignas(16) ChromaTransform {
  uint32_t place;
  uint32_t cb, cr;  // coefficients_of, 0 where that component has none
  uint32_t unused;
};

// A coefficient that is not 0: value << 10 | position. The value is dequantised (and halved with
// 32x32, before the sign is applied): 16 bits with sign for 8 bits, 18 for 10 bits in conforming
// streams; whatever does not fit into 22 bits is cut off. The position is row * size + column.
// Several words of one block never name the same position.
inline constexpr uint32_t coefficient_word(int32_t value, uint32_t position) {
  return static_cast<uint32_t>(value) << 10 | position;
}

// ---- Intra prediction ----

// default_intra_mode and so on, as the bitstream numbers them.
enum class IntraMode : uint32_t {
  dc = 0,
  v = 1,
  h = 2,
  d45 = 3,
  d135 = 4,
  d117 = 5,
  d153 = 6,
  d207 = 7,
  d63 = 8,
  tm = 9,
};

// Intra records are words: a transform block that is predicted, coded or not, of luma, or of Cb and
// Cr together. Transform blocks that begin outside the aligned size have no record; those that
// straddle its edge have one for the whole. The GPU itself knows whether there is a row above (y >
// 0) and where the aligned size ends.
inline constexpr uint32_t intra_word(uint32_t x4, uint32_t y4, TxSize size, IntraMode mode,
                                     bool left_available, bool right_available, uint32_t coded) {
  namespace p = transform_place;
  return x4 << p::x_shift | y4 << p::y_shift | static_cast<uint32_t>(size) << p::tx_size_shift |
         static_cast<uint32_t>(mode) << p::mode_shift | (left_available ? p::left_available : 0) |
         (right_available ? p::right_available : 0) | coded << p::coded_shift;
}

// A level's records are sorted by their transform size, the largest first: class 0 is 32x32.
inline constexpr uint32_t intra_class_count = 4;
constexpr uint32_t intra_class(uint32_t intra_word) {
  return 3 - (intra_word >> transform_place::tx_size_shift & 3);
}
// Of luma_intra_levels and chroma_intra_levels.
constexpr uint32_t intra_level_count(std::span<const uint32_t> levels) {
  return levels.empty() ? 0 : static_cast<uint32_t>(levels.size() - 1) / intra_class_count;
}

// ---- The picture ----

struct alignas(16) ReferencePlane {
  uint32_t address_low, address_high;  // device address of the first luma sample
  uint32_t pitch;                      // bytes, both planes; a multiple of 16
  uint32_t chroma_offset;              // bytes from the first luma sample; a multiple of 16
  uint32_t width, height;              // of the picture in it, samples: reads are clamped to these
  // 8.5.2.3: (reference size << 14) / picture size; 1 << 14: not scaled.
  uint32_t x_scale, y_scale;
};

// Classes of blocks, and after them small blocks.
inline constexpr uint32_t work_class_count = block_class_count + 1;
inline constexpr uint32_t transform_class_count = 8;  // luma's and chroma's four sizes

// First bytes of a job. The GPU stage writes it, from PictureJob and the pictures.
struct alignas(16) JobHeader {
  uint32_t width, height;                  // samples
  uint32_t aligned_width, aligned_height;  // luma samples, multiples of 8
  uint32_t lossless, sharpness;
  // Where the lists begin in the job's buffer.
  uint32_t blocks_quad, small_blocks_quad, luma_transforms_word, chroma_transforms_quad;
  uint32_t coefficient_bases_word, coefficients_word;
  std::array<uint32_t, 2> intra_words, intra_levels_words;  // of luma, of chroma
  std::array<uint32_t, 2> strips_words, strip_levels_words;
  // For each level, how many turns precede it. A turn is up to four transform blocks of a level,
  // which a workgroup of intra_tickets.comp takes at a time.
  std::array<uint32_t, 2> intra_turns_words;
  // Layouts of the picture before (recon) and after (target) the loop filter: bytes, multiples of
  // 16.
  uint32_t recon_pitch, recon_chroma_offset, target_pitch, target_chroma_offset;
  // Offsets in the scratch buffer, for what stages pass to each other: see shaders/vp9/job.glsl.
  uint32_t edges_word;
  std::array<uint32_t, 2> strip_samples_words;
  // Always 0, which shader compilers do not know. A value that is computed with it is not merged
  // with the same value computed without it, and so is not kept in a register in between.
  uint32_t zero;
  std::array<uint32_t, 2> unused;
  std::array<ReferencePlane, reference_count> references;
  // Subpixel filters: [InterpFilter][fraction in 1/16], eight bytes in two words; the two in the
  // middle are unsigned, the others signed.
  uint32_t kernels[4][16][2];
  // Prediction from unscaled references, from scaled ones, and edges of all blocks.
  WorkTable<work_class_count> unscaled, scaled, edges;
  WorkTable<transform_class_count> transforms;
};

// A reference as this picture sees it: the size that it was decoded with.
struct ReferenceSize {
  uint32_t width = 0, height = 0;  // 0: no block refers to it
};

// One picture's lists: the GPU stage provides the memory, the entropy stage fills it. Lists have
// the requested room; the counts say how much of it is used.
struct PictureJob {
  // In memory that the GPU reads, each element written exactly once.
  std::span<BlockRecord> blocks;             // by class, in a class as BlockClass says
  std::span<SmallBlockRecord> small_blocks;  // unscaled ones first
  std::span<LumaTransform> luma_transforms;  // by size; intra ones and inter ones in any order
  std::span<ChromaTransform> chroma_transforms;
  std::span<uint32_t> luma_intra;  // by level
  std::span<uint32_t> chroma_intra;
  // For each superblock, in raster order, the index in `coefficients` from which its offsets count;
  // written only for superblocks with coefficients. A superblock's coefficients are within 6144
  // words from there on. Superblocks may be in any order and have gaps between them.
  std::span<uint32_t> coefficient_bases;
  std::span<uint32_t> coefficients;
  // For each superblock with a right neighbour (superblock column + 1 < columns), luma's by level,
  // then chroma's by level: column | row << 8. See strip levels below.
  std::span<uint32_t> luma_strips;
  std::span<uint32_t> chroma_strips;

  // The members below are in ordinary memory.
  uint32_t width = 0, height = 0;  // samples; what frame_width and frame_height say
  uint32_t bit_depth = 8;
  bool lossless = false;   // base_q_idx and all deltas 0: WHT in all of the picture
  uint32_t sharpness = 0;  // loop_filter_sharpness, 0..7
  // Whether the loop filter does anything: its level is not 0, and some block's level is not 0.
  bool filters = false;
  std::array<ReferenceSize, reference_count> references;

  std::array<BlockClass, block_class_count> block_classes;
  uint32_t unscaled_small_blocks = 0, scaled_small_blocks = 0;
  std::array<uint32_t, 4> luma_transform_counts = {};  // by TxSize
  std::array<uint32_t, 4> chroma_transform_counts = {};

  // Levels of the intra lists. luma_intra_levels[intra_class_count * n + c] is the index in
  // luma_intra of the first element of level n and class c; the last element is the list's end.
  // Empty: no intra block. A transform block's level is larger than that of every intra transform
  // block that it reads samples of, in its own plane:
  //   left of it, its own height; above it, its own width; above left;
  //   4x4 with right_available: the four samples above right, too (modes d45 and d63 alone use
  //   them).
  // Inter neighbours have no level. Chroma's levels are independent of luma's.
  std::vector<uint32_t> luma_intra_levels, chroma_intra_levels;

  // Levels of the strip lists; ignored where `filters` is false. A superblock's strip is its last 8
  // columns (of luma, or of each chroma component), after its own edges and before its right
  // neighbour's left edge. Most are of level 0. With N = 8 units of 8x8 samples a superblock's side
  // in luma, and 4 in chroma, "inner" being the units whose inner 4x4 edges are filtered (transform
  // 4x4, level not 0, not no_inner_edges; chroma: of its top left luma 8x8 of each 16x16), and
  // "row" and "column" being within a superblock (units beyond the picture are not inner):
  //   open_rows(s)    any row of s has all of its first N - 1 units inner
  //   open_column(s)  the last column of s has all of its first N - 1 units inner
  //   level(s) = max(open_rows(s) ? level(left of s) + 1 : 0,
  //                  open_rows(above s) || open_column(above s) ? level(above s) + 1 : 0)
  // where "left of s" and "above s" exist, else 0. It may be larger, never smaller.
  std::vector<uint32_t> luma_strip_levels, chroma_strip_levels;

  std::unique_ptr<PictureProfile> profile;  // null where nobody profiles
};

}  // namespace daedalus::vp9
