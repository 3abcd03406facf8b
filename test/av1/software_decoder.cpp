// SPDX-License-Identifier: MIT
#include "av1/software_decoder.h"

#include <utility>

#include "av1/film_grain.h"
#include "av1/job_memory.h"
#include "reference/av1/film_grain.h"
#include "reference/av1/filters.h"
#include "reference/av1/inter_prediction.h"
#include "reference/av1/reconstruction.h"

namespace daedalus::av1::test {

Picture::Picture(uint32_t picture_width, uint32_t picture_height, uint32_t depth, bool mono)
    : width(picture_width), height(picture_height), bit_depth(depth), monochrome(mono) {
  pitch_ = (width + 127) / 64 * 64 * (depth == 8 ? 1 : 2);
  lines_ = (height + 127) / 64 * 64;
  samples_.resize(std::size_t{pitch_} * lines_ * 3 / 2);
}

scalar::PictureView Picture::view() {
  return {samples_.data(), pitch_, pitch_ * lines_, bit_depth};
}

std::vector<uint8_t> Picture::planes() {
  std::vector<uint8_t> bytes;
  const auto add = [&](scalar::Component component, uint32_t columns, uint32_t rows) {
    const auto plane = view().plane(component);
    for (uint32_t y = 0; y < rows; ++y)
      for (uint32_t x = 0; x < columns; ++x) {
        const int sample = plane(static_cast<int>(x), static_cast<int>(y));
        bytes.push_back(static_cast<uint8_t>(sample));
        if (bit_depth > 8) bytes.push_back(static_cast<uint8_t>(sample >> 8));
      }
  };
  add(scalar::Component::y, width, height);
  if (monochrome) return bytes;
  add(scalar::Component::cb, (width + 1) / 2, (height + 1) / 2);
  add(scalar::Component::cr, (width + 1) / 2, (height + 1) / 2);
  return bytes;
}

bool SoftwareDecoder::decode(std::span<const std::byte> temporal_unit) {
  const bool read = reader_.read(temporal_unit, [&](const CodedFrame& frame) {
    ++report_.frames;
    if (frame.show_existing_frame)
      show_existing(frame);
    else
      decode_frame(frame);
  });
  if (highest_layer_) show_(*std::exchange(highest_layer_, nullptr));
  if (!read) ++report_.broken_units;
  return read;
}

void SoftwareDecoder::show_existing(const CodedFrame& frame) {
  const auto picture = slots_[frame.frame_to_show_map_idx];
  if (!picture) return;
  show(picture, frame);
  if (picture->saved && picture->saved->frame_type == FrameType::key) slots_.fill(picture);
}

void SoftwareDecoder::show(const std::shared_ptr<Picture>& picture, const CodedFrame& frame) {
  auto shown = picture;
  if (reconstructs_ && frame.picture.film_grain.apply_grain) {
    const auto grain = std::make_unique<FilmGrain>();
    make_film_grain(frame.picture, *grain);
    shown = std::make_shared<Picture>(picture->width, picture->height, picture->bit_depth,
                                      picture->monochrome);
    scalar::add_film_grain(*grain, picture->monochrome, picture->width, picture->height,
                           picture->view(), shown->view());
  }
  if (frame.has_spatial_layers)
    highest_layer_ = shown;
  else
    show_(*shown);
}

void SoftwareDecoder::decode_frame(const CodedFrame& frame) {
  const PictureParameters& parameters = frame.picture;
  if (!PictureParser::check(parameters)) {
    ++report_.refused;
    return;
  }
  std::array<std::shared_ptr<Picture>, reference_count> references;
  SavedReferences saved;
  if (!parameters.intra()) {
    for (std::size_t i = 0; i < references.size(); ++i) {
      references[i] = slots_[frame.ref_frame_idx[i]];
      if (references[i]) saved[i] = references[i]->saved;
    }
  }
  JobMemory memory(PictureParser::room(parameters), parameters.width(), parameters.height,
                   parameters.upscaled_width);
  if (!parser_.begin(parameters, saved, memory.job)) {
    ++report_.refused;
    return;
  }
  for (std::size_t i = 0; i < parser_.tile_count(); ++i) parser_.parse_tile(i);
  if (!parser_.finish().empty()) ++report_.damaged;
  auto decoded = std::make_shared<Picture>(parameters.upscaled_width, parameters.height,
                                           parameters.bit_depth, parameters.monochrome);
  decoded->saved = parser_.state();
  if (reconstructs_) {
    std::array<std::shared_ptr<Picture>, reference_count> used;
    for (std::size_t i = 0; i < used.size(); ++i)
      if (parser_.substitutes()[i] != no_reference) used[i] = references[parser_.substitutes()[i]];
    reconstruct(*decoded, memory.job, used);
  }
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    if ((frame.refresh_frame_flags >> slot & 1) != 0) slots_[slot] = decoded;
  if (parameters.show_frame) show(decoded, frame);
}

void SoftwareDecoder::reconstruct(
    Picture& picture, const PictureJob& job,
    const std::array<std::shared_ptr<Picture>, reference_count>& references) {
  std::array<scalar::PictureView, reference_count> views{};
  for (std::size_t i = 0; i < views.size(); ++i)
    if (references[i]) views[i] = references[i]->view();
  Picture recon(job.width, job.height, job.bit_depth, job.monochrome);
  scalar::predict_inter(job, recon.view(), views);
  scalar::add_inter_residuals(job, recon.view());
  scalar::reconstruct_intra(job, recon.view());
  scalar::filter_picture(job, recon.view(), picture.view());
}

}  // namespace daedalus::av1::test
