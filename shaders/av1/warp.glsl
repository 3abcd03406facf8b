// SPDX-License-Identifier: MIT
// Warped prediction (7.11.3.5): squares of 8x8 samples in which each sample has its own filters.

uvec2 load_warp_filter(int position) {
    uint i = uint((position + 512 >> 10) + 64) * 2;
    return uvec2(job.warp_filters[i], job.warp_filters[i + 1]);
}

// Common to the samples of a square: the source of its centre, in 1/65536 samples, and its shear: alpha and beta, gamma and
// delta.
struct Square {
    ivec2 at;
    uvec2 shear;
};

// The square that contains the part's row `first`. Without a warp any square is fine.
Square make_square(Pass pass, int first, const bool chroma) {
    const int sub = chroma ? 1 : 0;
    uint warp = job.warps_quad + (pass.warp == NO_WARP ? 0 : pass.warp) * 2;
    ivec2 within = ivec2(pass.part.x, pass.part.y + first) - pass.corner;
    ivec2 middle = pass.corner + (within & ~7) + 4 << sub;
    uvec4 low = job_quads[warp], high = job_quads[warp + 1];
    ivec2 to = ivec2(low.z * middle.x + low.w * middle.y + low.x, high.x * middle.x + high.y * middle.y + low.y);
    return Square(to >> sub, pass.warp == NO_WARP ? uvec2(0) : high.zw);
}

// Two of the word's numbers at a time, as they are stored: their columns and components.
struct Two {
    ivec2 columns;  // from the square's centre
    ivec2 components;
};

Two choose_two(Pass pass, int which, const bool chroma) {
    int column = (pass.part.x - pass.corner.x & 7) - 4;
#if BIT_DEPTH == 8
    return chroma ? Two(column + ivec2(0, 1), ivec2(which)) : Two(column + which + ivec2(0, 2), ivec2(0));
#else
    return chroma ? Two(ivec2(column), ivec2(0, 1)) : Two(column + ivec2(0, 1), ivec2(0));
#endif
}

// A number of one row, filtered horizontally.
int warp_horizontally(Reference r, ivec2 at, uvec2 taps, int component, const bool chroma) {
    int sum = 4;
    [[dont_unroll]] for (int t = 0; t < 8; ++t) sum += read_samples(r, at.x - 3 + t, at.y, chroma)[component] * signed_byte(taps, t);
    return sum >> 3;
}

// Stores rows in scratch: fine ones, or for a single prediction rounded ones.
void predict_warp(Pass pass, const bool chroma) {
    Reference r = chroma ? chroma_reference(pass.from.reference) : luma_reference(pass.from.reference);
    uint word = pass.use == SECOND ? second_word(uint(pass.part.x), uint(pass.part.y), chroma)
                                   : first_word(uint(pass.part.x), uint(pass.part.y), chroma);
    bool single = pass.from.single;
    // Halves of the word's numbers, times squares of 8 rows.
    const int halves = BIT_DEPTH == 8 ? 2 : 1;
    [[dont_unroll]] for (int turn = 0; subgroupAny(turn / halves * 8 < pass.part.rows); ++turn) {
        int first = turn / halves * 8, which = turn & halves - 1;
        Square square = make_square(pass, first, chroma);
        Two two = choose_two(pass, which, chroma);
        uint history[8];
        [[unroll]] for (int i = 0; i < 8; ++i) history[i] = 0;
        [[dont_unroll]] for (int row = -7; row < 8; ++row) {
            [[unroll]] for (int i = 0; i < 7; ++i) history[i] = history[i + 1];
            history[7] = 0;
            [[dont_unroll]] for (int n = 0; n < 2; ++n) {
                int column = n == 0 ? two.columns.x : two.columns.y, component = n == 0 ? two.components.x : two.components.y;
                uvec2 taps = load_warp_filter((square.at.x & 0xffff) + low_number(square.shear.x) * column + high_number(square.shear.x) * row);
                int number = warp_horizontally(r, (square.at >> 16) + ivec2(column, row), taps, component, chroma);
                history[7] = history[7] >> 16 | uint(number) << 16;
            }
            if (row < 0) continue;
            uint both = 0;
            [[dont_unroll]] for (int n = 0; n < 2; ++n) {
                int column = n == 0 ? two.columns.x : two.columns.y;
                uvec2 taps = load_warp_filter((square.at.y & 0xffff) + low_number(square.shear.y) * column + high_number(square.shear.y) * (row - 4));
                int sum = single ? 1024 : 64;
                [[unroll]] for (int t = 0; t < 8; ++t) sum += bitfieldExtract(int(history[t]), n * 16, 16) * signed_byte(taps, t);
                both = both >> 16 | uint((sum >> (single ? 11 : 7)) + stored_bias(single)) << 16;
            }
            if (first + row < pass.part.rows) scratch_words[word + uint(first + row) * stored_pitch() + uint(which)] = both;
        }
    }
}
