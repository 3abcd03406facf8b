// SPDX-License-Identifier: MIT
// The constrained directional enhancement filter (7.15), from the deblocked picture.
// A workgroup has 64x64 luma samples, or the 32x32 pairs of chroma that go with them: workgroups of the second dimension are
// luma's rows, then chroma's. First each invocation finds out how one of the 8x8 blocks of luma is filtered, then all together go
// over the words of the blocks: 16 invocations (with 8 bits, and luma) have a block. What is not filtered is copied.
// Reads units in scratch and recon, writes filtered.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;
#define SCRATCH_ACCESS readonly
#include "job.glsl"
#include "samples.glsl"
#include "units.glsl"
#include "cdef_direction.glsl"

// How a block is filtered: direction | primary strength << 3 | secondary strength << 13 | 1 << 31; 0: not at all.
shared uint blocks[64];

const int DEPTH_SHIFT = BIT_DEPTH - 8;

uint plane_word(FrameLayout frame, uint plane, uint y) {
    return (plane == 0 ? 0 : frame.chroma_offset / 4) + frame.word + y * frame.pitch / 4;
}

bool is_skipped(uint column, uint row) {
    uint word = unit_word(column, row), below = unit_word(column, row + 1);
    return (scratch_words[word] & scratch_words[word + 2] & scratch_words[below] & scratch_words[below + 2] & UNIT_SKIP) != 0;
}

// Step 5 of 7.15.1.
uint adjusted(uint primary, uint variance) {
    uint strength = variance >> 6 != 0 ? min(findMSB(variance >> 6), 12) : 0;
    return variance != 0 ? primary * (4 + strength) + 8 >> 4 : 0;
}

// The strengths of an 8x8 block at a unit: primary and secondary, 8 bits each; 0: not filtered. Each 64x64 has an index, or none.
uint own_strengths(uvec2 square, uint column, uint row, uint plane) {
    uint squares = job.width + 63 >> 6, byte = square.y * squares + square.x;
    uint index = job_words[job.cdef_indices_word + (byte >> 2)] >> (byte & 3) * 8 & 0xff;
    uint strengths = job.cdef_strengths[index & 7] >> 16 * plane & 0xffff;
    return index > 7 || is_skipped(column, row) ? 0 : strengths;
}

// The block of an invocation. All find their directions where one has to.
uint own_block(uvec2 square, uint block, uint plane) {
    uint column = square.x * 16 + (block & 7) * 2, row = square.y * 16 + (block >> 3) * 2;
    bool exists = column < unit_columns() && row < unit_rows();
    column = exists ? column : 0;
    row = exists ? row : 0;
    uint strengths = exists ? own_strengths(square, column, row, plane) : 0;
    uint primary = strengths & 0xff, secondary = strengths >> 8;
    uvec2 found = uvec2(0);
    if (subgroupAny(primary != 0))
        found = find_direction(plane_word(job.recon, 0, row * 4) + column * 4 / WORD_SAMPLES, job.recon.pitch >> 2);
    uint direction = primary != 0 ? found.x : 0;
    primary <<= DEPTH_SHIFT;
    primary = plane == 0 ? adjusted(primary, found.y) : primary;
    return strengths != 0 ? direction | primary << 3 | secondary << DEPTH_SHIFT + 13 | 0x80000000 : 0;
}

// Cdef_Directions: x, y of the first distance, x, y of the second one, biased by 2, four bits each.
uint direction_offsets(uint direction) {
    uint two = direction < 4 ? (direction < 2 ? 0x14230413 : 0x34232423) : (direction < 6 ? 0x43324433 : 0x41324232);
    return two >> (direction & 1) * 16;
}

struct Sums {
    int sum[WORD_SAMPLES], most[WORD_SAMPLES], least[WORD_SAMPLES];
};

// What a sample is compared with.
struct Center {
    uint word;
    int x, y;  // in samples of the row, and in rows
    uint plane;
};

// The word of samples that are so far away; where there are none, the center's own, which change nothing.
uint tap_word(Center center, int dx, int dy) {
    int step = center.plane == 0 ? dx : dx * 2, x = center.x + step, y = center.y + dy;
    int columns = int(job.padded_width), rows = int(job.padded_height >> center.plane), last = columns / WORD_SAMPLES - 1;
    int word = x >> (WORD_SAMPLES == 4 ? 2 : 1), place = (x & WORD_SAMPLES - 1) * (32 / WORD_SAMPLES);
    uint row = plane_word(job.recon, center.plane, clamp(y, 0, rows - 1));
    uint low = recon_words[row + clamp(word, 0, last)], high = recon_words[row + clamp(word + 1, 0, last)];
    uint samples = window(low, high, place);
    // Samples before the row and behind it, of the word's.
    int before = clamp(-x, 0, WORD_SAMPLES), behind = clamp(x + WORD_SAMPLES - columns, 0, WORD_SAMPLES);
    const int bits = 32 / WORD_SAMPLES;
    uint valid = before == WORD_SAMPLES || behind == WORD_SAMPLES || y < 0 || y >= rows ? 0 : ~0u << before * bits & ~0u >> behind * bits;
    return samples & valid | center.word & ~valid;
}

