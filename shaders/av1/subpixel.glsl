// SPDX-License-Identifier: MIT
// Subpixel filters of AV1 (7.11.3.4). A "row" is an invocation's part of one row: as many samples as fit in a word.
//   8 bits   two pairs of numbers in the halves of a word, so that one multiplication covers both: samples 0 and 2 of the word,
//            and 1 and 3; for chroma these are the Cb and the Cr of two columns,
//   10 bits  two numbers as floats, which are exact up to 2^24.
// Taps are half of the specification's. A reference's prediction for a compound ("fine") has four bits more than samples, and
// may be outside their range. Pairs are biased to make them non-negative: fine ones, which are -5,132 to 9,212, by 5,376,
// others by a 16th of that. Before vertical filtering, horizontally filtered rows are fine, and unfiltered ones are plain
// samples.

#if BIT_DEPTH == 8
#define Row uvec2
const uint EVEN_BYTES = 0x00ff00ff, BOTH = 0x00010001;
const uint BIAS = 336, FINE_BIAS = BIAS << 4;
// Signed bytes as factors for both halves of a word.
uint kernel_tap(uvec2 kernel, const int i) { return uint(bitfieldExtract(int(i < 4 ? kernel.x : kernel.y), (i & 3) * 8, 8)); }

Row word_row(uint word) { return Row(word & EVEN_BYTES, word >> 8 & EVEN_BYTES); }
uint next_pair(uint pair, uint after) { return pair >> 16 | after << 16; }
// Sums of halved taps are -7,140 to 23,460.
const Row FIRST_SUM = Row((FINE_BIAS * 4 + 2) * BOTH);
Row first_round(Row sums) { return sums >> 2 & 0x3fff3fff; }
// Converts samples to fine ones.
Row refine(Row row) { return row * 16 + FINE_BIAS * BOTH; }

// A prediction's final rounding: four bits more if it is from a single reference.
struct Rounding {
    uint bits;
};
Rounding make_rounding(bool single, bool horizontal, bool vertical) {
    return Rounding((single ? 4 : 0) + (!vertical ? 0 : horizontal ? 6 : 2));
}
Row round_row(Row row, Rounding r) {
    uint half_unit = (1u << r.bits >> 1) * BOTH, mask = (0xffffu >> r.bits) * BOTH;
    return row + half_unit >> r.bits & mask;
}

// Filters samples vertically: the last six rows, or `all`.
Row filter_samples(Row rows[8], uvec2 kernel, Rounding r, bool all) {
    Row sums = Row(FINE_BIAS * 4 * BOTH);
    [[unroll]] for (int i = 2; i < 8; ++i) sums += rows[i] * kernel_tap(kernel, i);
    if (all) sums += rows[0] * kernel_tap(kernel, 0) + rows[1] * kernel_tap(kernel, 1);
    return round_row(sums, r);
}
// Filters fine rows vertically.
uvec4 weigh_fine(Row row, uint tap) { return uvec4(row.x & 0xffff, row.y & 0xffff, row.x >> 16, row.y >> 16) * tap; }
Row filter_fine(Row rows[8], uvec2 kernel, Rounding r, bool all) {
    uvec4 sums = uvec4(1u << r.bits >> 1);
    [[unroll]] for (int i = 2; i < 8; ++i) sums += weigh_fine(rows[i], kernel_tap(kernel, i));
    if (all) sums += weigh_fine(rows[0], kernel_tap(kernel, 0)) + weigh_fine(rows[1], kernel_tap(kernel, 1));
    sums = sums >> r.bits;
    return Row(sums.x | sums.z << 16, sums.y | sums.w << 16);
}

// The same for six taps, with rows and taps as floats, which are exact: V3D multiplies them in half the time.
#define Fine vec4
Fine fine_numbers(Row row) { return vec4(row.x & 0xffff, row.y & 0xffff, row.x >> 16, row.y >> 16); }
float fine_tap(uvec2 kernel, const int i) { return float(int(kernel_tap(kernel, i))); }
Row round_fine(Fine sums, Rounding r) {
    uvec4 rounded = uvec4(sums + float(1u << r.bits >> 1)) >> r.bits;
    return Row(rounded.x | rounded.z << 16, rounded.y | rounded.w << 16);
}

