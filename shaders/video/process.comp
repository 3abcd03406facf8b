// SPDX-License-Identifier: MIT
#version 460
// Video processing: scales, crops, rotates and converts a YUV picture, or one field of a frame, to another YUV or RGB picture.
//
// An invocation computes 4 adjacent samples: luma (one word; P010 two), pairs of Cb and Cr (two words; P010 four; I420 one in
// each plane), or RGB (four words). Workgroups are 32 such groups by 8 rows; rows of chroma follow those of luma. Reads the
// source and the tables (src/video/filter_table.h), writes the target, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "../h264/samples.glsl"

layout(local_size_x = 32, local_size_y = 8) in;

// Picture layouts. Each pair of them has a pipeline. Matches Kind in src/video/plan.h.
const uint NV12 = 0;
const uint P010 = 1;
const uint I420 = 2;
const uint YUY2 = 3;
const uint UYVY = 4;
layout(constant_id = 0) const uint SOURCE = NV12;
layout(constant_id = 1) const uint TARGET = NV12;  // or RGB, P010, I420

layout(set = 0, binding = 0, std430) readonly buffer Source { uint source_words[]; };
layout(set = 0, binding = 1, std430) readonly buffer Tables { uint table_words[]; };
layout(set = 0, binding = 1, std430) readonly buffer ShortTables { uvec2 short_table_entries[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Target { uint target_words[]; };
layout(set = 0, binding = 2, std430) writeonly buffer TargetPairs { uvec2 target_pairs[]; };
layout(set = 0, binding = 2, std430) writeonly buffer TargetQuads { uvec4 target_quads[]; };

// Matches src/video/plan.h.
layout(push_constant, std430) uniform Process {
    uint width, rows;  // of the target's first plane
    uvec2 region_begin, region_end;
    uint source_pitch, source_chroma_offset, target_pitch, target_chroma_offset;
    uint flags;
    // source_x to chroma_y: first word << 8 | taps.
    uint luma_x, luma_y, chroma_at_luma_x, chroma_at_luma_y, chroma_x, chroma_y;
    int matrix[12];
    uint background, background_chroma;  // a word of RGB or luma; a pair in write_chroma()'s form
} process;

const uint TARGET_IS_RGB = 1;
const uint RED_FIRST = 2;
const uint TURNED = 4;        // the source's x runs along the target's y
const uint MIXES_CHROMA = 8;  // the first plane's contents depend on chroma
const uint NEAR = 16;         // see Neighbours
const uint ONE_FIELD = 32;    // every second row of the source is read

// The tables' first words hold the offsets of the Cr planes instead.
const uint SOURCE_CR_OFFSET = 0;
const uint TARGET_CR_OFFSET = 1;

const int WEIGHT_BITS = 14;
const int MATRIX_BITS = 13;
const int SAMPLE_BITS = 8;  // fractional bits of 8-bit samples

// Fractional bits in the 10-bit formats.
const int SOURCE_FRACTION = SOURCE == P010 ? 2 : 0;
const int TARGET_FRACTION = TARGET == P010 ? 2 : 0;
const int SOURCE_MAX = (256 << SOURCE_FRACTION) - 1 << SAMPLE_BITS - SOURCE_FRACTION;
const int TARGET_MAX = (256 << TARGET_FRACTION) - 1;

// Bytes between samples of a plane.
const uint LUMA_STEP = SOURCE == NV12 || SOURCE == I420 ? 1 : 2;
const uint CHROMA_STEP = SOURCE == NV12 ? 2 : SOURCE == I420 ? 1 : 4;
const uint FIRST_LUMA = SOURCE == UYVY ? 1 : 0;

// 4 samples.
struct Chroma {
    ivec4 cb, cr;
};

// A sample's position in a table.
struct Taps {
    uint first;    // source sample
    uint count;
    uint weights;  // word
};

Taps taps_of(uint table, uint index) {
    const uint count = table & 0xff, word = (table >> 8) + index * (1 + (count + 1) / 2);
    return Taps(table_words[word], count, word + 1);
}

int weight(Taps taps, uint tap) {
    const uint pair = table_words[taps.weights + tap / 2];
    return (tap & 1) == 0 ? low_number(pair) : high_number(pair);
}

// Sums rows first and rounds to SAMPLE_BITS fractional bits. The weights add up to one, and their absolute values to less than
// 1.3, so both sums fit in 32 bits. The CPU has checked that all samples in the tables are inside the source.
const int ROW_BITS = WEIGHT_BITS - SAMPLE_BITS + SOURCE_FRACTION;
int along_row(int sum) { return sum + (1 << (ROW_BITS - 1)) >> ROW_BITS; }
ivec4 finished(ivec4 sum) { return clamp(sum + (1 << (WEIGHT_BITS - 1)) >> WEIGHT_BITS, 0, SOURCE_MAX); }

int byte_at(uint at) { return int(source_words[at >> 2] >> (at & 3) * 8 & 0xff); }

int luma_at(uint at) {
    if (SOURCE == P010) return int(source_words[at >> 2] >> (at & 2) * 8 + 6 & 0x3ff);
    return byte_at(at);
}

// The pair in a word, or in a part of one.
ivec2 pair_in(uint word) {
    if (SOURCE == P010) return ivec2(word >> 6 & 0x3ff, word >> 22);
    if (SOURCE == YUY2) return ivec2(word >> 8 & 0xff, word >> 24);
    return ivec2(word & 0xff, word >> 16 & 0xff);
}

uint chroma_row(uint y) {
    if (SOURCE == I420) return y * (process.source_pitch / 2);
    return (SOURCE == YUY2 || SOURCE == UYVY ? 0 : process.source_chroma_offset) + y * process.source_pitch;
}

// For I420 `at` counts from the start of each plane.
ivec2 chroma_at(uint at) {
    if (SOURCE == NV12) {
        const uint pair = source_words[at >> 2] >> (at & 2) * 8;
        return ivec2(pair & 0xff, pair >> 8 & 0xff);
    }
    if (SOURCE == I420)
        return ivec2(byte_at(process.source_chroma_offset + at), byte_at(table_words[SOURCE_CR_OFFSET] + at));
    return pair_in(source_words[at >> 2]);
}

uint row_step() { return (process.flags & ONE_FIELD) != 0 ? 2 : 1; }

// Weighted sums for one sample with any tables, two taps at a time: a missing second tap has weight zero.
int luma_sum(Taps x, Taps y) {
    int sum = 0;
    for (uint j = 0; j < y.count; ++j) {
        const uint row = (y.first + j * row_step()) * process.source_pitch + x.first * LUMA_STEP + FIRST_LUMA;
        int row_sum = 0;
        for (uint i = 0; i < x.count; i += 2) {
            const uint weights = table_words[x.weights + i / 2];
            row_sum += low_number(weights) * luma_at(row + i * LUMA_STEP) +
                       high_number(weights) * luma_at(row + min(i + 1, x.count - 1) * LUMA_STEP);
        }
        sum += weight(y, j) * along_row(row_sum);
    }
    return sum;
}

ivec2 chroma_sums(Taps x, Taps y) {
    ivec2 sum = ivec2(0);
    for (uint j = 0; j < y.count; ++j) {
        const uint row = chroma_row(y.first + j * row_step()) + x.first * CHROMA_STEP;
        ivec2 row_sum = ivec2(0);
        for (uint i = 0; i < x.count; i += 2) {
            const uint weights = table_words[x.weights + i / 2];
            row_sum += low_number(weights) * chroma_at(row + i * CHROMA_STEP) +
                       high_number(weights) * chroma_at(row + min(i + 1, x.count - 1) * CHROMA_STEP);
        }
        sum += weight(y, j) * ivec2(along_row(row_sum.x), along_row(row_sum.y));
    }
    return sum;
}

// The indices in the source's x and y tables for a position in the target.
uvec2 turned(uvec2 index) { return (process.flags & TURNED) != 0 ? index.yx : index; }

ivec4 far_luma(uvec4 columns, uint row) {
    ivec4 sums;
    for (int i = 0; i < 4; ++i) {
        const uvec2 index = turned(uvec2(columns[i], row));
        sums[i] = luma_sum(taps_of(process.luma_x, index.x), taps_of(process.luma_y, index.y));
    }
    return finished(sums);
}

Chroma far_chroma(uint table_x, uint table_y, uvec4 columns, uint row) {
    Chroma sums;
    for (int i = 0; i < 4; ++i) {
        const uvec2 index = turned(uvec2(columns[i], row));
        const ivec2 pair = chroma_sums(taps_of(table_x, index.x), taps_of(table_y, index.y));
        sums.cb[i] = pair.x;
        sums.cr[i] = pair.y;
    }
    return Chroma(finished(sums.cb), finished(sums.cr));
}

// Pictures that do not become narrower are NEAR: each sample depends on at most two samples of a row, and 4 adjacent ones on at
// most 5 adjacent ones. At any alignment these are in two words if they are bytes, in three if they are two bytes each, in five
// if they are words.
struct Neighbours {
    uint first_word;  // in the row
    uvec4 at;         // byte offsets from there, 0 to 6 or 8; for words 0 to 16
    ivec4 weight;     // of the second sample
};

Neighbours neighbours_of(uint table, uvec4 columns, uint sample_bytes) {
    Neighbours result;
    uvec4 first;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        const uvec2 entry = short_table_entries[(table >> 9) + columns[i]];
        first[i] = entry.x * sample_bytes;
        result.weight[i] = high_number(entry.y);
    }
    result.first_word = min(first.x, first.w) / 4;
    result.at = first - result.first_word * 4;
    return result;
}

// Samples past the row's end have weight zero.
uint word_of_row(uint row_word, uint word) { return source_words[row_word + min(word, process.source_pitch / 4 - 1)]; }

uint bytes_from(uint at, uint word, uint next, uint last) {
    const uint low = at < 4 ? word : at < 8 ? next : last, high = at < 4 ? next : last;
    return window(low, high, (at & 3) * 8);
}

// The weights add up to one.
int between(uint a, uint b, int weight_of_b) {
    return int(a << SAMPLE_BITS - SOURCE_FRACTION) + along_row(weight_of_b * (int(b) - int(a)));
}

// Two adjacent luma samples.
uvec2 lumas_in(uint bytes) {
    if (SOURCE == P010) return uvec2(bytes >> 6 & 0x3ff, bytes >> 22);
    if (SOURCE == YUY2) return uvec2(bytes & 0xff, bytes >> 16 & 0xff);
    if (SOURCE == UYVY) return uvec2(bytes >> 8 & 0xff, bytes >> 24);
    return uvec2(bytes & 0xff, bytes >> 8 & 0xff);
}

ivec4 near_luma(uvec4 columns, uint row) {
    const Neighbours x = neighbours_of(process.luma_x, columns, LUMA_STEP);
    const Taps y = taps_of(process.luma_y, row);
    ivec4 sums = ivec4(0);
    for (uint j = 0; j < y.count; ++j) {
        const uint row_word = (y.first + j * row_step()) * (process.source_pitch / 4);
        const uint word = word_of_row(row_word, x.first_word), next = word_of_row(row_word, x.first_word + 1);
        const uint last = LUMA_STEP == 1 ? next : word_of_row(row_word, x.first_word + 2);
        const int factor = weight(y, j);
        [[unroll]] for (int i = 0; i < 4; ++i) {
            const uvec2 two = lumas_in(bytes_from(x.at[i], word, next, last));
            sums[i] += factor * between(two.x, two.y, x.weight[i]);
        }
    }
    return finished(sums);
}

// For one of I420's planes.
ivec4 near_chroma_plane(uint offset, uint table_x, uint table_y, uvec4 columns, uint row) {
    const Neighbours x = neighbours_of(table_x, columns, 1);
    const Taps y = taps_of(table_y, row);
    const uint pitch_words = process.source_pitch / 8;
    ivec4 sums = ivec4(0);
    for (uint j = 0; j < y.count; ++j) {
        const uint row_word = offset / 4 + (y.first + j * row_step()) * pitch_words;
        const uint word = source_words[row_word + x.first_word],
                   next = source_words[row_word + min(x.first_word + 1, pitch_words - 1)];
        const int factor = weight(y, j);
        [[unroll]] for (int i = 0; i < 4; ++i) {
            const uint bytes = bytes_from(x.at[i], word, next, next);
            sums[i] += factor * between(bytes & 0xff, bytes >> 8 & 0xff, x.weight[i]);
        }
    }
    return finished(sums);
}

// For layouts with a word for each pair.
Chroma near_chroma_words(uint table_x, uint table_y, uvec4 columns, uint row) {
    const Neighbours x = neighbours_of(table_x, columns, 4);
    const Taps y = taps_of(table_y, row);
    Chroma sums = Chroma(ivec4(0), ivec4(0));
    for (uint j = 0; j < y.count; ++j) {
        const uint row_word = chroma_row(y.first + j * row_step()) / 4;
        const int factor = weight(y, j);
        [[unroll]] for (int i = 0; i < 4; ++i) {
            const uint at = x.first_word + x.at[i] / 4;
            const ivec2 a = pair_in(source_words[row_word + at]), b = pair_in(word_of_row(row_word, at + 1));
            sums.cb[i] += factor * between(a.x, b.x, x.weight[i]);
            sums.cr[i] += factor * between(a.y, b.y, x.weight[i]);
        }
    }
    return Chroma(finished(sums.cb), finished(sums.cr));
}

Chroma near_chroma_pairs(uint table_x, uint table_y, uvec4 columns, uint row) {
    const Neighbours x = neighbours_of(table_x, columns, 2);
    const Taps y = taps_of(table_y, row);
    Chroma sums = Chroma(ivec4(0), ivec4(0));
    for (uint j = 0; j < y.count; ++j) {
        const uint row_word = process.source_chroma_offset / 4 + (y.first + j * row_step()) * (process.source_pitch / 4);
        const uint word = word_of_row(row_word, x.first_word), next = word_of_row(row_word, x.first_word + 1),
                   last = word_of_row(row_word, x.first_word + 2);
        const int factor = weight(y, j);
        [[unroll]] for (int i = 0; i < 4; ++i) {
            const uint bytes = bytes_from(x.at[i], word, next, last);
            sums.cb[i] += factor * between(bytes & 0xff, bytes >> 16 & 0xff, x.weight[i]);
            sums.cr[i] += factor * between(bytes >> 8 & 0xff, bytes >> 24, x.weight[i]);
        }
    }
    return Chroma(finished(sums.cb), finished(sums.cr));
}

Chroma near_chroma(uint table_x, uint table_y, uvec4 columns, uint row) {
    if (SOURCE == NV12) return near_chroma_pairs(table_x, table_y, columns, row);
    if (SOURCE == I420)
        return Chroma(near_chroma_plane(process.source_chroma_offset, table_x, table_y, columns, row),
                      near_chroma_plane(table_words[SOURCE_CR_OFFSET], table_x, table_y, columns, row));
    return near_chroma_words(table_x, table_y, columns, row);
}

ivec4 filtered_luma(uvec4 columns, uint row) {
    return (process.flags & NEAR) != 0 ? near_luma(columns, row) : far_luma(columns, row);
}

Chroma filtered_chroma(uint table_x, uint table_y, uvec4 columns, uint row) {
    return (process.flags & NEAR) != 0 ? near_chroma(table_x, table_y, columns, row)
                                       : far_chroma(table_x, table_y, columns, row);
}

uint converted(int row, int luma, int cb, int cr) {
    const int at = row * 4;
    const int sum =
        process.matrix[at] * luma + process.matrix[at + 1] * cb + process.matrix[at + 2] * cr + process.matrix[at + 3];
    return uint(clamp(sum >> MATRIX_BITS + SAMPLE_BITS - TARGET_FRACTION, 0, TARGET_MAX));
}

// Which of 4 samples are in the target's region, for columns and rows of `scale` luma samples, and each sample's position in
// the region, clamped to it.
struct Place {
    bvec4 inside;
    uvec4 columns;
    uint row;
};

Place place_of(uvec2 at, uint scale) {
    const uvec2 begin = (process.region_begin + scale - 1) / scale;
    const uvec2 end = (process.region_end + scale - 1) / scale;
    const uvec4 columns = at.x + uvec4(0, 1, 2, 3);
    const bool row_inside = at.y >= begin.y && at.y < end.y;
    Place place;
    [[unroll]] for (int i = 0; i < 4; ++i) place.inside[i] = row_inside && columns[i] >= begin.x && columns[i] < end.x;
    place.columns = clamp(columns, begin.x, max(end.x, 1) - 1) - begin.x;
    place.row = at.y - begin.y;
    return place;
}

// Writes those of 4 adjacent words that are before the end of their row.
void write_words(uint row, uint at, uint end, uvec4 words) {
    if (at + 4 <= end) {
        target_quads[(row + at) / 4] = words;
        return;
    }
    [[unroll]] for (int i = 0; i < 3; ++i) {
        if (at + i < end) target_words[row + at + i] = words[i];
    }
}

void write_luma(uvec2 at, uvec4 samples) {
    const uint row = at.y * process.target_pitch;
    if (TARGET == P010)
        target_pairs[(row + at.x * 2) / 8] = samples.xz << 6 | samples.yw << 22;
    else
        target_words[(row + at.x) / 4] = make_word(samples.x, samples.y, samples.z, samples.w);
}

void make_first_plane(uvec2 at) {
    const Place place = place_of(at, 1);
    const bool rgb = TARGET == NV12 && (process.flags & TARGET_IS_RGB) != 0;
    uvec4 samples = uvec4(process.background);
    if (any(place.inside)) {
        const ivec4 luma = filtered_luma(place.columns, place.row);
        Chroma chroma = Chroma(ivec4(0), ivec4(0));
        if ((process.flags & MIXES_CHROMA) != 0)
            chroma = filtered_chroma(process.chroma_at_luma_x, process.chroma_at_luma_y, place.columns, place.row);
        [[unroll]] for (int i = 0; i < 4; ++i) {
            if (!place.inside[i]) continue;
            samples[i] = converted(0, luma[i], chroma.cb[i], chroma.cr[i]);
            if (!rgb) continue;
            const uint red = samples[i], green = converted(1, luma[i], chroma.cb[i], chroma.cr[i]),
                       blue = converted(2, luma[i], chroma.cb[i], chroma.cr[i]);
            samples[i] = (process.flags & RED_FIRST) != 0 ? make_word(red, green, blue, 255)
                                                          : make_word(blue, green, red, 255);
        }
    }
    if (rgb)
        write_words(at.y * (process.target_pitch / 4), at.x, process.width, samples);
    else
        write_luma(at, samples);
}

// Cb in the low half and Cr in the high one, except for NV12, which has them in its own byte order.
void write_chroma(uvec2 at, uvec4 pairs) {
    if (TARGET == P010) {
        const uint row = process.target_chroma_offset / 4 + at.y * (process.target_pitch / 4);
        write_words(row, at.x, (process.width + 1) / 2, pairs << 6);
    } else if (TARGET == I420) {
        const uint row_at = at.y * (process.target_pitch / 2) + at.x;
        const uvec4 cb = pairs & 0xff, cr = pairs >> 16;
        target_words[(process.target_chroma_offset + row_at) / 4] = make_word(cb.x, cb.y, cb.z, cb.w);
        target_words[(table_words[TARGET_CR_OFFSET] + row_at) / 4] = make_word(cr.x, cr.y, cr.z, cr.w);
    } else {
        const uint first = (process.target_chroma_offset + at.y * process.target_pitch + at.x * 2) / 4;
        target_words[first] = pairs.x | pairs.y << 16;
        if (2 * (at.x + 2) < process.width) target_words[first + 1] = pairs.z | pairs.w << 16;
    }
}

// A pair is in the region if its first luma sample is.
void make_chroma(uvec2 at) {
    const Place place = place_of(at, 2);
    // From Cb to Cr.
    const int distance = TARGET == NV12 ? 8 : 16;
    uvec4 pairs = uvec4(process.background_chroma);
    if (any(place.inside)) {
        const Chroma chroma = filtered_chroma(process.chroma_x, process.chroma_y, place.columns, place.row);
        [[unroll]] for (int i = 0; i < 4; ++i) {
            if (place.inside[i])
                pairs[i] = converted(1, 0, chroma.cb[i], chroma.cr[i]) |
                           converted(2, 0, chroma.cb[i], chroma.cr[i]) << distance;
        }
    }
    write_chroma(at, pairs);
}

void main() {
    const uvec2 at = gl_GlobalInvocationID.xy * uvec2(4, 1);
    if (at.y < process.rows) {
        if (at.x < process.width) make_first_plane(at);
    } else if (2 * at.x < process.width && 2 * (at.y - process.rows) < process.rows) {
        if (TARGET != NV12 || (process.flags & TARGET_IS_RGB) == 0) make_chroma(uvec2(at.x, at.y - process.rows));
    }
}
