// SPDX-License-Identifier: MIT
// Runs unmodified clients with the driver, and compares their output with libavcodec's.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <va/va_version.h>

extern "C" {
#include <libavutil/version.h>
}

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "clients/client.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

// GStreamer 1.22's vavp9dec negotiates NV12 for P010, whatever the driver's surfaces are.
#define NEEDS_VA_PLUGIN_OF_THIS_DEPTH()                                                    \
  if (GetParam().codec == &vp9 && GetParam().bit_depth > 8 && !VA_CHECK_VERSION(1, 22, 0)) \
  GTEST_SKIP() << "GStreamer 1.22's vavp9dec makes NV12 surfaces for VP9 of 10 bits"

// Frames in memory that ffmpeg uploads, processes and downloads.
struct Upload {
  const char* format;
  const char* filter;
  const char* result;  // the format that comes back
  // What software makes of the uploaded frames, and the required PSNR in decibels; 100: equal.
  const char* software;
  double least_psnr;
};

void PrintTo(const Upload& upload, std::ostream* out) {
  *out << upload.format << " " << upload.filter;
}

class Uploading : public Client, public testing::WithParamInterface<Upload> {};

constexpr Upload uploads[] = {
    {"yuv420p", "scale_vaapi=format=nv12", "nv12", "null", 100},
    {"yuv420p", "scale_vaapi=w=176:h=144", "yuv420p", "scale=176:144:flags=bilinear", 30},
    {"nv12", "scale_vaapi=format=p010", "p010", "null", 100},
    {"p010", "scale_vaapi=mode=hq", "p010", "null", 100},
    {"p010", "scale_vaapi=format=nv12", "nv12", "null", 50},
    {"p010", "scale_vaapi=w=176:h=144:format=nv12", "nv12", "scale=176:144:flags=bilinear", 30},
    {"p010", "scale_vaapi=format=bgra", "bgra",
     "scale=flags=bilinear+full_chroma_int+full_chroma_inp", 28},
    {"yuyv422", "scale_vaapi=format=nv12", "nv12", "scale=flags=bilinear", 35},
    {"uyvy422", "scale_vaapi=format=nv12", "nv12", "scale=flags=bilinear", 35},
};

TEST_P(Uploading, OfFfmpegsFramesInEveryFormat) {
  const auto& [format, filter, result, software, least_psnr] = GetParam();
  // Without yuv420p10, ffmpeg converts 8 bits to P010 with non-zero low six bits.
  const std::string depth = std::string(format) == "p010" ? "10le" : "";
  const std::string input =
      "-f lavfi -i testsrc2=size=352x288:rate=5 -frames:v 3 -vf format=yuv420p" + depth +
      ",format=" + format + ",";
  const auto output = folder / "output", expected = folder / "expected";
  ASSERT_EQ(
      run(environment() +
          ffmpeg("-init_hw_device vaapi=va:,connection_type=x11 -filter_hw_device va " + input +
                 "hwupload," + filter + ",hwdownload,format=" + result + raw + quoted(output))),
      0)
      << contents_of_log();
  ASSERT_EQ(run(ffmpeg(input + software + ",format=" + result + raw + quoted(expected))), 0);
  EXPECT_GE(psnr(contents(output), contents(expected)), least_psnr);
}

INSTANTIATE_TEST_SUITE_P(Formats, Uploading, testing::ValuesIn(uploads));

// Clients' names for a codec's components.
struct Codec {
  const char* name;    // mpv's
  const char* parser;  // GStreamer's
  const char* vaapi;   // gstreamer1.0-vaapi's decoder
  const char* va;      // GStreamer's va plugin's
  // The ffmpeg decoder with VA-API support, if it is not the default one.
  const char* ffmpeg = "";
};
constexpr Codec h264 = {"h264", "h264parse", "vaapih264dec", "vah264dec"};
constexpr Codec vp9 = {"vp9", "vp9parse", "vaapivp9dec", "vavp9dec"};
constexpr Codec av1 = {"av1", "av1parse", "vaapiav1dec", "vaav1dec", "-c:v av1 "};

// A short stream, and libavcodec's output for it.
struct Clip {
  const Codec* codec;
  const char* path;  // below the folder of all vectors
  uint32_t width, height, frames;
  unsigned bit_depth = 8;

  // The formats of its frames: in planes, to compare; in the driver's surfaces; in GStreamer.
  std::string planar() const { return bit_depth == 8 ? "yuv420p" : "yuv420p10le"; }
  std::string surface() const { return bit_depth == 8 ? "nv12" : "p010le"; }
  std::string gstreamer_planar() const { return bit_depth == 8 ? "I420" : "I420_10LE"; }
  std::string gstreamer_surface() const { return bit_depth == 8 ? "NV12" : "P010_10LE"; }

