// SPDX-License-Identifier: MIT
#include "h264/random/stream_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "h264/random/slice_writer.h"

namespace daedalus::h264::random {

namespace {

constexpr uint32_t frame_num_bits = 8, order_count_bits = 10;
constexpr uint32_t max_frame_num = 1u << frame_num_bits;
constexpr uint32_t max_sequence = 8;  // frames

enum NalType : uint32_t { slice_type = 1, idr_type = 5, sps_type = 7, pps_type = 8 };

// A frame's fields.
constexpr uint32_t top = 1, bottom = 2, both = 3;

// Omitted because libavcodec (5.1) gets it wrong:
// - Deblocking between a macroblock of a P slice and one of a B slice: it compares only list 0.
// - Deblocking in field pictures with a reference index of 16 or more: its table of pictures
//   continues with entries for MBAFF frames.
// - A B slice of a second field with its first field at the head of list 1: it takes the kind of
//   the current macroblock for the co-located one's.
// - Temporal direct prediction from a picture whose slices have different lists: it keeps only the
//   last slice's.
// - With disable_deblocking_filter_idc 2 in field pictures and MBAFF frames, intra prediction that
//   reads the sample above left: it looks up in the other field whether that was deblocked.
// - Two fields that are marked as long-term while being decoded: the second one unmarks the first.
// - One field of a frame that later becomes a long-term reference without the other: it marks both.
// - Explicit weights in monochrome: it also weights chroma.
struct Reference {
  uint32_t frame = 0;  // counts the sequence's frames
  uint32_t frame_num = 0;
  uint32_t fields = 0;  // fields marked as used for reference
  std::optional<uint32_t> long_term_idx;
};

struct PictureSet {
  PictureParameters parameters;  // the values in the PPS are used
  uint32_t id = 0;
  Taste taste;
};

// One picture: a frame, or one of its fields.
struct Coded {
  uint32_t fields = both;
  bool is_idr = false, is_reference = false, is_second_field = false;
  uint32_t frame = 0, frame_num = 0;
  std::array<int32_t, 2> order_count{};
  bool is_adaptive = false;   // it has memory_management_control_operations
  bool is_long_term = false;  // this frame is marked as long-term
  // Or marks an earlier frame, with both fields, as long-term: that frame's frame_num.
  std::optional<uint32_t> converts;
  uint32_t long_term_idx = 0;
  bool is_anchor = false;
  // Kinds of slices other than I.
  bool has_p = false, has_b = false;
  bool has_long_lists = false;  // up to 32 fields

  bool is_field() const { return fields != both; }
};

void append_nal_unit(uint32_t nal_ref_idc, NalType type, const std::vector<std::byte>& rbsp,
                     std::vector<std::byte>& out) {
  for (const int byte : {0, 0, 0, 1}) out.push_back(static_cast<std::byte>(byte));
  out.push_back(static_cast<std::byte>(nal_ref_idc << 5 | type));
  int zeros = 0;
  for (const std::byte byte : rbsp) {
    if (zeros >= 2 && byte <= std::byte{3}) {
      out.push_back(std::byte{3});
      zeros = 0;
    }
    zeros = byte == std::byte{0} ? zeros + 1 : 0;
    out.push_back(byte);
  }
}

class StreamWriter {
 public:
  StreamWriter(uint32_t seed, Stream& stream) : engine_(seed), stream_(stream) {
    width_ = 1 + below(5);
    height_ = 2 * (1 + below(3));
    chroma_format_idc_ = one_in(8) ? 0 : 1;
    mbaff_ = !one_in(3);
    num_ref_frames_ = one_in(3) ? 16 : 1 + below(6);
    stream.width = width_ * 16;
    stream.height = height_ * 16;
  }

  void sequence();

