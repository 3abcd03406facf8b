// SPDX-License-Identifier: MIT
// Predictions of intra records (7.11.2 to 7.11.5), sample by sample: from surrounding samples, palettes, and intra block copy;
// and the weights of inter-intra prediction.
//
// A point of luma is a sample, a point of chroma a pair of Cb and Cr, in the halves of a word (luma's upper half is 0). So both
// planes share their code, which halves the time to compile it.
//
// The including file defines, after intra_record.glsl:
//   TEAM, lane()                the invocations that share a record
//   edges[]                     AboveRow and LeftCol, whose points 0 are at above_zero(block) and left_zero(block)
//   sums[block.team]            the sum of the points that DC prediction averages
//   SMOOTH_WEIGHTS, RECON       job.smooth_weights and job.recon, or copies
// ---- Points ----

const uint BOTH = 0x00010001;

int half_of(uint point, uint component) { return int(point >> component * 16 & 0xffff); }

// The index of the word with a plane's point. A word holds 1 << (LOG2_SAMPLES - chroma) points.
const uint LOG2_SAMPLES = WORD_SAMPLES == 4 ? 2 : 1;
uint recon_word(uint x, uint y, uint chroma) {
    uint offset = chroma == 0 ? 0 : RECON.chroma_offset;
    return RECON.word + (offset + y * RECON.pitch + (x << chroma) * SAMPLE_BYTES) / 4;
}

uint read_point(int x, int y, uint chroma) {
    uint word = recon_words[recon_word(uint(x), uint(y), chroma)];
#if BIT_DEPTH == 8
    word >>= (uint(x) << 3 + chroma) & 31;
    return word & 0xff | (chroma == 0 ? 0 : word << 8 & 0xff0000);
#else
    return chroma == 0 ? word >> ((uint(x) & 1) * 16 + 6) & 0x3ff : word >> 6 & 0x03ff03ff;
#endif
}

// ---- Edges ----

const uint BASE = 1u << BIT_DEPTH - 1;

bool filters_edges(IntraBlock block) {
    int angle = angle_of(block);
    return job.enable_intra_edge_filter != 0 && is_directional(block) && angle != 90 && angle != 180;
}

// 7.11.2.9 as the thresholds for strengths 1, 2 and 3; 127: never.
int filter_strength(IntraBlock block, int delta) {
    int d = abs(delta), sum = width_of(block) + height_of(block);
    ivec3 least = sum <= 8 ? ivec3(56, 127, 127) : sum <= 16 ? ivec3(40, 127, 127) : sum <= 24 ? ivec3(8, 16, 32) : sum <= 32 ? ivec3(0, 4, 32) : ivec3(0);
    ivec3 least_smooth = sum <= 8 ? ivec3(40, 64, 127) : sum <= 16 ? ivec3(20, 48, 127) : sum <= 24 ? ivec3(4) : ivec3(0);
    if (has(block, SMOOTH_EDGE)) least = least_smooth;
    return (d >= least.x ? 1 : 0) + (d >= least.y ? 1 : 0) + (d >= least.z ? 1 : 0);
}

// 7.11.2.10
bool upsamples(IntraBlock block, int delta) {
    int d = abs(delta);
    return filters_edges(block) && d > 0 && d < 40 && width_of(block) + height_of(block) <= (has(block, SMOOTH_EDGE) ? 8 : 16);
}

// An edge in the picture. Its points are `step` bytes apart, and the last one is repeated. An unavailable side is replaced by
// the first point of the other side, or, if neither is available, by `number` (0 otherwise).
struct Edge {
    uint byte, step;
    int last;
    uint number;
    uint high_mask;  // for Cr
};

uint recon_byte(int x, int y, uint chroma) {
    uint offset = chroma == 0 ? 0 : RECON.chroma_offset;
    return RECON.word * 4 + offset + uint(y) * RECON.pitch + (uint(x) << chroma) * SAMPLE_BYTES;
}