  // Half of the size, rounded to even numbers.
  std::string half_width() const { return std::to_string(width / 4 * 2); }
  std::string half_height() const { return std::to_string(height / 4 * 2); }
};

void PrintTo(const Clip& clip, std::ostream* out) {
  *out << clip.path;
}

// B pictures with several slices; long-term references; heights that are no multiples of a
// macroblock, in mkv and in mp4. VP9 with hidden frames and compound prediction, with a size that
// is no multiple of its smallest block, and with 10 bits. AV1 with key frames that are shown later,
// with film grain, with 10 bits, and as WebRTC sends it, without order hints.
constexpr Clip clips[] = {
    {&h264, "h264/conformance/CABAST3_Sony_E.264", 352, 288, 25},
    {&h264, "h264/conformance/FRExt_MMCO4_Sony_B.264", 352, 288, 60},
    {&h264, "h264/clips/1242-small.mkv", 1280, 718, 12},
    {&h264, "h264/clips/ps_prefix_first_idr.mp4", 640, 360, 10},
    {&vp9, "vp9/conformance/vp90-2-09-lf_deltas.webm", 352, 240, 30},
    {&vp9, "vp9/conformance/vp90-2-03-size-208x208.webm", 208, 208, 10},
    {&vp9, "vp9/made/p2-10bit-arf-160x90.ivf", 160, 90, 20, 10},
    {&av1, "av1/made/fwd-kf.ivf", 352, 288, 17},
    {&av1, "av1/made/grain-test-4.ivf", 160, 90, 6},
    {&av1, "av1/made/slow-alltools-10bit.ivf", 160, 90, 8, 10},
    {&av1, "av1/reported/svc-L1T3.ivf", 320, 180, 16},
};

std::string path_of(const Clip& clip) {
  return vectors() + "/" + clip.path;
}

class Decoding : public Client, public testing::WithParamInterface<Clip> {
 protected:
  void SetUp() override {
    Client::SetUp();
    if (!std::filesystem::exists(path_of(GetParam())))
      GTEST_SKIP() << "no " << path_of(GetParam()) << ": set DAEDALUS_VECTORS";
  }

  std::string clip() const { return quoted(path_of(GetParam())); }
  // ffmpeg's input options, decoding with the driver.
  std::string hardware_input() const { return GetParam().codec->ffmpeg + ("-i " + clip()); }
  std::string output() const { return quoted(folder / "output"); }

  // GStreamer's elements before the decoder.
  std::string source() const {
    const auto path = path_of(GetParam());
    const char* demultiplexer = path.ends_with(".mp4")   ? "qtdemux ! "
                                : path.ends_with(".ivf") ? "ivfparse ! "
                                : path.ends_with(".mkv") || path.ends_with(".webm")
                                    ? "matroskademux ! "
                                    : "";
    return "gst-launch-1.0 -q filesrc location=" + clip() + " ! " + demultiplexer +
           GetParam().codec->parser + " ! ";
  }
  std::string sink(const std::string& format = GetParam().gstreamer_planar()) const {
    return " ! videoconvert dither=none chroma-mode=none ! video/x-raw,format=" + format +
           " ! filesink location=" + output();
  }

  // ffmpeg's filters from a surface's copy to planes.
  static std::string formats() {
    return "format=" + GetParam().surface() + ",format=" + GetParam().planar();
  }

  // The frames of software decoding. `filter` ends with a comma.
  Bytes expected(const std::string& filter = "", const std::string& format = GetParam().planar(),
                 const std::string& scaling = "bicubic") {
    const std::string path = folder / "expected";
    EXPECT_EQ(
        run(ffmpeg("-i " + clip() + " -vf " + quoted(filter + "format=" + format) + " -sws_flags " +
                   scaling + "+accurate_rnd+full_chroma_int" + raw + quoted(path))),
        0);
    return contents(path);
  }

  // The matrix that the driver assumes if none is named; libswscale always assumes BT.601.
  static std::string from_matrix() {
    const bool hd = GetParam().width >= 1280;
    return hd ? "scale=in_color_matrix=bt709," : "";
  }
  static std::string halved() {
    const auto& clip = GetParam();
    const char* matrix = clip.width >= 1280 ? ":in_color_matrix=bt709:out_color_matrix=bt709" : "";
    return "scale=" + clip.half_width() + ":" + clip.half_height() + matrix + ",";
  }

