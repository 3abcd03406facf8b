#version 460
// First dispatch of a picture: prediction of inter macroblocks, and for all macroblocks what later dispatches need in the
// scratch buffer. With n macroblocks, workgroups are
//   [0, a)          luma, a = ceil(n / 32): an invocation owns 4 columns and 8 rows, half of an 8x8 block,
//   [a, a + b)      chroma, b = ceil(n / 64): an invocation owns 4x4 samples of Cb and of Cr,
//   [a + b, a + b + c)  c = ceil(n / 256): an invocation computes a macroblock's boundary strengths and resets its word
//                   and, the first one, the counter of the ticket strategy.
// Reads the job and the reference pictures, writes recon and scratch, waits for nothing.
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 256) in;

#define RECON_ACCESS writeonly
#include "job.glsl"
#include "samples.glsl"
#include "inter_prediction.glsl"
#include "boundary_strength.glsl"

uvec4 macroblock(uint address) { return job_quads[job.mbs_quad + address]; }

uint motion_quad(uvec4 mb, uint x, uint y) {
    return job.entries_quad + mb.w + motion_entry(mb_motion_shape(mb.x), x, y);
}

bool is_weighted(uvec4 entry) { return (entry.w & 3) != WEIGHTS_DEFAULT; }

// The macroblock and, in 4x4 blocks, the place in it of the luma sample at (x, y).
uint address_at(uint x, uint y) { return (y >> 4) * job.width_in_mbs + (x >> 4); }
uvec2 luma_block_at(uint x, uint y) { return uvec2(x >> 2 & 3, y >> 2 & 3); }

// Prediction of the four columns and eight rows at (x, y) from each list. Returns 0, which compilers do not see through:
// what is worked out from it again after the prediction need not be kept during it.
uint predict_luma_blocks(uint x, uint y) {
    uvec4 mb = macroblock(address_at(x, y));
    uvec2 block = luma_block_at(x, y);
    uint first_entry = motion_quad(mb, block.x, block.y);
    // The entries of the upper and the lower 4x4 block differ only where each block of the macroblock has its own.
    uint rows = 8 - (mb_motion_shape(mb.x) & SHAPE_BLOCKS), turn = 0;
    // List 0's turns, then list 1's.
    [[dont_unroll]] for (; turn < 16; turn += rows) {
        uint list = turn >> 3, row = turn & 4;
        uvec4 entry = job_quads[first_entry + row];
        if (uses(entry, list)) {
            predict_luma(luma_reference(motion_slot(entry, list)), motion_vector(entry, list), int(x), int(y + row), int(rows), turn);
        }
    }
    return turn - 16;
}

uint weight_luma_row(uvec4 entry, uint first, uint second) {
    Weighting w = make_weighting(entry, 0);
    uint word = 0;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        word |= weight_sample(sample_at(first, i), sample_at(second, i), w) << i * 8;
    }
    return word;
}

void finish_luma(uint x, uint y) {
    uvec4 mb = macroblock(address_at(x, y));
    uvec2 block = luma_block_at(x, y);
    [[dont_unroll]] for (uint row = 0; row < 8; ++row) {
        uvec4 entry = job_quads[motion_quad(mb, block.x, block.y + row / 4)];
        uint first = predicted_rows[predicted_row(row)], second = predicted_rows[predicted_row(8 + row)];
        if (!uses(entry, 0)) first = second;
        if (!uses(entry, 1)) second = first;
        uint word = average_bytes(first, second);
        if (is_weighted(entry)) word = weight_luma_row(entry, first, second);
        recon_words[((y + row) * job.recon_pitch + x) / 4] = word;
    }
}

void reconstruct_luma(uint address, uint lane) {
    uint x = mb_column(address) * 16 + (lane & 3) * 4, y = mb_row(address) * 16 + (lane & 4) * 2;
    uint nought = predict_luma_blocks(x, y);
    finish_luma(x + nought, y + nought);
}

// One component of two Cb, Cr pairs, in bytes 0 and 2.
uint weight_pairs(uint first, uint second, Weighting w) {
    return weight_sample(sample_at(first, 0), sample_at(second, 0), w) |
           weight_sample(sample_at(first, 2), sample_at(second, 2), w) << 16;
}

