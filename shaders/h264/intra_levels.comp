// SPDX-License-Identifier: MIT
#version 460
// Third dispatch of a picture, or several: intra macroblocks by dependency levels. A workgroup takes up to 24 at a time until a
// level is finished, then continues with the next level, for all levels of the dispatch. Several levels need a dispatch of two
// workgroups, one for luma and one for chroma. Reads the job, residuals in scratch, and the inter and earlier intra macroblocks
// in recon; writes recon.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#define RECON_ACCESS coherent
#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "lockstep.glsl"
#include "samples.glsl"
#include "residual.glsl"
#include "intra_prediction.glsl"

// On V3D, which has room for 24 subgroups, a workgroup for luma runs beside the one for chroma.
layout(local_size_x = 192) in;
layout(push_constant) uniform IntraLevels {
    uint first_level, level_count;
};

const uint LANES = 8;
#include "intra.glsl"

// The number of steps that a macroblock takes.
int step_count(uint head) { return mb_kind(head) == KIND_INTRA_4X4 ? 10 : mb_kind(head) == KIND_INTRA_8X8 ? 4 : 0; }

void reconstruct_word(Macroblock mb, Block block, uint edges[8], uint mode, bool exists) {
    uint word = predict_word(mb.head, block, edges, mode);
    uvec2 residual = load_residual(mb, block);  // not earlier: the prediction needs the registers
    word = add_residual(word, residual.x, residual.y);
    if (exists) store_word(mb, block, word);
}

// In a 4x4 block each invocation has a row, in an 8x8 block the left half of one and then the right half.
void reconstruct_step(Macroblock mb, uvec2 modes, int step) {
    bool is_8x8 = mb_kind(mb.head) == KIND_INTRA_8X8, exists;
    Block block = block_of_step(mb.head, step, is_8x8, exists);
    uint edges[8], mode = mode_of(block, modes);
    load_edges(mb.head, block, edges);
    reconstruct_word(mb, block, edges, mode, exists);
    if (subgroupAny(is_8x8)) {
        block.x = 4;
        reconstruct_word(mb, block, edges, mode, exists && is_8x8);
    }
}

void reconstruct_luma(Macroblock mb) {
    uvec2 modes = load_modes(mb);
    if (subgroupAny(exists(mb))) load_luma_neighbours(mb);
    neighbours_barrier();
    // Macroblocks of a level are sorted by kind, so that those of a subgroup seldom wait for each other.
    [[dont_unroll]] for (int step = 0; step < 10; ++step) {
        if (subgroupAny(step < step_count(mb.head))) reconstruct_step(mb, modes, step);
        neighbours_barrier();
    }
    if (subgroupAny(mb_kind(mb.head) >= KIND_INTRA_16X16)) reconstruct_rows(mb);
}

void reconstruct(Macroblock mb, bool chroma) {
    if (chroma) {
        reconstruct_chroma(mb);
    } else {
        reconstruct_luma(mb);
    }
    // Makes this level's writes visible to the next one.
    memoryBarrierBuffer();
    barrier();
}

// Workgroups 2n and 2n + 1 take the luma and the chroma of the same macroblocks. The levels of a dispatch are adjacent in the
// list of macroblocks; an iteration never extends beyond its level.
void reconstruct_levels(bool chroma) {
    uint level = first_level, last = first_level + level_count;
    uint first = job_words[job.intra_levels_word + level] + gl_WorkGroupID.x / 2 * MBS;
    [[dont_unroll]] while (subgroupAny(level < last)) {
        uint end = job_words[job.intra_levels_word + level + 1], index = first + gl_LocalInvocationIndex / LANES;
        Macroblock mb = load_macroblock(job_words[job.intra_mbs_word + min(index, end - 1)], chroma ? CODED_CHROMA : CODED_LUMA);
        mb.head = mix(0, mb.head, index < end);
        reconstruct(mb, chroma);
        first += gl_NumWorkGroups.x / 2 * MBS;
        if (subgroupAny(first >= end)) {
            first = end;
            ++level;
        }
    }
}

void main() {
    if (subgroupAny((gl_WorkGroupID.x & 1) != 0)) {  // a loop for each: one for both would need too many registers
        reconstruct_levels(true);
    } else {
        reconstruct_levels(false);
    }
}
