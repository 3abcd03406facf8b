// SPDX-License-Identifier: MIT
// Residuals: inverse transforms (7.13.3), added to the prediction in recon, or stored in scratch for the intra stage: all work
// that needs no neighbours is done here. job.transforms divides workgroups among sizes, of luma and then of chroma: sizes up to
// 16x16, or those with a side of 32 or 64 (RESIDUAL_LARGE). A component of a block has as many invocations as its longer side
// has samples: they transform rows, then columns, and then write the words. Reads the job, reads and writes recon, writes
// scratch, waits for nothing.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;

#define RECON_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "transform.glsl"

// The classes of job.transforms that this shader processes: among TX_SIZES sizes those with a side of 32 or 64 are large.
const uint TX_SIZES = 19, FIRST_LARGE = 3;
#if RESIDUAL_LARGE
const uint CLASSES = 10, SIZES[CLASSES] = uint[](3, 4, 9, 10, 11, 12, 15, 16, 17, 18);
#else
const uint CLASSES = 9, SIZES[CLASSES] = uint[](0, 1, 2, 5, 6, 7, 8, 13, 14);
#endif

const uint KEPT = 1u << 29;
const uint TYPE_WHT = 16;
const uint KIND_DCT = 0, KIND_ADST = 1, KIND_FLIPADST = 2, KIND_IDENTITY = 3;

// Tables of log2 of transform sizes, eight in a word.
uvec2 log2_tx_size(uint size) {
    uvec2 words = size < 8 ? uvec2(0x33265432, 0x42365432) : size < 16 ? uvec2(0x34265544, 0x52456453) : uvec2(0x645, 0x463);
    return words >> (size & 7) * 4 & 7;
}

// One component of a transform block.
struct Block {
    uint record, place;
    uvec2 log2_size;
    uint type;
    uint line;   // the one that this invocation transforms, if it exists
    uint first;  // its first row in `numbers`
};

uint column_kind(Block block) { return block.type == TYPE_WHT ? 4 : 0xedce6244 >> block.type * 2 & 3; }
uint row_kind(Block block) { return block.type == TYPE_WHT ? 4 : 0xb73da850 >> block.type * 2 & 3; }

#if RESIDUAL_LARGE
// 64 rows of 64 numbers; the place in a row is combined with the row, so that numbers of a column are in different banks. A block
// with sides of at most 32 uses half of each row.
shared int numbers[64 * 64];
const uint ROW = 64 | 1;
uint number_index(uint first, uint i, const bool columns) { return first ^ (columns ? i * ROW : i); }
uint line_start(Block block, const bool columns) { return block.first * ROW ^ (columns ? block.line : block.line * ROW); }
uint place_index(Block block, uint x, uint y) { return (block.first + y) * ROW ^ x; }
#else
// Rows of up to 16 numbers, four in a quad, padded by a quad so that a column's numbers are in different banks.
const uint ROW = 5;
shared ivec4 numbers[64 * ROW];
uint line_start(Block block, const bool columns) { return columns ? block.first * ROW + block.line / 4 : (block.first + block.line) * ROW; }
#endif

// The final shift of a line's numbers: Transform_Row_Shift for rows.
int line_shift(Block block, const bool columns) {
    return columns ? 4 : int(0x26650 >> (block.log2_size.x + block.log2_size.y - 4) * 2 & 3);
}

int rounded(int number, int shift) { return number + (1 << shift >> 1) >> shift; }

// ---- Lines: rows, then columns. Each kind of transform stores its own results: on V3D the results of divergent branches take
// registers in all of them. ----

// Returns `first`, but only once `number` is known, so that the compiler can neither keep addresses of loads for later use,
// which takes a register each, nor compute them earlier.
uint start_behind(uint first, int number) { return first | uint(number) & job.zero; }

#if RESIDUAL_LARGE
#include "large_transform.glsl"

void store_number(uint first, uint i, const bool columns, int shift, int number) {
    number = rounded(number, shift);
    numbers[number_index(first, i, columns)] = columns ? number : saturate(number, 32767);
}

