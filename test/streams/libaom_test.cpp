// SPDX-License-Identifier: MIT
// AV1 streams encoded here with libaom's API, each checked for the tools that it is meant to use.
// libaom's decoder is the reference, because dav1d 1.0 decodes frames that are upscaled to an odd
// width differently.
#include <aom/aomcx.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "av1/obu_reader.h"
#include "streams/libaom.h"
#include "streams/library_streams.h"
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
    {layered("TwoTemporalLayers", 1, 2), temporal_layers},
    {layered("ThreeTemporalLayers", 1, 3), temporal_layers},
    {layered("TwoSpatialLayers", 2, 1), spatial_layers | sizes | scaled_references},
    {layered("ThreeSpatialLayers", 3, 1), spatial_layers | sizes | scaled_references},
    {layered("TwoAndTwoLayers", 2, 2),
     spatial_layers | temporal_layers | sizes | scaled_references},
};

INSTANTIATE_TEST_SUITE_P(Libaom, LibaomStreams, testing::ValuesIn(cases),
                         [](const auto& c) { return std::string(c.param.recipe.name); });

}  // namespace
}  // namespace daedalus::test
