// SPDX-License-Identifier: MIT
// Deblocks (7.14) all edges of one direction in place; edges of one direction do not change samples that others read (7.14.3).
// A workgroup processes 64x64 luma samples, or the corresponding 32x32 pairs of chroma: in the second dimension workgroups are
// luma's rows, then chroma's.
//   vertical edges      an invocation takes a row of samples, or half a row of chroma, and filters its edges from left to right
//   horizontal edges    an invocation takes a word's columns, and about every fourth edge below
// Reads units in scratch, reads and writes recon.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;
#define RECON_ACCESS
#define SCRATCH_ACCESS readonly
#include "job.glsl"
#include "samples.glsl"
#include "units.glsl"
#include "line_filter.glsl"

// Columns and rows of units with edges, those inside the picture.
uint edge_columns() { return job.width + 3 >> 2; }
uint edge_rows() { return job.height + 3 >> 2; }

// An edge: its size, and the level of luma << 8, or the levels of Cb << 8 and of Cr << 16.
uint make_edge(uint position, uvec2 unit, uvec2 before, bool chroma) {
    const bool vertical = VERTICAL != 0;
    uint transform = transform_log2(unit.x, unit.y, chroma, vertical);
    uint size = min(min(transform, transform_log2(before.x, before.y, chroma, vertical)), chroma ? EDGE_8 : EDGE_16);
    // Never reads samples before the picture, whatever the records say.
    size = min(size, findMSB(position));
    uint block_mask = (1 << block_log2(unit.x, chroma, vertical)) - 1, transform_mask = (1 << transform) - 1;
    bool exists = (position & transform_mask) == 0 && ((position & block_mask) == 0 || (unit.x & UNIT_SKIP_INTER) == 0);
    const uint shift = vertical ? 0 : 6;
    uint own = chroma ? unit.x >> 12 : unit.x >> shift, other = chroma ? before.x >> 12 : before.x >> shift;
    uint first = (own & 63) != 0 ? own & 63 : other & 63;
    uint second = (own >> 6 & 63) != 0 ? own >> 6 & 63 : other >> 6 & 63;
    if (chroma) {
        first = (job.filter_levels >> 16 & 0xff) != 0 ? first : 0;
        second = job.filter_levels >> 24 != 0 ? second : 0;
    } else {
        second = 0;
    }
    return exists && (first | second) != 0 ? size | first << 8 | second << 16 : NO_EDGE;
}

// A plane's unit of 4x4 samples. Chroma uses the odd luma unit.
uvec2 load_unit(uint column, uint row, uint plane) {
    uint word = unit_word((column << plane) + plane, (row << plane) + plane);
    return uvec2(scratch_words[word], scratch_words[word + 1]);
}

uint edge_size(uint edge) { return edge & 0xff; }
uint edge_level(uint edge, uint component) { return bitfieldExtract(edge, int(8 + component * 8), 8); }
// The size for one component; none if only the other component has a level.
uint component_size(uint edge, uint component) { return edge_level(edge, component) != 0 ? edge_size(edge) : NO_EDGE; }

uint plane_word(uint plane, uint y) { return (plane == 0 ? 0 : job.recon.chroma_offset / 4) + job.recon.word + y * job.recon.pitch / 4; }
uint row_words() { return job.padded_width / WORD_SAMPLES; }

#if VERTICAL

// Words on each side of an edge: eight samples.
const int SIDE = 8 / WORD_SAMPLES;

// Loads the words around an edge. Those outside the row are not used.
void load_words(out uint words[2 * SIDE], uint row_word, uint word) {
    [[unroll]] for (int i = 0; i < 2 * SIDE; ++i)
        words[i] = recon_words[row_word + clamp(int(word) + i - SIDE, 0, int(row_words()) - 1)];
}

// Component `component` of sample `i` after the edge.
int line_sample(uint words[2 * SIDE], const int i, int component) {
    return sample_at(words[(i + 8) / WORD_SAMPLES], (i + 8 & WORD_SAMPLES - 1) + component);
}
void set_line_sample(inout uint words[2 * SIDE], const int i, int component, int value) {
    words[(i + 8) / WORD_SAMPLES] = with_sample(words[(i + 8) / WORD_SAMPLES], (i + 8 & WORD_SAMPLES - 1) + component, value);
}

bool filter_luma_words(inout uint words[2 * SIDE], uint edge) {
    uint x[8];
    [[unroll]] for (int k = 0; k < 7; ++k) x[k] = make_pair(line_sample(words, -1 - k, 0), line_sample(words, k, 0));
    x[7] = 0;
    bool wide = filter_luma(x, edge_size(edge), make_limits(edge_level(edge, 0)));
    [[unroll]] for (int k = 0; k < 6; ++k) {
        set_line_sample(words, -1 - k, 0, p_of(x[k]));
        set_line_sample(words, k, 0, q_of(x[k]));
    }
    return wide;
}

