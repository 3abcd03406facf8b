// SPDX-License-Identifier: MIT
// Inverse transforms of AV1 (7.13.2) of lines of up to 16 numbers in registers. Arrays named t are the specification's T; those
// named o are its odd part: the second half of an inverse DCT's T, which begins at T[size / 2].
//
// Numbers have at most BIT_DEPTH + 8 bits, which sums and differences maintain by saturation. So sums of all products fit in a
// word.

// cos128(i)
const int COS128[65] =
    int[](4096, 4095, 4091, 4085, 4076, 4065, 4052, 4036, 4017, 3996, 3973, 3948, 3920, 3889, 3857, 3822, 3784, 3745, 3703, 3659,
          3612, 3564, 3513, 3461, 3406, 3349, 3290, 3229, 3166, 3102, 3035, 2967, 2896, 2824, 2751, 2675, 2598, 2520, 2440, 2359,
          2276, 2191, 2106, 2019, 1931, 1842, 1751, 1660, 1567, 1474, 1380, 1285, 1189, 1092, 995, 897, 799, 700, 601, 501, 401,
          301, 201, 101, 0);

// Angles of 0 to 128.
int cos128(const int angle) { return angle <= 64 ? COS128[angle] : -COS128[128 - angle]; }
int sin128(const int angle) { return angle <= 64 ? COS128[64 - angle] : COS128[angle - 64]; }

int round_12(int number) { return number + 2048 >> 12; }

// B(a, b, angle, 0)
void rotate(inout int a, inout int b, const int angle) {
    int first = round_12(a * cos128(angle) - b * sin128(angle));
    b = round_12(a * sin128(angle) + b * cos128(angle));
    a = first;
}
// B(a, b, angle, 1)
void rotate_and_swap(inout int a, inout int b, const int angle) {
    int second = round_12(a * cos128(angle) - b * sin128(angle));
    a = round_12(a * sin128(angle) + b * cos128(angle));
    b = second;
}

// The largest number in a row's transform, and in a column's.
int largest(const bool columns) { return BIT_DEPTH == 8 || columns ? 32767 : 131071; }
int saturate(int number, const int most) { return clamp(number, -most - 1, most); }

// H(a, b, 0); H(b, a, 1)
void add_and_subtract(inout int a, inout int b, const int most) {
    int difference = saturate(a - b, most);
    a = saturate(a + b, most);
    b = difference;
}

// ---- DCT ----

// Starting at T[4]: steps 8, 13, 18.
void odd_4(inout int o[4], const int most) {
    rotate(o[0], o[3], 56);
    rotate(o[1], o[2], 24);
    add_and_subtract(o[0], o[1], most);
    add_and_subtract(o[3], o[2], most);
    rotate_and_swap(o[2], o[1], 32);
}

// The initial rotations and sums of eight odd numbers; for T[8] and up steps 5, 9 and 14.
void odd_8_begin(inout int o[8], const int first_angle, const int second_angle, const int most) {
    rotate(o[0], o[7], first_angle);
    rotate(o[1], o[6], first_angle - 32);
    rotate(o[2], o[5], first_angle - 16);
    rotate(o[3], o[4], first_angle - 48);
    add_and_subtract(o[0], o[1], most);
    add_and_subtract(o[3], o[2], most);
    add_and_subtract(o[4], o[5], most);
    add_and_subtract(o[7], o[6], most);
    rotate_and_swap(o[6], o[1], second_angle);
    rotate_and_swap(o[5], o[2], second_angle + 64);
}

// The remaining steps; for T[8] and up steps 19 and 23.
void odd_8_end(inout int o[8], const int angle, const int most) {
    add_and_subtract(o[0], o[3], most);
    add_and_subtract(o[1], o[2], most);
    add_and_subtract(o[7], o[4], most);
    add_and_subtract(o[6], o[5], most);
    rotate_and_swap(o[5], o[2], angle);
    rotate_and_swap(o[4], o[3], angle);
}

void odd_8(inout int o[8], const int most) {
    odd_8_begin(o, 60, 48, most);
    odd_8_end(o, 32, most);
}

// Transforms T to a line, in place: steps 12 and 17.
void dct_4(inout int t[4], const int most) {
    rotate_and_swap(t[0], t[1], 32);
    rotate(t[2], t[3], 48);
    add_and_subtract(t[0], t[3], most);
    add_and_subtract(t[1], t[2], most);
}

// Up to step 22.
void dct_8(inout int t[8], const int most) {
    int even[4], odd[4];
    [[unroll]] for (int i = 0; i < 4; ++i) {
        even[i] = t[i];
        odd[i] = t[4 + i];
    }
    dct_4(even, most);
    odd_4(odd, most);
    [[unroll]] for (int i = 0; i < 4; ++i) {
        add_and_subtract(even[i], odd[3 - i], most);
        t[i] = even[i];
        t[7 - i] = odd[3 - i];
    }
}

