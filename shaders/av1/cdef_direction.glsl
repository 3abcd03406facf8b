// SPDX-License-Identifier: MIT
// The direction process of CDEF (7.15.2), by one invocation for a block of 8x8 samples.
//
// Sums up samples without subtracting 128 like the standard: that changes all directions' costs by the same amount. Sums are of
// pairs of samples, 16 bits each: the lines of a pair's two samples are always the same distance apart, so a sum's low half
// belongs to one line, and its high half to the line at that distance.

// The block's rows, two words each, as bytes.
#if BIT_DEPTH == 8
void load_block(out uint bytes[16], uint word, uint pitch) {
    [[unroll]] for (int i = 0; i < 16; ++i) bytes[i] = recon_words[word + (i >> 1) * pitch + (i & 1)];
}
#else
// The upper eight bits of four 10-bit samples.
uint upper_bits(uint low, uint high) {
    return low >> 8 & 0xff | low >> 16 & 0xff00 | high << 8 & 0xff0000 | high & 0xff000000;
}
void load_block(out uint bytes[16], uint word, uint pitch) {
    [[unroll]] for (int i = 0; i < 16; ++i) {
        uint at = word + (i >> 1) * pitch + (i & 1) * 2;
        bytes[i] = upper_bits(recon_words[at], recon_words[at + 1]);
    }
}
#endif

// Samples 0 and 2, or 1 and 3, of a word. Each cost has its own mask (all are equal, but the compiler does not know it),
// because otherwise one cost's pairs would occupy 32 registers until the next cost uses them again.
const uint PAIR = 0x00ff00ff;
uint even_pair(uint word, uint mask) { return word & mask; }
uint odd_pair(uint word, uint mask) { return (word & mask << 8) >> 8; }

// Line `i` of sums whose high halves belong to lines `apart` further.
uint line_sum(uint sums[15], const int i, const int apart) {
    uint sum = i < 15 ? sums[i] & 0xffff : 0;
    return i >= apart ? sum + (sums[i - apart] >> 16) : sum;
}
uint squared(uint sums[15], const int i, const int apart) {
    uint sum = line_sum(sums, i, apart);
    return sum * sum;
}

// Lines of one to eight samples and down to one again: directions 0 and 4.
uint diagonal_cost(uint sums[15]) {
    uint cost = squared(sums, 7, 2) * 105;
    [[unroll]] for (int i = 0; i < 7; ++i) cost += (squared(sums, i, 2) + squared(sums, 14 - i, 2)) * (840 / (i + 1));
    return cost;
}

// Lines of two to eight samples and down to two again: odd directions.
uint steep_cost(uint sums[15], const int apart) {
    uint cost = 0;
    [[unroll]] for (int j = 0; j < 5; ++j) cost += squared(sums, 3 + j, apart);
    cost *= 105;
    [[unroll]] for (int j = 0; j < 3; ++j) cost += (squared(sums, j, apart) + squared(sums, 10 - j, apart)) * (840 / (2 * j + 2));
    return cost;
}

void clear_sums(out uint sums[15]) {
    [[unroll]] for (int i = 0; i < 15; ++i) sums[i] = 0;
}

// Direction 0; direction 4 if the block is upside down.
uint cost_0(uint bytes[16], uint mask) {
    uint sums[15];
    clear_sums(sums);
    [[unroll]] for (int i = 0; i < 16; ++i) {
        const int first = (i >> 1) + (i & 1) * 4;
        sums[first] += even_pair(bytes[i], mask);
        sums[first + 1] += odd_pair(bytes[i], mask);
    }
    return diagonal_cost(sums);
}

// Direction 1; direction 3 if the block is upside down. Two adjacent samples of a row are in the same line.
uint cost_1(uint bytes[16], uint mask) {
    uint sums[15];
    clear_sums(sums);
    [[unroll]] for (int i = 0; i < 16; ++i) sums[(i >> 1) + (i & 1) * 2] += even_pair(bytes[i], mask) + odd_pair(bytes[i], mask);
    return steep_cost(sums, 1);
}

