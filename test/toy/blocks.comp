// SPDX-License-Identifier: MIT
#version 460
// The toy codec: a workgroup reconstructs a block of 16x16 samples; an invocation 4 adjacent luma samples, and every second one
// also 4 bytes of chroma. Reads the job's differences and the reference, writes the target, waits for nothing.

layout(local_size_x = 64) in;

layout(set = 0, binding = 0, std430) readonly buffer Job { uint differences[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Target { uint target_words[]; };
layout(set = 0, binding = 2, std430) readonly buffer Reference { uint reference_words[]; };

layout(push_constant, std430) uniform Picture {
    uint step;
    uint target_pitch, target_chroma;  // words
    uint reference_pitch;              // words
    uint has_reference;                // 0: a key picture
} picture;

// Adds four bytes, each modulo 256.
uint add_bytes(uint a, uint b) {
    return ((a & 0x7f7f7f7f) + (b & 0x7f7f7f7f)) ^ ((a ^ b) & 0x80808080);
}

void main() {
    const uint block = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    const uint row = gl_LocalInvocationID.x / 4, word = gl_WorkGroupID.x * 4 + gl_LocalInvocationID.x % 4;
    const uint y = gl_WorkGroupID.y * 16 + row;
    const uint difference = (differences[block] * picture.step & 0xff) * 0x01010101;
    uint before = 0;
    if (picture.has_reference != 0) before = reference_words[y * picture.reference_pitch + word];
    target_words[y * picture.target_pitch + word] = add_bytes(before, difference);
    if (row < 8) {
        const uint chroma_y = gl_WorkGroupID.y * 8 + row;
        target_words[picture.target_chroma + chroma_y * picture.target_pitch + word] = 0x80808080;
    }
}
