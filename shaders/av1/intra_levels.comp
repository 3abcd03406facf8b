// SPDX-License-Identifier: MIT
// Intra records by dependency levels. A workgroup takes as many slots of a level at a time as it has teams, until the level is
// finished, then continues with the next one, for all levels of the dispatch. A slot is a record or some of its rows; the CPU
// distributes them so that all teams have about the same amount of work. Several levels need a dispatch of a single workgroup,
// because chroma's records read luma's of earlier levels. Reads the job, residuals in scratch, and the inter and earlier intra
// records in recon; writes recon.
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
    // Uses the buffers outside of loops: if only loops use a buffer, llvmpipe of Mesa 26.1 takes its address from a lane that
    // has none once all lanes have left, and crashes. This adds 0.
    uint level = levels.first_level + ((recon_words[0] | scratch_words[0]) & job.zero);
    uint turn = gl_WorkGroupID.x * TEAMS;
    prepare();
    [[dont_unroll]] while (subgroupAny(level < levels.first_level + levels.level_count)) {
        uint first = first_slot(level) + turn, end = first_slot(level + 1);
        if (subgroupAny(first < end)) {
            reconstruct_slot(first + team(), end);
            turn += gl_NumWorkGroups.x * TEAMS;
        } else {
            // Makes this level's writes visible to the next one.
            memoryBarrierBuffer();
            barrier();
            ++level;
            turn = 0;
        }
    }
}
