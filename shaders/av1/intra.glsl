// SPDX-License-Identifier: MIT
// Intra records (7.11.2 to 7.11.5): prediction of a transform block from samples around it, palettes, intra block copy, and
// inter-intra blending; then their residual is added. TEAM invocations share a record, of luma or of Cb and Cr at once; each has
// every TEAM-th word of it.
const uint TEAM = 16;
const uint TEAMS = gl_WorkGroupSize.x / TEAM;

const uint MODE_DC = 0, MODE_V = 1, MODE_H = 2, MODE_D67 = 8, MODE_SMOOTH = 9, MODE_SMOOTH_V = 10, MODE_SMOOTH_H = 11,
           MODE_PAETH = 12, MODE_CFL = 13, MODE_FILTER = 14, MODE_PALETTE = 15, MODE_COPY = 16, MODE_INTER_INTRA = 17;

// AboveRow and LeftCol, from -2 on, of luma, or of Cb and of Cr. A directional mode needs one of them as far again as the other
// side is long, never both: 64 + 128 samples and twice 2 of luma, half as many of each chroma component. An odd number, so that
// teams are in different banks.
const int TEAM_SAMPLES = 201, COMPONENT_SAMPLES = 100;
shared int edges[TEAMS * TEAM_SAMPLES];
// Of Cb (luma), of Cr: what DC sums up; of the luma that chroma is predicted from.
shared int sums[TEAMS * 3];
shared int filter_waves;  // the most of any team's

uint team() { return gl_LocalInvocationIndex / TEAM; }
int lane() { return int(gl_LocalInvocationIndex % TEAM); }

struct IntraBlock {
    uint mode_word, detail;
    uint mode;  // with MODE_INTER_INTRA, how it is predicted
    int x, y;   // samples of the plane, in chroma pairs
    int width, height, log2_width, log2_height;
    int angle;
    int above_count, left_count;  // samples of the edges
    int left_zero;                // where LeftCol begins
};

const uint HAVE_LEFT = 1u << 14, HAVE_ABOVE = 1u << 15, HAVE_ABOVE_RIGHT = 1u << 16, HAVE_BELOW_LEFT = 1u << 17,
           SMOOTH_EDGE = 1u << 18;
bool has(IntraBlock block, uint bit) { return (block.mode_word & bit) != 0; }
uint record_mode(IntraBlock block) { return bitfieldExtract(block.mode_word, 0, 5); }
uint sub_mode(IntraBlock block) { return bitfieldExtract(block.mode_word, 21, 5); }
bool is_coded(IntraBlock block) { return bitfieldExtract(block.mode_word, 19, 2) != 0; }

// Tx_Width_Log2 and Tx_Height_Log2, four bits each.
const uint TX_WIDTHS[3] = uint[](0x33265432, 0x34265544, 0x00000645), TX_HEIGHTS[3] = uint[](0x42365432, 0x52456453, 0x00000463);

IntraBlock make_block(uvec4 record) {
    IntraBlock block;
    block.mode_word = record.y;
    block.detail = record.z;
    block.x = int(bitfieldExtract(record.x, 0, 11)) * 4;
    block.y = int(bitfieldExtract(record.x, 11, 11)) * 4;
    uint mode = bitfieldExtract(record.y, 0, 5), size = bitfieldExtract(record.x, 22, 5);
    if (mode >= MODE_COPY) {
        block.log2_width = int(bitfieldExtract(record.x, 22, 3)) + 1;
        block.log2_height = int(bitfieldExtract(record.x, 25, 3)) + 1;
    } else {
        block.log2_width = int(bitfieldExtract(TX_WIDTHS[size >> 3], int(size & 7) * 4, 4));
        block.log2_height = int(bitfieldExtract(TX_HEIGHTS[size >> 3], int(size & 7) * 4, 4));
    }
    block.mode = mode == MODE_INTER_INTRA ? bitfieldExtract(record.y, 21, 5) : mode;
    block.width = 1 << block.log2_width;
    block.height = 1 << block.log2_height;
    block.angle = int(bitfieldExtract(record.y, 5, 9));
    bool directional = block.mode >= MODE_V && block.mode <= MODE_D67;
    block.above_count = block.width + (directional && block.angle < 90 ? block.height : 0);
    block.left_count = block.height + (directional && block.angle > 180 ? block.width : 0);
    // Upsampling doubles short ones.
    block.left_zero = 4 + (block.above_count <= 16 ? 2 * block.above_count : block.above_count);
    return block;
}