// Direction 7; direction 5 if the block is upside down. Two adjacent samples of a column are in the same line.
uint cost_7(uint bytes[16], uint mask) {
    uint sums[15];
    clear_sums(sums);
    [[unroll]] for (int i = 0; i < 16; ++i) {
        const int first = (i >> 2) + (i & 1) * 4;
        sums[first] += even_pair(bytes[i], mask);
        sums[first + 1] += odd_pair(bytes[i], mask);
    }
    return steep_cost(sums, 2);
}

// Direction 2: rows.
uint cost_2(uint bytes[16], uint mask) {
    uint cost = 0;
    [[unroll]] for (int row = 0; row < 8; ++row) {
        uint a = bytes[row * 2], b = bytes[row * 2 + 1];
        uint pairs = even_pair(a, mask) + odd_pair(a, mask) + even_pair(b, mask) + odd_pair(b, mask);
        uint sum = (pairs & 0xffff) + (pairs >> 16);
        cost += sum * sum;
    }
    return cost * 105;
}

// Direction 6: columns.
uint cost_6(uint bytes[16], uint mask) {
    uint cost = 0;
    [[unroll]] for (int half_row = 0; half_row < 2; ++half_row) {
        uint even = 0, odd = 0;
        [[unroll]] for (int row = 0; row < 8; ++row) {
            even += even_pair(bytes[row * 2 + half_row], mask);
            odd += odd_pair(bytes[row * 2 + half_row], mask);
        }
        cost += (even & 0xffff) * (even & 0xffff) + (even >> 16) * (even >> 16);
        cost += (odd & 0xffff) * (odd & 0xffff) + (odd >> 16) * (odd >> 16);
    }
    return cost * 105;
}

struct Best {
    uint cost, across, direction;
};
void consider(inout Best best, uint cost, uint across, const uint direction) {
    bool better = cost > best.cost;
    best.direction = better ? direction : best.direction;
    best.across = better ? across : best.across;
    best.cost = better ? cost : best.cost;
}

// yDir and var. The pitch must not be a quotient, because spirv-opt 2023.1 turns -(x / 4) into x / -4.
uvec2 find_direction(uint word, uint pitch) {
    uint costs_0 = 0, costs_1 = 0, costs_2 = 0, costs_3 = 0, costs_4 = 0, costs_5 = 0, costs_6 = 0, costs_7 = 0;
    // Upside down first.
    [[dont_unroll]] for (int turn = 0; turn < 2; ++turn) {
        bool turned = turn == 0;
        uint bytes[16];
        load_block(bytes, turned ? word + 7 * pitch : word, turned ? -pitch : pitch);
        costs_2 = cost_2(bytes, PAIR | job.zero);
        costs_6 = cost_6(bytes, PAIR + job.zero);
        costs_0 = cost_0(bytes, PAIR);
        costs_4 = turned ? costs_0 : costs_4;
        // Always true: branches keep the compiler from interleaving the sums of different costs.
        if (job.cdef_damping != 0) costs_1 = cost_1(bytes, PAIR ^ job.zero);
        costs_3 = turned ? costs_1 : costs_3;
        if (job.cdef_damping != 0) costs_7 = cost_7(bytes, PAIR - job.zero);
        costs_5 = turned ? costs_7 : costs_5;
    }
    Best best = Best(costs_0, costs_4, 0);
    consider(best, costs_1, costs_5, 1);
    consider(best, costs_2, costs_6, 2);
    consider(best, costs_3, costs_7, 3);
    consider(best, costs_4, costs_0, 4);
    consider(best, costs_5, costs_1, 5);
    consider(best, costs_6, costs_2, 6);
    consider(best, costs_7, costs_3, 7);
    return uvec2(best.direction, best.cost - best.across >> 10);
}