 private:
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(engine_() % end); }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<uint32_t>(high - low + 1)));
  }
  bool one_in(uint32_t count) { return below(count) == 0; }

  void write_sps();
  void make_picture_sets();
  void write_pps(const PictureSet& set);
  void choose_scaling_lists(PictureParameters& parameters);
  void mini_sequence(uint32_t count);
  void frame(int32_t order_count, bool is_anchor);
  void picture(Coded coded);
  void mark(const Coded& coded);
  void choose_marking(Coded& coded);

  bool slice(const PictureSet& set, const Coded& coded, uint32_t first_mb, uint32_t end_mb);
  SliceType choose_type(const Coded& coded);
  struct Candidate {
    bool is_own;  // the first field of the same frame
    bool is_long_term;
    uint32_t number;  // PicNum or LongTermPicNum
  };
  std::vector<Candidate> candidates(const Coded& coded) const;
  void write_lists(const Coded& coded, SliceParameters& slice, BitWriter& bits);
  // num_ref_idx_active: there is an entry for each modification, and a picture for each entry.
  struct ListLength {
    uint32_t least, most;
  };
  ListLength write_modification(const Coded& coded, const std::vector<Candidate>& all,
                                uint32_t most, bool names_other, BitWriter& bits);
  void write_weights(const PictureSet& set, const SliceParameters& slice, BitWriter& bits);
  void write_marking(const Coded& coded, BitWriter& bits);

  Engine engine_;
  Stream& stream_;
  uint32_t width_ = 0, height_ = 0, chroma_format_idc_ = 1, num_ref_frames_ = 1;
  bool mbaff_ = false;

  std::vector<PictureSet> sets_;
  std::vector<Reference> references_;  // in decoding order
  uint32_t idr_pic_id_ = 0, frames_ = 0, next_frame_num_ = 0;
  uint32_t sequence_length_ = 0;
  bool allows_temporal_ = false;
  int32_t order_count_ = 0;
};

void StreamWriter::write_sps() {
  BitWriter bits;
  bits.bits(100, 8).bits(0, 8).bits(51, 8).ue(0).ue(chroma_format_idc_).ue(0).ue(0);
  bits.bits("00").ue(frame_num_bits - 4).ue(0).ue(order_count_bits - 4).ue(num_ref_frames_);
  bits.bits("0").ue(width_ - 1).ue(height_ / 2 - 1).bits("0").bits(mbaff_, 1).bits("10");
  // VUI with only the reordering depth.
  bits.bits("1000000001").bits("1").ue(0).ue(0).ue(16).ue(16).ue(4).ue(16).trailing_bits();
  append_nal_unit(3, sps_type, bits.bytes(), stream_.bytes);
}

void StreamWriter::choose_scaling_lists(PictureParameters& parameters) {
  const bool flat = !one_in(4);
  const auto choose = [&](auto& list) {
    for (auto& value : list) value = static_cast<uint8_t>(flat ? 16 : 4 + below(60));
  };
  for (auto& list : parameters.scaling_list_4x4) choose(list);
  for (auto& list : parameters.scaling_list_8x8) choose(list);
}

void StreamWriter::make_picture_sets() {
  sets_.clear();
  for (uint32_t id = 0; id < 2; ++id) {
    PictureSet set;
    set.id = id;
    PictureParameters& parameters = set.parameters;
    parameters.pic_width_in_mbs = width_;
    parameters.frame_height_in_mbs = height_;
    parameters.chroma_format_idc = static_cast<uint8_t>(chroma_format_idc_);
    parameters.frame_mbs_only_flag = false;
    parameters.mb_adaptive_frame_field_flag = mbaff_;
    parameters.direct_8x8_inference_flag = true;
    parameters.entropy_coding_mode_flag = !one_in(3);
    parameters.weighted_pred_flag = one_in(2);
    parameters.weighted_bipred_idc = static_cast<uint8_t>(below(3));
    if (parameters.is_monochrome()) {
      parameters.weighted_pred_flag = false;
      if (parameters.weighted_bipred_idc == 1) parameters.weighted_bipred_idc = 2;
    }
    parameters.transform_8x8_mode_flag = one_in(2);
    parameters.constrained_intra_pred_flag = one_in(3);
    const int qp = one_in(4) ? between(0, 6) : one_in(4) ? between(46, 51) : between(10, 40);
    parameters.pic_init_qp_minus26 = static_cast<int8_t>(qp - 26);
    parameters.chroma_qp_index_offset = static_cast<int8_t>(between(-12, 12));
    parameters.second_chroma_qp_index_offset = static_cast<int8_t>(between(-12, 12));
    choose_scaling_lists(parameters);
    parameters.references[0].present = true;
    set.taste.coded = qp > 40 ? 30 : 40 + below(100);
    set.taste.large = qp > 30 ? 10 : 10 + below(150);
    set.taste.pcm = one_in(4) ? 60 : 8;
    set.taste.skip = 20 + below(100);
    sets_.push_back(set);
    write_pps(set);
  }
}

