// SPDX-License-Identifier: MIT
// Streams encoded here to cover what the conformance streams lack. libx264: sizes, 16 references,
// every partition, intra refresh, sliced threads, direct and weighting modes, scaling matrices, the
// QP range. libvpx, in addition to libvpx_test.cpp: tiles, sizes, segments, resilience, 10 bits.
// libaom and SVT-AV1: screen content, tiles, lossless, matrices, film grain, 10 bits.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "h264/bit_writer.h"
#include "streams/ffmpeg.h"

namespace daedalus::test {
namespace {

struct Recipe {
  const char* name;
  const char* source;  // lavfi
  uint32_t width, height, frames;
  const char* encoder;  // ffmpeg's options for the encoder
};

void PrintTo(const Recipe& recipe, std::ostream* out) {
  *out << recipe.name;
}

// Moving fractals and patterns with noise: all kinds of motion, and coefficients everywhere.
constexpr char busy[] = "testsrc2,noise=alls=12:allf=t";
constexpr char fractal[] = "mandelbrot=end_scale=0.05";
constexpr char noise[] = "color=gray,noise=alls=100:allf=t";
constexpr char fading[] = "testsrc2,fade=in:0:12,noise=alls=4:allf=t";

constexpr char every_tool[] =
    "-preset placebo -x264-params partitions=all:8x8dct=1:ref=16:bframes=5:b-pyramid=normal:"
    "b-adapt=0:weightp=2:weightb=1:direct=auto:keyint=20";

const Recipe recipes[] = {
    {"Size16x16", busy, 16, 16, 12, every_tool},
    {"Size18x34", busy, 18, 34, 12, every_tool},
    {"Size98x50", busy, 98, 50, 12, every_tool},
    {"Size1366x766", fractal, 1366, 766, 6, "-preset medium"},
    {"Size4096x2304", fractal, 4096, 2304, 4, "-preset ultrafast -x264-params cabac=1:8x8dct=1"},
    {"Size4096x4096", busy, 4096, 4096, 2, "-preset ultrafast -crf 35"},
    {"Size16x4096", busy, 16, 4096, 4, every_tool},
    {"Size4096x16", busy, 4096, 16, 4, every_tool},
    {"EveryTool", busy, 352, 288, 40, every_tool},
    {"EveryToolFractal", fractal, 352, 288, 40, every_tool},
    {"EveryPartitionCavlc", busy, 352, 288, 24,
     "-preset placebo -x264-params cabac=0:partitions=all:8x8dct=1:bframes=3:ref=8"},
    // 6 and 24 million bits per picture, 2 bits or more per sample.
    {"Noise1920x1080", noise, 1920, 1080, 1, "-preset ultrafast -qp 1 -x264-params keyint=1"},
    {"Noise3840x2160", noise, 3840, 2160, 1, "-preset ultrafast -qp 1 -x264-params keyint=1"},
    {"NoiseCabac3840x2160", noise, 3840, 2160, 1,
     "-preset ultrafast -qp 1 -x264-params keyint=1:cabac=1:8x8dct=1:slices=7"},
    {"SixteenReferences", busy, 176, 144, 40,
     "-preset slow -x264-params ref=16:bframes=0:keyint=40:mixed-refs=1"},
    {"IntraOnly", busy, 352, 288, 10, "-preset slow -x264-params keyint=1:partitions=all"},
    {"IntraRefresh", busy, 352, 288, 40,
     "-preset medium -x264-params intra-refresh=1:keyint=20:bframes=0"},
    {"SlicedThreads", busy, 352, 288, 16,
     "-preset medium -threads 4 -x264-params sliced-threads=1:slices=4"},
    {"SlicesOfOneRow", busy, 176, 144, 16, "-preset medium -x264-params slices=9"},
    {"SlicesOfTwoMacroblocks", busy, 176, 144, 16, "-preset medium -x264-params slice-max-mbs=2"},
    {"DirectNone", busy, 352, 288, 20, "-preset slow -x264-params direct=none:bframes=3"},
    {"DirectSpatial", busy, 352, 288, 20, "-preset slow -x264-params direct=spatial:bframes=3"},
    {"DirectTemporal", busy, 352, 288, 20, "-preset slow -x264-params direct=temporal:bframes=3"},
    {"WeightP1", fading, 352, 288, 20, "-preset slow -x264-params weightp=1:bframes=0"},
    {"WeightP2", fading, 352, 288, 20, "-preset slow -x264-params weightp=2:bframes=3"},
    {"WeightPCavlc", fading, 352, 288, 20, "-preset slow -x264-params weightp=2:cabac=0"},
    {"WeightBOff", fading, 352, 288, 20, "-preset slow -x264-params weightb=0:bframes=5"},
    {"ScalingMatrices", busy, 352, 288, 20, "-preset slow -x264-params cqm=jvt"},
    {"ConstrainedIntra", busy, 352, 288, 20,
     "-preset medium -x264-params constrained-intra=1:bframes=2"},
    {"ConstrainedIntraCavlc", busy, 352, 288, 20,
     "-preset medium -x264-params constrained-intra=1:cabac=0:8x8dct=1:slices=3"},
    {"ChromaQpOffset", busy, 352, 288, 12, "-preset medium -x264-params chroma-qp-offset=-12"},
    {"ChromaQpOffsetHigh", busy, 352, 288, 12, "-preset medium -x264-params chroma-qp-offset=12"},
    {"NoDeblocking", busy, 352, 288, 12, "-preset medium -x264-params no-deblock=1"},
    {"DeblockingStrong", busy, 352, 288, 12, "-preset medium -x264-params deblock=6,6 -crf 40"},
    {"DeblockingWeak", busy, 352, 288, 12, "-preset medium -x264-params deblock=-6,-6 -crf 30"},
    {"Qp1", busy, 176, 144, 8, "-preset medium -qp 1"},
    {"Qp10", busy, 176, 144, 8, "-preset medium -qp 10"},
    {"Qp24", busy, 176, 144, 8, "-preset medium -qp 24"},
    {"Qp36", busy, 176, 144, 8, "-preset medium -qp 36"},
    {"Qp51", busy, 176, 144, 8, "-preset medium -qp 51"},
    {"QpFrom0To51", busy, 352, 288, 30,
     "-preset medium -x264-params qpmin=0:qpmax=51:qpstep=51:aq-mode=3:aq-strength=3 -b:v 12M"},
    {"QpZeroCavlc", busy, 176, 144, 6,
     "-preset fast -x264-params cabac=0:qpmin=0:qpmax=1:ipratio=1 -b:v 200M"},
    {"Monochrome", busy, 352, 288, 20,
     "-pix_fmt gray -color_range tv -preset slow -x264-params bframes=3:weightp=2:8x8dct=1"},
    {"MonochromeCavlc", fading, 352, 288, 20,
     "-pix_fmt gray -color_range tv -preset slow -x264-params cabac=0:weightp=2:slices=3"},
    {"FakeInterlaced", busy, 352, 288, 20,
     "-preset slow -x264-params fake-interlaced=1:bframes=3:direct=temporal"},
    {"Mbaff", busy, 352, 288, 20,
     "-preset slow -x264-params tff=1:bframes=3:b-pyramid=normal:ref=5"},
    {"MbaffBottomFirst", busy, 352, 288, 20,
     "-preset slow -x264-params bff=1:bframes=3:direct=temporal:8x8dct=1"},
    {"MbaffSpatial", fractal, 352, 288, 20,
     "-preset slow -x264-params tff=1:bframes=3:direct=spatial:ref=16"},
    {"MbaffCavlc", busy, 352, 288, 20,
     "-preset slow -x264-params tff=1:bframes=3:cabac=0:8x8dct=1:direct=temporal"},
    {"MbaffSlices", busy, 352, 288, 16,
     "-preset medium -x264-params tff=1:slices=5:bframes=2:direct=none"},
    {"MbaffConstrainedIntra", busy, 352, 288, 20,
     "-preset medium -x264-params tff=1:constrained-intra=1:bframes=2"},
    {"MbaffConstrainedIntraCavlc", busy, 352, 288, 20,
     "-preset medium -x264-params tff=1:constrained-intra=1:cabac=0:slices=3"},
    {"MbaffIntraOnly", busy, 352, 288, 8, "-preset slow -x264-params tff=1:keyint=1"},
    {"MbaffSize18x36", busy, 18, 36, 12, "-preset slow -x264-params tff=1:bframes=3"},
    {"MbaffSize1920x1080", fractal, 1920, 1080, 6, "-preset medium -x264-params tff=1:bframes=2"},
    {"MbaffQp51", busy, 176, 144, 8, "-preset medium -qp 51 -x264-params tff=1"},
    {"MbaffQp1", busy, 176, 144, 8, "-preset medium -qp 1 -x264-params tff=1"},
    {"Baseline", busy, 352, 288, 20, "-profile:v baseline -preset slow"},
    {"Main", busy, 352, 288, 20, "-profile:v main -preset slow"},
};

std::string test_name(const testing::TestParamInfo<Recipe>& info) {
  return info.param.name;
}

// The size is an option of the source, so it must precede the filters.
std::string sized_source(const Recipe& recipe) {
  const std::string size = std::to_string(recipe.width) + "x" + std::to_string(recipe.height);
  const std::string source(recipe.source);
  const auto filters = source.find(',');
  return source.substr(0, filters) + (source.find('=') < filters ? ":size=" : "=size=") + size +
         (filters == std::string::npos ? "" : source.substr(filters));
}

class Generated : public testing::TestWithParam<Recipe> {
 protected:
  void decodes_exactly(const std::string& dispatch) {
    ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
    const Recipe& recipe = GetParam();
    static const TemporaryFolder folder;
    const std::string path = folder / (std::string(recipe.name) + ".264");
    if (!std::filesystem::exists(path)) {
      ASSERT_EQ(run("ffmpeg -nostdin -v error -f lavfi -i " + quoted(sized_source(recipe)) +
                    " -frames:v " + std::to_string(recipe.frames) +
                    " -pix_fmt yuv420p -c:v libx264 " + recipe.encoder + " " + quoted(path)),
                0);
    }
    const auto result =
        compare_with_software({path, recipe.width, recipe.height}, dispatch, display());
    EXPECT_TRUE(result.equal) << result.difference;
    EXPECT_EQ(result.driver_exit, 0);
    EXPECT_EQ(result.driver.decoded, recipe.frames) << result.driver.log;
    EXPECT_EQ(result.driver.picture_submits, result.driver.decoded) << result.driver.log;
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
    RecordProperty("dispatches", std::to_string(result.driver.dispatches));
  }
};

TEST_P(Generated, Tickets) {
  decodes_exactly("tickets");
}
TEST_P(Generated, Levels) {
  decodes_exactly("levels");
}

void write_nal_unit(std::ostream& out, uint8_t header, const h264::BitWriter& payload) {
  out.write("\0\0\0\1", 4).put(static_cast<char>(header));
  out.write(reinterpret_cast<const char*>(payload.bytes().data()),
            static_cast<std::streamsize>(payload.bytes().size()));
}

// An IDR picture of I_PCM macroblocks only. No sample is 0, so that none forms a start code.
void write_pcm_stream(const std::string& path, uint32_t width_in_mbs, uint32_t height_in_mbs) {
  std::ofstream out(path, std::ios::binary);
  h264::BitWriter sps, pps, slice;
  sps.bits(66, 8).bits(0, 8).bits(62, 8);  // Baseline, level 6.2
  sps.ue(0).ue(0).ue(2);                   // frame_num of 4 bits, output in decoding order
  sps.ue(1).bits("0").ue(width_in_mbs - 1).ue(height_in_mbs - 1);
  sps.bits("1100").trailing_bits();  // frame_mbs_only, direct_8x8_inference, no crop, no VUI
  pps.ue(0).ue(0).bits("00").ue(0).ue(0).ue(0).bits("000").se(0).se(0).se(0);
  pps.bits("100").trailing_bits();           // deblocking_filter_control_present_flag
  slice.ue(0).ue(7).ue(0).bits(0, 4).ue(0);  // first_mb, I, PPS, frame_num, idr_pic_id
  slice.bits("00").se(0).ue(1);              // dec_ref_pic_marking, QP, no deblocking
  std::minstd_rand random(1);
  for (uint32_t mb = 0; mb < width_in_mbs * height_in_mbs; ++mb) {
    slice.ue(25).align();
    for (uint32_t i = 0; i < 384; ++i) slice.bits(static_cast<uint32_t>(random() % 255 + 1), 8);
  }
  write_nal_unit(out, 0x67, sps);
  write_nal_unit(out, 0x68, pps);
  write_nal_unit(out, 0x65, slice.trailing_bits());
}

// The largest possible picture: macroblocks have the maximum number of bytes and many levels.
TEST(Pcm, LargestPicture) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  const TemporaryFolder folder;
  write_pcm_stream(folder / "pcm.264", 256, 256);
  const auto result = compare_with_software({folder / "pcm.264", 4096, 4096}, "levels", display());
  EXPECT_TRUE(result.equal) << result.difference;
  EXPECT_EQ(result.bytes, 4096u * 4096 * 3 / 2);
  EXPECT_EQ(result.driver.decoded, 1u) << result.driver.log;
  EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
}

// VP9, encoded here with libvpx.
const Recipe vp9_recipes[] = {
    {"Below8x8", fractal, 176, 144, 10, "-deadline best -cpu-used 0 -crf 4 -b:v 0"},
    {"TileColumns", busy, 1030, 70, 6,
     "-deadline good -cpu-used 4 -b:v 600k -tile-columns 2 -frame-parallel 0"},
    {"TilesInParallelFrames", busy, 1030, 270, 5,
     "-deadline good -cpu-used 4 -b:v 600k -tile-columns 2 -frame-parallel 1"},
    {"ErrorResilient", busy, 353, 287, 12,
     "-deadline good -cpu-used 4 -b:v 300k -error-resilient default"},
    {"ErrorResilientPartitions", busy, 352, 288, 12,
     "-deadline good -cpu-used 4 -b:v 300k -error-resilient partitions"},
    {"FrameParallel", busy, 352, 288, 16,
     "-deadline good -cpu-used 4 -b:v 300k -frame-parallel 1 -lag-in-frames 8 -auto-alt-ref 1"},
    {"Size2x2", busy, 2, 2, 4, "-deadline good -cpu-used 4 -crf 10 -b:v 0"},
    {"Size3x201", busy, 3, 201, 6, "-deadline good -cpu-used 2 -crf 20 -b:v 0"},
    {"Size257x7", busy, 257, 7, 6, "-deadline good -cpu-used 2 -crf 20 -b:v 0"},
    {"Size191x129", fractal, 191, 129, 8, "-deadline good -cpu-used 2 -crf 20 -b:v 0"},
    {"ScreenContent", "testsrc", 320, 240, 10,
     "-deadline realtime -cpu-used 5 -b:v 300k -tune-content screen"},
    {"Segments", busy, 352, 288, 12, "-deadline good -cpu-used 4 -b:v 300k -aq-mode 1"},
    {"SegmentsByComplexity", busy, 352, 288, 12, "-deadline good -cpu-used 4 -b:v 300k -aq-mode 2"},
    {"SegmentsCyclic", busy, 352, 288, 20,
     "-deadline realtime -cpu-used 6 -b:v 200k -lag-in-frames 0 -aq-mode 3"},
    {"CoarsestQuantizer", busy, 352, 288, 8,
     "-deadline good -cpu-used 4 -qmin 63 -qmax 63 -b:v 9k"},
    {"Size3840x2160", fractal, 3840, 2160, 1,
     "-deadline realtime -cpu-used 8 -b:v 20M -tile-columns 4"},
};

// With 10 bits.
const Recipe vp9_high_recipes[] = {
    {"Tiles", busy, 1030, 131, 4, "-deadline good -cpu-used 4 -b:v 600k -tile-columns 2"},
    {"SegmentsCyclic", busy, 161, 91, 12,
     "-deadline realtime -cpu-used 6 -b:v 100k -lag-in-frames 0 -aq-mode 3"},
};

// AV1, encoded here with libaom.
const Recipe aom_recipes[] = {
    {"AltRefAndCompound", busy, 176, 144, 20, "-cpu-used 3 -b:v 150k -lag-in-frames 16"},
    {"AllTools", fractal, 128, 96, 5, "-cpu-used 1 -crf 20 -b:v 0 -lag-in-frames 4"},
    {"Tiles", busy, 1030, 70, 4, "-cpu-used 6 -b:v 600k -tiles 4x1"},
    {"TileRowsAndColumns", busy, 264, 264, 4, "-cpu-used 6 -b:v 600k -tiles 2x4"},
    {"ScreenContent", "testsrc", 320, 240, 5,
     "-cpu-used 5 -b:v 300k -aom-params tune-content=screen:enable-palette=1:enable-intrabc=1"},
    {"Lossless", busy, 99, 67, 4, "-cpu-used 5 -aom-params lossless=1"},
    {"ErrorResilient", busy, 177, 143, 8, "-cpu-used 5 -b:v 200k -error-resilience 1"},
    {"RealTime", busy, 320, 180, 12, "-usage realtime -cpu-used 8 -b:v 200k -aq-mode 3"},
    {"Superblocks64", busy, 200, 136, 5, "-cpu-used 4 -crf 30 -b:v 0 -aom-params sb-size=64"},
    {"QuantizerMatrices", busy, 176, 144, 5,
     "-cpu-used 5 -crf 40 -b:v 0 -aom-params enable-qm=1:qm-min=0:qm-max=8"},
    {"DeltaQuantizers", busy, 192, 128, 5, "-cpu-used 5 -crf 40 -b:v 0 -aom-params deltaq-mode=1"},
    {"FilmGrain", busy, 177, 143, 6, "-cpu-used 5 -crf 40 -b:v 0 -denoise-noise-level 30"},
    {"Size16x201", busy, 16, 201, 5, "-cpu-used 5 -crf 20 -b:v 0"},
    {"Size257x17", busy, 257, 17, 5, "-cpu-used 5 -crf 20 -b:v 0"},
    {"CoarsestQuantizer", busy, 176, 144, 5, "-cpu-used 5 -crf 63 -qmin 63 -b:v 0"},
};

// With SVT-AV1, which uses other tools.
const Recipe svt_recipes[] = {
    {"Pyramid", busy, 256, 144, 18, "-preset 6 -crf 40"},
    {"Fast", busy, 320, 180, 12, "-preset 10 -crf 50"},
    {"Size194x130", fractal, 194, 130, 6, "-preset 6 -crf 30"},
};

// With 10 bits.
const Recipe aom_high_recipes[] = {
    {"AltRefAndCompound", busy, 160, 90, 12, "-cpu-used 4 -b:v 150k -lag-in-frames 10"},
    {"Lossless", noise, 65, 63, 3, "-cpu-used 5 -aom-params lossless=1"},
    {"FilmGrain", busy, 161, 91, 5, "-cpu-used 5 -crf 40 -b:v 0 -denoise-noise-level 30"},
};
const Recipe svt_high_recipes[] = {
    {"Pyramid", busy, 256, 144, 18, "-preset 7 -crf 40"},
};

// A stream of one of ffmpeg's encoders, whose frames may be hidden or shown twice.
struct Encoding {
  const char* encoder;
  uint32_t bit_depth = 8;
  const char* hardware_decoder = "";
};

class GeneratedFrames : public testing::TestWithParam<Recipe> {
 protected:
  static void decodes_exactly(const std::string& dispatch, const Encoding& encoding) {
    ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
    const Recipe& recipe = GetParam();
    static const TemporaryFolder folder;
    const std::string path = folder / (std::string(encoding.encoder) + recipe.name +
                                       std::to_string(encoding.bit_depth) + ".ivf");
    if (!std::filesystem::exists(path)) {
      const std::string format = encoding.bit_depth == 10 ? "yuv420p10le" : "yuv420p";
      ASSERT_EQ(
          run("SVT_LOG=0 ffmpeg -nostdin -v error -f lavfi -i " + quoted(sized_source(recipe)) +
              " -frames:v " + std::to_string(recipe.frames) + " -pix_fmt " + format + " -c:v " +
              encoding.encoder + " " + recipe.encoder + " " + quoted(path)),
          0);
    }
    Stream stream{path, recipe.width, recipe.height};
    stream.bit_depth = encoding.bit_depth;
    stream.hardware_decoder = encoding.hardware_decoder;
    const auto result = compare_with_software(stream, dispatch, display());
    EXPECT_TRUE(result.equal) << result.difference;
    EXPECT_EQ(result.driver_exit, 0);
    EXPECT_GE(result.driver.decoded, recipe.frames) << result.driver.log;
    EXPECT_EQ(result.driver.picture_submits, result.driver.decoded) << result.driver.log;
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
  }
};

#define GENERATED_FRAMES(Name, ...)          \
  class Name : public GeneratedFrames {};    \
  TEST_P(Name, Tickets) {                    \
    decodes_exactly("tickets", __VA_ARGS__); \
  }                                          \
  TEST_P(Name, Levels) {                     \
    decodes_exactly("levels", __VA_ARGS__);  \
  }

GENERATED_FRAMES(GeneratedVp9, {"libvpx-vp9"})
GENERATED_FRAMES(GeneratedVp9High, {"libvpx-vp9", 10})
GENERATED_FRAMES(GeneratedAom, {"libaom-av1", 8, "av1"})
GENERATED_FRAMES(GeneratedAomHigh, {"libaom-av1", 10, "av1"})
GENERATED_FRAMES(GeneratedSvt, {"libsvtav1", 8, "av1"})
GENERATED_FRAMES(GeneratedSvtHigh, {"libsvtav1", 10, "av1"})

INSTANTIATE_TEST_SUITE_P(X264, Generated, testing::ValuesIn(recipes), test_name);
INSTANTIATE_TEST_SUITE_P(Libvpx, GeneratedVp9, testing::ValuesIn(vp9_recipes), test_name);
INSTANTIATE_TEST_SUITE_P(Libvpx, GeneratedVp9High, testing::ValuesIn(vp9_high_recipes), test_name);
INSTANTIATE_TEST_SUITE_P(Libaom, GeneratedAom, testing::ValuesIn(aom_recipes), test_name);
INSTANTIATE_TEST_SUITE_P(Libaom, GeneratedAomHigh, testing::ValuesIn(aom_high_recipes), test_name);
INSTANTIATE_TEST_SUITE_P(SvtAv1, GeneratedSvt, testing::ValuesIn(svt_recipes), test_name);
INSTANTIATE_TEST_SUITE_P(SvtAv1, GeneratedSvtHigh, testing::ValuesIn(svt_high_recipes), test_name);

}  // namespace
}  // namespace daedalus::test