bool is_directional(IntraBlock block) { return block.mode >= MODE_V && block.mode <= MODE_D67; }
bool uses_edges(IntraBlock block) { return block.mode < MODE_PALETTE; }

int above_index(uint component, int i) { return int(team()) * TEAM_SAMPLES + int(component) * COMPONENT_SAMPLES + 2 + i; }
int left_index(IntraBlock block, uint component, int i) {
    return int(team()) * TEAM_SAMPLES + int(component) * COMPONENT_SAMPLES + block.left_zero + i;
}
int above(uint component, int i) { return edges[above_index(component, i)]; }
int left(IntraBlock block, uint component, int i) { return edges[left_index(block, component, i)]; }

int padded_width(const bool chroma) { return int(job.padded_width >> (chroma ? 1 : 0)); }
int padded_height(const bool chroma) { return int(job.padded_height >> (chroma ? 1 : 0)); }

uint recon_word(uint x, uint y, const bool chroma) { return chroma ? chroma_word(job.recon, x, y) : luma_word(job.recon, x, y); }

// A sample of recon, of chroma Cb in x and Cr in y.
ivec2 read_sample(int x, int y, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    uint word = recon_words[recon_word(x & ~(columns - 1), y, chroma)];
    int i = x & columns - 1;
    return chroma ? ivec2(sample_at(word, i * 2), sample_at(word, i * 2 + 1)) : ivec2(sample_at(word, i), 0);
}

// ---- Edges ----

const int BASE = 1 << BIT_DEPTH - 1;

ivec2 original_above(IntraBlock block, int i, const bool chroma) {
    if (!has(block, HAVE_ABOVE)) return has(block, HAVE_LEFT) ? read_sample(block.x - 1, block.y, chroma) : ivec2(BASE - 1);
    int limit = block.x + (has(block, HAVE_ABOVE_RIGHT) ? 2 * block.width : block.width) - 1;
    return read_sample(min(block.x + i, min(limit, padded_width(chroma) - 1)), block.y - 1, chroma);
}

ivec2 original_left(IntraBlock block, int i, const bool chroma) {
    if (!has(block, HAVE_LEFT)) return has(block, HAVE_ABOVE) ? read_sample(block.x, block.y - 1, chroma) : ivec2(BASE + 1);
    int limit = block.y + (has(block, HAVE_BELOW_LEFT) ? 2 * block.height : block.height) - 1;
    return read_sample(block.x - 1, min(block.y + i, min(limit, padded_height(chroma) - 1)), chroma);
}

bool filters_edges(IntraBlock block) {
    return job.enable_intra_edge_filter != 0 && is_directional(block) && block.angle != 90 && block.angle != 180;
}

ivec2 corner(IntraBlock block, const bool chroma) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT);
    if (!has_above && !has_left) return ivec2(BASE);
    ivec2 sample_ = read_sample(has_left ? block.x - 1 : block.x, has_above ? block.y - 1 : block.y, chroma);
    if (filters_edges(block) && block.angle > 90 && block.angle < 180 && block.width + block.height >= 24) {
        sample_ = original_left(block, 0, chroma) * 5 + sample_ * 6 + original_above(block, 0, chroma) * 5 + 8 >> 4;
    }
    return sample_;
}

