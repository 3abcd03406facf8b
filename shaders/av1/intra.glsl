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

// Point `i` of an edge as it is in the picture, or what stands for it; the corner is -1 of both edges.
uint original(IntraBlock block, int i, bool of_left) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT), is_corner = i < 0;
    int limit_x = min(block.x + (width_of(block) << (has(block, HAVE_ABOVE_RIGHT) ? 1 : 0)), int(job.padded_width >> block.chroma)) - 1;
    int limit_y = min(block.y + (height_of(block) << (has(block, HAVE_BELOW_LEFT) ? 1 : 0)), int(job.padded_height >> block.chroma)) - 1;
    int x = of_left || is_corner ? (has_left ? block.x - 1 : block.x) : has_above ? min(block.x + i, limit_x) : block.x - 1;
    int y = !of_left || is_corner ? (has_above ? block.y - 1 : block.y) : has_left ? min(block.y + i, limit_y) : block.y - 1;
    if (!has_above && !has_left) return (BASE + (is_corner ? 0 : of_left ? 1 : -1)) * (block.chroma == 0 ? 1 : BOTH);
    return read_point(x, y, block.chroma);
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
    uint corner = original(block, -1, false);
    int angle = angle_of(block);
    if (filters_edges(block) && angle > 90 && angle < 180 && width_of(block) + height_of(block) >= 24) {
        corner = weighted(original(block, 0, false) + original(block, 0, true), 0, corner, 5, 0, 6);
    }
    return corner;
}

// An edge, filtered or upsampled. `zero`: where its first point goes; `size` of its points and the corner are filtered.
uint load_edge(IntraBlock block, bool of_left, int zero, int count, int size, uint corner) {
    int delta = angle_of(block) - (of_left ? 180 : 90);
    bool is_there = has(block, of_left ? HAVE_LEFT : HAVE_ABOVE), up = upsamples(block, delta);
    int strength = filters_edges(block) && is_there && !up ? filter_strength(block, delta) : 0;
    uint outer_weight = strength == 3 ? 2 : 0, inner_weight = strength == 2 ? 5 : 4, center_weight = 16 - 2 * (outer_weight + inner_weight);
    int last = up ? count - 1 : size - 2;
    uint sum = 0;
    [[dont_unroll]] for (int i = lane(); i < count; i += int(TEAM)) {
        uint point = original(block, i, of_left);
        sum += is_there ? point : 0;
        if (up || strength != 0 && i <= last) {
            int first = max(i - 2, -1), second = i - 1, third = min(i + 1, last), fourth = min(i + 2, last);
            uint a = first < 0 ? corner : original(block, first, of_left), b = second < 0 ? corner : original(block, second, of_left);
            uint c = original(block, third, of_left);
            if (up) {
                edges[zero + 2 * i - 1] = between(a + c, b + point);
            } else {
                point = weighted(a + original(block, fourth, of_left), b + c, point, outer_weight, inner_weight, center_weight);
            }
        }
        edges[up ? zero + 2 * i : zero + i] = point;
    }
    if (lane() == 0) edges[up ? zero - 2 : zero - 1] = corner;
    return sum;
}

int left_zero(IntraBlock block) {
    return int(team()) * TEAM_POINTS + (is_directional(block) && angle_of(block) > 180 ? LONG_LEFT_ZERO : LEFT_ZERO);
}
int above_zero() { return int(team()) * TEAM_POINTS + ABOVE_ZERO; }

