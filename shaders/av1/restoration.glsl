// SPDX-License-Identifier: MIT
// The input of loop restoration (7.17.6): samples around a stripe, and its units.
//
// A "plane" is luma (0), or both components of chroma (1) with interleaved samples. A "step" is the distance between samples of
// a component: 1 or 2. Words are counted from the start of the row.

uint plane_word(FrameLayout frame, uint plane) { return frame.word + (plane == 0 ? 0 : frame.chroma_offset / 4); }

// A stripe of a plane; the plane's last column and row (for chroma in pairs); and in words, its start in both frames, which
// have the same layout, and its pitch.
struct Stripe {
    uint plane;
    int start, end;
    int last_x, last_y;
    uint filtered, recon, pitch;
};

Stripe make_stripe(uint plane, uint index) {
    int start = int(index * 64) - 8 >> plane, sub = int(plane);
    return Stripe(plane, start, start + (64 >> plane) - 1, (int(job.upscaled_width) + sub >> plane) - 1, (int(job.height) + sub >> plane) - 1,
                  plane_word(job.upscaled_filtered, plane), plane_word(job.upscaled_recon, plane), job.upscaled_filtered.pitch / 4);
}

// The first word of a row as the stripe sees it: rows outside the stripe, at most two, are taken from before CDEF.
uint source_row(Stripe stripe, int y) {
    y = clamp(y, 0, stripe.last_y);
    int inside = clamp(y, stripe.start, stripe.end);
    return mix(stripe.recon, stripe.filtered, y == inside) + clamp(y, stripe.start - 2, stripe.end + 2) * stripe.pitch;
}

// log2 of the number of luma samples, or pairs of chroma, in a word.
int elements_log2(uint plane) { return (WORD_SAMPLES == 4 ? 2 : 1) - int(plane); }
int last_word(Stripe stripe) { return stripe.last_x >> elements_log2(stripe.plane); }

// Whether a word near this one contains samples beyond the picture.
bool is_at_border(Stripe stripe, int word) {
    return word < 2 || word + 2 >= last_word(stripe);
}

// A word of a row. If `word` is outside the row, and past the last column, samples repeat the outermost ones.
uint bordered_word(Stripe stripe, uint loaded, int word) {
    int log2_elements = elements_log2(stripe.plane), bits = 32 >> log2_elements, last = last_word(stripe);
    int element = word < 0 ? 0 : stripe.last_x & (1 << log2_elements) - 1;
    uint repeated = loaded >> element * bits;
    repeated = bits == 32 ? repeated : bits == 16 ? (repeated & 0xffff) * 0x00010001 : (repeated & 0xff) * 0x01010101;
    int kept_bits = word < 0 || word > last ? 0 : word < last ? 32 : (element + 1) * bits;
    uint kept = kept_bits == 0 ? 0 : ~0u >> 32 - kept_bits;
    return loaded & kept | repeated & ~kept;
}

// The number of words that filters read on each side.
const int SIDE = WORD_SAMPLES == 4 ? 1 : 2;

void load_words(out uint words[2 * SIDE + 1], Stripe stripe, int y, int word, bool border) {
    uint row = source_row(stripe, y);
    [[unroll]] for (int i = 0; i < 2 * SIDE + 1; ++i) words[i] = frame_words[row + clamp(word + i - SIDE, 0, last_word(stripe))];
    if (border) {
        [[unroll]] for (int i = 0; i < 2 * SIDE + 1; ++i) words[i] = bordered_word(stripe, words[i], word + i - SIDE);
    }
}

// Sample `i`, counted from the first one of the middle word.
int source_sample(uint words[2 * SIDE + 1], const int i) {
    return sample_at(words[(i + SIDE * WORD_SAMPLES) / WORD_SAMPLES], i + SIDE * WORD_SAMPLES & WORD_SAMPLES - 1);
}

// ---- Units ----

const uint NO_RESTORATION = 0, WIENER = 1, SELF_GUIDED = 2;

struct Unit {
    uint type, vertical, horizontal;
};

// The unit of luma (0), Cb (1) or Cr (2) for 64 columns (chroma: 32) of a stripe.
Unit load_unit(Stripe stripe, uint component, uint group, uint stripe_index) {
    uint type = job.restoration[component] & 0xff, log2_size = job.restoration[component] >> 8, half_size = 1 << log2_size >> 1;
    uint columns = max(stripe.last_x + 1 + half_size >> log2_size, 1), rows = max(stripe.last_y + 1 + half_size >> log2_size, 1);
    uint column = min(group * (64 >> stripe.plane) >> log2_size, columns - 1);
    uint row = min(stripe_index * (64 >> stripe.plane) >> log2_size, rows - 1);
    if (type == NO_RESTORATION) return Unit(NO_RESTORATION, 0, 0);
    uvec4 quad = job_quads[job.restoration_quads[component] + row * columns + column];
    return Unit(quad.x, quad.y, quad.z);
}
