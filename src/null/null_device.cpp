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
  std::span<Value> reserve(std::size_t count) {
    if (count_ < count) {
      values_ = std::make_unique_for_overwrite<Value[]>(count);
      count_ = count;
    }
    return {values_.get(), count};
  }

 private:
  std::unique_ptr<Value[]> values_;
  std::size_t count_ = 0;
};

// A job and the memory behind its spans.
class JobMemory : public PictureJob {
 public:
  void open(uint32_t width, uint32_t height, std::size_t coefficient_words) {
    const std::size_t mb_count = std::size_t{width} * height;
    width_in_mbs = width;
    height_in_mbs = height;
    tables = &tables_;
    mbs = mbs_.reserve(mb_count);
    entries = entries_.reserve(mb_count * max_entries_per_mb);
    weights = weights_.reserve(max_explicit_weights);
    blocks = blocks_.reserve(mb_count * max_blocks_per_mb);
    coefficients = coefficients_.reserve(coefficient_words);
    intra_mbs = intra_mbs_.reserve(mb_count);
    intra_levels.clear();
    inter_mb_count = 0;
    deblocks = false;
    amounts = {};
    profile.reset();
  }

  bool held = false;

 private:
  PictureTables tables_{};
  Uncleared<MbRecord> mbs_;
  Uncleared<Entry> entries_;
  Uncleared<ExplicitWeight> weights_;
  Uncleared<uint32_t> blocks_, coefficients_, intra_mbs_;
};

class NullStage final : public ReconstructionStage, JobOwner<PictureJob> {
 public:
  NullStage(std::size_t job_count, std::shared_ptr<std::atomic<uint64_t>> submits)
      : submits_(std::move(submits)), jobs_(job_count) {}

  std::size_t jobs() const override { return jobs_.size(); }

  Result<JobHandle> acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                            std::size_t coefficient_words) override {
    JobHandle job(&take(), {this});
    try {
      static_cast<JobMemory&>(*job).open(width_in_mbs, height_in_mbs, coefficient_words);
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
      const auto work = std::make_shared<JobWork>();
      count_work(*job, job->width_in_mbs, *work);
      job->profile->work = work;
      add_cpu_lap(job->profile.get(), &PictureProfile::cpu_profile);
      profile(std::move(job->profile), {});
    }
    return {};
  }

 private:
  JobMemory& take() {
    std::unique_lock lock(mutex_);
    auto idle = jobs_.end();
    given_back_.wait(lock, [&] {
      idle = std::find_if(jobs_.begin(), jobs_.end(), [](const auto& own) { return !own.held; });
      return idle != jobs_.end();
    });
    idle->held = true;
    return *idle;
  }

  void give_back(PictureJob& job) noexcept override {
    {
      std::lock_guard lock(mutex_);
      static_cast<JobMemory&>(job).held = false;
    }
    given_back_.notify_one();
  }

  std::shared_ptr<std::atomic<uint64_t>> submits_;
  std::vector<JobMemory> jobs_;
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
    return std::make_unique<NullStage>(std::max(jobs, min_jobs), submits_);
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
