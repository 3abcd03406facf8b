// SPDX-License-Identifier: MIT
// Random jobs like the entropy stage's: every value is in range, every index within its list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/h264/job.h"

namespace daedalus::h264 {

struct PictureStyle {
  uint32_t seed = 0;
  uint32_t pcm_percent = 20;  // macroblocks that are I_PCM
  // Macroblocks that are Intra_4x4, Intra_8x8 or Intra_16x16, in every mode that their neighbours
  // allow. The others are inter.
  uint32_t intra_percent = 0;
  uint32_t unavailable_percent = 0;  // of each neighbour of an intra macroblock
  uint32_t coded_percent = 20;       // of blocks
  bool large_levels = false;         // up to the largest that 8.5.12 allows, in any number; else 1
  bool far_vectors = false;          // any 16-bit vectors, else close together
  bool weighted = false;             // all kinds of weighted prediction, else the default one
  uint32_t unfiltered_percent = 5;   // of each macroblock's three kinds of edges
  int min_qp = 0, max_qp = 51;
  int min_offset = -6, max_offset = 6;  // slice_alpha_c0_offset_div2, slice_beta_offset_div2
  bool deblocks = true;
  PictureStructure structure = PictureStructure::frame;
  bool is_mbaff = false;
  uint32_t field_percent = 50;  // of MBAFF pairs
};

// An upper bound for fill_job().
std::size_t coefficient_words(uint32_t width_in_mbs, uint32_t height_in_mbs);

// Fills everything in a job that the stage does not write itself.
void fill_job(PictureJob& job, uint32_t width_in_mbs, uint32_t height_in_mbs,
              const PictureStyle& style);

// NV12 samples with small differences between 4x4 blocks, so that the deblocking filter has work.
std::vector<std::byte> random_samples(const PictureLayout& layout, uint32_t seed);

// NV12 samples that are 0 or 255, so that filters saturate.
std::vector<std::byte> extreme_samples(const PictureLayout& layout, uint32_t seed);

// The same, arranged such that the six-tap filter reaches its largest (even seeds) and smallest
// sums.
std::vector<std::byte> steep_samples(const PictureLayout& layout, uint32_t seed);

}  // namespace daedalus::h264
