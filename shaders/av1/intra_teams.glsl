// SPDX-License-Identifier: MIT
// Reconstructs slots of intra records, one for each team of 16 invocations: each invocation writes every 16th word of the
// slot's rows. Each slot loads the edges of its whole record. Written for V3D (see shaders/README.md), where registers are
// scarce: each step loads the slot again, and values that several steps need are in shared memory, because the compiler would
// load a field of the job once and keep it in a register across all steps.
#include "intra_record.glsl"

const uint TEAM = 16;
const uint TEAMS = gl_WorkGroupSize.x / TEAM;

// AboveRow, then LeftCol, both starting at index -2. Directional modes below 90 degrees need only AboveRow, those above 180
// only LeftCol, but more of it: then it has all the room. An odd number of points puts teams into different banks.
const int TEAM_POINTS = 137, ABOVE_ZERO = 2, LEFT_ZERO = 70, LONG_LEFT_ZERO = 2;
shared uint edges[TEAMS * TEAM_POINTS];
shared uint sums[TEAMS];
shared int luma_sums[TEAMS];  // of the luma that chroma is predicted from
shared int max_filter_steps;  // the maximum of all teams, if they wait for each other

// Each team's slot, kept here to save registers.
shared uvec4 slots[TEAMS];
// Each invocation's copy of its block's first word in recon and in residuals.
shared uint first_words[gl_WorkGroupSize.x], first_residuals[gl_WorkGroupSize.x];
shared uint pitches[2];

uint team() { return gl_LocalInvocationIndex / TEAM; }
bool record_exists() { return (slots[team()].w & SLOT_EXISTS) != 0; }
IntraBlock load_block() { return make_slot_block(slots[team()]); }
int lane() { return int(gl_LocalInvocationIndex % TEAM); }

// 1 if the invocations of a subgroup are always at the same instruction, as on V3D.
layout(constant_id = 0) const uint IN_STEP = 0;

// Whether a team is a subgroup that runs in step: then teams wait for each other only between levels, and those with short
// records take their next one meanwhile. Otherwise the whole workgroup must call team_barrier().
bool is_subgroup() { return IN_STEP != 0 && gl_SubgroupSize == TEAM; }
void team_barrier() {
    memoryBarrierShared();
    if (!is_subgroup()) barrier();
}

int left_zero(IntraBlock block) {
    return int(block.team) * TEAM_POINTS + (is_directional(block) && angle_of(block) > 180 ? LONG_LEFT_ZERO : LEFT_ZERO);
}
int above_zero(IntraBlock block) { return int(block.team) * TEAM_POINTS + ABOVE_ZERO; }
#define SMOOTH_WEIGHTS job.smooth_weights
#define RECON job.recon
#include "intra.glsl"

// V_PRED and H_PRED without an angle delta: one edge, unchanged.
bool is_straight(uint mode_word) {
    uint angle = bitfieldExtract(mode_word, 5, 9);
    return angle == 90 || angle == 180;
}

// The destination of unwanted points, because a branch would wait for its store.
int unused_point(IntraBlock block) { return int(block.team) * TEAM_POINTS + TEAM_POINTS - 1; }

uint load_corner(IntraBlock block) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT);
    uint corner = read_point(max(block.x - (has_left ? 1 : 0), 0), max(block.y - (has_above ? 1 : 0), 0), block.chroma);
    return has_above || has_left ? corner : BASE * (block.chroma == 0 ? 1 : BOTH);
}

// Loads the points above, then those on the left, one at a time per invocation: for all modes that do not filter them.
void load_plain_edges(IntraBlock block, bool own) {
    if (!subgroupAny(own)) return;
    bool directional = is_directional(block);
    int angle = angle_of(block), above_count = own && !(directional && angle == 180) ? width_of(block) : 0;
    int count = above_count + (own && !(directional && angle == 90) ? height_of(block) : 0);
    uint sum = 0;
    [[dont_unroll]] for (int n = lane(); subgroupAny(n < count); n += int(TEAM)) {
        bool of_left = n >= above_count, is_one = n < count;
        int i = of_left ? n - above_count : n;
        uint point = edge_point(make_edge(block, of_left), i), corner = load_corner(block);
        int zero = of_left ? left_zero(block) : above_zero(block);
        sum += is_one && has(block, of_left ? HAVE_LEFT : HAVE_ABOVE) ? point : 0;
        edges[is_one ? zero + i : unused_point(block)] = point;
        edges[is_one && i == 0 ? zero - 1 : unused_point(block)] = corner;
    }
    if (subgroupAny(own && (block.mode == MODE_DC || block.mode == MODE_CFL))) atomicAdd(sums[block.team], sum);
}

