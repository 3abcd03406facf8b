// SPDX-License-Identifier: MIT
// Direct prediction of B macroblocks and sub-macroblocks (H.264 8.4.1.2).
#pragma once

#include "h264/motion.h"

namespace daedalus::h264 {

class DirectPrediction {
 public:
  DirectPrediction(const SliceContext& context, const Neighbourhood& neighbourhood,
                   uint32_t mb_address);

  // B_Skip, B_Direct_16x16.
  void predict(MbMotion& motion) const;
  // A direct sub-macroblock.
  void predict_quarter(uint32_t quarter, MotionGrid& grid) const;

 private:
  const ColocatedMb& colocated_of_kind(const MotionField& motion, uint32_t mb_address);
  void gather(const ColocatedMb& mb, uint32_t quarter, uint32_t block);
  void derive_spatial(const Neighbourhood& neighbourhood);
  Motion block(uint32_t x, uint32_t y) const;
  Motion temporal_block(uint32_t i) const;
  void predict_spatial_quarters(MbMotion& motion) const;
  uint32_t col_zero(uint32_t i) const;  // colZeroFlag

  const SliceContext& context_;
  const ColocatedMb* colocated_ = nullptr;
  ColocatedMb gathered_;  // colocated_of_kind()'s result if two kinds meet
  bool spatial_, inference_;
  // Spatial mode: the macroblock's motion for colZeroFlag 0 and 1, and whether these are the same
  // or the flag is 0 everywhere.
  Motion motion_, motion_at_rest_;
  bool same_everywhere_ = false;
};

}  // namespace daedalus::h264
