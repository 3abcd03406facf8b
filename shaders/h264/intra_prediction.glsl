// Intra prediction of 4x4 and 8x8 luma blocks (H.264 8.3.1.2, 8.3.2.2).
//
// The neighbours of a block of size n are one line of 3n + 1 edges: up the left side (0 to n - 1), the corner (n), and right
// along the top (n + 1 to 3n). A directional mode filters around a place on that line which moves evenly with x and y. Places
// count from the corner, in halves: an even one is an edge, the middle one of three; an odd one lies between two.

const uint MODE_VERTICAL = 0, MODE_HORIZONTAL = 1, MODE_DC = 2, MODE_VERTICAL_RIGHT = 5, MODE_HORIZONTAL_DOWN = 6;

// The place for the sample at (0, 0), and how far it moves with x and with y. Four bits for each mode but DC, with 3, 1 and 2
// added: vertical, horizontal, diagonal down left and down right, vertical right, horizontal down, vertical left, horizontal up.
const uint PLACES = 0x06243715, STEPS_X = 0x03233313, STEPS_Y = 0x03010402;

int filter_place(uint mode, int x, int y) {
    int shift = int(mix(mode - 1, mode, mode < MODE_DC)) * 4;
    int place = bitfieldExtract(int(PLACES), shift, 4) - 3;
    place += (bitfieldExtract(int(STEPS_X), shift, 4) - 1) * x;
    place += (bitfieldExtract(int(STEPS_Y), shift, 4) - 2) * y;
    // Around the corner two modes go on at twice the speed (zVR and zHD below -1).
    bool beyond = mode == MODE_VERTICAL_RIGHT && place < 0 || mode == MODE_HORIZONTAL_DOWN && place > 0;
    return mix(place, 2 * place, beyond);
}

// A sample is (edge[x] + 2 * edge[y] + edge[z] + 2) >> 2 of these edges. The mean of two edges is one of them twice around
// the other, and an edge alone is three times the same. Beyond its ends the line goes on with its last edges (8.3.1.2.4,
// 8.3.1.2.9).
ivec3 filter_edges(uint mode, int n, int x, int y) {
    int at = 2 * n + filter_place(mode, x, y);
    int before = at - 1 >> 1, after = at + 1 >> 1;
    ivec3 taps = ivec3(before, after, mix(after + 1, before, (at & 1) != 0));
    taps = mix(taps, ivec3(after), bvec3(mode < MODE_DC));
    return clamp(taps, 0, 3 * n);
}
