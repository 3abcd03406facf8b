// SPDX-License-Identifier: MIT
// How long waits last, and how they treat a device that does not answer: the test moves the
// timelines, or nobody does.
#include "vulkan/queues.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "programs/resources.h"
#include "vulkan/gpu.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {
namespace {

using namespace std::chrono_literals;
using test::WithoutLayers;
using Clock = std::chrono::steady_clock;

class QueuesTest : public testing::Test {
 protected:
  static constexpr auto patience = 500ms;

  void SetUp() override {
    auto opened = Gpu::open({});
    ASSERT_TRUE(opened) << "no usable Vulkan device";
    gpu = std::move(*opened);
    auto queues = make_queues(1);
    timeline = queues[0].timeline.get();
    queue.emplace(gpu->device(), std::move(queues), patience);
  }

  std::vector<Queue> make_queues(std::size_t count, VkQueue device_queue = VK_NULL_HANDLE) const {
    std::vector<Queue> queues(count);
    for (Queue& one : queues) one = {device_queue, gpu->create_timeline().value()};
    return queues;
  }

  void signal(VkSemaphore semaphore, uint64_t number) {
    VkSemaphoreSignalInfo info = {};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO;
    info.semaphore = semaphore;
    info.value = number;
    ASSERT_EQ(vkSignalSemaphore(gpu->device(), &info), VK_SUCCESS);
  }
  void reach(uint64_t number) { signal(timeline, number); }

  std::unique_ptr<Gpu> gpu;
  VkSemaphore timeline = VK_NULL_HANDLE;
  std::optional<Queues> queue;
};

TEST_F(QueuesTest, WaitsAsLongAsItIsTold) {
  EXPECT_TRUE(queue->wait({}, 0ns));
  EXPECT_EQ(queue->wait({1}, 0ns).error(), Error::timeout);
  const auto start = Clock::now();
  EXPECT_EQ(queue->wait({1}, 50ms).error(), Error::timeout);
  EXPECT_GE(Clock::now() - start, 50ms);
  reach(1);
  EXPECT_TRUE(queue->wait({1}, 0ns));
  EXPECT_FALSE(queue->lost());
}

TEST_F(QueuesTest, GivesUpADeviceThatDoesNotAnswer) {
  const auto start = Clock::now();
  EXPECT_EQ(queue->wait({1}, Queues::forever).error(), Error::device_lost);
  EXPECT_GE(Clock::now() - start, patience);
  EXPECT_TRUE(queue->lost());
  EXPECT_EQ(queue->wait({}, 0ns).error(), Error::device_lost);
  EXPECT_EQ(queue->submit(0, VK_NULL_HANDLE, {}).error(), Error::device_lost);
  EXPECT_FALSE(queue->release({1})) << "what it may still use would be destroyed";
  reach(1);
  EXPECT_TRUE(queue->release({1}));
}

TEST_F(QueuesTest, GivesUpForCallersThatOnlyPoll) {
  auto result = queue->wait({1}, 0ns);
  while (!result && result.error() == Error::timeout) {
    std::this_thread::sleep_for(1ms);
    result = queue->wait({1}, 0ns);
  }
  EXPECT_EQ(result.error(), Error::device_lost);
}

TEST_F(QueuesTest, GivesUpForCallersThatRelease) {
  EXPECT_FALSE(queue->release({1}));
  EXPECT_TRUE(queue->lost());
}

TEST_F(QueuesTest, EndsTheWaitsOfAllThreads) {
  std::vector<std::thread> threads;
  for (uint64_t number = 1; number <= 4; ++number)
    threads.emplace_back([this, number] {
      EXPECT_EQ(queue->wait({number}, Queues::forever).error(), Error::device_lost);
    });
  for (auto& thread : threads) thread.join();
}

// Longer than its patience in total, but never for one submit.
TEST_F(QueuesTest, IsPatientAsLongAsThereIsProgress) {
  constexpr uint64_t submits = 12;
  for (uint64_t number = 1; number <= submits; ++number) {
    EXPECT_EQ(queue->wait({submits}, patience / 4).error(), Error::timeout);
    reach(number);
  }
  EXPECT_TRUE(queue->wait({submits}, Queues::forever));
  EXPECT_FALSE(queue->lost());
}

// Progress on one queue does not excuse a queue without progress.
TEST_F(QueuesTest, WatchesEachQueue) {
  auto queues = make_queues(2);
  const VkSemaphore moving = queues[1].timeline.get();
  Queues two(gpu->device(), std::move(queues), patience);
  std::atomic<bool> given_up = false;
  std::thread other([&] {
    for (uint64_t number = 1; !given_up; ++number) {
      signal(moving, number);
      EXPECT_TRUE(two.wait({0, number}, 0ns) || two.lost());
      std::this_thread::sleep_for(1ms);
    }
  });
  EXPECT_EQ(two.wait({1, 0}, Queues::forever).error(), Error::device_lost);
  given_up = true;
  other.join();
}

// See Queues::hold_submits. A submit holds the same lock.
TEST_F(QueuesTest, LetsMemoryBeAllocatedOnlyBetweenSubmits) {
  auto no_submits = gpu->queues().hold_submits();
  auto made = std::async(std::launch::async, [this] {
    return Buffer::create(*gpu, MemoryUse::scratch, 4096).has_value();
  });
  EXPECT_EQ(made.wait_for(50ms), std::future_status::timeout);
  no_submits.unlock();
  EXPECT_TRUE(made.get());
}

// A device that is busy with other work until the gate opens. Without the validation layer: it may
// miss that the CPU opens the gate, wait ten seconds for it, and report that.
class BusyQueuesTest : public QueuesTest {
 protected:
  const WithoutLayers no_layers;