uint load_filtered_corner(IntraBlock block) {
    int angle = angle_of(block);
    uint corner = load_corner(block);
    bool is_filtered = filters_edges(block) && angle > 90 && angle < 180 && width_of(block) + height_of(block) >= 24;
    if (subgroupAny(is_filtered)) {
        int x = max(block.x - 1, 0), y = max(block.y - 1, 0);
        bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT);
        uint above = read_point(has_above ? block.x : x, has_above ? y : block.y, block.chroma);
        uint left = read_point(has_left ? x : block.x, has_left ? block.y : y, block.chroma);
        corner = is_filtered && (has_above || has_left) ? weighted(above + left, 0, corner, 5, 0, 6) : corner;
    }
    return corner;
}

// The same for directional modes that are not straight, which filter or upsample the points.
void load_angled_edges(IntraBlock block, bool own) {
    if (!subgroupAny(own)) return;
    uint corner = load_filtered_corner(block);
    int angle = angle_of(block), width = width_of(block), height = height_of(block);
    int above_count = own && angle < 180 ? width + (angle < 90 ? height : 0) : 0;
    int count = above_count + (own && angle > 90 ? height + (angle > 180 ? width : 0) : 0);
    [[dont_unroll]] for (int n = lane(); subgroupAny(n < count); n += int(TEAM)) {
        bool of_left = n >= above_count, is_one = n < count;
        int i = of_left ? n - above_count : n, last = (of_left ? count - above_count : above_count) - 1;
        int delta = angle - (of_left ? 180 : 90);
        bool up = upsamples(block, delta);
        int strength = filters_edges(block) && has(block, of_left ? HAVE_LEFT : HAVE_ABOVE) && !up ? filter_strength(block, delta) : 0;
        int visible = of_left ? int(job.padded_height >> block.chroma) - block.y : int(job.padded_width >> block.chroma) - block.x;
        last = max(last - (up ? 0 : max((of_left ? height : width) - visible, 0)), 0);
        Edge edge = make_edge(block, of_left);
        int at[5] = int[](max(i - 2, 0), max(i - 1, 0), i, min(i + 1, last), min(i + 2, last));
        uint bytes[5], words[5];
        [[unroll]] for (int k = 0; k < 5; ++k) bytes[k] = edge_byte(edge, at[k]);
        [[unroll]] for (int k = 0; k < 5; ++k) words[k] = recon_words[bytes[k] >> 2];
        if (!subgroupAny(is_one)) break;
        [[unroll]] for (int k = 0; k < 5; ++k) words[k] = point_of_word(edge, bytes[k], words[k]);
        uint a = words[0], b = words[1], point = words[2], c = words[3], d = words[4];
        a = i < 2 ? corner : a;
        b = i < 1 ? corner : b;
        int zero = of_left ? left_zero(block) : above_zero(block);
        if (subgroupAny(up)) edges[is_one && up ? zero + 2 * i - 1 : unused_point(block)] = between(a + c, b + point);
        uint outer_weight = strength == 3 ? 2 : 0, inner_weight = strength == 2 ? 5 : 4;
        uint filtered = weighted(a + d, b + c, point, outer_weight, inner_weight, 16 - 2 * (outer_weight + inner_weight));
        point = strength == 0 || i > last ? point : filtered;
        edges[is_one ? zero + (up ? 2 * i : i) : unused_point(block)] = point;
        edges[is_one && i == 0 ? zero - (up ? 2 : 1) : unused_point(block)] = corner;
    }
}

void load_edges(IntraBlock block, bool own) {
    bool angled = is_directional(block) && !is_straight(block.mode_word);
    own = own && block.mode < MODE_PALETTE;
    load_plain_edges(block, own && !angled);
    load_angled_edges(block, own && angled);
}

// A subgroup of several teams executes the loads of a mode for all of them. The loads of teams with another mode must stay
// inside the buffers too, so those teams load for a substitute block: at the picture's origin, with `detail`.
IntraBlock block_to_load(IntraBlock block, bool own, uint detail) {
    if (is_subgroup() || own) return block;
    block.x = 0;
    block.y = 0;
    block.detail = detail;
    return block;
}
const uint ONE_LUMA_UNIT = 1 << 16 | 1 << 24;  // the area that chroma is predicted from

