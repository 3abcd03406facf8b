// SPDX-License-Identifier: MIT
// What deblocking and CDEF need to know of each unit, from blocks and transform blocks.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
