// SPDX-License-Identifier: MIT
// record_jobs FOLDER FILE...: makes inputs for the target v4l2: the first jobs that a V4L2 client
// sends for each stream.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "null/null_device.h"
#include "v4l2/client.h"
#include "v4l2/stream.h"

namespace daedalus::fuzz {
namespace {

// Small inputs mutate best and run fast.
constexpr std::size_t max_size = 24 << 10;

void record(const std::filesystem::path& folder, const std::filesystem::path& file,
            VADisplay display) {
  auto clip = bench::load_clip(file);
  if (clip.packets.size() > 8) clip.packets.resize(8);
  if (clip.packets.empty()) return;
  const auto device = null::open_device();
  v4l2::Metrics metrics;
  test::FakeKernel kernel;
  std::vector<std::vector<std::byte>> messages;
  kernel.record = &messages;
  const auto stream = v4l2::Stream::start(*device, kernel.connect(), {}, metrics);
  {
    test::V4l2Client client(display, kernel);
    const auto va_device = bench::vaapi_device(display);
    client.play(clip, va_device.get());
  }
  std::ofstream out(folder / file.filename(), std::ios::binary);
  std::size_t size = 0;
  for (const auto& message : messages) {
    size += message.size();
    if (size > max_size) break;
    out.write(reinterpret_cast<const char*>(message.data()),
              static_cast<std::streamsize>(message.size()));
  }
}

}  // namespace
}  // namespace daedalus::fuzz

int main(int argc, char** argv) {
  setenv("DAEDALUS_DEVICE", "null", 1);
  av_log_set_level(AV_LOG_QUIET);
  VADisplay display = daedalus::test::open_display();
  if (!display || argc < 3) return 1;
  for (int i = 2; i < argc; ++i) daedalus::fuzz::record(argv[1], argv[i], display);
  vaTerminate(display);
  return 0;
}
