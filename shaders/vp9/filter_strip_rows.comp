// SPDX-License-Identifier: MIT
#version 460
// Filters rows of strips (see loop_filter.glsl), one to an invocation, in two of the four passes that compute all strips of
// level 0 without waiting for each other. filter_strip_columns.comp has the other two. Strips of other levels get wrong values,
// which filter_strip.comp replaces.
//   first   vertical edges of a row, from its last cut to the strip,
//   third   in the last eight rows above another superblock, the left edge of the superblock to the right, for the lower strip.
// The workgroups' first dimension covers the rows of a plane, or every superblock's last eight rows; the second one covers
// columns of superblocks, except the last: luma's, then chroma's. Reads recon and edges in scratch, reads and writes strips in
// scratch.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 64) in;
layout(push_constant) uniform Pass {
    uint third, unused;
} pass;

#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"
#include "line_filter.glsl"
#include "unit_rows.glsl"

// Where to start filtering a row: the last column of units such that every row of the subgroup has a cut at it or right of it.
// What is filtered left of a row's own last cut does not affect it.
uint first_column(uint superblock, uint row, const uint plane) {
    uint first = superblock * superblock_units(plane), column = first + superblock_units(plane) - 1;
    uint edges = edges_of(column, row, plane);
    bool found = false;
    [[dont_unroll]] while (subgroupAny(!found && column > first)) {
        uint before = edges_of(column - 1, row, plane);
        found = found || is_cut(edge_left(edges), edge_left(before), edge_inner_left(before));
        edges = before;
        column -= subgroupAny(!found) ? 1 : 0;
    }
    return column;
}

void filter_rows(uint superblock, uint y, const uint plane) {
    uint rows = superblock_units(plane) * 8, last = (superblock + 1) * superblock_units(plane) - 1;
    bool exists = y < plane_rows(plane);
    y = min(y, plane_rows(plane) - 1);
    uint column = first_column(superblock, y / 8, plane);
    uint before[MOST_WORDS], own[MOST_WORDS];
    [[unroll]] for (uint i = 0; i < MOST_WORDS; ++i) before[i] = own[i] = 0;
    load_recon_unit(before, max(column, 1) - 1, y, plane);
    [[dont_unroll]] for (; subgroupAny(column <= last); ++column) {
        load_recon_unit(own, column, y, plane);
        filter_unit(before, own, edges_of(column, y / 8, plane), plane);
        before = own;
    }
    uint superblock_row = y >> 6 - plane, word = strip_word(superblock, superblock_row, y - superblock_row * rows, plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) {
        if (exists) scratch_words[word + i] = before[i];
    }
}

void filter_last_rows(uint superblock, uint index, const uint plane) {
    uint rows = superblock_units(plane) * 8, superblock_row = index / 8, column = (superblock + 1) * superblock_units(plane);
    if (superblock_row + 1 >= superblock_rows()) return;
    uint y = superblock_row * rows + rows - 8 + (index & 7);
    uint before[MOST_WORDS], own[MOST_WORDS];
    [[unroll]] for (uint i = 0; i < MOST_WORDS; ++i) before[i] = own[i] = 0;
    uint word = strip_word(superblock, superblock_row, rows - 8 + (index & 7), plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) before[i] = scratch_words[word + i];
    load_recon_unit(own, column, y, plane);
    filter_unit(before, own, without_inner_left(edges_of(column, y / 8, plane)), plane);
    word = strip_word(superblock, superblock_row + 1, rows + (index & 7), plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) scratch_words[word + i] = before[i];
}

void make_rows(uint superblock, const uint plane) {
    if (pass.third != 0) {
        filter_last_rows(superblock, gl_GlobalInvocationID.x, plane);
    } else {
        filter_rows(superblock, gl_GlobalInvocationID.x, plane);
    }
}

void main() {
    uint superblock = gl_WorkGroupID.y, columns = superblock_columns() - 1;
    if (subgroupAny(superblock < columns)) {
        make_rows(superblock, 0);
    } else {
        make_rows(superblock - columns, 1);
    }
}
