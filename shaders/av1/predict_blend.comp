// SPDX-License-Identifier: MIT
#version 460
// Combines the predictions of predict_special.comp and predict_scaled.comp: two by a mask or weights, or one with those of its
// neighbours' vectors. Workgroups are those of job.predictions[constants.kind]; an invocation processes a word's columns and up
// to 16 rows of a record. Reads the job, scratch and recon, writes recon.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_vote : require

layout(local_size_x = 256) in;

#define RECON_ACCESS
#define SCRATCH_ACCESS readonly
#define NO_PREDICTION
#include "job.glsl"
#include "samples.glsl"
#include "references.glsl"
#include "subpixel.glsl"
#include "prediction.glsl"
#include "masks.glsl"

layout(push_constant) uniform Constants { uint kind, unused_constant; } constants;

// Weights have a byte for each column of the word.
const uint EACH_BYTE = 0x01010101;

uint wedge_weights(uint quad, ivec2 at, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    uvec2 record = job_quads[quad].xy;
    Wedge wedge = load_wedge(job_quads[quad + 1].x, record_log2_size(record.x) + (chroma ? 1 : 0), head_wedge(record.y),
                             (record.y & HEAD_WEDGE_SIGN) != 0);
    at -= record_corner(record.x);
    uint weights = 0;
    [[dont_unroll]] for (int i = 0; i < columns; ++i) {
        weights |= (chroma ? chroma_wedge_weight(wedge, at) : wedge_weight(wedge, at)) << i * 8;
        ++at.x;
    }
    return weights;
}

// 7.11.3.12, for a word's luma columns.
uint difference_weights(Row first, Row second, bool inverse) {
    const int shift = BIT_DEPTH - 8 + 4;
    uint weights = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int difference = abs(fine_number(first, i) - fine_number(second, i)) + (1 << shift - 1) >> shift;
        int weight = min(38 + difference / 16, 64);
        weights |= uint(inverse ? 64 - weight : weight) << i * 8;
    }
    return weights;
}
// The same for chroma, from luma's predictions (7.11.3.14).
uint chroma_difference_weights(uvec2 at, bool inverse) {
    uint first = first_word(at.x * 2, at.y * 2, false), second = second_word(at.x * 2, at.y * 2, false);
    uint upper = difference_weights(load_fine(first), load_fine(second), inverse);
    uint lower = difference_weights(load_fine(first + stored_pitch()), load_fine(second + stored_pitch()), inverse);
    uint weights = 0;
    [[unroll]] for (int i = 0; i < CHROMA_COLUMNS; ++i) {
        uint sum = bitfieldExtract(upper, i * 16, 8) + bitfieldExtract(upper, i * 16 + 8, 8) + bitfieldExtract(lower, i * 16, 8) +
                   bitfieldExtract(lower, i * 16 + 8, 8);
        weights |= (sum + 2 >> 2) << i * 8;
    }
    return weights;
}

uint blend_row(uint quad, uint head, uvec2 at, const bool chroma) {
    uint compound = head_compound(head);
    Row first = load_fine(first_word(at.x, at.y, chroma)), second = load_fine(second_word(at.x, at.y, chroma));
    uint weights = (compound == COMPOUND_DISTANCE ? head_weight(head) * 4 : 32) * EACH_BYTE;
    if (subgroupAny(compound == COMPOUND_WEDGE)) {
        uint of_wedge = wedge_weights(quad, ivec2(at), chroma);
        weights = compound == COMPOUND_WEDGE ? of_wedge : weights;
    }
    if (subgroupAny(compound == COMPOUND_DIFFERENCE)) {
        bool inverse = (head & HEAD_MASK_INVERSE) != 0;
        uint of_difference = chroma ? chroma_difference_weights(at, inverse) : difference_weights(first, second, inverse);
        weights = compound == COMPOUND_DIFFERENCE ? of_difference : weights;
    }
    uint word = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int weight = int(bitfieldExtract(weights, (chroma ? i / 2 : i) * 8, 8));
        int sum = weight * fine_number(first, i) + (64 - weight) * fine_number(second, i) + 512 >> 10;
        word |= place_sample(clip_sample(sum), i);
    }
    return word;
}

