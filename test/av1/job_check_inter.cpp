// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "av1/job_check_parts.h"

namespace daedalus::av1::check {

namespace {

namespace head = prediction_head;

class Predictions {
 public:
  Predictions(const PictureJob& job, Makers& makers) : job_(job), makers_(makers) {}

  std::string fault();

 private:
  std::string of_plane(uint32_t plane);
  const char* record(const PredictionRecord& record, uint32_t plane, PredictionKind kind);
  const char* references(const PredictionRecord& record);
  const char* mask(const PredictionRecord& record, uint32_t plane, const Rectangle& area) const;
  const char* warps(const PredictionRecord& record, const Rectangle& area) const;
  const char* overlaps(const PredictionRecord& record, const Rectangle& area);
  const char* overlap(const OverlapRecord& record, bool is_above, const Rectangle& area);
  const char* reference(uint32_t index);
  bool is_scaled(uint32_t index) const {
    const ReferenceSize& size = job_.references[index];
    return size.width != job_.width || size.height != job_.height;
  }
  static bool fits(uint32_t kernel, uint32_t samples) {
    return samples <= 4 ? kernel >= 3 && kernel < kernel_count : kernel < 4;
  }
  static bool fits(const MotionVector& mv) {
    return std::abs(mv[0]) <= 1 << 14 && std::abs(mv[1]) <= 1 << 14;
  }

