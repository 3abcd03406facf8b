// SPDX-License-Identifier: MIT
#include "vulkan/vp9/stage.h"

#include <algorithm>
#include <numeric>

#include "vulkan/vp9/recorder.h"

namespace daedalus::vulkan {

using namespace vp9;

namespace {

PictureLayout recon_layout(const PictureJob& job) {
  return picture_layout(format_of_depth(job.bit_depth), job.width, job.height);
}

// The layout of the scratch buffer, in words (shaders/vp9/job.glsl).
struct ScratchLayout {
  explicit ScratchLayout(const PictureJob& job) {
    const uint32_t superblocks = in_superblocks(job.width) * in_superblocks(job.height);
    const uint32_t unit_words = job.bit_depth == 8 ? 2 : 4;  // of a luma unit's row
    edges = 4;
    strip_samples[0] = edges + divide_up(job.width, 8) * divide_up(job.height, 8);
    strip_samples[1] = strip_samples[0] + superblocks * (64 + 8) * unit_words;
    end = strip_samples[1] + superblocks * (32 + 8) * unit_words * 2;
  }

  uint32_t edges, end;
  std::array<uint32_t, 2> strip_samples;
};

VkDeviceSize aligned_samples(const PictureJob& job) {
  return VkDeviceSize{divide_up(job.width, 8)} * divide_up(job.height, 8) * 64;
}

bool fits(const Picture* picture, PictureFormat format, uint32_t width, uint32_t height) {
  return picture && picture->layout().format == format &&
         picture->layout().coded_width() >= width && picture->layout().coded_height() >= height;
}

// 8.5.2.3: whether a block may be predicted from this reference.
bool is_usable(const ReferenceSize& reference, const PictureJob& job) {
  return 2 * job.width >= reference.width && 2 * job.height >= reference.height &&
         job.width <= 16 * reference.width && job.height <= 16 * reference.height;
}

bool are_accepted(const PictureJob& job, const Picture* target,
                  const ReconstructionStage::References& references) {
  if (!fits(target, format_of_depth(job.bit_depth), job.width, job.height)) return false;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const ReferenceSize& size = job.references[i];
    if (size.width == 0 && size.height == 0) continue;
    if (!fits(references[i].get(), format_of_depth(job.bit_depth), size.width, size.height) ||
        !is_usable(size, job)) {
      return false;
    }
  }
  return true;
}

// The references that blocks may use.
template <typename Visit>
void for_each_read(const PictureJob& job, const ReconstructionStage::References& references,
                   Visit&& visit) {
  for (std::size_t i = 0; i < references.size(); ++i)
    if (job.references[i].width != 0) visit(i, vulkan_picture(references[i]));
}

ReferencePlane describe(const VulkanPicture& picture, const ReferenceSize& size,
                        const PictureJob& job) {
  const VkDeviceAddress address = picture.coded_buffer().address();
  return {static_cast<uint32_t>(address),
          static_cast<uint32_t>(address >> 32),
          picture.coded_layout().pitch,
          picture.coded_layout().chroma_offset,
          size.width,
          size.height,
          (size.width << 14) / job.width,
          (size.height << 14) / job.height};
}

// The parts of the header that depend on pictures and scratch memory.
void write_pictures(JobHeader& header, const PictureJob& job, const PictureLayout& target,
                    const ReconstructionStage::References& references) {
  const PictureLayout recon = job.filters ? recon_layout(job) : target;
  header.recon_pitch = recon.pitch;
  header.recon_chroma_offset = recon.chroma_offset;
  header.target_pitch = target.pitch;
  header.target_chroma_offset = target.chroma_offset;
  const ScratchLayout scratch(job);
  header.edges_word = scratch.edges;
  header.strip_samples_words = scratch.strip_samples;
  for_each_read(job, references, [&](std::size_t i, const VulkanPicture& picture) {
    header.references[i] = describe(picture, job.references[i], job);
  });
}

// Expects the list sizes of an inter picture with much content.
JobRoom usual_room(uint32_t width, uint32_t height) {
  JobRoom room = max_room(width, height);
  for (uint32_t* count : {&room.blocks, &room.small_blocks, &room.luma_transforms,
                          &room.chroma_transforms, &room.luma_intra, &room.chroma_intra}) {
    *count /= 4;
  }
  room.coefficients /= 32;
  return room;
}

bool is_within(const JobRoom& room, const JobRoom& most) {
  return room.blocks <= most.blocks && room.small_blocks <= most.small_blocks &&
         room.luma_transforms <= most.luma_transforms &&
         room.chroma_transforms <= most.chroma_transforms && room.luma_intra <= most.luma_intra &&
         room.chroma_intra <= most.chroma_intra && room.coefficients <= most.coefficients;
}

}  // namespace

