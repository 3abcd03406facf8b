// SPDX-License-Identifier: MIT
// edges.comp's output for each unit (4x4 luma samples) of the padded size, for deblocking and CDEF, in two words.
//   its block's    levels of deblocking as in BlockRecord::filter, 24 bits | skip << 24 | skip and inter << 25
//                  | log2 of the block's width << 26, of its height << 29, in units
//   its transform block's    log2 of the luma transform block's width | height << 3, in units | chroma's are 4x4 << 6

uint unit_columns() { return job.padded_width / 4; }
uint unit_rows() { return job.padded_height / 4; }
uint unit_word(uint column, uint row) { return job.edges_word + (row * unit_columns() + column) * 2; }

const uint UNIT_SKIP = 1 << 24, UNIT_SKIP_INTER = 1 << 25, UNIT_SMALL_CHROMA = 1 << 6;

// log2 of sizes in samples of the plane, perpendicular to a vertical (or horizontal) edge.
uint block_log2(uint block, bool chroma, const bool vertical) {
    uint log2 = bitfieldExtract(block, vertical ? 26 : 29, 3) + 2;
    return chroma ? max(log2 - 1, 2) : log2;
}
uint transform_log2(uint block, uint transform, bool chroma, const bool vertical) {
    uint luma = bitfieldExtract(transform, vertical ? 0 : 3, 3) + 2;
    uint own = (transform & UNIT_SMALL_CHROMA) != 0 ? 2 : min(block_log2(block, true, vertical), 5);
    return chroma ? own : luma;
}
