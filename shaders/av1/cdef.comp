// SPDX-License-Identifier: MIT
// The constrained directional enhancement filter (7.15), applied to the deblocked picture. A workgroup processes 64x64 luma
// samples, or the corresponding 32x32 pairs of chroma: in the second dimension workgroups are luma's rows, then chroma's. It
// lists the 8x8 blocks to filter, and copies all samples. Then each invocation finds the parameters of one listed block, and
// finally all invocations iterate over the blocks' words: for luma with 8 bits 16 invocations share a block. Reads units in
// scratch and recon, writes filtered.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;
#define SCRATCH_ACCESS readonly
#define FILTERED_ACCESS coherent writeonly
#include "job.glsl"
#include "samples.glsl"
#include "units.glsl"
#include "cdef_direction.glsl"
#include "cdef_block.glsl"
#include "cdef_taps.glsl"

// The blocks to filter, in any order: which of the 64, and how (cdef_block.glsl).
shared uint filtered_count;
shared uvec2 filtered_blocks[64];

uint plane_word(FrameLayout frame, uint plane, uint x, uint y) {
    return (plane == 0 ? 0 : frame.chroma_offset / 4) + frame.word + y * frame.pitch / 4 + x / WORD_SAMPLES;
}

bool is_skipped(uint word) {
    uint below = word + unit_columns() * 2;
    return (scratch_words[word] & scratch_words[word + 2] & scratch_words[below] & scratch_words[below + 2] & UNIT_SKIP) != 0;
}

// Primary and secondary strengths of a 64x64's blocks, 8 bits each; 0 if it has no index.
uint square_strengths(uvec2 square, uint plane) {
    uint squares = job.width + 63 >> 6, byte = square.y * squares + square.x;
    uint index = job_words[job.cdef_indices_word + (byte >> 2)] >> (byte & 3) * 8 & 0xff;
    return index > 7 ? 0 : job.cdef_strengths[index & 7] >> plane * 16 & 0xffff;
}

// Step 5 of 7.15.1.
uint adjusted(uint primary, uint variance) {
    uint strength = variance >> 6 != 0 ? min(findMSB(variance >> 6), 12) : 0;
    return variance != 0 ? primary * (4 + strength) + 8 >> 4 : 0;
}

void list_block(uvec2 square, uint block, uint plane) {
    uint column = square.x * 16 + (block & 7) * 2, row = square.y * 16 + (block >> 3) * 2;
    bool exists = column < unit_columns() && row < unit_rows();
    if (exists && square_strengths(square, plane) != 0 && !is_skipped(unit_word(column, row)))
        filtered_blocks[atomicAdd(filtered_count, 1)].x = block;
}

// Finds a listed block's parameters. The strengths, which all blocks of a 64x64 share, are kept in shared memory while the
// direction is found, because registers are scarce.
void find_block(uvec2 square, uint lane, uint plane) {
    // Other invocations repeat the last block.
    uint strengths = square_strengths(square, plane), block = filtered_blocks[min(lane, filtered_count - 1)].x;
    filtered_blocks[lane].y = strengths;
    uvec2 found = uvec2(0);
    if (subgroupAny((strengths & 0xff) != 0))
        found = find_direction(luma_word(job.recon, square.x * 64 + (block & 7) * 8, square.y * 64 + (block >> 3) * 8), job.recon.pitch >> 2);
    memoryBarrierShared();
    strengths = filtered_blocks[lane].y;
    uint primary = (strengths & 0xff) << DEPTH_SHIFT, secondary = strengths >> 8 << DEPTH_SHIFT;
    if (plane == 0) primary = adjusted(primary, found.y);
    filtered_blocks[lane].y = cdef_block(found.x, primary, secondary, plane);
}

// The padded size is a multiple of what 64 invocations copy in a turn, so instead of copying beyond it some rows are copied
// twice.
void copy_square(uvec2 square, uint lane, uint plane) {
    const uint WORDS = 64 / WORD_SAMPLES, ROWS = 64 / WORDS, TURNS = 4;
    uint x = min(square.x * 64 + lane % WORDS * WORD_SAMPLES, job.padded_width - WORD_SAMPLES);
    uint begin = square.y << 6 - plane, end = min(begin + (64 >> plane), job.padded_height >> plane);
    uint from = plane_word(job.recon, plane, x, lane / WORDS), to = plane_word(job.filtered, plane, x, lane / WORDS);
    uint from_pitch = job.recon.pitch >> 2, to_pitch = job.filtered.pitch >> 2;
    [[dont_unroll]] for (uint y = begin; subgroupAny(y < end); y += ROWS * TURNS) {
        uint words[TURNS];
        [[unroll]] for (uint i = 0; i < TURNS; ++i) words[i] = recon_words[from + min(y + i * ROWS, end - ROWS) * from_pitch];
        [[unroll]] for (uint i = 0; i < TURNS; ++i) filtered_words[to + min(y + i * ROWS, end - ROWS) * to_pitch] = words[i];
    }
}

// Cdef_Directions: x, y of the near tap, x, y of the far tap, biased by 2, four bits each.
uint direction_offsets(uint direction) {
    uint two = direction < 4 ? (direction < 2 ? 0x14230413 : 0x34232423) : (direction < 6 ? 0x43324433 : 0x41324232);
    return two >> (direction & 1) * 16;
}

// A word to filter.
struct Center {
    uint word, at;  // its samples, and its index in recon
    int x, y;       // in samples of the row, and in rows
    uint plane;
};

