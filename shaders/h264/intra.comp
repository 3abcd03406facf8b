#version 460
// Third dispatch of a picture, or several: intra macroblocks, their residuals being in scratch. 16 invocations own a macroblock's
// luma or its chroma, which do not need each other. Which macroblocks a workgroup owns depends on the strategy:
//   tickets  one, the next one in the order of the dependency levels, after waiting for the intra macroblocks that it
//            predicts from: they have earlier tickets, so their workgroups have started,
//   levels   up to 16 at a time of a level, until nothing is left of it, and then of the next one, of as many levels as the
//            dispatch has been given. Several levels are for two workgroups only, one for luma and one for chroma.
// Reads the job, residuals in scratch, and what inter and other intra macroblocks left in recon; writes recon and, with
// tickets, scratch.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#define RECON_ACCESS coherent
#define SCRATCH_ACCESS coherent
#include "job.glsl"
#include "samples.glsl"
#include "residual.glsl"
#include "intra_prediction.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint TICKETS = 0;
layout(push_constant) uniform IntraLevels {
    uint first_level, level_count;
};

// What a macroblock's invocations share, in words: its record's head, 0 where there is no macroblock; its address; its
// prediction modes. They are read again wherever they are needed, because registers are scarce.
const uint HEAD = 0, ADDRESS = 1, MODES = 2;
// The neighbours and the samples themselves. Luma, in words of four samples:
//   [0, 80)   five words to a row from x = -4 on,
//   [80, 87)  the row above from x = -4 on, up to x = 24.
// Chroma, in words of two Cb, Cr pairs:
//   [0, 8)    the pairs left of each row,
//   [8, 13)   the row above from byte -4 on.
const uint TILE = 4, TILE_ABOVE = TILE + 80, TILE_CHROMA_ABOVE = TILE + 8;
// Residuals as residual_4x4 and residual_8x8 return them: 8 words to a 4x4 block, 16 to a half of an 8x8 block.
const uint RESIDUALS = TILE + 87;
// Edges of an 8x8 block or of two 4x4 blocks (see intra_prediction.glsl), one to a word.
const uint EDGES = RESIDUALS + 128;
const uint SHARED_WORDS = EDGES + 26;

const uint LANES = 16;  // of a macroblock
const uint MBS = gl_WorkGroupSize.x / LANES;
shared uint words[MBS * SHARED_WORDS];

uint mb_words() { return gl_LocalInvocationIndex / LANES * SHARED_WORDS; }
uint lane() { return gl_LocalInvocationIndex % LANES; }
uint mb_head() { return words[mb_words() + HEAD]; }
bool has(uint head, uint bit) { return (head & bit) != 0; }

uint mb_address() { return words[mb_words() + ADDRESS]; }
uint luma_word(uint x, uint y) { return luma_word(mb_address(), x, y); }
uint chroma_word(uint byte, uint y) { return chroma_word(mb_address(), byte, y); }

void enter(uint address, bool exists) {
    if (lane() == 0) {
        uvec4 mb = job_quads[job.mbs_quad + address];
        uvec4 modes = job_quads[job.entries_quad + mb.w];
        words[mb_words() + HEAD] = exists ? mb.x : 0;
        words[mb_words() + ADDRESS] = address;
        words[mb_words() + MODES] = modes.x;
        words[mb_words() + MODES + 1] = modes.y;
    }
    barrier();
}

// The neighbours that exist. What is not available stays undefined and unused.
void load_luma_neighbours() {
    uint head = mb_head();
    uint needed = lane() == 0 ? HEAD_TOP_LEFT_AVAILABLE : lane() < 5 ? HEAD_TOP_AVAILABLE : lane() < 7 ? HEAD_TOP_RIGHT_AVAILABLE : 0;
    if (has(head, needed)) words[mb_words() + TILE_ABOVE + lane()] = recon_words[luma_word(lane() * 4 - 4, -1)];
    if (has(head, HEAD_LEFT_AVAILABLE)) words[mb_words() + TILE + lane() * 5] = recon_words[luma_word(-4, lane())];
}

