#version 460
// Second dispatch of a picture, or several: intra macroblocks, prediction and residual. 16 invocations own a macroblock.
// Which macroblocks a workgroup owns depends on the strategy:
//   tickets  one, the next one in the order of the dependency levels, after waiting for the intra macroblocks that it
//            predicts from: they have earlier tickets, so their workgroups have started,
//   levels   up to 16 at a time of a level, and then of the next one, of as many levels as the dispatch has been given.
//            Several levels are for one workgroup only.
// Reads the job, and what inter and other intra macroblocks left in recon; writes recon and, with tickets, scratch.
#extension GL_GOOGLE_include_directive : require
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

// What a macroblock shares, in words. Neighbours, and luma as it is reconstructed, four samples to a word:
//   [0, 80)   luma, five words to a row from x = -4 on,
//   [80, 87)  luma's row above from x = -4 on, up to x = 24,
//   [87, 92)  chroma's row above from byte -4 on,
//   [92, 100) chroma's left neighbours, two Cb, Cr pairs of each row.
const uint TILE_ABOVE = 80, TILE_CHROMA_ABOVE = 87, TILE_CHROMA_LEFT = 92, TILE_WORDS = 100;
// Residuals as residual_4x4 and residual_8x8 return them: 8 words to a 4x4 block, 16 to a half of an 8x8 block.
const uint RESIDUAL_WORDS = 128;
// Edges of an 8x8 block or of two 4x4 blocks (see intra_prediction.glsl), one to a word.
const uint EDGE_WORDS = 26;

const uint LANES = 16;  // of a macroblock
const uint MBS = gl_WorkGroupSize.x / LANES;
shared uint tiles[MBS * TILE_WORDS];
shared uint residuals[MBS * RESIDUAL_WORDS];
shared uint edges[MBS * EDGE_WORDS];

// An invocation's place: its macroblock and which of the 16 it is. `kind` is KIND_INTER where there is nothing to do.
struct Place {
    uvec4 mb;
    uint kind;
    uint address;
    uint x, y;  // of the macroblock, in samples
    uint lane;
    uint tile, residual, edge;  // its shares
};

bool has(Place place, uint head_bit) { return (place.mb.x & head_bit) != 0; }

Place place_of(uint address, bool exists) {
    Place place;
    uint slot = gl_LocalInvocationIndex / LANES;
    place.address = address;
    place.mb = job_quads[job.mbs_quad + address];
    place.kind = exists ? mb_kind(place.mb.x) : KIND_INTER;
    uint row = address / job.width_in_mbs;
    place.x = (address - row * job.width_in_mbs) * 16;
    place.y = row * 16;
    place.lane = gl_LocalInvocationIndex % LANES;
    place.tile = slot * TILE_WORDS;
    place.residual = slot * RESIDUAL_WORDS;
    place.edge = slot * EDGE_WORDS;
    return place;
}

uint luma_word(Place place, uint x, uint y) { return ((place.y + y) * job.recon_pitch + place.x + x) / 4; }
uint chroma_word(Place place, uint byte, uint y) {
    return (job.recon_chroma_offset + (place.y / 2 + y) * job.recon_pitch + place.x + byte) / 4;
}

// The neighbours that exist. What is not available stays undefined and unused.
void load_neighbours(Place place) {
    uint lane = place.lane, byte = lane * 4 - 4;
    bool above = lane == 0 ? has(place, HEAD_TOP_LEFT_AVAILABLE)
                 : lane < 5 ? has(place, HEAD_TOP_AVAILABLE)
                            : lane < 7 && has(place, HEAD_TOP_RIGHT_AVAILABLE);
    if (above) tiles[place.tile + TILE_ABOVE + lane] = recon_words[luma_word(place, byte, -1)];
    if (above && lane < 5) tiles[place.tile + TILE_CHROMA_ABOVE + lane] = recon_words[chroma_word(place, byte, -1)];
    if (has(place, HEAD_LEFT_AVAILABLE)) {
        tiles[place.tile + lane * 5] = recon_words[luma_word(place, -4, lane)];
        if (lane < 8) tiles[place.tile + TILE_CHROMA_LEFT + lane] = recon_words[chroma_word(place, -4, lane)];
    }
}