  // Runs the client and expects its output to be every frame, exactly.
  void expect_exact(const std::string& command) {
    EXPECT_EQ(run(command), 0) << command;
    const auto actual = contents(folder / "output"), wanted = expected();
    ASSERT_EQ(actual.size(), wanted.size()) << command;
    const auto differs = std::mismatch(actual.begin(), actual.end(), wanted.begin());
    const std::size_t frame = wanted.size() / GetParam().frames;
    EXPECT_TRUE(differs.first == actual.end())
        << "frame " << static_cast<std::size_t>(differs.first - actual.begin()) / frame;
    expect_driver_decoded(GetParam().frames);
  }

  // Expects similar frames: software scales and converts a little differently.
  void expect_alike(const std::string& command, const Bytes& wanted, double decibels,
                    unsigned bit_depth = GetParam().bit_depth) {
    EXPECT_EQ(run(command), 0) << command;
    EXPECT_GE(psnr(contents(folder / "output"), wanted, bit_depth), decibels) << command;
    expect_driver_decoded(GetParam().frames);
  }
};

TEST_P(Decoding, FfmpegCopyingByItself) {
  expect_exact(environment() + ffmpeg(with_vaapi + hardware_input() + " -pix_fmt " +
                                      GetParam().planar() + raw + output()));
}

TEST_P(Decoding, FfmpegMapping) {
  expect_exact(environment() + ffmpeg(to_surfaces + hardware_input() + " -vf hwmap=mode=read," +
                                      formats() + raw + output()));
}

TEST_P(Decoding, FfmpegScaling) {
  const auto wanted = expected(halved());
  expect_alike(environment() + ffmpeg(to_surfaces + hardware_input() + " -vf scale_vaapi=w=" +
                                      GetParam().half_width() + ":h=" + GetParam().half_height() +
                                      ":mode=hq,hwdownload," + formats() + raw + output()),
               wanted, 40);
}

TEST_P(Decoding, FfmpegConvertingToRgb) {
  const auto wanted = expected(from_matrix(), "bgra");
  expect_alike(environment() +
                   ffmpeg(to_surfaces + hardware_input() +
                          " -vf scale_vaapi=format=bgra,hwdownload,format=bgra" + raw + output()),
               wanted, 38, 8);
}

TEST_P(Decoding, FfmpegTurning) {
  const auto wanted = expected("transpose=clock,");
  expect_alike(
      environment() + ffmpeg(to_surfaces + hardware_input() +
                             " -vf transpose_vaapi=clock,hwdownload," + formats() + raw + output()),
      wanted, 40);
}

// mpv drops late frames, even when it writes to a file.
std::string mpv_copying(const std::string& filters) {
  return "mpv --no-config --really-quiet --no-audio --framedrop=no --hwdec=vaapi-copy "
         "--hwdec-codecs=h264,vp9,av1 --vf=" +
         filters + " --of=rawvideo --ovc=rawvideo --o=";
}

TEST_P(Decoding, MpvCopying) {
  const std::string format = GetParam().bit_depth == 8 ? "format=yuv420p" : "format=yuv420p10";
  expect_exact(environment() + mpv_copying(format) + output() + " " + clip());
}

TEST_P(Decoding, GstreamerVaapi) {
  expect_exact(environment() + source() + GetParam().codec->vaapi + sink());
}

TEST_P(Decoding, GstreamerVaapiPostproc) {
  const auto wanted = expected(halved());
  const std::string size =
      "width=" + GetParam().half_width() + " height=" + GetParam().half_height();
  expect_alike(environment() + source() + GetParam().codec->vaapi +
                   " ! vaapipostproc scale-method=hq " + size +
                   " ! video/x-raw,format=" + GetParam().gstreamer_surface() + sink(),
               wanted, 38);
}

TEST_P(Decoding, GstreamerVa) {
  NEEDS_DRM_NODE();
  NEEDS_VA_PLUGIN_OF_THIS_DEPTH();
  expect_exact(environment_with_node() + source() + GetParam().codec->va + sink());
}

// 1.26 accepts scale-method only from drivers that have one of its other filters.
TEST_P(Decoding, GstreamerVaPostproc) {
  NEEDS_DRM_NODE();
  NEEDS_VA_PLUGIN_OF_THIS_DEPTH();
  const auto wanted = expected(halved(), "bgra", "bilinear");
  const std::string size =
      "width=" + GetParam().half_width() + ",height=" + GetParam().half_height();
  expect_alike(environment_with_node() + source() + GetParam().codec->va +
                   " ! vapostproc ! video/x-raw,format=BGRA," + size + sink("BGRA"),
               wanted, 34, 8);
}

std::string test_name(const testing::TestParamInfo<Clip>& clip) {
  auto name = std::filesystem::path(clip.param.path).stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Clips, Decoding, testing::ValuesIn(clips), test_name);

