// SPDX-License-Identifier: MIT
#version 460
// First dispatch of a picture: predicts inter macroblocks, and computes for all macroblocks what later dispatches need in the
// scratch buffer. With n macroblocks, workgroups are
//   [0, a)          luma, a = ceil(n / 32): an invocation owns 4 columns and 8 rows, half of an 8x8 block,
//   [a, a + b)      chroma, b = ceil(n / 64): an invocation owns 4x4 samples of Cb and of Cr,
//   [a + b, a + b + c)  c = ceil(n / 256): an invocation computes a macroblock's boundary strengths and resets its word;
//                   the first one also resets the counter of the ticket strategy.
// Reads the job and the reference pictures, writes recon and scratch, waits for nothing. If a workgroup runs out of
// macroblocks, its invocations repeat the last one's work.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS writeonly
#include "job.glsl"
#include "samples.glsl"
#include "inter_prediction.glsl"
#include "boundary_strength.glsl"
#if PICTURE_KIND == PICTURE_MBAFF
#include "boundary_strength_mbaff.glsl"
#endif

uvec4 macroblock(uint address) { return job_quads[job.mbs_quad + address]; }

uint motion_quad(uvec4 mb, uint x, uint y) {
    return job.entries_quad + mb.w + motion_entry(mb_motion_shape(mb.x), x, y);
}

// An intra macroblock uses no list.
uvec4 motion(uvec4 mb, uint quad) {
    return mb_kind(mb.x) == KIND_INTER ? job_quads[quad] : uvec4(0, 0, NO_REFERENCE << 8 | NO_REFERENCE, 0);
}

bool is_weighted(uvec4 entry) { return (entry.w & 3) != WEIGHTS_DEFAULT; }

// Whether one list's prediction is the final result.
bool is_single(uvec4 entry) { return !(uses(entry, 0) && uses(entry, 1) || is_weighted(entry)); }

// The macroblock of the luma sample at (x, y), and its position there in 4x4 blocks.
uint address_at(uint x, uint y) { return (y >> 4) * job.width_in_mbs + (x >> 4); }
uvec2 luma_block_at(uint x, uint y) { return uvec2(x >> 2 & 3, y >> 2 & 3); }

// Below, y counts rows as if all macroblocks were frame macroblocks. The corresponding rows of recon, and of a reference for a
// zero vector:
#if PICTURE_KIND == PICTURE_MBAFF
const bool MAY_BE_DIRECT = false;  // computing its rows would take registers
uint recon_row(uint head, uint y, const uint mb_height) { return frame_row(head, y / mb_height, y % mb_height, mb_height); }
uint row_at_rest(uint head, uint y, const uint mb_height) {
    return is_field_mb(head) ? y / (2 * mb_height) * mb_height + y % mb_height : y;
}
#else
const bool MAY_BE_DIRECT = true;
uint recon_row(uint head, uint y, const uint mb_height) { return y; }
uint row_at_rest(uint head, uint y, const uint mb_height) { return y; }
#endif

// Predicts four columns and eight rows at (x, y) from each list. Returns a 0 that the compiler cannot know: adding it
// afterwards makes the compiler compute values again, instead of keeping them in registers during the prediction.
uint predict_luma_blocks(uint x, uint y, out bool direct) {
    uvec4 mb = macroblock(address_at(x, y));
    uvec2 block = luma_block_at(x, y);
    uint first_entry = motion_quad(mb, block.x, block.y);
    // The entries of the upper and the lower 4x4 block differ only where each block of the macroblock has its own.
    bool blocks = mb_motion_shape(mb.x) == SHAPE_BLOCKS && mb_kind(mb.x) == KIND_INTER;
    uint rows = subgroupAny(blocks) ? 4 : 8, lower = blocks ? 4 : 0, turn = 0;
    direct = MAY_BE_DIRECT && !subgroupAny(blocks || !is_single(motion(mb, first_entry)));
    // List 0's turns, then list 1's.
    [[dont_unroll]] for (; turn < 16; turn += rows) {
        uint list = turn >> 3, row = turn & 4;
        uvec4 entry = motion(mb, first_entry + (row & lower));
        bool used = uses(entry, list);
        if (subgroupAny(used)) {
            // Invocations that do not use the list predict as well, from some position inside a picture.
            uint slot = used ? motion_slot(entry, list) : 0;
            ivec2 mv = used ? motion_vector(entry, list) : ivec2(0), at = used ? ivec2(x, row_at_rest(mb.x, y, 16) + row) : ivec2(4, 2);
            predict_luma(luma_reference(mb.x, slot), mv, at.x, at.y, int(rows), Target(turn, direct, used, luma_byte(y * job.recon_pitch + x) / 4));
        }
    }
    return turn - 16;
}

