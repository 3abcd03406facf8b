// SPDX-License-Identifier: MIT
// Intra records (7.11.2 to 7.11.5): prediction of a transform block from samples around it, palettes, intra block copy, and
// inter-intra blending; then their residual is added. TEAM invocations share a record; each has every TEAM-th word of it.
//
// Luma and chroma are the same code: a point is a sample of luma, or a pair of Cb and Cr, in the halves of a word. Of luma the upper
// half is 0. That halves the code, and with it the time that V3D's compiler takes.
const uint TEAM = 16;
const uint TEAMS = gl_WorkGroupSize.x / TEAM;

const uint MODE_DC = 0, MODE_V = 1, MODE_H = 2, MODE_D67 = 8, MODE_SMOOTH = 9, MODE_SMOOTH_V = 10, MODE_SMOOTH_H = 11,
           MODE_PAETH = 12, MODE_CFL = 13, MODE_FILTER = 14, MODE_PALETTE = 15, MODE_COPY = 16, MODE_INTER_INTRA = 17;
const uint HAVE_LEFT = 1u << 14, HAVE_ABOVE = 1u << 15, HAVE_ABOVE_RIGHT = 1u << 16, HAVE_BELOW_LEFT = 1u << 17,
           SMOOTH_EDGE = 1u << 18, CODED = 3u << 19, WEDGE = 1u << 26;

// AboveRow, then LeftCol, both from -2 on. Directional modes need one of them as far again as the other side is long: above alone,
// or left alone. An odd number, so that teams are in different banks.
const int TEAM_POINTS = 137, ABOVE_ZERO = 2, LEFT_ZERO = 70, LONG_LEFT_ZERO = 2;
shared uint edges[TEAMS * TEAM_POINTS];
// Of DC; of the luma that chroma is predicted from.
shared uint sums[TEAMS];
shared int luma_sums[TEAMS];
shared int filter_waves;  // the most of any team's

uint team() { return gl_LocalInvocationIndex / TEAM; }
int lane() { return int(gl_LocalInvocationIndex % TEAM); }

struct IntraBlock {
    uint chroma;  // 1, or 0
    uint mode_word, detail;
    uint mode;    // of the samples around: of inter-intra blocks what blends
    int x, y;     // points
    int log2_width, log2_height;
};

bool has(IntraBlock block, uint bit) { return (block.mode_word & bit) != 0; }
uint record_mode(IntraBlock block) { return bitfieldExtract(block.mode_word, 0, 5); }
int angle_of(IntraBlock block) { return int(bitfieldExtract(block.mode_word, 5, 9)); }
int width_of(IntraBlock block) { return 1 << block.log2_width; }
int height_of(IntraBlock block) { return 1 << block.log2_height; }
bool is_directional(IntraBlock block) { return block.mode >= MODE_V && block.mode <= MODE_D67; }

// Tx_Width_Log2 and Tx_Height_Log2, four bits each.
const uint TX_WIDTHS[3] = uint[](0x33265432, 0x34265544, 0x00000645), TX_HEIGHTS[3] = uint[](0x42365432, 0x52456453, 0x00000463);

int tx_log2(uint size, uint first, uint second, uint third) {
    return int((size < 8 ? first : size < 16 ? second : third) >> (size & 7) * 4 & 15);
}

IntraBlock make_block(uvec4 record, uint chroma) {
    IntraBlock block;
    block.chroma = chroma;
    block.mode_word = record.y;
    block.detail = record.z;
    block.x = int(bitfieldExtract(record.x, 0, 11)) * 4;
    block.y = int(bitfieldExtract(record.x, 11, 11)) * 4;
    uint mode = record_mode(block), size = bitfieldExtract(record.x, 22, 5);
    bool whole = mode >= MODE_COPY;
    block.log2_width = whole ? int(size & 7) + 1 : tx_log2(size, TX_WIDTHS[0], TX_WIDTHS[1], TX_WIDTHS[2]);
    block.log2_height = whole ? int(bitfieldExtract(record.x, 25, 3)) + 1 : tx_log2(size, TX_HEIGHTS[0], TX_HEIGHTS[1], TX_HEIGHTS[2]);
    block.mode = mode == MODE_INTER_INTRA ? bitfieldExtract(record.y, 21, 5) : mode;
    return block;
}

