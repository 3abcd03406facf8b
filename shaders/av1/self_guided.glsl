// SPDX-License-Identifier: MIT
// The self-guided filter (7.17.2, 7.17.3), by the whole workgroup for 32 rows: first A and B around each sample, then the
// filtered samples. A and B of 25 samples are needed only in odd rows.

const int CHUNK_ROWS = 32, BOX_COLUMNS = 72;
// A << 18 | B. Rows from one before the chunk to one after it; columns start a word before the group's first one.
shared uint boxes_9[(CHUNK_ROWS + 2) * BOX_COLUMNS];
shared uint boxes_25[(CHUNK_ROWS / 2 + 1) * BOX_COLUMNS];

// Sgr_Params: eps of both passes; 0 if the pass does not exist.
uint eps_of(uint set, const int pass) {
    if (pass == 0) {
        uint word = set < 8 ? (set < 4 ? 0x15120f0c : 0x2d241d18) : (set < 12 ? 0x00004438 : 0x4b1e0000);
        return word >> (set & 3) * 8 & 0xff;
    }
    return (set < 8 ? 0xdcba9864 : 0x00eb85fe) >> (set & 7) * 4 & 15;
}

// The factor "s" of 7.17.3.
uint box_scale(uint set, const int pass) {
    const uint n = pass == 0 ? 25 : 9;
    uint n2e = n * n * max(eps_of(set, pass), 1);
    return ((1 << 20) + n2e / 2) / n2e;
}

const int DEPTH_SHIFT = BIT_DEPTH - 8;
uint rounded(uint value, const int bits) { return bits == 0 ? value : value + (1 << bits >> 1) >> bits; }

// A << 18 | B, computed from a sum of squares and a sum.
uint make_box(uint squares, uint sum, const uint n, uint scale) {
    uint a = rounded(squares, 2 * DEPTH_SHIFT) * n, d = rounded(sum, DEPTH_SHIFT);
    uint p = a > d * d ? a - d * d : 0, z = min(p * scale + (1 << 19) >> 20, 255);
    // ((z << 8) + z / 2) / (z + 1): adding a half keeps the quotient further from whole numbers than its error.
    uint a2 = z >= 255 ? 256 : z == 0 ? 1 : uint((float((z << 8) + z / 2) + 0.5) / float(z + 1));
    const uint one_over_n = (4096 + n / 2) / n;
    return a2 << 18 | (256 - a2) * sum * one_over_n + 2048 >> 12;
}

// Sums around two consecutive samples, over 2 * reach + 1 samples of a component in a row.
struct BoxSums {
    uint sum[2], squares[2];
};

// Adds each sample to all sums that it belongs to, so that it needs no register afterwards.
void add_row(inout BoxSums sums, uint words[2 * SIDE + 1], const int reach, const int step) {
    [[unroll]] for (int at = -reach * step; at < 2 + reach * step; ++at) {
        uint value = source_sample(words, at), square = value * value;
        [[unroll]] for (int i = 0; i < 2; ++i) {
            const int distance = abs(at - i);
            if (distance <= reach * step && (distance & step - 1) == 0) {
                sums.sum[i] += value;
                sums.squares[i] += square;
            }
        }
    }
}

// Shifts the words such that the second half of the middle word comes first.
void skip_half(inout uint words[2 * SIDE + 1], bool skips) {
    uint bits = skips ? 16 : 0;
    [[unroll]] for (int i = 0; i < 2 * SIDE; ++i) words[i] = window(words[i], words[i + 1], bits);
    words[2 * SIDE] >>= bits;
}

// Sums around pair number `pair` of a row of pairs that begins a word before the group's first one.
void sum_boxes(out BoxSums sums, Stripe stripe, int first_word, uint pair, int y, const int reach) {
    [[unroll]] for (int i = 0; i < 2; ++i) sums.sum[i] = sums.squares[i] = 0;
    int word = first_word - 1 + int(pair) / (WORD_SAMPLES / 2);
    bool border = subgroupAny(is_at_border(stripe, word));
    [[dont_unroll]] for (int row = -reach; row <= reach; ++row) {
        uint words[2 * SIDE + 1];
        load_words(words, stripe, y + row, word, border);
        if (WORD_SAMPLES == 4) skip_half(words, (pair & 1) != 0);
        if (subgroupAny(stripe.plane == 0)) add_row(sums, words, reach, 1);
        else add_row(sums, words, reach, 2);
    }
}

// Pairs in a row of boxes: the group's, and one word of pairs on each side.
const uint BOX_PAIRS = 32 + WORD_SAMPLES;

// All boxes of 9 (reach 1), or of 25 (reach 2) in every second row. `scales` contains both components', 16 bits each.
void make_boxes(Stripe stripe, int first_word, int first, uint lane, uint scales, const int reach) {
    const uint rows = reach == 1 ? CHUNK_ROWS + 2 : CHUNK_ROWS / 2 + 1, n = reach == 1 ? 9 : 25;
    [[dont_unroll]] for (uint i = lane; subgroupAny(i < BOX_PAIRS * rows); i += 64) {
        uint box = min(i, BOX_PAIRS * rows - 1), row = box / BOX_PAIRS, pair = box - row * BOX_PAIRS;
        BoxSums sums;
        sum_boxes(sums, stripe, first_word, pair, first - 1 + int(row) * reach, reach);
        uint at = row * BOX_COLUMNS + pair * 2;
        [[unroll]] for (int k = 0; k < 2; ++k) {
            uint made = make_box(sums.squares[k], sums.sum[k], n, k == 0 ? scales & 0xffff : scales >> 16);
            if (reach == 1) boxes_9[at + k] = made;
            else boxes_25[at + k] = made;
        }
    }
}

