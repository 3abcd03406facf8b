// SPDX-License-Identifier: MIT
#include "bench/clip.h"

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vaapi.h>
#include <libavutil/imgutils.h>
}

namespace daedalus::bench {

Clip load_clip(const std::string& file) {
  Clip clip;
  AVFormatContext* raw = nullptr;
  if (avformat_open_input(&raw, file.c_str(), nullptr, nullptr) < 0) return clip;
  std::unique_ptr<AVFormatContext, Release<avformat_close_input>> input(raw);
  if (avformat_find_stream_info(raw, nullptr) < 0) return clip;
  const int video = av_find_best_stream(raw, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (video < 0) return clip;
  clip.parameters.reset(avcodec_parameters_alloc());
  avcodec_parameters_copy(clip.parameters.get(), raw->streams[video]->codecpar);
  while (true) {
    Packet packet(av_packet_alloc());
    if (av_read_frame(raw, packet.get()) < 0) break;
    if (packet->stream_index == video) clip.packets.push_back(std::move(packet));
  }
  return clip;
}

BufferReference vaapi_device(VADisplay display) {
  BufferReference device(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_VAAPI));
  auto* context = reinterpret_cast<AVHWDeviceContext*>(device->data);
  static_cast<AVVAAPIDeviceContext*>(context->hwctx)->display = display;
  if (av_hwdevice_ctx_init(device.get()) < 0) return nullptr;
  return device;
}

namespace {

AVPixelFormat choose_vaapi(AVCodecContext*, const AVPixelFormat* formats) {
  while (*formats != AV_PIX_FMT_NONE && *formats != AV_PIX_FMT_VAAPI) ++formats;
  return *formats;
}

// libavcodec's first decoder of AV1 may be another library's, which does not support devices.
const AVCodec* find_decoder(AVCodecID codec, bool hardware, const std::string& name) {
  if (hardware && codec == AV_CODEC_ID_AV1) return avcodec_find_decoder_by_name("av1");
  if (hardware || name.empty()) return avcodec_find_decoder(codec);
  const AVCodec* decoder = avcodec_find_decoder_by_name(name.c_str());
  return decoder && decoder->id == codec ? decoder : nullptr;
}

}  // namespace

CodecContext open_codec(const Clip& clip, AVBufferRef* device, int threads,
                        const std::string& name) {
  const AVCodec* decoder = find_decoder(clip.parameters->codec_id, device != nullptr, name);
  if (!decoder) return nullptr;
  CodecContext codec(avcodec_alloc_context3(decoder));
  avcodec_parameters_to_context(codec.get(), clip.parameters.get());
  codec->thread_count = threads;
  codec->flags |= AV_CODEC_FLAG_UNALIGNED;
  if (device) {
    codec->hw_device_ctx = av_buffer_ref(device);
    codec->get_format = choose_vaapi;
    codec->hwaccel_flags |= AV_HWACCEL_FLAG_ALLOW_PROFILE_MISMATCH;
    codec->thread_count = 1;
  }
  if (avcodec_open2(codec.get(), decoder, nullptr) < 0) return nullptr;
  return codec;
}

namespace {

// P010 has the samples in the words' upper bits, and chroma in pairs.
Frame planar_of(const AVFrame& p010) {
  Frame planar(av_frame_alloc());
  planar->format = AV_PIX_FMT_YUV420P10;
  planar->width = p010.width;
  planar->height = p010.height;
  if (av_frame_get_buffer(planar.get(), 0) < 0) return nullptr;
  for (int plane = 0; plane < 3; ++plane) {
    const bool chroma = plane > 0;
    const int columns = chroma ? (p010.width + 1) / 2 : p010.width;
    const int rows = chroma ? (p010.height + 1) / 2 : p010.height;
    const int from_plane = chroma ? 1 : 0, first = plane == 2 ? 1 : 0, step = chroma ? 2 : 1;
    for (int y = 0; y < rows; ++y) {
      const auto* from = reinterpret_cast<const uint16_t*>(
          p010.data[from_plane] + std::ptrdiff_t{p010.linesize[from_plane]} * y);
      auto* to = reinterpret_cast<uint16_t*>(planar->data[plane] +
                                             std::ptrdiff_t{planar->linesize[plane]} * y);
      for (int x = 0; x < columns; ++x) to[x] = static_cast<uint16_t>(from[x * step + first] >> 6);
    }
  }
  return planar;
}

bool is_p010(const AVFrame& surface) {
  const auto* frames = reinterpret_cast<const AVHWFramesContext*>(surface.hw_frames_ctx->data);
  return frames->sw_format == AV_PIX_FMT_P010;
}

}  // namespace

std::vector<uint8_t> i420(const AVFrame& frame) {
  Frame samples(av_frame_alloc());
  if (frame.format == AV_PIX_FMT_VAAPI) {
    // The driver converts 8-bit frames on the way. Of 10 bits it would keep 8.
    const bool high = is_p010(frame);
    samples->format = high ? AV_PIX_FMT_P010 : AV_PIX_FMT_YUV420P;
    if (av_hwframe_transfer_data(samples.get(), &frame, 0) < 0) return {};
    // libavcodec has applied only the right and lower edges of a surface's crop rectangle.
    samples->width = frame.width;
    samples->height = frame.height;
    samples->crop_left = frame.crop_left;
    samples->crop_top = frame.crop_top;
    if (av_frame_apply_cropping(samples.get(), AV_FRAME_CROP_UNALIGNED) < 0) return {};
    if (high) samples = planar_of(*samples);
    if (!samples) return {};
  } else if (av_frame_ref(samples.get(), &frame) < 0) {
    return {};
  }
  const auto format = static_cast<AVPixelFormat>(samples->format);
  std::vector<uint8_t> bytes(static_cast<std::size_t>(
      av_image_get_buffer_size(format, samples->width, samples->height, 1)));
  av_image_copy_to_buffer(bytes.data(), static_cast<int>(bytes.size()), samples->data,
                          samples->linesize, format, samples->width, samples->height, 1);
  return bytes;
}

}  // namespace daedalus::bench
