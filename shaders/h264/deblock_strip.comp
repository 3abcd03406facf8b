// SPDX-License-Identifier: MIT
// First deblocking pass: each macroblock's strip (see deblock.glsl). A workgroup has a tile of 4x4 macroblocks. First its
// invocations filter the vertical edges of luma rows, one each; then 16 of them go through the horizontal edges of a
// macroblock each, and 16 through chroma's edges. If there are fewer macroblocks, the remaining invocations repeat the last
// one's work. Reads the unfiltered picture and the boundary strengths; writes the strips. Waits for the whole picture before
// deblocking.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
// 16 if a subgroup is a hardware vector that they fill; otherwise 256, one for each row.
layout(local_size_x = 16, local_size_x_id = 1) in;

#include "job.glsl"
#include "deblock.glsl"

const uint TILE_MBS = 4, TILE_LANES = TILE_MBS * TILE_MBS;
// The last words of the tile's rows after the vertical edges, by column of macroblocks; and of the 12 rows above, which may
// affect the topmost macroblocks' edges.
const uint ROWS_ABOVE = 12, TILE_ROWS = ROWS_ABOVE + TILE_MBS * 16;
shared uint filtered_rows[TILE_MBS * TILE_ROWS];

uvec4 filtered_group(uint tile_x, uint tile_row) {
    uint i = tile_x * TILE_ROWS + tile_row;
    return uvec4(filtered_rows[i], filtered_rows[i + 1], filtered_rows[i + 2], filtered_rows[i + 3]);
}

// Columns 12 to 15 of the rows after the vertical edges that reach them. Rows count from ROWS_ABOVE above the tile.
void filter_tile_rows(uvec2 tile) {
    const uint step = gl_WorkGroupSize.x / TILE_MBS;
    uint first = tile.y > 0 ? 0 : ROWS_ABOVE, rows = job.height_in_mbs * 16 + ROWS_ABOVE - tile.y * 16;
    uint tile_x = gl_LocalInvocationIndex % TILE_MBS, x = min(tile.x + tile_x, job.width_in_mbs - 1), strengths = 0;
    Thresholds t = Thresholds(0, 0, 0);
    [[dont_unroll]] for (uint turn = gl_LocalInvocationIndex / TILE_MBS; subgroupAny(turn < TILE_ROWS); turn += step) {
        uint tile_row = clamp(turn, first, TILE_ROWS - 1), y = tile.y * 16 + min(tile_row, rows - 1) - ROWS_ABOVE;
        // If an iteration is four rows, these belong to the same macroblocks.
        if (subgroupAny(turn < step || (y & 15) < step)) {
            uint mb = (y >> 4) * job.width_in_mbs + x, head = mb_head(mb);
            strengths = scratch_quads[mb].y;
            t = luma_thresholds(head, head);
        }
        uvec3 samples = recon_quads[y * (job.recon_pitch >> 4) + x].yzw;
        // Of edge 8 only column 9 matters, so the samples left of column 5 may have any value.
        filter_inner_luma_row(samples.x, samples.y, strengths >> (y & 12) & 0xf, t);
        filter_inner_luma_row(samples.y, samples.z, strengths >> (y & 12) + 16 & 0xf, t);
        filtered_rows[tile_x * TILE_ROWS + tile_row] = samples.z;
    }
}

// The left edge of the macroblock to the right, in four rows of this one's last columns, the last row first.
void filter_right_edge(inout uvec4 rows, uint bs, uint mb, uint first_row_quad) {
    Thresholds t = luma_thresholds(mb_head(mb), mb_head(mb + 1));
    uint pitch = job.recon_pitch >> 4, quad = first_row_quad + 1;
    uvec4 right = uvec4(recon_quads[quad].x, recon_quads[quad + pitch].x, recon_quads[quad + 2 * pitch].x,
                        recon_quads[quad + 3 * pitch].x);
    [[dont_unroll]] for (uint row = 0; row < 4; ++row) {
        uint samples = rows.w;
        filter_luma_row(samples, right.x, bs, t);
        rows = uvec4(samples, rows.xyz);
        right = right.yzwx;
    }
}

// The horizontal edges of a macroblock of the tile.
void luma_strip(uvec2 tile, uint tile_x, uvec2 xy) {
    uint x = xy.x, y = xy.y, mb = y * job.width_in_mbs + x, above_mb = y > 0 ? mb - job.width_in_mbs : mb;
    uint tile_row = (y - tile.y) * 16 + ROWS_ABOVE;
    // Groups of four rows. An edge lies between the last group, p, and this one, q. Of the macroblock above only
    // the last three groups matter, without edges at 8 and 12 only the last.
    int first_group = y == 0 ? 0 : scratch_quads[above_mb].w != 0 ? -3 : -1;
    uvec4 p = uvec4(0);
    [[dont_unroll]] for (int group = subgroupAny(first_group == -3) ? -3 : -1; group < 4; ++group) {
        uint q_mb = group < 0 ? above_mb : mb, p_mb = group == 0 ? above_mb : q_mb, edge = uint(group) & 3;
        uvec4 q = filtered_group(tile_x, tile_row + uint(group * 4));
        uvec2 strengths = scratch_quads[q_mb].zw;
        if (group == 0) {
            uint bs_right = y > 0 && x + 1 < job.width_in_mbs ? strength(scratch_quads[above_mb + 1].x, 0, 3) : 0;
            uint above_quad = (max(y * 16, 4) - 4) * (job.recon_pitch >> 4) + x;
            if (subgroupAny(bs_right != 0)) filter_right_edge(p, bs_right, above_mb, above_quad);
        }
        // Nothing before the first group above matters.
        uint bs = group < 0 && group <= first_group ? 0 : strength(edge < 2 ? strengths.x : strengths.y, edge & 1, 3);
        if (subgroupAny(bs != 0)) filter_luma_columns(p, q, bs, luma_thresholds(mb_head(p_mb), mb_head(q_mb)));
        if (group >= 0) scratch_quads[strip_quad(mb) + (group == 0 ? LUMA_ABOVE : LUMA_STRIP + group - 1)] = p.wzyx;
        p = q.wzyx;
    }
    scratch_quads[strip_quad(mb) + LUMA_STRIP + 3] = p.wzyx;
}

void chroma_strip(uvec2 xy) {
    uint x = xy.x, y = xy.y, mb = y * job.width_in_mbs + x;
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
    uint tiles_x = (job.width_in_mbs + TILE_MBS - 1) / TILE_MBS, lane = gl_LocalInvocationIndex;
    uint tile_row = quotient(gl_WorkGroupID.x, tiles_x);
    uvec2 tile = uvec2(gl_WorkGroupID.x - tile_row * tiles_x, tile_row) * TILE_MBS;
    filter_tile_rows(tile);
    barrier();
    uvec2 tile_mb = uvec2(lane % TILE_MBS, lane / TILE_MBS % TILE_MBS);
    uvec2 mb = min(tile + tile_mb, uvec2(job.width_in_mbs, job.height_in_mbs) - 1);
    // The other lanes of larger subgroups repeat the same work.
    if (subgroupAny(lane < TILE_LANES)) luma_strip(tile, tile_mb.x, mb);
    if (subgroupAny(lane >= gl_WorkGroupSize.x - TILE_LANES)) chroma_strip(mb);
}
