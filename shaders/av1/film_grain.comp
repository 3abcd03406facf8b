// SPDX-License-Identifier: MIT
// Film grain synthesis (7.18.3), into the picture that is shown.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
