// SPDX-License-Identifier: MIT
// Intra records, in one dispatch: workgroups share the turns. A turn is as many records of one level, luma's and then chroma's, as a
// workgroup has teams; turns are taken in the order of levels, and one begins when all those of the levels before are finished:
// whoever took them has started earlier.
// Reads the job, residuals in scratch, and what inter and other intra records left in recon; writes recon and scratch.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#extension GL_KHR_memory_scope_semantics : require

layout(local_size_x = 64) in;
layout(push_constant) uniform Levels {
    uint unused, level_count;
} levels;

#define RECON_ACCESS coherent
#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "masks.glsl"
#include "intra.glsl"

const uint MOST_TURNS = 16;  // of a workgroup; there are enough workgroups for all
const uint NEXT_WORD = 0, FINISHED_WORD = 1;
shared uint turn;

void wait_for(uint count) {
    if (gl_LocalInvocationIndex == 0) {
        while (atomicLoad(scratch_words[FINISHED_WORD], gl_ScopeDevice, gl_StorageSemanticsBuffer, gl_SemanticsRelaxed) < count) {}
    }
    memoryBarrierBuffer();
    barrier();
}

uint take_turn() {
    barrier();
    if (gl_LocalInvocationIndex == 0) turn = atomicAdd(scratch_words[NEXT_WORD], 1);
    barrier();
    return turn;
}

// How many turns there are before a level.
uint turns_before(uint level) { return job_words[job.intra_turns_word + level]; }

void main() {
    uint turns = turns_before(levels.level_count), level = 0;
    [[dont_unroll]] for (uint i = 0; i < MOST_TURNS; ++i) {
        uint own = take_turn();
        if (own >= turns) return;
        while (turns_before(level + 1) <= own) ++level;
        uint before = turns_before(level);
        wait_for(before);
        reconstruct_of_level(level, (own - before) * TEAMS + team());
        memoryBarrierBuffer();
        barrier();
        if (gl_LocalInvocationIndex == 0) atomicAdd(scratch_words[FINISHED_WORD], 1);
    }
}
