// SPDX-License-Identifier: MIT
// Predictions that are put together from several: first and second reference with a mask, or a block and its neighbours' vectors.
// Each of them is a pass. An invocation goes through those that its part has; what a pass says is read again for each, since during
// a prediction registers are scarce. Shaders that include this say in KIND which records are theirs.

layout(push_constant) uniform Groups { uint first_group, unused_groups; } groups;

// What becomes of predicted rows.
const uint PUT_SINGLE = 0, PUT_FIRST = 1, PUT_SECOND = 2, PUT_ABOVE = 3, PUT_LEFT = 4;
const uint NO_WARP = 0xffffffff;

struct Pass {
    Part part;
    Translation from;
    uint warp;     // index of a matrix
    ivec2 corner;  // of what is predicted by this vector
};

// Of the pass that runs, for put_row: the record's place and what of its head is needed, and of the next row its word in recon and
// in scratch and its place in the record.
uint put_mode, put_word, put_stored, put_compound, put_weights;
int put_rows, put_length;
ivec2 put_at;
bool put_inverse;
Wedge put_wedge;

void begin_rows(Part part, const bool chroma) {
    uint x = uint(part.x), y = uint(part.y);
    put_word = chroma ? chroma_word(job.recon, x, y) : luma_word(job.recon, x, y);
    put_stored = stored_word(x, y, chroma);
    put_rows = part.rows;
}

// ---- What becomes of rows ----

const uint EACH_BYTE = 0x01010101;

// A byte for each column of the word.
uint wedge_weights(const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    uint weights = 0;
    [[unroll]] for (int i = 0; i < columns; ++i) {
        ivec2 at = put_at + ivec2(i, 0);
        weights |= (chroma ? chroma_wedge_weight(put_wedge, at) : wedge_weight(put_wedge, at)) << i * 8;
    }
    return weights;
}

// 7.11.3.12. Luma leaves its weights where its first prediction was, for chroma.
uint difference_weights(Row first, Row second) {
    const int shift = BIT_DEPTH - 8 + 4;
    uint weights = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int difference = abs(fine_number(first, i) - fine_number(second, i)) + (1 << shift - 1) >> shift;
        int weight = min(38 + difference / 16, 64);
        weights |= uint(put_inverse ? 64 - weight : weight) << i * 8;
    }
    return weights;
}
uint left_weights() {
    uint x = uint(put_at.x), y = uint(put_at.y);
    uint word = job.residuals_words[0] + (y * 2 * job.padded_width + x * 2) / 2;
    uint upper = scratch_words[word], lower = scratch_words[word + job.padded_width / 2];
    uint weights = 0;
    [[unroll]] for (int i = 0; i < CHROMA_COLUMNS; ++i) {
        uint sum = bitfieldExtract(upper, i * 16, 8) + bitfieldExtract(upper, i * 16 + 8, 8) + bitfieldExtract(lower, i * 16, 8) +
                   bitfieldExtract(lower, i * 16 + 8, 8);
        weights |= (sum + 2 >> 2) << i * 8;
    }
    return weights;
}

uint blend_compound(Row second, const bool chroma) {
    Row first = load_fine(put_stored + job.zero);
    uint weights = put_weights;
    if (put_compound == COMPOUND_WEDGE) weights = wedge_weights(chroma);
    if (put_compound == COMPOUND_DIFFERENCE) {
        if (chroma) {
            weights = left_weights();
        } else {
            weights = difference_weights(first, second);
            scratch_words[put_stored] = weights;
        }
    }
    uint word = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int weight = int(bitfieldExtract(weights, (chroma ? i / 2 : i) * 8, 8));
        int sum = weight * fine_number(first, i) + (64 - weight) * fine_number(second, i) + 512 >> 10;
        word |= place_sample(clip_sample(sum), i);
    }
    return word;
}

uint blend_overlap(uint samples, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    uint own = recon_words[put_word + job.zero], word = 0;
    uint weights = put_weights;
    if (put_mode == PUT_ABOVE) weights = overlap_weight(put_length, put_at.y) * EACH_BYTE;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int weight = int(bitfieldExtract(weights, (chroma ? i / 2 : i) * 8, 8));
        int sum = weight * sample_at(own, i) + (64 - weight) * sample_at(samples, i) + 32 >> 6;
        word |= place_sample(sum, i);
    }
    return word;
}

void put_row(int row, Row result, const bool chroma) {
    if (row < put_rows) {
        if (put_mode == PUT_FIRST) {
            store_fine(put_stored, result);
        } else if (put_mode == PUT_SECOND) {
            recon_words[put_word] = blend_compound(result, chroma);
        } else {
            uint samples = row_word(result);
            if (put_mode != PUT_SINGLE) samples = blend_overlap(samples, chroma);
            recon_words[put_word] = samples;
        }
    }
    put_word += job.recon.pitch / 4;
    put_stored += stored_pitch();
    ++put_at.y;
}

// ---- Passes ----

