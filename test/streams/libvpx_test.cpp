// SPDX-License-Identifier: MIT
// VP9 streams encoded here with libvpx's API, each checked for the tools that it is meant to use.
// libvpx and libavcodec provide the expected frames.
#include <gtest/gtest.h>
#include <vpx/vp8cx.h>

#include <algorithm>
#include <set>
#include <string>

#include "streams/library_streams.h"
#include "streams/libvpx.h"
#include "va/semiplanar.h"
#include "va/vp9/stream.h"
#include "vp9/software_decoder.h"

namespace daedalus::test {
namespace {

using libvpx::Recipe;

enum Tool : uint32_t {
  hidden_frames = 1 << 0,
  compound = 1 << 1,
  blocks_below_8x8 = 1 << 2,
  scaled_references = 1 << 3,
  sizes = 1 << 4,  // several frame sizes
  tile_columns = 1 << 5,
  tile_rows = 1 << 6,
  lossless = 1 << 7,
  error_resilience = 1 << 8,
  intra_only_frames = 1 << 9,
};

struct Case {
  Recipe recipe;
  uint32_t tools;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.recipe.name;
}

bool has_compound(const vp9::PictureJob& job) {
  const auto is_compound = [](const vp9::BlockRecord& block) {
    return (block.head & vp9::block_head::is_inter) != 0 &&
           (block.head >> vp9::block_head::reference_1_shift & 3) != vp9::no_reference;
  };
  uint32_t count = 0;
  for (const auto& c : job.block_classes) count += c.unscaled + c.scaled + c.intra;
  const auto blocks = job.blocks.first(count);
  return std::any_of(blocks.begin(), blocks.end(), is_compound);
}

// The tools that a stream's frames use, according to our parser; 0 if it cannot parse all of them.
uint32_t tools_of(const std::vector<Unit>& units) {
  uint32_t tools = 0;
  std::set<std::pair<uint32_t, uint32_t>> seen;
  vp9::test::SoftwareDecoder decoder(
      false, [&](const vp9::UncompressedHeader& header, const vp9::PictureJob& job) {
        const auto add = [&](Tool tool, bool used) { tools |= used ? uint32_t{tool} : 0; };
        seen.insert({header.width, header.height});
        add(hidden_frames, !header.show_frame);
        add(compound, has_compound(job));
        add(blocks_below_8x8, job.unscaled_small_blocks + job.scaled_small_blocks > 0);
        add(scaled_references, job.scaled_small_blocks > 0);
        for (const auto& c : job.block_classes) add(scaled_references, c.scaled > 0);
        add(tile_columns, header.tile_cols_log2 > 0);
        add(tile_rows, header.tile_rows_log2 > 0);
        add(lossless, job.lossless);
        add(error_resilience, header.error_resilient_mode);
        add(intra_only_frames, header.intra_only);
      });
  for (const auto& unit : units)
    for (const auto frame : vp9::test::split_superframe(unit)) decoder.decode(frame);
  const auto& report = decoder.report();
  if (report.refused + report.damaged + report.broken_jobs > 0) return 0;
  return tools | (seen.size() > 1 ? uint32_t{sizes} : 0);
}

// A stream and the frames that software decodes.
struct Stream {
  explicit Stream(const Recipe& recipe) : units(libvpx::encode(recipe)), tools(tools_of(units)) {
    clip = clip_of(AV_CODEC_ID_VP9, recipe.size, units);
    shown = libvpx::decode(units);
    Player(clip, nullptr).play(clip, 0, units.size(), [&](const AVFrame& frame) {
      frames.push_back(i420(frame));
    });
  }

  std::vector<Unit> units;
  uint32_t tools;
  bench::Clip clip;
  std::vector<Shown> shown;                  // by libvpx
  std::vector<std::vector<uint8_t>> frames;  // libavcodec's; it outputs every layer
};

class LibvpxStreams : public LibraryStreams<Case, Stream> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(LibraryStreams::SetUp());
    ASSERT_GE(stream().frames.size(), recipe().frames);
  }
};

TEST_P(LibvpxStreams, Tickets) {
  plays_exactly("tickets");
}
TEST_P(LibvpxStreams, Levels) {
  plays_exactly("levels");
}

// A client that keeps one context and shows each superframe's last frame, like WebRTC.
TEST_P(LibvpxStreams, InOneContextShowWhatLibvpxShows) {
  const VADisplay display = devices["levels"].display();
  const bool high = recipe().bit_depth > 8;
  Vp9Client client(display, high ? VAProfileVP9Profile2 : VAProfileVP9Profile0, recipe().size.width,
                   recipe().size.height);
  for (std::size_t i = 0; i < stream().units.size(); ++i) {
    SCOPED_TRACE("unit " + std::to_string(i));
    for (const auto frame : vp9::test::split_superframe(stream().units[i]))
      ASSERT_EQ(client.decode_or_show(frame), VA_STATUS_SUCCESS);
    const auto& [size, samples] = stream().shown[i];
    if (samples.empty()) continue;
    const auto actual =
        read_planar(display, client.shown(), recipe().bit_depth, size.width, size.height);
    EXPECT_TRUE(actual == samples);
  }
}

// Real time, with as few of libvpx's own decisions as possible.
void real_time(vpx_codec_enc_cfg_t& config) {
  config.rc_end_usage = VPX_CBR;
  config.g_lag_in_frames = 0;
  config.g_error_resilient = 0;
  config.kf_mode = VPX_KF_AUTO;
  config.kf_max_dist = 9999;
}

void looking_ahead(vpx_codec_enc_cfg_t& config) {
  config.g_lag_in_frames = 10;
}