void sum_luma(IntraBlock block, bool own) {
    if (!subgroupAny(own)) return;
    block = block_to_load(block, own, ONE_LUMA_UNIT);
    int sum = 0, end = own ? 1 << block.log2_width + block.log2_height : 0;
    [[dont_unroll]] for (int i = lane(); subgroupAny(i < end); i += int(TEAM)) {
        int at = i < end ? i : 0, luma = luma_of_pair(block, at & width_of(block) - 1, at >> block.log2_width);
        sum += i < end ? luma : 0;
    }
    if (own) atomicAdd(luma_sums[block.team], sum);
}

int average_luma(IntraBlock block) {
    int bits = block.log2_width + block.log2_height;
    return luma_sums[block.team] + (1 << bits >> 1) >> bits;
}

// Each kind of prediction has its own loop over words, because on V3D the results of divergent branches take registers in all
// of them. A team's words are consecutive. Samples are processed one by one, in pairs whose loads are in flight together, or a
// word at a time, as registers allow.
void store_words(IntraBlock block) {
    first_words[gl_LocalInvocationIndex] = recon_word(uint(block.x), uint(block.y), block.chroma);
    first_residuals[gl_LocalInvocationIndex] = residual_word(block, 0, 0);
}

Words load_words(IntraBlock block) {
    int log2_row = block.log2_width - int(LOG2_SAMPLES - block.chroma);
    return Words(first_words[gl_LocalInvocationIndex], pitches[0], first_residuals[gl_LocalInvocationIndex], pitches[1], log2_row,
                 end_row_of(slots[team()]) << log2_row);
}

#define RECONSTRUCT_WORDS(NAME, SETUP, IS_IN_ROOM, SAMPLES)                                                                   \
    void NAME(bool own) {                                                                                                     \
        if (!subgroupAny(own)) return;                                                                                        \
        memoryBarrierShared();                                                                                                \
        IntraBlock block = load_block();                                                                                      \
        Words words = load_words(block);                                                                                      \
        words.end = own ? words.end : 0;                                                                                      \
        SETUP                                                                                                                 \
        int begin = (first_row_of(slots[team()]) << words.log2_row) + lane();                                                 \
        [[dont_unroll]] for (int n = begin; subgroupAny(n < words.end); n += int(TEAM)) {                                     \
            bool is_one = n < words.end;                                                                                      \
            int i = is_one ? n : 0;                                                                                           \
            int column = i & (1 << words.log2_row) - 1, row = i >> words.log2_row;                                            \
            Place at = Place(column << LOG2_SAMPLES - block.chroma, row, 0);                                                  \
            is_one = is_one && (IS_IN_ROOM);                                                                                  \
            uint word = words.first + uint(row) * words.pitch + uint(column), result = 0;                                     \
            uint residuals = words.residual + uint(row) * words.residual_pitch + uint(column) * (WORD_SAMPLES / 2);           \
            SAMPLES                                                                                                           \
            if (is_one) recon_words[word] = result;                                                                           \
        }                                                                                                                     \
    }

#define RECONSTRUCT(NAME, SETUP, IS_IN_ROOM, VALUE)                                                                           \
    RECONSTRUCT_WORDS(                                                                                                        \
        NAME, SETUP, IS_IN_ROOM, [[dont_unroll]] for (int j = 0; j < WORD_SAMPLES; ++j) {                                     \
            at.component = uint(j) & block.chroma;                                                                            \
            int value = VALUE;                                                                                                \
            uint residual = scratch_words[residuals + (j >> 1)];                                                              \
            residual = has(block, CODED) ? residual : 0;                                                                      \
            result |= place_sample(add_residual(residual, value, j & 1), j);                                                  \
            at.x += j & 1 | 1 - int(block.chroma);                                                                            \
        })

#define RECONSTRUCT_PAIRS(NAME, UNROLL, SETUP, VALUE)                                                                         \
    RECONSTRUCT_WORDS(                                                                                                        \
        NAME, SETUP, true, [[UNROLL]] for (int j = 0; j < WORD_SAMPLES; j += 2) {                                             \
            uint residual = scratch_words[residuals + (j >> 1)];                                                              \
            residual = has(block, CODED) ? residual : 0;                                                                      \
            at.component = 0;                                                                                                 \
            int first = VALUE;                                                                                                \
            at.component = block.chroma;                                                                                      \
            at.x += 1 - int(block.chroma);                                                                                    \
            int second = VALUE;                                                                                               \
            at.x += 1;                                                                                                        \
            result |= place_sample(add_residual(residual, first, 0), j);                                                      \
            result |= place_sample(add_residual(residual, second, 1), j + 1);                                                 \
        })

