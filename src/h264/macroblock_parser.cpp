// SPDX-License-Identifier: MIT
#include "h264/macroblock_parser.h"

#include <algorithm>

#include "h264/cabac_syntax.h"
#include "h264/cavlc_syntax.h"

namespace daedalus::h264 {

namespace {

constexpr uint32_t coded_block_pattern_of_pcm = 0x2f;

// The deblocking bits of MbRecord::head that a slice's macroblocks share, 0 for no deblocking
// (8.7).
uint32_t slice_deblocking(const SliceParameters& slice) {
  if (slice.disable_deblocking_filter_idc == 1) return 0;
  return mb_head::filter_inside |
         static_cast<uint32_t>(slice.slice_alpha_c0_offset_div2 + 6)
             << mb_head::filter_offset_a_shift |
         static_cast<uint32_t>(slice.slice_beta_offset_div2 + 6) << mb_head::filter_offset_b_shift;
}

// Inter macroblocks and those of other slices have level -1.
int16_t intra_level(const Neighbourhood& neighbourhood) {
  const auto largest = std::max(
      {neighbourhood.left.mb.intra_level, neighbourhood.above->mb.intra_level,
       neighbourhood.above_right->mb.intra_level, neighbourhood.above_left->mb.intra_level});
  return static_cast<int16_t>(largest + 1);
}

}  // namespace

template <typename Syntax>
MacroblockParser<Syntax>::MacroblockParser(const SliceContext& context, PairContext* pairs,
                                           int slice_qp, Syntax& syntax,
                                           Neighbourhood& neighbourhood, SliceOutput& output)
    : frame_context_(context),
      pairs_(pairs),
      context_(&context),
      syntax_(syntax),
      neighbourhood_(neighbourhood),
      output_(output),
      inter_(context, syntax, neighbourhood),
      intra_(syntax, neighbourhood, context.picture().constrained_intra_pred_flag),
      slice_type_(context.slice().slice_type),
      monochrome_(context.picture().is_monochrome()),
      transform_8x8_mode_(context.picture().transform_8x8_mode_flag),
      list_count_(context.is_b()                ? 2
                  : slice_type_ == SliceType::p ? 1
                                                : 0),
      slice_deblocking_(slice_deblocking(context.slice())),
      deblocks_within_slice_(context.slice().disable_deblocking_filter_idc == 2),
      qp_(slice_qp),
      mb_x_(context.slice().first_mb_in_slice % context.picture().pic_width_in_mbs),
      mb_y_(context.slice().first_mb_in_slice / context.picture().pic_width_in_mbs) {
  enter_row();
}

// The co-located picture may still be being parsed.
template <typename Syntax>
void MacroblockParser<Syntax>::enter_row() {
  row_begin_ = mb_x_;
  const uint32_t rows = frame_context_.picture().height_in_mbs() / (pairs_ ? 2 : 1);
  if (mb_y_ >= rows) return;
  if (!pairs_) {
    frame_context_.followed().wait_for_row(mb_y_);
    return;
  }
  frame_context_.followed().wait_for_row(mb_y_ * 2);
  for (const auto& context : pairs_->field_contexts) context.followed().wait_for_row(mb_y_);
}

template <typename Syntax>
void MacroblockParser<Syntax>::leave_row() {
  if (!output_.motion || mb_x_ == row_begin_) return;
  const uint32_t rows = pairs_ ? 2 : 1;
  for (uint32_t row = mb_y_ * rows; row < mb_y_ * rows + rows; ++row)
    output_.motion->add_parsed(row, mb_x_ - row_begin_);
}

template <typename Syntax>
void MacroblockParser<Syntax>::next_column() {
  if (++mb_x_ < frame_context_.picture().pic_width_in_mbs) return;
  leave_row();
  mb_x_ = 0;
  ++mb_y_;
  enter_row();
}

template <typename Syntax>
bool MacroblockParser<Syntax>::parse(uint32_t address) {
  address_ = context_address_ = address;
  head_ = 0;
  intra_level_ = -1;
  neighbourhood_.enter(mb_x_);
  output_.job.begin_mb();
  head_ = deblocking();
  const bool is_skipped = slice_type_ != SliceType::i && syntax_.mb_skip();
  if (!(is_skipped ? skipped() : macroblock_layer()) || !syntax_.intact()) return false;
  store_mb();
  next_column();
  return true;
}

template <typename Syntax>
void MacroblockParser<Syntax>::store_mb() {
  output_.job.end_mb(address_, head_);
  if (intra_level_ < 0) return;
  output_.intra_mbs[output_.intra_mb_count++] = {
      static_cast<uint16_t>(address_), static_cast<uint16_t>(intra_level_),
      static_cast<MbKind>(head_ >> mb_head::kind_shift & 7)};
}

// 7.3.4. The first macroblock of a pair that is not skipped transmits its kind, which must be known
// before either of them is parsed.
template <typename Syntax>
uint32_t MacroblockParser<Syntax>::parse_pair() {
  PairNeighbours& neighbours = pairs_->neighbours;
  neighbours.enter_pair(mb_x_);
  field_ = neighbours.inferred_field();
  bool second_is_skipped = false;
  const bool is_skipped = slice_type_ != SliceType::i && first_is_skipped(second_is_skipped);
  if (!(is_skipped && second_is_skipped))
    field_ = syntax_.mb_field_decoding_flag(neighbours.field_pair_count());
  if (!parse_of_pair(0, is_skipped)) return 0;
  if (!is_skipped && slice_type_ != SliceType::i) {
    neighbours.enter(field_, 1, neighbourhood_);
    second_is_skipped = syntax_.mb_skip();
  }
  if (!parse_of_pair(1, second_is_skipped)) return 1;
  neighbours.leave_pair(field_);
  next_column();
  return 2;
}

// Whether a pair's first macroblock is skipped. If so, also reads whether the second one is.
template <typename Syntax>
bool MacroblockParser<Syntax>::first_is_skipped(bool& second_is_skipped) {
  PairNeighbours& neighbours = pairs_->neighbours;
  neighbours.enter(field_, 0, neighbourhood_);
  if (!syntax_.mb_skip()) return false;
  neighbours.assume_skipped();
  neighbours.enter(field_, 1, neighbourhood_);
  second_is_skipped = syntax_.mb_skip();
  return true;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::parse_of_pair(uint32_t k, bool is_skipped) {
  if (!output_.job.has_room_for_mb()) return false;
  enter_of_pair(k);
  if (!(is_skipped ? skipped() : macroblock_layer()) || !syntax_.intact()) return false;
  store_mb();
  pairs_->neighbours.leave(k, neighbourhood_);
  return true;
}

template <typename Syntax>
void MacroblockParser<Syntax>::enter_of_pair(uint32_t k) {
  const uint32_t width = frame_context_.picture().pic_width_in_mbs;
  address_ = (mb_y_ * 2 + k) * width + mb_x_;
  context_address_ = field_ ? mb_y_ * width + mb_x_ : address_;
  context_ = field_ ? &pairs_->field_contexts[k] : &frame_context_;
  inter_.set_context(*context_);
  syntax_.set_field(field_);
  is_lower_frame_mb_ = !field_ && k == 1;
  intra_level_ = -1;
  pairs_->neighbours.enter(field_, k, neighbourhood_);
  output_.job.begin_mb();
  head_ = deblocking() | (field_ ? mb_head::field_mb : 0);
  if (output_.motion) output_.motion->mbs[address_].is_field = field_;
}

// filterLeftMbEdgeFlag and filterTopMbEdgeFlag (8.7).
template <typename Syntax>
uint32_t MacroblockParser<Syntax>::deblocking() const {
  if (slice_deblocking_ == 0) return 0;
  const auto in_slice = [](const MbEdge& edge) {
    return (edge.mb.flags & mb_flags::available) != 0;
  };
  const bool left = deblocks_within_slice_ ? in_slice(neighbourhood_.left) : mb_x_ > 0;
  const bool top =
      deblocks_within_slice_ ? in_slice(*neighbourhood_.above) : mb_y_ > 0 || is_lower_frame_mb_;
  return slice_deblocking_ | (left ? mb_head::filter_left : 0) | (top ? mb_head::filter_top : 0);
}

template <typename Syntax>
void MacroblockParser<Syntax>::set_kind(MbKind kind) {
  head_ |= static_cast<uint32_t>(kind) << mb_head::kind_shift;
  head_ |= static_cast<uint32_t>(kind == MbKind::pcm ? 0 : qp_) << mb_head::qp_shift;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::macroblock_layer() {
  const uint32_t mb_type = syntax_.mb_type();
  const uint32_t first_intra = slice_type_ == SliceType::i   ? 0
                               : slice_type_ == SliceType::p ? first_intra_mb_type_of_p
                                                             : first_intra_mb_type_of_b;
  return mb_type < first_intra ? inter(mb_type) : intra(mb_type - first_intra);
}

template <typename Syntax>
bool MacroblockParser<Syntax>::skipped() {
  inter_.skip(context_address_);
  syntax_.no_mb_qp_delta();
  syntax_.no_residual();
  set_kind(MbKind::inter);
  keep_motion();
  keep_summary(mb_flags::not_i_nxn, 0);
  return true;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::inter(uint32_t mb_type) {
  if (!inter_.parse(mb_type, context_address_)) return false;
  const uint32_t coded_block_pattern = syntax_.coded_block_pattern(false);
  const bool transform_8x8 = transform_8x8_mode_ && (coded_block_pattern & 15) != 0 &&
                             inter_.may_transform_8x8() && syntax_.transform_size_8x8_flag();
  if (!residual({MbKind::inter, transform_8x8, coded_block_pattern})) return false;
  keep_motion();
  const bool is_direct = slice_type_ == SliceType::b && mb_type == 0;
  keep_summary(mb_flags::not_skipped | mb_flags::not_i_nxn |
                   (is_direct ? 0 : mb_flags::not_direct) |
                   (transform_8x8 ? mb_flags::transform_8x8 : 0),
               coded_block_pattern);
  return true;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::intra(uint32_t mb_type) {
  if (mb_type > mb_type_i_pcm) return false;
  intra_level_ = intra_level(neighbourhood_);
  if (list_count_ > 0) syntax_.no_motion();
  const IntraNeighbours available(neighbourhood_,
                                  frame_context_.picture().constrained_intra_pred_flag);
  head_ |= available.head_bits();
  const bool intact = mb_type == 0               ? intra_nxn(available)
                      : mb_type == mb_type_i_pcm ? pcm()
                                                 : intra_16x16(mb_type, available);
  if (!intact) return false;
  keep_no_motion(list_count_, neighbourhood_);
  if (output_.motion) keep_no_motion(output_.motion->mbs[address_]);
  return true;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::intra_chroma(const IntraNeighbours& available) {
  if (monochrome_) return true;  // DC prediction, which yields 128 from 128s
  uint32_t mode = 0;
  if (!intra_.intra_chroma_pred_mode(available, mode)) return false;
  head_ |= mode << mb_head::intra_chroma_pred_mode_shift;
  return true;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::intra_nxn(const IntraNeighbours& available) {
  const bool transform_8x8 = transform_8x8_mode_ && syntax_.transform_size_8x8_flag();
  uint64_t modes = 0;
  if (!intra_.pred_modes(transform_8x8, available, modes) || !intra_chroma(available)) return false;
  output_.job.add_intra_modes(modes);
  const uint32_t coded_block_pattern = syntax_.coded_block_pattern(true);
  const MbKind kind = transform_8x8 ? MbKind::intra_8x8 : MbKind::intra_4x4;
  if (!residual({kind, transform_8x8, coded_block_pattern})) return false;
  const bool chroma_predicted = (head_ >> mb_head::intra_chroma_pred_mode_shift & 3) != 0;
  keep_summary(mb_flags::intra | mb_flags::not_skipped | mb_flags::not_direct |
                   mb_flags::has_pred_modes | (transform_8x8 ? mb_flags::transform_8x8 : 0) |
                   (chroma_predicted ? mb_flags::chroma_predicted : 0),
               coded_block_pattern);
  return true;
}

// Table 7-11: mb_type holds Intra16x16PredMode and coded_block_pattern.
template <typename Syntax>
bool MacroblockParser<Syntax>::intra_16x16(uint32_t mb_type, const IntraNeighbours& available) {
  const uint32_t mode = (mb_type - 1) % 4;
  const uint32_t coded_block_pattern = (mb_type - 1) / 4 % 3 << 4 | (mb_type >= 13 ? 15u : 0u);
  if (monochrome_ && coded_block_pattern > 15) return false;
  if (!intra_.is_possible_16x16(mode, available) || !intra_chroma(available)) return false;
  head_ |= mode << mb_head::intra_16x16_pred_mode_shift;
  if (!residual({MbKind::intra_16x16, false, coded_block_pattern})) return false;
  const bool chroma_predicted = (head_ >> mb_head::intra_chroma_pred_mode_shift & 3) != 0;
  keep_summary(mb_flags::intra | mb_flags::not_skipped | mb_flags::not_i_nxn |
                   mb_flags::not_direct | (chroma_predicted ? mb_flags::chroma_predicted : 0),
               coded_block_pattern);
  return true;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::pcm() {
  const uint8_t* samples = syntax_.pcm_samples();
  if (!samples) return false;
  output_.job.add_pcm(samples, monochrome_);
  syntax_.no_mb_qp_delta();
  syntax_.pcm_residual();
  set_kind(MbKind::pcm);
  keep_summary(mb_flags::intra | mb_flags::not_skipped | mb_flags::not_i_nxn | mb_flags::not_direct,
               coded_block_pattern_of_pcm);
  return true;
}

// 7.4.5: QP_Y wraps within 0..51.
template <typename Syntax>
bool MacroblockParser<Syntax>::mb_qp_delta() {
  const int32_t delta = syntax_.mb_qp_delta();
  if (delta < -26 || delta > 25) return false;
  qp_ = (qp_ + delta + 52) % 52;
  return true;
}

template <typename Syntax>
bool MacroblockParser<Syntax>::residual(const ResidualShape& shape) {
  if (shape.coded_block_pattern != 0 || shape.kind == MbKind::intra_16x16) {
    if (!mb_qp_delta()) return false;
    syntax_.residual(shape, output_.job);
  } else {
    syntax_.no_mb_qp_delta();
    syntax_.no_residual();
  }
  if (shape.transform_8x8) head_ |= mb_head::transform_8x8;
  set_kind(shape.kind);
  return true;
}

template <typename Syntax>
void MacroblockParser<Syntax>::keep_motion() {
  const MbMotion& motion = inter_.motion();
  head_ |= static_cast<uint32_t>(motion.shape) << mb_head::motion_shape_shift;
  for (uint32_t part = 0; part < motion.part_count(); ++part) {
    const auto& [mv, ref_idx] = motion.parts[part];
    output_.job.add_motion(context_->motion_entry(mv[0], mv[1], ref_idx[0], ref_idx[1]));
  }
  h264::keep_motion(motion, list_count_, neighbourhood_);
  if (output_.motion) h264::keep_motion(motion, *context_, output_.motion->mbs[address_]);
}

template <typename Syntax>
void MacroblockParser<Syntax>::keep_summary(uint32_t flags, uint32_t coded_block_pattern) {
  const MbSummary summary = {
      .flags = static_cast<uint16_t>(flags | mb_flags::available),
      .intra_level = intra_level_,
      .coded_block_pattern = static_cast<uint8_t>(coded_block_pattern),
      .coded_dc = neighbourhood_.left.mb.coded_dc,
  };
  neighbourhood_.left.mb = summary;
  neighbourhood_.above->mb = summary;
}

template class MacroblockParser<CavlcSyntax>;
template class MacroblockParser<CabacSyntax>;

}  // namespace daedalus::h264
