// SPDX-License-Identifier: MIT
// Unmodified clients that use the driver to deinterlace: each of their frames equals the scalar
// reference's output for libavcodec's frames.
#include <cstring>
#include <filesystem>

extern "C" {
#include <libavutil/adler32.h>
}

#include "clients/client.h"
#include "reference/deinterlace.h"

namespace daedalus::test {
namespace {

constexpr uint32_t width = 352, height = 288;
constexpr std::size_t frame_count = 8;

enum class Method { weave, bob, motion_adaptive };

// One plane each for luma, Cb and Cr, as most clients write them.
constexpr std::size_t frame_size(uint32_t sample_bytes = 1) {
  return std::size_t{width} * height * 3 / 2 * sample_bytes;
}

// NV12 or P010 without padding.
constexpr PictureLayout layout_of(PictureFormat format) {
  const uint32_t pitch = width * traits_of(format).sample_bytes;
  return {.format = format,
          .width = width,
          .height = height,
          .pitch = pitch,
          .chroma_offset = pitch * height,
          .size = pitch * height * 3 / 2};
}

std::vector<Bytes> frames_of(const Bytes& bytes, std::size_t size) {
  std::vector<Bytes> frames;
  for (std::size_t at = 0; at + size <= bytes.size(); at += size)
    frames.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
  return frames;
}

// I420 to NV12.
Bytes interleaved(const Bytes& frame) {
  const std::size_t luma = std::size_t{width} * height;
  Bytes result = frame;
  for (std::size_t at = luma; at < frame.size(); ++at)
    result[at] = frame[luma + (at - luma) / 2 + (at % 2) * luma / 4];
  return result;
}

uint32_t sample_at(const Bytes& frame, std::size_t at, uint32_t sample_bytes) {
  if (sample_bytes == 1) return frame[at];
  return static_cast<uint32_t>(frame[2 * at] | frame[2 * at + 1] << 8);
}

// One field of a frame, with the rows between interpolated bilinearly.
Bytes bobbed(const Bytes& frame, bool bottom, uint32_t sample_bytes) {
  Bytes result = frame;
  const auto interpolate = [&](std::size_t first, uint32_t row_samples, uint32_t rows) {
    for (uint32_t y = bottom ? 0 : 1; y < rows; y += 2)
      for (uint32_t x = 0; x < row_samples; ++x) {
        const uint32_t above = y > 0 ? y - 1 : y + 1, below = y + 1 < rows ? y + 1 : y - 1;
        const auto at = [&](uint32_t row) {
          return sample_at(frame, first + std::size_t{row} * row_samples + x, sample_bytes) >>
                 (sample_bytes == 1 ? 0 : 6);
        };
        const uint32_t mean = (at(above) + at(below) + 1) / 2 << (sample_bytes == 1 ? 0 : 6);
        const std::size_t place = first + std::size_t{y} * row_samples + x;
        for (uint32_t i = 0; i < sample_bytes; ++i)
          result[place * sample_bytes + i] = static_cast<uint8_t>(mean >> 8 * i);
      }
  };
  interpolate(0, width, height);
  interpolate(std::size_t{width} * height, width, height / 2);
  return result;
}

// The driver's output for one field of a frame.
struct Field {
  Method method;
  bool bottom, second;
  PictureFormat format = PictureFormat::nv12;
};
Bytes deinterlaced(const Field& field, const Bytes& frame, const Bytes* previous,
                   const Bytes* next) {
  if (field.method == Method::weave) return frame;
  if (field.method == Method::bob)
    return bobbed(frame, field.bottom, traits_of(field.format).sample_bytes);
  video::Process process;
  process.source_region = {0, 0, width, height};
  process.bottom_field = field.bottom;
  process.second_field = field.second;
  const auto layout = layout_of(field.format);
  const auto view = [&](const Bytes& bytes) {
    return video::scalar::Frame{std::as_bytes(std::span(bytes)), layout};
  };
  const auto own = view(frame), before = view(previous ? *previous : frame),
             after = view(next ? *next : frame);
  const auto result = video::scalar::deinterlaced(process, own, previous ? &before : nullptr,
                                                  next ? &after : nullptr, layout);
  Bytes bytes(result.size());
  memcpy(bytes.data(), result.data(), result.size());
  return bytes;
}

std::string size_option() {
  return std::to_string(width) + "x" + std::to_string(height);
}

// Moving content: this number of fields, 1/50 s apart.
std::string moving(const std::string& picture, std::size_t fields) {
  return "-f lavfi -i " + picture + "=rate=50:size=" + size_option() +
         ",trim=end_frame=" + std::to_string(fields) + " ";
}

struct Order {
  bool bottom_first;
  const char* name() const { return bottom_first ? "bff" : "tff"; }
  std::string interleaving() const {
    return bottom_first ? "tinterlace=interleave_bottom" : "tinterlace=interleave_top";
  }
};

class DeinterlacingClient : public Client {
 protected:
  void SetUp() override {
    Client::SetUp();
    for (const Order order : {Order{false}, Order{true}}) {
      const std::string name = order.name();
      ASSERT_EQ(run(ffmpeg(moving("testsrc2", 2 * frame_count) + "-vf " + order.interleaving() +
                           " -c:v libx264 -preset fast -crf 16 -flags +ildct+ilme "
                           "-x264-params threads=1:" +
                           name + "=1 -pix_fmt yuv420p -y " + clip(order))),
                0);
      ASSERT_EQ(run(ffmpeg("-i " + clip(order) + " -vf format=nv12" + raw +
                           quoted(folder / ("frames-" + name)))),
                0);
      frames_[order.bottom_first] = frames_of(contents(folder / ("frames-" + name)), frame_size());
      ASSERT_EQ(frames_[order.bottom_first].size(), frame_count);
    }
  }

