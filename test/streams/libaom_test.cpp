// SPDX-License-Identifier: MIT
// AV1 streams encoded here with libaom's API, each checked for the tools that it is meant to use.
// libaom's decoder is the reference, because dav1d 1.0 decodes frames that are upscaled to an odd
// width differently.
#include <aom/aomcx.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "av1/obu_reader.h"
#include "streams/libaom.h"
#include "streams/library_streams.h"
#include "streams/manifest.h"
#include "va/av1/stream.h"
#include "va/semiplanar.h"

namespace daedalus::test {
namespace {

using libaom::Recipe;

enum Tool : uint32_t {
  superres = 1 << 0,
  superres_of_inter_frames = 1 << 1,
  scaled_references = 1 << 2,
  sizes = 1 << 3,  // several frame sizes
  spatial_layers = 1 << 4,
  temporal_layers = 1 << 5,
  film_grain = 1 << 6,
  superblocks_of_128 = 1 << 7,
};

struct Case {
  Recipe recipe;
  uint32_t tools;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.recipe.name;
}

// The tools that a stream's frames use; 0 if it cannot be parsed.
uint32_t tools_of(const std::vector<Unit>& units) {
  uint32_t tools = 0;
  using Extent = std::pair<uint32_t, uint32_t>;
  std::set<Extent> seen;
  std::set<uint32_t> temporal, spatial;
  std::array<Extent, av1::test::slot_count> slots{};
  av1::test::ObuReader reader;
  for (const auto& unit : units) {
    const bool read = reader.read(unit, [&](const av1::test::CodedFrame& frame) {
      const auto add = [&](Tool tool, bool used) { tools |= used ? uint32_t{tool} : 0; };
      if (frame.show_existing_frame) return;
      const auto& picture = frame.picture;
      const Extent extent{picture.upscaled_width, picture.height};
      seen.insert(extent);
      temporal.insert(frame.temporal_id);
      spatial.insert(frame.spatial_id);
      const bool is_upscaled = picture.superres_denominator > 8;
      add(film_grain, picture.film_grain.apply_grain);
      add(superblocks_of_128, picture.use_128x128_superblock);
      add(superres, is_upscaled);
      add(superres_of_inter_frames, is_upscaled && !picture.intra());
      if (!picture.intra())
        for (const uint8_t slot : frame.ref_frame_idx)
          add(scaled_references, slots[slot] != Extent{picture.width(), picture.height});
      for (std::size_t i = 0; i < slots.size(); ++i)
        if ((frame.refresh_frame_flags >> i & 1) != 0) slots[i] = extent;
    });
    if (!read) return 0;
  }
  return tools | (seen.size() > 1 ? uint32_t{sizes} : 0) |
         (temporal.size() > 1 ? uint32_t{temporal_layers} : 0) |
         (spatial.size() > 1 ? uint32_t{spatial_layers} : 0);
}

// A stream and libaom's decoded frames. For spatial layers libavcodec also outputs only the
// highest.
struct Stream {
  explicit Stream(const Recipe& recipe)
      : units(libaom::encode(recipe)),
        tools(tools_of(units)),
        clip(clip_of(AV_CODEC_ID_AV1, recipe.size, units)),
        shown(libaom::decode(units)) {
    for (const auto& picture : shown) frames.push_back(picture.samples);
  }

  std::vector<Unit> units;
  uint32_t tools;
  bench::Clip clip;
  std::vector<Shown> shown;
  std::vector<std::vector<uint8_t>> frames;
};

class LibaomStreams : public LibraryStreams<Case, Stream> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(LibraryStreams::SetUp());
    ASSERT_EQ(stream().shown.size(), recipe().frames);
  }
};

TEST_P(LibaomStreams, Tickets) {
  plays_exactly("tickets");
}
TEST_P(LibaomStreams, Levels) {
  plays_exactly("levels");
}

// A client that keeps one context and shows each temporal unit's last frame, like WebRTC.
TEST_P(LibaomStreams, InOneContextShowWhatLibaomShows) {
  const VADisplay display = devices["levels"].display();
  Av1Client client(display, recipe().bit_depth, recipe().size.width, recipe().size.height);
  for (std::size_t i = 0; i < stream().units.size(); ++i) {
    SCOPED_TRACE("unit " + std::to_string(i));
    ASSERT_EQ(client.decode(stream().units[i]), VA_STATUS_SUCCESS);
    const auto& [size, samples] = stream().shown[i];
    ASSERT_FALSE(samples.empty());
    const auto actual =
        read_planar(display, client.shown(), recipe().bit_depth, size.width, size.height);
    EXPECT_TRUE(actual == samples);
  }
}