uint weight_luma_row(uvec4 entry, uint first, uint second) {
    Weighting w = make_weighting(entry, 0);
    uint word = 0;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        word |= weight_sample(sample_at(first, i), sample_at(second, i), w) << i * 8;
    }
    return word;
}

// The predictions of both lists, or twice the prediction of the only one.
uvec2 predictions(uvec4 entry, uint word) {
    uint first = predicted_words[word][gl_LocalInvocationIndex], second = predicted_words[8 + word][gl_LocalInvocationIndex];
    return uvec2(uses(entry, 0) ? first : second, uses(entry, 1) ? second : first);
}

void finish_luma(uint x, uint y) {
    uvec4 mb = macroblock(address_at(x, y));
    uvec2 block = luma_block_at(x, y);
    [[dont_unroll]] for (uint first_row = 0; first_row < 8; first_row += 4) {
        uvec4 entry = motion(mb, motion_quad(mb, block.x, block.y + first_row / 4));
        uint word = luma_byte(recon_row(mb.x, y + first_row, 16) * job.recon_pitch + x) / 4;
        [[dont_unroll]] for (uint row = first_row; row < first_row + 4; ++row) {
            uvec2 both = predictions(entry, row);
            uint samples = average_bytes(both.x, both.y);
            if (subgroupAny(is_weighted(entry))) {
                uint weighted = weight_luma_row(entry, both.x, both.y);
                samples = is_weighted(entry) ? weighted : samples;
            }
            if (mb_kind(mb.x) == KIND_INTER) recon_words[word] = samples;
            word += row_words(mb.x);
        }
    }
}

void reconstruct_luma(uint address, uint lane) {
    uint x = mb_column(address) * 16 + (lane & 3) * 4, y = mb_row(address) * 16 + (lane & 4) * 2;
    bool direct;
    uint nought = predict_luma_blocks(x, y, direct);
    if (!direct) finish_luma(x + nought, y + nought);
}

// One component of two Cb, Cr pairs, in bytes 0 and 2.
uint weight_pairs(uint first, uint second, Weighting w) {
    return weight_sample(sample_at(first, 0), sample_at(second, 0), w) |
           weight_sample(sample_at(first, 2), sample_at(second, 2), w) << 16;
}

uint weight_chroma_word(uvec4 entry, uvec2 both) {
    uint word = 0;
    [[dont_unroll]] for (uint component = 1; component <= 2; ++component) {
        uint bits = component * 8 - 8;
        word |= weight_pairs(both.x >> bits, both.y >> bits, make_weighting(entry, component)) << bits;
    }
    return word;
}