// Clients differ in how they describe fields and count their order, and some ask for surfaces of
// monochrome streams twice. Scaled or converted output is not compared here, because some clients
// also deinterlace it.
class DecodingTelevision : public Decoding {};

// Field pictures and frames; MBAFF frames, the second with temporal direct prediction; monochrome.
constexpr Clip television_clips[] = {
    {&h264, "h264/conformance/HCAFF1_HHI_B.264", 352, 288, 10},
    {&h264, "h264/conformance/HCAMFF1_HHI_B.264", 352, 288, 10},
    {&h264, "h264/conformance/CAMA3_Sand_E.264", 352, 288, 50},
    {&h264, "h264/conformance/HPCVMOLQ_BRCM_B.264", 352, 288, 100},
};

TEST_P(DecodingTelevision, FfmpegCopyingByItself) {
  expect_exact(environment() +
               ffmpeg(with_vaapi + hardware_input() + " -pix_fmt yuv420p" + raw + output()));
}
TEST_P(DecodingTelevision, MpvCopying) {
  expect_exact(environment() + mpv_copying("format=yuv420p") + output() + " " + clip());
}
TEST_P(DecodingTelevision, GstreamerVaapi) {
  expect_exact(environment() + source() + GetParam().codec->vaapi + sink());
}
TEST_P(DecodingTelevision, GstreamerVa) {
  NEEDS_DRM_NODE();
  expect_exact(environment_with_node() + source() + GetParam().codec->va + sink());
}

INSTANTIATE_TEST_SUITE_P(Clips, DecodingTelevision, testing::ValuesIn(television_clips), test_name);

// A video made for a test: parts of different sizes, each starting with a key frame, in one file,
// like an adaptive stream.
struct Video {
  struct Part {
    uint32_t width, height, frames;
    std::string size() const { return std::to_string(width) + "x" + std::to_string(height); }
  };
  const char* name;
  const char* file;
  const char* encoder;  // ffmpeg's options
  std::vector<Part> parts;
  const char* format = "yuv420p";

  uint32_t frames() const {
    uint32_t sum = 0;
    for (const auto& part : parts) sum += part.frames;
    return sum;
  }
  std::string part_file(std::size_t part) const { return std::to_string(part) + "-" + file; }
};

void PrintTo(const Video& video, std::ostream* out) {
  *out << video.name;
}

const std::string x264 = "-c:v libx264 -movflags faststart";
// ffmpeg 7.1 signals the matrix only in the container; Chromium reads it from the stream.
const std::string libaom_av1 =
    "-c:v libaom-av1 -b:v 1M -usage realtime -cpu-used 8 -bsf:v "
    "av1_metadata=color_primaries=6:transfer_characteristics=6:matrix_coefficients=6";
const std::string libvpx_vp9 =
    "-c:v libvpx-vp9 -b:v 1M -deadline good -cpu-used 4 -auto-alt-ref 1 -lag-in-frames 8";

// Writes the file, and one file for each part.
void make(const Video& video, const TemporaryFolder& folder) {
  std::ofstream list(folder / "parts");
  for (std::size_t i = 0; i < video.parts.size(); ++i) {
    const auto& part = video.parts[i];
    ASSERT_EQ(run(ffmpeg("-f lavfi -i mandelbrot=end_scale=0.05:rate=25:size=" + part.size() +
                         ",gblur=sigma=3 -frames:v " + std::to_string(part.frames) + " " +
                         video.encoder + " -pix_fmt " + video.format +
                         " -color_primaries smpte170m -color_trc smpte170m "
                         "-colorspace smpte170m " +
                         quoted(folder / video.part_file(i)))),
              0);
    list << "file " << video.part_file(i) << "\n";
  }
  list.close();
  ASSERT_EQ(run(ffmpeg("-f concat -i " + quoted(folder / "parts") + " -c copy " +
                       (std::string(video.file).ends_with("mp4") ? "-movflags faststart " : "") +
                       quoted(folder / video.file))),
            0);
}

class Switching : public Client, public testing::WithParamInterface<Video> {};

const Video switching_videos[] = {
    {"VP9", "clip.webm", libvpx_vp9.c_str(), {{320, 180, 10}, {640, 360, 10}}},
    {"AV1", "clip.webm", libaom_av1.c_str(), {{320, 180, 10}, {640, 360, 10}}},
};
INSTANTIATE_TEST_SUITE_P(Videos, Switching, testing::ValuesIn(switching_videos),
                         [](const auto& video) { return std::string(video.param.name); });

