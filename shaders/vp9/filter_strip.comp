#version 460
// Strips (see loop_filter.glsl), which make the passes after this one independent of the order of superblocks. An even workgroup
// has those of luma, an odd one those of chroma, of as many levels as the dispatch has been given; several levels are for two
// workgroups only. A strip is made of unfiltered samples, from the last cut of each line on: also its upper neighbour's last
// rows, which the top edge changes. Where a line has no cut the neighbour's strip, of a level below, goes on.
// Reads recon and edges in scratch, reads and writes strips in scratch.
#extension GL_GOOGLE_include_directive : require

const uint LANES = 128;
layout(local_size_x = LANES) in;
layout(push_constant) uniform Levels {
    uint first_level, level_count;  // both planes have levels of their own; one that has less has empty ones
} levels;

#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "loop_filter.glsl"

// Rows of the upper neighbour's strip, then the strip's own, eight samples each; chroma: of Cb, then of Cr.
shared int tile[LANES * 8];
// Rows of the upper neighbour have to be taken from its strip.
shared uint above_is_open;

struct Strip {
    uint superblock_column, superblock_row;
    uint column, first_row;  // of its units
};

uint superblock_samples(const uint plane) { return superblock_units(plane) * 8; }

// The last cut of a row of a superblock's units, from the strip's unit to the left; -1 if there is none.
int last_column_cut(Strip strip, uint row, const uint plane) {
    uint first = strip.column + 1 - superblock_units(plane);
    [[dont_unroll]] for (uint column = strip.column; column > first; --column) {
        if (is_column_cut(column, row, plane)) return int(column);
    }
    return edge_left(edges_of(first, row, plane)) == EDGE_NONE ? int(first) : -1;
}

// The last cut in the strip's column of the superblock above.
int last_row_cut_above(Strip strip, const uint plane) {
    uint first = strip.first_row - superblock_units(plane);
    [[dont_unroll]] for (uint row = strip.first_row - 1; row > first; --row) {
        if (is_row_cut(strip.column, row, plane)) return int(row);
    }
    return edge_top(edges_of(strip.column, first, plane)) == EDGE_NONE ? int(first) : -1;
}

void load_strip_row(Strip strip, uint superblock_column, uint superblock_row, uint row, int component, const uint plane, out int s[8]) {
    uint word = strip_word(superblock_column, superblock_row, row, plane);
    [[unroll]] for (int i = 0; i < 8; ++i) {
        s[i] = sample_at(scratch_words[word + sample_word(i, plane)], sample_place(i, component, plane));
    }
}

// Vertical edges of a row, from this cut to the strip's unit, into the tile.
void filter_tile_row(Strip strip, int cut, uint y, int component, uint tile_row, const uint plane) {
    uint first = strip.column + 1 - superblock_units(plane), column = cut < 0 ? first : uint(cut);
    int s[16], half_line[8];
    [[unroll]] for (int i = 0; i < 8; ++i) half_line[i] = 0;
    if (cut < 0) {
        uint row = y - strip.superblock_row * superblock_samples(plane);
        load_strip_row(strip, strip.superblock_column - 1, strip.superblock_row, row, component, plane, half_line);
    } else if (column > 0) {
        load_unit(column - 1, y, component, plane, half_line);
    }
    [[dont_unroll]] for (; column <= strip.column; ++column) {
        [[unroll]] for (int i = 0; i < 8; ++i) s[i] = half_line[i];
        load_unit(column, y, component, plane, half_line);
        [[unroll]] for (int i = 0; i < 8; ++i) s[8 + i] = half_line[i];
        uint edges = edges_of(column, y / 8, plane);
        Limits l = make_limits(edge_level(edges));
        filter_line(s, edge_left(edges), l);
        if (edge_inner_left(edges)) filter_inner(s, l);
        [[unroll]] for (int i = 0; i < 8; ++i) half_line[i] = s[8 + i];
    }
    [[unroll]] for (int i = 0; i < 8; ++i) tile[tile_row * 8 + i] = half_line[i];
}

// A unit's horizontal edges in one column of the tile, `first` being the sample below the top edge.
void filter_tile_column(uint first, uint edges) {
    if (edge_top(edges) == EDGE_NONE && !edge_inner_top(edges)) return;
    Limits l = make_limits(edge_level(edges));
    bool top = edge_top(edges) != EDGE_NONE;
    int s[16];
    [[unroll]] for (int i = 0; i < 16; ++i) s[i] = top || i >= 8 ? tile[first + i * 8 - 64] : 0;
    filter_line(s, edge_top(edges), l);
    if (edge_inner_top(edges)) filter_inner(s, l);
    uint changed = changed_samples(edge_top(edges));
    [[unroll]] for (int i = 1; i < 8; ++i) {
        if (i >= 8 - changed) tile[first + i * 8 - 64] = s[i];
    }
    [[unroll]] for (int i = 8; i < 15; ++i) {
        if (i < 8 + changed || i >= 10 && i < 14 && edge_inner_top(edges)) tile[first + i * 8 - 64] = s[i];
    }
}

// The rows above, from their column's last cut on.
void filter_rows(Strip strip, int cut_above, uint lane, const uint plane) {
    uint rows = superblock_samples(plane), component = lane / (2 * rows), row = lane - component * 2 * rows;
    uint y = strip.first_row * 8 + row - rows;
    bool above = row < rows, needed = y < plane_rows(plane);
    if (above) {
        uint first = strip.first_row - superblock_units(plane);
        uint first_unit = uint(cut_above) > first ? uint(cut_above) - 1 : uint(cut_above);
        needed = strip.superblock_row > 0 && cut_above >= 0 && y / 8 >= first_unit;
    }
    if (!needed) return;
    Strip own = strip;
    if (above) --own.superblock_row;
    int cut = last_column_cut(strip, y / 8, plane);
    if (above && cut < 0) {
        atomicOr(above_is_open, 1);
        return;
    }
    filter_tile_row(own, cut, y, int(component), lane, plane);
}

