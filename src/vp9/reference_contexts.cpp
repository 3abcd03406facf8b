// SPDX-License-Identifier: MIT
#include "vp9/reference_contexts.h"

namespace daedalus::vp9 {

namespace {

// The questions that the specification asks about a neighbour's references.
class Neighbour {
 public:
  Neighbour(ReferenceKind kind, const CompoundReferences& references)
      : available(kind != ReferenceKind::none),
        intra(kind == ReferenceKind::intra),
        compound(kind == ReferenceKind::compound_0 || kind == ReferenceKind::compound_1) {
    if (compound) {
      fixed_ = references.fixed;
      ref = references.variable[kind == ReferenceKind::compound_1];
    } else if (available) {
      ref = static_cast<RefFrame>(static_cast<uint32_t>(kind) - 1);
    }
  }

  bool available, intra, compound;
  // The only reference, or the variable one of two; intra_frame if there is none.
  RefFrame ref = intra_frame;

  bool uses(RefFrame frame) const { return ref == frame || (compound && fixed_ == frame); }
  bool same_as(const Neighbour& other) const {
    return ref == other.ref && compound == other.compound;
  }

 private:
  RefFrame fixed_ = intra_frame;
};

uint8_t is_inter_context(const Neighbour& above, const Neighbour& left) {
  if (above.available && left.available)
    return above.intra && left.intra ? 3 : above.intra || left.intra;
  if (!above.available && !left.available) return 0;
  return 2 * (above.available ? above : left).intra;
}

uint8_t comp_mode_context(const Neighbour& above, const Neighbour& left, RefFrame fixed) {
  if (above.available && left.available) {
    if (above.compound && left.compound) return 4;
    if (!above.compound && !left.compound) return (above.ref == fixed) != (left.ref == fixed);
    const Neighbour& single = above.compound ? left : above;
    return static_cast<uint8_t>(2 + (single.ref == fixed || single.intra));
  }
  if (!above.available && !left.available) return 1;
  const Neighbour& edge = above.available ? above : left;
  return edge.compound ? 3 : edge.ref == fixed;
}

uint8_t comp_ref_of_inter(const Neighbour& above, const Neighbour& left,
                          const CompoundReferences& references) {
  const auto [var_0, var_1] = references.variable;
  if (above.ref == left.ref && above.ref == var_1) return 0;
  if (!above.compound && !left.compound) {
    if ((above.ref == references.fixed && left.ref == var_0) ||
        (left.ref == references.fixed && above.ref == var_0))
      return 4;
    return above.ref == left.ref ? 3 : 1;
  }
  if (above.compound && left.compound) return above.ref == left.ref ? 4 : 2;
  const RefFrame single = (above.compound ? left : above).ref;
  const RefFrame compound = (above.compound ? above : left).ref;
  if (compound == var_1 && single != var_1) return 1;
  return single == var_1 && compound != var_1 ? 2 : 4;
}

uint8_t comp_ref_context(const Neighbour& above, const Neighbour& left,
                         const CompoundReferences& references) {
  const RefFrame var_1 = references.variable[1];
  if (above.available && left.available) {
    if (above.intra && left.intra) return 2;
    if (above.intra || left.intra) return (above.intra ? left : above).ref != var_1 ? 3 : 1;
    return comp_ref_of_inter(above, left, references);
  }
  if (!above.available && !left.available) return 2;
  const Neighbour& edge = above.available ? above : left;
  if (edge.intra) return 2;
  return edge.ref == var_1 ? 0 : edge.compound ? 4 : 3;
}

uint8_t single_ref_p1_context(const Neighbour& above, const Neighbour& left) {
  const auto of_one = [](const Neighbour& edge) -> uint8_t {
    if (edge.intra) return 2;
    if (!edge.compound) return edge.ref == last_frame ? 4 : 0;
    return 1 + edge.uses(last_frame);
  };
  if (!above.available && !left.available) return 2;
  if (!above.available || !left.available) return of_one(above.available ? above : left);
  if (above.intra) return of_one(left);
  if (left.intra) return of_one(above);
  if (above.compound && left.compound) return 1 + (above.uses(last_frame) || left.uses(last_frame));
  if (!above.compound && !left.compound)
    return static_cast<uint8_t>(2 * (above.ref == last_frame) + 2 * (left.ref == last_frame));
  const Neighbour& single = above.compound ? left : above;
  const Neighbour& compound = above.compound ? above : left;
  return static_cast<uint8_t>((single.ref == last_frame ? 3 : 0) + compound.uses(last_frame));
}

uint8_t single_ref_p2_of_singles(const Neighbour& above, const Neighbour& left) {
  if (above.ref == last_frame && left.ref == last_frame) return 3;
  if (above.ref == last_frame || left.ref == last_frame)
    return (above.ref == last_frame ? left : above).ref == golden_frame ? 4 : 0;
  return static_cast<uint8_t>(2 * (above.ref == golden_frame) + 2 * (left.ref == golden_frame));
}

uint8_t single_ref_p2_of_inter(const Neighbour& above, const Neighbour& left) {
  if (!above.compound && !left.compound) return single_ref_p2_of_singles(above, left);
  if (above.compound && left.compound) {
    if (!above.same_as(left)) return 2;
    return above.uses(golden_frame) ? 3 : 0;
  }
  const RefFrame single = (above.compound ? left : above).ref;
  const bool golden = (above.compound ? above : left).uses(golden_frame);
  if (single == golden_frame) return 3 + golden;
  if (single == altref_frame) return golden;
  return golden ? 3 : 1;
}

uint8_t single_ref_p2_context(const Neighbour& above, const Neighbour& left) {
  if (!above.available && !left.available) return 2;
  if (above.available && left.available) {
    if (above.intra && left.intra) return 2;
    if (!above.intra && !left.intra) return single_ref_p2_of_inter(above, left);
    const Neighbour& inter = above.intra ? left : above;
    if (inter.compound) return inter.uses(golden_frame) ? 3 : 1;
    if (inter.ref == last_frame) return 3;
    return inter.ref == golden_frame ? 4 : 0;
  }
  const Neighbour& edge = above.available ? above : left;
  if (edge.intra || (!edge.compound && edge.ref == last_frame)) return 2;
  if (!edge.compound) return edge.ref == golden_frame ? 4 : 0;
  return edge.uses(golden_frame) ? 3 : 0;
}

}  // namespace

CompoundReferences compound_references(const std::array<bool, 4>& ref_frame_sign_bias) {
  const auto& bias = ref_frame_sign_bias;
  if (bias[last_frame] == bias[golden_frame]) return {altref_frame, {last_frame, golden_frame}};
  if (bias[last_frame] == bias[altref_frame]) return {golden_frame, {last_frame, altref_frame}};
  return {last_frame, {golden_frame, altref_frame}};
}

ReferenceContextTable reference_context_table(const CompoundReferences& references) {
  ReferenceContextTable table{};
  for (std::size_t a = 0; a < reference_kinds - 1; ++a)
    for (std::size_t l = 0; l < reference_kinds - 1; ++l) {
      const Neighbour above(static_cast<ReferenceKind>(a), references);
      const Neighbour left(static_cast<ReferenceKind>(l), references);
      table[a][l] = {.is_inter = is_inter_context(above, left),
                     .comp_mode = comp_mode_context(above, left, references.fixed),
                     .comp_ref = comp_ref_context(above, left, references),
                     .single_ref_p1 = single_ref_p1_context(above, left),
                     .single_ref_p2 = single_ref_p2_context(above, left)};
    }
  return table;
}

}  // namespace daedalus::vp9