// Both runs scale the frames of the second size to the first in software.
TEST_P(Switching, Mpv) {
  const Video& video = GetParam();
  if (video.encoder == libaom_av1 && LIBAVUTIL_VERSION_MAJOR < 60)
    GTEST_SKIP() << "FFmpeg up to 7.1 keeps the surfaces of AV1's first sequence";
  ASSERT_NO_FATAL_FAILURE(make(video, folder));
  const std::string filters = "format=yuv420p,scale=320:180";
  const std::string input = " " + quoted(folder / video.file);
  EXPECT_EQ(run(environment() + mpv_copying(filters) + quoted(folder / "output") + input), 0);
  EXPECT_EQ(run(environment() + mpv_copying(filters) + quoted(folder / "expected") + " --hwdec=no" +
                input),
            0);
  const auto expected = contents(folder / "expected");
  EXPECT_EQ(expected.size(), std::size_t{320} * 180 * 3 / 2 * video.frames());
  EXPECT_TRUE(contents(folder / "output") == expected);
  expect_driver_decoded(video.frames());
}

// AV1's size changes at sequence headers, which FFmpeg 5 does not follow, and its layers are frames
// of several sizes in one context.
class GstreamerVaSizes : public Client, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Av1, GstreamerVaSizes,
                         testing::Values("seq-size-up-and-down.ivf", "svc-L3T3.ivf"));

TEST_P(GstreamerVaSizes, AreExact) {
  NEEDS_DRM_NODE();
  const std::string clip = vectors() + "/av1/reported/" + GetParam();
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "no " << clip << ": set DAEDALUS_VECTORS";
  EXPECT_EQ(run(environment_with_node() + "gst-launch-1.0 -q filesrc location=" + quoted(clip) +
                " ! ivfparse ! av1parse ! vaav1dec ! videoconvert dither=none chroma-mode=none ! "
                "video/x-raw,format=I420 ! filesink location=" +
                quoted(folder / "output")),
            0);
  ASSERT_EQ(run(ffmpeg("-i " + quoted(clip) + " -noautoscale -pix_fmt yuv420p" + raw +
                       quoted(folder / "expected"))),
            0);
  const auto expected = contents(folder / "expected");
  EXPECT_GT(expected.size(), 0u);
  EXPECT_TRUE(contents(folder / "output") == expected);
  expect_driver_decoded(12);
}

// mpv then leaves film grain to its own renderer, which does not exist here.
TEST_F(Client, MpvDecodingWithoutFilmGrain) {
  const std::string clip = vectors() + "/av1/made/grain-test-4.ivf";
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "no " << clip << ": set DAEDALUS_VECTORS";
  EXPECT_EQ(run(environment() + mpv_copying("format=yuv420p") + quoted(folder / "output") +
                " --vd-lavc-film-grain=gpu " + quoted(clip)),
            0);
  ASSERT_EQ(run(ffmpeg("-export_side_data film_grain -i " + quoted(clip) + " -pix_fmt yuv420p" +
                       raw + quoted(folder / "expected"))),
            0);
  const auto expected = contents(folder / "expected");
  EXPECT_EQ(expected.size(), std::size_t{160} * 90 * 3 / 2 * 6);
  EXPECT_TRUE(contents(folder / "output") == expected);
  expect_driver_decoded(6);
}

// libva passes on the driver's messages.
TEST_F(Client, VainfoSaysWhyThereIsNoDevice) {
  Pipe pipe(environment() +
            "LIBVA_MESSAGING_LEVEL=1 DAEDALUS_DEVICE=nonsense "
            "vainfo --display x11 2>&1");
  const auto text = pipe.text();
  EXPECT_NE(pipe.close(), 0);
  EXPECT_NE(text.find("no usable Vulkan device called \"nonsense\""), std::string::npos) << text;
}

