// SPDX-License-Identifier: MIT
// The ring of jobs, a picture's submits and dispatches, and who keeps what alive.
#include <unistd.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "programs/vulkan_loader.h"
#include "vulkan/fixture.h"

namespace {

std::atomic<bool> memory_is_refused = false, mapping_is_refused = false;
std::atomic<uint32_t> addressed_memories = 0;

// Whether shaders may have addresses in this memory.
bool is_addressed(const VkMemoryAllocateInfo& memory) {
  for (auto* info = static_cast<const VkBaseInStructure*>(memory.pNext); info; info = info->pNext) {
    if (info->sType != VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO) continue;
    return (reinterpret_cast<const VkMemoryAllocateFlagsInfo*>(info)->flags &
            VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT) != 0;
  }
  return false;
}

}  // namespace

VkResult vkAllocateMemory(VkDevice device, const VkMemoryAllocateInfo* info,
                          const VkAllocationCallbacks* callbacks, VkDeviceMemory* made) {
  if (memory_is_refused) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  addressed_memories += is_addressed(*info);
  return daedalus::test::loader<decltype(vkAllocateMemory)>("vkAllocateMemory")(device, info,
                                                                                callbacks, made);
}

VkResult vkMapMemory(VkDevice device, VkDeviceMemory memory, VkDeviceSize offset, VkDeviceSize size,
                     VkMemoryMapFlags flags, void** data) {
  if (mapping_is_refused) return VK_ERROR_MEMORY_MAP_FAILED;
  return daedalus::test::loader<decltype(vkMapMemory)>("vkMapMemory")(device, memory, offset, size,
                                                                      flags, data);
}

namespace daedalus::vulkan {
namespace {

using h264::JobHandle;
using h264::PictureJob;
using h264::PictureStyle;

constexpr uint32_t width = 6, height = 5;
constexpr std::size_t ring_size = h264::min_jobs;

class StageTest : public DeviceFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(DeviceFixture::SetUp());
    stage = make_stage(width, height);
    references = make_references(width, height, 1);
  }

  JobHandle acquire() {
    auto job = stage->acquire(width, height, h264::coefficient_words(width, height));
    EXPECT_TRUE(job);
    return job ? std::move(*job) : JobHandle();
  }

  JobHandle acquire_filled(const PictureStyle& style) {
    JobHandle job = acquire();
    h264::fill_job(*job, width, height, style);
    return job;
  }

  // These are all jobs: acquiring another one waits until one is given back.
  void expect_no_other(std::vector<JobHandle>& jobs) {
    auto another = std::async(std::launch::async, [&] { return acquire(); });
    EXPECT_EQ(another.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    const PictureJob* given_back = jobs[1].get();
    jobs[1].reset();
    EXPECT_EQ(another.get().get(), given_back);
  }

  std::unique_ptr<h264::ReconstructionStage> stage;
  h264::ReconstructionStage::References references;
};

TEST_F(StageTest, AJobHasRoomForThePicture) {
  auto acquired = stage->acquire(width, height, 1000);
  ASSERT_TRUE(acquired);
  const PictureJob& job = **acquired;
  EXPECT_NE(job.tables, nullptr);
  EXPECT_EQ(job.width_in_mbs, width);
  EXPECT_EQ(job.height_in_mbs, height);
  EXPECT_EQ(job.mbs.size(), width * height);
  EXPECT_EQ(job.entries.size(), width * height * h264::max_entries_per_mb);
  EXPECT_EQ(job.weights.size(), h264::max_explicit_weights);
  EXPECT_EQ(job.blocks.size(), width * height * h264::max_blocks_per_mb);
  EXPECT_EQ(job.coefficients.size(), 1000u);
  EXPECT_EQ(job.intra_mbs.size(), width * height);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(job.mbs.data()) % 16, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(job.entries.data()) % 16, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(job.weights.data()) % 16, 0u);
}

