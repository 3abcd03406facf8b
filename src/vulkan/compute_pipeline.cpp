// SPDX-License-Identifier: MIT
#include "vulkan/compute_pipeline.h"

#include <vector>

#include "daedalus/log.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {
namespace {

Result<UniqueShaderModule> create_module(VkDevice device, std::span<const uint32_t> code) {
  VkShaderModuleCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  info.codeSize = code.size_bytes();
  info.pCode = code.data();
  VkShaderModule module = VK_NULL_HANDLE;
  if (auto result = vkCreateShaderModule(device, &info, nullptr, &module); result != VK_SUCCESS) {
    return failure(result);
  }
  return UniqueShaderModule(device, module);
}

}  // namespace

Result<UniqueDescriptorSetLayout> create_set_layout(VkDevice device, uint32_t binding_count) {
  std::vector<VkDescriptorSetLayoutBinding> bindings(binding_count);
  for (uint32_t i = 0; i < binding_count; ++i) {
    bindings[i].binding = i;
    bindings[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    bindings[i].descriptorCount = 1;
    bindings[i].stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
  }
  VkDescriptorSetLayoutCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  info.bindingCount = binding_count;
  info.pBindings = bindings.data();
  VkDescriptorSetLayout layout = VK_NULL_HANDLE;
  if (auto result = vkCreateDescriptorSetLayout(device, &info, nullptr, &layout);
      result != VK_SUCCESS) {
    return failure(result);
  }
  return UniqueDescriptorSetLayout(device, layout);
}

Result<UniquePipelineLayout> create_pipeline_layout(VkDevice device, VkDescriptorSetLayout set,
                                                    uint32_t push_constant_bytes) {
  VkPushConstantRange constants = {};
  constants.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
  constants.size = push_constant_bytes;
  VkPipelineLayoutCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  info.setLayoutCount = 1;
  info.pSetLayouts = &set;
  info.pushConstantRangeCount = 1;
  info.pPushConstantRanges = &constants;
  VkPipelineLayout layout = VK_NULL_HANDLE;
  if (auto result = vkCreatePipelineLayout(device, &info, nullptr, &layout); result != VK_SUCCESS) {
    return failure(result);
  }
  return UniquePipelineLayout(device, layout);
}

Result<UniquePipeline> create_compute_pipeline(VkDevice device, VkPipelineCache cache,
                                               VkPipelineLayout layout,
                                               const PipelineDescription& description) {
  auto module = create_module(device, description.code);
  if (!module) return tl::unexpected(module.error());
  VkComputePipelineCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module->get();
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = description.specialization;
  info.layout = layout;
  VkPipeline pipeline = VK_NULL_HANDLE;
  if (auto result = vkCreateComputePipelines(device, cache, 1, &info, nullptr, &pipeline);
      result != VK_SUCCESS) {
    log(LogLevel::error, "cannot compile shader %s (VkResult %d)", description.name, result);
    return failure(result);
  }
  return UniquePipeline(device, pipeline);
}

}  // namespace daedalus::vulkan