// The next of the part's neighbours, from number `next` on; without rows where there is none.
void load_overlap(inout Pass pass, uint quad, inout uint next, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    uint overlaps = job_quads[quad + 1].z;
    uint first = bitfieldExtract(overlaps, 0, 24), above = bitfieldExtract(overlaps, 24, 4), count = above + (overlaps >> 28);
    ivec2 within = ivec2(pass.part.x, pass.part.y) - pass.corner;
    int rows = pass.part.rows;
    pass.part.rows = 0;
    uvec4 overlap = uvec4(0);
    int begin = 0, end = 0, depth = 0;
    [[dont_unroll]] while (next < count && rows > 0) {
        overlap = job_quads[job.overlaps_quad + first + next];
        int offset = int(bitfieldExtract(overlap.x, 0, 8)), length = int(bitfieldExtract(overlap.x, 8, 8));
        depth = int(bitfieldExtract(overlap.x, 16, 8));
        bool is_above = next < above;
        // Of the record's rows those that are this one's; none where it is in other columns.
        begin = is_above ? within.y : max(within.y, offset);
        end = min(within.y + rows, is_above ? depth : offset + length);
        bool covers = is_above ? within.x >= offset && within.x < offset + length : within.x < depth;
        ++next;
        if (!covers || end <= begin) continue;
        put_mode = is_above ? PUT_ABOVE : PUT_LEFT;
        pass.part.y = pass.corner.y + begin;
        pass.part.rows = end - begin;
        pass.corner += is_above ? ivec2(offset, 0) : ivec2(0, offset);
        put_at = ivec2(within.x, begin);
        break;
    }
    depth = max(depth, 2);
    put_length = depth;
    put_weights = 0;
    [[unroll]] for (int i = 0; i < columns; ++i) put_weights |= overlap_weight(depth, min(within.x + i, depth - 1)) << i * 8;
    pass.from.reference = head_reference(overlap.y, 0);
    pass.from.kernel_x = head_kernel_x(overlap.y);
    pass.from.kernel_y = head_kernel_y(overlap.y);
    pass.from.mv = unpack_mv(overlap.z);
    pass.from.single = true;
    pass.warp = NO_WARP;
}

// Pass `number` of an invocation; `next` counts its neighbours.
Pass load_pass(uint group, uint number, inout uint next, const bool chroma) {
    Own own = find_own(KIND, group, chroma);
    uvec4 record = job_quads[own.quad], second_quad = job_quads[own.quad + 1];
    uint head = record.y, list = min(number, 1);
    bool compound = head_reference(head, 1) != NO_REFERENCE;
    Pass pass;
    pass.part = own.part;
    pass.corner = record_corner(record.x);
    pass.from.reference = head_reference(head, compound ? list : 0);
    pass.from.kernel_x = head_kernel_x(head);
    pass.from.kernel_y = head_kernel_y(head);
    pass.from.mv = unpack_mv(list == 0 ? record.z : record.w);
    pass.from.single = !compound;
    bool warps = (head & (list == 0 ? HEAD_WARP_0 : HEAD_WARP_1)) != 0;
    pass.warp = !warps ? NO_WARP : list == 0 ? second_quad.y : pass.from.reference;
    put_mode = !compound ? PUT_SINGLE : list == 0 ? PUT_FIRST : PUT_SECOND;
    put_at = ivec2(own.part.x, own.part.y) - pass.corner;
    put_compound = head_compound(head);
    put_weights = (put_compound == COMPOUND_DISTANCE ? head_weight(head) * 4 : 32) * EACH_BYTE;
    put_inverse = (head & HEAD_MASK_INVERSE) != 0;
    put_wedge = load_wedge(second_quad.x, record_log2_size(record.x) + (chroma ? 1 : 0), head_wedge(head), (head & HEAD_WEDGE_SIGN) != 0);
    // Chroma finds luma's weights by its place in the plane.
    if (chroma && put_compound == COMPOUND_DIFFERENCE) put_at = ivec2(own.part.x, own.part.y);
    if (number > 1 && compound || number > 0 && !compound && (head & HEAD_HAS_OVERLAPS) == 0) pass.part.rows = 0;
    if (number > 0 && !compound && (head & HEAD_HAS_OVERLAPS) != 0) load_overlap(pass, own.quad, next, chroma);
    return pass;
}

// Predicts what a pass says. Shaders that include this say how.
void run_pass(Pass pass, const bool chroma);

void run_passes(uint group, const bool chroma) {
    uint next = 0;
    [[dont_unroll]] for (uint number = 0;; ++number) {
        Pass pass = load_pass(group, number, next, chroma);
        if (!subgroupAny(pass.part.rows > 0)) break;
        run_pass(pass, chroma);
    }
}

void main() {
    uint group = groups.first_group + group_index();
    if (subgroupAny(is_chroma_group(KIND, group))) {
        run_passes(group, true);
    } else {
        run_passes(group, false);
    }
}
