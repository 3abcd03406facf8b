// SPDX-License-Identifier: MIT
// Intra records in one dispatch, one for each workgroup, chosen by its ticket. Tickets are in the order of levels, so the
// records that a workgroup waits for belong to workgroups that have already started. The longest chain of dependent records
// determines the dispatch's time, so a workgroup does as much as possible before it waits, and loads only samples afterwards,
// all at once. Reads the job, residuals in scratch, and the inter and other intra records in recon; writes recon and scratch.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_memory_scope_semantics : require

layout(local_size_x = 64) in;
layout(push_constant) uniform Levels {
    uint unused, level_count;
} levels;

#define RECON_ACCESS coherent
#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "masks.glsl"
#include "intra_record.glsl"
#include "intra_pending.glsl"

// The same buffer as scratch, but cacheable: an earlier dispatch wrote the residuals.
layout(set = 0, binding = 4, std430) readonly buffer ResidualWords { uint residual_words[]; };

const int TEAM = 64;
int lane() { return int(gl_LocalInvocationIndex); }

// AboveRow and LeftCol, each with up to 128 points and two before. Recursive filtering uses the same memory for the block's
// samples with the row above and the column to the left, prediction from luma for the block's luma.
const int ABOVE_ZERO = 2, LEFT_ZERO = 136, ROW = 33;
shared uint edges[ROW * ROW];
int above_zero(IntraBlock block) { return ABOVE_ZERO; }
int left_zero(IntraBlock block) { return LEFT_ZERO; }
int row_index(int x, int y) { return (y + 1) * ROW + x + 1; }

shared uint sums[1];
shared int luma_sum;
// Waiting invalidates caches, so values of the job are copied before.
shared uint smooth_words[32];
FrameLayout recon_layout;
#define SMOOTH_WEIGHTS smooth_words
#define RECON recon_layout
#include "intra.glsl"

// ---- Tickets ----

const uint NEXT_WORD = 0;
shared uint shared_ticket;

uint take_ticket() {
    if (lane() == 0) shared_ticket = atomicAdd(scratch_words[NEXT_WORD], 1);
    barrier();
    return shared_ticket;
}

// The number of tickets of lower levels.
uint tickets_before(uint level) { return job_words[job.intra_turns_word + level]; }

uint level_of(uint ticket) {
    uint low = 0, high = levels.level_count;
    while (high - low > 1) {
        uint middle = (low + high) / 2;
        bool is_before = tickets_before(middle) <= ticket;
        low = is_before ? middle : low;
        high = is_before ? high : middle;
    }
    return low;
}

// A level's luma records come before its chroma records.
IntraBlock load_block(uint ticket) {
    uint level = level_of(ticket), index = ticket - tickets_before(level);
    uint luma = job_words[job.intra_levels_words[0] + level], chroma = job_words[job.intra_levels_words[1] + level];
    uint luma_count = job_words[job.intra_levels_words[0] + level + 1] - luma;
    bool is_luma = index < luma_count;
    return make_block(job_quads[is_luma ? job.intra_quads[0] + luma + index : job.intra_quads[1] + chroma + index - luma_count], is_luma ? 0 : 1);
}

void wait_for(PendingBits bits) {
    while ((atomicLoad(scratch_words[bits.word], gl_ScopeDevice, gl_StorageSemanticsBuffer, gl_SemanticsRelaxed) & bits.mask) != 0) {}
}

// Each invocation polls different words.
void wait_for_sources(IntraBlock block) {
    Units above = read_above(block), left = read_left(block), source = read_source(block);
    uint above_end = count_pending(above), left_end = above_end + count_pending(left), end = left_end + count_pending(source);
    for (uint i = gl_LocalInvocationIndex; i < end; i += TEAM) {
        Units units = i < above_end ? above : i < left_end ? left : source;
        wait_for(pending_bits(units, i - (i < above_end ? 0 : i < left_end ? above_end : left_end)));
    }
    memoryBarrierBuffer();
    barrier();
}

// Makes the record's samples visible to other workgroups, and clears its pending bits.
void finish(Units units) {
    memoryBarrierBuffer();
    barrier();
    uint words = count_pending(units);
    for (uint i = gl_LocalInvocationIndex; i < words; i += TEAM) {
        PendingBits bits = pending_bits(units, i);
        atomicAnd(scratch_words[bits.word], ~bits.mask);
    }
}

// ---- Edges ----

// One side of a block, and how it is filtered.
struct Side {
    Edge edge;
    bool available;
    int zero, count;  // of its points
    int strength, last;  // of the filter, and the last point that it changes
    bool upsampled;
};

