// SPDX-License-Identifier: MIT
// Contexts of the syntax elements for a block's references (VP9 bitstream specification, 9.3:
// is_inter, comp_mode, comp_ref, single_ref_p1, single_ref_p2), from the references of its
// neighbours above and left.
#pragma once

#include <array>
#include <cstdint>

#include "vp9/syntax.h"

namespace daedalus::vp9 {

// Everything that these contexts need to know about a neighbour.
enum class ReferenceKind : uint8_t {
  none,  // outside the frame or tile
  intra,
  last,
  golden,
  altref,
  compound_0,  // CompFixedRef with CompVarRef[0]
  compound_1,
};
inline constexpr std::size_t reference_kinds = 8;  // a power of two, the last is none's

constexpr ReferenceKind kind_of_single(uint32_t ref_frame) {
  return static_cast<ReferenceKind>(ref_frame + 1);
}

// setup_compound_reference_mode()
struct CompoundReferences {
  RefFrame fixed = altref_frame;
  std::array<RefFrame, 2> variable{last_frame, golden_frame};
};
CompoundReferences compound_references(const std::array<bool, 4>& ref_frame_sign_bias);

struct ReferenceContexts {
  uint8_t is_inter, comp_mode, comp_ref, single_ref_p1, single_ref_p2;
};
using ReferenceContextTable =
    std::array<std::array<ReferenceContexts, reference_kinds>, reference_kinds>;  // [above][left]

ReferenceContextTable reference_context_table(const CompoundReferences& references);

}  // namespace daedalus::vp9
