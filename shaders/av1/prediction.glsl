// SPDX-License-Identifier: MIT
// Prediction records: which part of which record an invocation predicts, and from what.

// What an invocation predicts of a plane: a word's columns starting at x, and rows starting at y; no rows if nothing.
struct Part {
    int x, y, rows;
};

const uint PART_ROWS = 16;
const uint NO_REFERENCE = 7;
const uint COMPOUND_NONE = 0, COMPOUND_AVERAGE = 1, COMPOUND_DISTANCE = 2, COMPOUND_WEDGE = 3, COMPOUND_DIFFERENCE = 4;
const uint HEAD_WEDGE_SIGN = 1u << 23, HEAD_MASK_INVERSE = 1u << 24, HEAD_WARP_0 = 1u << 25, HEAD_WARP_1 = 1u << 26,
           HEAD_HAS_OVERLAPS = 1u << 27;

// A record's place, in samples of the plane (chroma: pairs).
ivec2 record_corner(uint place) { return ivec2(bitfieldExtract(place, 0, 12), bitfieldExtract(place, 12, 12)) * 2; }
uvec2 record_log2_size(uint place) { return uvec2(bitfieldExtract(place, 24, 3), bitfieldExtract(place, 27, 3)) + 1; }

uint head_reference(uint head, uint list) { return bitfieldExtract(head, int(list) * 3, 3); }
uint head_kernel_x(uint head) { return bitfieldExtract(head, 6, 3); }
uint head_kernel_y(uint head) { return bitfieldExtract(head, 9, 3); }
uint head_compound(uint head) { return bitfieldExtract(head, 12, 3); }
uint head_weight(uint head) { return bitfieldExtract(head, 15, 4); }
uint head_wedge(uint head) { return bitfieldExtract(head, 19, 4); }

// Vectors have y in their low half.
ivec2 unpack_mv(uint mv) { return ivec2(high_number(mv), low_number(mv)); }

Part make_part(uint place, uint lane, const bool chroma) {
    const uint log2_columns = chroma ? (WORD_SAMPLES == 4 ? 1 : 0) : (WORD_SAMPLES == 4 ? 2 : 1);
    uvec2 log2_size = record_log2_size(place);
    uint log2_words = max(log2_size.x, log2_columns) - log2_columns;
    uint column = lane & (1 << log2_words) - 1, row = (lane >> log2_words) * PART_ROWS;
    ivec2 corner = record_corner(place);
    Part part = Part(corner.x + int(column << log2_columns), corner.y + int(row), int(min(1u << log2_size.y, PART_ROWS)));
    // No rows outside the picture.
    part.rows = max(min(part.rows, int(job.padded_height >> (chroma ? 1 : 0)) - part.y), 0);
    if (part.x >= int(job.padded_width >> (chroma ? 1 : 0))) part.rows = 0;
    return part;
}

// An invocation's record, as its first quad, and its part of it.
struct Own {
    uint quad;
    Part part;
};

// Divides the dispatch's workgroups as in job.predictions[kind]: luma's classes, then chroma's.
Own find_own(uint kind, uint group, const bool chroma) {
    const uint first_class = chroma ? AREA_CLASSES : 0;
    uint c = first_class;
    [[unroll]] for (uint i = 1; i < AREA_CLASSES; ++i) c += group >= job.predictions[kind].groups[first_class + i] ? 1 : 0;
    uint lane = (group - job.predictions[kind].groups[c]) * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    int log2_lanes = int(c - first_class) + (chroma ? 0 : -1) + (WORD_SAMPLES == 4 ? 0 : 1);
    log2_lanes = max(log2_lanes, 0);
    uint index = job.predictions[kind].first[c] + (lane >> log2_lanes), end = job.predictions[kind].end[c];
    bool exists = index < end;
    Own own;
    own.quad = job.predictions_quads[chroma ? 1 : 0] + min(index, max(end, 1) - 1) * 2;
    own.part = make_part(job_quads[own.quad].x, lane & (1 << log2_lanes) - 1, chroma);
    if (!exists) own.part.rows = 0;
    return own;
}

