#include "vulkan/h264/stage.h"

#include <algorithm>
#include <new>

#include "vulkan/h264/deblocking_tables.h"
#include "vulkan/h264/recorder.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

using namespace h264;

namespace {

// job.glsl says what is there.
constexpr VkDeviceSize scratch_bytes(VkDeviceSize mb_count) {
  return (37 * mb_count / 4 + 1 + 48 * mb_count) * 16;
}

// As many levels as a well-filled picture has; acquire asks for more where needed.
std::size_t usual_coefficients(const H264JobLayout& layout) {
  return std::size_t{layout.mb_count} * 64;
}

// As many jobs as are wanted, but of large pictures no more than a small part of the memory holds.
std::size_t affordable_jobs(const VkPhysicalDeviceMemoryProperties& memory,
                            const H264JobLayout& layout, uint32_t wanted) {
  VkDeviceSize affordable = VkDeviceSize{128} << 20;
  for (const auto& heap : std::span(memory.memoryHeaps).first(memory.memoryHeapCount)) {
    affordable = std::max(affordable, heap.size / 64);
  }
  const VkDeviceSize jobs = affordable / layout.bytes(usual_coefficients(layout));
  return std::max<VkDeviceSize>(std::min<VkDeviceSize>(wanted, jobs), min_jobs);
}

VulkanPicture& vulkan_picture(const std::shared_ptr<Picture>& picture) {
  return static_cast<VulkanPicture&>(*picture);  // a stage is given its device's pictures
}

// The references whose samples the job's macroblocks may need.
template <typename Visit>
void for_each_read(const PictureJob& job, const ReconstructionStage::References& references,
                   Visit&& visit) {
  for (std::size_t slot = 0; slot < references.size(); ++slot)
    if (job.reference_slots >> slot & 1) visit(vulkan_picture(references[slot]));
}

// Whether this is a list of levels' beginnings that stays inside of the picture.
bool are_levels(std::span<const uint32_t> levels, uint32_t mb_count, uint32_t room) {
  if (levels.empty()) return true;
  return levels.size() <= room && levels.front() == 0 && levels.back() <= mb_count &&
         std::is_sorted(levels.begin(), levels.end());
}

}  // namespace

Result<std::unique_ptr<H264Stage>> H264Stage::create(std::shared_ptr<DeviceState> device,
                                                     uint32_t width_in_mbs, uint32_t height_in_mbs,
                                                     uint32_t jobs) {
  if (width_in_mbs == 0 || height_in_mbs == 0 || width_in_mbs > max_width_in_mbs ||
      height_in_mbs > max_height_in_mbs) {
    return tl::unexpected(Error::invalid_parameter);
  }
  const H264JobLayout layout(width_in_mbs, height_in_mbs);
  const auto slots = affordable_jobs(device->gpu->physical().memory, layout, jobs);
  std::unique_ptr<H264Stage> stage(new H264Stage(std::move(device), layout, slots));
  auto created = stage->create_buffers().and_then([&] { return stage->create_commands(); });
  if (!created) return tl::unexpected(created.error());
  return stage;
}

H264Stage::H264Stage(std::shared_ptr<DeviceState> device, const H264JobLayout& layout,
                     std::size_t slot_count)
    : device_(std::move(device)),
      layout_(layout),
      recon_layout_(
          picture_layout(PictureFormat::nv12, layout.width_in_mbs * 16, layout.height_in_mbs * 16)),
      slots_(slot_count),
      room_(slot_count) {}

// The GPU may still use the slots' memory and pictures.
H264Stage::~H264Stage() {
  Submits last = {};
  for (const Slot& slot : slots_) add(last, slot.last_submit);
  if (device_->gpu->queue().release(last)) return;
  for (Slot& slot : slots_) slot.memory.abandon();
  for (Scratch& scratch : scratches_) {
    scratch.recon.abandon();
    scratch.words.abandon();
  }
  commands_.abandon();
  if (timing_) timing_->abandon();
}

Result<void> H264Stage::create_buffers() {
  const Gpu& gpu = *device_->gpu;
  scratches_.resize(device_->gpu->queue().lane_count());
  for (Scratch& scratch : scratches_) {
    auto recon = Buffer::create(gpu, MemoryUse::scratch, recon_layout_.size);
    if (!recon) return tl::unexpected(recon.error());
    scratch.recon = std::move(*recon);
    auto words = Buffer::create(gpu, MemoryUse::scratch, scratch_bytes(layout_.mb_count));
    if (!words) return tl::unexpected(words.error());
    scratch.words = std::move(*words);
  }
  for (Slot& slot : slots_) {
    slot.pictures.reserve(1 + max_reference_pictures);
    slot.intra_levels.reserve(layout_.intra_level_words);
  }
  for (Slot& slot : std::span(slots_).first(made_)) {
    auto reserved = slot.memory.reserve(gpu, layout_, usual_coefficients(layout_));
    if (!reserved) return reserved;
  }
  return {};
}

