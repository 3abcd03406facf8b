// SPDX-License-Identifier: MIT
#version 460
// Filters columns of strips (see loop_filter.glsl and filter_strip_rows.comp). Each invocation takes a word's columns from one
// cut to the next:
//   second  in a superblock's units except the first one,
//   fourth  starting at the superblock's top edge, with the rows above it.
// The workgroups' first dimension covers a row of superblocks, the second one rows of superblocks: luma's, then chroma's. Reads
// edges in scratch, reads and writes strips in scratch.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 64) in;
layout(push_constant) uniform Pass {
    uint fourth, unused;
} pass;

#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"
#include "line_filter.glsl"
#include "unit_columns.glsl"

// Loads a unit's rows into the lower half.
void load_rows(inout uint rows[16], uint word, uint row_words) {
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        rows[8 + i] = scratch_words[word];
        word += row_words;
    }
}

// Stores those rows of the upper half whose bits are set.
void store_rows(uint rows[16], uint word, uint row_words, uint bits) {
    word += job.zero;
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        if ((bits & 1 << i) != 0) scratch_words[word] = rows[i];
        word += row_words;
    }
}

// `row`: the segment's first row of units. `word`: its first row in the strip. Must be called by the whole subgroup.
void filter_segment(uint column, uint row, uint word, bool more, uint plane) {
    uint rows[16], changed = 0, row_words = unit_words(plane), units = superblock_units(plane);
    uint above = (row & units - 1) > 0 ? word - 8 * row_words : word + units * 8 * row_words;
    load_rows(rows, above, row_words);
    [[unroll]] for (uint i = 0; i < 8; ++i) rows[i] = rows[8 + i];
    [[dont_unroll]] while (subgroupAny(more)) {
        // An invocation at its segment's end filters nothing.
        uint edges = edges_of(column, row, plane);
        edges = more ? edges : 0;
        load_rows(rows, word, row_words);
        filter_columns(rows, edges);
        store_rows(rows, above, row_words, changed | changed_before(edges));
        [[unroll]] for (uint i = 0; i < 8; ++i) rows[i] = rows[8 + i];
        changed = changed_after(edges);
        above = word;
        bool inside = (row + 1 & units - 1) != 0 && row + 1 < unit_rows(plane);
        row += inside ? 1 : 0;
        word += inside ? 8 * row_words : 0;
        more = more && inside && !is_row_cut(column, max(row, 1), plane);
        if (subgroupAny(changed != 0 && !more)) {
            store_rows(rows, above, row_words, more ? 0 : changed);
            changed = more ? changed : 0;
        }
    }
}

void main() {
    uint plane = subgroupAny(gl_WorkGroupID.y < superblock_rows()) ? 0 : 1, superblock_row = gl_WorkGroupID.y - plane * superblock_rows();
    uint units = superblock_units(plane), word = gl_GlobalInvocationID.x & unit_words(plane) - 1;
    uint index = gl_GlobalInvocationID.x >> log2_unit_words(plane);
    uint unit = pass.fourth != 0 ? 0 : index & units - 1, superblock_column = pass.fourth != 0 ? index : index >> 3 - plane;
    bool exists = superblock_column + 1 < superblock_columns() && superblock_row * units + unit < unit_rows(plane);
    superblock_column = min(superblock_column, superblock_columns() - 2);
    uint column = superblock_column * units + units - 1, row = min(superblock_row * units + unit, unit_rows(plane) - 1);
    if (pass.fourth == 0) exists = exists && unit > 0 && is_row_cut(column, max(row, 1), plane);
    word += strip_word(superblock_column, superblock_row, unit * 8, plane);
    exists = exists && has_top_edges(edges_of(column, row, plane));
    if (subgroupAny(exists)) filter_segment(column, row, word, exists, plane);
}
