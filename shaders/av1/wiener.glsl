// SPDX-License-Identifier: MIT
// The Wiener filter (7.17.4). An invocation takes a word's columns in several rows, and keeps seven horizontally filtered rows,
// with 16 bits for each sample and an offset that makes them positive: the coefficients' sum is 128.

const int WIENER_OFFSET = 1 << BIT_DEPTH + 7 - 3 - 1, WIENER_MOST = (1 << BIT_DEPTH + 1 + 7 - 3) - 1;
const int ROW_PAIRS = WORD_SAMPLES / 2;

int coefficient(uint packed, const int i) { return bitfieldExtract(int(packed), i * 8, 8); }

ivec4 make_taps(uint packed) {
    int a = coefficient(packed, 0), b = coefficient(packed, 1), c = coefficient(packed, 2);
    return ivec4(a, b, c, 128 - 2 * (a + b + c));
}

int clipped_row_sample(int sum) { return clamp((sum + 4 >> 3) + WIENER_OFFSET, 0, WIENER_MOST); }

// Luma uses floats, which are exact: V3D multiplies them in half the time of integers.
#if BIT_DEPTH == 8
// 1 on V3D, whose arithmetic unpacks 16-bit floats at no cost. On aarch64, LLVM 15 cannot compile llvmpipe's code for it.
layout(constant_id = 0) const uint UNPACKS_HALVES = 0;

// Bytes 0 and 2, or 1 and 3, of a word plus SAMPLE_BIAS.
const float SAMPLE_BIAS = 1024;
vec2 biased_floats(uint word) {
    return UNPACKS_HALVES != 0 ? unpackHalf2x16(word & 0x00ff00ff | 0x64006400) : vec2(word & 255, word >> 16 & 255) + SAMPLE_BIAS;
}
#else
const float SAMPLE_BIAS = 0;
#endif

void filter_luma_row(out uint row[ROW_PAIRS], uint words[2 * SIDE + 1], vec4 taps) {
    float samples[(2 * SIDE + 1) * WORD_SAMPLES], sums[WORD_SAMPLES];
    [[unroll]] for (int i = 0; i < 2 * SIDE + 1; ++i) {
#if BIT_DEPTH == 8
        vec2 even = biased_floats(words[i]), odd = biased_floats(words[i] >> 8);
        samples[i * 4] = even.x;
        samples[i * 4 + 1] = odd.x;
        samples[i * 4 + 2] = even.y;
        samples[i * 4 + 3] = odd.y;
#else
        samples[i * 2] = float(sample_at(words[i], 0));
        samples[i * 2 + 1] = float(sample_at(words[i], 1));
#endif
    }
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        const int at = SIDE * WORD_SAMPLES + i;
        float sum = samples[at] * taps.w + (samples[at - 1] + samples[at + 1]) * taps.z;
        sum += (samples[at - 2] + samples[at + 2]) * taps.y + (samples[at - 3] + samples[at + 3]) * taps.x;
        sums[i] = clamp(sum * 0.125 + (WIENER_OFFSET + 0.5 - SAMPLE_BIAS * 16), 0, WIENER_MOST);
    }
    [[unroll]] for (int i = 0; i < ROW_PAIRS; ++i) row[i] = uint(sums[2 * i]) | uint(sums[2 * i + 1]) << 16;
}

// A component's sample, `i` pairs after the first one of the middle word.
int component_sample(uint words[2 * SIDE + 1], const int i, int component) {
    return sample_at(words[(2 * i + SIDE * WORD_SAMPLES) / WORD_SAMPLES], (2 * i + SIDE * WORD_SAMPLES & WORD_SAMPLES - 1) + component);
}

// One component after another, because both at once take too many registers.
void filter_chroma_row(out uint row[ROW_PAIRS], uint words[2 * SIDE + 1], uint packed[2]) {
    [[unroll]] for (int i = 0; i < ROW_PAIRS; ++i) row[i] = 0;
    [[dont_unroll]] for (int c = 0; c < 2; ++c) {
        ivec4 taps = make_taps(c == 0 ? packed[0] : packed[1]);
        [[unroll]] for (int i = 0; i < ROW_PAIRS; ++i) {
            int sum = taps.w * component_sample(words, i, c);
            sum += taps.z * (component_sample(words, i - 1, c) + component_sample(words, i + 1, c));
            sum += taps.y * (component_sample(words, i - 2, c) + component_sample(words, i + 2, c));
            row[i] |= uint(clipped_row_sample(sum)) << c * 16;
        }
    }
}

