// SPDX-License-Identifier: MIT
// Inverse transforms of VP9 (8.7), one line to an invocation. In conforming streams every number fits in 8 bits more than a
// sample plus a sign. With 8-bit video products fit in a word, and so do sums of four of them. With 10 bits the upper and lower
// bits of a factor, which are constants, are multiplied separately.

const int ROUNDING = 8192;

// (a * c + b * d) / 2^14, rounded.
int dot_round(int a, int c, int b, int d) {
#if BIT_DEPTH == 8
    return a * c + b * d + ROUNDING >> 14;
#else
    int high = a * (c >> 7) + b * (d >> 7), low = a * (c & 127) + b * (d & 127) + ROUNDING;
    return high + (low >> 7) >> 7;
#endif
}

// The same for four products.
int dot_round(ivec4 a, ivec4 c) {
#if BIT_DEPTH == 8
    ivec4 products = a * c;
    return products.x + products.y + products.z + products.w + ROUNDING >> 14;
#else
    ivec4 high = a * (c >> 7), low = a * (c & 127);
    return high.x + high.y + high.z + high.w + (low.x + low.y + low.z + low.w + ROUNDING >> 7) >> 7;
#endif
}

// round(16384 * cos(i * pi / 64))
const int COS[33] = int[](16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449, 14053, 13623, 13160, 12665,
                          12140, 11585, 11003, 10394, 9760, 9102, 8423, 7723, 7005, 6270, 5520, 4756, 3981, 3196, 2404, 1606,
                          804, 0);

// (a, b) -> (a * cos - b * sin, a * sin + b * cos)
void rotate(inout int a, inout int b, const int i) {
    int first = dot_round(a, COS[i], b, -COS[32 - i]);
    b = dot_round(a, COS[32 - i], b, COS[i]);
    a = first;
}
// (a, b) -> (b * cos - a * sin, a * cos + b * sin)
void rotate_mirrored(inout int a, inout int b, const int i) {
    int first = dot_round(b, COS[i], a, -COS[32 - i]);
    b = dot_round(a, COS[i], b, COS[32 - i]);
    a = first;
}
// (a, b) -> (-a * cos - b * sin, b * cos - a * sin)
void rotate_negated(inout int a, inout int b, const int i) {
    int first = dot_round(a, -COS[i], b, -COS[32 - i]);
    b = dot_round(b, COS[i], a, -COS[32 - i]);
    a = first;
}
void add_and_subtract(inout int a, inout int b) {
    int sum = a + b;
    b = a - b;
    a = sum;
}
void subtract_and_add(inout int a, inout int b) {
    int sum = a + b;
    a = b - a;
    b = sum;
}

// ---- DCT: the odd inputs of a line twice as long, in bit-reversed order ----

void odd_part(inout int o[2]) { rotate(o[0], o[1], 24); }

void odd_part(inout int o[4]) {
    rotate(o[0], o[3], 28);
    rotate(o[1], o[2], 12);
    add_and_subtract(o[0], o[1]);
    subtract_and_add(o[2], o[3]);
    rotate_mirrored(o[1], o[2], 16);
}

void odd_part(inout int o[8]) {
    rotate(o[0], o[7], 30);
    rotate(o[1], o[6], 14);
    rotate(o[2], o[5], 22);
    rotate(o[3], o[4], 6);
    add_and_subtract(o[0], o[1]);
    subtract_and_add(o[2], o[3]);
    add_and_subtract(o[4], o[5]);
    subtract_and_add(o[6], o[7]);
    rotate_mirrored(o[1], o[6], 24);
    rotate_negated(o[2], o[5], 24);
    add_and_subtract(o[0], o[3]);
    add_and_subtract(o[1], o[2]);
    subtract_and_add(o[4], o[7]);
    subtract_and_add(o[5], o[6]);
    rotate_mirrored(o[2], o[5], 16);
    rotate_mirrored(o[3], o[4], 16);
}

