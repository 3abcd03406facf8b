// SPDX-License-Identifier: MIT
// Which part of which block an invocation predicts.

// What an invocation predicts of a plane: a word's columns starting at x, and rows starting at y.
struct Part {
    int x, y, rows;
};

ivec2 unpack_mv(uint mv) { return ivec2(low_number(mv), high_number(mv)); }

Part make_part(uint place, uint lane, uint w, uint h, bool small, const bool chroma) {
    const uint log2_columns = chroma ? (WORD_SAMPLES == 4 ? 1 : 0) : (WORD_SAMPLES == 4 ? 2 : 1);
    const uint log2_unit = chroma ? 2 : 3;
    // Chroma has half the columns and rows, but in pairs: a word covers half as many columns as in luma.
    uint log2_words = w + log2_unit - log2_columns;
    uint column = lane & (1 << log2_words) - 1, row = lane >> log2_words;
    int rows = (small ? 4 : h == 0 ? 8 : 16) >> (chroma ? 1 : 0);
    uvec2 corner = block_position(place) << log2_unit;
    Part part = Part(int(corner.x + (column << log2_columns)), int(corner.y) + int(row) * rows, rows);
    // No rows outside the picture.
    part.rows = max(min(rows, int(job.aligned_height >> (chroma ? 1 : 0)) - part.y), 0);
    if (part.x >= int(job.aligned_width >> (chroma ? 1 : 0))) part.rows = 0;
    return part;
}

// The part's vector out of four in a block below 8x8; for chroma their average.
ivec2 small_mv(uint quad, Part part, uint list, const bool chroma) {
    uvec4 upper = job_quads[quad + 1], lower = job_quads[quad + 2];
    uvec4 mvs = list == 0 ? uvec4(upper.xz, lower.xz) : uvec4(upper.yw, lower.yw);
    if (!chroma) return unpack_mv(mvs[(part.x >> 2 & 1) + (part.y >> 1 & 2)]);
    ivec2 sum = unpack_mv(mvs.x) + unpack_mv(mvs.y) + unpack_mv(mvs.z) + unpack_mv(mvs.w);
    return (sum + mix(ivec2(2), ivec2(-2), lessThan(sum, ivec2(0)))) / 4;
}

// What an invocation predicts from one of its block's references.
struct ListPart {
    Part part;  // no rows if there is nothing to predict
    ivec2 mv;
    uint reference, interp_filter;
    uint place;  // the block's
    bool is_small;
};

#define LIST_PART(NAME, WORK)                                                                                          \
    ListPart NAME(uint list, const bool chroma) {                                                                      \
        uint group = gl_WorkGroupID.x - (chroma ? job.WORK.groups[WORK_CLASSES] : 0), c = 0;                           \
        [[unroll]] for (uint i = 1; i < WORK_CLASSES; ++i) c += group >= job.WORK.groups[i] ? 1 : 0;                   \
        uint lane = (group - job.WORK.groups[c]) * gl_WorkGroupSize.x + gl_LocalInvocationIndex;                       \
        return load_list_part(c, lane, job.WORK.first[c], job.WORK.end[c], list, chroma);                              \
    }

// `first` and `end`: the class's blocks. Called again for the other list instead of keeping results: registers are scarce during
// a prediction.
ListPart load_list_part(uint c, uint lane, uint first, uint end, uint list, const bool chroma) {
    ListPart own;
    own.is_small = c == SMALL_CLASS;
    uint w = own.is_small ? 0 : c & 3, h = own.is_small ? 0 : c >> 2;
    uint log2_lanes = w + (WORD_SAMPLES == 4 ? 1 : 2) + (own.is_small ? 1 : max(h, 1) - 1);
    uint index = first + (lane >> log2_lanes);
    bool exists = index < end;
    index = min(index, end - 1);
    uint quad = own.is_small ? job.small_blocks_quad + index * 3 : job.blocks_quad + index;
    uvec4 block = job_quads[quad];
    own.place = block.x;
    own.part = make_part(block.x, lane & (1 << log2_lanes) - 1, w, h, own.is_small, chroma);
    own.reference = block_reference(block.y, list);
    own.interp_filter = block_filter(block.y);
    if (!exists || own.reference == NO_REFERENCE) own.part.rows = 0;
    own.mv = unpack_mv(list == 0 ? block.z : block.w);
    if (own.is_small) own.mv = small_mv(quad, own.part, list, chroma);
    // With nothing to predict, reads from somewhere inside.
    if (own.part.rows == 0) own.mv = ivec2(0);
    if (own.reference == NO_REFERENCE) own.reference = block_reference(block.y, 0);
    return own;
}