// 7.11.2.9
int filter_strength(IntraBlock block, int delta) {
    int d = abs(delta), sum = block.width + block.height;
    if (has(block, SMOOTH_EDGE)) {
        if (sum <= 8) return d >= 64 ? 2 : d >= 40 ? 1 : 0;
        if (sum <= 16) return d >= 48 ? 2 : d >= 20 ? 1 : 0;
        if (sum <= 24) return d >= 4 ? 3 : 0;
        return 3;
    }
    if (sum <= 8) return d >= 56 ? 1 : 0;
    if (sum <= 16) return d >= 40 ? 1 : 0;
    if (sum <= 24) return d >= 32 ? 3 : d >= 16 ? 2 : d >= 8 ? 1 : 0;
    if (sum <= 32) return d >= 32 ? 3 : d >= 4 ? 2 : 1;
    return 3;
}

// 7.11.2.10
bool upsamples(IntraBlock block, int delta) {
    int d = abs(delta);
    return filters_edges(block) && d > 0 && d < 40 && block.width + block.height <= (has(block, SMOOTH_EDGE) ? 8 : 16);
}

// Sample `i` of an edge, filtered (7.11.2.12): of `size` samples, the corner counted.
ivec2 filtered(IntraBlock block, int i, const bool of_left, int size, int strength, const bool chroma) {
    if (strength == 0 || i + 1 >= size) return of_left ? original_left(block, i, chroma) : original_above(block, i, chroma);
    const ivec3 weights = strength == 1 ? ivec3(8, 4, 0) : strength == 2 ? ivec3(6, 5, 0) : ivec3(4, 4, 2);
    ivec2 sum = ivec2(8);
    [[dont_unroll]] for (int j = -2; j <= 2; ++j) {
        int k = clamp(i + 1 + j, 0, size - 1) - 1, weight = j == 0 ? weights.x : abs(j) == 1 ? weights.y : weights.z;
        if (weight == 0) continue;
        ivec2 sample_ = k < 0     ? corner(block, chroma)
                        : of_left ? original_left(block, k, chroma)
                                  : original_above(block, k, chroma);
        sum += sample_ * weight;
    }
    return sum >> 4;
}

void store_edge(int index, ivec2 value, const bool chroma) {
    edges[index] = value.x;
    if (chroma) edges[index + COMPONENT_SAMPLES] = value.y;
}

// All of the team load the edges; barriers before and after are the caller's.
void load_edges(IntraBlock block, const bool chroma) {
    bool filter_ = filters_edges(block), has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT);
    int above_size = min(block.width, padded_width(chroma) - block.x) + (block.angle < 90 ? block.height : 0) + 1;
    int left_size = min(block.height, padded_height(chroma) - block.y) + (block.angle > 180 ? block.width : 0) + 1;
    int above_strength = filter_ && has_above ? filter_strength(block, block.angle - 90) : 0;
    int left_strength = filter_ && has_left ? filter_strength(block, block.angle - 180) : 0;
    ivec2 sum = ivec2(0);
    [[dont_unroll]] for (int i = lane(); i < block.above_count; i += int(TEAM)) {
        ivec2 value = filtered(block, i, false, above_size, above_strength, chroma);
        store_edge(above_index(0, i), value, chroma);
        if (has_above) sum += value;
    }
    [[dont_unroll]] for (int i = lane(); i < block.left_count; i += int(TEAM)) {
        ivec2 value = filtered(block, i, true, left_size, left_strength, chroma);
        store_edge(left_index(block, 0, i), value, chroma);
        if (has_left) sum += value;
    }
    if (lane() == 0) {
        ivec2 value = corner(block, chroma);
        store_edge(above_index(0, -1), value, chroma);
        store_edge(left_index(block, 0, -1), value, chroma);
    }
    if (block.mode == MODE_DC || block.mode == MODE_CFL) {
        atomicAdd(sums[team() * 3], sum.x);
        if (chroma) atomicAdd(sums[team() * 3 + 1], sum.y);
    }
}