void load_edges(IntraBlock block) {
    int width = width_of(block), height = height_of(block), angle = angle_of(block);
    bool directional = is_directional(block);
    bool only_above = directional && angle < 90, only_left = directional && angle > 180;
    uint corner = load_corner(block), sum = 0;
    [[dont_unroll]] for (int side = only_left ? 1 : 0; side < (only_above ? 1 : 2); ++side) {
        bool of_left = side == 1;
        int own = of_left ? height : width, further = of_left ? (only_left ? width : 0) : only_above ? height : 0;
        int visible = of_left ? int(job.padded_height >> block.chroma) - block.y : int(job.padded_width >> block.chroma) - block.x;
        sum += load_edge(block, of_left, of_left ? left_zero(block) : above_zero(), own + further, min(own, visible) + further + 1, corner);
    }
    if (block.mode == MODE_DC || block.mode == MODE_CFL) atomicAdd(sums[team()], sum);
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

void sum_luma(IntraBlock block) {
    int sum = 0;
    [[dont_unroll]] for (int i = lane(); i < 1 << block.log2_width + block.log2_height; i += int(TEAM)) {
        sum += luma_of_pair(block, i & width_of(block) - 1, i >> block.log2_width);
    }
    atomicAdd(luma_sums[team()], sum);
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
    if (count == 0) return BASE * BOTH;
    if (block.chroma == 0) return (sum + count / 2) / count;
    return ((sum & 0xffff) + count / 2) / count | ((sum >> 16) + count / 2) / count << 16;
}

int derivative(int angle) { return int(bitfieldExtract(job.intra_derivatives[angle >> 1], (angle & 1) * 16, 16)); }

// What directional prediction works out once for a block (7.11.2.4).
struct Direction {
    int dx, dy, up_above, up_left;
};
Direction make_direction(IntraBlock block) {
    int angle = angle_of(block);
    Direction direction = Direction(0, 0, 0, 0);
    if (!is_directional(block)) return direction;
    if (angle < 180 && angle != 90) direction.dx = derivative(angle < 90 ? angle : 180 - angle);
    if (angle > 90 && angle != 180) direction.dy = derivative(angle > 180 ? 270 - angle : angle - 90);
    direction.up_above = upsamples(block, angle - 90) ? 1 : 0;
    direction.up_left = upsamples(block, angle - 180) ? 1 : 0;
    return direction;
}

int predict_directional(IntraBlock block, Direction direction, int x, int y, uint component) {
    int angle = angle_of(block);
    bool only_above = angle <= 90, only_left = angle >= 180;
    int index = (only_above ? 0 : x << 6) + (only_above ? y + 1 : -(y + 1)) * direction.dx, up = direction.up_above;
    int base = (index >> 6 - up) + (only_above ? x << up : 0), zero = above_zero();
    if (only_left || !only_above && base < -(1 << up)) {
        up = direction.up_left;
        index = (only_left ? 0 : y << 6) + (only_left ? x + 1 : -(x + 1)) * direction.dy;
        base = (index >> 6 - up) + (only_left ? y << up : 0);
        zero = left_zero(block);
    }
    int shift = index << up >> 1 & 31, most = width_of(block) + height_of(block) - 1 << up;
    if (only_above && base >= most) {
        base = most;
        shift = 0;
    }
    return half_of(edges[zero + base], component) * (32 - shift) + half_of(edges[zero + base + 1], component) * shift + 16 >> 5;
}

int smooth_weight(int log2_size, int at) {
    int i = (1 << log2_size) - 4 + at;
    return int(bitfieldExtract(job.smooth_weights[i >> 2], (i & 3) * 8, 8));
}

int predict_smooth(IntraBlock block, int x, int y, uint component) {
    int wy = smooth_weight(block.log2_height, y), wx = smooth_weight(block.log2_width, x);
    int above = above_zero(), left = left_zero(block);
    int vertical = wy * half_of(edges[above + x], component) + (256 - wy) * half_of(edges[left + height_of(block) - 1], component);
    int horizontal = wx * half_of(edges[left + y], component) + (256 - wx) * half_of(edges[above + width_of(block) - 1], component);
    return block.mode == MODE_SMOOTH ? vertical + horizontal + 256 >> 9 : (block.mode == MODE_SMOOTH_V ? vertical : horizontal) + 128 >> 8;
}

int predict_paeth(IntraBlock block, int x, int y, uint component) {
    int above = above_zero(), top = half_of(edges[above + x], component), side = half_of(edges[left_zero(block) + y], component);
    int corner = half_of(edges[above - 1], component), base = top + side - corner;
    int to_side = abs(base - side), to_top = abs(base - top), to_corner = abs(base - corner);
    return to_side <= to_top && to_side <= to_corner ? side : to_top <= to_corner ? top : corner;
}

uint palette_point(IntraBlock block, int x, int y) {
    uint first = job.palettes_word + block.detail, place = job_words[first];
    uint column = uint(block.x + x) - bitfieldExtract(place, 0, 11) * 4, row = uint(block.y + y) - bitfieldExtract(place, 11, 11) * 4;
    uint map = job_words[first + 10 + row * job_words[first + 1] + column / 8];
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
int blend_weight(IntraBlock block, int x, int y) {
    if (has(block, WEDGE)) {
        uvec2 log2_size = uvec2(block.log2_width, block.log2_height) + block.chroma;
        Wedge wedge = load_wedge(block.detail, log2_size, bitfieldExtract(block.mode_word, 27, 4), false);
        ivec2 at = ivec2(x, y) << block.chroma;
        int sum = block.chroma == 0 ? 0 : 2;
        [[dont_unroll]] for (int i = 0; i < 1 << 2 * block.chroma; ++i) sum += int(wedge_weight(wedge, at + ivec2(i & 1, i >> 1)));
        return sum >> 2 * block.chroma;
    }
    if (block.mode == MODE_DC) return 32;
    uint scale = 128u >> max(block.log2_width, block.log2_height);
    return int(inter_intra_weight(uint(block.mode == MODE_V ? y : block.mode == MODE_H ? x : min(x, y)), scale));
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

int predict(IntraBlock block, Direction direction, uint average, int luma_average, int x, int y, uint component) {
    uint mode = record_mode(block);
    if (mode == MODE_PALETTE) return half_of(palette_point(block, x, y), component);
    if (mode == MODE_COPY) return half_of(copied_point(block, x, y), component);
    if (mode == MODE_CFL) {
        int alpha = bitfieldExtract(int(block.detail), int(component) * 8, 8);
        return clip_sample(half_of(average, component) + round_signed(alpha * (luma_of_pair(block, x, y) - luma_average), 6));
    }
    if (block.mode == MODE_DC) return half_of(average, component);
    if (is_directional(block)) return predict_directional(block, direction, x, y, component);
    if (block.mode <= MODE_SMOOTH_H) return predict_smooth(block, x, y, component);
    return predict_paeth(block, x, y, component);
}

// A word at a time, and of that a sample at a time.
void reconstruct_block(IntraBlock block) {
    uint average = dc(block);
    int bits = block.log2_width + block.log2_height, luma_average = luma_sums[team()] + (1 << bits >> 1) >> bits;
    Direction direction = make_direction(block);
    int log2_points = int(LOG2_SAMPLES - block.chroma), log2_words = block.log2_width - log2_points;
    [[dont_unroll]] for (int i = lane(); i < 1 << log2_words + block.log2_height; i += int(TEAM)) {
        int x = (i & (1 << log2_words) - 1) << log2_points, y = i >> log2_words;
        if (!is_in_room(block, x, y)) continue;
        uint word = recon_word(uint(block.x + x), uint(block.y + y), block.chroma), result = 0;
        uint before = record_mode(block) == MODE_INTER_INTRA ? recon_words[word] : 0;
        uint residuals = residual_word(block, x, y);
        [[dont_unroll]] for (int j = 0; j < WORD_SAMPLES; ++j) {
            int column = x + (j >> block.chroma);
            uint component = uint(j) & block.chroma;
            int value = predict(block, direction, average, luma_average, column, y, component);
            if (record_mode(block) == MODE_INTER_INTRA) {
                int weight = blend_weight(block, column, y);
                value = weight * value + (64 - weight) * sample_at(before, j) + 32 >> 6;
            }
            uint residual = has(block, CODED) ? scratch_words[residuals + (j >> 1)] : 0;
            result |= place_sample(add_residual(residual, value, j & 1), j);
        }
        recon_words[word] = result;
    }
}

// ---- Recursive filter (7.11.2.3), luma ----

// Invocation n of a team has the n-th two rows, and follows the one above it by a unit of 4x2 samples. A unit leaves its lower row
// in AboveRow.
struct FilterRow {
    int corner;
    ivec2 left;
};

int filter_tap(uvec2 taps, const int i) { return bitfieldExtract(int(i < 4 ? taps.x : taps.y), (i & 3) * 8, 8); }

void filter_unit(IntraBlock block, inout FilterRow row, int unit) {
    int x = unit * 4, y = lane() * 2, above = above_zero() + x;
    ivec4 top = ivec4(edges[above], edges[above + 1], edges[above + 2], edges[above + 3]);
    int corner = row.corner;
    ivec2 left = row.left;
    row.corner = top.w;
    [[dont_unroll]] for (int r = 0; r < 2; ++r) {
        uint tap_word = (bitfieldExtract(block.mode_word, 21, 5) * 8 + r * 4) * 2;
        bool in_room = is_in_room(block, x, y + r);
        uint word = recon_word(uint(block.x + x), uint(block.y + y + r), 0), residuals = residual_word(block, x, y + r);
        uint result = 0, residual = 0;
        int value = 0;
        [[unroll]] for (int i = 0; i < 4; ++i) {
            uvec2 taps = uvec2(job.intra_filter_taps[tap_word + 2 * i], job.intra_filter_taps[tap_word + 2 * i + 1]);
            int sum = filter_tap(taps, 0) * corner + filter_tap(taps, 5) * left.x + filter_tap(taps, 6) * left.y;
            [[unroll]] for (int j = 0; j < 4; ++j) sum += filter_tap(taps, j + 1) * top[j];
            value = clip_sample(round_signed(sum, 4));
            if (r == 1) edges[above + i] = uint(value);
            if ((i & 1) == 0) residual = has(block, CODED) && in_room ? scratch_words[residuals + i / 2] : 0;
            result |= place_sample(add_residual(residual, value, i & 1), i % WORD_SAMPLES);
            if ((i + 1) % WORD_SAMPLES == 0) {
                if (in_room) recon_words[word + i / WORD_SAMPLES] = result;
                result = 0;
            }
        }
        row.left = r == 0 ? ivec2(value, row.left.y) : ivec2(row.left.x, value);
    }
}

// As many steps as any team needs; all of the workgroup are here.
void filter_recursively(IntraBlock block, bool filters) {
    int units = width_of(block) / 4, rows = height_of(block) / 2, left = left_zero(block) + lane() * 2;
    bool has_rows = filters && lane() < rows;
    FilterRow row = FilterRow(0, ivec2(0));
    if (has_rows) row = FilterRow(int(edges[left - 1]), ivec2(edges[left], edges[left + 1]));
    int waves = filter_waves;
    [[dont_unroll]] for (int wave = 0; wave < waves; ++wave) {
        int unit = wave - lane();
        if (has_rows && unit >= 0 && unit < units) filter_unit(block, row, unit);
        barrier();
    }
}

// A team's record, if it exists; all of the workgroup are here. `quad`: of one that does.
void reconstruct(uint quad, bool exists, bool chroma) {
    IntraBlock block = make_block(job_quads[quad], chroma ? 1 : 0);
    bool filters = exists && block.mode == MODE_FILTER;
    if (lane() == 0) {
        sums[team()] = 0;
        luma_sums[team()] = 0;
    }
    if (gl_LocalInvocationIndex == 0) filter_waves = 0;
    barrier();
    if (exists && block.mode < MODE_PALETTE) load_edges(block);
    if (exists && block.mode == MODE_CFL) sum_luma(block);
    if (filters && lane() == 0) atomicMax(filter_waves, width_of(block) / 4 + height_of(block) / 2 - 1);
    barrier();
    filter_recursively(block, filters);
    if (exists && !filters) reconstruct_block(block);
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
                is_chroma);
}
