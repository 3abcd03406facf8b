// SPDX-License-Identifier: MIT
#version 460
// Intra prediction in one dispatch: even workgroups share the turns of luma, odd ones those of chroma. A turn is as many
// transform blocks of one level as a workgroup has teams. Turns are taken in the order of levels, and a turn begins once all
// turns of earlier levels are finished. This cannot deadlock: those turns were taken by workgroups that are already running.
// Reads the job, residuals in scratch, and the inter and earlier intra blocks in recon; writes recon and scratch.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#extension GL_KHR_memory_scope_semantics : require

layout(local_size_x = 64) in;
layout(push_constant) uniform Levels {
    uint luma_levels, chroma_levels;
} levels;

#define RECON_ACCESS coherent
#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "intra.glsl"

const uint MOST_TURNS = 16;  // per workgroup; there are enough workgroups
shared uint turn;

void wait_for(uint finished_word, uint count) {
    if (gl_LocalInvocationIndex == 0) {
        while (atomicLoad(scratch_words[finished_word], gl_ScopeDevice, gl_StorageSemanticsBuffer, gl_SemanticsRelaxed) < count) {}
    }
    memoryBarrierBuffer();
    barrier();
}

uint take_turn(uint plane) {
    barrier();
    if (gl_LocalInvocationIndex == 0) turn = atomicAdd(scratch_words[plane], 1);
    barrier();
    return turn;
}

void reconstruct_turns(const bool chroma, uint level_count) {
    const uint plane = chroma ? 1 : 0;
    uint first_turns = job.intra_turns_words[plane], first_blocks = job.intra_levels_words[plane], level = 0;
    uint turns = job_words[first_turns + level_count];
    [[dont_unroll]] for (uint i = 0; i < MOST_TURNS; ++i) {
        uint own = take_turn(plane);
        if (own >= turns) return;
        while (job_words[first_turns + level + 1] <= own) ++level;
        uint before = job_words[first_turns + level];
        wait_for(plane + 2, before);
        // Four words for each level: one for each transform size.
        uint first = job_words[first_blocks + level * 4] + (own - before) * TEAMS;
        reconstruct(first + team(), job_words[first_blocks + level * 4 + 4], chroma);
        memoryBarrierBuffer();
        barrier();
        if (gl_LocalInvocationIndex == 0) atomicAdd(scratch_words[plane + 2], 1);
    }
}

void main() {
    if (subgroupAny((gl_WorkGroupID.x & 1) != 0)) {
        reconstruct_turns(true, levels.chroma_levels);
    } else {
        reconstruct_turns(false, levels.luma_levels);
    }
}
