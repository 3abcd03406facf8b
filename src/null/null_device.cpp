// SPDX-License-Identifier: MIT
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
  Result<void> repeat_field(Field) override { return {}; }  // there is no field
  Result<int> export_dma_buf() override { return tl::unexpected(Error::unsupported); }

 private:
  // Made black on first access: memory that a real GPU would own should cost the CPU nothing here.
  std::span<std::byte> samples() {
    std::lock_guard lock(mutex_);
    if (!samples_.empty()) return std::as_writable_bytes(std::span(samples_));
    samples_.resize(layout().size / sizeof(uint32_t));
    fill_black(layout(), samples_);
    return std::as_writable_bytes(std::span(samples_));
  }

  std::mutex mutex_;  // guards its creation
  std::vector<uint32_t> samples_;
};

// Uninitialised, like memory from a device.
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

// A stage's jobs of one codec. `Memory` is a job and the memory behind its spans.
template <typename Job, typename Memory>
class JobPool final : public JobOwner<Job> {
 public:
  explicit JobPool(std::size_t count) : jobs_(count) {}

  std::size_t size() const { return jobs_.size(); }

  // `size`: as Memory::open takes it.
  template <typename... Size>
  Result<LentJob<Job>> lend(Size... size) {
    auto& memory = take();
    LentJob<Job> job(&memory.job, {this});
    try {
      memory.open(size...);
    } catch (const std::bad_alloc&) {
      return tl::unexpected(Error::out_of_memory);
    }
    return job;
  }

 private:
  struct Own : Memory {
    bool held = false;
  };

  Own& take() {
    std::unique_lock lock(mutex_);
    auto idle = jobs_.end();
    given_back_.wait(lock, [&] {
      idle = std::find_if(jobs_.begin(), jobs_.end(), [](const auto& own) { return !own.held; });
      return idle != jobs_.end();
    });
    idle->held = true;
    return *idle;
  }

  void give_back(Job& job) noexcept override {
    {
      std::lock_guard lock(mutex_);
      for (auto& own : jobs_)
        if (&own.job == &job) own.held = false;
    }
    given_back_.notify_one();
  }

  std::vector<Own> jobs_;
  std::mutex mutex_;  // guards each job's `held`
  std::condition_variable given_back_;
};

// Profiles a picture that no device works on.
template <typename CountWork>
void profile_picture(std::unique_ptr<PictureProfile> record, CountWork&& count) {
  if (!record) return;
  record->submitted = record->completed = profile_clock();
  add_cpu_lap(record.get(), &PictureProfile::cpu_submit);
  count(*record);
  add_cpu_lap(record.get(), &PictureProfile::cpu_profile);
  profile(std::move(record), {});
}

using Submits = std::shared_ptr<std::atomic<uint64_t>>;

class H264Memory {
 public:
  h264::PictureJob job;

  void open(uint32_t width_in_mbs, uint32_t height_in_mbs, std::size_t coefficient_words) {
    using namespace h264;
    const std::size_t mb_count = std::size_t{width_in_mbs} * height_in_mbs;
    job.width_in_mbs = width_in_mbs;
    job.height_in_mbs = height_in_mbs;
    job.tables = &tables_;
    job.mbs = mbs_.reserve(mb_count);
    job.entries = entries_.reserve(mb_count * max_entries_per_mb);
    job.weights = weights_.reserve(max_explicit_weights);
    job.blocks = blocks_.reserve(mb_count * max_blocks_per_mb);
    job.coefficients = coefficients_.reserve(coefficient_words);
    job.intra_mbs = intra_mbs_.reserve(mb_count);
    job.intra_levels.clear();
    job.inter_mb_count = 0;
    job.deblocks = false;
    job.amounts = {};
    job.profile.reset();
  }

 private:
  h264::PictureTables tables_{};
  Uncleared<h264::MbRecord> mbs_;
  Uncleared<h264::Entry> entries_;
  Uncleared<h264::ExplicitWeight> weights_;
  Uncleared<uint32_t> blocks_, coefficients_, intra_mbs_;
};