// Luma sample (x, y) of the macroblock or its neighbours.
uint tile_sample(Place place, int x, int y) {
    uint row = y < 0 ? TILE_ABOVE : uint(y) * 5;
    return uint(sample_at(tiles[place.tile + row + (x + 4 >> 2)], x & 3));
}

// ---- Intra_4x4, Intra_8x8 ----

struct Block {
    int size, x, y;  // in its macroblock
    uint mode;
    bool left, top, top_left, top_right;  // neighbours available
    uint edge;
};

// 6.4.11.4 with 8.3.1.2 and 8.3.2.2
bool top_right_available(Place place, int x, int y, int size) {
    bool outer = x + size == 16;
    if (y == 0) return has(place, outer ? HEAD_TOP_RIGHT_AVAILABLE : HEAD_TOP_AVAILABLE);
    return !outer && luma_block_index(x + size >> 2, (y >> 2) - 1) < luma_block_index(x >> 2, y >> 2);
}

Block block_of(Place place, int size, uint index, int x, int y, uint edge) {
    Block block;
    block.size = size;
    block.x = x;
    block.y = y;
    uvec4 modes = job_quads[job.entries_quad + place.mb.w];
    block.mode = bitfieldExtract(index < 8 ? modes.x : modes.y, int(index & 7) * 4, 4);
    block.left = x > 0 || has(place, HEAD_LEFT_AVAILABLE);
    block.top = y > 0 || has(place, HEAD_TOP_AVAILABLE);
    block.top_left = x > 0 ? block.top : y > 0 ? block.left : has(place, HEAD_TOP_LEFT_AVAILABLE);
    block.top_right = top_right_available(place, x, y, size);
    block.edge = edge;
    return block;
}

uint edge_sample(Place place, Block block, int i) {
    int n = block.size;
    int along = min(i - n - 1, block.top_right ? 2 * n - 1 : n - 1);
    return i < n ? tile_sample(place, block.x - 1, block.y + n - 1 - i) : tile_sample(place, block.x + along, block.y - 1);
}

bool edge_available(Block block, int i) {
    int n = block.size;
    return i >= 0 && i <= 3 * n && (i < n ? block.left : i == n ? block.top_left : block.top);
}

// 8.3.2.2.1. An edge that is not available does not take part: its neighbour counts in its place.
uint filtered_edge(Place place, Block block, int i) {
    uint own = edge_sample(place, block, i);
    uint before = edge_available(block, i - 1) ? edge_sample(place, block, i - 1) : own;
    uint after = edge_available(block, i + 1) ? edge_sample(place, block, i + 1) : own;
    return before + 2 * own + after + 2 >> 2;
}

// 8.3.1.2.3, 8.3.2.2.4
uint dc_of(Block block) {
    uint n = uint(block.size), sum = 0, count = 0;
    if (block.left) {
        [[dont_unroll]] for (uint i = 0; i < n; ++i) sum += edges[block.edge + i];
        count += n;
    }
    if (block.top) {
        [[dont_unroll]] for (uint i = 0; i < n; ++i) sum += edges[block.edge + n + 1 + i];
        count += n;
    }
    // n and 2n are powers of two.
    return count == 0 ? 128 : sum + count / 2 >> findMSB(count);
}

// Four samples of row y from column x on.
uint predict_word(Block block, int x, int y) {
    if (block.mode == MODE_DC) return replicate_byte(dc_of(block));
    Taps taps = taps_of(block.mode, block.size, x + ivec4(0, 1, 2, 3), y);
    // Beyond the ends of the line its last edges count (8.3.1.2.4, 8.3.1.2.9).
    ivec4 last = ivec4(3 * block.size);
    uint word = 0;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        uint a = edges[block.edge + clamp(taps.first[i], 0, last[i])];
        uint b = edges[block.edge + clamp(taps.centre[i], 0, last[i])];
        uint c = edges[block.edge + clamp(taps.last[i], 0, last[i])];
        word |= (a + 2 * b + c + 2 >> 2) << i * 8;
    }
    return word;
}

