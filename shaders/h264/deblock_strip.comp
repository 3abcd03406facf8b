// First deblocking pass: each macroblock's strip (see deblock.glsl).
// A lane per macroblock for luma, in further workgroups one for chroma. Reads the unfiltered picture and the
// boundary strengths; writes the strips. Where a workgroup has no macroblock any more, its lanes do what that of the
// last one does. Waits for the whole picture before deblocking.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
layout(local_size_x = 256) in;

#include "job.glsl"
#include "deblock.glsl"

// Columns 12 to 15 of four rows after the vertical edges that reach them, whose strengths are in the two halves of
// a word.
uvec4 vertically_filtered(uint first_row_quad, uint strengths, Thresholds t) {
    uvec4 rows = uvec4(0);
    [[dont_unroll]] for (uint row = 0; row < 4; ++row) {
        uvec3 samples = recon_quads[first_row_quad + row * (job.recon_pitch >> 4)].yzw;
        // Of edge 8 only column 9 counts, so that the samples left of column 5 may be what they are.
        filter_inner_luma_row(samples.x, samples.y, strengths & 0xf, t);
        filter_inner_luma_row(samples.y, samples.z, strengths >> 16 & 0xf, t);
        rows = uvec4(rows.yzw, samples.z);
    }
    return rows;
}

// The left edge of the macroblock to the right, in four rows of this one's last columns, the last row first.
void filter_right_edge(inout uvec4 rows, uint bs, uint mb, uint first_row_quad) {
    Thresholds t = luma_thresholds(mb_head(mb), mb_head(mb + 1));
    [[dont_unroll]] for (uint row = 0; row < 4; ++row) {
        uint samples = rows.w, right = recon_quads[first_row_quad + row * (job.recon_pitch >> 4) + 1].x;
        filter_luma_row(samples, right, bs, t);
        rows = uvec4(samples, rows.xyz);
    }
}

void luma_strip(uint mb, uint x, uint y) {
    uint pitch = job.recon_pitch >> 4, quad = y * 16 * pitch + x;
    uint above_mb = y > 0 ? mb - job.width_in_mbs : mb;
    // Groups of four rows. An edge lies between the last group, p, and this one, q. Of the macroblock above only
    // the last three groups matter, without edges at 8 and 12 only the last.
    int first_group = y == 0 ? 0 : (scratch_quads[above_mb].y | scratch_quads[above_mb].w) != 0 ? -3 : -1;
    uvec4 p = uvec4(0);
    [[dont_unroll]] for (int group = subgroupAny(first_group == -3) ? -3 : -1; group < 4; ++group) {
        uint q_mb = group < 0 ? above_mb : mb, p_mb = group == 0 ? above_mb : q_mb;
        uint edge = uint(group) & 3, group_quad = quad + uint(max(group, first_group) * 4) * pitch;
        uvec3 strengths = scratch_quads[q_mb].yzw;
        uint q_head = mb_head(q_mb);
        uvec4 q = vertically_filtered(group_quad, strengths.x >> edge * 4, luma_thresholds(q_head, q_head));

        if (group == 0) {
            uint bs_right = y > 0 && x + 1 < job.width_in_mbs ? strength(scratch_quads[above_mb + 1].x, 0, 3) : 0;
            if (subgroupAny(bs_right != 0)) filter_right_edge(p, bs_right, above_mb, y > 0 ? group_quad - 4 * pitch : group_quad);
        }
        // The first group above has nothing before it that counts.
        uint bs = group < 0 && group <= first_group ? 0 : strength(edge < 2 ? strengths.y : strengths.z, edge & 1, 3);
        if (subgroupAny(bs != 0)) filter_luma_columns(p, q, bs, luma_thresholds(mb_head(p_mb), q_head));
        if (group >= 0) scratch_quads[strip_quad(mb) + (group == 0 ? LUMA_ABOVE : LUMA_STRIP + group - 1)] = p.wzyx;
        p = q.wzyx;
    }
    scratch_quads[strip_quad(mb) + LUMA_STRIP + 3] = p.wzyx;
}

void chroma_strip(uint mb, uint x, uint y) {
    uint pitch = job.recon_pitch >> 2, word = (job.recon_chroma_offset >> 2) + y * 8 * pitch + x * 4 + 3;
    uint head = mb_head(mb);
    uvec4 strengths = scratch_quads[mb];
    uvec4 rows = uvec4(recon_words[word], recon_words[word + pitch], recon_words[word + 2 * pitch],
                       recon_words[word + 3 * pitch]);
    if (y > 0) {
        uint above_mb = mb - job.width_in_mbs, above_head = mb_head(above_mb);
        uvec2 above = uvec2(recon_words[word - pitch], recon_words[word - 2 * pitch]);
        uint bs_right = x + 1 < job.width_in_mbs ? strength(scratch_quads[above_mb + 1].x, 0, 3) : 0;
        if (bs_right != 0) {
            ChromaThresholds t = chroma_thresholds(above_head, mb_head(above_mb + 1));
            uvec2 right = uvec2(recon_words[word - pitch + 1], recon_words[word - 2 * pitch + 1]);
            filter_chroma_row(above.x, right.x, bs_right, t);
            filter_chroma_row(above.y, right.y, bs_right, t);
        }
        uint bs_top = strength(strengths.z, 0, 3);
        if (bs_top != 0) filter_chroma_columns(above, rows.xy, bs_top, chroma_thresholds(above_head, head));
        scratch_quads[strip_quad(mb) + CHROMA_ABOVE] = uvec4(above.yx, 0, 0);
    }
    word += 4 * pitch;
    uvec4 low_rows = uvec4(recon_words[word], recon_words[word + pitch], recon_words[word + 2 * pitch],
                           recon_words[word + 3 * pitch]);
    uint bs_middle = strength(strengths.w, 0, 3);
    if (bs_middle != 0) {
        uvec2 p = rows.wz, q = low_rows.xy;
        filter_chroma_columns(p, q, bs_middle, chroma_thresholds(head, head));
        rows.wz = p;
        low_rows.xy = q;
    }
    scratch_quads[strip_quad(mb) + CHROMA_STRIP] = rows;
    scratch_quads[strip_quad(mb) + CHROMA_STRIP + 1] = low_rows;
}

void main() {
    uint mbs = job.width_in_mbs * job.height_in_mbs, luma_groups = (mbs + 255) / 256;
    bool luma = gl_WorkGroupID.x < luma_groups;
    uint mb = min((gl_WorkGroupID.x - (luma ? 0 : luma_groups)) * 256 + gl_LocalInvocationID.x, mbs - 1);
    uint y = mb / job.width_in_mbs, x = mb - y * job.width_in_mbs;
    if (subgroupAny(luma)) {
        luma_strip(mb, x, y);
    } else {
        chroma_strip(mb, x, y);
    }
}
