// SPDX-License-Identifier: MIT
// Intra records: predicted transform blocks of luma, or of both Cb and Cr.
const uint MODE_DC = 0, MODE_V = 1, MODE_H = 2, MODE_D45 = 3, MODE_D135 = 4, MODE_D117 = 5, MODE_D153 = 6, MODE_D207 = 7,
           MODE_D63 = 8, MODE_TM = 9;

struct IntraBlock {
    uint word;
    int x, y, size;  // samples of the plane, in chroma pairs
};

IntraBlock make_block(uint word) {
    uvec2 position = transform_position(word) * 4;
    return IntraBlock(word, int(position.x), int(position.y), 4 << int(transform_size(word)));
}

uint intra_mode(IntraBlock block) { return bitfieldExtract(block.word, 24, 4); }
bool above_available(IntraBlock block) { return block.y > 0; }
bool left_available(IntraBlock block) { return (block.word & 1u << 28) != 0; }
bool right_available(IntraBlock block) { return (block.word & 1u << 29) != 0; }
bool is_coded(IntraBlock block) { return block.word >> 30 != 0; }

// In chroma pairs.
int plane_width(const bool chroma) { return int(job.aligned_width >> (chroma ? 1 : 0)); }
int plane_height(const bool chroma) { return int(job.aligned_height >> (chroma ? 1 : 0)); }
int word_columns(const bool chroma) { return chroma ? WORD_SAMPLES / 2 : WORD_SAMPLES; }

uint recon_word_at(int x, int y, const bool chroma) {
    return chroma ? recon_chroma_word(uint(x), uint(y)) : recon_luma_word(uint(x), uint(y));
}