void store_tile(Place place, int x, int y, uint word) { tiles[place.tile + y * 5 + (x >> 2) + 1] = word; }

// The 4x4 blocks that are reconstructed in one step, x + 2 * y of them being equal, are one or two: 8 invocations each.
// False where there is no second one.
bool block_4x4_of_step(Place place, int step, out Block block) {
    int y = max(step - 2 >> 1, 0) + int(place.lane / 8), x = step - 2 * y;
    bool exists = x >= 0 && y < 4;
    if (exists) block = block_of(place, 4, luma_block_index(x, y), x * 4, y * 4, place.edge + place.lane / 8 * 13);
    return exists;
}

// 8x8 blocks follow each other: a step for each.
Block block_8x8_of_step(Place place, uint step) {
    return block_of(place, 8, step, int(step & 1) * 8, int(step >> 1) * 8, place.edge);
}

void gather_edges(Place place, int step) {
    if (place.kind == KIND_INTRA_4X4) {
        Block block;
        if (!block_4x4_of_step(place, step, block)) return;
        [[dont_unroll]] for (int i = int(place.lane & 7); i < 13; i += 8) edges[block.edge + i] = edge_sample(place, block, i);
    } else if (place.kind == KIND_INTRA_8X8 && step < 4) {
        Block block = block_8x8_of_step(place, step);
        [[dont_unroll]] for (int i = int(place.lane); i < 25; i += 16) edges[block.edge + i] = filtered_edge(place, block, i);
    }
}

void reconstruct_blocks(Place place, int step) {
    Block block;
    int x, y;
    uint residual = place.residual, right;
    if (place.kind == KIND_INTRA_4X4) {
        x = 0;
        y = int(place.lane & 7);
        if (y >= 4 || !block_4x4_of_step(place, step, block)) return;
        residual += luma_block_index(block.x >> 2, block.y >> 2) * 8 + y;
        right = residual + 4;
    } else if (place.kind == KIND_INTRA_8X8 && step < 4) {
        x = int(place.lane & 1) * 4;
        y = int(place.lane >> 1);
        block = block_8x8_of_step(place, step);
        residual += step * 32 + (place.lane & 1) * 16 + y;
        right = residual + 8;
    } else {
        return;
    }
    uint word = predict_word(block, x, y);
    store_tile(place, block.x + x, block.y + y, add_residual(word, residuals[residual], residuals[right]));
}

// ---- Intra_16x16, 8.3.3: an invocation owns a row ----

uint dc_16x16(Place place) {
    uint sum = 0, count = 0;
    if (has(place, HEAD_TOP_AVAILABLE)) {
        [[unroll]] for (uint i = 1; i < 5; ++i) sum += sum_of_bytes(tiles[place.tile + TILE_ABOVE + i]);
        count += 16;
    }
    if (has(place, HEAD_LEFT_AVAILABLE)) {
        [[dont_unroll]] for (uint i = 0; i < 16; ++i) sum += tiles[place.tile + i * 5] >> 24;
        count += 16;
    }
    return count == 0 ? 128 : sum + count / 2 >> findMSB(count);
}

// Prediction a, b, c of the samples (a + b * (x - 7) + c * (y - 7) + 16) >> 5.
ivec3 plane_16x16(Place place) {
    int h = 0, v = 0;
    [[dont_unroll]] for (int i = 1; i <= 8; ++i) {
        h += i * (int(tile_sample(place, 7 + i, -1)) - int(tile_sample(place, 7 - i, -1)));
        v += i * (int(tile_sample(place, -1, 7 + i)) - int(tile_sample(place, -1, 7 - i)));
    }
    int a = 16 * int(tile_sample(place, -1, 15) + tile_sample(place, 15, -1));
    return ivec3(a, 5 * h + 32 >> 6, 5 * v + 32 >> 6);
}

