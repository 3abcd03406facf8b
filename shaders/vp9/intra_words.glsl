// SPDX-License-Identifier: MIT
// Intra prediction of transform blocks (VP9 8.5.1) and the rest of their reconstruction, one word to an invocation. A "piece"
// is the part of a block that a workgroup processes in one turn, at most MOST_PIECE words; its invocations load the block's
// edges together. An "element" is a sample of luma, or Cb in the low and Cr in the high half of a word.
#include "intra_record.glsl"

const uint MOST_PIECE = 64;

// log2 of the number of invocations for a 4x4 block.
uint log2_smallest(const bool chroma) { return (chroma ? 3 : 2) + (WORD_SAMPLES == 4 ? 0 : 1); }

// Four elements for each invocation, which its piece uses as one array: the left edge (topmost element last), the element above
// left, the edge above, and room for unwanted stores, because a store in a branch would be waited for. Then the sums of the
// pieces' edges. All this three times, for three turns: no barrier separates a turn's reads from the next turn's writes.
const uint TURN_WORDS = gl_WorkGroupSize.x * 4 + gl_WorkGroupSize.x / 4;
shared uint turn_words[3 * TURN_WORDS];

// ---- Modes ----

// How to compute a mode's prediction, in small signed numbers. Elements of the edges are counted from the one above left:
// positive ones are above, negative ones left. A sample in column x and row y is computed from the elements
//     middle = (x * x_slope + 1 >> 1) + (y * y_slope + 1 >> 1) + offset
//     first = middle + before, minus two in odd rows (columns) if odd_row (odd_column) is set
//     last = middle + after
// as (first + 2 * middle + last + 2) >> 2, which is the average of two if first == last. D117 and D153 change direction where x
// * x_turn + y * y_turn > 0. For TM first and last are the elements above and left of the sample.
struct Direction {
    int x_slope, y_slope, offset, before, after, odd_row, odd_column, x_turn, y_turn, turned, gradient;
};

uint pack_direction(const Direction d) {
    return (d.x_slope & 7) | (d.y_slope & 7) << 3 | (d.offset & 7) << 6 | (d.before & 3) << 9 | d.after << 11 | d.odd_row << 12 |
           d.odd_column << 13 | (d.x_turn & 7) << 14 | (d.y_turn & 7) << 17 | (d.turned & 3) << 20 | d.gradient << 22;
}

Direction unpack_direction(uint word) {
    int d = int(word);
    return Direction(bitfieldExtract(d, 0, 3), bitfieldExtract(d, 3, 3), bitfieldExtract(d, 6, 3), bitfieldExtract(d, 9, 2), d >> 11 & 1,
                     d >> 12 & 1, d >> 13 & 1, bitfieldExtract(d, 14, 3), bitfieldExtract(d, 17, 3), bitfieldExtract(d, 20, 2),
                     d >> 22 & 1);
}

shared uint directions[10];