// 7.11.2.11: what this invocation has of an edge of up to 16 samples, doubled.
struct Upsampled {
    ivec2 between, sample_, before;
};
Upsampled upsample(int zero, int count, const bool chroma) {
    int i = min(lane(), count - 1);
    Upsampled result;
    [[unroll]] for (int c = 0; c < (chroma ? 2 : 1); ++c) {
        int at = zero + c * COMPONENT_SAMPLES, before = edges[at + i - 1], sample_ = edges[at + i];
        int outer = edges[at + max(i - 2, -1)] + edges[at + min(i + 1, count - 1)];
        result.between[c] = clip_sample(9 * (before + sample_) - outer + 8 >> 4);
        result.sample_[c] = sample_;
        result.before[c] = before;
    }
    return result;
}
void store_upsampled(int zero, int count, Upsampled upsampled, const bool chroma) {
    int i = lane();
    if (i >= count) return;
    if (i == 0) store_edge(zero - 2, upsampled.before, chroma);
    store_edge(zero + 2 * i - 1, upsampled.between, chroma);
    store_edge(zero + 2 * i, upsampled.sample_, chroma);
}

void upsample_edges(IntraBlock block, bool exists, const bool chroma) {
    bool up_above = exists && upsamples(block, block.angle - 90), up_left = exists && upsamples(block, block.angle - 180);
    int above_zero = above_index(0, 0), left_zero = left_index(block, 0, 0);
    Upsampled of_above, of_left;
    if (up_above) of_above = upsample(above_zero, block.above_count, chroma);
    if (up_left) of_left = upsample(left_zero, block.left_count, chroma);
    barrier();
    if (up_above) store_upsampled(above_zero, block.above_count, of_above, chroma);
    if (up_left) store_upsampled(left_zero, block.left_count, of_left, chroma);
}

// ---- Luma that chroma is predicted from (7.11.5) ----

// Four times the luma of the pair in this column and row, twice.
int luma_of_pair(IntraBlock block, int x, int y) {
    x = block.x * 2 + min(2 * x, int(bitfieldExtract(block.detail, 16, 8)) * 4 - 2);
    y = block.y * 2 + min(2 * y, int(bitfieldExtract(block.detail, 24, 8)) * 4 - 2);
    uint upper = recon_words[recon_word(x & ~(LUMA_COLUMNS - 1), y, false)];
    uint lower = recon_words[recon_word(x & ~(LUMA_COLUMNS - 1), y + 1, false)];
    int i = x & LUMA_COLUMNS - 1;
    return 2 * (sample_at(upper, i) + sample_at(upper, i + 1) + sample_at(lower, i) + sample_at(lower, i + 1));
}

void sum_luma(IntraBlock block) {
    int sum = 0;
    [[dont_unroll]] for (int i = lane(); i < block.width * block.height; i += int(TEAM)) {
        sum += luma_of_pair(block, i & block.width - 1, i >> block.log2_width);
    }
    atomicAdd(sums[team() * 3 + 2], sum);
}

int round_signed(int value, const int bits) {
    int magnitude = abs(value) + (1 << bits >> 1) >> bits;
    return value < 0 ? -magnitude : magnitude;
}

// ---- Samples ----

int dc(IntraBlock block, uint component) {
    int count = (has(block, HAVE_ABOVE) ? block.width : 0) + (has(block, HAVE_LEFT) ? block.height : 0);
    if (count == 0) return BASE;
    return int(uint(sums[team() * 3 + component] + (count >> 1)) / uint(count));
}

int derivative(int angle) { return int(bitfieldExtract(job.intra_derivatives[angle >> 1], (angle & 1) * 16, 16)); }

