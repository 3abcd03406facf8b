#include "h264/concealment.h"

#include <algorithm>

namespace daedalus::h264 {

namespace {

constexpr uint32_t intra_16x16_dc_mode = 2;

}  // namespace

Concealment::Concealment(const PictureParameters& picture) {
  const auto& references = picture.references;
  const auto first = std::find_if(references.begin(), references.end(),
                                  [](const ReferenceFrame& frame) { return frame.present; });
  if (first != references.end()) slot_ = static_cast<uint8_t>(first - references.begin());
}

void Concealment::write(uint32_t address, const PictureJob& job) const {
  // Intra without neighbours and without residual is 128 everywhere (8.3.3.3, 8.3.4).
  const uint32_t intra_head = static_cast<uint32_t>(MbKind::intra_16x16) << mb_head::kind_shift |
                              intra_16x16_dc_mode << mb_head::intra_16x16_pred_mode_shift;
  const uint32_t inter_head = static_cast<uint32_t>(MbKind::inter) << mb_head::kind_shift |
                              static_cast<uint32_t>(MotionShape::whole)
                                  << mb_head::motion_shape_shift;
  const uint32_t first_entry = address * max_entries_per_mb;
  job.mbs[address] = {.head = is_intra() ? intra_head : inter_head,
                      .coded_blocks = 0,
                      .first_block = address * max_blocks_per_mb,
                      .first_entry = first_entry};
  if (!is_intra())
    job.entries[first_entry].motion = {.mv_l0 = {0, 0},
                                       .mv_l1 = {0, 0},
                                       .slots = static_cast<uint32_t>(slot_ | no_reference << 8),
                                       .weights = weights_default};
}

}  // namespace daedalus::h264