// ---- Points ----

const uint BOTH = 0x00010001;

int half_of(uint point, uint component) { return int(point >> component * 16 & 0xffff); }

// Where the word of a plane's point is; the points of a word are 1 << (LOG2_SAMPLES - chroma).
const uint LOG2_SAMPLES = WORD_SAMPLES == 4 ? 2 : 1;
uint recon_word(uint x, uint y, uint chroma) {
    uint offset = chroma == 0 ? 0 : job.recon.chroma_offset;
    return job.recon.word + (offset + y * job.recon.pitch + (x << chroma) * SAMPLE_BYTES) / 4;
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

// 7.11.2.9, of which the thresholds of 1, 2 and 3 are; 127 is none.
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

// An edge as it is in the picture: points from a byte on, `step` bytes from each other; behind the last one that is repeated. Where
// there is nothing on this side it is the other side's first point, or else a number (not 0).
struct Edge {
    uint byte, step;
    int last;
    uint number;
    uint high_mask;  // of Cr
};

uint recon_byte(int x, int y, uint chroma) {
    uint offset = chroma == 0 ? 0 : job.recon.chroma_offset;
    return job.recon.word * 4 + offset + uint(y) * job.recon.pitch + (uint(x) << chroma) * SAMPLE_BYTES;
}

Edge make_edge(IntraBlock block, bool of_left) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT), is_there = of_left ? has_left : has_above;
    bool beside = of_left ? has_left : !has_above;
    Edge edge;
    edge.byte = recon_byte(max(block.x - (beside ? 1 : 0), 0), max(block.y - (beside ? 0 : 1), 0), block.chroma);
    edge.step = of_left ? job.recon.pitch : SAMPLE_BYTES << block.chroma;
    int length = of_left ? height_of(block) << (has(block, HAVE_BELOW_LEFT) ? 1 : 0) : width_of(block) << (has(block, HAVE_ABOVE_RIGHT) ? 1 : 0);
    int visible = of_left ? int(job.padded_height >> block.chroma) - block.y : int(job.padded_width >> block.chroma) - block.x;
    edge.last = is_there ? min(length, visible) - 1 : 0;
    edge.number = has_above || has_left ? 0 : (of_left ? BASE + 1 : BASE - 1) * (block.chroma == 0 ? 1 : BOTH);
    edge.high_mask = block.chroma == 0 ? 0 : 0xffff0000;
    return edge;
}

uint edge_point(Edge edge, int i) {
    uint byte = edge.byte + uint(min(i, edge.last)) * edge.step, word = recon_words[byte >> 2];
#if BIT_DEPTH == 8
    word >>= (byte & 3) * 8;
    uint point = word & 0xff | word << 8 & 0xff0000 & edge.high_mask;
#else
    word >>= (byte & 2) * 8 + 6;
    uint point = word & 0x3ff | word & 0x03ff0000 & edge.high_mask;
#endif
    return edge.number != 0 ? edge.number : point;
}

// Of both halves.
uint weighted(uint outer, uint inner, uint center, uint outer_weight, uint inner_weight, uint center_weight) {
    return outer * outer_weight + inner * inner_weight + center * center_weight + 8 * BOTH >> 4 & 0x0fff0fff;
}

uint between(uint outer, uint inner) {
    uint result = 0;
    [[unroll]] for (uint c = 0; c < 2; ++c)
        result |= uint(clip_sample(9 * half_of(inner, c) - half_of(outer, c) + 8 >> 4)) << 16 * c;
    return result;
}

uint load_corner(IntraBlock block) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT), has_none = !has_above && !has_left;
    int angle = angle_of(block), x = max(block.x - 1, 0), y = max(block.y - 1, 0);
    bool is_filtered = filters_edges(block) && angle > 90 && angle < 180 && width_of(block) + height_of(block) >= 24;
    uint corner = read_point(has_left ? x : block.x, has_above ? y : block.y, block.chroma);
    if (subgroupAny(is_filtered)) {
        uint above = read_point(has_above ? block.x : x, has_above ? y : block.y, block.chroma);
        uint left = read_point(has_left ? x : block.x, has_left ? block.y : y, block.chroma);
        corner = is_filtered ? weighted(above + left, 0, corner, 5, 0, 6) : corner;
    }
    return has_none ? BASE * (block.chroma == 0 ? 1 : BOTH) : corner;
}

