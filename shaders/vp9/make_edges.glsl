// SPDX-License-Identifier: MIT
// Derives the edges of each 8x8 samples from the blocks that contain them (VP9 8.8.2).
#include "edges.glsl"

// The edge before a unit in this column, or row, of its plane. `is_half`: chroma's last unit, if half of it is outside.
uint outer_edge(uint unit, uint tx_size, bool is_half) {
    uint units = tx_size == 3 ? 4 : tx_size == 2 ? 2 : 1;
    if (unit == 0 || (unit & units - 1) != 0) return EDGE_NONE;
    if (tx_size >= 2) return is_half ? EDGE_8 : EDGE_16;
    return tx_size == 1 || (unit & 3) == 0 ? EDGE_8 : EDGE_4;
}

// The edges at `unit` of luma, or of chroma (shift 1). `first`: whether it is in its block's first column, first row.
uint plane_edges(uvec2 unit, uint level, uint tx_size, bvec2 first, bool inner, const uint shift) {
    bvec2 is_half = bvec2(shift == 1 && unit.x * 2 + 1 == units_in_row(), shift == 1 && unit.y * 2 + 1 == job.aligned_height >> 3);
    uint left = inner || first.x ? outer_edge(unit.x, tx_size, is_half.x) : EDGE_NONE;
    uint top = inner || first.y ? outer_edge(unit.y, tx_size, is_half.y) : EDGE_NONE;
    bool inner_left = inner && tx_size == 0 && !is_half.x, inner_top = inner_left && !is_half.y;
    return level | left << 6 | top << 8 | uint(inner_left) << 10 | uint(inner_top) << 11;
}

void store_edges(uvec2 block, uint log2_size, uvec2 unit, uint place, uint head) {
    uint level = place >> 26, tx_size = bitfieldExtract(place, 24, 2), word = 0;
    bool inner = (head & BLOCK_NO_INNER_EDGES) == 0;
    if (level != 0) {
        bvec2 first = equal(unit, block);
        word = plane_edges(unit, level, tx_size, first, inner, 0) |
               plane_edges(unit >> 1, level, min(tx_size, log2_size), first, inner, 1) << 16;
    }
    scratch_words[job.edges_word + unit.y * units_in_row() + unit.x] = word;
}

// One unit to an invocation.
void make_edges(uint group) {
    uint c = 0;
    [[unroll]] for (uint i = 1; i < WORK_CLASSES; ++i) c += group >= job.edges.groups[i] ? 1 : 0;
    bool small = c == SMALL_CLASS;
    uint w = small ? 0 : c & 3, h = small ? 0 : c >> 2;
    uint lane = (group - job.edges.groups[c]) * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    uint index = job.edges.first[c] + (lane >> w + h);
    if (index >= job.edges.end[c]) return;
    uvec2 block = job_quads[small ? job.small_blocks_quad + index * 3 : job.blocks_quad + index].xy;
    uvec2 position = block_position(block.x);
    uvec2 unit = position + uvec2(lane & (1 << w) - 1, lane >> w & (1 << h) - 1);
    if (unit.x < units_in_row() && unit.y < job.aligned_height >> 3) store_edges(position, min(w, h), unit, block.x, block.y);
}
