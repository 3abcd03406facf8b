// SPDX-License-Identifier: MIT
#include "vulkan/stage_timing.h"

#include <array>

#include "daedalus/log.h"

namespace daedalus::vulkan {

namespace {

struct Timestamp {
  uint64_t ticks, available;
};

constexpr std::size_t max_queries = 16;  // per job

uint32_t timestamp_bits(const PhysicalDevice& physical) {
  uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(physical.handle, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(physical.handle, &count, families.data());
  return families[physical.compute_queue_family].timestampValidBits;
}

}  // namespace

void TimedJob::begin(VkCommandBuffer commands) const {
  if (pool == VK_NULL_HANDLE) return;
  vkCmdResetQueryPool(commands, pool, first_query, query_count);
  vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, pool, first_query);
}

// The GPU writes a timestamp when all earlier commands are done with the pipeline stage.
void TimedJob::mark(VkCommandBuffer commands, uint32_t stage, VkPipelineStageFlagBits last) const {
  if (pool == VK_NULL_HANDLE) return;
  vkCmdWriteTimestamp(commands, last, pool, first_query + 1 + stage);
}

std::unique_ptr<StageTiming> StageTiming::create(std::shared_ptr<DeviceState> device,
                                                 StageColumns columns, std::size_t jobs) {
  if (!profile_enabled()) return nullptr;
  const PhysicalDevice& physical = device->gpu->physical();
  const uint32_t bits = timestamp_bits(physical);
  const auto per_job = static_cast<uint32_t>(1 + columns.size());
  VkQueryPoolCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
  info.queryType = VK_QUERY_TYPE_TIMESTAMP;
  info.queryCount = static_cast<uint32_t>(jobs) * per_job;
  VkQueryPool pool = VK_NULL_HANDLE;
  if (bits == 0 || per_job > max_queries ||
      vkCreateQueryPool(device->gpu->device(), &info, nullptr, &pool) != VK_SUCCESS) {
    log(LogLevel::warning, "%s has no timestamps: the profile will not have GPU times",
        physical.name.c_str());
    return nullptr;
  }
  UniqueQueryPool owned(device->gpu->device(), pool);
  std::unique_ptr<StageTiming> timing(
      new StageTiming(std::move(device), columns, std::move(owned), physical.limits.timestampPeriod,
                      bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1));
  for (uint32_t query = 0; query < info.queryCount; query += per_job)
    timing->idle_.push_back(query);
  return timing;
}

TimedJob StageTiming::take() {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) return {};
  const TimedJob timed{pool_.get(), idle_.back(), static_cast<uint32_t>(1 + columns_.size())};
  idle_.pop_back();
  return timed;
}

void StageTiming::give_back(const TimedJob& timed) {
  if (timed.pool == VK_NULL_HANDLE) return;
  std::lock_guard lock(mutex_);
  idle_.push_back(timed.first_query);
}

// A stage that the job left out has no timestamp; the next one counts from the last one before it.
void StageTiming::read(const TimedJob& timed, PictureProfile& profile) {
  if (timed.pool == VK_NULL_HANDLE) return;
  std::array<Timestamp, max_queries> results = {};
  const VkResult read = vkGetQueryPoolResults(
      device_->gpu->device(), timed.pool, timed.first_query, timed.query_count,
      timed.query_count * sizeof(Timestamp), results.data(), sizeof(Timestamp),
      VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WITH_AVAILABILITY_BIT);
  give_back(timed);
  if ((read != VK_SUCCESS && read != VK_NOT_READY) || !results[0].available) return;
  profile.gpu_timed = 1;
  uint64_t last = results[0].ticks;
  for (std::size_t stage = 0; stage < columns_.size(); ++stage) {
    const Timestamp& done = results[1 + stage];
    if (!done.available) continue;
    const auto ticks = static_cast<double>((done.ticks - last) & valid_);
    profile.*columns_[stage] = static_cast<uint64_t>(ticks * nanoseconds_);
    last = done.ticks;
  }
}

}  // namespace daedalus::vulkan
