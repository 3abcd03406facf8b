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

// Finds out how the block of an invocation is filtered. All find their directions where one has to; strengths wait in shared memory
// meanwhile, as registers are scarce.
void find_block(uvec2 square, uint block, uint plane) {
    uint column = square.x * 16 + (block & 7) * 2, row = square.y * 16 + (block >> 3) * 2;
    bool exists = column < unit_columns() && row < unit_rows();
    column = exists ? column : 0;
    row = exists ? row : 0;
    uint strengths = exists ? own_strengths(square, column, row, plane) : 0;
    blocks[block] = strengths;
    uvec2 found = uvec2(0);
    if (subgroupAny((strengths & 0xff) != 0))
        found = find_direction(plane_word(job.recon, 0, row * 4) + column * 4 / WORD_SAMPLES, job.recon.pitch >> 2);
    memoryBarrierShared();
    strengths = blocks[block];
    uint primary = strengths & 0xff, secondary = strengths >> 8;
    uint direction = primary != 0 ? found.x : 0;
    primary <<= DEPTH_SHIFT;
    primary = plane == 0 ? adjusted(primary, found.y) : primary;
    blocks[block] = strengths != 0 ? direction | primary << 3 | secondary << DEPTH_SHIFT + 13 | 0x80000000 : 0;
}

// Cdef_Directions: x, y of the first distance, x, y of the second one, biased by 2, four bits each.
uint direction_offsets(uint direction) {
    uint two = direction < 4 ? (direction < 2 ? 0x14230413 : 0x34232423) : (direction < 6 ? 0x43324433 : 0x41324232);
    return two >> (direction & 1) * 16;
}

// Sums of two samples each: the second one's 16 bits higher.
struct Sums {
    int sum[WORD_SAMPLES / 2], most[WORD_SAMPLES], least[WORD_SAMPLES];
};

// What a sample is compared with.
struct Center {
    uint word, at;  // its samples, and where in recon they are
    int x, y;       // in samples of the row, and in rows
    uint plane;
};

// The word of samples that are so far away, where all of the subgroup's are inside of the picture. `rows`: in words.
uint inner_word(Center center, int step, int rows) {
    uint at = center.at + rows + (step >> (WORD_SAMPLES == 4 ? 2 : 1));
    return window(recon_words[at], recon_words[at + 1], uint(step & WORD_SAMPLES - 1) * (32 / WORD_SAMPLES));
}

// The same anywhere; where there are none, the center's own, which change nothing.
uint border_word(Center center, int step, int dy) {
    int x = center.x + step, y = center.y + dy;
    int columns = int(job.padded_width), rows = int(job.padded_height >> center.plane), last = columns / WORD_SAMPLES - 1;
    int word = x >> (WORD_SAMPLES == 4 ? 2 : 1), place = (x & WORD_SAMPLES - 1) * (32 / WORD_SAMPLES);
    // From the first word of the row.
    uint row = center.at - (uint(center.x) / WORD_SAMPLES) + (clamp(y, 0, rows - 1) - center.y) * int(job.recon.pitch >> 2);
    uint low = recon_words[row + clamp(word, 0, last)], high = recon_words[row + clamp(word + 1, 0, last)];
    uint samples = window(low, high, place);
    // Samples before the row and behind it, of the word's.
    int before = clamp(-x, 0, WORD_SAMPLES), behind = clamp(x + WORD_SAMPLES - columns, 0, WORD_SAMPLES);
    const int bits = 32 / WORD_SAMPLES;
    uint valid = before == WORD_SAMPLES || behind == WORD_SAMPLES || y < 0 || y >= rows ? 0 : ~0u << before * bits & ~0u >> behind * bits;
    return samples & valid | center.word & ~valid;
}

// Whether taps of a word may be outside: they are up to two rows and four samples of the row away.
bool is_at_border(Center center) {
    int last_row = int(job.padded_height >> center.plane) - 1;
    return center.x < 4 || center.x + WORD_SAMPLES + 8 > int(job.padded_width) || center.y < 2 || center.y + 2 > last_row;
}

// How much a sample that differs by so much counts (7.15.3).
int constrained(int difference, int strength, int shift) {
    int most = max(strength - (abs(difference) >> shift), 0);
    return clamp(difference, -most, most);
}

// What two taps opposite of each other add to sample `i`, but for their weight.
int add_taps_of(inout Sums sums, uint center, uint ahead, uint behind, int strength, int shift, const int i) {
    int own = sample_at(center, i), a = sample_at(ahead, i), b = sample_at(behind, i);
    sums.most[i] = max(sums.most[i], max(a, b));
    sums.least[i] = min(sums.least[i], min(a, b));
    return constrained(a - own, strength, shift) + constrained(b - own, strength, shift);
}

