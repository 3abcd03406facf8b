#include "scalar_device.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <vector>

#include "picture_view.h"
#include "reconstruction.h"

namespace daedalus::h264::scalar {
namespace {

PictureLayout layout_of(uint32_t width, uint32_t height) {
  PictureLayout layout{};
  layout.width = (width + 15) / 16 * 16;
  layout.height = (height + 15) / 16 * 16;
  layout.pitch = layout.width;
  layout.chroma_offset = layout.pitch * layout.height;
  layout.size = layout.chroma_offset + layout.chroma_offset / 2;
  return layout;
}

class ScalarPicture final : public Picture {
 public:
  explicit ScalarPicture(const PictureLayout& layout) : Picture(layout), samples_(layout.size) {
    std::fill_n(samples_.begin(), layout.chroma_offset, std::byte{16});
    std::fill(samples_.begin() + layout.chroma_offset, samples_.end(), std::byte{128});
  }

  Result<void> wait(std::chrono::nanoseconds) override { return {}; }
  std::span<std::byte> map() override { return samples_; }

  Result<void> download(std::span<std::byte> destination) override {
    if (destination.size() < samples_.size()) return tl::unexpected(Error::invalid_parameter);
    std::copy(samples_.begin(), samples_.end(), destination.begin());
    return {};
  }
  Result<void> upload(std::span<const std::byte> source) override {
    if (source.size() < samples_.size()) return tl::unexpected(Error::invalid_parameter);
    std::copy_n(source.begin(), samples_.size(), samples_.begin());
    return {};
  }
  Result<int> export_dma_buf() override { return tl::unexpected(Error::unsupported); }

 private:
  std::vector<std::byte> samples_;
};

PictureView view_of(Picture& picture) {
  return {reinterpret_cast<uint8_t*>(picture.map().data()), picture.layout().pitch,
          picture.layout().chroma_offset};
}

// A PictureJob and the memory behind its spans.
class ScalarJob {
 public:
  ScalarJob(uint32_t width_in_mbs, uint32_t height_in_mbs, std::size_t coefficient_words)
      : mbs_(std::size_t{width_in_mbs} * height_in_mbs),
        entries_(mbs_.size() * max_entries_per_mb),
        weights_(max_explicit_weights),
        blocks_(mbs_.size() * max_blocks_per_mb),
        coefficients_(coefficient_words),
        intra_mbs_(mbs_.size()) {
    header_.width_in_mbs = width_in_mbs;
    header_.height_in_mbs = height_in_mbs;
    job_.header = &header_;
    job_.mbs = mbs_;
    job_.entries = entries_;
    job_.weights = weights_;
    job_.blocks = blocks_;
    job_.coefficients = coefficients_;
    job_.intra_mbs = intra_mbs_;
  }
  ScalarJob(const ScalarJob&) = delete;
  ScalarJob& operator=(const ScalarJob&) = delete;

  PictureJob& job() { return job_; }

 private:
  JobHeader header_{};
  std::vector<MbRecord> mbs_;
  std::vector<Entry> entries_;
  std::vector<ExplicitWeight> weights_;
  std::vector<uint32_t> blocks_, coefficients_, intra_mbs_;
  PictureJob job_;
};

class ScalarStage final : public ReconstructionStage {
 public:
  ScalarStage(uint32_t width_in_mbs, uint32_t height_in_mbs, std::atomic<uint64_t>& submits)
      : width_in_mbs_(width_in_mbs), height_in_mbs_(height_in_mbs), submits_(submits) {}

  Result<PictureJob*> acquire(std::size_t coefficient_words) override {
    auto job = std::make_unique<ScalarJob>(width_in_mbs_, height_in_mbs_, coefficient_words);
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    return &jobs_.back()->job();
  }

  Result<void> submit(PictureJob& job, std::shared_ptr<Picture> target,
                      const References& references) override {
    std::array<PictureView, max_reference_pictures> views;
    std::transform(references.begin(), references.end(), views.begin(),
                   [](const auto& picture) { return view_of(*picture); });
    reconstruct(job, view_of(*target), views);
    ++submits_;
    discard(job);
    return {};
  }

  void discard(PictureJob& job) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(jobs_, [&](const auto& own) { return &own->job() == &job; });
  }

 private:
  uint32_t width_in_mbs_, height_in_mbs_;
  std::atomic<uint64_t>& submits_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<ScalarJob>> jobs_;
};

class ScalarDevice final : public Device {
 public:
  std::string name() const override { return "scalar"; }

  Result<std::shared_ptr<Picture>> create_picture(PictureFormat format, uint32_t width,
                                                  uint32_t height) override {
    if (format != PictureFormat::nv12) return tl::unexpected(Error::unsupported);
    return std::make_shared<ScalarPicture>(layout_of(width, height));
  }

  Result<std::unique_ptr<ReconstructionStage>> create_h264_stage(uint32_t width_in_mbs,
                                                                 uint32_t height_in_mbs,
                                                                 uint32_t) override {
    return std::make_unique<ScalarStage>(width_in_mbs, height_in_mbs, submits_);
  }

  bool shares_dma_bufs() const override { return false; }
  Result<std::shared_ptr<Picture>> import_picture(int, const PictureLayout&) override {
    return tl::unexpected(Error::unsupported);
  }

  Result<std::unique_ptr<video::ProcessingStage>> create_processing_stage() override {
    return tl::unexpected(Error::unsupported);
  }

  DeviceCounters counters() const override { return {submits_, 0, 0}; }

 private:
  std::atomic<uint64_t> submits_ = 0;
};

}  // namespace

std::unique_ptr<Device> create_scalar_device() {
  return std::make_unique<ScalarDevice>();
}

}  // namespace daedalus::h264::scalar
