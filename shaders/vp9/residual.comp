#version 460
// Residuals: those of inter transform blocks are added to their prediction in recon, those of intra ones are left in scratch for
// their turn: what need not wait for neighbours is done before anything waits. job.transforms divides workgroups among the sizes
// of luma and then those of chroma. A luma block of n x n samples is n invocations', a chroma block, of both components, 2n
// invocations': each transforms a row, then a column, and then brings a row, or half of one, to where it belongs.
// Reads the job, reads and writes recon, writes scratch, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 64) in;

#define RECON_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "transform.glsl"

// Blocks of the workgroup, one component after the other, with a number more than they need in each row: columns of neighbouring
// invocations are in different banks.
shared int numbers[gl_WorkGroupSize.x * 33];

// One component of a transform block; of which this is one of `size` invocations.
struct Block {
    uint place;
    uint coefficients;  // their number << 13 | the first one, counted from their superblock's; 0: none
    uint size, line;
    uint first;  // in numbers
};

void clear(Block block) {
    [[dont_unroll]] for (uint i = 0; i <= block.size; ++i) numbers[block.first + block.line * (block.size + 1) + i] = 0;
}

void scatter(Block block, const bool chroma) {
    uvec2 superblock = transform_position(block.place) >> (chroma ? 3 : 4);
    uint first = job_words[job.coefficient_bases_word + superblock.y * superblock_columns() + superblock.x];
    first += job.coefficients_word + (block.coefficients & 0x1fff);
    uint log2_size = findMSB(block.size), count = block.coefficients >> 13;
    [[dont_unroll]] for (uint i = block.line; i < count; i += block.size) {
        uint word = job_words[first + i], position = word & 0x3ff;
        numbers[block.first + position + (position >> log2_size)] = int(word) >> 10;
    }
}

// A line's numbers, in place: rows (step 1) and then columns (step size + 1). Nobody else uses them meanwhile.
int number_at(uint first, const uint i, const uint step) { return numbers[first + i * step]; }

int finish_number(int number, const uint step, const int shift) {
    return step == 1 ? number : number + (1 << shift >> 1) >> shift;
}

// Lines of 16 and more are transformed half by half: all at once take too many registers. Results of the first half come to
// be at even indices, those of the second half at odd ones.
uint result_index(uint i, const uint size) { return size < 16 ? i : i * 2 & size - 1 | i / (size / 2); }

void store_number(uint first, const uint i, const uint step, const uint size, int number) {
    numbers[first + result_index(i, size) * step] = finish_number(number, step, size == 4 ? 4 : size == 8 ? 5 : 6);
}

#define TRANSFORM_LINE(SIZE)                                                                           \
    void transform_line_##SIZE(uint first, bool adst, const uint step) {                               \
        int v[SIZE];                                                                                   \
        [[unroll]] for (uint i = 0; i < SIZE; ++i) v[i] = number_at(first, i, step);                   \
        if (adst) {                                                                                    \
            inverse_adst(v);                                                                           \
        } else {                                                                                       \
            inverse_dct(v);                                                                            \
        }                                                                                              \
        [[unroll]] for (uint i = 0; i < SIZE; ++i) store_number(first, i, step, SIZE, v[i]);           \
    }
TRANSFORM_LINE(4)
TRANSFORM_LINE(8)

// The odd part waits at odd indices.
#define DCT_LINE(SIZE, HALF)                                                                           \
    void dct_line_##SIZE(uint first, const uint step) {                                                \
        int v[HALF];                                                                                   \
        [[unroll]] for (uint i = 0; i < HALF; ++i) v[i] = number_at(first, ODD_##SIZE[i], step);       \
        odd_part(v);                                                                                   \
        [[unroll]] for (uint i = 0; i < HALF; ++i) numbers[first + (2 * i + 1) * step] = v[i];         \
        memoryBarrierShared();                                                                         \
        [[unroll]] for (uint i = 0; i < HALF; ++i) v[i] = number_at(first, 2 * i, step);               \
        inverse_dct(v);                                                                                \
        memoryBarrierShared();                                                                         \
        [[unroll]] for (uint i = 0; i < HALF; ++i) {                                                   \
            int odd = number_at(first, SIZE - 1 - 2 * i, step);                                        \
            store_number(first, i, step, SIZE, v[i] + odd);                                            \
            store_number(first, SIZE - 1 - i, step, SIZE, v[i] - odd);                                 \
        }                                                                                              \
    }
DCT_LINE(16, 8)
DCT_LINE(32, 16)

void adst_line_16(uint first, const uint step) {
    int x[8], sums[8], differences[8];
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        int a = number_at(first, 15 - 2 * i, step), b = number_at(first, 2 * i, step);
        int c = number_at(first, 7 - 2 * i, step), d = number_at(first, 8 + 2 * i, step);
        rotate_together(a, b, c, d, 1 + 4 * int(i), 17 + 4 * int(i), false);
        x[2 * i] = a;
        x[2 * i + 1] = b;
        numbers[first + (7 - 2 * i) * step] = c;
        numbers[first + (8 + 2 * i) * step] = d;
    }
    adst_16_sums(x, sums);
    memoryBarrierShared();
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        x[2 * i] = number_at(first, 7 - 2 * i, step);
        x[2 * i + 1] = number_at(first, 8 + 2 * i, step);
    }
    [[unroll]] for (uint i = 0; i < 8; ++i) store_number(first, ADST_16_SUMS[i], step, 16, sums[i]);
    adst_16_differences(x, differences);
    [[unroll]] for (uint i = 0; i < 8; ++i) store_number(first, ADST_16_DIFFERENCES[i], step, 16, differences[i]);
}

