// SPDX-License-Identifier: MIT
// The H.264 part of a decoder: its pictures' jobs, motion and references.
#include "daedalus/h264/decoder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "daedalus/log.h"
#include "daedalus/sole_holder.h"
#include "decoder/pipeline.h"
#include "h264/picture_parser.h"

namespace daedalus {

namespace {

using h264::max_reference_pictures;
using h264::MotionField;
using h264::PictureParser;

uint32_t next_serial() {
  // Surfaces may pass between decoders, so picture numbers are unique among all of them.
  static std::atomic<uint32_t> last = 0;
  return ++last;
}

// The type of most of the slices.
char picture_kind(std::span<const h264::SliceParameters> slices) {
  std::array<std::size_t, 3> counts{};
  for (const auto& slice : slices) ++counts[static_cast<std::size_t>(slice.slice_type)];
  return "PBI"[std::max_element(counts.begin(), counts.end()) - counts.begin()];
}

void describe_picture(const H264Picture& picture, PictureProfile& profile) {
  profile.kind = static_cast<uint8_t>(picture_kind(picture.slices));
  profile.width_in_mbs = picture.parameters.pic_width_in_mbs;
  profile.height_in_mbs = picture.parameters.height_in_mbs();
  profile.slices = picture.slices.size();
  for (const auto& slice : picture.slices) profile.nal_bytes += slice.nal_unit.size();
}

void describe_job(const h264::PictureJob& job, PictureProfile& profile) {
  profile.inter_mbs = job.inter_mb_count;
  profile.intra_mbs = job.mbs.size() - job.inter_mb_count;
  profile.intra_levels = job.intra_levels.empty() ? 0 : job.intra_levels.size() - 1;
  profile.entries = job.amounts.entries;
  profile.blocks = job.amounts.blocks;
  profile.coefficients = job.amounts.coefficients;
  profile.job_bytes =
      sizeof(h264::JobHeader) + job.mbs.size_bytes() + profile.entries * sizeof(h264::Entry) +
      (profile.blocks + profile.coefficients + profile.intra_mbs + job.intra_levels.size()) *
          sizeof(uint32_t);
}

// Damage is counted in macroblocks of the frame, row by row. A field's macroblock covers two of
// them, one below the other, like a pair of an MBAFF frame.
void add_damage_of_rows(const h264::MbRange& range, uint32_t width,
                        std::vector<Surface::Damage>& damage) {
  for (uint32_t row = range.first / width; row <= range.last / width; ++row) {
    const uint32_t first = std::max(range.first, row * width) - row * width;
    const uint32_t last = std::min(range.last, row * width + width - 1) - row * width;
    for (uint32_t frame_row = row * 2; frame_row < row * 2 + 2; ++frame_row)
      damage.push_back({frame_row * width + first, frame_row * width + last});
  }
}

bool fits(const PictureLayout& layout, uint32_t width_in_mbs, uint32_t height_in_mbs) {
  return layout.format == PictureFormat::nv12 && layout.coded_width() >= width_in_mbs * 16 &&
         layout.coded_height() >= height_in_mbs * 16;
}

}  // namespace

struct H264Decoder::State final : PipelineCodec {
  class Queued;

  State(Device& device_in, std::shared_ptr<WorkerPool> pool)
      : device(device_in), pipeline(std::move(pool), *this) {}
  ~State();

  std::size_t jobs() const override { return stage->jobs(); }

  bool continues_frame(const H264Picture& picture) const;
  std::shared_ptr<MotionField> take_motion(const H264Picture& picture, bool is_second_field);
  void drop_broken_slices(H264Picture& picture) const;
  void drop_own_field(H264Picture& picture, bool is_second_field) const;
  void lend_last_reference(H264Picture& picture, bool is_second_field) const;
  void drop_lost_references(H264Picture& picture) const;
  void set_fields(H264Picture& picture) const;
  void complete_references(const H264Picture& picture) const;
  std::shared_ptr<Picture> substitute(const H264Picture& picture);

  Device& device;
  std::unique_ptr<h264::ReconstructionStage> stage;
  std::shared_ptr<Picture> grey;  // replaces all references of a stream that lost them all
  SharedPool<MotionField> motions;
  std::weak_ptr<Surface> last_reference;  // the last target that was a reference picture
  // The last picture, if it was a field whose frame still lacks the second field.
  struct FirstField {
    std::weak_ptr<Surface> target;
    bool is_bottom = false;
    uint32_t frame_num = 0;
  };
  FirstField first_field;
  Pipeline pipeline;  // the last member, because its pictures use the others until they are done
};

class H264Decoder::State::Queued final : public QueuedPicture {
 public:
  explicit Queued(State& decoder) : decoder_(decoder) {}