void write_scaling_list(std::span<const uint8_t> list, BitWriter& bits) {
  int last = 8;
  bits.bits("1");
  for (const uint8_t value : list) {
    bits.se(value - last);
    last = value;
  }
}

void StreamWriter::write_pps(const PictureSet& set) {
  const PictureParameters& parameters = set.parameters;
  BitWriter bits;
  bits.ue(set.id).ue(0).bits(parameters.entropy_coding_mode_flag, 1).bits("1").ue(0).ue(0).ue(0);
  bits.bits(parameters.weighted_pred_flag, 1).bits(parameters.weighted_bipred_idc, 2);
  bits.se(parameters.pic_init_qp_minus26).se(0).se(parameters.chroma_qp_index_offset).bits("1");
  bits.bits(parameters.constrained_intra_pred_flag, 1).bits("0");
  bits.bits(parameters.transform_8x8_mode_flag, 1).bits("1");
  for (const auto& list : parameters.scaling_list_4x4) write_scaling_list(list, bits);
  if (parameters.transform_8x8_mode_flag)
    for (const auto& list : parameters.scaling_list_8x8) write_scaling_list(list, bits);
  bits.se(parameters.second_chroma_qp_index_offset).trailing_bits();
  append_nal_unit(3, pps_type, bits.bytes(), stream_.bytes);
}

void StreamWriter::sequence() {
  write_sps();
  make_picture_sets();
  references_.clear();
  frames_ = next_frame_num_ = 0;
  order_count_ = 0;
  idr_pic_id_ ^= 1;
  sequence_length_ = 2 + below(max_sequence - 1);
  // If all references are kept, no picture that a co-located macroblock refers to is missing.
  allows_temporal_ = num_ref_frames_ >= sequence_length_ + 2;
  frame(0, true);
  while (frames_ < sequence_length_)
    mini_sequence(std::min(1 + below(4), sequence_length_ - frames_));
}

// A frame, and frames that precede it in output order but follow it in the stream.
void StreamWriter::mini_sequence(uint32_t count) {
  const int32_t base = order_count_;
  order_count_ = base + static_cast<int32_t>(count) * 4;
  frame(order_count_, true);
  std::vector<int32_t> others;
  for (uint32_t i = 1; i < count; ++i) others.push_back(base + static_cast<int32_t>(i) * 4);
  std::shuffle(others.begin(), others.end(), engine_);
  for (const int32_t order_count : others) frame(order_count, false);
}

void StreamWriter::frame(int32_t order_count, bool is_anchor) {
  Coded coded;
  coded.is_anchor = is_anchor;
  coded.is_idr = frames_ == 0;
  coded.is_reference = coded.is_idr || !one_in(is_anchor ? 8 : 2);
  coded.frame = frames_;
  coded.frame_num = next_frame_num_;
  choose_marking(coded);
  const bool by_fields = !coded.is_long_term && one_in(2);
  const bool bottom_first = one_in(3);
  if (!by_fields) {
    coded.order_count = {order_count, order_count + between(-1, 1)};
    if (coded.is_idr) coded.order_count[1] = between(0, 1);
    picture(coded);
  } else {
    coded.order_count = {order_count + bottom_first, order_count + !bottom_first};
    coded.fields = bottom_first ? bottom : top;
    picture(coded);
    coded.fields = both - coded.fields;
    coded.is_idr = false;
    coded.is_second_field = true;
    coded.converts = {};
    coded.is_adaptive = false;
    picture(coded);
  }
  ++frames_;
  ++stream_.frames;
  if (coded.is_reference) ++next_frame_num_;
}

