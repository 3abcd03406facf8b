// SPDX-License-Identifier: MIT
#include "vulkan/h264/stage.h"

#include <algorithm>

#include "vulkan/h264/deblocking_tables.h"
#include "vulkan/h264/recorder.h"

namespace daedalus::vulkan {

using namespace h264;

namespace {

// See job.glsl for the contents.
constexpr VkDeviceSize scratch_bytes(VkDeviceSize mb_count) {
  return (37 * mb_count / 4 + 1 + 48 * mb_count) * 16 + mb_count * 4;
}

PictureLayout recon_layout(const H264JobLayout& layout) {
  return picture_layout(PictureFormat::nv12, layout.width_in_mbs * 16, layout.height_in_mbs * 16);
}

// With as many levels as a picture full of content has.
VkDeviceSize usual_bytes(const H264JobLayout& layout) {
  return layout.bytes(std::size_t{layout.mb_count} * 64);
}

// The references that the job's macroblocks may read.
template <typename Visit>
void for_each_read(const PictureJob& job, const ReconstructionStage::References& references,
                   Visit&& visit) {
  for (std::size_t slot = 0; slot < references.size(); ++slot)
    if (job.reference_slots >> slot & 1) visit(vulkan_picture(references[slot]));
}

// Whether this is a valid list of levels' beginnings, inside the picture.
bool are_levels(std::span<const uint32_t> levels, const H264JobLayout& layout) {
  if (levels.empty()) return true;
  return levels.size() <= layout.intra_level_words && levels.front() == 0 &&
         levels.back() <= layout.mb_count && std::is_sorted(levels.begin(), levels.end());
}

bool is_picture_size(uint32_t width_in_mbs, uint32_t height_in_mbs) {
  return width_in_mbs > 0 && height_in_mbs > 0 && width_in_mbs <= max_width_in_mbs &&
         height_in_mbs <= max_height_in_mbs;
}

bool is_field(const PictureJob& job) {
  return job.structure != PictureStructure::frame;
}

bool is_accepted(const PictureJob& job, const H264JobLayout& layout, const Picture* target,
                 const ReconstructionStage::References& references) {
  const uint32_t rows = layout.height_in_mbs * (is_field(job) ? 32 : 16);
  const auto fits = [&](const Picture* picture) {
    return picture && picture->layout().format == PictureFormat::nv12 &&
           picture->layout().coded_width() >= layout.width_in_mbs * 16 &&
           picture->layout().coded_height() >= rows;
  };
  return fits(target) && (!job.is_mbaff || layout.height_in_mbs % 2 == 0) &&
         std::all_of(references.begin(), references.end(),
                     [&](const auto& reference) { return fits(reference.get()); }) &&
         are_levels(job.intra_levels, layout);
}

void write_layout(JobHeader& header, const H264JobLayout& layout) {
  header.width_in_mbs = layout.width_in_mbs;
  header.height_in_mbs = layout.height_in_mbs;
  header.mbs_quad = layout.mbs_quad;
  header.entries_quad = layout.entries_quad;
  header.weights_quad = layout.weights_quad;
  header.blocks_word = layout.blocks_quad * 4;
  header.coefficients_word = layout.coefficients_quad * 4;
  header.intra_mbs_word = layout.intra_mbs_quad * 4;
  header.intra_levels_word = layout.intra_levels_quad * 4;
}

// The offset of the job's picture in its frame's memory, in bytes.
struct Rows {
  uint32_t offset, pitch, chroma_offset;
};
Rows rows_of(const PictureJob& job, const PictureLayout& frame) {
  if (!is_field(job)) return {0, frame.pitch, frame.chroma_offset};
  const uint32_t offset = job.structure == PictureStructure::bottom_field ? frame.pitch : 0;
  return {offset, frame.pitch * 2, frame.chroma_offset + offset};
}

// Everything that the entropy stage has not written.
void write_header(JobHeader& header, const PictureJob& job, const H264JobLayout& layout,
                  const PictureLayout& target, const ReconstructionStage::References& references) {
  write_layout(header, layout);
  header.deblocking = deblocking_table;
  const Rows target_rows = rows_of(job, target);
  const PictureLayout own = recon_layout(layout);
  const Rows recon_rows = job.deblocks ? Rows{0, own.pitch, own.chroma_offset} : target_rows;
  header.is_bottom_field = job.structure == PictureStructure::bottom_field;
  header.recon_offset = recon_rows.offset;
  header.recon_pitch = recon_rows.pitch;
  header.recon_chroma_offset = recon_rows.chroma_offset;
  header.target_offset = target_rows.offset;
  header.target_pitch = target_rows.pitch;
  header.target_chroma_offset = target_rows.chroma_offset;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const VulkanPicture& reference = vulkan_picture(references[i]);
    const VkDeviceAddress address = reference.coded_buffer().address();
    header.references[i] = {static_cast<uint32_t>(address), static_cast<uint32_t>(address >> 32),
                            reference.coded_layout().pitch, reference.coded_layout().chroma_offset};
  }
}

H264Commands describe(const PictureJob& job, const H264JobLayout& layout, VulkanPicture& target) {
  H264Commands picture;
  picture.width_in_mbs = layout.width_in_mbs;
  picture.height_in_mbs = layout.height_in_mbs;
  picture.intra_levels = job.intra_levels;
  picture.has_inter = job.inter_mb_count != 0;
  picture.deblocks = job.deblocks;
  picture.copies = target.copies_after_decoding();
  picture.target_is_mapped = !target.map().empty();
  return picture;
}

}  // namespace