  std::string clip(Order order) const {
    return quoted(folder / (std::string("clip-") + order.name() + ".mkv"));
  }
  std::string output() const { return quoted(folder / "output"); }

  // Both fields of frames, or only the first. Clients hold frames back until they have the
  // references, and drop the remaining ones at the end: with references of both kinds, the first
  // and the last frame have no output.
  struct Wanted {
    Method method;
    std::size_t fields = 2;
    std::size_t begin = 0, end = frame_count;
    bool has_next = true;
  };
  static Wanted inner_frames(Method method, std::size_t fields) {
    if (method != Method::motion_adaptive) return {method, fields};
    return {method, fields, 1, frame_count - 1};
  }
  std::vector<Bytes> expected(Order order, const Wanted& wanted) const {
    const auto& frames = frames_[order.bottom_first];
    std::vector<Bytes> result;
    for (std::size_t i = wanted.begin; i < wanted.end; ++i)
      for (std::size_t field = 0; field < wanted.fields; ++field) {
        const Bytes* previous = i > 0 ? &frames[i - 1] : nullptr;
        const Bytes* next = wanted.has_next && i + 1 < frame_count ? &frames[i + 1] : nullptr;
        result.push_back(
            deinterlaced({wanted.method, order.bottom_first == (field == 0), field == 1}, frames[i],
                         previous, next));
      }
    return result;
  }

  // What a command writes: NV12, or I420 if `has_planes`.
  std::vector<Bytes> output_of(const std::string& command, bool has_planes) {
    std::filesystem::remove(folder / "log");  // from the previous run
    EXPECT_EQ(run(command), 0) << command << contents_of_log();
    expect_driver_decoded(frame_count);
    auto all = frames_of(contents(folder / "output"), frame_size());
    if (has_planes)
      for (auto& frame : all) frame = interleaved(frame);
    return all;
  }

  // The command may write more than expected.
  void expect_frames(const std::string& command, Order order, const Wanted& wanted,
                     bool has_planes = false) {
    const auto all = output_of(command, has_planes);
    const auto right = expected(order, wanted);
    ASSERT_GE(all.size(), right.size()) << command;
    for (std::size_t i = 0; i < right.size(); ++i)
      ASSERT_TRUE(all[i] == right[i]) << "frame " << i << " of " << command;
  }