// An edge, filtered or upsampled. `zero`: where its first point goes; `size` of its points and the corner are filtered.
uint load_edge(IntraBlock block, bool of_left, int zero, int count, int size, uint corner) {
    Edge edge = make_edge(block, of_left);
    int delta = angle_of(block) - (of_left ? 180 : 90);
    bool up = upsamples(block, delta), is_there = has(block, of_left ? HAVE_LEFT : HAVE_ABOVE);
    int strength = filters_edges(block) && is_there && !up ? filter_strength(block, delta) : 0;
    int last = up ? count - 1 : size - 2, last_changed = count == 0 ? -1 : up || strength != 0 ? last : -1;
    uint sum = 0;
    if (lane() == 0 && count != 0) edges[up ? zero - 2 : zero - 1] = corner;
    [[dont_unroll]] for (int i = lane(); subgroupAny(i < count); i += int(TEAM)) {
        uint point = edge_point(edge, i);
        sum += i < count ? point : 0;
        if (subgroupAny(i <= last_changed)) {
            uint a = edge_point(edge, max(i - 2, 0)), b = edge_point(edge, max(i - 1, 0));
            uint c = edge_point(edge, min(i + 1, last)), d = edge_point(edge, min(i + 2, last));
            a = i < 2 ? corner : a;
            b = i < 1 ? corner : b;
            if (up && i < count) edges[zero + 2 * i - 1] = between(a + c, b + point);
            uint outer_weight = strength == 3 ? 2 : 0, inner_weight = strength == 2 ? 5 : 4;
            uint filtered = weighted(a + d, b + c, point, outer_weight, inner_weight, 16 - 2 * (outer_weight + inner_weight));
            point = up || i > last_changed ? point : filtered;
        }
        if (i < count) edges[up ? zero + 2 * i : zero + i] = point;
    }
    return is_there ? sum : 0;
}

int left_zero(IntraBlock block) {
    return int(team()) * TEAM_POINTS + (is_directional(block) && angle_of(block) > 180 ? LONG_LEFT_ZERO : LEFT_ZERO);
}
int above_zero() { return int(team()) * TEAM_POINTS + ABOVE_ZERO; }

void load_edges(uint quad, uint chroma, bool exists) {
    [[dont_unroll]] for (uint side = 0; side < 2; ++side) {
        IntraBlock block = make_block(job_quads[quad + job.zero * side], chroma);
        bool own = exists && block.mode < MODE_PALETTE, of_left = side == 1;
        if (!subgroupAny(own)) continue;
        int width = width_of(block), height = height_of(block), angle = angle_of(block);
        bool directional = is_directional(block);
        bool only_above = directional && angle < 90, only_left = directional && angle > 180;
        int length = of_left ? height : width, further = of_left ? (only_left ? width : 0) : only_above ? height : 0;
        int visible = of_left ? int(job.padded_height >> chroma) - block.y : int(job.padded_width >> chroma) - block.x;
        bool needed = own && !(of_left ? only_above : only_left);
        uint sum = load_edge(block, of_left, of_left ? left_zero(block) : above_zero(), needed ? length + further : 0,
                             min(length, visible) + further + 1, load_corner(block));
        if (own && (block.mode == MODE_DC || block.mode == MODE_CFL)) atomicAdd(sums[team()], sum);
    }
}

// ---- Luma that chroma is predicted from (7.11.5) ----

// Eight times the luma of a pair: of the four samples, twice.
int luma_of_pair(IntraBlock block, int x, int y) {
    x = block.x * 2 + min(2 * x, int(bitfieldExtract(block.detail, 16, 8)) * 4 - 2);
    y = block.y * 2 + min(2 * y, int(bitfieldExtract(block.detail, 24, 8)) * 4 - 2);
    uint word = recon_word(uint(x), uint(y), 0);
    uint upper = recon_words[word], lower = recon_words[word + job.recon.pitch / 4];
#if BIT_DEPTH == 8
    upper = upper >> ((x & 2) * 8) & 0xffff;
    lower = lower >> ((x & 2) * 8) & 0xffff;
    return int(2 * ((upper & 0xff) + (upper >> 8) + (lower & 0xff) + (lower >> 8)));
#else
    upper = (upper >> 6 & 0x03ff03ff) + (lower >> 6 & 0x03ff03ff);
    return int(2 * ((upper & 0xffff) + (upper >> 16)));
#endif
}

