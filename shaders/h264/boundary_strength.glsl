// SPDX-License-Identifier: MIT
// The boundary filtering strengths bS of one macroblock (8.7.2.1, except MBAFF frames), one lane per macroblock. Reads the
// records and motion entries of the macroblock and of its left and upper neighbours, writes the macroblock's quad of strengths
// (see job.glsl). Needs job.glsl with a writable scratch.

// Moves four blocks' bits, one per segment of an edge, to the lowest bits of the edge's four nibbles.
uint spread_to_nibbles(uint bits) {
    uint pairs = (bits | bits << 6) & 0x0303;
    return (pairs | pairs << 3) & 0x1111;
}

// One bit for each 4x4 luma block with coefficients, in raster order. An 8x8 transform block counts for its four.
uint blocks_with_coefficients(uint head, uint coded_blocks) {
    uint blocks = bitfieldExtract(coded_blocks, int(BLOCK_LUMA), 16);
    if ((head & HEAD_TRANSFORM_8X8) != 0) blocks = (blocks & 0x1111) * 15;
    // luma4x4BlkIdx to raster exchanges the middle two bits of the number.
    uint exchanged = (blocks >> 2 ^ blocks) & 0x0c0c;
    return blocks ^ exchanged ^ exchanged << 2;
}

// A whole sample of a frame is half a sample of a field. Horizontal edges of fields never get the strongest filter.
#if PICTURE_KIND == PICTURE_FIELD
const int Y_LIMIT = 2;
const uint INTRA_TOP = 0x3333;
#elif PICTURE_KIND == PICTURE_MBAFF
int Y_LIMIT;  // the macroblock's
#else
const int Y_LIMIT = 4;
const uint INTRA_TOP = 0x4444;
#endif

bool vectors_differ(uint a, uint b) {
    int x = bitfieldExtract(int(a), 0, 16) - bitfieldExtract(int(b), 0, 16);
    int y = (int(a) >> 16) - (int(b) >> 16);
    return uint(x + 3) > 6 || uint(y + Y_LIMIT - 1) > uint(2 * Y_LIMIT - 2);
}

// Whether two blocks differ in their reference pictures (regardless of the lists), in their number of vectors, or in a vector
// by a whole sample of a frame.
bool motion_differs(uint p_entry, uint q_entry) {
    uvec4 p = job_quads[p_entry], q = job_quads[q_entry];
    uvec2 p_slots = uvec2(p.z & 0xff, p.z >> 8 & 0xff), q_slots = uvec2(q.z & 0xff, q.z >> 8 & 0xff);
    // An unused list's vector is meaningless.
    p.xy = mix(p.xy, uvec2(0), equal(p_slots, uvec2(0xff)));
    q.xy = mix(q.xy, uvec2(0), equal(q_slots, uvec2(0xff)));
    bool same = p_slots == q_slots && !vectors_differ(p.x, q.x) && !vectors_differ(p.y, q.y);
    bool crossed = p_slots == q_slots.yx && !vectors_differ(p.x, q.y) && !vectors_differ(p.y, q.x);
    return !(same || crossed);
}

// The segments of an edge at which an inter macroblock's motion may change; the others repeat the ones before.
uint segments_along(uint shape, bool horizontal) {
    if (shape == SHAPE_BLOCKS) return 0xf;
    return shape == SHAPE_QUARTERS || shape == (horizontal ? SHAPE_COLUMNS : SHAPE_ROWS) ? 0x5 : 0x1;
}

// Repeats the nibbles of these segments over the rest of their edge.
uint repeat_along(uint nibbles, uint segments) {
    return nibbles * (segments == 0xf ? 1 : segments == 0x5 ? 0x11 : 0x1111);
}

// The segments of the internal edges at which motion may change: edges 1 to 3 of one direction, 4 bits each.
uint segments_inside(uint shape, bool horizontal) {
    if (shape == SHAPE_BLOCKS) return 0xfff0;
    if (shape == SHAPE_QUARTERS) return 0x0500;
    return shape == (horizontal ? SHAPE_ROWS : SHAPE_COLUMNS) ? 0x0100 : 0;
}

// Which of `segments` have different motion on the two sides of the edge. Vertical edges in bits 0..15, horizontal ones in bits
// 16..31, 4 * edge + segment each.
uint segments_with_motion(uint segments, uvec4 mb, uvec4 left, uvec4 above) {
    uint entries = job.entries_quad, result = 0;
    uint shape = mb_motion_shape(mb.x);
    while (segments != 0) {
        int bit = findLSB(segments);
        segments &= segments - 1;
        bool horizontal = bit >= 16;
        uint edge = uint(bit) >> 2 & 3, along = uint(bit) & 3, before = (edge - 1) & 3;
        uvec4 neighbour = edge != 0 ? mb : horizontal ? above : left;
        uint p = motion_entry(mb_motion_shape(neighbour.x), horizontal ? along : before, horizontal ? before : along);
        uint q = motion_entry(shape, horizontal ? along : edge, horizontal ? edge : along);
        if (motion_differs(entries + neighbour.w + p, entries + mb.w + q)) result |= 1u << bit;
    }
    return result;
}