#define DCT_LINE(SIZE)                                                                                            \
    void dct_line_##SIZE(Block block, const bool columns) {                                                       \
        uint first = line_start(block, columns);                                                                  \
        int t[SIZE];                                                                                              \
        [[unroll]] for (int i = 0; i < SIZE; ++i) t[i] = numbers[number_index(first, DCT_##SIZE[i], columns)];       \
        dct_##SIZE(t, largest(columns));                                                                          \
        int shift = line_shift(block, columns);                                                                   \
        first = start_behind(first, t[0]);                                                                        \
        [[unroll]] for (int i = 0; i < SIZE; ++i) store_number(first, i, columns, shift, t[i]);                   \
    }
DCT_LINE(8)
DCT_LINE(16)

void identity_line(Block block, const bool columns) {
    uint first = line_start(block, columns);
    uint log2_size = columns ? block.log2_size.y : block.log2_size.x;
    int shift = line_shift(block, columns);
    [[dont_unroll]] for (uint i = 0; i < 1 << log2_size; i += 4) {
        int t[4];
        [[unroll]] for (uint j = 0; j < 4; ++j) t[j] = numbers[number_index(first, i + j, columns)];
        [[unroll]] for (uint j = 0; j < 4; ++j) store_number(first, i + j, columns, shift, identity(t[j], int(log2_size)));
    }
}

// Lines of 32, 8 numbers at a time. Intermediate results are kept in a line that is unused meanwhile: for blocks with at most
// 32 columns the other half of the rows, for the columns of a 64x32 block the rows below.
uint waiting_line(Block block, uint first, const bool columns) {
    return first ^ (columns && block.log2_size.x == 6 ? 32 * ROW : 32);
}

void store_waiting(uint waiting, const int base, int t[8], const bool columns) {
    [[unroll]] for (int i = 0; i < 8; ++i) numbers[number_index(waiting, base + i, columns)] = t[i];
    memoryBarrierShared();
}

// T[i], T[7 - i], T[8 + i] and T[15 - i] of a line of 16, from its even half and its odd half, 8 numbers each, stored at
// `waiting`.
void load_quad(uint waiting, uint i, out int even[4], const bool columns, const int most) {
    even[0] = numbers[number_index(waiting, i, columns)];
    even[1] = numbers[number_index(waiting, 7 - i, columns)];
    even[2] = numbers[number_index(waiting, 8 + i, columns)];
    even[3] = numbers[number_index(waiting, 15 - i, columns)];
    add_and_subtract(even[0], even[3], most);
    add_and_subtract(even[1], even[2], most);
}

void dct_line_32(Block block, const bool columns) {
    const int most = largest(columns);
    uint first = line_start(block, columns), waiting = waiting_line(block, first, columns);
    int t[8];
    [[unroll]] for (int i = 0; i < 8; ++i) t[i] = numbers[number_index(first, DCT_8[i] * 4, columns)];
    dct_8(t, most);
    store_waiting(waiting, 0, t, columns);
    [[unroll]] for (int i = 0; i < 8; ++i) t[i] = numbers[number_index(first, DCT_16[8 + i] * 2, columns)];
    odd_8(t, most);
    store_waiting(waiting, 8, t, columns);
    [[unroll]] for (int i = 0; i < 8; ++i) t[i] = numbers[number_index(first, ODD_OUTER[i], columns)];
    odd_16_outer(t, most);
    store_waiting(waiting, 16, t, columns);
    [[unroll]] for (int i = 0; i < 8; ++i) t[i] = numbers[number_index(first, ODD_INNER[i], columns)];
    odd_16_inner(t, most);
    store_waiting(waiting, 24, t, columns);
    int shift = line_shift(block, columns);
    [[dont_unroll]] for (uint i = 0; i < 4; ++i) {
        int even[4];
        load_quad(waiting, i, even, columns, most);
        int a = numbers[number_index(waiting, 16 + i, columns)], b = numbers[number_index(waiting, 27 - i, columns)];
        int c = numbers[number_index(waiting, 28 + i, columns)], d = numbers[number_index(waiting, 23 - i, columns)];
        odd_32_last(a, b, c, d, most);
        add_and_subtract(even[0], d, most);
        add_and_subtract(even[1], c, most);
        add_and_subtract(even[2], b, most);
        add_and_subtract(even[3], a, most);
        store_number(first, i, columns, shift, even[0]);
        store_number(first, 7 - i, columns, shift, even[1]);
        store_number(first, 8 + i, columns, shift, even[2]);
        store_number(first, 15 - i, columns, shift, even[3]);
        store_number(first, 16 + i, columns, shift, a);
        store_number(first, 23 - i, columns, shift, b);
        store_number(first, 24 + i, columns, shift, c);
        store_number(first, 31 - i, columns, shift, d);
    }
}

// T[0..31] of lines of 64, of which only the first 32 numbers are coded. T[0..15] is itself a line of 16. T[i] and T[31 - i]
// are stored in the two places of their sum and difference, T[31 - i] in the odd one.
uint odd_place(uint i) { return (i & 1) != 0 ? i : 31 - i; }

void second_quarter_64(uint first, const bool columns) {
    int o[16];
    [[unroll]] for (int i = 0; i < 16; ++i)
        o[i] = DCT_32_ODD[i] < 16 ? numbers[number_index(first, DCT_32_ODD[i] * 2, columns)] : 0;
    odd_16(o, largest(columns));
    first = start_behind(first, o[0]);
    [[unroll]] for (int i = 0; i < 16; ++i) numbers[number_index(first, odd_place(15 - i), columns)] = o[i];
}

void first_quarter_64(uint first, const bool columns) {
    int t[16];
    [[unroll]] for (int i = 0; i < 16; ++i) t[i] = DCT_16[i] < 8 ? numbers[number_index(first, DCT_16[i] * 4, columns)] : 0;
    dct_16(t, largest(columns));
    first = start_behind(first, t[0]);
    [[unroll]] for (int i = 0; i < 16; ++i) numbers[number_index(first, 31 - odd_place(i), columns)] = t[i];
}

// T[32..63] are stored after the coded numbers.
void outer_odd_64(uint first, const bool columns) {
    int o[16];
    [[unroll]] for (int i = 0; i < 8; ++i) {
        o[2 * i] = numbers[number_index(first, ODD_OUTER[i], columns)];
        o[2 * i + 1] = 0;
    }
    odd_32_outer(o, largest(columns));
    first = start_behind(first, o[0]);
    [[unroll]] for (int i = 0; i < 8; ++i) {
        numbers[number_index(first, 32 + i, columns)] = o[i];
        numbers[number_index(first, 56 + i, columns)] = o[8 + i];
    }
}

void inner_odd_64(uint first, const bool columns) {
    int o[16];
    [[unroll]] for (int i = 0; i < 8; ++i) {
        o[2 * i] = numbers[number_index(first, ODD_INNER[i], columns)];
        o[2 * i + 1] = 0;
    }
    odd_32_inner(o, largest(columns));
    first = start_behind(first, o[0]);
    [[unroll]] for (int i = 0; i < 16; ++i) numbers[number_index(first, 40 + i, columns)] = o[i];
}

// `a` and `b` are T[i] and T[31 - i] before they are added; `odd` and `mirrored_odd` are then added to and subtracted from the
// results.
void finish_quad_64(uint first, uint i, int a, int b, int odd, int mirrored_odd, const bool columns, int shift) {
    const int most = largest(columns);
    add_and_subtract(a, b, most);
    add_and_subtract(a, odd, most);
    add_and_subtract(b, mirrored_odd, most);
    store_number(first, i, columns, shift, a);
    store_number(first, 63 - i, columns, shift, odd);
    store_number(first, 31 - i, columns, shift, b);
    store_number(first, 32 + i, columns, shift, mirrored_odd);
}

void dct_line_64(Block block, const bool columns) {
    uint first = line_start(block, columns);
    // Branches, all of which are taken, keep the compiler from interleaving the parts, for which V3D lacks registers.
    bool always = subgroupAny(first < 64 * ROW);
    if (always) outer_odd_64(first, columns);
    memoryBarrierShared();
    if (always) inner_odd_64(first, columns);
    memoryBarrierShared();
    if (always) second_quarter_64(first, columns);
    memoryBarrierShared();
    if (always) first_quarter_64(first, columns);
    memoryBarrierShared();
    int shift = line_shift(block, columns);
    [[dont_unroll]] for (uint i = 0; i < 8; ++i) {
        int a = numbers[number_index(first, 32 + i, columns)], b = numbers[number_index(first, 47 - i, columns)];
        int c = numbers[number_index(first, 48 + i, columns)], d = numbers[number_index(first, 63 - i, columns)];
        int e = numbers[number_index(first, 31 - odd_place(i), columns)], f = numbers[number_index(first, odd_place(i), columns)];
        int g = numbers[number_index(first, 31 - odd_place(15 - i), columns)], h = numbers[number_index(first, odd_place(15 - i), columns)];
        odd_32_last(a, b, c, d, largest(columns));
        finish_quad_64(first, i, e, f, d, a, columns, shift);
        finish_quad_64(first, 15 - i, g, h, c, b, columns, shift);
    }
}

// A subgroup's lines have one size, and belong to one block unless it has more than 32 invocations. So branches can depend on
// votes: compilers know these to be uniform, and need no registers for masks.
void transform_line(Block block, const bool columns) {
    uint kind = columns ? column_kind(block) : row_kind(block);
    uint log2_size = columns ? block.log2_size.y : block.log2_size.x;
    bool is_identity = kind == KIND_IDENTITY;
    if (gl_SubgroupSize > 32 ? is_identity : subgroupAny(is_identity)) {
        identity_line(block, columns);
    } else if (subgroupAny(log2_size == 3)) {
        dct_line_8(block, columns);
    } else if (subgroupAny(log2_size == 4)) {
        dct_line_16(block, columns);
    } else if (subgroupAny(log2_size == 5)) {
        dct_line_32(block, columns);
    } else {
        dct_line_64(block, columns);
    }
}
#else
// Lines are stored mirrored if the type flips them.
#define LINE(SIZE)                                                                                                \
    void load_line(Block block, out int line[SIZE], const bool columns) {                                         \
        uint first = line_start(block, columns);                                                                  \
        [[unroll]] for (int i = 0; i < SIZE; ++i) {                                                               \
            line[i] = columns ? numbers[first + i * ROW][block.line & 3] : numbers[first + i / 4][i & 3];         \
        }                                                                                                         \
    }                                                                                                             \
    void store_line(Block block, int line[SIZE], bool flips, const bool columns) {                                \
        int shift = line_shift(block, columns);                                                                   \
        block.first = start_behind(block.first, line[0]);                                                         \
        [[unroll]] for (int i = 0; i < SIZE; ++i) line[i] = rounded(line[i], shift);                              \
        if (columns) {                                                                                            \
            uint at = line_start(block, true) + (flips ? (SIZE - 1) * ROW : 0), step = flips ? -ROW : ROW;        \
            [[unroll]] for (int i = 0; i < SIZE; ++i) numbers[at + i * step][block.line & 3] = line[i];           \
        } else {                                                                                                  \
            uint at = line_start(block, false);                                                                   \
            [[unroll]] for (int i = 0; i < SIZE; i += 4) {                                                        \
                ivec4 four = ivec4(line[i], line[i + 1], line[i + 2], line[i + 3]);                               \
                const int j = SIZE - 1 - i;                                                                       \
                four = flips ? ivec4(line[j], line[j - 1], line[j - 2], line[j - 3]) : four;                      \
                numbers[at + i / 4] = clamp(four, -32768, 32767);                                                 \
            }                                                                                                     \
        }                                                                                                         \
    }
LINE(4)
LINE(8)
LINE(16)

#define DCT_LINE(SIZE)                                                                                            \
    void dct_line_##SIZE(Block block, const bool columns) {                                                       \
        int line[SIZE], t[SIZE];                                                                                  \
        load_line(block, line, columns);                                                                          \
        [[unroll]] for (int i = 0; i < SIZE; ++i) t[i] = line[DCT_##SIZE[i]];                                     \
        dct_##SIZE(t, largest(columns));                                                                          \
        store_line(block, t, false, columns);                                                                     \
    }
DCT_LINE(4)
DCT_LINE(8)
DCT_LINE(16)

void adst_line_4(Block block, bool flips, const bool columns) {
    int t[4];
    load_line(block, t, columns);
    adst_4(t);
    store_line(block, t, flips, columns);
}

#define ADST_LINE(SIZE)                                                                                           \
    void adst_line_##SIZE(Block block, bool flips, const bool columns) {                                          \
        int line[SIZE], t[SIZE];                                                                                  \
        load_line(block, line, columns);                                                                          \
        [[unroll]] for (int i = 0; i < SIZE; ++i) t[i] = line[ADST_##SIZE[i]];                                    \
        adst_##SIZE(t, largest(columns));                                                                         \
        [[unroll]] for (int i = 0; i < SIZE; ++i) {                                                               \
            int number = t[ADST_##SIZE##_RESULT[i]];                                                              \
            line[i] = (i & 1) != 0 ? -number : number;                                                            \
        }                                                                                                         \
        store_line(block, line, flips, columns);                                                                  \
    }
ADST_LINE(8)
ADST_LINE(16)

void identity_line(Block block, const bool columns) {
    uint first = line_start(block, columns), component = columns ? block.line & 3 : 0;
    uint log2_size = columns ? block.log2_size.y : block.log2_size.x;
    int shift = line_shift(block, columns);
    [[dont_unroll]] for (uint i = 0; i < 1 << log2_size; i += 4) {
        ivec4 t;
        if (columns) {
            [[unroll]] for (uint j = 0; j < 4; ++j) t[j] = numbers[first + j * ROW][component];
        } else {
            t = numbers[first];
        }
        [[unroll]] for (int j = 0; j < 4; ++j) t[j] = rounded(identity(t[j], int(log2_size)), shift);
        if (columns) {
            [[unroll]] for (uint j = 0; j < 4; ++j) numbers[first + j * ROW][component] = t[j];
        } else {
            numbers[first] = clamp(t, -32768, 32767);
        }
        first += columns ? 4 * ROW : 1;
    }
}

void wht_line(Block block, const bool columns) {
    int t[4];
    load_line(block, t, columns);
    inverse_wht(t, columns ? 0 : 2);
    uint first = line_start(block, columns);
    [[unroll]] for (int i = 0; i < 4; ++i) t[i] = saturate(t[i], 32767);
    if (columns) {
        [[unroll]] for (int i = 0; i < 4; ++i) numbers[first + i * ROW][block.line & 3] = t[i];
    } else {
        numbers[first] = ivec4(t[0], t[1], t[2], t[3]);
    }
}

// A size's blocks are sorted by type (job_writer.cpp): most subgroups have a single type.
#define TRANSFORM_LINE(SIZE)                                                        \
    void transform_line_##SIZE(Block block, uint kind, const bool columns) {        \
        if (kind == KIND_DCT) {                                                     \
            dct_line_##SIZE(block, columns);                                        \
        } else {                                                                    \
            adst_line_##SIZE(block, kind == KIND_FLIPADST, columns);                \
        }                                                                           \
    }
TRANSFORM_LINE(4)
TRANSFORM_LINE(8)
TRANSFORM_LINE(16)

void transform_line(Block block, const bool columns) {
    uint kind = columns ? column_kind(block) : row_kind(block);
    uint log2_size = columns ? block.log2_size.y : block.log2_size.x;
    if (kind == KIND_IDENTITY) {
        identity_line(block, columns);
    } else if (log2_size == 2) {
        if (kind > KIND_IDENTITY) {
            wht_line(block, columns);
        } else {
            transform_line_4(block, kind, columns);
        }
    } else if (log2_size == 3) {
        transform_line_8(block, kind, columns);
    } else {
        transform_line_16(block, kind, columns);
    }
}
#endif

// ---- Coefficients ----

#if RESIDUAL_LARGE
// Nothing is coded beyond 32 rows and columns.
void clear(Block block) {
    uint row = place_index(block, 0, block.line);
    if (block.line >= 1 << min(block.log2_size.y, 5)) return;
    [[dont_unroll]] for (uint x = 0; x < 1 << min(block.log2_size.x, 5); x += 4) {
        [[unroll]] for (uint i = 0; i < 4; ++i) numbers[number_index(row, x + i, false)] = 0;
    }
}

void set_number(Block block, uint x, uint y, int number) { numbers[place_index(block, x, y)] = number; }
#else
// Clears the invocation's row of numbers.
void clear() {
    [[unroll]] for (uint i = 0; i < 4; ++i) numbers[gl_LocalInvocationIndex * ROW + i] = ivec4(0);
}

void set_number(Block block, uint x, uint y, int number) { numbers[(block.first + y) * ROW + x / 4][x & 3] = number; }
#endif

void scatter(Block block, uint first, uint count, uint lines) {
    uint log2_columns = min(block.log2_size.x, 5);
    bool is_rectangle = (block.log2_size.x + block.log2_size.y & 1) != 0;
    // Four loads at a time; missing ones repeat the last.
    [[dont_unroll]] for (uint i = block.line; i < count; i += 4 * lines) {
        uint words[4];
        [[unroll]] for (uint j = 0; j < 4; ++j) words[j] = job_words[job.coefficients_word + first + min(i + j * lines, count - 1)];
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            uint position = words[j] & 0x3ff;
            int number = int(words[j]) >> 10;
            set_number(block, position & (1 << log2_columns) - 1, position >> log2_columns, is_rectangle ? round_12(number * 2896) : number);
        }
    }
}