Edge make_edge(IntraBlock block, bool of_left) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT), is_there = of_left ? has_left : has_above;
    bool beside = of_left ? has_left : !has_above;
    Edge edge;
    edge.byte = recon_byte(max(block.x - (beside ? 1 : 0), 0), max(block.y - (beside ? 0 : 1), 0), block.chroma);
    edge.step = of_left ? RECON.pitch : SAMPLE_BYTES << block.chroma;
    int length = of_left ? height_of(block) << (has(block, HAVE_BELOW_LEFT) ? 1 : 0) : width_of(block) << (has(block, HAVE_ABOVE_RIGHT) ? 1 : 0);
    int visible = of_left ? int(job.padded_height >> block.chroma) - block.y : int(job.padded_width >> block.chroma) - block.x;
    edge.last = is_there ? min(length, visible) - 1 : 0;
    edge.number = has_above || has_left ? 0 : (of_left ? BASE + 1 : BASE - 1) * (block.chroma == 0 ? 1 : BOTH);
    edge.high_mask = block.chroma == 0 ? 0 : 0xffff0000;
    return edge;
}

uint edge_byte(Edge edge, int i) { return edge.byte + uint(min(i, edge.last)) * edge.step; }

// The point at a byte of this word.
uint point_of_word(Edge edge, uint byte, uint word) {
#if BIT_DEPTH == 8
    word >>= (byte & 3) * 8;
    uint point = word & 0xff | word << 8 & 0xff0000 & edge.high_mask;
#else
    word >>= (byte & 2) * 8 + 6;
    uint point = word & 0x3ff | word & 0x03ff0000 & edge.high_mask;
#endif
    return edge.number != 0 ? edge.number : point;
}

uint edge_point(Edge edge, int i) {
    uint byte = edge_byte(edge, i);
    return point_of_word(edge, byte, recon_words[byte >> 2]);
}

// Filters both halves.
uint weighted(uint outer, uint inner, uint center, uint outer_weight, uint inner_weight, uint center_weight) {
    return outer * outer_weight + inner * inner_weight + center * center_weight + 8 * BOTH >> 4 & 0x0fff0fff;
}

uint between(uint outer, uint inner) {
    uint result = 0;
    [[unroll]] for (uint c = 0; c < 2; ++c)
        result |= uint(clip_sample(9 * half_of(inner, c) - half_of(outer, c) + 8 >> 4)) << 16 * c;
    return result;
}

// ---- Luma that chroma is predicted from (7.11.5) ----

// Eight times the average luma of a pair: the sum of the four samples, doubled.
int luma_of_pair(IntraBlock block, int x, int y) {
    x = block.x * 2 + min(2 * x, int(bitfieldExtract(block.detail, 16, 8)) * 4 - 2);
    y = block.y * 2 + min(2 * y, int(bitfieldExtract(block.detail, 24, 8)) * 4 - 2);
    uint word = recon_word(uint(x), uint(y), 0);
    uint upper = recon_words[word], lower = recon_words[word + RECON.pitch / 4];
#if BIT_DEPTH == 8
    upper = upper >> ((x & 2) * 8) & 0xffff;
    lower = lower >> ((x & 2) * 8) & 0xffff;
    return int(2 * ((upper & 0xff) + (upper >> 8) + (lower & 0xff) + (lower >> 8)));
#else
    upper = (upper >> 6 & 0x03ff03ff) + (lower >> 6 & 0x03ff03ff);
    return int(2 * ((upper & 0xffff) + (upper >> 16)));
#endif
}

int round_signed(int value, const int bits) {
    int magnitude = abs(value) + (1 << bits >> 1) >> bits;
    return value < 0 ? -magnitude : magnitude;
}

// ---- Prediction ----

