// SPDX-License-Identifier: MIT
#include "streams/libvpx.h"

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include <span>

namespace daedalus::test::libvpx {

namespace {

// An encoder or decoder and its context, which it destroys.
class Codec {
 public:
  Codec() = default;
  ~Codec() {
    if (context.iface) vpx_codec_destroy(&context);
  }
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  vpx_codec_ctx_t context{};
};

std::span<const std::byte> bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::byte*>(data), size};
}

void configure_layers(const Recipe& recipe, vpx_codec_enc_cfg_t& config) {
  config.ss_number_layers = recipe.spatial_layers;
  config.ts_number_layers = 1;
  config.ts_rate_decimator[0] = 1;
  config.ts_target_bitrate[0] = config.rc_target_bitrate;
  for (uint32_t layer = 0; layer < recipe.spatial_layers; ++layer)
    config.layer_target_bitrate[layer] = config.ss_target_bitrate[layer] =
        config.rc_target_bitrate / recipe.spatial_layers;
}

bool open_layers(const Recipe& recipe, vpx_codec_ctx_t& encoder) {
  vpx_svc_extra_cfg_t layers{};
  for (uint32_t layer = 0; layer < recipe.spatial_layers; ++layer) {
    layers.max_quantizers[layer] = 56;
    layers.min_quantizers[layer] = 2;
    layers.scaling_factor_num[layer] = 1;
    layers.scaling_factor_den[layer] = 1 << (recipe.spatial_layers - 1 - layer);
  }
  return vpx_codec_control(&encoder, VP9E_SET_SVC, 1) == VPX_CODEC_OK &&
         vpx_codec_control(&encoder, VP9E_SET_SVC_PARAMETERS, &layers) == VPX_CODEC_OK;
}

class Encoder {
 public:
  Encoder(const Recipe& recipe, vpx_enc_pass pass, std::span<const std::byte> statistics)
      : recipe_(recipe) {
    vpx_codec_iface_t* interface = vpx_codec_vp9_cx();
    if (vpx_codec_enc_config_default(interface, &config_, 0) != VPX_CODEC_OK) return;
    const bool high = recipe.bit_depth > 8;
    config_.g_w = recipe.size.width;
    config_.g_h = recipe.size.height;
    config_.g_timebase = {1, 25};
    config_.rc_target_bitrate = 200;
    config_.g_lag_in_frames = 0;
    config_.g_profile = high ? 2 : 0;
    config_.g_input_bit_depth = recipe.bit_depth;
    if (high) config_.g_bit_depth = VPX_BITS_10;
    config_.g_pass = pass;
    config_.rc_twopass_stats_in = {const_cast<std::byte*>(statistics.data()), statistics.size()};
    if (recipe.spatial_layers > 1) configure_layers(recipe, config_);
    if (recipe.configure) recipe.configure(config_);
    const vpx_codec_flags_t flags = high ? VPX_CODEC_USE_HIGHBITDEPTH : 0;
    is_open_ = vpx_codec_enc_init(&codec_.context, interface, &config_, flags) == VPX_CODEC_OK;
    if (is_open_ && recipe.spatial_layers > 1) is_open_ = open_layers(recipe, codec_.context);
    for (const auto& [control, value] : recipe.controls)
      is_open_ = is_open_ && vpx_codec_control_(&codec_.context, control, value) == VPX_CODEC_OK;
  }

  // Calls `take` for each packet of all frames. Returns false if libvpx fails.
  template <typename Take>
  bool run(Take&& take) {
    for (uint32_t i = 0; is_open_ && i < recipe_.frames; ++i) {
      if (recipe_.before_frame) recipe_.before_frame(codec_.context, config_, i);
      is_open_ = encode_picture(i, take);
    }
    // Flushing returns the frames that look-ahead has held back.
    bool more = is_open_;
    while (more) {
      more = false;
      is_open_ = encode(nullptr, recipe_.frames, [&](const vpx_codec_cx_pkt_t& packet) {
        more = packet.kind == VPX_CODEC_CX_FRAME_PKT;
        take(packet);
      });
    }
    return is_open_;
  }

 private:
  // Encodes a frame of the configuration's size.
  template <typename Take>
  bool encode_picture(uint32_t index, Take&& take) {
    const bool high = recipe_.bit_depth > 8;
    auto picture = scene_.draw({config_.g_w, config_.g_h}, recipe_.bit_depth, index);
    vpx_image_t image;
    if (!vpx_img_wrap(&image, high ? VPX_IMG_FMT_I42016 : VPX_IMG_FMT_I420, config_.g_w,
                      config_.g_h, 1, picture.samples.data()))
      return false;
    if (high) image.bit_depth = recipe_.bit_depth;
    set_planes(image, picture, high ? 2 : 1);
    return encode(&image, index, take);
  }

  template <typename Take>
  bool encode(const vpx_image_t* image, uint32_t index, Take&& take) {
    const auto deadline = config_.rc_end_usage == VPX_CBR ? VPX_DL_REALTIME : VPX_DL_GOOD_QUALITY;
    if (vpx_codec_encode(&codec_.context, image, index, 1, 0, deadline) != VPX_CODEC_OK)
      return false;
    vpx_codec_iter_t position = nullptr;
    while (const auto* packet = vpx_codec_get_cx_data(&codec_.context, &position)) take(*packet);
    return true;
  }

  const Recipe& recipe_;
  SceneOfSizes scene_;
  vpx_codec_enc_cfg_t config_{};
  Codec codec_;
  bool is_open_ = false;
};

}  // namespace

std::vector<Unit> encode(const Recipe& recipe) {
  std::vector<std::byte> statistics;
  if (recipe.two_pass) {
    Encoder first(recipe, VPX_RC_FIRST_PASS, {});
    const bool done = first.run([&](const vpx_codec_cx_pkt_t& packet) {
      if (packet.kind != VPX_CODEC_STATS_PKT) return;
      const auto bytes = bytes_of(packet.data.twopass_stats.buf, packet.data.twopass_stats.sz);
      statistics.insert(statistics.end(), bytes.begin(), bytes.end());
    });
    if (!done) return {};
  }
  std::vector<Unit> units;
  Encoder encoder(recipe, recipe.two_pass ? VPX_RC_LAST_PASS : VPX_RC_ONE_PASS, statistics);
  const bool done = encoder.run([&](const vpx_codec_cx_pkt_t& packet) {
    if (packet.kind != VPX_CODEC_CX_FRAME_PKT) return;
    const auto bytes = bytes_of(packet.data.frame.buf, packet.data.frame.sz);
    units.emplace_back(bytes.begin(), bytes.end());
  });
  return done ? units : std::vector<Unit>();
}

std::vector<Shown> decode(const std::vector<Unit>& units) {
  Codec decoder;
  if (vpx_codec_dec_init(&decoder.context, vpx_codec_vp9_dx(), nullptr, 0) != VPX_CODEC_OK)
    return {};
  std::vector<Shown> all;
  for (const auto& unit : units) {
    const auto* data = reinterpret_cast<const uint8_t*>(unit.data());
    if (vpx_codec_decode(&decoder.context, data, static_cast<unsigned>(unit.size()), nullptr, 0) !=
        VPX_CODEC_OK)
      return {};
    vpx_codec_iter_t position = nullptr;
    const auto* image = vpx_codec_get_frame(&decoder.context, &position);
    all.push_back(image ? copy_of(*image, image->fmt & VPX_IMG_FMT_HIGHBITDEPTH ? 2 : 1) : Shown());
  }
  return all;
}

}  // namespace daedalus::test::libvpx
