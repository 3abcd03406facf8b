// SPDX-License-Identifier: MIT
// Derives what deblocking and CDEF need for each unit (units.glsl) from blocks and transform blocks. The picture's first
// dispatch. A workgroup takes 64 records, of blocks and then of tx_splits: each invocation reads one record, then four at a
// time are written, with 16 invocations iterating over a record's units. In monochrome pictures it also fills a row of the
// surface's chroma. If intra prediction uses tickets, additional workgroups mark the units of all intra records as pending, one
// invocation for each record. Writes scratch, whose ticket words must be 0 before, and the surface's chroma.
#version 460
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 64) in;
layout(push_constant) uniform Marks {
    uint first_group, level_count;  // no workgroup marks records if there are no tickets
} marks;
#include "job.glsl"
#include "samples.glsl"
#include "units.glsl"
#include "intra_record.glsl"
#include "intra_pending.glsl"

const uint TEAM = 16, RECORDS = 64;

// For each record its first unit's index in scratch, the words of its units, and UNITS_.
shared uvec4 records[RECORDS];
// log2 of the width | width and height inside the picture << 4 and << 12 | which words to write
const uint UNITS_BLOCK = 1 << 20, UNITS_TRANSFORM = 1 << 21;

// An element of a table of up to 24 numbers below 16, eight in each word.
uint element(uint index, const uint first, const uint second, const uint third) {
    uint word = index < 8 ? first : index < 16 ? second : third;
    return word >> (index & 7) * 4 & 15;
}

// log2 of widths and heights in units, in the low and high 16 bits.
uint block_size(uint size) {
    return element(size, 0x22211100, 0x55444333, 0x00423120) | element(size, 0x32121010, 0x54543432, 0x00241302) << 16;
}
uint transform_size(uint size) {
    return element(size, 0x11043210, 0x12043322, 0x00000423) | element(size, 0x20143210, 0x30234231, 0x00000241) << 16;
}

const uint PLACE_SKIP = 1 << 27, PLACE_INTER = 1 << 28, FILTER_LOSSLESS = 1 << 29, NO_TX_SIZE = 31;

uint block_word(uint place, uint filter_bits, uint size) {
    bool skip = (place & PLACE_SKIP) != 0, skip_inter = skip && (place & PLACE_INTER) != 0;
    return filter_bits & 0xffffff | (skip ? UNIT_SKIP : 0) | (skip_inter ? UNIT_SKIP_INTER : 0) | (size & 7) << 26 | size >> 16 << 29;
}

uvec4 read_record(uint record) {
    bool is_block = record < job.block_count;
    uint word = is_block ? job.blocks_word + record * 2 : job.tx_splits_word + (record - job.block_count) * 2;
    uint place = job_words[word], filter_bits = is_block ? job_words[word + 1] : 0;
    uint tx_size = is_block ? bitfieldExtract(filter_bits, 24, 5) : bitfieldExtract(place, 22, 5);
    uint size = is_block ? block_size(bitfieldExtract(place, 22, 5)) : transform_size(tx_size);
    uint transform = transform_size(tx_size);
    transform = transform & 7 | transform >> 16 << 3 | ((filter_bits & FILTER_LOSSLESS) != 0 ? UNIT_SMALL_CHROMA : 0);
    uint x = bitfieldExtract(place, 0, 11), y = bitfieldExtract(place, 11, 11), width_log2 = size & 15;
    uint columns = min(1 << width_log2, unit_columns() - x), rows = min(1 << (size >> 16), unit_rows() - y);
    uint units = width_log2 | columns << 4 | rows << 12 | (is_block ? UNITS_BLOCK : 0) | (tx_size != NO_TX_SIZE ? UNITS_TRANSFORM : 0);
    return uvec4(unit_word(x, y), block_word(place, filter_bits, size), transform, units);
}

void write_units(uvec4 record, uint lane) {
    uint width_log2 = record.w & 15, columns = bitfieldExtract(record.w, 4, 8), rows = bitfieldExtract(record.w, 12, 8);
    uint end = rows << width_log2, pitch = unit_columns() * 2;
    for (uint i = lane; i < end; i += TEAM) {
        uint column = i & (1 << width_log2) - 1, word = record.x + column * 2 + (i >> width_log2) * pitch;
        if (column >= columns) continue;
        if ((record.w & UNITS_BLOCK) != 0) scratch_words[word] = record.y;
        if ((record.w & UNITS_TRANSFORM) != 0) scratch_words[word + 1] = record.z;
    }
}

void fill_chroma_row(uint row, uint lane) {
    const uint gray = BIT_DEPTH == 8 ? 0x80808080 : 0x80008000;
    if (row >= job.height + 1 >> 1) return;
    uint words = (job.upscaled_width + 1 >> 1) * 2 + WORD_SAMPLES - 1 >> (WORD_SAMPLES == 4 ? 2 : 1);
    for (uint i = lane; i < words; i += 64) target_words[chroma_word(job.target, 0, row) + i] = gray;
}

void mark_record(uint index) {
    uint luma_count = job_words[job.intra_levels_words[0] + marks.level_count];
    if (index >= luma_count + job_words[job.intra_levels_words[1] + marks.level_count]) return;
    bool is_luma = index < luma_count;
    uint quad = is_luma ? job.intra_quads[0] + index : job.intra_quads[1] + index - luma_count;
    Units units = units_of(make_block(job_quads[quad], is_luma ? 0 : 1));
    uint words = count_pending(units);
    for (uint n = 0; n < words; ++n) {
        PendingBits bits = pending_bits(units, n);
        atomicOr(scratch_words[bits.word], bits.mask);
    }
}

void main() {
    uint group = group_index(), lane = gl_LocalInvocationID.x;
    if (group >= marks.first_group) {
        mark_record((group - marks.first_group) * 64 + lane);
        return;
    }
    if (job.monochrome != 0) fill_chroma_row(group, lane);
    uint first = group * RECORDS, end = min(first + RECORDS, job.block_count + job.tx_split_count);
    if (first + lane < end) records[lane] = read_record(first + lane);
    barrier();
    for (uint i = lane / TEAM; first + i < end; i += 64 / TEAM) write_units(records[i], lane % TEAM);
}
