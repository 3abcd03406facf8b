// SPDX-License-Identifier: MIT
#version 460
// Inter prediction of simple records: one reference, or two averaged or weighted. Workgroups are divided among classes of records as
// job.predictions[0] says, luma's first; an invocation owns a word's columns and up to 16 rows of a record.
// Reads the job and the reference pictures, writes recon and, for itself, scratch; waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS writeonly
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#include "prediction.glsl"

const uint KIND = 0;

// What becomes of a predicted row.
bool is_single, is_second;
uint weight;           // of the first one, in 1/16
uint word, stored;     // of the row in recon and in scratch
int rows;

void put_row(int row, Row result, const bool chroma) {
    bool mine = row < rows;
    if (subgroupAny(is_second)) {
        Row first = load_fine(stored + job.zero);
        result = subgroupAny(weight != 8) ? weigh_rows(first, result, weight) : average_rows(first, result);
    }
    if (subgroupAny(is_single || is_second)) {
        uint samples = row_word(result);
        if (mine && (is_single || is_second)) recon_words[word] = samples;
    }
    if (subgroupAny(!is_single && !is_second) && mine && !is_single && !is_second) store_fine(stored, result);
    word += job.recon.pitch / 4;
    stored += stored_pitch();
}

void predict_list(uint group, uint list, const bool chroma) {
    Own own = find_own(KIND, group, chroma);
    uvec4 record = job_quads[own.quad];
    Translation from;
    from.reference = head_reference(record.y, list);
    is_second = list == 1;
    is_single = !is_second && head_reference(record.y, 1) == NO_REFERENCE;
    weight = head_compound(record.y) == COMPOUND_DISTANCE ? head_weight(record.y) : 8;
    if (from.reference == NO_REFERENCE) {
        own.part.rows = 0;
        from.reference = head_reference(record.y, 0);
        weight = 8;
    }
    if (!subgroupAny(own.part.rows > 0)) return;
    from.mv = unpack_mv(list == 0 ? record.z : record.w);
    from.kernel_x = head_kernel_x(record.y);
    from.kernel_y = head_kernel_y(record.y);
    from.single = is_single;
    rows = own.part.rows;
    uint x = uint(own.part.x), y = uint(own.part.y);
    word = chroma ? chroma_word(job.recon, x, y) : luma_word(job.recon, x, y);
    stored = stored_word(x, y, chroma);
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
