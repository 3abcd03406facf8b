// SPDX-License-Identifier: MIT
// The job of include/daedalus/h264/job.h in GLSL, field by field; see there for comments.
//
// For any bitstream, shaders stay inside these buffers without checking, because:
//   macroblocks  an address is an invocation's number, limited to the picture's size, or an element of intra_mbs, which lists
//                macroblocks of the picture; a neighbour is used only if the head says that it is available or filtered, which
//                is never so beyond the picture's border (MacroblockParser),
//   streams      entries, blocks and levels are where JobWriter put them, in the slice's own part of each list,
//   references   all sixteen are pictures (H264Decoder) of at least this size (is_accepted() in src/vulkan/h264/stage.cpp);
//                rows and columns that a vector points to are clamped to the plane (inter_prediction.glsl); invocations
//                without a reference read the first one's corner,
//   tables       the parsers check that QPs are 0 to 51, and that positions are within a block of the size,
//   levels       are_levels() in src/vulkan/h264/stage.cpp checks them against the picture.
// test/h264/job_check.cpp checks the same for every job of the fuzzers and sweeps.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_EXT_control_flow_attributes : require

// Each kind of picture has its own shaders, compiled from these sources.
#define PICTURE_FRAME 0
#define PICTURE_FIELD 1
#define PICTURE_MBAFF 2
#ifndef PICTURE_KIND
#define PICTURE_KIND PICTURE_FRAME
#endif

struct ReferencePlane {
    uvec2 address;
    uint pitch;
    uint chroma_offset;
};

// One buffer, accessed as its header, as words and as quads.
layout(set = 0, binding = 0, std430) readonly buffer JobHeader {
    uint width_in_mbs, height_in_mbs;
    uint mbs_quad, entries_quad, weights_quad;
    uint blocks_word, coefficients_word, intra_mbs_word, intra_levels_word;
    uint recon_offset, target_offset, is_bottom_field;
    uint recon_pitch, recon_chroma_offset, target_pitch, target_chroma_offset;
    ReferencePlane references[16];
    uint deblocking[40];
    uint chroma_qp[52];
    uint level_scale_4x4[6 * 6 * 16];
    uint level_scale_8x8[2 * 6 * 64];
} job;
layout(set = 0, binding = 1, std430) readonly buffer JobWords { uint job_words[]; };
layout(set = 0, binding = 2, std430) readonly buffer JobQuads { uvec4 job_quads[]; };

// NV12 before deblocking, and the surface. If no macroblock is deblocked, both are the surface.
#ifndef RECON_ACCESS
#define RECON_ACCESS readonly
#endif
layout(set = 0, binding = 3, std430) RECON_ACCESS buffer ReconWords { uint recon_words[]; };
layout(set = 0, binding = 4, std430) RECON_ACCESS buffer ReconQuads { uvec4 recon_quads[]; };
layout(set = 0, binding = 7, std430) writeonly buffer TargetWords { uint target_words[]; };

// What one picture's dispatches pass on to later ones, in words; n is the number of macroblocks:
//   [0, 4n)    boundary strengths, a quad per macroblock: 4 bits each, 16 per edge; the four vertical edges
//              in x and y, the four horizontal ones in z and w, each first edge in the low half, its first
//              four samples in the low bits
//   [4n, 36n)  deblocking strips, 32 words per macroblock
//   [36n, 37n) which parts of an intra macroblock are reconstructed: bit 0 luma, bit 1 chroma (ticket strategy)
//   37n        the next ticket
//   from the next quad on, 48 quads per macroblock, then a word per macroblock. The quads: residuals of intra
//              macroblocks that have any, as residual_4x4 and residual_8x8 return them: luma's blocks, then those of Cb
//              and of Cr. The words, in MBAFF frames: the left edge's second four strengths, and those of the top edge's
//              second pass in the high half
#ifndef SCRATCH_ACCESS
#define SCRATCH_ACCESS
#endif
layout(set = 0, binding = 5, std430) SCRATCH_ACCESS buffer ScratchWords { uint scratch_words[]; };
layout(set = 0, binding = 6, std430) SCRATCH_ACCESS buffer ScratchQuads { uvec4 scratch_quads[]; };

const uint KIND_INTER = 0, KIND_INTRA_4X4 = 1, KIND_INTRA_8X8 = 2, KIND_INTRA_16X16 = 3, KIND_PCM = 4;
const uint SHAPE_WHOLE = 0, SHAPE_ROWS = 1, SHAPE_COLUMNS = 2, SHAPE_QUARTERS = 3, SHAPE_BLOCKS = 4;

