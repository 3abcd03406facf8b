// SPDX-License-Identifier: MIT
// Film grain synthesis (7.18.3.5), from the surface to the displayed picture. A workgroup processes a block of 32x32 luma
// samples, whose noise is a part of the templates, and the corresponding 16x16 pairs of chroma. If blocks overlap, the first
// columns and rows also have noise of the previous blocks. Reads the surface, writes the display picture; components without
// grain are copied.
//
// The data at job.film_grain_word, in words:
//   0     facts: apply Y, Cb, Cr | from luma << 3 | overlap << 4 | restricted range << 5 | identity matrix << 6 | scaling shift << 8
//         | words of a row of offsets << 16
//   1, 2  Cb and Cr: luma's multiplier & 0xffff | own multiplier << 16
//   3     their offsets: Cb & 0xffff | Cr << 16
//   4     scaling: 256 words of Y, of Cb, of Cr: a value | the next one << 8
//         templates of luma: 64 rows of 32 words, two samples each, starting at row 9 and column 9
//         of chroma: 32 rows of 32 words, Cb & 0xffff | Cr << 16, starting at row 6 and column 6
//         random offsets of all blocks, a byte each, row by row: x << 4 | y
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;
#define TARGET_ACCESS readonly
#include "job.glsl"
#include "samples.glsl"

layout(buffer_reference, std430, buffer_reference_align = 16) writeonly buffer Display { uint words[]; };

const uint SCALING = 4, LUMA_TEMPLATE = SCALING + 3 * 256, CHROMA_TEMPLATE = LUMA_TEMPLATE + 64 * 32;
const uint OFFSETS = CHROMA_TEMPLATE + 32 * 32;
const int GRAIN_CENTER = 128 << BIT_DEPTH - 8;

uint grain_word(uint i) { return job_words[job.film_grain_word + i]; }

bool fact(uint facts, uint bit) { return (facts >> bit & 1) != 0; }

// Round2
int rounded(int value, int bits) { return value + (1 << bits >> 1) >> bits; }

uint block_offset(uint facts, uint x, uint y) {
    return grain_word(OFFSETS + y * (facts >> 16) + (x >> 2)) >> (x & 3) * 8 & 0xff;
}

// A sample of a template, for a block with this offset.
int luma_grain(uint offset, uint x, uint y) {
    uint column = (offset >> 4) * 2 + x, word = grain_word(LUMA_TEMPLATE + ((offset & 15) * 2 + y) * 32 + (column >> 1));
    return (column & 1) == 0 ? low_number(word) : high_number(word);
}
int chroma_grain(uint offset, uint x, uint y, uint component) {
    uint word = grain_word(CHROMA_TEMPLATE + ((offset & 15) + y) * 32 + (offset >> 4) + x);
    return component == 0 ? low_number(word) : high_number(word);
}
int grain(uint offset, uint x, uint y, uint plane, uint component) {
    return plane == 0 ? luma_grain(offset, x, y) : chroma_grain(offset, x, y, component);
}

// Blends the previous block's noise with this block's, in column or row `i` of this block.
int blended(int old, int new, uint i, uint plane) {
    int old_weight = plane != 0 ? 23 : i == 0 ? 27 : 17, weight = plane != 0 ? 22 : i == 0 ? 17 : 27;
    return clamp(old * old_weight + new * weight + 16 >> 5, -GRAIN_CENTER, GRAIN_CENTER - 1);
}

// The offsets of a block and of its left, above and above left neighbours.
struct Offsets {
    uint own, left, above, corner;
};

// Noise with left overlap, for the block itself or the one above. `y` counts from that block's first row.
int stripe_noise(uint own, uint left, uint x, uint y, bool blends, uint plane, uint component) {
    int noise = grain(own, x, y, plane, component);
    return blends ? blended(grain(left, x + (32 >> plane), y, plane, component), noise, x, plane) : noise;
}

int block_noise(Offsets offsets, uint x, uint y, bool blends_left, bool blends_above, uint plane, uint component) {
    int noise = stripe_noise(offsets.own, offsets.left, x, y, blends_left, plane, component);
    if (subgroupAny(blends_above)) {
        int old = stripe_noise(offsets.above, offsets.corner, x, y + (32 >> plane), blends_left, plane, component);
        noise = blends_above ? blended(old, noise, y, plane) : noise;
    }
    return noise;
}