void transform_line_16(uint first, bool adst, const uint step) {
    if (adst) {
        adst_line_16(first, step);
    } else {
        dct_line_16(first, step);
    }
}

void transform_line_lossless(uint first, const uint step) {
    int v[4];
    [[unroll]] for (uint i = 0; i < 4; ++i) v[i] = number_at(first, i, step);
    inverse_wht(v, step == 1 ? 2 : 0);
    [[unroll]] for (uint i = 0; i < 4; ++i) numbers[first + i * step] = v[i];
}

// ADST in columns is what bit 0 of the type asks for, in rows bit 1.
bool has_adst(Block block, const bool columns) { return (block.place >> (columns ? 24 : 25) & 1) != 0; }

void transform(Block block, const bool columns) {
    uint first = block.first + block.line * (columns ? 1 : block.size + 1);
    bool adst = has_adst(block, columns);
    if (block.size == 4) {
        if (job.lossless != 0) {
            transform_line_lossless(first, columns ? 5 : 1);
        } else {
            transform_line_4(first, adst, columns ? 5 : 1);
        }
    } else if (block.size == 8) {
        transform_line_8(first, adst, columns ? 9 : 1);
    } else if (block.size == 16) {
        transform_line_16(first, adst, columns ? 17 : 1);
    } else {
        dct_line_32(first, columns ? 33 : 1);
    }
    barrier();
}

// Where the number of this column and line is.
uint number_index(Block block, uint x) {
    if (block.size < 16) return block.first + block.line * (block.size + 1) + x;
    uint log2_half = findMSB(block.size) - 1;
    uvec2 at = uvec2(x, block.line);
    at = at * 2 & block.size - 1 | at >> log2_half;
    return block.first + at.y * (block.size + 1) + at.x;
}

// Between numbers of columns next to each other, in the same half of a line.
uint number_step(Block block) { return block.size < 16 ? 1 : 2; }

// Where the numbers of a word's samples are, from its first column on.
uint word_number(Block block, uint first, const int i, const bool chroma) {
    uint component = chroma ? block.size * (block.size + 1) * (i & 1) : 0;
    return first + component + uint(chroma ? i / 2 : i) * number_step(block);
}

void add_to_word(Block block, uint recon_word, uint first, const bool chroma) {
    uint word = recon_words[recon_word], sum = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        sum |= place_sample(clip_sample(sample_at(word, i) + numbers[word_number(block, first, i, chroma)]), i);
    }
    recon_words[recon_word] = sum;
}

void leave_word(Block block, uint residual_word, uint first, const bool chroma) {
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; i += 2) {
        uint two = two_numbers(numbers[word_number(block, first, i, chroma)], numbers[word_number(block, first, i + 1, chroma)]);
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
    if (y >= job.aligned_height || block.coefficients == 0) return;
    [[dont_unroll]] for (uint x = 0; x < columns; x += WORD_SAMPLES) {
        uint first = number_index(block, x);
        if ((block.place & TRANSFORM_IS_INTRA) != 0) {
            leave_word(block, residual_luma_word(position.x + x, y), first, false);
        } else {
            add_to_word(block, recon_luma_word(position.x + x, y), first, false);
        }
    }
}

// Every second word of a row of Cb, Cr pairs; block.first is that of Cb.
void finish_chroma(Block block, uint component) {
    const uint pairs = WORD_SAMPLES / 2;
    uvec2 position = transform_position(block.place) * 4;
    uint y = position.y + block.line, columns = min(block.size, (job.aligned_width >> 1) - position.x);
    if (y >= job.aligned_height >> 1) return;
    [[dont_unroll]] for (uint x = component * pairs; x < columns; x += 2 * pairs) {
        uint first = number_index(block, x);
        if ((block.place & TRANSFORM_IS_INTRA) != 0) {
            leave_word(block, residual_chroma_word(position.x + x, y), first, true);
        } else {
            add_to_word(block, recon_chroma_word(position.x + x, y), first, true);
        }
    }
}

void main() {
    uint group = group_index(), c = 0;
    if (group >= job.transforms.groups[TRANSFORM_CLASSES]) return;
    [[unroll]] for (uint i = 1; i < TRANSFORM_CLASSES; ++i) c += group >= job.transforms.groups[i] ? 1 : 0;
    bool chroma = c >= 4;
    Block block;
    block.size = 4 << (c & 3);
    uint log2_lanes = 2 + (c & 3) + (chroma ? 1 : 0);
    uint lane = (group - job.transforms.groups[c]) * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    uint index = job.transforms.first[c] + (lane >> log2_lanes);
    bool exists = index < job.transforms.end[c];
    index = min(index, job.transforms.end[c] - 1);
    uint component = chroma ? lane >> log2_lanes - 1 & 1 : 0;
    block.line = lane & block.size - 1;
    block.first = (gl_LocalInvocationIndex >> 2 + (c & 3)) * block.size * (block.size + 1);
    if (chroma) {
        uvec4 record = job_quads[job.chroma_transforms_quad + index];
        block.place = record.x;
        block.coefficients = component == 0 ? record.y : record.z;
    } else {
        block.place = job_words[job.luma_transforms_word + index * 2];
        block.coefficients = job_words[job.luma_transforms_word + index * 2 + 1];
    }
    if (!exists) block.coefficients = 0;
    clear(block);
    barrier();
    if (block.coefficients != 0) scatter(block, chroma);
    barrier();
    transform(block, false);
    transform(block, true);
    if (chroma) {
        block.first -= component * block.size * (block.size + 1);
        if (exists) finish_chroma(block, component);
    } else {
        finish_luma(block);
    }
}