// Columns of the rows above, or these rows as their own strip has them.
void finish_above(Strip strip, int cut_above, uint lane, const uint plane) {
    uint rows = superblock_samples(plane), component = lane / 8, i = lane & 7;
    if (strip.superblock_row == 0 || component > plane) return;
    uint first = component * 2 * rows;
    if (cut_above >= 0 && above_is_open == 0) {
        [[dont_unroll]] for (uint row = uint(cut_above); row < strip.first_row; ++row) {
            uint tile_row = first + (row + superblock_units(plane) - strip.first_row) * 8;
            filter_tile_column(tile_row * 8 + i, edges_of(strip.column, row, plane));
        }
    } else {
        int s[8];
        load_strip_row(strip, strip.superblock_column, strip.superblock_row - 1, rows - 8 + i, int(component), plane, s);
        [[unroll]] for (int j = 0; j < 8; ++j) tile[(first + rows - 8 + i) * 8 + j] = s[j];
    }
}

// The left edge of the superblock right of those rows.
void filter_right_edge(Strip strip, uint lane, const uint plane) {
    uint rows = superblock_samples(plane), component = lane / 8, i = lane & 7;
    if (strip.superblock_row == 0 || component > plane) return;
    uint edges = edges_of(strip.column + 1, strip.first_row - 1, plane), tile_row = component * 2 * rows + rows - 8 + i;
    if (edge_left(edges) == EDGE_NONE) return;
    int s[16], right[8];
    load_unit(strip.column + 1, strip.first_row * 8 - 8 + i, int(component), plane, right);
    [[unroll]] for (int j = 0; j < 8; ++j) {
        s[j] = tile[tile_row * 8 + j];
        s[8 + j] = right[j];
    }
    filter_line(s, edge_left(edges), make_limits(edge_level(edges)));
    [[unroll]] for (int j = 1; j < 8; ++j) tile[tile_row * 8 + j] = s[j];
}

// The strip's own horizontal edges: a column from a cut to the next one.
void filter_own_columns(Strip strip, uint lane, const uint plane) {
    uint units = superblock_units(plane), rows = superblock_samples(plane);
    uint i = lane & 7, unit = lane / 8 & units - 1, component = lane / (8 * units);
    uint row = strip.first_row + unit, end = min(strip.first_row + units, unit_rows(plane));
    if (component > plane || row >= end || unit > 0 && !is_row_cut(strip.column, row, plane)) return;
    [[dont_unroll]] do {
        uint tile_row = component * 2 * rows + rows + (row - strip.first_row) * 8;
        filter_tile_column(tile_row * 8 + i, edges_of(strip.column, row, plane));
        ++row;
    } while (row < end && !is_row_cut(strip.column, row, plane));
}

// A row of the strip from the tile to scratch: its own rows and then those above.
void store_row(Strip strip, uint lane, const uint plane) {
    uint rows = superblock_samples(plane);
    if (lane >= rows + 8) return;
    uint tile_row = lane < rows ? rows + lane : lane - 8;
    uint word = strip_word(strip.superblock_column, strip.superblock_row, lane, plane);
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) {
        uint samples = 0;
        [[unroll]] for (int j = 0; j < WORD_SAMPLES; ++j) {
            uint number = i * WORD_SAMPLES + j;
            uint at = plane == 0 ? tile_row * 8 + number : ((number & 1) * 2 * rows + tile_row) * 8 + number / 2;
            samples |= place_sample(tile[at], j);
        }
        scratch_words[word + i] = samples;
    }
}

void make_strip(uint superblock, const uint plane) {
    Strip strip;
    strip.superblock_column = superblock & 0xff;
    strip.superblock_row = superblock >> 8;
    strip.column = (strip.superblock_column + 1) * superblock_units(plane) - 1;
    strip.first_row = strip.superblock_row * superblock_units(plane);
    uint lane = gl_LocalInvocationIndex;
    if (lane == 0) above_is_open = 0;
    barrier();
    int cut_above = strip.superblock_row > 0 ? last_row_cut_above(strip, plane) : -1;
    filter_rows(strip, cut_above, lane, plane);
    barrier();
    finish_above(strip, cut_above, lane, plane);
    barrier();
    filter_right_edge(strip, lane, plane);
    barrier();
    filter_own_columns(strip, lane, plane);
    barrier();
    store_row(strip, lane, plane);
    barrier();
}

void make_strips(const uint plane) {
    uint word = job.strip_levels_words[plane] + levels.first_level;
    [[dont_unroll]] for (uint level = 0; level < levels.level_count; ++level) {
        uint end = job_words[word + level + 1];
        [[dont_unroll]] for (uint i = job_words[word + level] + gl_WorkGroupID.x / 2; i < end; i += gl_NumWorkGroups.x / 2) {
            make_strip(job_words[job.strips_words[plane] + i], plane);
        }
        // The next level reads what this one wrote.
        memoryBarrierBuffer();
        barrier();
    }
}

void main() {
    if ((gl_WorkGroupID.x & 1) != 0) {
        make_strips(1);
    } else {
        make_strips(0);
    }
}