void sum_luma(IntraBlock block, bool own) {
    if (!subgroupAny(own)) return;
    int sum = 0, end = own ? 1 << block.log2_width + block.log2_height : 0;
    [[dont_unroll]] for (int i = lane(); subgroupAny(i < end); i += int(TEAM)) {
        int at = i < end ? i : 0, luma = luma_of_pair(block, at & width_of(block) - 1, at >> block.log2_width);
        sum += i < end ? luma : 0;
    }
    if (own) atomicAdd(luma_sums[team()], sum);
}

int round_signed(int value, const int bits) {
    int magnitude = abs(value) + (1 << bits >> 1) >> bits;
    return value < 0 ? -magnitude : magnitude;
}

// ---- Prediction ----

// Both halves of the average; luma has bits of a larger sum in its upper half.
uint dc(IntraBlock block) {
    uint count = (has(block, HAVE_ABOVE) ? 1 << block.log2_width : 0) + (has(block, HAVE_LEFT) ? 1 << block.log2_height : 0);
    uint sum = sums[team()];
    // Sums of luma need more than a half.
    uint low = block.chroma == 0 ? sum : sum & 0xffff, high = block.chroma == 0 ? 0 : sum >> 16, divisor = max(count, 1);
    uint average = (low + count / 2) / divisor | (high + count / 2) / divisor << 16;
    return count == 0 ? BASE * BOTH : average;
}

// A sample of a block: of a point a component.
struct Place {
    int x, y;
    uint component;
};

int derivative(int angle) { return int(bitfieldExtract(job.intra_derivatives[angle >> 1], (angle & 1) * 16, 16)); }

// What directional prediction works out once for a block (7.11.2.4).
struct Direction {
    int dx, dy, up_above, up_left;
};
Direction make_direction(IntraBlock block) {
    int angle = angle_of(block);
    int of_above = derivative(angle < 90 ? angle : max(180 - angle, 0)), of_left = derivative(angle > 180 ? max(270 - angle, 0) : max(angle - 90, 0));
    return Direction(angle < 180 && angle != 90 ? of_above : 0, angle > 90 && angle != 180 ? of_left : 0, upsamples(block, angle - 90) ? 1 : 0,
                     upsamples(block, angle - 180) ? 1 : 0);
}

int predict_directional(IntraBlock block, Direction direction, Place at) {
    int x = at.x, y = at.y;
    int angle = angle_of(block);
    bool only_above = angle <= 90, only_left = angle >= 180;
    int index = (only_above ? 0 : x << 6) + (only_above ? y + 1 : -(y + 1)) * direction.dx, up = direction.up_above;
    int base = (index >> 6 - up) + (only_above ? x << up : 0), zero = above_zero();
    bool from_left = only_left || !only_above && base < -(1 << up);
    int left_index = (only_left ? 0 : y << 6) + (only_left ? x + 1 : -(x + 1)) * direction.dy;
    int left_base = (left_index >> 6 - direction.up_left) + (only_left ? y << direction.up_left : 0);
    index = from_left ? left_index : index;
    base = from_left ? left_base : base;
    up = from_left ? direction.up_left : up;
    zero = from_left ? left_zero(block) : zero;
    int most = width_of(block) + height_of(block) - 1 << up;
    bool is_last = only_above && base >= most;
    base = is_last ? most : base;
    int shift = is_last ? 0 : index << up >> 1 & 31;
    return half_of(edges[zero + base], at.component) * (32 - shift) + half_of(edges[zero + base + 1], at.component) * shift + 16 >> 5;
}

int smooth_weight(int log2_size, int at) {
    int i = (1 << log2_size) - 4 + at;
    return int(bitfieldExtract(job.smooth_weights[i >> 2], (i & 3) * 8, 8));
}

