// SPDX-License-Identifier: MIT
// Compiles every pipeline of the driver on the default Vulkan device and prints a line for each:
// name, instructions, threads, spills, fills, bytes of scratch memory. Needs
// VK_KHR_pipeline_executable_properties, and a driver with v3dv's statistics. Prints the name on
// stderr first, so that the output of V3D_DEBUG=qpu can be attributed.
#include <vulkan/vulkan.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "vulkan/av1/pipelines.h"
#include "vulkan/h264/pipelines.h"
#include "vulkan/video/pipelines.h"
#include "vulkan/vp9/pipelines.h"

namespace {

using namespace daedalus::vulkan;

void check(VkResult result, const char* what) {
  if (result == VK_SUCCESS) return;
  fprintf(stderr, "%s failed: %d\n", what, result);
  exit(1);
}

VkDevice open_device() {
  VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
  application.apiVersion = VK_API_VERSION_1_2;
  VkInstanceCreateInfo instance_info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  instance_info.pApplicationInfo = &application;
  VkInstance instance;
  check(vkCreateInstance(&instance_info, nullptr, &instance), "vkCreateInstance");
  VkPhysicalDevice physical;
  uint32_t count = 1;
  vkEnumeratePhysicalDevices(instance, &count, &physical);
  if (count == 0) check(VK_ERROR_INITIALIZATION_FAILED, "finding a device");

  const float priority = 1;
  VkDeviceQueueCreateInfo queue{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  const std::array extensions = {VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME};
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executable{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR};
  executable.pipelineExecutableInfo = VK_TRUE;
  VkPhysicalDeviceVulkan12Features features{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  features.pNext = &executable;
  features.bufferDeviceAddress = VK_TRUE;
  VkDeviceCreateInfo device_info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
  device_info.pNext = &features;
  device_info.queueCreateInfoCount = 1;
  device_info.pQueueCreateInfos = &queue;
  device_info.enabledExtensionCount = extensions.size();
  device_info.ppEnabledExtensionNames = extensions.data();
  VkDevice device;
  check(vkCreateDevice(physical, &device_info, nullptr, &device), "vkCreateDevice");
  return device;
}

void print(VkDevice device, VkPipeline pipeline, const char* name) {
  const auto get = reinterpret_cast<PFN_vkGetPipelineExecutableStatisticsKHR>(
      vkGetDeviceProcAddr(device, "vkGetPipelineExecutableStatisticsKHR"));
  VkPipelineExecutableInfoKHR executable{VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR};
  executable.pipeline = pipeline;
  uint32_t count = 0;
  check(get(device, &executable, &count, nullptr), "reading statistics");
  std::vector<VkPipelineExecutableStatisticKHR> statistics(
      count, {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR});
  check(get(device, &executable, &count, statistics.data()), "reading statistics");

  printf("%-28s", name);
  for (const char* wanted :
       {"Instruction Count", "Thread Count", "TMU Spills", "TMU Fills", "Spill Size"}) {
    bool found = false;
    for (const auto& statistic : statistics) {
      if (strcmp(statistic.name, wanted) != 0) continue;
      printf(" %12llu", static_cast<unsigned long long>(statistic.value.u64));
      found = true;
    }
    if (!found) check(VK_ERROR_FEATURE_NOT_PRESENT, wanted);
  }
  printf("\n");
}

void compile(VkDevice device, uint32_t binding_count, uint32_t push_constant_bytes,
             const PipelineDescription& description) {
  const auto set_layout = create_set_layout(device, binding_count);
  if (!set_layout) check(VK_ERROR_INITIALIZATION_FAILED, "creating the set layout");
  const auto layout = create_pipeline_layout(device, set_layout->get(), push_constant_bytes);
  if (!layout) check(VK_ERROR_INITIALIZATION_FAILED, "creating the pipeline layout");
  VkShaderModuleCreateInfo module_info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  module_info.codeSize = description.code.size_bytes();
  module_info.pCode = description.code.data();
  VkShaderModule module;
  check(vkCreateShaderModule(device, &module_info, nullptr, &module), "vkCreateShaderModule");
  VkComputePipelineCreateInfo info{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
  info.flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR;
  info.stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module;
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = description.specialization;
  info.layout = layout->get();
  fprintf(stderr, "pipeline %s\n", description.name);
  VkPipeline pipeline;
  check(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &info, nullptr, &pipeline),
        description.name);
  print(device, pipeline, description.name);
}

}  // namespace

int main() {
  const VkDevice device = open_device();
  printf("%-28s %12s %12s %12s %12s %12s\n", "pipeline", "instructions", "threads", "spills",
         "fills", "scratch");
  constexpr auto levels = daedalus::DispatchStrategy::levels;
  for (const auto& description : h264_pipeline_descriptions(levels, true, H264PictureKind::frame))
    compile(device, h264_binding_count, h264_push_constant_bytes, description);
  for (const auto& description : h264_pipeline_descriptions(levels, true, H264PictureKind::field))
    if (std::string_view(description.name).ends_with("_field"))
      compile(device, h264_binding_count, h264_push_constant_bytes, description);
  for (const auto& description : h264_pipeline_descriptions(levels, true, H264PictureKind::mbaff))
    compile(device, h264_binding_count, h264_push_constant_bytes, description);
  for (const uint32_t bit_depth : {8u, 10u})
    for (const auto& description :
         vp9_pipeline_descriptions(daedalus::DispatchStrategy::levels, bit_depth))
      compile(device, vp9_binding_count, sizeof(Vp9Levels), description);
  for (const uint32_t bit_depth : {8u, 10u})
    for (const auto& description :
         av1_pipeline_descriptions(levels, VK_DRIVER_ID_MESA_V3DV, bit_depth))
      compile(device, av1_binding_count, sizeof(Av1Levels), description);
  for (const auto& description : video_pipeline_descriptions())
    compile(device, video_binding_count, video_push_constant_bytes, description);
}
