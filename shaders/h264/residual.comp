#version 460
// Second dispatch of a picture: residuals. Those of inter macroblocks are added to their prediction in recon, those of intra
// macroblocks are left in scratch for their turn: what need not wait for neighbours is done before anything waits. With n
// macroblocks, workgroups are
//   [0, a)      luma, a = ceil(n / 16): an invocation owns a 4x4 block or half of an 8x8 block,
//   [a, a + b)  chroma, b = ceil(n / 64): an invocation owns a 4x4 block of Cb and of Cr.
// Reads the job, reads and writes recon, writes scratch, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#define RECON_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "residual.glsl"

layout(local_size_x = 256) in;

void leave_4x4(uint quad, uint residual[8]) {
    scratch_quads[quad] = uvec4(residual[0], residual[1], residual[2], residual[3]);
    scratch_quads[quad + 1] = uvec4(residual[4], residual[5], residual[6], residual[7]);
}

void luma_4x4(uvec4 mb, uint address, uint block) {
    uint kind = mb_kind(mb.x), bit = BLOCK_LUMA + block, qp = mb_qp(mb.x);
    if (kind == KIND_INTER && !is_coded(mb, bit)) return;
    uint x = block & 1 | block >> 1 & 2, y = block >> 1 & 1 | block >> 2 & 2;
    int dc = 0;
    if (kind == KIND_INTRA_16X16) dc = luma_16x16_dc(mb, qp, x, y);
    uint residual[8];
    residual_4x4(block_levels(mb, bit), level_scale_4x4_table(kind, 0, qp), qp, dc, residual);
    if (kind == KIND_INTER) {
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            uint word = luma_word(address, x * 4, y * 4 + i);
            recon_words[word] = add_residual(recon_words[word], residual[i], residual[i + 4]);
        }
    } else {
        leave_4x4(residual_quad(address) + block * 2, residual);
    }
}

void luma_8x8(uvec4 mb, uint address, uint block, uint right) {
    uint kind = mb_kind(mb.x), bit = BLOCK_LUMA + block * 4;
    if (kind == KIND_INTER && !is_coded(mb, bit)) return;
    uint residual[16];
    residual_8x8(block_levels(mb, bit), kind, mb_qp(mb.x), right != 0, residual);
    if (kind == KIND_INTER) {
        [[unroll]] for (uint i = 0; i < 8; ++i) {
            uint word = luma_word(address, (block & 1) * 8 + right * 4, (block >> 1) * 8 + i);
            recon_words[word] = add_residual(recon_words[word], residual[i], residual[i + 8]);
        }
    } else {
        uint quad = residual_quad(address) + block * 8 + right * 4;
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            scratch_quads[quad + i] = uvec4(residual[i * 4], residual[i * 4 + 1], residual[i * 4 + 2], residual[i * 4 + 3]);
        }
    }
}

void luma(uint address, uint lane) {
    uvec4 mb = job_quads[job.mbs_quad + address];
    uint kind = mb_kind(mb.x);
    if (kind == KIND_PCM || (mb.y & CODED_LUMA) == 0) return;
    if (kind == KIND_INTRA_8X8 || kind == KIND_INTER && (mb.x & HEAD_TRANSFORM_8X8) != 0) {
        if (lane < 8) luma_8x8(mb, address, lane >> 1, lane & 1);
    } else {
        luma_4x4(mb, address, lane);
    }
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
    uint mbs = job.width_in_mbs * job.height_in_mbs, luma_groups = (mbs + 15) / 16;
    uint group = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
    if (group < luma_groups) {
        uint address = group * 16 + lane / 16;
        if (address < mbs) luma(address, lane & 15);
    } else {
        uint address = (group - luma_groups) * 64 + lane / 4;
        if (address < mbs) chroma(address, lane & 3);
    }
}
