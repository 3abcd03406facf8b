// SPDX-License-Identifier: MIT
#include "av1/job_check.h"

#include "av1/job_check_parts.h"

namespace daedalus::av1 {

namespace check {

Makers::Makers(const PictureJob& job)
    : width(4 * in_units(job.width)),
      height(4 * in_units(job.height)),
      predictions{Map(width, height, 1), Map(width / 2, height / 2, 1)},
      intra_levels{Map(width, height, 2), Map(width / 2, height / 2, 2)},
      intra_records{Map(width, height, 2), Map(width / 2, height / 2, 2)} {}

namespace {

// Checks that blocks cover the picture, and that their luma transform blocks cover them.
class Blocks {
 public:
  explicit Blocks(const PictureJob& job)
      : job_(job),
        units_wide_(in_units(job.width)),
        units_high_(in_units(job.height)),
        blocks_(4 * units_wide_, 4 * units_high_, 2),
        splits_(4 * units_wide_, 4 * units_high_, 2) {}

  std::string fault();

 private:
  const char* block(const BlockRecord& record, uint32_t index);
  const char* split(const TxSplit& split);
  bool is_split(uint32_t index) const {
    return bits(job_.blocks[index].filter, block_filter::tx_size_shift, 5) ==
           block_filter::no_tx_size;
  }
  static Rectangle area(uint32_t place) {
    const uint32_t size = bits(place, block_place::size_shift, 5);
    return {4 * bits(place, block_place::x_shift, 11), 4 * bits(place, block_place::y_shift, 11),
            1u << block_width_log2[size], 1u << block_height_log2[size]};
  }

