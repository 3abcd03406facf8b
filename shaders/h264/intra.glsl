// SPDX-License-Identifier: MIT
// Intra macroblocks, whose residuals are in scratch: shared by intra_tickets.comp and intra_levels.comp. LANES invocations
// process a macroblock's luma or its chroma, which are independent: 8, or 16 of which half are idle for 4x4 blocks and chroma.
// Recon and scratch of job.glsl must be coherent.

const uint MBS = gl_WorkGroupSize.x / LANES;

// A macroblock's luma and its neighbours, as 4x4 blocks with a word for each row: seven above, from x = -4 to x = 24, of which
// only the last row counts, and then four rows of five, starting at x = -4.
const uint TILE_BLOCKS = 27;
shared uvec4 tiles[MBS * TILE_BLOCKS];

uint lane() { return gl_LocalInvocationIndex % LANES; }

// The 4x4 block in this column, from -1 on, and row.
uint tile() { return gl_LocalInvocationIndex / LANES * TILE_BLOCKS; }
uint tile_block(int column, int row) { return tile() + uint(row * 5 + column + 8); }
uint tile_above(int column) { return tile() + uint(column + 1); }

bool has(uint head, uint bit) { return (head & bit) != 0; }

// Whether there are samples on the left: of any row, of the upper or the lower half, of all rows.
#if PICTURE_KIND == PICTURE_MBAFF
bool has_left(uint head) { return has(head, HEAD_LEFT_AVAILABLE | HEAD_LEFT_DIFFERS_BELOW); }
bool has_left(uint head, bool lower) {
    return has(head, HEAD_LEFT_AVAILABLE) != (lower && has(head, HEAD_LEFT_DIFFERS_BELOW));
}
bool has_whole_left(uint head) { return has(head, HEAD_LEFT_AVAILABLE) && !has(head, HEAD_LEFT_DIFFERS_BELOW); }
#else
bool has_left(uint head) { return has(head, HEAD_LEFT_AVAILABLE); }
bool has_left(uint head, bool lower) { return has(head, HEAD_LEFT_AVAILABLE); }
bool has_whole_left(uint head) { return has(head, HEAD_LEFT_AVAILABLE); }
#endif

struct Macroblock {
    uint address, head;
};

// The other words of its record are read when they are needed, because registers are scarce.
uint record_word(Macroblock mb, uint i) { return job_words[(job.mbs_quad + mb.address) * 4 + i]; }

// An additional bit in the head: whether the part has coefficients.
const uint HEAD_CODED = 1u << 31;

Macroblock load_macroblock(uint address, uint blocks) {
    uvec2 record = job_quads[job.mbs_quad + address].xy;
    return Macroblock(address, record.x | mix(0, HEAD_CODED, (record.y & blocks) != 0));
}

uint residual_word(Macroblock mb) { return residual_quad(mb.address) * 4; }

// Whether a macroblock exists; if so, it is intra.
bool exists(Macroblock mb) { return mb_kind(mb.head) != KIND_INTER; }

// Prediction modes of its blocks, four bits each.
uvec2 load_modes(Macroblock mb) {
    return job_quads[job.entries_quad + record_word(mb, 3)].xy;
}

void load_luma_neighbours(Macroblock mb) {
    uint head = mb.head;
    uint needed = lane() == 0 ? HEAD_TOP_LEFT_AVAILABLE : lane() < 5 ? HEAD_TOP_AVAILABLE : lane() < 7 ? HEAD_TOP_RIGHT_AVAILABLE : 0;
    if (has(head, needed)) tiles[tile() + lane()].w = recon_words[luma_word(mb.address, lane() * 4 - 4, -1)];
    if (has_left(head)) {
        [[unroll]] for (uint i = 0; i < 16; i += LANES) {
            uint y = i + lane();
            tiles[tile_block(-1, int(y >> 2))][y & 3] = recon_words[luma_word(mb.address, -4, y)];
        }
    }
}

// ---- Intra_4x4, Intra_8x8: an invocation computes a word of a block at a time ----

struct Block {
    bool is_8x8;
    int column, row;  // in its macroblock, in 4x4 blocks
    int x, y;         // where the word begins in the block
};