// The word of samples at this distance. Requires that it is inside the picture for the whole subgroup. `rows`: in words.
uint inner_word(Center center, int step, int rows) {
    uint at = center.at + rows + (step >> (WORD_SAMPLES == 4 ? 2 : 1));
    return window(recon_words[at], recon_words[at + 1], uint(step & WORD_SAMPLES - 1) * (32 / WORD_SAMPLES));
}

// The same anywhere. Missing samples are replaced by the center's own, which change nothing.
uint border_word(Center center, int step, int dy) {
    int x = center.x + step, y = center.y + dy;
    int columns = int(job.padded_width), rows = int(job.padded_height >> center.plane), last = columns / WORD_SAMPLES - 1;
    int word = x >> (WORD_SAMPLES == 4 ? 2 : 1), place = (x & WORD_SAMPLES - 1) * (32 / WORD_SAMPLES);
    // The first word of the row.
    uint row = center.at - (uint(center.x) / WORD_SAMPLES) + (clamp(y, 0, rows - 1) - center.y) * int(job.recon.pitch >> 2);
    uint low = recon_words[row + clamp(word, 0, last)], high = recon_words[row + clamp(word + 1, 0, last)];
    uint samples = window(low, high, place);
    // How many of the word's samples are before the row, and past its end.
    int before = clamp(-x, 0, WORD_SAMPLES), behind = clamp(x + WORD_SAMPLES - columns, 0, WORD_SAMPLES);
    const int bits = 32 / WORD_SAMPLES;
    uint valid = before == WORD_SAMPLES || behind == WORD_SAMPLES || y < 0 || y >= rows ? 0 : ~0u << before * bits & ~0u >> behind * bits;
    return samples & valid | center.word & ~valid;
}

// Whether a word's taps may be outside: they are up to two rows and four samples away.
bool is_at_border(Center center) {
    int last_row = int(job.padded_height >> center.plane) - 1;
    return center.x < 4 || center.x + WORD_SAMPLES + 8 > int(job.padded_width) || center.y < 2 || center.y + 2 > last_row;
}

// Adds a direction's near and far taps.
void add_direction(inout Sums sums, Center center, Compared own, uint direction, uint weights, Strength strength, bool border, bool bounded) {
    uint offsets = direction_offsets(direction & 7);
    [[unroll]] for (int far = 0; far < 2; ++far) {
        int dx = int(bitfieldExtract(offsets, far * 8, 4)) - 2 << center.plane, dy = int(bitfieldExtract(offsets, far * 8 + 4, 4)) - 2;
        uint ahead, behind;
        if (border) {
            ahead = border_word(center, dx, dy);
            behind = border_word(center, -dx, -dy);
        } else {
            int rows = dy * int(job.recon.pitch >> 2);
            ahead = inner_word(center, dx, rows);
            behind = inner_word(center, -dx, -rows);
        }
        add_taps(sums, own, ahead, behind, weights >> far * 4 & 15, strength, bounded);
    }
}

// Skips strengths that are 0 in the whole subgroup. Neighbouring samples limit the result only if both strengths are non-zero.
uint filtered_word(uint how, Center center) {
    uint primary = cdef_primary(how), secondary = cdef_secondary(how);
    bool border = subgroupAny(is_at_border(center)), bounded = subgroupAny(primary != 0 && secondary != 0);
    Compared own = compare_with(center.word);
    Sums sums = Sums(0, 0, 0, 0);
    int first = subgroupAny(primary != 0) ? 0 : 1, end = subgroupAny(secondary != 0) ? 3 : 1;
    [[dont_unroll]] for (int turn = first; turn < end; ++turn) {
        bool is_primary = turn == 0;
        Strength strength = make_strength(is_primary ? primary : secondary, is_primary ? cdef_primary_shift(how) : cdef_secondary_shift(how));
        uint weights = is_primary ? ((primary >> DEPTH_SHIFT & 1) != 0 ? 0x33 : 0x24) : 0x12;
        add_direction(sums, center, own, cdef_direction(how) + (is_primary ? 0 : turn == 1 ? 2 : 6), weights, strength, border, bounded);
    }
    return filtered_samples(center.word, sums, bounded);
}

// Words in a block's row: eight luma samples, or four pairs of chroma.
const uint ROW_WORDS_LOG2 = WORD_SAMPLES == 4 ? 1 : 2;

void main() {
    uint squares = job.height + 63 >> 6, plane = gl_WorkGroupID.y < squares ? 0 : 1, lane = gl_LocalInvocationID.x;
    uvec2 square = uvec2(gl_WorkGroupID.x, gl_WorkGroupID.y - plane * squares);
    if (lane == 0) filtered_count = 0;
    barrier();
    list_block(square, lane, plane);
    copy_square(square, lane, plane);
    memoryBarrierBuffer();  // filtered words overwrite copies
    barrier();
    if (subgroupAny(lane < filtered_count)) find_block(square, lane, plane);
    barrier();
    uint rows_log2 = 3 - plane, words_log2 = rows_log2 + ROW_WORDS_LOG2, words = filtered_count << words_log2;
    [[dont_unroll]] for (uint i = lane; subgroupAny(i < words); i += 64) {
        // Other invocations repeat the last word.
        uint index = min(i, words - 1), in_block = index & (1 << words_log2) - 1;
        uvec2 block = filtered_blocks[index >> words_log2];
        uint x = square.x * 64 + (block.x & 7) * 8 + (in_block & (1 << ROW_WORDS_LOG2) - 1) * WORD_SAMPLES;
        uint y = (square.y * 8 + (block.x >> 3) << rows_log2) + (in_block >> ROW_WORDS_LOG2);
        uint at = plane_word(job.recon, plane, x, y);
        filtered_words[plane_word(job.filtered, plane, x, y)] = filtered_word(block.y, Center(recon_words[at], at, int(x), int(y), plane));
    }
}