const uint HEAD_TRANSFORM_8X8 = 1u << 3;
const uint HEAD_FILTER_INSIDE = 1u << 15, HEAD_FILTER_LEFT = 1u << 16, HEAD_FILTER_TOP = 1u << 17;
const uint HEAD_LEFT_AVAILABLE = 1u << 26, HEAD_TOP_AVAILABLE = 1u << 27;
const uint HEAD_TOP_RIGHT_AVAILABLE = 1u << 28, HEAD_TOP_LEFT_AVAILABLE = 1u << 29;
const uint HEAD_LEFT_DIFFERS_BELOW = 1u << 12, HEAD_FIELD = 1u << 30;

// Bits of a macroblock's coded_blocks.
const uint BLOCK_LUMA_DC = 0, BLOCK_LUMA = 1, BLOCK_CB_DC = 17, BLOCK_CR_DC = 18, BLOCK_CB = 19, BLOCK_CR = 23;

uint mb_kind(uint head) { return head & 7; }
uint mb_qp(uint head) { return bitfieldExtract(head, 4, 6); }
uint mb_motion_shape(uint head) { return bitfieldExtract(head, 10, 3); }
uint mb_intra_chroma_pred_mode(uint head) { return bitfieldExtract(head, 10, 2); }
uint mb_intra_16x16_pred_mode(uint head) { return bitfieldExtract(head, 13, 2); }

const uint CODED_LUMA = 0x1ffff, CODED_CHROMA = 0x7fe0000;

// Exact for numbers below 2^16: adding a half keeps the quotient away from whole numbers.
uint quotient(uint number, uint divisor) { return uint((float(number) + 0.5) / float(divisor)); }
uint mb_row(uint address) { return quotient(address, job.width_in_mbs); }
uint mb_column(uint address) { return address - mb_row(address) * job.width_in_mbs; }

// The offset in recon in bytes, from its first luma row. Chroma's offset always counts from the frame's beginning.
#if PICTURE_KIND == PICTURE_FIELD
uint luma_byte(uint byte) { return job.recon_offset + byte; }
#else
uint luma_byte(uint byte) { return byte; }
#endif

// In MBAFF frames addresses are places, with a pair's macroblocks one above the other. Their samples are in the same 32 rows
// (chroma: 16); a field macroblock has every second one.
#if PICTURE_KIND == PICTURE_MBAFF
bool is_field_mb(uint head) { return (head & HEAD_FIELD) != 0; }
// The frame's row that contains row y of a macroblock in this row of macroblocks. The row above its first one is y = -1.
uint frame_row(uint head, uint mb_row, uint y, const uint mb_height) {
    return is_field_mb(head) ? (mb_row >> 1) * 2 * mb_height + (mb_row & 1) + y * 2 : mb_row * mb_height + y;
}
uint frame_row_of(uint address, uint y, const uint mb_height) {
    return frame_row(job_quads[job.mbs_quad + address].x, mb_row(address), y, mb_height);
}
// The distance in recon from one of its rows to the next.
uint row_words(uint head) { return job.recon_pitch / (is_field_mb(head) ? 2 : 4); }
uint row_words_of(uint address) { return row_words(job_quads[job.mbs_quad + address].x); }
#else
uint frame_row_of(uint address, uint y, const uint mb_height) { return mb_row(address) * mb_height + y; }
uint row_words(uint head) { return job.recon_pitch / 4; }
uint row_words_of(uint address) { return job.recon_pitch / 4; }
#endif

// A word of recon in the macroblock at `address`: four luma samples starting at (x, y), or two Cb, Cr pairs starting at this
// byte of row y.
uint luma_word(uint address, uint x, uint y) {
    uint row = mb_row(address);
    return luma_byte(frame_row_of(address, y, 16) * job.recon_pitch + (address - row * job.width_in_mbs) * 16 + x) / 4;
}
uint chroma_word(uint address, uint byte, uint y) {
    uint row = mb_row(address);
    return (job.recon_chroma_offset + frame_row_of(address, y, 8) * job.recon_pitch + (address - row * job.width_in_mbs) * 16 + byte) / 4;
}

// The first quad of a macroblock's residuals.
uint residual_quad(uint address) { return 37 * job.width_in_mbs * job.height_in_mbs / 4 + 1 + address * 48; }

uint more_strengths_word(uint place) { return residual_quad(job.width_in_mbs * job.height_in_mbs) * 4 + place; }

// The motion entry of the 4x4 block in column x, row y of a macroblock.
uint motion_entry(uint shape, uint x, uint y) {
    uint quarter = (shape == SHAPE_COLUMNS ? 0 : shape == SHAPE_ROWS ? y >> 1 : y & 2) +
                   (shape == SHAPE_ROWS ? 0 : x >> 1);
    return shape == SHAPE_WHOLE ? 0 : shape == SHAPE_BLOCKS ? y * 4 + x : quarter;
}

// luma4x4BlkIdx of the 4x4 block in column x, row y (6.4.3).
uint luma_block_index(uint x, uint y) { return (x & 1) | (y & 1) << 1 | (x & 2) << 1 | (y & 2) << 2; }
