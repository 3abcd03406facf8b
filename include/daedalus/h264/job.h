// SPDX-License-Identifier: MIT
// The job: what the entropy stage tells the GPU about one H.264 picture. Plain data, written once,
// in order, into write-combined memory. The CPU reads back only macroblocks beside lost ones.
// shaders/h264/job.glsl mirrors it.
//
// Clauses are those of ITU-T H.264 (08/2021). "Quad" is 16 bytes, "word" 4 bytes, little-endian.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daedalus/profile.h"

namespace daedalus::h264 {

inline constexpr uint32_t max_reference_pictures = 16;  // A.3.1, MaxDpbFrames
inline constexpr uint32_t max_width_in_mbs = 256;       // 4096 samples
inline constexpr uint32_t max_height_in_mbs = 256;
inline constexpr uint8_t no_reference = 0xff;

// The rows of a picture: all rows of the frame, or every second one.
enum class PictureStructure : uint8_t { frame, top_field, bottom_field };

// A field picture's reference pictures are fields: the slot of the frame, plus this for its bottom
// field.
inline constexpr uint8_t bottom_field = 16;
constexpr uint32_t reference_slot(uint32_t reference) {
  return reference & 15;
}
constexpr bool is_bottom_field(uint32_t reference) {
  return (reference & bottom_field) != 0;
}

// Upper bounds of one macroblock's share of each stream.
inline constexpr uint32_t max_entries_per_mb = 16;
inline constexpr uint32_t max_blocks_per_mb = 27;
inline constexpr uint32_t max_coefficients_per_mb = 16 * 16 + 2 * 8 * 8;
inline constexpr uint32_t max_explicit_weights = 8192;
// Intra prediction reaches the top right, so levels are at most x + 2 * y. In MBAFF frames they are
// at most 2 * (x + 2 * y) + 1, with the position of the pair.
inline constexpr uint32_t max_intra_levels = 2 * (max_width_in_mbs + max_height_in_mbs);

enum class MbKind : uint32_t { inter = 0, intra_4x4 = 1, intra_8x8 = 2, intra_16x16 = 3, pcm = 4 };

// How many motion entries an inter macroblock has, and the entry(x, y) that the 4x4 block in column
// x and row y (0..3) uses:
enum class MotionShape : uint32_t {
  whole = 0,     // 1 entry:   0
  rows = 1,      // 2 entries: y / 2               (16x8)
  columns = 2,   // 2 entries: x / 2               (8x16)
  quarters = 3,  // 4 entries: y / 2 * 2 + x / 2   (8x8)
  blocks = 4,    // 16 entries: y * 4 + x          (anything finer)
};

// Bits of MbRecord::head.
namespace mb_head {
inline constexpr uint32_t kind_shift = 0;                     // 3 bits, MbKind
inline constexpr uint32_t transform_8x8 = 1u << 3;            // transform_size_8x8_flag
inline constexpr uint32_t qp_shift = 4;                       // 6 bits, QP_Y; 0 for I_PCM
inline constexpr uint32_t motion_shape_shift = 10;            // 3 bits, inter: MotionShape
inline constexpr uint32_t intra_chroma_pred_mode_shift = 10;  // 2 bits, intra: Table 7-16
inline constexpr uint32_t intra_16x16_pred_mode_shift = 13;   // 2 bits, Intra_16x16: Table 8-4
inline constexpr uint32_t filter_inside = 1u << 15;           // deblock the internal edges (8.7)
inline constexpr uint32_t filter_left = 1u << 16;             // filterLeftMbEdgeFlag
inline constexpr uint32_t filter_top = 1u << 17;              // filterTopMbEdgeFlag
inline constexpr uint32_t filter_offset_a_shift = 18;  // 4 bits, FilterOffsetA / 2 + 6, 0..12
inline constexpr uint32_t filter_offset_b_shift = 22;  // 4 bits, FilterOffsetB / 2 + 6, 0..12
// Neighbours whose samples intra prediction may use (6.4.11, constrained_intra_pred_flag applied).
inline constexpr uint32_t left_available = 1u << 26;
inline constexpr uint32_t top_available = 1u << 27;
inline constexpr uint32_t top_right_available = 1u << 28;
inline constexpr uint32_t top_left_available = 1u << 29;
// MBAFF frames: a field macroblock, like the other one of its pair. Intra, left_differs_below: in
// the lower half left_available means the opposite: only one half has left neighbours.
inline constexpr uint32_t field_mb = 1u << 30;
inline constexpr uint32_t left_differs_below = 1u << 12;
}  // namespace mb_head

// Bit numbers of MbRecord::coded_blocks, in the order of the blocks in the bitstream (7.3.5.3).
// A block's bit is set when it has at least one non-zero level. With transform_8x8 luma has the
// bits luma_block + 4 * luma8x8BlkIdx only; 8x8 CAVLC levels are already merged (7.3.5.3.2).
namespace coded_block {
inline constexpr uint32_t luma_dc = 0;     // Intra16x16DCLevel
inline constexpr uint32_t luma_block = 1;  // + luma4x4BlkIdx
inline constexpr uint32_t cb_dc = 17;
inline constexpr uint32_t cr_dc = 18;
inline constexpr uint32_t cb_block = 19;  // + chroma4x4BlkIdx
inline constexpr uint32_t cr_block = 23;
}  // namespace coded_block

// One per macroblock, indexed by its position, row by row: by its address (mbAddr), except in MBAFF
// frames, where a pair's macroblocks lie one below the other, also field macroblocks.
struct alignas(16) MbRecord {
  uint32_t head;
  uint32_t coded_blocks;  // 0 for I_PCM
  // Index in `blocks` of the first set bit's block; the others follow in bit order.
  // I_PCM: index in `coefficients` of 96 words: 256 luma samples in raster order (4 to a word,
  // first in the low byte), then 64 Cb, then 64 Cr.
  uint32_t first_block;
  // Index in `entries`. Inter: the motion entries. Intra_4x4 and Intra_8x8: one IntraModes entry.
  uint32_t first_entry;
};

// One per partition, as MotionShape says. Vectors in quarter luma samples, any 16-bit value.
struct alignas(16) MotionEntry {
  std::array<int16_t, 2> mv_l0;  // x, y
  std::array<int16_t, 2> mv_l1;
  // Reference slot of list 0 (bits 0..7), of list 1 (8..15), in field pictures with bottom_field;
  // no_reference: unused.
  uint32_t slots;
  uint32_t weights;  // see weights_* below
};

// MotionEntry::weights, bits 0..1 (8.4.2.3).
inline constexpr uint32_t weights_default = 0;  // also implicit mode with one list
inline constexpr uint32_t weights_implicit =
    1;  // bits 2..31: signed w1; w0 = 64 - w1, logWD = 5, no offset
inline constexpr uint32_t weights_explicit =
    2;  // bits 2..16 and 17..31: index in `weights` for list 0, 1

struct alignas(16) IntraModes {
  // Intra4x4PredMode[luma4x4BlkIdx] or Intra8x8PredMode[luma8x8BlkIdx], 4 bits each, first in the
  // low bits.
  std::array<uint32_t, 2> pred_modes;
  std::array<uint32_t, 2> unused;
};

union Entry {
  MotionEntry motion;
  IntraModes intra;
};

// One per (slice, list, refIdx) of explicit weighted prediction; weight low half, offset high half,
// signed. Where luma_weight_flag or chroma_weight_flag is 0: weight 2^logWD, offset 0 (7.4.3.2).
struct alignas(16) ExplicitWeight {
  uint32_t luma, cb, cr;
  uint32_t log2_denominators;  // luma in bits 0..7, chroma in bits 8..15
};

// `blocks`: index in `coefficients` of the block's first level << 6 | (number of levels - 1).
inline constexpr uint32_t block_word(uint32_t first_coefficient, uint32_t count) {
  return first_coefficient << 6 | (count - 1);
}

// `coefficients`: level << 8 | position. The position is the raster index (row * 4 + column, 8x8:
// row * 8 + column; chroma DC: row * 2 + column) after the inverse scan (8.5.6, 8.5.7). Levels are
// as transmitted: inverse quantisation is the GPU's.
inline constexpr uint32_t coefficient_word(int32_t level, uint32_t position) {
  return static_cast<uint32_t>(level) << 8 | position;
}

// Upper bound of a macroblock's streams: five times its samples in NV12. Together with
// max_job_bytes_per_picture for everything else it bounds the job of any bitstream.
inline constexpr uint32_t max_job_bytes_per_mb =
    sizeof(MbRecord) + max_entries_per_mb * sizeof(Entry) + max_blocks_per_mb * sizeof(uint32_t) +
    sizeof(uint32_t) + max_coefficients_per_mb * sizeof(uint32_t);
static_assert(max_job_bytes_per_mb == 5 * 384);

struct alignas(16) ReferencePlane {
  uint32_t address_low, address_high;  // device address of the NV12 buffer's first luma sample
  uint32_t pitch;                      // bytes, both planes; a multiple of 16
  uint32_t chroma_offset;              // bytes from the first luma sample; a multiple of 16
};

// The part of the header that the entropy stage writes.
struct alignas(16) PictureTables {
  // QP_C for Cb (bits 0..7) and Cr (8..15) of each QP_Y, chroma_qp_index_offset applied (8.5.8).
  std::array<uint32_t, 52> chroma_qp;
  // LevelScale4x4(m, i, j) [Intra Y, Cb, Cr, Inter Y, Cb, Cr][m][raster] (8.5.9).
  uint32_t level_scale_4x4[6][6][16];
  // LevelScale8x8 [Intra Y, Inter Y][m][raster].
  uint32_t level_scale_8x8[2][6][64];
};

// First bytes of a job. In submit the GPU stage writes everything except the tables.
struct alignas(16) JobHeader {
  uint32_t width_in_mbs, height_in_mbs;
  // Where the streams begin in the job's buffer.
  uint32_t mbs_quad, entries_quad, weights_quad;
  uint32_t blocks_word, coefficients_word, intra_mbs_word, intra_levels_word;
  // Field pictures: offset of the first luma row in recon and target, in bytes, and whether this is
  // a bottom field. 0 in frames.
  uint32_t recon_offset, target_offset, is_bottom_field;
  // NV12 layouts of the picture before (recon) and after (target) deblocking: bytes, multiples
  // of 16. Those of a field count every second row of the frame.
  uint32_t recon_pitch, recon_chroma_offset, target_pitch, target_chroma_offset;
  std::array<ReferencePlane, max_reference_pictures> references;
  // Of each indexA from 15 to 51 alpha' (bits 0..7) and t'C0 for bS 1, 2 and 3 (5 bits each)
  // (Tables 8-16 and 8-17).
  std::array<uint32_t, 40> deblocking;
  PictureTables tables;
};

// Header, weights, and the beginnings of intra levels, rounded up.
inline constexpr uint32_t max_job_bytes_per_picture =
    sizeof(JobHeader) + max_explicit_weights * sizeof(ExplicitWeight) + 8192;

// How much of each stream is used.
struct JobAmounts {
  uint32_t entries = 0, blocks = 0, coefficients = 0;
};

inline constexpr uint32_t all_reference_slots = (1u << max_reference_pictures) - 1;

// One picture's streams: the GPU stage provides the memory, the entropy stage fills it.
struct PictureJob {
  PictureTables* tables = nullptr;
  std::span<MbRecord> mbs;            // PicSizeInMbs, each written exactly once
  std::span<Entry> entries;           // PicSizeInMbs * max_entries_per_mb
  std::span<ExplicitWeight> weights;  // max_explicit_weights
  std::span<uint32_t> blocks;         // PicSizeInMbs * max_blocks_per_mb
  std::span<uint32_t> coefficients;   // as many as ReconstructionStage::acquire was asked for
  std::span<uint32_t> intra_mbs;      // PicSizeInMbs: addresses, by level and by kind

  // The members below are in ordinary memory.
  uint32_t width_in_mbs = 0, height_in_mbs = 0;  // what the job was acquired for
  PictureStructure structure = PictureStructure::frame;
  bool is_mbaff = false;

  // intra_levels[n] is the index in intra_mbs of level n's first macroblock; its last element is
  // the number of intra macroblocks. A macroblock's level is larger than that of every intra
  // macroblock it predicts from. Empty: no intra macroblock.
  std::vector<uint32_t> intra_levels;
  uint32_t inter_mb_count = 0;
  uint32_t reference_slots = all_reference_slots;  // by bit: the slots that entries may refer to
  bool deblocks = false;                           // at least one macroblock has a filter_* bit
  JobAmounts amounts;
  std::unique_ptr<PictureProfile> profile;  // null without profiling
};

}  // namespace daedalus::h264