bool is_chroma_group(uint kind, uint group) { return group >= job.predictions[kind].groups[AREA_CLASSES]; }

// The place of a fine row of an invocation's part: 16 bits for each sample, in one of two parts of scratch.
uint fine_place(uint x, uint y, const bool chroma) {
    return chroma ? y * (job.padded_width / 2) + x : (y * job.padded_width + x) / 2;
}
uint first_word(uint x, uint y, const bool chroma) { return job.residuals_words[chroma ? 1 : 0] + fine_place(x, y, chroma); }
uint second_word(uint x, uint y, const bool chroma) { return job.second_words[chroma ? 1 : 0] + fine_place(x, y, chroma); }
uint stored_pitch() { return job.padded_width / 2; }
#ifndef NO_PREDICTION
void store_fine(uint word, Row row) {
#if BIT_DEPTH == 8
    scratch_words[word] = row.x;
    scratch_words[word + 1] = row.y;
#else
    uvec2 numbers = uvec2(row + STORED_BIAS);
    scratch_words[word] = numbers.x | numbers.y << 16;
#endif
}
#endif
Row load_fine(uint word) {
#if BIT_DEPTH == 8
    return Row(scratch_words[word], scratch_words[word + 1]);
#else
    uint both = scratch_words[word];
    return Row(both & 0xffff, both >> 16) - STORED_BIAS;
#endif
}

// A neighbour of a part: the record's rows that it covers in the part's columns; none if it is elsewhere.
struct Neighbour {
    int begin, end;
    int offset, depth;  // of its span, see job.h
};

// `within`: the part's position in its record.
Neighbour read_neighbour(uint span, bool is_above, ivec2 within, int rows) {
    Neighbour n;
    n.offset = int(bitfieldExtract(span, 0, 8));
    n.depth = int(bitfieldExtract(span, 16, 8));
    int length = int(bitfieldExtract(span, 8, 8));
    n.begin = is_above ? within.y : max(within.y, n.offset);
    n.end = min(within.y + rows, is_above ? n.depth : n.offset + length);
    bool covers = is_above ? within.x >= n.offset && within.x < n.offset + length : within.x < n.depth;
    if (!covers) n.end = n.begin;
    return n;
}

#ifndef NO_PREDICTION
// A prediction of rows from one reference with one vector.
struct Translation {
    uint reference;
    ivec2 mv;
    uint kernel_x, kernel_y;
    bool single;  // not part of a compound
};

// Takes a predicted row, which is fine unless `single`. Defined by shaders that include this; must ignore the row unless it is
// `mine`. `flags` are those of put_flags, bits 8 and up: what any invocation of the subgroup needs.
uint put_flags;
void put_row(bool mine, Row result, uint flags);

// The source of a part: `x` is the first column's, `y` the last row that the first output row needs.
struct Source {
    Reference reference;
    int x, y;
    uvec2 x_kernel, y_kernel;
    Rounding rounding;
};

// Bits of put_flags below those of put_row: what any invocation of the subgroup needs.
const uint HORIZONTAL = 1, VERTICAL = 2, BORDER = 4, ALL_ROWS = 8, ALL_COLUMNS = 16;

// Whether the common case has separate loops. Not all shaders have registers for that.
#ifndef HAS_LOOPS_APART
#define HAS_LOOPS_APART false
#endif

// The common case: filtered both ways, without BORDER, ALL_ROWS and ALL_COLUMNS.
void predict_both_ways(Source from, int end, uint flags, const bool chroma) {
    Fine rows[6];
    float taps[6];
    [[unroll]] for (int i = 0; i < 6; ++i) {
        rows[i] = Fine(0);
        taps[i] = fine_tap(from.y_kernel, i + 2);
    }
    [[dont_unroll]] for (int row = -5; subgroupAny(row < end); ++row) {
        Row next = filter_row(from.reference, from.x, from.y + row, from.x_kernel, false, false, chroma);
        [[unroll]] for (int i = 0; i < 5; ++i) rows[i] = rows[i + 1];
        rows[5] = fine_numbers(next);
        if (row >= 0) {
            Fine sums = rows[0] * taps[0];
            [[unroll]] for (int i = 1; i < 6; ++i) sums += rows[i] * taps[i];
            put_row(row < end, round_fine(sums, from.rounding), flags);
        }
    }
}

