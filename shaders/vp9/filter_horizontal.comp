#version 460
// Horizontal edges, in place. An invocation has a word's columns of a unit whose top edge is a cut, and of those below as far as
// the next cut; in strips, which have had their horizontal edges, it brings eight final rows above a superblock to the surface.
// With w words in a row and r rows of units of a plane workgroups are
//   [0, a)      luma, a = ceil(w * r / 128), rows of words after each other,
//   [a, a + b)  chroma, b likewise.
// Reads edges and strips in scratch, reads and writes the surface.
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 128) in;
#define TARGET_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"

uint words_in_row() { return job.aligned_width / WORD_SAMPLES; }

uint with_sample(uint word, int i, uint value) {
    const uint mask = WORD_SAMPLES == 4 ? 0xff : 0xffff;
    return word & ~(mask << i * (32 / WORD_SAMPLES)) | value;
}

// Rows of words: eight above an edge, eight below.
void filter_columns(inout uint rows[16], uint edges) {
    if (edge_top(edges) == EDGE_NONE && !edge_inner_top(edges)) return;
    Limits l = make_limits(edge_level(edges));
    [[dont_unroll]] for (int sample_number = 0; sample_number < WORD_SAMPLES; ++sample_number) {
        int s[16];
        [[unroll]] for (int i = 0; i < 16; ++i) s[i] = sample_at(rows[i], sample_number);
        filter_line(s, edge_top(edges), l);
        if (edge_inner_top(edges)) filter_inner(s, l);
        [[unroll]] for (int i = 1; i < 15; ++i) rows[i] = with_sample(rows[i], sample_number, place_sample(s[i], sample_number));
    }
}

void load_rows(inout uint rows[16], uint word_column, uint row, const uint first, const uint plane) {
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        rows[first + i] = target_words[target_word(word_column, min(row * 8 + i, plane_rows(plane) - 1), plane)];
    }
}

// Those of a unit's rows in [begin, end) and of the rows from `again` on.
void store_rows(uint rows[16], uint word_column, uint row, const uint first, uint end, uint again, const uint plane) {
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        bool stored = (i < end || i >= again) && row * 8 + i < plane_rows(plane);
        if (stored) target_words[target_word(word_column, row * 8 + i, plane)] = rows[first + i];
    }
}

void copy_final_rows(uint word_column, uint row, const uint plane) {
    uint units = superblock_units(plane), superblock_row = row / units + 1, words = unit_words(plane);
    if (row + 1 != superblock_row * units || superblock_row >= superblock_rows()) return;
    uint word = strip_word(word_column / (words * units), superblock_row, units * 8, plane) + word_column % words;
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        target_words[target_word(word_column, row * 8 + i, plane)] = scratch_words[word + i * words];
    }
}

void filter_segment(uint word_column, uint row, const uint plane) {
    uint column = word_column / unit_words(plane), edges = edges_of(column, row, plane);
    if (row > 0 && !is_row_cut(column, row, plane)) return;
    uint rows[16], kept = 8 - changed_samples(edge_top(edges));
    [[unroll]] for (uint i = 0; i < 16; ++i) rows[i] = 0;
    if (row > 0) load_rows(rows, word_column, row - 1, 0, plane);
    // Of the rows above, and of the last unit's, only what edges here change: others are other invocations'.
    uint stored_end = 0;
    bool more;
    [[dont_unroll]] do {
        load_rows(rows, word_column, row, 8, plane);
        filter_columns(rows, edges);
        if (row > 0) store_rows(rows, word_column, row - 1, 0, stored_end, kept, plane);
        [[unroll]] for (uint i = 0; i < 8; ++i) rows[i] = rows[8 + i];
        uint changed = changed_samples(edge_top(edges));
        stored_end = max(changed, edge_inner_top(edges) ? 6 : 0);
        ++row;
        more = row < unit_rows(plane) && !is_row_cut(column, row, plane);
        if (more) {
            edges = edges_of(column, row, plane);
            kept = 8 - changed_samples(edge_top(edges));
        }
    } while (more);
    store_rows(rows, word_column, row - 1, 0, stored_end, 8, plane);
}

void filter_word(uint lane, const uint plane) {
    uint row = lane / words_in_row(), word_column = lane - row * words_in_row(), column = word_column / unit_words(plane);
    if (row >= unit_rows(plane)) return;
    uint units = superblock_units(plane);
    if ((column & units - 1) == units - 1 && column / units + 1 < superblock_columns()) {
        copy_final_rows(word_column, row, plane);
    } else {
        filter_segment(word_column, row, plane);
    }
}

void main() {
    uint luma_groups = (words_in_row() * unit_rows(0) + 127) / 128;
    uint lane = gl_WorkGroupID.x * 128 + gl_LocalInvocationIndex;
    if (gl_WorkGroupID.x < luma_groups) {
        filter_word(lane, 0);
    } else {
        filter_word(lane - luma_groups * 128, 1);
    }
}
