// Intra prediction of 4x4 and 8x8 luma blocks (H.264 8.3.1.2, 8.3.2.2).
//
// The neighbours of a block of size n are one line of 3n + 1 edges: up the left side (0 to n - 1), the corner (n), and right
// along the top (n + 1 to 3n). All directional modes are then filters over neighbouring edges.

const uint MODE_VERTICAL = 0, MODE_HORIZONTAL = 1, MODE_DC = 2, MODE_DIAGONAL_DOWN_LEFT = 3, MODE_DIAGONAL_DOWN_RIGHT = 4;
const uint MODE_VERTICAL_RIGHT = 5, MODE_HORIZONTAL_DOWN = 6, MODE_VERTICAL_LEFT = 7;  // the last, 8: horizontal up

// How a sample follows from edges: (edge[outer] + 2 * edge[centre] + edge[other outer] + 2) >> 2. One edge alone is three
// times the same, the mean of two is one of them twice around the other.
struct Taps {
    ivec4 first, centre, last;
};

Taps one_tap(ivec4 i) { return Taps(i, i, i); }

// The mean of edges i and i + 1 where `two`, else the three edges around `centre`.
Taps two_or_three(bvec4 two, ivec4 i, ivec4 centre) {
    return Taps(mix(centre - 1, i, two), mix(centre, i + 1, two), mix(centre + 1, i, two));
}

// Those of four samples in columns x and row y of a block of size n; not for DC.
Taps taps_of(uint mode, int n, ivec4 x, int y) {
    const bvec4 never = bvec4(false);
    switch (mode) {
    case MODE_VERTICAL:
        return one_tap(n + 1 + x);
    case MODE_HORIZONTAL:
        return one_tap(ivec4(n - 1 - y));
    case MODE_DIAGONAL_DOWN_LEFT:
        return two_or_three(never, x, n + 2 + x + y);
    case MODE_DIAGONAL_DOWN_RIGHT:
        return two_or_three(never, x, n + x - y);
    case MODE_VERTICAL_RIGHT: {
        ivec4 z = 2 * x - y, i = n + x - (y >> 1);
        bvec4 on_top = greaterThanEqual(z, ivec4(0));
        bool even_row = (y & 1) == 0;
        return two_or_three(bvec4(uvec4(on_top) & uint(even_row)), i, mix(n + 1 + z, i, on_top));
    }
    case MODE_HORIZONTAL_DOWN: {
        ivec4 z = 2 * y - x, i = n - y + (x >> 1);
        bvec4 on_left = greaterThanEqual(z, ivec4(0));
        return two_or_three(bvec4(uvec4(on_left) & uvec4(~x & 1)), i - 1, mix(n - 1 - z, i, on_left));
    }
    case MODE_VERTICAL_LEFT: {
        ivec4 i = n + 1 + x + (y >> 1);
        return two_or_three(bvec4((y & 1) == 0), i, i + 1);
    }
    default: {
        ivec4 i = n - 2 - y - (x >> 1);
        return two_or_three(equal(x & 1, ivec4(0)), i, i);
    }
    }
}
