// SPDX-License-Identifier: MIT
// The loop filter of one line across an edge: eight samples before it, eight after it (VP9 8.8.2 to 8.8.5).
#include "../line_filter.glsl"

bool is_filtered(uint x[4], Limits l) {
    uint allowed = allowance(l.limit), within = WITHIN;
    [[unroll]] for (int k = 0; k < 3; ++k) within &= x[k] + allowed - x[k + 1] & x[k + 1] + allowed - x[k];
    return within == WITHIN && is_small_step(x[0], x[1], l);
}

// If `wanted`, replaces each sample by the average of 2 * reach + 1 samples and, once more, the one in the middle; samples past
// the ends repeat.
void smooth_line(inout uint x[8], bool wanted, const int reach) {
    const uint bits = reach == 7 ? 4 : 3, mask = (0xffff >> bits) * 0x00010001;
    uint sum = x[reach] * reach + swapped(x[0]) + (1 << bits >> 1) * 0x00010001, before[8] = x;
    [[unroll]] for (int k = 0; k < reach; ++k) sum += before[k];
    [[unroll]] for (int k = reach - 1; k >= 0; --k) {
        x[k] = wanted ? sum + before[k] >> bits & mask : before[k];
        sum += swapped(before[reach - k]) - before[reach];
    }
}

// Filters the edge in the middle of the line, unless it is EDGE_NONE.
void filter_edge(inout uint x[8], uint edge, Limits l) {
    bool filtered = edge != EDGE_NONE && is_filtered(uint[](x[0], x[1], x[2], x[3]), l);
    bool flat8 = filtered && edge >= EDGE_8 && is_flat(x, 1, 3), flat16 = flat8 && edge == EDGE_16 && is_flat(x, 4, 7);
    if (subgroupAny(flat16)) smooth_line(x, flat16, 7);
    if (subgroupAny(flat8 && !flat16)) smooth_line(x, flat8 && !flat16, 3);
    if (subgroupAny(filtered && !flat8)) filter_narrow(x[0], x[1], filtered && !flat8, l);
}

// Filters the inner edge of the unit after the edge, if `inner`. `x`: pairs around the unit's middle.
void filter_inner_edge(inout uint x[4], bool inner, Limits l) {
    bool filtered = inner && is_filtered(x, l);
    if (subgroupAny(filtered)) filter_narrow(x[0], x[1], filtered, l);
}