uvec2 box_parts(uint box) { return uvec2(box >> 18, box & 0x3ffff); }

// Weighted sums of A and B in three columns.
uvec2 row_sum(uint left, uint middle, uint right, uint side, uint center) {
    return side * (box_parts(left) + box_parts(right)) + center * box_parts(middle);
}
uvec2 row_sum_9(uint at, uint step, uint side, uint center) {
    return row_sum(boxes_9[at - step], boxes_9[at], boxes_9[at + step], side, center);
}
uvec2 row_sum_25(uint at, uint step) { return row_sum(boxes_25[at - step], boxes_25[at], boxes_25[at + step], 5, 6); }

// flt0 and flt1 of 7.17.3.
int box_filtered_9(uint at, uint step, uint value) {
    uvec2 sums = row_sum_9(at - BOX_COLUMNS, step, 3, 4) + row_sum_9(at, step, 4, 4) + row_sum_9(at + BOX_COLUMNS, step, 3, 4);
    return int(sums.x * value + sums.y + 256 >> 9);
}
// `at`: the odd row above, or the row itself if it is odd.
int box_filtered_25(uint at, uint step, bool odd, uint value) {
    uvec2 sums = row_sum_25(at, step);
    uvec2 below = row_sum_25(odd ? at : at + BOX_COLUMNS, step);
    sums += odd ? uvec2(0) : below;
    return int(sums.x * value + sums.y + (odd ? 128 : 256) >> (odd ? 8 : 9));
}

// Filters sample `i` of the word in a column of words, in a row of the chunk.
int self_guided_sample(Unit unit, uint column, uint row, int i, uint step, int value) {
    uint at = (column + 1) * WORD_SAMPLES + i, set = unit.vertical & 15;
    int w0 = bitfieldExtract(int(unit.horizontal), 0, 16), w1 = int(unit.horizontal) >> 16, u = value << 4;
    int flt0 = box_filtered_25((row + 1 >> 1) * BOX_COLUMNS + at, step, (row & 1) != 0, value);
    int flt1 = box_filtered_9((row + 1) * BOX_COLUMNS + at, step, value);
    flt0 = eps_of(set, 0) != 0 ? flt0 : u;
    flt1 = eps_of(set, 1) != 0 ? flt1 : u;
    int v = w1 * u + w0 * flt0 + (128 - w0 - w1) * flt1;
    return clip_sample(v + 1024 >> 11);
}

// Filters the samples of a word in a row.
uint self_guided_word(Unit units[2], uint column, uint row, uint step, uint word) {
    uint result = 0;
    [[dont_unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        Unit unit = (i & 1) == 0 ? units[0] : units[1];
        result |= place_sample(self_guided_sample(unit, column, row, i, step, sample_at(word, i)), i);
    }
    return result;
}

// For both components; 0 if neither has this pass.
uint make_scales(Unit units[2], const int pass) {
    uint first = units[0].vertical & 15, second = units[1].vertical & 15;
    return (eps_of(first, pass) | eps_of(second, pass)) != 0 ? box_scale(first, pass) | box_scale(second, pass) << 16 : 0;
}

// Restores 32 rows starting at `first`. `wanted` is a mask of the samples to filter; the others are already in the surface.
// Must be called by the whole workgroup.
void restore_self_guided(Stripe stripe, int first_word, int first, uint lane, Unit units[2], uint wanted) {
    uint scales_25 = make_scales(units, 0), scales_9 = make_scales(units, 1);
    barrier();
    if (subgroupAny(scales_25 != 0)) make_boxes(stripe, first_word, first, lane, scales_25, 2);
    if (subgroupAny(scales_9 != 0)) make_boxes(stripe, first_word, first, lane, scales_9, 1);
    barrier();
    const uint words = 64 / WORD_SAMPLES, lane_rows = CHUNK_ROWS / (64 / words);
    uint column = lane % words, first_row = lane / words * lane_rows, word = first_word + column;
    bool exists = int(word) <= last_word(stripe);
    word = exists ? word : 0;
    [[dont_unroll]] for (uint i = 0; i < lane_rows; ++i) {
        int y = first + int(first_row + i);
        bool inside = exists && y >= 0 && y <= min(stripe.last_y, stripe.end);
        if (subgroupAny(inside)) {
            uint source = frame_words[source_row(stripe, y) + word];
            uint result = self_guided_word(units, column, first_row + i, 1 + stripe.plane, source);
            uint at = plane_word(job.target, stripe.plane) + word + clamp(y, 0, stripe.last_y) * (job.target.pitch / 4);
            if (subgroupAny(wanted != ~0u)) result = result & wanted | target_words[at] & ~wanted;
            if (inside) target_words[at] = result;
        }
    }
}
