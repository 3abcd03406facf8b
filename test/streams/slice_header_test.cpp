// SPDX-License-Identifier: MIT
// Compares the slice header parser with what libavcodec passes to VA for the same slices: plays
// conformance streams on the null device, and compares each slice's parameters and reference lists
// with those parsed from its bytes and the picture's parameters.
#include <gtest/gtest.h>
#include <va/va_backend.h>

#include <cstring>
#include <span>
#include <sstream>
#include <utility>

#include "daedalus/h264/slice_header.h"
#include "h264/slice_context.h"
#include "streams/manifest.h"
#include "streams/picture_parameter_sets.h"
#include "streams/player.h"
#include "va/h264/buffers.h"

namespace daedalus::test {
namespace {

using h264::HeaderParameters;
using h264::PictureParameters;
using h264::SliceParameters;
using h264::SliceType;

struct RecordedSlice {
  VAPictureParameterBufferH264 picture{};
  VASliceParameterBufferH264 parameters{};
  std::vector<std::byte> data;
};

// Intercepts libva's calls to the driver. libavcodec submits a parameter buffer and a data buffer
// for each slice.
class Recorder {
 public:
  explicit Recorder(VADisplay display) {
    self = this;
    table_ = static_cast<VADisplayContextP>(display)->pDriverContext->vtable;
    driver_ = *table_;
    table_->vaRenderPicture = render;
  }
  ~Recorder() { table_->vaRenderPicture = driver_.vaRenderPicture; }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  std::vector<RecordedSlice> take() { return std::exchange(slices_, {}); }

 private:
  static VAStatus render(VADriverContextP driver, VAContextID context, VABufferID* buffers,
                         int count) {
    for (int i = 0; i < count; ++i) self->keep(driver, buffers[i]);
    return self->driver_.vaRenderPicture(driver, context, buffers, count);
  }

  void keep(VADriverContextP driver, VABufferID buffer) {
    VABufferType type{};
    unsigned size = 0, count = 0;
    void* data = nullptr;
    driver_.vaBufferInfo(driver, buffer, &type, &size, &count);
    driver_.vaMapBuffer(driver, buffer, &data);
    if (type == VAPictureParameterBufferType) {
      memcpy(&picture_, data, sizeof(picture_));
    } else if (type == VASliceParameterBufferType) {
      auto& slice = slices_.emplace_back();
      slice.picture = picture_;
      memcpy(&slice.parameters, data, sizeof(slice.parameters));
    } else if (type == VASliceDataBufferType) {
      const auto* bytes = static_cast<const std::byte*>(data);
      slices_.back().data.assign(bytes, bytes + size);
    }
    driver_.vaUnmapBuffer(driver, buffer);
  }