// Makes this frame or an earlier one a long-term reference. This removes no picture, so there must
// be room for this frame, and another one that can be removed later.
void StreamWriter::choose_marking(Coded& coded) {
  if (!coded.is_reference) return;
  if (coded.is_idr) {
    coded.is_long_term = num_ref_frames_ > 1 && one_in(6);
    return;
  }
  const auto long_terms = std::count_if(references_.begin(), references_.end(),
                                        [](const auto& it) { return it.long_term_idx; });
  coded.is_adaptive = one_in(4) && long_terms < 3 && references_.size() < num_ref_frames_ &&
                      long_terms + 1 < num_ref_frames_;
  if (!coded.is_adaptive) return;
  coded.long_term_idx = static_cast<uint32_t>(long_terms);
  const Reference& earlier = references_[below(static_cast<uint32_t>(references_.size()))];
  coded.is_long_term = earlier.long_term_idx || earlier.fields != both || one_in(2);
  if (!coded.is_long_term) coded.converts = earlier.frame_num;
}

void StreamWriter::picture(Coded coded) {
  PictureSet set = sets_[below(2)];
  coded.has_b = one_in(coded.is_anchor ? 3 : 5) == coded.is_anchor;
  coded.has_p = !coded.has_b || one_in(6);
  coded.has_long_lists = coded.is_field() && one_in(3);
  set.parameters.field_pic_flag = coded.is_field();
  set.parameters.bottom_field_flag = coded.fields == bottom;
  const uint32_t size = set.parameters.size_in_mbs();
  const uint32_t unit = set.parameters.is_mbaff() ? 2 : 1;
  const bool may_be_colocated = coded.is_reference && allows_temporal_;
  const uint32_t most = may_be_colocated || one_in(2) ? 1 : 1 + below(3);
  for (uint32_t first = 0, i = 0; first < size; ++i) {
    uint32_t end = size;
    if (i + 1 < most && size - first > unit)
      end = first + unit * (1 + below((size - first) / unit - 1));
    while (!slice(set, coded, first, end)) {
    }
    first = end;
  }
  ++stream_.pictures;
  mark(coded);
}

// 8.2.5, as far as these streams need it.
void StreamWriter::mark(const Coded& coded) {
  if (!coded.is_reference) return;
  if (coded.is_second_field && !references_.empty() && references_.back().frame == coded.frame) {
    references_.back().fields = both;
    return;
  }
  if (coded.is_idr) references_.clear();
  if (!coded.is_adaptive && references_.size() == num_ref_frames_) {
    const auto oldest = std::find_if(references_.begin(), references_.end(),
                                     [](const auto& it) { return !it.long_term_idx; });
    references_.erase(oldest);
  }
  for (auto& reference : references_)
    if (coded.converts == reference.frame_num) reference.long_term_idx = coded.long_term_idx;
  Reference reference = {coded.frame, coded.frame_num, coded.fields, {}};
  if (coded.is_long_term) reference.long_term_idx = coded.long_term_idx;
  references_.push_back(reference);
}

std::vector<StreamWriter::Candidate> StreamWriter::candidates(const Coded& coded) const {
  std::vector<Candidate> result;
  for (const auto& reference : references_) {
    const bool is_own = reference.frame == coded.frame;
    const bool is_long_term = reference.long_term_idx.has_value();
    const uint32_t number = is_long_term ? *reference.long_term_idx : reference.frame_num;
    if (!coded.is_field()) {
      if (reference.fields == both) result.push_back({is_own, is_long_term, number});
      continue;
    }
    for (const uint32_t field : {top, bottom})
      if (reference.fields & field)
        result.push_back({is_own, is_long_term, 2 * number + (field == coded.fields ? 1 : 0)});
  }
  return result;
}

SliceType StreamWriter::choose_type(const Coded& coded) {
  const auto all = candidates(coded);
  if (coded.is_idr || all.empty() || one_in(8)) return SliceType::i;
  if (std::all_of(all.begin(), all.end(), [](const auto& it) { return it.is_own; }))
    return SliceType::p;
  return !coded.has_b || (coded.has_p && one_in(2)) ? SliceType::p : SliceType::b;
}

