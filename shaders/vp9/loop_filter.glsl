// SPDX-License-Identifier: MIT
// The loop filter's edges and lines (VP9 8.8), shared by its passes. A superblock's "strip" is its last 8 columns after its own
// edges and before its right neighbour's left edge. Each pass keeps the standard's order: superblock after superblock, in each
// vertical edges, then horizontal ones. Two edges of a line touch the same samples only if they are close to each other
// (is_cut); between other edges a line may be split anywhere.
//
// A "plane" is luma (0) or both components of chroma (1), a "unit" 8x8 of its samples; "row" and "column" count units of the
// picture.
#include "edges.glsl"

// A superblock's side in units.
uint superblock_units(uint plane) { return 8 >> plane; }
uint unit_columns(uint plane) { return units_in_row() + plane >> plane; }
uint unit_rows(uint plane) { return (job.aligned_height >> 3) + plane >> plane; }
uint plane_rows(uint plane) { return job.aligned_height >> plane; }
uint superblock_rows() { return job.height + 63 >> 6; }

uint edges_of(uint column, uint row, uint plane) {
    uint word = scratch_words[job.edges_word + (row << plane) * units_in_row() + (column << plane)];
    return word >> 16 * plane & 0xfff;
}

// Whether the edge touches no sample that the previous unit's edges touch.
bool is_cut(uint edge, uint edge_before, bool inner_before) {
    return edge == EDGE_NONE || !inner_before && edge_before != EDGE_16 && (edge != EDGE_16 || edge_before == EDGE_NONE);
}
bool is_column_cut(uint column, uint row, uint plane) {
    uint before = edges_of(column - 1, row, plane);
    return is_cut(edge_left(edges_of(column, row, plane)), edge_left(before), edge_inner_left(before));
}
bool is_row_cut(uint column, uint row, uint plane) {
    uint before = edges_of(column, row - 1, plane);
    return is_cut(edge_top(edges_of(column, row, plane)), edge_top(before), edge_inner_top(before));
}

// ---- Samples ----

// The number of samples that an edge changes on each side.
uint changed_samples(uint edge) { return edge == EDGE_16 ? 7 : edge == EDGE_8 ? 3 : edge == EDGE_4 ? 2 : 0; }

// Words in a row of a unit, which is also a row of a strip.
const uint MOST_WORDS = WORD_SAMPLES == 4 ? 4 : 8;
uint log2_unit_words(uint plane) { return (WORD_SAMPLES == 4 ? 1 : 2) + plane; }
uint unit_words(uint plane) { return 1 << log2_unit_words(plane); }

// A unit sample's word, and its position in the word.
uint sample_word(const int i, uint plane) { return uint(plane == 0 ? i / WORD_SAMPLES : i * 2 / WORD_SAMPLES); }
int sample_place(const int i, int component, uint plane) {
    return plane == 0 ? i & WORD_SAMPLES - 1 : (i * 2 & WORD_SAMPLES - 1) + component;
}

uint recon_unit_word(uint column, uint y, uint plane) {
    return plane == 0 ? recon_luma_word(column * 8, y) : recon_chroma_word(column * 8, y);
}
uint target_word(uint word_column, uint y, uint plane) {
    return ((plane == 0 ? 0 : job.target_chroma_offset) + y * job.target_pitch) / 4 + word_column;
}

// Strips: for each superblock its rows, then the eight final rows above its first row.
uint strip_word(uint superblock_column, uint superblock_row, uint row, uint plane) {
    uint rows = superblock_units(plane) * 8 + 8;
    uint superblock = superblock_row * superblock_columns() + superblock_column;
    return job.strip_samples_words[plane] + (superblock * rows + row) * unit_words(plane);
}