void load_chroma_neighbours() {
    uint head = mb_head();
    if (lane() < 8) {
        if (has(head, HEAD_LEFT_AVAILABLE)) words[mb_words() + TILE + lane()] = recon_words[chroma_word(-4, lane())];
    } else if (lane() < 13) {
        bool available = has(head, lane() == 8 ? HEAD_TOP_LEFT_AVAILABLE : HEAD_TOP_AVAILABLE);
        if (available) words[mb_words() + TILE + lane()] = recon_words[chroma_word((lane() - 8) * 4 - 4, -1)];
    }
}

// Luma sample (x, y) of the macroblock or its neighbours.
uint tile_sample(int x, int y) {
    uint row = mix(TILE + uint(y) * 5, TILE_ABOVE, y < 0);
    return uint(sample_at(words[mb_words() + row + (x + 4 >> 2)], x & 3));
}

// ---- Intra_4x4, Intra_8x8 ----

const uint LEFT = 1, TOP = 2, TOP_LEFT = 4, TOP_RIGHT = 8;

struct Block {
    int size, x, y;  // in its macroblock
    uint available;  // neighbours, of LEFT and so on
    uint edge;  // where its edges are
};

// 6.4.11.4 with 8.3.1.2 and 8.3.2.2
bool top_right_available(uint head, int x, int y, int size) {
    bool outer = x + size == 16;
    uint above = head & mix(HEAD_TOP_AVAILABLE, HEAD_TOP_RIGHT_AVAILABLE, outer);
    bool earlier = luma_block_index(x + size >> 2, (y >> 2) - 1) < luma_block_index(x >> 2, y >> 2);
    return mix(!outer && earlier, above != 0, y == 0);
}

// Of the blocks that are reconstructed in this step the one at which this invocation works; `exists` says whether there
// is one. 8x8 blocks follow each other. Of 4x4 blocks those with one x + 2 * y are independent: one or two, with eight
// invocations for each.
Block block_of_step(uint head, int step, out bool exists) {
    Block block;
    bool is_8x8 = mb_kind(head) == KIND_INTRA_8X8;
    int second = mix(int(lane() / 8), 0, is_8x8), row_4x4 = max(step - 2 >> 1, 0) + second;
    block.size = mix(4, 8, is_8x8);
    block.x = mix(step - 2 * row_4x4, (step & 1) * 2, is_8x8) * 4;
    block.y = mix(row_4x4, step & 2, is_8x8) * 4;
    exists = mix(mb_kind(head) == KIND_INTRA_4X4 && block.x >= 0 && block.y < 16, step < 4, is_8x8);
    bool left = block.x > 0 || has(head, HEAD_LEFT_AVAILABLE), top = block.y > 0 || has(head, HEAD_TOP_AVAILABLE);
    bool top_left = mix(mix(has(head, HEAD_TOP_LEFT_AVAILABLE), left, block.y > 0), top, block.x > 0);
    block.available = mix(0, LEFT, left) | mix(0, TOP, top) | mix(0, TOP_LEFT, top_left) |
                      mix(0, TOP_RIGHT, top_right_available(head, block.x, block.y, block.size));
    block.edge = mb_words() + EDGES + second * 13;
    return block;
}

uint edge_sample(Block block, int i) {
    int n = block.size;
    int along = min(i - n - 1, mix(n, 2 * n, has(block.available, TOP_RIGHT)) - 1);
    return tile_sample(block.x + mix(along, -1, i < n), block.y + mix(-1, n - 1 - i, i < n));
}

// Whether edge i takes part in the filtering of its neighbours: 8x8 blocks filter their edges.
bool edge_filters(Block block, int i) {
    int n = block.size;
    uint region = mix(mix(TOP, TOP_LEFT, i == n), LEFT, i < n);
    return n == 8 && i >= 0 && i <= 3 * n && has(block.available, region);
}

// 8.3.2.2.1. In place of an edge that takes no part its neighbour counts.
uint filtered_edge(Block block, int i) {
    uint before = edge_sample(block, i - 1), own = edge_sample(block, i), after = edge_sample(block, i + 1);
    before = mix(own, before, edge_filters(block, i - 1));
    after = mix(own, after, edge_filters(block, i + 1));
    return before + 2 * own + after + 2 >> 2;
}