// A program that runs until the test ends.
class Background {
 public:
  explicit Background(const std::string& command) : pid_(fork()) {
    if (pid_ != 0) return;
    setpgid(0, 0);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  ~Background() {
    kill(-pid_, SIGTERM);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

 private:
  const pid_t pid_;
};

// Waits for a condition. Returns false if it times out.
bool eventually(const std::function<bool()>& condition) {
  using namespace std::chrono;
  for (const auto end = steady_clock::now() + seconds(60); steady_clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(200));
  }
  return false;
}

// Compares the window with the first frame, on which the player is paused.
TEST_F(Client, MpvShowingWithPutSurface) {
  const Clip clip = clips[0];
  const std::string path = quoted(path_of(clip));
  if (!std::filesystem::exists(path_of(clip))) GTEST_SKIP() << "no " << path;
  ASSERT_EQ(
      run(ffmpeg("-i " + path + " -frames:v 1 -vf scale=512:384,format=bgr0 -sws_flags bilinear" +
                 raw + quoted(folder / "expected"))),
      0);
  const auto expected = contents(folder / "expected");
  const Background mpv(
      environment() +
      "mpv --no-config --really-quiet --no-audio --pause --osd-level=0 "
      "--no-border --no-keepaspect --geometry=512x384+0+0 --vo=vaapi --hwdec=vaapi " +
      path);
  double similarity = 0;
  const bool shown = eventually([&] {
    run(ffmpeg("-f x11grab -draw_mouse 0 -video_size 512x384 -i " + display().name() +
               " -frames:v 1 -pix_fmt bgr0" + raw + quoted(folder / "shown")));
    similarity = psnr(contents(folder / "shown"), expected);
    return similarity >= 34;
  });
  EXPECT_TRUE(shown) << similarity << " dB";
  EXPECT_EQ(read_report(folder / "log").log.find("vaPutSurface: status"), std::string::npos);
}

// Plays slowly, so that each frame is shown, and logs each frame to the console: its number, and
// its samples as the browser's GL read them from the surface.
constexpr char script_of_page[] = R"(<script>
  const video = document.querySelector('video');
  const copies = [];
  // For frames in unnamed formats, such as Chromium's 10-bit ones.
  function drawn(frame) {
    const canvas = new OffscreenCanvas(frame.codedWidth, frame.codedHeight);
    const context = canvas.getContext('2d');
    context.drawImage(frame, 0, 0);
    const samples = context.getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < samples.length; i += 4)
      [samples[i], samples[i + 2]] = [samples[i + 2], samples[i]];
    return samples;
  }
  async function copy(number) {
    const frame = new VideoFrame(video);
    let samples;
    if (frame.format) {
      samples = new Uint8Array(frame.allocationSize());
      await frame.copyTo(samples);
    } else {
      samples = drawn(frame);
    }
    let text = '';
    for (const sample of samples) text += String.fromCharCode(sample);
    console.log(`frame ${number} ${frame.format || 'BGRA'} ${btoa(text)} .`);
    frame.close();
  }
  function shown(now, metadata) {
    copies.push(copy(Math.round(metadata.mediaTime * 25)));
    video.requestVideoFrameCallback(shown);
  }
  video.requestVideoFrameCallback(shown);
  video.onended = async () => {
    await Promise.allSettled(copies);
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    video.removeAttribute('src');
    video.load();  // closes the decoder, so that the driver logs its counts
    setTimeout(() => console.log(`frames: ${frames} finished`), 2000);
  };
  video.onerror = () => console.log(`${video.error.message} finished`);
  video.playbackRate = 0.1;
  video.play();
</script>)";

// Firefox creates a new decoder when the size changes, and skips frames that are late by then, so
// there are more frames. Sizes are whole macroblocks (Firefox squeezes partial ones into a
// VideoFrame), and at least Chromium's minimum for hardware decoding.
const Video videos[] = {
    {"H264", "clip.mp4", x264.c_str(), {{640, 368, 12}}},
    {"VP9", "clip.webm", libvpx_vp9.c_str(), {{640, 368, 12}}},
    {"AV1", "clip.webm", libaom_av1.c_str(), {{640, 368, 12}}},
    {"VP9SwitchingResolution", "clip.webm", libvpx_vp9.c_str(), {{640, 368, 8}, {848, 480, 16}}},
    {"VP9Of10Bits", "clip.webm", libvpx_vp9.c_str(), {{640, 368, 12}}, "yuv420p10le"},
    {"AV1Of10Bits", "clip.webm", libaom_av1.c_str(), {{640, 368, 12}}, "yuv420p10le"},
    {"AV1SwitchingResolution", "clip.webm", libaom_av1.c_str(), {{640, 368, 8}, {848, 480, 40}}},
};

class Browser : public Client, public testing::WithParamInterface<Video> {
 protected:
  void SetUp() override {
    if (!VA_CHECK_VERSION(1, 22, 0))
      GTEST_SKIP() << "browsers ask for dma-bufs, and Debian 12's lavapipe makes none; "
                      "test/clients/debian13 runs this";
    NEEDS_DRM_NODE();
    chmod((folder / "").c_str(), 0700);
    ASSERT_NO_FATAL_FAILURE(make(GetParam(), folder));
  }

