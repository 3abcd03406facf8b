// SPDX-License-Identifier: MIT
// The daemon's device in the virtual machine, which has no GPU: test/reference decodes the
// pictures, sample by sample. Lavapipe would compile shaders there for minutes, while clients wait
// a second.
#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "null/forwarding_device.h"
#include "reference/av1/film_grain.h"
#include "reference/av1/filters.h"
#include "reference/av1/inter_prediction.h"
#include "reference/av1/reconstruction.h"
#include "reference/h264/reconstruction.h"
#include "reference/vp9/reconstruction.h"

namespace daedalus::test {
namespace {

h264::scalar::PictureView h264_view(Picture& picture) {
  const auto& layout = picture.layout();
  return {reinterpret_cast<uint8_t*>(picture.map().data()), layout.pitch, layout.chroma_offset};
}

class H264Stage final : public h264::ReconstructionStage {
 public:
  explicit H264Stage(std::unique_ptr<ReconstructionStage> stage) : stage_(std::move(stage)) {}

  std::size_t jobs() const override { return stage_->jobs(); }
  Result<h264::JobHandle> acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                                  std::size_t coefficient_words) override {
    return stage_->acquire(width_in_mbs, height_in_mbs, coefficient_words);
  }
  Result<void> submit(h264::JobHandle job, std::shared_ptr<Picture> target,
                      const References& references) override {
    std::array<h264::scalar::PictureView, h264::max_reference_pictures> views;
    for (std::size_t i = 0; i < views.size(); ++i) views[i] = h264_view(*references[i]);
    h264::scalar::reconstruct(*job, h264_view(*target), views);
    return stage_->submit(std::move(job), std::move(target), references);
  }

 private:
  const std::unique_ptr<ReconstructionStage> stage_;
};

scalar::PictureView view(Picture* picture, uint32_t bit_depth) {
  if (!picture) return {};
  const auto& layout = picture->layout();
  return {picture->map().data(), layout.pitch, layout.chroma_offset, bit_depth};
}

class Vp9Stage final : public vp9::ReconstructionStage {
 public:
  explicit Vp9Stage(std::unique_ptr<ReconstructionStage> stage) : stage_(std::move(stage)) {}

  std::size_t jobs() const override { return stage_->jobs(); }
  Result<vp9::JobHandle> acquire(uint32_t width, uint32_t height,
                                 const vp9::JobRoom& room) override {
    return stage_->acquire(width, height, room);
  }
  Result<void> submit(vp9::JobHandle job, std::shared_ptr<Picture> target,
                      const References& references) override {
    const uint32_t bit_depth = job->bit_depth;
    std::array<scalar::PictureView, vp9::reference_count> views;
    for (std::size_t i = 0; i < views.size(); ++i) views[i] = view(references[i].get(), bit_depth);
    vp9::scalar::reconstruct(*job, view(target.get(), bit_depth), views);
    return stage_->submit(std::move(job), std::move(target), references);
  }

 private:
  const std::unique_ptr<ReconstructionStage> stage_;
};

// An AV1 picture with room for whole 64x64 squares.
class Padded {
 public:
  Padded(uint32_t width, uint32_t height, uint32_t bit_depth)
      : pitch_((width + 127) / 64 * 64 * (bit_depth == 8 ? 1 : 2)),
        lines_((height + 127) / 64 * 64),
        bit_depth_(bit_depth),
        samples_(std::size_t{pitch_} * lines_ * 3 / 2) {}

  scalar::PictureView view() { return {samples_.data(), pitch_, pitch_ * lines_, bit_depth_}; }

  void copy_to(Picture& picture, uint32_t width, uint32_t height, bool monochrome) {
    const auto& layout = picture.layout();
    const std::size_t row = (width + 1) / 2 * 2 * (bit_depth_ == 8 ? 1 : 2);
    for (uint32_t y = 0; y < height; ++y)
      std::memcpy(&picture.map()[y * layout.pitch], &samples_[y * pitch_], row);
    for (uint32_t y = 0; y < (height + 1) / 2 && !monochrome; ++y)
      std::memcpy(&picture.map()[layout.chroma_offset + y * layout.pitch],
                  &samples_[(lines_ + y) * pitch_], row);
  }

 private:
  uint32_t pitch_, lines_, bit_depth_;
  std::vector<std::byte> samples_;
};

class Av1Stage final : public av1::ReconstructionStage {
 public:
  explicit Av1Stage(std::unique_ptr<ReconstructionStage> stage) : stage_(std::move(stage)) {}

  std::size_t jobs() const override { return stage_->jobs(); }
  Result<av1::JobHandle> acquire(const av1::FrameSize& size, const av1::JobRoom& room) override {
    return stage_->acquire(size, room);
  }
  Result<void> submit(av1::JobHandle job, const Targets& targets,
                      const References& references) override {
    const uint32_t width = job->upscaled_width, height = job->height, bit_depth = job->bit_depth;
    std::array<scalar::PictureView, av1::reference_count> views;
    for (std::size_t i = 0; i < views.size(); ++i) views[i] = view(references[i].get(), bit_depth);
    Padded coded(job->width, height, bit_depth), filtered(width, height, bit_depth);
    av1::scalar::predict_inter(*job, coded.view(), views);
    av1::scalar::add_inter_residuals(*job, coded.view());
    av1::scalar::reconstruct_intra(*job, coded.view());
    av1::scalar::filter_picture(*job, coded.view(), filtered.view());
    filtered.copy_to(*targets.frame, width, height, job->monochrome);
    if (targets.display) {
      Padded grained(width, height, bit_depth);
      av1::scalar::add_film_grain(job->film_grain, job->monochrome, width, height, filtered.view(),
                                  grained.view());
      grained.copy_to(*targets.display, width, height, job->monochrome);
    }
    return stage_->submit(std::move(job), targets, references);
  }

 private:
  const std::unique_ptr<ReconstructionStage> stage_;
};

class ScalarDevice final : public ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;

  std::string name() const override { return "the scalar reference"; }
  Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(uint32_t width_in_mbs,
                                                                       uint32_t height_in_mbs,
                                                                       uint32_t jobs) override {
    return wrap_stage<H264Stage>(
        ForwardingDevice::create_h264_stage(width_in_mbs, height_in_mbs, jobs));
  }
  Result<std::unique_ptr<vp9::ReconstructionStage>> create_vp9_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return wrap_stage<Vp9Stage>(ForwardingDevice::create_vp9_stage(width, height, jobs));
  }
  Result<std::unique_ptr<av1::ReconstructionStage>> create_av1_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return wrap_stage<Av1Stage>(ForwardingDevice::create_av1_stage(width, height, jobs));
  }
};

}  // namespace

// The linker replaces null::open_device() by the second function: see --wrap in meson.build.
std::unique_ptr<Device> null_open_device() __asm__("__real__ZN8daedalus4null11open_deviceEv");
std::unique_ptr<Device> open_device() __asm__("__wrap__ZN8daedalus4null11open_deviceEv");

std::unique_ptr<Device> open_device() {
  return std::make_unique<ScalarDevice>(null_open_device());
}

}  // namespace daedalus::test