  const PictureJob& job_;
  Makers& makers_;
  bool any_scaled_ = false;
};

std::string Predictions::fault() {
  if (job_.warp_count > job_.warps.size()) return "too many warps";
  if (job_.overlap_count > job_.overlaps.size()) return "too many overlaps";
  for (uint32_t plane = 0; plane < 2; ++plane)
    if (std::string what = of_plane(plane); !what.empty()) return what;
  return {};
}

std::string Predictions::of_plane(uint32_t plane) {
  const char* const list = plane == 0 ? "luma prediction" : "chroma prediction";
  std::size_t next = 0;
  for (uint32_t kind = 0; kind < prediction_kind_count; ++kind)
    for (uint32_t area = 0; area < area_class_count; ++area)
      for (uint32_t i = 0; i < job_.prediction_counts[plane][kind][area]; ++i, ++next) {
        if (next >= job_.predictions[plane].size()) return check::fault(list, next, "too many");
        const PredictionRecord& found = job_.predictions[plane][next];
        if (area_class(found.place) != area) return check::fault(list, next, "of another class");
        if (const char* what = record(found, plane, static_cast<PredictionKind>(kind)))
          return check::fault(list, next, what);
      }
  return next != 0 && plane == 1 && job_.monochrome ? "chroma of a monochrome picture" : "";
}

const char* Predictions::record(const PredictionRecord& record, uint32_t plane,
                                PredictionKind kind) {
  const Rectangle area = {2 * bits(record.place, prediction_place::x_shift, 12),
                          2 * bits(record.place, prediction_place::y_shift, 12),
                          2u << bits(record.place, prediction_place::width_shift, 3),
                          2u << bits(record.place, prediction_place::height_shift, 3)};
  if (area.x >= makers_.width >> plane || area.y >= makers_.height >> plane) return "outside";
  if (area.width > 128u >> plane || area.height > 128u >> plane) return "size";
  if (area.x % area.width != 0 || area.y % area.height != 0) return "place";
  if (!makers_.predictions[plane].set(area, 1)) return "where another one is";
  if (record.block_size >= block_size_count) return "block's size";
  if (!fits(bits(record.head, head::kernel_x_shift, 3), area.width)) return "horizontal kernel";
  if (!fits(bits(record.head, head::kernel_y_shift, 3), area.height)) return "vertical kernel";
  any_scaled_ = false;
  if (const char* what = references(record)) return what;
  if (const char* what = mask(record, plane, area)) return what;
  if (const char* what = warps(record, area)) return what;
  if (const char* what = overlaps(record, area)) return what;
  if (any_scaled_ != (kind == PredictionKind::scaled)) return "scaled or not";
  const uint32_t compound = bits(record.head, head::compound_shift, 3);
  const bool special = compound >= static_cast<uint32_t>(Compound::wedge) ||
                       (record.head & (head::warp_0 | head::warp_1 | head::has_overlaps)) != 0;
  if (kind != PredictionKind::scaled && special != (kind == PredictionKind::special))
    return "special or not";
  return nullptr;
}

const char* Predictions::reference(uint32_t index) {
  if (index >= reference_count) return "reference's index";
  const ReferenceSize& size = job_.references[index];
  if (size.width == 0 || size.height == 0) return "reference that is none";
  if (2 * job_.width < size.width || 2 * job_.height < size.height ||
      job_.width > 16 * size.width || job_.height > 16 * size.height)
    return "reference of an unusable size";
  any_scaled_ |= is_scaled(index);
  return nullptr;
}

const char* Predictions::references(const PredictionRecord& record) {
  if (const char* what = reference(bits(record.head, head::reference_0_shift, 3))) return what;
  const uint32_t second = bits(record.head, head::reference_1_shift, 3);
  const uint32_t compound = bits(record.head, head::compound_shift, 3);
  if (compound > static_cast<uint32_t>(Compound::difference)) return "compound";
  if ((second == no_reference) != (compound == 0)) return "compound of one reference";
  if (second != no_reference)
    if (const char* what = reference(second)) return what;
  if (!fits(record.mv_0) || !fits(record.mv_1)) return "vector";
  if (second == no_reference && (record.mv_1[0] != 0 || record.mv_1[1] != 0))
    return "vector of no reference";
  return nullptr;
}

const char* Predictions::mask(const PredictionRecord& record, uint32_t plane,
                              const Rectangle& area) const {
  const auto compound = static_cast<Compound>(bits(record.head, head::compound_shift, 3));
  if (compound != Compound::wedge && compound != Compound::difference) return nullptr;
  if (compound == Compound::wedge && !has_wedges(record.block_size)) return "block without wedges";
  if (area.width != 1u << block_width_log2[record.block_size] >> plane ||
      area.height != 1u << block_height_log2[record.block_size] >> plane)
    return "masked, but not the block";
  return nullptr;
}

const char* Predictions::warps(const PredictionRecord& record, const Rectangle& area) const {
  const bool first = (record.head & head::warp_0) != 0, second = (record.head & head::warp_1) != 0;
  if (!first && !second) return nullptr;
  if (area.width < 8 || area.height < 8) return "warped, but small";
  if (second && bits(record.head, head::reference_1_shift, 3) == no_reference)
    return "warped second reference";
  for (const bool is_first : {true, false}) {
    if (!(is_first ? first : second)) continue;
    const uint32_t reference =
        bits(record.head, is_first ? head::reference_0_shift : head::reference_1_shift, 3);
    if (is_scaled(reference)) return "warped from a scaled reference";
    const uint32_t index = is_first ? record.warp : reference;
    if (index >= job_.warp_count) return "warp's index";
    const auto& shear = job_.warps[index].shear;
    if (4 * std::abs(shear[0]) + 7 * std::abs(shear[1]) >= 1 << 16 ||
        4 * std::abs(shear[2]) + 4 * std::abs(shear[3]) >= 1 << 16)
      return "warp's shear";
  }
  return nullptr;
}

const char* Predictions::overlaps(const PredictionRecord& record, const Rectangle& area) {
  if ((record.head & head::has_overlaps) == 0) return nullptr;
  const uint32_t first = record.overlaps & 0xffffff;
  const uint32_t above = bits(record.overlaps, 24, 4), left = bits(record.overlaps, 28, 4);
  if (above > 4 || left > 4 || above + left == 0) return "number of overlaps";
  if (first + above + left > job_.overlap_count) return "overlaps' index";
  for (uint32_t i = 0; i < above + left; ++i)
    if (const char* what = overlap(job_.overlaps[first + i], i < above, area)) return what;
  return nullptr;
}

const char* Predictions::overlap(const OverlapRecord& record, bool is_above,
                                 const Rectangle& area) {
  const uint32_t at = bits(record.span, 0, 7), length = bits(record.span, 8, 8);
  const uint32_t depth = record.span >> 16;
  const uint32_t side = is_above ? area.width : area.height;
  const uint32_t across = is_above ? area.height : area.width;
  if (length < 2 || length > 64 || at + length > side) return "overlap's span";
  if (depth < 1 || depth > 32 || depth > across / 2) return "overlap's depth";
  if (!fits(record.mv)) return "overlap's vector";
  if (bits(record.head, head::reference_1_shift, 3) != no_reference) return "compound overlap";
  const uint32_t width = is_above ? length : depth, height = is_above ? depth : length;
  if (!fits(bits(record.head, head::kernel_x_shift, 3), width) ||
      !fits(bits(record.head, head::kernel_y_shift, 3), height))
    return "overlap's kernel";
  return reference(bits(record.head, head::reference_0_shift, 3));
}

}  // namespace

std::string check_predictions(const PictureJob& job, Makers& makers) {
  return Predictions(job, makers).fault();
}

}  // namespace daedalus::av1::check
