// SPDX-License-Identifier: MIT
// Inter prediction (H.264 8.4.2): four columns of luma, or of Cb, Cr pairs.
//
// Choices are uniform in a subgroup: a costlier path is taken by all of its blocks if any needs it. On V3D divergent branches
// cost much more.

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer PlaneWords { uint words[]; };

// A reference plane: NV12's words, each with four luma samples or two Cb, Cr pairs.
struct ReferenceWords {
    PlaneWords plane;
    uint pitch;  // in words
    int last_row;
};

int last_column() { return int(job.width_in_mbs * 4) - 1; }  // in words, luma and chroma

// Whether any of a subgroup's blocks, each three words wide from this column and with these rows, extends beyond its plane.
bool cross_border(ReferenceWords reference, int column, int first_row, int last_row) {
    return subgroupAny(column < 0 || column + 2 > last_column() || first_row < 0 || last_row > reference.last_row);
}

// Beyond the plane's edges, its outermost samples or pairs are repeated (8.4.2.2).
uint replicate(uint word, int column, bool luma) {
    if (column < 0) word = luma ? (word & 0xff) * 0x01010101 : (word & 0xffff) * 0x00010001;
    if (column > last_column()) word = luma ? (word >> 24) * 0x01010101 : (word >> 16) * 0x00010001;
    return word;
}
uint read_at_border(ReferenceWords reference, int column, int row, bool luma) {
    uint line = uint(clamp(row, 0, reference.last_row)) * reference.pitch;
    return replicate(reference.plane.words[line + uint(clamp(column, 0, last_column()))], column, luma);
}

// Three words of a row.
uvec3 read_words(ReferenceWords reference, int column, int row, bool border, bool luma) {
    if (border) {
        return uvec3(read_at_border(reference, column, row, luma), read_at_border(reference, column + 1, row, luma),
                     read_at_border(reference, column + 2, row, luma));
    }
    uint first = uint(row) * reference.pitch + uint(column);
    return uvec3(reference.plane.words[first], reference.plane.words[first + 1], reference.plane.words[first + 2]);
}

const uint NO_REFERENCE = 0xff;

uint motion_slot(uvec4 entry, uint list) { return entry.z >> list * 8 & 0xff; }
bool uses(uvec4 entry, uint list) { return motion_slot(entry, list) != NO_REFERENCE; }
ivec2 motion_vector(uvec4 entry, uint list) {
    uint mv = list == 0 ? entry.x : entry.y;
    return ivec2(low_number(mv), high_number(mv));
}

// The row in the frame: a reference field is every second row of its frame.
const uint BOTTOM_FIELD = 16;
ReferencePlane field_plane(uint slot) {
    ReferencePlane plane = job.references[slot & 15];
    uint carry, bottom = slot / BOTTOM_FIELD;
    plane.address.x = uaddCarry(plane.address.x, bottom * plane.pitch, carry);
    plane.address.y += carry;
    plane.pitch *= 2;
    return plane;
}
// Table 8-9: chroma's two fields are not as far apart as luma's.
ivec2 chroma_vector_of_field(uvec4 entry, uint list, bool bottom) {
    return motion_vector(entry, list) + ivec2(0, 2 * (int(bottom) - int(motion_slot(entry, list) / BOTTOM_FIELD)));
}

// For macroblocks with this head. `rows`: the picture's rows of samples that a vector can address.
#if PICTURE_KIND == PICTURE_FIELD
ReferencePlane reference_plane(uint head, uint slot) { return field_plane(slot); }
uint reference_rows(uint head, uint rows) { return rows; }
ivec2 chroma_vector(uint head, uvec4 entry, uint list, uint mb_row) {
    return chroma_vector_of_field(entry, list, job.is_bottom_field != 0);
}
#elif PICTURE_KIND == PICTURE_MBAFF
ReferencePlane reference_plane(uint head, uint slot) {
    // Slots of frames are below BOTTOM_FIELD.
    ReferencePlane plane = field_plane(slot);
    plane.pitch = is_field_mb(head) ? plane.pitch : plane.pitch / 2;
    return plane;
}
uint reference_rows(uint head, uint rows) { return is_field_mb(head) ? rows / 2 : rows; }
ivec2 chroma_vector(uint head, uvec4 entry, uint list, uint mb_row) {
    return is_field_mb(head) ? chroma_vector_of_field(entry, list, (mb_row & 1) != 0) : motion_vector(entry, list);
}
#else
ReferencePlane reference_plane(uint head, uint slot) { return job.references[slot]; }
uint reference_rows(uint head, uint rows) { return rows; }
ivec2 chroma_vector(uint head, uvec4 entry, uint list, uint mb_row) { return motion_vector(entry, list); }
#endif

