// SPDX-License-Identifier: MIT
// Intra records as in include/daedalus/av1/job.h. A point is a sample of luma, or a pair of Cb and Cr, so that both share their
// code.
const uint MODE_DC = 0, MODE_V = 1, MODE_H = 2, MODE_D67 = 8, MODE_SMOOTH = 9, MODE_SMOOTH_V = 10, MODE_SMOOTH_H = 11,
           MODE_PAETH = 12, MODE_CFL = 13, MODE_FILTER = 14, MODE_PALETTE = 15, MODE_COPY = 16, MODE_INTER_INTRA = 17;
const uint HAVE_LEFT = 1u << 14, HAVE_ABOVE = 1u << 15, HAVE_ABOVE_RIGHT = 1u << 16, HAVE_BELOW_LEFT = 1u << 17,
           SMOOTH_EDGE = 1u << 18, CODED = 3u << 19, WEDGE = 1u << 26;

struct IntraBlock {
    uint chroma;  // 1, or 0
    uint mode_word, detail;
    uint mode;    // for inter-intra blocks the intra mode to blend
    int x, y;     // points
    int log2_width, log2_height;
    uint team;
};

bool has(IntraBlock block, uint bit) { return (block.mode_word & bit) != 0; }
uint record_mode(IntraBlock block) { return bitfieldExtract(block.mode_word, 0, 5); }
int angle_of(IntraBlock block) { return int(bitfieldExtract(block.mode_word, 5, 9)); }
int width_of(IntraBlock block) { return 1 << block.log2_width; }
int height_of(IntraBlock block) { return 1 << block.log2_height; }
bool is_directional(IntraBlock block) { return block.mode >= MODE_V && block.mode <= MODE_D67; }

// Tx_Width_Log2 and Tx_Height_Log2, four bits each.
const uint TX_WIDTHS[3] = uint[](0x33265432, 0x34265544, 0x00000645), TX_HEIGHTS[3] = uint[](0x42365432, 0x52456453, 0x00000463);

int tx_log2(uint size, uint first, uint second, uint third) {
    return int((size < 8 ? first : size < 16 ? second : third) >> (size & 7) * 4 & 15);
}

IntraBlock make_sized_block(uvec4 record, uint chroma, int log2_width, int log2_height, uint team) {
    IntraBlock block;
    block.chroma = chroma;
    block.mode_word = record.y;
    block.detail = record.z;
    block.x = int(bitfieldExtract(record.x, 0, 11)) * 4;
    block.y = int(bitfieldExtract(record.x, 11, 11)) * 4;
    block.log2_width = log2_width;
    block.log2_height = log2_height;
    uint mode = record_mode(block);
    block.mode = mode == MODE_INTER_INTRA ? bitfieldExtract(record.y, 21, 5) : mode;
    block.team = team;
    return block;
}

IntraBlock make_block(uvec4 record, uint chroma) {
    uint size = bitfieldExtract(record.x, 22, 5);
    bool whole = bitfieldExtract(record.y, 0, 5) >= MODE_COPY;
    int log2_width = whole ? int(size & 7) + 1 : tx_log2(size, TX_WIDTHS[0], TX_WIDTHS[1], TX_WIDTHS[2]);
    int log2_height = whole ? int(bitfieldExtract(record.x, 25, 3)) + 1 : tx_log2(size, TX_HEIGHTS[0], TX_HEIGHTS[1], TX_HEIGHTS[2]);
    return make_sized_block(record, chroma, log2_width, log2_height, 0);
}

// The last word of a slot; see intra_part in job.h.
const uint SLOT_CHROMA = 1, SLOT_EXISTS = 2, SLOT_TEAM_SHIFT = 23;
int first_row_of(uvec4 slot) { return int(bitfieldExtract(slot.w, 8, 7)); }
int end_row_of(uvec4 slot) { return first_row_of(slot) + int(bitfieldExtract(slot.w, 15, 8)); }

IntraBlock make_slot_block(uvec4 slot) {
    int log2_width = int(bitfieldExtract(slot.w, 2, 3)), log2_height = int(bitfieldExtract(slot.w, 5, 3));
    return make_sized_block(slot, slot.w & SLOT_CHROMA, log2_width, log2_height, slot.w >> SLOT_TEAM_SHIFT);
}