Result<std::unique_ptr<H264Stage>> H264Stage::create(std::shared_ptr<DeviceState> device,
                                                     uint32_t width_in_mbs, uint32_t height_in_mbs,
                                                     uint32_t jobs) {
  if (!is_picture_size(width_in_mbs, height_in_mbs))
    return tl::unexpected(Error::invalid_parameter);
  const auto pipelines = device->pipelines.get<H264Pipelines>([&](VkPipelineCache cache) {
    return H264Pipelines::create(*device->gpu, cache, device->dispatch);
  });
  if (!pipelines) return tl::unexpected(pipelines.error());
  std::unique_ptr<H264Stage> stage(new H264Stage(std::move(device), **pipelines));
  const H264JobLayout usual(width_in_mbs, height_in_mbs);
  auto created =
      stage->reserve_scratch(usual).and_then([&] { return stage->create_ring(usual, jobs); });
  if (!created) return tl::unexpected(created.error());
  return stage;
}

H264Stage::H264Stage(std::shared_ptr<DeviceState> device, const H264Pipelines& pipelines)
    : device_(std::move(device)), pipelines_(pipelines), recon_(device_), words_(device_) {}

Result<void> H264Stage::reserve_scratch(const H264JobLayout& usual) {
  return recon_.reserve(recon_layout(usual).size).and_then([&] {
    return words_.reserve(scratch_bytes(usual.mb_count));
  });
}

Result<void> H264Stage::create_ring(const H264JobLayout& usual, uint32_t jobs) {
  auto ring =
      JobRing::create(device_, {
                                   .set_layout = pipelines_.set_layout(),
                                   .binding_count = h264_binding_count,
                                   .stages = h264_stage_columns,
                                   .min_jobs = min_jobs,
                                   .max_jobs = jobs,
                                   .usual_bytes = usual_bytes(usual),
                                   .kept = 1 + max_reference_pictures + 2,
                                   .budget = usual_job_budget(device_->gpu->physical().memory),
                               });
  if (!ring) return tl::unexpected(ring.error());
  ring_ = std::move(*ring);
  jobs_.resize(ring_->slot_count());
  for (Job& job : jobs_) job.intra_levels.reserve(usual.intra_level_words);
  return {};
}

Result<JobHandle> H264Stage::acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                                     std::size_t coefficient_words) {
  if (!is_picture_size(width_in_mbs, height_in_mbs))
    return tl::unexpected(Error::invalid_parameter);
  const H264JobLayout layout(width_in_mbs, height_in_mbs);
  if (coefficient_words > layout.max_coefficients())
    return tl::unexpected(Error::invalid_parameter);
  const auto slot = ring_->acquire(std::max(layout.bytes(coefficient_words), usual_bytes(layout)),
                                   layout.bytes(layout.max_coefficients()));
  if (!slot) return tl::unexpected(slot.error());
  Job& job = jobs_[(*slot)->index];
  job.slot = *slot;
  job.layout = layout;
  open_h264_job(job.slot->memory.mapped(), layout, coefficient_words, job);
  return JobHandle(&job, {this});
}

void H264Stage::give_back(PictureJob& job) noexcept {
  ring_->give_back(*static_cast<Job&>(job).slot);
}