// The samples of a pair that is not fine.
uint clip_pair(uint pair) {
    return clamp(pair & 0xffff, BIAS, BIAS + 255) + (clamp(pair >> 16, BIAS, BIAS + 255) << 16) - BIAS * BOTH;
}
uint row_word(Row row) { return clip_pair(row.x) + (clip_pair(row.y) << 8); }
// Averages fine rows.
Row average_rows(Row a, Row b) { return a + b + 16 * BOTH >> 5 & 0x07ff07ff; }
uint weigh_pair(uint a, uint b, uint weight) {
    uint low = (a & 0xffff) * weight + (b & 0xffff) * (16 - weight) + 128 >> 8;
    return low | (a >> 16) * weight + (b >> 16) * (16 - weight) + 128 >> 8 << 16;
}
Row weigh_rows(Row a, Row b, uint weight) { return Row(weigh_pair(a.x, b.x, weight), weigh_pair(a.y, b.y, weight)); }

// Number `i` of a fine row without its bias, and a fine row from such numbers.
int fine_number(Row row, int i) {
    uint pair = (i & 1) == 0 ? row.x : row.y;
    return int(pair >> (i & 2) * 8 & 0xffff) - int(FINE_BIAS);
}
Row fine_row(ivec4 numbers) {
    uvec4 n = uvec4(numbers) + FINE_BIAS;
    return Row(n.x | n.z << 16, n.y | n.w << 16);
}

// The bias of numbers in stored rows.
int stored_bias(bool single) { return int(single ? BIAS : FINE_BIAS); }

// A row in the form that put_row expects.
Row predicted_row(ivec4 numbers, bool single) {
    uvec4 n = uvec4(numbers) + (single ? BIAS : FINE_BIAS);
    return Row(n.x | n.z << 16, n.y | n.w << 16);
}
#else
#define Row vec2
float kernel_tap(uvec2 kernel, const int i) { return float(bitfieldExtract(int(i < 4 ? kernel.x : kernel.y), (i & 3) * 8, 8)); }
Row word_row(uint word) { return Row(word >> 6 & 0x3ff, word >> 22); }
const Row FIRST_SUM = Row(0);
Row first_round(Row sums) { return floor(sums * 0.25 + 0.5); }
Row refine(Row row) { return row * 16; }

struct Rounding {
    float scale;
};
Rounding make_rounding(bool single, bool horizontal, bool vertical) {
    return Rounding((single ? 1.0 / 16 : 1.0) * (!vertical ? 1.0 : horizontal ? 1.0 / 64 : 1.0 / 4));
}
Row round_row(Row row, Rounding r) { return floor(row * r.scale + 0.5); }

Row filter_samples(Row rows[8], uvec2 kernel, Rounding r, bool all) {
    Row sums = Row(0);
    [[unroll]] for (int i = 2; i < 8; ++i) sums += rows[i] * kernel_tap(kernel, i);
    if (all) sums += rows[0] * kernel_tap(kernel, 0) + rows[1] * kernel_tap(kernel, 1);
    return round_row(sums, r);
}
Row filter_fine(Row rows[8], uvec2 kernel, Rounding r, bool all) { return filter_samples(rows, kernel, r, all); }
#define Fine vec2
Fine fine_numbers(Row row) { return row; }
float fine_tap(uvec2 kernel, const int i) { return kernel_tap(kernel, i); }
Row round_fine(Fine sums, Rounding r) { return round_row(sums, r); }

uint row_word(Row row) {
    uvec2 samples = uvec2(clamp(row, Row(0), Row(LARGEST)));
    return samples.x << 6 | samples.y << 22;
}
Row average_rows(Row a, Row b) { return floor((a + b) * (1.0 / 32) + 0.5); }
Row weigh_rows(Row a, Row b, uint weight) {
    return floor((a * float(weight) + b * float(16 - weight)) * (1.0 / 256) + 0.5);
}
int fine_number(Row row, int i) { return int(i == 0 ? row.x : row.y); }
Row fine_row(ivec4 numbers) { return Row(numbers.xy); }
Row predicted_row(ivec4 numbers, bool single) { return Row(numbers.xy); }

int stored_bias(bool single) { return 22000; }
const float STORED_BIAS = 22000;  // fine ones are -20,588 to 36,957
#endif

uvec2 load_kernel(uint kernel, int fraction) {
    uint word = kernel * 32 + uint(fraction) * 2;
    return uvec2(job.kernels[word], job.kernels[word + 1]);
}

// Kernels other than the sharp one have no first and last tap. These place their taps as the last (first) six of eight.
const uint SHARP = 2;
uvec2 last_six_taps(uvec2 kernel) { return uvec2(kernel.x << 8, kernel.y << 8 | kernel.x >> 24); }
uvec2 first_six_taps(uvec2 kernel) { return uvec2(kernel.x >> 8 | kernel.y << 24, kernel.y >> 8); }

