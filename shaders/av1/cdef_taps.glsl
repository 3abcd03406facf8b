// SPDX-License-Identifier: MIT
// The taps of CDEF (7.15.3), for all samples of a word at once. A word contains its samples' numbers side by side, with 8 bits
// each, or 16 bits each for 10-bit samples. Distances and strengths are below HIGH, so that its bits show the result of
// comparisons; sums need all bits.
#if BIT_DEPTH == 8
const uint HIGH = 0x80808080, ONES = 0x01010101;
const int HIGH_BIT = 7;
#else
const uint HIGH = 0x80008000, ONES = 0x00010001;
const int HIGH_BIT = 15;
#endif

// All bits below each set high bit.
uint below_high(uint high) { return high - (high >> HIGH_BIT); }
// max(a - b, 0); HIGH must be added to a.
uint saturated(uint a, uint b) {
    uint difference = a - b;
    return difference & below_high(difference & HIGH);
}

// What other samples are compared with: a word's samples.
struct Compared {
    uint guarded;  // HIGH minus the lower bits
    uint high;     // 8 bits: the highest bits, inverted
};
// The distances from those samples, and masks of those that are less.
struct Distances {
    uint less, distance;
};

#if BIT_DEPTH == 8
Compared compare_with(uint word) { return Compared(HIGH - (word & ~HIGH), ~word & HIGH); }
// Distances of 127 and more count as 127: no strength is large enough for them to matter.
Distances distances_of(uint word, Compared own) {
    uint high = word & HIGH, difference = word - high + own.guarded;
    uint same = high ^ own.high;  // equal highest bits
    uint less = (high ^ (high ^ difference) & same) ^ HIGH, ones = less >> 7;
    uint mask = less + less - ones, distance = (difference ^ same ^ mask) + ones;
    return Distances(mask, (distance | below_high(distance & HIGH)) & ~HIGH);
}
#else
Compared compare_with(uint word) { return Compared(HIGH - (word >> 6 & 0x03ff03ff), 0); }
Distances distances_of(uint word, Compared own) {
    uint difference = (word >> 6 & 0x03ff03ff) + own.guarded, less = ~difference & HIGH, mask = below_high(less);
    return Distances(mask, (difference & ~HIGH ^ mask) + (less >> 15));
}
#endif

// A strength in the form that taps need.
struct Strength {
    uint limit;        // plus HIGH
    uint shift, mask;  // the bits of a number that are valid after the shift
};
Strength make_strength(uint strength, uint shift) {
    return Strength(HIGH + strength * ONES, shift, ((1u << HIGH_BIT) - 1 >> shift) * ONES);
}

// The distances after constraining.
uint constrained(uint distance, Strength strength) {
    uint most = saturated(strength.limit, distance >> strength.shift & strength.mask);
    return most - saturated(most + HIGH, distance);
}

// Sums over all taps, and over taps that are less than the center; the largest distances of those that are more, and of those
// that are less.
struct Sums {
    uint all, less;
    uint most_more, most_less;
};

uint largest(uint a, uint b) { return a + saturated(b + HIGH, a); }

void bound(inout Sums sums, Distances d) {
    uint less = d.distance & d.less;
    sums.most_less = largest(sums.most_less, less);
    sums.most_more = largest(sums.most_more, d.distance - less);
}

// Adds two opposite taps.
void add_taps(inout Sums sums, Compared own, uint ahead, uint behind, uint weight, Strength strength, bool bounded) {
    Distances a = distances_of(ahead, own), b = distances_of(behind, own);
    uint first = constrained(a.distance, strength), second = constrained(b.distance, strength);
    sums.all += (first + second) * weight;
    sums.less += ((first & a.less) + (second & b.less)) * weight;
    if (bounded) {
        bound(sums, a);
        bound(sums, b);
    }
}

int number_at(uint numbers, int i) { return int(bitfieldExtract(numbers, i * (32 / WORD_SAMPLES), 32 / WORD_SAMPLES)); }

// The filtered samples of a word.
uint filtered_samples(uint word, Sums sums, bool bounded) {
    uint result = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int sum = number_at(sums.all, i) - 2 * number_at(sums.less, i), change = 8 + sum + (sum >> 31) >> 4;
        if (bounded) change = clamp(change, -number_at(sums.most_less, i), number_at(sums.most_more, i));
        result |= place_sample(sample_at(word, i) + change, i);
    }
    return result;
}