// A warped prediction from one reference is copied without blending.
void take_warped(Own own, const bool chroma) {
    uint head = job_quads[own.quad].y;
    if (head_reference(head, 1) != NO_REFERENCE || (head & HEAD_WARP_0) == 0) own.part.rows = 0;
    uint x = uint(own.part.x), y = uint(own.part.y);
    uint word = chroma ? chroma_word(job.recon, x, y) : luma_word(job.recon, x, y), stored = first_word(x, y, chroma);
    [[dont_unroll]] for (int row = 0; row < own.part.rows; ++row) {
        recon_words[word] = row_word(load_fine(stored));
        word += job.recon.pitch / 4;
        stored += stored_pitch();
    }
}

void blend_compound(Own own, const bool chroma) {
    uint head = job_quads[own.quad].y;
    if (head_reference(head, 1) == NO_REFERENCE) own.part.rows = 0;
    uvec2 at = uvec2(own.part.x, own.part.y);
    uint word = chroma ? chroma_word(job.recon, at.x, at.y) : luma_word(job.recon, at.x, at.y);
    [[dont_unroll]] for (int row = 0; subgroupAny(row < own.part.rows); ++row) {
        uint samples = blend_row(own.quad, head, at, chroma);
        if (row < own.part.rows) {
            recon_words[word] = samples;
            ++at.y;
            word += job.recon.pitch / 4;
        }
    }
}

uint blend_samples(uint own, uint other, uint weights, const bool chroma) {
    uint word = 0;
    [[unroll]] for (int i = 0; i < WORD_SAMPLES; ++i) {
        int weight = int(bitfieldExtract(weights, (chroma ? i / 2 : i) * 8, 8));
        int sum = weight * sample_at(own, i) + (64 - weight) * sample_at(other, i) + 32 >> 6;
        word |= place_sample(sum, i);
    }
    return word;
}

// Blends one neighbour's rows. The mask is by rows if it is above, else by columns.
void blend_neighbour(Own own, Neighbour n, bool is_above, ivec2 corner, const bool chroma) {
    const int columns = chroma ? CHROMA_COLUMNS : LUMA_COLUMNS;
    uint x = uint(own.part.x), y = uint(corner.y + n.begin);
    uint word = chroma ? chroma_word(job.recon, x, y) : luma_word(job.recon, x, y);
    uint other = is_above ? first_word(x, y, chroma) : second_word(x, y, chroma);
    int mask = max(n.depth, 2) - 2, column = min(own.part.x - corner.x, mask + 2 - columns);
    uint left = 0;
    [[unroll]] for (int i = 0; i < columns; ++i) left |= overlap_weight(uint(mask + column + i)) << i * 8;
    [[dont_unroll]] for (int row = n.begin; subgroupAny(row < n.end); ++row) {
        if (row < n.end) {
            uint weights = is_above ? overlap_weight(uint(mask + row)) * EACH_BYTE : left;
            recon_words[word + job.zero] = blend_samples(recon_words[word], row_word(load_fine(other)), weights, chroma);
        }
        word += job.recon.pitch / 4;
        other += stored_pitch();
    }
}

void blend_overlaps(Own own, const bool chroma) {
    uvec2 record = job_quads[own.quad].xy;
    uint overlaps = job_quads[own.quad + 1].z, first = bitfieldExtract(overlaps, 0, 24);
    uint above = bitfieldExtract(overlaps, 24, 4), count = above + (overlaps >> 28);
    if ((record.y & HEAD_HAS_OVERLAPS) == 0) {
        own.part.rows = 0;
        first = count = 0;
    }
    ivec2 corner = record_corner(record.x), within = ivec2(own.part.x, own.part.y) - corner;
    [[dont_unroll]] for (uint i = 0; subgroupAny(i < count); ++i) {
        uint span = job_quads[job.overlaps_quad + first + min(i, max(count, 1) - 1)].x;
        Neighbour n = read_neighbour(span, i < above, within, own.part.rows);
        if (i >= count) n.end = n.begin;
        if (subgroupAny(n.end > n.begin)) blend_neighbour(own, n, i < above, corner, chroma);
    }
}

void blend(uint group, const bool chroma) {
    Own own = find_own(constants.kind, group, chroma);
    if (!subgroupAny(own.part.rows > 0)) return;
    if (subgroupAny(head_reference(job_quads[own.quad].y, 1) != NO_REFERENCE)) blend_compound(own, chroma);
    if (subgroupAny((job_quads[own.quad].y & HEAD_WARP_0) != 0)) take_warped(own, chroma);
    if (subgroupAny((job_quads[own.quad].y & HEAD_HAS_OVERLAPS) != 0)) blend_overlaps(own, chroma);
}

void main() {
    uint group = group_index();
    if (subgroupAny(is_chroma_group(constants.kind, group))) {
        blend(group, true);
    } else {
        blend(group, false);
    }
}
