// SPDX-License-Identifier: MIT
// Reconstructs intra records, one per team of 16 invocations: each invocation writes every 16th word of the record. Written for V3D
// (see shaders/README.md): registers are scarce, so each step loads the record again, and what several steps need is in shared memory:
// the compiler loads the same field of the job once and keeps it, across all steps, in a register.
#include "intra_record.glsl"

const uint TEAM = 16;
const uint TEAMS = gl_WorkGroupSize.x / TEAM;

// AboveRow, then LeftCol, both from index -2 on. Directional modes below 90 degrees need only AboveRow, those above 180 only LeftCol,
// but more of it: then it has all the room. An odd number of points puts teams into different banks.
const int TEAM_POINTS = 137, ABOVE_ZERO = 2, LEFT_ZERO = 70, LONG_LEFT_ZERO = 2;
shared uint edges[TEAMS * TEAM_POINTS];
shared uint sums[TEAMS];
shared int luma_sums[TEAMS];  // of the luma that chroma is predicted from
shared int filter_waves;      // the most of any team, where they wait for each other

// A team's record, where it takes no register: its last word says whether it is of chroma (1) and whether it exists (2).
shared uvec4 records[TEAMS];
// Where its words are, of recon and of residuals.
shared uint first_words[gl_WorkGroupSize.x], first_residuals[gl_WorkGroupSize.x];
shared uint pitches[2];

uint team() { return gl_LocalInvocationIndex / TEAM; }
bool record_exists() { return (records[team()].w & 2) != 0; }
IntraBlock load_block() {
    uvec4 record = records[team()];
    return make_block(record, record.w & 1);
}
int lane() { return int(gl_LocalInvocationIndex % TEAM); }

// 1 where the invocations of a subgroup are always at the same instruction, as on V3D.
layout(constant_id = 0) const uint IN_STEP = 0;

// A team that is a subgroup and runs in step: teams wait for each other only between levels, and those with short records take
// their next one meanwhile. Otherwise all teams of the workgroup have to be here.
bool is_subgroup() { return IN_STEP != 0 && gl_SubgroupSize == TEAM; }
void team_barrier() {
    memoryBarrierShared();
    if (!is_subgroup()) barrier();
}

int left_zero(IntraBlock block) {
    return int(team()) * TEAM_POINTS + (is_directional(block) && angle_of(block) > 180 ? LONG_LEFT_ZERO : LEFT_ZERO);
}
int above_zero() { return int(team()) * TEAM_POINTS + ABOVE_ZERO; }
#define SMOOTH_WEIGHTS job.smooth_weights
shared FrameLayout shared_recon;  // job.recon
#define RECON shared_recon
#include "intra.glsl"

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

