#version 460
// Video processing: scales, crops, turns and converts an NV12 picture into another NV12 or RGB one.
//
// An invocation makes one word of the target: 4 luma samples, 2 pairs of Cb and Cr, or one sample of RGB. Workgroups
// are 32 words by 8 rows; of NV12 the rows of the second plane follow those of the first. Reads the source and the
// tables (src/video/filter_table.h), writes the target, waits for nobody.
#extension GL_GOOGLE_include_directive : require
#include "../h264/samples.glsl"

layout(local_size_x = 32, local_size_y = 8) in;

layout(set = 0, binding = 0, std430) readonly buffer Source { uint source_words[]; };
layout(set = 0, binding = 1, std430) readonly buffer Tables { uint table_words[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Target { uint target_words[]; };

// src/vulkan/video_stage.cpp says the same in C++.
layout(push_constant, std430) uniform Process {
    uint row_words, rows;  // of the target's first plane
    uvec2 region_begin, region_end;
    uint source_pitch, source_chroma_offset, target_pitch, target_chroma_offset;
    uint flags;
    // From source_x to chroma_y: first word << 8 | taps.
    uint luma_x, luma_y, chroma_at_luma_x, chroma_at_luma_y, chroma_x, chroma_y;
    int matrix[12];
    uint background, background_chroma;  // words of the target's planes
} process;

const uint TARGET_IS_RGB = 1;
const uint RED_FIRST = 2;
const uint TURNED = 4;        // the source's x runs along the target's y
const uint MIXES_CHROMA = 8;  // luma depends on chroma

const int WEIGHT_BITS = 14;
const int MATRIX_BITS = 13;
const int SAMPLE_BITS = 8;

// A sample's place in a table.
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

// Rows first, rounded to SAMPLE_BITS below the point; weights add up to one, and do so in absolute terms to less than
// 1.3, so that 32 bits hold both sums. Whatever the tables name is inside of the source: the CPU made sure.
int along_row(int sum) { return sum + (1 << (WEIGHT_BITS - SAMPLE_BITS - 1)) >> WEIGHT_BITS - SAMPLE_BITS; }
int finished(int sum) {
    return clamp(sum + (1 << (WEIGHT_BITS - 1)) >> WEIGHT_BITS, 0, 255 << SAMPLE_BITS);
}

int filtered_luma(Taps x, Taps y) {
    int sum = 0;
    for (uint j = 0; j < y.count; ++j) {
        const uint row = (y.first + j) * process.source_pitch + x.first;
        int row_sum = 0;
        for (uint i = 0; i < x.count; ++i) {
            const uint at = row + i;
            row_sum += weight(x, i) * int(source_words[at >> 2] >> (at & 3) * 8 & 0xff);
        }
        sum += weight(y, j) * along_row(row_sum);
    }
    return finished(sum);
}

ivec2 filtered_chroma(Taps x, Taps y) {
    ivec2 sum = ivec2(0);
    for (uint j = 0; j < y.count; ++j) {
        const uint row = process.source_chroma_offset + (y.first + j) * process.source_pitch + x.first * 2;
        ivec2 row_sum = ivec2(0);
        for (uint i = 0; i < x.count; ++i) {
            const uint at = row + i * 2;
            const uint pair = source_words[at >> 2] >> (at & 2) * 8;
            row_sum += weight(x, i) * ivec2(pair & 0xff, pair >> 8 & 0xff);
        }
        sum += weight(y, j) * ivec2(along_row(row_sum.x), along_row(row_sum.y));
    }
    return ivec2(finished(sum.x), finished(sum.y));
}

uint converted(int row, int luma, ivec2 chroma) {
    const int at = row * 4;
    return clip1(process.matrix[at] * luma + process.matrix[at + 1] * chroma.x + process.matrix[at + 2] * chroma.y +
                     process.matrix[at + 3] >> MATRIX_BITS + SAMPLE_BITS);
}

// Of a sample of the region, where source x and source y lead.
uvec2 turned(uvec2 index) { return (process.flags & TURNED) != 0 ? index.yx : index; }

ivec2 chroma_at_luma(uvec2 index) {
    return filtered_chroma(taps_of(process.chroma_at_luma_x, index.x), taps_of(process.chroma_at_luma_y, index.y));
}

int luma_at(uvec2 index) {
    return filtered_luma(taps_of(process.luma_x, index.x), taps_of(process.luma_y, index.y));
}

bool in_region(uvec2 at) {
    return all(greaterThanEqual(at, process.region_begin)) && all(lessThan(at, process.region_end));
}

uint rgb_sample(uvec2 at) {
    if (!in_region(at)) return process.background;
    const uvec2 index = turned(at - process.region_begin);
    const int luma = luma_at(index);
    const ivec2 chroma = chroma_at_luma(index);
    const uint red = converted(0, luma, chroma), green = converted(1, luma, chroma),
               blue = converted(2, luma, chroma);
    return (process.flags & RED_FIRST) != 0 ? make_word(red, green, blue, 255) : make_word(blue, green, red, 255);
}

uint luma_sample(uvec2 at) {
    if (!in_region(at)) return process.background & 0xff;
    const uvec2 index = turned(at - process.region_begin);
    const ivec2 chroma = (process.flags & MIXES_CHROMA) != 0 ? chroma_at_luma(index) : ivec2(0);
    return converted(0, luma_at(index), chroma);
}

// In the region are the pairs whose first luma sample is.
uint chroma_pair(uvec2 at) {
    if (!in_region(2 * at)) return process.background_chroma & 0xffff;
    const uvec2 index = turned(at - (process.region_begin + 1) / 2);
    const ivec2 chroma = filtered_chroma(taps_of(process.chroma_x, index.x), taps_of(process.chroma_y, index.y));
    return converted(1, 0, chroma) | converted(2, 0, chroma) << 8;
}

void main() {
    const uvec2 word = gl_GlobalInvocationID.xy;
    if (word.x >= process.row_words) return;
    if ((process.flags & TARGET_IS_RGB) != 0) {
        if (word.y < process.rows) target_words[word.y * (process.target_pitch / 4) + word.x] = rgb_sample(word);
    } else if (word.y < process.rows) {
        uint samples = 0;
        for (uint i = 0; i < 4; ++i) samples |= luma_sample(uvec2(word.x * 4 + i, word.y)) << i * 8;
        target_words[word.y * (process.target_pitch / 4) + word.x] = samples;
    } else if (word.y < process.rows + (process.rows + 1) / 2) {
        const uint row = word.y - process.rows;
        uint pairs = 0;
        for (uint i = 0; i < 2; ++i) pairs |= chroma_pair(uvec2(word.x * 2 + i, row)) << i * 16;
        target_words[process.target_chroma_offset / 4 + row * (process.target_pitch / 4) + word.x] = pairs;
    }
}
