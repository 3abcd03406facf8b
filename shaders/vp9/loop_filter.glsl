// The loop filter's edges and lines (VP9 8.8), for the passes that share them. A superblock's "strip" is its last 8 columns, as
// they are after its own edges and before its right neighbour's left edge. Of what a pass does the order within superblocks is
// that of the standard: superblock after superblock, in each vertical edges, then horizontal ones. Two edges of one line touch
// the same samples only where they are close to each other (is_cut): in between a line may be begun anywhere.
//
// "Plane" is luma (0) or both components of chroma (1), "unit" 8x8 samples of one, "row" and "column" of units of the picture.
#include "edges.glsl"

// A superblock's side in units.
uint superblock_units(const uint plane) { return 8 >> plane; }
uint unit_columns(const uint plane) { return units_in_row() + plane >> plane; }
uint unit_rows(const uint plane) { return (job.aligned_height >> 3) + plane >> plane; }
uint plane_rows(const uint plane) { return job.aligned_height >> plane; }
uint superblock_rows() { return job.height + 63 >> 6; }

uint edges_of(uint column, uint row, const uint plane) {
    uint word = scratch_words[job.edges_word + (row << plane) * units_in_row() + (column << plane)];
    return word >> 16 * plane & 0xfff;
}

// Whether an edge touches nothing that those of the unit before do.
bool is_cut(uint edge, uint edge_before, bool inner_before) {
    return edge == EDGE_NONE || !inner_before && edge_before != EDGE_16 && (edge != EDGE_16 || edge_before == EDGE_NONE);
}
bool is_column_cut(uint column, uint row, const uint plane) {
    uint before = edges_of(column - 1, row, plane);
    return is_cut(edge_left(edges_of(column, row, plane)), edge_left(before), edge_inner_left(before));
}
bool is_row_cut(uint column, uint row, const uint plane) {
    uint before = edges_of(column, row - 1, plane);
    return is_cut(edge_top(edges_of(column, row, plane)), edge_top(before), edge_inner_top(before));
}

// ---- One line across an edge: eight samples before it, eight after it ----

struct Limits {
    int limit, blimit, thresh;
};

Limits make_limits(uint level) {
    int sharpness = int(job.sharpness), limit = int(level) >> (sharpness > 4 ? 2 : sharpness > 0 ? 1 : 0);
    if (sharpness > 0) limit = min(limit, 9 - sharpness);
    limit = max(limit, 1);
    const int shift = BIT_DEPTH - 8;
    return Limits(limit << shift, 2 * (int(level) + 2) + limit << shift, int(level) >> 4 << shift);
}

bool is_filtered(int s[16], Limits l) {
    int most = max(max(max(abs(s[4] - s[5]), abs(s[5] - s[6])), max(abs(s[6] - s[7]), abs(s[9] - s[8]))),
                   max(abs(s[10] - s[9]), abs(s[11] - s[10])));
    return most <= l.limit && abs(s[7] - s[8]) * 2 + abs(s[6] - s[9]) / 2 <= l.blimit;
}

bool is_flat(int s[16], const int first, const int last) {
    int most = 0;
    [[unroll]] for (int i = first; i <= last; ++i) most = max(most, max(abs(s[7 - i] - s[7]), abs(s[8 + i] - s[8])));
    return most <= 1 << BIT_DEPTH - 8;
}

// The average of 2 * reach + 1 samples and the one in the middle once more, those at the ends repeated.
void smooth_line(inout int s[16], const int reach) {
    int before[16] = s, first = 7 - reach, last = 8 + reach;
    int sum = reach + 1;
    [[unroll]] for (int j = 1 - reach; j <= 1 + reach; ++j) sum += before[max(first + j, first)];
    [[unroll]] for (int i = first + 1; i < last; ++i) {
        s[i] = sum + before[i] >> (reach == 7 ? 4 : 3);
        sum += before[min(i + 1 + reach, last)] - before[max(i - reach, first)];
    }
}