bool left_available(uint head, Block block) { return block.column > 0 || has_left(head, block.row >= 2); }
bool top_available(uint head, Block block) { return block.row > 0 || has(head, HEAD_TOP_AVAILABLE); }
bool top_left_available(uint head, Block block) {
    bool on_the_left = mix(has(head, HEAD_TOP_LEFT_AVAILABLE), has_left(head, block.row > 2), block.row > 0);
    return mix(on_the_left, top_available(head, block), block.column > 0);
}

// 6.4.11.4 with 8.3.1.2 and 8.3.2.2: inside the macroblock, blocks that come earlier. A bit for each block, from row 0 on.
bool top_right_available(uint head, Block block) {
    bool outer = block.column == mix(3, 2, block.is_8x8);
    uint above = head & mix(HEAD_TOP_AVAILABLE, HEAD_TOP_RIGHT_AVAILABLE, outer);
    uint inside = mix(0x5750, 0x0100, block.is_8x8) >> block.row * 4 + block.column & 1;
    return mix(inside, above, block.row == 0) != 0;
}

// The block that this invocation works on in this step; `exists` is false if there is none. 8x8 blocks follow each other: an
// invocation takes a row of the left half or, if there are enough invocations, of the right half. 4x4 blocks with the same x +
// 2 * y are independent: one or two at a time, with four invocations each.
Block block_of_step(uint head, int step, bool is_8x8, out bool exists) {
    int row_4x4 = max(step - 2 >> 1, 0) + int(lane() >> 2), column_4x4 = step - 2 * row_4x4;
    exists = mix(mb_kind(head) == KIND_INTRA_4X4 && column_4x4 >= 0 && row_4x4 < 4, step < 4, is_8x8);
    Block block;
    block.is_8x8 = is_8x8;
    block.column = mix(max(column_4x4, 0), step * 2 & 2, is_8x8);
    block.row = mix(min(row_4x4, 3), step & 2, is_8x8);
    block.x = mix(0, int(lane() >> 3) * 4, is_8x8);
    block.y = int(mix(lane() & 3, lane() & 7, is_8x8));
    return block;
}

// The last samples of a 4x4 block's rows, the lowest row's first.
uint last_column(uint index) {
    uvec4 rows = tiles[index];
    return rows.w >> 24 | rows.z >> 24 << 8 | rows.y >> 24 << 16 | rows.x & 0xff000000;
}

// The edges of a block, see intra_prediction.glsl.
void load_edges(uint head, Block block, out uint edges[8]) {
    uint left = tile_block(block.column - 1, block.row), above = left - mix(5, 7, block.row == 0);
    uint upper = last_column(left), lower = replicate_byte(upper & 0xff), corner = tiles[above].w >> 24;
    uvec4 top = uvec4(tiles[above + 1].w, tiles[above + 2].w, 0, 0);
    // On the right, the last sample is repeated if there is none.
    bool right = top_right_available(head, block);
    top.y = mix(replicate_byte(top.x >> 24), top.y, block.is_8x8 || right);
    top.zw = uvec2(replicate_byte(top.y >> 24));
    if (subgroupAny(block.is_8x8)) {
        lower = mix(lower, last_column(left + 5), block.is_8x8);
        top.zw = mix(top.zw, uvec2(tiles[above + 3].w, tiles[above + 4].w), bvec2(block.is_8x8 && right));
    }
    make_edges(uvec2(lower, upper), corner, top, edges);
    if (subgroupAny(block.is_8x8)) {
        filter_edges(edges, block.is_8x8, left_available(head, block), top_available(head, block), top_left_available(head, block));
    }
}

// 8.3.1.2.3, 8.3.2.2.4
uint dc_of(uint head, Block block, uint edges[8]) {
    uvec2 left = uvec2(mix(0, edges[1], block.is_8x8), edges[2]);
    uvec2 top = uvec2(window(edges[3], edges[4], 8), mix(0, window(edges[4], edges[5], 8), block.is_8x8));
    bool has_left = left_available(head, block), has_top = top_available(head, block);
    uint sum = mix(0, byte_sum(left.x) + byte_sum(left.y), has_left) + mix(0, byte_sum(top.x) + byte_sum(top.y), has_top);
    int shift = mix(2, 3, block.is_8x8) + mix(0, 1, has_left && has_top);
    return mix(128, sum + (1u << shift >> 1) >> shift, has_left || has_top);
}

