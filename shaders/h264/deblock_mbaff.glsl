// SPDX-License-Identifier: MIT
// Shared by the three deblocking passes of MBAFF frames, in addition to deblock.glsl. They pass on the same data, pair by pair:
// a strip belongs to a pair and has the rows of the picture, the first half in the upper macroblock's place and the rest in the
// lower one's.
//
// A pair's edges are filtered in this order: its macroblocks' vertical ones, then the horizontal ones of the first and of the
// second. That changes up to three rows of either field of the pair above, and reads four more rows, after that pair's own last
// edges. So twelve rows above a pair (chroma: six) are processed, of which the last six (four) become correct.
//
// Rows are numbered from the pair's first one; an invocation keeps a column of their words in shared memory.

const int ROWS_ABOVE = 12, PAIR_ROWS = 32;
shared uint column_rows[(ROWS_ABOVE + PAIR_ROWS) * gl_WorkGroupSize.x];
uint row_index(int row) { return uint(row + ROWS_ABOVE) * gl_WorkGroupSize.x + gl_LocalInvocationIndex; }

struct Pair {
    uint x, y, first;  // first: the upper place
    bool field;
};
Pair pair_at(uint x, uint y) {
    uint first = y * 2 * job.width_in_mbs + x;
    return Pair(x, y, first, is_field_mb(mb_head(first)));
}
Pair pair_of(uint number) {
    uint y = quotient(number, job.width_in_mbs);
    return pair_at(number - y * job.width_in_mbs, y);
}
uint place_in(Pair pair, uint k) { return pair.first + k * job.width_in_mbs; }

// The macroblock of a pair's row, and the row within it, for macroblocks of this height.
uint mb_of_row(Pair pair, uint row, const uint mb_height) { return pair.field ? row & 1 : row / mb_height; }
uint row_of_mb(Pair pair, uint row, const uint mb_height) { return pair.field ? row >> 1 : row % mb_height; }

// The strength of the left edge in luma row `row`. `mixed`: the left neighbour is of the other kind.
uint left_strength(uint place, bool field, bool mixed, uint row) {
    uint low = scratch_quads[place].x, high = scratch_words[more_strengths_word(place)];
    uint index = !mixed ? row >> 2 : field ? row >> 1 : (row & 1) * 4 + (row >> 2);
    return bitfieldExtract(index < 4 ? low : high, int(index & 3) * 4, 4);
}
// The luma row with the strength of a chroma row.
uint luma_row_of(bool field, uint row) { return field ? row * 2 : (row >> 1) * 4 + (row & 1); }

uint horizontal_strength(uint place, uint edge, uint segment) {
    uvec2 strengths = scratch_quads[place].zw;
    return strength(edge < 2 ? strengths.x : strengths.y, edge & 1, segment);
}
uint second_top_strength(uint place, uint segment) {
    return strength(scratch_words[more_strengths_word(place)], 1, segment);
}

// ---- The horizontal edges in a column of words, one after another to save registers ----

// An edge before row `first`; consecutive rows of its macroblock are `step` rows apart.
struct Edge {
    int first, step;
    uint bs, p_place, q_place;
    bool above;  // in the pair above: only the second row after it is correct, and needed
};

bool is_field_above(Pair pair) { return pair.y > 0 && is_field_mb(mb_head(pair.first - 2 * job.width_in_mbs)); }

// Edge `number` of macroblock k. `second`: the second pass of its top edge.
Edge edge_of_mb(Pair pair, uint k, uint number, bool second, uint segment, const int mb_height) {
    uint place = place_in(pair, k), p_place = place;
    bool above_is_field = is_field_above(pair), by_fields = !pair.field && k == 0 && above_is_field;
    if (number == 0 && !pair.field && k == 1) {
        p_place = pair.first;
    } else if (number == 0 && pair.y > 0) {
        bool lower = !above_is_field || (pair.field ? k == 1 : second);
        p_place = pair.first - (lower ? 1 : 2) * job.width_in_mbs;
    }
    int step = pair.field ? 2 : 1;
    int first = (pair.field ? int(k) : int(k) * mb_height) + int(number) * (mb_height / 4) * step + (second ? 1 : 0);
    uint bs = second ? by_fields ? second_top_strength(place, segment) : 0 : horizontal_strength(place, number, segment);
    return Edge(first, number == 0 && by_fields ? 2 : step, bs, p_place, place, false);
}