bool StreamWriter::slice(const PictureSet& set, const Coded& coded, uint32_t first_mb,
                         uint32_t end_mb) {
  const PictureParameters& picture = set.parameters;
  SliceParameters slice{};
  slice.first_mb_in_slice = first_mb / (picture.is_mbaff() ? 2 : 1);
  slice.slice_type = choose_type(coded);
  BitWriter bits;
  bits.ue(slice.first_mb_in_slice).ue(static_cast<uint32_t>(slice.slice_type)).ue(set.id);
  bits.bits(coded.frame_num, frame_num_bits).bits(coded.is_field(), 1);
  if (coded.is_field()) bits.bits(coded.fields == bottom, 1);
  if (coded.is_idr) bits.ue(idr_pic_id_);
  const int32_t order_count = coded.order_count[coded.fields == bottom ? 1 : 0];
  bits.bits(static_cast<uint32_t>(order_count), order_count_bits);
  if (!coded.is_field()) bits.se(coded.order_count[1] - coded.order_count[0]);
  if (slice.slice_type == SliceType::b) {
    slice.direct_spatial_mv_pred_flag = !allows_temporal_ || one_in(2);
    bits.bits(slice.direct_spatial_mv_pred_flag, 1);
  }
  if (slice.slice_type != SliceType::i) {
    write_lists(coded, slice, bits);
    const bool is_b = slice.slice_type == SliceType::b;
    if (is_b ? picture.weighted_bipred_idc == 1 : picture.weighted_pred_flag)
      write_weights(set, slice, bits);
  }
  if (coded.is_reference) write_marking(coded, bits);
  if (picture.entropy_coding_mode_flag && slice.slice_type != SliceType::i) {
    slice.cabac_init_idc = static_cast<uint8_t>(below(3));
    bits.ue(slice.cabac_init_idc);
  }
  const int qp = 26 + picture.pic_init_qp_minus26;
  slice.slice_qp_delta = static_cast<int8_t>(std::clamp(qp + between(-3, 3), 0, 51) - qp);
  bits.se(slice.slice_qp_delta);
  const bool by_slices = !coded.has_long_lists && one_in(2);
  const bool is_off = (coded.has_p && coded.has_b) || coded.has_long_lists || one_in(4);
  slice.disable_deblocking_filter_idc = by_slices ? 2 : is_off ? 1 : 0;
  bits.ue(slice.disable_deblocking_filter_idc);
  if (slice.disable_deblocking_filter_idc != 1) bits.se(between(-6, 6)).se(between(-6, 6));

  const auto rbsp = write_slice(picture, slice, end_mb, set.taste, bits, engine_);
  if (!rbsp) return false;
  append_nal_unit(coded.is_reference ? 1 + below(3) : 0, coded.is_idr ? idr_type : slice_type,
                  *rbsp, stream_.bytes);
  return true;
}

// num_ref_idx_active_override and ref_pic_list_modification(). In temporal direct mode list 0
// contains every reference picture.
void StreamWriter::write_lists(const Coded& coded, SliceParameters& slice, BitWriter& bits) {
  const auto all = candidates(coded);
  const uint32_t most = coded.has_long_lists ? 32 : 16;
  const bool is_b = slice.slice_type == SliceType::b;
  const bool is_temporal = is_b && !slice.direct_spatial_mv_pred_flag;
  std::array<BitWriter, 2> modifications;
  std::array<uint32_t, 2> counts{};
  for (uint32_t list = 0; list < (is_b ? 2u : 1u); ++list) {
    const bool is_whole = is_temporal && list == 0;
    ListLength length = {1, static_cast<uint32_t>(all.size())};
    const bool names_other = list == 1 && coded.is_second_field && coded.is_reference;
    if (!is_whole && (names_other || one_in(2)))
      length = write_modification(coded, all, most, names_other, modifications[list]);
    else
      modifications[list].bits("0");
    length.most = std::min(length.most, most);
    counts[list] =
        is_whole || one_in(2) ? length.most : length.least + below(length.most - length.least + 1);
  }
  bits.bits("1").ue(counts[0] - 1);
  if (is_b) bits.ue(counts[1] - 1);
  slice.num_ref_idx_l0_active_minus1 = static_cast<uint8_t>(counts[0] - 1);
  slice.num_ref_idx_l1_active_minus1 = static_cast<uint8_t>(is_b ? counts[1] - 1 : 0);
  for (uint32_t list = 0; list < (is_b ? 2u : 1u); ++list) {
    const auto& from = modifications[list];
    for (std::size_t i = 0; i < from.bit_count(); ++i)
      bits.bits(static_cast<uint32_t>(from.bytes()[i / 8]) >> (7 - i % 8) & 1, 1);
  }
}