// The outer eight and the inner eight of sixteen, as far as they do not depend on each other.
void odd_16_outer(inout int o[8]) {
    rotate(o[0], o[7], 31);
    rotate(o[1], o[6], 15);
    rotate(o[2], o[5], 23);
    rotate(o[3], o[4], 7);
    add_and_subtract(o[0], o[1]);
    subtract_and_add(o[2], o[3]);
    add_and_subtract(o[4], o[5]);
    subtract_and_add(o[6], o[7]);
    rotate_mirrored(o[1], o[6], 28);
    rotate_negated(o[2], o[5], 28);
    add_and_subtract(o[0], o[3]);
    add_and_subtract(o[1], o[2]);
    subtract_and_add(o[4], o[7]);
    subtract_and_add(o[5], o[6]);
    rotate_mirrored(o[2], o[5], 24);
    rotate_mirrored(o[3], o[4], 24);
}
void odd_16_inner(inout int o[8]) {
    rotate(o[0], o[7], 27);
    rotate(o[1], o[6], 11);
    rotate(o[2], o[5], 19);
    rotate(o[3], o[4], 3);
    add_and_subtract(o[0], o[1]);
    subtract_and_add(o[2], o[3]);
    add_and_subtract(o[4], o[5]);
    subtract_and_add(o[6], o[7]);
    rotate_mirrored(o[1], o[6], 12);
    rotate_negated(o[2], o[5], 12);
    subtract_and_add(o[0], o[3]);
    subtract_and_add(o[1], o[2]);
    add_and_subtract(o[4], o[7]);
    add_and_subtract(o[5], o[6]);
    rotate_negated(o[0], o[7], 24);
    rotate_negated(o[1], o[6], 24);
}

// The indices of the odd part's inputs in the line.
const int ODD_4[2] = int[](1, 3);
const int ODD_8[4] = int[](1, 5, 3, 7);
const int ODD_16[8] = int[](1, 9, 5, 13, 3, 11, 7, 15);
const int ODD_32[16] = int[](1, 17, 9, 25, 5, 21, 13, 29, 3, 19, 11, 27, 7, 23, 15, 31);

