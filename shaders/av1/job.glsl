// SPDX-License-Identifier: MIT
// The job of include/daedalus/av1/job.h in GLSL, field by field; the comments are there.
//
// For any bitstream, shaders stay inside these buffers without checking:
//   lists        an invocation's record is within the list, whose length the stage knows,
//   positions    blocks and transform blocks begin inside the padded size; what is outside the room is not written,
//   references   the references of blocks are pictures of the size that the header says; rows and columns are clamped to it,
//   coefficients are inside the list, positions below 1,024.
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

struct FrameLayout {
    uint word;
    uint pitch, chroma_offset;
    uint unused;
};

const uint AREA_CLASSES = 10, PREDICTION_CLASSES = 20, TRANSFORM_CLASSES = 38, KERNELS = 6;
struct PredictionWork {
    uint first[PREDICTION_CLASSES], end[PREDICTION_CLASSES], groups[PREDICTION_CLASSES + 1];
};
struct TransformWork {
    uint first[TRANSFORM_CLASSES], end[TRANSFORM_CLASSES], groups[TRANSFORM_CLASSES + 1];
};

// One buffer, accessed as its header, as words and as quads.
layout(set = 0, binding = 0, std430) readonly buffer JobHeader {
    uint width, height;
    uint padded_width, padded_height;
    uint upscaled_width, superres_denominator;
    uint monochrome, enable_intra_edge_filter;
    uint filter_levels;
    uint sharpness, cdef_damping;
    uint zero;
    uint cdef_strengths[8];
    uint restoration[3];
    uint film_grain_word;
    uvec2 display_address;
    uint display_pitch, display_chroma_offset;
    uint blocks_word, block_count, tx_splits_word, tx_split_count;
    uint predictions_quads[2];
    uint overlaps_quad, warps_quad;
    uint intra_quads[2], intra_levels_words[2];
    uint intra_turns_word, intra_slots_quad;
    uint transforms_quad, coefficients_word, palettes_word, cdef_indices_word;
    uint restoration_quads[3];
    uint edges_word;
    uint residuals_words[2];
    uint room_width, room_height;
    uint second_words[2];
    FrameLayout recon, filtered, upscaled_recon, upscaled_filtered, target;
    ReferencePlane references[7];
    PredictionWork predictions[3];
    TransformWork transforms;
    uint kernels[KERNELS * 16 * 2];
    uint warp_filters[193 * 2];
    uint obmc_masks[16];
    uint wedges[3 * 16];
    uint wedge_flips[22];
    uint inter_intra_weights[32];
    uint smooth_weights[31];
    uint intra_derivatives[46];
    uint intra_filter_taps[5 * 8 * 2];
    uint upscale_filters[64 * 2];
} job;
layout(set = 0, binding = 1, std430) readonly buffer JobWords { uint job_words[]; };
layout(set = 0, binding = 2, std430) readonly buffer JobQuads { uvec4 job_quads[]; };

// job.recon's buffer: the buffer of frames, or the surface if deblocking is the only filter.
#ifndef RECON_ACCESS
#define RECON_ACCESS readonly
#endif
layout(set = 0, binding = 3, std430) RECON_ACCESS buffer ReconWords { uint recon_words[]; };

// What one picture's dispatches pass on to later ones, in words:
//   0..15            the next ticket of intra prediction (intra_tickets.comp)
//   16..             what its records wait for (intra_pending.glsl)
//   edges_word       two words for each unit, in raster order (edges.comp)
//   residuals_words  residuals of luma, 16 bits for each sample, in raster order of the room; then of Cb and Cr, interleaved;
//                    before that the predictions from both references, before averaging (prediction.glsl)
//   second_words     as much again, if there are special or scaled predictions (passes.glsl)
#ifndef SCRATCH_ACCESS
#define SCRATCH_ACCESS
#endif
layout(set = 0, binding = 4, std430) SCRATCH_ACCESS buffer ScratchWords { uint scratch_words[]; };

// The surface.
#ifndef TARGET_ACCESS
#define TARGET_ACCESS writeonly
#endif
layout(set = 0, binding = 5, std430) TARGET_ACCESS buffer TargetWords { uint target_words[]; };

// job.filtered's buffer, which CDEF writes: the buffer of frames, or the surface if CDEF is the last filter.
#ifndef FILTERED_ACCESS
#define FILTERED_ACCESS writeonly
#endif
layout(set = 0, binding = 6, std430) FILTERED_ACCESS buffer FilteredWords { uint filtered_words[]; };

// All frames except the surface, if a filter after deblocking runs.
#ifndef FRAMES_ACCESS
#define FRAMES_ACCESS
#endif
layout(set = 0, binding = 7, std430) FRAMES_ACCESS buffer FrameWords { uint frame_words[]; };

// Dispatches with more workgroups than fit in one dimension use two.
uint group_index() { return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; }