TEST_F(StageTest, AJobThatIsAcquiredAgainIsEmpty) {
  for (std::size_t i = 0; i < 2 * ring_size; ++i) {
    const JobHandle job = acquire();
    EXPECT_TRUE(job->intra_levels.empty());
    EXPECT_EQ(job->inter_mb_count, 0u);
    EXPECT_FALSE(job->deblocks);
    job->intra_levels = {0, 1};
    job->inter_mb_count = 3;
    job->deblocks = true;
  }
}

TEST_F(StageTest, GrowsForMoreCoefficients) {
  const std::size_t all = h264::coefficient_words(width, height);
  for (const std::size_t words : {std::size_t{10}, all, std::size_t{10}}) {
    for (std::size_t i = 0; i < ring_size; ++i) {
      auto job = stage->acquire(width, height, words);
      ASSERT_TRUE(job);
      ASSERT_EQ((*job)->coefficients.size(), words);
      std::fill((*job)->coefficients.begin(), (*job)->coefficients.end(), 1u);
    }
  }
}

// This is not a lack of memory: the ring loses nothing.
TEST_F(StageTest, RefusesMoreCoefficientsThanThePictureHas) {
  const std::size_t all = h264::coefficient_words(width, height);
  for (const std::size_t words : {all + 1, std::size_t{1} << 40, std::size_t{1} << 63}) {
    for (std::size_t i = 0; i < 2 * ring_size; ++i) {
      const auto job = stage->acquire(width, height, words);
      ASSERT_FALSE(job);
      EXPECT_EQ(job.error(), Error::invalid_parameter);
    }
  }
  EXPECT_EQ(stage->jobs(), ring_size);
  EXPECT_TRUE(acquire());
}

// Also with Vulkan's minimum, 2^27 bytes in a binding.
TEST_F(StageTest, LargestPictureWithAllItsCoefficients) {
  stage = make_stage(h264::max_width_in_mbs, h264::max_height_in_mbs);
  const std::size_t all = h264::coefficient_words(h264::max_width_in_mbs, h264::max_height_in_mbs);
  const auto job = stage->acquire(h264::max_width_in_mbs, h264::max_height_in_mbs, all);
  ASSERT_TRUE(job);
  EXPECT_EQ((*job)->coefficients.size(), all);
}

TEST_F(StageTest, AcquireWaitsWhereAllJobsAreHeld) {
  std::vector<JobHandle> jobs;
  for (std::size_t i = 0; i < ring_size; ++i) jobs.push_back(acquire());
  expect_no_other(jobs);
}

// A client that waits for each picture needs few jobs.
TEST_F(StageTest, JobsAreMadeWhenTheyAreNeeded) {
  constexpr std::size_t most = 2 * ring_size;
  auto made = device->create_h264_stage(width, height, most);
  ASSERT_TRUE(made);
  stage = std::move(*made);
  EXPECT_EQ(stage->jobs(), most);
  const auto target = make_picture(width, height);
  std::set<const PictureJob*> jobs;
  for (std::size_t i = 0; i < most; ++i) {
    JobHandle job = acquire_filled({});
    jobs.insert(job.get());
    ASSERT_TRUE(stage->submit(std::move(job), target, references));
    ASSERT_TRUE(target->wait(long_enough));
  }
  EXPECT_LE(jobs.size(), ring_size);
  std::set<JobHandle> all;
  for (std::size_t i = 0; i < most; ++i) all.insert(acquire());
  EXPECT_EQ(all.size(), most);
}

TEST_F(StageTest, DoesWithTheJobsThatThereIsMemoryFor) {
  auto made = device->create_h264_stage(width, height, 2 * ring_size);
  ASSERT_TRUE(made);
  stage = std::move(*made);
  std::vector<JobHandle> jobs;
  for (std::size_t i = 0; i < ring_size; ++i) jobs.push_back(acquire());
  memory_is_refused = true;
  const auto another = stage->acquire(width, height, 1);
  memory_is_refused = false;
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error(), Error::out_of_memory);
  EXPECT_EQ(stage->jobs(), ring_size);
  expect_no_other(jobs);
}

