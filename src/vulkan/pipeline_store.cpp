// SPDX-License-Identifier: MIT
#include "vulkan/pipeline_store.h"

#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

Result<void> PipelineStore::create_cache() {
  if (cache_.get() != VK_NULL_HANDLE) return {};
  VkPipelineCacheCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
  VkPipelineCache cache = VK_NULL_HANDLE;
  if (auto result = vkCreatePipelineCache(device_, &info, nullptr, &cache); result != VK_SUCCESS) {
    return failure(result);
  }
  cache_ = UniquePipelineCache(device_, cache);
  return {};
}

}  // namespace daedalus::vulkan
