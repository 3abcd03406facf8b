// SPDX-License-Identifier: MIT
#version 460
// Motion-adaptive deinterlacing of NV12 and P010: keeps the rows of one field of a frame and interpolates those between.
//
// A missing sample is first interpolated within its field: vertically or, if the rows above and below match better that way,
// along a diagonal. The fields just before and just after it contain the missing row. Their mean is the result where nothing
// moves; the more they and the frame's own field differ over time, the further the interpolated sample may be from it.
//
// An invocation writes a word of an even row and of the odd row below it: four adjacent samples for NV12, two for P010, of luma
// or of interleaved Cb and Cr. Workgroups are 32 such words by 8 pairs of rows; chroma's pairs of rows follow luma's and start
// in a new workgroup. Reads the frame, the previous and the next one, writes the target, waits for nothing.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "../h264/samples.glsl"

layout(local_size_x = 32, local_size_y = 8) in;

layout(constant_id = 0) const bool TEN_BITS = false;  // P010

// After process.comp's bindings, so that one set serves both.
layout(set = 0, binding = 3, std430) readonly buffer Frame { uint frame_words[]; };
layout(set = 0, binding = 4, std430) readonly buffer Previous { uint previous_words[]; };
layout(set = 0, binding = 5, std430) readonly buffer Next { uint next_words[]; };
layout(set = 0, binding = 6, std430) writeonly buffer Target { uint target_words[]; };

// Matches src/video/deinterlace.h. For each picture: the pitch, and the offset of chroma.
layout(push_constant, std430) uniform Deinterlacing {
    uint width, rows;
    uint target_width, target_rows;
    uvec2 frame, previous, next, target;
    uint flags;
    uint background, background_chroma;
} deinterlacing;

const uint BOTTOM_FIELD = 1;   // the bottom field is kept
const uint SECOND_FIELD = 2;   // the other field was captured first
const uint NO_REFERENCES = 4;  // no previous and no next frame: motion is unknown

const int SAMPLES = TEN_BITS ? 2 : 4;  // per word
const int SAMPLE_MAX = TEN_BITS ? 1023 : 255;

// A part of a row: the invocation's word, and up to 3 on either side of it. Not an array accessed in loops, which would stay in
// memory on V3D.
const int SIDE = 3;
struct Row {
    uvec3 left;
    uint centre;
    uvec3 right;
};

const int SAMPLE_BITS = 32 / SAMPLES;  // including unused bits

// The first sample in a word, or the one `at` (a constant) further on.
int sample_in(uint word, int at) {
    return int(TEN_BITS ? bitfieldExtract(word, at * 16 + 6, 10) : bitfieldExtract(word, at * 8, 8));
}
int sample_in(uint word) { return sample_in(word, 0); }

int sample_at(Row row, int at) {
    const int word = (at + SIDE * SAMPLES) / SAMPLES;
    const uint left = word == 0 ? row.left.x : word == 1 ? row.left.y : row.left.z;
    const uint right = word == 6 ? row.right.z : word == 5 ? row.right.y : row.right.x;
    return sample_in(word < 3 ? left : word > 3 ? right : row.centre, (at + SIDE * SAMPLES) % SAMPLES);
}

// The row starting with its second sample.
Row shifted(Row row) {
    const uvec3 left = uvec3(window(row.left.x, row.left.y, SAMPLE_BITS), window(row.left.y, row.left.z, SAMPLE_BITS),
                             window(row.left.z, row.centre, SAMPLE_BITS));
    const uvec3 right = uvec3(window(row.right.x, row.right.y, SAMPLE_BITS),
                              window(row.right.y, row.right.z, SAMPLE_BITS), row.right.z >> SAMPLE_BITS);
    return Row(left, window(row.centre, row.right.x, SAMPLE_BITS), right);
}

// The missing word's position in a plane of the frames.
struct Place {
    uint plane;   // 0: luma, 1: chroma
    uint column;  // in words
    uint last_column;
    int row;  // the missing row
    int rows;
};

// A row beyond the plane is replaced by the nearest one of the same field.
uint row_at(Place place, int distance) {
    int row = place.row + distance;
    if (row < 0) row += 2;
    if (row >= place.rows) row -= 2;
    return uint(clamp(row, 0, place.rows - 1));
}

// An index in words.
uint address(Place place, uvec2 planes, int distance) {
    return (place.plane * planes.y + row_at(place, distance) * planes.x) / 4 + place.column;
}