// Combines the even half's line and the odd part into a line.
#define INVERSE_DCT(SIZE, HALF)                            \
    void inverse_dct(inout int v[SIZE]) {                  \
        int even[HALF], odd[HALF];                         \
        [[unroll]] for (int i = 0; i < HALF; ++i) {        \
            even[i] = v[2 * i];                            \
            odd[i] = v[ODD_##SIZE[i]];                     \
        }                                                  \
        inverse_dct(even);                                 \
        odd_part(odd);                                     \
        [[unroll]] for (int i = 0; i < HALF; ++i) {        \
            v[i] = even[i] + odd[HALF - 1 - i];            \
            v[SIZE - 1 - i] = even[i] - odd[HALF - 1 - i]; \
        }                                                  \
    }

void inverse_dct(inout int v[2]) {
    int sum = dot_round(v[0], COS[16], v[1], COS[16]);
    v[1] = dot_round(v[0], COS[16], v[1], -COS[16]);
    v[0] = sum;
}
INVERSE_DCT(4, 2)
INVERSE_DCT(8, 4)

// ---- ADST ----

void inverse_adst(inout int v[4]) {
    const int S1 = 5283, S2 = 9929, S3 = 13377, S4 = 15212;
    ivec4 x = ivec4(v[0], v[1], v[2], v[3]);
    v[0] = dot_round(x, ivec4(S1, S3, S4, S2));
    v[1] = dot_round(x, ivec4(S2, S3, -S1, -S4));
    v[2] = dot_round(x.x - x.z + x.w, S3, 0, 0);
    v[3] = dot_round(x, ivec4(S1 + S2, -S3, S4 - S1, S2 - S4));
}

// Sums and differences of two rotations, rounded together. `mirrored`: the second rotation has its sines first.
void rotate_together(inout int a, inout int b, inout int c, inout int d, const int i, const int j, const bool mirrored) {
    ivec4 x = ivec4(a, b, c, d);
    const int c1 = COS[i], s1 = COS[32 - i];
    const int c2 = mirrored ? -COS[32 - j] : COS[j], s2 = mirrored ? COS[j] : COS[32 - j];
    const int c3 = s2, s3 = mirrored ? COS[32 - j] : -COS[j];
    a = dot_round(x, ivec4(c1, s1, c2, s2));
    b = dot_round(x, ivec4(s1, -c1, c3, s3));
    c = dot_round(x, ivec4(c1, s1, -c2, -s2));
    d = dot_round(x, ivec4(s1, -c1, -c3, -s3));
}

int half_sum(int a, int b) { return dot_round(a, COS[16], b, COS[16]); }
int half_difference(int a, int b) { return dot_round(a, COS[16], b, -COS[16]); }

void inverse_adst(inout int v[8]) {
    int x[8] = int[](v[7], v[0], v[5], v[2], v[3], v[4], v[1], v[6]);
    rotate_together(x[0], x[1], x[4], x[5], 2, 18, false);
    rotate_together(x[2], x[3], x[6], x[7], 10, 26, false);
    add_and_subtract(x[0], x[2]);
    add_and_subtract(x[1], x[3]);
    rotate_together(x[4], x[5], x[6], x[7], 8, 8, true);
    v[0] = x[0];
    v[1] = -x[4];
    v[2] = half_sum(x[6], x[7]);
    v[3] = -half_sum(x[2], x[3]);
    v[4] = half_difference(x[2], x[3]);
    v[5] = -half_difference(x[6], x[7]);
    v[6] = x[5];
    v[7] = -x[1];
}

// Sixteen numbers after their first rotations (rotate_together): the first half's outputs, and their indices in the line.
const int ADST_16_SUMS[8] = int[](0, 3, 4, 7, 8, 11, 12, 15);
void adst_16_sums(int x[8], out int v[8]) {
    [[unroll]] for (int i = 0; i < 4; ++i) add_and_subtract(x[i], x[i + 4]);
    add_and_subtract(x[0], x[2]);
    add_and_subtract(x[1], x[3]);
    rotate_together(x[4], x[5], x[6], x[7], 8, 8, true);
    v[0] = x[0];
    v[1] = -x[4];
    v[2] = half_sum(x[6], x[7]);
    v[3] = dot_round(x[2], -COS[16], x[3], -COS[16]);
    v[4] = half_difference(x[2], x[3]);
    v[5] = half_difference(x[7], x[6]);
    v[6] = x[5];
    v[7] = -x[1];
}
// The second half's outputs.
const int ADST_16_DIFFERENCES[8] = int[](1, 2, 5, 6, 9, 10, 13, 14);
void adst_16_differences(int x[8], out int v[8]) {
    rotate_together(x[0], x[1], x[4], x[5], 4, 4, true);
    rotate_together(x[2], x[3], x[6], x[7], 20, 20, true);
    add_and_subtract(x[0], x[2]);
    add_and_subtract(x[1], x[3]);
    rotate_together(x[4], x[5], x[6], x[7], 8, 8, true);
    v[0] = -x[0];
    v[1] = x[4];
    v[2] = dot_round(x[6], -COS[16], x[7], -COS[16]);
    v[3] = half_sum(x[2], x[3]);
    v[4] = half_difference(x[3], x[2]);
    v[5] = half_difference(x[6], x[7]);
    v[6] = -x[5];
    v[7] = x[1];
}

// ---- WHT: lossless ----

void inverse_wht(inout int v[4], int shift) {
    int a = v[0] >> shift, c = v[1] >> shift, d = v[2] >> shift, b = v[3] >> shift;
    a += c;
    d -= b;
    int e = a - d >> 1;
    b = e - b;
    c = e - c;
    v[0] = a - b;
    v[1] = b;
    v[2] = c;
    v[3] = d + c;
}
