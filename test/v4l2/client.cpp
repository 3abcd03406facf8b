// SPDX-License-Identifier: MIT
#include "v4l2/client.h"

#include <linux/videodev2.h>

#include <algorithm>
#include <cstring>

#include "v4l2/va_controls.h"

namespace daedalus::test {

namespace {

constexpr uint32_t p010 = v4l2_fourcc('P', '0', '1', '0');

template <typename T>
T read(std::span<const std::byte> bytes) {
  T value{};
  memcpy(&value, bytes.data(), std::min(sizeof(value), bytes.size()));
  return value;
}

// A frame's luma, then Cb, then Cr, from semi-planar samples; 10-bit samples move to the low bits.
template <typename Sample>
std::vector<uint8_t> planar(const uint8_t* luma, const uint8_t* chroma, std::size_t pitch,
                            std::size_t width, std::size_t height, uint32_t shift) {
  std::vector<uint8_t> bytes;
  const auto append = [&](const uint8_t* row, std::size_t index) {
    Sample sample;
    memcpy(&sample, row + index * sizeof(Sample), sizeof(Sample));
    sample = static_cast<Sample>(sample >> shift);
    const auto* raw = reinterpret_cast<const uint8_t*>(&sample);
    bytes.insert(bytes.end(), raw, raw + sizeof(sample));
  };
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) append(luma + y * pitch, x);
  for (std::size_t component = 0; component < 2; ++component)
    for (std::size_t y = 0; y < (height + 1) / 2; ++y)
      for (std::size_t x = 0; x < (width + 1) / 2; ++x)
        append(chroma + y * pitch, x * 2 + component);
  return bytes;
}

}  // namespace

V4l2Client::V4l2Client(VADisplay display, FakeKernel& kernel) : kernel_(kernel) {
  self = this;
  table_ = static_cast<VADisplayContextP>(display)->pDriverContext->vtable;
  driver_ = *table_;
  table_->vaBeginPicture = begin;
  table_->vaRenderPicture = render;
  table_->vaEndPicture = end;
}

V4l2Client::~V4l2Client() {
  restore();
}

void V4l2Client::restore() {
  if (table_) *table_ = driver_;
  table_ = nullptr;
}

void V4l2Client::play(const Clip& clip, AVBufferRef* device) {
  codec_ = clip.parameters->codec_id;
  sets_.read_extradata(std::as_bytes(std::span(
      clip.parameters->extradata, static_cast<std::size_t>(clip.parameters->extradata_size))));
  Player player(clip, device);
  const auto take = [&](const AVFrame& frame) { show(frame); };
  for (const auto& packet : clip.packets) {
    if (codec_ == AV_CODEC_ID_H264)
      sets_.read(std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size))));
    player.send(packet.get(), take);
  }
  player.send(nullptr, take);
  if (at_end) at_end();
}

VAStatus V4l2Client::begin(VADriverContextP driver, VAContextID context, VASurfaceID target) {
  self->picture_ = {};
  self->picture_.context = context;
  self->picture_.target = target;
  return self->driver_.vaBeginPicture(driver, context, target);
}

VAStatus V4l2Client::render(VADriverContextP driver, VAContextID context, VABufferID* buffers,
                            int count) {
  for (int i = 0; i < count; ++i) self->keep(driver, buffers[i]);
  return self->driver_.vaRenderPicture(driver, context, buffers, count);
}

VAStatus V4l2Client::end(VADriverContextP driver, VAContextID context) {
  self->send();
  if (self->record) self->record->push_back(self->picture_);
  return self->driver_.vaEndPicture(driver, context);
}