void filter_chroma_words(inout uint words[2 * SIDE], uint edge) {
    [[dont_unroll]] for (int c = 0; c < 2; ++c) {
        uint x[8];
        [[unroll]] for (int k = 0; k < 3; ++k) x[k] = make_pair(line_sample(words, -2 - 2 * k, c), line_sample(words, 2 * k, c));
        [[unroll]] for (int k = 3; k < 8; ++k) x[k] = 0;
        filter_chroma(x, component_size(edge, c), make_limits(edge_level(edge, c)));
        [[unroll]] for (int k = 0; k < 2; ++k) {
            set_line_sample(words, -2 - 2 * k, c, p_of(x[k]));
            set_line_sample(words, 2 * k, c, q_of(x[k]));
        }
    }
}

// Stores the words that an edge may have changed. With 8 bits and transform blocks of four samples, the first and last words of
// a workgroup's rows contain samples that its neighbours' edges change, too: exclusive or keeps those.
void store_words(uint words[2 * SIDE], uint row_word, uint word, uint size, uint plane, bool wide, bool is_shared) {
    uint at = row_word + word;
    if (WORD_SAMPLES == 4 && is_shared && size == EDGE_4) {
        atomicXor(recon_words[at - 1], (recon_words[at - 1] ^ words[SIDE - 1]) & 0xffff0000);
        atomicXor(recon_words[at], (recon_words[at] ^ words[SIDE]) & 0xffff);
    } else {
        recon_words[at - 1] = words[SIDE - 1];
        recon_words[at] = words[SIDE];
    }
    if (WORD_SAMPLES == 4 ? wide : plane != 0 || size >= EDGE_8) {
        recon_words[at - 2] = words[SIDE - 2];
        recon_words[at + 1] = words[SIDE + 1];
    }
    if (WORD_SAMPLES == 2 && wide) {
        recon_words[at - 3] = words[WORD_SAMPLES == 2 ? SIDE - 3 : 0];
        recon_words[at + 2] = words[WORD_SAMPLES == 2 ? SIDE + 2 : 0];
    }
}

// The edges of a workgroup's units, in rows of 16 (chroma: 8): computed once for the four rows of samples in a unit.
shared uint edges[256];

// `corner`: the workgroup's first unit in the plane.
void find_edges(uvec2 corner, uint plane) {
    uint log2_columns = 4 - plane, lane = gl_LocalInvocationID.x;
    uvec2 size = uvec2(edge_columns(), edge_rows()) + plane >> plane;
    [[dont_unroll]] for (uint i = lane; i < 256 >> 2 * plane; i += 64) {
        uvec2 at = corner + uvec2(i & (1 << log2_columns) - 1, i >> log2_columns);
        bool inside = at.x != 0 && at.x < size.x && at.y < size.y;
        at = inside ? at : uvec2(0);
        uvec2 unit = load_unit(at.x, at.y, plane), before = load_unit(max(at.x, 1) - 1, at.y, plane);
        edges[i] = inside ? make_edge(at.x * 4, unit, before, plane != 0) : NO_EDGE;
    }
}

void main() {
    uint groups = (unit_rows() + 15) / 16, plane = gl_WorkGroupID.y < groups ? 0 : 1;
    uvec2 corner = uvec2(gl_WorkGroupID.x, gl_WorkGroupID.y - plane * groups) * (16 >> plane);
    find_edges(corner, plane);
    barrier();
    // An invocation's edges: 16 in a row of luma, four in a row of chroma.
    uint lane = gl_LocalInvocationID.x, line = lane & (64 >> plane) - 1, count = plane == 0 ? 16 : 4;
    uint first = plane == 0 ? 0 : lane / 32 * 4, row_word = plane_word(plane, corner.y * 4 + line);
    [[dont_unroll]] for (uint i = 0; subgroupAny(i < count); ++i) {
        uint edge = edges[(line >> 2 << 4 - plane) + first + i];
        if (subgroupAny(edge != NO_EDGE)) {
            uint words[2 * SIDE], word = ((corner.x + first + i) * 4 << plane) / WORD_SAMPLES;
            load_words(words, edge != NO_EDGE ? row_word : plane_word(plane, 0), word);
            bool wide = false;
            if (subgroupAny(plane == 0)) wide = filter_luma_words(words, edge);
            else filter_chroma_words(words, edge);
            if (edge != NO_EDGE)
                store_words(words, row_word, word, edge_size(edge), plane, wide, plane == 0 && (i == 0 || i == count - 1));
        }
    }
}

#else

// The row at this offset from an edge, clamped to the plane.
uint clamped_row(uint y, const int offset, uint rows) { return clamp(int(y) + offset, 0, int(rows) - 1); }

