// SPDX-License-Identifier: MIT
// Subpixel filters of AV1 (7.11.3.4). A "row" is what an invocation has of one row: as many samples as a word has.
//   8 bits   two pairs of numbers in the halves of a word, so that one multiplication is for both: samples 0 and 2 of the word,
//            and 1 and 3; of chroma those are the Cb and the Cr of two columns,
//   10 bits  two numbers as floats, which are exact to 2^24.
// Taps are half of the specification's. A reference's prediction for a compound ("fine") has four bits more than samples have, and
// may be outside of their range. Pairs are biased so that they are not negative: fine ones, which are -5,132 to 9,212, by 5,376, others by a 16th of it.
// Before that filtered rows are fine, and unfiltered ones plain samples.

#if BIT_DEPTH == 8
#define Row uvec2
const uint EVEN_BYTES = 0x00ff00ff, BOTH = 0x00010001;
const uint BIAS = 336, FINE_BIAS = BIAS << 4;
// Signed bytes, as factors of both halves of a word.
uint kernel_tap(uvec2 kernel, const int i) { return uint(bitfieldExtract(int(i < 4 ? kernel.x : kernel.y), (i & 3) * 8, 8)); }

Row word_row(uint word) { return Row(word & EVEN_BYTES, word >> 8 & EVEN_BYTES); }
uint next_pair(uint pair, uint after) { return pair >> 16 | after << 16; }
// Sums of halved taps are -7,140 to 23,460.
const Row FIRST_SUM = Row((FINE_BIAS * 4 + 2) * BOTH);
Row first_round(Row sums) { return sums >> 2 & 0x3fff3fff; }
// Samples as fine ones.
Row refine(Row row) { return row * 16 + FINE_BIAS * BOTH; }

// How a prediction's last step rounds: by four bits more where it is one reference's.
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

// Filters samples vertically.
Row filter_samples(Row rows[8], uvec2 kernel, Rounding r) {
    Row sums = Row(FINE_BIAS * 4 * BOTH);
    [[unroll]] for (int i = 0; i < 8; ++i) sums += rows[i] * kernel_tap(kernel, i);
    return round_row(sums, r);
}
// Filters fine rows vertically.
Row filter_fine(Row rows[8], uvec2 kernel, Rounding r) {
    uvec4 sums = uvec4(1u << r.bits >> 1);
    [[unroll]] for (int i = 0; i < 8; ++i) {
        sums += uvec4(rows[i].x & 0xffff, rows[i].y & 0xffff, rows[i].x >> 16, rows[i].y >> 16) * kernel_tap(kernel, i);
    }
    sums = sums >> r.bits;
    return Row(sums.x | sums.z << 16, sums.y | sums.w << 16);
}

// The samples of a row that is not fine.
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

// Number `i` of a fine row, without its bias, and a fine row of such numbers.
int fine_number(Row row, int i) {
    uint pair = (i & 1) == 0 ? row.x : row.y;
    return int(pair >> (i & 2) * 8 & 0xffff) - int(FINE_BIAS);
}
Row fine_row(ivec4 numbers) {
    uvec4 n = uvec4(numbers) + FINE_BIAS;
    return Row(n.x | n.z << 16, n.y | n.w << 16);
}

// What is added to numbers of stored rows.
int stored_bias(bool single) { return int(single ? BIAS : FINE_BIAS); }

// A row as put_row takes it.
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

Row filter_samples(Row rows[8], uvec2 kernel, Rounding r) {
    Row sums = Row(0);
    [[unroll]] for (int i = 0; i < 8; ++i) sums += rows[i] * kernel_tap(kernel, i);
    return round_row(sums, r);
}
Row filter_fine(Row rows[8], uvec2 kernel, Rounding r) { return filter_samples(rows, kernel, r); }

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

// The samples of the word's columns, from `x` on.
Row read_row(Reference r, int x, int y, bool border, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    int column = columns == 4 ? x >> 2 : columns == 2 ? x >> 1 : x;
    const int count = columns == 1 ? 1 : 2;
    Words words = read_words(r, column, y, border, columns, count);
    if (columns == 1) return word_row(word_of(words, count, 0));
    return word_row(window(word_of(words, count, 0), word_of(words, count, 1), uint(x & columns - 1) * (32 / columns)));
}

// The same filtered horizontally, as a fine row: eight samples from three left of each.
Row filter_row(Reference r, int x, int y, uvec2 kernel, bool border, const bool chroma) {
    x -= 3;
    Row sums = FIRST_SUM;
#if BIT_DEPTH == 8
    if (!chroma) {
        uint pairs[10], bits = uint(x & 3) * 8;
        Words words = read_words(r, x >> 2, y, border, LUMA_COLUMNS, 4);
        [[unroll]] for (int i = 0; i < 3; ++i) {
            uint four = window(word_of(words, 4, i), word_of(words, 4, i + 1), bits);
            pairs[i * 4] = four & EVEN_BYTES;
            pairs[i * 4 + 1] = four >> 8 & EVEN_BYTES;
        }
        [[unroll]] for (int i = 2; i < 8; i += 4) {
            pairs[i] = next_pair(pairs[i - 2], pairs[i + 2]);
            pairs[i + 1] = next_pair(pairs[i - 1], pairs[i + 3]);
        }
        [[unroll]] for (int i = 0; i < 8; ++i) sums += Row(pairs[i], pairs[i + 1]) * kernel_tap(kernel, i);
    } else {
        uint bits = uint(x & 1) * 16;
        Row pairs[9];
        Words words = read_words(r, x >> 1, y, border, CHROMA_COLUMNS, 6);
        [[unroll]] for (int i = 0; i < 5; ++i) pairs[i * 2] = word_row(window(word_of(words, 6, i), word_of(words, 6, i + 1), bits));
        [[unroll]] for (int i = 1; i < 8; i += 2) {
            pairs[i] = Row(next_pair(pairs[i - 1].x, pairs[i + 1].x), next_pair(pairs[i - 1].y, pairs[i + 1].y));
        }
        [[unroll]] for (int i = 0; i < 8; ++i) sums += pairs[i] * kernel_tap(kernel, i);
    }
#else
    if (!chroma) {
        uint bits = uint(x & 1) * 16;
        Row pairs[5];
        Words words = add_word(read_words(r, x >> 1, y, border, LUMA_COLUMNS, 5), 0);
        [[unroll]] for (int i = 0; i < 5; ++i) pairs[i] = word_row(window(word_of(words, 6, i), word_of(words, 6, i + 1), bits));
        [[unroll]] for (int i = 0; i < 8; ++i) {
            sums += ((i & 1) == 0 ? pairs[i / 2] : Row(pairs[i / 2].y, pairs[i / 2 + 1].x)) * kernel_tap(kernel, i);
        }
    } else {
        Words words = read_words(r, x, y, border, CHROMA_COLUMNS, 8);
        [[unroll]] for (int i = 0; i < 8; ++i) sums += word_row(word_of(words, 8, i)) * kernel_tap(kernel, i);
    }
#endif
    return first_round(sums);
}
