// SPDX-License-Identifier: MIT
// The boundary filtering strengths of a macroblock of an MBAFF frame (8.7.2.1), one lane per macroblock, in the form of
// boundary_strength.glsl. Where frame and field macroblocks meet there are additional strengths, in a separate word (see
// job.glsl).

uvec4 record(uint place) { return job_quads[job.mbs_quad + place]; }

// The lowest bits of nibbles: 2 where `coded` is set, else 1.
uint mixed_strengths(uint coded) { return 0x1111 + coded; }

// One bit for each block of the last column, or of the last row, in the lowest bits of four nibbles.
uint last_column_of(uvec4 mb) { return blocks_with_coefficients(mb.x, mb.y) >> 3 & 0x1111; }
uint last_row_of(uvec4 mb) { return spread_to_nibbles(blocks_with_coefficients(mb.x, mb.y) >> 12); }

// A left edge between the two kinds has eight strengths. A field macroblock's each apply to two rows; a frame macroblock has
// four for its even rows, beside the top field, and four for the odd ones. Each half of the result is for one left macroblock.
uvec2 mixed_left_strengths(uvec4 mb, uint k, uvec4 left_0, uvec4 left_1) {
    if (mb_kind(mb.x) != KIND_INTER) return uvec2(0x4444);
    uint own = blocks_with_coefficients(mb.x, mb.y) & 0x1111;
    uvec2 result;
    [[unroll]] for (uint i = 0; i < 2; ++i) {
        uvec4 left = i == 0 ? left_0 : left_1;
        uint beside = last_column_of(left), coded;
        if (is_field_mb(mb.x)) {
            // Rows 8i to 8i + 7: two of its blocks, beside all four of the left one's.
            uint pair = own >> i * 8 & 0x11;
            coded = beside | (pair & 1) * 0x11 | (pair >> 4) * 0x1100;
        } else {
            // All four of its blocks, beside two of the left one's.
            uint pair = beside >> k * 8 & 0x11;
            coded = own | (pair & 1) * 0x11 | (pair >> 4) * 0x1100;
        }
        result[i] = mb_kind(left.x) != KIND_INTER ? 0x4444 : mixed_strengths(coded);
    }
    return result;
}

uint mixed_top_strengths(uvec4 mb, uvec4 above) {
    if (mb_kind(mb.x) != KIND_INTER || mb_kind(above.x) != KIND_INTER) return 0x3333;
    return mixed_strengths(spread_to_nibbles(blocks_with_coefficients(mb.x, mb.y) & 0xf) | last_row_of(above));
}

void store_boundary_strengths(uint place) {
    uint width = job.width_in_mbs, k = mb_row(place) & 1, first = place - k * width;
    uvec4 mb = record(place);
    bool field = is_field_mb(mb.x), is_lower_frame = !field && k == 1;
    bool filter_left = (mb.x & HEAD_FILTER_LEFT) != 0, filter_top = (mb.x & HEAD_FILTER_TOP) != 0;
    Y_LIMIT = field ? 2 : 4;

    uvec4 left_0 = uvec4(0), left_1 = uvec4(0), above_0 = uvec4(0), above_1 = uvec4(0);
    if (filter_left) {
        left_0 = record(first - 1);
        left_1 = record(first + width - 1);
    }
    if (filter_top && !is_lower_frame) {
        above_0 = record(first - 2 * width);
        above_1 = record(first - width);
    }
    bool mixed_left = filter_left && is_field_mb(left_0.x) != field;
    bool mixed_top = filter_top && !is_lower_frame && is_field_mb(above_0.x) != field;
    uvec4 left = k == 0 ? left_0 : left_1, above = field && k == 0 ? above_0 : above_1;
    if (is_lower_frame) above = record(first);

    uvec4 strengths = uvec4(0x33333333);
    bool intra = mb_kind(mb.x) != KIND_INTER;
    uvec4 same = mb;
    same.x &= ~((mixed_left ? HEAD_FILTER_LEFT : 0) | (mixed_top ? HEAD_FILTER_TOP : 0));
    if (!intra) strengths = inter_strengths(same, left, above);
    uvec4 inside = uvec4(0xffff0000u, 0xffffffffu, 0xffff0000u, 0xffffffffu);
    if ((mb.x & HEAD_TRANSFORM_8X8) != 0) inside = uvec4(0, 0xffff, 0, 0xffff);
    if ((mb.x & HEAD_FILTER_INSIDE) == 0) inside = uvec4(0);

    uvec2 outer = strengths.xz & 0xffff;
    if (intra || mb_kind(left.x) != KIND_INTER) outer.x = 0x4444;
    if (intra || mb_kind(above.x) != KIND_INTER) outer.y = field ? 0x3333 : 0x4444;
    uint more = 0;
    if (mixed_left) {
        uvec2 both = mixed_left_strengths(mb, k, left_0, left_1);
        outer.x = both.x;
        more = both.y;
    }
    if (mixed_top) {
        // A frame macroblock borders on both fields, a field macroblock on the lower one of the frame macroblocks.
        outer.y = mixed_top_strengths(mb, field ? above_1 : above_0);
        if (!field) more |= mixed_top_strengths(mb, above_1) << 16;
    }
    if (!filter_left) outer.x = 0;
    if (!filter_top) outer.y = 0;
    strengths &= inside;
    strengths.xz |= outer;
    scratch_quads[place] = strengths;
    scratch_words[more_strengths_word(place)] = more;
}