// Up to step 26.
void dct_16(inout int t[16], const int most) {
    int even[8], odd[8];
    [[unroll]] for (int i = 0; i < 8; ++i) {
        even[i] = t[i];
        odd[i] = t[8 + i];
    }
    dct_8(even, most);
    odd_8(odd, most);
    [[unroll]] for (int i = 0; i < 8; ++i) {
        add_and_subtract(even[i], odd[7 - i], most);
        t[i] = even[i];
        t[15 - i] = odd[7 - i];
    }
}

// brev(): the places in a line of T's first numbers.
const int DCT_4[4] = int[](0, 2, 1, 3);
const int DCT_8[8] = int[](0, 4, 2, 6, 1, 5, 3, 7);
const int DCT_16[16] = int[](0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15);

// ---- ADST ----

void adst_4(inout int t[4]) {
    const int S1 = 1321, S2 = 2482, S3 = 3344, S4 = 3803;
    int s0 = S1 * t[0] + S4 * t[2] + S2 * t[3], s1 = S2 * t[0] - S1 * t[2] - S4 * t[3];
    int s2 = S3 * (t[0] - t[2] + t[3]), s3 = S3 * t[1];
    t[0] = round_12(s0 + s3);
    t[1] = round_12(s1 + s3);
    t[2] = round_12(s2);
    t[3] = round_12(s0 + s1 - s3);
}

// The sources of T's numbers, and the places in T of the results; those at odd places are negated.
const int ADST_8[8] = int[](7, 0, 5, 2, 3, 4, 1, 6), ADST_8_RESULT[8] = int[](0, 4, 6, 2, 3, 7, 5, 1);
const int ADST_16[16] = int[](15, 0, 13, 2, 11, 4, 9, 6, 7, 8, 5, 10, 3, 12, 1, 14);
const int ADST_16_RESULT[16] = int[](0, 8, 12, 4, 6, 14, 10, 2, 3, 11, 15, 7, 5, 13, 9, 1);

void adst_8(inout int t[8], const int most) {
    [[unroll]] for (int i = 0; i < 4; ++i) rotate_and_swap(t[2 * i], t[2 * i + 1], 60 - 16 * i);
    [[unroll]] for (int i = 0; i < 4; ++i) add_and_subtract(t[i], t[4 + i], most);
    rotate_and_swap(t[4], t[5], 48);
    rotate_and_swap(t[7], t[6], 16);
    [[unroll]] for (int i = 0; i < 8; i += 4) {
        add_and_subtract(t[i], t[i + 2], most);
        add_and_subtract(t[i + 1], t[i + 3], most);
        rotate_and_swap(t[i + 2], t[i + 3], 32);
    }
}

void adst_16(inout int t[16], const int most) {
    [[unroll]] for (int i = 0; i < 8; ++i) rotate_and_swap(t[2 * i], t[2 * i + 1], 62 - 8 * i);
    [[unroll]] for (int i = 0; i < 8; ++i) add_and_subtract(t[i], t[8 + i], most);
    rotate_and_swap(t[8], t[9], 56);
    rotate_and_swap(t[13], t[12], 8);
    rotate_and_swap(t[10], t[11], 24);
    rotate_and_swap(t[15], t[14], 40);
    [[unroll]] for (int i = 0; i < 4; ++i) {
        add_and_subtract(t[i], t[i + 4], most);
        add_and_subtract(t[i + 8], t[i + 12], most);
    }
    [[unroll]] for (int i = 0; i < 16; i += 8) {
        rotate_and_swap(t[i + 4], t[i + 5], 48);
        rotate_and_swap(t[i + 7], t[i + 6], 16);
    }
    [[unroll]] for (int i = 0; i < 16; i += 4) {
        add_and_subtract(t[i], t[i + 2], most);
        add_and_subtract(t[i + 1], t[i + 3], most);
        rotate_and_swap(t[i + 2], t[i + 3], 32);
    }
}

// ---- Others ----

int identity(int number, const int log2_size) {
    return log2_size == 2 ? round_12(number * 5793) : log2_size == 3 ? number * 2 : log2_size == 4 ? round_12(number * 11586) : number * 4;
}

void inverse_wht(inout int t[4], const int shift) {
    int a = t[0] >> shift, c = t[1] >> shift, d = t[2] >> shift, b = t[3] >> shift;
    a += c;
    d -= b;
    int e = a - d >> 1;
    b = e - b;
    c = e - c;
    t[0] = a - b;
    t[1] = b;
    t[2] = c;
    t[3] = d + c;
}
