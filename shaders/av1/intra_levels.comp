// SPDX-License-Identifier: MIT
// Intra records in the order of dependency levels. A workgroup takes as many slots of a level as it has teams at a time, until nothing
// is left of it, and then those of the next one, of as many levels as the dispatch has been given. A slot is a record or some of its
// rows, as the CPU has dealt them out, so that all teams have about as much to do.
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

uint first_slot(uint level) { return job_words[job.intra_turns_word + level]; }

void main() {
    // Names the buffers before any loop does: where only loops name a buffer, llvmpipe of Mesa 26.1 takes its address from a lane
    // that has none once all lanes have left, and crashes. This adds 0.
    uint level = levels.first_level + ((recon_words[0] | scratch_words[0]) & job.zero);
    uint turn = gl_WorkGroupID.x * TEAMS;
    prepare();
    [[dont_unroll]] while (subgroupAny(level < levels.first_level + levels.level_count)) {
        uint first = first_slot(level) + turn, end = first_slot(level + 1);
        if (subgroupAny(first < end)) {
            reconstruct_slot(first + team(), end);
            turn += gl_NumWorkGroups.x * TEAMS;
        } else {
            // The next level reads what this one wrote.
            memoryBarrierBuffer();
            barrier();
            ++level;
            turn = 0;
        }
    }
}