  void fill(H264Picture& picture, std::shared_ptr<MotionField> motion, bool is_second_field);

  Result<std::size_t> open() override;
  Turn turn(std::size_t task) const override;
  void run(std::size_t task) override { parser_.parse_slice(task); }
  void finish(std::vector<Surface::Damage>& damage) override;
  Result<void> submit() override;
  void give_up() noexcept override;
  void tell_of_failure(Error error) const noexcept override;
  void clear() override;

 private:
  State& decoder_;
  H264Picture picture_;
  std::array<std::shared_ptr<const MotionField>, max_reference_pictures> reference_motion_;
  std::shared_ptr<MotionField> motion_;  // this picture's own; null if it is not a reference
  PictureParser parser_;
  h264::JobHandle job_;  // while it is open
};

H264Decoder::H264Decoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
H264Decoder::~H264Decoder() = default;

H264Decoder::State::~State() {
  pipeline.drain();
  pipeline.tell_of_closing("H.264", device.counters());
}

Result<std::unique_ptr<H264Decoder>> H264Decoder::create(Device& device, uint32_t width,
                                                         uint32_t height,
                                                         uint32_t entropy_threads) {
  auto pool = WorkerPool::share(std::max(entropy_threads, 1u));
  if (!pool) return tl::unexpected(pool.error());
  auto state = std::make_unique<State>(device, std::move(*pool));
  auto stage =
      device.create_h264_stage((width + 15) / 16, (height + 15) / 16, state->pipeline.capacity());
  if (!stage) return tl::unexpected(stage.error());
  state->stage = std::move(*stage);
  return std::unique_ptr<H264Decoder>(new H264Decoder(std::move(state)));
}

Result<void> H264Decoder::check(const h264::PictureParameters& parameters) {
  return PictureParser::check(parameters);
}

Result<void> H264Decoder::decode(H264Picture& picture) {
  const uint64_t given = profile_enabled() ? profile_clock() : 0;
  const auto& parameters = picture.parameters;
  const Device& device = state_->device;
  if (device.lost()) return tl::unexpected(Error::device_lost);
  if (!picture.target || !fits(picture.target->picture().layout(), parameters.pic_width_in_mbs,
                               parameters.frame_height_in_mbs))
    return tl::unexpected(Error::invalid_parameter);
  if (!device.owns(picture.target->picture())) return tl::unexpected(Error::device_lost);
  const bool is_second_field = state_->continues_frame(picture);
  state_->drop_broken_slices(picture);
  state_->drop_own_field(picture, is_second_field);
  state_->lend_last_reference(picture, is_second_field);
  state_->drop_lost_references(picture);
  state_->set_fields(picture);
  state_->complete_references(picture);
  const auto target = picture.target;
  const bool is_reference = parameters.reference_pic_flag;
  State::FirstField first_field;
  if (parameters.field_pic_flag && !is_second_field)
    first_field = {target, parameters.bottom_field_flag, parameters.frame_num};
  state_->first_field = {};

  auto queued = state_->pipeline.take<State::Queued>(*state_);
  state_->pipeline.wait_for_room();
  queued->profile = state_->pipeline.open_profile(given);
  if (queued->profile) describe_picture(picture, *queued->profile);
  queued->fill(picture, state_->take_motion(picture, is_second_field), is_second_field);
  state_->pipeline.queue(std::move(queued));
  // Not before queue(), which may throw: later pictures rely on these.
  if (is_reference) state_->last_reference = target;
  state_->first_field = first_field;
  return {};
}

// A slice that cannot be parsed counts as lost: its macroblocks are concealed.
void H264Decoder::State::drop_broken_slices(H264Picture& picture) const {
  std::erase_if(picture.slices, [&](const h264::SliceParameters& slice) {
    const bool broken = !PictureParser::check(picture.parameters, slice);
    if (broken)
      log(LogLevel::warning, "H.264: slice at macroblock %u has parameters out of range, dropped",
          slice.first_mb_in_slice);
    return broken;
  });
}

// Whether the picture is the second field of the last picture's frame (7.4.1.2.4).
bool H264Decoder::State::continues_frame(const H264Picture& picture) const {
  const auto& parameters = picture.parameters;
  return parameters.field_pic_flag && first_field.target.lock() == picture.target &&
         first_field.is_bottom != parameters.bottom_field_flag &&
         first_field.frame_num == parameters.frame_num;
}

// A picture may refer to the first field of its own frame. If a client names a field that does not
// exist yet, the reference counts as lost.
void H264Decoder::State::drop_own_field(H264Picture& picture, bool is_second_field) const {
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    if (picture.references[slot] != picture.target) continue;
    auto& frame = picture.parameters.references[slot];
    if (!is_second_field) picture.references[slot].reset();
    (picture.parameters.bottom_field_flag ? frame.has_bottom : frame.has_top) = false;
  }
}

