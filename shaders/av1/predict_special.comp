// SPDX-License-Identifier: MIT
// Inter prediction with masks, overlaps and warps.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
