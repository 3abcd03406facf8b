// SPDX-License-Identifier: MIT
#version 460
// Filters strips (see loop_filter.glsl), so that later passes do not depend on the order of superblocks. Even workgroups take
// luma, odd ones chroma, for as many levels as the dispatch is given. Several levels need a dispatch of two workgroups. A strip
// is computed from unfiltered samples, starting at each line's last cut, along with the upper neighbour's last rows, which the
// top edge changes. A line without a cut continues from the neighbour's strip, which has a lower level. Reads recon and edges
// in scratch, reads and writes strips in scratch.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

const uint LANES = 128;
layout(local_size_x = LANES) in;
layout(push_constant) uniform Levels {
    uint first_level, level_count;  // in both planes; the plane with fewer levels has empty ones
} levels;

#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"

// Rows of the upper neighbour's strip, then the strip's own; for chroma first Cb's rows, then Cr's. Each row holds two units:
// the previous one and the current one, finally the strip's.
const uint TILE_ROW = 16;
shared int tile[LANES * TILE_ROW];
#include "line_filter.glsl"

// Non-zero if rows of the upper neighbour must be read from its strip.
shared uint above_is_open;

// A strip sample's index in the tile.
uint tile_at(uint row, uint i) { return row * TILE_ROW + 8 + i; }

// Filters both edges of a unit, in the line that begins eight samples before it; EDGE_NONE and false for idle invocations.
void filter_tile_line(uint first, const uint step, uint edge, bool inner, uint level) {
    Limits l = make_limits(level);
    if (subgroupAny(edge != EDGE_NONE)) {
        uint x[8], changed = changed_samples(edge);
        [[unroll]] for (uint k = 0; k < 8; ++k) x[k] = make_pair(tile[first + (7 - k) * step], tile[first + (8 + k) * step]);
        filter_edge(x, edge, l);
        first += job.zero;
        // Stores only what the filter changes: samples around it may belong to another invocation.
        [[unroll]] for (uint k = 0; k < 7; ++k) {
            if (k < changed) {
                tile[first + (7 - k) * step] = p_of(x[k]);
                tile[first + (8 + k) * step] = q_of(x[k]);
            }
        }
    }
    if (subgroupAny(inner)) {
        uint x[4];
        [[unroll]] for (uint k = 0; k < 4; ++k) x[k] = make_pair(tile[first + (11 - k) * step], tile[first + (12 + k) * step]);
        filter_inner_edge(x, inner, l);
        if (inner) {
            [[unroll]] for (uint k = 0; k < 2; ++k) {
                tile[first + (11 - k) * step] = p_of(x[k]);
                tile[first + (12 + k) * step] = q_of(x[k]);
            }
        }
    }
}

struct Strip {
    uint superblock_column, superblock_row;
    uint column, first_row;  // in units
};

uint superblock_samples(uint plane) { return superblock_units(plane) * 8; }

// The last cut in a row of units, from the strip's unit to the superblock's first; -1 if there is none.
int last_column_cut(Strip strip, uint row, uint plane) {
    uint first = strip.column + 1 - superblock_units(plane);
    int cut = edge_left(edges_of(first, row, plane)) == EDGE_NONE ? int(first) : -1;
    [[dont_unroll]] for (uint column = first + 1; column <= strip.column; ++column) {
        cut = is_column_cut(column, row, plane) ? int(column) : cut;
    }
    return cut;
}

// The last cut in the strip's column of the superblock above; -1 if there is none.
int last_row_cut_above(Strip strip, uint plane) {
    uint first = strip.first_row - superblock_units(plane);
    [[dont_unroll]] for (uint row = strip.first_row - 1; row > first; --row) {
        if (is_row_cut(strip.column, row, plane)) return int(row);
    }
    return edge_top(edges_of(strip.column, first, plane)) == EDGE_NONE ? int(first) : -1;
}

// Loads a row of a neighbour's strip into the tile.
void load_strip_row(uint superblock_column, uint superblock_row, uint row, int component, uint to, uint plane) {
    uint word = strip_word(superblock_column, superblock_row, row, plane);
    [[unroll]] for (int i = 0; i < 8; ++i) {
        tile[to + i] = sample_at(scratch_words[word + sample_word(i, plane)], sample_place(i, component, plane));
    }
}