uvec4 predict_16x16_row(Place place) {
    uint above = place.tile + TILE_ABOVE + 1;
    switch (mb_intra_16x16_pred_mode(place.mb.x)) {
    case 0:
        return uvec4(tiles[above], tiles[above + 1], tiles[above + 2], tiles[above + 3]);
    case 1:
        return uvec4(replicate_byte(tiles[place.tile + place.lane * 5] >> 24));
    case 2:
        return uvec4(replicate_byte(dc_16x16(place)));
    default: {
        ivec3 plane = plane_16x16(place);
        int value = plane.x + plane.z * (int(place.lane) - 7) - 7 * plane.y + 16;
        uvec4 row;
        [[unroll]] for (int i = 0; i < 4; ++i) {
            uint word = 0;
            [[unroll]] for (int k = 0; k < 4; ++k) {
                word |= clip1(value >> 5) << k * 8;
                value += plane.y;
            }
            row[i] = word;
        }
        return row;
    }
    }
}

uvec4 reconstruct_16x16_row(Place place) {
    uvec4 row = predict_16x16_row(place);
    uint y = place.lane >> 2;
    [[unroll]] for (uint x = 0; x < 4; ++x) {
        uint residual = place.residual + luma_block_index(x, y) * 8 + (place.lane & 3);
        row[x] = add_residual(row[x], residuals[residual], residuals[residual + 4]);
    }
    return row;
}

// ---- Chroma, 8.3.4: an invocation owns half a row, four Cb, Cr pairs in two words ----

const uint BOTH_BYTES = 0x00ff00ff;  // of a Cb, Cr pair, each in its half of a word

uint spread_pair(uint pair) { return pair & 0xff | (pair & 0xff00) << 8; }

// The pair at (x, -1), and at (-1, y); x may be -1, too.
uint pair_above(Place place, int x) {
    uint word = tiles[place.tile + TILE_CHROMA_ABOVE + (x + 2 >> 1)];
    return spread_pair((x & 1) == 0 ? word : word >> 16);
}
uint pair_left(Place place, int y) {
    return y < 0 ? pair_above(place, -1) : spread_pair(tiles[place.tile + TILE_CHROMA_LEFT + y] >> 16);
}

// 8.3.4.1 to 8.3.4.3: blocks off the diagonal take one side where both are available.
uint chroma_dc_pair(Place place, int x, int y) {
    bool left = has(place, HEAD_LEFT_AVAILABLE), top = has(place, HEAD_TOP_AVAILABLE);
    bool use_top = top && !(x == 0 && y != 0 && left), use_left = left && !(x != 0 && y == 0 && top);
    uint sum = 0;
    [[dont_unroll]] for (int i = 0; i < 4; ++i) {
        if (use_top) sum += pair_above(place, x + i);
        if (use_left) sum += pair_left(place, y + i);
    }
    if (use_top && use_left) return sum + 0x00040004 >> 3 & BOTH_BYTES;
    return use_top || use_left ? sum + 0x00020002 >> 2 & BOTH_BYTES : 0x00800080;
}

ivec2 numbers_of(uint pair) { return ivec2(pair & 0xffff, pair >> 16); }

uvec2 word_of_pairs(uvec4 pairs) {
    pairs = pairs & 0xff | pairs >> 8;
    return pairs.xz & 0xffff | pairs.yw << 16;
}

uvec2 predict_chroma_plane(Place place, int x, int y) {
    ivec2 h = ivec2(0), v = ivec2(0);
    [[dont_unroll]] for (int i = 1; i <= 4; ++i) {
        h += i * (numbers_of(pair_above(place, 3 + i)) - numbers_of(pair_above(place, 3 - i)));
        v += i * (numbers_of(pair_left(place, 3 + i)) - numbers_of(pair_left(place, 3 - i)));
    }
    ivec2 a = 16 * (numbers_of(pair_left(place, 7)) + numbers_of(pair_above(place, 7)));
    ivec2 b = 34 * h + 32 >> 6, c = 34 * v + 32 >> 6;
    ivec2 value = a + b * (x - 3) + c * (y - 3) + 16;
    uvec4 pairs;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        pairs[i] = clip1(value.x >> 5) | clip1(value.y >> 5) << 16;
        value += b;
    }
    return word_of_pairs(pairs);
}

