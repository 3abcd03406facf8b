#include "vulkan/video/pipeline.h"

#include "video_process.spv.h"

namespace daedalus::vulkan {

PipelineDescription video_pipeline_description() {
  return {"video_process", shader_video_process, nullptr};
}

Result<std::unique_ptr<VideoPipeline>> VideoPipeline::create(const Gpu& gpu,
                                                             VkPipelineCache cache) {
  auto created = std::make_unique<VideoPipeline>();
  auto set_layout = create_set_layout(gpu.device(), video_binding_count);
  if (!set_layout) return tl::unexpected(set_layout.error());
  created->set_layout_ = std::move(*set_layout);
  auto layout =
      create_pipeline_layout(gpu.device(), created->set_layout(), video_push_constant_bytes);
  if (!layout) return tl::unexpected(layout.error());
  created->layout_ = std::move(*layout);
  auto pipeline =
      create_compute_pipeline(gpu.device(), cache, created->layout(), video_pipeline_description());
  if (!pipeline) return tl::unexpected(pipeline.error());
  created->pipeline_ = std::move(*pipeline);
  return created;
}

}  // namespace daedalus::vulkan
