// SPDX-License-Identifier: MIT
// Warped prediction (7.11.3.5): squares of 8x8 samples, each sample of which has filters of its own.

uvec2 load_warp_filter(int position) {
    uint i = uint((position + 512 >> 10) + 64) * 2;
    return uvec2(job.warp_filters[i], job.warp_filters[i + 1]);
}

// Luma's sample, or chroma's Cb and Cr.
ivec2 read_samples(Reference r, int x, int y, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    x = clamp(x, 0, r.last_column);
    uint word = r.plane.words[uint(clamp(y, 0, r.last_row)) * r.pitch + uint(x / columns)];
    int i = x & columns - 1;
    return chroma ? ivec2(sample_at(word, i * 2), sample_at(word, i * 2 + 1)) : ivec2(sample_at(word, i), 0);
}

// Puts the numbers of a column into a row's. Of chroma a column has two.
ivec4 with_column(ivec4 numbers, const int column, ivec2 value, const bool chroma) {
    if (chroma) {
        if (column == 0) numbers.xy = value;
        if (column == 1) numbers.zw = value;
    } else {
        numbers[column] = value.x;
    }
    return numbers;
}

int signed_byte(uvec2 bytes, int i) { return bitfieldExtract(int(i < 4 ? bytes.x : bytes.y), (i & 3) * 8, 8); }

#ifdef WARPS
// What the samples of a square have in common: position and shear.
struct Square {
    ivec2 at, fraction;
    int alpha, beta, gamma, delta;
};

Square make_square(uint warp, ivec2 middle) {
    uvec4 low = job_quads[job.warps_quad + warp * 2], high = job_quads[job.warps_quad + warp * 2 + 1];
    ivec2 to = ivec2(low.z * middle.x + low.w * middle.y + low.x, high.x * middle.x + high.y * middle.y + low.y);
    Square square;
    square.at = to;
    square.fraction = ivec2(0);
    square.alpha = low_number(high.z);
    square.beta = high_number(high.z);
    square.gamma = low_number(high.w);
    square.delta = high_number(high.w);
    return square;
}

Row warp_row(Reference r, Square square, int column, int row, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    ivec4 numbers = ivec4(0);
    [[unroll]] for (int i = 0; i < columns; ++i) {
        uvec2 filter8 = load_warp_filter(square.fraction.x + square.alpha * (column + i) + square.beta * row);
        ivec2 sum = ivec2(4);
        [[dont_unroll]] for (int t = 0; t < 8; ++t) {
            sum += read_samples(r, square.at.x + column + i - 3 + t, square.at.y + row, chroma) * signed_byte(filter8, t);
        }
        numbers = with_column(numbers, i, sum >> 3, chroma);
    }
    return fine_row(numbers);
}

Row warp_column(Row rows[8], Square square, int column, int row, bool single, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    ivec4 numbers = ivec4(0);
    [[unroll]] for (int i = 0; i < columns; ++i) {
        uvec2 filter8 = load_warp_filter(square.fraction.y + square.gamma * (column + i) + square.delta * row);
        ivec2 sum = ivec2(single ? 1024 : 64);
        [[unroll]] for (int t = 0; t < 8; ++t) {
            int tap = signed_byte(filter8, t);
            sum.x += fine_number(rows[t], chroma ? i * 2 : i) * tap;
            if (chroma) sum.y += fine_number(rows[t], i * 2 + 1) * tap;
        }
        numbers = with_column(numbers, i, sum >> (single ? 11 : 7), chroma);
    }
    return predicted_row(numbers, single);
}

void predict_warp(Part part, Pass pass, const bool chroma) {
    const int sub = chroma ? 1 : 0;
    bool warps = pass.warp != NO_WARP;
    Reference r = chroma ? chroma_reference(pass.from.reference) : luma_reference(pass.from.reference);
    ivec2 within = ivec2(part.x, part.y) - pass.corner;
    int column = (within.x & 7) - 4;
    [[dont_unroll]] for (int first = 0; subgroupAny(first < part.rows); first += 8) {
        ivec2 middle = pass.corner + (within + ivec2(0, first) & ~7) + 4;
        Square square = make_square(warps ? pass.warp : 0, middle << sub);
        ivec2 to = square.at >> sub;
        square.at = to >> 16;
        square.fraction = to & 0xffff;
        Row rows[8];
        [[unroll]] for (int i = 0; i < 8; ++i) rows[i] = Row(0);
        [[dont_unroll]] for (int row = -7; row < 8; ++row) {
            [[unroll]] for (int i = 0; i < 7; ++i) rows[i] = rows[i + 1];
            rows[7] = warp_row(r, square, column, row, chroma);
            if (row >= 0) put_row(first + row, warp_column(rows, square, column, row - 4, pass.from.single, chroma), chroma);
        }
    }
}
#endif