// Directional prediction (7.11.2.4) of points, with one formula for both edges.
struct Slopes {
    int dx, dy;  // of positions in 1/64 points; above's is below -64 if the left edge is used
    int up_above, up_left, zero_above, zero_left;
    int last;  // of the edge above, if that is the only one
};
Slopes make_slopes(IntraBlock block) {
    int angle = angle_of(block);
    Direction direction = make_direction(block);
    return Slopes(angle < 90 ? direction.dx : angle > 180 ? -1 << 14 : -direction.dx, angle > 180 ? direction.dy : -direction.dy, direction.up_above,
                  direction.up_left, above_zero(block), left_zero(block),
                  angle < 90 ? width_of(block) + height_of(block) - 1 << direction.up_above : 1 << 14);
}

// The place of the first of the two points that a point is predicted from, and the weight of the second one.
ivec2 directional_source(Slopes slopes, int x, int y) {
    int above = (x << 6) + (y + 1) * slopes.dx, left = (y << 6) + (x + 1) * slopes.dy;
    bool from_left = above < -64;
    int index = from_left ? left : above, up = from_left ? slopes.up_left : slopes.up_above, base = index >> 6 - up;
    int at = (from_left ? slopes.zero_left : slopes.zero_above) + min(base, slopes.last);
    return ivec2(at, base < slopes.last ? index << up >> 1 & 31 : 0);
}

// In functions for a word, all loads precede a branch, and their uses follow it, so that on V3D the loads are in flight
// together.
uvec2 load_residual_words(uint word) { return uvec2(scratch_words[word], WORD_SAMPLES == 4 ? scratch_words[word + 1] : 0); }
uint place_sum(IntraBlock block, uvec2 residuals, int value, int i) {
    return place_sample(add_residual(has(block, CODED) ? residuals[i >> 1] : 0, value, i & 1), i);
}

uint directional_word(IntraBlock block, Slopes slopes, Place at, uint residual_word, bool is_one) {
    ivec2 sources[WORD_SAMPLES];
    uint first[WORD_SAMPLES], second[WORD_SAMPLES], result = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) sources[i] = directional_source(slopes, at.x + (i >> block.chroma), at.y);
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        first[i] = edges[sources[i].x];
        second[i] = edges[sources[i].x + 1];
    }
    uvec2 residuals = load_residual_words(residual_word);
    if (!subgroupAny(is_one)) return 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        uint point = first[i] * uint(32 - sources[i].y) + second[i] * uint(sources[i].y) + 16 * BOTH >> 5;
        result |= place_sum(block, residuals, int(point >> 16 * (i & block.chroma) & 0x3ff), i);
    }
    return result;
}

uint smooth_word(IntraBlock block, Place at, uint residual_word, bool is_one) {
    int above = above_zero(block), left = left_zero(block);
    int weight_x = (1 << block.log2_width) - 4 + at.x, weight_y = (1 << block.log2_height) - 4 + at.y;
    uint weights_x = SMOOTH_WEIGHTS[weight_x >> 2], weights_y = SMOOTH_WEIGHTS[weight_y >> 2];
    uint top[WORD_SAMPLES], result = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) top[i] = edges[above + at.x + (i >> block.chroma)];
    uint side = edges[left + at.y], bottom = edges[left + height_of(block) - 1], right = edges[above + width_of(block) - 1];
    uvec2 residuals = load_residual_words(residual_word);
    if (!subgroupAny(is_one)) return 0;
    int wy = int(weights_y >> (weight_y & 3) * 8 & 0xff);
    weights_x >>= (weight_x & 3) * 8;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        uint component = i & block.chroma;
        int wx = int(weights_x >> (i >> block.chroma) * 8 & 0xff);
        int vertical = wy * half_of(top[i], component) + (256 - wy) * half_of(bottom, component);
        int horizontal = wx * half_of(side, component) + (256 - wx) * half_of(right, component);
        int value = block.mode == MODE_SMOOTH ? vertical + horizontal + 256 >> 9 : (block.mode == MODE_SMOOTH_V ? vertical : horizontal) + 128 >> 8;
        result |= place_sum(block, residuals, value, i);
    }
    return result;
}

