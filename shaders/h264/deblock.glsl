// SPDX-License-Identifier: MIT
// Shared by the three deblocking passes: thresholds and filters of 8.7.2.
//
// Macroblocks are filtered in raster order, vertical edges first, and the next macroblock's left edge changes samples that this
// one's horizontal edges have already changed. Three passes, each fully parallel over the picture, give the same result:
//   strip       each macroblock's last 4 luma and 2 chroma columns after both of its own filters, and the last rows of those
//               columns in the macroblock above, computed only from unfiltered samples
//   vertical    all vertical edges; at a left edge the p samples are the left macroblock's strip
//   horizontal  the horizontal edges of the columns before the strip, and all output to the target
// A strip can be computed on its own because q1 after filtering does not depend on p2, and because internal edges have bS < 4
// and so change two samples on either side: columns left of 5 and rows above 5 of a macroblock do not affect its columns and
// rows from 12 on.
//
// Strips are 8 quads of scratch per macroblock: 4 of luma rows (S), 1 of the last 4 luma rows above (P), 2 of
// chroma rows (S), 1 with the last 2 chroma rows above (P).

const uint LUMA_STRIP = 0, LUMA_ABOVE = 4, CHROMA_STRIP = 5, CHROMA_ABOVE = 7;

uint strip_quad(uint mb) { return job.width_in_mbs * job.height_in_mbs + mb * 8; }

uint mb_head(uint mb) { return job_quads[job.mbs_quad + mb].x; }

struct Thresholds {
    int alpha, beta;
    uint tc0;  // 5 bits each for bS 1, 2, 3, starting at bit 8
};

// 8.7.2.2, for an edge between macroblocks with these QPs; q_head is the second one's head.
Thresholds thresholds(uint qp_p, uint qp_q, uint q_head) {
    int qp = int(qp_p + qp_q + 1) >> 1;
    int index_a = qp + int(bitfieldExtract(q_head, 18, 4)) * 2 - 12;
    int index_b = min(qp + int(bitfieldExtract(q_head, 22, 4)) * 2 - 12, 51);
    Thresholds t;
    t.tc0 = job.deblocking[clamp(index_a, 15, 51) - 15];  // alpha is 0 up to there
    t.alpha = int(t.tc0 & 0xff);
    // Table 8-16, beta'
    t.beta = index_b < 16 ? 0 : index_b < 26 ? (index_b - 7) >> 2 : (index_b >> 1) - 7;
    return t;
}

Thresholds luma_thresholds(uint p_head, uint q_head) { return thresholds(mb_qp(p_head), mb_qp(q_head), q_head); }

struct ChromaThresholds {
    Thresholds cb, cr;
};

ChromaThresholds chroma_thresholds(uint p_head, uint q_head) {
    uint p = job.chroma_qp[mb_qp(p_head)], q = job.chroma_qp[mb_qp(q_head)];
    return ChromaThresholds(thresholds(p & 0xff, q & 0xff, q_head), thresholds(p >> 8, q >> 8, q_head));
}

// The strength in a segment of an edge, from the half of a strengths word that holds the edge.
uint strength(uint word, uint odd_edge, uint segment) {
    return bitfieldExtract(word, int(odd_edge * 16 + segment * 4), 4);
}

int tc0(uint bs, Thresholds t) { return int(bitfieldExtract(t.tc0, int(bs) * 5 + 3, 5)); }

// Thresholds that filter nothing unless `condition`.
Thresholds only_where(bool condition, Thresholds t) {
    t.alpha = condition ? t.alpha : 0;
    return t;
}

// filterSamplesFlag of 8.7.2 where bS is not 0.
bool crosses_edge(ivec2 p, ivec2 q, Thresholds t) {
    return abs(p[0] - q[0]) < t.alpha && abs(p[1] - p[0]) < t.beta && abs(q[1] - q[0]) < t.beta;
}

