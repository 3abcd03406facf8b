// SPDX-License-Identifier: MIT
#include "vulkan/av1/stage.h"

#include <algorithm>

#include "vulkan/av1/recorder.h"

namespace daedalus::vulkan {

using namespace av1;

namespace {

// A coded or upscaled picture, rounded up to whole 64x64 squares.
PictureLayout scratch_layout(const PictureJob& job, uint32_t width) {
  return picture_layout(format_of_depth(job.bit_depth), in_64s(width) * 64,
                        in_64s(job.height) * 64);
}

bool has_composed_predictions(const PictureJob& job) {
  const auto any = [](const AreaCounts& counts) {
    return std::any_of(counts.begin(), counts.end(), [](uint32_t n) { return n != 0; });
  };
  return std::any_of(job.prediction_counts.begin(), job.prediction_counts.end(),
                     [&](const auto& kinds) {
                       return any(kinds[static_cast<uint32_t>(PredictionKind::special)]) ||
                              any(kinds[static_cast<uint32_t>(PredictionKind::scaled)]);
                     });
}

// The layout of the scratch buffers, in words (shaders/av1/job.glsl).
struct ScratchLayout {
  explicit ScratchLayout(const PictureJob& job) {
    const uint32_t units = in_units(job.width) * in_units(job.height);
    const uint32_t samples = in_64s(job.width) * in_64s(job.height) * 64 * 64;
    edges = av1_ticket_words(job);
    // Residuals are 16 bits each, of luma, then of Cb and Cr.
    residuals[0] = edges + 2 * units;
    residuals[1] = residuals[0] + samples / 2;
    words = residuals[1] + samples / 4;
    if (has_composed_predictions(job)) {
      second[0] = words;
      second[1] = second[0] + samples / 2;
      words = second[1] + samples / 4;
    }

    const Filters filters(job);
    if (!filters.any_but_deblock()) return;
    const uint32_t coded = scratch_layout(job, job.width).size / 4;
    const uint32_t upscaled = scratch_layout(job, job.upscaled_width).size / 4;
    filtered = coded;
    upscaled_recon = filtered + (filters.cdef ? coded : 0);
    upscaled_filtered = upscaled_recon + (filters.superres ? upscaled : 0);
    frames = upscaled_filtered + (filters.superres ? upscaled : 0);
  }

