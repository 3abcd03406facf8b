// SPDX-License-Identifier: MIT
// Scaling and transformation of residual blocks (H.264 8.5). An invocation has a block or a part of one.
//
// Two numbers at a time, as a "sum": high * 65536 + low, both signed, in one word. Sums can be added and subtracted like the
// numbers in them. Conforming streams keep every number within 16 bits up to the last rounding (8.5.12.2, 8.5.13).

bool is_coded(uvec4 mb, uint block_bit) { return (mb.y >> block_bit & 1) != 0; }

// Where a block's levels are in job_words.
struct Levels {
    uint first, end;
};

Levels block_levels(uvec4 mb, uint block_bit) {
    Levels levels = Levels(0, 0);
    if (is_coded(mb, block_bit)) {
        uint block = mb.z + bitCount(mb.y & ((1u << block_bit) - 1));
        uint word = job_words[job.blocks_word + block];
        levels.first = job.coefficients_word + (word >> 6);
        levels.end = levels.first + (word & 63) + 1;
    }
    return levels;
}

uint qp_div_6(uint qp) { return qp * 43 >> 8; }  // exact to 77
uint qp_mod_6(uint qp) { return qp - qp_div_6(qp) * 6; }

// The lists of job.level_scale_4x4 are Intra Y, Cb, Cr, Inter Y, Cb, Cr (8.5.9).
uint level_scale_4x4_table(uint kind, uint component, uint qp) {
    return (component + (kind == KIND_INTER ? 3 : 0)) * 96 + qp_mod_6(qp) * 16;
}

// Multiplication by 2^(qp / 6 - exponent), rounded (8.5.10, 8.5.12.1, 8.5.13).
struct Scaling {
    int left, half_unit, right;
};

Scaling make_scaling(uint qp, int exponent) {
    int left = int(qp_div_6(qp)) - exponent, right = max(-left, 0);
    return Scaling(max(left, 0), 1 << right >> 1, right);
}

int scale(int value, Scaling s) { return (value << s.left) + s.half_unit >> s.right; }

int low_of(uint sum) { return low_number(sum); }
int high_of(uint sum) { return int(sum + 0x8000) >> 16; }

// Shifts both numbers right: the low one is made positive temporarily.
uint shift_right(uint sum, const int bits) {
    uint lost = (1u << bits) - 1 << 16 - bits;
    return (uint(int(sum + 0x8000) >> bits) & ~lost) - (0x8000 >> bits);
}

// Transposes two rows of two columns, with one column in each word, into two columns of two rows.
void transpose(inout uint a, inout uint b) {
    uint low = uint(low_of(a)) + (b << 16);
    b = uint(high_of(a)) + (b + 0x8000 & 0xffff0000);
    a = low;
}

// 8.5.12.2, one line
void transform_line(inout uint a, inout uint b, inout uint c, inout uint d) {
    uint e0 = a + c, e1 = a - c, e2 = shift_right(b, 1) - d, e3 = b + shift_right(d, 1);
    a = e0 + e3;
    b = e1 + e2;
    c = e1 - e2;
    d = e0 - e3;
}

// 8.5.13, one line
void transform_line(inout uint d[8]) {
    uint e0 = d[0] + d[4], e2 = d[0] - d[4];
    uint e4 = shift_right(d[2], 1) - d[6], e6 = d[2] + shift_right(d[6], 1);
    uint e1 = d[5] - d[3] - d[7] - shift_right(d[7], 1);
    uint e3 = d[1] + d[7] - d[3] - shift_right(d[3], 1);
    uint e5 = d[7] - d[1] + d[5] + shift_right(d[5], 1);
    uint e7 = d[3] + d[5] + d[1] + shift_right(d[1], 1);
    uint f0 = e0 + e6, f2 = e2 + e4, f4 = e2 - e4, f6 = e0 - e6;
    uint f1 = e1 + shift_right(e7, 2), f3 = e3 + shift_right(e5, 2);
    uint f5 = shift_right(e3, 2) - e5, f7 = e7 - shift_right(e1, 2);
    d[0] = f0 + f7;
    d[1] = f2 + f5;
    d[2] = f4 + f3;
    d[3] = f6 + f1;
    d[4] = f6 - f1;
    d[5] = f4 - f3;
    d[6] = f2 - f5;
    d[7] = f0 - f7;
}

const uint ROUNDING = 32 << 16 | 32;

// A 4x4 block with these levels and an already scaled DC, which is 0 for blocks that contain their DC. The left two columns of
// each row, then the right two.
void residual_4x4(Levels levels, uint scale_table, uint qp, int dc, out uint residual[8]) {
    // Rows 0 and 1 in the first four sums, 2 and 3 in the others, a column in each.
    [[unroll]] for (int i = 0; i < 8; ++i) residual[i] = 0;
    residual[0] = uint(dc);
    Scaling scaling = make_scaling(qp, 4);
    uint next = job_words[levels.first];
    [[dont_unroll]] for (uint i = levels.first; subgroupAny(i < levels.end); ++i) {
        uint word = next, position = word & 15;
        next = job_words[min(i + 1, levels.end - 1)];  // with the scale: one wait for both
        int d = scale((int(word) >> 8) * int(job.level_scale_4x4[scale_table + position]), scaling);
        uint sum = i < levels.end ? uint(d) << (position & 4) * 4 : 0;
        uint index = position >> 1 & 4 | position & 3;
        [[unroll]] for (int k = 0; k < 8; ++k) residual[k] += index == k ? sum : 0;
    }
    [[unroll]] for (int i = 0; i < 8; i += 4) {
        transform_line(residual[i], residual[i + 1], residual[i + 2], residual[i + 3]);
        transpose(residual[i], residual[i + 1]);
        transpose(residual[i + 2], residual[i + 3]);
    }
    // Rows 0 and 1 left, 0 and 1 right, 2 and 3 left, 2 and 3 right.
    uint d[8] = uint[](residual[0], residual[1], residual[4], residual[5], residual[2], residual[3], residual[6],
                       residual[7]);
    [[unroll]] for (int i = 0; i < 8; i += 4) transform_line(d[i], d[i + 1], d[i + 2], d[i + 3]);
    [[unroll]] for (int i = 0; i < 8; ++i) residual[i] = shift_right(d[i] + ROUNDING, 6);
}