void load_unit(uint column, uint y, int component, uint to, uint plane) {
    uint word = plane == 0 ? recon_luma_word(column * 8, y) : recon_chroma_word(column * 8, y);
    [[unroll]] for (int i = 0; i < 8; ++i) {
        tile[to + i] = sample_at(recon_words[word + sample_word(i, plane)], sample_place(i, component, plane));
    }
}

// Filters a unit's horizontal edges in column i of the strip. `row` is the first row below the top edge.
void filter_tile_column(uint row, uint i, uint edges) {
    filter_tile_line(tile_at(row, i) - 8 * TILE_ROW, TILE_ROW, edge_top(edges), edge_inner_top(edges), edge_level(edges));
}

// Filters vertical edges in the tile's rows. Pass 0: the strip's rows, and the rows above starting at their column's last cut,
// each from its own last cut. Pass 1: in the rows above, the left edge of the superblock to the right. The subgroup iterates
// while any invocation has units left.
void filter_tile_rows(Strip strip, int cut_above, uint lane, uint plane, uint pass) {
    uint rows = superblock_samples(plane), units = superblock_units(plane), row = pass == 0 ? lane & 2 * rows - 1 : rows - 8 + (lane & 7);
    int component = int(pass == 0 ? lane >> 7 - plane : min(lane >> 3, plane));
    bool above = row < rows;
    uint first_above = uint(max(cut_above, int(strip.first_row - units) + 1)) * 8 - 8;
    uint y = strip.first_row * 8 + row - rows;
    bool needed = above ? strip.superblock_row > 0 && cut_above >= 0 && y >= first_above : y < plane_rows(plane);
    if (pass == 1) needed = strip.superblock_row > 0 && lane < 8 * (plane + 1);
    y = needed ? y : strip.first_row * 8;
    uint own = tile_at(component * 2 * rows + row, 0), before = own - 8, column = strip.column + 1;
    if (pass == 0) {
        int cut = last_column_cut(strip, y / 8, plane);
        column = cut < 0 ? strip.column + 1 - units : uint(cut);
        if (needed && cut > 0) load_unit(column - 1, y, component, own, plane);
        if (needed && cut < 0 && !above) {
            load_strip_row(strip.superblock_column - 1, strip.superblock_row, row - rows, component, own, plane);
        }
        if (needed && cut < 0 && above) atomicOr(above_is_open, 1);
        needed = needed && !(cut < 0 && above);
    }
    uint end = strip.column + 1 + pass;
    [[dont_unroll]] while (subgroupAny(needed && column < end)) {
        bool filters = needed && column < end;
        if (filters) {
            [[unroll]] for (int i = 0; i < 8; ++i) tile[before + i] = tile[own + i];
            load_unit(column, y, component, own, plane);
        }
        uint edges = edges_of(min(column, end - 1), y / 8, plane);
        edges = filters ? edges : 0;
        filter_tile_line(before, 1, edge_left(edges), edge_inner_left(edges) && pass == 0, edge_level(edges));
        ++column;
    }
    if (pass == 1 && needed) {
        [[unroll]] for (int i = 0; i < 8; ++i) tile[own + i] = tile[before + i];
    }
}

