// SPDX-License-Identifier: MIT
// Intra records in the order of dependency levels. A workgroup takes as many records of a level as it has teams at a time, luma's
// and then chroma's, until nothing is left of it, and then those of the next one, of as many levels as the dispatch has been given.
// Records of a level are in the order of how long they take: every second time teams take them in the opposite order, so that all
// have about as much to do.
// Several levels are for a single workgroup only: chroma's records read what luma's of the levels before left.
// Reads the job, residuals in scratch, and what inter and other intra records left in recon; writes recon.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;
layout(push_constant) uniform Levels {
    uint first_level, level_count;
} levels;

#define RECON_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "masks.glsl"
#include "intra_teams.glsl"

uint records_of_level(uint level) {
    uint luma = job.intra_levels_words[0] + level, chroma = job.intra_levels_words[1] + level;
    return job_words[luma + 1] - job_words[luma] + job_words[chroma + 1] - job_words[chroma];
}

void main() {
    // Names the buffers before any loop does: where only loops name a buffer, llvmpipe of Mesa 26.1 takes its address from a lane
    // that has none once all lanes have left, and crashes. This adds 0.
    uint level = levels.first_level + ((recon_words[0] | scratch_words[0]) & job.zero);
    uint first = gl_WorkGroupID.x * TEAMS, own = team();
    prepare();
    [[dont_unroll]] while (subgroupAny(level < levels.first_level + levels.level_count)) {
        if (subgroupAny(first < records_of_level(level))) {
            reconstruct_of_level(level, first + own);
            first += gl_NumWorkGroups.x * TEAMS;
            own = TEAMS - 1 - own;
        } else {
            // The next level reads what this one wrote.
            memoryBarrierBuffer();
            barrier();
            ++level;
            first = 0;
            own = team();
        }
    }
}
