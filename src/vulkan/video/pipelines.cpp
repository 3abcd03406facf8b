// SPDX-License-Identifier: MIT
#include "vulkan/video/pipelines.h"

#include <cstddef>

#include "video_deinterlace.spv.h"
#include "video_process.spv.h"

namespace daedalus::vulkan {

namespace {

using video::Kind;

struct Row {
  const char* name;
  Kind kind;
};

// "nv12" as a target stands for RGB as well.
constexpr std::array<Row, video_process_count> rows = {{
    {"video_nv12_to_nv12", {Kind::nv12, Kind::nv12}},
    {"video_nv12_to_p010", {Kind::nv12, Kind::p010}},
    {"video_nv12_to_i420", {Kind::nv12, Kind::i420}},
    {"video_p010_to_nv12", {Kind::p010, Kind::nv12}},
    {"video_p010_to_p010", {Kind::p010, Kind::p010}},
    {"video_p010_to_i420", {Kind::p010, Kind::i420}},
    {"video_i420_to_nv12", {Kind::i420, Kind::nv12}},
    {"video_i420_to_p010", {Kind::i420, Kind::p010}},
    {"video_i420_to_i420", {Kind::i420, Kind::i420}},
    {"video_yuy2_to_nv12", {Kind::yuy2, Kind::nv12}},
    {"video_yuy2_to_p010", {Kind::yuy2, Kind::p010}},
    {"video_yuy2_to_i420", {Kind::yuy2, Kind::i420}},
    {"video_uyvy_to_nv12", {Kind::uyvy, Kind::nv12}},
    {"video_uyvy_to_p010", {Kind::uyvy, Kind::p010}},
    {"video_uyvy_to_i420", {Kind::uyvy, Kind::i420}},
}};

constexpr std::size_t index_of(Kind kind) {
  return kind.source * 3 + kind.target;
}
static_assert([] {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (index_of(rows[i].kind) != i) return false;
  return true;
}());

constexpr std::array<VkSpecializationMapEntry, 2> entries = {{
    {0, offsetof(Kind, source), sizeof(uint32_t)},
    {1, offsetof(Kind, target), sizeof(uint32_t)},
}};

constexpr auto specializations = [] {
  std::array<VkSpecializationInfo, video_process_count> infos = {};
  for (std::size_t i = 0; i < rows.size(); ++i)
    infos[i] = {entries.size(), entries.data(), sizeof(Kind), &rows[i].kind};
  return infos;
}();

constexpr std::size_t deinterlacing_of_nv12 = video_process_count,
                      deinterlacing_of_p010 = deinterlacing_of_nv12 + 1;
constexpr VkSpecializationMapEntry ten_bits_entry = {0, 0, sizeof(VkBool32)};
constexpr VkBool32 has_ten_bits = VK_TRUE;
constexpr VkSpecializationInfo ten_bits = {1, &ten_bits_entry, sizeof has_ten_bits, &has_ten_bits};

PipelineDescription description(std::size_t index) {
  if (index == deinterlacing_of_nv12)
    return {"video_deinterlace_nv12", shader_video_deinterlace, nullptr};
  if (index == deinterlacing_of_p010)
    return {"video_deinterlace_p010", shader_video_deinterlace, &ten_bits};
  return {rows[index].name, shader_video_process, &specializations[index]};
}

}  // namespace

std::array<PipelineDescription, video_pipeline_count> video_pipeline_descriptions() {
  std::array<PipelineDescription, video_pipeline_count> all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = description(i);
  return all;
}

Result<std::unique_ptr<VideoPipelines>> VideoPipelines::create(const Gpu& gpu,
                                                               VkPipelineCache cache) {
  std::unique_ptr<VideoPipelines> created(new VideoPipelines(gpu.device(), cache));
  auto set_layout = create_set_layout(gpu.device(), video_binding_count);
  if (!set_layout) return tl::unexpected(set_layout.error());
  created->set_layout_ = std::move(*set_layout);
  auto layout =
      create_pipeline_layout(gpu.device(), created->set_layout(), video_push_constant_bytes);
  if (!layout) return tl::unexpected(layout.error());
  created->layout_ = std::move(*layout);
  const auto usual = created->get({Kind::nv12, Kind::nv12});
  if (!usual) return tl::unexpected(usual.error());
  return created;
}

Result<VkPipeline> VideoPipelines::get(Kind kind) const {
  return get(index_of(kind));
}

Result<VkPipeline> VideoPipelines::deinterlacing(PictureFormat format) const {
  return get(format == PictureFormat::p010 ? deinterlacing_of_p010 : deinterlacing_of_nv12);
}

Result<VkPipeline> VideoPipelines::get(std::size_t index) const {
  std::lock_guard lock(mutex_);
  if (pipelines_[index].get() == VK_NULL_HANDLE) {
    auto made = create_compute_pipeline(device_, cache_, layout(), description(index));
    if (!made) return tl::unexpected(made.error());
    pipelines_[index] = std::move(*made);
  }
  return pipelines_[index].get();
}

}  // namespace daedalus::vulkan
