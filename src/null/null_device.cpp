#include "null/null_device.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include "null/job_work.h"

namespace daedalus::null {
namespace {

using namespace h264;

class NullPicture final : public Picture {
 public:
  explicit NullPicture(const PictureLayout& layout) : Picture(layout) {}

  Result<void> wait(std::chrono::nanoseconds) override { return {}; }
  Result<void> wait_for_readers(std::chrono::nanoseconds) override { return {}; }
  std::span<std::byte> map() override { return samples(); }

  Result<void> download(std::span<std::byte> destination) override {
    if (destination.size() != layout().size) return tl::unexpected(Error::invalid_parameter);
    std::copy(samples().begin(), samples().end(), destination.begin());
    return {};
  }
  Result<void> upload(std::span<const std::byte> source) override {
    if (source.size() != layout().size) return tl::unexpected(Error::invalid_parameter);
    std::copy(source.begin(), source.end(), samples().begin());
    return {};
  }
  Result<int> export_dma_buf() override { return tl::unexpected(Error::unsupported); }

 private:
  // Made black when somebody looks: what a GPU would have in its own memory costs the CPU nothing.
  std::span<std::byte> samples() {
    std::lock_guard lock(mutex_);
    if (!samples_.empty()) return std::as_writable_bytes(std::span(samples_));
    samples_.resize(layout().size / sizeof(uint32_t));
    fill_black(layout(), samples_);
    return std::as_writable_bytes(std::span(samples_));
  }

  std::mutex mutex_;  // while they are made
  std::vector<uint32_t> samples_;
};

// Memory as a device gives it: not cleared.
template <typename Value>
class Uncleared {
 public:
  explicit Uncleared(std::size_t count = 0)
      : values_(std::make_unique_for_overwrite<Value[]>(count)), count_(count) {}
  std::size_t size() const { return count_; }
  std::span<Value> first(std::size_t count) const { return {values_.get(), count}; }
  operator std::span<Value>() const { return first(count_); }

 private:
  std::unique_ptr<Value[]> values_;
  std::size_t count_;
};

// A job and the memory behind its spans.
class JobMemory : public PictureJob {
 public:
  explicit JobMemory(std::size_t mb_count)
      : mbs_(mb_count),
        entries_(mb_count * max_entries_per_mb),
        weights_(max_explicit_weights),
        blocks_(mb_count * max_blocks_per_mb),
        intra_mbs_(mb_count) {}

  void open(std::size_t coefficient_words) {
    if (coefficients_.size() < coefficient_words)
      coefficients_ = Uncleared<uint32_t>(coefficient_words);
    header = &header_;
    mbs = mbs_;
    entries = entries_;
    weights = weights_;
    blocks = blocks_;
    coefficients = coefficients_.first(coefficient_words);
    intra_mbs = intra_mbs_;
    intra_levels.clear();
    inter_mb_count = 0;
    deblocks = false;
    amounts = {};
    profile.reset();
  }

  bool held = false;

 private:
  JobHeader header_{};
  Uncleared<MbRecord> mbs_;
  Uncleared<Entry> entries_;
  Uncleared<ExplicitWeight> weights_;
  Uncleared<uint32_t> blocks_, coefficients_, intra_mbs_;
};

class NullStage final : public ReconstructionStage, JobOwner<PictureJob> {
 public:
  NullStage(uint32_t width_in_mbs, uint32_t height_in_mbs, std::size_t job_count,
            std::shared_ptr<std::atomic<uint64_t>> submits)
      : width_in_mbs_(width_in_mbs), submits_(std::move(submits)) {
    const std::size_t mb_count = std::size_t{width_in_mbs} * height_in_mbs;
    for (std::size_t i = 0; i < job_count; ++i)
      jobs_.push_back(std::make_unique<JobMemory>(mb_count));
  }

  std::size_t jobs() const override { return jobs_.size(); }

  Result<JobHandle> acquire(std::size_t coefficient_words) override {
    JobMemory* taken = nullptr;
    {
      std::unique_lock lock(mutex_);
      given_back_.wait(lock, [&] {
        const auto idle =
            std::find_if(jobs_.begin(), jobs_.end(), [](const auto& own) { return !own->held; });
        if (idle != jobs_.end()) taken = idle->get();
        return taken != nullptr;
      });
      taken->held = true;
    }
    JobHandle job(taken, {this});
    try {
      taken->open(coefficient_words);
    } catch (const std::bad_alloc&) {
      return tl::unexpected(Error::out_of_memory);
    }
    return job;
  }

  Result<void> submit(JobHandle job, std::shared_ptr<Picture>, const References&) override {
    ++*submits_;
    if (job->profile) {
      job->profile->submitted = job->profile->completed = profile_clock();
      add_cpu_lap(job->profile.get(), &PictureProfile::cpu_submit);
      count_work(*job, width_in_mbs_, *job->profile);
      add_cpu_lap(job->profile.get(), &PictureProfile::cpu_profile);
      profile(std::move(job->profile), {});
    }
    return {};
  }

 private:
  void give_back(PictureJob& job) noexcept override {
    {
      std::lock_guard lock(mutex_);
      static_cast<JobMemory&>(job).held = false;
    }
    given_back_.notify_one();
  }

  const uint32_t width_in_mbs_;
  std::shared_ptr<std::atomic<uint64_t>> submits_;
  std::vector<std::unique_ptr<JobMemory>> jobs_;
  std::mutex mutex_;  // guards each job's `held`
  std::condition_variable given_back_;
};

class NullProcessing final : public video::ProcessingStage {
 public:
  Result<void> submit(const video::Process&, std::shared_ptr<Picture>,
                      std::shared_ptr<Picture>) override {
    return {};
  }
};

class NullDevice final : public Device {
 public:
  std::string name() const override { return "no GPU: pictures stay black"; }

  PictureSize max_picture_size(PictureFormat) const override {
    return {max_picture_side, max_picture_side};
  }

  Result<std::shared_ptr<Picture>> create_picture(PictureFormat format, uint32_t width,
                                                  uint32_t height) override {
    if (width == 0 || height == 0 || width > max_picture_side || height > max_picture_side)
      return tl::unexpected(Error::invalid_parameter);
    return std::make_shared<NullPicture>(picture_layout(format, width, height));
  }

  Result<std::unique_ptr<ReconstructionStage>> create_h264_stage(uint32_t width_in_mbs,
                                                                 uint32_t height_in_mbs,
                                                                 uint32_t jobs) override {
    if (width_in_mbs == 0 || height_in_mbs == 0 || width_in_mbs > max_width_in_mbs ||
        height_in_mbs > max_height_in_mbs)
      return tl::unexpected(Error::invalid_parameter);
    return std::make_unique<NullStage>(width_in_mbs, height_in_mbs, std::max(jobs, min_jobs),
                                       submits_);
  }

  bool shares_dma_bufs() const override { return false; }
  Result<std::shared_ptr<Picture>> import_picture(int, const PictureLayout&) override {
    return tl::unexpected(Error::unsupported);
  }

  Result<std::unique_ptr<video::ProcessingStage>> create_processing_stage() override {
    return std::make_unique<NullProcessing>();
  }

  bool lost() const override { return false; }
  bool owns(const Picture&) const override { return true; }

  DeviceCounters counters() const override { return {*submits_, 0, 0}; }

 private:
  const std::shared_ptr<std::atomic<uint64_t>> submits_ =
      std::make_shared<std::atomic<uint64_t>>(0);
};

}  // namespace

std::unique_ptr<Device> open_device() {
  return std::make_unique<NullDevice>();
}

}  // namespace daedalus::null
