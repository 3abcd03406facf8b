// SPDX-License-Identifier: MIT
// The AV1 part of a decoder: its frames' jobs, references, and the state that frames pass on.
#include "daedalus/av1/decoder.h"

#include <algorithm>
#include <utility>

#include "av1/film_grain.h"
#include "av1/frame_motion.h"
#include "av1/picture_parser.h"
#include "av1/tile_parser_pool.h"
#include "daedalus/av1/stage.h"
#include "daedalus/log.h"
#include "decoder/av1/decoded_frame.h"
#include "decoder/pipeline.h"

namespace daedalus {

namespace {

using av1::DecodedFrame;
using av1::PictureParser;
using av1::SavedReferences;

// How many pictures may have open jobs. CDFs pass from frame to frame along the branches of a
// pyramid, which is coded depth first: several branches run in parallel only if the frames of two
// pyramids of 16 are open. If those of four are, the frames after a key frame run in parallel with
// the end of the previous chain. A 1080p job takes up to 20 MB; stages have fewer where memory is
// scarce.
constexpr uint32_t max_jobs = 64;

bool fits(Surface& surface, const av1::PictureParameters& parameters) {
  const auto& layout = surface.picture().layout();
  return layout.format == format_of_depth(parameters.bit_depth) &&
         layout.width >= parameters.upscaled_width && layout.height >= parameters.height;
}

// Whether a frame may be predicted from the reference: see 6.8.6.
bool may_refer_to(const DecodedFrame& reference, const av1::PictureParameters& parameters) {
  return reference.bit_depth == parameters.bit_depth &&
         reference.monochrome == parameters.monochrome &&
         av1::is_scale_valid(parameters, {reference.upscaled_width, reference.height});
}

void describe_frame(const Av1Picture& picture, PictureProfile& profile) {
  profile.kind = picture.parameters.intra() ? 'I' : 'P';
  profile.width_in_mbs = (picture.parameters.upscaled_width + 15) / 16;
  profile.height_in_mbs = (picture.parameters.height + 15) / 16;
  profile.slices = picture.parameters.tiles.size();
  profile.nal_bytes = picture.data.size();
}

// Damage is counted in squares of 64x64 samples, in raster order.
void add_damage(const av1::DamagedSquares& damaged, uint32_t columns,
                std::vector<Surface::Damage>& damage) {
  for (uint32_t row = damaged.first_row; row < damaged.end_row; ++row)
    damage.push_back(
        {row * columns + damaged.first_column, row * columns + damaged.end_column - 1});
}

// A reference's samples and state; null: lost.
struct Reference {
  std::shared_ptr<Surface> surface;
  std::shared_ptr<const DecodedFrame> frame;
};
using References = std::array<Reference, av1::reference_count>;

}  // namespace

struct Av1Decoder::State final : PipelineCodec {
  class Queued;

  State(Device& device_in, std::shared_ptr<WorkerPool> pool)
      : device(device_in), pipeline(std::move(pool), *this) {}
  ~State();

  std::size_t jobs() const override { return stage->jobs(); }

  Result<void> check(const Av1Picture& picture) const;
  Reference find(const std::shared_ptr<Surface>& surface,
                 const av1::PictureParameters& parameters) const;
  References find_all(const Av1Picture& picture) const;

  Device& device;
  std::unique_ptr<av1::ReconstructionStage> stage;
  const std::shared_ptr<av1::TileParserPool> tile_parsers = std::make_shared<av1::TileParserPool>();
  Pipeline pipeline;  // the last member, because its pictures use the others until they are done
};

class Av1Decoder::State::Queued final : public QueuedPicture {
 public:
  explicit Queued(State& decoder) : decoder_(decoder), parser_(decoder.tile_parsers) {}

  void fill(Av1Picture& picture, References references, std::shared_ptr<DecodedFrame> frame);

  bool may_open() const override;
  Result<std::size_t> open() override;
  Turn turn(std::size_t task) const override;
  void run(std::size_t task) override { parser_.parse_tile(task); }
  void finish(std::vector<Surface::Damage>& damage) override;
  Result<void> submit() override;
  void give_up() noexcept override;
  void tell_of_failure(Error error) const noexcept override;
  void clear() override;