void gather_edges(int step) {
    bool exists;
    Block block = block_of_step(mb_head(), step, exists);
    int lanes = block.size * 2, last = exists ? 3 * block.size : -1;
    [[dont_unroll]] for (int i = int(lane()) & lanes - 1; i <= last; i += lanes) words[block.edge + i] = filtered_edge(block, i);
}

// 8.3.1.2.3, 8.3.2.2.4
uint dc_of(Block block) {
    uint n = uint(block.size), sum = 0;
    bool has_left = has(block.available, LEFT), has_top = has(block.available, TOP);
    [[dont_unroll]] for (uint i = 0; i < n; ++i) {
        uint left = words[block.edge + i], top = words[block.edge + n + 1 + i];
        sum += mix(0, left, has_left) + mix(0, top, has_top);
    }
    uint count = mix(0, n, has_left) + mix(0, n, has_top);
    return count == 0 ? 128 : sum + count / 2 >> findMSB(count);  // a power of two
}

// Four samples of row y from column x on. One after the other: all their taps would not fit into registers.
uint predict_word(Block block, uint mode, int x, int y) {
    uint word = 0;
    [[dont_unroll]] for (int i = 0; i < 4; ++i) {
        ivec3 taps = filter_edges(mode, block.size, x + i, y);
        uint sum = words[block.edge + taps.x] + 2 * words[block.edge + taps.y] + words[block.edge + taps.z];
        word = word >> 8 | (sum + 2 >> 2) << 24;
    }
    if (subgroupAny(mode == MODE_DC)) {
        uint dc = replicate_byte(dc_of(block));
        word = mix(word, dc, mode == MODE_DC);
    }
    return word;
}

// An invocation reconstructs one word of a block: a row of a 4x4 block, half a row of an 8x8 one.
void reconstruct_block(int step) {
    bool exists;
    Block block = block_of_step(mb_head(), step, exists);
    bool is_8x8 = block.size == 8;
    int x = mix(0, int(lane() & 1) * 4, is_8x8), y = mix(int(lane() & 7), int(lane() >> 1), is_8x8);
    uint index = luma_block_index(block.x >> 2, block.y >> 2);
    uint mode_index = mix(index, index >> 2, is_8x8);
    uint mode = bitfieldExtract(words[mb_words() + MODES + (mode_index >> 3)], int(mode_index & 7) * 4, 4);
    uint word = predict_word(block, mode, x, y);
    uint residual = mb_words() + RESIDUALS + index * 8 + x * 4 + y;
    word = add_residual(word, words[residual], words[residual + block.size]);
    if (exists && y < block.size) words[mb_words() + TILE + (block.y + y) * 5 + (block.x + x >> 2) + 1] = word;
}

// ---- Intra_16x16, 8.3.3: an invocation owns a row ----

uint dc_16x16(uint head) {
    uint sum = 0;
    bool top = has(head, HEAD_TOP_AVAILABLE), left = has(head, HEAD_LEFT_AVAILABLE);
    [[dont_unroll]] for (int i = 0; i < 16; ++i) {
        uint above = tile_sample(i, -1), beside = tile_sample(-1, i);
        sum += mix(0, above, top) + mix(0, beside, left);
    }
    uint count = (top ? 16 : 0) + (left ? 16 : 0);
    return count == 0 ? 128 : sum + count / 2 >> findMSB(count);
}

// 8.3.3.4: the first sample of row y, times 32 and before its clipping, and what is between two samples.
ivec2 plane_16x16(int y) {
    int h = 0, v = 0;
    [[dont_unroll]] for (int i = 1; i <= 8; ++i) {
        h += i * (int(tile_sample(7 + i, -1)) - int(tile_sample(7 - i, -1)));
        v += i * (int(tile_sample(-1, 7 + i)) - int(tile_sample(-1, 7 - i)));
    }
    int a = 16 * int(tile_sample(-1, 15) + tile_sample(15, -1));
    int b = 5 * h + 32 >> 6, c = 5 * v + 32 >> 6;
    return ivec2(a - 7 * b + c * (y - 7) + 16, b);
}

const uint MODE_16X16_DC = 2, MODE_16X16_PLANE = 3;  // Table 8-4, vertical and horizontal as above