  void SetUp() override {
    QueuesTest::SetUp();
    if (HasFatalFailure()) return;
    vkGetDeviceQueue(gpu->device(), gpu->physical().compute_queue_family, 0, &device_queue);
    auto made = gpu->create_timeline();
    ASSERT_TRUE(made);
    gate = std::move(*made);
    const VkSemaphore waited = gate.get();
    const uint64_t open = 1;
    VkTimelineSemaphoreSubmitInfo values = {};
    values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    values.waitSemaphoreValueCount = 1;
    values.pWaitSemaphoreValues = &open;
    const VkPipelineStageFlags all = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkSubmitInfo info = {};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = &values;
    info.waitSemaphoreCount = 1;
    info.pWaitSemaphores = &waited;
    info.pWaitDstStageMask = &all;
    ASSERT_EQ(vkQueueSubmit(device_queue, 1, &info, VK_NULL_HANDLE), VK_SUCCESS);
  }

  // Empty commands that can be submitted any number of times.
  VkCommandBuffer make_commands(VkCommandPool pool) const {
    VkCommandBufferAllocateInfo info = {};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
    info.commandPool = pool;
    info.commandBufferCount = 1;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    EXPECT_EQ(vkAllocateCommandBuffers(gpu->device(), &info, &commands), VK_SUCCESS);
    VkCommandBufferBeginInfo begin = {};
    begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    begin.flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT;
    EXPECT_EQ(vkBeginCommandBuffer(commands, &begin), VK_SUCCESS);
    EXPECT_EQ(vkEndCommandBuffer(commands), VK_SUCCESS);
    return commands;
  }

  // Mesa's thread releases the semaphores that a submit waited for only after signalling.
  void end_submits() const { EXPECT_EQ(vkQueueWaitIdle(device_queue), VK_SUCCESS); }

  VkQueue device_queue = VK_NULL_HANDLE;
  UniqueSemaphore gate;
};

TEST_F(BusyQueuesTest, HasABoundedNumberOfSubmits) {
  Queues own(gpu->device(), make_queues(1, device_queue));
  auto pool = gpu->create_command_pool();
  ASSERT_TRUE(pool);
  const VkCommandBuffer commands = make_commands(pool->get());
  for (uint64_t number = 1; number <= Queues::max_pending; ++number)
    EXPECT_EQ(own.submit(0, commands, {}).value_or(Submits{}), Submits{number});
  std::atomic<bool> taken = false;
  std::thread client([&] {
    EXPECT_EQ(own.submit(0, commands, {}).value_or(Submits{}), Submits{Queues::max_pending + 1});
    taken = true;
  });
  std::this_thread::sleep_for(200ms);
  EXPECT_FALSE(taken);
  signal(gate.get(), 1);
  client.join();
  EXPECT_TRUE(own.wait({Queues::max_pending + 1}, Queues::forever));
}

TEST_F(BusyQueuesTest, ChoosesAQueue) {
  Queues two(gpu->device(), make_queues(2, device_queue));
  auto pool = gpu->create_command_pool();
  ASSERT_TRUE(pool);
  const VkCommandBuffer commands = make_commands(pool->get());
  EXPECT_EQ(two.choose({}), 0u);
  EXPECT_EQ(two.submit(0, commands, {}).value_or(Submits{}), (Submits{1, 0}));
  EXPECT_EQ(two.choose({}), 1u) << "the queue with nothing in flight";
  EXPECT_EQ(two.choose({1, 0}), 0u) << "the queue that it waits for";
  EXPECT_EQ(two.submit(1, commands, {}).value_or(Submits{}), (Submits{0, 1}));
  EXPECT_EQ(two.submit(1, commands, {1, 1}).value_or(Submits{}), (Submits{0, 2}));
  EXPECT_EQ(two.choose({0, 1}), 0u) << "the queue with less in flight";
  signal(gate.get(), 1);
  EXPECT_TRUE(two.wait({1, 2}, Queues::forever));
  end_submits();
}

TEST_F(BusyQueuesTest, QueuesWaitForEachOther) {
  signal(gate.get(), 1);
  auto queues = make_queues(2, device_queue);
  const VkSemaphore first = queues[0].timeline.get();
  Queues two(gpu->device(), std::move(queues));
  auto pool = gpu->create_command_pool();
  ASSERT_TRUE(pool);
  ASSERT_TRUE(two.submit(1, make_commands(pool->get()), {1, 0}));
  EXPECT_EQ(two.wait({0, 1}, 50ms).error(), Error::timeout);
  signal(first, 1);
  EXPECT_TRUE(two.wait({0, 1}, Queues::forever));
  end_submits();
}

}  // namespace
}  // namespace daedalus::vulkan