int directional(IntraBlock block, int x, int y, uint component) {
    int angle = block.angle;
    if (angle == 90) return above(component, x);
    if (angle == 180) return left(block, component, y);
    int up_above = upsamples(block, angle - 90) ? 1 : 0, up_left = upsamples(block, angle - 180) ? 1 : 0;
    int index, base, zero, up = up_above;
    if (angle < 180) {
        index = angle < 90 ? (y + 1) * derivative(angle) : (x << 6) - (y + 1) * derivative(180 - angle);
        base = (index >> 6 - up_above) + (angle < 90 ? x << up_above : 0);
        zero = above_index(component, 0);
    }
    if (angle < 90) {
        int most = block.width + block.height - 1 << up_above;
        if (base >= most) return above(component, most);
    }
    if (angle > 180 || angle > 90 && base < -(1 << up_above)) {
        index = angle > 180 ? (x + 1) * derivative(270 - angle) : (y << 6) - (x + 1) * derivative(angle - 90);
        base = (index >> 6 - up_left) + (angle > 180 ? y << up_left : 0);
        zero = left_index(block, component, 0);
        up = up_left;
    }
    int shift = index << up >> 1 & 31;
    return edges[zero + base] * (32 - shift) + edges[zero + base + 1] * shift + 16 >> 5;
}

int smooth_weight(int size, int at) {
    int i = size - 4 + at;
    return int(bitfieldExtract(job.smooth_weights[i >> 2], (i & 3) * 8, 8));
}

int smooth_sample(IntraBlock block, int x, int y, uint component) {
    int wy = smooth_weight(block.height, y), wx = smooth_weight(block.width, x);
    int vertical = wy * above(component, x) + (256 - wy) * left(block, component, block.height - 1);
    int horizontal = wx * left(block, component, y) + (256 - wx) * above(component, block.width - 1);
    if (block.mode == MODE_SMOOTH) return vertical + horizontal + 256 >> 9;
    return (block.mode == MODE_SMOOTH_V ? vertical : horizontal) + 128 >> 8;
}

int paeth(IntraBlock block, int x, int y, uint component) {
    int top = above(component, x), side = left(block, component, y), corner_ = above(component, -1);
    int base = top + side - corner_;
    int to_side = abs(base - side), to_top = abs(base - top), to_corner = abs(base - corner_);
    return to_side <= to_top && to_side <= to_corner ? side : to_top <= to_corner ? top : corner_;
}

// From the samples around.
int predict_sample(IntraBlock block, int average, int x, int y, uint component) {
    if (block.mode == MODE_DC || block.mode == MODE_CFL) return average;
    if (block.mode <= MODE_D67) return directional(block, x, y, component);
    if (block.mode <= MODE_SMOOTH_H) return smooth_sample(block, x, y, component);
    return paeth(block, x, y, component);
}

// Both components of a palette's sample.
ivec2 palette_sample(IntraBlock block, int x, int y) {
    uint first = job.palettes_word + block.detail, place = job_words[first];
    uint column = uint(block.x + x) - bitfieldExtract(place, 0, 11) * 4, row = uint(block.y + y) - bitfieldExtract(place, 11, 11) * 4;
    uint map = job_words[first + 10 + row * job_words[first + 1] + column / 8];
    uint color = job_words[first + 2 + (map >> column % 8 * 4 & 7)];
    return ivec2(color & 0xffff, color >> 16);
}

// Intra block copy: whole samples; halves of chroma are averaged.
ivec2 copied_sample(IntraBlock block, int x, int y, const bool chroma) {
    ivec2 vector = ivec2(bitfieldExtract(int(block.detail), 0, 16), int(block.detail) >> 16);
    const int shift = chroma ? 4 : 3;
    ivec2 last = ivec2(padded_width(chroma), padded_height(chroma)) - 1;
    ivec2 at = ivec2(block.x + x, block.y + y) + (vector >> shift);
    ivec2 half_ = chroma ? vector >> 3 & 1 : ivec2(0);
    ivec2 from = clamp(at, ivec2(0), last), to = clamp(at + half_, ivec2(0), last);
    if (half_ == ivec2(0)) return read_sample(from.x, from.y, chroma);
    return read_sample(from.x, from.y, chroma) + read_sample(to.x, from.y, chroma) + read_sample(from.x, to.y, chroma) +
               read_sample(to.x, to.y, chroma) + 2 >> 2;
}