// Lost parts of a picture without references, usually an IDR picture, are copied from the reference
// picture decoded before it. That picture becomes a reference that no slice uses.
void H264Decoder::State::lend_last_reference(H264Picture& picture, bool is_second_field) const {
  auto& frames = picture.parameters.references;
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot)
    if (frames[slot].present && picture.references[slot]) return;
  auto last = last_reference.lock();
  if (!last || (last == picture.target && !is_second_field)) return;
  picture.references[0] = std::move(last);
  frames[0] = {.present = true,
               .top_field_order_cnt = picture.parameters.top_field_order_cnt,
               .bottom_field_order_cnt = picture.parameters.bottom_field_order_cnt};
  drop_own_field(picture, is_second_field);
}

// Surfaces of a lost device count as lost.
void H264Decoder::State::drop_lost_references(H264Picture& picture) const {
  auto& parameters = picture.parameters;
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    auto& reference = picture.references[slot];
    if (reference && (!device.owns(reference->picture()) ||
                      !fits(reference->picture().layout(), parameters.pic_width_in_mbs,
                            parameters.frame_height_in_mbs)))
      reference.reset();
    parameters.references[slot].present &= reference != nullptr;
  }
}

// Some clients omit the order count of one field, and some name fields that never came. The decoded
// surface has its own order counts.
void H264Decoder::State::set_fields(H264Picture& picture) const {
  auto& parameters = picture.parameters;
  if (parameters.frame_mbs_only_flag) return;
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    if (!picture.references[slot]) continue;
    const auto motion = state_as<MotionField>(picture.references[slot]->uses().state());
    if (!motion) continue;
    auto& frame = parameters.references[slot];
    if (motion->has_field(false)) frame.top_field_order_cnt = motion->order_cnt_of_field(false);
    if (motion->has_field(true)) frame.bottom_field_order_cnt = motion->order_cnt_of_field(true);
    frame.has_top &= motion->has_field(false);
    frame.has_bottom &= motion->has_field(true);
  }
}

// A frame whose reference lacks a field reads the rows of that field. Intact streams never do that
// (8.2.4.2.1), so waiting here is fine.
void H264Decoder::State::complete_references(const H264Picture& picture) const {
  if (picture.parameters.frame_mbs_only_flag || picture.parameters.field_pic_flag) return;
  for (const auto& reference : picture.references)
    if (reference && reference->uses().lacks_field()) reference->wait_for_turn(Access::read);
}

std::shared_ptr<MotionField> H264Decoder::State::take_motion(const H264Picture& picture,
                                                             bool is_second_field) {
  const auto& parameters = picture.parameters;
  if (!parameters.reference_pic_flag) return nullptr;
  auto taken = motions.take();
  MotionField& motion = *taken;
  motion.begin(parameters.pic_width_in_mbs, parameters.height_in_mbs());
  motion.structure = parameters.structure();
  motion.is_mbaff = parameters.is_mbaff();
  motion.field_order_cnt = {parameters.top_field_order_cnt, parameters.bottom_field_order_cnt};
  if (is_second_field) motion.first_field = state_as<MotionField>(picture.target->uses().state());
  motion.serial = motion.first_field ? motion.first_field->serial : next_serial();
  return taken;
}

// A substitute for a lost reference picture, for the GPU to read.
std::shared_ptr<Picture> H264Decoder::State::substitute(const H264Picture& picture) {
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot)
    if (picture.parameters.references[slot].present)
      return picture.references[slot]->shared_picture();
  const uint32_t width_in_mbs = picture.parameters.pic_width_in_mbs;
  const uint32_t height_in_mbs = picture.parameters.frame_height_in_mbs;
  if (!grey || !fits(grey->layout(), width_in_mbs, height_in_mbs)) {
    auto made = device.create_picture(PictureFormat::nv12, width_in_mbs * 16, height_in_mbs * 16);
    if (!made) return nullptr;
    const std::vector<std::byte> samples((*made)->layout().size, std::byte{128});
    if (!(*made)->upload(samples)) return nullptr;
    grey = std::move(*made);
  }
  return grey;
}

