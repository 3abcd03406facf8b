// SPDX-License-Identifier: MIT
#include "vp9/software_decoder.h"

#include <cstdio>

#include "reference/vp9/reconstruction.h"
#include "vp9/job_check.h"

namespace daedalus::vp9::test {

Picture::Picture(uint32_t picture_width, uint32_t picture_height, uint32_t depth)
    : width(picture_width), height(picture_height), bit_depth(depth) {
  pitch_ = (width + 63) / 64 * 64 * (depth == 8 ? 1 : 2);
  lines_ = (height + 63) / 64 * 64;
  samples_.resize(std::size_t{pitch_} * lines_ * 3 / 2);
}

scalar::PictureView Picture::view() {
  return {samples_.data(), pitch_, pitch_ * lines_, bit_depth};
}

std::vector<uint8_t> Picture::i420() {
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
  add(scalar::Component::cb, (width + 1) / 2, (height + 1) / 2);
  add(scalar::Component::cr, (width + 1) / 2, (height + 1) / 2);
  return bytes;
}

std::shared_ptr<Picture> SoftwareDecoder::decode(std::span<const std::byte> frame) {
  ++report_.frames;
  // frame_marker, a profile of 0 or 2, show_existing_frame
  if (!frame.empty() && (static_cast<uint32_t>(frame[0]) & 0xe8) == 0x88)
    return show_existing(frame);
  PictureParameters picture{.frame = frame, .references = {}};
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    if (const auto& reference = slots_[slot])
      picture.references[slot] = {true, reference->width, reference->height,
                                  static_cast<uint8_t>(reference->bit_depth)};
  const auto header = PictureParser::read_header(picture, state_.get());
  if (!header || !PictureParser::may_begin(*header, state_.get())) {
    ++report_.refused;
    return nullptr;
  }
  JobMemory memory(PictureParser::room(*header, picture), header->width, header->height);
  if (!parser_.begin(picture, *header, state_, memory.job)) {
    ++report_.refused;
    return nullptr;
  }
  for (std::size_t i = 0; i < parser_.tile_column_count(); ++i) parser_.parse_tile_column(i);
  if (!parser_.finish().empty()) ++report_.damaged;
  state_ = parser_.state();
  if (const char* fault = first_fault(memory.job)) {
    fprintf(stderr, "broken job: %s\n", fault);
    ++report_.broken_jobs;
    return nullptr;
  }
  if (observer_) observer_(*header, memory.job);
  auto decoded =
      std::make_shared<Picture>(header->width, header->height, header->persistent.bit_depth);
  if (reconstructs_) reconstruct(*decoded, memory.job);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    if (header->refresh_frame_flags >> slot & 1) slots_[slot] = decoded;
  return header->show_frame ? decoded : nullptr;
}

std::shared_ptr<Picture> SoftwareDecoder::show_existing(std::span<const std::byte> frame) {
  return slots_[static_cast<uint32_t>(frame[0]) & 7];
}

void SoftwareDecoder::reconstruct(Picture& picture, const PictureJob& job) {
  std::array<scalar::PictureView, reference_count> references{};
  const auto slots = parser_.reference_slots();
  for (std::size_t i = 0; i < reference_count; ++i)
    if (job.references[i].width != 0) references[i] = slots_[slots[i]]->view();
  scalar::reconstruct(job, picture.view(), references);
}

}  // namespace daedalus::vp9::test