Result<void> H264Stage::create_commands() {
  auto commands = CommandSlots::create(*device_->gpu, device_->h264->set_layout(),
                                       h264_binding_count, slots_.size());
  if (!commands) return tl::unexpected(commands.error());
  commands_ = std::move(*commands);
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].command = commands_[i];
  timing_ = H264Timing::create(device_, 2 * slots_.size());
  return {};
}

std::size_t H264Stage::jobs() const {
  std::lock_guard lock(mutex_);
  return room_;
}

Result<JobHandle> H264Stage::acquire(std::size_t coefficient_words) {
  if (coefficient_words > layout_.max_coefficients())
    return tl::unexpected(Error::invalid_parameter);
  if (device_->gpu->queue().lost()) return tl::unexpected(Error::device_lost);
  Slot& slot = take();
  const auto prepared = try_prepare(slot, coefficient_words);
  JobHandle job(&slot, {this});
  if (prepared) return job;
  std::lock_guard lock(mutex_);
  if (slot.memory.buffer().size() == 0 && &slot == &slots_[made_ - 1]) room_ = --made_;
  return tl::unexpected(prepared.error());
}

// Waits while callers hold all of them.
H264Stage::Slot& H264Stage::take() {
  std::unique_lock lock(mutex_);
  Slot* slot = nullptr;
  given_back_.wait(lock, [&] { return (slot = find_free()) != nullptr; });
  slot->held = true;
  return *slot;
}

// The slot that was submitted first; where the GPU is not done with that one, rather a new one.
H264Stage::Slot* H264Stage::find_free() {
  Slot* oldest = nullptr;
  for (Slot& slot : std::span(slots_).first(made_)) {
    if (!slot.held && (!oldest || slot.turn < oldest->turn)) oldest = &slot;
  }
  if (made_ == room_) return oldest;
  if (oldest && device_->gpu->queue().are_done(oldest->last_submit)) return oldest;
  return &slots_[made_++];
}

void H264Stage::give_back(PictureJob& job) noexcept {
  {
    std::lock_guard lock(mutex_);
    static_cast<Slot&>(job).held = false;
  }
  given_back_.notify_one();
}

Result<void> H264Stage::try_prepare(Slot& slot, std::size_t coefficient_words) {
  try {
    return prepare(slot, coefficient_words);
  } catch (const std::bad_alloc&) {
    return tl::unexpected(Error::out_of_memory);
  }
}

Result<void> H264Stage::prepare(Slot& slot, std::size_t coefficient_words) {
  Gpu& gpu = *device_->gpu;
  if (auto done = gpu.queue().wait(slot.last_submit, Queue::forever); !done) return done;
  slot.pictures.clear();
  if (auto reserved = slot.memory.reserve(gpu, layout_,
                                          std::max(coefficient_words, usual_coefficients(layout_)));
      !reserved) {
    return reserved;
  }
  slot.memory.open(layout_, coefficient_words, slot);
  return {};
}

Result<void> H264Stage::submit(JobHandle job, std::shared_ptr<Picture> target,
                               const References& references) {
  Slot& slot = static_cast<Slot&>(*job);
  if (!accepts(slot, target.get(), references)) return tl::unexpected(Error::invalid_parameter);
  VulkanPicture& target_picture = vulkan_picture(target);
  write_header(slot, references, target_picture.coded_layout());
  Submits after = target_picture.uses();
  for_each_read(slot, references, [&](VulkanPicture& picture) { add(after, picture.writes()); });
  const uint32_t lane = device_->gpu->queue().choose_lane(after);
  write_descriptors(slot, target_picture, scratches_[lane]);
  auto submitted = record_and_submit(slot, target_picture, lane, after);
  if (!submitted) return tl::unexpected(submitted.error());
  keep_until(*submitted, slot, std::move(target), references);
  return {};
}

void H264Stage::keep_until(const Submits& submit, Slot& slot, std::shared_ptr<Picture> target,
                           const References& references) {
  slot.last_submit = submit;
  slot.turn = ++turn_;
  vulkan_picture(target).add_write(submit);
  for_each_read(slot, references, [&](VulkanPicture& picture) { picture.add_read(submit); });
  slot.pictures.push_back(std::move(target));
  slot.pictures.insert(slot.pictures.end(), references.begin(), references.end());
}

bool H264Stage::accepts(const Slot& slot, const Picture* target,
                        const References& references) const {
  const auto fits = [&](const Picture* picture) {
    return picture && picture->layout().format == PictureFormat::nv12 &&
           picture->layout().coded_width() >= layout_.width_in_mbs * 16 &&
           picture->layout().coded_height() >= layout_.height_in_mbs * 16;
  };
  return fits(target) &&
         std::all_of(references.begin(), references.end(),
                     [&](const auto& reference) { return fits(reference.get()); }) &&
         are_levels(slot.intra_levels, layout_.mb_count, layout_.intra_level_words);
}

