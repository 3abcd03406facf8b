// SPDX-License-Identifier: MIT
#include "h264/random/slice_writer.h"

#include <algorithm>
#include <cstdlib>

#include "h264/cabac_syntax.h"
#include "h264/cavlc_syntax.h"
#include "h264/level_scale.h"
#include "h264/macroblock_parser.h"
#include "h264/slice_parser.h"

namespace daedalus::h264::random {

namespace {

// Valid streams keep every value of the transform within 16 bits (8.5.12, 8.5.13), which enlarges
// the sum of a block's coefficients by at most 2.25.
constexpr uint64_t max_sum_of_block = 12000;
// In quarter samples, far from the limits of Annex A, because the vectors that direct prediction
// derives are unknown.
constexpr int max_vector = 500;

// Whether a macroblock that the parser accepted is valid in a stream.
class MbCheck {
 public:
  MbCheck(const PictureParameters& picture, const JobMemory& memory, bool may_read_corner)
      : monochrome_(picture.is_monochrome()), may_read_corner_(may_read_corner), memory_(memory) {}

  bool is_possible(uint32_t place) const {
    const MbRecord& mb = memory_.mbs[place];
    const auto kind = static_cast<MbKind>(mb.head & 7);
    if (kind == MbKind::pcm) return true;
    if (!may_read_corner_ && reads_corner(mb, kind)) return false;
    return (kind != MbKind::inter || has_short_vectors(mb)) && has_small_coefficients(mb, kind);
  }

 private:
  // Whether intra prediction may read the sample above left (8.3).
  bool reads_corner(const MbRecord& mb, MbKind kind) const {
    constexpr uint32_t plane_16x16 = 3, plane_chroma = 3;
    if (kind == MbKind::inter) return false;
    if ((mb.head >> mb_head::intra_chroma_pred_mode_shift & 3) == plane_chroma) return true;
    if (kind == MbKind::intra_16x16)
      return (mb.head >> mb_head::intra_16x16_pred_mode_shift & 3) == plane_16x16;
    if (kind == MbKind::intra_8x8) return true;  // it filters its neighbours
    const uint32_t mode = memory_.entries[mb.first_entry].intra.pred_modes[0] & 15;
    return mode >= 4 && mode <= 6;  // diagonal down-right modes of Table 8-2
  }

  bool has_short_vectors(const MbRecord& mb) const {
    const auto shape = static_cast<MotionShape>(mb.head >> mb_head::motion_shape_shift & 7);
    constexpr std::array<uint32_t, 5> counts = {1, 2, 2, 4, 16};
    for (uint32_t i = 0; i < counts[static_cast<std::size_t>(shape)]; ++i) {
      const MotionEntry& entry = memory_.entries[mb.first_entry + i].motion;
      for (const auto& mv : {entry.mv_l0, entry.mv_l1})
        if (std::abs(mv[0]) > max_vector || std::abs(mv[1]) > max_vector) return false;
    }
    return true;
  }

  // The sum of a block's scaled levels, times 16 or 64.
  uint64_t sum_of(uint32_t block, const uint32_t* scale, bool is_dc, uint32_t qp) const {
    uint64_t sum = 0;
    for (uint32_t i = 0; i <= (block & 63); ++i) {
      const uint32_t word = memory_.coefficients[(block >> 6) + i];
      const auto level = static_cast<uint64_t>(std::abs(static_cast<int32_t>(word) >> 8));
      sum += level * scale[is_dc ? 0 : word & 255];
    }
    return sum << qp / 6;
  }

  bool has_small_coefficients(const MbRecord& mb, MbKind kind) const {
    const uint32_t qp = mb.head >> mb_head::qp_shift & 63;
    const bool is_8x8 = (mb.head & mb_head::transform_8x8) != 0;
    const uint32_t first_list = kind == MbKind::inter ? 3 : 0;
    const auto& tables = memory_.tables;
    std::array<uint64_t, 3> dc{}, largest{};
    uint32_t next = mb.first_block;
    for (uint32_t bit = 0; bit < max_blocks_per_mb; ++bit) {
      if ((mb.coded_blocks >> bit & 1) == 0) continue;
      const uint32_t block = memory_.blocks[next++];
      const uint32_t component = bit < coded_block::cb_dc                                    ? 0
                                 : bit == coded_block::cr_dc || bit >= coded_block::cr_block ? 2
                                                                                             : 1;
      const uint32_t of_component =
          component == 0 ? qp : tables.chroma_qp[qp] >> (component - 1) * 8 & 255;
      const bool is_dc = bit == 0 || bit == coded_block::cb_dc || bit == coded_block::cr_dc;
      const uint32_t* scale =
          component == 0 && is_8x8
              ? tables.level_scale_8x8[first_list / 3][qp % 6]
              : tables.level_scale_4x4[first_list + component][of_component % 6];
      const uint64_t sum = sum_of(block, scale, is_dc, of_component);
      if (is_dc)
        dc[component] = sum >> (component == 0 ? 6 : 5);
      else
        largest[component] =
            std::max(largest[component], sum >> (component == 0 && is_8x8 ? 6 : 4));
    }
    for (std::size_t component = 0; component < (monochrome_ ? 1 : 3); ++component)
      if (dc[component] + largest[component] > max_sum_of_block) return false;
    return true;
  }

