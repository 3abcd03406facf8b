// SPDX-License-Identifier: MIT
// The edges of 8x8 samples of a plane, in 12 bits: the level (6), the left and the top edge (2 each), and whether the inner
// edges, four samples further right and further down, are filtered (1 each).
const uint EDGE_NONE = 0, EDGE_4 = 1, EDGE_8 = 2, EDGE_16 = 3;  // the filter's length

uint edge_level(uint edges) { return edges & 63; }
uint edge_left(uint edges) { return edges >> 6 & 3; }
uint edge_top(uint edges) { return edges >> 8 & 3; }
bool edge_inner_left(uint edges) { return (edges & 1 << 10) != 0; }
bool edge_inner_top(uint edges) { return (edges & 1 << 11) != 0; }
uint without_inner_left(uint edges) { return edges & ~(1 << 10); }
// If a unit has neither, the top edge of the unit below is a cut.
bool has_top_edges(uint edges) { return edge_top(edges) != EDGE_NONE || edge_inner_top(edges); }
