// SPDX-License-Identifier: MIT
#version 460
// Intra prediction in the order of dependency levels. A workgroup takes as many transform blocks of a level as it has teams at a
// time, until nothing is left of it, and then those of the next one, of as many levels as the dispatch has been given. Several
// levels are for two workgroups only, one for luma and one for chroma.
// Reads the job, residuals in scratch, and what inter and other intra blocks left in recon; writes recon.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;
layout(push_constant) uniform Levels {
    uint first_level, level_count;  // both planes have levels of their own; one that has less has empty ones
} levels;

#define RECON_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "intra.glsl"

void reconstruct_levels(const bool chroma) {
    uint word = job.intra_levels_words[chroma ? 1 : 0] + levels.first_level;
    [[dont_unroll]] for (uint level = 0; level < levels.level_count; ++level) {
        uint end = job_words[word + level + 1];
        uint first = job_words[word + level] + gl_WorkGroupID.x / 2 * TEAMS;
        [[dont_unroll]] for (; subgroupAny(first < end); first += gl_NumWorkGroups.x / 2 * TEAMS) {
            reconstruct(first + team(), end, chroma);
        }
        // The next level reads what this one wrote.
        memoryBarrierBuffer();
        barrier();
    }
}

void main() {
    if (subgroupAny((gl_WorkGroupID.x & 1) != 0)) {
        reconstruct_levels(true);
    } else {
        reconstruct_levels(false);
    }
}