 private:
  void add_use(const std::shared_ptr<Surface>& surface, Access access);
  SavedReferences saved_references() const;

  State& decoder_;
  Av1Picture picture_;
  References references_;
  std::shared_ptr<DecodedFrame> frame_;
  bool concealed_ = false;  // no part of the frame was parsed
  PictureParser parser_;
  av1::JobHandle job_;  // while it is open
};

Av1Decoder::Av1Decoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Av1Decoder::~Av1Decoder() = default;

Av1Decoder::State::~State() {
  pipeline.drain();
  pipeline.tell_of_closing("AV1", device.counters());
}

Result<std::unique_ptr<Av1Decoder>> Av1Decoder::create(Device& device, uint32_t width,
                                                       uint32_t height, uint32_t entropy_threads) {
  auto pool = WorkerPool::share(std::max(entropy_threads, 1u));
  if (!pool) return tl::unexpected(pool.error());
  auto state = std::make_unique<State>(device, std::move(*pool));
  auto stage =
      device.create_av1_stage(width, height, std::min(state->pipeline.capacity(), max_jobs));
  if (!stage) return tl::unexpected(stage.error());
  state->stage = std::move(*stage);
  return std::unique_ptr<Av1Decoder>(new Av1Decoder(std::move(state)));
}

Result<void> Av1Decoder::State::check(const Av1Picture& picture) const {
  if (device.lost()) return tl::unexpected(Error::device_lost);
  if (auto checked = PictureParser::check(picture.parameters); !checked) return checked;
  const bool has_grain = picture.parameters.film_grain.apply_grain;
  if (!picture.target || has_grain != (picture.display != nullptr))
    return tl::unexpected(Error::invalid_parameter);
  for (const auto& surface : {picture.target, picture.display}) {
    if (!surface) continue;
    if (!device.owns(surface->picture())) return tl::unexpected(Error::device_lost);
    if (!fits(*surface, picture.parameters)) return tl::unexpected(Error::invalid_parameter);
  }
  return {};
}

Result<void> Av1Decoder::decode(Av1Picture& picture) {
  const uint64_t given = profile_enabled() ? profile_clock() : 0;
  if (auto checked = state_->check(picture); !checked) return checked;
  auto references = state_->find_all(picture);
  auto queued = state_->pipeline.take<State::Queued>(*state_);
  auto frame = std::make_shared<DecodedFrame>(picture.parameters, picture.target);
  state_->pipeline.wait_for_room();
  queued->profile = state_->pipeline.open_profile(given);
  if (queued->profile) describe_frame(picture, *queued->profile);
  queued->fill(picture, std::move(references), std::move(frame));
  state_->pipeline.queue(std::move(queued));
  return {};
}

// Null if the surface has no AV1 frame that this one may refer to, or lost it. If the surface shows
// the frame with grain, and the surface without grain still has it, returns the latter.
Reference Av1Decoder::State::find(const std::shared_ptr<Surface>& surface,
                                  const av1::PictureParameters& parameters) const {
  if (!surface || !device.owns(surface->picture())) return {};
  auto frame = state_as<DecodedFrame>(surface->uses().state());
  if (!frame || !may_refer_to(*frame, parameters)) return {};
  const auto samples = frame->samples.lock();
  const bool is_there = samples && samples->uses().state() == frame;
  return {is_there ? samples : surface, std::move(frame)};
}

References Av1Decoder::State::find_all(const Av1Picture& picture) const {
  References references;
  if (picture.parameters.intra()) return references;
  for (std::size_t i = 0; i < references.size(); ++i)
    references[i] = find(picture.references[i], picture.parameters);
  return references;
}

void Av1Decoder::State::Queued::add_use(const std::shared_ptr<Surface>& surface, Access access) {
  const bool known =
      std::any_of(uses.begin(), uses.end(), [&](const Use& use) { return use.surface == surface; });
  if (!known) uses.push_back({surface, access});
}

void Av1Decoder::State::Queued::fill(Av1Picture& picture, References references,
                                     std::shared_ptr<DecodedFrame> frame) {
  std::swap(picture_, picture);
  references_ = std::move(references);
  frame_ = std::move(frame);
  add_use(picture_.target, Access::write);
  if (picture_.display) add_use(picture_.display, Access::write);
  for (Reference& reference : references_) {
    // No frame refers to the surface that it overwrites.
    if (reference.surface == picture_.target || reference.surface == picture_.display)
      reference = {};
    if (reference.surface) add_use(reference.surface, Access::read);
  }
  state = frame_;
}

SavedReferences Av1Decoder::State::Queued::saved_references() const {
  SavedReferences saved;
  for (std::size_t i = 0; i < saved.size(); ++i)
    if (references_[i].frame) saved[i] = references_[i].frame->saved();
  return saved;
}

bool Av1Decoder::State::Queued::may_open() const {
  return std::all_of(references_.begin(), references_.end(),
                     [](const Reference& r) { return !r.frame || r.frame->has_saved(); });
}

Result<std::size_t> Av1Decoder::State::Queued::open() {
  job_.reset();  // of an earlier call, which failed after it had acquired one
  const auto& parameters = picture_.parameters;
  const av1::FrameSize size = {parameters.width(), parameters.height, parameters.upscaled_width};
  auto job = decoder_.stage->acquire(size, PictureParser::room(parameters));
  if (!job) return tl::unexpected(job.error());
  if (profile) profile->opened = profile_clock();
  add_cpu_lap(profile.get(), &PictureProfile::cpu_acquire);
  job_ = std::move(*job);
  const auto references = saved_references();
  concealed_ = !parser_.begin(parameters, references, *job_);
  if (concealed_) parser_.conceal(parameters, references, *job_);
  if (parameters.film_grain.apply_grain) make_film_grain(parameters, job_->film_grain);
  frame_->set_saved(parser_.state());
  add_cpu_lap(profile.get(), &PictureProfile::cpu_open);
  return concealed_ ? 0 : parser_.tile_count();
}

// A tile begins with the CDFs of another frame, which may be far ahead in the queue of the frames
// in between: pyramids are coded depth first. It also follows the vectors and segment ids of its
// references.
QueuedPicture::Turn Av1Decoder::State::Queued::turn(std::size_t) const {
  if (!parser_.may_parse()) return Turn::later;
  if (!parser_.waits()) return Turn::now;
  Turn turn = Turn::now;
  for (const Reference& reference : references_) {
    if (!reference.frame || reference.frame->progress() == DecodedState::Progress::written)
      continue;
    if (reference.frame->progress() == DecodedState::Progress::queued) return Turn::later;
    turn = Turn::following;
  }
  return turn;
}

void Av1Decoder::State::Queued::finish(std::vector<Surface::Damage>& damage) {
  const uint32_t columns = av1::in_64s(picture_.parameters.width());
  if (concealed_) {
    damage.push_back({0, columns * av1::in_64s(picture_.parameters.height) - 1});
    return;
  }
  for (const auto& damaged : parser_.finish()) add_damage(damaged, columns, damage);
}

Result<void> Av1Decoder::State::Queued::submit() {
  av1::ReconstructionStage::References references;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const uint8_t substitute = parser_.substitutes()[i];
    if (job_->references[i].width != 0 && substitute != av1::no_reference)
      references[i] = references_[substitute].surface->shared_picture();
  }
  job_->profile = std::move(profile);
  av1::ReconstructionStage::Targets targets = {picture_.target->shared_picture(), nullptr};
  if (picture_.display) targets.display = picture_.display->shared_picture();
  return decoder_.stage->submit(std::move(job_), targets, references);
}

void Av1Decoder::State::Queued::give_up() noexcept {
  parser_.give_up();
  if (!frame_->has_saved()) frame_->set_saved(nullptr);
}

void Av1Decoder::State::Queued::tell_of_failure(Error error) const noexcept {
  log(LogLevel::error, "AV1: a frame of %ux%u with %zu bytes was not decoded: %s",
      picture_.parameters.upscaled_width, picture_.parameters.height, picture_.data.size(),
      describe(error));
}

void Av1Decoder::State::Queued::clear() {
  picture_.target.reset();
  picture_.display.reset();
  picture_.references = {};
  picture_.parameters.tiles.clear();
  picture_.data.clear();
  references_ = {};
  frame_.reset();
  job_.reset();
}

}  // namespace daedalus