ReferenceWords luma_reference(uint head, uint slot) {
    ReferencePlane plane = reference_plane(head, slot);
    return ReferenceWords(PlaneWords(plane.address), plane.pitch / 4, int(reference_rows(head, job.height_in_mbs * 16)) - 1);
}
ReferenceWords chroma_reference(uint head, uint slot) {
    ReferencePlane plane = reference_plane(head, slot);
    uint carry;
    uint low = uaddCarry(plane.address.x, plane.chroma_offset, carry);
    return ReferenceWords(PlaneWords(uvec2(low, plane.address.y + carry)), plane.pitch / 4,
                          int(reference_rows(head, job.height_in_mbs * 8)) - 1);
}

// ---- Weighted prediction, 8.4.2.3 ----

const uint WEIGHTS_DEFAULT = 0, WEIGHTS_IMPLICIT = 1;

// (first * weights.x + second * weights.y + half of 2^shift >> shift) + offset. `first` is the prediction from list 0, if there
// is one; `second` is from list 1.
struct Weighting {
    ivec2 weights;
    int offset;
    int shift;
};

// The weighting of component 0 to 2.
Weighting make_weighting(uvec4 entry, uint component) {
    bool l0_used = uses(entry, 0), both = l0_used && uses(entry, 1);
    uint mode = entry.w & 3;
    // Default: the average of both, or the only one.
    Weighting w = Weighting(ivec2(1, both ? 1 : 0), 0, both ? 1 : 0);
    if (mode == WEIGHTS_IMPLICIT) {
        int w1 = int(entry.w) >> 2;
        w = Weighting(ivec2(64 - w1, w1), 0, 6);
    } else if (mode != WEIGHTS_DEFAULT) {
        uint index_l1 = entry.w >> 17, index_l0 = l0_used ? bitfieldExtract(entry.w, 2, 15) : index_l1;
        uvec4 l0 = job_quads[job.weights_quad + index_l0], l1 = job_quads[job.weights_quad + index_l1];
        uint w0 = component == 0 ? l0.x : component == 1 ? l0.y : l0.z;
        uint w1 = both ? (component == 0 ? l1.x : component == 1 ? l1.y : l1.z) : 0;
        int log_wd = int(bitfieldExtract(l0.w, component == 0 ? 0 : 8, 8));
        w.weights = ivec2(low_number(w0), low_number(w1));
        w.offset = both ? high_number(w0) + high_number(w1) + 1 >> 1 : high_number(w0);
        w.shift = both ? log_wd + 1 : log_wd;
    }
    return w;
}

uint weight_sample(int first, int second, Weighting w) {
    int sum = first * w.weights.x + second * w.weights.y + (1 << w.shift >> 1);
    return clip1((sum >> w.shift) + w.offset);
}

// Registers are scarce: each invocation keeps its predicted words here, list 0's eight and then list 1's, until they are
// combined.
shared uint predicted_words[16][gl_WorkGroupSize.x];

// ---- Luma, 8.4.2.2.1 ----

// For two pairs: six-tap sums plus SUM_BIAS, which makes them positive (-2550..10710 before).
const uint SUM_BIAS = 2560;
const uint SUM_BIAS_PAIR = SUM_BIAS << 16 | SUM_BIAS;

uint six_tap_pair(uint a, uint b, uint c, uint d, uint e, uint f) {
    uint t = (c + d << 2) - (b + e);
    return a + f + t + (t << 2) + SUM_BIAS_PAIR;
}

// Converts sums scaled by 32 and biased by 80 * 32 to samples; `even` holds those of bytes 0 and 2.
uint clip_biased(uint sum) { return clamp(sum, 80, 335) - 80; }
uint half_samples(uint even, uint odd) {
    even = even + 0x00100010 >> 5 & 0x07ff07ff;
    odd = odd + 0x00100010 >> 5 & 0x07ff07ff;
    return make_word(clip_biased(even & 0xffff), clip_biased(odd & 0xffff), clip_biased(even >> 16),
                     clip_biased(odd >> 16));
}

// The nine samples of a row from two left of the block, the ninth in the low byte of z.
uvec3 read_nine(ReferenceWords reference, int x, int row, bool border) {
    uvec3 words = read_words(reference, x - 2 >> 2, row, border, true);
    uint bits = uint(x - 2 & 3) * 8;
    return uvec3(window(words.x, words.y, bits), window(words.y, words.z, bits), words.z >> bits & 0xff);
}

// The samples of the block's own columns, or the samples one to the right of them.
uint own_columns(uvec3 nine, bool right) { return right ? (nine.x >> 24) + (nine.y << 8) : (nine.x >> 16) + (nine.y << 16); }