class NullH264Stage final : public h264::ReconstructionStage {
 public:
  NullH264Stage(uint32_t jobs, Submits submits) : submits_(std::move(submits)), jobs_(jobs) {}

  std::size_t jobs() const override { return jobs_.size(); }
  Result<h264::JobHandle> acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                                  std::size_t coefficient_words) override {
    return jobs_.lend(width_in_mbs, height_in_mbs, coefficient_words);
  }
  Result<void> submit(h264::JobHandle job, std::shared_ptr<Picture>, const References&) override {
    ++*submits_;
    profile_picture(std::move(job->profile), [&](PictureProfile& record) {
      const auto work = std::make_shared<JobWork>();
      count_work(*job, job->width_in_mbs, *work);
      record.work = work;
    });
    return {};
  }

 private:
  const Submits submits_;
  JobPool<h264::PictureJob, H264Memory> jobs_;
};

class Vp9Memory {
 public:
  vp9::PictureJob job;

  void open(uint32_t width, uint32_t height, const vp9::JobRoom& room) {
    const std::size_t superblocks =
        std::size_t{vp9::in_superblocks(width)} * vp9::in_superblocks(height);
    job = {};
    job.width = width;
    job.height = height;
    job.blocks = blocks_.reserve(room.blocks);
    job.small_blocks = small_blocks_.reserve(room.small_blocks);
    job.luma_transforms = luma_transforms_.reserve(room.luma_transforms);
    job.chroma_transforms = chroma_transforms_.reserve(room.chroma_transforms);
    job.luma_intra = luma_intra_.reserve(room.luma_intra);
    job.chroma_intra = chroma_intra_.reserve(room.chroma_intra);
    job.coefficient_bases = coefficient_bases_.reserve(superblocks);
    job.coefficients = coefficients_.reserve(room.coefficients);
    job.luma_strips = luma_strips_.reserve(superblocks);
    job.chroma_strips = chroma_strips_.reserve(superblocks);
  }

 private:
  Uncleared<vp9::BlockRecord> blocks_;
  Uncleared<vp9::SmallBlockRecord> small_blocks_;
  Uncleared<vp9::LumaTransform> luma_transforms_;
  Uncleared<vp9::ChromaTransform> chroma_transforms_;
  Uncleared<uint32_t> luma_intra_, chroma_intra_, coefficient_bases_, coefficients_;
  Uncleared<uint32_t> luma_strips_, chroma_strips_;
};

class NullVp9Stage final : public vp9::ReconstructionStage {
 public:
  NullVp9Stage(uint32_t jobs, Submits submits) : submits_(std::move(submits)), jobs_(jobs) {}

  std::size_t jobs() const override { return jobs_.size(); }
  Result<vp9::JobHandle> acquire(uint32_t width, uint32_t height,
                                 const vp9::JobRoom& room) override {
    return jobs_.lend(width, height, room);
  }
  Result<void> submit(vp9::JobHandle job, std::shared_ptr<Picture>, const References&) override {
    ++*submits_;
    profile_picture(std::move(job->profile), [&](PictureProfile& record) {
      const auto work = std::make_shared<JobWork>();
      count_work(*job, *work);
      record.work = work;
    });
    return {};
  }

 private:
  const Submits submits_;
  JobPool<vp9::PictureJob, Vp9Memory> jobs_;
};

class Av1Memory {
 public:
  av1::PictureJob job;