void real_time(aom_codec_enc_cfg_t& config) {
  config.rc_end_usage = AOM_CBR;
  config.g_error_resilient = 0;
  config.kf_max_dist = 9999;
}

// Superres for key frames and others: denominators in eighths.
void upscaling(aom_codec_enc_cfg_t& config) {
  config.rc_superres_mode = AOM_SUPERRES_FIXED;
  config.rc_superres_denominator = 13;
  config.rc_superres_kf_denominator = 9;
}
void upscaling_randomly(aom_codec_enc_cfg_t& config) {
  config.rc_superres_mode = AOM_SUPERRES_RANDOM;
  config.g_lag_in_frames = 8;
}
void upscaling_by_quantizer(aom_codec_enc_cfg_t& config) {
  config.rc_superres_mode = AOM_SUPERRES_QTHRESH;
  config.rc_superres_qthresh = config.rc_superres_kf_qthresh = 1;
  config.rc_end_usage = AOM_Q;
  config.rc_min_quantizer = 63;
}
constexpr unsigned resize_fixed = 1, resize_random = 2;  // RESIZE_MODE

void resizing(aom_codec_enc_cfg_t& config) {
  config.rc_resize_mode = resize_fixed;
  config.rc_resize_denominator = 15;
  config.rc_resize_kf_denominator = 10;
}
void resizing_randomly(aom_codec_enc_cfg_t& config) {
  config.rc_resize_mode = resize_random;
  config.g_lag_in_frames = 8;
}
void resizing_and_upscaling(aom_codec_enc_cfg_t& config) {
  resizing_randomly(config);
  config.rc_superres_mode = AOM_SUPERRES_RANDOM;
}

// From 1:1 to 1:2 in steps and back, without key frames.
void change_scale(aom_codec_ctx_t& encoder, uint32_t frame) {
  constexpr std::array<aom_scaling_mode_t, 5> modes = {{{AOME_NORMAL, AOME_NORMAL},
                                                        {AOME_FOURFIVE, AOME_THREEFIVE},
                                                        {AOME_ONETWO, AOME_ONETWO},
                                                        {AOME_NORMAL, AOME_ONETWO},
                                                        {AOME_NORMAL, AOME_NORMAL}}};
  auto mode = modes[frame / 3 % modes.size()];
  if (frame % 3 == 0) aom_codec_control(&encoder, AOME_SET_SCALEMODE, &mode);
}

const std::pair<int, int> fast = {AOME_SET_CPUUSED, 8};
const std::pair<int, int> good = {AOME_SET_CPUUSED, 6};

Recipe layered(const char* name, uint32_t spatial, uint32_t temporal) {
  return {.name = name,
          .size = {192, 128},
          .frames = 8,
          .usage = AOM_USAGE_REALTIME,
          .configure = real_time,
          .controls = {fast},
          .layers = {spatial, temporal}};
}

// A grain table of libaom's own, 1 to 16.
Recipe with_grain(const char* name, int table, uint32_t bit_depth) {
  return {.name = name,
          .size = {177, 99},
          .frames = 5,
          .controls = {good, {AV1E_SET_FILM_GRAIN_TEST_VECTOR, table}},
          .bit_depth = bit_depth};
}

Recipe of_good_quality(const char* name, Size size, void (*configure)(aom_codec_enc_cfg_t&),
                       uint32_t bit_depth = 8) {
  return {.name = name,
          .size = size,
          .frames = 8,
          .configure = configure,
          .controls = {good},
          .bit_depth = bit_depth};
}

