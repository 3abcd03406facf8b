// SPDX-License-Identifier: MIT
// First deblocking pass of MBAFF frames: each pair's strip (see deblock_mbaff.glsl). An invocation has a pair's luma or, in
// further workgroups, its chroma. If there are fewer pairs, the remaining invocations repeat the last one's work. Reads the
// unfiltered picture and the boundary strengths; writes the strips. Waits for the whole picture before deblocking.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;

#include "job.glsl"
#include "deblock.glsl"
#include "deblock_mbaff.glsl"

// Columns 12 to 15 of a row after the vertical edges that reach them.
uint filtered_end(Pair pair, uint row) {
    uint place = place_in(pair, mb_of_row(pair, row, 16)), head = mb_head(place), segment = row_of_mb(pair, row, 16) >> 2;
    uint strengths = scratch_quads[place].y;
    Thresholds t = luma_thresholds(head, head);
    uvec3 samples = recon_quads[(pair.y * 32 + row) * (job.recon_pitch >> 4) + pair.x].yzw;
    filter_inner_luma_row(samples.x, samples.y, strength(strengths, 0, segment), t);
    filter_inner_luma_row(samples.y, samples.z, strength(strengths, 1, segment), t);
    return samples.z;
}

// The left edge of the pair to the right of the one above, in this row of it.
void filter_right_luma(Pair above, uint row) {
    Pair right = pair_at(above.x + 1, above.y);
    uint place = place_in(right, mb_of_row(right, row, 16)), own = place_in(above, mb_of_row(above, row, 16));
    uint bs = left_strength(place, right.field, right.field != above.field, row_of_mb(right, row, 16));
    uint words = recon_quads[(above.y * 32 + row) * (job.recon_pitch >> 4) + right.x].x, index = row_index(int(row) - 32);
    uint samples = column_rows[index];
    filter_luma_row(samples, words, bs, luma_thresholds(mb_head(own), mb_head(place)));
    column_rows[index] = samples;
}
void filter_right_chroma(Pair above, uint row) {
    Pair right = pair_at(above.x + 1, above.y);
    uint place = place_in(right, mb_of_row(right, row, 8)), own = place_in(above, mb_of_row(above, row, 8));
    uint luma_row = luma_row_of(right.field, row_of_mb(right, row, 8));
    uint bs = left_strength(place, right.field, right.field != above.field, luma_row);
    uint word = (job.recon_chroma_offset + (above.y * 16 + row) * job.recon_pitch) / 4 + right.x * 4, index = row_index(int(row) - 16);
    uint words = recon_words[word], samples = column_rows[index];
    filter_chroma_row(samples, words, bs, chroma_thresholds(mb_head(own), mb_head(place)));
    column_rows[index] = samples;
}

void luma_strip(uint index) {
    [[dont_unroll]] for (uint i = 0; i < 44; ++i) {
        Pair own = pair_of(index + nought(i));
        if (i < 12) own = pair_at(own.x, max(own.y, 1) - 1);
        column_rows[row_index(int(i) - ROWS_ABOVE)] = filtered_end(own, i < 12 ? i + 20 : i - 12);
    }
    [[dont_unroll]] for (uint number = 0; number < LUMA_EDGES_ABOVE; ++number) {
        Pair pair = pair_of(index + nought(number));
        Edge edge = luma_edge(pair, number, 3);
        edge.bs = pair.y > 0 ? edge.bs : 0;
        filter_luma_edge(edge);
    }
    [[dont_unroll]] for (uint row = 26; row < 32; ++row) {
        Pair pair = pair_of(index + nought(row));
        if (pair.y > 0 && pair.x + 1 < job.width_in_mbs) filter_right_luma(pair_at(pair.x, pair.y - 1), row);
    }
    [[dont_unroll]] for (uint number = LUMA_EDGES_ABOVE; number < LUMA_EDGES; ++number) {
        filter_luma_edge(luma_edge(pair_of(index + nought(number)), number, 3));
    }
    Pair pair = pair_of(index);
    if (pair.y > 0) scratch_quads[strip_quad(pair.first) + LUMA_ABOVE] = load_group(-4);
    [[dont_unroll]] for (uint group = 0; group < 8; ++group) scratch_quads[luma_strip_quad(pair, group)] = load_group(int(group) * 4);
}

void chroma_strip(uint index) {
    [[dont_unroll]] for (uint i = 0; i < 22; ++i) {
        Pair pair = pair_of(index + nought(i));
        uint row = max(pair.y * 16 + i, 6) - 6;
        column_rows[row_index(int(i) - 6)] = recon_words[(job.recon_chroma_offset + row * job.recon_pitch) / 4 + pair.x * 4 + 3];
    }
    [[dont_unroll]] for (uint number = 0; number < CHROMA_EDGES_ABOVE; ++number) {
        Pair pair = pair_of(index + nought(number));
        Edge edge = chroma_edge(pair, number, 3);
        edge.bs = pair.y > 0 ? edge.bs : 0;
        filter_chroma_edge(edge);
    }
    [[dont_unroll]] for (uint row = 12; row < 16; ++row) {
        Pair pair = pair_of(index + nought(row));
        if (pair.y > 0 && pair.x + 1 < job.width_in_mbs) filter_right_chroma(pair_at(pair.x, pair.y - 1), row);
    }
    [[dont_unroll]] for (uint number = CHROMA_EDGES_ABOVE; number < CHROMA_EDGES; ++number) {
        filter_chroma_edge(chroma_edge(pair_of(index + nought(number)), number, 3));
    }
    Pair pair = pair_of(index);
    if (pair.y > 0) scratch_quads[strip_quad(pair.first) + CHROMA_ABOVE] = uvec4(load_group(-2).xy, 0, 0);
    [[dont_unroll]] for (uint group = 0; group < 4; ++group) scratch_quads[chroma_strip_quad(pair, group)] = load_group(int(group) * 4);
}

void main() {
    uint pairs = job.width_in_mbs * job.height_in_mbs / 2, groups = (pairs + 63) / 64;
    if (subgroupAny(gl_WorkGroupID.x < groups)) {
        luma_strip(min(gl_WorkGroupID.x * 64 + gl_LocalInvocationIndex, pairs - 1));
    } else {
        chroma_strip(min((gl_WorkGroupID.x - groups) * 64 + gl_LocalInvocationIndex, pairs - 1));
    }
}
