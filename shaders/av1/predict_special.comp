// SPDX-License-Identifier: MIT
#version 460
// Inter prediction of special records: those with masks, overlaps or warps. Workgroups are divided among classes of records as
// in job.predictions[1], luma's first; an invocation predicts a word's columns and up to 16 rows of a record. Stores each of a
// record's predictions in scratch for predict_blend.comp, except the first one of records with overlaps, which it writes to
// recon. Reads the job and the reference pictures, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS writeonly
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#include "prediction.glsl"

const uint KIND = 1;
const bool CAN_WARP = true;
#include "passes.glsl"
#include "columns.glsl"
#include "warp.glsl"

void run_pass(Pass pass, bool warped, const bool chroma) {
    if (warped) {
        predict_warp(pass, chroma);
    } else {
        begin_rows(pass, chroma);
        predict(pass.part, pass.from, chroma);
    }
}
