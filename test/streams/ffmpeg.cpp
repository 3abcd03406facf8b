// SPDX-License-Identifier: MIT
#include "streams/ffmpeg.h"

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

extern "C" {
#include <libavutil/md5.h>
#include <libavutil/mem.h>
}

namespace daedalus::test {

namespace {

const char raw_output[] = " -fps_mode passthrough -noautoscale -f rawvideo -";

// ffmpeg crops only the right and bottom edges of a surface.
std::string left_and_top_crop(const Stream& stream) {
  if (!stream.crops) return "";
  const std::string width = std::to_string(stream.width), height = std::to_string(stream.height);
  return ",crop=" + width + ":" + height + ":iw-" + width + ":ih-" + height + ":exact=1";
}

const char* planar_format(const Stream& stream) {
  return stream.bit_depth == 10 ? "yuv420p10le" : "yuv420p";
}
const char* surface_format(const Stream& stream) {
  return stream.bit_depth == 10 ? "p010" : "nv12";
}

// Without it ffmpeg converts full-range samples, because libdav1d's frames do not signal the range
// in their format.
const char* keep_range(const Stream& stream) {
  return stream.hardware_decoder.empty() ? "" : ",setparams=range=tv";
}

std::string software_command(const Stream& stream) {
  return "exec ffmpeg -nostdin -v quiet -noautorotate -flags unaligned " + stream.options + " -i " +
         quoted(stream.path) + " -map 0:v:0" +
         (stream.filters.empty() ? "" : " -vf " + quoted(stream.filters)) + " -pix_fmt " +
         planar_format(stream) + raw_output;
}

std::string position(const Stream& stream, uint64_t offset) {
  std::ostringstream text;
  text << "byte " << offset;
  if (stream.width == 0) return text.str();
  const uint64_t luma = uint64_t{stream.width} * stream.height;
  const uint64_t chroma_width = (stream.width + 1) / 2;
  const uint64_t chroma = chroma_width * ((stream.height + 1) / 2);
  const uint64_t sample = offset / (stream.bit_depth == 10 ? 2 : 1);
  const uint64_t frame = sample / (luma + 2 * chroma);
  const uint64_t inside = sample % (luma + 2 * chroma);
  text << ": frame " << frame << ", ";
  if (inside < luma)
    text << "luma (" << inside % stream.width << ", " << inside / stream.width << ")";
  else
    text << (inside < luma + chroma ? "Cb (" : "Cr (") << (inside - luma) % chroma % chroma_width
         << ", " << (inside - luma) % chroma / chroma_width << ")";
  return text.str();
}

}  // namespace

std::string driver_command(const Stream& stream, const std::string& dispatch,
                           const VirtualDisplay& display, const std::string& log) {
  return "LIBVA_MESSAGING_LEVEL=0 LIBVA_DRIVER_NAME=daedalus LIBVA_DRIVERS_PATH=" +
         quoted(DRIVER_DIRECTORY) + " DAEDALUS_CONF=/dev/null DAEDALUS_LOG_LEVEL=info" +
         " DAEDALUS_LOG_TARGET=" + quoted(log) + " DAEDALUS_DISPATCH=" + dispatch +
         // Lavapipe supports tickets only with one thread.
         (dispatch == "tickets" ? " LP_NUM_THREADS=1" : "") + " DISPLAY=" + display.name() +
         " exec ffmpeg -nostdin -v fatal -init_hw_device vaapi=va:,connection_type=x11" +
         " -hwaccel vaapi -hwaccel_device va -hwaccel_output_format vaapi" +
         " -hwaccel_flags allow_profile_mismatch -noautorotate -flags unaligned " + stream.options +
         (stream.hardware_decoder.empty() ? "" : " -c:v " + stream.hardware_decoder) + " -i " +
         quoted(stream.path) + " -map 0:v:0 -vf " +
         quoted((stream.filters.empty() ? "" : stream.filters + ",") +
                "hwdownload,format=" + surface_format(stream) + keep_range(stream) +
                ",format=" + planar_format(stream) + left_and_top_crop(stream)) +
         raw_output;
}

DriverReport read_report(const std::string& path) {
  DriverReport report;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    report.log += line + "\n";
    const auto begin = line.find("decoded=");
    if (begin == std::string::npos) continue;
    uint64_t decoded = 0, damaged = 0, submits = 0, dispatches = 0;
    if (sscanf(line.c_str() + begin,
               "decoded=%" SCNu64 " damaged=%" SCNu64
               "; its device so far: picture_submits=%" SCNu64 " dispatches=%" SCNu64,
               &decoded, &damaged, &submits, &dispatches) != 4)
      continue;
    ++report.decoders;
    report.decoded += decoded;
    report.damaged += damaged;
    report.picture_submits = submits;
    report.dispatches = dispatches;
  }
  return report;
}

Comparison compare_with_software(const Stream& stream, const std::string& dispatch,
                                 const VirtualDisplay& display) {
  Comparison result;
  const TemporaryFolder folder;
  const std::string log = folder / "log";
  {
    Pipe software(software_command(stream));
    Pipe driver(driver_command(stream, dispatch, display, log));
    std::unique_ptr<AVMD5, void (*)(void*)> md5(av_md5_alloc(), av_free);
    av_md5_init(md5.get());
    std::vector<uint8_t> expected(1 << 20), actual(1 << 20);
    while (result.difference.empty()) {
      const std::size_t expected_size = software.read(expected);
      const std::size_t actual_size = driver.read(actual);
      av_md5_update(md5.get(), actual.data(), actual_size);
      const auto end =
          actual.begin() + static_cast<std::ptrdiff_t>(std::min(expected_size, actual_size));
      const auto differs = std::mismatch(actual.begin(), end, expected.begin());
      if (differs.first != end)
        result.difference =
            "first difference at " +
            position(stream, result.bytes + static_cast<uint64_t>(differs.first - actual.begin()));
      else if (expected_size != actual_size)
        result.difference = actual_size < expected_size ? "the driver's output is shorter"
                                                        : "the driver's output is longer";
      result.bytes += actual_size;
      if (actual_size == 0) break;
    }
    uint8_t digest[16];
    av_md5_final(md5.get(), digest);
    for (uint8_t byte : digest) {
      char hex[3];
      snprintf(hex, sizeof(hex), "%02x", byte);
      result.md5 += hex;
    }
    result.driver_exit = driver.close();
  }
  result.equal = result.difference.empty() && result.bytes > 0;
  result.driver = read_report(log);
  return result;
}

}  // namespace daedalus::test