// Loads the words that the search along diagonals reads. `step` is the distance between samples of one component. Samples
// beyond the row's ends are never used.
Row frame_row(Place place, int distance, int step) {
    const uint first = address(place, deinterlacing.frame, distance) - place.column;
    const uint left = place.column, right = place.last_column - place.column;
    const int reach = (3 * step + SAMPLES - 1) / SAMPLES;
    const uint at = first + place.column;
    Row row = Row(uvec3(0), frame_words[at], uvec3(0));
    row.left.z = frame_words[at - min(left, 1)];
    row.right.x = frame_words[at + min(right, 1)];
    if (reach >= 2) {
        row.left.y = frame_words[at - min(left, 2)];
        row.right.y = frame_words[at + min(right, 2)];
    }
    if (reach >= 3) {
        row.left.x = frame_words[at - min(left, 3)];
        row.right.z = frame_words[at + min(right, 3)];
    }
    return row;
}

// How well the field's rows match along a line through the missing sample (the rows' first one): 0 is best. Above it the line
// goes `slope` samples of a component to the right, below it as many to the left.
int mismatch(Row above, Row below, int slope, int step) {
    const int left = sample_at(above, (slope - 1) * step) - sample_at(below, -(slope + 1) * step);
    const int middle = sample_at(above, slope * step) - sample_at(below, -slope * step);
    const int right = sample_at(above, (slope + 1) * step) - sample_at(below, -(slope - 1) * step);
    return abs(left) + abs(middle) + abs(right);
}

// The best of `best` (a sample and its mismatch) and the two slopes to one side.
ivec2 better_slope(ivec2 best, Row above, Row below, int side, int step) {
    const int one = mismatch(above, below, side, step), two = mismatch(above, below, 2 * side, step);
    const bool takes_one = one < best.y, takes_two = takes_one && two < one;
    const int mean_one = sample_at(above, side * step) + sample_at(below, -side * step) >> 1;
    const int mean_two = sample_at(above, 2 * side * step) + sample_at(below, -2 * side * step) >> 1;
    return takes_two ? ivec2(mean_two, two) : takes_one ? ivec2(mean_one, one) : best;
}

// The sample along a diagonal, or `vertical` if no diagonal matches better by a quarter.
int directed(Row above, Row below, int step, int vertical) {
    ivec2 best = ivec2(vertical, 3 * mismatch(above, below, 0, step) >> 2);
    best = better_slope(best, above, below, -1, step);
    best = better_slope(best, above, below, 1, step);
    return best.x;
}

// The fields just before and just after the missing sample's: words above, at and below its position.
struct Fields {
    uvec3 before, after;
};
// The previous and next frames: words of the rows just above and below, which belong to the frame's own field.
struct Frames {
    uvec2 previous, next;
};

Fields fields_at(Place place) {
    const uvec3 own = uvec3(frame_words[address(place, deinterlacing.frame, -2)],
                            frame_words[address(place, deinterlacing.frame, 0)],
                            frame_words[address(place, deinterlacing.frame, 2)]);
    if ((deinterlacing.flags & SECOND_FIELD) != 0)
        return Fields(own, uvec3(next_words[address(place, deinterlacing.next, -2)],
                                 next_words[address(place, deinterlacing.next, 0)],
                                 next_words[address(place, deinterlacing.next, 2)]));
    return Fields(uvec3(previous_words[address(place, deinterlacing.previous, -2)],
                        previous_words[address(place, deinterlacing.previous, 0)],
                        previous_words[address(place, deinterlacing.previous, 2)]),
                  own);
}

Frames frames_at(Place place) {
    return Frames(uvec2(previous_words[address(place, deinterlacing.previous, -1)],
                        previous_words[address(place, deinterlacing.previous, 1)]),
                  uvec2(next_words[address(place, deinterlacing.next, -1)],
                        next_words[address(place, deinterlacing.next, 1)]));
}

// How far the first missing sample may be from the mean of the fields before and after it. Moving content differs from field to
// field, or combs: it is brighter or darker than both vertical neighbours, though not within its own field. The test for
// combing reads rows that are missing at the plane's top and bottom.
int allowance(Fields fields, Frames frames, int above, int below, bool may_comb) {
    const int change = abs(sample_in(fields.before.y) - sample_in(fields.after.y));
    const int earlier = abs(sample_in(frames.previous.x) - above) + abs(sample_in(frames.previous.y) - below);
    const int later = abs(sample_in(frames.next.x) - above) + abs(sample_in(frames.next.y) - below);
    const int moved = max(change, max(earlier, later)) >> 1;
    const int mean = sample_in(fields.before.y) + sample_in(fields.after.y) >> 1;
    const int from_above = mean - above, from_below = mean - below;
    const int over = (sample_in(fields.before.x) + sample_in(fields.after.x) >> 1) - above;
    const int under = (sample_in(fields.before.z) + sample_in(fields.after.z) >> 1) - below;
    const int highest = max(max(from_above, from_below), min(over, under));
    const int lowest = min(min(from_above, from_below), max(over, under));
    return may_comb ? max(moved, max(lowest, -highest)) : moved;
}