// Prediction of the four pairs and four rows at (x, y) from each list: of all at once, or of the quarters in turn if each has
// its own vector. Returns 0, like predict_luma_blocks.
uint predict_chroma_blocks(uint x, uint y, out bool direct) {
    uvec4 mb = macroblock(address_at(x * 2, y * 2));
    uvec2 first = luma_block_at(x * 2, y * 2);
    bool quarters = subgroupAny(mb_motion_shape(mb.x) == SHAPE_BLOCKS && mb_kind(mb.x) == KIND_INTER);
    direct = MAY_BE_DIRECT && !quarters && !subgroupAny(!is_single(motion(mb, motion_quad(mb, first.x, first.y))));
    // List 0's iterations, then list 1's.
    uint turn = 0;
    [[dont_unroll]] for (; turn < 8; turn += quarters ? 1 : 4) {
        uint list = turn >> 2, column = turn & 1, row = turn & 2;
        uvec4 entry = motion(mb, motion_quad(mb, first.x + column, first.y + row / 2));
        bool used = uses(entry, list);
        if (subgroupAny(used)) {
            bvec2 columns = bvec2(column == 0, column == 1 || !quarters);
            uint slot = used ? motion_slot(entry, list) : 0;
            ivec2 mv = used ? chroma_vector(mb.x, entry, list, y / 8) : ivec2(0);
            ivec2 at = used ? ivec2(x, row_at_rest(mb.x, y, 8) + row) : ivec2(0);
            Target target = Target(list * 8 + row * 2, direct, used, (job.recon_chroma_offset + y * job.recon_pitch) / 4 + x / 2);
            predict_chroma(chroma_reference(mb.x, slot), mv, at.x, at.y, quarters ? 2 : 4, columns, target);
        }
    }
    return turn - 8;
}

void finish_chroma(uint x, uint y) {
    uvec4 mb = macroblock(address_at(x * 2, y * 2));
    uvec2 block = luma_block_at(x * 2, y * 2);
    uint first = (job.recon_chroma_offset + recon_row(mb.x, y, 8) * job.recon_pitch) / 4 + x / 2;
    [[dont_unroll]] for (uint i = 0; i < 8; ++i) {
        uvec4 entry = motion(mb, motion_quad(mb, block.x + (i & 1), block.y + i / 4));
        uvec2 both = predictions(entry, i);
        uint word = average_bytes(both.x, both.y);
        if (subgroupAny(is_weighted(entry))) {
            uint weighted = weight_chroma_word(entry, both);
            word = is_weighted(entry) ? weighted : word;
        }
        if (mb_kind(mb.x) == KIND_INTER) recon_words[first + (i >> 1) * row_words(mb.x) + (i & 1)] = word;
    }
}

void reconstruct_chroma(uint address, uint lane) {
    uint x = mb_column(address) * 8 + (lane & 1) * 4, y = mb_row(address) * 8 + (lane & 2) * 2;
    bool direct;
    uint nought = predict_chroma_blocks(x, y, direct);
    if (!direct) finish_chroma(x + nought, y + nought);
}

void prepare_scratch(uint address, uint mbs) {
    store_boundary_strengths(address);
    scratch_words[36 * mbs + address] = 0;
    if (address == 0) scratch_words[37 * mbs] = 0;
}

bool is_inter(uint address) { return mb_kind(macroblock(address).x) == KIND_INTER; }

// Luma comes last, so that the values that the other branches need take no registers from it.
void main() {
    uint mbs = job.width_in_mbs * job.height_in_mbs;
    uint luma_groups = (mbs + 31) / 32, chroma_groups = (mbs + 63) / 64;
    uint group = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
    if (subgroupAny(group >= luma_groups + chroma_groups)) {
        uint address = (group - luma_groups - chroma_groups) * 256 + lane;
        if (address < mbs) prepare_scratch(address, mbs);
    } else if (subgroupAny(group >= luma_groups)) {
        uint address = min((group - luma_groups) * 64 + lane / 4, mbs - 1);
        if (subgroupAny(is_inter(address))) reconstruct_chroma(address, lane & 3);
    } else {
        uint address = min(group * 32 + lane / 8, mbs - 1);
        if (subgroupAny(is_inter(address))) reconstruct_luma(address, lane & 7);
    }
}