// An inter macroblock's strengths, ignoring intra neighbours: 2 if there are coefficients, else 1 if motion differs.
uvec4 inter_strengths(uvec4 mb, uvec4 left, uvec4 above) {
    uint shape = mb_motion_shape(mb.x);
    uint left_segments = segments_along(shape, false) | segments_along(mb_motion_shape(left.x), false);
    uint top_segments = segments_along(shape, true) | segments_along(mb_motion_shape(above.x), true);
    uint segments = 0;
    if ((mb.x & HEAD_FILTER_LEFT) != 0 && mb_kind(left.x) == KIND_INTER) segments |= left_segments;
    if ((mb.x & HEAD_FILTER_TOP) != 0 && mb_kind(above.x) == KIND_INTER) segments |= top_segments << 16;
    if ((mb.x & HEAD_FILTER_INSIDE) != 0) {
        segments |= segments_inside(shape, false) | segments_inside(shape, true) << 16;
    }
    uint moved = segments_with_motion(segments, mb, left, above);

    uint vertical_along = segments_along(shape, false), horizontal_along = segments_along(shape, true);
    uvec4 low = uvec4(
        repeat_along(spread_to_nibbles(moved & 0xf), left_segments),
        repeat_along(spread_to_nibbles(moved >> 8 & 0xf), vertical_along),
        repeat_along(spread_to_nibbles(moved >> 16 & 0xf), top_segments),
        repeat_along(spread_to_nibbles(moved >> 24 & 0xf), horizontal_along));
    // Odd internal edges can have different motion only if each block has its own.
    uvec4 high = uvec4(
        spread_to_nibbles(moved >> 4 & 0xf), spread_to_nibbles(moved >> 12 & 0xf),
        spread_to_nibbles(moved >> 20 & 0xf), spread_to_nibbles(moved >> 28));
    uvec4 motion = low | high << 16;

    uint blocks = blocks_with_coefficients(mb.x, mb.y);
    uint left_blocks = blocks_with_coefficients(left.x, left.y) >> 3;
    uint above_blocks = blocks_with_coefficients(above.x, above.y) >> 12;
    uint across = blocks | blocks >> 1, down = blocks | blocks >> 4;
    uvec4 coded = uvec4(
        (blocks | left_blocks) & 0x1111 | (across & 0x1111) << 16,
        across >> 1 & 0x1111 | (across >> 2 & 0x1111) << 16,
        spread_to_nibbles((blocks | above_blocks) & 0xf) | spread_to_nibbles(down & 0xf) << 16,
        spread_to_nibbles(down >> 4 & 0xf) | spread_to_nibbles(down >> 8 & 0xf) << 16);
    return coded << 1 | motion & ~coded;
}

#if PICTURE_KIND != PICTURE_MBAFF
void store_boundary_strengths(uint mb_address) {
    uvec4 mb = job_quads[job.mbs_quad + mb_address];
    uvec4 left = uvec4(0), above = uvec4(0);
    if ((mb.x & HEAD_FILTER_LEFT) != 0) left = job_quads[job.mbs_quad + mb_address - 1];
    if ((mb.x & HEAD_FILTER_TOP) != 0) above = job_quads[job.mbs_quad + mb_address - job.width_in_mbs];

    uvec4 strengths = uvec4(0x33333333);
    bool intra = mb_kind(mb.x) != KIND_INTER;
    if (!intra) strengths = inter_strengths(mb, left, above);
    // The bits of internal edges that are filtered: with the 8x8 transform only the middle one.
    uvec4 inside = uvec4(0xffff0000u, 0xffffffffu, 0xffff0000u, 0xffffffffu);
    if ((mb.x & HEAD_TRANSFORM_8X8) != 0) inside = uvec4(0, 0xffff, 0, 0xffff);
    if ((mb.x & HEAD_FILTER_INSIDE) == 0) inside = uvec4(0);

    uvec2 outer = strengths.xz & 0xffff;
    if (intra || mb_kind(left.x) != KIND_INTER) outer.x = 0x4444;
    if (intra || mb_kind(above.x) != KIND_INTER) outer.y = INTRA_TOP;
    if ((mb.x & HEAD_FILTER_LEFT) == 0) outer.x = 0;
    if ((mb.x & HEAD_FILTER_TOP) == 0) outer.y = 0;
    strengths &= inside;
    strengths.xz |= outer;
    scratch_quads[mb_address] = strengths;
}
#endif