void V4l2Client::keep(VADriverContextP driver, VABufferID buffer) {
  VABufferType type{};
  unsigned size = 0, count = 0;
  void* data = nullptr;
  driver_.vaBufferInfo(driver, buffer, &type, &size, &count);
  driver_.vaMapBuffer(driver, buffer, &data);
  const auto* bytes = static_cast<const std::byte*>(data);
  std::vector<std::byte> contents(bytes, bytes + std::size_t{size} * std::max(count, 1u));
  driver_.vaUnmapBuffer(driver, buffer);
  if (type == VAPictureParameterBufferType) {
    picture_.parameters = std::move(contents);
  } else if (type == VAIQMatrixBufferType) {
    picture_.matrices = std::move(contents);
  } else if (type == VASliceParameterBufferType) {
    picture_.slice_parameters.push_back(std::move(contents));
    picture_.slice_counts.push_back(std::max(count, 1u));
  } else if (type == VASliceDataBufferType) {
    picture_.slice_data.push_back(std::move(contents));
  }
}

void V4l2Client::send() {
  bitstream_.clear();
  if (codec_ == AV_CODEC_ID_H264)
    send_h264();
  else if (codec_ == AV_CODEC_ID_VP9)
    send_vp9();
  else
    send_av1();
}

void V4l2Client::send_h264() {
  const auto parameters = read<VAPictureParameterBufferH264>(picture_.parameters);
  if (picture_.slice_data.empty()) return;
  const auto defaults = sets_.of_slice(picture_.slice_data.front());
  if (!defaults) return;
  const auto controls =
      h264_controls(parameters, read<VAIQMatrixBufferH264>(picture_.matrices), *defaults);
  for (const auto& slice : picture_.slice_data) {
    bitstream_.insert(bitstream_.end(), {std::byte{0}, std::byte{0}, std::byte{1}});
    bitstream_.insert(bitstream_.end(), slice.begin(), slice.end());
  }
  auto& buffer = buffer_of(picture_.target, (parameters.picture_width_in_mbs_minus1 + 1u) * 16,
                           (parameters.picture_height_in_mbs_minus1 + 1u) * 16, false);
  JobMessage message(DAEDALUS_V4L2_H264, buffer.format, buffer.number,
                     timestamp_of(picture_.target));
  message.add_control(V4L2_CID_STATELESS_H264_SPS, controls.sps);
  message.add_control(V4L2_CID_STATELESS_H264_PPS, controls.pps);
  message.add_control(V4L2_CID_STATELESS_H264_SCALING_MATRIX, controls.scaling_matrix);
  message.add_control(V4L2_CID_STATELESS_H264_DECODE_PARAMS, controls.decode_params);
  send(message, buffer);
}

void V4l2Client::send_vp9() {
  const auto parameters = read<VADecPictureParameterBufferVP9>(picture_.parameters);
  for (const auto& data : picture_.slice_data)
    bitstream_.insert(bitstream_.end(), data.begin(), data.end());
  auto& buffer = buffer_of(picture_.target, parameters.frame_width, parameters.frame_height,
                           parameters.profile == 2);
  JobMessage message(DAEDALUS_V4L2_VP9, buffer.format, buffer.number,
                     timestamp_of(picture_.target));
  message.add_control(V4L2_CID_STATELESS_VP9_FRAME, vp9_control(parameters));
  send(message, buffer);
}