StreamWriter::ListLength StreamWriter::write_modification(const Coded& coded,
                                                          const std::vector<Candidate>& all,
                                                          uint32_t most, bool names_other,
                                                          BitWriter& bits) {
  const uint32_t max_pic_num = max_frame_num * (coded.is_field() ? 2 : 1);
  const uint32_t current = coded.is_field() ? 2 * coded.frame_num + 1 : coded.frame_num;
  const uint32_t count = one_in(4) ? most : 1 + below(5);
  uint32_t predicted = current;
  std::vector<bool> named(all.size());
  bits.bits("1");
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t index = below(static_cast<uint32_t>(all.size()));
    while (names_other && i == 0 && all[index].is_own)
      index = (index + 1) % static_cast<uint32_t>(all.size());
    named[index] = true;
    if (all[index].is_long_term) {
      bits.ue(2).ue(all[index].number);
      continue;
    }
    const uint32_t down = (predicted - all[index].number - 1) % max_pic_num;
    const uint32_t up = (all[index].number - predicted - 1) % max_pic_num;
    if (one_in(2))
      bits.ue(0).ue(down);
    else
      bits.ue(1).ue(up);
    predicted = all[index].number;
  }
  bits.ue(3);
  return {count, count + static_cast<uint32_t>(std::count(named.begin(), named.end(), false))};
}

// pred_weight_table(). The sum of two weights is at most 128.
void StreamWriter::write_weights(const PictureSet& set, const SliceParameters& slice,
                                 BitWriter& bits) {
  const bool has_chroma = !set.parameters.is_monochrome();
  const uint32_t luma = below(7), chroma = below(7);
  bits.ue(luma);
  if (has_chroma) bits.ue(chroma);
  const auto weight = [&](uint32_t denominator) {
    bits.se(std::clamp((1 << denominator) + between(-20, 20), -60, 64)).se(between(-40, 40));
  };
  const bool is_b = slice.slice_type == SliceType::b;
  for (uint32_t list = 0; list < (is_b ? 2u : 1u); ++list) {
    const uint32_t count =
        1u + (list == 0 ? slice.num_ref_idx_l0_active_minus1 : slice.num_ref_idx_l1_active_minus1);
    for (uint32_t i = 0; i < count; ++i) {
      const bool has_luma = one_in(2);
      bits.bits(has_luma, 1);
      if (has_luma) weight(luma);
      if (!has_chroma) continue;
      const bool weighs_chroma = one_in(2);
      bits.bits(weighs_chroma, 1);
      if (!weighs_chroma) continue;
      weight(chroma);
      weight(chroma);
    }
  }
}

// dec_ref_pic_marking().
void StreamWriter::write_marking(const Coded& coded, BitWriter& bits) {
  if (coded.is_idr) {
    bits.bits("0").bits(coded.is_long_term, 1);
    return;
  }
  bits.bits(coded.is_adaptive, 1);
  if (!coded.is_adaptive) return;
  bits.ue(4).ue(4);  // long-term indices up to 3
  if (coded.converts) {
    const uint32_t distance = coded.frame_num - *coded.converts;
    if (!coded.is_field())
      bits.ue(3).ue(distance - 1).ue(coded.long_term_idx);
    else  // the field of the same parity, then the other one
      bits.ue(3)
          .ue(2 * distance - 1)
          .ue(coded.long_term_idx)
          .ue(3)
          .ue(2 * distance)
          .ue(coded.long_term_idx);
  } else {
    bits.ue(6).ue(coded.long_term_idx);
  }
  bits.ue(0);
}

}  // namespace

Stream write_stream(uint32_t seed, uint32_t sequences) {
  Stream stream;
  StreamWriter writer(seed, stream);
  for (uint32_t i = 0; i < sequences; ++i) writer.sequence();
  return stream;
}

}  // namespace daedalus::h264::random
