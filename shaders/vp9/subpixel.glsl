// SPDX-License-Identifier: MIT
// Subpixel filters of VP9 (8.5.2.4). A "row" is an invocation's part of one row. With 8 bits it is two pairs of samples, each
// in the halves of a word, so that one multiplication covers both; with 10 bits two samples as floats, which are exact up to
// 2^24. Luma's row is a word's samples (with 8 bits 0 and 2, 1 and 3), chroma's is a word's Cb and Cr.

#if BIT_DEPTH == 8
#define Row uvec2
const uint EVEN_BYTES = 0x00ff00ff;
// A tap as a factor for both halves.
uint kernel_tap(uvec2 kernel, const int i) {
    uint word = i < 4 ? kernel.x : kernel.y;
    return i == 3 || i == 4 ? bitfieldExtract(word, (i & 3) * 8, 8) : uint(bitfieldExtract(int(word), (i & 3) * 8, 8));
}

// Sums are -13,770 to 46,410; adding 128 * BIAS makes them positive. Includes 64 for rounding.
const uint BIAS = 128;
const uint SUM_START = (BIAS * 128 + 64) * 0x00010001;
uint round_pair(uint sum) {
    uint both = sum >> 7 & 0x01ff01ff;
    return clamp(both & 0xffff, BIAS, BIAS + 255) + (clamp(both >> 16, BIAS, BIAS + 255) << 16) - BIAS * 0x00010001;
}
Row round_row(Row sums) { return Row(round_pair(sums.x), round_pair(sums.y)); }

Row word_row(uint word) { return Row(word & EVEN_BYTES, word >> 8 & EVEN_BYTES); }
uint row_word(Row row) { return row.x + (row.y << 8); }
uint next_pair(uint pair, uint after) { return pair >> 16 | after << 16; }
#else
#define Row vec2
float kernel_tap(uvec2 kernel, const int i) {
    uint word = i < 4 ? kernel.x : kernel.y;
    return float(i == 3 || i == 4 ? int(bitfieldExtract(word, (i & 3) * 8, 8)) : bitfieldExtract(int(word), (i & 3) * 8, 8));
}
const float SUM_START = 0;
Row round_row(Row sums) { return clamp(floor(sums * (1.0 / 128) + 0.5), Row(0), Row(LARGEST)); }
Row word_row(uint word) { return Row(word >> 6 & 0x3ff, word >> 22); }
uint row_word(Row row) { return uint(row.x) << 6 | uint(row.y) << 22; }
#endif

uvec2 load_kernel(uint interp_filter, int fraction) {
    uint word = interp_filter * 32 + uint(fraction) * 2;
    return uvec2(job.kernels[word], job.kernels[word + 1]);
}

// The row of the word's columns, with the samples at `x`.
Row read_row(Reference r, int x, int y, bool border, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    int column = columns == 4 ? x >> 2 : columns == 2 ? x >> 1 : x;
    uint first = read_word(r, column, y, border, columns);
    if (columns == 1) return word_row(first);
    return word_row(window(first, read_word(r, column + 1, y, border, columns), uint(x & columns - 1) * (32 / columns)));
}

// The same filtered horizontally: from eight samples, starting three left of each.
Row filter_row(Reference r, int x, int y, uvec2 kernel, bool border, const bool chroma) {
    x -= 3;
    Row sums = Row(SUM_START);
#if BIT_DEPTH == 8
    if (!chroma) {
        uint words[4], pairs[10], bits = uint(x & 3) * 8;
        [[unroll]] for (int i = 0; i < 4; ++i) words[i] = read_word(r, (x >> 2) + i, y, border, LUMA_COLUMNS);
        [[unroll]] for (int i = 0; i < 3; ++i) {
            uint four = window(words[i], words[i + 1], bits);
            pairs[i * 4] = four & EVEN_BYTES;
            pairs[i * 4 + 1] = four >> 8 & EVEN_BYTES;
        }
        [[unroll]] for (int i = 2; i < 8; i += 4) {
            pairs[i] = next_pair(pairs[i - 2], pairs[i + 2]);
            pairs[i + 1] = next_pair(pairs[i - 1], pairs[i + 3]);
        }
        [[unroll]] for (int i = 0; i < 8; ++i) sums += Row(pairs[i], pairs[i + 1]) * kernel_tap(kernel, i);
    } else {
        uint words[6], bits = uint(x & 1) * 16;
        Row pairs[9];
        [[unroll]] for (int i = 0; i < 6; ++i) words[i] = read_word(r, (x >> 1) + i, y, border, CHROMA_COLUMNS);
        [[unroll]] for (int i = 0; i < 5; ++i) pairs[i * 2] = word_row(window(words[i], words[i + 1], bits));
        [[unroll]] for (int i = 1; i < 8; i += 2) {
            pairs[i] = Row(next_pair(pairs[i - 1].x, pairs[i + 1].x), next_pair(pairs[i - 1].y, pairs[i + 1].y));
        }
        [[unroll]] for (int i = 0; i < 8; ++i) sums += pairs[i] * kernel_tap(kernel, i);
    }
#else
    if (!chroma) {
        uint words[6], bits = uint(x & 1) * 16;
        Row pairs[5];
        [[unroll]] for (int i = 0; i < 5; ++i) words[i] = read_word(r, (x >> 1) + i, y, border, LUMA_COLUMNS);
        words[5] = 0;
        [[unroll]] for (int i = 0; i < 5; ++i) pairs[i] = word_row(window(words[i], words[i + 1], bits));
        [[unroll]] for (int i = 0; i < 8; ++i) {
            sums += ((i & 1) == 0 ? pairs[i / 2] : Row(pairs[i / 2].y, pairs[i / 2 + 1].x)) * kernel_tap(kernel, i);
        }
    } else {
        [[unroll]] for (int i = 0; i < 8; ++i) sums += word_row(read_word(r, x + i, y, border, CHROMA_COLUMNS)) * kernel_tap(kernel, i);
    }
#endif
    return round_row(sums);
}

// The row filtered vertically.
Row filter_column(Row rows[8], uvec2 kernel) {
    Row sums = Row(SUM_START);
    [[unroll]] for (int i = 0; i < 8; ++i) sums += rows[i] * kernel_tap(kernel, i);
    return round_row(sums);
}