void add_taps(inout Sums sums, uint center, uint ahead, uint behind, int weight, int strength, int shift) {
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; i += 2) {
        int first = add_taps_of(sums, center, ahead, behind, strength, shift, i);
        sums.sum[i / 2] += weight * (first + (add_taps_of(sums, center, ahead, behind, strength, shift, i + 1) << 16));
    }
}

// All lanes' strengths that are 0 are left out: with one of them alone the others' samples do not bound the result.
uint filtered_word(uint block, Center center) {
    const uint STRENGTH = 0x3ff;
    bool border = subgroupAny(is_at_border(center));
    Sums sums;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        sums.sum[i / 2] = 0;
        sums.most[i] = sums.least[i] = sample_at(center.word, i);
    }
    // Pairs of taps, a near one and a far one of the block's direction, then of those on both sides of it.
    int first = subgroupAny((block >> 3 & STRENGTH) != 0) ? 0 : 2, end = subgroupAny((block >> 13 & STRENGTH) != 0) ? 6 : 2;
    [[dont_unroll]] for (int pair = first; pair < end; ++pair) {
        bool is_primary = pair < 2, far = (pair & 1) != 0;
        uint offsets = direction_offsets(block + (is_primary ? 0 : pair < 4 ? 2 : 6) & 7) >> (far ? 8 : 0);
        int dx = int(offsets & 15) - 2 << center.plane, dy = int(offsets >> 4 & 15) - 2;
        int strength = int(block >> (is_primary ? 3 : 13) & STRENGTH);
        int shift = max(int(job.cdef_damping) + DEPTH_SHIFT - int(center.plane) - findMSB(strength), 0);
        bool odd = (strength >> DEPTH_SHIFT & 1) != 0;
        int weight = is_primary ? (odd ? 3 : far ? 2 : 4) : far ? 1 : 2;
        uint ahead, behind;
        if (border) {
            ahead = border_word(center, dx, dy);
            behind = border_word(center, -dx, -dy);
        } else {
            int rows = dy * int(job.recon.pitch >> 2);
            ahead = inner_word(center, dx, rows);
            behind = inner_word(center, -dx, -rows);
        }
        add_taps(sums, center.word, ahead, behind, weight, strength, shift);
    }
    uint result = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int both = sums.sum[i / 2], sum = (i & 1) == 0 ? low_number(uint(both)) : both - low_number(uint(both)) >> 16, value = sample_at(center.word, i) + (8 + sum - int(sum < 0) >> 4);
        result |= place_sample(clamp(value, sums.least[i], sums.most[i]), i);
    }
    return result;
}

// The words of a block: rows of eight luma samples, or of four pairs of chroma.
const uint ROW_WORDS_LOG2 = WORD_SAMPLES == 4 ? 1 : 2;

void main() {
    uint squares = job.height + 63 >> 6, plane = gl_WorkGroupID.y < squares ? 0 : 1, lane = gl_LocalInvocationID.x;
    uvec2 square = uvec2(gl_WorkGroupID.x, gl_WorkGroupID.y - plane * squares);
    find_block(square, lane, plane);
    barrier();
    uint rows_log2 = 3 - plane, words_log2 = rows_log2 + ROW_WORDS_LOG2, words = 64 << words_log2;
    [[dont_unroll]] for (uint i = lane; subgroupAny(i < words); i += 64) {
        uint index = i >> words_log2, block = blocks[index], in_block = i & (1 << words_log2) - 1;
        uint word = square.x * (64 / WORD_SAMPLES) + (index & 7) * (8 / WORD_SAMPLES) + (in_block & (1 << ROW_WORDS_LOG2) - 1);
        uint y = (square.y * 8 + (index >> 3) << rows_log2) + (in_block >> ROW_WORDS_LOG2);
        bool exists = word * WORD_SAMPLES < job.padded_width && y < job.padded_height >> plane;
        word = exists ? word : 0;
        y = exists ? y : 0;
        uint at = plane_word(job.recon, plane, y) + word, result = recon_words[at];
        if (subgroupAny(block != 0)) {
            uint changed = filtered_word(block, Center(result, at, int(word) * WORD_SAMPLES, int(y), plane));
            result = block != 0 ? changed : result;
        }
        if (exists) filtered_words[plane_word(job.filtered, plane, y) + word] = result;
    }
}
