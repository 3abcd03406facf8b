// SPDX-License-Identifier: MIT
#version 460
// Third dispatch of a picture: intra macroblocks. A workgroup has the luma or the chroma of the macroblock on its ticket, in
// the order of dependency levels. It waits for the intra macroblocks that it predicts from: they have earlier tickets, so their
// workgroups have started. The longest chain of macroblocks determines the time, so everything possible precedes the wait.
// Reads the job, residuals in scratch, and inter and other intra macroblocks in recon; writes recon and scratch.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#extension GL_KHR_memory_scope_semantics : require
#define RECON_ACCESS coherent
#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "lockstep.glsl"
#include "samples.glsl"
#include "residual.glsl"
#include "intra_prediction.glsl"

const uint LANES = 16;
layout(local_size_x = LANES) in;
layout(push_constant) uniform IntraLevels {
    uint first_level, level_count;
};

#include "intra.glsl"

shared uint ticket;

// Bit 0: luma is done. Bit 1: chroma is done.
const uint LUMA = 1, CHROMA = 2;
uint done_word(uint address) { return 36 * job.width_in_mbs * job.height_in_mbs + address; }

bool is_done(uint address, uint part) {
    return (atomicLoad(scratch_words[done_word(address)], gl_ScopeDevice, gl_StorageSemanticsBuffer, gl_SemanticsRelaxed) & part) != 0;
}

#if PICTURE_KIND == PICTURE_MBAFF
bool is_field_at(uint address) { return is_field_mb(job_quads[job.mbs_quad + address].x); }

// The macroblock above this one in the column of pairs that is `columns` further right.
uint above_address(Macroblock mb, int columns) {
    uint row = mb_row(mb.address), address = mb.address + columns;
    if (!is_field_mb(mb.head)) return address - job.width_in_mbs;
    uint first = address - ((row & 1) + 2) * job.width_in_mbs;  // of the pair above
    return is_field_at(first) ? first + (row & 1) * job.width_in_mbs : first + job.width_in_mbs;
}

// One of the macroblocks on the left, of which there are two if they are of the other kind.
uint left_address(Macroblock mb, uint i) {
    uint k = mb_row(mb.address) & 1, first = mb.address - k * job.width_in_mbs - 1;
    bool same = is_field_at(first) == is_field_mb(mb.head);
    return first + (same ? k : i) * job.width_in_mbs;
}

uint above_left_address(Macroblock mb) {
    uint k = mb_row(mb.address) & 1, first = mb.address - k * job.width_in_mbs - 1;
    if (is_field_mb(mb.head) || k == 0) return above_address(mb, -1);
    return is_field_at(first) ? first + job.width_in_mbs : first;
}

// Waits for the intra neighbours that it predicts from.
void wait_for_neighbours(Macroblock mb, uint part) {
    if (lane() < 5 && mb_kind(mb.head) != KIND_PCM) {
        bool needed = lane() < 2    ? has_left(mb.head)
                      : lane() == 2 ? has(mb.head, HEAD_TOP_AVAILABLE)
                      : lane() == 3 ? has(mb.head, HEAD_TOP_RIGHT_AVAILABLE)
                                    : has(mb.head, HEAD_TOP_LEFT_AVAILABLE);
        if (needed) {
            uint neighbour = lane() < 2    ? left_address(mb, lane())
                             : lane() == 2 ? above_address(mb, 0)
                             : lane() == 3 ? above_address(mb, 1)
                                           : above_left_address(mb);
            if (mb_kind(job_quads[job.mbs_quad + neighbour].x) != KIND_INTER) {
                while (!is_done(neighbour, part)) {}
            }
        }
    }
    memoryBarrierBuffer();
    barrier();
}
#else
// Waits for the intra neighbours, left, above left, above and above right, that it predicts from.
void wait_for_neighbours(Macroblock mb, uint part) {
    if (lane() < 4) {
        const uvec4 bits = uvec4(HEAD_LEFT_AVAILABLE, HEAD_TOP_LEFT_AVAILABLE, HEAD_TOP_AVAILABLE, HEAD_TOP_RIGHT_AVAILABLE);
        uint neighbour = mb.address - (lane() == 0 ? 1 : job.width_in_mbs + 2 - lane());
        if (mb_kind(mb.head) != KIND_PCM && has(mb.head, bits[lane()]) &&
            mb_kind(job_quads[job.mbs_quad + neighbour].x) != KIND_INTER) {
            while (!is_done(neighbour, part)) {}
        }
    }
    memoryBarrierBuffer();
    barrier();
}

#endif

// The word and the residual of this invocation's part of a step.
struct Step {
    Block block;
    bool exists;
    uvec2 residual;
};

Step load_step(Macroblock mb, int number, bool is_8x8) {
    Step step;
    step.block = block_of_step(mb.head, number, is_8x8, step.exists);
    step.residual = load_residual(mb, step.block);
    return step;
}

// Intra_4x4 or Intra_8x8, without the choices that the other one needs. Each residual is loaded one step ahead.
void reconstruct_blocks(Macroblock mb, const bool is_8x8, const int steps) {
    uvec2 modes = load_modes(mb);
    Step next = load_step(mb, 0, is_8x8);
    wait_for_neighbours(mb, LUMA);
    load_luma_neighbours(mb);
    [[dont_unroll]] for (int number = 1; number <= steps; ++number) {
        Step step = next;
        next = load_step(mb, number, is_8x8);
        neighbours_barrier();
        uint edges[8];
        load_edges(mb.head, step.block, edges);
        uint word = predict_word(mb.head, step.block, edges, mode_of(step.block, modes));
        word = add_residual(word, step.residual.x, step.residual.y);
        if (step.exists) store_word(mb, step.block, word);
    }
}

void reconstruct_luma(Macroblock mb) {
    if (mb_kind(mb.head) == KIND_INTRA_4X4) {
        reconstruct_blocks(mb, false, 10);
    } else if (mb_kind(mb.head) == KIND_INTRA_8X8) {
        reconstruct_blocks(mb, true, 4);
    } else {
        wait_for_neighbours(mb, LUMA);
        load_luma_neighbours(mb);
        neighbours_barrier();
        reconstruct_rows(mb);
    }
}

// Tickets 2n and 2n + 1 are for the luma and the chroma of intra macroblock n.
void main() {
    if (gl_LocalInvocationIndex == 0) ticket = atomicAdd(scratch_words[37 * job.width_in_mbs * job.height_in_mbs], 1);
    barrier();
    // There may be more workgroups than tickets: dispatches of more than 65535 have two dimensions.
    if (ticket >= 2 * job_words[job.intra_levels_word + level_count]) return;
    uint address = job_words[job.intra_mbs_word + ticket / 2], part = (ticket & 1) == 0 ? LUMA : CHROMA;
    Macroblock mb = load_macroblock(address, part == LUMA ? CODED_LUMA : CODED_CHROMA);
    if (part == LUMA) {
        reconstruct_luma(mb);
    } else {
        wait_for_neighbours(mb, CHROMA);
        reconstruct_chroma(mb);
    }
    // Makes this macroblock's samples visible to others.
    memoryBarrierBuffer();
    barrier();
    if (lane() == 0) atomicOr(scratch_words[done_word(mb.address)], part);
}