// `inside`: none of BORDER, ALL_ROWS and ALL_COLUMNS is set, which saves V3D branches in each row.
void predict_rows(Source from, int row, int end, uint flags, const bool inside, const bool chroma) {
    Row rows[8];
    [[unroll]] for (int i = 0; i < 8; ++i) rows[i] = Row(0);
    [[dont_unroll]] for (; subgroupAny(row < end); ++row) {
        bool border = !inside && (flags & BORDER) != 0, all_rows = !inside && (flags & ALL_ROWS) != 0;
        bool all_columns = !inside && (flags & ALL_COLUMNS) != 0;
        Row result;
        if ((flags & HORIZONTAL) != 0) {
            result = filter_row(from.reference, from.x, from.y + row, from.x_kernel, border, all_columns, chroma);
        } else {
            result = read_row(from.reference, from.x, from.y + row, border, chroma);
        }
        [[unroll]] for (int i = 0; i < 7; ++i) rows[i] = rows[i + 1];
        rows[7] = result;
        if (row >= 0) {
            if ((flags & VERTICAL) == 0) {
                if ((flags & HORIZONTAL) == 0) result = refine(result);
                result = round_row(result, from.rounding);
            } else if ((flags & HORIZONTAL) != 0) {
                result = filter_fine(rows, from.y_kernel, from.rounding, all_rows);
            } else {
                result = filter_samples(rows, from.y_kernel, from.rounding, all_rows);
            }
            put_row(row < end, result, flags);
        }
    }
}

// A subgroup filters horizontally (vertically) if any of its invocations has to.
void predict(Part part, Translation from, const bool chroma) {
    const int shift = chroma ? 4 : 3, columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    Source source;
    source.reference = chroma ? chroma_reference(from.reference) : luma_reference(from.reference);
    // With nothing to predict, reads from somewhere inside.
    if (part.rows == 0) from.mv = ivec2(0);
    ivec2 fraction = chroma ? from.mv & 15 : (from.mv & 7) * 2;
    source.x_kernel = load_kernel(from.kernel_x, fraction.x);
    source.y_kernel = load_kernel(from.kernel_y, fraction.y);
    bool horizontal = subgroupAny(fraction.x != 0), vertical = subgroupAny(fraction.y != 0);
    source.rounding = make_rounding(from.single, horizontal, vertical);
    // The last of eight taps is four rows below the predicted one, that of six taps three. Invocations with fewer rows read as
    // many as the others in their subgroup.
    bool all_columns = subgroupAny(from.kernel_x == SHARP && fraction.x != 0);
    bool all_rows = subgroupAny(from.kernel_y == SHARP && fraction.y != 0);
    if (!all_columns) source.x_kernel = first_six_taps(source.x_kernel);
    if (!all_rows) source.y_kernel = last_six_taps(source.y_kernel);
    int x = part.x + (from.mv.x >> shift), y = part.y + (from.mv.y >> shift), row = !vertical ? 0 : all_rows ? -7 : -5;
    ivec2 last = ivec2(source.reference.last_column - 5 - 2 * columns, source.reference.last_row - int(PART_ROWS) - 4);
    bool border = subgroupAny(x < 3 || x > last.x || y < 3 || y > last.y);
    source.x = x;
    source.y = y + (!vertical ? 0 : all_rows ? 4 : 3);
    uint flags = put_flags | (horizontal ? HORIZONTAL : 0) | (vertical ? VERTICAL : 0);
    if (!HAS_LOOPS_APART || border || all_rows || all_columns) {
        flags |= (border ? BORDER : 0) | (all_rows ? ALL_ROWS : 0) | (all_columns ? ALL_COLUMNS : 0);
        predict_rows(source, row, part.rows, flags, false, chroma);
    } else if (horizontal && vertical) {
        predict_both_ways(source, part.rows, flags, chroma);
    } else {
        predict_rows(source, row, part.rows, flags, true, chroma);
    }
}
#endif
