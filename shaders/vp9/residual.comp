// SPDX-License-Identifier: MIT
#version 460
// Residuals: adds those of inter transform blocks to the prediction in recon, and stores those of intra blocks in scratch for
// later. So all work that needs no neighbours is finished before anything waits. job.transforms divides workgroups among sizes
// 4 to 16 of luma, of chroma, 32 of luma, of chroma. Size 32 has a dispatch of its own (RESIDUAL_32): one shader for all sizes
// would need more registers than V3D has. A luma block of n x n samples takes n invocations, a chroma block (both components)
// 2n: each transforms a row, then a column, and then writes a row, or half of one, to its destination. A 4x4 block takes one
// invocation, or two in chroma (small_residual.glsl). Reads the job, reads and writes recon, writes scratch, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 64) in;

#define RECON_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "transform.glsl"

// The workgroup's blocks, one component after another. Rows are padded by one number, so that neighbouring invocations' columns
// are in different banks.
shared int numbers[gl_WorkGroupSize.x * 33];

// The destinations of invocations' blocks, kept here because they would take a register during the transforms.
shared uint places[gl_WorkGroupSize.x];

const uint NOTHING = 1u << 31;

// One component of a transform block, shared by `size` invocations.
struct Block {
    uint place;  // with NOTHING if there is no block, or nothing to add
    uint size, line;
    uint first;  // in numbers
};

void clear(Block block) {
    [[dont_unroll]] for (uint i = 0; i <= block.size; ++i) numbers[block.first + block.line * (block.size + 1) + i] = 0;
}

// `coefficients`: count << 13 | index of the first one in the superblock's; 0: none.
uint first_coefficient(uint place, uint coefficients, bool chroma) {
    uvec2 superblock = transform_position(place) >> (chroma ? 3 : 4);
    uint first = job_words[job.coefficient_bases_word + superblock.y * superblock_columns() + superblock.x];
    return first + job.coefficients_word + (coefficients & 0x1fff);
}

void scatter(Block block, uint coefficients, bool chroma) {
    uint first = first_coefficient(block.place, coefficients, chroma);
    uint log2_size = findMSB(block.size), count = coefficients >> 13;
    // Four loads at a time; past the end they repeat the block's last coefficient.
    uint nowhere = block.first + block.line * (block.size + 1) + block.size;
    [[dont_unroll]] for (uint i = block.line; subgroupAny(i < count); i += 4 * block.size) {
        uint words[4];
        [[unroll]] for (uint j = 0; j < 4; ++j) words[j] = job_words[first + min(i + j * block.size, max(count, 1) - 1)];
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            uint position = words[j] & 0x3ff;
            numbers[i + j * block.size >= count ? nowhere : block.first + position + (position >> log2_size)] = int(words[j]) >> 10;
        }
    }
}

// A line's numbers, in place: rows (step 1), then columns (step size + 1). No other invocation accesses them meanwhile.
int number_at(uint first, const uint i, const uint step) { return numbers[first + i * step]; }

int finish_number(int number, const uint step, const int shift) {
    return step == 1 ? number : number + (1 << shift >> 1) >> shift;
}

// Lines of 16 and more are transformed in parts, because all at once would take too many registers. Parts wait in the line;
// their results are stored where the inputs were.
uint result_index(uint i, const uint size) {
    if (size < 16) return i;
    if (size == 16 || i >= 16) return i * 2 & size - 1 | i / (size / 2);
    return i < 8 ? i * 4 : i * 4 - 30;
}

void store_number(uint first, const uint i, const uint step, const uint size, int number) {
    numbers[first + result_index(i, size) * step] = finish_number(number, step, size == 8 ? 5 : 6);
}

// Each kind of transform stores its own results: on V3D, what divergent branches assign takes registers for all of them.
#define TRANSFORM_LINE(SIZE)                                                                            \
    void dct_line_##SIZE(uint first, const uint step) {                                                 \
        int v[SIZE];                                                                                    \
        [[unroll]] for (uint i = 0; i < SIZE; ++i) v[i] = number_at(first, i, step);                    \
        inverse_dct(v);                                                                                 \
        [[unroll]] for (uint i = 0; i < SIZE; ++i) store_number(first, i, step, SIZE, v[i]);            \
    }                                                                                                   \
    void adst_line_##SIZE(uint first, const uint step) {                                                \
        int v[SIZE];                                                                                    \
        [[unroll]] for (uint i = 0; i < SIZE; ++i) v[i] = number_at(first, i, step);                    \
        inverse_adst(v);                                                                                \
        [[unroll]] for (uint i = 0; i < SIZE; ++i) store_number(first, i, step, SIZE, v[i]);            \
    }
