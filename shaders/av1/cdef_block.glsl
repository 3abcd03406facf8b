// SPDX-License-Identifier: MIT
// How CDEF filters an 8x8 block, in a word: direction, 3 bits | primary and secondary shift of differences, 4 bits << 3 and <<
// 7 | primary and secondary strength, 10 bits << 11 and << 21

const int DEPTH_SHIFT = BIT_DEPTH - 8;

// The shift of differences that reduces a strength (7.15.3).
uint cdef_shift(uint strength, uint plane) { return uint(max(int(job.cdef_damping) + DEPTH_SHIFT - int(plane) - findMSB(strength), 0)); }

uint cdef_block(uint direction, uint primary, uint secondary, uint plane) {
    return direction | cdef_shift(primary, plane) << 3 | cdef_shift(secondary, plane) << 7 | primary << 11 | secondary << 21;
}

uint cdef_direction(uint block) { return block & 7; }
uint cdef_primary(uint block) { return bitfieldExtract(block, 11, 10); }
uint cdef_secondary(uint block) { return block >> 21; }
uint cdef_primary_shift(uint block) { return bitfieldExtract(block, 3, 4); }
uint cdef_secondary_shift(uint block) { return bitfieldExtract(block, 7, 4); }
