// SPDX-License-Identifier: MIT
// Shared by the deblocking of one line across an edge in VP9 (8.8.2 to 8.8.5) and AV1 (7.14.4, 7.14.6).
//
// "Pair" k holds the sample k before the edge (p0, p1, ..) in the low half of a word and the sample k after it (q0, q1, ..) in
// the high half: smoothing treats both alike, and pairs take half the registers. Branches are uniform in a subgroup: on V3D,
// what a divergent branch assigns occupies a register throughout the surrounding loop.

struct Limits {
    int limit, blimit, thresh;
};

Limits make_limits(uint level) {
    int sharpness = int(job.sharpness), limit = int(level) >> (sharpness > 4 ? 2 : sharpness > 0 ? 1 : 0);
    if (sharpness > 0) limit = min(limit, 9 - sharpness);
    limit = max(limit, 1);
    const int shift = BIT_DEPTH - 8;
    return Limits(limit << shift, 2 * (int(level) + 2) + limit << shift, int(level) >> 4 << shift);
}

uint make_pair(int p, int q) { return uint(p) | uint(q) << 16; }
int p_of(uint pair) { return int(pair & 0xffff); }
int q_of(uint pair) { return int(pair >> 16); }
uint swapped(uint pair) { return pair >> 16 | pair << 16; }

// The larger of the two pairs' differences before and after the edge.
int difference(uint a, uint b) { return max(abs(p_of(a) - p_of(b)), abs(q_of(a) - q_of(b))); }

// Compares differences with a limit in both halves at once: in each half of a - b + allowance(limit) the top bit says whether a
// - b >= -limit. Separate samples would need twice the registers.
const uint WITHIN = 0x80008000;
uint allowance(int limit) { return uint(limit) * 0x00010001 + WITHIN; }

// Whether the difference across the edge is small enough to be filtered.
bool is_small_step(uint x0, uint x1, Limits l) {
    return abs(p_of(x0) - q_of(x0)) * 2 + (abs(p_of(x1) - q_of(x1)) >> 1) <= l.blimit;
}

bool is_flat(uint x[8], const int first, const int last) {
    uint allowed = allowance(1 << BIT_DEPTH - 8), above = x[0] + allowed, below = allowed - x[0], within = WITHIN;
    [[unroll]] for (int k = first; k <= last; ++k) within &= above - x[k] & below + x[k];
    return within == WITHIN;
}

int clip_signed(int value) { return clamp(value, -(1 << BIT_DEPTH - 1), (1 << BIT_DEPTH - 1) - 1); }
int add_signed(int value, int change) {
    const int offset = 1 << BIT_DEPTH - 1;
    return clip_signed(value - offset + change) + offset;
}

void filter_narrow(inout uint x0, inout uint x1, bool wanted, Limits l) {
    bool high_variance = difference(x1, x0) > l.thresh;
    int base = clip_signed((high_variance ? clip_signed(p_of(x1) - q_of(x1)) : 0) + 3 * (q_of(x0) - p_of(x0)));
    int first = clip_signed(base + 4) >> 3, second = clip_signed(base + 3) >> 3, outer = high_variance ? 0 : first + 1 >> 1;
    x0 = wanted ? make_pair(add_signed(p_of(x0), second), add_signed(q_of(x0), -first)) : x0;
    x1 = wanted ? make_pair(add_signed(p_of(x1), outer), add_signed(q_of(x1), -outer)) : x1;
}
