// SPDX-License-Identifier: MIT
// Records with several predictions: from a first and a second reference, or from one reference and with neighbours' vectors.
// Each prediction is a pass. An invocation iterates over its part's passes, and stores their rows for predict_blend.comp. It
// reads a pass's parameters again each time, because registers are scarce during a prediction. Shaders that include this define
// KIND as the kind of their records.

// The destination of a pass: samples in recon; rows in the first (FIRST, ABOVE) or second part of scratch.
const uint SINGLE = 0, FIRST = 1, SECOND = 2, ABOVE = 3, LEFT = 4;
const uint NO_WARP = 0xffffffff;

struct Pass {
    Part part;
    Translation from;
    uint warp;     // index of a matrix
    ivec2 corner;  // of the area predicted with this vector
    uint use;
};

// The destination of the next row: samples in recon, or an unrounded row in scratch.
uint put_word;
bool puts_samples;
const uint ANY_SAMPLES = 1 << 8, ANY_ROWS = 1 << 9;

void begin_rows(Pass pass, const bool chroma) {
    uint x = uint(pass.part.x), y = uint(pass.part.y);
    puts_samples = pass.use == SINGLE;
    put_flags = (subgroupAny(puts_samples) ? ANY_SAMPLES : 0) | (subgroupAny(!puts_samples) ? ANY_ROWS : 0);
    put_word = pass.use == FIRST || pass.use == ABOVE ? first_word(x, y, chroma) : second_word(x, y, chroma);
    put_word = !puts_samples ? put_word : chroma ? chroma_word(job.recon, x, y) : luma_word(job.recon, x, y);
}

void put_row(bool mine, Row result, uint flags) {
    if ((flags & ANY_ROWS) != 0) {
        if (mine && !puts_samples) store_fine(put_word, result);
    }
    if ((flags & ANY_SAMPLES) != 0) {
        uint samples = row_word(result);
        if (mine && puts_samples) recon_words[put_word] = samples;
    }
    put_word += puts_samples ? job.recon.pitch / 4 : stored_pitch();
}

// The first of the part's neighbours, starting with number `next`, that overlaps it; `count` if there is none. Iterates over
// the list as a whole subgroup.
uint find_neighbour(uint first, uint above, uint count, uint next, ivec2 within, int rows) {
    uint found = count;
    [[dont_unroll]] for (uint i = 0; subgroupAny(i < count); ++i) {
        Neighbour n = read_neighbour(job_quads[job.overlaps_quad + first + min(i, max(count, 1) - 1)].x, i < above, within, rows);
        if (i >= next && i < found && n.end > n.begin) found = i;
    }
    return found;
}

// An invocation's next pass; without rows if there is none left. `progress` counts passes, and from bit 8 neighbours.
Pass load_pass(uint group, inout uint progress, const bool chroma) {
    uint number = progress & 0xff, next = progress >> 8;
    Own own = find_own(KIND, group, chroma);
    uvec4 record = job_quads[own.quad], details = job_quads[own.quad + 1];
    uint head = record.y, list = min(number, 1);
    bool compound = head_reference(head, 1) != NO_REFERENCE, warps = (head & (list == 0 ? HEAD_WARP_0 : HEAD_WARP_1)) != 0;
    bool overlaps = number > 0 && (head & HEAD_HAS_OVERLAPS) != 0;
    ivec2 corner = record_corner(record.x), within = ivec2(own.part.x, own.part.y) - corner;

    // Invocations without neighbours read another record's.
    uint first = overlaps ? bitfieldExtract(details.z, 0, 24) : 0, above = bitfieldExtract(details.z, 24, 4);
    uint count = overlaps ? above + (details.z >> 28) : 0, found = count;
    if (subgroupAny(overlaps)) found = find_neighbour(first, above, count, next, within, own.part.rows);
    progress = number + 1 | (overlaps ? found + 1 : 0) << 8;
    bool is_above = found < above, exists = overlaps && found < count;
    uvec4 overlap = job_quads[job.overlaps_quad + first + min(found, max(count, 1) - 1)];
    Neighbour n = read_neighbour(overlap.x, is_above, within, own.part.rows);

    Pass pass;
    pass.part = own.part;
    pass.part.y = exists ? corner.y + n.begin : pass.part.y;
    pass.part.rows = exists ? n.end - n.begin : number > (compound ? 1 : 0) ? 0 : pass.part.rows;
    pass.corner = corner + (!exists ? ivec2(0) : is_above ? ivec2(n.offset, 0) : ivec2(0, n.offset));
    head = exists ? overlap.y : head;
    pass.from.reference = head_reference(head, compound ? list : 0);
    pass.from.kernel_x = head_kernel_x(head);
    pass.from.kernel_y = head_kernel_y(head);
    pass.from.mv = unpack_mv(exists ? overlap.z : list == 0 ? record.z : record.w);
    pass.from.single = !compound;
    pass.warp = exists || !warps ? NO_WARP : list == 0 ? details.y : pass.from.reference;
    pass.use = exists ? (is_above ? ABOVE : LEFT) : !compound ? SINGLE : list == 0 ? FIRST : SECOND;
    return pass;
}

// Predicts a pass. Defined by shaders that include this; those that can warp do so in a separate round.
void run_pass(Pass pass, bool warped, const bool chroma);

void run_passes(uint group, bool warped, const bool chroma) {
    uint progress = 0;
    [[dont_unroll]] for (;;) {
        Pass pass = load_pass(group, progress, chroma);
        if (!subgroupAny(pass.part.rows > 0)) break;
        if ((pass.warp != NO_WARP) != warped) pass.part.rows = 0;
        if (subgroupAny(pass.part.rows > 0)) run_pass(pass, warped, chroma);
    }
}

void run_rounds(uint group, const bool chroma) {
    run_passes(group, false, chroma);
    if (CAN_WARP) run_passes(group + job.zero, true, chroma);
}

void main() {
    uint group = group_index();
    if (subgroupAny(is_chroma_group(KIND, group))) {
        run_rounds(group, true);
    } else {
        run_rounds(group, false);
    }
}
