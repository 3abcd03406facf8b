// SPDX-License-Identifier: MIT
// The units (4x4 samples of a plane) whose intra record is not finished, one bit each: edges.comp sets the bits of all records,
// and intra_tickets.comp clears a record's when it is finished. All are clear before the picture.
//
// A word has the bits of 32 units of a row. The word for the row below is next, so that a block's left edge is in few cache
// lines.
const uint PENDING_WORD = 16;

// A plane's units from `first` to before `end`; none if these are equal in both directions.
struct Units {
    uvec2 first, end;
    uint chroma;
};

Units no_units() { return Units(uvec2(0), uvec2(0), 0); }

uvec2 plane_units(uint chroma) { return uvec2(job.padded_width, job.padded_height) >> 2 + chroma; }
uint pending_words(uint chroma) {
    uvec2 size = plane_units(chroma);
    return (size.x + 31) / 32 * size.y;
}

uint pending_word(uint column, uint row, uint chroma) {
    uvec2 size = plane_units(chroma);
    return PENDING_WORD + (chroma == 0 ? 0 : pending_words(0)) + column / 32 * size.y + row;
}

// The word with a row's bits for the 32 columns starting at `column`, and the mask of the bits.
struct PendingBits {
    uint word, mask;
};

// The number of words with bits of units, and word number n.
uint count_pending(Units units) {
    uvec2 size = units.end - units.first;
    return size.x == 0 ? 0 : ((units.end.x - 1) / 32 - units.first.x / 32 + 1) * size.y;
}
PendingBits pending_bits(Units units, uint n) {
    uint rows = units.end.y - units.first.y, column = (units.first.x / 32 + n / rows) * 32;
    uint low = max(units.first.x, column) - column, high = min(units.end.x, column + 32) - column;
    return PendingBits(pending_word(column, units.first.y + n % rows, units.chroma), 0xffffffffu >> 32 - (high - low) << low);
}

// The units that a record writes, inside the padded size.
Units units_of(IntraBlock block) {
    uvec2 first = uvec2(block.x, block.y) / 4, size = uvec2(width_of(block), height_of(block)) + 3 >> 2;
    return Units(first, min(first + size, plane_units(block.chroma)), block.chroma);
}

// ---- The units that a record reads: at most those that determine its level (PictureJob::intra_levels), because others may
// come later ----

// The sides that its prediction reads, in units. An unavailable side is replaced by the first sample of the other one, except
// in DC prediction.
struct Sides {
    uint above, left;
    bool corner, replaced;
};

Sides read_sides(IntraBlock block) {
    uint width = uint(width_of(block)) / 4, height = uint(height_of(block)) / 4, shorter = min(width, height);
    int angle = angle_of(block);
    if (block.mode >= MODE_PALETTE) return Sides(0, 0, false, false);
    if (block.mode == MODE_DC || block.mode == MODE_CFL) return Sides(width, height, false, false);
    if (!is_directional(block)) return Sides(width, height, block.mode >= MODE_PAETH, true);
    uint above = width + (angle < 90 && has(block, HAVE_ABOVE_RIGHT) ? shorter : 0);
    uint left = height + (angle > 180 && has(block, HAVE_BELOW_LEFT) ? shorter : 0);
    return Sides(angle < 180 ? above : 0, angle > 90 ? left : 0, angle != 90 && angle != 180, true);
}

Units inside_plane(Units units) {
    units.end = min(units.end, plane_units(units.chroma));
    return units;
}

Units read_above(IntraBlock block) {
    Sides sides = read_sides(block);
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT);
    uint x = uint(block.x) / 4, y = uint(block.y) / 4;
    uint count = !has_left && sides.replaced && (sides.left != 0 || sides.corner) ? max(sides.above, 1) : sides.above;
    if (!has_above || count == 0 && !(sides.corner && has_left)) return no_units();
    return inside_plane(Units(uvec2(x - (sides.corner && has_left ? 1 : 0), y - 1), uvec2(x + count, y), block.chroma));
}

Units read_left(IntraBlock block) {
    Sides sides = read_sides(block);
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT);
    uint x = uint(block.x) / 4, y = uint(block.y) / 4;
    uint count = !has_above && sides.replaced && (sides.above != 0 || sides.corner) ? max(sides.left, 1) : sides.left;
    if (!has_left || count == 0) return no_units();
    return inside_plane(Units(uvec2(x - 1, y), uvec2(x, y + count), block.chroma));
}

// The luma that chroma is predicted from, or the source of intra block copy.
Units read_source(IntraBlock block) {
    uvec2 first = uvec2(block.x, block.y) / 2;
    if (block.mode == MODE_CFL)
        return inside_plane(Units(first, first + uvec2(bitfieldExtract(block.detail, 16, 8), bitfieldExtract(block.detail, 24, 8)), 0));
    if (block.mode != MODE_COPY) return no_units();
    ivec2 vector = ivec2(bitfieldExtract(int(block.detail), 0, 16), int(block.detail) >> 16);
    ivec2 from = ivec2(block.x, block.y) + (vector >> 3 + int(block.chroma));
    ivec2 last = from + ivec2(width_of(block), height_of(block)) - 1 + (vector >> 3 & int(block.chroma));
    ivec2 end = ivec2(plane_units(block.chroma));
    return Units(uvec2(clamp(from >> 2, ivec2(0), end - 1)), uvec2(clamp(last >> 2, ivec2(0), end - 1)) + 1, block.chroma);
}