  // Shows the page with the script of that name, and returns the browser's output. `decoder` is the
  // browser's name for VA-API.
  std::string play(const std::string& script, const std::string& decoder) {
    const auto& video = GetParam();
    std::ofstream(folder / "page.html")
        << "<video src=\"" << video.file << "\" muted></video>" << script_of_page;
    run(environment_with_node() + quoted(CLIENTS "/" + script) + " " +
        quoted(folder / "page.html") + " " + quoted(folder / "") + " >" +
        quoted(folder / "browser.log") + " 2>&1");
    const auto bytes = contents(folder / "browser.log");
    std::string log(bytes.begin(), bytes.end());
    const auto report = read_report(folder / "log");
    EXPECT_GE(report.decoded, video.frames()) << report.log;
    EXPECT_EQ(report.damaged, 0u);
    EXPECT_NE(log.find(decoder), std::string::npos);
    EXPECT_NE(log.find("frames: " + std::to_string(video.frames()) + " finished"),
              std::string::npos);
    return log;
  }

  // A frame's samples as the page printed them. Empty if they are missing, or if another process of
  // the browser wrote in between.
  Bytes shown_frame(const std::string& log, uint32_t number, const std::string& format) {
    const std::string head = "frame " + std::to_string(number) + " " + format + " ";
    const auto at = log.find(head);
    if (at == std::string::npos) return {};
    const auto begin = at + head.size();
    std::ofstream(folder / "base64") << log.substr(begin, log.find(' ', begin) - begin);
    if (run("base64 -d " + quoted(folder / "base64") + " >" + quoted(folder / "shown")) != 0)
      return {};
    auto shown = contents(folder / "shown");
    if (format == "BGRA")
      for (std::size_t i = 3; i < shown.size(); i += 4) shown[i] = 255;  // alpha may be padding
    return shown;
  }

  // Compares the frames that the page printed with the stream's, in order. `format` is the
  // browser's name. Even Chromium's NV12 is not exact: many chroma samples differ by one.
  void compare(const std::string& log, const std::string& format) {
    const bool nv12 = format == "NV12";
    uint32_t number = 0;
    for (std::size_t i = 0; i < GetParam().parts.size(); ++i) {
      const auto& part = GetParam().parts[i];
      ASSERT_EQ(run(ffmpeg("-i " + quoted(folder / GetParam().part_file(i)) + " -pix_fmt " +
                           (nv12 ? "nv12" : "bgra") +
                           " -sws_flags bilinear+accurate_rnd+full_chroma_int" + raw +
                           quoted(folder / "expected"))),
                0);
      const auto expected = contents(folder / "expected");
      const std::size_t samples = std::size_t{part.width} * part.height;
      const std::size_t frame_size = nv12 ? samples * 3 / 2 : samples * 4;
      ASSERT_EQ(expected.size(), frame_size * part.frames);
      unsigned compared = 0;
      for (uint32_t in_part = 0; in_part < part.frames; ++in_part, ++number) {
        const auto shown = shown_frame(log, number, format);
        if (shown.empty()) continue;
        ASSERT_EQ(shown.size(), frame_size) << "frame " << number;
        const auto first = expected.begin() + static_cast<std::ptrdiff_t>(frame_size * in_part);
        const Bytes wanted(first, first + static_cast<std::ptrdiff_t>(frame_size));
        EXPECT_GE(psnr(shown, wanted), nv12 ? 50 : 36) << "frame " << number;
        ++compared;
      }
      EXPECT_GE(compared, part.frames / 4) << part.size();
      RecordProperty("compared_" + part.size(), std::to_string(compared));
    }
  }
};

TEST_P(Browser, Chromium) {
  if (run("command -v chromium >/dev/null") != 0) GTEST_SKIP() << "there is no chromium";
  const auto log = play("chromium", "VaapiVideoDecoder");
  if (log.find("eglCreateImage failed") != std::string::npos)
    GTEST_SKIP() << "decoded, not compared: this Mesa's llvmpipe takes no NV12 dma-bufs; "
                    "test/clients/debian13 --backports has one that does";
  const bool high = std::string(GetParam().format) != "yuv420p";
  compare(log, high ? "BGRA" : "NV12");
}

TEST_P(Browser, Firefox) {
  if (run("command -v firefox-esr >/dev/null") != 0) GTEST_SKIP() << "there is no firefox-esr";
  compare(play("firefox", "VA-API FFmpeg init successful"), "BGRA");
}

INSTANTIATE_TEST_SUITE_P(Videos, Browser, testing::ValuesIn(videos),
                         [](const auto& video) { return std::string(video.param.name); });

class Vainfo : public Client {
 protected:
  void expect_listed(const std::string& command) {
    Pipe vainfo(command + " 2>&1");
    const std::string listed = vainfo.text();
    EXPECT_EQ(vainfo.close(), 0) << listed;
    for (const char* line : {"daedalus ", "VAProfileH264ConstrainedBaseline:\tVAEntrypointVLD",
                             "VAProfileH264Main               :\tVAEntrypointVLD",
                             "VAProfileH264High               :\tVAEntrypointVLD",
                             "VAProfileVP9Profile0            :\tVAEntrypointVLD",
                             "VAProfileVP9Profile2            :\tVAEntrypointVLD",
                             "VAProfileAV1Profile0            :\tVAEntrypointVLD",
                             "VAProfileNone                   :\tVAEntrypointVideoProc"})
      EXPECT_NE(listed.find(line), std::string::npos) << line << " is not in:\n" << listed;
  }
};