  static inline Recorder* self = nullptr;
  VADriverVTable* table_;
  VADriverVTable driver_;  // the driver's own functions
  VAPictureParameterBufferH264 picture_{};
  std::vector<RecordedSlice> slices_;
};

bool has_field(const VAPictureH264& picture, uint32_t field) {
  constexpr uint32_t both = VA_PICTURE_H264_TOP_FIELD | VA_PICTURE_H264_BOTTOM_FIELD;
  return (picture.flags & both) == 0 || (picture.flags & field) != 0;
}

// The picture as a frame-based client would describe it.
PictureParameters picture_parameters(const VAPictureParameterBufferH264& picture) {
  auto parameters = va::picture_parameters(picture);
  for (std::size_t slot = 0; slot < parameters.references.size(); ++slot) {
    auto& frame = parameters.references[slot];
    frame.has_top = has_field(picture.ReferenceFrames[slot], VA_PICTURE_H264_TOP_FIELD);
    frame.has_bottom = has_field(picture.ReferenceFrames[slot], VA_PICTURE_H264_BOTTOM_FIELD);
  }
  return parameters;
}

HeaderParameters header_parameters(const VAPictureParameterBufferH264& picture,
                                   const PictureParameterSets::Defaults& defaults) {
  const auto& sequence = picture.seq_fields.bits;
  const auto& fields = picture.pic_fields.bits;
  HeaderParameters parameters{
      .log2_max_frame_num_minus4 = static_cast<uint8_t>(sequence.log2_max_frame_num_minus4),
      .pic_order_cnt_type = static_cast<uint8_t>(sequence.pic_order_cnt_type),
      .log2_max_pic_order_cnt_lsb_minus4 =
          static_cast<uint8_t>(sequence.log2_max_pic_order_cnt_lsb_minus4),
      .delta_pic_order_always_zero_flag = sequence.delta_pic_order_always_zero_flag != 0,
      .bottom_field_pic_order_in_frame_present_flag = fields.pic_order_present_flag != 0,
      .num_ref_idx_l0_default_active_minus1 = defaults.num_ref_idx_l0_active_minus1,
      .num_ref_idx_l1_default_active_minus1 = defaults.num_ref_idx_l1_active_minus1,
      .deblocking_filter_control_present_flag = fields.deblocking_filter_control_present_flag != 0,
      .redundant_pic_cnt_present_flag = fields.redundant_pic_cnt_present_flag != 0,
  };
  for (std::size_t slot = 0; slot < parameters.reference_numbers.size(); ++slot)
    parameters.reference_numbers[slot] =
        static_cast<uint16_t>(picture.ReferenceFrames[slot].frame_idx);
  return parameters;
}

// These have gaps in frame_num or begin in the middle. For missing frames libavcodec names other
// frames' surfaces, each of which VA knows as one frame, so its lists do not follow from VA's
// references.
constexpr const char* streams_with_lost_references[] = {
    "MR3_TANDBERG_B.264", "MR4_TANDBERG_C.264", "MR5_TANDBERG_C.264", "mp4-init-nonkeyframe-1.mp4"};

bool lacks_references(const std::string& path) {
  return std::any_of(std::begin(streams_with_lost_references),
                     std::end(streams_with_lost_references),
                     [&](const char* name) { return path.ends_with(name); });
}

std::string text(std::span<const uint8_t> list) {
  std::ostringstream out;
  for (const uint8_t entry : list) out << int{entry} << ' ';
  return out.str();
}

void expect_same_weights(const SliceParameters& told, const SliceParameters& parsed,
                         std::size_t list, std::size_t count) {
  const auto &expected = told.weights[list], &found = parsed.weights[list];
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(found.luma_weight[i], expected.luma_weight[i]);
    EXPECT_EQ(found.luma_offset[i], expected.luma_offset[i]);
    EXPECT_EQ(found.chroma_weight[i], expected.chroma_weight[i]);
    EXPECT_EQ(found.chroma_offset[i], expected.chroma_offset[i]);
  }
}

void expect_same_lists(const PictureParameters& picture, const SliceParameters& told,
                       const SliceParameters& parsed, bool lacks_references) {
  const bool is_explicit =
      h264::weight_mode(picture, told.slice_type) == h264::WeightMode::explicit_weights;
  const std::size_t counts[] = {told.num_ref_idx_l0_active_minus1 + std::size_t{1},
                                told.num_ref_idx_l1_active_minus1 + std::size_t{1}};
  for (std::size_t list = 0; list < (told.slice_type == SliceType::b ? 2 : 1); ++list) {
    SCOPED_TRACE("list " + std::to_string(list));
    ASSERT_LE(counts[list], 32u);
    const auto entries = [&](const SliceParameters& slice) {
      return text(std::span(slice.ref_pic_list[list]).first(counts[list]));
    };
    if (!lacks_references) {
      EXPECT_EQ(entries(parsed), entries(told));
    }
    if (is_explicit) expect_same_weights(told, parsed, list, counts[list]);
  }
  if (!is_explicit) return;
  EXPECT_EQ(parsed.luma_log2_weight_denom, told.luma_log2_weight_denom);
  EXPECT_EQ(parsed.chroma_log2_weight_denom, told.chroma_log2_weight_denom);
}

// Does not compare elements that are not read in this type of slice.
void expect_same(const PictureParameters& picture, const SliceParameters& told,
                 const SliceParameters& parsed, bool lacks_references) {
  EXPECT_EQ(parsed.first_mb_in_slice, told.first_mb_in_slice);
  ASSERT_EQ(parsed.slice_type, told.slice_type);
  EXPECT_EQ(parsed.slice_data_bit_offset, told.slice_data_bit_offset);
  EXPECT_EQ(parsed.slice_qp_delta, told.slice_qp_delta);
  EXPECT_EQ(parsed.disable_deblocking_filter_idc, told.disable_deblocking_filter_idc);
  EXPECT_EQ(parsed.slice_alpha_c0_offset_div2, told.slice_alpha_c0_offset_div2);
  EXPECT_EQ(parsed.slice_beta_offset_div2, told.slice_beta_offset_div2);
  if (told.slice_type == SliceType::i) return;
  if (picture.entropy_coding_mode_flag) {
    EXPECT_EQ(parsed.cabac_init_idc, told.cabac_init_idc);
  }
  ASSERT_EQ(parsed.num_ref_idx_l0_active_minus1, told.num_ref_idx_l0_active_minus1);
  if (told.slice_type == SliceType::b) {
    EXPECT_EQ(parsed.direct_spatial_mv_pred_flag, told.direct_spatial_mv_pred_flag);
    ASSERT_EQ(parsed.num_ref_idx_l1_active_minus1, told.num_ref_idx_l1_active_minus1);
  }
  expect_same_lists(picture, told, parsed, lacks_references);
}

class SliceHeaderConformance : public testing::TestWithParam<ManifestEntry> {
 protected:
  void check(const RecordedSlice& slice) {
    const auto defaults = sets_.of_slice(slice.data);
    ASSERT_TRUE(defaults) << "a slice without a picture parameter set";
    const auto picture = picture_parameters(slice.picture);
    const auto told = va::slice_parameters(slice.parameters, slice.picture, slice.data);
    SliceParameters parsed;
    ASSERT_TRUE(
        parser_.parse(slice.data, picture, header_parameters(slice.picture, *defaults), parsed));
    expect_same(picture, told, parsed, lacks_references(GetParam().path));
  }