void load_edges() {
    [[dont_unroll]] for (uint side = 0; side < 2; ++side) {
        memoryBarrierShared();
        IntraBlock block = load_block();
        bool own = record_exists() && block.mode < MODE_PALETTE, of_left = side == 1;
        if (!subgroupAny(own)) continue;
        int width = width_of(block), height = height_of(block), angle = angle_of(block);
        bool directional = is_directional(block);
        bool only_above = directional && angle < 90, only_left = directional && angle > 180;
        int length = of_left ? height : width, further = of_left ? (only_left ? width : 0) : only_above ? height : 0;
        int visible = of_left ? int(job.padded_height >> block.chroma) - block.y : int(job.padded_width >> block.chroma) - block.x;
        // Straight modes need the same side as others beyond them.
        bool needed = own && !(directional && (of_left ? angle <= 90 : angle >= 180));
        if (!subgroupAny(needed)) continue;
        uint sum = load_edge(block, of_left, of_left ? left_zero(block) : above_zero(), needed ? length + further : 0,
                             min(length, visible) + further + 1, load_corner(block));
        if (own && (block.mode == MODE_DC || block.mode == MODE_CFL)) atomicAdd(sums[team()], sum);
    }
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

int average_luma(IntraBlock block) {
    int bits = block.log2_width + block.log2_height;
    return luma_sums[team()] + (1 << bits >> 1) >> bits;
}

// Each kind of prediction is a loop of its own over words, and of that over samples: on V3D what branches of single invocations
// assign takes registers for all of them. A team's words follow each other. Samples come one by one, or where registers are left in
// pairs, whose loads do not wait for each other.
void store_words(IntraBlock block) {
    first_words[gl_LocalInvocationIndex] = recon_word(uint(block.x), uint(block.y), block.chroma);
    first_residuals[gl_LocalInvocationIndex] = residual_word(block, 0, 0);
}

Words load_words(IntraBlock block) {
    int log2_row = block.log2_width - int(LOG2_SAMPLES - block.chroma);
    return Words(first_words[gl_LocalInvocationIndex], pitches[0], first_residuals[gl_LocalInvocationIndex], pitches[1], log2_row,
                 1 << log2_row + block.log2_height);
}

#define RECONSTRUCT_WORDS(NAME, SETUP, IS_IN_ROOM, SAMPLES)                                                                   \
    void NAME(bool own) {                                                                                                     \
        if (!subgroupAny(own)) return;                                                                                        \
        memoryBarrierShared();                                                                                                \
        IntraBlock block = load_block();                                                                                      \
        Words words = load_words(block);                                                                                      \
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

#define RECONSTRUCT_PAIRS(NAME, SETUP, VALUE)                                                                                 \
    RECONSTRUCT_WORDS(                                                                                                        \
        NAME, SETUP, true, [[dont_unroll]] for (int j = 0; j < WORD_SAMPLES; j += 2) {                                        \
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

RECONSTRUCT_PAIRS(reconstruct_dc, uint average = dc(block);, half_of(average, at.component))
RECONSTRUCT_PAIRS(reconstruct_from_luma, uint average = dc(block); int luma_average = average_luma(block);
                  , predict_from_luma(block, average, luma_of_pair(block, at.x, at.y) - luma_average, at))
RECONSTRUCT_PAIRS(reconstruct_straight, , half_of(edges[angle_of(block) == 90 ? above_zero() + at.x : left_zero(block) + at.y], at.component))
RECONSTRUCT(reconstruct_directional, Direction direction = make_direction(block);, true, predict_directional(block, direction, at))
RECONSTRUCT_PAIRS(reconstruct_smooth, , predict_smooth(block, at))
RECONSTRUCT_PAIRS(reconstruct_paeth, , predict_paeth(block, at))
RECONSTRUCT(reconstruct_palette, , true, half_of(palette_point(block, is_one, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_copy, , is_in_room(block, at.x, at.y), half_of(copied_point(block, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_inter_intra, uint average = dc(block);
            , true, blend(block, average, smooth_blend_weight(block, at.x, at.y), recon_words[word], at, j))
RECONSTRUCT(reconstruct_wedge, uint average = dc(block);
            , true, blend(block, average, wedge_blend_weight(block, at.x, at.y), recon_words[word], at, j))

// V_PRED and H_PRED with no angle of their own: one edge, unchanged.
bool is_straight(uint mode_word) {
    uint angle = bitfieldExtract(mode_word, 5, 9);
    return angle == 90 || angle == 180;
}

void reconstruct_block() {
    uint mode_word = records[team()].y;
    uint mode = record_exists() ? bitfieldExtract(mode_word, 0, 5) : MODE_FILTER;
    reconstruct_dc(mode == MODE_DC);
    bool directional = mode >= MODE_V && mode <= MODE_D67, straight = is_straight(mode_word);
    reconstruct_straight(directional && straight);
    reconstruct_directional(directional && !straight);
    reconstruct_smooth(mode >= MODE_SMOOTH && mode <= MODE_SMOOTH_H);
    reconstruct_paeth(mode == MODE_PAETH);
    reconstruct_from_luma(mode == MODE_CFL);
    reconstruct_palette(mode == MODE_PALETTE);
    reconstruct_copy(mode == MODE_COPY);
    reconstruct_inter_intra(mode == MODE_INTER_INTRA && (mode_word & WEDGE) == 0);
    reconstruct_wedge(mode == MODE_INTER_INTRA && (mode_word & WEDGE) != 0);
}

// ---- Recursive filter (7.11.2.3), luma ----

// Invocation n of a team has the n-th two rows, and follows the one above it by a unit of 4x2 samples. A unit leaves its lower row
// in AboveRow.
struct FilterRow {
    int corner;
    ivec2 left;
};

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

// As many steps as the team needs, or any team of those that wait for each other.
void filter_recursively(IntraBlock block, bool own) {
    int units = width_of(block) / 4, rows = height_of(block) / 2;
    bool has_rows = own && lane() < rows;
    int left = left_zero(block) + (has_rows ? lane() * 2 : 0);
    FilterRow row = FilterRow(int(edges[left - 1]), ivec2(edges[left], edges[left + 1]));
    int waves = is_subgroup() ? (own ? units + rows - 1 : 0) : filter_waves;
    [[dont_unroll]] for (int wave = 0; subgroupAny(wave < waves); ++wave) {
        int unit = wave - lane();
        bool has_unit = has_rows && unit >= 0 && unit < units;
        if (subgroupAny(has_unit)) filter_unit(block, row, unit, has_unit);
        team_barrier();
    }
}

// What all records need; all of the workgroup are here.
void prepare() {
    if (gl_LocalInvocationIndex == 0) {
        shared_recon = job.recon;
        pitches[0] = job.recon.pitch / 4;
        pitches[1] = job.room_width >> 1;
    }
    barrier();
}

// A team's record, if it exists.
void reconstruct() {
    if (lane() == 0) {
        sums[team()] = 0;
        luma_sums[team()] = 0;
    }
    if (!is_subgroup() && gl_LocalInvocationIndex == 0) filter_waves = 0;
    team_barrier();
    load_edges();
    memoryBarrierShared();
    IntraBlock block = load_block();
    sum_luma(block, record_exists() && block.mode == MODE_CFL);
    if (!is_subgroup() && record_exists() && block.mode == MODE_FILTER && lane() == 0) {
        atomicMax(filter_waves, width_of(block) / 4 + height_of(block) / 2 - 1);
    }
    team_barrier();
    block = load_block();
    filter_recursively(block, record_exists() && block.mode == MODE_FILTER);
    store_words(block);
    team_barrier();
    reconstruct_block();
    team_barrier();
}

// The `index`-th record of a level: of luma's, then of chroma's.
void reconstruct_of_level(uint level, uint index) {
    uint luma = job.intra_levels_words[0] + level, chroma = job.intra_levels_words[1] + level;
    uint first_luma = job_words[luma], luma_count = job_words[luma + 1] - first_luma;
    uint first_chroma = job_words[chroma], chroma_count = job_words[chroma + 1] - first_chroma;
    bool exists = index < luma_count + chroma_count;
    index = min(index, luma_count + chroma_count - 1);
    bool is_chroma = index >= luma_count;
    uvec4 record = job_quads[is_chroma ? job.intra_quads[1] + first_chroma + index - luma_count : job.intra_quads[0] + first_luma + index];
    records[team()] = uvec4(record.xyz, (is_chroma ? 1 : 0) | (exists ? 2 : 0));
    reconstruct();
}