RECONSTRUCT_PAIRS(reconstruct_dc, unroll, uint average = dc(block);, half_of(average, at.component))
RECONSTRUCT_PAIRS(reconstruct_from_luma, dont_unroll, block = block_to_load(block, own, ONE_LUMA_UNIT);
                  uint average = dc(block); int luma_average = average_luma(block);
                  , predict_from_luma(block, average, luma_of_pair(block, at.x, at.y) - luma_average, at))
RECONSTRUCT_PAIRS(reconstruct_straight, unroll, , half_of(edges[angle_of(block) == 90 ? above_zero(block) + at.x : left_zero(block) + at.y], at.component))
RECONSTRUCT_WORDS(reconstruct_directional, Slopes slopes = make_slopes(block);, true, result = directional_word(block, slopes, at, residuals, is_one);)
RECONSTRUCT_WORDS(reconstruct_smooth, , true, result = smooth_word(block, at, residuals, is_one);)
RECONSTRUCT_PAIRS(reconstruct_paeth, dont_unroll, , predict_paeth(block, at))
RECONSTRUCT(reconstruct_palette, , true, half_of(palette_point(block, is_one, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_copy, , is_in_room(block, at.x, at.y), half_of(copied_point(block, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_inter_intra, uint average = dc(block);
            , true, blend(block, average, smooth_blend_weight(block, at.x, at.y), recon_words[word], at, j))
RECONSTRUCT(reconstruct_wedge, block = block_to_load(block, own, 0); uint average = dc(block);
            , true, blend(block, average, wedge_blend_weight(block, at.x, at.y), recon_words[word], at, j))

void reconstruct_block() {
    uint mode_word = slots[team()].y;
    uint mode = record_exists() ? bitfieldExtract(mode_word, 0, 5) : MODE_FILTER;
    if (subgroupAny(mode <= MODE_D67)) {
        bool directional = mode >= MODE_V && mode <= MODE_D67, straight = is_straight(mode_word);
        reconstruct_dc(mode == MODE_DC);
        reconstruct_straight(directional && straight);
        reconstruct_directional(directional && !straight);
    }
    if (subgroupAny(mode >= MODE_SMOOTH && mode <= MODE_CFL)) {
        reconstruct_smooth(mode >= MODE_SMOOTH && mode <= MODE_SMOOTH_H);
        reconstruct_paeth(mode == MODE_PAETH);
        reconstruct_from_luma(mode == MODE_CFL);
    }
    if (subgroupAny(mode >= MODE_PALETTE)) {
        reconstruct_palette(mode == MODE_PALETTE);
        reconstruct_copy(mode == MODE_COPY);
        reconstruct_inter_intra(mode == MODE_INTER_INTRA && (mode_word & WEDGE) == 0);
        reconstruct_wedge(mode == MODE_INTER_INTRA && (mode_word & WEDGE) != 0);
    }
}

// ---- Recursive filter (7.11.2.3), luma ----

// Units of 4x2 samples on a diagonal are independent. Two of them are predicted at a time, the upper one first, with one
// invocation for each sample. A unit stores its right column in LeftCol, and its lower row in the one of two AboveRows that the
// next row of units reads.
const int SECOND_ABOVE = 34, FILTERED = 104;

// At least the number of steps that all units take, two units at a time.
int filter_steps(int units, int rows) { return (units + rows - 1) * (min(units, rows) + 1 >> 1); }

struct FilterUnit {
    int unit, row;  // of 4 columns, of 2 rows
    bool exists;
};

int filter_unit(IntraBlock block, FilterUnit at, uvec2 taps) {
    int above = above_zero(block) + (at.row & 1) * SECOND_ABOVE + at.unit * 4, left = int(block.team) * TEAM_POINTS + LEFT_ZERO + at.row * 2;
    int next_above = above_zero(block) + (~at.row & 1) * SECOND_ABOVE, x = lane() & 3, y = lane() >> 2 & 1;
    int corner = int(edges[above - 1]), upper = int(edges[left]), lower = int(edges[left + 1]);
    ivec4 top = ivec4(edges[above], edges[above + 1], edges[above + 2], edges[above + 3]);
    int sum = filter_tap(taps, 0) * corner + filter_tap(taps, 5) * upper + filter_tap(taps, 6) * lower;
    [[unroll]] for (int i = 0; i < 4; ++i) sum += filter_tap(taps, i + 1) * top[i];
    uint value = uint(clip_sample(round_signed(sum, 4)));
    team_barrier();
    bool corner_of_next = at.unit == 0 && x == 0 && y == 0;
    edges[at.exists ? int(block.team) * TEAM_POINTS + FILTERED + lane() : unused_point(block)] = value;
    edges[at.exists && y == 1 ? next_above + at.unit * 4 + x : unused_point(block)] = value;
    edges[at.exists && x == 3 ? left + y : at.exists && corner_of_next ? next_above - 1 : unused_point(block)] = x == 3 ? value : uint(lower);
    team_barrier();
    return x & 4 - WORD_SAMPLES;
}

// Stores the word of a unit that begins at column x. All invocations of the word store the same.
void store_unit(IntraBlock block, FilterUnit at, int x) {
    int column = at.unit * 4 + x, row = at.row * 2 + (lane() >> 2 & 1);
    int first = int(block.team) * TEAM_POINTS + FILTERED + (lane() & 12) + x;
    uint word = recon_word(uint(block.x + column), uint(block.y + row), 0), residuals = residual_word(block, column, row), result = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        uint residual = scratch_words[residuals + i / 2];
        result |= place_sample(add_residual(has(block, CODED) ? residual : 0, int(edges[first + i]), i & 1), i);
    }
    if (at.exists) recon_words[word] = result;
}

// Takes as many steps as the team needs, or as the slowest of all teams that wait for each other.
void filter_recursively(IntraBlock block, bool own) {
    if (is_subgroup() && !subgroupAny(own)) return;
    int units = width_of(block) / 4, rows = height_of(block) / 2, wave = 0, first = 0;
    uint taps_word = ((own ? bitfieldExtract(block.mode_word, 21, 5) : 0) * 8 + uint(lane() & 7)) * 2;
    uvec2 taps = uvec2(job.intra_filter_taps[taps_word], job.intra_filter_taps[taps_word + 1]);
    int steps = is_subgroup() ? filter_steps(units, rows) : max_filter_steps;
    [[dont_unroll]] for (int step = 0; subgroupAny(step < steps && (!is_subgroup() || wave < units + rows - 1)); ++step) {
        int row = first + (lane() >> 3), unit = wave - row;
        bool exists = own && row < rows && unit >= 0 && unit < units;
        FilterUnit at = FilterUnit(exists ? unit : 0, exists ? row : 0, exists);
        store_unit(block, at, filter_unit(block, at, taps));
        bool is_last = first + 2 > min(wave, rows - 1);
        wave += is_last ? 1 : 0;
        first = is_last ? max(wave - units + 1, 0) : first + 2;
    }
}

// Prepares what all records need. Must be called by the whole workgroup.
void prepare() {
    if (gl_LocalInvocationIndex == 0) {
        pitches[0] = job.recon.pitch / 4;
        pitches[1] = job.room_width >> 1;
    }
    barrier();
}

// Reconstructs a team's slot, if it exists.
void reconstruct(uvec4 slot) {
    // Steps read their team from here, so that nothing that depends on it alone stays in a register.
    slot.w |= team() << SLOT_TEAM_SHIFT;
    slots[team()] = slot;
    sums[team()] = 0;
    luma_sums[team()] = 0;
    if (!is_subgroup() && gl_LocalInvocationIndex == 0) max_filter_steps = 0;
    team_barrier();
    IntraBlock block = make_slot_block(slot);
    bool own = (slot.w & SLOT_EXISTS) != 0;
    load_edges(block, own);
    memoryBarrierShared();
    block = load_block();
    own = record_exists();
    sum_luma(block, own && block.mode == MODE_CFL);
    if (!is_subgroup() && own && block.mode == MODE_FILTER && lane() == 0) {
        atomicMax(max_filter_steps, filter_steps(width_of(block) / 4, height_of(block) / 2));
    }
    team_barrier();
    filter_recursively(block, own && block.mode == MODE_FILTER);
    store_words(block);
    team_barrier();
    reconstruct_block();
    team_barrier();
}

// Reconstructs slot `index`, if it is before `end`.
void reconstruct_slot(uint index, uint end) {
    uvec4 slot = job_quads[job.intra_slots_quad + min(index, end - 1)];
    slot.w &= index < end ? ~0u : ~SLOT_EXISTS;
    reconstruct(slot);
}