  const bool monochrome_, may_read_corner_;
  const JobMemory& memory_;
};

std::size_t pcm_bytes(const PictureParameters& picture) {
  return picture.is_monochrome() ? 256 : 384;
}

// A unit that starts with non-zero samples for I_PCM macroblocks.
std::vector<std::byte> unit_of_samples(Engine& engine) {
  std::vector<std::byte> unit(512);
  for (auto& byte : unit) byte = static_cast<std::byte>(engine() % 255 + 1);
  return unit;
}

class SliceWriter {
 public:
  SliceWriter(const PictureParameters& picture, const SliceParameters& slice, uint32_t end_mb,
              Source& source, Engine& engine)
      : picture_(picture),
        slice_(slice),
        first_mb_(first_mb_of(picture, slice)),
        end_mb_(end_mb),
        source_(source),
        memory_(picture.pic_width_in_mbs, picture.height_in_mbs(),
                std::size_t{picture.size_in_mbs()} * max_coefficients_per_mb),
        intra_mbs_(picture.size_in_mbs()) {
    write_tables(picture, memory_.tables);
    rbsp_.assign(unit_of_samples(engine));
    context_.assign(picture, slice, {}, 0);
    for (std::size_t parity = 0; parity < 2 && picture.is_mbaff(); ++parity) {
      views_[parity].assign(picture, slice, parity == 1);
      pairs_.field_contexts[parity].assign(views_[parity], {}, 0);
    }
  }

  bool write() {
    for (int attempt = 0; attempt < 20000; ++attempt) {
      source_.restart();
      parsed_ = 0;
      if (picture_.entropy_coding_mode_flag ? with_cabac() : with_cavlc()) return true;
    }
    return false;
  }

 private:
  bool with_cabac() {
    neighbourhood_.reset(picture_.pic_width_in_mbs, true);
    CabacSyntax syntax(rbsp_, picture_, slice_, slice_qp(picture_, slice_), neighbourhood_);
    // Finds the address of ctxIdx 0 by reading a syntax element without decoding.
    cabac::first_context = nullptr;
    (void)syntax.mb_field_decoding_flag(0);
    cabac::first_context = CabacDecoder::probed - cabac::context::mb_field_decoding_flag;
    return parse(syntax);
  }

  bool with_cavlc() {
    neighbourhood_.reset(picture_.pic_width_in_mbs, false);
    CavlcSyntax syntax(rbsp_, picture_, slice_, neighbourhood_);
    if (!parse(syntax)) return false;
    source_.at_end = true;
    if (!syntax.end_of_slice()) {  // more macroblocks would be skipped
      back_off();
      return false;
    }
    source_.write_bits();
    source_.slice().bits(1, 1);
    return true;
  }

  template <typename Syntax>
  bool parse(Syntax& syntax) {
    SliceOutput output = {
        .job = JobWriter(memory_.job, first_mb_, first_mb_ * max_coefficients_per_mb,
                         (end_mb_ - first_mb_) * max_coefficients_per_mb),
        .intra_mbs = intra_mbs_.data()};
    const bool by_pairs = picture_.is_mbaff();
    if (by_pairs)
      pairs_.neighbours.reset(picture_.pic_width_in_mbs, picture_.entropy_coding_mode_flag,
                              picture_.constrained_intra_pred_flag);
    MacroblockParser<Syntax> parser(context_, by_pairs ? &pairs_ : nullptr,
                                    slice_qp(picture_, slice_), syntax, neighbourhood_, output);
    const uint32_t step = by_pairs ? 2 : 1;
    for (uint32_t mb = first_mb_; mb < end_mb_; mb += step) {
      if (slice_.slice_type != SliceType::i) source_.begin_mb(end_mb_ - mb);
      const bool taken = by_pairs ? parser.parse_pair() == 2 : parser.parse(mb);
      if (!taken || !is_possible(mb, step)) {
        if (++failures_ % 40 == 0) back_off();
        return false;
      }
      source_.set_end_of_slice(mb + step == end_mb_);
      if (picture_.entropy_coding_mode_flag) (void)syntax.end_of_slice();
      if (++parsed_ <= kept_) continue;
      source_.keep();
      ++kept_;
    }
    return true;
  }

  bool is_possible(uint32_t mb, uint32_t count) const {
    // For libavcodec's bugs see stream_writer.cpp.
    const bool has_fields = picture_.field_pic_flag || picture_.is_mbaff();
    const bool may_read_corner = !has_fields || slice_.disable_deblocking_filter_idc != 2;
    const MbCheck check(picture_, memory_, may_read_corner);
    for (uint32_t i = 0; i < count; ++i)
      if (!check.is_possible(picture_.place_of(mb + i))) return false;
    return true;
  }

  // Used if nothing seems to fit after the macroblocks so far.
  void back_off() {
    const uint32_t dropped = kept_ / 2 + 1;
    source_.drop(dropped);
    kept_ -= std::min(kept_, dropped);
  }

  const PictureParameters& picture_;
  const SliceParameters& slice_;
  const uint32_t first_mb_, end_mb_;
  Source& source_;
  JobMemory memory_;
  std::vector<IntraMb> intra_mbs_;
  Rbsp rbsp_;
  SliceContext context_;
  Neighbourhood neighbourhood_;
  std::array<FieldView, 2> views_;
  PairContext pairs_;
  uint32_t kept_ = 0, parsed_ = 0, failures_ = 0;
};

}  // namespace

std::optional<std::vector<std::byte>> write_slice(const PictureParameters& picture,
                                                  const SliceParameters& slice, uint32_t end_mb,
                                                  const Taste& taste, const BitWriter& header,
                                                  Engine& engine) {
  Source source(engine, taste, header, pcm_bytes(picture));
  SliceWriter writer(picture, slice, end_mb, source, engine);
  if (!writer.write()) return std::nullopt;
  return source.slice().align().bytes();
}

}  // namespace daedalus::h264::random