// ---- Results ----

// The residuals of four columns in a row.
ivec4 residuals_at(Block block, uint x, uint y) {
#if RESIDUAL_LARGE
    ivec4 four;
    [[unroll]] for (uint i = 0; i < 4; ++i) four[i] = numbers[place_index(block, x + i, y)];
    return four;
#else
    return numbers[(block.first + y) * ROW + x / 4];
#endif
}

uint add_residuals(uint samples, int residuals[WORD_SAMPLES]) {
    uint result = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) result |= place_sample(clip_sample(sample_at(samples, i) + residuals[i]), i);
    return result;
}

// Writes the block's results, four columns of a row at a time, for luma twice that. This is the `lane`-th of `lanes`
// invocations; in chroma sizes are chroma's. `step` is the distance between the two components' first rows in `numbers`.
void finish(Block block, uint lane, uint lanes, uint step, const bool chroma) {
    const uint components = chroma ? 2 : 1, turns = chroma ? 1 : 2, words = 4 * components / WORD_SAMPLES;
    uvec2 corner = uvec2(bitfieldExtract(block.place, 0, 11), bitfieldExtract(block.place, 11, 11)) * 4;
    // Recon may be a surface, without room beyond the padded size.
    bool kept = (block.place & KEPT) != 0;
    uint width = (kept ? job.room_width : job.padded_width) >> (chroma ? 1 : 0);
    uint height = (kept ? job.room_height : job.padded_height) >> (chroma ? 1 : 0);
    uint log2_fours = block.log2_size.x - 2, end = 1 << log2_fours + block.log2_size.y;
    [[dont_unroll]] for (uint i = lane; i < end; i += turns * lanes) {
        int residuals[2][8];
        uvec2 at[2];
        bool wanted[2];
        [[unroll]] for (uint j = 0; j < turns; ++j) {
            uint four = min(i + j * lanes, end - 1), x = (four & (1 << log2_fours) - 1) * 4, y = four >> log2_fours;
            at[j] = corner + uvec2(x, y);
            wanted[j] = i + j * lanes < end && at[j].x < width && at[j].y < height;
            [[unroll]] for (uint c = 0; c < components; ++c) {
                ivec4 of_component = residuals_at(block, x, y + c * step);
                [[unroll]] for (uint k = 0; k < 4; ++k) residuals[j][k * components + c] = of_component[k];
            }
        }
        if (kept) {
            [[unroll]] for (uint j = 0; j < turns; ++j) {
                uint word = chroma ? job.residuals_words[1] + at[j].y * width + at[j].x : job.residuals_words[0] + (at[j].y * width + at[j].x) / 2;
                [[unroll]] for (uint k = 0; k < 2 * components; ++k) {
                    if (wanted[j]) scratch_words[word + k] = two_numbers(residuals[j][2 * k], residuals[j][2 * k + 1]);
                }
            }
        } else {
            uint first[2], samples[4];
            [[unroll]] for (uint j = 0; j < turns; ++j) {
                uvec2 from = wanted[j] ? at[j] : corner;
                first[j] = chroma ? chroma_word(job.recon, from.x, from.y) : luma_word(job.recon, from.x, from.y);
                [[unroll]] for (uint k = 0; k < words; ++k) samples[j * words + k] = recon_words[first[j] + k];
            }
            [[unroll]] for (uint j = 0; j < turns; ++j) {
                [[unroll]] for (uint k = 0; k < words; ++k) {
                    int added[WORD_SAMPLES];
                    [[unroll]] for (int l = 0; l < WORD_SAMPLES; ++l) added[l] = residuals[j][k * WORD_SAMPLES + l];
                    if (wanted[j]) recon_words[first[j] + k] = add_residuals(samples[j * words + k], added);
                }
            }
        }
    }
}