// The same for all modes but vertical: one sample goes on along the row.
ivec2 line_16x16(uint head) {
    uint mode = mb_intra_16x16_pred_mode(head);
    ivec2 line = ivec2(tile_sample(-1, int(lane())) * 32, 0);
    if (subgroupAny(mode == MODE_16X16_DC)) {
        int dc = int(dc_16x16(head)) * 32;
        line.x = mix(line.x, dc, mode == MODE_16X16_DC);
    }
    if (subgroupAny(mode == MODE_16X16_PLANE)) {
        ivec2 plane = plane_16x16(int(lane()));
        line = mix(line, plane, bvec2(mode == MODE_16X16_PLANE));
    }
    return line;
}

// Word x of the invocation's row; the line moves on.
uint reconstruct_16x16_word(uint head, uint x, inout ivec2 line) {
    uint word = 0;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        word |= clip1(line.x >> 5) << i * 8;
        line.x += line.y;
    }
    uint above = words[mb_words() + TILE_ABOVE + 1 + x];
    word = mix(word, above, mb_intra_16x16_pred_mode(head) == MODE_VERTICAL);
    uint residual = mb_words() + RESIDUALS + luma_block_index(x, lane() >> 2) * 8 + (lane() & 3);
    return add_residual(word, words[residual], words[residual + 4]);
}

// ---- Chroma, 8.3.4: an invocation owns half a row, four Cb, Cr pairs in two words ----

// The pair at (x, -1), and at (-1, y); both may be -1, too.
uint pair_above(int x) {
    uint word = words[mb_words() + TILE_CHROMA_ABOVE + (x + 2 >> 1)];
    return spread_pair(word >> (x & 1) * 16);
}
uint pair_left(int y) { return spread_pair(words[mb_words() + mix(TILE + uint(y), TILE_CHROMA_ABOVE, y < 0)] >> 16); }

// 8.3.4.1 to 8.3.4.3: blocks off the diagonal take one side where both are available.
uint chroma_dc_pair(uint head, int x, int y) {
    bool left = has(head, HEAD_LEFT_AVAILABLE), top = has(head, HEAD_TOP_AVAILABLE);
    bool use_top = top && !(x == 0 && y != 0 && left), use_left = left && !(x != 0 && y == 0 && top);
    uint sum = 0;
    [[dont_unroll]] for (int i = 0; i < 4; ++i) {
        uint above = pair_above(x + i), beside = pair_left(y + i);
        sum += mix(0, above, use_top) + mix(0, beside, use_left);
    }
    uint one_side = sum + 0x00020002 >> 2 & EVEN_BYTES, both_sides = sum + 0x00040004 >> 3 & EVEN_BYTES;
    return use_top && use_left ? both_sides : use_top || use_left ? one_side : 0x00800080;
}

ivec2 numbers_of(uint pair) { return ivec2(pair & 0xffff, pair >> 16); }

// 8.3.4.4: as plane_16x16, of Cb and Cr, from column x on.
void chroma_plane(int x, int y, out ivec2 start, out ivec2 slope) {
    ivec2 h = ivec2(0), v = ivec2(0);
    [[dont_unroll]] for (int i = 1; i <= 4; ++i) {
        h += i * (numbers_of(pair_above(3 + i)) - numbers_of(pair_above(3 - i)));
        v += i * (numbers_of(pair_left(3 + i)) - numbers_of(pair_left(3 - i)));
    }
    ivec2 a = 16 * (numbers_of(pair_left(7)) + numbers_of(pair_above(7)));
    slope = 34 * h + 32 >> 6;
    start = a + slope * (x - 3) + (34 * v + 32 >> 6) * (y - 3) + 16;
}

const uint CHROMA_DC = 0, CHROMA_VERTICAL = 2, CHROMA_PLANE = 3;  // Table 8-5; 1: horizontal

