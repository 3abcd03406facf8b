// SPDX-License-Identifier: MIT
#version 460
// Inter prediction of special records: with masks, overlaps and warps. Workgroups are those of job.predictions[1] from
// groups.first_group on, luma's first: chroma's are a dispatch of their own, since they read the weights that luma's leave in scratch.
// An invocation owns a word's columns and up to 16 rows of a record. Reads the job and the reference pictures, writes recon.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#include "prediction.glsl"
#include "masks.glsl"

const uint KIND = 1;
#include "passes.glsl"
#define WARPS
#include "warp.glsl"

void run_pass(Pass pass, const bool chroma) {
    bool warps = pass.warp != NO_WARP;
    Part part = pass.part;
    if (subgroupAny(warps && part.rows > 0)) {
        Part warped = part;
        if (!warps) warped.rows = 0;
        ivec2 at = put_at;
        begin_rows(warped, chroma);
        predict_warp(warped, pass, chroma);
        if (!warps) put_at = at;
        if (warps) part.rows = 0;
    }
    if (subgroupAny(part.rows > 0)) {
        begin_rows(part, chroma);
        predict(part, pass.from, chroma);
    }
}