uvec2 predict_chroma_half_row(Place place, int x, int y) {
    uint above = place.tile + TILE_CHROMA_ABOVE + 1 + (x >> 1);
    switch (mb_intra_chroma_pred_mode(place.mb.x)) {
    case 0:
        return word_of_pairs(uvec4(chroma_dc_pair(place, x, y & 4)));
    case 1:
        return word_of_pairs(uvec4(pair_left(place, y)));
    case 2:
        return uvec2(tiles[above], tiles[above + 1]);
    default:
        return predict_chroma_plane(place, x, y);
    }
}

uvec2 reconstruct_chroma_half_row(Place place, int x, int y) {
    uvec2 words = predict_chroma_half_row(place, x, y);
    uint block = uint(y & 4) >> 1 | uint(x) >> 2;
    [[unroll]] for (uint component = 1; component <= 2; ++component) {
        uint residual = place.residual + ((component - 1) * 4 + block) * 8 + (y & 3);
        words.x = add_chroma_residual(words.x, component, residuals[residual]);
        words.y = add_chroma_residual(words.y, component, residuals[residual + 4]);
    }
    return words;
}

// ---- Residuals, to the shared words ----

void store_residual_4x4(Place place, uint block, uint residual[8]) {
    [[unroll]] for (uint i = 0; i < 8; ++i) residuals[place.residual + block * 8 + i] = residual[i];
}

void compute_luma_residual(Place place) {
    uint qp = mb_qp(place.mb.x), lane = place.lane;
    if (place.kind == KIND_INTRA_8X8) {
        if (lane >= 8) return;
        uint residual[16];
        residual_8x8(block_levels(place.mb, BLOCK_LUMA + (lane >> 1) * 4), place.kind, qp, (lane & 1) != 0, residual);
        [[unroll]] for (uint i = 0; i < 16; ++i) residuals[place.residual + lane * 16 + i] = residual[i];
    } else if (place.kind == KIND_INTRA_4X4 || place.kind == KIND_INTRA_16X16) {
        int dc = 0;
        if (place.kind == KIND_INTRA_16X16) {
            uint x = lane & 1 | lane >> 1 & 2, y = lane >> 1 & 1 | lane >> 2 & 2;
            dc = luma_16x16_dc(place.mb, qp, x, y);
        }
        uint residual[8];
        residual_4x4(block_levels(place.mb, BLOCK_LUMA + lane), level_scale_4x4_table(place.kind, 0, qp), qp, dc, residual);
        store_residual_4x4(place, lane, residual);
    }
}

void compute_chroma_residual(Place place) {
    if (place.lane >= 8 || place.kind == KIND_INTER || place.kind == KIND_PCM) return;
    uint residual[8];
    chroma_residual(place.mb, 1 + place.lane / 4, place.lane & 3, residual);
    store_residual_4x4(place, place.lane, residual);
}

// ---- Macroblocks ----

void store_luma_row(Place place, uvec4 row) { recon_quads[luma_word(place, 0, place.lane) / 4] = row; }

void store_chroma_half_row(Place place, uint x, uint y, uvec2 words) {
    uint first = chroma_word(place, x * 2, y);
    recon_words[first] = words.x;
    recon_words[first + 1] = words.y;
}

void copy_pcm(Place place, uint x, uint y) {
    uint first = job.coefficients_word + place.mb.z;
    uint luma = first + place.lane * 4;
    store_luma_row(place, uvec4(job_words[luma], job_words[luma + 1], job_words[luma + 2], job_words[luma + 3]));
    uint cb = job_words[first + 64 + place.lane], cr = job_words[first + 80 + place.lane];
    uvec4 pairs;
    [[unroll]] for (int i = 0; i < 4; ++i) pairs[i] = uint(sample_at(cb, i)) | uint(sample_at(cr, i)) << 16;
    store_chroma_half_row(place, x, y, word_of_pairs(pairs));
}

