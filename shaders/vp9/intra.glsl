// SPDX-License-Identifier: MIT
// Intra prediction of transform blocks (VP9 8.5.1) and the rest of their reconstruction, the residual. TEAM invocations share a
// transform block, of luma or of both Cb and Cr; each takes every TEAM-th word.
#include "intra_record.glsl"

const uint TEAM = 16;
const uint TEAMS = gl_WorkGroupSize.x / TEAM;

// The samples around a block: index 0 is above left; 1 and up are above, twice the block's size; -1 and down are left, as many
// as D207 reads. Missing samples repeat the last one. Cb's, then Cr's. An odd stride, so that teams are in different banks.
const int EDGE_ZERO = 49, EDGE_SAMPLES = 49 + 1 + 64 + 1;
shared int edges[2][TEAMS][EDGE_SAMPLES];
shared uint sums[2][TEAMS];

uint team() { return gl_LocalInvocationIndex / TEAM; }
uint lane() { return gl_LocalInvocationIndex % TEAM; }

int edge(const uint component, int i) { return edges[component][team()][EDGE_ZERO + i]; }

// A sample of recon; for chroma Cb in x and Cr in y.
ivec2 read_sample(int x, int y, const bool chroma) {
    const int columns = chroma ? WORD_SAMPLES / 2 : WORD_SAMPLES;
    uint word = recon_words[chroma ? recon_chroma_word(x & ~(columns - 1), y) : recon_luma_word(x & ~(columns - 1), y)];
    int i = x & columns - 1;
    return chroma ? ivec2(sample_at(word, i * 2), sample_at(word, i * 2 + 1)) : ivec2(sample_at(word, i), 0);
}

// The sample above left (i 0), above (i > 0), left (i < 0).
ivec2 edge_sample(IntraBlock block, int i, const bool chroma) {
    const int base = 1 << BIT_DEPTH - 1;
    bool above = block.y > 0, left = left_available(block);
    int last = right_available(block) ? 7 : block.size - 1;
    int x = i > 0 ? min(block.x + min(i - 1, last), plane_width(chroma) - 1) : block.x - 1;
    int y = i < 0 ? min(block.y + min(-1 - i, block.size - 1), plane_height(chroma) - 1) : block.y - 1;
    if (i >= 0 && !above) return ivec2(base - 1);
    if (i <= 0 && !left) return ivec2(base + 1);
    return read_sample(x, y, chroma);
}

// Must be called by the whole team. The caller puts barriers before and after.
void load_edges(IntraBlock block, const bool chroma) {
    ivec2 sum = ivec2(0);
    bool above = block.y > 0, left = left_available(block);
    int lowest = block.size + block.size / 2 + 1;
    [[dont_unroll]] for (int i = int(lane()) - lowest; i <= 2 * block.size; i += int(TEAM)) {
        ivec2 value = edge_sample(block, i, chroma);
        edges[0][team()][EDGE_ZERO + i] = value.x;
        if (chroma) edges[1][team()][EDGE_ZERO + i] = value.y;
        if (i > 0 && i <= block.size && above || i < 0 && i >= -block.size && left) sum += value;
    }
    if (intra_mode(block) == MODE_DC) {
        atomicAdd(sums[0][team()], uint(sum.x));
        if (chroma) atomicAdd(sums[1][team()], uint(sum.y));
    }
}

void clear_sums() {
    if (lane() == 0) sums[0][team()] = sums[1][team()] = 0;
}

int dc(IntraBlock block, const uint component) {
    int sides = (block.y > 0 ? 1 : 0) + (left_available(block) ? 1 : 0);
    if (sides == 0) return 1 << BIT_DEPTH - 1;
    int shift = findMSB(block.size) + sides - 1;
    return int(sums[component][team()]) + (1 << shift >> 1) >> shift;
}