// Both halves of the average. Both sides together have 2, 3 or 5 times as many points as the shorter one; the factors divide
// all possible sums of such edges exactly.
uint dc(IntraBlock block) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT), has_both = has_above && has_left;
    uint half_count = (has_above ? 1 << block.log2_width : 0) + (has_left ? 1 << block.log2_height : 0) >> 1;
    int bits = has_both ? min(block.log2_width, block.log2_height) : has_above ? block.log2_width : block.log2_height;
    int ratio = abs(block.log2_width - block.log2_height);
    uint factor = has_both ? ratio == 0 ? 0x8000 : ratio == 1 ? 0x5556 : 0x3334 : 0x10000;
    uint sum = sums[block.team];
    // Luma's sum needs more than 16 bits.
    uint low = block.chroma == 0 ? sum : sum & 0xffff, high = block.chroma == 0 ? 0 : sum >> 16;
    uint average = (low + half_count >> bits) * factor >> 16 | (high + half_count >> bits) * factor & 0xffff0000;
    return has_above || has_left ? average : BASE * BOTH;
}

// A sample of a block: one component of a point.
struct Place {
    int x, y;
    uint component;
};

int derivative(int angle) { return int(bitfieldExtract(job.intra_derivatives[angle >> 1], (angle & 1) * 16, 16)); }

// Values of directional prediction that are computed once for a block (7.11.2.4).
struct Direction {
    int dx, dy, up_above, up_left;
};
Direction make_direction(IntraBlock block) {
    int angle = angle_of(block);
    int of_above = derivative(angle < 90 ? angle : max(180 - angle, 0)), of_left = derivative(angle > 180 ? max(270 - angle, 0) : max(angle - 90, 0));
    return Direction(angle < 180 && angle != 90 ? of_above : 0, angle > 90 && angle != 180 ? of_left : 0, upsamples(block, angle - 90) ? 1 : 0,
                     upsamples(block, angle - 180) ? 1 : 0);
}

int smooth_weight(int log2_size, int at) {
    int i = (1 << log2_size) - 4 + at;
    return int(bitfieldExtract(SMOOTH_WEIGHTS[i >> 2], (i & 3) * 8, 8));
}

int predict_smooth(IntraBlock block, Place at) {
    int x = at.x, y = at.y;
    int wy = smooth_weight(block.log2_height, y), wx = smooth_weight(block.log2_width, x);
    int above = above_zero(block), left = left_zero(block);
    int vertical = wy * half_of(edges[above + x], at.component) + (256 - wy) * half_of(edges[left + height_of(block) - 1], at.component);
    int horizontal = wx * half_of(edges[left + y], at.component) + (256 - wx) * half_of(edges[above + width_of(block) - 1], at.component);
    return block.mode == MODE_SMOOTH ? vertical + horizontal + 256 >> 9 : (block.mode == MODE_SMOOTH_V ? vertical : horizontal) + 128 >> 8;
}

int predict_paeth(IntraBlock block, Place at) {
    int above = above_zero(block), top = half_of(edges[above + at.x], at.component), side = half_of(edges[left_zero(block) + at.y], at.component);
    int corner = half_of(edges[above - 1], at.component), base = top + side - corner;
    int to_side = abs(base - side), to_top = abs(base - top), to_corner = abs(base - corner);
    return to_side <= to_top && to_side <= to_corner ? side : to_top <= to_corner ? top : corner;
}

// If `is_one` is not set, reads the palettes' first words.
uint palette_point(IntraBlock block, bool is_one, int x, int y) {
    uint first = job.palettes_word + (is_one ? block.detail : 0), place = job_words[first];
    uint column = uint(block.x + x) - bitfieldExtract(place, 0, 11) * 4, row = uint(block.y + y) - bitfieldExtract(place, 11, 11) * 4;
    uint map = job_words[first + 10 + (is_one ? row * job_words[first + 1] + column / 8 : 0)];
    return job_words[first + 2 + (map >> column % 8 * 4 & 7)];
}