// What inter-intra weights the intra prediction with.
int blend_weight(IntraBlock block, int x, int y, const bool chroma) {
    if ((block.mode_word & 1u << 26) != 0) {
        uvec2 log2_size = uvec2(block.log2_width, block.log2_height) + (chroma ? 1 : 0);
        Wedge wedge = load_wedge(block.detail, log2_size, bitfieldExtract(block.mode_word, 27, 4), false);
        return int(chroma ? chroma_wedge_weight(wedge, ivec2(x, y)) : wedge_weight(wedge, ivec2(x, y)));
    }
    uint scale = 128u >> max(block.log2_width, block.log2_height);
    if (block.mode == MODE_DC) return 32;
    return int(inter_intra_weight(uint(block.mode == MODE_V ? y : block.mode == MODE_H ? x : min(x, y)), scale));
}

// ---- A record ----

// The words of two residuals: of luma for two samples, of chroma for a pair.
uint residual_word(int x, int y, const bool chroma) {
    return chroma ? job.residuals_words[1] + uint(y) * (job.room_width >> 1) + uint(x)
                  : job.residuals_words[0] + (uint(y) * job.room_width + uint(x)) / 2;
}

bool is_in_room(int x, int y, const bool chroma) {
    return x < int(job.room_width >> (chroma ? 1 : 0)) && y < int(job.room_height >> (chroma ? 1 : 0));
}

int with_residual(uint residual, int value, int i) {
    return clip_sample(value + ((i & 1) == 0 ? low_number(residual) : high_number(residual)));
}

// The word at this column and row of the block.
void reconstruct_word(IntraBlock block, ivec2 averages, int x, int y, const bool chroma) {
    const int step = chroma ? 2 : 1;
    uint mode = record_mode(block), word = recon_word(uint(block.x + x), uint(block.y + y), chroma), before = 0;
    if (mode == MODE_INTER_INTRA) before = recon_words[word];
    bool coded = is_coded(block);
    uint result = 0, residual = 0;
    ivec2 both = ivec2(0);
    int luma = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        const uint component = chroma ? i & 1 : 0;
        int column = x + i / step, value;
        if (component == 0) {
            if (mode == MODE_PALETTE) both = palette_sample(block, column, y);
            if (mode == MODE_COPY) both = copied_sample(block, column, y, chroma);
            if (chroma && mode == MODE_CFL) luma = luma_of_pair(block, column, y) - sums[team() * 3 + 2];
        }
        if (mode == MODE_PALETTE || mode == MODE_COPY) {
            value = both[component];
        } else {
            value = predict_sample(block, averages[component], column, y, component);
        }
        if (chroma && mode == MODE_CFL) {
            int alpha = bitfieldExtract(int(block.detail), component == 0 ? 0 : 8, 8);
            value = clip_sample(value + round_signed(alpha * luma, 6));
        }
        if (mode == MODE_INTER_INTRA) {
            int weight = blend_weight(block, column, y, chroma);
            value = weight * value + (64 - weight) * sample_at(before, i) + 32 >> 6;
        }
        if ((i & 1) == 0 && coded) residual = scratch_words[residual_word(block.x + column, block.y + y, chroma)];
        result |= place_sample(with_residual(residual, value, i), i);
    }
    recon_words[word] = result;
}

void reconstruct_block(IntraBlock block, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    ivec2 averages = ivec2(0);
    if (block.mode == MODE_DC || block.mode == MODE_CFL) averages = ivec2(dc(block, 0), chroma ? dc(block, 1) : 0);
    int words = block.width / columns, log2_words = findMSB(words);
    [[dont_unroll]] for (int i = lane(); i < words * block.height; i += int(TEAM)) {
        int x = (i & words - 1) * columns, y = i >> log2_words;
        if (is_in_room(block.x + x, block.y + y, chroma)) reconstruct_word(block, averages, x, y, chroma);
    }
}

// ---- Recursive filter (7.11.2.3) ----

// Invocation n of a team has the n-th two rows, and follows the one above it by a unit of 4x2 samples.
struct FilterRow {
    int corner_;
    ivec2 left_;
};