// An invocation's task: a record, and how many invocations share it.
struct Task {
    uint index;  // of the record
    bool exists, chroma;
    uint log2_lanes;
};

// An invocation's part of its record. For large sizes it is recomputed before each step, because it would take too many
// registers during a transform. `step` keeps the compiler from noticing that it is the same.
Block load_block(Task task, const uint step, out uvec4 record) {
    Block block;
    block.record = job.transforms_quad + task.index + (RESIDUAL_LARGE != 0 ? job.zero * step : 0);
    record = job_quads[block.record];
    block.place = record.x;
    block.log2_size = log2_tx_size(bitfieldExtract(record.x, 22, 5));
    block.type = record.z >> 22 & 31;
    uint log2_lines = task.log2_lanes - (task.chroma ? 1 : 0);
    block.line = gl_LocalInvocationIndex & (1 << log2_lines) - 1;
    block.first = gl_LocalInvocationIndex - block.line;
    return block;
}

Task find_task() {
    uint group = group_index(), c = 0;
#if RESIDUAL_LARGE
    group += job.transforms.groups[FIRST_LARGE];
    uint end = job.transforms.groups[TRANSFORM_CLASSES];
#else
    uint end = job.transforms.groups[FIRST_LARGE];
#endif
    // The last class that begins at or before this group: empty classes begin where the next one does.
    [[unroll]] for (uint i = 0; i < 2 * CLASSES; ++i) {
        const uint candidate = SIZES[i % CLASSES] + (i >= CLASSES ? TX_SIZES : 0);
        c = group >= job.transforms.groups[candidate] ? candidate : c;
    }
    Task task;
    task.chroma = c >= TX_SIZES;
    uvec2 log2_size = log2_tx_size(task.chroma ? c - TX_SIZES : c);
    task.log2_lanes = max(log2_size.x, log2_size.y) + (task.chroma ? 1 : 0);
    uint lane = (group - job.transforms.groups[c]) * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    task.index = job.transforms.first[c] + (lane >> task.log2_lanes);
    task.exists = group < end && task.index < job.transforms.end[c];
    task.index = min(task.index, job.transforms.end[c] - 1);
    return task;
}

