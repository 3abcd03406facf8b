// SPDX-License-Identifier: MIT
// Loop restoration (7.17) to the surface: first with the Wiener filter, which also copies everything else, then once more for
// self-guided units. A workgroup processes 64 columns of luma in a stripe of 64 rows, or the corresponding 32 columns of both
// chroma components in 32 rows: in the second dimension workgroups are luma's stripes, then chroma's. All its samples of a
// component are in one unit. Reads both frames, writes the surface.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 64) in;
#define TARGET_ACCESS
#define FRAMES_ACCESS readonly
#include "job.glsl"
#include "samples.glsl"
#include "restoration.glsl"
#if SELF_GUIDED_UNITS
#include "self_guided.glsl"
#else
#include "wiener.glsl"
#endif

// A mask of the samples in a word that are in units of this type.
uint samples_of(Unit units[2], uint type) {
    const uint first = WORD_SAMPLES == 4 ? 0x00ff00ff : 0x0000ffff;
    return (units[0].type == type ? first : 0) | (units[1].type == type ? ~first : 0);
}

void main() {
    uint stripes = job.height + 8 + 63 >> 6, plane = gl_WorkGroupID.y < stripes ? 0 : 1, lane = gl_LocalInvocationID.x;
    uint index = gl_WorkGroupID.y - plane * stripes;
    Stripe stripe = make_stripe(plane, index);
    Unit units[2];
    units[0] = load_unit(stripe, plane, gl_WorkGroupID.x, index);
    units[1] = load_unit(stripe, plane * 2, gl_WorkGroupID.x, index);
    const uint words = 64 / WORD_SAMPLES;
    int first_word = int(gl_WorkGroupID.x * words);
    uint self_guided = samples_of(units, SELF_GUIDED);
#if SELF_GUIDED_UNITS
    if (subgroupAny(self_guided != 0)) {
        [[dont_unroll]] for (int y = stripe.start; subgroupAny(y <= stripe.end); y += CHUNK_ROWS)
            restore_self_guided(stripe, first_word, y, lane, units, self_guided);
    }
#else
    int word = first_word + int(lane % words), count = int(words >> plane), first = stripe.start + int(lane / words) * count;
    bool exists = word <= last_word(stripe);
    word = exists ? word : 0;
    if (subgroupAny(self_guided != ~0u)) restore_wiener(stripe, word, exists, first, count, units, samples_of(units, WIENER));
#endif
}