Side make_side(IntraBlock block, bool of_left) {
    bool directional = is_directional(block);
    int angle = angle_of(block), width = width_of(block), height = height_of(block), delta = angle - (of_left ? 180 : 90);
    bool only_above = directional && angle < 90, only_left = directional && angle > 180;
    bool needed = block.mode < MODE_PALETTE && !(of_left ? only_above : only_left);
    int length = of_left ? height : width, further = of_left ? (only_left ? width : 0) : only_above ? height : 0;
    int visible = of_left ? int(job.padded_height >> block.chroma) - block.y : int(job.padded_width >> block.chroma) - block.x;
    Side side;
    side.edge = make_edge(block, of_left);
    side.available = has(block, of_left ? HAVE_LEFT : HAVE_ABOVE);
    side.zero = of_left ? LEFT_ZERO : ABOVE_ZERO;
    side.count = needed ? length + further : 0;
    side.upsampled = upsamples(block, delta);
    side.strength = filters_edges(block) && side.available && !side.upsampled ? filter_strength(block, delta) : 0;
    side.last = side.upsampled ? side.count - 1 : min(length, visible) + further - 1;
    return side;
}

// An invocation takes one point of both sides together, or two if there are more than 64: first the points above, then those on
// the left.
struct BothSides {
    Side above, left;
    bool filtered, filtered_corner;
};

BothSides make_both_sides(IntraBlock block) {
    int angle = angle_of(block);
    bool filtered = filters_edges(block);
    return BothSides(make_side(block, false), make_side(block, true), filtered,
                     filtered && angle > 90 && angle < 180 && width_of(block) + height_of(block) >= 24 && has(block, HAVE_LEFT | HAVE_ABOVE));
}

Side side_of(BothSides sides, int i) {
    if (i < sides.above.count) return sides.above;
    return sides.left;
}
int place_in_side(BothSides sides, int i) { return i < sides.above.count ? i : i - sides.above.count; }

// The index of an unfiltered point.
int raw_index(IntraBlock block, Side side, int n) {
    bool of_left = side.zero == LEFT_ZERO;
    return block.mode != MODE_FILTER ? side.zero + n : of_left ? row_index(-1, n) : row_index(n, -1);
}

// A side's point after filtering (7.11.2.12) or upsampling (7.11.2.11), and the one between it and the previous point.
struct ChangedPoint {
    uint point, between;
};

ChangedPoint change_point(Side side, int n, uint corner) {
    uint point = edges[side.zero + n];
    uint a = n < 2 ? corner : edges[side.zero + n - 2], b = n < 1 ? corner : edges[side.zero + n - 1];
    uint c = edges[side.zero + min(n + 1, side.last)], d = edges[side.zero + min(n + 2, side.last)];
    uint outer = side.strength == 3 ? 2 : 0, inner = side.strength == 2 ? 5 : 4;
    uint filtered = weighted(a + d, b + c, point, outer, inner, 16 - 2 * (outer + inner));
    return ChangedPoint(side.strength != 0 && n <= side.last ? filtered : point, side.upsampled ? between(a + c, b + point) : 0);
}

void store_changed(Side side, int n, ChangedPoint changed) {
    edges[side.upsampled ? side.zero + 2 * n : side.zero + n] = changed.point;
    if (side.upsampled) edges[side.zero + 2 * n - 1] = changed.between;
}

void filter_edges(BothSides sides, uint corner) {
    if (sides.filtered_corner) corner = weighted(edges[ABOVE_ZERO] + edges[LEFT_ZERO], 0, corner, 5, 0, 6);
    int count = sides.above.count + sides.left.count;
    ChangedPoint changed[2];
    [[unroll]] for (int k = 0; k < 2; ++k) {
        int i = lane() + k * TEAM;
        if (i < count) changed[k] = change_point(side_of(sides, i), place_in_side(sides, i), corner);
    }
    barrier();
    [[unroll]] for (int k = 0; k < 2; ++k) {
        int i = lane() + k * TEAM;
        if (i < count) store_changed(side_of(sides, i), place_in_side(sides, i), changed[k]);
    }
    if (lane() < 2) {
        Side side = side_of(sides, lane() == 0 ? 0 : count - 1);
        if (side.count != 0) edges[side.upsampled ? side.zero - 2 : side.zero - 1] = corner;
    }
    barrier();
}

// ---- Loads ----

uint load_corner(IntraBlock block) {
    bool has_above = has(block, HAVE_ABOVE), has_left = has(block, HAVE_LEFT);
    uint corner = read_point(has_left ? block.x - 1 : block.x, has_above ? block.y - 1 : block.y, block.chroma);
    return has_above || has_left ? corner : BASE * (block.chroma == 0 ? 1 : BOTH);
}

