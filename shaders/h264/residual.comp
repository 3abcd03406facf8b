// SPDX-License-Identifier: MIT
#version 460
// Second dispatch of a picture: residuals. Adds those of inter macroblocks to their prediction in recon, and stores those of
// intra macroblocks in scratch for the next dispatch: all work that needs no neighbours is done here. With n macroblocks,
// workgroups are
//   [0, a)      luma, a = ceil(n / 2): an invocation owns a 4x4 block or a quarter of an 8x8 block,
//   [a, a + b)  chroma, b = ceil(n / 8): an invocation owns a 4x4 block of Cb and of Cr.
// Reads the job, reads and writes recon, writes scratch, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require
#define RECON_ACCESS
#include "job.glsl"
#include "lockstep.glsl"
#include "samples.glsl"
#include "residual.glsl"

// Small, because without lockstep the whole workgroup waits.
layout(local_size_x = 32) in;

void leave_4x4(uint quad, uint residual[8]) {
    scratch_quads[quad] = uvec4(residual[0], residual[1], residual[2], residual[3]);
    scratch_quads[quad + 1] = uvec4(residual[4], residual[5], residual[6], residual[7]);
}

// Levels of the block if `condition`, else none.
Levels levels_where(bool condition, uvec4 mb, uint block_bit) {
    mb.y = condition ? mb.y : 0;
    return block_levels(mb, block_bit);
}

void luma_4x4(uvec4 mb, uint address, uint block, bool exists) {
    uint kind = mb_kind(mb.x), bit = BLOCK_LUMA + block, qp = mb_qp(mb.x);
    uint x = block & 1 | block >> 1 & 2, y = block >> 1 & 1 | block >> 2 & 2;
    int dc = 0;
    if (exists && kind == KIND_INTRA_16X16) dc = luma_16x16_dc(mb, qp, x, y);
    uint residual[8];
    residual_4x4(levels_where(exists, mb, bit), level_scale_4x4_table(kind, 0, qp), qp, dc, residual);
    if (!exists) return;
    if (kind == KIND_INTER) {
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            uint word = luma_word(address, x * 4, y * 4 + i);
            recon_words[word] = add_residual(recon_words[word], residual[i], residual[i + 4]);
        }
    } else {
        leave_4x4(residual_quad(address) + block * 2, residual);
    }
}

// What the four invocations of an 8x8 block exchange, one block after another: its rows, two columns in each word. Each
// invocation transforms two rows, and then two columns.
shared uvec4 rows_8x8[gl_WorkGroupSize.x * 2];
uint row_8x8(uint row) { return (gl_LocalInvocationIndex & ~3) * 2 + row; }

void transform_rows(uvec4 mb, uint block, uint quarter, bool exists) {
    uint d[8];
    rows_of_8x8(levels_where(exists, mb, BLOCK_LUMA + block * 4), mb_kind(mb.x), mb_qp(mb.x), quarter, d);
    rows_8x8[row_8x8(quarter * 2)] = uvec4(d[0], d[2], d[4], d[6]);
    rows_8x8[row_8x8(quarter * 2 + 1)] = uvec4(d[1], d[3], d[5], d[7]);
}

void transform_columns(uvec4 mb, uint address, uint block, uint quarter) {
    uint d[8];
    [[unroll]] for (uint row = 0; row < 8; ++row) d[row] = rows_8x8[row_8x8(row)][quarter];
    columns_of_8x8(d);
    if (mb_kind(mb.x) == KIND_INTER) {
        [[unroll]] for (uint row = 0; row < 8; ++row) rows_8x8[row_8x8(row)][quarter] = d[row];
    } else {
        leave_4x4(residual_quad(address) + block * 8 + quarter * 2, d);
    }
}

void add_rows(uint address, uint block, uint quarter) {
    uint word = luma_word(address, (block & 1) * 8, (block >> 1) * 8 + quarter * 2);
    [[unroll]] for (uint i = 0; i < 2; ++i) {
        uvec4 row = rows_8x8[row_8x8(quarter * 2 + i)];
        recon_words[word] = add_residual(recon_words[word], row.x, row.y);
        recon_words[word + 1] = add_residual(recon_words[word + 1], row.z, row.w);
        word += row_words_of(address);
    }
}

void luma(uint address, bool exists, uint lane) {
    uvec4 mb = job_quads[job.mbs_quad + address];
    uint kind = mb_kind(mb.x), block = lane >> 2, quarter = lane & 3;
    bool coded = exists && kind != KIND_PCM && (mb.y & CODED_LUMA) != 0;
    bool is_8x8 = kind == KIND_INTRA_8X8 || kind == KIND_INTER && (mb.x & HEAD_TRANSFORM_8X8) != 0;
    bool has_4x4 = coded && !is_8x8 && (kind != KIND_INTER || is_coded(mb, BLOCK_LUMA + lane));
    if (subgroupAny(has_4x4)) luma_4x4(mb, address, lane, has_4x4);
    // All blocks of intra macroblocks are stored, even those without levels.
    bool has_8x8 = coded && is_8x8 && (kind != KIND_INTER || is_coded(mb, BLOCK_LUMA + block * 4));
    if (subgroupAny(has_8x8)) transform_rows(mb, block, quarter, has_8x8);
    neighbours_barrier();
    if (has_8x8) transform_columns(mb, address, block, quarter);
    neighbours_barrier();
    if (has_8x8 && kind == KIND_INTER) add_rows(address, block, quarter);
}

void chroma(uint address, uint block) {
    uvec4 mb = job_quads[job.mbs_quad + address];
    if (mb_kind(mb.x) == KIND_PCM || (mb.y & CODED_CHROMA) == 0) return;
    [[dont_unroll]] for (uint component = 1; component <= 2; ++component) {
        uint residual[8];
        chroma_residual(mb, component, block, residual);
        if (mb_kind(mb.x) == KIND_INTER) {
            [[unroll]] for (uint i = 0; i < 8; ++i) {
                uint word = chroma_word(address, (block & 1) * 8 + (i >> 2) * 4, (block >> 1) * 4 + (i & 3));
                recon_words[word] = add_chroma_residual(recon_words[word], component, residual[i]);
            }
        } else {
            leave_4x4(residual_quad(address) + 24 + component * 8 + block * 2, residual);
        }
    }
}

void main() {
    uint mbs = job.width_in_mbs * job.height_in_mbs, luma_groups = (mbs + 1) / 2;
    uint group = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
    if (subgroupAny(group < luma_groups)) {
        uint address = group * 2 + lane / 16;
        luma(min(address, mbs - 1), address < mbs, lane & 15);
    } else {
        uint address = (group - luma_groups) * 8 + lane / 4;
        if (address < mbs) chroma(address, lane & 3);
    }
}
