// SPDX-License-Identifier: MIT
#include "va/h264/stream.h"

#include <algorithm>
#include <cstring>

#include "h264/bit_writer.h"

namespace daedalus::test {

namespace {

VAPictureH264 no_picture() {
  VAPictureH264 picture{};
  picture.picture_id = VA_INVALID_SURFACE;
  picture.flags = VA_PICTURE_H264_INVALID;
  return picture;
}

// Everything but the slice's data and the references.
PcmPicture make_empty_picture(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target) {
  PcmPicture result{};
  auto& picture = result.picture;
  picture.CurrPic.picture_id = target;
  std::fill(std::begin(picture.ReferenceFrames), std::end(picture.ReferenceFrames), no_picture());
  picture.picture_width_in_mbs_minus1 = static_cast<uint16_t>(width_in_mbs - 1);
  picture.picture_height_in_mbs_minus1 = static_cast<uint16_t>(height_in_mbs - 1);
  picture.seq_fields.bits.chroma_format_idc = 1;
  picture.seq_fields.bits.frame_mbs_only_flag = 1;
  picture.seq_fields.bits.direct_8x8_inference_flag = 1;
  picture.pic_fields.bits.reference_pic_flag = 1;
  memset(result.matrices.ScalingList4x4, 16, sizeof(result.matrices.ScalingList4x4));
  memset(result.matrices.ScalingList8x8, 16, sizeof(result.matrices.ScalingList8x8));

  auto& slice = result.slice;
  slice.slice_data_flag = VA_SLICE_DATA_FLAG_ALL;
  slice.slice_data_bit_offset = 16;
  slice.disable_deblocking_filter_idc = 1;
  std::fill(std::begin(slice.RefPicList0), std::end(slice.RefPicList0), no_picture());
  std::fill(std::begin(slice.RefPicList1), std::end(slice.RefPicList1), no_picture());
  return result;
}

}  // namespace

// Never 0, so that no emulation prevention is needed.
uint8_t pcm_luma(uint32_t x, uint32_t y, uint8_t seed) {
  return static_cast<uint8_t>(16 + (x + 3 * y + seed) % 220);
}
uint8_t pcm_cb(uint8_t seed) {
  return static_cast<uint8_t>(16 + seed % 100);
}
uint8_t pcm_cr(uint8_t seed) {
  return static_cast<uint8_t>(120 + seed % 100);
}

PcmPicture make_pcm_picture(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target,
                            uint8_t seed) {
  auto result = make_empty_picture(width_in_mbs, height_in_mbs, target);
  // An IDR slice's NAL header, a byte in place of the slice header, and then slice_data().
  auto& data = result.data;
  data = {0x65, 0x88};
  for (uint32_t mb = 0; mb < width_in_mbs * height_in_mbs; ++mb) {
    // mb_type 25, ue(v) of 9 bits, and pcm_alignment_zero_bit up to the next byte (7.3.5).
    data.insert(data.end(), {0x0d, 0x00});
    const uint32_t x0 = mb % width_in_mbs * 16, y0 = mb / width_in_mbs * 16;
    for (uint32_t i = 0; i < 256; ++i) data.push_back(pcm_luma(x0 + i % 16, y0 + i / 16, seed));
    data.insert(data.end(), 64, pcm_cb(seed));
    data.insert(data.end(), 64, pcm_cr(seed));
  }
  data.push_back(0x80);  // rbsp_slice_trailing_bits()

  result.slice.slice_data_size = static_cast<uint32_t>(data.size());
  result.slice.slice_type = 2;
  return result;
}

PcmPicture make_skipped_picture(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target,
                                std::span<const VASurfaceID> references) {
  auto result = make_empty_picture(width_in_mbs, height_in_mbs, target);
  auto& [picture, matrices, slice, data] = result;
  picture.CurrPic.TopFieldOrderCnt = picture.CurrPic.BottomFieldOrderCnt = 4;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto order = static_cast<int32_t>(i * 8);  // before the picture, and after it
    picture.ReferenceFrames[i] = {.picture_id = references[i],
                                  .flags = VA_PICTURE_H264_SHORT_TERM_REFERENCE,
                                  .TopFieldOrderCnt = order,
                                  .BottomFieldOrderCnt = order};
    (i == 0 ? slice.RefPicList0 : slice.RefPicList1)[0] = picture.ReferenceFrames[i];
  }
  slice.slice_type = references.size() == 2 ? 1 : 0;
  slice.direct_spatial_mv_pred_flag = 1;

  // A slice's NAL header, a byte in place of the slice header, mb_skip_run,
  // rbsp_slice_trailing_bits.
  h264::BitWriter bits;
  bits.bits(0x61, 8).bits(0x88, 8).ue(width_in_mbs * height_in_mbs).trailing_bits();
  for (std::byte byte : bits.bytes()) data.push_back(static_cast<uint8_t>(byte));
  slice.slice_data_size = static_cast<uint32_t>(data.size());
  return result;
}

}  // namespace daedalus::test