// Detail finer than one field's rows is taken from the other fields, unless they disagree.
int detail_of(Fields fields, int above, int below) {
    const int before = sample_in(fields.before.y), after = sample_in(fields.after.y);
    const int others = sample_in(fields.before.x) + sample_in(fields.after.x) + sample_in(fields.before.z) +
                       sample_in(fields.after.z);
    return abs(above - below) > abs(before - after) ? 2 * (before + after) - others >> 4 : 0;
}

// The first missing sample.
int missing_sample(Row above_row, Row below_row, Fields fields, Frames frames, int step, bool has_diagonals,
                   bool may_comb) {
    const int above = sample_in(above_row.centre), below = sample_in(below_row.centre);
    const bool spatial = (deinterlacing.flags & NO_REFERENCES) != 0;
    const int vertical = (above + below >> 1) + (spatial ? 0 : detail_of(fields, above, below));
    const int interpolated = has_diagonals ? directed(above_row, below_row, step, vertical) : vertical;
    const int mean = sample_in(fields.before.y) + sample_in(fields.after.y) >> 1;
    const int most = spatial ? SAMPLE_MAX : allowance(fields, frames, above, below, may_comb);
    return clamp(clamp(interpolated, mean - most, mean + most), 0, SAMPLE_MAX);
}

// Interpolates between the field's rows above and below. `width` is the component's. Loops over samples, because V3D lacks the
// registers to compute them in parallel.
uint missing_word(Place place, Row above, Row below, int step, uint width) {
    Fields fields = fields_at(place);
    Frames frames = frames_at(place);
    const bool may_comb = place.row >= 2 && place.row + 2 < place.rows;
    uint word = 0;
    for (int i = 0; i < SAMPLES; ++i) {
        const uint column = (place.column * SAMPLES + i) / step;
        const bool has_diagonals = column >= 3 && column + 3 < width;
        const int missing = missing_sample(above, below, fields, frames, step, has_diagonals, may_comb);
        word = word >> SAMPLE_BITS | uint(missing) << 32 - (TEN_BITS ? 10 : 8);
        above = shifted(above);
        below = shifted(below);
        fields = Fields(fields.before >> SAMPLE_BITS, fields.after >> SAMPLE_BITS);
        frames = Frames(frames.previous >> SAMPLE_BITS, frames.next >> SAMPLE_BITS);
    }
    return word;
}

// The samples of a word that are inside the frame; the others become background.
uint with_background(uint word, uint column, uint samples_of_row, uint background) {
    const uint first = column * SAMPLES;
    if (first + SAMPLES <= samples_of_row) return word;
    if (first >= samples_of_row) return background;
    const uint bits = (samples_of_row - first) * (32 / SAMPLES);
    return bitfieldInsert(background, word, 0, int(bits));
}

void write_row(uint row, uint word, uvec2 at, uvec2 size, uvec2 target_size, uint plane, uint background) {
    if (row >= target_size.y) return;
    const uint shown = row < size.y ? with_background(word, at.x, size.x, background) : background;
    target_words[(plane * deinterlacing.target.y + row * deinterlacing.target.x) / 4 + at.x] = shown;
}

// `size`, `target_size`: samples in a row (both components for chroma) and rows. `at`: word and pair of rows.
void make_rows(uvec2 at, uint plane, int step, uvec2 size, uvec2 target_size, uint background) {
    if (at.x * SAMPLES >= target_size.x || at.y * 2 >= target_size.y) return;
    const uint missing = (deinterlacing.flags & BOTTOM_FIELD) != 0 ? 0 : 1;
    const uint last_column = (size.x - 1) / SAMPLES;
    const Place place = Place(plane, min(at.x, last_column), last_column, int(2 * at.y + missing), int(size.y));
    const Row above = frame_row(place, -1, step), below = frame_row(place, 1, step);
    const uint kept = (missing == 0 ? below.centre : above.centre) & (TEN_BITS ? 0xffc0ffc0 : 0xffffffff);
    write_row(2 * at.y + 1 - missing, kept, at, size, target_size, plane, background);
    const uint made = missing_word(place, above, below, step, size.x / step);
    write_row(2 * at.y + missing, made, at, size, target_size, plane, background);
}

void main() {
    const uvec2 at = gl_GlobalInvocationID.xy;
    const uvec2 size = uvec2(deinterlacing.width, deinterlacing.rows);
    const uvec2 target_size = uvec2(deinterlacing.target_width, deinterlacing.target_rows);
    const uint chroma_begin = ((target_size.y + 1) / 2 + 7) / 8 * 8;
    if (at.y < chroma_begin)
        make_rows(at, 0, 1, size, target_size, deinterlacing.background);
    else
        make_rows(at - uvec2(0, chroma_begin), 1, 2, uvec2((size.x + 1) / 2 * 2, (size.y + 1) / 2),
                  uvec2((target_size.x + 1) / 2 * 2, (target_size.y + 1) / 2), deinterlacing.background_chroma);
}
