// SPDX-License-Identifier: MIT
// Second deblocking pass of MBAFF frames: the vertical edges (see deblock_mbaff.glsl). A lane per row of the picture in a
// column of macroblocks: 32 for a pair's luma and, in further workgroups, 16 for its chroma. Filters the pair's rows in place,
// except for the strip's columns, and the left pair's strip. Waits for all strips.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#define RECON_ACCESS
layout(local_size_x = 64) in;

#include "job.glsl"
#include "deblock.glsl"
#include "deblock_mbaff.glsl"

// The macroblocks of a row, and the strength between them; 0 at the picture's edge.
struct LeftEdge {
    uint head, left_head, bs, place, row;
};
LeftEdge left_edge(Pair pair, Pair left, uint row, const uint mb_height) {
    LeftEdge edge;
    edge.place = place_in(pair, mb_of_row(pair, row, mb_height));
    edge.row = row_of_mb(pair, row, mb_height);
    edge.head = mb_head(edge.place);
    edge.left_head = mb_head(place_in(left, mb_of_row(left, row, mb_height)));
    uint luma_row = mb_height == 16 ? edge.row : luma_row_of(pair.field, edge.row);
    edge.bs = left_strength(edge.place, pair.field, pair.field != left.field, luma_row);
    return edge;
}

void luma_row(Pair pair, uint row, bool exists) {
    Pair left = pair_at(max(pair.x, 1) - 1, pair.y);
    LeftEdge edge = left_edge(pair, left, row, 16);
    uvec2 strengths = mix(uvec2(0), scratch_quads[edge.place].xy, bvec2(exists));
    uint bs_left = mix(0, edge.bs, exists), segment = edge.row >> 2;
    Thresholds outer = luma_thresholds(edge.left_head, edge.head), inner = luma_thresholds(edge.head, edge.head);
    uint quad = (pair.y * 32 + row) * (job.recon_pitch >> 4) + pair.x, left_word = luma_strip_quad(left, row >> 2) * 4 + (row & 3);
    uint samples_left = scratch_words[left_word];
    uvec4 samples = recon_quads[quad];
    if (subgroupAny(bs_left != 0)) filter_luma_row(samples_left, samples.x, bs_left, outer);
    filter_inner_luma_row(samples.x, samples.y, strength(strengths.x, 1, segment), inner);
    filter_inner_luma_row(samples.y, samples.z, strength(strengths.y, 0, segment), inner);
    filter_inner_luma_row(samples.z, samples.w, strength(strengths.y, 1, segment), inner);
    if (bs_left != 0) scratch_words[left_word] = samples_left;
    if (exists) recon_quads[quad] = samples;
}

void chroma_row(Pair pair, uint row, bool exists) {
    Pair left = pair_at(max(pair.x, 1) - 1, pair.y);
    LeftEdge edge = left_edge(pair, left, row, 8);
    uint bs_left = mix(0, edge.bs, exists), bs_middle = mix(0, strength(scratch_quads[edge.place].y, 0, edge.row >> 1), exists);
    uint quad = ((job.recon_chroma_offset >> 4) + (pair.y * 16 + row) * (job.recon_pitch >> 4)) + pair.x;
    uint left_word = chroma_strip_quad(left, row >> 2) * 4 + (row & 3);
    uint samples_left = scratch_words[left_word];
    uvec4 samples = recon_quads[quad];
    if (subgroupAny(bs_left != 0)) filter_chroma_row(samples_left, samples.x, bs_left, chroma_thresholds(edge.left_head, edge.head));
    if (subgroupAny(bs_middle != 0)) filter_chroma_row(samples.y, samples.z, bs_middle, chroma_thresholds(edge.head, edge.head));
    if (bs_left != 0) scratch_words[left_word] = samples_left;
    if (exists) recon_quads[quad] = samples;
}

// Without a pair an invocation only votes.
void main() {
    uint pairs = job.width_in_mbs * job.height_in_mbs / 2, luma_groups = (pairs + 1) / 2;
    if (subgroupAny(gl_WorkGroupID.x < luma_groups)) {
        uint pair = gl_WorkGroupID.x * 2 + (gl_LocalInvocationIndex >> 5);
        luma_row(pair_of(min(pair, pairs - 1)), gl_LocalInvocationIndex & 31, pair < pairs);
    } else {
        uint pair = (gl_WorkGroupID.x - luma_groups) * 4 + (gl_LocalInvocationIndex >> 4);
        chroma_row(pair_of(min(pair, pairs - 1)), gl_LocalInvocationIndex & 15, pair < pairs);
    }
}