// b1 of Figure 8-4 in each column: sums of columns 0 and 2 in x, 1 and 3 in y.
uvec2 row_sums(uvec3 nine) {
    uint p02 = nine.x & EVEN_BYTES, p13 = nine.x >> 8 & EVEN_BYTES;
    uint p46 = nine.y & EVEN_BYTES, p57 = nine.y >> 8 & EVEN_BYTES;
    uint p24 = (p02 >> 16) + (p46 << 16), p35 = (p13 >> 16) + (p57 << 16), p68 = (p46 >> 16) + (nine.z << 16);
    return uvec2(six_tap_pair(p02, p13, p24, p35, p46, p57), six_tap_pair(p13, p24, p35, p46, p57, p68));
}

// h1 likewise, from the same column of six rows.
uint column_half_samples(uint a, uint b, uint c, uint d, uint e, uint f) {
    uint even = six_tap_pair(a & EVEN_BYTES, b & EVEN_BYTES, c & EVEN_BYTES, d & EVEN_BYTES, e & EVEN_BYTES,
                             f & EVEN_BYTES);
    uint odd = six_tap_pair(a >> 8 & EVEN_BYTES, b >> 8 & EVEN_BYTES, c >> 8 & EVEN_BYTES, d >> 8 & EVEN_BYTES,
                            e >> 8 & EVEN_BYTES, f >> 8 & EVEN_BYTES);
    return half_samples(even, odd);
}

// j: the six-tap filter over row sums, with two numbers in each word. Their biases add up to 80 * 1024.
ivec2 centre_sums(uint af, uint be, uint cd) {
    ivec2 outer = ivec2(af & 0xffff, af >> 16), inner = 4 * ivec2(cd & 0xffff, cd >> 16) - ivec2(be & 0xffff, be >> 16);
    return (outer + inner + 4 * inner + 512 >> 10) - 80;
}
uint centre_samples(uvec2 a, uvec2 b, uvec2 c, uvec2 d, uvec2 e, uvec2 f) {
    ivec2 even = centre_sums(a.x + f.x, b.x + e.x, c.x + d.x);
    ivec2 odd = centre_sums(a.y + f.y, b.y + e.y, c.y + d.y);
    return make_word(clip1(even.x), clip1(odd.x), clip1(even.y), clip1(odd.y));
}

// Six rows, the last of which is two or three below the predicted row.
struct RowWindow {
    uint columns[6];  // the samples of the block's columns
    uvec2 sums[6];    // of row_sums
};

void push_row(inout RowWindow window, uint columns, uvec2 sums) {
    [[unroll]] for (int i = 0; i < 5; ++i) {
        window.columns[i] = window.columns[i + 1];
        window.sums[i] = window.sums[i + 1];
    }
    window.columns[5] = columns;
    window.sums[5] = sums;
}

// What any position in the subgroup needs: the samples b or s, h or m, and j of Figure 8-4.
const uint NEEDS_B = 1, NEEDS_H = 2, NEEDS_J = 4;
uint needed_samples(int x_fraction, int y_fraction) {
    bool j = x_fraction == 2 ? y_fraction != 0 : y_fraction == 2 && x_fraction != 0;
    return mix(0, NEEDS_B, subgroupAny(x_fraction != 0 && y_fraction != 2)) |
           mix(0, NEEDS_H, subgroupAny(y_fraction != 0 && x_fraction != 2)) | mix(0, NEEDS_J, subgroupAny(j));
}

// The average of two of the samples around the position, or one of them (Table 8-12).
uint predict_row(RowWindow w, uint needed, int x_fraction, int y_fraction) {
    uint g = y_fraction == 3 ? w.columns[3] : w.columns[2], b = 0, h = 0, j = 0;
    if ((needed & NEEDS_H) != 0) {
        h = column_half_samples(w.columns[0], w.columns[1], w.columns[2], w.columns[3], w.columns[4], w.columns[5]);
    }
    if ((needed & NEEDS_J) != 0) j = centre_samples(w.sums[0], w.sums[1], w.sums[2], w.sums[3], w.sums[4], w.sums[5]);
    if ((needed & NEEDS_B) != 0) {
        uvec2 sum = y_fraction == 3 ? w.sums[3] : w.sums[2];
        b = half_samples(sum.x, sum.y);
    }
    bool even_row = (y_fraction & 1) == 0;
    uint first = x_fraction == 2 ? (y_fraction == 0 ? b : j) : y_fraction == 0 ? g : h;
    uint second = (x_fraction & 1) != 0 ? (y_fraction == 2 ? j : b) : even_row ? first : x_fraction == 0 ? g : b;
    return average_bytes(first, second);
}