  void open(const av1::FrameSize& size, const av1::JobRoom& room) {
    job.reset();
    job.width = size.width;
    job.height = size.height;
    job.upscaled_width = size.upscaled_width;
    job.blocks = blocks_.reserve(room.blocks);
    job.tx_splits = tx_splits_.reserve(room.tx_splits);
    job.overlaps = overlaps_.reserve(room.overlaps);
    job.warps = warps_.reserve(room.warps);
    job.transforms = transforms_.reserve(room.transforms);
    job.palettes = palettes_.reserve(room.palette_words);
    job.coefficients = coefficients_.reserve(room.coefficients);
    job.cdef_indices =
        cdef_indices_.reserve(std::size_t{av1::in_64s(size.width)} * av1::in_64s(size.height));
    for (std::size_t plane = 0; plane < 2; ++plane) {
      job.predictions[plane] = predictions_[plane].reserve(room.predictions[plane]);
      job.intra[plane] = intra_[plane].reserve(room.intra[plane]);
    }
    job.intra_slots = intra_slots_.reserve(room.intra[0] + room.intra[1]);
    for (std::size_t plane = 0; plane < 3; ++plane)
      job.restoration_units[plane] = restoration_units_[plane].reserve(
          std::size_t{av1::in_64s(size.upscaled_width)} * av1::in_64s(size.height));
  }

 private:
  Uncleared<av1::BlockRecord> blocks_;
  Uncleared<av1::TxSplit> tx_splits_;
  std::array<Uncleared<av1::PredictionRecord>, 2> predictions_;
  Uncleared<av1::OverlapRecord> overlaps_;
  Uncleared<av1::WarpRecord> warps_;
  std::array<Uncleared<av1::IntraRecord>, 2> intra_;
  Uncleared<av1::IntraRecord> intra_slots_;
  Uncleared<av1::TransformRecord> transforms_;
  Uncleared<uint32_t> palettes_, coefficients_;
  Uncleared<uint8_t> cdef_indices_;
  std::array<Uncleared<av1::RestorationUnit>, 3> restoration_units_;
};

class NullAv1Stage final : public av1::ReconstructionStage {
 public:
  NullAv1Stage(uint32_t jobs, Submits submits) : submits_(std::move(submits)), jobs_(jobs) {}

  std::size_t jobs() const override { return jobs_.size(); }
  Result<av1::JobHandle> acquire(const av1::FrameSize& size, const av1::JobRoom& room) override {
    return jobs_.lend(size, room);
  }
  Result<void> submit(av1::JobHandle job, const Targets&, const References&) override {
    ++*submits_;
    profile_picture(std::move(job->profile), [&](PictureProfile& record) {
      const auto work = std::make_shared<JobWork>();
      count_work(*job, *work);
      record.work = work;
    });
    return {};
  }

 private:
  const Submits submits_;
  JobPool<av1::PictureJob, Av1Memory> jobs_;
};

class NullProcessing final : public video::ProcessingStage {
 public:
  Result<void> submit(const video::Process&, const video::Source&,
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

  Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(uint32_t width_in_mbs,
                                                                       uint32_t height_in_mbs,
                                                                       uint32_t jobs) override {
    if (width_in_mbs == 0 || height_in_mbs == 0 || width_in_mbs > h264::max_width_in_mbs ||
        height_in_mbs > h264::max_height_in_mbs)
      return tl::unexpected(Error::invalid_parameter);
    return std::make_unique<NullH264Stage>(std::max(jobs, h264::min_jobs), submits_);
  }

  Result<std::unique_ptr<vp9::ReconstructionStage>> create_vp9_stage(uint32_t, uint32_t,
                                                                     uint32_t jobs) override {
    return std::make_unique<NullVp9Stage>(std::max(jobs, vp9::min_jobs), submits_);
  }

  Result<std::unique_ptr<av1::ReconstructionStage>> create_av1_stage(uint32_t, uint32_t,
                                                                     uint32_t jobs) override {
    return std::make_unique<NullAv1Stage>(std::max(jobs, av1::min_jobs), submits_);
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
  const Submits submits_ = std::make_shared<std::atomic<uint64_t>>(0);
};

}  // namespace

std::unique_ptr<Device> open_device() {
  return std::make_unique<NullDevice>();
}

}  // namespace daedalus::null
