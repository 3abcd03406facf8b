// SPDX-License-Identifier: MIT
#version 460
// Intra records in the order of dependency levels. A workgroup takes as many records of a level as it has teams at a time, until
// nothing is left of it, and then those of the next one, of as many levels as the dispatch has been given. Several levels are for
// a single pair of workgroups only, one for luma and one for chroma, where chroma's wait for luma's: that is one workgroup then.
// Reads the job, residuals in scratch, and what inter and other intra records left in recon; writes recon.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;
layout(push_constant) uniform Levels {
    uint first_level, level_count;
} levels;

#define RECON_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "masks.glsl"
#include "intra.glsl"

void reconstruct_level(uint level, uint group, uint groups, const bool chroma) {
    uint word = job.intra_levels_words[chroma ? 1 : 0] + level;
    uint end = job_words[word + 1], first = job_words[word] + group * TEAMS;
    [[dont_unroll]] for (; subgroupAny(first < end); first += groups * TEAMS) reconstruct(first + team(), end, chroma);
}

void main() {
    if (levels.level_count > 1) {
        [[dont_unroll]] for (uint level = 0; level < levels.level_count; ++level) {
            reconstruct_level(levels.first_level + level, 0, 1, false);
            reconstruct_level(levels.first_level + level, 0, 1, true);
            // The next level reads what this one wrote.
            memoryBarrierBuffer();
            barrier();
        }
    } else if (subgroupAny((gl_WorkGroupID.x & 1) != 0)) {
        reconstruct_level(levels.first_level, gl_WorkGroupID.x / 2, gl_NumWorkGroups.x / 2, true);
    } else {
        reconstruct_level(levels.first_level, gl_WorkGroupID.x / 2, gl_NumWorkGroups.x / 2, false);
    }
}
