// SPDX-License-Identifier: MIT
// Runs the slice parser, CAVLC or CABAC according to ENTROPY_CODING_MODE, on the input's pictures
// in order, each with the motion of those before it.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "fuzz/recorded_picture.h"
#include "h264/job_memory.h"
#include "h264/picture_parser.h"
#include "va/h264/buffers.h"

namespace daedalus::fuzz {
namespace {

using namespace h264;

constexpr uint32_t max_mb_count = 22 * 18;
constexpr std::size_t max_data = std::size_t{1} << 16;

class Decoder {
 public:
  void decode(const RecordedPicture& recorded);

 private:
  static std::vector<SliceParameters> slices_of(const RecordedPicture& recorded,
                                                const PictureParameters& picture);

  PictureParser parser_;
  uint32_t last_serial_ = 0;
  std::array<std::shared_ptr<MotionField>, 32> fields_;  // indexed by the surface's number
};

std::vector<SliceParameters> Decoder::slices_of(const RecordedPicture& recorded,
                                                const PictureParameters& picture) {
  std::vector<SliceParameters> slices;
  for (const auto& slice : recorded.slices) {
    auto parameters = va::slice_parameters(slice.parameters, recorded.parameters,
                                           std::as_bytes(std::span(slice.data)));
    if (PictureParser::check(picture, parameters)) slices.push_back(std::move(parameters));
  }
  return slices;
}

void Decoder::decode(const RecordedPicture& recorded) {
  auto picture = va::picture_parameters(recorded.parameters);
  picture.entropy_coding_mode_flag = ENTROPY_CODING_MODE;
  if (recorded.mb_count() > max_mb_count || !PictureParser::check(picture)) return;
  if (recorded.matrices) va::set_scaling_lists(*recorded.matrices, picture);
  const auto slices = slices_of(recorded, picture);

  PictureParser::Motion motion{};
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    if (!picture.references[slot].present) continue;
    motion[slot] = fields_[recorded.parameters.ReferenceFrames[slot].picture_id % 32].get();
  }
  auto& surface = fields_[recorded.parameters.CurrPic.picture_id % 32];
  auto current = std::make_shared<MotionField>();
  current->begin(picture.pic_width_in_mbs, picture.height_in_mbs());
  current->serial = ++last_serial_;
  current->structure = picture.structure();
  current->is_mbaff = picture.is_mbaff();
  if (picture.field_pic_flag && surface && !surface->first_field &&
      surface->field(!picture.bottom_field_flag))
    current->first_field = surface;
  JobMemory memory(picture.pic_width_in_mbs, picture.height_in_mbs(),
                   PictureParser::coefficient_words(picture, slices));
  parser_.begin(picture, slices, motion, picture.reference_pic_flag ? current.get() : nullptr,
                memory.job);
  for (std::size_t i = 0; i < slices.size(); ++i) parser_.parse_slice(i);
  parser_.finish();
  if (const auto fault = first_fault(memory.job, picture.pic_width_in_mbs)) {
    fprintf(stderr, "a job is broken at macroblock %u: %s\n", fault->address, fault->broken);
    abort();
  }
  current->finish();  // even if it is not a reference, because later pictures may name it
  surface = std::move(current);
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus::fuzz;
  if (size > max_data) return 0;
  Decoder decoder;
  for (const auto& picture : read_pictures({data, size})) decoder.decode(picture);
  return 0;
}