Result<std::unique_ptr<Vp9Stage>> Vp9Stage::create(std::shared_ptr<DeviceState> device,
                                                   uint32_t width, uint32_t height, uint32_t jobs) {
  if (width == 0 || height == 0 || width > max_width || height > max_height) {
    return tl::unexpected(Error::invalid_parameter);
  }
  const auto pipelines = device->pipelines.get<Vp9PipelinesOf<8>>([&](VkPipelineCache cache) {
    return Vp9PipelinesOf<8>::create(*device->gpu, cache, device->dispatch);
  });
  if (!pipelines) return tl::unexpected(pipelines.error());
  std::unique_ptr<Vp9Stage> stage(new Vp9Stage(std::move(device), **pipelines));
  auto created = stage->create_ring(width, height, jobs);
  if (!created) return tl::unexpected(created.error());
  return stage;
}

Vp9Stage::Vp9Stage(std::shared_ptr<DeviceState> device, const Vp9Pipelines& pipelines)
    : device_(std::move(device)),
      pipelines_(pipelines),
      recon_(device_),
      words_(device_),
      luma_residuals_(device_),
      chroma_residuals_(device_) {}

Result<void> Vp9Stage::create_ring(uint32_t width, uint32_t height, uint32_t jobs) {
  auto ring = JobRing::create(
      device_, {
                   .set_layout = pipelines_.set_layout(),
                   .binding_count = vp9_binding_count,
                   .stages = vp9_stage_columns,
                   .min_jobs = min_jobs,
                   .max_jobs = jobs,
                   .usual_bytes = Vp9JobLayout(width, height, usual_room(width, height)).bytes(),
                   .kept = 1 + reference_count + 4,
                   .budget = usual_job_budget(device_->gpu->physical().memory),
               });
  if (!ring) return tl::unexpected(ring.error());
  ring_ = std::move(*ring);
  jobs_.resize(ring_->slot_count());
  return {};
}

// Creates 10-bit pipelines when the first 10-bit picture needs them.
Result<const Vp9Pipelines*> Vp9Stage::pipelines(uint32_t bit_depth) const {
  if (bit_depth == 8) return &pipelines_;
  const auto made = device_->pipelines.get<Vp9PipelinesOf<10>>([&](VkPipelineCache cache) {
    return Vp9PipelinesOf<10>::create(*device_->gpu, cache, device_->dispatch);
  });
  if (!made) return tl::unexpected(made.error());
  return *made;
}

Result<JobHandle> Vp9Stage::acquire(uint32_t width, uint32_t height, const JobRoom& room) {
  if (width == 0 || height == 0 || width > max_width || height > max_height ||
      !is_within(room, max_room(width, height))) {
    return tl::unexpected(Error::invalid_parameter);
  }
  const Vp9JobLayout layout(width, height, room);
  const Vp9JobLayout most(width, height, max_room(width, height));
  const auto slot = ring_->acquire(layout.bytes(), most.bytes());
  if (!slot) return tl::unexpected(slot.error());
  Job& job = jobs_[(*slot)->index];
  job.slot = *slot;
  job.layout = layout;
  open_vp9_job(job.slot->memory.mapped(), job.layout, job);
  return JobHandle(&job, {this});
}

void Vp9Stage::give_back(PictureJob& job) noexcept {
  ring_->give_back(*static_cast<Job&>(job).slot);
}