// The destination of predictions: predicted_words starting at `first`, to be finished later; or recon, written by the
// invocations that use the list, if nothing in the subgroup has two lists or weights.
struct Target {
    uint first;
    bool direct, used;
    uint recon_word;  // of the first row
};

// One list's prediction of the four columns and `rows` rows at (x, y). The whole subgroup passes the same `rows`.
void predict_luma(ReferenceWords reference, ivec2 mv, int x, int y, int rows, Target target) {
    int x_fraction = mv.x & 3, y_fraction = mv.y & 3;
    x += mv.x >> 2;
    y += mv.y >> 2;
    RowWindow row_window;
    [[unroll]] for (int i = 0; i < 6; ++i) {
        row_window.columns[i] = 0;
        row_window.sums[i] = uvec2(0);
    }
    // Vertical filters take rows from two above to three below.
    uint needed = needed_samples(x_fraction, y_fraction);
    int delay = subgroupAny(y_fraction != 0) ? 3 : 0;
    bool border = cross_border(reference, x - 2 >> 2, y - 2, y + rows + 2);
    [[dont_unroll]] for (int row = delay != 0 ? -2 : 0; row < rows + delay; ++row) {
        uvec3 nine = read_nine(reference, x, y + row, border);
        uint samples = own_columns(nine, x_fraction == 3);
        uvec2 sums = uvec2(0);
        if ((needed & (NEEDS_B | NEEDS_J)) != 0) sums = row_sums(nine);
        push_row(row_window, samples, sums);
        if (row >= delay) {
            if (delay != 0) {
                samples = predict_row(row_window, needed, x_fraction, y_fraction);
            } else if (needed != 0) {  // a, b, c
                uint b = half_samples(sums.x, sums.y);
                samples = x_fraction == 2 ? b : x_fraction == 0 ? samples : average_bytes(b, samples);
            }
            if (!target.direct) {
                predicted_words[target.first + uint(row - delay)][gl_LocalInvocationIndex] = samples;
            } else if (target.used) {
                recon_words[target.recon_word + uint(row - delay) * (job.recon_pitch / 4)] = samples;
            }
        }
    }
}

// ---- Chroma, 8.4.2.2.2 ----

// The Cb of two pairs and the Cr of two pairs, for each of two words.
uvec4 split_pairs(uvec2 words) { return uvec4(words, words >> 8) & EVEN_BYTES; }

// Four Cb, Cr pairs of a row, filtered horizontally and scaled by 8, as split_pairs divides them.
uvec4 chroma_row(ReferenceWords reference, int x, int row, int x_fraction, bool border) {
    uvec3 words = read_words(reference, x >> 1, row, border, false);
    uint bits = uint(x & 1) * 16;
    uvec2 pairs = uvec2(window(words.x, words.y, bits), window(words.y, words.z, bits));
    // The pairs one to the right.
    uvec2 next = (pairs >> 16) + (uvec2(pairs.y, words.z >> bits) << 16);
    uvec4 left = split_pairs(pairs), right = split_pairs(next);
    return (left << 3) + (right - left) * uint(x_fraction);
}

// Four pairs in two words, from the row above and the row below them.
uvec2 chroma_words(uvec4 top, uvec4 bottom, int y_fraction) {
    uvec4 samples = (top << 3) + (bottom - top) * uint(y_fraction) + 0x00200020 >> 6 & EVEN_BYTES;
    return samples.xy + (samples.zw << 8);
}

// One list's prediction of the four pairs and `rows` rows at (x, y), for the halves of `columns`: two words to a row. The
// whole subgroup passes the same rows and columns. A chroma vector is the luma vector in eighths of a chroma sample
// (8.4.1.4).
void predict_chroma(ReferenceWords reference, ivec2 mv, int x, int y, int rows, bvec2 columns, Target target) {
    x += mv.x >> 3;
    y += mv.y >> 3;
    bool border = cross_border(reference, x >> 1, y, y + rows);
    uvec4 above = chroma_row(reference, x, y, mv.x & 7, border);
    [[dont_unroll]] for (int row = 1; row <= rows; ++row) {
        uvec4 filtered = chroma_row(reference, x, y + row, mv.x & 7, border);
        uvec2 words = chroma_words(above, filtered, mv.y & 7);
        uint at = target.first + uint(row) * 2 - 2;
        if (target.direct) {
            uint word = target.recon_word + uint(row - 1) * (job.recon_pitch / 4);
            if (target.used) {
                recon_words[word] = words.x;
                recon_words[word + 1] = words.y;
            }
        } else {
            if (columns.x) predicted_words[at][gl_LocalInvocationIndex] = words.x;
            if (columns.y) predicted_words[at + 1][gl_LocalInvocationIndex] = words.y;
        }
        above = filtered;
    }
}
