// SPDX-License-Identifier: MIT
// Intra prediction, level by level, one or more levels of a dispatch.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
