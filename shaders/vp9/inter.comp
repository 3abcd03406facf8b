// SPDX-License-Identifier: MIT
#version 460
// The picture's first dispatch: predicts blocks from references of the picture's own size, and derives the loop filter's edges
// of all blocks. With n workgroups for luma, as job.unscaled.groups divides them among classes of blocks, workgroups are
//   [0, n)    luma: an invocation predicts a word's columns and up to 16 rows of a block,
//   [n, 2n)   chroma: a word's columns and up to 8 rows of Cb, Cr pairs,
//   [2n, ...) edges, as job.edges.groups divides them: an invocation takes 8x8 luma samples.
// Reads the job and the reference pictures, writes recon and scratch, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#include "blocks.glsl"
#include "make_edges.glsl"

// Predicts from one reference. A subgroup filters horizontally (vertically) if any of its invocations has to.
void predict(Part part, Reference r, ivec2 mv, uint interp_filter, bool average, const bool chroma) {
    const int shift = chroma ? 4 : 3, columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    uint word = chroma ? recon_chroma_word(uint(part.x), uint(part.y)) : recon_luma_word(uint(part.x), uint(part.y));
    ivec2 fraction = chroma ? mv & 15 : (mv & 7) * 2;
    uvec2 x_kernel = load_kernel(interp_filter, fraction.x), y_kernel = load_kernel(interp_filter, fraction.y);
    bool horizontal = subgroupAny(fraction.x != 0), vertical = subgroupAny(fraction.y != 0);
    // The last of the eight filtered rows is four below the predicted one. Invocations with fewer rows read as many as the
    // others in their subgroup.
    const int most_rows = chroma ? 8 : 16;
    int x = part.x + (mv.x >> shift), y = part.y + (mv.y >> shift), row = vertical ? -7 : 0;
    bool border = subgroupAny(x < 3 || x + 5 + 2 * columns > r.last_column || y < 3 || y + most_rows + 4 > r.last_row);
    y += vertical ? 4 : 0;
    Row rows[8];
    [[unroll]] for (int i = 0; i < 8; ++i) rows[i] = Row(0);
    [[dont_unroll]] for (; subgroupAny(row < part.rows); ++row) {
        Row read;
        if (horizontal) {
            read = filter_row(r, x, y + row, x_kernel, border, chroma);
        } else {
            read = read_row(r, x, y + row, border, chroma);
        }
        if (vertical) {
            [[unroll]] for (int i = 0; i < 7; ++i) rows[i] = rows[i + 1];
            rows[7] = read;
        }
        if (row >= 0) {
            if (vertical) read = filter_column(rows, y_kernel);
            uint samples = row_word(read);
            if (row < part.rows) {
                if (average) samples = average_words(recon_words[word], samples);
                recon_words[word] = samples;
            }
            word += job.recon_pitch / 4;
        }
    }
}

LIST_PART(unscaled_part, unscaled)

void predict_list(uint list, const bool chroma) {
    ListPart own = unscaled_part(list, chroma);
    if (!subgroupAny(own.part.rows > 0)) return;
    Reference r = chroma ? chroma_reference(own.reference) : luma_reference(own.reference);
    predict(own.part, r, own.mv, own.interp_filter, list == 1, chroma);
}

void predict_blocks(const bool chroma) {
    [[dont_unroll]] for (uint list = 0; list < 2; ++list) predict_list(list, chroma);
}

void main() {
    uint groups = job.unscaled.groups[WORK_CLASSES], group = gl_WorkGroupID.x;
    if (group == 0 && gl_LocalInvocationIndex < 4) scratch_words[gl_LocalInvocationIndex] = 0;
    if (subgroupAny(group >= 2 * groups)) {
        make_edges(group - 2 * groups);
    } else if (subgroupAny(group >= groups)) {
        predict_blocks(true);
    } else {
        predict_blocks(false);
    }
}