// v3dv treats all memory with addresses as used by each job.
TEST_F(StageTest, OnlyReferencesHaveAddresses) {
  addressed_memories = 0;
  stage = make_stage(width, height);
  for (const auto format : {PictureFormat::bgra, PictureFormat::i420, PictureFormat::yuy2})
    ASSERT_TRUE(device->create_picture(format, 64, 64));
  auto processing = device->create_processing_stage();
  ASSERT_TRUE(processing);
  EXPECT_EQ(addressed_memories, 0u);
  for (const auto format : {PictureFormat::nv12, PictureFormat::p010})
    ASSERT_TRUE(device->create_picture(format, 64, 64));
  EXPECT_EQ(addressed_memories, 2u);
}

TEST_F(StageTest, DecodesIntoSharedMemoryThatTheCpuDoesNotSee) {
  if (!device->shares_dma_bufs()) GTEST_SKIP() << "this device has no dma-bufs";
  const auto owner = make_picture(width, height);
  const auto dma_buf = owner->export_dma_buf();
  ASSERT_TRUE(dma_buf);
  mapping_is_refused = true;
  const auto imported = device->import_picture(*dma_buf, owner->layout());
  mapping_is_refused = false;
  close(*dma_buf);
  ASSERT_TRUE(imported);
  EXPECT_TRUE((*imported)->map().empty());
  JobHandle job = acquire_filled({});
  const auto wanted = expected(*job, owner->layout(), references);
  ASSERT_TRUE(stage->submit(std::move(job), *imported, references));
  EXPECT_TRUE(same_samples(download(**imported), wanted, owner->layout()));
}

TEST_F(StageTest, AcquireWaitsForTheOldestPictureInFlight) {
  std::vector<std::shared_ptr<Picture>> targets;
  for (std::size_t i = 0; i < 5 * ring_size; ++i) {
    PictureStyle style;
    style.seed = static_cast<uint32_t>(i);
    JobHandle job = acquire_filled(style);
    targets.push_back(make_picture(width, height));
    ASSERT_TRUE(stage->submit(std::move(job), targets.back(), references));
  }
  for (const auto& target : targets) EXPECT_TRUE(target->wait(long_enough));
}

// Like frame-parallel entropy decoding: several threads fill jobs, one at a time submits.
TEST_F(StageTest, ThreadsFillJobsAtTheSameTime) {
  const auto target = make_picture(width, height);
  std::mutex submitting;
  std::atomic<uint32_t> seed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int picture = 0; picture < 10; ++picture) {
        PictureStyle style;
        style.seed = seed++;
        JobHandle job = acquire_filled(style);
        std::lock_guard lock(submitting);
        EXPECT_TRUE(stage->submit(std::move(job), target, references));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(target->wait(long_enough));
  EXPECT_EQ(device->counters().picture_submits, 30u);
}

// Each picture predicts from the previous one, without waiting.
TEST_F(StageTest, AChainOfReferencesIsOrdered) {
  auto previous = references;
  std::vector<std::byte> wanted;
  for (uint32_t i = 0; i < 6; ++i) {
    PictureStyle style;
    style.seed = i;
    style.min_qp = style.max_qp = 30;
    JobHandle job = acquire_filled(style);
    const auto target = make_picture(width, height);
    wanted = expected(*job, target->layout(), previous);
    ASSERT_TRUE(stage->submit(std::move(job), target, previous));
    previous.fill(target);
  }
  EXPECT_TRUE(same_samples(download(*previous[0]), wanted, previous[0]->layout()));
}

