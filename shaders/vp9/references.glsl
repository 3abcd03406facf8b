// SPDX-License-Identifier: MIT
// Reference pictures as words of their planes. Samples beyond the edges repeat the outermost ones (VP9 8.5.2.3).

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer PlaneWords { uint words[]; };

// A plane. Columns count samples, or chroma pairs.
struct Reference {
    PlaneWords plane;
    uint pitch;  // in words
    int last_column, last_row;
};

Reference luma_reference(uint i) {
    ReferencePlane plane = job.references[i];
    return Reference(PlaneWords(plane.address), plane.pitch / 4, int(plane.width) - 1, int(plane.height) - 1);
}
Reference chroma_reference(uint i) {
    ReferencePlane plane = job.references[i];
    uint carry;
    uint low = uaddCarry(plane.address.x, plane.chroma_offset, carry);
    return Reference(PlaneWords(uvec2(low, plane.address.y + carry)), plane.pitch / 4, int(plane.width - 1 >> 1), int(plane.height - 1 >> 1));
}

// Columns in a word. A chroma column is a pair.
const int LUMA_COLUMNS = WORD_SAMPLES, CHROMA_COLUMNS = WORD_SAMPLES / 2;

// Replaces the samples past the plane's last column in the word at `column` (in words).
uint replicate(uint word, int column, int last, const int columns) {
    if (columns == 1) return word;
    const int bits = 32 / columns;
    int last_word = last / columns, kept = column < 0 ? 0 : last - last_word * columns;
    uint element = word >> kept * bits & (bits == 8 ? 0xff : 0xffff);
    uint all = element * (bits == 8 ? 0x01010101 : 0x00010001);
    uint mask = column < 0 || column > last_word ? 0 : column < last_word ? 0xffffffff : (2u << (kept + 1) * bits - 1) - 1;
    return word & mask | all & ~mask;
}

uint read_at_border(Reference r, int column, int row, const int columns) {
    uint line = uint(clamp(row, 0, r.last_row)) * r.pitch;
    return replicate(r.plane.words[line + uint(clamp(column, 0, r.last_column / columns))], column, r.last_column, columns);
}

uint read_word(Reference r, int column, int row, bool border, const int columns) {
    if (border) return read_at_border(r, column, row, columns);
    return r.plane.words[uint(row) * r.pitch + uint(column)];
}