uint predict_word(uint head, Block block, uint edges[8], uint mode) {
    uint word = predict_directional(edges, mode, block.x, block.y);
    if (subgroupAny(mode == MODE_VERTICAL_RIGHT || mode == MODE_HORIZONTAL_DOWN)) {
        word = around_corner(edges, mode, block.x, block.y, word);
    }
    if (subgroupAny(mode == MODE_DC)) {
        uint dc = replicate_byte(dc_of(head, block, edges));
        word = mix(word, dc, mode == MODE_DC);
    }
    return word;
}

// Two words: the left and the right two numbers.
uvec2 load_residual(Macroblock mb, Block block) {
    uint first = residual_word(mb) + luma_block_index(block.column, block.row) * 8 + block.x * 4 + block.y;
    uvec2 sums = uvec2(scratch_words[first], scratch_words[first + mix(4, 8, block.is_8x8)]);
    return mix(uvec2(0), sums, bvec2(has(mb.head, HEAD_CODED)));
}

uint mode_of(Block block, uvec2 modes) {
    uint index = luma_block_index(block.column, block.row), mode_index = mix(index, index >> 2, block.is_8x8);
    return bitfieldExtract(mix(modes.x, modes.y, mode_index >= 8), int(mode_index & 7) * 4, 4);
}

void store_word(Macroblock mb, Block block, uint word) {
    tiles[tile_block(block.column + (block.x >> 2), block.row + (block.y >> 2))][block.y & 3] = word;
    recon_words[luma_word(mb.address, block.column * 4 + block.x, block.row * 4 + block.y)] = word;
}

// ---- Intra_16x16, 8.3.3, and I_PCM: an invocation has a row or two ----

// Sums of the samples above and on the left, for DC; and weighted by the distance from the middle, for plane.
struct Sums {
    int top, left;
    int h, v;
};

Sums sum_neighbours() {
    // The corner's share; its distance is 8.
    int corner = int(tiles[tile_above(-1)].w >> 24);
    Sums sums = Sums(0, 0, -8 * corner, -8 * corner);
    [[unroll]] for (int i = 0; i < 4; ++i) {
        uint above = tiles[tile_above(i)].w, beside = last_column(tile_block(-1, i));
        int above_sum = int(byte_sum(above)), beside_sum = int(byte_sum(beside));
        sums.top += above_sum;
        sums.left += beside_sum;
        sums.h += (4 * i - 7) * above_sum + sample_at(above, 1) + 2 * sample_at(above, 2) + 3 * sample_at(above, 3);
        sums.v += (4 * i - 7) * beside_sum + sample_at(beside, 2) + 2 * sample_at(beside, 1) + 3 * sample_at(beside, 0);
    }
    return sums;
}

int dc_16x16(uint head, Sums sums) {
    bool top = has(head, HEAD_TOP_AVAILABLE), left = has_whole_left(head);
    int sum = mix(0, sums.top, top) + mix(0, sums.left, left);
    return mix(128, mix(sum + 8 >> 4, sum + 16 >> 5, top && left), top || left);
}

const uint MODE_16X16_DC = 2, MODE_16X16_PLANE = 3;  // Table 8-4, vertical and horizontal as above

// All modes except vertical and horizontal: 32 times the sample at (0, 0), before clipping, and its increments with x and y.
ivec3 ramp_16x16(uint head) {
    Sums sums = sum_neighbours();
    // 8.3.3.4
    int corners = int((tiles[tile_block(-1, 3)].w >> 24) + (tiles[tile_above(3)].w >> 24));
    int b = 5 * sums.h + 32 >> 6, c = 5 * sums.v + 32 >> 6;
    ivec3 plane = ivec3(16 * corners - 7 * (b + c) + 16, b, c);
    return mix(ivec3(dc_16x16(head, sums) * 32, 0, 0), plane, bvec3(mb_intra_16x16_pred_mode(head) == MODE_16X16_PLANE));
}

