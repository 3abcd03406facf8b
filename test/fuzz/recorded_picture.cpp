// SPDX-License-Identifier: MIT
#include "fuzz/recorded_picture.h"

#include <algorithm>
#include <cstring>

namespace daedalus::fuzz {

namespace {

constexpr std::size_t max_pictures = 16, max_slices = 64;

// Both read or write one number, stored in sizeof(Stored) bytes.
class Reader {
 public:
  static constexpr bool reads = true;
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  template <typename Stored, typename T>
  void number(T& value) {
    Stored stored{};
    copy(&stored, sizeof(stored));
    value = static_cast<T>(stored);
  }
  void data(std::vector<uint8_t>& bytes, std::size_t size) {
    bytes.resize(std::min(size, bytes_.size()));
    copy(bytes.data(), bytes.size());
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  void copy(void* to, std::size_t size) {
    const std::size_t count = std::min(size, bytes_.size());
    if (count > 0) memcpy(to, bytes_.data(), count);
    bytes_ = bytes_.subspan(count);
  }
  std::span<const uint8_t> bytes_;
};

class Writer {
 public:
  static constexpr bool reads = false;

  template <typename Stored, typename T>
  void number(T& value) {
    const auto stored = static_cast<Stored>(value);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&stored);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof(stored));
  }
  void data(std::vector<uint8_t>& bytes, std::size_t) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  std::vector<uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

VAPictureH264 no_picture() {
  VAPictureH264 picture{};
  picture.picture_id = VA_INVALID_SURFACE;
  picture.flags = VA_PICTURE_H264_INVALID;
  return picture;
}

template <typename Archive>
void transfer(Archive& archive, VAPictureH264& picture) {
  archive.template number<int8_t>(picture.picture_id);  // -1: VA_INVALID_SURFACE
  archive.template number<uint8_t>(picture.flags);
  archive.template number<int32_t>(picture.TopFieldOrderCnt);
  archive.template number<int32_t>(picture.BottomFieldOrderCnt);
}

template <typename Archive>
void transfer(Archive& archive, VAPictureParameterBufferH264& picture) {
  transfer(archive, picture.CurrPic);
  std::size_t references = 0;
  for (const auto& reference : picture.ReferenceFrames)
    references += !(reference.flags & VA_PICTURE_H264_INVALID);
  archive.template number<uint8_t>(references);
  std::size_t i = 0;
  for (auto& reference : picture.ReferenceFrames) {
    if (i++ < references)
      transfer(archive, reference);
    else
      reference = no_picture();
  }
  archive.template number<uint8_t>(picture.picture_width_in_mbs_minus1);
  archive.template number<uint8_t>(picture.picture_height_in_mbs_minus1);
  archive.template number<uint8_t>(picture.bit_depth_luma_minus8);
  archive.template number<uint8_t>(picture.bit_depth_chroma_minus8);
  archive.template number<uint32_t>(picture.seq_fields.value);
  archive.template number<int8_t>(picture.pic_init_qp_minus26);
  archive.template number<int8_t>(picture.chroma_qp_index_offset);
  archive.template number<int8_t>(picture.second_chroma_qp_index_offset);
  archive.template number<uint32_t>(picture.pic_fields.value);
}

template <typename Archive>
void transfer(Archive& archive, VAIQMatrixBufferH264& matrices) {
  for (auto& list : matrices.ScalingList4x4)
    for (auto& scale : list) archive.template number<uint8_t>(scale);
  for (auto& list : matrices.ScalingList8x8)
    for (auto& scale : list) archive.template number<uint8_t>(scale);
}

// An entry of a reference list: the index of one of the picture's references, and which field of it
// is meant.
template <typename Archive>
void transfer(Archive& archive, VAPictureH264& entry, const VAPictureParameterBufferH264& picture) {
  const auto& references = picture.ReferenceFrames;
  auto found = std::find_if(std::begin(references), std::end(references), [&](const auto& frame) {
    return frame.picture_id == entry.picture_id;
  });
  constexpr uint32_t index_bits = 0x1f, field_shift = 5;
  constexpr uint32_t fields = VA_PICTURE_H264_TOP_FIELD | VA_PICTURE_H264_BOTTOM_FIELD;
  static_assert(VA_PICTURE_H264_TOP_FIELD == 2 && VA_PICTURE_H264_BOTTOM_FIELD == 4);
  auto stored = static_cast<uint32_t>(found - std::begin(references)) | (entry.flags & fields)
                                                                            << (field_shift - 1);
  archive.template number<uint8_t>(stored);
  if (!Archive::reads) return;
  const uint32_t index = stored & index_bits;
  entry = index < std::size(references) ? references[index] : no_picture();
  entry.flags = (entry.flags & ~fields) | (stored >> (field_shift - 1) & fields);
}

template <typename Archive>
void transfer_weights(Archive& archive, int16_t* weights, int16_t* offsets, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    archive.template number<int16_t>(weights[i]);
    archive.template number<int16_t>(offsets[i]);
  }
}

// The tables of one list, each after its flag.
template <typename Archive>
void transfer_weights(Archive& archive, uint8_t& luma_flag, int16_t* luma_weight,
                      int16_t* luma_offset, uint8_t& chroma_flag, int16_t* chroma_weight,
                      int16_t* chroma_offset, std::size_t count) {
  archive.template number<uint8_t>(luma_flag);
  if (luma_flag) transfer_weights(archive, luma_weight, luma_offset, count);
  archive.template number<uint8_t>(chroma_flag);
  if (chroma_flag) transfer_weights(archive, chroma_weight, chroma_offset, count * 2);
}

template <typename Archive>
void transfer_lists(Archive& archive, VASliceParameterBufferH264& slice,
                    const VAPictureParameterBufferH264& picture) {
  const auto count = [](uint8_t active_minus1) { return std::min(active_minus1 + 1, 32); };
  const auto count0 = static_cast<std::size_t>(count(slice.num_ref_idx_l0_active_minus1));
  const auto count1 = static_cast<std::size_t>(count(slice.num_ref_idx_l1_active_minus1));
  for (std::size_t i = 0; i < count0; ++i) transfer(archive, slice.RefPicList0[i], picture);
  for (std::size_t i = 0; i < count1; ++i) transfer(archive, slice.RefPicList1[i], picture);
  archive.template number<uint8_t>(slice.luma_log2_weight_denom);
  archive.template number<uint8_t>(slice.chroma_log2_weight_denom);
  transfer_weights(archive, slice.luma_weight_l0_flag, slice.luma_weight_l0, slice.luma_offset_l0,
                   slice.chroma_weight_l0_flag, slice.chroma_weight_l0[0],
                   slice.chroma_offset_l0[0], count0);
  transfer_weights(archive, slice.luma_weight_l1_flag, slice.luma_weight_l1, slice.luma_offset_l1,
                   slice.chroma_weight_l1_flag, slice.chroma_weight_l1[0],
                   slice.chroma_offset_l1[0], count1);
}

template <typename Archive>
void transfer(Archive& archive, RecordedSlice& recorded,
              const VAPictureParameterBufferH264& picture) {
  auto& slice = recorded.parameters;
  archive.template number<uint16_t>(slice.slice_data_bit_offset);
  archive.template number<uint16_t>(slice.first_mb_in_slice);
  archive.template number<uint8_t>(slice.slice_type);
  archive.template number<uint8_t>(slice.direct_spatial_mv_pred_flag);
  archive.template number<uint8_t>(slice.num_ref_idx_l0_active_minus1);
  archive.template number<uint8_t>(slice.num_ref_idx_l1_active_minus1);
  archive.template number<uint8_t>(slice.cabac_init_idc);
  archive.template number<int8_t>(slice.slice_qp_delta);
  archive.template number<uint8_t>(slice.disable_deblocking_filter_idc);
  archive.template number<int8_t>(slice.slice_alpha_c0_offset_div2);
  archive.template number<int8_t>(slice.slice_beta_offset_div2);
  if (slice.slice_type % 5 != 2) transfer_lists(archive, slice, picture);
  std::size_t size = recorded.data.size();
  archive.template number<uint16_t>(size);
  archive.data(recorded.data, size);
  slice.slice_data_size = static_cast<uint32_t>(recorded.data.size());
}

template <typename Archive>
void transfer(Archive& archive, RecordedPicture& picture) {
  transfer(archive, picture.parameters);
  bool has_matrices = picture.matrices.has_value();
  archive.template number<uint8_t>(has_matrices);
  if (has_matrices && !picture.matrices) picture.matrices.emplace();
  if (has_matrices) transfer(archive, *picture.matrices);
  std::size_t count = picture.slices.size();
  archive.template number<uint8_t>(count);
  if (Archive::reads) picture.slices.resize(std::min(count, max_slices));
  for (auto& slice : picture.slices) transfer(archive, slice, picture.parameters);
}

}  // namespace

std::vector<RecordedPicture> read_pictures(std::span<const uint8_t> bytes) {
  Reader reader(bytes);
  std::vector<RecordedPicture> pictures;
  while (!reader.at_end() && pictures.size() < max_pictures)
    transfer(reader, pictures.emplace_back());
  return pictures;
}

std::vector<uint8_t> write_pictures(std::span<const RecordedPicture> pictures) {
  Writer writer;
  for (RecordedPicture picture : pictures) transfer(writer, picture);
  return std::move(writer.bytes());
}

}  // namespace daedalus::fuzz