// One line of luma samples with bS 1 to 3 (8.7.2.3); p[i] and q[i] are the standard's.
void filter_luma_normal(inout ivec4 p, inout ivec4 q, uint bs, Thresholds t) {
    bool p_smooth = abs(p[2] - p[0]) < t.beta, q_smooth = abs(q[2] - q[0]) < t.beta;
    int limit = tc0(bs, t), limit_0 = limit + int(p_smooth) + int(q_smooth);
    int delta = clamp((((q[0] - p[0]) << 2) + p[1] - q[1] + 4) >> 3, -limit_0, limit_0);
    int middle = (p[0] + q[0] + 1) >> 1;
    int delta_p = clamp(((p[2] + middle) >> 1) - p[1], -limit, limit);
    int delta_q = clamp(((q[2] + middle) >> 1) - q[1], -limit, limit);
    p[1] += p_smooth ? delta_p : 0;
    q[1] += q_smooth ? delta_q : 0;
    p[0] = clamp(p[0] + delta, 0, 255);
    q[0] = clamp(q[0] - delta, 0, 255);
}

// bS 4 (8.7.2.4)
void filter_luma_strong(inout ivec4 p, inout ivec4 q, Thresholds t) {
    bool flat_edge = abs(p[0] - q[0]) < (t.alpha >> 2) + 2;
    int p0 = p[0], p1 = p[1], q0 = q[0], q1 = q[1], both = p0 + q0;
    if (flat_edge && abs(p[2] - p0) < t.beta) {
        int near = p[2] + p1 + both;
        p[0] = (near + p1 + both + q1 + 4) >> 3;
        p[1] = (near + 2) >> 2;
        p[2] = ((p[3] + p[2]) * 2 + near + 4) >> 3;
    } else {
        p[0] = (2 * p1 + p0 + q1 + 2) >> 2;
    }
    if (flat_edge && abs(q[2] - q0) < t.beta) {
        int near = q[2] + q1 + both;
        q[0] = (near + q1 + both + p1 + 4) >> 3;
        q[1] = (near + 2) >> 2;
        q[2] = ((q[3] + q[2]) * 2 + near + 4) >> 3;
    } else {
        q[0] = (2 * q1 + q0 + p1 + 2) >> 2;
    }
}

// The same for chroma: p0, p1 and q0, q1.
void filter_chroma(inout ivec2 p, inout ivec2 q, uint bs, Thresholds t) {
    bool crosses = bs != 0 && crosses_edge(p, q, t);
    if (!subgroupAny(crosses)) return;
    int limit = tc0(clamp(bs, 1, 3), t) + 1;
    int delta = clamp((((q[0] - p[0]) << 2) + p[1] - q[1] + 4) >> 3, -limit, limit);
    ivec2 normal = clamp(ivec2(p[0] + delta, q[0] - delta), 0, 255);
    ivec2 strong = ivec2(2 * p[1] + p[0] + q[1] + 2, 2 * q[1] + q[0] + p[1] + 2) >> 2;
    ivec2 filtered = bs < 4 ? normal : strong;
    p[0] = crosses ? filtered.x : p[0];
    q[0] = crosses ? filtered.y : q[0];
}

// Four samples of a row, before or after the edge, ordered away from it.
ivec4 samples_before(uint word) { return ivec4(word >> 24, word >> 16 & 0xff, word >> 8 & 0xff, word & 0xff); }
ivec4 samples_behind(uint word) { return ivec4(word & 0xff, word >> 8 & 0xff, word >> 16 & 0xff, word >> 24); }

uint word_before(ivec4 samples) { return uint((samples[0] << 24) + (samples[1] << 16) + (samples[2] << 8) + samples[3]); }
uint word_behind(ivec4 samples) { return uint(samples[0] + (samples[1] << 8) + (samples[2] << 16) + (samples[3] << 24)); }

// A vertical edge in one row of luma: p holds the four samples before it, q the four after.
void filter_luma_row(inout uint p, inout uint q, uint bs, Thresholds t) {
    ivec4 p_samples = samples_before(p), q_samples = samples_behind(q);
    bool crosses = bs != 0 && crosses_edge(p_samples.xy, q_samples.xy, t);
    if (subgroupAny(crosses && bs < 4)) {
        ivec4 p_normal = p_samples, q_normal = q_samples;
        filter_luma_normal(p_normal, q_normal, clamp(bs, 1, 3), t);
        p = crosses && bs < 4 ? word_before(p_normal) : p;
        q = crosses && bs < 4 ? word_behind(q_normal) : q;
    }
    if (subgroupAny(crosses && bs == 4)) {
        filter_luma_strong(p_samples, q_samples, t);
        p = crosses && bs == 4 ? word_before(p_samples) : p;
        q = crosses && bs == 4 ? word_behind(q_samples) : q;
    }
}