uint ramp_word(int start, int slope) {
    uint word = 0;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        word |= clip1(start >> 5) << i * 8;
        start += slope;
    }
    return word;
}

// Word i of an I_PCM macroblock's samples; an arbitrary word for other macroblocks.
uint pcm_word(Macroblock mb, uint i) {
    return job_words[mix(0, job.coefficients_word + record_word(mb, 2) + i, mb_kind(mb.head) == KIND_PCM)];
}

void reconstruct_rows(Macroblock mb) {
    uint head = mb.head, kind = mb_kind(head), mode = mb_intra_16x16_pred_mode(head);
    ivec3 ramp = ramp_16x16(head);
    [[dont_unroll]] for (uint i = 0; i < 64 / LANES; ++i) {
        uint x = i & 3, y = lane() + (i >> 2) * LANES;
        uint residual = residual_word(mb) + luma_block_index(x, y >> 2) * 8 + (y & 3);
        uvec2 sums = mix(uvec2(0), uvec2(scratch_words[residual], scratch_words[residual + 4]), bvec2(has(mb.head, HEAD_CODED)));
        uint beside = replicate_byte(tiles[tile_block(-1, int(y >> 2))][y & 3] >> 24);
        uint word = ramp_word(ramp.x + int(x * 4) * ramp.y + int(y) * ramp.z, ramp.y);
        word = mix(word, tiles[tile_above(int(x))].w, mode == MODE_VERTICAL);
        word = mix(word, beside, mode == MODE_HORIZONTAL);
        word = add_residual(word, sums.x, sums.y);
        if (subgroupAny(kind == KIND_PCM)) word = mix(word, pcm_word(mb, y * 4 + x), kind == KIND_PCM);
        if (kind >= KIND_INTRA_16X16) recon_words[luma_word(mb.address, x * 4, y)] = word;
    }
}

// ---- Chroma, 8.3.4: an invocation has a row of eight Cb, Cr pairs ----

uint chroma_row() { return lane() & 7; }

// A pair is two numbers in a word, like residual.glsl's sums; so are products with small numbers, and sums of these.
struct ChromaNeighbours {
    uvec4 above;
    uint corner, beside;  // pairs
    uvec2 tops, lefts;    // sums of the pairs above the left and the right block, and beside the upper and the lower one
    uint h, v;            // sums of the pairs times their distances from the middle
};

ChromaNeighbours load_chroma_neighbours(Macroblock mb) {
    uint head = mb.head, first = chroma_word(mb.address, 0, 0), pitch = row_words(head);
    uint above = mix(0, first - pitch, has(head, HEAD_TOP_AVAILABLE));
    uint left = mix(0, first - 1, has_left(head));
    ChromaNeighbours n;
    n.above = recon_quads[above / 4];
    n.corner = spread_pair(recon_words[mix(0, first - pitch - 1, has(head, HEAD_TOP_LEFT_AVAILABLE))] >> 16);
    n.beside = 0;
    n.tops = n.lefts = uvec2(0);
    n.h = n.v = -4 * n.corner;
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        uint over = spread_pair(n.above[i / 2] >> i % 2 * 16), beside = spread_pair(recon_words[left + i * pitch] >> 16);
        n.tops[i / 4] += over;
        n.lefts[i / 4] += beside;
        n.h += (i - 3) * over;
        n.v += (i - 3) * beside;
        n.beside = mix(n.beside, beside, chroma_row() == i);
    }
    return n;
}

// 8.3.4.1 to 8.3.4.3, for the block in this column: blocks off the diagonal use only one side if both are available.
uint chroma_dc_pair(uint head, ChromaNeighbours n, uint column) {
    bool lower = chroma_row() >= 4, left = has_left(head, lower), top = has(head, HEAD_TOP_AVAILABLE);
    bool use_top = column != 0 ? top : top && !(lower && left), use_left = column == 0 ? left : left && !(!lower && top);
    uint sum = mix(0, n.tops[column], use_top) + mix(0, mix(n.lefts.x, n.lefts.y, lower), use_left);
    uint one_side = sum + 0x00020002 >> 2 & EVEN_BYTES, both_sides = sum + 0x00040004 >> 3 & EVEN_BYTES;
    return mix(mix(0x00800080, one_side, use_top || use_left), both_sides, use_top && use_left);
}

