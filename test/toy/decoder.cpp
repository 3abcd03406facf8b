// SPDX-License-Identifier: MIT
#include "toy/decoder.h"

#include <algorithm>
#include <cinttypes>

#include "daedalus/log.h"
#include "decoder/pipeline.h"

namespace daedalus::toy {

struct Decoder::Core final : PipelineCodec {
  Core(Device& device_in, std::shared_ptr<WorkerPool> pool)
      : device(device_in), pipeline(std::move(pool), *this) {}

  std::size_t jobs() const override { return stage->jobs(); }

  Device& device;
  std::unique_ptr<Stage> stage;
  Pipeline pipeline;  // the last member: its pictures use the others until they are done
};

class Decoder::Queued final : public QueuedPicture {
 public:
  explicit Queued(Stage& stage) : stage_(stage) {}

  void fill(DecoderPicture& picture) {
    std::swap(picture_, picture);
    if (picture_.reference) {
      before_ = state_as<State>(picture_.reference->uses().state());
      uses.push_back({picture_.reference, Access::read});
    }
    uses.push_back({picture_.target, Access::write});
    state_ = std::make_shared<State>();
    state = state_;
  }

  // The step is known once the whole reference is parsed.
  bool may_open() const override {
    return !before_ || before_->progress() == DecodedState::Progress::written;
  }

  Result<std::size_t> open() override {
    const auto& parameters = picture_.parameters;
    auto job = stage_.acquire(parameters.width_in_blocks, parameters.height_in_blocks);
    if (!job) return tl::unexpected(job.error());
    job_ = std::move(*job);
    parser_.begin(parameters, picture_.slices, before_.get(), *job_);
    return picture_.slices.size();
  }

  void run(std::size_t task) override { parser_.parse_slice(task); }

  void finish(std::vector<Surface::Damage>& damage) override {
    for (const auto& lost : parser_.finish(*state_)) damage.push_back({lost.first, lost.last});
  }

  Result<void> submit() override {
    job_->profile = std::move(profile);
    return stage_.submit(std::move(job_), picture_.target->shared_picture(),
                         picture_.reference ? picture_.reference->shared_picture() : nullptr);
  }

  void give_up() noexcept override {}

  void tell_of_failure(Error error) const noexcept override {
    log(LogLevel::error, "toy: a picture of %ux%u blocks was not decoded: %s",
        picture_.parameters.width_in_blocks, picture_.parameters.height_in_blocks, describe(error));
  }

  void clear() override {
    picture_.target.reset();
    picture_.reference.reset();
    picture_.slices.clear();
    picture_.slice_data.clear();
    before_.reset();
    state_.reset();
    job_.reset();
  }

 private:
  Stage& stage_;
  DecoderPicture picture_;
  std::shared_ptr<const State> before_;
  std::shared_ptr<State> state_;
  Parser parser_;
  JobHandle job_;  // while it is open
};

Decoder::Decoder(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Decoder::~Decoder() {
  core_->pipeline.drain();
  const auto counts = core_->pipeline.counts();
  log(LogLevel::info, "toy decoder closed: decoded=%" PRIu64 " damaged=%" PRIu64, counts.decoded,
      counts.damaged);
}

Result<std::unique_ptr<Decoder>> Decoder::create(Device& device, uint32_t entropy_threads) {
  auto pool = WorkerPool::share(std::max(entropy_threads, 1u));
  if (!pool) return tl::unexpected(pool.error());
  auto core = std::make_unique<Core>(device, std::move(*pool));
  auto stage = create_stage(device, core->pipeline.capacity());
  if (!stage) return tl::unexpected(stage.error());
  core->stage = std::move(*stage);
  return std::unique_ptr<Decoder>(new Decoder(std::move(core)));
}

Result<void> Decoder::decode(DecoderPicture& picture) {
  const uint64_t given = profile_enabled() ? profile_clock() : 0;
  const auto& device = core_->device;
  const auto fits = [&](Surface& surface) {
    const auto& layout = surface.picture().layout();
    return layout.coded_width() >= picture.parameters.width_in_blocks * block_size &&
           layout.coded_height() >= picture.parameters.height_in_blocks * block_size;
  };
  if (device.lost() || !device.owns(picture.target->picture()))
    return tl::unexpected(Error::device_lost);
  if (!fits(*picture.target)) return tl::unexpected(Error::invalid_parameter);
  if (picture.reference &&
      (!device.owns(picture.reference->picture()) || !fits(*picture.reference)))
    return tl::unexpected(Error::invalid_parameter);
  auto queued = core_->pipeline.take<Queued>(*core_->stage);
  core_->pipeline.wait_for_room();
  queued->profile = core_->pipeline.open_profile(given);
  queued->fill(picture);
  core_->pipeline.queue(std::move(queued));
  return {};
}

}  // namespace daedalus::toy
