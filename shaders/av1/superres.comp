// SPDX-License-Identifier: MIT
// Upscales (7.16) the picture after CDEF, and the deblocked one if restoration reads it, too. A workgroup processes 64x64
// samples of upscaled luma, or the corresponding 32x32 pairs of chroma: in the second dimension workgroups are luma's rows,
// then chroma's. An invocation takes a column of words in some of the rows. Reads frames, writes frames, or the surface without
// restoration.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;
#include "job.glsl"
#include "samples.glsl"

const uint SCALE_BITS = 14, EXTRA_BITS = 8;

uint plane_word(FrameLayout frame, uint plane, uint y) {
    return (plane == 0 ? 0 : frame.chroma_offset / 4) + frame.word + y * (frame.pitch / 4);
}

// stepX and initialSubpelX.
ivec2 make_steps(int from, int to) {
    int step = ((from << SCALE_BITS) + to / 2) / to, error = to * step - (from << SCALE_BITS);
    int first = (-(to - from << SCALE_BITS - 1) + to / 2) / to + (1 << EXTRA_BITS - 1) - error / 2;
    return ivec2(step, first & (1 << SCALE_BITS) - 1);
}

// Upscale_Filter, stored in bytes biased by 32.
int upscale_tap(uint phase, uint k) { return int(job.upscale_filters[phase * 2 + (k >> 2)] >> (k & 3) * 8 & 0xff) - 32; }

// A sample of a component: `x` counts the component's samples. `row` is the row's first word.
int upscaled_sample(uint row, ivec2 steps, int x, uint component, uint plane) {
    int source = steps.y - (1 << SCALE_BITS) + x * steps.x, first = (source >> SCALE_BITS) - 3, sum = 64;
    uint phase = uint(source) >> EXTRA_BITS & 63;
    int last = int(job.padded_width >> plane) - 1;
    [[dont_unroll]] for (int k = 0; k < 8; ++k) {
        uint at = (uint(clamp(first + k, 0, last)) << plane) + component;
        sum += sample_at(frame_words[row + at / WORD_SAMPLES], int(at % WORD_SAMPLES)) * upscale_tap(phase, k);
    }
    return clip_sample(sum >> 7);
}

uint upscaled_word(uint row, ivec2 steps, uint word, uint plane) {
    uint result = 0;
    [[dont_unroll]] for (uint i = 0; i < WORD_SAMPLES; ++i) {
        uint at = word * WORD_SAMPLES + i;
        result |= place_sample(upscaled_sample(row, steps, int(at >> plane), at & plane, plane), int(i));
    }
    return result;
}

void main() {
    uint squares = job.height + 63 >> 6, plane = gl_WorkGroupID.y < squares ? 0 : 1, lane = gl_LocalInvocationID.x;
    const uint words = 64 / WORD_SAMPLES, step = 64 / words;
    uint word = gl_WorkGroupID.x * words + lane % words, rows = 64 >> plane, first = (gl_WorkGroupID.y - plane * squares) * rows;
    uint width = job.upscaled_width + plane >> plane, height = job.height + plane >> plane;
    ivec2 steps = make_steps(int(job.width + plane >> plane), int(width));
    bool restored = ((job.restoration[0] | job.restoration[1] | job.restoration[2]) & 0xff) != 0;
    bool exists = word * WORD_SAMPLES >> plane < width;
    [[dont_unroll]] for (uint i = lane / words; i < rows; i += step) {
        uint y = first + i;
        if (!exists || y >= height) continue;
        uint result = upscaled_word(plane_word(job.filtered, plane, y), steps, word, plane);
        uint at = plane_word(job.upscaled_filtered, plane, y) + word;
        if (restored) {
            frame_words[at] = result;
            frame_words[plane_word(job.upscaled_recon, plane, y) + word] = upscaled_word(plane_word(job.recon, plane, y), steps, word, plane);
        } else {
            target_words[at] = result;
        }
    }
}