void store_luma(Place place) {
    uint row = place.tile + place.lane * 5 + 1;
    if (place.kind == KIND_INTRA_16X16) {
        store_luma_row(place, reconstruct_16x16_row(place));
    } else if (place.kind == KIND_INTRA_4X4 || place.kind == KIND_INTRA_8X8) {
        store_luma_row(place, uvec4(tiles[row], tiles[row + 1], tiles[row + 2], tiles[row + 3]));
    }
}

// The number of steps that a workgroup takes together. With levels its macroblocks are of different kinds.
int step_count(Place place) {
    return TICKETS == 0 || place.kind == KIND_INTRA_4X4 ? 10 : place.kind == KIND_INTRA_8X8 ? 4 : 0;
}

void reconstruct(Place place) {
    if (place.kind != KIND_INTER) load_neighbours(place);
    compute_luma_residual(place);
    barrier();
    int steps = step_count(place);
    [[dont_unroll]] for (int step = 0; step < steps; ++step) {
        gather_edges(place, step);
        barrier();
        reconstruct_blocks(place, step);
        barrier();
    }
    store_luma(place);
    barrier();
    compute_chroma_residual(place);
    barrier();
    int x = int(place.lane & 1) * 4, y = int(place.lane >> 1);
    if (place.kind == KIND_PCM) {
        copy_pcm(place, x, y);
    } else if (place.kind != KIND_INTER) {
        store_chroma_half_row(place, x, y, reconstruct_chroma_half_row(place, x, y));
    }
}

uint done_word(uint address) { return 36 * job.width_in_mbs * job.height_in_mbs + address; }

// Waits for the neighbours, left, above left, above and above right, that are intra and predicted from.
void wait_for_neighbours(Place place) {
    if (place.lane < 4) {
        uint width = job.width_in_mbs;
        const uvec4 bits = uvec4(HEAD_LEFT_AVAILABLE, HEAD_TOP_LEFT_AVAILABLE, HEAD_TOP_AVAILABLE, HEAD_TOP_RIGHT_AVAILABLE);
        uvec4 neighbours = place.address - uvec4(1, width + 1, width, width - 1);
        uint neighbour = neighbours[place.lane];
        if (place.kind != KIND_PCM && has(place, bits[place.lane]) &&
            mb_kind(job_quads[job.mbs_quad + neighbour].x) != KIND_INTER) {
            while (atomicOr(scratch_words[done_word(neighbour)], 0) == 0) {}
        }
    }
    memoryBarrierBuffer();
    barrier();
}

void reconstruct_ticket() {
    if (gl_LocalInvocationIndex == 0) edges[0] = atomicAdd(scratch_words[37 * job.width_in_mbs * job.height_in_mbs], 1);
    barrier();
    uint ticket = edges[0];
    barrier();
    // More workgroups than macroblocks: dispatches of more than 65535 have two dimensions.
    if (ticket >= job_words[job.intra_levels_word + level_count]) return;
    Place place = place_of(job_words[job.intra_mbs_word + ticket], true);
    wait_for_neighbours(place);
    reconstruct(place);
    memoryBarrierBuffer();
    barrier();
    if (place.lane == 0) atomicExchange(scratch_words[done_word(place.address)], 1);
}

void reconstruct_levels() {
    [[dont_unroll]] for (uint level = first_level; level < first_level + level_count; ++level) {
        uint index = job_words[job.intra_levels_word + level] + gl_WorkGroupID.x * MBS + gl_LocalInvocationIndex / LANES;
        bool exists = index < job_words[job.intra_levels_word + level + 1];
        Place place = place_of(exists ? job_words[job.intra_mbs_word + index] : 0, exists);
        reconstruct(place);
        // The next level reads what this one wrote.
        memoryBarrierBuffer();
        barrier();
    }
}

void main() {
    if (TICKETS != 0) {
        reconstruct_ticket();
    } else {
        reconstruct_levels();
    }
}
