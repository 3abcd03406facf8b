// SPDX-License-Identifier: MIT
// Inverse transforms (7.13): added to the picture, or kept for the intra stage.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
