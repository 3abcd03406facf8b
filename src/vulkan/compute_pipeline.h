// SPDX-License-Identifier: MIT
// The parts that all compute pipelines of the driver share: storage buffers and push constants.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>
#include <span>

#include "daedalus/error.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

struct PipelineDescription {
  const char* name;
  std::span<const uint32_t> code;              // SPIR-V
  const VkSpecializationInfo* specialization;  // may be null
};

// Storage buffers at bindings 0 to binding_count - 1.
Result<UniqueDescriptorSetLayout> create_set_layout(VkDevice device, uint32_t binding_count);

Result<UniquePipelineLayout> create_pipeline_layout(VkDevice device, VkDescriptorSetLayout set,
                                                    uint32_t push_constant_bytes);

Result<UniquePipeline> create_compute_pipeline(VkDevice device, VkPipelineCache cache,
                                               VkPipelineLayout layout,
                                               const PipelineDescription& description);

}  // namespace daedalus::vulkan