int finished(int sum) {
    return clip_sample(sum - 128 * WIENER_OFFSET + 1024 >> 11);
}

// Rows at equal distances from the middle one share coefficients; their sums fit in 16 bits.
uint filtered_vertically(uint rows[7 * ROW_PAIRS], uint packed[2]) {
    uint result = 0;
    [[unroll]] for (int c = 0; c < 2; ++c) {
        ivec4 taps = make_taps(c == 0 ? packed[0] : packed[1]);
        int shift = c * 16;
        [[unroll]] for (int i = 0; i < ROW_PAIRS; ++i) {
            uint outer = rows[i] + rows[6 * ROW_PAIRS + i] >> shift, next = rows[ROW_PAIRS + i] + rows[5 * ROW_PAIRS + i] >> shift;
            uint inner = rows[2 * ROW_PAIRS + i] + rows[4 * ROW_PAIRS + i] >> shift, middle = rows[3 * ROW_PAIRS + i] >> shift;
            int sum = taps.x * int(outer & 0xffff) + taps.y * int(next & 0xffff);
            sum += taps.z * int(inner & 0xffff) + taps.w * int(middle & 0xffff);
            result |= place_sample(finished(sum), 2 * i + c);
        }
    }
    return result;
}

// Copies rows to the surface.
void copy_rows(Stripe stripe, int word, bool exists, int first, int count) {
    [[dont_unroll]] for (int y = 0; subgroupAny(y < count); ++y) {
        int row = first + y;
        if (exists && row >= 0 && row <= stripe.last_y)
            target_words[plane_word(job.target, stripe.plane) + row * (job.target.pitch / 4) + word] =
                frame_words[source_row(stripe, row) + word];
    }
}

void filter_rows(Stripe stripe, int word, bool exists, int first, int count, Unit units[2], uint wanted) {
    uint rows[7 * ROW_PAIRS];
    [[unroll]] for (int i = 0; i < 7 * ROW_PAIRS; ++i) rows[i] = 0;
    bool border = subgroupAny(is_at_border(stripe, word));
    uint target = plane_word(job.target, stripe.plane) + word;
    [[dont_unroll]] for (int y = -3; subgroupAny(y < count + 3); ++y) {
        uint words[2 * SIDE + 1], row[ROW_PAIRS];
        load_words(words, stripe, first + y, word, border);
        // Depends on the iteration, so that the compiler does not unpack coefficients before the loop, where they would take
        // registers.
        uint nothing = uint(y) & job.zero;
        if (subgroupAny(stripe.plane == 0)) filter_luma_row(row, words, vec4(make_taps(units[0].horizontal + nothing)));
        else filter_chroma_row(row, words, uint[](units[0].horizontal, units[1].horizontal));
        [[unroll]] for (int i = 0; i < 6 * ROW_PAIRS; ++i) rows[i] = rows[i + ROW_PAIRS];
        [[unroll]] for (int i = 0; i < ROW_PAIRS; ++i) rows[6 * ROW_PAIRS + i] = row[i];
        int written = first + y - 3;
        bool inside = exists && y >= 3 && written >= 0 && written <= stripe.last_y;
        if (subgroupAny(inside)) {
            uint result = filtered_vertically(rows, uint[](units[0].vertical, units[1].vertical));
            if (subgroupAny(wanted != ~0u)) result = result & wanted | frame_words[source_row(stripe, written) + word] & ~wanted;
            if (inside) target_words[target + written * (job.target.pitch / 4)] = result;
        }
    }
}

// Processes `count` rows starting at `first`; rows outside the picture are not written. `wanted` is a mask of the samples to
// filter; the others are copied.
void restore_wiener(Stripe stripe, int word, bool exists, int first, int count, Unit units[2], uint wanted) {
    if (subgroupAny(wanted != 0)) filter_rows(stripe, word, exists, first, count, units, wanted);
    else copy_rows(stripe, word, exists, first, count);
}