  std::vector<Bytes>
      frames_[2];  // libavcodec's NV12 of the clips with the top and the bottom field first
};

constexpr Order orders[] = {{false}, {true}};

std::string ffmpegs_name(Method method) {
  return method == Method::weave ? "weave" : method == Method::bob ? "bob" : "motion_adaptive";
}

TEST_F(DeinterlacingClient, Ffmpeg) {
  for (const Order order : orders)
    for (const Method method : {Method::weave, Method::bob, Method::motion_adaptive})
      for (const std::size_t fields : {1, 2}) {
        if (order.bottom_first && (fields == 1 || method == Method::weave)) continue;
        const std::string filter = "deinterlace_vaapi=mode=" + ffmpegs_name(method) +
                                   ":rate=" + (fields == 1 ? "frame" : "field");
        expect_frames(environment() + ffmpeg(to_surfaces + "-i " + clip(order) + " -vf " + filter +
                                             ",hwdownload,format=nv12" + raw + output()),
                      order, inner_frames(method, fields));
        if (HasFatalFailure()) return;
      }
}

// By default ffmpeg uses the best mode.
TEST_F(DeinterlacingClient, FfmpegByDefault) {
  expect_frames(
      environment() + ffmpeg(to_surfaces + "-i " + clip(orders[0]) +
                             " -vf deinterlace_vaapi,hwdownload,format=nv12" + raw + output()),
      orders[0], inner_frames(Method::motion_adaptive, 1));
}

// From the file to I420 planes, because NV12 is padded.
std::string gstreamer(const std::string& clip, const std::string& elements,
                      const std::string& output) {
  return "gst-launch-1.0 -q filesrc location=" + clip + " ! matroskademux ! h264parse ! " +
         elements + " ! videoconvert ! video/x-raw,format=I420 ! filesink location=" + output;
}

// 1.22's vah264dec reports all frames as top field first.
TEST_F(DeinterlacingClient, GstreamerVa) {
  NEEDS_DRM_NODE();
  for (const auto& [name, method] : {std::pair{"weave", Method::weave}, {"bob", Method::bob}}) {
    const std::string filter = std::string("vah264dec ! vadeinterlace method=") + name;
    expect_frames(environment_with_node() + gstreamer(clip(orders[0]), filter, output()), orders[0],
                  inner_frames(method, 2), true);
    if (HasFatalFailure()) return;
  }
}

// 1.22's vadeinterlace passes the previous and next frames. 1.26's has no next frames, shows its
// second frame twice, and never shows the last one.
TEST_F(DeinterlacingClient, GstreamerVaAdaptively) {
  NEEDS_DRM_NODE();
  const auto all = output_of(
      environment_with_node() +
          gstreamer(clip(orders[0]), "vah264dec ! vadeinterlace method=adaptive", output()),
      true);
  auto right = expected(orders[0], inner_frames(Method::motion_adaptive, 2));
  ASSERT_GE(all.size(), right.size());
  if (all[0] != right[0]) {
    right = expected(orders[0], {.method = Method::motion_adaptive, .has_next = false});
    right.resize(right.size() - 2);
    const std::vector<Bytes> second(right.begin() + 2, right.begin() + 4);
    right.insert(right.begin() + 2, second.begin(), second.end());
    ASSERT_EQ(all.size(), right.size());
  }
  for (std::size_t i = 0; i < right.size(); ++i) ASSERT_TRUE(all[i] == right[i]) << "field " << i;
}

// It has no next frames.
TEST_F(DeinterlacingClient, GstreamerVaapi) {
  for (const Order order : orders)
    for (const auto& [name, method] : {std::pair{"weave", Method::weave},
                                       {"bob", Method::bob},
                                       {"motion-adaptive", Method::motion_adaptive}}) {
      const std::string filter =
          std::string(
              "vaapih264dec ! vaapipostproc deinterlace-mode=interlaced deinterlace-method=") +
          name + " ! video/x-raw,format=NV12";
      expect_frames(environment() + gstreamer(clip(order), filter, output()), order,
                    {.method = method, .has_next = false}, true);
      if (HasFatalFailure()) return;
    }
}

// The checksum that FFmpeg's showinfo prints for an NV12 frame.
uint32_t checksum(const Bytes& frame) {
  return static_cast<uint32_t>(av_adler32_update(0, frame.data(), frame.size()));
}

std::vector<uint32_t> checksums_in(const std::string& text) {
  std::vector<uint32_t> sums;
  const std::string key = " checksum:";
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1))
    sums.push_back(static_cast<uint32_t>(std::stoul(text.substr(at + key.size(), 8), nullptr, 16)));
  return sums;
}

// Shows every field except the last; at the clip's ends without a previous or next frame. mpv
// derives a field's duration from the following frame.
TEST_F(DeinterlacingClient, Mpv) {
  for (const Order order : orders)
    for (const auto& [name, method] : {std::pair{"weave", Method::weave},
                                       {"bob", Method::bob},
                                       {"motion-adaptive", Method::motion_adaptive}}) {
      const std::string filters =
          std::string("vavpp=deint=") + name + ",lavfi=[hwdownload,format=nv12,showinfo]";
      Pipe mpv(environment() +
               "mpv --no-config --no-audio --msg-level=all=error,ffmpeg=v --vo=vaapi "
               "--hwdec=vaapi --framedrop=no --untimed --vf=" +
               quoted(filters) + " " + clip(order) + " 2>&1");
      const auto text = mpv.text();
      const int status = mpv.close();
      if (text.find("Creating filter 'vavpp' failed") != std::string::npos)
        GTEST_SKIP()
            << "0.35's --vo=vaapi has no device for vavpp, 0.40's has one: test/clients/debian13 "
               "runs this";
      EXPECT_EQ(status, 0) << text;
      const auto sums = checksums_in(text);
      auto right = expected(order, {.method = method});
      right.pop_back();
      ASSERT_EQ(sums.size(), right.size()) << name << text;
      for (std::size_t i = 0; i < right.size(); ++i)
        ASSERT_EQ(sums[i], checksum(right[i])) << "field " << i << " of " << name;
    }
}