void main() {
    Task task = find_task();
    uvec4 record;
    Block block = load_block(task, 0, record);
    bool is_second = task.chroma && (gl_LocalInvocationIndex >> task.log2_lanes - 1 & 1) != 0;
    uint count = is_second ? bitfieldExtract(record.z, 11, 11) : bitfieldExtract(record.z, 0, 11);
#if RESIDUAL_LARGE
    clear(block);
#else
    clear();
#endif
    barrier();
    scatter(block, is_second ? record.w : record.y, task.exists ? count : 0, 1 << task.log2_lanes - (task.chroma ? 1 : 0));
    barrier();
    block = load_block(task, 1, record);
    if (block.line < min(1 << block.log2_size.y, 32)) transform_line(block, false);
    barrier();
    block = load_block(task, 2, record);
    if (block.line < 1 << block.log2_size.x) transform_line(block, true);
    barrier();
    if (!task.exists) return;
    block = load_block(task, 3, record);
    uint lanes = 1 << task.log2_lanes, lane = gl_LocalInvocationIndex & lanes - 1;
    block.first = gl_LocalInvocationIndex - lane;
    if (task.chroma) {
        finish(block, lane, lanes, lanes / 2, true);
    } else {
        finish(block, lane, lanes, 0, false);
    }
}
