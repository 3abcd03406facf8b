// SPDX-License-Identifier: MIT
// The toy's GPU part: one shader on the ring of jobs from src/vulkan. A real codec has it in
// src/vulkan/<codec>.
#include <algorithm>
#include <array>

#include "toy/job.h"
#include "toy_blocks.spv.h"
#include "vulkan/compute_pipeline.h"
#include "vulkan/device.h"
#include "vulkan/device_state.h"
#include "vulkan/job_ring.h"
#include "vulkan/picture.h"

namespace daedalus::toy {

namespace {

using namespace vulkan;

// Bindings and push constants of blocks.comp.
constexpr uint32_t binding_count = 3;
struct Constants {
  uint32_t step;
  uint32_t target_pitch, target_chroma;
  uint32_t reference_pitch, has_reference;
};

enum class TimedStage : uint32_t { blocks, copy };
constexpr std::array<uint64_t PictureProfile::*, 2> stage_columns = {&PictureProfile::gpu_inter,
                                                                     &PictureProfile::gpu_copy};

constexpr std::size_t min_jobs = 4;
constexpr VkDeviceSize max_bytes =
    VkDeviceSize{max_size / block_size} * (max_size / block_size) * sizeof(uint32_t);

struct Pipelines {
  static Result<std::unique_ptr<Pipelines>> create(const Gpu& gpu, VkPipelineCache cache) {
    auto pipelines = std::make_unique<Pipelines>();
    auto set_layout = create_set_layout(gpu.device(), binding_count);
    if (!set_layout) return tl::unexpected(set_layout.error());
    pipelines->set_layout = std::move(*set_layout);
    auto layout =
        create_pipeline_layout(gpu.device(), pipelines->set_layout.get(), sizeof(Constants));
    if (!layout) return tl::unexpected(layout.error());
    pipelines->layout = std::move(*layout);
    auto blocks = create_compute_pipeline(gpu.device(), cache, pipelines->layout.get(),
                                          {"toy_blocks", shader_toy_blocks, nullptr});
    if (!blocks) return tl::unexpected(blocks.error());
    pipelines->blocks = std::move(*blocks);
    return pipelines;
  }

  UniqueDescriptorSetLayout set_layout;
  UniquePipelineLayout layout;
  UniquePipeline blocks;
};

class VulkanStage final : public Stage, JobOwner<Job> {
 public:
  static Result<std::unique_ptr<Stage>> create(std::shared_ptr<DeviceState> device, uint32_t jobs) {
    const auto pipelines = device->pipelines.get<Pipelines>(
        [&](VkPipelineCache cache) { return Pipelines::create(*device->gpu, cache); });
    if (!pipelines) return tl::unexpected(pipelines.error());
    auto ring =
        JobRing::create(device, {
                                    .set_layout = (*pipelines)->set_layout.get(),
                                    .binding_count = binding_count,
                                    .stages = stage_columns,
                                    .min_jobs = min_jobs,
                                    .max_jobs = jobs,
                                    .usual_bytes = max_bytes,
                                    .kept = 2,  // target and reference
                                    .budget = usual_job_budget(device->gpu->physical().memory),
                                });
    if (!ring) return tl::unexpected(ring.error());
    return std::unique_ptr<Stage>(
        new VulkanStage(std::move(device), **pipelines, std::move(*ring)));
  }

  std::size_t jobs() const override { return ring_->jobs(); }

  Result<JobHandle> acquire(uint32_t width_in_blocks, uint32_t height_in_blocks) override {
    const std::size_t count = std::size_t{width_in_blocks} * height_in_blocks;
    const auto slot = ring_->acquire(count * sizeof(uint32_t), max_bytes);
    if (!slot) return tl::unexpected(slot.error());
    auto& job = jobs_[(*slot)->index];
    job.slot = *slot;
    job.width_in_blocks = width_in_blocks;
    job.height_in_blocks = height_in_blocks;
    job.differences = {reinterpret_cast<uint32_t*>(job.slot->memory.mapped().data()), count};
    return JobHandle(&job, {this});
  }

  Result<void> submit(JobHandle handle, std::shared_ptr<Picture> target,
                      std::shared_ptr<Picture> reference) override {
    auto& job = static_cast<RingJob&>(*handle);
    auto& target_picture = vulkan_picture(target);
    // Without a reference the shader does not read this, but the binding must be valid.
    auto& read_picture = reference ? vulkan_picture(reference) : target_picture;
    Submits after = target_picture.uses();
    add(after, read_picture.writes());
    const uint32_t queue = device_->gpu->queues().choose(after);
    ring_->keep(*job.slot, target);
    if (reference) ring_->keep(*job.slot, reference);

    const CommandSlot& command = job.slot->command;
    const std::array buffers = {job.slot->memory.get(), target_picture.coded_buffer().get(),
                                read_picture.coded_buffer().get()};
    bind_buffers(device_->gpu->device(), command.set, buffers);
    if (auto begun = begin_commands(command.commands); !begun) return begun;
    Recorder recorder(command.commands, pipelines_.layout.get(), command.set,
                      ring_->take_timing(job.profile.get()));
    recorder.writes(target_picture);
    if (reference) recorder.reads_reference(read_picture);
    record(recorder, job, target_picture, read_picture.coded_layout(), reference != nullptr);
    const auto submitted = ring_->submit(*job.slot, recorder, queue, after, std::move(job.profile));
    if (!submitted) return tl::unexpected(submitted.error());
    target_picture.add_write(*submitted);
    if (reference) read_picture.add_read(*submitted);
    return {};
  }

 private:
  // The caller's handle of a slot of the ring.
  struct RingJob : Job {
    JobSlot* slot = nullptr;
  };

  VulkanStage(std::shared_ptr<DeviceState> device, const Pipelines& pipelines,
              std::unique_ptr<JobRing> ring)
      : device_(std::move(device)),
        pipelines_(pipelines),
        jobs_(ring->slot_count()),
        ring_(std::move(ring)) {}

  void give_back(Job& job) noexcept override { ring_->give_back(*static_cast<RingJob&>(job).slot); }

  void record(Recorder& recorder, const Job& job, VulkanPicture& target,
              const PictureLayout& reference, bool has_reference) const {
    const auto& layout = target.coded_layout();
    recorder.begin();
    recorder.bind(pipelines_.blocks.get());
    recorder.push(Constants{job.step, layout.pitch / 4, layout.chroma_offset / 4,
                            reference.pitch / 4, has_reference});
    recorder.dispatch(job.width_in_blocks, job.height_in_blocks);
    recorder.mark(TimedStage::blocks);
    if (const auto copies = target.copies_after_decoding())
      recorder.copy(*copies, TimedStage::copy);
    recorder.end(!target.map().empty());
  }

  const std::shared_ptr<DeviceState> device_;
  const Pipelines& pipelines_;
  std::vector<RingJob> jobs_;  // one for each of the ring's slots
  const std::unique_ptr<JobRing> ring_;
};

}  // namespace

Result<std::unique_ptr<Stage>> create_stage(Device& device, uint32_t jobs) {
  return VulkanStage::create(vulkan::state_of(device), jobs);
}

}  // namespace daedalus::toy