int predict_smooth(IntraBlock block, Place at) {
    int x = at.x, y = at.y;
    int wy = smooth_weight(block.log2_height, y), wx = smooth_weight(block.log2_width, x);
    int above = above_zero(), left = left_zero(block);
    int vertical = wy * half_of(edges[above + x], at.component) + (256 - wy) * half_of(edges[left + height_of(block) - 1], at.component);
    int horizontal = wx * half_of(edges[left + y], at.component) + (256 - wx) * half_of(edges[above + width_of(block) - 1], at.component);
    return block.mode == MODE_SMOOTH ? vertical + horizontal + 256 >> 9 : (block.mode == MODE_SMOOTH_V ? vertical : horizontal) + 128 >> 8;
}

int predict_paeth(IntraBlock block, Place at) {
    int above = above_zero(), top = half_of(edges[above + at.x], at.component), side = half_of(edges[left_zero(block) + at.y], at.component);
    int corner = half_of(edges[above - 1], at.component), base = top + side - corner;
    int to_side = abs(base - side), to_top = abs(base - top), to_corner = abs(base - corner);
    return to_side <= to_top && to_side <= to_corner ? side : to_top <= to_corner ? top : corner;
}

// `is_one`: others read the palettes' first words.
uint palette_point(IntraBlock block, bool is_one, int x, int y) {
    uint first = job.palettes_word + (is_one ? block.detail : 0), place = job_words[first];
    uint column = uint(block.x + x) - bitfieldExtract(place, 0, 11) * 4, row = uint(block.y + y) - bitfieldExtract(place, 11, 11) * 4;
    uint map = job_words[first + 10 + (is_one ? row * job_words[first + 1] + column / 8 : 0)];
    return job_words[first + 2 + (map >> column % 8 * 4 & 7)];
}

// Intra block copy: whole samples; halves of chroma are averaged.
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

// What inter-intra weights the intra prediction with.
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

// The word of two residuals: of luma for two samples, of chroma for a pair.
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

// Each kind of prediction is a loop of its own over words, and of that over samples: on V3D what branches of single invocations
// assign takes registers for all of them. A team's words follow each other.
// Where a block's words are. Whole blocks of intra block copy may reach out of the room.
struct Words {
    uint first, pitch;              // of recon, a row's
    uint residual, residual_pitch;  // of scratch
    int log2_row, end;              // words of a row; of all
};

Words make_words(IntraBlock block) {
    Words words;
    words.first = recon_word(uint(block.x), uint(block.y), block.chroma);
    words.pitch = job.recon.pitch / 4;
    words.residual = residual_word(block, 0, 0);
    words.residual_pitch = job.room_width >> 1;
    words.log2_row = block.log2_width - int(LOG2_SAMPLES - block.chroma);
    words.end = 1 << words.log2_row + block.log2_height;
    return words;
}

#define RECONSTRUCT(NAME, SETUP, IS_IN_ROOM, VALUE)                                                                           \
    void NAME(uint quad, uint chroma, bool own) {                                                                             \
        if (!subgroupAny(own)) return;                                                                                        \
        IntraBlock block = make_block(job_quads[quad + job.zero], chroma + job.zero);                                         \
        Words words = make_words(block);                                                                                      \
        words.end = own ? words.end : 0;                                                                                      \
        SETUP                                                                                                                 \
        [[dont_unroll]] for (int n = lane(); subgroupAny(n < words.end); n += int(TEAM)) {                                    \
            bool is_one = n < words.end;                                                                                      \
            int i = is_one ? n : 0;                                                                                           \
            int column = i & (1 << words.log2_row) - 1, row = i >> words.log2_row;                                            \
            Place at = Place(column << LOG2_SAMPLES - block.chroma, row, 0);                                                  \
            is_one = is_one && (IS_IN_ROOM);                                                                                  \
            uint word = words.first + uint(row) * words.pitch + uint(column), result = 0;                                     \
            uint residuals = words.residual + uint(row) * words.residual_pitch + uint(column) * (WORD_SAMPLES / 2);           \
            [[dont_unroll]] for (int j = 0; j < WORD_SAMPLES; ++j) {                                                          \
                at.component = uint(j) & block.chroma;                                                                        \
                int value = VALUE;                                                                                            \
                uint residual = scratch_words[residuals + (j >> 1)];                                                          \
                residual = has(block, CODED) ? residual : 0;                                                                  \
                result |= place_sample(add_residual(residual, value, j & 1), j);                                              \
                at.x += j & 1 | 1 - int(block.chroma);                                                                        \
            }                                                                                                                 \
            if (is_one) recon_words[word] = result;                                                                           \
        }                                                                                                                     \
    }

