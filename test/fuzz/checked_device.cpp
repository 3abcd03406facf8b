// SPDX-License-Identifier: MIT
#include "fuzz/checked_device.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "av1/job_check.h"
#include "av1/job_contents.h"
#include "h264/job_check.h"
#include "null/forwarding_device.h"
#include "null/null_device.h"
#include "va/open_device.h"
#include "vp9/job_check.h"
#include "vp9/job_contents.h"
#include "vulkan/device.h"

namespace daedalus::fuzz {

namespace {

std::mutex mutex;
std::vector<uint64_t> hashes;  // guarded by the mutex

void check(const h264::PictureJob& job) {
  if (const auto fault = h264::first_fault(job, job.width_in_mbs)) {
    fprintf(stderr, "a job is broken at macroblock %u: %s\n", fault->address, fault->broken);
    abort();
  }
  std::lock_guard lock(mutex);
  hashes.push_back(h264::hash(job));
}

class CheckedStage final : public h264::ReconstructionStage {
 public:
  explicit CheckedStage(std::unique_ptr<ReconstructionStage> stage) : stage_(std::move(stage)) {}

  std::size_t jobs() const override { return stage_->jobs(); }
  Result<h264::JobHandle> acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                                  std::size_t coefficient_words) override {
    auto job = stage_->acquire(width_in_mbs, height_in_mbs, coefficient_words);
    if (job) std::fill((*job)->mbs.begin(), (*job)->mbs.end(), h264::unwritten_mb);
    return job;
  }
  Result<void> submit(h264::JobHandle job, std::shared_ptr<Picture> target,
                      const References& references) override {
    check(*job);
    return stage_->submit(std::move(job), std::move(target), references);
  }

 private:
  const std::unique_ptr<ReconstructionStage> stage_;
};

void check(const vp9::PictureJob& job) {
  if (const char* const fault = vp9::first_fault(job)) {
    fprintf(stderr, "a job of VP9 is broken: %s\n", fault);
    abort();
  }
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const uint32_t word : vp9::test::contents(job)) hash = (hash ^ word) * 0x100000001b3;
  std::lock_guard lock(mutex);
  hashes.push_back(hash);
}

// Checks that a reference has room for the size that the job states.
template <typename Size>
bool holds(const Picture* picture, const Size& size, PictureFormat format) {
  if (size.width == 0) return true;
  if (!picture) return false;
  const auto& layout = picture->layout();
  return layout.format == format && layout.width >= size.width && layout.height >= size.height;
}

class CheckedVp9Stage final : public vp9::ReconstructionStage {
 public:
  explicit CheckedVp9Stage(std::unique_ptr<ReconstructionStage> stage) : stage_(std::move(stage)) {}

  std::size_t jobs() const override { return stage_->jobs(); }
  Result<vp9::JobHandle> acquire(uint32_t width, uint32_t height,
                                 const vp9::JobRoom& room) override {
    return stage_->acquire(width, height, room);
  }
  Result<void> submit(vp9::JobHandle job, std::shared_ptr<Picture> target,
                      const References& references) override {
    check(*job);
    const auto format = format_of_depth(job->bit_depth);
    bool fits = holds(target.get(), vp9::ReferenceSize{job->width, job->height}, format);
    for (std::size_t i = 0; i < references.size(); ++i)
      fits = fits && holds(references[i].get(), job->references[i], format);
    if (!fits) {
      fprintf(stderr, "a job of VP9 does not fit its pictures\n");
      abort();
    }
    return stage_->submit(std::move(job), std::move(target), references);
  }

 private:
  const std::unique_ptr<ReconstructionStage> stage_;
};

void check(const av1::PictureJob& job) {
  if (const auto fault = av1::first_fault(job); !fault.empty()) {
    fprintf(stderr, "a job of AV1 is broken: %s\n", fault.c_str());
    abort();
  }
  std::lock_guard lock(mutex);
  hashes.push_back(av1::test::hash(job));
}

class CheckedAv1Stage final : public av1::ReconstructionStage {
 public:
  explicit CheckedAv1Stage(std::unique_ptr<ReconstructionStage> stage) : stage_(std::move(stage)) {}

  std::size_t jobs() const override { return stage_->jobs(); }
  Result<av1::JobHandle> acquire(const av1::FrameSize& size, const av1::JobRoom& room) override {
    return stage_->acquire(size, room);
  }
  Result<void> submit(av1::JobHandle job, const Targets& targets,
                      const References& references) override {
    check(*job);
    if (!fits(*job, targets, references)) {
      fprintf(stderr, "a job of AV1 does not fit its pictures\n");
      abort();
    }
    return stage_->submit(std::move(job), targets, references);
  }

 private:
  static bool fits(const av1::PictureJob& job, const Targets& targets,
                   const References& references) {
    const auto format = format_of_depth(job.bit_depth);
    const av1::ReferenceSize size = {job.upscaled_width, job.height};
    bool fits = holds(targets.frame.get(), size, format);
    if (job.film_grain.apply) fits = fits && holds(targets.display.get(), size, format);
    for (std::size_t i = 0; i < references.size(); ++i)
      fits = fits && holds(references[i].get(), job.references[i], format);
    return fits;
  }

  const std::unique_ptr<ReconstructionStage> stage_;
};

class CheckedDevice final : public test::ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;

  Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(uint32_t width_in_mbs,
                                                                       uint32_t height_in_mbs,
                                                                       uint32_t jobs) override {
    return test::wrap_stage<CheckedStage>(
        ForwardingDevice::create_h264_stage(width_in_mbs, height_in_mbs, jobs));
  }
  Result<std::unique_ptr<vp9::ReconstructionStage>> create_vp9_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return test::wrap_stage<CheckedVp9Stage>(
        ForwardingDevice::create_vp9_stage(width, height, jobs));
  }
  Result<std::unique_ptr<av1::ReconstructionStage>> create_av1_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return test::wrap_stage<CheckedAv1Stage>(
        ForwardingDevice::create_av1_stage(width, height, jobs));
  }
};

}  // namespace

std::vector<uint64_t> take_job_hashes() {
  std::lock_guard lock(mutex);
  return std::exchange(hashes, {});
}

}  // namespace daedalus::fuzz

namespace daedalus::va {

// Replaces the driver's own function.
std::optional<dev_t> drm_node(const VADriverContext&) {
  return {};
}

Result<std::unique_ptr<Device>> open_device(const Settings& settings, std::optional<dev_t>) {
  Result<std::unique_ptr<Device>> device =
      settings.device == null::device_name ? null::open_device() : vulkan::open_device(settings);
  if (!device) return device;
  return std::make_unique<fuzz::CheckedDevice>(std::move(*device));
}

}  // namespace daedalus::va
