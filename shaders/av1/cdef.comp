// SPDX-License-Identifier: MIT
// The constrained directional enhancement filter (7.15).
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
