// Second deblocking pass: the vertical edges (see deblock.glsl).
// A lane per row of a macroblock: 16 for luma, in further workgroups 8 for chroma. Filters the macroblock's rows
// in place, but for the columns of the strip, and the left macroblock's strip. Waits for all strips.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#define RECON_ACCESS
layout(local_size_x = 256) in;

#include "job.glsl"
#include "deblock.glsl"

// The strengths of a row's four edges, 4 bits each.
uint row_strengths(uint mb, uint segment) {
    uvec2 edges = scratch_quads[mb].xy >> segment * 4 & 0x000f000f;
    edges |= edges >> 12;
    return edges.x & 0xff | (edges.y & 0xff) << 8;
}

void luma_row(uint mb, uint row, bool exists) {
    uint strengths = exists ? row_strengths(mb, row >> 2) : 0;
    if (!subgroupAny(strengths != 0)) return;
    uint head = mb_head(mb), y = mb / job.width_in_mbs, x = mb - y * job.width_in_mbs, bs_left = strengths & 0xf;
    uint quad = (y * 16 + row) * (job.recon_pitch >> 4) + x;
    uvec4 samples = recon_quads[quad];
    if (subgroupAny(bs_left != 0)) {
        uint left_mb = bs_left != 0 ? mb - 1 : mb, left_word = strip_quad(left_mb) * 4 + LUMA_STRIP * 4 + row;
        uint left = scratch_words[left_word];
        filter_luma_row(left, samples.x, bs_left, luma_thresholds(mb_head(left_mb), head));
        if (bs_left != 0) scratch_words[left_word] = left;
    }
    Thresholds inner = luma_thresholds(head, head);
    filter_inner_luma_row(samples.x, samples.y, strengths >> 4 & 0xf, inner);
    filter_inner_luma_row(samples.y, samples.z, strengths >> 8 & 0xf, inner);
    filter_inner_luma_row(samples.z, samples.w, strengths >> 12, inner);
    if (strengths != 0) recon_quads[quad] = samples;
}

void chroma_row(uint mb, uint row, bool exists) {
    uint strengths = exists ? row_strengths(mb, row >> 1) & 0x0f0f : 0;
    if (!subgroupAny(strengths != 0)) return;
    uint head = mb_head(mb), y = mb / job.width_in_mbs, x = mb - y * job.width_in_mbs;
    uint quad = ((job.recon_chroma_offset >> 4) + (y * 8 + row) * (job.recon_pitch >> 4)) + x;
    uvec4 samples = recon_quads[quad];
    uint bs_left = strengths & 0xf, bs_middle = strengths >> 8;
    if (subgroupAny(bs_left != 0)) {
        uint left_mb = bs_left != 0 ? mb - 1 : mb, left_word = strip_quad(left_mb) * 4 + CHROMA_STRIP * 4 + row;
        uint left = scratch_words[left_word];
        filter_chroma_row(left, samples.x, bs_left, chroma_thresholds(mb_head(left_mb), head));
        if (bs_left != 0) scratch_words[left_word] = left;
    }
    if (subgroupAny(bs_middle != 0)) filter_chroma_row(samples.y, samples.z, bs_middle, chroma_thresholds(head, head));
    if (strengths != 0) recon_quads[quad] = samples;
}

// Where there is no macroblock any more, an invocation only votes.
void main() {
    uint mbs = job.width_in_mbs * job.height_in_mbs, luma_groups = (mbs + 15) / 16;
    if (subgroupAny(gl_WorkGroupID.x < luma_groups)) {
        uint mb = gl_WorkGroupID.x * 16 + (gl_LocalInvocationID.x >> 4);
        luma_row(min(mb, mbs - 1), gl_LocalInvocationID.x & 15, mb < mbs);
    } else {
        uint mb = (gl_WorkGroupID.x - luma_groups) * 32 + (gl_LocalInvocationID.x >> 3);
        chroma_row(min(mb, mbs - 1), gl_LocalInvocationID.x & 7, mb < mbs);
    }
}
