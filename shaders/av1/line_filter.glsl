// SPDX-License-Identifier: MIT
// Deblocks one line across an edge (7.14.6): up to seven samples on each side.
#include "../line_filter.glsl"

// Sizes of edges: log2 of filterSize; NO_EDGE: none.
const uint NO_EDGE = 0, EDGE_4 = 2, EDGE_8 = 3, EDGE_16 = 4;

// filterMask. The number of differences depends on filterLen: one, two for chroma, three.
bool is_filtered(uint x[8], uint size, bool chroma, Limits l) {
    uint allowed = allowance(l.limit), within[3];
    [[unroll]] for (int k = 0; k < 3; ++k) within[k] = x[k] + allowed - x[k + 1] & x[k + 1] + allowed - x[k];
    uint all = within[0] & (size > EDGE_4 ? within[1] & (chroma ? WITHIN : within[2]) : WITHIN) & WITHIN;
    return size != NO_EDGE && all == WITHIN && is_small_step(x[0], x[1], l);
}

// The samples at this distance before and after the edge. Beyond `last` they repeat.
uint pair_at(uint x[8], const int distance, const int last) {
    return distance > last ? x[last] : distance >= 0 ? x[distance] : swapped(x[-distance - 1]);
}

// 7.14.6.4, if `wanted`: averages n samples on each side. The middle sample counts twice; with `wide_middle` so do its
// neighbours.
void filter_wide(inout uint x[8], bool wanted, const int n, const bool wide_middle) {
    const uint bits = n == 6 ? 4 : 3, mask = (0xffff >> bits) * 0x00010001;
    uint before[8] = x, sum = (1 << bits >> 1) * 0x00010001;
    [[unroll]] for (int j = -n; j <= n; ++j) {
        const bool twice = j == 0 || wide_middle && abs(j) == 1;
        sum += pair_at(before, n - 1 - j, n) * (twice ? 2 : 1);
    }
    [[unroll]] for (int k = n - 1; k >= 0; --k) {
        x[k] = wanted ? sum >> bits & mask : before[k];
        sum += pair_at(before, k - 1 - n, n) - pair_at(before, k + n, n);
        if (wide_middle) {
            sum += pair_at(before, k - 2, n) - pair_at(before, k + 1, n);
        } else {
            sum += pair_at(before, k - 1, n) - pair_at(before, k, n);
        }
    }
}

// Luma: uses all pairs but the last. Returns whether the outer ones changed.
bool filter_luma(inout uint x[8], uint size, Limits l) {
    bool filtered = is_filtered(x, size, false, l), flat8 = filtered && size >= EDGE_8 && is_flat(x, 1, 3);
    bool flat16 = flat8 && size == EDGE_16 && is_flat(x, 4, 6);
    if (subgroupAny(flat16)) filter_wide(x, flat16, 6, true);
    if (subgroupAny(flat8 && !flat16)) filter_wide(x, flat8 && !flat16, 3, false);
    if (subgroupAny(filtered && !flat8)) filter_narrow(x[0], x[1], filtered && !flat8, l);
    return flat16;
}

// Chroma: uses only the first three pairs.
void filter_chroma(inout uint x[8], uint size, Limits l) {
    bool filtered = is_filtered(x, size, true, l), level_line = filtered && size >= EDGE_8 && is_flat(x, 1, 2);
    if (subgroupAny(level_line)) filter_wide(x, level_line, 2, true);
    if (subgroupAny(filtered && !level_line)) filter_narrow(x[0], x[1], filtered && !level_line, l);
}
