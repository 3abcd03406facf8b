// SPDX-License-Identifier: MIT
#include "vulkan/video/stage.h"

#include <algorithm>
#include <cstring>

#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

using namespace video;

namespace {

// As the shader's head comment says.
constexpr uint32_t columns_per_workgroup = 32 * 4, rows_per_workgroup = 8;

}  // namespace

Result<std::unique_ptr<VideoStage>> VideoStage::create(std::shared_ptr<DeviceState> device) {
  const Gpu& gpu = *device->gpu;
  const auto pipelines = device->pipelines.get<VideoPipelines>(
      [&](VkPipelineCache cache) { return VideoPipelines::create(gpu, cache); });
  if (!pipelines) return tl::unexpected(pipelines.error());
  std::unique_ptr<VideoStage> stage(new VideoStage(std::move(device), **pipelines));
  auto commands =
      CommandSlots::create(gpu, (*pipelines)->set_layout(), video_binding_count, slot_count);
  if (!commands) return tl::unexpected(commands.error());
  stage->commands_ = std::move(*commands);
  for (std::size_t i = 0; i < slot_count; ++i) stage->slots_[i].command = stage->commands_[i];
  return stage;
}

VideoStage::~VideoStage() {
  Submits last = {};
  for (const Slot& slot : slots_) add(last, slot.last_submit);
  if (device_->gpu->queue().release(last)) return;
  for (Slot& slot : slots_) {
    slot.tables.abandon();
    slot.fences.abandon();
  }
  commands_.abandon();
}

Result<void> VideoStage::submit(const Process& process, std::shared_ptr<Picture> source,
                                std::shared_ptr<Picture> target) {
  if (!source || !target || source == target ||
      !is_possible(process, source->layout(), target->layout())) {
    return tl::unexpected(Error::invalid_parameter);
  }
  plan(process, source->layout(), target->layout());
  Slot& slot = slots_[next_];
  if (auto done = device_->gpu->queue().wait(slot.last_submit, Queue::forever); !done) return done;
  if (auto written = write_tables(slot); !written) return written;
  auto& from = vulkan_picture(source);
  auto& to = vulkan_picture(target);
  const std::array buffers = {from.buffer().get(), slot.tables.get(), to.buffer().get()};
  bind_buffers(device_->gpu->device(), slot.command.set, buffers);
  auto submitted = record_and_submit(slot, from, to);
  if (!submitted) return tl::unexpected(submitted.error());
  slot.last_submit = *submitted;
  from.add_read(*submitted);
  to.add_write(*submitted);
  slot.pictures = {std::move(source), std::move(target)};
  next_ = (next_ + 1) % slot_count;
  return {};
}

// Clients process picture after picture in the same way.
void VideoStage::plan(const Process& process, const PictureLayout& source,
                      const PictureLayout& target) {
  if (plan_number_ != 0 && process_ == process && source_ == source && target_ == target) {
    return;
  }
  plan_ = make_plan(process, source, target);
  process_ = process;
  source_ = source;
  target_ = target;
  ++plan_number_;
}

// The GPU does not use the slot any more.
Result<void> VideoStage::write_tables(Slot& slot) {
  if (slot.tables_of == plan_number_) return {};
  const std::size_t bytes = plan_.tables.size() * sizeof(uint32_t);
  if (slot.tables.size() < bytes) {
    auto tables = Buffer::create(*device_->gpu, MemoryUse::upload, bytes);
    if (!tables) return tl::unexpected(tables.error());
    slot.tables = std::move(*tables);
  }
  memcpy(slot.tables.mapped().data(), plan_.tables.data(), bytes);
  slot.tables_of = plan_number_;
  return {};
}

Result<Submits> VideoStage::record_and_submit(Slot& slot, VulkanPicture& source,
                                              VulkanPicture& target) {
  const VkCommandBuffer commands = slot.command.commands;
  const auto pipeline = pipelines_.get(kind_of(source_.format, target_.format));
  if (!pipeline) return tl::unexpected(pipeline.error());
  if (auto begun = begin_commands(commands); !begun) return tl::unexpected(begun.error());
  Recorder recorder(commands, pipelines_.layout(), slot.command.set, {});
  recorder.writes(target);
  recorder.reads(source);
  record(recorder, *pipeline);
  recorder.end(!target.map().empty());
  if (auto result = vkEndCommandBuffer(commands); result != VK_SUCCESS) return failure(result);
  Submits after = target.uses();
  add(after, source.writes());
  const auto fences = slot.fences.before_submit(*device_->gpu, recorder.shared_uses());
  auto submitted = device_->gpu->queue().submit(commands, after, fences);
  if (submitted) slot.fences.after_submit(*device_->gpu, recorder.shared_uses(), *submitted);
  return submitted;
}

void VideoStage::record(Recorder& recorder, VkPipeline pipeline) const {
  const Constants& constants = plan_.constants;
  recorder.begin();
  recorder.bind(pipeline);
  recorder.push(constants);
  const uint32_t chroma_rows = traits_of(target_.format).planes == 1 ? 0 : (constants.rows + 1) / 2;
  recorder.dispatch(divide_up(constants.width, columns_per_workgroup),
                    divide_up(constants.rows + chroma_rows, rows_per_workgroup));
}

}  // namespace daedalus::vulkan
