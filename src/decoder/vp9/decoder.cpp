// SPDX-License-Identifier: MIT
// The VP9 part of a decoder: its frames' jobs, references, and the stream's state from frame to
// frame.
#include "daedalus/vp9/decoder.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "daedalus/log.h"
#include "daedalus/vp9/stage.h"
#include "decoder/pipeline.h"
#include "decoder/vp9/decoded_frame.h"
#include "vp9/picture_parser.h"

namespace daedalus {

namespace {

using vp9::DecodedFrame;
using vp9::PictureParser;
using vp9::UncompressedHeader;

uint64_t next_number() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

void describe_frame(const Vp9Picture& picture, const UncompressedHeader& header,
                    PictureProfile& profile) {
  profile.kind = header.intra() ? 'I' : 'P';
  profile.width_in_mbs = (header.width + 15) / 16;
  profile.height_in_mbs = (header.height + 15) / 16;
  profile.slices = uint64_t{1} << header.tile_cols_log2;
  profile.nal_bytes = picture.frame.size();
}

// The frame whose segmentation map the frame after this one would continue.
std::shared_ptr<const DecodedFrame> map_frame_after(
    const std::shared_ptr<const DecodedFrame>& frame) {
  return frame && frame->map_frame() ? frame->map_frame() : frame;
}

// Damage is counted in superblocks, in raster order.
void add_damage(const vp9::DamagedSuperblocks& damaged, uint32_t columns,
                std::vector<Surface::Damage>& damage) {
  for (uint32_t row = damaged.first_row; row < damaged.end_row; ++row)
    damage.push_back(
        {row * columns + damaged.first_column, row * columns + damaged.end_column - 1});
}

}  // namespace

struct Vp9Decoder::State final : PipelineCodec {
  class Queued;

  State(Device& device_in, std::shared_ptr<WorkerPool> pool)
      : device(device_in), pipeline(std::move(pool), *this) {}
  ~State();

  std::size_t jobs() const override { return stage->jobs(); }

  std::shared_ptr<const DecodedFrame> decoded_frame(const std::shared_ptr<Surface>& surface) const;
  std::shared_ptr<const DecodedFrame> before(const Vp9Picture& picture) const;

  Device& device;
  std::unique_ptr<vp9::ReconstructionStage> stage;
  std::shared_ptr<const DecodedFrame> last;  // of the frame queued last
  Pipeline pipeline;  // the last member, because its pictures use the others until they are done
};

class Vp9Decoder::State::Queued final : public QueuedPicture {
 public:
  explicit Queued(State& decoder) : decoder_(decoder) {}

  // `header` is right except for what depends on the previous frame.
  void fill(Vp9Picture& picture, const vp9::PictureParameters& parameters,
            const UncompressedHeader& header, std::shared_ptr<DecodedFrame> frame,
            std::shared_ptr<const DecodedFrame> before);

  bool may_open() const override;
  Result<std::size_t> open() override;
  Turn turn(std::size_t task) const override;
  void run(std::size_t task) override { parser_.parse_tile_column(task); }
  void finish(std::vector<Surface::Damage>& damage) override;
  Result<void> submit() override;
  void give_up() noexcept override;
  void tell_of_failure(Error error) const noexcept override;
  void clear() override;

