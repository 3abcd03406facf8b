// SPDX-License-Identifier: MIT
// Prediction sample by sample.

// A luma sample, or a chroma pair of Cb and Cr.
ivec2 read_samples(Reference r, int x, int y, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    x = clamp(x, 0, r.last_column);
    uint word = r.plane.words[uint(clamp(y, 0, r.last_row)) * r.pitch + uint(x / columns)];
    int i = x & columns - 1;
    return chroma ? ivec2(sample_at(word, i * 2), sample_at(word, i * 2 + 1)) : ivec2(sample_at(word, i), 0);
}

// Inserts a column's numbers into a row's. A chroma column has two.
ivec4 with_column(ivec4 numbers, int column, ivec2 value, const bool chroma) {
    if (chroma) return column == 0 ? ivec4(value, numbers.zw) : ivec4(numbers.xy, value);
    return mix(numbers, ivec4(value.x), equal(ivec4(column), ivec4(0, 1, 2, 3)));
}

int signed_byte(uvec2 bytes, int i) { return bitfieldExtract(int(i < 4 ? bytes.x : bytes.y), (i & 3) * 8, 8); }
