// SPDX-License-Identifier: MIT
#include "h264/neighbours.h"

#include "h264/cavlc_tables.h"

namespace daedalus::h264 {

MbEdge unavailable_edge(bool entropy_coding_mode_flag) {
  MbEdge edge;
  for (auto& list : edge.ref_idx) list.fill(ref_idx_unavailable);
  edge.coded.fill(entropy_coding_mode_flag ? 0 : cavlc::unavailable_total_coeff);
  return edge;
}

void Neighbourhood::reset(uint32_t width_in_mbs, bool entropy_coding_mode_flag) {
  width_ = width_in_mbs;
  unavailable_ = unavailable_edge(entropy_coding_mode_flag);
  row_.assign(width_in_mbs, unavailable_);
  left = unavailable_;
  left_diagonal = nullptr;
  unavailable_corner_.keep(unavailable_);
  corners_.fill(unavailable_corner_);
}

}  // namespace daedalus::h264
