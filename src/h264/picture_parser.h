// SPDX-License-Identifier: MIT
// The entropy stage: from a picture's slices to its job. The job is all it knows of the GPU.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daedalus/error.h"
#include "daedalus/h264/job.h"
#include "daedalus/h264/picture.h"
#include "h264/motion_field.h"

namespace daedalus::h264 {

// Inclusive range of macroblock addresses (mbAddr).
struct MbRange {
  uint32_t first, last;
};

class PictureParser {
 public:
  // Motion of the pictures in PictureParameters::references; nullptr if unknown. Like the
  // parameters and slices, it must outlive the parsing.
  using Motion = std::array<const MotionField*, max_reference_pictures>;

  PictureParser();
  ~PictureParser();

  // Error::unsupported for what is out of scope (4:2:2, 4:4:4, more than 8 bits, FMO),
  // Error::invalid_parameter for values out of range.
  static Result<void> check(const PictureParameters& parameters);
  static Result<void> check(const PictureParameters& parameters, const SliceParameters& slice);

  // An upper bound of the levels in these slices, for ReconstructionStage::acquire. Whatever the
  // slices claim, it is at most max_coefficients_per_mb for each macroblock.
  static std::size_t coefficient_words(const PictureParameters& parameters,
                                       std::span<const SliceParameters> slices);

  // `current` receives this picture's motion; the caller has called its begin(). It is nullptr if
  // the picture is not a reference. Parameters and slices must have passed check().
  void begin(const PictureParameters& parameters, std::span<const SliceParameters> slices,
             const Motion& motion, MotionField* current, PictureJob& job);

  // The progress of the motion that parse_slice() waits for, row by row; written if there is none.
  DecodedState::Progress progress_of_followed(std::size_t index) const;

  // Once for each slice, on any thread, several at the same time. A B slice waits for the rows of
  // its co-located picture's motion.
  void parse_slice(std::size_t index);

  // After all slices: conceals the macroblocks that no slice contains, completes the picture's
  // motion, orders the intra macroblocks by level, and returns the ranges that were damaged or
  // missing.
  std::vector<MbRange> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daedalus::h264