// In this order: two edges of the pair above, after which its last rows follow; then for each macroblock the top edge, in up to
// two passes, and the inner edges.
const uint LUMA_EDGES = 12, LUMA_EDGES_ABOVE = 2;
Edge luma_edge(Pair pair, uint number, uint segment) {
    if (number >= LUMA_EDGES_ABOVE) {
        uint k = (number - LUMA_EDGES_ABOVE) / 5, i = (number - LUMA_EDGES_ABOVE) % 5;
        return edge_of_mb(pair, k, max(i, 1) - 1, i == 1, segment, 16);
    }
    Pair above = pair_at(pair.x, max(pair.y, 1) - 1);
    uint place = place_in(above, above.field ? number : 1);
    uint bs = horizontal_strength(place, above.field ? 3 : 2 + number, segment);
    return Edge(above.field ? int(number) - 8 : int(number) * 4 - 8, above.field ? 2 : 1, bs, place, place, above.field);
}

// The parts of an edge that are needed after the filter, in one register.
uint packed_edge(Edge edge) { return uint(edge.first + 64) | uint(edge.step) << 8 | edge.bs << 10 | (edge.above ? 1 << 13 : 0); }
int first_of(uint packed) { return int(packed & 0xff) - 64; }
int step_of(uint packed) { return int(packed >> 8 & 3); }
uint bs_of(uint packed) { return packed >> 10 & 7; }
bool is_above(uint packed) { return (packed & 1 << 13) != 0; }

// A 0 that the compiler cannot know: values computed from it are computed again for each edge instead of being kept in
// registers.
uint nought(uint number) { return number * (gl_NumWorkGroups.z - 1); }

void filter_luma_edge(Edge edge) {
    if (!subgroupAny(edge.bs != 0)) return;
    uint packed = packed_edge(edge);
    uvec4 p, q;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        p[i] = column_rows[row_index(max(edge.first - (i + 1) * edge.step, -ROWS_ABOVE))];
        q[i] = column_rows[row_index(min(edge.first + i * edge.step, PAIR_ROWS - 1))];
    }
    filter_luma_columns(p, q, bs_of(packed), luma_thresholds(mb_head(edge.p_place), mb_head(edge.q_place)));
    if (bs_of(packed) == 0) return;
    int first = first_of(packed), step = step_of(packed);
    column_rows[row_index(first + step)] = q[1];
    if (is_above(packed)) return;
    column_rows[row_index(first)] = q[0];
    column_rows[row_index(first + 2 * step)] = q[2];
    [[unroll]] for (int i = 0; i < 3; ++i) column_rows[row_index(first - (i + 1) * step)] = p[i];
}

const uint CHROMA_EDGES = 7, CHROMA_EDGES_ABOVE = 1;
Edge chroma_edge(Pair pair, uint number, uint segment) {
    if (number >= CHROMA_EDGES_ABOVE) {
        uint k = (number - CHROMA_EDGES_ABOVE) / 3, i = (number - CHROMA_EDGES_ABOVE) % 3;
        return edge_of_mb(pair, k, i == 2 ? 2 : 0, i == 1, segment, 8);
    }
    // A field pair's last edge is too far away.
    Pair above = pair_at(pair.x, max(pair.y, 1) - 1);
    uint place = place_in(above, 1);
    return Edge(-4, 1, above.field ? 0 : horizontal_strength(place, 2, segment), place, place, true);
}

void filter_chroma_edge(Edge edge) {
    if (!subgroupAny(edge.bs != 0)) return;
    uint packed = packed_edge(edge);
    uvec2 p, q;
    [[unroll]] for (int i = 0; i < 2; ++i) {
        p[i] = column_rows[row_index(max(edge.first - (i + 1) * edge.step, -ROWS_ABOVE))];
        q[i] = column_rows[row_index(edge.first + i * edge.step)];
    }
    filter_chroma_columns(p, q, bs_of(packed), chroma_thresholds(mb_head(edge.p_place), mb_head(edge.q_place)));
    if (bs_of(packed) == 0) return;
    column_rows[row_index(first_of(packed))] = q[0];
    if (!is_above(packed)) column_rows[row_index(first_of(packed) - step_of(packed))] = p[0];
}

// A pair's own strip, by groups of four rows of luma or chroma.
uint luma_strip_quad(Pair pair, uint group) { return strip_quad(place_in(pair, group >> 2)) + LUMA_STRIP + (group & 3); }
uint chroma_strip_quad(Pair pair, uint group) { return strip_quad(place_in(pair, group >> 1)) + CHROMA_STRIP + (group & 1); }

uvec4 load_group(int row) {
    return uvec4(column_rows[row_index(row)], column_rows[row_index(row + 1)], column_rows[row_index(row + 2)],
                 column_rows[row_index(row + 3)]);
}
