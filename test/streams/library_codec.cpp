// SPDX-License-Identifier: MIT
#include "streams/library_codec.h"

#include <algorithm>

namespace daedalus::test {

Shown SceneOfSizes::draw(Size size, uint32_t bit_depth, uint32_t index) {
  const auto width = static_cast<int>(size.width), height = static_cast<int>(size.height);
  const auto& scene =
      scenes_.try_emplace(std::pair(size.width, size.height), width, height).first->second;
  bench::Frame frame(av_frame_alloc());
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = width;
  frame->height = height;
  Shown picture{size, {}};
  if (av_frame_get_buffer(frame.get(), 0) < 0) return picture;
  scene.draw(static_cast<int>(index), *frame);
  for_each_plane(size, [&](uint32_t plane, uint32_t columns, uint32_t rows) {
    for (uint32_t y = 0; y < rows; ++y) {
      const uint8_t* row = frame->data[plane] + std::ptrdiff_t{frame->linesize[plane]} * y;
      for (uint32_t x = 0; x < columns; ++x) {
        const uint32_t sample = bit_depth > 8 ? uint32_t{row[x]} << 2 | ((x ^ y) & 3) : row[x];
        picture.samples.push_back(static_cast<uint8_t>(sample));
        if (bit_depth > 8) picture.samples.push_back(static_cast<uint8_t>(sample >> 8));
      }
    }
  });
  return picture;
}

bench::Clip clip_of(AVCodecID codec, Size size, const std::vector<Unit>& units) {
  bench::Clip clip;
  clip.parameters.reset(avcodec_parameters_alloc());
  clip.parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  clip.parameters->codec_id = codec;
  clip.parameters->width = static_cast<int>(size.width);
  clip.parameters->height = static_cast<int>(size.height);
  for (const auto& unit : units) {
    clip.packets.emplace_back(av_packet_alloc());
    auto& packet = *clip.packets.back();
    av_new_packet(&packet, static_cast<int>(unit.size()));
    std::copy(unit.begin(), unit.end(), reinterpret_cast<std::byte*>(packet.data));
    packet.pts = packet.dts = static_cast<int64_t>(clip.packets.size()) - 1;
  }
  return clip;
}

}  // namespace daedalus::test
