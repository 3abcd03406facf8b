// SPDX-License-Identifier: MIT
// Reference pictures as words of their planes. Samples beyond the edges repeat the outermost ones (7.11.3.4).

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

// Up to eight words, aligned to the end.
struct Words {
    uvec4 low, high;
};
Words add_word(Words words, uint word) { return Words(uvec4(words.low.yzw, words.high.x), uvec4(words.high.yzw, word)); }
uint word_of(Words words, const int count, const int i) {
    const int at = 8 - count + i;
    return at < 4 ? words.low[at] : words.high[at - 4];
}

// Reads `count` words of a row starting at this column of words. Near the plane's border it clamps and replicates them one by
// one; otherwise there is no branch between the loads, so that they are in flight together.
Words read_words(Reference r, int column, int row, bool border, const int columns, const int count) {
    Words words = Words(uvec4(0), uvec4(0));
    if (border) {
        uint line = uint(clamp(row, 0, r.last_row)) * r.pitch;
        [[dont_unroll]] for (int i = 0; i < count; ++i) {
            uint word = r.plane.words[line + uint(clamp(column + i, 0, r.last_column / columns))];
            words = add_word(words, replicate(word, column + i, r.last_column, columns));
        }
    } else {
        uint first = uint(row) * r.pitch + uint(column);
        [[unroll]] for (int i = 0; i < count; ++i) words = add_word(words, r.plane.words[first + uint(i)]);
    }
    return words;
}
