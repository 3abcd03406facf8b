// SPDX-License-Identifier: MIT
#include "streams/libaom.h"

#include <aom/aom_decoder.h>
#include <aom/aomcx.h>
#include <aom/aomdx.h>

#include <cstddef>

namespace daedalus::test::libaom {

namespace {

// An encoder or decoder and its context, which it destroys.
class Codec {
 public:
  Codec() = default;
  ~Codec() {
    if (context.iface) aom_codec_destroy(&context);
  }
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  aom_codec_ctx_t context{};
};

bool open_layers(const Recipe& recipe, aom_codec_ctx_t& encoder, uint32_t bitrate) {
  const auto& [spatial, temporal] = recipe.layers;
  aom_svc_params_t parameters{};
  parameters.number_spatial_layers = static_cast<int>(spatial);
  parameters.number_temporal_layers = static_cast<int>(temporal);
  for (uint32_t i = 0; i < spatial * temporal; ++i) {
    parameters.max_quantizers[i] = 56;
    parameters.min_quantizers[i] = 2;
    parameters.layer_target_bitrate[i] = static_cast<int>(bitrate / spatial);
  }
  for (uint32_t i = 0; i < spatial; ++i) {
    parameters.scaling_factor_num[i] = 1;
    parameters.scaling_factor_den[i] = 1 << (spatial - 1 - i);
  }
  for (uint32_t i = 0; i < temporal; ++i) parameters.framerate_factor[i] = 1 << (temporal - 1 - i);
  return aom_codec_control(&encoder, AV1E_SET_SVC_PARAMS, &parameters) == AOM_CODEC_OK;
}

// Every second frame belongs to the highest layer, every second one of the rest to the next lower
// one, and so on.
int temporal_layer(uint32_t frame, uint32_t layers) {
  uint32_t layer = layers - 1;
  for (; layer > 0 && frame % 2 == 0; frame /= 2) --layer;
  return static_cast<int>(layer);
}

class Encoder {
 public:
  explicit Encoder(const Recipe& recipe) : recipe_(recipe) {
    aom_codec_iface_t* interface = aom_codec_av1_cx();
    if (aom_codec_enc_config_default(interface, &config_, recipe.usage) != AOM_CODEC_OK) return;
    const bool high = recipe.bit_depth > 8;
    config_.g_w = recipe.size.width;
    config_.g_h = recipe.size.height;
    config_.g_timebase = {1, 25};
    config_.g_threads = 1;
    config_.rc_target_bitrate = 200;
    config_.g_lag_in_frames = 0;
    config_.g_input_bit_depth = recipe.bit_depth;
    if (high) config_.g_bit_depth = AOM_BITS_10;
    if (recipe.configure) recipe.configure(config_);
    const aom_codec_flags_t flags = high ? AOM_CODEC_USE_HIGHBITDEPTH : 0;
    is_open_ = aom_codec_enc_init(&codec_.context, interface, &config_, flags) == AOM_CODEC_OK;
    for (const auto& [control, value] : recipe.controls)
      is_open_ = is_open_ && aom_codec_control(&codec_.context, control, value) == AOM_CODEC_OK;
    if (is_open_ && has_layers())
      is_open_ = open_layers(recipe, codec_.context, config_.rc_target_bitrate);
  }

  // Encodes all frames. Returns their temporal units; empty if libaom fails.
  std::vector<Unit> run() {
    std::vector<Unit> units;
    for (uint32_t i = 0; is_open_ && i < recipe_.frames; ++i) {
      if (recipe_.before_frame) recipe_.before_frame(codec_.context, i);
      is_open_ = encode_picture(i, units);
    }
    // Flushing returns the frames that look-ahead has held back.
    for (bool more = is_open_; more;) {
      const std::size_t before = units.size();
      Unit last;
      is_open_ = encode(nullptr, recipe_.frames, last);
      if (!last.empty()) units.push_back(std::move(last));
      more = units.size() > before;
    }
    return is_open_ ? units : std::vector<Unit>();
  }

 private:
  bool has_layers() const { return recipe_.layers.spatial * recipe_.layers.temporal > 1; }

  bool encode_picture(uint32_t index, std::vector<Unit>& units) {
    const bool high = recipe_.bit_depth > 8;
    auto picture = scene_.draw(recipe_.size, recipe_.bit_depth, index);
    aom_image_t image;
    if (!aom_img_wrap(&image, high ? AOM_IMG_FMT_I42016 : AOM_IMG_FMT_I420, recipe_.size.width,
                      recipe_.size.height, 1, picture.samples.data()))
      return false;
    set_planes(image, picture, high ? 2 : 1);
    Unit unit;
    for (uint32_t layer = 0; layer < recipe_.layers.spatial; ++layer) {
      if (has_layers()) {
        aom_svc_layer_id_t id{static_cast<int>(layer),
                              temporal_layer(index, recipe_.layers.temporal)};
        if (aom_codec_control(&codec_.context, AV1E_SET_SVC_LAYER_ID, &id) != AOM_CODEC_OK)
          return false;
      }
      if (!encode(&image, index, unit)) return false;
    }
    if (!unit.empty()) units.push_back(std::move(unit));
    return true;
  }

  // Appends packets to `unit`.
  bool encode(const aom_image_t* image, uint32_t index, Unit& unit) {
    if (aom_codec_encode(&codec_.context, image, index, 1, 0) != AOM_CODEC_OK) return false;
    aom_codec_iter_t position = nullptr;
    while (const auto* packet = aom_codec_get_cx_data(&codec_.context, &position)) {
      if (packet->kind != AOM_CODEC_CX_FRAME_PKT) continue;
      const auto* bytes = static_cast<const std::byte*>(packet->data.frame.buf);
      unit.insert(unit.end(), bytes, bytes + packet->data.frame.sz);
    }
    return true;
  }

  const Recipe& recipe_;
  SceneOfSizes scene_;
  aom_codec_enc_cfg_t config_{};
  Codec codec_;
  bool is_open_ = false;
};

}  // namespace

std::vector<Unit> encode(const Recipe& recipe) {
  return Encoder(recipe).run();
}

namespace {

// Of monochrome frames, libaom leaves the chroma planes to the caller; the driver fills them.
void fill_chroma(const aom_image_t& image, std::size_t bytes_per_sample, Shown& shown) {
  const uint32_t grey = 1u << (image.bit_depth - 1);
  for (std::size_t i = bytes_per_sample * image.d_w * image.d_h; i < shown.samples.size(); ++i)
    shown.samples[i] = static_cast<uint8_t>(grey >> i % bytes_per_sample * 8);
}

}  // namespace

std::vector<Shown> decode(const std::vector<Unit>& units) {
  Codec decoder;
  if (aom_codec_dec_init(&decoder.context, aom_codec_av1_dx(), nullptr, 0) != AOM_CODEC_OK)
    return {};
  std::vector<Shown> all;
  for (const auto& unit : units) {
    const auto* data = reinterpret_cast<const uint8_t*>(unit.data());
    if (aom_codec_decode(&decoder.context, data, unit.size(), nullptr) != AOM_CODEC_OK) return {};
    aom_codec_iter_t position = nullptr;
    const auto* image = aom_codec_get_frame(&decoder.context, &position);
    if (!image) {
      all.emplace_back();
      continue;
    }
    const uint32_t bytes_per_sample = image->fmt & AOM_IMG_FMT_HIGHBITDEPTH ? 2 : 1;
    all.push_back(copy_of(*image, bytes_per_sample));
    if (image->monochrome) fill_chroma(*image, bytes_per_sample, all.back());
  }
  return all;
}

}  // namespace daedalus::test::libaom