void load_edges(IntraBlock block, BothSides sides) {
    int count = sides.above.count + sides.left.count;
    bool is_dc = block.mode == MODE_DC || block.mode == MODE_CFL;
    uint points[2], corner = load_corner(block);
    [[unroll]] for (int k = 0; k < 2; ++k) {
        int i = lane() + k * TEAM;
        if (i < count) points[k] = edge_point(side_of(sides, i).edge, place_in_side(sides, i));
    }
    [[unroll]] for (int k = 0; k < 2; ++k) {
        int i = lane() + k * TEAM;
        Side side = side_of(sides, i);
        if (i < count && is_dc && side.available) atomicAdd(sums[0], points[k]);
        if (i < count && block.mode != MODE_CFL) edges[raw_index(block, side, place_in_side(sides, i))] = points[k];
    }
    if (lane() == 0 && block.mode == MODE_FILTER) edges[row_index(-1, -1)] = corner;
    if (lane() == 0 && block.mode != MODE_FILTER && block.mode != MODE_CFL) edges[ABOVE_ZERO - 1] = edges[LEFT_ZERO - 1] = corner;
    barrier();
    if (sides.filtered) filter_edges(sides, corner);
}

void load_luma(IntraBlock block) {
    int sum = 0, end = 1 << block.log2_width + block.log2_height;
    for (int i = lane(); i < end; i += TEAM) {
        int luma = luma_of_pair(block, i & width_of(block) - 1, i >> block.log2_width);
        edges[i] = uint(luma);
        sum += luma;
    }
    if (sum != 0) atomicAdd(luma_sum, sum);
}

// ---- Words ----

Words make_words(IntraBlock block) {
    Words words;
    words.first = recon_word(uint(block.x), uint(block.y), block.chroma);
    words.pitch = RECON.pitch / 4;
    words.residual = residual_word(block, 0, 0);
    words.residual_pitch = job.room_width >> 1;
    words.log2_row = block.log2_width - int(LOG2_SAMPLES - block.chroma);
    words.end = 1 << words.log2_row + block.log2_height;
    return words;
}

int column_of(Words words, int n) { return n & (1 << words.log2_row) - 1; }

// The number of columns and rows of words inside the room: blocks of intra block copy may extend beyond it.
ivec2 room_of(IntraBlock block) {
    return ivec2(int(job.room_width >> block.chroma) - block.x >> LOG2_SAMPLES - block.chroma, int(job.room_height >> block.chroma) - block.y);
}
bool has_word(Words words, ivec2 room, int n) { return n < words.end && column_of(words, n) < room.x && n >> words.log2_row < room.y; }

// A word's residuals, packed in pairs.
uvec2 load_residuals(IntraBlock block, Words words, ivec2 room, int n) {
    if (!has(block, CODED) || !has_word(words, room, n)) return uvec2(0);
    uint word = words.residual + uint(n >> words.log2_row) * words.residual_pitch + uint(column_of(words, n)) * (WORD_SAMPLES / 2);
    return uvec2(residual_words[word], WORD_SAMPLES == 4 ? residual_words[word + 1] : 0);
}

