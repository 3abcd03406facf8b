// SPDX-License-Identifier: MIT
#version 460
// Filters horizontal edges in place. An invocation takes a word's columns of a unit whose top edge is a cut, and continues down
// to the next cut. In strips, whose horizontal edges are already filtered, it copies the eight final rows above a superblock to
// the surface. The workgroups' first dimension covers the words of a row, the second one rows of units: luma's, then chroma's.
// Reads edges and strips in scratch, reads and writes the surface.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 128) in;
#define TARGET_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"
#include "line_filter.glsl"
#include "unit_columns.glsl"

uint words_in_row() { return job.aligned_width / WORD_SAMPLES; }

// The number of sample rows in a row of units: chroma's last one may have four.
uint rows_of(uint row, uint plane) { return plane == 0 ? 8 : min(plane_rows(plane) - row * 8, 8); }

// Loads a unit's rows into the lower half. Missing rows repeat the last one.
void load_rows(inout uint rows[16], uint word_column, uint row, uint plane) {
    uint word = target_word(word_column, row * 8, plane), pitch = job.target_pitch / 4, count = rows_of(row, plane);
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        rows[8 + i] = target_words[word];
        if (i + 1 < count) word += pitch;
    }
}

// Stores those rows of the upper half whose bits are set.
void store_rows(uint rows[16], uint word_column, uint row, uint bits, uint plane) {
    uint word = target_word(word_column, row * 8, plane), pitch = job.target_pitch / 4;
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        if ((bits & 1 << i) != 0) target_words[word] = rows[i];
        word += pitch;
    }
}

void copy_final_rows(uint word_column, uint row, uint plane) {
    uint units = superblock_units(plane), superblock_row = (row >> 3 - plane) + 1, words = unit_words(plane);
    if (row + 1 != superblock_row * units || superblock_row >= superblock_rows()) return;
    uint superblock_column = word_column >> log2_unit_words(plane) + 3 - plane;
    uint word = strip_word(superblock_column, superblock_row, units * 8, plane) + (word_column & words - 1);
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        target_words[target_word(word_column, row * 8 + i, plane)] = scratch_words[word + i * words];
    }
}

// Of the rows above the segment and of its last rows, stores only what these edges change: the rest belongs to other
// invocations. `more`: whether there is a segment, later whether it continues. Must be called by the whole subgroup.
void filter_segment(uint word_column, uint row, bool more, uint plane) {
    uint column = word_column >> log2_unit_words(plane);
    uint rows[16], changed = 0;
    load_rows(rows, word_column, max(row, 1) - 1, plane);
    [[unroll]] for (uint i = 0; i < 8; ++i) rows[i] = rows[8 + i];
    [[dont_unroll]] while (subgroupAny(more)) {
        // An invocation at its segment's end filters nothing.
        uint own_row = min(row, unit_rows(plane) - 1), edges = edges_of(column, own_row, plane);
        edges = more ? edges : 0;
        load_rows(rows, word_column, own_row, plane);
        filter_columns(rows, edges);
        store_rows(rows, word_column, max(row, 1) - 1, row > 0 ? changed | changed_before(edges) : 0, plane);
        [[unroll]] for (uint i = 0; i < 8; ++i) rows[i] = rows[8 + i];
        changed = changed_after(edges) & (1 << rows_of(own_row, plane)) - 1;
        ++row;
        bool inside = row < unit_rows(plane);
        more = more && inside && !is_row_cut(column, min(row, unit_rows(plane) - 1), plane);
        if (subgroupAny(changed != 0 && !more)) {
            store_rows(rows, word_column, row - 1, more ? 0 : changed, plane);
            changed = more ? changed : 0;
        }
    }
}

void main() {
    uint plane = subgroupAny(gl_WorkGroupID.y < unit_rows(0)) ? 0 : 1, row = gl_WorkGroupID.y - plane * unit_rows(0);
    uint word_column = min(gl_GlobalInvocationID.x, words_in_row() - 1), units = superblock_units(plane);
    uint column = word_column >> log2_unit_words(plane);
    bool exists = gl_GlobalInvocationID.x < words_in_row();
    bool is_strip = (column & units - 1) == units - 1 && (column >> 3 - plane) + 1 < superblock_columns();
    if (exists && is_strip) copy_final_rows(word_column, row, plane);
    bool begins = has_top_edges(edges_of(column, row, plane)) && (row == 0 || is_row_cut(column, max(row, 1), plane));
    begins = begins && exists && !is_strip;
    if (subgroupAny(begins)) filter_segment(word_column, row, begins, plane);
}
