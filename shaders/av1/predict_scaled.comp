// SPDX-License-Identifier: MIT
#version 460
// Inter prediction of records with a reference of another size than the picture's (7.11.3.3), in the same way as
// predict_special.comp. Workgroups are those of job.predictions[2]. Works sample by sample, because it is rare. A record's
// other reference may have the picture's size, and be warped.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS writeonly
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#include "prediction.glsl"

const uint KIND = 2;
const bool CAN_WARP = true;
#include "passes.glsl"
#include "columns.glsl"
#include "warp.glsl"

// One coordinate of a sample in its reference, in 1/1024 samples. origX * xScale exceeds 32 bits.
int scaled_start(int position, int vector, int scale) {
    int original = position * 16 + vector + 8;
    int high = (original >> 8) * scale, low = (original & 255) * scale - (8 << 14);
    // Round2Signed by 8
    return high + (low + (high + (low >> 8) < 0 ? 127 : 128) >> 8) + 32;
}

// Predicts the samples of a column at this position in 1/1024 samples.
ivec2 predict_samples(Reference r, ivec2 at, Translation from, const bool chroma) {
    uvec2 x_kernel = load_kernel(from.kernel_x, at.x >> 6 & 15), y_kernel = load_kernel(from.kernel_y, at.y >> 6 & 15);
    ivec2 corner = (at >> 10) - 3, sum = ivec2(from.single ? 512 : 32);
    [[dont_unroll]] for (int row = 0; row < 8; ++row) {
        ivec2 row_sum = ivec2(2);
        [[dont_unroll]] for (int i = 0; i < 8; ++i) {
            row_sum += read_samples(r, corner.x + i, corner.y + row, chroma) * signed_byte(x_kernel, i);
        }
        sum += (row_sum >> 2) * signed_byte(y_kernel, row);
    }
    return sum >> (from.single ? 10 : 6);
}

void predict_scaled(Pass pass, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    ReferencePlane plane = job.references[pass.from.reference];
    Reference r = chroma ? chroma_reference(pass.from.reference) : luma_reference(pass.from.reference);
    ivec2 scale = ivec2(plane.x_scale, plane.y_scale), vector = chroma ? pass.from.mv : pass.from.mv * 2;
    ivec2 step = scale + 8 >> 4;
    ivec2 start = ivec2(scaled_start(pass.corner.x, vector.x, scale.x), scaled_start(pass.corner.y, vector.y, scale.y));
    start += (ivec2(pass.part.x, pass.part.y) - pass.corner) * step;
    begin_rows(pass, chroma);
    [[dont_unroll]] for (int row = 0; row < pass.part.rows; ++row) {
        ivec4 numbers = ivec4(0);
        [[dont_unroll]] for (int i = 0; i < columns; ++i) {
            ivec2 samples = predict_samples(r, start + ivec2(i, row) * step, pass.from, chroma);
            numbers = with_column(numbers, i, samples, chroma);
        }
        put_row(true, predicted_row(numbers, pass.from.single), put_flags);
    }
}

void run_pass(Pass pass, bool warped, const bool chroma) {
    if (warped) {
        predict_warp(pass, chroma);
    } else {
        predict_scaled(pass, chroma);
    }
}