TEST_F(Vainfo, OnX11) {
  expect_listed(environment() + "vainfo --display x11");
}

TEST_F(Vainfo, OnADrmNode) {
  NEEDS_DRM_NODE();
  expect_listed(environment_with_node() + "vainfo --display drm");
}

// The setting `profiles`, and its effect on an H.264 clip of 352x288.
struct Setting {
  const char* name;
  const char* value;
  std::vector<const char*> offered;
  bool decodes;
};

void PrintTo(const Setting& setting, std::ostream* out) {
  *out << setting.value;
}

const Setting settings[] = {
    {"OneCodec",
     "h264@352x288",
     {"VAProfileH264ConstrainedBaseline", "VAProfileH264Main", "VAProfileH264High"},
     true},
    {"TooSmallASize",
     "av1 h264@336x288",
     {"VAProfileH264ConstrainedBaseline", "VAProfileH264Main", "VAProfileH264High",
      "VAProfileAV1Profile0"},
     false},
    {"OtherCodecs",
     "vp9 av1@1280x720",
     {"VAProfileVP9Profile0", "VAProfileVP9Profile2", "VAProfileAV1Profile0"},
     false},
    {"NoCodec", "none", {}, false},
};

class ProfilesSetting : public Client, public testing::WithParamInterface<Setting> {
 protected:
  std::string limited() const {
    return environment() + "DAEDALUS_PROFILES=" + quoted(GetParam().value) + " ";
  }
};

TEST_P(ProfilesSetting, DecidesWhatVainfoLists) {
  Pipe vainfo(limited() + "vainfo --display x11 2>&1");
  const std::string listed = vainfo.text();
  EXPECT_EQ(vainfo.close(), 0) << listed;
  std::size_t decoding = 0;
  for (auto at = listed.find("VAEntrypointVLD"); at != listed.npos;
       at = listed.find("VAEntrypointVLD", at + 1))
    ++decoding;
  EXPECT_EQ(decoding, GetParam().offered.size()) << listed;
  for (const char* profile : GetParam().offered)
    EXPECT_NE(listed.find(profile), listed.npos) << listed;
}

// ffmpeg falls back to software on its own.
TEST_P(ProfilesSetting, DecidesWhereFfmpegDecodes) {
  constexpr uint64_t frames = 5;
  const std::string clip = quoted(folder / "clip.264");
  ASSERT_EQ(run(ffmpeg("-f lavfi -i testsrc2=size=352x288 -frames:v " + std::to_string(frames) +
                       " -pix_fmt yuv420p -c:v libx264 " + clip)),
            0);
  const std::string decoding = "-i " + clip + " -pix_fmt yuv420p" + raw;
  EXPECT_EQ(run(limited() + "DAEDALUS_LOG_LEVEL=info " +
                ffmpeg(with_vaapi + decoding + quoted(folder / "actual")) + " 2>/dev/null"),
            0);
  ASSERT_EQ(run(ffmpeg(decoding + quoted(folder / "expected"))), 0);
  EXPECT_TRUE(contents(folder / "actual") == contents(folder / "expected"));
  EXPECT_EQ(read_report(folder / "log").decoded, GetParam().decodes ? frames : 0)
      << contents_of_log();
}

INSTANTIATE_TEST_SUITE_P(Values, ProfilesSetting, testing::ValuesIn(settings),
                         [](const auto& setting) { return std::string(setting.param.name); });

// Since 2.22, libva asks the compositor for its GPU, which must have a DRM node.
TEST_F(Vainfo, OnWayland) {
  constexpr bool asks = VA_CHECK_VERSION(1, 22, 0);
  if (asks) NEEDS_DRM_NODE();
  const std::string surroundings =
      asks ? environment_with_node() + "env MESA_LOADER_DRIVER_OVERRIDE=kms_swrast "
           : environment() + "env ";
  chmod((folder / "").c_str(), 0700);
  const Background weston(surroundings +
                          "weston --backend=headless-backend.so --socket=wayland-test --no-config "
                          "--idle-time=0 " +
                          (asks ? "--renderer=gl" : "") + " >/dev/null 2>&1");
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder / "wayland-test"); }));
  expect_listed(surroundings + "WAYLAND_DISPLAY=wayland-test vainfo --display wayland");
}

}  // namespace
}  // namespace daedalus::test