int predict_from_luma(IntraBlock block, uint average, int luma_average, Place at) {
    int alpha = bitfieldExtract(int(block.detail), int(at.component) * 8, 8);
    return clip_sample(half_of(average, at.component) + round_signed(alpha * (luma_of_pair(block, at.x, at.y) - luma_average), 6));
}

int average_luma(IntraBlock block) {
    int bits = block.log2_width + block.log2_height;
    return luma_sums[team()] + (1 << bits >> 1) >> bits;
}

// What inter prediction left, and an intra prediction of one of four modes.
int blend(IntraBlock block, uint average, int weight, uint before, Place at, int j) {
    uint side = edges[block.mode == MODE_V ? above_zero() + at.x : left_zero(block) + at.y];
    int value = half_of(block.mode == MODE_DC ? average : side, at.component), smooth_value = predict_smooth(block, at);
    value = block.mode == MODE_SMOOTH ? smooth_value : value;
    return weight * value + (64 - weight) * sample_at(before, j) + 32 >> 6;
}

RECONSTRUCT(reconstruct_dc, uint average = dc(block);, true, half_of(average, at.component))
RECONSTRUCT(reconstruct_from_luma, uint average = dc(block); int luma_average = average_luma(block);
            , true, predict_from_luma(block, average, luma_average, at))
