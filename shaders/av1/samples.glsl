// SPDX-License-Identifier: MIT
// Samples in words, the first one in the low bits: four bytes, or for 10 bits the upper ten bits of both halves.
#ifndef BIT_DEPTH
#define BIT_DEPTH 8
#endif

#if BIT_DEPTH == 8
const int WORD_SAMPLES = 4;
int sample_at(uint word, int i) { return int(bitfieldExtract(word, i * 8, 8)); }
uint place_sample(int value, int i) { return uint(value) << i * 8; }
#else
const int WORD_SAMPLES = 2;
int sample_at(uint word, int i) { return int(bitfieldExtract(word, i * 16 + 6, 10)); }
uint place_sample(int value, int i) { return uint(value) << i * 16 + 6; }
#endif
const uint SAMPLE_BYTES = 4 / WORD_SAMPLES;
const int LARGEST = (1 << BIT_DEPTH) - 1;
// Columns in a word: samples of luma, pairs of Cb and Cr.
const int LUMA_COLUMNS = WORD_SAMPLES, CHROMA_COLUMNS = WORD_SAMPLES / 2;

uint with_sample(uint word, uint i, int value) {
    const uint mask = WORD_SAMPLES == 4 ? 0xff : 0xffff;
    return word & ~(mask << i * (32 / WORD_SAMPLES)) | place_sample(value, int(i));
}

int clip_sample(int value) { return clamp(value, 0, LARGEST); }

int low_number(uint two) { return bitfieldExtract(int(two), 0, 16); }
int high_number(uint two) { return int(two) >> 16; }
uint two_numbers(int low, int high) { return uint(low) & 0xffff | uint(high) << 16; }

// 32 bits of two words, starting at bit `bits`, which is 0 to 31.
uint window(uint low, uint high, uint bits) { return (low >> bits) | (high << 1 << (31 - bits)); }

// Indices of words in a frame's buffer, for a plane's column (chroma: pair) and row. Columns must be multiples of a word's.
uint luma_word(FrameLayout frame, uint x, uint y) { return frame.word + (y * frame.pitch + x * SAMPLE_BYTES) / 4; }
uint chroma_word(FrameLayout frame, uint x, uint y) {
    return frame.word + (frame.chroma_offset + y * frame.pitch + x * 2 * SAMPLE_BYTES) / 4;
}