int predict_directional(IntraBlock block, Direction direction, Place at) {
    int x = at.x, y = at.y;
    int angle = angle_of(block);
    bool only_above = angle <= 90, only_left = angle >= 180;
    int index = (only_above ? 0 : x << 6) + (only_above ? y + 1 : -(y + 1)) * direction.dx, up = direction.up_above;
    int base = (index >> 6 - up) + (only_above ? x << up : 0), zero = above_zero(block);
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

Direction block_direction;  // for directional prediction, computed before waiting

// Reconstructs all words of a block. VALUE is the prediction of the sample `at`. Residuals are loaded one iteration ahead.
#define RECONSTRUCT(NAME, SETUP, VALUE)                                                                                       \
    void NAME(IntraBlock block, Words words, ivec2 room, uvec2 next_residuals) {                                              \
        SETUP                                                                                                                 \
        for (int n = lane(); n < words.end; n += TEAM) {                                                                      \
            uvec2 residuals = next_residuals;                                                                                 \
            next_residuals = load_residuals(block, words, room, n + TEAM);                                                    \
            if (!has_word(words, room, n)) continue;                                                                          \
            int column = column_of(words, n), row = n >> words.log2_row;                                                      \
            uint word = words.first + uint(row) * words.pitch + uint(column), result = 0;                                     \
            [[unroll]] for (int j = 0; j < WORD_SAMPLES; ++j) {                                                               \
                Place at = Place((column << LOG2_SAMPLES - block.chroma) + (j >> block.chroma), row, uint(j) & block.chroma); \
                int value = VALUE;                                                                                            \
                result |= place_sample(add_residual(residuals[j >> 1], value, j & 1), j);                                     \
            }                                                                                                                 \
            recon_words[word] = result;                                                                                       \
        }                                                                                                                     \
    }

RECONSTRUCT(reconstruct_dc, uint average = dc(block);, half_of(average, at.component))
RECONSTRUCT(reconstruct_from_luma, uint average = dc(block); int bits = block.log2_width + block.log2_height;
            int luma_average = luma_sum + (1 << bits >> 1) >> bits;
            , predict_from_luma(block, average, int(edges[(at.y << block.log2_width) + at.x]) - luma_average, at))
RECONSTRUCT(reconstruct_directional, Direction direction = block_direction;, predict_directional(block, direction, at))
RECONSTRUCT(reconstruct_smooth, , predict_smooth(block, at))
RECONSTRUCT(reconstruct_paeth, , predict_paeth(block, at))
RECONSTRUCT(reconstruct_filtered, , int(edges[row_index(at.x, at.y)]))
RECONSTRUCT(reconstruct_palette, , half_of(palette_point(block, true, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_copy, , half_of(copied_point(block, at.x, at.y), at.component))
RECONSTRUCT(reconstruct_inter_intra, uint average = dc(block);
            , blend(block, average, smooth_blend_weight(block, at.x, at.y), recon_words[word], at, j))
RECONSTRUCT(reconstruct_wedge, uint average = dc(block);
            , blend(block, average, wedge_blend_weight(block, at.x, at.y), recon_words[word], at, j))

// ---- Recursive filter (7.11.2.3) ----

// The taps for the sample that an invocation computes in each 4x2 unit.
uvec2 load_taps(IntraBlock block) {
    uint mode = block.mode == MODE_FILTER ? bitfieldExtract(block.mode_word, 21, 5) : 0, word = (mode * 8 + (lane() & 7)) * 2;
    return uvec2(job.intra_filter_taps[word], job.intra_filter_taps[word + 1]);
}

// Filters independent units at the same time: those on a diagonal, because a unit depends on those to its left and above. Eight
// invocations share a unit.
void filter_recursively(IntraBlock block, uvec2 taps) {
    int units = width_of(block) / 4, rows = height_of(block) / 2;
    for (int step = 0; step < units + rows - 1; ++step) {
        int row = max(step - units + 1, 0) + lane() / 8, unit = step - row;
        if (row < rows && unit >= 0) {
            int x = unit * 4, y = row * 2;
            int sum = filter_tap(taps, 0) * int(edges[row_index(x - 1, y - 1)]);
            [[unroll]] for (int i = 0; i < 4; ++i) sum += filter_tap(taps, i + 1) * int(edges[row_index(x + i, y - 1)]);
            [[unroll]] for (int i = 0; i < 2; ++i) sum += filter_tap(taps, i + 5) * int(edges[row_index(x - 1, y + i)]);
            edges[row_index(x + (lane() & 3), y + (lane() >> 2 & 1))] = uint(clip_sample(round_signed(sum, 4)));
        }
        barrier();
    }
}

// ---- A record ----

void reconstruct(IntraBlock block) {
    Words words = make_words(block);
    ivec2 room = room_of(block);
    uvec2 residuals = load_residuals(block, words, room, lane()), taps = load_taps(block);
    BothSides sides = make_both_sides(block);
    block_direction = make_direction(block);
    if (lane() == 0) {
        sums[0] = 0;
        luma_sum = 0;
    }
    if (lane() < 31) smooth_words[lane()] = job.smooth_weights[lane()];
    wait_for_sources(block);
    if (block.mode == MODE_CFL) load_luma(block);
    load_edges(block, sides);
    uint mode = record_mode(block);
    if (mode == MODE_DC) {
        reconstruct_dc(block, words, room, residuals);
    } else if (mode <= MODE_D67) {
        reconstruct_directional(block, words, room, residuals);
    } else if (mode <= MODE_SMOOTH_H) {
        reconstruct_smooth(block, words, room, residuals);
    } else if (mode == MODE_PAETH) {
        reconstruct_paeth(block, words, room, residuals);
    } else if (mode == MODE_CFL) {
        reconstruct_from_luma(block, words, room, residuals);
    } else if (mode == MODE_FILTER) {
        filter_recursively(block, taps);
        reconstruct_filtered(block, words, room, residuals);
    } else if (mode == MODE_PALETTE) {
        reconstruct_palette(block, words, room, residuals);
    } else if (mode == MODE_COPY) {
        reconstruct_copy(block, words, room, residuals);
    } else if (!has(block, WEDGE)) {
        reconstruct_inter_intra(block, words, room, residuals);
    } else {
        reconstruct_wedge(block, words, room, residuals);
    }
}

void main() {
    uint ticket = take_ticket();
    // There are more workgroups than tickets, because large dispatches have two dimensions.
    if (ticket >= tickets_before(levels.level_count)) return;
    IntraBlock block = load_block(ticket);
    Units units = units_of(block);
    recon_layout = job.recon;
    reconstruct(block);
    finish(units);
}