// Intra block copy: whole samples; half samples of chroma are averaged.
uint copied_point(IntraBlock block, int x, int y) {
    ivec2 vector = ivec2(bitfieldExtract(int(block.detail), 0, 16), int(block.detail) >> 16);
    ivec2 last = ivec2(job.padded_width >> block.chroma, job.padded_height >> block.chroma) - 1;
    ivec2 at = ivec2(block.x + x, block.y + y) + (vector >> 3 + int(block.chroma));
    ivec2 further = vector >> 3 & int(block.chroma);
    uint sum = 2 * BOTH;
    [[dont_unroll]] for (int i = 0; i < 4; ++i) {
        ivec2 from = clamp(at + ivec2(i & 1, i >> 1) * further, ivec2(0), last);
        sum += read_point(from.x, from.y, block.chroma);
    }
    return sum >> 2 & 0x03ff03ff;
}

// The weight of the intra prediction in inter-intra.
int wedge_blend_weight(IntraBlock block, int x, int y) {
    uvec2 log2_size = uvec2(block.log2_width, block.log2_height) + block.chroma;
    Wedge wedge = load_wedge(block.detail, log2_size, bitfieldExtract(block.mode_word, 27, 4), false);
    ivec2 at = ivec2(x, y) << block.chroma;
    int sum = int(block.chroma) * 2;
    [[dont_unroll]] for (int i = 0; i < 4; ++i) {
        int weight = int(wedge_weight(wedge, at + ivec2(i & 1, i >> 1)));
        sum += block.chroma == 0 && i > 0 ? 0 : weight;
    }
    return sum >> 2 * block.chroma;
}
int smooth_blend_weight(IntraBlock block, int x, int y) {
    uint scale = 128u >> max(block.log2_width, block.log2_height);
    int weight = int(inter_intra_weight(uint(block.mode == MODE_V ? y : block.mode == MODE_H ? x : min(x, y)), scale));
    return block.mode == MODE_DC ? 32 : weight;
}

// ---- A record ----

// The index of a word of two residuals: for two samples of luma, or a pair of chroma.
uint residual_word(IntraBlock block, int x, int y) {
    uint column = uint(block.x + x) >> 1 - block.chroma;
    return job.residuals_words[block.chroma] + uint(block.y + y) * (job.room_width >> 1) + column;
}

bool is_in_room(IntraBlock block, int x, int y) {
    return block.x + x < int(job.room_width >> block.chroma) && block.y + y < int(job.room_height >> block.chroma);
}

int add_residual(uint residual, int value, uint component) {
    return clip_sample(value + ((component & 1) == 0 ? low_number(residual) : high_number(residual)));
}

// The positions of a block's words.
struct Words {
    uint first, pitch;              // in recon: the first word, and a row's
    uint residual, residual_pitch;  // in scratch
    int log2_row, end;              // words in a row; in the block
};

int predict_from_luma(IntraBlock block, uint average, int luma, Place at) {
    int alpha = bitfieldExtract(int(block.detail), int(at.component) * 8, 8);
    return clip_sample(half_of(average, at.component) + round_signed(alpha * luma, 6));
}

// Blends the inter prediction with an intra prediction in one of four modes.
int blend(IntraBlock block, uint average, int weight, uint before, Place at, int j) {
    uint side = edges[block.mode == MODE_V ? above_zero(block) + at.x : left_zero(block) + at.y];
    int value = half_of(block.mode == MODE_DC ? average : side, at.component), smooth_value = predict_smooth(block, at);
    value = block.mode == MODE_SMOOTH ? smooth_value : value;
    return weight * value + (64 - weight) * sample_at(before, j) + 32 >> 6;
}

// Tap `i` of a sample's Intra_Filter_Taps, for recursive filtering.
int filter_tap(uvec2 taps, const int i) { return bitfieldExtract(int(i < 4 ? taps.x : taps.y), (i & 3) * 8, 8); }