void change_size(vpx_codec_ctx_t& encoder, vpx_codec_enc_cfg_t& config, Size size) {
  config.g_w = size.width;
  config.g_h = size.height;
  vpx_codec_enc_config_set(&encoder, &config);
}

// 2:1 in both directions, in one direction, odd sizes, and back, without key frames.
void change_sizes(vpx_codec_ctx_t& encoder, vpx_codec_enc_cfg_t& config, uint32_t frame) {
  if (frame == 3) change_size(encoder, config, {67, 49});
  if (frame == 6) change_size(encoder, config, {133, 49});
  if (frame == 9) change_size(encoder, config, {71, 83});
  if (frame == 12) change_size(encoder, config, {133, 97});
}

// When changing from one scale to another, libvpx 1.12 produces streams that it cannot decode.
void change_scale(vpx_codec_ctx_t& encoder, vpx_codec_enc_cfg_t&, uint32_t frame) {
  vpx_scaling_mode mode{VP8E_NORMAL, VP8E_NORMAL};
  if (frame == 3) mode = {VP8E_FOURFIVE, VP8E_THREEFIVE};
  if (frame == 9) mode = {VP8E_ONETWO, VP8E_ONETWO};
  if (frame % 3 == 0) vpx_codec_control(&encoder, VP8E_SET_SCALEMODE, &mode);
}

// libvpx checks its buffer's level after the first second; it never goes below 320x180.
void resizing_dynamically(vpx_codec_enc_cfg_t& config) {
  real_time(config);
  config.g_timebase = {1, 5};
  config.rc_resize_allowed = 1;
  config.rc_target_bitrate = 20;
  config.rc_max_quantizer = 30;
}

// VP9E_SET_SVC_INTER_LAYER_PRED's values, which libvpx's headers do not name.
constexpr int between_layers = 0, between_layers_of_key_frames = 2;

const std::pair<int, int> fast = {VP8E_SET_CPUUSED, 7};
const std::pair<int, int> good = {VP8E_SET_CPUUSED, 2};
const std::pair<int, int> with_alt_ref = {VP8E_SET_ENABLEAUTOALTREF, 1};

Recipe layered(const char* name, uint32_t layers, int prediction) {
  return {.name = name,
          .size = {192, 128},
          .frames = 8,
          .configure = real_time,
          .controls = {fast, {VP9E_SET_SVC_INTER_LAYER_PRED, prediction}},
          .spatial_layers = layers};
}

const Case cases[] = {
    {{.name = "TwoPasses",
      .size = {113, 75},
      .frames = 20,
      .configure = looking_ahead,
      .controls = {good, with_alt_ref, {VP8E_SET_ARNR_MAXFRAMES, 7}},
      .two_pass = true},
     hidden_frames | compound | blocks_below_8x8},
    {{.name = "TwoPassesOf10Bits",
      .size = {113, 75},
      .frames = 20,
      .configure = looking_ahead,
      .controls = {good, with_alt_ref},
      .bit_depth = 10,
      .two_pass = true},
     hidden_frames | compound | blocks_below_8x8},
    // With several tile columns libvpx produces no rows.
    {{.name = "TileColumns",
      .size = {518, 70},
      .frames = 4,
      .controls = {fast, {VP9E_SET_TILE_COLUMNS, 1}}},
     tile_columns},
    {{.name = "TileRows",
      .size = {70, 134},
      .frames = 4,
      .controls = {fast, {VP9E_SET_TILE_COLUMNS, 0}, {VP9E_SET_TILE_ROWS, 1}}},
     tile_rows},
    {{.name = "Lossless",
      .size = {61, 35},
      .frames = 4,
      .controls = {good, {VP9E_SET_LOSSLESS, 1}}},
     lossless},
    {{.name = "LosslessOf10Bits",
      .size = {61, 35},
      .frames = 4,
      .controls = {good, {VP9E_SET_LOSSLESS, 1}},
      .bit_depth = 10},
     lossless},
    {{.name = "ErrorResilience",
      .size = {97, 65},
      .frames = 8,
      .configure = [](vpx_codec_enc_cfg_t& config) { config.g_error_resilient = 1; },
      .controls = {good}},
     error_resilience},
    {{.name = "OneColumn", .size = {1, 67}, .frames = 6, .controls = {good}}, 0},
    {{.name = "OneRow", .size = {67, 1}, .frames = 6, .controls = {good}}, 0},
    {{.name = "SizesOfTheConfiguration",
      .size = {133, 97},
      .frames = 15,
      .configure = real_time,
      .controls = {fast},
      .before_frame = change_sizes},
     sizes | scaled_references},
    {{.name = "SizesOfTheConfigurationOf10Bits",
      .size = {133, 97},
      .frames = 15,
      .configure = real_time,
      .controls = {fast},
      .before_frame = change_sizes,
      .bit_depth = 10},
     sizes | scaled_references},
    {{.name = "ScalingModes",
      .size = {200, 120},
      .frames = 12,
      .configure = real_time,
      .controls = {fast},
      .before_frame = change_scale},
     sizes | scaled_references},
    {{.name = "DynamicResizing",
      .size = {432, 240},
      .frames = 18,
      .configure = resizing_dynamically,
      .controls = {fast}},
     sizes | scaled_references},
    {layered("TwoLayers", 2, between_layers), sizes | scaled_references},
    {layered("ThreeLayers", 3, between_layers), sizes | scaled_references},
    {layered("ThreeLayersOfKeyFrames", 3, between_layers_of_key_frames), sizes | scaled_references},
};

INSTANTIATE_TEST_SUITE_P(Libvpx, LibvpxStreams, testing::ValuesIn(cases),
                         [](const auto& c) { return std::string(c.param.recipe.name); });

}  // namespace
}  // namespace daedalus::test
