// SPDX-License-Identifier: MIT
#include "reference/h264/reconstruction.h"

#include "reference/h264/deblocking.h"
#include "reference/h264/inter_prediction.h"
#include "reference/h264/intra_prediction.h"
#include "reference/h264/macroblock.h"
#include "reference/h264/residual.h"

namespace daedalus::h264::scalar {
namespace {

void copy_pcm(const Macroblock& mb, Component component, Plane samples) {
  const int size = component == Component::y ? 16 : 8;
  const int first = component == Component::y ? 0 : component == Component::cb ? 256 : 320;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) samples(x, y) = mb.pcm_sample(first + y * size + x);
  }
}

void reconstruct_luma(const Macroblock& mb, Plane samples) {
  switch (mb.kind()) {
    case MbKind::inter:  // already predicted
      for (int block = 0; block < 16 && !mb.transform_8x8(); ++block) {
        add_luma_4x4(mb, block, samples);
      }
      for (int block = 0; block < 4 && mb.transform_8x8(); ++block) {
        add_luma_8x8(mb, block, samples);
      }
      break;
    case MbKind::intra_4x4:
      for (int block = 0; block < 16; ++block) {
        predict_intra_4x4(mb, block, samples);
        add_luma_4x4(mb, block, samples);
      }
      break;
    case MbKind::intra_8x8:
      for (int block = 0; block < 4; ++block) {
        predict_intra_8x8(mb, block, samples);
        add_luma_8x8(mb, block, samples);
      }
      break;
    case MbKind::intra_16x16:
      predict_intra_16x16(mb, samples);
      add_luma_16x16(mb, samples);
      break;
    case MbKind::pcm:
      copy_pcm(mb, Component::y, samples);
      break;
  }
}

void reconstruct_chroma(const Macroblock& mb, Component component, Plane samples) {
  if (mb.kind() == MbKind::pcm) return copy_pcm(mb, component, samples);
  if (mb.is_intra()) predict_intra_chroma(mb, samples);
  add_chroma(mb, component, samples);
}

// Macroblocks in decoding order.
uint32_t place_of(const PictureJob& job, uint32_t mb_addr) {
  if (!job.is_mbaff) return mb_addr;
  const uint32_t pair = mb_addr / 2, width = job.width_in_mbs;
  return (pair / width * 2 + mb_addr % 2) * width + pair % width;
}

}  // namespace

void reconstruct_after_inter_prediction(const Macroblock& mb, const PictureView& target) {
  reconstruct_luma(mb, mb.samples(target, Component::y));
  for (const Component component : {Component::cb, Component::cr})
    reconstruct_chroma(mb, component, mb.samples(target, component));
}

void reconstruct_without_deblocking(const PictureJob& job, const PictureView& target,
                                    References references) {
  for (uint32_t mb_addr = 0; mb_addr < job.mbs.size(); ++mb_addr) {
    const Macroblock mb(job, place_of(job, mb_addr));
    if (!mb.is_intra()) predict_inter(mb, target, references);
    reconstruct_after_inter_prediction(mb, target);
  }
}

void deblock(const PictureJob& job, const PictureView& target) {
  for (uint32_t mb_addr = 0; mb_addr < job.mbs.size(); ++mb_addr)
    deblock_macroblock(Macroblock(job, place_of(job, mb_addr)), target);
}

void reconstruct(const PictureJob& job, const PictureView& target, References references) {
  const bool is_field = job.structure != PictureStructure::frame;
  const PictureView picture =
      is_field ? target.field(job.structure == PictureStructure::bottom_field) : target;
  reconstruct_without_deblocking(job, picture, references);
  deblock(job, picture);
}

}  // namespace daedalus::h264::scalar