Result<void> Vp9Stage::submit(JobHandle handle, std::shared_ptr<Picture> target,
                              const References& references) {
  Job& job = static_cast<Job&>(*handle);
  if (!is_consistent(job, job.layout) || !are_accepted(job, target.get(), references))
    return tl::unexpected(Error::invalid_parameter);
  VulkanPicture& target_picture = vulkan_picture(target);
  Submits after = target_picture.uses();
  for_each_read(job, references,
                [&](std::size_t, VulkanPicture& picture) { add(after, picture.writes()); });
  const uint32_t queue = device_->gpu->queues().choose(after);
  ring_->keep(*job.slot, target);
  for_each_read(job, references,
                [&](std::size_t i, VulkanPicture&) { ring_->keep(*job.slot, references[i]); });
  const auto submitted = record_and_submit(job, target_picture, references, queue, after);
  if (!submitted) return tl::unexpected(submitted.error());
  target_picture.add_write(*submitted);
  for_each_read(job, references,
                [&](std::size_t, VulkanPicture& picture) { picture.add_read(*submitted); });
  return {};
}

Result<Vp9Stage::Scratch> Vp9Stage::take_scratch(const Job& job, uint32_t queue) {
  const VkDeviceSize samples = aligned_samples(job);
  Scratch scratch;
  const auto take = [&](QueueScratch& from, std::shared_ptr<const Buffer>& to, VkDeviceSize bytes) {
    auto buffer = from.get(queue, bytes);
    if (!buffer) return Result<void>(tl::unexpected(buffer.error()));
    to = *buffer;
    ring_->keep(*job.slot, *buffer);
    return Result<void>();
  };
  auto taken =
      take(recon_, scratch.recon, recon_layout(job).size)
          .and_then(
              [&] { return take(words_, scratch.words, ScratchLayout(job).end * VkDeviceSize{4}); })
          .and_then([&] { return take(luma_residuals_, scratch.luma_residuals, samples * 2); })
          .and_then([&] { return take(chroma_residuals_, scratch.chroma_residuals, samples); });
  if (!taken) return tl::unexpected(taken.error());
  return scratch;
}

// Bindings 0 to 7 of job.glsl. An unfiltered picture is reconstructed directly in the target.
Result<Submits> Vp9Stage::record_and_submit(Job& job, VulkanPicture& target,
                                            const References& references, uint32_t queue,
                                            const Submits& after) {
  const auto pipelines = this->pipelines(job.bit_depth);
  if (!pipelines) return tl::unexpected(pipelines.error());
  const auto scratch = take_scratch(job, queue);
  if (!scratch) return tl::unexpected(scratch.error());
  const auto memory = job.slot->memory.mapped();
  Vp9Commands picture;
  picture.workgroups = write_vp9_job(memory, job.layout, job);
  write_pictures(*reinterpret_cast<JobHeader*>(memory.data()), job, target.coded_layout(),
                 references);
  picture.copies = target.copies_after_decoding();
  picture.target_is_mapped = !target.map().empty();
  picture.max_workgroups_per_axis = device_->gpu->physical().limits.maxComputeWorkGroupCount[0];
  if (!is_recordable(job, picture)) return tl::unexpected(Error::unsupported);

  const VkBuffer lists = job.slot->memory.get(), surface = target.coded_buffer().get();
  const VkBuffer recon = job.filters ? scratch->recon->get() : surface;
  const std::array<VkBuffer, vp9_binding_count> buffers = {lists,
                                                           lists,
                                                           lists,
                                                           recon,
                                                           scratch->words->get(),
                                                           surface,
                                                           scratch->luma_residuals->get(),
                                                           scratch->chroma_residuals->get()};
  const CommandSlot& command = job.slot->command;
  bind_buffers(device_->gpu->device(), command.set, buffers);
  if (auto begun = begin_commands(command.commands); !begun) return tl::unexpected(begun.error());
  Recorder recorder(command.commands, (*pipelines)->layout(), command.set,
                    ring_->take_timing(job.profile.get()));
  recorder.writes(target);
  for_each_read(job, references, [&](std::size_t, const VulkanPicture& reference) {
    recorder.reads_reference(reference);
  });
  record_vp9_picture(recorder, **pipelines, job, picture);
  return ring_->submit(*job.slot, recorder, queue, after, std::move(job.profile));
}

}  // namespace daedalus::vulkan
