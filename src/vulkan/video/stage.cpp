// SPDX-License-Identifier: MIT
#include "vulkan/video/stage.h"

#include <algorithm>
#include <cstring>

#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

using namespace video;

namespace {

// See the shaders' head comments.
constexpr uint32_t columns_per_workgroup = 32 * 4, rows_per_workgroup = 8;
constexpr uint32_t words_per_workgroup = 32, row_pairs_per_workgroup = 8;

const PictureLayout* layout_of(const VulkanPicture* picture) {
  return picture ? &picture->layout() : nullptr;
}

bool is_adaptive(const Process& process) {
  return process.deinterlacing == Deinterlacing::motion_adaptive;
}

// Only references that are read and differ from the frame.
Source needed(const Process& process, Source source) {
  const auto needs = [&](const std::shared_ptr<Picture>& reference) {
    return is_adaptive(process) && reference != source.frame;
  };
  if (!needs(source.previous)) source.previous.reset();
  if (!needs(source.next)) source.next.reset();
  return source;
}

VulkanPicture* picture_or_null(const std::shared_ptr<Picture>& picture) {
  return picture ? &vulkan_picture(picture) : nullptr;
}

// The picture in between if a frame is deinterlaced and then processed.
PictureLayout deinterlaced_layout(const PictureLayout& frame) {
  return picture_layout(frame.format, frame.width, frame.height);
}

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
  if (device_->gpu->queues().release(last)) return;
  for (Slot& slot : slots_) {
    slot.tables.leak();
    slot.deinterlaced.leak();
    slot.fences.leak();
  }
  commands_.leak();
}

Result<void> VideoStage::submit(const Process& process, const Source& given,
                                std::shared_ptr<Picture> target) {
  if (!given.frame || !target) return tl::unexpected(Error::invalid_parameter);
  Source source = needed(process, given);
  if (source.frame == target || source.previous == target || source.next == target ||
      !is_possible(process, source.frame->layout(), target->layout()))
    return tl::unexpected(Error::invalid_parameter);
  const Pictures pictures{&vulkan_picture(source.frame), picture_or_null(source.previous),
                          picture_or_null(source.next), &vulkan_picture(target)};
  const auto& layout = source.frame->layout();
  const bool adaptive = is_adaptive(process);
  if (adaptive &&
      !can_deinterlace(process, layout, layout_of(pictures.previous), layout_of(pictures.next)))
    return tl::unexpected(Error::invalid_parameter);
  const Steps steps{adaptive, !adaptive || !only_deinterlaces(process, layout, target->layout())};

  Slot& slot = slots_[next_];
  if (auto done = device_->gpu->queues().wait(slot.last_submit, Queues::forever); !done)
    return done;
  if (auto prepared = prepare(slot, process, pictures, steps); !prepared) return prepared;
  bind(slot, pictures, steps);
  auto submitted = record_and_submit(slot, process, pictures, steps);
  if (!submitted) return tl::unexpected(submitted.error());
  slot.last_submit = *submitted;
  for (auto* read : {pictures.frame, pictures.previous, pictures.next})
    if (read) read->add_read(*submitted);
  pictures.target->add_write(*submitted);
  slot.pictures = {std::move(source.frame), std::move(source.previous), std::move(source.next),
                   std::move(target)};
  next_ = (next_ + 1) % slot_count;
  return {};
}

// The GPU must not use the slot any more.
Result<void> VideoStage::prepare(Slot& slot, const Process& process, const Pictures& pictures,
                                 Steps steps) {
  if (!steps.processes) return {};
  const auto& frame = pictures.frame->layout();
  if (!steps.deinterlaces) {
    plan(process, frame, pictures.target->layout());
    return write_tables(slot);
  }
  const auto between = deinterlaced_layout(frame);
  if (slot.deinterlaced.size() < between.size) {
    auto made = Buffer::create(*device_->gpu, MemoryUse::scratch, between.size);
    if (!made) return tl::unexpected(made.error());
    slot.deinterlaced = std::move(*made);
  }
  plan(remaining_part(process), between, pictures.target->layout());
  return write_tables(slot);
}

// Clients process picture after picture in the same way.
void VideoStage::plan(const Process& process, const PictureLayout& source,
                      const PictureLayout& target) {
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const KnownPlan& known = plans_[i];
    if (known.number == 0 || known.process != process || known.source != source ||
        known.target != target)
      continue;
    current_plan_ = i;
    return;
  }
  current_plan_ = (current_plan_ + 1) % plans_.size();
  plans_[current_plan_] = {make_plan(process, source, target), ++plan_count_, process, source,
                           target};
}