// Filters horizontal edges in the tile's columns. Pass 0: of the rows above, starting at the last cut, or loads these rows from
// the upper strip. Pass 1: of the strip; each invocation takes a column from one cut to the next.
void filter_tile_columns(Strip strip, int cut_above, uint lane, uint plane, uint pass) {
    uint units = superblock_units(plane), rows = superblock_samples(plane), i = lane & 7;
    uint component = pass == 0 ? lane >> 3 : lane >> 6 - plane, unit = pass == 0 ? 0 : lane >> 3 & units - 1;
    uint first = component * 2 * rows, end = pass == 0 ? strip.first_row : min(strip.first_row + units, unit_rows(plane));
    bool open = cut_above < 0 || above_is_open != 0, more = component <= plane;
    uint row = pass == 0 ? uint(max(cut_above, 0)) : strip.first_row + unit;
    if (pass == 0) {
        more = more && strip.superblock_row > 0;
        if (more && open) {
            load_strip_row(strip.superblock_column, strip.superblock_row - 1, rows - 8 + i, int(component),
                           tile_at(first + rows - 8 + i, 0), plane);
        }
        more = more && !open;
    } else {
        more = more && row < end;
        row = min(row, end - 1);
        more = more && (unit == 0 || is_row_cut(strip.column, max(row, 1), plane));
    }
    [[dont_unroll]] while (subgroupAny(more)) {
        uint edges = edges_of(strip.column, row, plane);
        edges = more ? edges : 0;
        filter_tile_column(more ? first + (row + units - strip.first_row) * 8 : 8, i, edges);
        more = more && row + 1 < end;
        row = min(row + 1, end - 1);
        more = more && (pass == 0 || !is_row_cut(strip.column, max(row, 1), plane));
    }
}

// Stores a row of the strip from the tile to scratch: first the strip's own rows, then those above.
void store_row(Strip strip, uint lane, uint plane) {
    uint rows = superblock_samples(plane);
    if (lane < rows + 8) {
        uint tile_row = lane < rows ? rows + lane : lane - 8;
        uint word = strip_word(strip.superblock_column, strip.superblock_row, lane, plane);
        [[dont_unroll]] for (uint i = 0; i < unit_words(plane); ++i) {
            uint samples = 0;
            [[unroll]] for (int j = 0; j < WORD_SAMPLES; ++j) {
                uint number = i * WORD_SAMPLES + j;
                uint at = plane == 0 ? tile_at(tile_row, number) : tile_at((number & 1) * 2 * rows + tile_row, number / 2);
                samples |= place_sample(tile[at], j);
            }
            scratch_words[word + i] = samples;
        }
    }
}

// The workgroup's strip. Uniform values are kept in shared memory, where they take no registers.
shared uint superblock;
shared int cut_above;

Strip current_strip(uint plane) {
    Strip strip;
    strip.superblock_column = superblock & 0xff;
    strip.superblock_row = superblock >> 8;
    strip.column = (strip.superblock_column + 1) * superblock_units(plane) - 1;
    strip.first_row = strip.superblock_row * superblock_units(plane);
    return strip;
}

void make_strip(uint index, uint plane) {
    if (gl_LocalInvocationIndex == 0) {
        above_is_open = 0;
        superblock = job_words[job.strips_words[plane] + index];
        Strip strip = current_strip(plane);
        cut_above = strip.superblock_row > 0 ? last_row_cut_above(strip, plane) : -1;
    }
    barrier();
    // Once for the rows above, once for the strip. A loop, because a second copy of the filter would run out of registers.
    [[dont_unroll]] for (uint pass = 0; pass < 2; ++pass) {
        filter_tile_rows(current_strip(plane), cut_above, gl_LocalInvocationIndex, plane, pass);
        barrier();
        filter_tile_columns(current_strip(plane), cut_above, gl_LocalInvocationIndex, plane, pass);
        barrier();
    }
    store_row(current_strip(plane), gl_LocalInvocationIndex, plane);
    barrier();
}

shared uint level, next, end_of_level;

void make_strips(uint plane) {
    if (gl_LocalInvocationIndex == 0) level = 0;
    barrier();
    [[dont_unroll]] while (level < levels.level_count) {
        if (gl_LocalInvocationIndex == 0) {
            uint word = job.strip_levels_words[plane] + levels.first_level + level;
            next = job_words[word] + gl_WorkGroupID.x / 2;
            end_of_level = job_words[word + 1];
        }
        barrier();
        [[dont_unroll]] while (next < end_of_level) {
            make_strip(next, plane);
            if (gl_LocalInvocationIndex == 0) next += gl_NumWorkGroups.x / 2;
            barrier();
        }
        // Makes this level's writes visible to the next one.
        memoryBarrierBuffer();
        if (gl_LocalInvocationIndex == 0) ++level;
        barrier();
    }
}

void main() { make_strips(gl_WorkGroupID.x & 1); }
