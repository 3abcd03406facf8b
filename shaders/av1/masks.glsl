// SPDX-License-Identifier: MIT
// Blending masks: weights of 0 to 64.

// Byte `i` of a table of bytes.
#define TABLE_BYTE(TABLE, I) bitfieldExtract(job.TABLE[(I) >> 2], int(I) % 4 * 8, 8)

// A wedge of a block (7.11.3.11): the block's position in the master mask of the wedge's direction.
struct Wedge {
    uint direction;
    ivec2 corner;
    bool inverse;
};

// `log2_size` is the block's in luma.
Wedge load_wedge(uint block_size, uvec2 log2_size, uint index, bool sign) {
    uint shape = log2_size.y > log2_size.x ? 0 : log2_size.y < log2_size.x ? 1 : 2;
    uint wedge = job.wedges[shape * 16 + index];
    ivec2 offset = ivec2(bitfieldExtract(wedge, 4, 4) << log2_size.x, bitfieldExtract(wedge, 8, 4) << log2_size.y) >> 3;
    bool flips = (job.wedge_flips[block_size] >> index & 1) != 0;
    return Wedge(wedge & 15, 32 - offset, sign != flips);
}

// Wedge_Master_Vertical, _Oblique_Even and _Odd: 0 up to 27, 64 from 36, `between` in between.
uint master_weight(uvec2 between, int at) {
    uint i = uint(clamp(at - 28, 0, 7));
    uint weight = bitfieldExtract(i < 4 ? between.x : between.y, int(i & 3) * 8, 8);
    return at < 28 ? 0 : at > 35 ? 64 : weight;
}
const uvec2 MASTER_VERTICAL = uvec2(0x15070200, 0x403e392b), MASTER_EVEN = uvec2(0x1b0b0401, 0x3f3e3a2e),
            MASTER_ODD = uvec2(0x12060201, 0x3f3c3525);

// The weight for the block's luma sample in this column and row.
uint wedge_weight(Wedge wedge, ivec2 at) {
    at += wedge.corner;
    bool transposed = wedge.direction == 0 || wedge.direction == 2 || wedge.direction == 5;
    bool mirrored = wedge.direction >= 4;
    int along = transposed ? at.x : at.y, across = transposed ? at.y : at.x;
    if (mirrored) across = 63 - across;
    uint weight = wedge.direction < 2 ? master_weight(MASTER_VERTICAL, across)
                                      : master_weight((along & 1) == 0 ? MASTER_EVEN : MASTER_ODD, across + (along + 1 >> 1) - 16);
    return mirrored != wedge.inverse ? 64 - weight : weight;
}

// The weight for a chroma sample (7.11.3.14).
uint chroma_wedge_weight(Wedge wedge, ivec2 at) {
    at *= 2;
    return wedge_weight(wedge, at) + wedge_weight(wedge, at + ivec2(1, 0)) + wedge_weight(wedge, at + ivec2(0, 1)) +
               wedge_weight(wedge, at + 1) + 2 >>
           2;
}

// The weights of overlapped prediction: the mask of length n starts at place n - 2, with the sample at the edge.
uint overlap_weight(uint place) { return TABLE_BYTE(obmc_masks, place); }

// The weight of the intra prediction in inter-intra without a wedge (7.11.3.13), `at` samples from the edge. `scale` is 128
// divided by the block's longer side.
uint inter_intra_weight(uint at, uint scale) {
    uint i = at * scale;
    return TABLE_BYTE(inter_intra_weights, i);
}