int clip_signed(int value) { return clamp(value, -(1 << BIT_DEPTH - 1), (1 << BIT_DEPTH - 1) - 1); }

void filter_narrow(inout int p1, inout int p0, inout int q0, inout int q1, Limits l) {
    const int offset = 1 << BIT_DEPTH - 1;
    bool high_variance = max(abs(p1 - p0), abs(q1 - q0)) > l.thresh;
    int base = clip_signed((high_variance ? clip_signed(p1 - q1) : 0) + 3 * (q0 - p0));
    int first = clip_signed(base + 4) >> 3, second = clip_signed(base + 3) >> 3;
    q0 = clip_signed(q0 - offset - first) + offset;
    p0 = clip_signed(p0 - offset + second) + offset;
    int outer = high_variance ? 0 : first + 1 >> 1;
    q1 = clip_signed(q1 - offset - outer) + offset;
    p1 = clip_signed(p1 - offset + outer) + offset;
}

// How many samples on each side an edge changes.
uint changed_samples(uint edge) { return edge == EDGE_16 ? 7 : edge == EDGE_8 ? 3 : edge == EDGE_4 ? 2 : 0; }

void filter_line(inout int s[16], uint edge, Limits l) {
    if (edge == EDGE_NONE || !is_filtered(s, l)) return;
    bool flat8 = edge >= EDGE_8 && is_flat(s, 1, 3);
    if (flat8 && edge == EDGE_16 && is_flat(s, 4, 7)) {
        smooth_line(s, 7);
    } else if (flat8) {
        smooth_line(s, 3);
    } else {
        filter_narrow(s[6], s[7], s[8], s[9], l);
    }
}

// The inner edge of the unit after the edge.
void filter_inner(inout int s[16], Limits l) {
    int line[16] = int[](0, 0, 0, 0, s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15], 0, 0, 0, 0);
    if (is_filtered(line, l)) filter_narrow(s[10], s[11], s[12], s[13], l);
}

// ---- Samples ----

// Words of a unit's row, and of a strip's row.
const uint MOST_WORDS = WORD_SAMPLES == 4 ? 4 : 8;
uint unit_words(const uint plane) { return (WORD_SAMPLES == 4 ? 2 : 4) << plane; }

// The word and the place in it of a unit's sample.
uint sample_word(const int i, const uint plane) { return uint(plane == 0 ? i / WORD_SAMPLES : i * 2 / WORD_SAMPLES); }
int sample_place(const int i, int component, const uint plane) {
    return plane == 0 ? i & WORD_SAMPLES - 1 : (i * 2 & WORD_SAMPLES - 1) + component;
}

uint recon_unit_word(uint column, uint y, const uint plane) {
    return plane == 0 ? recon_luma_word(column * 8, y) : recon_chroma_word(column * 8, y);
}
uint target_word(uint word_column, uint y, const uint plane) {
    return ((plane == 0 ? 0 : job.target_chroma_offset) + y * job.target_pitch) / 4 + word_column;
}

// One component of a unit's row in recon.
void load_unit(uint column, uint y, int component, const uint plane, out int s[8]) {
    uint word = recon_unit_word(column, y, plane);
    uint words[MOST_WORDS];
    [[unroll]] for (uint i = 0; i < unit_words(plane); ++i) words[i] = recon_words[word + i];
    [[unroll]] for (int i = 0; i < 8; ++i) s[i] = sample_at(words[sample_word(i, plane)], sample_place(i, component, plane));
}

// Strips: of each superblock its rows, and then the eight above its first row, which are final.
uint strip_word(uint superblock_column, uint superblock_row, uint row, const uint plane) {
    uint rows = superblock_units(plane) * 8 + 8;
    uint superblock = superblock_row * superblock_columns() + superblock_column;
    return job.strip_samples_words[plane] + (superblock * rows + row) * unit_words(plane);
}