TRANSFORM_LINE(8)

// The odd part is kept at odd indices.
void dct_line_16(uint first, const uint step) {
    int v[8];
    [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = number_at(first, ODD_16[i], step);
    odd_part(v);
    [[unroll]] for (uint i = 0; i < 8; ++i) numbers[first + (2 * i + 1) * step] = v[i];
    memoryBarrierShared();
    [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = number_at(first, 2 * i, step);
    inverse_dct(v);
    memoryBarrierShared();
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        int odd = number_at(first, 15 - 2 * i, step);
        store_number(first, i, step, 16, v[i] + odd);
        store_number(first, 15 - i, step, 16, v[i] - odd);
    }
}

// The odd part of 32 ends up at odd indices, half by half. The places where its outer half waits have been read before, and are
// not overwritten before they are read again.
const uint OUTER_16[8] = uint[](0, 1, 2, 3, 12, 13, 14, 15);
const uint OUTER_16_WAITING[8] = uint[](1, 17, 9, 25, 7, 23, 15, 31);
void store_odd_32(uint first, const uint step, const uint i, int outer_low, int outer_high, int inner_low, int inner_high) {
    int low = outer_low - inner_low, high = outer_high - inner_high;
    rotate_mirrored(low, high, 16);
    numbers[first + (2 * i + 1) * step] = outer_low + inner_low;
    numbers[first + (15 - 2 * i) * step] = low;
    numbers[first + (17 + 2 * i) * step] = high;
    numbers[first + (31 - 2 * i) * step] = outer_high + inner_high;
}
void odd_32(uint first, const uint step) {
    int v[8];
    [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = number_at(first, ODD_32[OUTER_16[i]], step);
    odd_16_outer(v);
    [[unroll]] for (uint i = 0; i < 8; ++i) numbers[first + OUTER_16_WAITING[i] * step] = v[i];
    memoryBarrierShared();
    [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = number_at(first, ODD_32[4 + i], step);
    odd_16_inner(v);
    memoryBarrierShared();
    int low_1 = number_at(first, OUTER_16_WAITING[1], step), high_1 = number_at(first, OUTER_16_WAITING[6], step);
    store_odd_32(first, step, 0, number_at(first, OUTER_16_WAITING[0], step), number_at(first, OUTER_16_WAITING[7], step), v[3], v[4]);
    store_odd_32(first, step, 1, low_1, high_1, v[2], v[5]);
    store_odd_32(first, step, 2, number_at(first, OUTER_16_WAITING[2], step), number_at(first, OUTER_16_WAITING[5], step), v[1], v[6]);
    store_odd_32(first, step, 3, number_at(first, OUTER_16_WAITING[3], step), number_at(first, OUTER_16_WAITING[4], step), v[0], v[7]);
    memoryBarrierShared();
}

// The even half's odd part is kept at every fourth index, starting at 2.
void dct_line_32(uint first, const uint step) {
    odd_32(first, step);
    int v[8];
    [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = number_at(first, 2 * ODD_16[i], step);
    odd_part(v);
    [[unroll]] for (uint i = 0; i < 8; ++i) numbers[first + (4 * i + 2) * step] = v[i];
    memoryBarrierShared();
    [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = number_at(first, 4 * i, step);
    inverse_dct(v);
    memoryBarrierShared();
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        int even_odd = number_at(first, 30 - 4 * i, step);
        int sum = v[i] + even_odd, difference = v[i] - even_odd;
        int outer = number_at(first, 31 - 2 * i, step), inner = number_at(first, 2 * i + 1, step);
        store_number(first, i, step, 32, sum + outer);
        store_number(first, 31 - i, step, 32, sum - outer);
        store_number(first, 15 - i, step, 32, difference + inner);
        store_number(first, 16 + i, step, 32, difference - inner);
    }
}

// Where the numbers for an ADST's second half wait. The first half's results go elsewhere (result_index), and these places have
// already been read if groups of four are processed in this order.
const uint ADST_16_WAITING[8] = uint[](13, 10, 2, 5, 4, 3, 11, 12);
const uint ADST_16_GROUPS[4] = uint[](1, 2, 0, 3);
void adst_line_16(uint first, const uint step) {
    int x[8], v[8];
    [[unroll]] for (uint j = 0; j < 4; ++j) {
        const uint i = ADST_16_GROUPS[j];
        int a = number_at(first, 15 - 2 * i, step), b = number_at(first, 2 * i, step);
        int c = number_at(first, 7 - 2 * i, step), d = number_at(first, 8 + 2 * i, step);
        rotate_together(a, b, c, d, 1 + 4 * int(i), 17 + 4 * int(i), false);
        x[2 * i] = a;
        x[2 * i + 1] = b;
        numbers[first + ADST_16_WAITING[2 * i] * step] = c;
        numbers[first + ADST_16_WAITING[2 * i + 1] * step] = d;
    }
    adst_16_sums(x, v);
    [[unroll]] for (uint i = 0; i < 8; ++i) store_number(first, ADST_16_SUMS[i], step, 16, v[i]);
    memoryBarrierShared();
    [[unroll]] for (uint i = 0; i < 8; ++i) x[i] = number_at(first, ADST_16_WAITING[i], step);
    adst_16_differences(x, v);
    [[unroll]] for (uint i = 0; i < 8; ++i) store_number(first, ADST_16_DIFFERENCES[i], step, 16, v[i]);
}

#define EITHER_LINE(SIZE)                                                  \
    void transform_line_##SIZE(uint first, bool adst, const uint step) {   \
        if (adst) {                                                        \
            adst_line_##SIZE(first, step);                                 \
        } else {                                                           \
            dct_line_##SIZE(first, step);                                  \
        }                                                                  \
    }
EITHER_LINE(8)
EITHER_LINE(16)

// Bit 0 of the type selects ADST for columns, bit 1 for rows.
bool has_adst(Block block, const bool columns) { return (block.place >> (columns ? 24 : 25) & 1) != 0; }

// Sizes are constants, so that values computed for one size are not kept for all.
uint line_start(Block block, const bool columns, const uint size) { return block.first + block.line * (columns ? 1 : size + 1); }

void transform(Block block, const bool columns) {
#if RESIDUAL_32
    dct_line_32(line_start(block, columns, 32), columns ? 33 : 1);
#else
    bool adst = has_adst(block, columns);
    if (block.size == 8) {
        transform_line_8(line_start(block, columns, 8), adst, columns ? 9 : 1);
    } else {
        transform_line_16(line_start(block, columns, 16), adst, columns ? 17 : 1);
    }
#endif
    barrier();
}

// The index of the number in this column and line.
uint result_place(Block block, uint i) {
    return block.size < 16 ? i : block.size == 16 ? result_index(i, 16) : result_index(i, 32);
}
uint number_index(Block block, uint x) {
    return block.first + result_place(block, block.line) * (block.size + 1) + result_place(block, x);
}

// The distance between numbers of a word's columns, the first of which is x.
uint number_step(Block block, uint x) { return block.size < 16 ? 1 : block.size == 16 || x >= 16 ? 2 : 4; }

// The index of a word's sample, counted from the word's first column.
uint word_number(Block block, uint first, uint step, const int i, const bool chroma) {
    uint component = chroma ? block.size * (block.size + 1) * (i & 1) : 0;
    return first + component + uint(chroma ? i / 2 : i) * step;
}

void add_to_word(Block block, uint recon_word, uint first, uint step, const bool chroma) {
    uint word = recon_words[recon_word], sum = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        sum |= place_sample(clip_sample(sample_at(word, i) + numbers[word_number(block, first, step, i, chroma)]), i);
    }
    recon_words[recon_word] = sum;
}

void leave_word(Block block, uint residual_word, uint first, uint step, const bool chroma) {
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; i += 2) {
        uint two = two_numbers(numbers[word_number(block, first, step, i, chroma)], numbers[word_number(block, first, step, i + 1, chroma)]);
        if (chroma) {
            chroma_residual_words[residual_word + i / 2] = two;
        } else {
            luma_residual_words[residual_word + i / 2] = two;
        }
    }
}

void finish_luma(Block block) {
    uvec2 position = transform_position(block.place) * 4;
    uint y = position.y + block.line, columns = min(block.size, job.aligned_width - position.x);
    if (y >= job.aligned_height) return;
    [[dont_unroll]] for (uint x = 0; x < columns; x += WORD_SAMPLES) {
        uint first = number_index(block, x), step = number_step(block, x);
        if ((block.place & TRANSFORM_IS_INTRA) != 0) {
            leave_word(block, residual_luma_word(position.x + x, y), first, step, false);
        } else {
            add_to_word(block, recon_luma_word(position.x + x, y), first, step, false);
        }
    }
}

// Every second word of a row of Cb, Cr pairs. block.first is Cb's.
void finish_chroma(Block block, uint component) {
    const uint pairs = WORD_SAMPLES / 2;
    uvec2 position = transform_position(block.place) * 4;
    uint y = position.y + block.line, columns = min(block.size, (job.aligned_width >> 1) - position.x);
    if (y >= job.aligned_height >> 1) return;
    [[dont_unroll]] for (uint x = component * pairs; x < columns; x += 2 * pairs) {
        uint first = number_index(block, x), step = number_step(block, x);
        if ((block.place & TRANSFORM_IS_INTRA) != 0) {
            leave_word(block, residual_chroma_word(position.x + x, y), first, step, true);
        } else {
            add_to_word(block, recon_chroma_word(position.x + x, y), first, step, true);
        }
    }
}

#if !RESIDUAL_32
#include "small_residual.glsl"
#endif

// The record of a luma block, or of one component of a chroma block: its place and coefficients.
uvec2 load_record(uint index, uint component, bool chroma) {
    if (!chroma) {
        uint word = job.luma_transforms_word + index * 2;
        return uvec2(job_words[word], job_words[word + 1]);
    }
    uvec4 record = job_quads[job.chroma_transforms_quad + index];
    return uvec2(record.x, component == 0 ? record.y : record.z);
}

void make_lines(uvec2 record, uint lane, uint log2_size, uint component, bool chroma) {
    Block block;
    block.size = 1 << log2_size;
    block.place = record.x;
    block.line = lane & block.size - 1;
    block.first = (gl_LocalInvocationIndex >> log2_size) * block.size * (block.size + 1);
    clear(block);
    barrier();
    scatter(block, record.y, chroma);
    barrier();
    places[gl_LocalInvocationIndex] = block.place;
    transform(block, false);
    transform(block, true);
    block.place = places[gl_LocalInvocationIndex];
    if ((block.place & NOTHING) == 0) {
        if (chroma) {
            block.first -= component * block.size * (block.size + 1);
            finish_chroma(block, component);
        } else {
            finish_luma(block);
        }
    }
}

void main() {
    const uint FIRST_CLASS = RESIDUAL_32 != 0 ? 6 : 0, END_CLASS = RESIDUAL_32 != 0 ? 8 : 6;
    uint group = group_index() + job.transforms.groups[FIRST_CLASS], c = FIRST_CLASS;
    if (group >= job.transforms.groups[END_CLASS]) return;
    [[unroll]] for (uint i = FIRST_CLASS + 1; i < END_CLASS; ++i) c += group >= job.transforms.groups[i] ? 1 : 0;
    bool chroma = c >= 3 && c != 6;
    uint log2_size = RESIDUAL_32 != 0 ? 5 : chroma ? c - 1 : c + 2;
    uint log2_lines = log2_size == 2 ? 0 : log2_size, log2_lanes = log2_lines + (chroma ? 1 : 0);
    uint lane = (group - job.transforms.groups[c]) * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    uint index = job.transforms.first[c] + (lane >> log2_lanes);
    bool exists = index < job.transforms.end[c];
    uint component = chroma ? lane >> log2_lines & 1 : 0;
    uvec2 record = load_record(min(index, job.transforms.end[c] - 1), component, chroma);
    record = exists ? record : uvec2(record.x | NOTHING, 0);
#if !RESIDUAL_32
    if (subgroupAny(log2_size == 2)) {
        make_small(SmallBlock(record.x, record.y), component, chroma);
        return;
    }
#endif
    make_lines(record, lane, log2_size, component, chroma);
}
