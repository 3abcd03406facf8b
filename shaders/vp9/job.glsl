// SPDX-License-Identifier: MIT
// The job of include/daedalus/vp9/job.h in GLSL: field by field the same; the comments are there.
//
// For any bitstream, shaders stay inside these buffers without checking:
//   lists        an invocation's record is within the list, whose length the stage knows,
//   positions    blocks and transform blocks begin inside the aligned size; what is outside is not written,
//   references   the references of blocks are pictures of the size that the header says; rows and columns are clamped to it,
//   coefficients are inside their superblock's room, positions below 1,024.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_EXT_control_flow_attributes : require

struct ReferencePlane {
    uvec2 address;
    uint pitch;
    uint chroma_offset;
    uint width, height;
    uint x_scale, y_scale;
};

const uint WORK_CLASSES = 17, SMALL_CLASS = 16, TRANSFORM_CLASSES = 8;
struct BlockWork {
    uint first[WORK_CLASSES], end[WORK_CLASSES], groups[WORK_CLASSES + 1];
};
struct TransformWork {
    uint first[TRANSFORM_CLASSES], end[TRANSFORM_CLASSES], groups[TRANSFORM_CLASSES + 1];
};

// One buffer, accessed as its header, as words and as quads.
layout(set = 0, binding = 0, std430) readonly buffer JobHeader {
    uint width, height;
    uint aligned_width, aligned_height;
    uint lossless, sharpness;
    uint blocks_quad, small_blocks_quad, luma_transforms_word, chroma_transforms_quad;
    uint coefficient_bases_word, coefficients_word;
    uint intra_words[2], intra_levels_words[2];
    uint strips_words[2], strip_levels_words[2];
    uint intra_turns_words[2];
    uint recon_pitch, recon_chroma_offset, target_pitch, target_chroma_offset;
    uint edges_word;
    uint strip_samples_words[2];
    uint zero;
    uint unused[2];
    ReferencePlane references[3];
    uint kernels[4 * 16 * 2];
    BlockWork unscaled, scaled, edges;
    TransformWork transforms;
} job;
layout(set = 0, binding = 1, std430) readonly buffer JobWords { uint job_words[]; };
layout(set = 0, binding = 2, std430) readonly buffer JobQuads { uvec4 job_quads[]; };

// The picture before the loop filter, and the surface. Both are the surface if nothing is filtered.
#ifndef RECON_ACCESS
#define RECON_ACCESS readonly
#endif
layout(set = 0, binding = 3, std430) RECON_ACCESS buffer ReconWords { uint recon_words[]; };
#ifndef TARGET_ACCESS
#define TARGET_ACCESS writeonly
#endif
layout(set = 0, binding = 5, std430) TARGET_ACCESS buffer TargetWords { uint target_words[]; };

// What one picture's dispatches pass on to later ones, in words:
//   0..3               next turn of luma and of chroma, finished turns of both (intra_tickets.comp)
//   edges_word         a word per 8x8 luma samples, in raster order: luma's edges in the low half and, where column and
//                      row are even, chroma's edges in the high half (edges.glsl)
//   strip_samples_words  for each superblock the samples of its strip (filter_strip.comp)
#ifndef SCRATCH_ACCESS
#define SCRATCH_ACCESS
#endif
layout(set = 0, binding = 4, std430) SCRATCH_ACCESS buffer ScratchWords { uint scratch_words[]; };

// Residuals of coded intra transform blocks: a 16-bit number for each sample of the aligned size, in raster order.
layout(set = 0, binding = 6, std430) buffer LumaResiduals { uint luma_residual_words[]; };
layout(set = 0, binding = 7, std430) buffer ChromaResiduals { uint chroma_residual_words[]; };

const uint BLOCK_IS_INTER = 1u << 0, BLOCK_NO_INNER_EDGES = 1u << 1;
const uint NO_REFERENCE = 3;

uvec2 block_position(uint place) { return uvec2(bitfieldExtract(place, 0, 10), bitfieldExtract(place, 10, 10)); }
uint block_reference(uint head, uint i) { return bitfieldExtract(head, 2 + int(i) * 2, 2); }
uint block_filter(uint head) { return bitfieldExtract(head, 6, 2); }

uvec2 transform_position(uint place) { return uvec2(bitfieldExtract(place, 0, 11), bitfieldExtract(place, 11, 11)); }
uint transform_size(uint place) { return bitfieldExtract(place, 22, 2); }
const uint TRANSFORM_IS_INTRA = 1u << 26;

// Dispatches with more workgroups than fit in one dimension use two.
uint group_index() { return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; }

uint superblock_columns() { return job.width + 63 >> 6; }
uint units_in_row() { return job.aligned_width >> 3; }