void add_tap(inout Sums sums, Center center, uint word, int tap, int strength, int shift) {
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int value = sample_at(word, i), difference = value - sample_at(center.word, i);
        int most = max(strength - (abs(difference) >> shift), 0);
        sums.sum[i] += tap * clamp(difference, -most, most);
        sums.most[i] = max(sums.most[i], value);
        sums.least[i] = min(sums.least[i], value);
    }
}

// All lanes' strengths that are 0 are left out: with one of them alone the others' samples do not bound the result.
uint filtered_word(uint block, Center center) {
    int primary = int(block >> 3 & 0x3ff), secondary = int(block >> 13 & 0x3ff);
    int damping = int(job.cdef_damping) + DEPTH_SHIFT - int(center.plane);
    int primary_shift = max(damping - findMSB(primary), 0), secondary_shift = max(damping - findMSB(secondary), 0);
    bool odd = (primary >> DEPTH_SHIFT & 1) != 0;
    Sums sums;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        sums.sum[i] = 0;
        sums.most[i] = sums.least[i] = sample_at(center.word, i);
    }
    // Taps, both of a distance after each other: four of the block's direction, four of each of those beside it.
    int first = subgroupAny(primary != 0) ? 0 : 4, end = subgroupAny(secondary != 0) ? 12 : 4;
    [[dont_unroll]] for (int tap = first; tap < end; ++tap) {
        bool is_primary = tap < 4, far = (tap & 2) != 0;
        uint offsets = direction_offsets(block + (is_primary ? 0 : tap < 8 ? 2 : 6) & 7) >> (far ? 8 : 0);
        int dx = int(offsets & 15) - 2, dy = int(offsets >> 4 & 15) - 2, sign = 1 - (tap & 1) * 2;
        int weight = is_primary ? (odd ? 3 : far ? 2 : 4) : far ? 1 : 2;
        add_tap(sums, center, tap_word(center, dx * sign, dy * sign), weight, is_primary ? primary : secondary,
                is_primary ? primary_shift : secondary_shift);
    }
    uint result = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int sum = sums.sum[i], value = sample_at(center.word, i) + (8 + sum - int(sum < 0) >> 4);
        result |= place_sample(clamp(value, sums.least[i], sums.most[i]), i);
    }
    return result;
}

// The words of a block: rows of eight luma samples, or of four pairs of chroma.
const uint ROW_WORDS_LOG2 = WORD_SAMPLES == 4 ? 1 : 2;

void main() {
    uint squares = job.height + 63 >> 6, plane = gl_WorkGroupID.y < squares ? 0 : 1, lane = gl_LocalInvocationID.x;
    uvec2 square = uvec2(gl_WorkGroupID.x, gl_WorkGroupID.y - plane * squares);
    blocks[lane] = own_block(square, lane, plane);
    barrier();
    uint rows_log2 = 3 - plane, words_log2 = rows_log2 + ROW_WORDS_LOG2, words = 64 << words_log2;
    [[dont_unroll]] for (uint i = lane; subgroupAny(i < words); i += 64) {
        uint index = i >> words_log2, block = blocks[index], in_block = i & (1 << words_log2) - 1;
        uint word = square.x * (64 / WORD_SAMPLES) + (index & 7) * (8 / WORD_SAMPLES) + (in_block & (1 << ROW_WORDS_LOG2) - 1);
        uint y = (square.y * 8 + (index >> 3) << rows_log2) + (in_block >> ROW_WORDS_LOG2);
        bool exists = word * WORD_SAMPLES < job.padded_width && y < job.padded_height >> plane;
        word = exists ? word : 0;
        y = exists ? y : 0;
        uint result = recon_words[plane_word(job.recon, plane, y) + word];
        if (subgroupAny(block != 0)) {
            uint changed = filtered_word(block, Center(result, int(word) * WORD_SAMPLES, int(y), plane));
            result = block != 0 ? changed : result;
        }
        if (exists) filtered_words[plane_word(job.filtered, plane, y) + word] = result;
    }
}