TEST_F(StageTest, LargerTargetsAndReferencesWillDo) {
  references = make_references(width + 3, height + 2, 9);
  const auto target = make_picture(width + 5, height + 1);
  for (const bool deblocks : {false, true}) {
    PictureStyle style;
    style.deblocks = deblocks;
    style.pcm_percent = 0;
    JobHandle job = acquire_filled(style);
    // Motion vectors stop at the decoded picture's edges, not at the memory's.
    auto wanted = expected(*job, target->layout(), references);
    ASSERT_TRUE(stage->submit(std::move(job), target, references));
    auto decoded = target->layout();
    decoded.width = width * 16;
    const auto actual = download(*target);
    for (uint32_t row = 0; row < height * 16; ++row) {
      const auto at = std::size_t{row} * decoded.pitch;
      ASSERT_TRUE(std::equal(&actual[at], &actual[at + decoded.width], &wanted[at])) << row;
    }
  }
}

// Without waiting: each picture in flight needs scratch memory of another size.
TEST_F(StageTest, EachPictureHasASizeOfItsOwn) {
  struct Decoded {
    std::shared_ptr<Picture> target;
    std::vector<std::byte> wanted;
  };
  constexpr std::pair<uint32_t, uint32_t> sizes[] = {{6, 5},  {1, 1},  {13, 9},
                                                     {20, 2}, {3, 17}, {6, 5}};
  std::vector<Decoded> decoded;
  for (uint32_t i = 0; i < 3 * std::size(sizes); ++i) {
    const auto& [w, h] = sizes[i % std::size(sizes)];
    PictureStyle style;
    style.seed = i;
    const auto own_references = make_references(w, h, i);
    auto job = stage->acquire(w, h, h264::coefficient_words(w, h));
    ASSERT_TRUE(job);
    h264::fill_job(**job, w, h, style);
    auto target = make_picture(w, h);
    auto wanted = expected(**job, target->layout(), own_references);
    ASSERT_TRUE(stage->submit(std::move(*job), target, own_references));
    decoded.push_back({std::move(target), std::move(wanted)});
  }
  for (const auto& [target, wanted] : decoded)
    EXPECT_TRUE(same_samples(download(*target), wanted, target->layout()));
}

TEST_F(StageTest, RefusesSizesThatNoPictureHas) {
  constexpr std::pair<uint32_t, uint32_t> sizes[] = {
      {0, 5}, {6, 0}, {h264::max_width_in_mbs + 1, 5}, {6, h264::max_height_in_mbs + 1}};
  for (const auto& [w, h] : sizes)
    EXPECT_EQ(stage->acquire(w, h, 0).error(), Error::invalid_parameter);
}

TEST_F(StageTest, RefusesPicturesThatAreTooSmall) {
  const auto target = make_picture(width, height);
  const auto small = make_picture(width, height - 1);
  for (std::size_t i = 0; i < 2 * ring_size; ++i) {
    EXPECT_EQ(stage->submit(acquire(), small, references).error(), Error::invalid_parameter);
    auto some_small = references;
    some_small[7] = small;
    EXPECT_EQ(stage->submit(acquire(), target, some_small).error(), Error::invalid_parameter);
    some_small[7] = nullptr;
    EXPECT_EQ(stage->submit(acquire(), target, some_small).error(), Error::invalid_parameter);
    EXPECT_EQ(stage->submit(acquire(), nullptr, references).error(), Error::invalid_parameter);
  }
  EXPECT_EQ(device->counters().picture_submits, 0u);
}

TEST_F(StageTest, RefusesLevelsThatLeaveThePicture) {
  const auto target = make_picture(width, height);
  const std::vector<std::vector<uint32_t>> broken = {
      {1, 2}, {0, width * height + 1}, {0, 3, 2}, std::vector<uint32_t>(2 * (width + height) + 2)};
  for (const auto& levels : broken) {
    JobHandle job = acquire_filled({});
    job->intra_levels = levels;
    EXPECT_EQ(stage->submit(std::move(job), target, references).error(), Error::invalid_parameter);
  }
}

