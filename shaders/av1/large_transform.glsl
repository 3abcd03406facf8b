// SPDX-License-Identifier: MIT
// The additional parts of inverse DCTs of 32 and 64 beyond those of 16 (transform.glsl), 8 or 16 numbers at a time.

// Steps 6, 10, 15 and 20, starting at T[16]; steps 4, 7, 11 and 16 for a half of T[32..63].
void odd_steps(inout int o[16], const int first_angle, const int second_angle, const int most) {
    [[unroll]] for (int i = 0; i < 16; i += 4) {
        add_and_subtract(o[i], o[i + 1], most);
        add_and_subtract(o[i + 3], o[i + 2], most);
    }
    rotate_and_swap(o[14], o[1], first_angle);
    rotate_and_swap(o[13], o[2], first_angle + 64);
    rotate_and_swap(o[10], o[5], first_angle - 32);
    rotate_and_swap(o[9], o[6], first_angle + 32);
    [[unroll]] for (int i = 0; i < 16; i += 8) {
        add_and_subtract(o[i], o[i + 3], most);
        add_and_subtract(o[i + 1], o[i + 2], most);
        add_and_subtract(o[i + 7], o[i + 4], most);
        add_and_subtract(o[i + 6], o[i + 5], most);
    }
    rotate_and_swap(o[13], o[2], second_angle);
    rotate_and_swap(o[12], o[3], second_angle);
    rotate_and_swap(o[11], o[4], second_angle + 64);
    rotate_and_swap(o[10], o[5], second_angle + 64);
}

// Steps 3, 6, 10, 15, 20, 24 and 27, starting at T[16].
void odd_16(inout int o[16], const int most) {
    rotate(o[0], o[15], 62);
    rotate(o[1], o[14], 30);
    rotate(o[2], o[13], 46);
    rotate(o[3], o[12], 14);
    rotate(o[4], o[11], 54);
    rotate(o[5], o[10], 22);
    rotate(o[6], o[9], 38);
    rotate(o[7], o[8], 6);
    odd_steps(o, 56, 48, most);
    [[unroll]] for (int i = 0; i < 4; ++i) {
        add_and_subtract(o[i], o[7 - i], most);
        add_and_subtract(o[15 - i], o[8 + i], most);
    }
    [[unroll]] for (int i = 0; i < 4; ++i) rotate_and_swap(o[11 - i], o[4 + i], 32);
}

// The same up to step 20, for T[16..19] and T[28..31] (outer) and for T[20..27] (inner), which are independent up to there.
void odd_16_outer(inout int o[8], const int most) {
    odd_8_begin(o, 62, 56, most);
    odd_8_end(o, 48, most);
}
void odd_16_inner(inout int o[8], const int most) {
    odd_8_begin(o, 54, 24, most);
    add_and_subtract(o[3], o[0], most);
    add_and_subtract(o[2], o[1], most);
    add_and_subtract(o[4], o[7], most);
    add_and_subtract(o[5], o[6], most);
    rotate_and_swap(o[7], o[0], 112);
    rotate_and_swap(o[6], o[1], 112);
}

// Step 2: a rotation with one number that is not coded, and therefore 0.
void spread_first(inout int a, inout int b, const int angle) {
    b = round_12(a * sin128(angle));
    a = round_12(a * cos128(angle));
}
void spread_second(inout int a, inout int b, const int angle) {
    a = round_12(b * -sin128(angle));
    b = round_12(b * cos128(angle));
}
void spread(inout int o[16], const int angle) {
    spread_first(o[0], o[15], angle);
    spread_second(o[1], o[14], angle - 32);
    spread_first(o[2], o[13], angle - 16);
    spread_second(o[3], o[12], angle - 48);
    spread_first(o[4], o[11], angle - 8);
    spread_second(o[5], o[10], angle - 40);
    spread_first(o[6], o[9], angle - 24);
    spread_second(o[7], o[8], angle - 56);
}

// Steps 2, 4, 7, 11, 16, 21 and 25, starting at T[32]. T[32..39] and T[56..63] (outer) do not depend on the others (inner) up
// to there. Coded numbers are at even places.
void odd_32_outer(inout int o[16], const int most) {
    spread(o, 63);
    odd_steps(o, 60, 56, most);
    [[unroll]] for (int i = 0; i < 4; ++i) {
        add_and_subtract(o[i], o[7 - i], most);
        add_and_subtract(o[15 - i], o[8 + i], most);
    }
    [[unroll]] for (int i = 0; i < 4; ++i) rotate_and_swap(o[11 - i], o[4 + i], 48);
}
void odd_32_inner(inout int o[16], const int most) {
    spread(o, 59);
    odd_steps(o, 44, 24, most);
    [[unroll]] for (int i = 0; i < 4; ++i) {
        add_and_subtract(o[7 - i], o[i], most);
        add_and_subtract(o[8 + i], o[15 - i], most);
    }
    [[unroll]] for (int i = 0; i < 4; ++i) rotate_and_swap(o[15 - i], o[i], 112);
}

// Steps 28 and 30 for T[32 + i], T[47 - i], T[48 + i] and T[63 - i]. Steps 24 and 27 for T[16 + i], T[23 - i], T[24 + i] and
// T[31 - i] are the same.
void odd_32_last(inout int a, inout int b, inout int c, inout int d, const int most) {
    add_and_subtract(a, b, most);
    add_and_subtract(d, c, most);
    rotate_and_swap(c, b, 32);
}

// brev(): the places in a line of T[16 + i]; of the coded numbers of T[32..39] and T[56..63] (outer), and of T[40..55] (inner),
// which are also the places of T[16..19] and T[28..31], and of T[20..27].
const int DCT_32_ODD[16] = int[](1, 17, 9, 25, 5, 21, 13, 29, 3, 19, 11, 27, 7, 23, 15, 31);
const int ODD_OUTER[8] = int[](1, 17, 9, 25, 7, 23, 15, 31), ODD_INNER[8] = int[](5, 21, 13, 29, 3, 19, 11, 27);
