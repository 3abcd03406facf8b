// SPDX-License-Identifier: MIT
// The ring of jobs of every codec's stage: what it allocates, waits for, does without and reuses.
#include "vulkan/job_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <set>

#include "vulkan/compute_pipeline.h"
#include "vulkan/queue_scratch.h"

namespace daedalus::vulkan {
namespace {

constexpr std::size_t min_jobs = 2, max_jobs = 6;
constexpr VkDeviceSize usual_bytes = 4096, most_bytes = 64 * usual_bytes;

class JobRingTest : public testing::Test {
 protected:
  void SetUp() override {
    auto gpu = Gpu::open({});
    ASSERT_TRUE(gpu) << "no usable Vulkan device";
    device_ = std::make_shared<DeviceState>(std::move(*gpu), DispatchStrategy::automatic);
    auto set_layout = create_set_layout(device_->gpu->device(), 1);
    ASSERT_TRUE(set_layout);
    set_layout_ = std::move(*set_layout);
    auto layout = create_pipeline_layout(device_->gpu->device(), set_layout_.get(), 4);
    ASSERT_TRUE(layout);
    layout_ = std::move(*layout);
    make_ring(100 * usual_bytes);
  }

  void make_ring(VkDeviceSize budget) {
    auto ring = JobRing::create(device_, {
                                             .set_layout = set_layout_.get(),
                                             .binding_count = 1,
                                             .stages = {},
                                             .min_jobs = min_jobs,
                                             .max_jobs = max_jobs,
                                             .usual_bytes = usual_bytes,
                                             .kept = 1,
                                             .budget = budget,
                                         });
    ASSERT_TRUE(ring);
    ring_ = std::move(*ring);
  }

  JobSlot* acquire(VkDeviceSize bytes = usual_bytes) {
    const auto slot = ring_->acquire(bytes, most_bytes);
    EXPECT_TRUE(slot);
    return slot ? *slot : nullptr;
  }

  // Acquires as many jobs as possible without waiting.
  std::vector<JobSlot*> acquire_all(VkDeviceSize bytes = usual_bytes) {
    std::vector<JobSlot*> slots;
    while (slots.size() < ring_->jobs()) {
      const auto slot = ring_->acquire(bytes, most_bytes);
      if (!slot) {
        EXPECT_EQ(slot.error(), Error::out_of_memory);
        EXPECT_EQ(ring_->jobs(), slots.size());
        break;
      }
      slots.push_back(*slot);
    }
    return slots;
  }

  void give_back(const std::vector<JobSlot*>& slots) {
    for (JobSlot* slot : slots) ring_->give_back(*slot);
  }

  // Submits only barriers.
  Submits submit(JobSlot& slot) {
    EXPECT_TRUE(begin_commands(slot.command.commands));
    bind_buffers(device_->gpu->device(), slot.command.set, std::array{slot.memory.get()});
    Recorder recorder(slot.command.commands, layout_.get(), slot.command.set, {});
    recorder.begin();
    const auto submitted = ring_->submit(slot, recorder, 0, {}, nullptr);
    EXPECT_TRUE(submitted);
    ring_->give_back(slot);
    return submitted.value_or(Submits{});
  }

  std::shared_ptr<DeviceState> device_;
  UniqueDescriptorSetLayout set_layout_;
  UniquePipelineLayout layout_;
  std::unique_ptr<JobRing> ring_;
};

TEST_F(JobRingTest, MakesAsManyAsAreHeldAtATime) {
  EXPECT_EQ(ring_->slot_count(), max_jobs);
  EXPECT_EQ(ring_->jobs(), max_jobs);
  const auto slots = acquire_all();
  EXPECT_EQ(std::set(slots.begin(), slots.end()).size(), max_jobs);
  auto another = std::async(std::launch::async, [&] { return acquire(); });
  EXPECT_EQ(another.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  ring_->give_back(*slots[3]);
  EXPECT_EQ(another.get(), slots[3]);
  give_back(slots);
}

TEST_F(JobRingTest, HasMemoryForJobsOfAnySize) {
  for (const VkDeviceSize bytes : {VkDeviceSize{16}, 50 * usual_bytes, usual_bytes}) {
    for (std::size_t i = 0; i < 2 * min_jobs; ++i) {
      JobSlot* slot = acquire(bytes);
      EXPECT_GE(slot->memory.mapped().size(), bytes);
      submit(*slot);
    }
  }
}

TEST_F(JobRingTest, SaysWhichJobsNoBufferHolds) {
  const VkDeviceSize limit = device_->gpu->physical().limits.maxStorageBufferRange;
  for (const VkDeviceSize bytes : {limit + 1, ~VkDeviceSize{0}}) {
    const auto slot = ring_->acquire(bytes, most_bytes);
    ASSERT_FALSE(slot);
    EXPECT_EQ(slot.error(), Error::unsupported);
  }
  EXPECT_EQ(ring_->jobs(), max_jobs);
}

TEST_F(JobRingTest, KeepsWhatASubmitUsesUntilItIsDone) {
  auto kept = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = kept;
  JobSlot* slot = acquire();
  ring_->keep(*slot, std::move(kept));
  submit(*slot);
  EXPECT_FALSE(watched.expired());
  const auto slots = acquire_all();
  EXPECT_TRUE(watched.expired());
  give_back(slots);
}

TEST_F(JobRingTest, StaysWithinItsBudgetForAWhile) {
  make_ring(4 * (usual_bytes + usual_bytes / 4));
  give_back(acquire_all());
  EXPECT_EQ(ring_->jobs(), 4u);
  for (int i = 0; i < 64; ++i) ring_->give_back(*acquire());
  EXPECT_EQ(ring_->jobs(), max_jobs);  // it tries again
  give_back(acquire_all());
  EXPECT_EQ(ring_->jobs(), 4u);
}

// The minimum number of jobs is not counted against the budget.
TEST_F(JobRingTest, HasSomeJobsWhateverTheyTake) {
  make_ring(1);
  give_back(acquire_all(50 * usual_bytes));
  EXPECT_EQ(ring_->jobs(), min_jobs);
}

TEST_F(JobRingTest, AJobThatWasLargeDoesNotKeepOthersOut) {
  make_ring(10 * usual_bytes);
  const auto large = acquire_all(8 * usual_bytes);
  EXPECT_EQ(large.size(), min_jobs);
  give_back(large);
  for (int i = 0; i < 128; ++i) submit(*acquire());
  const auto slots = acquire_all();
  EXPECT_EQ(slots.size(), max_jobs);
  give_back(slots);
}

TEST_F(JobRingTest, QueueScratchGrowsAndIsKeptByItsUsers) {
  QueueScratch scratch(device_);
  const auto small = scratch.get(0, 1000);
  ASSERT_TRUE(small);
  EXPECT_EQ(scratch.get(0, 500), small);
  const std::weak_ptr<const Buffer> watched = *small;
  const auto large = scratch.get(0, 2000);
  ASSERT_TRUE(large);
  EXPECT_NE(*large, *small);
  EXPECT_GE((*large)->size(), 2000u);
  EXPECT_FALSE(watched.expired());
}

}  // namespace
}  // namespace daedalus::vulkan