// Final prediction of the 2x2 block of Cb, Cr pairs at (x, y), a word to a row.
uvec2 predict_chroma_block(uvec4 entry, int x, int y) {
    uvec2 l0 = uvec2(0), l1 = uvec2(0);
    [[dont_unroll]] for (uint list = 0; list < 2; ++list) {
        l0 = l1;
        if (uses(entry, list)) {
            l1 = predict_chroma(chroma_reference(motion_slot(entry, list)), motion_vector(entry, list), x, y);
        }
    }
    uvec2 rows = uvec2(combine_default(entry, l0.x, l1.x), combine_default(entry, l0.y, l1.y));
    if (!is_weighted(entry)) return rows;
    if (!uses(entry, 0)) l0 = l1;
    rows = uvec2(0);
    [[dont_unroll]] for (uint component = 1; component <= 2; ++component) {
        Weighting w = make_weighting(entry, component);
        uint bits = component * 8 - 8;
        rows |= uvec2(weight_pairs(l0.x >> bits, l1.x >> bits, w), weight_pairs(l0.y >> bits, l1.y >> bits, w)) << bits;
    }
    return rows;
}

// Prediction of the 4x4 block of Cb, Cr pairs at (x, y), its left two columns and then its right two. Returns 0 as predict_luma_blocks does.
uint predict_chroma_blocks(uint x, uint y, out uint rows[8]) {
    uvec4 mb = macroblock(address_at(x * 2, y * 2));
    uvec2 first = luma_block_at(x * 2, y * 2);
    uint samples[8];
    [[unroll]] for (int i = 0; i < 8; ++i) samples[i] = 0;
    uint i = 0;
    [[dont_unroll]] for (; i < 4; ++i) {
        uvec2 block = uvec2(i & 1, i >> 1);
        uvec4 entry = job_quads[motion_quad(mb, first.x + block.x, first.y + block.y)];
        uvec2 pairs = predict_chroma_block(entry, int(x + block.x * 2), int(y + block.y * 2));
        // In the order of the blocks: two words each.
        [[unroll]] for (int k = 0; k < 6; ++k) samples[k] = samples[k + 2];
        samples[6] = pairs.x;
        samples[7] = pairs.y;
    }
    rows = uint[](samples[0], samples[1], samples[4], samples[5], samples[2], samples[3], samples[6], samples[7]);
    return i - 4;
}

void finish_chroma(uint x, uint y, uint rows[8]) {
    uint pitch = job.recon_pitch / 4, first = job.recon_chroma_offset / 4 + x / 2;
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        recon_words[(y + i) * pitch + first] = rows[i];
        recon_words[(y + i) * pitch + first + 1] = rows[i + 4];
    }
}

void reconstruct_chroma(uint address, uint lane) {
    uint x = mb_column(address) * 8 + (lane & 1) * 4, y = mb_row(address) * 8 + (lane & 2) * 2;
    uint rows[8];
    uint nought = predict_chroma_blocks(x, y, rows);
    finish_chroma(x + nought, y + nought, rows);
}

void prepare_scratch(uint address, uint mbs) {
    store_boundary_strengths(address);
    scratch_words[36 * mbs + address] = 0;
    if (address == 0) scratch_words[37 * mbs] = 0;
}

bool is_inter(uint address, uint mbs) { return address < mbs && mb_kind(macroblock(address).x) == KIND_INTER; }

// Luma comes last: what the branches before it need takes no registers from it then.
void main() {
    uint mbs = job.width_in_mbs * job.height_in_mbs;
    uint luma_groups = (mbs + 31) / 32, chroma_groups = (mbs + 63) / 64;
    uint group = gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
    if (group >= luma_groups + chroma_groups) {
        uint address = (group - luma_groups - chroma_groups) * 256 + lane;
        if (address < mbs) prepare_scratch(address, mbs);
    } else if (group >= luma_groups) {
        uint address = (group - luma_groups) * 64 + lane / 4;
        if (is_inter(address, mbs)) reconstruct_chroma(address, lane & 3);
    } else {
        uint address = group * 32 + lane / 8;
        if (is_inter(address, mbs)) reconstruct_luma(address, lane & 7);
    }
}
