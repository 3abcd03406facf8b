// SPDX-License-Identifier: MIT
#version 460
// Intra prediction by dependency levels. A workgroup takes one word of a level's transform blocks for each of its invocations
// until the level is finished, then continues with the next level, for as many levels as the dispatch is given. Several levels
// need a dispatch of two workgroups, one for luma and one for chroma. Reads the job, residuals in scratch, and the inter and
// earlier intra blocks in recon; writes recon.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

// V3D runs two workgroups of this size at a time.
layout(local_size_x = 192) in;
layout(push_constant) uniform Levels {
    uint first_level, level_count;  // in both planes; the plane with fewer levels has empty ones
} levels;

#define RECON_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "intra_words.glsl"

void clear_sums(uint turn) {
    turn_words[turn * TURN_WORDS + gl_WorkGroupSize.x * 4 + gl_LocalInvocationIndex / 4] = 0;
}

void reconstruct_levels(const bool chroma) {
    uint turn = 0;
    [[dont_unroll]] for (uint level = 0; level < levels.level_count; ++level) {
        LevelBlocks blocks = level_blocks(levels.first_level + level, chroma ? 1 : 0);
        uvec4 lanes = level_lanes(blocks, chroma);
        uint first = gl_WorkGroupID.x / 2 * gl_WorkGroupSize.x;
        [[dont_unroll]] for (; subgroupAny(first < lanes.w); first += gl_NumWorkGroups.x / 2 * gl_WorkGroupSize.x) {
            IntraWord own = make_word(blocks, lanes, first + gl_LocalInvocationIndex, turn, chroma);
            turn = turn == 2 ? 0 : turn + 1;
            clear_sums(turn);
            Loaded loaded = load(own, chroma);
            barrier();
            reconstruct_word(own, loaded, chroma);
        }
        // Makes this level's writes visible to the next one.
        memoryBarrierBuffer();
        barrier();
    }
}

void main() {
    store_directions();
    clear_sums(0);
    barrier();
    if (subgroupAny((gl_WorkGroupID.x & 1) != 0)) {
        reconstruct_levels(true);
    } else {
        reconstruct_levels(false);
    }
}
