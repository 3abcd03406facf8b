// How long waits last, and what they make of a device that does not answer: time lines that nobody
// moves, or the test does.
#include "vulkan/queue.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "vulkan/gpu.h"

namespace daedalus::vulkan {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class QueueTest : public testing::Test {
 protected:
  static constexpr auto patience = 500ms;

  void SetUp() override {
    auto opened = Gpu::open({});
    ASSERT_TRUE(opened) << "no usable Vulkan device";
    gpu = std::move(*opened);
    VkSemaphoreTypeCreateInfo type = {};
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    VkSemaphoreCreateInfo info = {};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
    info.pNext = &type;
    ASSERT_EQ(vkCreateSemaphore(gpu->device(), &info, nullptr, &timeline), VK_SUCCESS);
    queue.emplace(gpu->device(), VK_NULL_HANDLE, UniqueSemaphore(gpu->device(), timeline),
                  patience);
  }

  void reach(uint64_t number) {
    VkSemaphoreSignalInfo info = {};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO;
    info.semaphore = timeline;
    info.value = number;
    ASSERT_EQ(vkSignalSemaphore(gpu->device(), &info), VK_SUCCESS);
  }

  std::unique_ptr<Gpu> gpu;
  VkSemaphore timeline = VK_NULL_HANDLE;
  std::optional<Queue> queue;
};

TEST_F(QueueTest, WaitsAsLongAsItIsTold) {
  EXPECT_TRUE(queue->wait(0, 0ns));
  EXPECT_EQ(queue->wait(1, 0ns).error(), Error::timeout);
  const auto start = Clock::now();
  EXPECT_EQ(queue->wait(1, 50ms).error(), Error::timeout);
  EXPECT_GE(Clock::now() - start, 50ms);
  reach(1);
  EXPECT_TRUE(queue->wait(1, 0ns));
  EXPECT_FALSE(queue->lost());
}

TEST_F(QueueTest, GivesADeviceUpThatDoesNotAnswer) {
  const auto start = Clock::now();
  EXPECT_EQ(queue->wait(1, Queue::forever).error(), Error::device_lost);
  EXPECT_GE(Clock::now() - start, patience);
  EXPECT_TRUE(queue->lost());
  EXPECT_EQ(queue->wait(0, 0ns).error(), Error::device_lost);
  EXPECT_EQ(queue->submit(VK_NULL_HANDLE).error(), Error::device_lost);
  EXPECT_FALSE(queue->release(1)) << "what it may still use would be destroyed";
  reach(1);
  EXPECT_TRUE(queue->release(1));
}

TEST_F(QueueTest, GivesItUpForThoseWhoOnlyAsk) {
  auto result = queue->wait(1, 0ns);
  while (!result && result.error() == Error::timeout) {
    std::this_thread::sleep_for(1ms);
    result = queue->wait(1, 0ns);
  }
  EXPECT_EQ(result.error(), Error::device_lost);
}

TEST_F(QueueTest, GivesItUpForWhoReleases) {
  EXPECT_FALSE(queue->release(1));
  EXPECT_TRUE(queue->lost());
}

TEST_F(QueueTest, EndsTheWaitsOfAllThreads) {
  std::vector<std::thread> threads;
  for (uint64_t number = 1; number <= 4; ++number)
    threads.emplace_back([this, number] {
      EXPECT_EQ(queue->wait(number, Queue::forever).error(), Error::device_lost);
    });
  for (auto& thread : threads) thread.join();
}

// Longer than its patience, but never at one submit.
TEST_F(QueueTest, IsPatientAsLongAsThereIsProgress) {
  constexpr uint64_t submits = 12;
  std::thread device([this] {
    for (uint64_t number = 1; number <= submits; ++number) {
      std::this_thread::sleep_for(patience / 4);
      reach(number);
    }
  });
  EXPECT_TRUE(queue->wait(submits, Queue::forever));
  device.join();
  EXPECT_FALSE(queue->lost());
}

}  // namespace
}  // namespace daedalus::vulkan
