// SPDX-License-Identifier: MIT
// Inter prediction of simple records: one reference, or two averaged or weighted.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
#include "job.glsl"

void main() {
}