TEST_F(StageTest, PicturesInFlightOutliveTheirOwners) {
  for (std::size_t i = 0; i < 3 * ring_size; ++i) {
    PictureStyle style;
    style.seed = static_cast<uint32_t>(i);
    JobHandle job = acquire_filled(style);
    ASSERT_TRUE(stage->submit(std::move(job), make_picture(width, height),
                              make_references(width, height, style.seed)));
  }
  references = {};
  device.reset();
  stage.reset();
}

TEST_F(StageTest, AStageInUseMayBeDestroyed) {
  const auto target = make_picture(width, height);
  JobHandle job = acquire_filled({});
  const auto wanted = expected(*job, target->layout(), references);
  ASSERT_TRUE(stage->submit(std::move(job), target, references));
  (void)acquire().release();  // never given back
  stage.reset();
  EXPECT_TRUE(same_samples(download(*target), wanted, target->layout()));
}

struct Cost {
  DispatchStrategy strategy;
  bool deblocks;
  std::vector<uint32_t> intra_levels;
  uint64_t dispatches;
  bool has_inter = true;
};

class CostTest : public StageTest, public testing::WithParamInterface<Cost> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(open(GetParam().strategy));
    stage = make_stage(width, height);
    references = make_references(width, height, 1);
  }

  // Large enough for a few levels of more than 16 macroblocks.
  static constexpr uint32_t width = 10, height = 8;
};

TEST_P(CostTest, OneSubmitAndFewDispatches) {
  const auto& cost = GetParam();
  const auto target = make_picture(width, height);
  PictureStyle style;
  style.pcm_percent = cost.intra_levels.empty() ? 0 : 100;
  style.deblocks = cost.deblocks;
  auto acquired = stage->acquire(width, height, h264::coefficient_words(width, height));
  ASSERT_TRUE(acquired);
  JobHandle job = std::move(*acquired);
  h264::fill_job(*job, width, height, style);
  job->intra_levels = cost.intra_levels;
  job->inter_mb_count = cost.has_inter ? 1 : 0;
  const auto before = device->counters();
  ASSERT_TRUE(stage->submit(std::move(job), target, references));
  ASSERT_TRUE(target->wait(long_enough));
  const auto after = device->counters();
  EXPECT_EQ(after.picture_submits - before.picture_submits, 1u);
  EXPECT_EQ(after.dispatches - before.dispatches, cost.dispatches);
  // One before each dispatch, and one if the CPU reads the picture in place.
  EXPECT_EQ(after.barriers - before.barriers, cost.dispatches + (target->map().empty() ? 0 : 1));
}

// Alternating large and small levels.
const std::vector<uint32_t> uneven_levels = {0, 1, 20, 21, 39, 40, 58, 59, 60, 78, 79};

INSTANTIATE_TEST_SUITE_P(
    Pictures, CostTest,
    testing::Values(Cost{DispatchStrategy::tickets, false, {}, 2},
                    Cost{DispatchStrategy::tickets, true, {}, 5},
                    Cost{DispatchStrategy::tickets, true, {0, 30}, 6},
                    Cost{DispatchStrategy::tickets, true, {0, 10, 20, 30}, 6},
                    Cost{DispatchStrategy::levels, false, {0, 30}, 3},
                    // Three small levels in one dispatch.
                    Cost{DispatchStrategy::levels, true, {0, 10, 20, 30}, 6},
                    // One large level between small ones.
                    Cost{DispatchStrategy::levels, true, {0, 1, 2, 20, 25, 30}, 8},
                    // Two large levels do not share a dispatch.
                    Cost{DispatchStrategy::levels, false, {0, 17, 17, 30}, 4},
                    // But they do if a P or B picture would have too many dispatches.
                    Cost{DispatchStrategy::levels, true, uneven_levels, 6},
                    Cost{DispatchStrategy::levels, true, uneven_levels, 14, false}));

}  // namespace
}  // namespace daedalus::vulkan