// The same inside a macroblock, where bS is at most 3 and two samples on either side may change.
void filter_inner_luma_row(inout uint p, inout uint q, uint bs, Thresholds t) {
    if (!subgroupAny(bs != 0)) return;
    ivec4 p_samples = samples_before(p), q_samples = samples_behind(q);
    bool crosses = bs != 0 && crosses_edge(p_samples.xy, q_samples.xy, t);
    if (!subgroupAny(crosses)) return;
    filter_luma_normal(p_samples, q_samples, max(bs, 1), t);
    p = crosses ? p & 0xffff | uint(p_samples[0] << 24 | p_samples[1] << 16) : p;
    q = crosses ? q & 0xffff0000u | uint(q_samples[0] | q_samples[1] << 8) : q;
}

// Two samples in the halves of a word. A comparison's result is the highest bit of each half.
const uint HIGH_BITS = 0x80008000, EVEN_SAMPLES = 0x00ff00ff, BIAS = 0x01000100;

uint pair_of(int value) { return uint(value) * 0x10001; }

// |a - b| < limit
uint differ_less(uint a, uint b, uint limit) {
    uint difference = (a | BIAS) - b;  // 1 to 511
    return (difference + limit + 0x7eff7eff) & (limit + 0x80ff80ff - difference) & HIGH_BITS;
}

// Sets all bits of halves whose highest bit is set.
uint mask_of(uint high_bits) { return high_bits | (high_bits - (high_bits >> 15)); }

uint select_bits(uint a, uint b, uint mask) { return a ^ (a ^ b) & mask; }

// Clamps biased numbers to BIAS plus or minus a limit; to BIAS where the mask is 0.
uint clamp_biased(uint value, uint limit, uint mask) {
    uint low = BIAS - limit, high = BIAS + limit;
    value = select_bits(low, value, mask_of((value | HIGH_BITS) - low & HIGH_BITS));
    value = select_bits(value, high, mask_of((value | HIGH_BITS) - high & HIGH_BITS));
    return select_bits(BIAS, value, mask);
}

// Clips biased samples, which exceed their range by less than 256.
uint clip_biased(uint value) {
    uint over = value >> 9 & 0x00010001, inside = (value >> 8 & 0x00010001) | over;
    return (value & EVEN_SAMPLES | (over << 8) - over) & (inside << 8) - inside;
}

// p1 or q1, moved by at most `limit` towards its neighbours. `middle` is the mean of p0 and q0.
uint move_second(uint first, uint third, uint middle, uint limit, uint mask) {
    uint target = third + middle >> 1 & EVEN_SAMPLES;
    return first + clamp_biased((target | BIAS) - first, limit, mask) - BIAS;
}

// A horizontal edge in two columns: bS 1 to 3 (8.7.2.3).
void filter_two_columns(inout uvec3 p, inout uvec3 q, uint alpha, uint beta, uint limit) {
    uint crosses = differ_less(p[0], q[0], alpha) & differ_less(p[1], p[0], beta) & differ_less(q[1], q[0], beta);
    uint p_smooth = differ_less(p[2], p[0], beta) & crosses, q_smooth = differ_less(q[2], q[0], beta) & crosses;
    // (((q0 - p0) << 2) + p1 - q1 + 4) >> 3, plus 256
    uint delta = ((q[0] << 2) + p[1] + 0x08040804 - (p[0] << 2) - q[1]) >> 3 & 0x1fff1fff;
    delta = clamp_biased(delta, limit + (p_smooth >> 15) + (q_smooth >> 15), mask_of(crosses));
    uint middle = p[0] + q[0] + 0x00010001 >> 1 & EVEN_SAMPLES;
    p[1] = move_second(p[1], p[2], middle, limit, mask_of(p_smooth));
    q[1] = move_second(q[1], q[2], middle, limit, mask_of(q_smooth));
    p[0] = clip_biased(p[0] + delta);
    q[0] = clip_biased(q[0] + 2 * BIAS - delta);
}

void filter_luma_columns_normal(inout uvec4 p, inout uvec4 q, uint bs, Thresholds t) {
    uint alpha = pair_of(t.alpha), beta = pair_of(t.beta), limit = pair_of(tc0(bs, t));
    // Each iteration takes the even columns and rotates the odd ones into their place.
    [[dont_unroll]] for (int i = 0; i < 2; ++i) {
        uvec3 p_pairs = p.xyz & EVEN_SAMPLES, q_pairs = q.xyz & EVEN_SAMPLES;
        filter_two_columns(p_pairs, q_pairs, alpha, beta, limit);
        p.xyz = (p.xyz >> 8 & EVEN_SAMPLES) + (p_pairs << 8);
        q.xyz = (q.xyz >> 8 & EVEN_SAMPLES) + (q_pairs << 8);
    }
}

