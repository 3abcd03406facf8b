// SPDX-License-Identifier: MIT
// record FOLDER FILE...: plays streams through libavcodec and the driver on the null device, and
// records inputs for the fuzz targets in FOLDER/cabac, FOLDER/cavlc and FOLDER/stream.
#include <va/va_backend.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "bench/clip.h"
#include "fuzz/linked_display.h"
#include "fuzz/recorded_picture.h"

namespace daedalus::fuzz {
namespace {

// Small inputs run fast and mutate best.
constexpr uint32_t max_mb_count = 22 * 18;
constexpr std::size_t max_size = 24 << 10;
constexpr std::size_t pictures_per_input = 3, inputs_per_stream = 3;

// Intercepts libva's calls of the driver.
class Recorder {
 public:
  explicit Recorder(VADisplay display);
  std::vector<RecordedPicture> take() { return std::exchange(pictures_, {}); }

 private:
  static VAStatus begin(VADriverContextP driver, VAContextID context, VASurfaceID target);
  static VAStatus render(VADriverContextP driver, VAContextID context, VABufferID* buffers,
                         int count);
  static VAStatus end(VADriverContextP driver, VAContextID context);
  void keep(VADriverContextP driver, VABufferID buffer);
  void number(VAPictureH264& picture);

  static inline Recorder* self = nullptr;
  VADriverVTable driver_;  // the driver's own functions
  RecordedPicture current_;
  std::map<VASurfaceID, VASurfaceID> numbers_;
  std::vector<RecordedPicture> pictures_;
};

Recorder::Recorder(VADisplay display) {
  self = this;
  VADriverVTable* table = static_cast<VADisplayContextP>(display)->pDriverContext->vtable;
  driver_ = *table;
  table->vaBeginPicture = begin;
  table->vaRenderPicture = render;
  table->vaEndPicture = end;
}

VAStatus Recorder::begin(VADriverContextP driver, VAContextID context, VASurfaceID target) {
  self->current_ = {};
  return self->driver_.vaBeginPicture(driver, context, target);
}

VAStatus Recorder::render(VADriverContextP driver, VAContextID context, VABufferID* buffers,
                          int count) {
  for (int i = 0; i < count; ++i) self->keep(driver, buffers[i]);
  return self->driver_.vaRenderPicture(driver, context, buffers, count);
}

VAStatus Recorder::end(VADriverContextP driver, VAContextID context) {
  self->pictures_.push_back(std::move(self->current_));
  return self->driver_.vaEndPicture(driver, context);
}

// Numbers the surfaces in the order in which they first appear.
void Recorder::number(VAPictureH264& picture) {
  if (picture.picture_id == VA_INVALID_SURFACE) return;
  const auto next = static_cast<VASurfaceID>(numbers_.size());
  picture.picture_id = numbers_.emplace(picture.picture_id, next).first->second;
}

// libavcodec submits one parameter buffer and one data buffer per slice.
void Recorder::keep(VADriverContextP driver, VABufferID buffer) {
  VABufferType type{};
  unsigned size = 0, count = 0;
  void* data = nullptr;
  driver_.vaBufferInfo(driver, buffer, &type, &size, &count);
  driver_.vaMapBuffer(driver, buffer, &data);
  if (type == VAPictureParameterBufferType) {
    memcpy(&current_.parameters, data, sizeof(current_.parameters));
    number(current_.parameters.CurrPic);
    for (auto& reference : current_.parameters.ReferenceFrames) number(reference);
  } else if (type == VAIQMatrixBufferType) {
    memcpy(&current_.matrices.emplace(), data, sizeof(*current_.matrices));
  } else if (type == VASliceParameterBufferType) {
    auto& slice = current_.slices.emplace_back().parameters;
    memcpy(&slice, data, sizeof(slice));
    for (auto& reference : slice.RefPicList0) number(reference);
    for (auto& reference : slice.RefPicList1) number(reference);
  } else if (type == VASliceDataBufferType) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    current_.slices.back().data.assign(bytes, bytes + size);
  }
  driver_.vaUnmapBuffer(driver, buffer);
}

void play(const bench::Clip& clip, AVBufferRef* device) {
  const auto codec = bench::open_codec(clip, device, 1);
  const bench::Frame frame(av_frame_alloc());
  const auto send = [&](const AVPacket* packet) {
    avcodec_send_packet(codec.get(), packet);
    while (avcodec_receive_frame(codec.get(), frame.get()) == 0) av_frame_unref(frame.get());
  };
  for (std::size_t i = 0; i < std::min<std::size_t>(clip.packets.size(), 60); ++i)
    send(clip.packets[i].get());
  send(nullptr);
}

void write(const std::filesystem::path& path, std::span<const uint8_t> bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

// Writes runs of pictures from the start, and from later points, where references are missing.
void write_inputs(const std::filesystem::path& folder, const std::string& name,
                  std::span<const RecordedPicture> pictures) {
  const std::size_t step = std::max<std::size_t>(pictures.size() / inputs_per_stream, 1);
  for (std::size_t first = 0; first < pictures.size(); first += step) {
    std::size_t count = std::min(pictures_per_input, pictures.size() - first);
    std::vector<uint8_t> bytes;
    do bytes = write_pictures(pictures.subspan(first, count));
    while (bytes.size() > max_size && --count > 0);
    if (count == 0 || pictures[first].mb_count() > max_mb_count) continue;
    const bool cabac = pictures[first].parameters.pic_fields.bits.entropy_coding_mode_flag != 0;
    const std::string file = name + "-" + std::to_string(first);
    write(folder / (cabac ? "cabac" : "cavlc") / file, bytes);
    write(folder / "stream" / file, bytes);
  }
}

}  // namespace
}  // namespace daedalus::fuzz

int main(int argc, char** argv) {
  using namespace daedalus;
  av_log_set_level(AV_LOG_QUIET);
  VADisplay display = fuzz::open_linked_display();
  if (!display || argc < 3) return 1;
  fuzz::Recorder recorder(display);
  bench::BufferReference device = bench::vaapi_device(display);
  for (int i = 2; i < argc; ++i) {
    const auto clip = bench::load_clip(argv[i]);
    if (clip.packets.empty()) continue;
    fuzz::play(clip, device.get());
    const auto pictures = recorder.take();
    fuzz::write_inputs(argv[1], std::filesystem::path(argv[i]).stem(), pictures);
  }
  device.reset();
  vaTerminate(display);
  return 0;
}