void load_rows(inout uint rows[16], const int first, const int end, uint word, uint y, uint plane) {
    uint count = job.padded_height >> plane;
    [[unroll]] for (int k = first; k < end; ++k) {
        rows[7 - k] = recon_words[plane_word(plane, clamped_row(y, -1 - k, count)) + word];
        rows[8 + k] = recon_words[plane_word(plane, clamped_row(y, k, count)) + word];
    }
}

void store_rows(uint rows[16], const int first, const int end, uint word, uint y, uint plane) {
    // Recomputes the addresses, which would otherwise take registers from loading to here.
    uint at = plane_word(plane, y + job.zero) + word, pitch = job.recon.pitch / 4;
    [[unroll]] for (int k = first; k < end; ++k) {
        recon_words[at - (k + 1) * pitch] = rows[7 - k];
        recon_words[at + k * pitch] = rows[8 + k];
    }
}

void filter_luma_rows(uint word, uint y, uint edge) {
    uint rows[16];
    load_rows(rows, 0, 4, word, y, 0);
    [[unroll]] for (int k = 4; k < 8; ++k) rows[7 - k] = rows[8 + k] = 0;
    if (subgroupAny(edge_size(edge) == EDGE_16)) load_rows(rows, 4, 7, word, y, 0);
    bool wide = false;
    Limits l = make_limits(edge_level(edge, 0));
    [[dont_unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        uint x[8];
        [[unroll]] for (int k = 0; k < 7; ++k) x[k] = make_pair(sample_at(rows[7 - k], i), sample_at(rows[8 + k], i));
        x[7] = 0;
        wide = filter_luma(x, edge_size(edge), l) || wide;
        [[unroll]] for (int k = 0; k < 6; ++k) {
            rows[7 - k] = with_sample(rows[7 - k], i, p_of(x[k]));
            rows[8 + k] = with_sample(rows[8 + k], i, q_of(x[k]));
        }
    }
    if (edge != NO_EDGE) store_rows(rows, 0, 2, word, y, 0);
    if (edge_size(edge) >= EDGE_8) store_rows(rows, 2, 3, word, y, 0);
    if (wide) store_rows(rows, 3, 6, word, y, 0);
}

void filter_chroma_rows(uint word, uint y, uint edge) {
    uint rows[16];
    [[unroll]] for (int k = 0; k < 16; ++k) rows[k] = 0;
    load_rows(rows, 0, 3, word, y, 1);
    [[dont_unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        uint x[8];
        [[unroll]] for (int k = 0; k < 3; ++k) x[k] = make_pair(sample_at(rows[7 - k], i), sample_at(rows[8 + k], i));
        [[unroll]] for (int k = 3; k < 8; ++k) x[k] = 0;
        filter_chroma(x, component_size(edge, i & 1), make_limits(edge_level(edge, i & 1)));
        [[unroll]] for (int k = 0; k < 2; ++k) {
            rows[7 - k] = with_sample(rows[7 - k], i, p_of(x[k]));
            rows[8 + k] = with_sample(rows[8 + k], i, q_of(x[k]));
        }
    }
    if (edge != NO_EDGE) store_rows(rows, 0, 2, word, y, 1);
}

void main() {
    // Words in 64 samples, and the number of edges that the workgroup processes at a time.
    const uint words = 64 / WORD_SAMPLES, step = 64 / words;
    uint groups = (unit_rows() + 15) / 16, plane = gl_WorkGroupID.y < groups ? 0 : 1;
    uint group_row = gl_WorkGroupID.y - plane * groups, lane = gl_LocalInvocationID.x;
    uint word = gl_WorkGroupID.x * words + lane % words, column = word * WORD_SAMPLES >> 2 + plane;
    uint rows = edge_rows() + plane >> plane, edges = 16 >> plane;
    bool exists = column < edge_columns() + plane >> plane;
    column = exists ? column : 0;
    word = exists ? word : 0;
    [[dont_unroll]] for (uint i = 0; subgroupAny(i < edges); i += step) {
        uint row = group_row * edges + i + lane / words;
        bool inside = exists && row != 0 && row < rows;
        row = clamp(row, 1, max(rows, 2) - 1);
        uint edge = NO_EDGE;
        if (subgroupAny(inside)) {
            uint inner_row = inside ? row : 0;
            uvec2 unit = load_unit(column, inner_row, plane), before = load_unit(column, max(inner_row, 1) - 1, plane);
            edge = inside ? make_edge(row * 4, unit, before, plane != 0) : NO_EDGE;
        }
        if (subgroupAny(edge != NO_EDGE)) {
            if (subgroupAny(plane == 0)) filter_luma_rows(word, row * 4, edge);
            else filter_chroma_rows(word, row * 4, edge);
        }
    }
}

#endif