void filter_luma_columns_strong(inout uvec4 p, inout uvec4 q, Thresholds t) {
    // Each iteration takes the lowest samples and rotates them away.
    [[dont_unroll]] for (int column = 0; column < 4; ++column) {
        ivec4 p_samples = ivec4(p & 0xff), q_samples = ivec4(q & 0xff);
        if (crosses_edge(p_samples.xy, q_samples.xy, t)) filter_luma_strong(p_samples, q_samples, t);
        p = p >> 8 | uvec4(p_samples) << 24;
        q = q >> 8 | uvec4(q_samples) << 24;
    }
}

// A horizontal edge in four columns of luma: p[i] and q[i] are rows, counted away from the edge.
void filter_luma_columns(inout uvec4 p, inout uvec4 q, uint bs, Thresholds t) {
    bool normal = bs - 1 < 3;
    if (subgroupAny(normal)) filter_luma_columns_normal(p, q, normal ? bs : 1, only_where(normal, t));
    if (subgroupAny(bs == 4)) filter_luma_columns_strong(p, q, only_where(bs == 4, t));
}

// A vertical edge in one row of chroma: two Cb, Cr pairs before it and two after.
void filter_chroma_row(inout uint p, inout uint q, uint bs, ChromaThresholds t) {
    Thresholds now = t.cb;
    [[dont_unroll]] for (int shift = 0; shift < 16; shift += 8) {
        ivec2 p_samples = ivec2(p >> (shift + 16) & 0xff, p >> shift & 0xff);
        ivec2 q_samples = ivec2(q >> shift & 0xff, q >> (shift + 16) & 0xff);
        ivec2 before = ivec2(p_samples[0], q_samples[0]);
        filter_chroma(p_samples, q_samples, bs, now);
        now = t.cr;
        p ^= uint(before[0] ^ p_samples[0]) << (shift + 16);
        q ^= uint(before[1] ^ q_samples[0]) << shift;
    }
}

// A horizontal edge in two columns of one chroma component: p0, p1 and q0, q1.
void filter_two_chroma_columns(inout uvec2 p, inout uvec2 q, uint bs, Thresholds t) {
    uint alpha = pair_of(t.alpha), beta = pair_of(t.beta), limit = pair_of(tc0(clamp(bs, 1, 3), t) + 1);
    uint crosses = mask_of(differ_less(p[0], q[0], alpha) & differ_less(p[1], p[0], beta) & differ_less(q[1], q[0], beta));
    uint delta = ((q[0] << 2) + p[1] + 0x08040804 - (p[0] << 2) - q[1]) >> 3 & 0x1fff1fff;
    delta = clamp_biased(delta, limit, crosses);
    uvec2 normal = uvec2(clip_biased(p[0] + delta), clip_biased(q[0] + 2 * BIAS - delta));
    uvec2 strong = 2 * uvec2(p[1], q[1]) + uvec2(p[0], q[0]) + uvec2(q[1], p[1]) + 0x00020002 >> 2 & EVEN_SAMPLES;
    p[0] = bs < 4 ? normal.x : select_bits(p[0], strong.x, crosses);
    q[0] = bs < 4 ? normal.y : select_bits(q[0], strong.y, crosses);
}

// A horizontal edge in two columns of Cb, Cr pairs.
void filter_chroma_columns(inout uvec2 p, inout uvec2 q, uint bs, ChromaThresholds t) {
    Thresholds now = only_where(bs != 0, t.cb);
    // Each iteration takes the even bytes and rotates the odd ones into their place.
    [[dont_unroll]] for (int i = 0; i < 2; ++i) {
        uvec2 p_pairs = p & EVEN_SAMPLES, q_pairs = q & EVEN_SAMPLES;
        filter_two_chroma_columns(p_pairs, q_pairs, bs, now);
        p = (p >> 8 & EVEN_SAMPLES) + (p_pairs << 8);
        q = (q >> 8 & EVEN_SAMPLES) + (q_pairs << 8);
        now = only_where(bs != 0, t.cr);
    }
}