// Two Cb, Cr pairs in a word.
uint two_pairs(uint first, uint second) { return (first | first >> 8) & 0xffff | (second | second >> 8) << 16; }

// 8.3.4.4: 32 times the pair at the row's beginning, before clipping, and how it grows with x.
void chroma_plane(ChromaNeighbours n, uint last_beside, out ivec2 start, out ivec2 slope) {
    ivec2 h = ivec2(low_of(n.h), high_of(n.h)), v = ivec2(low_of(n.v), high_of(n.v));
    uint corners = last_beside + spread_pair(n.above.w >> 16);
    slope = 34 * h + 32 >> 6;
    start = 16 * ivec2(corners & 0xffff, corners >> 16) - 3 * slope + (34 * v + 32 >> 6) * (int(chroma_row()) - 3) + 16;
}

// Two Cb, Cr pairs along a line; advances it.
uint predict_pairs(inout ivec2 at, ivec2 slope) {
    uint word = 0;
    [[unroll]] for (int i = 0; i < 2; ++i) {
        word |= (clip1(at.x >> 5) | clip1(at.y >> 5) << 8) << i * 16;
        at += slope;
    }
    return word;
}

const uint CHROMA_DC = 0, CHROMA_HORIZONTAL = 1, CHROMA_VERTICAL = 2, CHROMA_PLANE = 3;  // Table 8-5

uvec4 predict_chroma_row(Macroblock mb) {
    uint head = mb.head, mode = mb_intra_chroma_pred_mode(head);
    ChromaNeighbours n = load_chroma_neighbours(mb);
    uvec4 row = mix(n.above, uvec4(two_pairs(n.beside, n.beside)), bvec4(mode == CHROMA_HORIZONTAL));
    if (subgroupAny(mode == CHROMA_DC)) {
        uint first = chroma_dc_pair(head, n, 0), second = chroma_dc_pair(head, n, 1);
        uvec4 dc = uvec2(two_pairs(first, first), two_pairs(second, second)).xxyy;
        row = mix(row, dc, bvec4(mode == CHROMA_DC));
    }
    if (subgroupAny(mode == CHROMA_PLANE)) {
        uint left = mix(0, chroma_word(mb.address, -4, 7), has(head, HEAD_LEFT_AVAILABLE));
        ivec2 start, slope;
        chroma_plane(n, spread_pair(recon_words[left] >> 16), start, slope);
        uvec4 plane;
        [[unroll]] for (int i = 0; i < 4; ++i) plane[i] = predict_pairs(start, slope);
        row = mix(row, plane, bvec4(mode == CHROMA_PLANE));
    }
    return row;
}

// Word i of an I_PCM macroblock's row.
uint pcm_pairs(Macroblock mb, uint i) {
    uint word = chroma_row() * 2 + i / 2, bits = i % 2 * 16;
    return spread_pair(pcm_word(mb, 64 + word) >> bits) | spread_pair(pcm_word(mb, 80 + word) >> bits) << 8;
}

void reconstruct_chroma(Macroblock mb) {
    if (!subgroupAny(exists(mb))) return;
    uvec4 row = predict_chroma_row(mb);
    uint residual = residual_word(mb) + 128 + (chroma_row() & 4) * 4 + (chroma_row() & 3);
    bool coded = has(mb.head, HEAD_CODED);
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        uvec2 sums = uvec2(scratch_words[residual + i * 4], scratch_words[residual + 32 + i * 4]);
        sums = mix(uvec2(0), sums, bvec2(coded));
        row[i] = add_chroma_residual(add_chroma_residual(row[i], 1, sums.x), 2, sums.y);
    }
    if (subgroupAny(mb_kind(mb.head) == KIND_PCM)) {
        [[unroll]] for (uint i = 0; i < 4; ++i) row[i] = mix(row[i], pcm_pairs(mb, i), mb_kind(mb.head) == KIND_PCM);
    }
    if (exists(mb) && lane() < 8) recon_quads[chroma_word(mb.address, 0, chroma_row()) / 4] = row;
}
