// SPDX-License-Identifier: MIT
#include "vulkan/physical_device.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "daedalus/log.h"
#include "settings/words.h"
#include "vulkan/queues.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {
namespace {

struct Candidate {
  PhysicalDevice device;
  uint32_t api_version = 0;
  bool timeline_semaphore = false;
  bool buffer_device_address = false;
  bool subgroup_vote = false;
  std::optional<VkPhysicalDeviceDrmPropertiesEXT> drm;
};

bool has_extension(VkPhysicalDevice device, std::string_view name) {
  uint32_t count = 0;
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> extensions(count);
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, extensions.data());
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const auto& extension) { return name == extension.extensionName; });
}

// A family without graphics is preferred: it does not compete with a compositor.
void find_compute_queues(PhysicalDevice& device) {
  uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(device.handle, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(device.handle, &count, families.data());
  for (uint32_t i = 0; i < count; ++i) {
    if ((families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) == 0) continue;
    const bool has_graphics = (families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT) != 0;
    if (has_graphics && device.compute_queues != 0) continue;
    device.compute_queue_family = i;
    device.compute_queues = std::min(families[i].queueCount, max_queues);
    if (!has_graphics) break;
  }
}

// In the same way as Buffer creates pictures.
bool shares_pictures(VkPhysicalDevice device) {
  for (const char* name : dma_buf_extensions) {
    if (!has_extension(device, name)) return false;
  }
  VkPhysicalDeviceExternalBufferInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO;
  info.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
               VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  info.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT;
  VkExternalBufferProperties properties = {};
  properties.sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES;
  vkGetPhysicalDeviceExternalBufferProperties(device, &info, &properties);
  constexpr VkExternalMemoryFeatureFlags needed =
      VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT | VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
  return (properties.externalMemoryProperties.externalMemoryFeatures & needed) == needed;
}

bool shares_fences(VkPhysicalDevice device) {
  if (!has_extension(device, VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME)) return false;
  VkPhysicalDeviceExternalSemaphoreInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_SEMAPHORE_INFO;
  info.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT;
  VkExternalSemaphoreProperties properties = {};
  properties.sType = VK_STRUCTURE_TYPE_EXTERNAL_SEMAPHORE_PROPERTIES;
  vkGetPhysicalDeviceExternalSemaphoreProperties(device, &info, &properties);
  constexpr VkExternalSemaphoreFeatureFlags needed =
      VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT | VK_EXTERNAL_SEMAPHORE_FEATURE_IMPORTABLE_BIT;
  return (properties.externalSemaphoreFeatures & needed) == needed;
}

void query_sharing(PhysicalDevice& device) {
  device.dma_buf = shares_pictures(device.handle);
  if (!device.dma_buf) return;
  device.sync_fd = shares_fences(device.handle);
  if (has_extension(device.handle, VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME))
    device.foreign_queue_family = VK_QUEUE_FAMILY_FOREIGN_EXT;
}

void query_properties(Candidate& candidate) {
  auto& device = candidate.device;
  VkPhysicalDeviceDrmPropertiesEXT drm = {};
  drm.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRM_PROPERTIES_EXT;
  const bool has_drm = has_extension(device.handle, VK_EXT_PHYSICAL_DEVICE_DRM_EXTENSION_NAME);
  VkPhysicalDeviceSubgroupProperties subgroup = {};
  subgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES;
  subgroup.pNext = has_drm ? &drm : nullptr;
  VkPhysicalDeviceDriverProperties driver = {};
  driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
  driver.pNext = &subgroup;
  VkPhysicalDeviceProperties2 properties = {};
  properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
  properties.pNext = &driver;
  vkGetPhysicalDeviceProperties2(device.handle, &properties);
  device.limits = properties.properties.limits;
  device.driver = driver.driverID;
  device.subgroup_size = subgroup.subgroupSize;
  candidate.subgroup_vote = (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0 &&
                            (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_VOTE_BIT) != 0;
  if (has_drm) candidate.drm = drm;
}

void query_features(Candidate& candidate) {
  VkPhysicalDeviceVulkan12Features features_12 = {};
  features_12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  VkPhysicalDeviceFeatures2 features = {};
  features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  features.pNext = &features_12;
  vkGetPhysicalDeviceFeatures2(candidate.device.handle, &features);
  candidate.timeline_semaphore = features_12.timelineSemaphore;
  candidate.buffer_device_address = features_12.bufferDeviceAddress;
}

Candidate query(VkPhysicalDevice handle) {
  Candidate candidate;
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(handle, &properties);
  candidate.device.handle = handle;
  candidate.device.name = properties.deviceName;
  candidate.device.type = properties.deviceType;
  candidate.device.limits = properties.limits;
  candidate.api_version = properties.apiVersion;
  vkGetPhysicalDeviceMemoryProperties(handle, &candidate.device.memory);
  find_compute_queues(candidate.device);
  if (candidate.api_version >= VK_API_VERSION_1_2) {
    query_properties(candidate);
    query_features(candidate);
    query_sharing(candidate.device);
  }
  return candidate;
}

// What the device lacks, as a list in words; empty if it is suitable.
std::string missing(const Candidate& candidate) {
  const auto& limits = candidate.device.limits;
  const struct {
    bool met;
    const char* name;
  } requirements[] = {
      {candidate.api_version >= VK_API_VERSION_1_2, "Vulkan 1.2"},
      {candidate.device.compute_queues != 0, "a compute queue"},
      {candidate.timeline_semaphore, "timelineSemaphore"},
      {candidate.buffer_device_address, "bufferDeviceAddress"},
      {candidate.subgroup_vote, "subgroup votes"},
      {limits.maxPerStageDescriptorStorageBuffers >= 8, "8 storage buffers in a stage"},
      {limits.maxComputeWorkGroupInvocations >= 256 && limits.maxComputeWorkGroupSize[0] >= 256,
       "workgroups of 256"},
      {limits.maxComputeSharedMemorySize >= 16384, "16 KiB of shared memory"},
  };
  std::string list;
  for (const auto& requirement : requirements) {
    if (requirement.met) continue;
    if (!list.empty()) list += ", ";
    list += requirement.name;
  }
  return list;
}

// Smaller is better.
int rank(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return 0;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return 1;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return 2;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return 4;
    default:
      return 3;
  }
}

bool is_drm_node(const Candidate& candidate, dev_t node) {
  if (!candidate.drm) return false;
  const auto& drm = *candidate.drm;
  const auto major_number = static_cast<int64_t>(major(node));
  const auto minor_number = static_cast<int64_t>(minor(node));
  return (drm.hasPrimary && drm.primaryMajor == major_number && drm.primaryMinor == minor_number) ||
         (drm.hasRender && drm.renderMajor == major_number && drm.renderMinor == minor_number);
}

bool is_drm_node(const Candidate& candidate, const std::string& path) {
  struct stat node;
  return stat(path.c_str(), &node) == 0 && S_ISCHR(node.st_mode) &&
         is_drm_node(candidate, node.st_rdev);
}

bool is_wanted(const Candidate& candidate, uint32_t index, std::string_view wanted) {
  if (wanted.empty()) return true;
  if (wanted.front() == '/') return is_drm_node(candidate, std::string(wanted));
  uint32_t number = 0;
  const auto* end = wanted.data() + wanted.size();
  const auto parsed = std::from_chars(wanted.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return number == index;
  return contains_word(candidate.device.name, wanted);
}

Result<std::vector<Candidate>> query_all(VkInstance instance) {
  uint32_t count = 0;
  if (auto result = vkEnumeratePhysicalDevices(instance, &count, nullptr); result != VK_SUCCESS) {
    return failure(result);
  }
  std::vector<VkPhysicalDevice> handles(count);
  if (auto result = vkEnumeratePhysicalDevices(instance, &count, handles.data()); result < 0) {
    return failure(result);
  }
  std::vector<Candidate> candidates;
  for (uint32_t index = 0; index < count; ++index) candidates.push_back(query(handles[index]));
  return candidates;
}

// Logs why no device is used.
void report_all(const std::vector<Candidate>& candidates, std::string_view wanted) {
  if (candidates.empty()) log(LogLevel::error, "there is no Vulkan device");
  if (!candidates.empty())
    log(LogLevel::error,
        "no usable Vulkan device%s%.*s%s; there are:", wanted.empty() ? "" : " called \"",
        static_cast<int>(wanted.size()), wanted.data(), wanted.empty() ? "" : "\"");
  for (uint32_t index = 0; index < candidates.size(); ++index) {
    const auto lacks = missing(candidates[index]);
    log(LogLevel::error, "device %u, %s, %s%s", index, candidates[index].device.name.c_str(),
        lacks.empty() ? "usable" : "which lacks ", lacks.c_str());
  }
}

}  // namespace

Result<PhysicalDevice> choose_physical_device(VkInstance instance, const DeviceWish& wish) {
  const auto candidates = query_all(instance);
  if (!candidates) return tl::unexpected(candidates.error());

  const std::string_view wanted = wish.wanted;
  const PhysicalDevice* best = nullptr;
  for (uint32_t index = 0; index < candidates->size(); ++index) {
    const auto& candidate = (*candidates)[index];
    if (!is_wanted(candidate, index, wanted)) continue;
    if (const auto list = missing(candidate); !list.empty()) {
      log(LogLevel::warning, "Vulkan device %u, %s, lacks %s", index, candidate.device.name.c_str(),
          list.c_str());
      continue;
    }
    if (wanted.empty() && wish.drm_node && is_drm_node(candidate, *wish.drm_node)) {
      best = &candidate.device;
      break;
    }
    if (!best || rank(candidate.device.type) < rank(best->type)) best = &candidate.device;
  }
  if (!best) {
    report_all(*candidates, wanted);
    return tl::unexpected(Error::unsupported);
  }
  log(LogLevel::info, "Vulkan device: %s", best->name.c_str());
  return *best;
}

}  // namespace daedalus::vulkan
