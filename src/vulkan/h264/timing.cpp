#include "vulkan/h264/timing.h"

#include <array>

#include "daedalus/log.h"

namespace daedalus::vulkan {

namespace {

constexpr std::array<uint64_t PictureProfile::*, timed_stage_count> durations = {
    nullptr,
    &PictureProfile::gpu_inter,
    &PictureProfile::gpu_residual,
    &PictureProfile::gpu_intra,
    &PictureProfile::gpu_deblock_strip,
    &PictureProfile::gpu_deblock_vertical,
    &PictureProfile::gpu_deblock_horizontal,
    &PictureProfile::gpu_copy,
};

uint32_t timestamp_bits(const PhysicalDevice& physical) {
  uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(physical.handle, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(physical.handle, &count, families.data());
  return families[physical.compute_queue_family].timestampValidBits;
}

}  // namespace

// The GPU writes timestamps when all that came before is done with the stage.
void TimedPicture::mark(VkCommandBuffer commands, TimedStage stage) const {
  if (pool == VK_NULL_HANDLE) return;
  vkCmdWriteTimestamp(commands,
                      stage == TimedStage::copy ? VK_PIPELINE_STAGE_TRANSFER_BIT
                                                : VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                      pool, first_query + static_cast<uint32_t>(stage));
}

void TimedPicture::begin(VkCommandBuffer commands) const {
  if (pool == VK_NULL_HANDLE) return;
  vkCmdResetQueryPool(commands, pool, first_query, timed_stage_count);
  mark(commands, TimedStage::begin);
}

std::unique_ptr<H264Timing> H264Timing::create(std::shared_ptr<DeviceState> device,
                                               std::size_t pictures) {
  if (!profile_enabled()) return nullptr;
  const PhysicalDevice& physical = device->gpu->physical();
  const uint32_t bits = timestamp_bits(physical);
  VkQueryPoolCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
  info.queryType = VK_QUERY_TYPE_TIMESTAMP;
  info.queryCount = static_cast<uint32_t>(pictures) * timed_stage_count;
  VkQueryPool pool = VK_NULL_HANDLE;
  if (bits == 0 || vkCreateQueryPool(device->gpu->device(), &info, nullptr, &pool) != VK_SUCCESS) {
    log(LogLevel::warning, "%s has no timestamps: the profile says nothing about its time",
        physical.name.c_str());
    return nullptr;
  }
  UniqueQueryPool owned(device->gpu->device(), pool);
  std::unique_ptr<H264Timing> timing(
      new H264Timing(std::move(device), std::move(owned), physical.limits.timestampPeriod,
                     bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1));
  for (uint32_t query = 0; query < info.queryCount; query += timed_stage_count)
    timing->idle_.push_back(query);
  return timing;
}

TimedPicture H264Timing::take() {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) return {};
  const TimedPicture timed{pool_.get(), idle_.back()};
  idle_.pop_back();
  return timed;
}

void H264Timing::give_back(const TimedPicture& timed) {
  if (timed.pool == VK_NULL_HANDLE) return;
  std::lock_guard lock(mutex_);
  idle_.push_back(timed.first_query);
}

// A stage that the picture did without has no timestamp; the next one counts from the last there
// is.
void H264Timing::read(const TimedPicture& timed, PictureProfile& profile) {
  struct {
    uint64_t ticks, available;
  } results[timed_stage_count] = {};
  const VkResult read = vkGetQueryPoolResults(
      device_->gpu->device(), timed.pool, timed.first_query, timed_stage_count, sizeof results,
      results, sizeof results[0], VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WITH_AVAILABILITY_BIT);
  give_back(timed);
  if ((read != VK_SUCCESS && read != VK_NOT_READY) || !results[0].available) return;
  profile.gpu_timed = 1;
  uint64_t last = results[0].ticks;
  for (uint32_t stage = 1; stage < timed_stage_count; ++stage) {
    if (!results[stage].available) continue;
    const auto ticks = static_cast<double>((results[stage].ticks - last) & valid_);
    profile.*durations[stage] = static_cast<uint64_t>(ticks * nanoseconds_);
    last = results[stage].ticks;
  }
}

}  // namespace daedalus::vulkan
