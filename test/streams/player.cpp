// SPDX-License-Identifier: MIT
#include "streams/player.h"

#include "programs/program.h"

namespace daedalus::test {

namespace {

// `encoder`: ffmpeg's options, starting with the pixel format.
Source encode(uint32_t width, uint32_t height, const std::string& encoder, const char* name) {
  const TemporaryFolder folder;
  const std::string path = folder / name;
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  Source source;
  if (run("ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=" + size +
          ",noise=alls=12:allf=t -frames:v 60 -pix_fmt " + encoder + " " + path) != 0)
    return source;
  source.clip = load_clip(path);
  const auto& packets = source.clip.packets;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    packets[i]->pts = packets[i]->dts = static_cast<int64_t>(i);
    if (packets[i]->flags & AV_PKT_FLAG_KEY) source.intra.push_back(i);
  }
  Player(source.clip, nullptr).play(source.clip, 0, packets.size(), [&](const AVFrame& frame) {
    source.frames[frame.pts] = i420(frame);
  });
  return source;
}

}  // namespace

Source make_source(uint32_t width, uint32_t height, const std::string& encoder) {
  return encode(width, height,
                "yuv420p -c:v libx264 -preset medium -x264-params scenecut=0:" + encoder,
                "clip.264");
}

Source make_vp9_source(uint32_t width, uint32_t height, const std::string& options) {
  return encode(width, height,
                "yuv420p -c:v libvpx-vp9 -deadline good -cpu-used 4 -b:v 200k " + options,
                "clip.ivf");
}

Source make_av1_source(uint32_t width, uint32_t height, const std::string& options) {
  return encode(width, height,
                "yuv420p -c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 200k " + options,
                "clip.ivf");
}

}  // namespace daedalus::test
