// SPDX-License-Identifier: MIT
#version 460
// Predicts blocks from references of another size than the picture's (VP9 8.5.2.3). With n workgroups for luma, as
// job.scaled.groups divides them among classes of blocks, workgroups are
//   [0, n)   luma: an invocation predicts a word's columns and up to 16 rows of a block,
//   [n, 2n)  chroma: a word's columns and up to 8 rows of Cb, Cr pairs.
// Works sample by sample, because it is rare. Reads the job and the reference pictures, writes recon, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#include "blocks.glsl"

LIST_PART(scaled_part, scaled)

// value * scale >> 14 for signed values whose product exceeds 32 bits.
int scaled(int value, uint scale) { return (value >> 14) * int(scale) + ((value & 0x3fff) * int(scale) >> 14); }

// Where a prediction begins in its reference, and its steps, in 1/16 samples.
struct Start {
    ivec2 at, step;
};

// One coordinate. `block` is the block's corner in luma, `size` its size in the plane, `offset` the predicted 4x4's offset in
// it. Chroma also uses the fraction of the luma position.
int scaled_start(int block, int size, int offset, int mv, int aligned_size, uint scale, const bool chroma) {
    const int shift = chroma ? 0 : 1;
    int before = -(block * 8 << shift) - (4 + size << 4);
    int after = (aligned_size - block - (size << (chroma ? 1 : 0))) * 8 * (1 << shift) + (4 + size << 4) - 16;
    int clamped = clamp(mv * (1 << shift), before, after);
    int position = chroma ? block / 2 : block;
    return scaled(position + offset, scale) * 16 + scaled(clamped, scale) + (scaled((block + offset) * 16, scale) & 15);
}

Start make_start(ListPart own, ReferencePlane plane, const bool chroma) {
    ivec2 block = ivec2(block_position(own.place)) * 8, corner = chroma ? block / 2 : block;
    ivec2 size = ivec2(chroma ? 4 : 8) << ivec2(own.place >> 20 & 3, own.place >> 22 & 3);
    // In luma a block below 8x8 has four parts with a start of their own; in other blocks all parts start from the corner.
    ivec2 offset = own.is_small && !chroma ? (ivec2(own.part.x, own.part.y) - corner) & ~3 : ivec2(0);
    ivec2 inside = ivec2(own.part.x, own.part.y) - corner - offset;
    const int NO_SCALE = 1 << 14;
    if (plane.x_scale == NO_SCALE && plane.y_scale == NO_SCALE) {
        return Start(ivec2(own.part.x, own.part.y) * 16 + own.mv * (chroma ? 1 : 2), ivec2(16));
    }
    Start start;
    start.step = ivec2(scaled(16, plane.x_scale), scaled(16, plane.y_scale));
    start.at.x = scaled_start(block.x, size.x, offset.x, own.mv.x, int(job.aligned_width), plane.x_scale, chroma);
    start.at.y = scaled_start(block.y, size.y, offset.y, own.mv.y, int(job.aligned_height), plane.y_scale, chroma);
    start.at += inside * start.step;
    return start;
}

int kernel_number(uvec2 kernel, int i) {
    uint word = i < 4 ? kernel.x : kernel.y;
    return i == 3 || i == 4 ? int(bitfieldExtract(word, (i & 3) * 8, 8)) : bitfieldExtract(int(word), (i & 3) * 8, 8);
}

int read_sample(Reference r, int x, int y, int component, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    x = clamp(x, 0, r.last_column);
    uint word = r.plane.words[uint(clamp(y, 0, r.last_row)) * r.pitch + uint(x / columns)];
    return chroma ? sample_at(word, (x & columns - 1) * 2 + component) : sample_at(word, x & columns - 1);
}

// The sample at this position in 1/16 samples.
int predict_sample(Reference r, ivec2 at, uint interp_filter, int component, const bool chroma) {
    uvec2 x_kernel = load_kernel(interp_filter, at.x & 15), y_kernel = load_kernel(interp_filter, at.y & 15);
    int sum = 64;
    [[dont_unroll]] for (int row = 0; row < 8; ++row) {
        int row_sum = 64;
        [[dont_unroll]] for (int i = 0; i < 8; ++i) {
            row_sum += read_sample(r, (at.x >> 4) - 3 + i, (at.y >> 4) - 3 + row, component, chroma) * kernel_number(x_kernel, i);
        }
        sum += clip_sample(row_sum >> 7) * kernel_number(y_kernel, row);
    }
    return clip_sample(sum >> 7);
}

void predict_list(uint list, const bool chroma) {
    ListPart own = scaled_part(list, chroma);
    Reference r = chroma ? chroma_reference(own.reference) : luma_reference(own.reference);
    Start start = make_start(own, job.references[own.reference], chroma);
    uint word = chroma ? recon_chroma_word(uint(own.part.x), uint(own.part.y)) : recon_luma_word(uint(own.part.x), uint(own.part.y));
    [[dont_unroll]] for (int row = 0; row < own.part.rows; ++row) {
        uint samples = 0;
        [[dont_unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
            ivec2 at = start.at + ivec2(chroma ? i / 2 : i, row) * start.step;
            samples |= place_sample(predict_sample(r, at, own.interp_filter, chroma ? i & 1 : 0, chroma), i);
        }
        recon_words[word] = list == 1 ? average_words(recon_words[word], samples) : samples;
        word += job.recon_pitch / 4;
    }
}

void predict_blocks(const bool chroma) {
    [[dont_unroll]] for (uint list = 0; list < 2; ++list) predict_list(list, chroma);
}

void main() {
    if (subgroupAny(gl_WorkGroupID.x >= job.scaled.groups[WORK_CLASSES])) {
        predict_blocks(true);
    } else {
        predict_blocks(false);
    }
}
