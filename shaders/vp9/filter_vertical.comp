// SPDX-License-Identifier: MIT
#version 460
// Filters vertical edges. An invocation takes a row of a superblock, from its left neighbour's strip to its own last unit; if
// there is a right neighbour, that one writes the last unit. The workgroups' first dimension covers the rows of a plane, the
// second one columns of superblocks: luma's, then chroma's (both components). Reads recon, edges and strips in scratch, writes
// the surface.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 64) in;
#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"
#include "line_filter.glsl"
#include "unit_rows.glsl"

void store_unit(uint words[MOST_WORDS], uint column, uint y, bool exists, const uint plane) {
    uint first = column * unit_words(plane), row_words = job.aligned_width / WORD_SAMPLES, word = target_word(first, y, plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) {
        if (exists && first + i < row_words) target_words[word + i] = words[i];
    }
}

void filter_row(uint superblock, uint y, const uint plane) {
    bool exists = y < plane_rows(plane);
    y = min(y, plane_rows(plane) - 1);
    uint column = superblock * superblock_units(plane), end = min(column + superblock_units(plane), unit_columns(plane));
    uint before[MOST_WORDS], own[MOST_WORDS];
    [[unroll]] for (uint i = 0; i < MOST_WORDS; ++i) before[i] = own[i] = 0;
    if (subgroupAny(superblock > 0)) {
        uint strip_rows = superblock_units(plane) * 8, strip_row = y >> 6 - plane;
        uint word = strip_word(superblock - 1, strip_row, y - strip_row * strip_rows, plane);
        [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) before[i] = scratch_words[word + i];
    }
    [[dont_unroll]] for (; subgroupAny(column < end); ++column) {
        load_recon_unit(own, column, y, plane);
        filter_unit(before, own, edges_of(column, y / 8, plane), plane);
        if (subgroupAny(column > 0)) store_unit(before, column - 1, y, exists, plane);
        before = own;
    }
    if (subgroupAny(end == unit_columns(plane))) store_unit(before, end - 1, y, exists, plane);
}

void main() {
    uint superblock = gl_WorkGroupID.y, y = gl_GlobalInvocationID.x;
    if (subgroupAny(superblock < superblock_columns())) {
        filter_row(superblock, y, 0);
    } else {
        filter_row(superblock - superblock_columns(), y, 1);
    }
}
