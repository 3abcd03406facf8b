// SPDX-License-Identifier: MIT
// Intra prediction of all levels in one dispatch.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