// The part of the header that is this stage's, and the levels.
void H264Stage::write_header(const Slot& slot, const References& references,
                             const PictureLayout& target) {
  JobHeader& header = *slot.header;
  header.width_in_mbs = layout_.width_in_mbs;
  header.height_in_mbs = layout_.height_in_mbs;
  header.deblocking = deblocking_table;
  header.mbs_quad = layout_.mbs_quad;
  header.entries_quad = layout_.entries_quad;
  header.weights_quad = layout_.weights_quad;
  header.blocks_word = layout_.blocks_quad * 4;
  header.coefficients_word = layout_.coefficients_quad * 4;
  header.intra_mbs_word = layout_.intra_mbs_quad * 4;
  header.intra_levels_word = layout_.intra_levels_quad * 4;
  const PictureLayout& recon = slot.deblocks ? recon_layout_ : target;
  header.recon_pitch = recon.pitch;
  header.recon_chroma_offset = recon.chroma_offset;
  header.target_pitch = target.pitch;
  header.target_chroma_offset = target.chroma_offset;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const VulkanPicture& reference = vulkan_picture(references[i]);
    const VkDeviceAddress address = reference.coded_buffer().address();
    header.references[i] = {static_cast<uint32_t>(address), static_cast<uint32_t>(address >> 32),
                            reference.coded_layout().pitch, reference.coded_layout().chroma_offset};
  }
  slot.memory.write_intra_levels(layout_, slot.intra_levels);
}

// Bindings 0 to 7 of job.glsl: several of them see one buffer as words and as quads. The set's
// last submit is done. A picture that is not deblocked is reconstructed where it is wanted.
void H264Stage::write_descriptors(const Slot& slot, const VulkanPicture& target,
                                  const Scratch& scratch) {
  const VkBuffer job = slot.memory.buffer().get(), surface = target.coded_buffer().get();
  const VkBuffer recon = slot.deblocks ? scratch.recon.get() : surface;
  const VkBuffer words = scratch.words.get();
  const std::array<VkBuffer, h264_binding_count> buffers = {job,   job,   job,   recon,
                                                            recon, words, words, surface};
  bind_buffers(device_->gpu->device(), slot.command.set, buffers);
}

Result<Submits> H264Stage::record_and_submit(Slot& slot, VulkanPicture& target, uint32_t lane,
                                             const Submits& after) {
  const VkCommandBuffer commands = slot.command.commands;
  if (auto begun = begin_commands(commands); !begun) return tl::unexpected(begun.error());
  H264Commands picture;
  picture.width_in_mbs = layout_.width_in_mbs;
  picture.height_in_mbs = layout_.height_in_mbs;
  picture.intra_levels = slot.intra_levels;
  picture.has_inter = slot.inter_mb_count != 0;
  picture.deblocks = slot.deblocks;
  picture.copies = target.copies_after_decoding();
  picture.target_is_mapped = !target.map().empty();
  picture.max_workgroups_per_axis = device_->gpu->physical().limits.maxComputeWorkGroupCount[0];
  if (slot.profile && timing_) picture.timed = timing_->take();
  const auto counts = record_h264_picture(commands, *device_->h264, slot.command.set, picture);
  if (auto result = vkEndCommandBuffer(commands); result != VK_SUCCESS) {
    if (timing_) timing_->give_back(picture.timed);
    return failure(result);
  }
  auto submitted = device_->gpu->queue().submit(lane, commands, after);
  if (submitted) {
    ++device_->picture_submits;
    device_->dispatches += counts.dispatches;
    device_->barriers += counts.barriers;
  } else if (timing_) {
    timing_->give_back(picture.timed);
  }
  if (submitted && slot.profile) {
    slot.profile->dispatches = counts.dispatches;
    slot.profile->barriers = counts.barriers;
    hand_over(std::move(slot.profile), picture.timed, *submitted);
  }
  return submitted;
}

// The profile's thread may be the last to hold the device.
void H264Stage::hand_over(std::unique_ptr<PictureProfile> record, const TimedPicture& timed,
                          const Submits& submit) const {
  record->submitted = profile_clock();
  add_cpu_lap(record.get(), &PictureProfile::cpu_submit);
  profile(std::move(record),
          [device = device_, timing = timing_, timed, submit](PictureProfile& done) {
            if (!device->gpu->queue().wait(submit, Queue::forever)) return;
            done.completed = profile_clock();
            if (timed.pool != VK_NULL_HANDLE) timing->read(timed, done);
          });
}

}  // namespace daedalus::vulkan