RECONSTRUCT(reconstruct_directional, Direction direction = make_direction(block);, true, predict_directional(block, direction, at))
RECONSTRUCT(reconstruct_smooth, , true, predict_smooth(block, at))
RECONSTRUCT(reconstruct_paeth, , true, predict_paeth(block, at))
RECONSTRUCT(reconstruct_palette, , true, half_of(palette_point(block, is_one, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_copy, , is_in_room(block, at.x, at.y), half_of(copied_point(block, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_inter_intra, uint average = dc(block);
            , true, blend(block, average, smooth_blend_weight(block, at.x, at.y), recon_words[word], at, j))
RECONSTRUCT(reconstruct_wedge, uint average = dc(block);
            , true, blend(block, average, wedge_blend_weight(block, at.x, at.y), recon_words[word], at, j))

void reconstruct_block(uint quad, uint chroma, bool own) {
    uint mode_word = job_quads[quad].y;
    uint mode = own ? bitfieldExtract(mode_word, 0, 5) : MODE_FILTER;
    reconstruct_dc(quad, chroma, mode == MODE_DC);
    reconstruct_directional(quad, chroma, mode >= MODE_V && mode <= MODE_D67);
    reconstruct_smooth(quad, chroma, mode >= MODE_SMOOTH && mode <= MODE_SMOOTH_H);
    reconstruct_paeth(quad, chroma, mode == MODE_PAETH);
    reconstruct_from_luma(quad, chroma, mode == MODE_CFL);
    reconstruct_palette(quad, chroma, mode == MODE_PALETTE);
    reconstruct_copy(quad, chroma, mode == MODE_COPY);
    reconstruct_inter_intra(quad, chroma, mode == MODE_INTER_INTRA && (mode_word & WEDGE) == 0);
    reconstruct_wedge(quad, chroma, mode == MODE_INTER_INTRA && (mode_word & WEDGE) != 0);
}

// ---- Recursive filter (7.11.2.3), luma ----

// Invocation n of a team has the n-th two rows, and follows the one above it by a unit of 4x2 samples. A unit leaves its lower row
// in AboveRow.
struct FilterRow {
    int corner;
    ivec2 left;
};

int filter_tap(uvec2 taps, const int i) { return bitfieldExtract(int(i < 4 ? taps.x : taps.y), (i & 3) * 8, 8); }

void filter_unit(IntraBlock block, inout FilterRow row, int unit, bool own) {
    int x = own ? unit * 4 : 0, y = own ? lane() * 2 : 0, above = above_zero() + x;
    ivec4 top = ivec4(edges[above], edges[above + 1], edges[above + 2], edges[above + 3]);
    FilterRow next = FilterRow(top.w, ivec2(0));
    uint word = recon_word(uint(block.x + x), uint(block.y + y), 0), residuals = residual_word(block, x, y);
    [[dont_unroll]] for (int r = 0; r < 2; ++r) {
        uint tap_word = ((own ? bitfieldExtract(block.mode_word, 21, 5) : 0) * 8 + r * 4) * 2, result = 0;
        int value = 0;
        [[unroll]] for (int i = 0; i < 4; ++i) {
            uvec2 taps = uvec2(job.intra_filter_taps[tap_word + 2 * i], job.intra_filter_taps[tap_word + 2 * i + 1]);
            int sum = filter_tap(taps, 0) * row.corner + filter_tap(taps, 5) * row.left.x + filter_tap(taps, 6) * row.left.y;
            [[unroll]] for (int j = 0; j < 4; ++j) sum += filter_tap(taps, j + 1) * top[j];
            value = clip_sample(round_signed(sum, 4));
            if (own && r == 1) edges[above + i] = uint(value);
            uint residual = scratch_words[residuals + i / 2];
            result |= place_sample(add_residual(has(block, CODED) ? residual : 0, value, i & 1), i % WORD_SAMPLES);
            if ((i + 1) % WORD_SAMPLES == 0) {
                if (own) recon_words[word + i / WORD_SAMPLES] = result;
                result = 0;
            }
        }
        next.left = ivec2(next.left.y, value);
        word += job.recon.pitch / 4;
        residuals += job.room_width >> 1;
    }
    row.corner = own ? next.corner : row.corner;
    row.left = own ? next.left : row.left;
}

// As many steps as any team needs; all of the workgroup are here.
void filter_recursively(IntraBlock block, bool own) {
    int units = width_of(block) / 4, rows = height_of(block) / 2;
    bool has_rows = own && lane() < rows;
    int left = left_zero(block) + (has_rows ? lane() * 2 : 0);
    FilterRow row = FilterRow(int(edges[left - 1]), ivec2(edges[left], edges[left + 1]));
    int waves = filter_waves;
    [[dont_unroll]] for (int wave = 0; subgroupAny(wave < waves); ++wave) {
        int unit = wave - lane();
        bool has_unit = has_rows && unit >= 0 && unit < units;
        if (subgroupAny(has_unit)) filter_unit(block, row, unit, has_unit);
        barrier();
    }
}

// A team's record, if it exists; all of the workgroup are here. `quad`: of one that does. What it says is read again for each step:
// kept in registers it is too much.
void reconstruct(uint quad, bool exists, uint chroma) {
    if (lane() == 0) {
        sums[team()] = 0;
        luma_sums[team()] = 0;
    }
    if (gl_LocalInvocationIndex == 0) filter_waves = 0;
    barrier();
    load_edges(quad, chroma, exists);
    IntraBlock block = make_block(job_quads[quad + 2 * job.zero], chroma);
    sum_luma(block, exists && block.mode == MODE_CFL);
    if (exists && block.mode == MODE_FILTER && lane() == 0) atomicMax(filter_waves, width_of(block) / 4 + height_of(block) / 2 - 1);
    barrier();
    block = make_block(job_quads[quad + 3 * job.zero], chroma + job.zero);
    filter_recursively(block, exists && block.mode == MODE_FILTER);
    reconstruct_block(quad + 4 * job.zero, chroma, exists);
    barrier();
}

// The `index`-th record of a level: of luma's, then of chroma's.
void reconstruct_of_level(uint level, uint index) {
    uint luma = job.intra_levels_words[0] + level, chroma = job.intra_levels_words[1] + level;
    uint first_luma = job_words[luma], luma_count = job_words[luma + 1] - first_luma;
    uint first_chroma = job_words[chroma], chroma_count = job_words[chroma + 1] - first_chroma;
    bool exists = index < luma_count + chroma_count;
    index = min(index, luma_count + chroma_count - 1);
    bool is_chroma = index >= luma_count;
    reconstruct(is_chroma ? job.intra_quads[1] + first_chroma + index - luma_count : job.intra_quads[0] + first_luma + index, exists,
                is_chroma ? 1 : 0);
}
