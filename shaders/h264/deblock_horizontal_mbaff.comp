// SPDX-License-Identifier: MIT
// Third deblocking pass of MBAFF frames: the horizontal edges, and every sample to the target (see deblock_mbaff.glsl). An
// invocation has a column of words of a pair's luma or, in further workgroups, of its chroma. The last column is the strip's
// and is copied; the edges of the others are filtered. The last 4 rows (chroma: 2) of a pair are written by the pair below it.
// Waits for the second pass.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;

#include "job.glsl"
#include "deblock.glsl"
#include "deblock_mbaff.glsl"

void load_strip(Pair pair, const bool luma) {
    uvec4 above = scratch_quads[strip_quad(pair.first) + (luma ? LUMA_ABOVE : CHROMA_ABOVE)];
    [[unroll]] for (int row = 0; row < (luma ? 4 : 2); ++row) column_rows[row_index(row - (luma ? 4 : 2))] = above[row];
    [[dont_unroll]] for (uint group = 0; group < (luma ? 8 : 4); ++group) {
        uvec4 rows = scratch_quads[luma ? luma_strip_quad(pair, group) : chroma_strip_quad(pair, group)];
        [[unroll]] for (int row = 0; row < 4; ++row) column_rows[row_index(int(group) * 4 + row)] = rows[row];
    }
}

void store_rows(Pair pair, uint target, int height, int finished) {
    int end = (pair.y + 1) * 2 == job.height_in_mbs ? height : height - finished;
    [[dont_unroll]] for (int row = pair.y > 0 ? -finished : 0; row < end; ++row) {
        target_words[target + uint(row) * (job.target_pitch >> 2)] = column_rows[row_index(row)];
    }
}

// No edges in the strip's column, and none above the topmost pairs.
Edge only_filtered(Edge edge, bool is_above, uint index) {
    edge.bs = (index & 3) == 3 || is_above && pair_of(index >> 2).y == 0 ? 0 : edge.bs;
    return edge;
}

void luma_column(uint index) {
    Pair pair = pair_of(index >> 2);
    if ((index & 3) == 3) {
        load_strip(pair, true);
    } else {
        uint pitch = job.recon_pitch >> 2, word = pair.y * 32 * pitch + pair.x * 4 + (index & 3);
        [[dont_unroll]] for (int row = pair.y > 0 ? -12 : 0; row < 32; ++row) {
            column_rows[row_index(row)] = recon_words[word + uint(row) * pitch];
        }
    }
    [[dont_unroll]] for (uint number = 0; number < LUMA_EDGES; ++number) {
        uint at = index + nought(number);
        filter_luma_edge(only_filtered(luma_edge(pair_of(at >> 2), number, at & 3), number < LUMA_EDGES_ABOVE, at));
    }
    uint at = index + nought(index);
    pair = pair_of(at >> 2);
    store_rows(pair, pair.y * 32 * (job.target_pitch >> 2) + pair.x * 4 + (at & 3), 32, 4);
}

void chroma_column(uint index) {
    Pair pair = pair_of(index >> 2);
    if ((index & 3) == 3) {
        load_strip(pair, false);
    } else {
        uint pitch = job.recon_pitch >> 2;
        uint word = (job.recon_chroma_offset >> 2) + pair.y * 16 * pitch + pair.x * 4 + (index & 3);
        [[dont_unroll]] for (int row = pair.y > 0 ? -6 : 0; row < 16; ++row) {
            column_rows[row_index(row)] = recon_words[word + uint(row) * pitch];
        }
    }
    [[dont_unroll]] for (uint number = 0; number < CHROMA_EDGES; ++number) {
        uint at = index + nought(number);
        filter_chroma_edge(only_filtered(chroma_edge(pair_of(at >> 2), number, at & 3), number < CHROMA_EDGES_ABOVE, at));
    }
    uint at = index + nought(index);
    pair = pair_of(at >> 2);
    uint target = (job.target_chroma_offset >> 2) + pair.y * 16 * (job.target_pitch >> 2) + pair.x * 4 + (at & 3);
    store_rows(pair, target, 16, 2);
}

void main() {
    uint columns = job.width_in_mbs * job.height_in_mbs * 2, groups = (columns + 63) / 64;
    bool luma = gl_WorkGroupID.x < groups;
    uint index = min((gl_WorkGroupID.x - (luma ? 0 : groups)) * 64 + gl_LocalInvocationIndex, columns - 1);
    if (subgroupAny(luma)) {
        luma_column(index);
    } else {
        chroma_column(index);
    }
}