int filter_tap(uint mode, int at, const int i) {
    return bitfieldExtract(int(job.intra_filter_taps[(mode * 8 + uint(at)) * 2 + i / 4]), (i % 4) * 8, 8);
}

void filter_unit(IntraBlock block, inout FilterRow row, int unit) {
    uint mode = sub_mode(block);
    int x = unit * 4, y = lane() * 2;
    ivec4 top = ivec4(above(0, x), above(0, x + 1), above(0, x + 2), above(0, x + 3));
    ivec4 upper, lower;
    [[unroll]] for (int at = 0; at < 8; ++at) {
        int sum = filter_tap(mode, at, 0) * row.corner_ + filter_tap(mode, at, 5) * row.left_.x + filter_tap(mode, at, 6) * row.left_.y;
        [[unroll]] for (int i = 0; i < 4; ++i) sum += filter_tap(mode, at, i + 1) * top[i];
        int value = clip_sample(round_signed(sum, 4));
        if (at < 4) {
            upper[at] = value;
        } else {
            lower[at - 4] = value;
        }
    }
    row.corner_ = top.w;
    row.left_ = ivec2(upper.w, lower.w);
    [[unroll]] for (int i = 0; i < 4; ++i) edges[above_index(0, x + i)] = lower[i];
    [[unroll]] for (int r = 0; r < 2; ++r) {
        if (!is_in_room(block.x + x, block.y + y + r, false)) continue;
        uint residual = 0, result = 0;
        [[unroll]] for (int i = 0; i < 4; ++i) {
            if ((i & 1) == 0 && is_coded(block)) residual = scratch_words[residual_word(block.x + x + i, block.y + y + r, false)];
            result |= place_sample(with_residual(residual, r == 0 ? upper[i] : lower[i], i), i % WORD_SAMPLES);
            if ((i + 1) % WORD_SAMPLES == 0) {
                recon_words[recon_word(uint(block.x + x + i + 1 - WORD_SAMPLES), uint(block.y + y + r), false)] = result;
                result = 0;
            }
        }
    }
}

// As many steps as any team needs; all of the workgroup are here.
void filter_recursively(IntraBlock block, bool filters) {
    int units = block.width / 4, rows = block.height / 2, y = lane() * 2;
    FilterRow row = FilterRow(0, ivec2(0));
    if (filters && lane() < rows) row = FilterRow(left(block, 0, y - 1), ivec2(left(block, 0, y), left(block, 0, y + 1)));
    int waves = filter_waves;
    [[dont_unroll]] for (int wave = 0; wave < waves; ++wave) {
        int unit = wave - lane();
        if (filters && lane() < rows && unit >= 0 && unit < units) filter_unit(block, row, unit);
        barrier();
    }
}

void clear_sums() {
    if (lane() == 0) sums[team() * 3] = sums[team() * 3 + 1] = sums[team() * 3 + 2] = 0;
    if (gl_LocalInvocationIndex == 0) filter_waves = 0;
}

// A team's record of a list, from `index` on; all of the workgroup are here.
void reconstruct(uint index, uint end, const bool chroma) {
    bool exists = index < end;
    IntraBlock block = make_block(job_quads[job.intra_quads[chroma ? 1 : 0] + min(index, end - 1)]);
    bool filters = !chroma && exists && block.mode == MODE_FILTER;
    clear_sums();
    barrier();
    if (exists && uses_edges(block)) load_edges(block, chroma);
    if (chroma && exists && block.mode == MODE_CFL) sum_luma(block);
    if (filters && lane() == 0) atomicMax(filter_waves, block.width / 4 + block.height / 2 - 1);
    barrier();
    if (chroma && block.mode == MODE_CFL && lane() == 0) {
        int bits = block.log2_width + block.log2_height;
        sums[team() * 3 + 2] = sums[team() * 3 + 2] + (1 << bits >> 1) >> bits;
    }
    upsample_edges(block, exists, chroma);
    barrier();
    if (!chroma) filter_recursively(block, filters);
    if (exists && !filters) reconstruct_block(block, chroma);
    barrier();
}