 private:
  State& decoder_;
  Vp9Picture picture_;
  vp9::PictureParameters parameters_;
  UncompressedHeader header_;
  bool concealed_ = false;  // no part of the frame was parsed
  std::shared_ptr<DecodedFrame> frame_;
  std::shared_ptr<const DecodedFrame> before_;  // null at the beginning of a stream
  PictureParser parser_;
  vp9::JobHandle job_;  // while it is open
};

Vp9Decoder::Vp9Decoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vp9Decoder::~Vp9Decoder() = default;

Vp9Decoder::State::~State() {
  pipeline.drain();
  pipeline.tell_of_closing("VP9", device.counters());
}

Result<std::unique_ptr<Vp9Decoder>> Vp9Decoder::create(Device& device, uint32_t width,
                                                       uint32_t height, uint32_t entropy_threads) {
  auto pool = WorkerPool::share(std::max(entropy_threads, 1u));
  if (!pool) return tl::unexpected(pool.error());
  auto state = std::make_unique<State>(device, std::move(*pool));
  auto stage = device.create_vp9_stage(width, height, state->pipeline.capacity());
  if (!stage) return tl::unexpected(stage.error());
  state->stage = std::move(*stage);
  return std::unique_ptr<Vp9Decoder>(new Vp9Decoder(std::move(state)));
}

Result<void> Vp9Decoder::decode(Vp9Picture& picture) {
  const uint64_t given = profile_enabled() ? profile_clock() : 0;
  const Device& device = state_->device;
  if (device.lost()) return tl::unexpected(Error::device_lost);
  if (!picture.target) return tl::unexpected(Error::invalid_parameter);
  if (!device.owns(picture.target->picture())) return tl::unexpected(Error::device_lost);

  vp9::PictureParameters parameters;
  parameters.frame = picture.frame;
  vp9::PersistentHeader unknown;  // inter frames do not repeat their bit depth
  for (std::size_t slot = 0; slot < picture.references.size(); ++slot) {
    const auto frame = state_->decoded_frame(picture.references[slot]);
    if (!frame) continue;
    parameters.references[slot] = {true, frame->width, frame->height, frame->bit_depth};
    unknown.bit_depth = frame->bit_depth;
  }
  const auto header = vp9::parse_uncompressed_header(parameters, unknown);
  if (!header)
    return tl::unexpected(header.error() == Error::damaged ? Error::invalid_parameter
                                                           : header.error());
  const uint8_t bit_depth = header->persistent.bit_depth;
  const auto& layout = picture.target->picture().layout();
  if (layout.format != format_of_depth(bit_depth) || layout.width < header->width ||
      layout.height < header->height)
    return tl::unexpected(Error::invalid_parameter);

  auto queued = state_->pipeline.take<State::Queued>(*state_);
  auto frame =
      std::make_shared<DecodedFrame>(next_number(), header->width, header->height, bit_depth);
  state_->pipeline.wait_for_room();
  queued->profile = state_->pipeline.open_profile(given);
  if (queued->profile) describe_frame(picture, *header, *queued->profile);
  queued->fill(picture, parameters, *header, frame, state_->before(picture));
  state_->pipeline.queue(std::move(queued));
  state_->last = std::move(frame);  // after queue(), which may throw: the next frame waits for it
  return {};
}

// Null if the surface has no VP9 frame, or lost it with its device.
std::shared_ptr<const DecodedFrame> Vp9Decoder::State::decoded_frame(
    const std::shared_ptr<Surface>& surface) const {
  if (!surface || !device.owns(surface->picture())) return nullptr;
  return state_as<DecodedFrame>(surface->uses().state());
}

// The previous frame of the stream. A decoder may be created in the middle of a stream: some
// clients create a new one whenever the size changes.
std::shared_ptr<const DecodedFrame> Vp9Decoder::State::before(const Vp9Picture& picture) const {
  if (last) return last;
  std::shared_ptr<const DecodedFrame> newest;
  for (const auto& reference : picture.references) {
    auto frame = decoded_frame(reference);
    if (frame && (!newest || frame->number > newest->number)) newest = std::move(frame);
  }
  return newest;
}

void Vp9Decoder::State::Queued::fill(Vp9Picture& picture, const vp9::PictureParameters& parameters,
                                     const UncompressedHeader& header,
                                     std::shared_ptr<DecodedFrame> frame,
                                     std::shared_ptr<const DecodedFrame> before) {
  std::swap(picture_, picture);
  parameters_ = parameters;
  parameters_.frame = picture_.frame;
  header_ = header;
  for (std::size_t slot = 0; slot < picture_.references.size(); ++slot) {
    const auto& reference = picture_.references[slot];
    if (!parameters_.references[slot].present) continue;
    const bool known = std::any_of(uses.begin(), uses.end(),
                                   [&](const Use& use) { return use.surface == reference; });
    if (!known) uses.push_back({reference, Access::read});
  }
  uses.push_back({picture_.target, Access::write});
  frame_ = std::move(frame);
  before_ = std::move(before);
  state = frame_;
}

bool Vp9Decoder::State::Queued::may_open() const {
  return !before_ ||
         (before_->has_stream() && PictureParser::may_begin(header_, before_->stream().get()));
}

// A frame with a broken header is concealed as a whole, and leaves the stream's state unchanged.
Result<std::size_t> Vp9Decoder::State::Queued::open() {
  job_.reset();  // of an earlier call, which failed after it had acquired one
  const auto before = before_ ? before_->stream() : nullptr;
  const auto header = PictureParser::read_header(parameters_, before.get());
  auto job = decoder_.stage->acquire(header_.width, header_.height,
                                     PictureParser::room(header_, parameters_));
  if (!job) return tl::unexpected(job.error());
  if (profile) profile->opened = profile_clock();
  add_cpu_lap(profile.get(), &PictureProfile::cpu_acquire);
  job_ = std::move(*job);
  concealed_ = !header || !parser_.begin(parameters_, *header, before, *job_);
  if (concealed_) {
    parser_.conceal(parameters_, header_.width, header_.height, frame_->bit_depth, *job_);
    frame_->set_stream(before, map_frame_after(before_));  // last: what throws is called again
    return 0;
  }
  const bool has_own_map = header->segmentation.update_map;
  frame_->set_stream(parser_.state(), has_own_map ? nullptr : map_frame_after(before_));
  add_cpu_lap(profile.get(), &PictureProfile::cpu_open);
  return parser_.tile_column_count();
}

// A tile column follows the vectors of the previous frame, and the segmentation map of the frame
// that wrote it. If the previous frame is done and the column would still wait, the previous frame
// was concealed, and the vectors are an earlier frame's. It is unknown here whether threads work on
// that frame, so it must be done as well.
QueuedPicture::Turn Vp9Decoder::State::Queued::turn(std::size_t) const {
  if (!before_ || !parser_.waits()) return Turn::now;
  if (before_->progress() == DecodedState::Progress::written) return Turn::later;
  Turn turn = Turn::now;
  for (const auto& frame : {before_, map_frame_after(before_)}) {
    if (frame->progress() == DecodedState::Progress::written) continue;
    if (frame->progress() == DecodedState::Progress::queued) return Turn::later;
    turn = Turn::following;
  }
  return turn;
}

void Vp9Decoder::State::Queued::finish(std::vector<Surface::Damage>& damage) {
  const uint32_t columns = vp9::in_superblocks(header_.width);
  if (concealed_) {
    damage.push_back({0, columns * vp9::in_superblocks(header_.height) - 1});
    return;
  }
  for (const auto& damaged : parser_.finish()) add_damage(damaged, columns, damage);
}

Result<void> Vp9Decoder::State::Queued::submit() {
  const auto slots = parser_.reference_slots();
  vp9::ReconstructionStage::References references;
  for (std::size_t i = 0; i < references.size(); ++i)
    if (job_->references[i].width != 0)
      references[i] = picture_.references[slots[i]]->shared_picture();
  job_->profile = std::move(profile);
  return decoder_.stage->submit(std::move(job_), picture_.target->shared_picture(), references);
}

// The frames after this one continue from the one before it.
void Vp9Decoder::State::Queued::give_up() noexcept {
  parser_.give_up();
  if (frame_->has_stream()) return;
  if (before_ && before_->has_stream())
    frame_->set_stream(before_->stream(), map_frame_after(before_));
  else
    frame_->set_stream(nullptr, nullptr);
}

void Vp9Decoder::State::Queued::tell_of_failure(Error error) const noexcept {
  log(LogLevel::error, "VP9: a frame of %ux%u with %zu bytes was not decoded: %s", header_.width,
      header_.height, picture_.frame.size(), describe(error));
}

void Vp9Decoder::State::Queued::clear() {
  picture_.target.reset();
  picture_.references = {};
  picture_.frame.clear();
  frame_.reset();
  before_.reset();
  job_.reset();
}

}  // namespace daedalus