// scale_lut()
int scaling(uint component, int index) {
    uint word = grain_word(SCALING + component * 256 + uint(index >> BIT_DEPTH - 8));
    int start = int(word & 0xff), end = int(word >> 8 & 0xff), rem = index & (1 << BIT_DEPTH - 8) - 1;
    return BIT_DEPTH == 8 ? start : start + rounded((end - start) * rem, BIT_DEPTH - 8);
}

int with_noise(uint facts, uint component, int value, int index, int noise) {
    int scaled = rounded(scaling(component, index) * noise, int(facts >> 8 & 0xff));
    bool restricted = fact(facts, 5);
    int most = component == 0 || fact(facts, 6) ? 235 : 240;
    return clamp(value + scaled, restricted ? 16 << BIT_DEPTH - 8 : 0, restricted ? most << BIT_DEPTH - 8 : LARGEST);
}

// The value that selects chroma's scaling.
int chroma_index(uint facts, uint component, int average_luma, int value) {
    uint multipliers = grain_word(component), offsets = grain_word(3);
    int combined = average_luma * low_number(multipliers) + value * high_number(multipliers);
    int merged = clip_sample((combined >> 6) + (component == 1 ? low_number(offsets) : high_number(offsets)));
    return fact(facts, 3) ? average_luma : merged;
}

int luma_sample(uint x, uint y) {
    return sample_at(target_words[job.target.word + y * (job.target.pitch / 4) + x / WORD_SAMPLES], int(x % WORD_SAMPLES));
}
int average_luma(uint x, uint y) { return luma_sample(x * 2, y * 2) + luma_sample(min(x * 2 + 1, job.upscaled_width - 1), y * 2) + 1 >> 1; }

// Processes the words of a block in one plane. Must be called by the whole workgroup.
void add_grain(uint facts, Offsets offsets, uint plane, uint lane) {
    const uint row_words = 32 / WORD_SAMPLES;
    uint words = row_words * 32 >> plane, width = job.upscaled_width + plane >> plane, height = job.height + plane >> plane;
    uvec2 block = gl_WorkGroupID.xy;
    Display display = Display(job.display_address);
    uint from_plane = plane == 0 ? job.target.word : job.target.word + job.target.chroma_offset / 4;
    uint to_plane = plane == 0 ? 0 : job.display_chroma_offset / 4;
    [[dont_unroll]] for (uint i = lane; subgroupAny(i < words); i += 64) {
        uint word = i % row_words, y = i / row_words, picture_y = block.y * (32 >> plane) + y;
        uint column = block.x * row_words + word;
        bool exists = column * WORD_SAMPLES >> plane < width && picture_y < height;
        picture_y = exists ? picture_y : 0;
        column = exists ? column : 0;
        uint source = target_words[from_plane + picture_y * (job.target.pitch / 4) + column], result = 0;
        [[dont_unroll]] for (uint k = 0; k < WORD_SAMPLES; ++k) {
            uint x = word * WORD_SAMPLES + k >> plane, component = plane == 0 ? 0 : 1 + (k & 1), limit = 2 >> plane;
            bool overlap = fact(facts, 4), left = overlap && x < limit && block.x > 0, above = overlap && y < limit && block.y > 0;
            int value = sample_at(source, int(k)), index = value;
            int noise = block_noise(offsets, x, y, left, above, plane, k & 1);
            if (subgroupAny(plane != 0)) {
                uint picture_x = min(column * WORD_SAMPLES + k >> 1, width - 1);
                index = chroma_index(facts, component, average_luma(picture_x, picture_y), value);
            }
            int grained = with_noise(facts, component, value, index, noise);
            result |= place_sample(fact(facts, component) ? grained : value, int(k));
        }
        if (exists) display.words[to_plane + picture_y * (job.display_pitch / 4) + column] = result;
    }
}

void main() {
    uint facts = grain_word(0), lane = gl_LocalInvocationID.x;
    uvec2 block = gl_WorkGroupID.xy, before = max(block, uvec2(1)) - 1;
    Offsets offsets = Offsets(block_offset(facts, block.x, block.y), block_offset(facts, before.x, block.y),
                              block_offset(facts, block.x, before.y), block_offset(facts, before.x, before.y));
    add_grain(facts, offsets, 0, lane);
    add_grain(facts, offsets, 1, lane);
}