const Case cases[] = {
    {of_good_quality("Superres", {177, 99}, upscaling), superres | superres_of_inter_frames},
    {of_good_quality("SuperresOf10Bits", {177, 99}, upscaling, 10),
     superres | superres_of_inter_frames},
    {of_good_quality("SuperresAtRandom", {176, 98}, upscaling_randomly),
     superres_of_inter_frames | scaled_references},
    {of_good_quality("SuperresByQuantizer", {176, 98}, upscaling_by_quantizer), superres},
    {of_good_quality("Resized", {177, 99}, resizing), sizes | scaled_references},
    {of_good_quality("ResizedOf10Bits", {177, 99}, resizing, 10), sizes | scaled_references},
    {of_good_quality("ResizedAtRandom", {176, 98}, resizing_randomly), sizes | scaled_references},
    {of_good_quality("ResizedAndSuperres", {176, 98}, resizing_and_upscaling),
     sizes | scaled_references | superres},
    {{.name = "ScalingModes",
      .size = {200, 120},
      .frames = 15,
      .usage = AOM_USAGE_REALTIME,
      .configure = real_time,
      .controls = {fast},
      .before_frame = change_scale},
     sizes | scaled_references},
    {with_grain("GrainTable", 5, 8), film_grain},
    {with_grain("GrainTableOf10Bits", 12, 10), film_grain},
    {{.name = "Superblocks128",
      .size = {300, 200},
      .frames = 8,
      .controls = {good, {AV1E_SET_SUPERBLOCK_SIZE, AOM_SUPERBLOCK_SIZE_128X128}}},
     superblocks_of_128},
    {layered("TwoTemporalLayers", 1, 2), temporal_layers},
    {layered("ThreeTemporalLayers", 1, 3), temporal_layers},
    {layered("TwoSpatialLayers", 2, 1), spatial_layers | sizes | scaled_references},
    {layered("ThreeSpatialLayers", 3, 1), spatial_layers | sizes | scaled_references},
    {layered("TwoAndTwoLayers", 2, 2),
     spatial_layers | temporal_layers | sizes | scaled_references},
};

INSTANTIATE_TEST_SUITE_P(Libaom, LibaomStreams, testing::ValuesIn(cases),
                         [](const auto& c) { return std::string(c.param.recipe.name); });

// Files that ffmpeg does not decode with VA-API: monochrome ones and, up to FFmpeg 7.1, those whose
// sequences differ in size or bit depth.
class LibaomFiles : public testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  void SetUp() override {
    const std::string path = vectors() + "/av1/" + std::get<0>(GetParam());
    if (!std::filesystem::exists(path))
      GTEST_SKIP() << "no AV1 streams: set DAEDALUS_VECTORS to a folder that has them";
    for (const auto& packet : bench::load_clip(path).packets) {
      const auto bytes =
          std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
      units.emplace_back(bytes.begin(), bytes.end());
    }
    shown = libaom::decode(units);
    ASSERT_EQ(shown.size(), units.size());
    ASSERT_FALSE(shown.empty());
  }

  static uint32_t depth_of(const Shown& picture) {
    std::size_t samples = 0;
    for_each_plane(picture.size, [&](uint32_t, std::size_t columns, std::size_t rows) {
      samples += columns * rows;
    });
    return picture.samples.size() > samples ? 10 : 8;
  }

  Size largest() const {
    Size all{};
    for (const auto& picture : shown)
      all = {std::max(all.width, picture.size.width), std::max(all.height, picture.size.height)};
    return all;
  }

  std::vector<Unit> units;
  std::vector<Shown> shown;
};

TEST_P(LibaomFiles, AreExactInOneContextForEachBitDepth) {
  setenv("DAEDALUS_DISPATCH", std::get<1>(GetParam()), 1);
  const Device device;
  ASSERT_NE(device.get(), nullptr);
  const Size size = largest();
  std::optional<Av1Client> client;
  uint32_t bit_depth = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    SCOPED_TRACE("unit " + std::to_string(i));
    ASSERT_FALSE(shown[i].samples.empty());
    const uint32_t depth = depth_of(shown[i]);
    if (depth != bit_depth) client.emplace(device.display(), depth, size.width, size.height);
    bit_depth = depth;
    ASSERT_EQ(client->decode(units[i]), VA_STATUS_SUCCESS);
    EXPECT_TRUE(read_planar(device.display(), client->shown(), depth, shown[i].size.width,
                            shown[i].size.height) == shown[i].samples);
  }
}

std::string name_of_file(const testing::TestParamInfo<LibaomFiles::ParamType>& file) {
  std::string name = std::filesystem::path(std::get<0>(file.param)).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name + "_" + std::get<1>(file.param);
}

INSTANTIATE_TEST_SUITE_P(
    Libaom, LibaomFiles,
    testing::Combine(
        testing::Values("made/mono.ivf", "made/mono-10bit.ivf",
                        "clips/zenav1-aom-colors-animated-8bpc-alpha-exif-xmp.alpha.obu",
                        "conformance/av1-1-b8-03-sizeup.ivf", "reported/seq-size-appended.mkv",
                        "reported/seq-size-up-and-down.ivf", "reported/seq-bit-depth-8-10-8.ivf"),
        testing::Values("tickets", "levels")),
    name_of_file);

}  // namespace
}  // namespace daedalus::test
