// SPDX-License-Identifier: MIT
// Intra prediction of 4x4 and 8x8 luma blocks (H.264 8.3.1.2, 8.3.2.2), a word of four samples at a time.
//
// The neighbours of a block are one line of edges: up the left side, around the corner, and right along the top. Its bytes are
// in eight words, with the corner as the first byte of word 3, for both block sizes; beyond its ends the last edges are
// repeated (8.3.1.2.4, 8.3.1.2.9). A directional mode averages two or three edges around a position that moves linearly with x
// and y.

const uint MODE_VERTICAL = 0, MODE_HORIZONTAL = 1, MODE_DC = 2, MODE_DIAGONAL_DOWN_LEFT = 3, MODE_VERTICAL_RIGHT = 5,
           MODE_HORIZONTAL_DOWN = 6, MODE_VERTICAL_LEFT = 7, MODE_HORIZONTAL_UP = 8;

// The left side, lower half first; the top.
void make_edges(uvec2 left, uint corner, uvec4 top, out uint edges[8]) {
    edges = uint[](replicate_byte(left.x & 0xff), left.x, left.y, corner | top.x << 8, window(top.x, top.y, 24),
                   window(top.y, top.z, 24), window(top.z, top.w, 24), replicate_byte(top.w >> 24));
}

uint average_bytes_down(uint a, uint b) { return (a & b) + ((a ^ b) >> 1 & 0x7f7f7f7f); }

// (a + 2 * b + c + 2) >> 2 of each byte
uint mean_of_three(uint a, uint b, uint c) { return average_bytes(b, average_bytes_down(a, c)); }

// 8.3.2.2.1: 8x8 blocks filter their edges. An unavailable edge is replaced by its neighbour.
void filter_edges(inout uint edges[8], bool is_8x8, bool left, bool top, bool top_left) {
    uint corner = edges[3] & 0xff, alone = replicate_byte(corner);
    [[unroll]] for (int i = 1; i < 8; ++i) edges[i] = mix(alone, edges[i], !is_8x8 || (i < 3 ? left : top));
    uint beside_left = mix(edges[2] >> 24, corner, top_left), beside_top = mix(edges[3] >> 8 & 0xff, corner, top_left);
    edges[3] = mix(edges[3], edges[3] & 0xffffff00 | beside_top, is_8x8);
    uint before = edges[1] << 24;
    [[unroll]] for (int i = 1; i < 8; ++i) {
        uint own = edges[i], after = i == 7 ? own : i == 2 ? beside_left : edges[i + 1];
        edges[i] = mix(own, mean_of_three(window(before, own, 24), own, window(own, after, 8)), is_8x8);
        before = own;
    }
    edges[0] = replicate_byte(edges[1] & 0xff);
    edges[7] = replicate_byte(edges[7] & 0xff);
}

// Eight edges, the first one being at place `first` from the corner.
uvec2 edges_from(uint edges[8], int first) {
    int at = max(first + 12, 0);
    uint words[6];
    [[unroll]] for (int i = 0; i < 6; ++i) words[i] = mix(edges[i], edges[min(i + 4, 7)], (at & 16) != 0);
    [[unroll]] for (int i = 0; i < 4; ++i) words[i] = mix(words[i], words[i + 2], (at & 8) != 0);
    [[unroll]] for (int i = 0; i < 3; ++i) words[i] = mix(words[i], words[i + 1], (at & 4) != 0);
    uint bits = uint(at & 3) * 8;
    return uvec2(window(words[0], words[1], bits), window(words[1], words[2], bits));
}

// Twice the place for the sample at (0, 0), and its increments with x and with y. Four bits for each mode but DC, with 6, 1 and
// 2 added: vertical, horizontal, diagonal down left and down right, vertical right, horizontal down, vertical left, horizontal
// up.
const uint PLACES = 0x09476a48, STEPS_X = 0x03233313, STEPS_Y = 0x03010402;

int place_of(uint mode, int x, int y) {
    int shift = int(mix(mode - 1, mode, mode < MODE_DC)) * 4;
    int place = int(bitfieldExtract(PLACES, shift, 4)) - 6;
    place += (int(bitfieldExtract(STEPS_X, shift, 4)) - 1) * x;
    place += (int(bitfieldExtract(STEPS_Y, shift, 4)) - 2) * y;
    return place >> 1;
}

// Samples (x, y) to (x + 3, y) in all modes except DC, without around_corner's part.
uint predict_directional(uint edges[8], uint mode, int x, int y) {
    uvec2 near = edges_from(edges, place_of(mode, x, y) - 1);
    uint before = near.x, own = window(near.x, near.y, 8), after = window(near.x, near.y, 16);
    uint two = average_bytes(own, after), three = mean_of_three(before, own, after);
    bool vertical = mode == MODE_VERTICAL_RIGHT || mode == MODE_VERTICAL_LEFT;
    uint word = mix(three, two, vertical && (y & 1) == 0);
    word = mix(word, own, mode == MODE_VERTICAL);
    word = mix(word, replicate_byte(own & 0xff), mode == MODE_HORIZONTAL);
    uint down = spread_pair(two) | three & 0xff00 | (three & 0xff0000) << 8;
    word = mix(word, down, mode == MODE_HORIZONTAL_DOWN);
    uint up = two >> 8 & 0xff | three & 0xff00 | (two & 0xff) << 16 | three << 24;
    return mix(word, up, mode == MODE_HORIZONTAL_UP);
}

// Around the corner two modes continue at twice the speed (zVR and zHD below -1): vertical right in the first y / 2 columns,
// horizontal down from column 2 * y + 2 on.
uint around_corner(uint edges[8], uint mode, int x, int y, uint word) {
    bool right = mode == MODE_VERTICAL_RIGHT;
    uvec2 near = edges_from(edges, mix(x - 2 * y - 1, 1 - y, right) - 1);
    uint own = window(near.x, near.y, 8), after = window(near.x, near.y, 16), next = window(near.x, near.y, 24);
    uint three = mean_of_three(near.x, own, after), next_three = mean_of_three(own, after, next);
    uint twice = three & 0xff | three >> 8 & 0xff00 | next_three >> 8 & 0xff0000;
    int count = mix(2 * y + 2 - x, mix(y >> 1, 0, x != 0), right);
    uint first = count >= 4 ? 0xffffffff : (1u << max(count, 0) * 8) - 1;
    word = mix(word, word & first | three & ~first, mode == MODE_HORIZONTAL_DOWN);
    return mix(word, twice & first | word & ~first, right);
}