// As line_16x16, of Cb and Cr, for row y from column x on.
void chroma_line(uint head, int x, int y, out ivec2 start, out ivec2 slope) {
    uint mode = mb_intra_chroma_pred_mode(head);
    start = numbers_of(pair_left(y)) * 32;
    slope = ivec2(0);
    if (subgroupAny(mode == CHROMA_DC)) {
        ivec2 dc = numbers_of(chroma_dc_pair(head, x, y & 4)) * 32;
        start = mix(start, dc, bvec2(mode == CHROMA_DC));
    }
    if (subgroupAny(mode == CHROMA_PLANE)) {
        ivec2 plane_start, plane_slope;
        chroma_plane(x, y, plane_start, plane_slope);
        start = mix(start, plane_start, bvec2(mode == CHROMA_PLANE));
        slope = mix(slope, plane_slope, bvec2(mode == CHROMA_PLANE));
    }
}

// Copies the residuals that an earlier dispatch left to the shared words.
void load_residuals(bool chroma) {
    uint address = mb_address(), first = chroma ? 32 : 0;
    bool coded = (job_quads[job.mbs_quad + address].y & (chroma ? CODED_CHROMA : CODED_LUMA)) != 0;
    [[dont_unroll]] for (uint i = lane(); i < (chroma ? 16 : 32); i += LANES) {
        uvec4 quad = mix(uvec4(0), scratch_quads[residual_quad(address) + first + i], bvec4(coded));
        [[unroll]] for (uint k = 0; k < 4; ++k) words[mb_words() + RESIDUALS + i * 4 + k] = quad[k];
    }
}

// ---- Macroblocks ----

// Word i of an I_PCM macroblock's samples; of other macroblocks some word.
uint pcm_word(uint head, uint i) {
    uint first = job.coefficients_word + job_quads[job.mbs_quad + mb_address()].z;
    return job_words[mix(0, first + i, mb_kind(head) == KIND_PCM)];
}

// The number of steps that a macroblock takes.
int step_count() {
    uint kind = mb_kind(mb_head());
    return kind == KIND_INTRA_4X4 ? 10 : kind == KIND_INTRA_8X8 ? 4 : 0;
}

void store_luma_row() {
    uint head = mb_head(), kind = mb_kind(head);
    bool any_16x16 = subgroupAny(kind == KIND_INTRA_16X16);
    ivec2 line = ivec2(0);
    if (any_16x16) line = line_16x16(head);
    [[dont_unroll]] for (uint x = 0; x < 4; ++x) {
        uint word = words[mb_words() + TILE + lane() * 5 + 1 + x];  // Intra_4x4, Intra_8x8
        if (any_16x16) {
            uint other = reconstruct_16x16_word(head, x, line);
            word = mix(word, other, kind == KIND_INTRA_16X16);
        }
        word = mix(word, pcm_word(head, lane() * 4 + x), kind == KIND_PCM);
        if (kind != KIND_INTER) recon_words[luma_word(x * 4, lane())] = word;
    }
}

void reconstruct_luma() {
    // With levels a workgroup has macroblocks of different kinds, which take all steps together.
    int steps = TICKETS != 0 ? step_count() : 10;
    [[dont_unroll]] for (int step = 0; step < steps; ++step) {
        bool busy = subgroupAny(step < step_count());
        if (busy) gather_edges(step);
        barrier();
        if (busy) reconstruct_block(step);
        barrier();
    }
    if (subgroupAny(mb_kind(mb_head()) != KIND_INTER)) store_luma_row();
}

// Two Cb, Cr pairs along a line, which moves on.
uint predict_pairs(inout ivec2 at, ivec2 slope) {
    uint word = 0;
    [[unroll]] for (int i = 0; i < 2; ++i) {
        word |= (clip1(at.x >> 5) | clip1(at.y >> 5) << 8) << i * 16;
        at += slope;
    }
    return word;
}

uint pcm_pairs(uint head, uint i) {
    uint cb = pcm_word(head, 64 + lane()), cr = pcm_word(head, 80 + lane());
    return spread_pair(cb >> i * 16) | spread_pair(cr >> i * 16) << 8;
}