Result<void> H264Stage::submit(JobHandle handle, std::shared_ptr<Picture> target,
                               const References& references) {
  Job& job = static_cast<Job&>(*handle);
  if (!is_accepted(job, job.layout, target.get(), references))
    return tl::unexpected(Error::invalid_parameter);
  VulkanPicture& target_picture = vulkan_picture(target);
  const auto memory = job.slot->memory.mapped();
  write_header(h264_job_header(memory), job, job.layout, target_picture.coded_layout(), references);
  write_h264_intra_levels(memory, job.layout, job.intra_levels);
  Submits after = target_picture.uses();
  for_each_read(job, references, [&](VulkanPicture& picture) { add(after, picture.writes()); });
  const uint32_t queue = device_->gpu->queues().choose(after);
  const auto pipelines = pipelines_for(job);
  if (!pipelines) return tl::unexpected(pipelines.error());
  ring_->keep(*job.slot, target);
  for (const auto& reference : references) ring_->keep(*job.slot, reference);
  const auto submitted =
      record_and_submit(job, **pipelines, target_picture, references, queue, after);
  if (!submitted) return tl::unexpected(submitted.error());
  target_picture.add_write(*submitted);
  for_each_read(job, references, [&](VulkanPicture& picture) { picture.add_read(*submitted); });
  return {};
}

// The pipelines of fields and of MBAFF frames are compiled for the first such picture.
Result<const H264Pipelines*> H264Stage::pipelines_for(const PictureJob& job) {
  if (job.is_mbaff) return lazy_pipelines<H264PictureKind::mbaff>(mbaff_pipelines_);
  if (is_field(job)) return lazy_pipelines<H264PictureKind::field>(field_pipelines_);
  return &pipelines_;
}

template <H264PictureKind kind>
Result<const H264Pipelines*> H264Stage::lazy_pipelines(const H264Pipelines*& pipelines) {
  if (pipelines) return pipelines;
  const auto made = device_->pipelines.get<H264PipelinesOf<kind>>([&](VkPipelineCache cache) {
    return H264PipelinesOf<kind>::create(*device_->gpu, cache, device_->dispatch);
  });
  if (!made) return tl::unexpected(made.error());
  pipelines = *made;
  return pipelines;
}

Result<H264Stage::Scratch> H264Stage::take_scratch(const Job& job, uint32_t queue) {
  const auto recon = recon_.get(queue, recon_layout(job.layout).size);
  if (!recon) return tl::unexpected(recon.error());
  const auto words = words_.get(queue, scratch_bytes(job.layout.mb_count));
  if (!words) return tl::unexpected(words.error());
  ring_->keep(*job.slot, *recon);
  ring_->keep(*job.slot, *words);
  return Scratch{*recon, *words};
}

// Bindings 0 to 7 of job.glsl; several of them see the same buffer, as words and as quads. A
// picture that is not deblocked is reconstructed directly in the target.
Result<Submits> H264Stage::record_and_submit(Job& job, const H264Pipelines& pipelines,
                                             VulkanPicture& target, const References& references,
                                             uint32_t queue, const Submits& after) {
  const auto scratch = take_scratch(job, queue);
  if (!scratch) return tl::unexpected(scratch.error());
  const VkBuffer streams = job.slot->memory.get(), surface = target.coded_buffer().get();
  const VkBuffer recon = job.deblocks ? scratch->recon->get() : surface;
  const VkBuffer words = scratch->words->get();
  const std::array<VkBuffer, h264_binding_count> buffers = {streams, streams, streams, recon,
                                                            recon,   words,   words,   surface};
  const CommandSlot& command = job.slot->command;
  bind_buffers(device_->gpu->device(), command.set, buffers);
  if (auto begun = begin_commands(command.commands); !begun) return tl::unexpected(begun.error());
  Recorder recorder(command.commands, pipelines.layout(), command.set,
                    ring_->take_timing(job.profile.get()));
  recorder.writes(target);
  for_each_read(job, references,
                [&](const VulkanPicture& picture) { recorder.reads_reference(picture); });
  H264Commands picture = describe(job, job.layout, target);
  picture.max_workgroups_per_axis = device_->gpu->physical().limits.maxComputeWorkGroupCount[0];
  record_h264_picture(recorder, pipelines, picture);
  return ring_->submit(*job.slot, recorder, queue, after, std::move(job.profile));
}

}  // namespace daedalus::vulkan
