// SPDX-License-Identifier: MIT
// Vertical edges in one row of a unit and the unit to its left, for filter_vertical.comp and filter_strip_rows.comp.

void load_recon_unit(out uint words[MOST_WORDS], uint column, uint y, const uint plane) {
    uint word = recon_unit_word(column, y, plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) words[i] = recon_words[word + i];
}

void set_sample(inout uint words[MOST_WORDS], const int i, int component, const uint plane, int value) {
    uint word = sample_word(i, plane);
    words[word] = with_sample(words[word], sample_place(i, component, plane), value);
}

void filter_unit(inout uint before[MOST_WORDS], inout uint own[MOST_WORDS], uint edges, const uint plane) {
    Limits l = make_limits(edge_level(edges));
    [[dont_unroll]] for (int component = 0; component <= int(plane); ++component) {
        if (subgroupAny(edge_left(edges) != EDGE_NONE)) {
            uint x[8];
            [[unroll]] for (int k = 0; k < 8; ++k) {
                x[k] = make_pair(sample_at(before[sample_word(7 - k, plane)], sample_place(7 - k, component, plane)),
                                 sample_at(own[sample_word(k, plane)], sample_place(k, component, plane)));
            }
            filter_edge(x, edge_left(edges), l);
            [[unroll]] for (int k = 0; k < 7; ++k) {
                set_sample(before, 7 - k, component, plane, p_of(x[k]));
                set_sample(own, k, component, plane, q_of(x[k]));
            }
        }
        if (subgroupAny(edge_inner_left(edges))) {
            uint x[4];
            [[unroll]] for (int k = 0; k < 4; ++k) {
                x[k] = make_pair(sample_at(own[sample_word(3 - k, plane)], sample_place(3 - k, component, plane)),
                                 sample_at(own[sample_word(4 + k, plane)], sample_place(4 + k, component, plane)));
            }
            filter_inner_edge(x, edge_inner_left(edges), l);
            [[unroll]] for (int k = 0; k < 2; ++k) {
                set_sample(own, 3 - k, component, plane, p_of(x[k]));
                set_sample(own, 4 + k, component, plane, q_of(x[k]));
            }
        }
    }
}