  uint32_t edges, words;
  std::array<uint32_t, 2> residuals, second{};
  // Positions in the buffer of frames; the reconstructed frame is at 0.
  uint32_t filtered = 0, upscaled_recon = 0, upscaled_filtered = 0, frames = 4;
};

FrameLayout frame_layout(const PictureLayout& layout, uint32_t word) {
  return {word, layout.pitch, layout.chroma_offset, 0};
}

// Writes where each frame is: the last filter writes to the surface, and a filter that does not run
// passes its input on.
void write_frames(JobHeader& header, const PictureJob& job, const PictureLayout& target) {
  const Filters filters(job);
  const ScratchLayout scratch(job);
  const auto coded = scratch_layout(job, job.width);
  const auto upscaled = scratch_layout(job, job.upscaled_width);
  header.target = frame_layout(target, 0);
  header.recon = filters.any_but_deblock() ? frame_layout(coded, 0) : header.target;
  header.filtered = header.recon;
  if (filters.cdef)
    header.filtered = filters.superres || filters.restoration
                          ? frame_layout(coded, scratch.filtered)
                          : header.target;
  header.upscaled_recon = header.recon;
  header.upscaled_filtered = header.filtered;
  if (filters.superres) {
    header.upscaled_recon = frame_layout(upscaled, scratch.upscaled_recon);
    header.upscaled_filtered =
        filters.restoration ? frame_layout(upscaled, scratch.upscaled_filtered) : header.target;
  }
}

bool fits(const Picture* picture, PictureFormat format, uint32_t width, uint32_t height) {
  return picture && picture->layout().format == format &&
         picture->layout().coded_width() >= width && picture->layout().coded_height() >= height;
}

// 6.8.6: whether a block may be predicted from this reference.
bool is_usable(const ReferenceSize& reference, const PictureJob& job) {
  return 2 * job.width >= reference.width && 2 * job.height >= reference.height &&
         job.width <= 16 * reference.width && job.height <= 16 * reference.height;
}

bool are_accepted(const PictureJob& job, const ReconstructionStage::Targets& targets,
                  const ReconstructionStage::References& references) {
  const PictureFormat format = format_of_depth(job.bit_depth);
  if (!fits(targets.frame.get(), format, job.upscaled_width, job.height)) return false;
  if (job.film_grain.apply && !fits(targets.display.get(), format, job.upscaled_width, job.height))
    return false;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const ReferenceSize& size = job.references[i];
    if (size.width == 0 && size.height == 0) continue;
    if (!fits(references[i].get(), format, size.width, size.height) || !is_usable(size, job))
      return false;
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

// 7.11.3.3: xScale, yScale.
uint32_t scale(uint32_t reference, uint32_t size) {
  return ((reference << 14) + size / 2) / size;
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
          scale(size.width, job.width),
          scale(size.height, job.height)};
}

// The parts of the header that depend on pictures and scratch memory.
void write_pictures(JobHeader& header, const PictureJob& job, const PictureLayout& target,
                    const VulkanPicture* display,
                    const ReconstructionStage::References& references) {
  write_frames(header, job, target);
  const ScratchLayout scratch(job);
  header.edges_word = scratch.edges;
  header.residuals_words = scratch.residuals;
  header.second_words = scratch.second;
  if (display) {
    const VkDeviceAddress address = display->coded_buffer().address();
    header.display_address_low = static_cast<uint32_t>(address);
    header.display_address_high = static_cast<uint32_t>(address >> 32);
    header.display_pitch = display->coded_layout().pitch;
    header.display_chroma_offset = display->coded_layout().chroma_offset;
  }
  for_each_read(job, references, [&](std::size_t i, const VulkanPicture& picture) {
    header.references[i] = describe(picture, job.references[i], job);
  });
}

// Expects the list sizes of an inter picture with much content.
JobRoom usual_room(uint32_t width, uint32_t height) {
  JobRoom room = max_room(width, height);
  for (uint32_t* count :
       {&room.blocks, &room.tx_splits, &room.predictions[0], &room.predictions[1], &room.overlaps,
        &room.intra[0], &room.intra[1], &room.transforms, &room.palette_words, &room.warps}) {
    *count /= 4;
  }
  room.coefficients /= 32;
  return room;
}

bool is_within(const JobRoom& room, const JobRoom& most) {
  return room.blocks <= most.blocks && room.tx_splits <= most.tx_splits &&
         room.predictions[0] <= most.predictions[0] && room.predictions[1] <= most.predictions[1] &&
         room.overlaps <= most.overlaps && room.warps <= most.warps &&
         room.intra[0] <= most.intra[0] && room.intra[1] <= most.intra[1] &&
         room.transforms <= most.transforms && room.palette_words <= most.palette_words &&
         room.coefficients <= most.coefficients;
}

bool is_size(const FrameSize& size) {
  return size.width != 0 && size.height != 0 && size.width <= size.upscaled_width &&
         size.upscaled_width <= max_width && size.height <= max_height;
}

}  // namespace

Result<std::unique_ptr<Av1Stage>> Av1Stage::create(std::shared_ptr<DeviceState> device,
                                                   uint32_t width, uint32_t height, uint32_t jobs) {
  if (!is_size({width, height, width})) return tl::unexpected(Error::invalid_parameter);
  const auto pipelines = device->pipelines.get<Av1PipelinesOf<8>>([&](VkPipelineCache cache) {
    return Av1PipelinesOf<8>::create(*device->gpu, cache, device->dispatch);
  });
  if (!pipelines) return tl::unexpected(pipelines.error());
  std::unique_ptr<Av1Stage> stage(new Av1Stage(std::move(device), **pipelines));
  auto created = stage->create_ring(width, height, jobs);
  if (!created) return tl::unexpected(created.error());
  return stage;
}

Av1Stage::Av1Stage(std::shared_ptr<DeviceState> device, const Av1Pipelines& pipelines)
    : device_(std::move(device)), pipelines_(pipelines), words_(device_), frames_(device_) {}

Result<void> Av1Stage::create_ring(uint32_t width, uint32_t height, uint32_t jobs) {
  const FrameSize size = {width, height, width};
  auto ring =
      JobRing::create(device_, {
                                   .set_layout = pipelines_.set_layout(),
                                   .binding_count = av1_binding_count,
                                   .stages = av1_stage_columns,
                                   .min_jobs = min_jobs,
                                   .max_jobs = jobs,
                                   .usual_bytes = layout(size, usual_room(width, height)).bytes(),
                                   .kept = 2 + reference_count + 2,
                                   .budget = usual_job_budget(device_->gpu->physical().memory),
                               });
  if (!ring) return tl::unexpected(ring.error());
  ring_ = std::move(*ring);
  jobs_.resize(ring_->slot_count());
  return {};
}

Av1JobLayout Av1Stage::layout(const FrameSize& size, const JobRoom& room) const {
  return {size, room, pipelines_.strategy() == DispatchStrategy::levels};
}

// Creates 10-bit pipelines when the first 10-bit picture needs them.
Result<const Av1Pipelines*> Av1Stage::pipelines(uint32_t bit_depth) const {
  if (bit_depth == 8) return &pipelines_;
  const auto made = device_->pipelines.get<Av1PipelinesOf<10>>([&](VkPipelineCache cache) {
    return Av1PipelinesOf<10>::create(*device_->gpu, cache, device_->dispatch);
  });
  if (!made) return tl::unexpected(made.error());
  return *made;
}

Result<JobHandle> Av1Stage::acquire(const FrameSize& size, const JobRoom& room) {
  if (!is_size(size) || !is_within(room, max_room(size.width, size.height)))
    return tl::unexpected(Error::invalid_parameter);
  const Av1JobLayout layout = this->layout(size, room);
  const Av1JobLayout most = this->layout(size, max_room(size.width, size.height));
  const auto slot = ring_->acquire(layout.bytes(), most.bytes());
  if (!slot) return tl::unexpected(slot.error());
  Job& job = jobs_[(*slot)->index];
  job.slot = *slot;
  job.layout = layout;
  open_av1_job(job.slot->memory.mapped(), job.layout, job);
  return JobHandle(&job, {this});
}

void Av1Stage::give_back(PictureJob& job) noexcept {
  ring_->give_back(*static_cast<Job&>(job).slot);
}

Result<void> Av1Stage::submit(JobHandle handle, const Targets& targets,
                              const References& references) {
  Job& job = static_cast<Job&>(*handle);
  if (!is_consistent(job, job.layout) || !are_accepted(job, targets, references))
    return tl::unexpected(Error::invalid_parameter);
  VulkanPicture& target = vulkan_picture(targets.frame);
  VulkanPicture* const display = job.film_grain.apply ? &vulkan_picture(targets.display) : nullptr;
  Submits after = target.uses();
  if (display) add(after, display->uses());
  for_each_read(job, references,
                [&](std::size_t, VulkanPicture& picture) { add(after, picture.writes()); });
  const uint32_t queue = device_->gpu->queues().choose(after);
  ring_->keep(*job.slot, targets.frame);
  if (display) ring_->keep(*job.slot, targets.display);
  for_each_read(job, references,
                [&](std::size_t i, VulkanPicture&) { ring_->keep(*job.slot, references[i]); });
  const auto submitted = record_and_submit(job, target, display, references, queue, after);
  if (!submitted) return tl::unexpected(submitted.error());
  target.add_write(*submitted);
  if (display) display->add_write(*submitted);
  for_each_read(job, references,
                [&](std::size_t, VulkanPicture& picture) { picture.add_read(*submitted); });
  return {};
}

Result<Av1Stage::Scratch> Av1Stage::take_scratch(const Job& job, uint32_t queue) {
  const ScratchLayout layout(job);
  Scratch scratch;
  const auto take = [&](QueueScratch& from, std::shared_ptr<const Buffer>& to, uint32_t words) {
    auto buffer = from.get(queue, VkDeviceSize{words} * 4);
    if (!buffer) return Result<void>(tl::unexpected(buffer.error()));
    to = *buffer;
    ring_->keep(*job.slot, *buffer);
    return Result<void>();
  };
  auto taken = take(words_, scratch.words, layout.words).and_then([&] {
    return take(frames_, scratch.frames, layout.frames);
  });
  if (!taken) return tl::unexpected(taken.error());
  return scratch;
}

// Bindings 0 to 7 of job.glsl.
Result<Submits> Av1Stage::record_and_submit(Job& job, VulkanPicture& target, VulkanPicture* display,
                                            const References& references, uint32_t queue,
                                            const Submits& after) {
  const auto pipelines = this->pipelines(job.bit_depth);
  if (!pipelines) return tl::unexpected(pipelines.error());
  const auto scratch = take_scratch(job, queue);
  if (!scratch) return tl::unexpected(scratch.error());
  const auto memory = job.slot->memory.mapped();
  Av1Commands picture;
  picture.workgroups = write_av1_job(memory, job.layout, job);
  write_pictures(*reinterpret_cast<JobHeader*>(memory.data()), job, target.coded_layout(), display,
                 references);
  picture.copies = target.copies_after_decoding();
  picture.target_is_mapped = !target.map().empty();
  if (display) {
    picture.display_copies = display->copies_after_decoding();
    picture.target_is_mapped |= !display->map().empty();
  }
  picture.scratch = scratch->words->get();
  picture.max_workgroups_per_axis = device_->gpu->physical().limits.maxComputeWorkGroupCount[0];

  const Filters filters(job);
  const VkBuffer lists = job.slot->memory.get(), surface = target.coded_buffer().get();
  const VkBuffer frames = scratch->frames->get();
  const VkBuffer recon = filters.any_but_deblock() ? frames : surface;
  const VkBuffer filtered =
      filters.cdef && !filters.superres && !filters.restoration ? surface : frames;
  const std::array<VkBuffer, av1_binding_count> buffers = {
      lists, lists, lists, recon, picture.scratch, surface, filtered, frames};
  const CommandSlot& command = job.slot->command;
  bind_buffers(device_->gpu->device(), command.set, buffers);
  if (auto begun = begin_commands(command.commands); !begun) return tl::unexpected(begun.error());
  Recorder recorder(command.commands, (*pipelines)->layout(), command.set,
                    ring_->take_timing(job.profile.get()));
  recorder.writes(target);
  if (display) recorder.writes(*display);
  for_each_read(job, references, [&](std::size_t, const VulkanPicture& reference) {
    recorder.reads_reference(reference);
  });
  record_av1_picture(recorder, **pipelines, job, picture);
  return ring_->submit(*job.slot, recorder, queue, after, std::move(job.profile));
}

}  // namespace daedalus::vulkan
