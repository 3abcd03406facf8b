// SPDX-License-Identifier: MIT
// Horizontal edges in a word's columns of a unit and the unit above, for filter_horizontal.comp and filter_strip_columns.comp.

// `rows`: eight words above an edge, eight below.
void filter_columns(inout uint rows[16], uint edges) {
    Limits l = make_limits(edge_level(edges));
    [[dont_unroll]] for (int column = 0; column < WORD_SAMPLES; ++column) {
        if (subgroupAny(edge_top(edges) != EDGE_NONE)) {
            uint x[8];
            [[unroll]] for (int k = 0; k < 8; ++k) x[k] = make_pair(sample_at(rows[7 - k], column), sample_at(rows[8 + k], column));
            filter_edge(x, edge_top(edges), l);
            [[unroll]] for (int k = 0; k < 7; ++k) {
                rows[7 - k] = with_sample(rows[7 - k], column, p_of(x[k]));
                rows[8 + k] = with_sample(rows[8 + k], column, q_of(x[k]));
            }
        }
        if (subgroupAny(edge_inner_top(edges))) {
            uint x[4];
            [[unroll]] for (int k = 0; k < 4; ++k) x[k] = make_pair(sample_at(rows[11 - k], column), sample_at(rows[12 + k], column));
            filter_inner_edge(x, edge_inner_top(edges), l);
            [[unroll]] for (int k = 0; k < 2; ++k) {
                rows[11 - k] = with_sample(rows[11 - k], column, p_of(x[k]));
                rows[12 + k] = with_sample(rows[12 + k], column, q_of(x[k]));
            }
        }
    }
}

// The rows that an edge and the inner edge change: in the unit after them, and in the unit before the edge.
uint changed_after(uint edges) {
    return (1 << changed_samples(edge_top(edges))) - 1 | (edge_inner_top(edges) ? 0x3c : 0);
}
uint changed_before(uint edges) { return 0xff00 >> changed_samples(edge_top(edges)) & 0xff; }