// With film grain, the client's buffer holds the picture with grain.
void V4l2Client::send_av1() {
  const auto parameters = read<VADecPictureParameterBufferAV1>(picture_.parameters);
  const auto controls = av1_controls(parameters);
  std::vector<v4l2::v4l2_ctrl_av1_tile_group_entry> tiles;
  for (std::size_t i = 0; i < picture_.slice_parameters.size(); ++i) {
    const auto& all = picture_.slice_parameters[i];
    for (std::size_t at = 0; at + sizeof(VASliceParameterBufferAV1) <= all.size();
         at += sizeof(VASliceParameterBufferAV1)) {
      const auto tile = read<VASliceParameterBufferAV1>(std::span(all).subspan(at));
      tiles.push_back({static_cast<uint32_t>(bitstream_.size()) + tile.slice_data_offset,
                       tile.slice_data_size, tile.tile_row, tile.tile_column});
    }
    const auto& data = picture_.slice_data[i];
    bitstream_.insert(bitstream_.end(), data.begin(), data.end());
  }
  const bool has_grain = parameters.film_grain_info.film_grain_info_fields.bits.apply_grain != 0;
  auto& buffer =
      buffer_of(has_grain ? parameters.current_display_picture : parameters.current_frame,
                parameters.frame_width_minus1 + 1u, parameters.frame_height_minus1 + 1u,
                parameters.bit_depth_idx == 1);
  JobMessage message(DAEDALUS_V4L2_AV1, buffer.format, buffer.number,
                     timestamp_of(parameters.current_frame));
  message.add_control(V4L2_CID_STATELESS_AV1_SEQUENCE, controls.sequence);
  message.add_control(V4L2_CID_STATELESS_AV1_FRAME, controls.frame);
  message.add_control(V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY, std::as_bytes(std::span(tiles)));
  message.add_control(V4L2_CID_STATELESS_AV1_FILM_GRAIN, controls.film_grain);
  send(message, buffer);
}

void V4l2Client::send(JobMessage& message, CaptureBuffer& buffer) {
  message.set_bitstream(bitstream_);
  buffer.last_job = kernel_.send(message);
  ++jobs;
}

// If libavcodec reuses a surface for another size, that is another buffer.
V4l2Client::CaptureBuffer& V4l2Client::buffer_of(VASurfaceID surface, uint32_t width,
                                                 uint32_t height, bool is_10_bit) {
  const FakeFormat format = {is_10_bit ? p010 : V4L2_PIX_FMT_NV12, width, height};
  auto& buffer = buffers_[surface];
  if (buffer.number != 0 && buffer.format.aligned_width() == format.aligned_width() &&
      buffer.format.aligned_height() == format.aligned_height())
    return buffer;
  if (buffer.number != 0) {
    kernel_.wait(buffer.last_job);
    kernel_.remove_buffer(buffer.number);
  }
  buffer = {kernel_.add_buffer(format), 0, format};
  return buffer;
}

// libavcodec has applied only the right and lower edges of the crop rectangle.
void V4l2Client::show(const AVFrame& frame) {
  const auto surface = static_cast<VASurfaceID>(reinterpret_cast<uintptr_t>(frame.data[3]));
  const auto found = buffers_.find(surface);
  auto& shown = frames.emplace_back();
  if (found == buffers_.end()) return;
  const CaptureBuffer& buffer = found->second;
  if (kernel_.wait(buffer.last_job) != DAEDALUS_V4L2_DONE) return;
  ++done;
  const auto memory = kernel_.memory(buffer.number);
  const bool is_10_bit = buffer.format.pixel_format == p010;
  const std::size_t pitch = buffer.format.pitch(), sample_bytes = is_10_bit ? 2 : 1;
  const auto* luma = reinterpret_cast<const uint8_t*>(memory.data());
  const auto* chroma = luma + pitch * buffer.format.aligned_height();
  luma += frame.crop_top * pitch + frame.crop_left * sample_bytes;
  chroma += frame.crop_top / 2 * pitch + frame.crop_left * sample_bytes;
  const std::size_t width = static_cast<std::size_t>(frame.width) - frame.crop_left;
  const std::size_t height = static_cast<std::size_t>(frame.height) - frame.crop_top;
  shown = is_10_bit ? planar<uint16_t>(luma, chroma, pitch, width, height, 6)
                    : planar<uint8_t>(luma, chroma, pitch, width, height, 0);
}

std::vector<std::vector<uint8_t>> software_frames(const Clip& clip) {
  std::vector<std::vector<uint8_t>> frames;
  Player player(clip, nullptr);
  player.play(clip, 0, clip.packets.size(),
              [&](const AVFrame& frame) { frames.push_back(i420(frame)); });
  return frames;
}

}  // namespace daedalus::test
