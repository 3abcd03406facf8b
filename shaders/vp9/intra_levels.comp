// SPDX-License-Identifier: MIT
#version 460
// Intra prediction in the order of dependency levels. A workgroup takes as many words of a level's transform blocks as it has
// invocations at a time, until nothing is left of it, and then those of the next one, of as many levels as the dispatch has been
// given. Several levels are for two workgroups only, one for luma and one for chroma.
// Reads the job, residuals in scratch, and what inter and other intra blocks left in recon; writes recon.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

// V3D runs two workgroups of this size at a time.
layout(local_size_x = 192) in;
layout(push_constant) uniform Levels {
    uint first_level, level_count;  // both planes have levels of their own; one that has less has empty ones
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
        // The next level reads what this one wrote.
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