// The samples of the word's columns, with the first one at `x`.
Row read_row(Reference r, int x, int y, bool border, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    int column = columns == 4 ? x >> 2 : columns == 2 ? x >> 1 : x;
    const int count = columns == 1 ? 1 : 2;
    Words words = read_words(r, column, y, border, columns, count);
    if (columns == 1) return word_row(word_of(words, count, 0));
    return word_row(window(word_of(words, count, 0), word_of(words, count, 1), uint(x & columns - 1) * (32 / columns)));
}

// The same filtered horizontally, as a fine row: from eight samples, starting three left of each, or with first_six_taps from
// six, starting two left of each.
Row filter_row(Reference r, int x, int y, uvec2 kernel, bool border, bool all, const bool chroma) {
    x -= all ? 3 : 2;
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    // The words that six taps read, and the additional ones of eight taps.
    const int count = columns == 4 ? 3 : columns == 2 ? 4 : 6, more = columns == 1 ? 2 : 1;
    int column = columns == 4 ? x >> 2 : columns == 2 ? x >> 1 : x;
    uint bits = uint(x & columns - 1) * (32 / columns);
    Words words = read_words(r, column, y, border, columns, count), rest = Words(uvec4(0), uvec4(0));
    if (all) rest = read_words(r, column + count, y, border, columns, more);
    Row sums = FIRST_SUM;
#if BIT_DEPTH == 8
    if (!chroma) {
        uint pairs[10];
        words = add_word(words, word_of(rest, 1, 0));
        [[unroll]] for (int i = 0; i < 3; ++i) {
            uint four = window(word_of(words, 4, i), word_of(words, 4, i + 1), bits);
            pairs[i * 4] = four & EVEN_BYTES;
            pairs[i * 4 + 1] = four >> 8 & EVEN_BYTES;
        }
        [[unroll]] for (int i = 2; i < 8; i += 4) {
            pairs[i] = next_pair(pairs[i - 2], pairs[i + 2]);
            pairs[i + 1] = next_pair(pairs[i - 1], pairs[i + 3]);
        }
        [[unroll]] for (int i = 0; i < 6; ++i) sums += Row(pairs[i], pairs[i + 1]) * kernel_tap(kernel, i);
        if (all) sums += Row(pairs[6], pairs[7]) * kernel_tap(kernel, 6) + Row(pairs[7], pairs[8]) * kernel_tap(kernel, 7);
    } else {
        Row pairs[9];
        // The place of the sixth word is not used.
        words = add_word(add_word(words, word_of(rest, 1, 0)), 0);
        [[unroll]] for (int i = 0; i < 5; ++i) pairs[i * 2] = word_row(window(word_of(words, 6, i), word_of(words, 6, i + 1), bits));
        [[unroll]] for (int i = 1; i < 8; i += 2) {
            pairs[i] = Row(next_pair(pairs[i - 1].x, pairs[i + 1].x), next_pair(pairs[i - 1].y, pairs[i + 1].y));
        }
        [[unroll]] for (int i = 0; i < 6; ++i) sums += pairs[i] * kernel_tap(kernel, i);
        if (all) sums += pairs[6] * kernel_tap(kernel, 6) + pairs[7] * kernel_tap(kernel, 7);
    }
#else
    if (!chroma) {
        Row pairs[5];
        words = add_word(add_word(words, word_of(rest, 1, 0)), 0);
        [[unroll]] for (int i = 0; i < 5; ++i) pairs[i] = word_row(window(word_of(words, 6, i), word_of(words, 6, i + 1), bits));
        [[unroll]] for (int i = 0; i < 6; ++i) {
            sums += ((i & 1) == 0 ? pairs[i / 2] : Row(pairs[i / 2].y, pairs[i / 2 + 1].x)) * kernel_tap(kernel, i);
        }
        if (all) sums += pairs[3] * kernel_tap(kernel, 6) + Row(pairs[3].y, pairs[4].x) * kernel_tap(kernel, 7);
    } else {
        [[unroll]] for (int i = 0; i < 6; ++i) sums += word_row(word_of(words, 6, i)) * kernel_tap(kernel, i);
        if (all) sums += word_row(word_of(rest, 2, 0)) * kernel_tap(kernel, 6) + word_row(word_of(rest, 2, 1)) * kernel_tap(kernel, 7);
    }
#endif
    return first_round(sums);
}
