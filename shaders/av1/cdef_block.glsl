// SPDX-License-Identifier: MIT
// How CDEF filters an 8x8 block: a word.
//   direction, 3 bits | of the primary and of the secondary taps: how far differences are shifted, 4 bits << 3 and << 7, and the
//   strength, 10 bits << 11 and << 21

const int DEPTH_SHIFT = BIT_DEPTH - 8;

// How far differences are shifted that a strength is reduced by (7.15.3).
uint cdef_shift(uint strength, uint plane) { return uint(max(int(job.cdef_damping) + DEPTH_SHIFT - int(plane) - findMSB(strength), 0)); }

uint cdef_block(uint direction, uint primary, uint secondary, uint plane) {
    return direction | cdef_shift(primary, plane) << 3 | cdef_shift(secondary, plane) << 7 | primary << 11 | secondary << 21;
}

uint cdef_direction(uint block) { return block & 7; }
uint cdef_primary(uint block) { return bitfieldExtract(block, 11, 10); }
uint cdef_secondary(uint block) { return block >> 21; }
uint cdef_primary_shift(uint block) { return bitfieldExtract(block, 3, 4); }
uint cdef_secondary_shift(uint block) { return bitfieldExtract(block, 7, 4); }
