// SPDX-License-Identifier: MIT
// Second deblocking pass: the vertical edges (see deblock.glsl). A lane per row of a macroblock: 16 for luma and, in further
// workgroups, 8 for chroma. Filters the macroblock's rows in place, except for the strip's columns, and the left macroblock's
// strip. Waits for all strips.
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

// Everything that a row may need is loaded at once: waiting a second time costs more.
void luma_row(uint mb, uint row, bool exists) {
    uint left_mb = max(mb, 1) - 1, head = mb_head(mb), left_head = mb_head(left_mb);
    uint strengths = mix(0, row_strengths(mb, row >> 2), exists);
    if (!subgroupAny(strengths != 0)) return;
    uint y = mb_row(mb), x = mb - y * job.width_in_mbs, bs_left = strengths & 0xf;
    uint quad = (y * 16 + row) * (job.recon_pitch >> 4) + x, left_word = strip_quad(left_mb) * 4 + LUMA_STRIP * 4 + row;
    Thresholds outer = luma_thresholds(left_head, head), inner = luma_thresholds(head, head);
    uint left = scratch_words[left_word];
    uvec4 samples = recon_quads[quad];
    if (subgroupAny(bs_left != 0)) filter_luma_row(left, samples.x, bs_left, outer);
    filter_inner_luma_row(samples.x, samples.y, strengths >> 4 & 0xf, inner);
    filter_inner_luma_row(samples.y, samples.z, strengths >> 8 & 0xf, inner);
    filter_inner_luma_row(samples.z, samples.w, strengths >> 12, inner);
    if (bs_left != 0) scratch_words[left_word] = left;
    if (strengths != 0) recon_quads[quad] = samples;
}

void chroma_row(uint mb, uint row, bool exists) {
    uint left_mb = max(mb, 1) - 1, head = mb_head(mb), left_head = mb_head(left_mb);
    uint strengths = mix(0, row_strengths(mb, row >> 1) & 0x0f0f, exists);
    if (!subgroupAny(strengths != 0)) return;
    uint y = mb_row(mb), x = mb - y * job.width_in_mbs, bs_left = strengths & 0xf, bs_middle = strengths >> 8;
    uint quad = ((job.recon_chroma_offset >> 4) + (y * 8 + row) * (job.recon_pitch >> 4)) + x;
    uint left_word = strip_quad(left_mb) * 4 + CHROMA_STRIP * 4 + row;
    uint left = scratch_words[left_word];
    uvec4 samples = recon_quads[quad];
    if (subgroupAny(bs_left != 0)) filter_chroma_row(left, samples.x, bs_left, chroma_thresholds(left_head, head));
    if (subgroupAny(bs_middle != 0)) filter_chroma_row(samples.y, samples.z, bs_middle, chroma_thresholds(head, head));
    if (bs_left != 0) scratch_words[left_word] = left;
    if (strengths != 0) recon_quads[quad] = samples;
}

// Without a macroblock an invocation only votes.
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