// Takes the motion of the pictures that the references hold now. The caller's picture gets the
// vectors of an earlier one for reuse.
void H264Decoder::State::Queued::fill(H264Picture& picture, std::shared_ptr<MotionField> motion,
                                      bool is_second_field) {
  std::swap(picture_, picture);
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    const auto& reference = picture_.references[slot];
    if (!reference) continue;
    reference_motion_[slot] = state_as<MotionField>(reference->uses().state());
    // A frame whose fields are marked differently is in two slots.
    const bool known = std::any_of(uses.begin(), uses.end(),
                                   [&](const auto& use) { return use.surface == reference; });
    if (reference != picture_.target && !known) uses.push_back({reference, Access::read});
  }
  const auto& parameters = picture_.parameters;
  part.continues = is_second_field;
  if (parameters.field_pic_flag && !is_second_field)
    part.lone_field = parameters.bottom_field_flag ? Field::bottom : Field::top;
  uses.push_back({picture_.target, Access::write});
  motion_ = std::move(motion);
  state = motion_;
}

// Acquires the picture's job, and the motion that its direct prediction reads.
Result<std::size_t> H264Decoder::State::Queued::open() {
  job_.reset();  // of an earlier call, which failed after it had acquired one
  const auto& parameters = picture_.parameters;
  auto job = decoder_.stage->acquire(parameters.pic_width_in_mbs, parameters.height_in_mbs(),
                                     PictureParser::coefficient_words(parameters, picture_.slices));
  if (!job) return tl::unexpected(job.error());
  if (profile) profile->opened = profile_clock();
  add_cpu_lap(profile.get(), &PictureProfile::cpu_acquire);
  job_ = std::move(*job);

  PictureParser::Motion motion{};
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot)
    motion[slot] = reference_motion_[slot].get();
  parser_.begin(picture_.parameters, picture_.slices, motion, motion_.get(), *job_);
  add_cpu_lap(profile.get(), &PictureProfile::cpu_open);
  return picture_.slices.size();
}

QueuedPicture::Turn H264Decoder::State::Queued::turn(std::size_t task) const {
  switch (parser_.progress_of_followed(task)) {
    case DecodedState::Progress::queued:
      return Turn::later;
    case DecodedState::Progress::running:
      return Turn::following;
    case DecodedState::Progress::written:
      break;
  }
  return Turn::now;
}

void H264Decoder::State::Queued::finish(std::vector<Surface::Damage>& damage) {
  const auto& parameters = picture_.parameters;
  for (const auto& range : parser_.finish()) {
    if (parameters.field_pic_flag)
      add_damage_of_rows(range, parameters.pic_width_in_mbs, damage);
    else if (parameters.is_mbaff())
      add_damage_of_rows({range.first / 2, range.last / 2}, parameters.pic_width_in_mbs, damage);
    else
      damage.push_back({range.first, range.last});
  }
}

void H264Decoder::State::Queued::give_up() noexcept {
  if (motion_) motion_->finish();
}

Result<void> H264Decoder::State::Queued::submit() {
  h264::ReconstructionStage::References references;
  std::shared_ptr<Picture> stand_in;
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    if (picture_.parameters.references[slot].present) {
      references[slot] = picture_.references[slot]->shared_picture();
      continue;
    }
    if (!stand_in) stand_in = decoder_.substitute(picture_);
    if (!stand_in) return tl::unexpected(Error::out_of_memory);
    references[slot] = stand_in;
  }
  if (profile) describe_job(*job_, *profile);
  job_->profile = std::move(profile);
  return decoder_.stage->submit(std::move(job_), picture_.target->shared_picture(), references);
}

void H264Decoder::State::Queued::tell_of_failure(Error error) const noexcept {
  log(LogLevel::error, "H.264: a picture of %ux%u with %zu bytes of slices was not decoded: %s",
      picture_.parameters.pic_width_in_mbs * 16, picture_.parameters.frame_height_in_mbs * 16,
      picture_.slice_data.size(), describe(error));
}

void H264Decoder::State::Queued::clear() {
  picture_.target.reset();
  picture_.references = {};
  picture_.slices.clear();
  picture_.slice_data.clear();
  reference_motion_ = {};
  motion_.reset();
  job_.reset();
}

}  // namespace daedalus