// The position of a directional mode's sample in the edges: the middle of three neighbours (z 3), the first of two (z 2), or a
// single one (z 1).
ivec2 direction(uint mode, int size, int x, int y) {
    if (mode == MODE_V) return ivec2(1 + x, 1);
    if (mode == MODE_H) return ivec2(-1 - y, 1);
    if (mode == MODE_D45) return x + y + 2 < 2 * size ? ivec2(x + y + 2, 3) : ivec2(2 * size, 1);
    if (mode == MODE_D63) return (y & 1) == 0 ? ivec2(x + y / 2 + 1, 2) : ivec2(x + y / 2 + 2, 3);
    if (mode == MODE_D135) return ivec2(x - y, 3);
    if (mode == MODE_D117) {
        if (y > 2 * x) return ivec2(2 * x - y + 1, 3);
        return (y & 1) == 0 ? ivec2(x - y / 2, 2) : ivec2(x - y / 2, 3);
    }
    if (mode == MODE_D153) {
        if (x > 2 * y) return ivec2(x - 2 * y - 1, 3);
        return (x & 1) == 0 ? ivec2(x / 2 - y - 1, 2) : ivec2(x / 2 - y, 3);
    }
    return (x & 1) == 0 ? ivec2(-2 - y - x / 2, 2) : ivec2(-2 - y - x / 2, 3);  // D207
}

// Branchless: the average of three neighbours, of two (the outer ones) or of one (all are the same), or TM's gradient.
int predict_sample(IntraBlock block, uint mode, int x, int y, const uint component) {
    bool gradient = mode == MODE_TM;
    ivec2 at = direction(mode, block.size, x, y);
    int first = edge(component, gradient ? 1 + x : at.x - (at.y == 3 ? 1 : 0));
    int last = edge(component, gradient ? -1 - y : at.x + (at.y >= 2 ? 1 : 0));
    int middle = edge(component, gradient ? 0 : at.x), sum = first + last;
    int average = at.y == 2 ? sum + 1 >> 1 : sum + 2 * middle + 2 >> 2;
    return gradient ? clip_sample(sum - middle) : average;
}

// Reconstructs the word at this column and row of the block.
void reconstruct_word(IntraBlock block, uint mode, ivec2 averages, int x, int y, const bool chroma) {
    const int columns = chroma ? WORD_SAMPLES / 2 : WORD_SAMPLES;
    uint column = uint(block.x + x), row = uint(block.y + y), result = 0;
    uint recon_word = chroma ? recon_chroma_word(column, row) : recon_luma_word(column, row);
    uint residual_word = chroma ? residual_chroma_word(column, row) : residual_luma_word(column, row);
    uint residuals[WORD_SAMPLES / 2];
    [[unroll]] for (int i = 0; i < WORD_SAMPLES / 2; ++i) residuals[i] = 0;
    if ((block.word >> 30) != 0) {
        [[unroll]] for (int i = 0; i < WORD_SAMPLES / 2; ++i) {
            residuals[i] = chroma ? chroma_residual_words[residual_word + i] : luma_residual_words[residual_word + i];
        }
    }
    int values[WORD_SAMPLES];
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) values[i] = chroma && (i & 1) != 0 ? averages.y : averages.x;
    if (mode != MODE_DC) {
        [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
            values[i] = predict_sample(block, mode, x + (chroma ? i / 2 : i), y, chroma ? i & 1 : 0);
        }
    }
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int residual = (i & 1) == 0 ? low_number(residuals[i / 2]) : high_number(residuals[i / 2]);
        result |= place_sample(clip_sample(values[i] + residual), i);
    }
    recon_words[recon_word] = result;
}

void reconstruct_block(IntraBlock block, const bool chroma) {
    const int columns = chroma ? WORD_SAMPLES / 2 : WORD_SAMPLES;
    uint mode = intra_mode(block);
    int words = block.size / columns, log2_words = findMSB(words);
    ivec2 averages = ivec2(dc(block, 0), chroma ? dc(block, 1) : 0);
    [[dont_unroll]] for (int i = int(lane()); i < words * block.size; i += int(TEAM)) {
        int x = (i & words - 1) * columns, y = i >> log2_words;
        if (block.x + x < plane_width(chroma) && block.y + y < plane_height(chroma)) {
            reconstruct_word(block, mode, averages, x, y, chroma);
        }
    }
}

// Reconstructs a team's block of a list, starting at `index`. Must be called by the whole workgroup.
void reconstruct(uint index, uint end, const bool chroma) {
    bool exists = index < end;
    IntraBlock block = make_block(job_words[job.intra_words[chroma ? 1 : 0] + min(index, end - 1)]);
    clear_sums();
    barrier();
    if (exists) load_edges(block, chroma);
    barrier();
    if (exists) reconstruct_block(block, chroma);
    barrier();
}