void reconstruct_chroma() {
    uint head = mb_head(), kind = mb_kind(head);
    int x = int(lane() & 1) * 4, y = int(lane() >> 1);
    ivec2 at, slope;
    chroma_line(head, x, y, at, slope);
    [[dont_unroll]] for (uint i = 0; i < 2; ++i) {
        uint word = predict_pairs(at, slope), above = words[mb_words() + TILE_CHROMA_ABOVE + 1 + (x >> 1) + i];
        word = mix(word, above, mb_intra_chroma_pred_mode(head) == CHROMA_VERTICAL);
        uint residual = mb_words() + RESIDUALS + (y & 4 | x >> 1) * 4 + (y & 3) + i * 4;
        word = add_chroma_residual(word, 1, words[residual]);
        word = add_chroma_residual(word, 2, words[residual + 32]);
        word = mix(word, pcm_pairs(head, i), kind == KIND_PCM);
        if (kind != KIND_INTER) recon_words[chroma_word(x * 2 + i * 4, y)] = word;
    }
}

// Of the macroblock that was entered. Subgroups without one only take part in the barriers.
void reconstruct(bool chroma) {
    bool exists = subgroupAny(mb_kind(mb_head()) != KIND_INTER);
    if (exists) {
        if (chroma) {
            load_chroma_neighbours();
        } else {
            load_luma_neighbours();
        }
        load_residuals(chroma);
    }
    barrier();
    if (chroma) {
        if (exists) reconstruct_chroma();
    } else {
        reconstruct_luma();
    }
    // Other macroblocks read what this one wrote.
    memoryBarrierBuffer();
    barrier();
}

// Luma is done where bit 0 is set, chroma where bit 1 is.
uint done_word(uint address) { return 36 * job.width_in_mbs * job.height_in_mbs + address; }

// Waits for the neighbours, left, above left, above and above right, that are intra and predicted from.
void wait_for_neighbours(uint part) {
    if (lane() < 4) {
        const uvec4 bits = uvec4(HEAD_LEFT_AVAILABLE, HEAD_TOP_LEFT_AVAILABLE, HEAD_TOP_AVAILABLE, HEAD_TOP_RIGHT_AVAILABLE);
        uint address = mb_address(), width = job.width_in_mbs;
        uint neighbour = address - (lane() == 0 ? 1 : width + 2 - lane());
        if (mb_kind(mb_head()) != KIND_PCM && has(mb_head(), bits[lane()]) &&
            mb_kind(job_quads[job.mbs_quad + neighbour].x) != KIND_INTER) {
            while ((atomicOr(scratch_words[done_word(neighbour)], 0) & part) == 0) {}
        }
    }
    memoryBarrierBuffer();
    barrier();
}

// Tickets 2n and 2n + 1 are for the luma and the chroma of intra macroblock n.
void reconstruct_ticket() {
    if (gl_LocalInvocationIndex == 0) words[EDGES] = atomicAdd(scratch_words[37 * job.width_in_mbs * job.height_in_mbs], 1);
    barrier();
    uint ticket = words[EDGES];
    // More workgroups than tickets: dispatches of more than 65535 have two dimensions.
    if (ticket >= 2 * job_words[job.intra_levels_word + level_count]) return;
    enter(job_words[job.intra_mbs_word + ticket / 2], true);
    uint part = 1u << (ticket & 1);
    wait_for_neighbours(part);
    reconstruct((ticket & 1) != 0);
    if (lane() == 0) atomicOr(scratch_words[done_word(mb_address())], part);
}

// Workgroups 2n and 2n + 1 take the luma and the chroma of the same macroblocks, up to 16 of a level at a time. All levels of a
// dispatch follow each other in the list of macroblocks; a turn goes no further than its level.
void reconstruct_levels(bool chroma) {
    uint level = first_level, last = first_level + level_count;
    uint first = job_words[job.intra_levels_word + level] + gl_WorkGroupID.x / 2 * MBS;
    [[dont_unroll]] while (level < last) {
        uint end = job_words[job.intra_levels_word + level + 1], index = first + gl_LocalInvocationIndex / LANES;
        bool exists = index < end;
        enter(exists ? job_words[job.intra_mbs_word + index] : 0, exists);
        reconstruct(chroma);
        first += gl_NumWorkGroups.x / 2 * MBS;
        if (first >= end) {
            first = end;
            ++level;
        }
    }
}

void main() {
    if (TICKETS != 0) {
        reconstruct_ticket();
    } else if ((gl_WorkGroupID.x & 1) != 0) {  // a loop for each: together they would need too many registers
        reconstruct_levels(true);
    } else {
        reconstruct_levels(false);
    }
}