// Rows 2 * `rows` and the next one of an 8x8 block after the horizontal transform: the two of them in columns 0 and 1, then in
// 2 and 3, and so on.
void rows_of_8x8(Levels levels, uint kind, uint qp, uint rows, out uint d[8]) {
    uint scale_table = (kind == KIND_INTER ? 384 : 0) + qp_mod_6(qp) * 64;
    // A column in each, the first row in the low half.
    [[unroll]] for (int i = 0; i < 8; ++i) d[i] = 0;
    Scaling scaling = make_scaling(qp, 6);
    uint next = job_words[levels.first];
    [[dont_unroll]] for (uint i = levels.first; subgroupAny(i < levels.end); ++i) {
        uint word = next, position = word & 63;
        next = job_words[min(i + 1, levels.end - 1)];
        int value = scale((int(word) >> 8) * int(job.level_scale_8x8[scale_table + position]), scaling);
        uint sum = uint(value) << (position & 8) * 2;
        uint column = i < levels.end && position >> 4 == rows ? position & 7 : 8;
        [[unroll]] for (int k = 0; k < 8; ++k) d[k] += column == k ? sum : 0;
    }
    transform_line(d);
    [[unroll]] for (int i = 0; i < 8; i += 2) transpose(d[i], d[i + 1]);
}

// Two columns of an 8x8 block, from its rows to the residual.
void columns_of_8x8(inout uint d[8]) {
    transform_line(d);
    [[unroll]] for (int row = 0; row < 8; ++row) d[row] = shift_right(d[row] + ROUNDING, 6);
}

// 8.5.10: the scaled DC of the block in column x, row y of an Intra_16x16 macroblock. The rows of the Hadamard matrix
// are kept as the signs of their elements.
int luma_16x16_dc(uvec4 mb, uint qp, uint x, uint y) {
    uint column_signs = 0xa6c0 >> x * 4, row_signs = 0xa6c0 >> y * 4;
    Levels levels = block_levels(mb, BLOCK_LUMA_DC);
    int f = 0;
    [[dont_unroll]] for (uint i = levels.first; i < levels.end; ++i) {
        uint word = job_words[i];
        int level = int(word) >> 8;
        f += ((column_signs >> (word & 3) ^ row_signs >> (word >> 2 & 3)) & 1) != 0 ? -level : level;
    }
    return scale(f * int(job.level_scale_4x4[level_scale_4x4_table(mb_kind(mb.x), 0, qp)]), make_scaling(qp, 6));
}

// 8.5.11, 4:2:0: the scaled DC of a chroma block.
int chroma_dc(uvec4 mb, uint component, uint block, uint qp, uint scale_table) {
    Levels levels = block_levels(mb, component == 1 ? BLOCK_CB_DC : BLOCK_CR_DC);
    int f = 0;
    [[dont_unroll]] for (uint i = levels.first; i < levels.end; ++i) {
        uint word = job_words[i];
        int level = int(word) >> 8;
        uint signs = word & block;  // one sign where both columns are odd, another where both rows are
        f += ((signs ^ signs >> 1) & 1) != 0 ? -level : level;
    }
    return f * int(job.level_scale_4x4[scale_table]) << qp_div_6(qp) >> 5;
}

// A 4x4 block of Cb (component 1) or Cr (2).
void chroma_residual(uvec4 mb, uint component, uint block, out uint residual[8]) {
    uint both_qps = job.chroma_qp[mb_qp(mb.x)];
    uint qp = bitfieldExtract(both_qps, int(component) * 8 - 8, 8);
    uint scale_table = level_scale_4x4_table(mb_kind(mb.x), component, qp);
    int dc = chroma_dc(mb, component, block, qp, scale_table);
    uint bit = (component == 1 ? BLOCK_CB : BLOCK_CR) + block;
    residual_4x4(block_levels(mb, bit), scale_table, qp, dc, residual);
}

// Adds a row of a residual to four samples.
uint add_residual(uint samples, uint left, uint right) {
    return make_word(clip1(sample_at(samples, 0) + low_of(left)), clip1(sample_at(samples, 1) + high_of(left)),
                     clip1(sample_at(samples, 2) + low_of(right)), clip1(sample_at(samples, 3) + high_of(right)));
}

// Adds two numbers to the samples of one component in two Cb, Cr pairs.
uint add_chroma_residual(uint samples, uint component, uint sum) {
    uint bits = component * 8 - 8;
    uint own = samples >> bits & EVEN_BYTES;
    uint result = clip1(int(own & 0xffff) + low_of(sum)) | clip1(int(own >> 16) + high_of(sum)) << 16;
    return samples & ~(EVEN_BYTES << bits) | result << bits;
}
