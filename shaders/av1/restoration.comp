// SPDX-License-Identifier: MIT
// Loop restoration (7.17).
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