  const PictureJob& job_;
  uint32_t units_wide_, units_high_;
  Map blocks_, splits_;
};

std::string Blocks::fault() {
  if (job_.block_count > job_.blocks.size()) return "too many blocks";
  if (job_.tx_split_count > job_.tx_splits.size()) return "too many splits";
  for (uint32_t i = 0; i < job_.block_count; ++i)
    if (const char* what = block(job_.blocks[i], i)) return check::fault("block", i, what);
  if (!blocks_.is_complete()) return "no block somewhere";
  for (uint32_t i = 0; i < job_.tx_split_count; ++i)
    if (const char* what = split(job_.tx_splits[i])) return check::fault("split", i, what);
  for (uint32_t i = 0; i < job_.block_count; ++i)
    if (is_split(i) &&
        !splits_.all(area(job_.blocks[i].place), [](uint32_t value) { return value != 0; }))
      return check::fault("block", i, "splits do not cover it");
  return {};
}

const char* Blocks::block(const BlockRecord& record, uint32_t index) {
  const uint32_t size = bits(record.place, block_place::size_shift, 5);
  if (size >= block_size_count) return "size";
  const Rectangle whole = area(record.place);
  if (whole.x >= 4 * units_wide_ || whole.y >= 4 * units_high_) return "outside";
  if (whole.x % whole.width != 0 || whole.y % whole.height != 0) return "place";
  if (!blocks_.set(whole, index + 1)) return "where another one is";
  const bool has_chroma = !job_.monochrome && (whole.width > 4 || whole.x % 8 != 0) &&
                          (whole.height > 4 || whole.y % 8 != 0);
  if (((record.place & block_place::has_chroma) != 0) != has_chroma) return "has_chroma";
  const uint32_t tx_size = bits(record.filter, block_filter::tx_size_shift, 5);
  if ((record.filter & block_is_lossless) != 0 && tx_size != 0) return "lossless, not 4x4";
  if (tx_size == block_filter::no_tx_size)
    return (record.place & block_place::skip) != 0 ? "skipped and split" : nullptr;
  if (tx_size >= tx_size_count) return "transform size";
  if (tx_width_log2[tx_size] > block_width_log2[size] ||
      tx_height_log2[tx_size] > block_height_log2[size])
    return "transform larger than it";
  return nullptr;
}

const char* Blocks::split(const TxSplit& split) {
  if (split.block >= job_.block_count || !is_split(split.block)) return "block";
  const uint32_t size = bits(split.place, transform_place::size_shift, 5);
  if (size >= tx_size_count) return "size";
  const Rectangle place = {4 * bits(split.place, transform_place::x_shift, 11),
                           4 * bits(split.place, transform_place::y_shift, 11),
                           1u << tx_width_log2[size], 1u << tx_height_log2[size]};
  if (place.x >= 4 * units_wide_ || place.y >= 4 * units_high_) return "outside";
  if (!area(job_.blocks[split.block].place).contains(place)) return "not in its block";
  if (place.x % place.width != 0 || place.y % place.height != 0) return "place";
  return splits_.set(place, 1) ? nullptr : "where another one is";
}

std::string check_picture(const PictureJob& job) {
  if (job.width == 0 || job.width > max_width || job.height == 0 || job.height > max_height)
    return "size";
  if (job.upscaled_width < job.width || job.upscaled_width > max_width) return "upscaled width";
  const uint32_t denominator = job.superres_denominator;
  if (denominator < 8 || denominator > 16) return "superres denominator";
  if (denominator == 8 && job.upscaled_width != job.width) return "upscaled without superres";
  if (job.bit_depth != 8 && job.bit_depth != 10) return "bit depth";
  return {};
}

}  // namespace

std::string check_blocks(const PictureJob& job) {
  return Blocks(job).fault();
}

std::string check_filters(const PictureJob& job) {
  for (const uint8_t level : job.filter_level)
    if (level > 63) return "filter level";
  if (job.sharpness > 7) return "sharpness";
  if (job.cdef_damping < 3 || job.cdef_damping > 6) return "CDEF's damping";
  for (const CdefStrength& strength : job.cdef_strengths) {
    if (strength.y_primary > 15 || strength.uv_primary > 15) return "CDEF's primary strength";
    for (const uint8_t secondary : {strength.y_secondary, strength.uv_secondary})
      if (secondary > 4 || secondary == 3) return "CDEF's secondary strength";
  }
  for (const uint8_t index : job.cdef_indices)
    if (job.cdef && index != no_cdef && index >= 8) return "CDEF's index";
  for (uint32_t plane = 0; plane < 3; ++plane) {
    if (job.restoration[plane] == Restoration::none) continue;
    if (plane > 0 && job.monochrome) return "restored chroma of a monochrome picture";
    const uint32_t log2 = job.restoration_size_log2[plane], shift = plane == 0 ? 0 : 1;
    if (log2 < 6 - shift || log2 > 8) return "size of restoration units";
    const std::size_t units =
        std::size_t{restoration_unit_count((job.upscaled_width + shift) >> shift, log2)} *
        restoration_unit_count((job.height + shift) >> shift, log2);
    if (job.restoration_units[plane].size() < units) return "too few restoration units";
    for (const RestorationUnit& unit : job.restoration_units[plane].first(units)) {
      const auto type = static_cast<Restoration>(unit.type);
      if (unit.type > 2) return "restoration type";
      if (type != Restoration::none && job.restoration[plane] != Restoration::switchable &&
          job.restoration[plane] != type)
        return "restoration type of another picture";
      if (type == Restoration::self_guided && unit.vertical > 15) return "self-guided set";
    }
  }
  return {};
}

}  // namespace check

std::string first_fault(const PictureJob& job) {
  if (std::string fault = check::check_picture(job); !fault.empty()) return fault;
  check::Makers makers(job);
  if (std::string fault = check::check_blocks(job); !fault.empty()) return fault;
  if (std::string fault = check::check_predictions(job, makers); !fault.empty()) return fault;
  if (std::string fault = check::check_intra(job, makers); !fault.empty()) return fault;
  if (std::string fault = check::check_transforms(job, makers); !fault.empty()) return fault;
  return check::check_filters(job);
}

}  // namespace daedalus::av1