void store_directions() {
    if (gl_LocalInvocationIndex != 0) return;
    directions[MODE_DC] = 0;
    directions[MODE_V] = pack_direction(Direction(2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
    directions[MODE_H] = pack_direction(Direction(0, -2, -1, 0, 0, 0, 0, 0, 0, 0, 0));
    directions[MODE_D45] = pack_direction(Direction(2, 2, 2, -1, 1, 0, 0, 0, 0, 0, 0));
    directions[MODE_D135] = pack_direction(Direction(2, -2, 0, -1, 1, 0, 0, 0, 0, 0, 0));
    directions[MODE_D117] = pack_direction(Direction(2, -1, 0, 1, 1, 1, 0, -2, 1, -1, 0));
    directions[MODE_D153] = pack_direction(Direction(1, -2, -1, 1, 1, 0, 1, 1, -2, 1, 0));
    directions[MODE_D207] = pack_direction(Direction(-1, -2, -2, 1, 1, 0, 1, 0, 0, 0, 0));
    directions[MODE_D63] = pack_direction(Direction(2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0));
    directions[MODE_TM] = pack_direction(Direction(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
}

// ---- Elements ----

uint ones(const bool chroma) { return chroma ? 0x00010001 : 1; }

uint element_at(uint word, const int i, const bool chroma) {
    if (!chroma) return uint(sample_at(word, i));
    return WORD_SAMPLES == 2 ? word >> 6 & 0x03ff03ff : (word >> 16 * i & 0xff) | (word >> 16 * i & 0xff00) << 8;
}

// An element's luma sample (0), Cb (0) or Cr (1).
int component_of(uint element, const int i, const bool chroma) {
    return chroma ? int(i == 0 ? element & 0xffff : element >> 16) : int(element);
}

// ---- A word ----

struct IntraWord {
    IntraBlock block;
    uint index;  // in the block
    uint lane;   // among the piece's invocations
    uint edges;  // index of the element above left in turn_words
    uint sum;    // index of the sum of the edges
    bool exists;
};

// The blocks of a level: the first one of each class, from 32x32 to 4x4, and the end.
struct LevelBlocks {
    uvec4 first;
    uint end;
};

LevelBlocks level_blocks(uint level, const uint plane) {
    uint quad = job.intra_levels_words[plane] / 4 + level;
    return LevelBlocks(job_quads[quad], job_quads[quad + 1].x);
}

// Where each class's invocations end in a level.
uvec4 level_lanes(LevelBlocks blocks, const bool chroma) {
    uvec4 lanes = uvec4(blocks.first.yzw, blocks.end) - blocks.first << log2_smallest(chroma) + uvec4(6, 4, 2, 0);
    lanes.y += lanes.x;
    lanes.z += lanes.y;
    lanes.w += lanes.z;
    return lanes;
}

// The block and word of a level's invocation `lane`. Invocations past the end get a 4x4 block at the last block's position, so
// that they have edges of their own.
IntraWord make_word(LevelBlocks blocks, uvec4 lanes, uint lane, uint turn, const bool chroma) {
    uint first = lane < lanes.x ? blocks.first.x : lane < lanes.y ? blocks.first.y : lane < lanes.z ? blocks.first.z : blocks.first.w;
    uint start = lane < lanes.x ? 0 : lane < lanes.y ? lanes.x : lane < lanes.z ? lanes.y : lanes.z;
    uint log2_words = log2_smallest(chroma) + (lane < lanes.x ? 6 : lane < lanes.y ? 4 : lane < lanes.z ? 2 : 0);
    IntraWord own;
    uint index = min(first + (lane - start >> log2_words), blocks.end - 1);
    own.exists = lane < lanes.w;
    uint record = job_words[job.intra_words[chroma ? 1 : 0] + index];
    own.block = make_block(own.exists ? record : bitfieldInsert(record, 0, 22, 2));
    own.index = lane - start & (1 << log2_words) - 1;
    own.lane = gl_LocalInvocationIndex & min(1 << log2_words, MOST_PIECE) - 1;
    uint piece = gl_LocalInvocationIndex - own.lane;
    own.edges = turn * TURN_WORDS + piece * 4 + uint(own.block.size);
    own.sum = turn * TURN_WORDS + gl_WorkGroupSize.x * 4 + piece / 4;
    return own;
}

// What an invocation loads before it waits for other ones.
struct Loaded {
    uint direction;
    uint residuals[WORD_SAMPLES / 2];
};

// The word's column and row in its block.
ivec2 word_position(IntraWord own, const bool chroma) {
    int words = own.block.size / word_columns(chroma);
    return ivec2(int(own.index & words - 1) * word_columns(chroma), own.index >> findMSB(words));
}

void load_residuals(IntraWord own, inout Loaded loaded, const bool chroma) {
    ivec2 at = word_position(own, chroma);
    uint x = uint(min(own.block.x + at.x, plane_width(chroma) - word_columns(chroma)));
    uint y = uint(min(own.block.y + at.y, plane_height(chroma) - 1));
    uint word = chroma ? residual_chroma_word(x, y) : residual_luma_word(x, y);
    [[unroll]] for (int i = 0; i < WORD_SAMPLES / 2; ++i) {
        uint two = chroma ? chroma_residual_words[word + i] : luma_residual_words[word + i];
        loaded.residuals[i] = is_coded(own.block) ? two : 0;
    }
}

// The last element above: the block's own, or for a 4x4 block four more if they are available.
int last_above(IntraBlock block) { return right_available(block) ? 8 : block.size; }

// Loads the invocation's part of the piece's edges (one element left of the block and one word above, the first of which is
// above left) and all else that it needs, so that all loads are in flight together.
Loaded load(IntraWord own, const bool chroma) {
    const int columns = word_columns(chroma), base = 1 << BIT_DEPTH - 1;
    IntraBlock block = own.block;
    int lane = int(own.lane), size = block.size;
    bool above = above_available(block), left = left_available(block);
    int left_x = max(block.x - 1, 0), left_y = min(block.y + lane, plane_height(chroma) - 1);
    int above_x = block.x + (lane - 1) * columns, last_x = plane_width(chroma) - columns;
    uint left_word = recon_words[recon_word_at(left_x, left_y, chroma)];
    uint above_word = recon_words[recon_word_at(clamp(above_x, 0, last_x), max(block.y - 1, 0), chroma)];
    Loaded loaded;
    loaded.direction = directions[intra_mode(block)];
    load_residuals(own, loaded, chroma);

    uint element = element_at(left_word >> (left_x & columns - 1) * (32 / columns), 0, chroma), sum = 0;
    element = left ? element : uint(base + 1) * ones(chroma);
    sum = left && lane < size ? element : 0;
    uint unwanted = own.edges + size + 5;
    turn_words[lane < size ? own.edges - 1 - lane : unwanted] = element;
    // Only the last element of the first word belongs to the edges.
    bool wanted = (lane - 1) * columns < last_above(block);
    uint above_edges = own.edges + 1 - columns + own.lane * columns;
    uint above_last = wanted ? above_edges + columns - 1 : unwanted;
    above_edges = wanted && lane > 0 ? above_edges : unwanted;
    [[unroll]] for (int i = 0; i < columns; ++i) {
        element = element_at(above_word >> (above_x > last_x ? columns - 1 : i) * (32 / columns), 0, chroma);
        element = above ? lane > 0 || left ? element : uint(base + 1) * ones(chroma) : uint(base - 1) * ones(chroma);
        sum += above && lane > 0 && lane * columns <= size ? element : 0;
        turn_words[i == columns - 1 ? above_last : above_edges + i] = element;
    }
    atomicAdd(turn_words[own.sum], sum);
    return loaded;
}

// The average of the available edges.
uint dc(IntraWord own, const bool chroma) {
    int sides = (above_available(own.block) ? 1 : 0) + (left_available(own.block) ? 1 : 0);
    int shift = findMSB(own.block.size) + sides - 1;
    uint average = turn_words[own.sum] + uint(1 << shift >> 1) * ones(chroma) >> shift & LARGEST * ones(chroma);
    return sides == 0 ? (1 << BIT_DEPTH - 1) * ones(chroma) : average;
}

// An element of the edges. Elements past the ends repeat the last one.
uint edge(IntraWord own, int i) { return turn_words[int(own.edges) + clamp(i, -own.block.size, last_above(own.block))]; }

uint gradient(uint first, uint middle, uint last, const bool chroma) {
    if (!chroma) return clip_sample(int(first + last - middle));
    int low = component_of(first, 0, true) + component_of(last, 0, true) - component_of(middle, 0, true);
    int high = component_of(first, 1, true) + component_of(last, 1, true) - component_of(middle, 1, true);
    return clip_sample(low) | clip_sample(high) << 16;
}

// Branchless, because loads in branches would be waited for one at a time.
void predict(IntraWord own, uint direction, ivec2 at, out uint elements[WORD_SAMPLES], const bool chroma) {
    const int columns = word_columns(chroma);
    Direction d = unpack_direction(direction);
    int x = at.x * d.x_slope + 1, y = (at.y * d.y_slope + 1 >> 1) + d.offset, turn = at.x * d.x_turn + at.y * d.y_turn;
    int before = d.before - 2 * (at.y & d.odd_row) + (d.gradient != 0 ? at.x + 1 : 0);
    int after = d.after - (d.gradient != 0 ? at.y + 1 : 0);
    uint average = dc(own, chroma);
    [[unroll]] for (int i = 0; i < columns; ++i) {
        bool turned = turn + i * d.x_turn > 0;
        int odd = columns == 1 ? at.x & 1 : i & 1;
        int middle_at = turned ? d.turned * (turn + i * d.x_turn - 1) : (x + i * d.x_slope >> 1) + y;
        int first_at = middle_at + (turned ? -1 : before - 2 * (odd & d.odd_column) + i * d.gradient);
        // D45's last sample.
        if (i == columns - 1) first_at = middle_at == 2 * own.block.size ? middle_at : first_at;
        uint first = edge(own, first_at), middle = edge(own, middle_at), last = edge(own, middle_at + after);
        uint blend = first + 2 * middle + last + 2 * ones(chroma) >> 2 & LARGEST * ones(chroma);
        elements[i] = d.gradient != 0 ? gradient(first, middle, last, chroma) : blend;
        elements[i] = intra_mode(own.block) == MODE_DC ? average : elements[i];
    }
}

void reconstruct_word(IntraWord own, Loaded loaded, const bool chroma) {
    ivec2 at = word_position(own, chroma);
    uint elements[WORD_SAMPLES], word = 0;
    predict(own, loaded.direction, at, elements, chroma);
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int residual = (i & 1) == 0 ? low_number(loaded.residuals[i / 2]) : high_number(loaded.residuals[i / 2]);
        int value = component_of(elements[chroma ? i / 2 : i], i & 1, chroma) + residual;
        word |= place_sample(clip_sample(value), i);
    }
    int column = own.block.x + at.x, row = own.block.y + at.y;
    if (own.exists && column < plane_width(chroma) && row < plane_height(chroma)) recon_words[recon_word_at(column, row, chroma)] = word;
}
