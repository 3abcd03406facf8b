// SPDX-License-Identifier: MIT
// Residuals of 4x4 blocks for residual.comp: an invocation takes a luma block, or one component of a chroma block.

// An invocation's numbers in shared memory, and one more for unwanted stores.
const uint SMALL_REGION = 17;
uint small_region() { return gl_LocalInvocationIndex * SMALL_REGION + job.zero; }

struct SmallBlock {
    uint place;  // with NOTHING if there is no block
    uint coefficients;
};

// Four loads at a time; past the end they repeat the block's last coefficient.
void scatter_small(SmallBlock block, bool chroma) {
    uint first = first_coefficient(block.place, block.coefficients, chroma), count = block.coefficients >> 13;
    [[dont_unroll]] for (uint i = 0; i < 16; i += 4) {
        [[unroll]] for (uint j = 0; j < 4; ++j) numbers[small_region() + i + j] = 0;
    }
    memoryBarrierShared();
    [[dont_unroll]] for (uint i = 0; subgroupAny(i < count); i += 4) {
        uint words[4];
        [[unroll]] for (uint j = 0; j < 4; ++j) words[j] = job_words[first + min(i + j, max(count, 1) - 1)];
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            numbers[small_region() + (count == 0 ? 16 : words[j] & 15)] = int(words[j]) >> 10;
        }
    }
    memoryBarrierShared();
}

// Transforms the four numbers of a line. Must be called by the whole subgroup.
void transform_four(inout int line[4], bool adst, int shift) {
    if (job.lossless != 0) {
        inverse_wht(line, shift);
    } else {
        int other[4] = line;
        if (subgroupAny(!adst)) inverse_dct(line);
        if (subgroupAny(adst)) inverse_adst(other);
        [[unroll]] for (int i = 0; i < 4; ++i) line[i] = adst ? other[i] : line[i];
    }
}

// In place, one row at a time, then one column at a time: all 16 numbers would take too many registers.
void transform_small(SmallBlock block) {
    [[dont_unroll]] for (uint i = 0; i < 8; ++i) {
        bool columns = i >= 4;
        uint step = columns ? 4 : 1, first = small_region() + (i & 3) * (columns ? 1 : 4);
        int line[4];
        [[unroll]] for (uint j = 0; j < 4; ++j) line[j] = numbers[first + j * step];
        // Bit 1 of the type selects ADST for rows, bit 0 for columns.
        transform_four(line, (block.place >> (columns ? 24 : 25) & 1) != 0, columns ? 0 : 2);
        [[unroll]] for (uint j = 0; j < 4; ++j) numbers[first + j * step] = line[j];
        memoryBarrierShared();
    }
}

// A finished residual.
int small_residual(uint i) { return job.lossless != 0 ? numbers[i] : numbers[i] + 8 >> 4; }

uint add_to(uint word, int residuals[WORD_SAMPLES]) {
    uint sum = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) sum |= place_sample(clip_sample(sample_at(word, i) + residuals[i]), i);
    return sum;
}

// Two rows at a time.
void finish_small_luma(SmallBlock block) {
    const uint row_words = 4 / WORD_SAMPLES;
    uvec2 position = transform_position(block.place) * 4;
    bool exists = (block.place & NOTHING) == 0, intra = (block.place & TRANSFORM_IS_INTRA) != 0;
    [[dont_unroll]] for (uint row = 0; row < 4; row += 2) {
        uint first = gl_LocalInvocationIndex * SMALL_REGION + row * 4, y = position.y + row;
        int v[8];
        [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = small_residual(first + i);
        if (subgroupAny(exists && intra)) {
            uint word = residual_luma_word(position.x, y), next = job.aligned_width / 2;
            if (exists && intra) {
                luma_residual_words[word] = two_numbers(v[0], v[1]);
                luma_residual_words[word + 1] = two_numbers(v[2], v[3]);
                luma_residual_words[word + next] = two_numbers(v[4], v[5]);
                luma_residual_words[word + next + 1] = two_numbers(v[6], v[7]);
            }
        }
        if (subgroupAny(exists && !intra)) {
            uint word = recon_luma_word(position.x, y), next = job.recon_pitch / 4, words[2 * row_words];
            [[unroll]] for (uint i = 0; i < 2 * row_words; ++i) {
                words[i] = recon_words[word + i / row_words * next + i % row_words];
            }
            [[unroll]] for (uint i = 0; i < 2 * row_words; ++i) {
                int residuals[WORD_SAMPLES];
                [[unroll]] for (uint j = 0; j < WORD_SAMPLES; ++j) residuals[j] = v[i * WORD_SAMPLES + j];
                words[i] = add_to(words[i], residuals);
            }
            if (exists && !intra) {
                [[unroll]] for (uint i = 0; i < 2 * row_words; ++i) {
                    recon_words[word + i / row_words * next + i % row_words] = words[i];
                }
            }
        }
    }
}

// A row of both components.
void finish_small_row(uint place, uint first, uint y) {
    bool exists = (place & NOTHING) == 0, intra = (place & TRANSFORM_IS_INTRA) != 0;
    uint x = transform_position(place).x * 4;
    int v[8];  // Cb, Cr pairs
    [[unroll]] for (uint i = 0; i < 8; ++i) v[i] = small_residual(first + i / 2 + i % 2 * SMALL_REGION);
    if (subgroupAny(exists && intra)) {
        uint word = residual_chroma_word(x, y);
        if (exists && intra) {
            [[unroll]] for (uint i = 0; i < 4; ++i) chroma_residual_words[word + i] = two_numbers(v[2 * i], v[2 * i + 1]);
        }
    }
    if (subgroupAny(exists && !intra)) {
        const uint row_words = 8 / WORD_SAMPLES;
        uint word = recon_chroma_word(x, y), words[row_words];
        [[unroll]] for (uint i = 0; i < row_words; ++i) words[i] = recon_words[word + i];
        [[unroll]] for (uint i = 0; i < row_words; ++i) {
            int residuals[WORD_SAMPLES];
            [[unroll]] for (uint j = 0; j < WORD_SAMPLES; ++j) residuals[j] = v[i * WORD_SAMPLES + j];
            words[i] = add_to(words[i], residuals);
        }
        if (exists && !intra) {
            [[unroll]] for (uint i = 0; i < row_words; ++i) recon_words[word + i] = words[i];
        }
    }
}

// Writes two rows; the other component's invocation writes the other two.
void finish_small_chroma(SmallBlock block, uint component) {
    uint first = gl_LocalInvocationIndex * SMALL_REGION - component * SMALL_REGION + component * 8;
    uint y = transform_position(block.place).y * 4 + component * 2;
    [[dont_unroll]] for (uint row = 0; row < 2; ++row) finish_small_row(block.place, first + row * 4, y + row);
}

void make_small(SmallBlock block, uint component, bool chroma) {
    scatter_small(block, chroma);
    transform_small(block);
    barrier();
    if (subgroupAny(chroma)) {
        finish_small_chroma(block, component);
    } else {
        finish_small_luma(block);
    }
}
