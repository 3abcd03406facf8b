// SPDX-License-Identifier: MIT
// Third deblocking pass: the horizontal edges, and all output to the target (see deblock.glsl). Each stack of macroblocks has 4
// lanes for luma and, in further workgroups, 4 for chroma. One lane copies the strips, which are the last words of all rows.
// Each of the others filters a column of words and writes the rows that no later macroblock changes: from the last 3 luma rows
// (chroma: 1) of the macroblock above the stack to those of its last macroblock that are final. If a workgroup runs out of
// macroblocks, its lanes repeat the last one's work. Waits for the second pass.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 256) in;
// Each stack filters three groups of rows above it again, and then its macroblocks one after another.
layout(constant_id = 2) const uint STACKED_MBS = 1;

#include "job.glsl"
#include "deblock.glsl"

uvec4 load_rows(uint word) {
    uint pitch = job.recon_pitch >> 2;
    return uvec4(recon_words[word], recon_words[word + pitch], recon_words[word + 2 * pitch],
                 recon_words[word + 3 * pitch]);
}

// The first word of luma.
#if PICTURE_KIND == PICTURE_FIELD
uint target_luma() { return job.target_offset >> 2; }
#else
uint target_luma() { return 0; }
#endif

// Filters a column of `mbs` macroblocks, starting with this one.
void luma_column(uint x, uint y, uint mbs, uint column) {
    uint first_mb = y * job.width_in_mbs + x, source_pitch = job.recon_pitch >> 2, pitch = job.target_pitch >> 2;
    uint source = y * 16 * source_pitch + x * 4 + column, target = target_luma() + y * 16 * pitch + x * 4 + column;

    // Groups of four rows. An edge lies between the last group, p, and this one, q. Of the macroblock above only
    // the last three groups matter, without edges at 8 and 12 only the last.
    int above = y > 0 ? 1 : 0, end = int(mbs * 4), last_group = int(STACKED_MBS * 4);
    int first_group = y == 0 ? 0 : scratch_quads[first_mb - job.width_in_mbs].w != 0 ? -3 : -1;
    uvec4 p = uvec4(0);
    // Lanes with fewer macroblocks end together with the others.
    [[dont_unroll]] for (int turn = subgroupAny(first_group == -3) ? -3 : -1; turn < last_group; ++turn) {
        int group = turn + end - last_group, row = max(group, first_group);
        uint edge = uint(group) & 3, q_mb = first_mb + uint(row >> 2) * job.width_in_mbs;
        uint p_mb = edge == 0 && row + above > 0 ? q_mb - job.width_in_mbs : q_mb;
        uvec4 q = load_rows(source + uint(row * 4) * source_pitch);
        uvec2 strengths = scratch_quads[q_mb].zw;
        // Nothing before the first group above matters.
        uint bs = group < 0 && group <= first_group ? 0 : strength(edge < 2 ? strengths.x : strengths.y, edge & 1, column);
        if (subgroupAny(bs != 0)) filter_luma_columns(p, q, bs, luma_thresholds(mb_head(p_mb), mb_head(q_mb)));
        uint target_row = target + uint(group * 4) * pitch;
        if (group > 0) target_words[target_row - 4 * pitch] = p.w;
        if (group + above > 0) {
            target_words[target_row - 3 * pitch] = p.z;
            target_words[target_row - 2 * pitch] = p.y;
            target_words[target_row - pitch] = p.x;
        }
        p = q.wzyx;
    }
    target += (mbs * 16 - 4) * pitch;
    target_words[target] = p.w;
    if (y + mbs == job.height_in_mbs) {
        target_words[target + pitch] = p.z;
        target_words[target + 2 * pitch] = p.y;
        target_words[target + 3 * pitch] = p.x;
    }
}