Result<void> VideoStage::write_tables(Slot& slot) {
  const KnownPlan& known = plans_[current_plan_];
  if (slot.tables_of == known.number) return {};
  const auto& tables = known.plan.tables;
  const std::size_t bytes = tables.size() * sizeof(uint32_t);
  if (slot.tables.size() < bytes) {
    auto made = Buffer::create(*device_->gpu, MemoryUse::upload, bytes);
    if (!made) return tl::unexpected(made.error());
    slot.tables = std::move(*made);
  }
  memcpy(slot.tables.mapped().data(), tables.data(), bytes);
  slot.tables_of = known.number;
  return {};
}

// Bindings that the submit does not use get an arbitrary buffer.
void VideoStage::bind(const Slot& slot, const Pictures& pictures, Steps steps) const {
  const auto buffer_of = [&](const VulkanPicture* picture) {
    return (picture ? picture : pictures.frame)->buffer().get();
  };
  const VkBuffer frame = buffer_of(pictures.frame), target = buffer_of(pictures.target);
  const VkBuffer between = steps.processes ? slot.deinterlaced.get() : target;
  const std::array all = {steps.deinterlaces ? between : frame,
                          steps.processes ? slot.tables.get() : frame,
                          target,
                          frame,
                          buffer_of(pictures.previous),
                          buffer_of(pictures.next),
                          between};
  const auto used = static_cast<std::size_t>(VideoBinding::target) + 1;
  bind_buffers(device_->gpu->device(), slot.command.set,
               std::span(all).first(steps.deinterlaces ? all.size() : used));
}

Result<Submits> VideoStage::record_and_submit(Slot& slot, const Process& process,
                                              const Pictures& pictures, Steps steps) {
  const VkCommandBuffer commands = slot.command.commands;
  if (auto begun = begin_commands(commands); !begun) return tl::unexpected(begun.error());
  Recorder recorder(commands, pipelines_.layout(), slot.command.set, {});
  Submits after = pictures.target->uses();
  recorder.writes(*pictures.target);
  auto* const next = pictures.next == pictures.previous ? nullptr : pictures.next;
  for (auto* read : {pictures.frame, pictures.previous, next}) {
    if (!read) continue;
    recorder.reads(*read);
    add(after, read->writes());
  }
  if (auto recorded = record(recorder, process, pictures, steps); !recorded)
    return tl::unexpected(recorded.error());
  recorder.end(!pictures.target->map().empty());
  if (auto result = vkEndCommandBuffer(commands); result != VK_SUCCESS) return failure(result);
  const auto fences = slot.fences.before_submit(*device_->gpu, recorder.shared_uses());
  auto submitted = device_->gpu->queues().submit(commands, after, fences);
  if (submitted) slot.fences.after_submit(*device_->gpu, recorder.shared_uses(), *submitted);
  return submitted;
}

Result<void> VideoStage::record(Recorder& recorder, const Process& process,
                                const Pictures& pictures, Steps steps) const {
  recorder.begin();
  if (!steps.deinterlaces) return record_processing(recorder);
  if (!steps.processes)
    return record_deinterlacing(recorder, process, pictures, pictures.target->layout());
  const auto between = deinterlaced_layout(pictures.frame->layout());
  auto recorded = record_deinterlacing(recorder, deinterlacing_part(process), pictures, between);
  if (!recorded) return recorded;
  recorder.barrier();
  return record_processing(recorder);
}

Result<void> VideoStage::record_deinterlacing(Recorder& recorder, const Process& process,
                                              const Pictures& pictures,
                                              const PictureLayout& target) const {
  const auto& frame = pictures.frame->layout();
  const auto pipeline = pipelines_.deinterlacing(frame.format);
  if (!pipeline) return tl::unexpected(pipeline.error());
  recorder.bind(*pipeline);
  recorder.push(make_deinterlacing(process, frame, layout_of(pictures.previous),
                                   layout_of(pictures.next), target));
  const uint32_t words = divide_up(target.width * traits_of(target.format).sample_bytes, 4);
  const uint32_t luma_pairs = divide_up(target.height, 2), chroma_pairs = divide_up(luma_pairs, 2);
  recorder.dispatch(divide_up(words, words_per_workgroup),
                    divide_up(luma_pairs, row_pairs_per_workgroup) +
                        divide_up(chroma_pairs, row_pairs_per_workgroup));
  return {};
}

Result<void> VideoStage::record_processing(Recorder& recorder) const {
  const KnownPlan& known = plans_[current_plan_];
  const auto pipeline = pipelines_.get(kind_of(known.source.format, known.target.format));
  if (!pipeline) return tl::unexpected(pipeline.error());
  const Constants& constants = known.plan.constants;
  recorder.bind(*pipeline);
  recorder.push(constants);
  const uint32_t chroma_rows =
      traits_of(known.target.format).planes == 1 ? 0 : (constants.rows + 1) / 2;
  recorder.dispatch(divide_up(constants.width, columns_per_workgroup),
                    divide_up(constants.rows + chroma_rows, rows_per_workgroup));
  return {};
}

}  // namespace daedalus::vulkan
