// SPDX-License-Identifier: MIT
#version 460
// Vertical edges. An invocation has a row of a superblock, from its left neighbour's strip to its own last unit, which is its right
// neighbour's to write where it has one. Workgroups of the first dimension share the rows of a plane, those of the second dimension
// are for columns of superblocks: luma's, then chroma's, both components.
// Reads recon, edges and strips in scratch, writes the surface.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 64) in;
#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"
#include "line_filter.glsl"

void store_unit(uint words[MOST_WORDS], uint column, uint y, bool exists, const uint plane) {
    uint first = column * unit_words(plane), row_words = job.aligned_width / WORD_SAMPLES, word = target_word(first, y, plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) {
        if (exists && first + i < row_words) target_words[word + i] = words[i];
    }
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
        uint word = recon_unit_word(column, y, plane);
        [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) own[i] = recon_words[word + i];
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