  PictureParameterSets sets_;
  h264::SliceHeaderParser parser_;
};

TEST_P(SliceHeaderConformance, IsWhatVaClientsSend) {
  const auto clip = load_clip(GetParam().path);
  ASSERT_FALSE(clip.packets.empty());
  VADisplay display = open_display();
  ASSERT_TRUE(display);
  {
    Recorder recorder(display);
    const auto device = vaapi_device(display);
    Player player(clip, device.get());
    sets_.read_extradata(std::as_bytes(std::span(
        clip.parameters->extradata, static_cast<std::size_t>(clip.parameters->extradata_size))));
    std::size_t slices = 0;
    for (std::size_t i = 0; i < clip.packets.size() && !HasFailure(); ++i) {
      const AVPacket& packet = *clip.packets[i];
      sets_.read(std::as_bytes(std::span(packet.data, static_cast<std::size_t>(packet.size))));
      player.send(&packet, [](const AVFrame&) {});
      for (const auto& slice : recorder.take()) {
        SCOPED_TRACE("packet " + std::to_string(i) + ", slice " + std::to_string(++slices));
        check(slice);
        if (HasFailure()) break;
      }
    }
    EXPECT_GT(slices, clip.packets.size() / 2);
  }
  vaTerminate(display);
}

// Half of the encrypted stream is noise without its key.
std::vector<ManifestEntry> entries() {
  std::vector<ManifestEntry> chosen;
  for (const char* scope : {"progressive", "interlaced", "mono"})
    for (auto& entry : manifest("h264", scope))
      if (!entry.path.ends_with("mov-frag-encrypted.mp4")) chosen.push_back(std::move(entry));
  return chosen;
}

std::string name_of(const testing::TestParamInfo<ManifestEntry>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Streams, SliceHeaderConformance, testing::ValuesIn(entries()), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SliceHeaderConformance);

TEST(Vectors, AreThere) {
  if (entries().empty())
    GTEST_SKIP() << "no conformance streams: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
