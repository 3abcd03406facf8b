// SPDX-License-Identifier: MIT
// Four samples in a word, the first in the low byte, and two 16-bit numbers in a word.

const uint EVEN_BYTES = 0x00ff00ff;

// Four bytes from byte `bits / 8` of eight, bits being 0, 8, 16 or 24.
uint window(uint low, uint high, uint bits) { return (low >> bits) + (high << 1 << (31 - bits)); }

// Bytes 0 and 1, a Cb, Cr pair, each in its half of a word.
uint spread_pair(uint two) { return (two & 0xff) + ((two & 0xff00) << 8); }

uint replicate_byte(uint byte) { return byte * 0x01010101; }

// (a + b + 1) >> 1 of each byte
uint average_bytes(uint a, uint b) { return (a | b) - ((a ^ b) >> 1 & 0x7f7f7f7f); }

// The sum of four bytes.
uint byte_sum(uint word) {
    uint two = (word & EVEN_BYTES) + (word >> 8 & EVEN_BYTES);
    return (two & 0xffff) + (two >> 16);
}

int low_number(uint two) { return bitfieldExtract(int(two), 0, 16); }
int high_number(uint two) { return int(two) >> 16; }

uint clip1(int value) { return uint(clamp(value, 0, 255)); }
uint make_word(uint a, uint b, uint c, uint d) { return a + (b << 8) + (c << 16) + (d << 24); }

int sample_at(uint word, int i) { return int(bitfieldExtract(word, i * 8, 8)); }