// Frames in memory, which the client uploads.
class DeinterlacingUploads : public Client {
 protected:
  static std::string upload(const std::string& input) {
    return "-init_hw_device vaapi=va:,connection_type=x11 -filter_hw_device va " + input +
           ",setfield=tff,hwupload,";
  }
  std::string output() const { return quoted(folder / "output"); }
};

TEST_F(DeinterlacingUploads, OfTenBits) {
  const std::string interlaced =
      moving("testsrc2", 10) + "-vf tinterlace=interleave_top,format=yuv420p10le,format=p010";
  ASSERT_EQ(run(ffmpeg(interlaced + raw + quoted(folder / "frames"))), 0);
  const auto frames = frames_of(contents(folder / "frames"), frame_size(2));
  ASSERT_EQ(frames.size(), 5u);
  for (const Method method : {Method::weave, Method::bob, Method::motion_adaptive}) {
    ASSERT_EQ(run(environment() +
                  ffmpeg(upload(interlaced) + "deinterlace_vaapi=rate=field:mode=" +
                         ffmpegs_name(method) + ",hwdownload,format=p010" + raw + output())),
              0)
        << contents_of_log();
    const auto fields = frames_of(contents(folder / "output"), frame_size(2));
    const std::size_t first = method == Method::motion_adaptive ? 1 : 0;
    ASSERT_GE(fields.size(), 2 * (frames.size() - 2 * first));
    for (std::size_t i = first; i + first < frames.size(); ++i)
      for (const bool second : {false, true})
        ASSERT_TRUE(fields[2 * (i - first) + second] ==
                    deinterlaced({method, second, second, PictureFormat::p010}, frames[i],
                                 i > 0 ? &frames[i - 1] : nullptr,
                                 i + 1 < frames.size() ? &frames[i + 1] : nullptr))
            << "frame " << i << ", field " << second << ", " << ffmpegs_name(method);
  }
}

// Compared with the progressive frames that the fields come from, no worse than FFmpeg's yadif.
TEST_F(DeinterlacingUploads, AreAsGoodAsYadif) {
  constexpr std::size_t count = 12;  // two fields each
  for (const std::string picture : {"testsrc2", "mandelbrot"}) {
    const std::string source = moving(picture, 2 * count) + "-vf format=yuv420p,";
    const std::string interlaced = source + "tinterlace=interleave_top,format=nv12";
    ASSERT_EQ(run(ffmpeg(source + "format=nv12" + raw + quoted(folder / "original"))), 0);
    ASSERT_EQ(run(environment() + ffmpeg(upload(interlaced) + "deinterlace_vaapi=rate=field," +
                                         "hwdownload,format=nv12" + raw + output())),
              0)
        << contents_of_log();
    ASSERT_EQ(
        run(ffmpeg(interlaced + ",format=yuv420p,setfield=tff,yadif=mode=send_field,format=nv12" +
                   raw + quoted(folder / "yadif"))),
        0);
    // Only frames with both neighbours.
    const auto part = [&](const char* file, std::size_t first_field) {
      auto bytes = contents(folder / file);
      const auto begin = static_cast<std::ptrdiff_t>(first_field * frame_size());
      const auto size = static_cast<std::ptrdiff_t>(2 * (count - 2) * frame_size());
      if (std::ssize(bytes) < begin + size) return Bytes();
      return Bytes(bytes.begin() + begin, bytes.begin() + begin + size);
    };
    const auto original = part("original", 2);
    const double driver = psnr(part("output", 0), original),
                 yadif = psnr(part("yadif", 2), original);
    printf("%s: %.3f dB, yadif %.3f dB\n", picture.c_str(), driver, yadif);
    EXPECT_GT(yadif, 20);
    EXPECT_GE(driver, yadif) << picture;
  }
}

}  // namespace
}  // namespace daedalus::test
