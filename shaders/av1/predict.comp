// SPDX-License-Identifier: MIT
#version 460
// Inter prediction of simple records: from one reference, or from two with an average or weights. Workgroups are divided among
// classes of records as in job.predictions[0], luma's first; an invocation predicts a word's columns and up to 16 rows of a
// record. Reads the job and the reference pictures, writes recon and, for itself, scratch; waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS writeonly
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#define HAS_LOOPS_APART true
#include "prediction.glsl"

const uint KIND = 0;

// How to put a predicted row: store it for the other one (FIRST), write it to recon (SINGLE), or blend it with the stored one,
// whose weight in 1/16 this is (1 to 15).
const uint FIRST = 0, SINGLE = 16;
uint put_use;
uint put_word, stored;  // indices of the row in recon and in scratch
uint pitches;           // of recon in words, 21 bits; of scratch in four words: V3D would load them for each row

const uint ANY_FIRST = 1 << 8, ANY_SECOND = 1 << 9, ANY_WEIGHTED = 1 << 10, ANY_SAMPLES = 1 << 11;

void put_row(bool mine, Row result, uint flags) {
    if ((flags & ANY_FIRST) != 0) {
        if (mine && put_use == FIRST) store_fine(stored, result);
    }
    if ((flags & ANY_SECOND) != 0) {
        Row first = load_fine((mine ? stored : 0) + job.zero);  // invocations with fewer rows read inside
        result = (flags & ANY_WEIGHTED) != 0 ? weigh_rows(first, result, put_use) : average_rows(first, result);
    }
    if ((flags & ANY_SAMPLES) != 0) {
        uint samples = row_word(result);
        if (mine && put_use != FIRST) recon_words[put_word] = samples;
    }
    put_word += pitches & 0x1fffff;
    stored += (pitches >> 21) * 4;
}

void predict_list(uint group, uint list, const bool chroma) {
    Own own = find_own(KIND, group, chroma);
    uvec4 record = job_quads[own.quad];
    Translation from;
    from.reference = head_reference(record.y, list);
    from.single = head_reference(record.y, 1) == NO_REFERENCE;
    put_use = from.single ? SINGLE : FIRST;
    if (list == 1) {
        // Invocations without a second reference have nothing to predict.
        own.part.rows = from.single ? 0 : own.part.rows;
        from.reference = from.single ? head_reference(record.y, 0) : from.reference;
        put_use = !from.single && head_compound(record.y) == COMPOUND_DISTANCE ? head_weight(record.y) : 8;
    }
    if (!subgroupAny(own.part.rows > 0)) return;
    put_flags = list == 1 ? ANY_SECOND | ANY_SAMPLES : (subgroupAny(from.single) ? ANY_SAMPLES : 0) | (subgroupAny(!from.single) ? ANY_FIRST : 0);
    put_flags |= list == 1 && subgroupAny(put_use != 8) ? ANY_WEIGHTED : 0;
    from.mv = unpack_mv(list == 0 ? record.z : record.w);
    from.kernel_x = head_kernel_x(record.y);
    from.kernel_y = head_kernel_y(record.y);
    uint x = uint(own.part.x), y = uint(own.part.y);
    put_word = chroma ? chroma_word(job.recon, x, y) : luma_word(job.recon, x, y);
    stored = first_word(x, y, chroma);
    pitches = job.recon.pitch / 4 | stored_pitch() / 4 << 21;
    predict(own.part, from, chroma);
}

void predict_lists(uint group, const bool chroma) {
    [[dont_unroll]] for (uint list = 0; list < 2; ++list) predict_list(group, list, chroma);
}

void main() {
    uint group = group_index();
    if (subgroupAny(is_chroma_group(KIND, group))) {
        predict_lists(group, true);
    } else {
        predict_lists(group, false);
    }
}