void chroma_column(uint x, uint y, uint column) {
    uint mb = y * job.width_in_mbs + x;
    uint source_pitch = job.recon_pitch >> 2, pitch = job.target_pitch >> 2;
    uint source = (job.recon_chroma_offset >> 2) + y * 8 * source_pitch + x * 4 + column;
    uint target = (job.target_chroma_offset >> 2) + y * 8 * pitch + x * 4 + column;

    uint above_mb = y > 0 ? mb - job.width_in_mbs : mb, above_pitch = y > 0 ? source_pitch : 0;
    uvec4 rows = load_rows(source), low_rows = load_rows(source + 4 * source_pitch);
    uvec2 above = uvec2(recon_words[source - above_pitch], recon_words[source - 2 * above_pitch]);
    uvec2 strengths = scratch_quads[mb].zw;
    uint head = mb_head(mb), bs_top = strength(strengths.x, 0, column), bs_middle = strength(strengths.y, 0, column);
    if (subgroupAny(bs_top != 0)) {
        uvec2 q = rows.xy;
        filter_chroma_columns(above, q, bs_top, chroma_thresholds(mb_head(above_mb), head));
        rows.xy = q;
    }
    if (subgroupAny(bs_middle != 0)) {
        uvec2 p = rows.wz, q = low_rows.xy;
        filter_chroma_columns(p, q, bs_middle, chroma_thresholds(head, head));
        rows.wz = p;
        low_rows.xy = q;
    }
    if (y > 0) target_words[target - pitch] = above.x;
    [[unroll]] for (uint row = 0; row < 4; ++row) target_words[target + row * pitch] = rows[row];
    [[unroll]] for (uint row = 0; row < 3; ++row) target_words[target + (row + 4) * pitch] = low_rows[row];
    if (y + 1 == job.height_in_mbs) target_words[target + 7 * pitch] = low_rows.w;
}

void copy_luma_strip(uint x, uint y) {
    uint mb = y * job.width_in_mbs + x, pitch = job.target_pitch >> 2;
    uint target = target_luma() + y * 16 * pitch + x * 4 + 3, quad = strip_quad(mb);
    uvec4 above = scratch_quads[quad + LUMA_ABOVE], last = scratch_quads[quad + LUMA_STRIP + 3];
    [[unroll]] for (uint row = 1; row < 4; ++row) {
        if (y > 0) target_words[target - (4 - row) * pitch] = above[row];
    }
    [[unroll]] for (uint group = 0; group < 3; ++group) {
        uvec4 rows = scratch_quads[quad + LUMA_STRIP + group];
        [[unroll]] for (uint row = 0; row < 4; ++row) target_words[target + (group * 4 + row) * pitch] = rows[row];
    }
    target_words[target + 12 * pitch] = last.x;
    [[unroll]] for (uint row = 1; row < 4; ++row) {
        if (y + 1 == job.height_in_mbs) target_words[target + (12 + row) * pitch] = last[row];
    }
}

void copy_chroma_strip(uint x, uint y) {
    uint mb = y * job.width_in_mbs + x, pitch = job.target_pitch >> 2;
    uint target = (job.target_chroma_offset >> 2) + y * 8 * pitch + x * 4 + 3, quad = strip_quad(mb);
    uvec4 rows = scratch_quads[quad + CHROMA_STRIP], low_rows = scratch_quads[quad + CHROMA_STRIP + 1];
    if (y > 0) target_words[target - pitch] = scratch_quads[quad + CHROMA_ABOVE].y;
    [[unroll]] for (uint row = 0; row < 4; ++row) target_words[target + row * pitch] = rows[row];
    [[unroll]] for (uint row = 0; row < 3; ++row) target_words[target + (row + 4) * pitch] = low_rows[row];
    if (y + 1 == job.height_in_mbs) target_words[target + 7 * pitch] = low_rows.w;
}

// The lanes for a workgroup's 64 stacks; its other lanes are whole subgroups for strips.
const uint COLUMN_LANES = 64 * 3;

void main() {
    uint stacks = job.width_in_mbs * ((job.height_in_mbs + STACKED_MBS - 1) / STACKED_MBS), luma_groups = (stacks + 63) / 64;
    bool luma = gl_WorkGroupID.x < luma_groups;
    uint first_stack = (gl_WorkGroupID.x - (luma ? 0 : luma_groups)) * 64, lane = gl_LocalInvocationID.x;
    bool for_columns = lane < COLUMN_LANES;
    uint stack = min(first_stack + (for_columns ? lane / 3 : lane - COLUMN_LANES), stacks - 1), column = lane % 3;
    uint row = mb_row(stack), x = stack - row * job.width_in_mbs, y = row * STACKED_MBS;
    uint mbs = min(job.height_in_mbs - y, STACKED_MBS);
    // In subgroups so large that they have lanes of both kinds, all lanes do both.
    if (subgroupAny(luma && for_columns)) luma_column(x, y, mbs, column);
    [[dont_unroll]] for (uint i = 0; i < STACKED_MBS; ++i) {
        uint mb_y = y + min(i, mbs - 1);
        if (subgroupAny(!luma && for_columns)) chroma_column(x, mb_y, column);
        if (subgroupAny(luma && !for_columns)) copy_luma_strip(x, mb_y);
        if (subgroupAny(!luma && !for_columns)) copy_chroma_strip(x, mb_y);
    }
}
