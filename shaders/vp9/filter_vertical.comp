#version 460
// Vertical edges. An invocation has a row of a superblock, from its left neighbour's strip to its own last unit, which is its right
// neighbour's to write where it has one. With r rows of a plane in c columns of superblocks workgroups are
//   [0, a)      luma, a = ceil(r * c / 64), rows of luma,
//   [a, a + b)  chroma, b likewise, both components.
// Reads recon, edges and strips in scratch, writes the surface.
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 64) in;
#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"

void store_unit(uint words[MOST_WORDS], uint column, uint y, const uint plane) {
    uint first = column * unit_words(plane), row_words = job.aligned_width / WORD_SAMPLES, word = target_word(first, y, plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) {
        if (first + i < row_words) target_words[word + i] = words[i];
    }
}

uint with_sample(uint word, int i, int value) {
    const uint mask = WORD_SAMPLES == 4 ? 0xff : 0xffff;
    return word & ~(mask << i * (32 / WORD_SAMPLES)) | place_sample(value, i);
}

void filter_unit(inout uint before[MOST_WORDS], inout uint own[MOST_WORDS], uint edges, const uint plane) {
    if (edge_left(edges) == EDGE_NONE && !edge_inner_left(edges)) return;
    Limits l = make_limits(edge_level(edges));
    [[dont_unroll]] for (int component = 0; component <= int(plane); ++component) {
        int s[16];
        [[unroll]] for (int i = 0; i < 8; ++i) {
            int place = sample_place(i, component, plane);
            s[i] = sample_at(before[sample_word(i, plane)], place);
            s[8 + i] = sample_at(own[sample_word(i, plane)], place);
        }
        filter_line(s, edge_left(edges), l);
        if (edge_inner_left(edges)) filter_inner(s, l);
        [[unroll]] for (int i = 0; i < 8; ++i) {
            int place = sample_place(i, component, plane);
            before[sample_word(i, plane)] = with_sample(before[sample_word(i, plane)], place, s[i]);
            own[sample_word(i, plane)] = with_sample(own[sample_word(i, plane)], place, s[8 + i]);
        }
    }
}

void filter_row(uint lane, const uint plane) {
    uint rows = plane_rows(plane), superblock = lane / rows, y = lane - superblock * rows;
    if (superblock >= superblock_columns()) return;
    uint column = superblock * superblock_units(plane), end = min(column + superblock_units(plane), unit_columns(plane));
    uint before[MOST_WORDS], own[MOST_WORDS];
    [[unroll]] for (uint i = 0; i < MOST_WORDS; ++i) before[i] = own[i] = 0;
    if (superblock > 0) {
        uint strip_rows = superblock_units(plane) * 8, strip_row = y / strip_rows;
        uint word = strip_word(superblock - 1, strip_row, y - strip_row * strip_rows, plane);
        [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) before[i] = scratch_words[word + i];
    }
    [[dont_unroll]] for (; column < end; ++column) {
        uint word = recon_unit_word(column, y, plane);
        [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) own[i] = recon_words[word + i];
        filter_unit(before, own, edges_of(column, y / 8, plane), plane);
        if (column > 0) store_unit(before, column - 1, y, plane);
        before = own;
    }
    if (end == unit_columns(plane)) store_unit(before, end - 1, y, plane);
}

void main() {
    uint luma_groups = (plane_rows(0) * superblock_columns() + 63) / 64;
    uint lane = gl_WorkGroupID.x * 64 + gl_LocalInvocationIndex;
    if (gl_WorkGroupID.x < luma_groups) {
        filter_row(lane, 0);
    } else {
        filter_row(lane - luma_groups * 64, 1);
    }
}
