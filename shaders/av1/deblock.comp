// SPDX-License-Identifier: MIT
// Deblocking (7.14) of all edges of one direction.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
