// From pictures to jobs to the GPU: entropy decoding on a pool of threads, submission in decode
// order.
//
// The queue holds pictures in decode order. A worker takes, of the oldest open picture that has
// one, a slice nobody took and which need not wait for another picture's motion; where there is
// none it opens the next picture. Only where it cannot do that it takes the oldest slice there is,
// which follows its co-located picture row by row: all slices of earlier pictures are taken then.
//
// Memory may end anywhere. A picture that was counted and noted in surfaces goes the whole way all
// the same, as one that failed: others wait for it.
#include <algorithm>
#include <cinttypes>
#include <list>
#include <new>
#include <utility>

#include "daedalus/h264/decoder.h"
#include "daedalus/log.h"
#include "daedalus/sole_holder.h"
#include "decoder/surface_state.h"
#include "h264/picture_parser.h"
#include "profile/session.h"
#include "threads/thread.h"

namespace daedalus {

namespace {

using h264::max_reference_pictures;
using h264::MotionField;
using h264::PictureParser;

// Pictures between decode() and the GPU, for each worker: one in its hands, the others are next,
// wait for another's motion, or are parsed and behind one that takes longer, an I picture most
// often. This bounds latency and memory.
constexpr uint32_t queued_pictures_per_worker = 4;

// A picture of another decoder that goes to the GPU before this one.
struct EarlierPicture {
  std::shared_ptr<Handover> decoder;
  uint64_t number;
};

// Used again and again: its vectors keep their memory.
struct QueuedPicture {
  H264Picture picture;
  uint64_t number = 0;  // of the decoder's pictures
  std::vector<EarlierPicture> earlier;
  std::array<std::shared_ptr<MotionField>, max_reference_pictures> reference_motion;
  std::shared_ptr<MotionField> motion;  // this picture's own, null where it is no reference

  PictureParser parser;
  h264::JobHandle job;  // when it is open
  std::optional<Error> failure;
  std::unique_ptr<PictureProfile> profile;  // null where nobody profiles

  // Under the decoder's mutex.
  bool open = false;
  std::size_t next_slice = 0;
  std::size_t parsed_slices = 0;
  bool parsed = false;
  std::vector<Surface::Damage> damage;

  // How many slices a worker may take.
  std::size_t slices_to_take() const { return open ? picture.slices.size() - next_slice : 0; }

  void clear() {
    picture.target.reset();
    picture.references = {};
    picture.slices.clear();
    picture.slice_data.clear();
    earlier.clear();
    reference_motion = {};
    motion.reset();
    job.reset();
    failure.reset();
    open = parsed = false;
    next_slice = parsed_slices = 0;
    damage.clear();
    profile.reset();
  }
};

uint32_t next_serial() {
  // Surfaces may pass between decoders, so pictures are named across all of them.
  static std::atomic<uint32_t> last = 0;
  return ++last;
}

// Where memory ends in the step, its picture fails.
template <typename Step>
void try_step(std::optional<Error>& failure, Step&& step) noexcept {
  try {
    step();
  } catch (const std::bad_alloc&) {
    failure = Error::out_of_memory;
  }
}

// What most slices are.
char picture_kind(std::span<const h264::SliceParameters> slices) {
  std::array<std::size_t, 3> counts{};
  for (const auto& slice : slices) ++counts[static_cast<std::size_t>(slice.slice_type)];
  return "PBI"[std::max_element(counts.begin(), counts.end()) - counts.begin()];
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

bool fits(const PictureLayout& layout, uint32_t width_in_mbs, uint32_t height_in_mbs) {
  return layout.format == PictureFormat::nv12 && layout.coded_width() >= width_in_mbs * 16 &&
         layout.coded_height() >= height_in_mbs * 16;
}

}  // namespace

struct H264Decoder::State {
  State(Device& device_in, uint32_t width_in_mbs_in, uint32_t height_in_mbs_in,
        uint32_t worker_count)
      : device(device_in),
        width_in_mbs(width_in_mbs_in),
        height_in_mbs(height_in_mbs_in),
        max_queued(queued_pictures_per_worker * worker_count) {
    workers.reserve(worker_count);
  }
  ~State();

  Result<void> change_size(uint32_t new_width_in_mbs, uint32_t new_height_in_mbs);
  using Pictures = std::list<QueuedPicture>;
  Pictures take_idle();
  std::shared_ptr<MotionField> take_motion(const h264::PictureParameters& parameters);
  void follow(Surface::State& surface, bool writes, QueuedPicture& queued);
  void mark_surfaces(QueuedPicture& queued);
  void note_use(Surface::State& surface, bool writes, uint64_t number);
  void work();
  void open_next(std::unique_lock<std::mutex>& lock);
  void wake(std::size_t workers_wanted);
  void prepare(QueuedPicture& queued);
  void parse_one(std::unique_lock<std::mutex>& lock, QueuedPicture& queued);
  void complete(std::unique_lock<std::mutex>& lock, QueuedPicture& queued);
  void submit_parsed(std::unique_lock<std::mutex>& lock);
  void submit(QueuedPicture& queued);
  std::unique_ptr<PictureProfile> open_profile(const H264Picture& picture, uint64_t given) const;
  std::shared_ptr<Picture> substitute(const QueuedPicture& queued);
  QueuedPicture* picture_with_slice();
  QueuedPicture* picture_with_ready_slice();
  QueuedPicture* picture_to_open();
  bool has_idle_job() const;
  std::size_t room() const;

  Device& device;
  uint32_t width_in_mbs, height_in_mbs;
  const uint32_t max_queued;  // pictures
  std::unique_ptr<h264::ReconstructionStage> stage;
  std::shared_ptr<Picture> grey;  // stands for every reference where a stream has lost them all
  std::vector<std::shared_ptr<MotionField>> motions;  // reused when nobody else holds them
  const std::shared_ptr<Handover> handover = std::make_shared<Handover>();
  uint64_t taken_pictures = 0;
  const uint32_t profile_id = next_serial();

  std::mutex mutex;
  std::condition_variable work_or_stop;
  std::condition_variable room_or_idle;
  Pictures queue;
  Pictures idle;
  bool opening = false;     // one worker at a time: jobs are acquired in decode order
  bool submitting = false;  // likewise
  bool stopping = false;
  uint64_t decoded_pictures = 0;
  uint64_t damaged_pictures = 0;
  std::vector<Thread> workers;
};

H264Decoder::H264Decoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
H264Decoder::~H264Decoder() = default;

H264Decoder::State::~State() {
  {
    std::unique_lock lock(mutex);
    room_or_idle.wait(lock, [&] { return queue.empty() && !submitting; });
    stopping = true;
  }
  work_or_stop.notify_all();
  workers.clear();
  const auto counters = device.counters();
  log(LogLevel::info,
      "H.264 decoder closed: decoded=%" PRIu64 " damaged=%" PRIu64
      "; its device so far: picture_submits=%" PRIu64 " dispatches=%" PRIu64 " barriers=%" PRIu64,
      decoded_pictures, damaged_pictures, counters.picture_submits, counters.dispatches,
      counters.barriers);
}

Result<std::unique_ptr<H264Decoder>> H264Decoder::create(Device& device, uint32_t width,
                                                         uint32_t height,
                                                         uint32_t entropy_threads) {
  const uint32_t worker_count = std::max(entropy_threads, 1u);
  auto state = std::make_unique<State>(device, (width + 15) / 16, (height + 15) / 16, worker_count);
  auto stage =
      device.create_h264_stage(state->width_in_mbs, state->height_in_mbs, state->max_queued);
  if (!stage) return tl::unexpected(stage.error());
  state->stage = std::move(*stage);
  for (uint32_t i = 0; i < worker_count; ++i) {
    auto worker = Thread::start("daedalus:parse", [raw = state.get()] { raw->work(); });
    if (!worker) return tl::unexpected(worker.error());
    state->workers.push_back(std::move(*worker));
  }
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
  if (auto checked = PictureParser::check(parameters); !checked) return checked;
  if (!picture.target || !fits(picture.target->picture().layout(), parameters.pic_width_in_mbs,
                               parameters.frame_height_in_mbs))
    return tl::unexpected(Error::invalid_parameter);
  if (!device.owns(picture.target->picture())) return tl::unexpected(Error::device_lost);
  if (auto changed =
          state_->change_size(parameters.pic_width_in_mbs, parameters.frame_height_in_mbs);
      !changed)
    return changed;
  // A slice that cannot be parsed is a lost slice: what it should have brought is concealed.
  std::erase_if(picture.slices, [&](const h264::SliceParameters& slice) {
    const bool broken = !PictureParser::check(parameters, slice);
    if (broken)
      log(LogLevel::warning, "H.264: slice at macroblock %u has parameters out of range, dropped",
          slice.first_mb_in_slice);
    return broken;
  });

  auto place = state_->take_idle();
  auto& queued = place.front();
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    auto& reference = picture.references[slot];
    // What a lost device has is lost.
    if (reference && (!device.owns(reference->picture()) ||
                      !fits(reference->picture().layout(), parameters.pic_width_in_mbs,
                            parameters.frame_height_in_mbs)))
      reference.reset();
    picture.parameters.references[slot].present &= reference != nullptr;
    if (!reference) continue;
    std::lock_guard lock(reference->state_->mutex);
    queued.reference_motion[slot] = reference->state_->motion;
    state_->follow(*reference->state_, false, queued);
  }
  {
    std::lock_guard lock(picture.target->state_->mutex);
    state_->follow(*picture.target->state_, true, queued);
  }
  {
    std::unique_lock lock(state_->mutex);
    state_->room_or_idle.wait(lock, [&] { return state_->queue.size() < state_->room(); });
    queued.motion = state_->take_motion(parameters);
  }
  queued.profile = state_->open_profile(picture, given);
  std::swap(queued.picture, picture);
  state_->mark_surfaces(queued);
  if (queued.profile) queued.profile->picture = queued.number;
  add_cpu_lap(queued.profile.get(), &PictureProfile::cpu_end);
  {
    std::lock_guard lock(state_->mutex);
    state_->queue.splice(state_->queue.end(), place);
  }
  state_->work_or_stop.notify_one();
  return {};
}

// The stage is made for one size; a stream that changes it is drained first.
Result<void> H264Decoder::State::change_size(uint32_t new_width_in_mbs,
                                             uint32_t new_height_in_mbs) {
  std::unique_lock lock(mutex);
  if (stage && new_width_in_mbs == width_in_mbs && new_height_in_mbs == height_in_mbs) return {};
  room_or_idle.wait(lock, [&] { return queue.empty() && !submitting; });
  lock.unlock();  // the old stage waits for the GPU; workers have nothing to do
  stage.reset();
  grey.reset();
  auto made = device.create_h264_stage(new_width_in_mbs, new_height_in_mbs, max_queued);
  if (!made) return tl::unexpected(made.error());
  stage = std::move(*made);
  width_in_mbs = new_width_in_mbs;
  height_in_mbs = new_height_in_mbs;
  return {};
}

// A list of one: splicing it takes no memory, and there is room for it in the queue soon enough.
H264Decoder::State::Pictures H264Decoder::State::take_idle() {
  Pictures taken;
  {
    std::lock_guard lock(mutex);
    if (!idle.empty()) taken.splice(taken.begin(), idle, idle.begin());
  }
  if (taken.empty()) taken.emplace_back();
  return taken;
}

std::shared_ptr<MotionField> H264Decoder::State::take_motion(
    const h264::PictureParameters& parameters) {
  if (!parameters.reference_pic_flag) return nullptr;
  auto unused = std::find_if(motions.begin(), motions.end(), is_sole_holder<MotionField>);
  if (unused == motions.end()) unused = motions.insert(unused, std::make_shared<MotionField>());
  auto& motion = **unused;
  motion.begin(parameters.pic_width_in_mbs, parameters.frame_height_in_mbs);
  motion.serial = next_serial();
  motion.pic_order_cnt =
      std::min(parameters.top_field_order_cnt, parameters.bottom_field_order_cnt);
  return *unused;
}

// The picture's record, where somebody profiles.
std::unique_ptr<PictureProfile> H264Decoder::State::open_profile(const H264Picture& picture,
                                                                 uint64_t given) const {
  if (!profile_enabled()) return nullptr;
  auto profile = std::make_unique<PictureProfile>();
  take_calls(*profile);
  profile->decoder = profile_id;
  profile->kind = static_cast<uint8_t>(picture_kind(picture.slices));
  profile->width_in_mbs = picture.parameters.pic_width_in_mbs;
  profile->height_in_mbs = picture.parameters.frame_height_in_mbs;
  profile->slices = picture.slices.size();
  for (const auto& slice : picture.slices) profile->nal_bytes += slice.nal_unit.size();
  profile->given = given;
  return profile;
}

// Decoders that share surfaces hand pictures over in the order of decode() calls where one writes
// what the other reads or writes. A picture follows all it has to before it is noted anywhere, so
// that none waits for one that waits for it.
void H264Decoder::State::follow(Surface::State& surface, bool writes, QueuedPicture& queued) {
  for (const auto& use : surface.uses) {
    const uint64_t number = writes ? use.used : use.written;
    if (use.decoder != handover && use.decoder->last < number)
      queued.earlier.push_back({use.decoder, number});
  }
}

// From here on the surfaces are in use, and the target has this picture.
void H264Decoder::State::mark_surfaces(QueuedPicture& queued) {
  queued.number = ++taken_pictures;
  for (const auto& reference : queued.picture.references) {
    if (!reference) continue;
    std::lock_guard lock(reference->state_->mutex);
    try_step(queued.failure, [&] { note_use(*reference->state_, false, queued.number); });
  }
  auto& target = *queued.picture.target->state_;
  std::lock_guard lock(target.mutex);
  try_step(queued.failure, [&] { note_use(target, true, queued.number); });
  ++target.queued;
  target.failure.reset();
  target.motion = queued.motion;
}

void H264Decoder::State::note_use(Surface::State& surface, bool writes, uint64_t number) {
  std::erase_if(surface.uses, [&](const SurfaceUse& use) {
    return use.decoder != handover && use.decoder->last >= use.used;
  });
  auto own = std::find_if(surface.uses.begin(), surface.uses.end(),
                          [&](const SurfaceUse& use) { return use.decoder == handover; });
  if (own == surface.uses.end()) own = surface.uses.insert(own, {handover, 0, 0});
  own->used = number;
  if (writes) own->written = number;
}

QueuedPicture* H264Decoder::State::picture_with_slice() {
  for (auto& queued : queue)
    if (queued.slices_to_take() > 0) return &queued;
  return nullptr;
}

QueuedPicture* H264Decoder::State::picture_with_ready_slice() {
  for (auto& queued : queue)
    if (queued.slices_to_take() > 0 && !queued.parser.waits(queued.next_slice)) return &queued;
  return nullptr;
}

// Besides those of open pictures, and of the one that is on its way to the GPU.
bool H264Decoder::State::has_idle_job() const {
  const auto open =
      std::count_if(queue.begin(), queue.end(), [](const auto& queued) { return queued.open; });
  return static_cast<std::size_t>(open) + submitting < stage->jobs();
}

// A picture for each worker, and one more with every picture that is decoded: many streams that
// begin at once would else parse the whole of their queues before the first one shows a frame.
std::size_t H264Decoder::State::room() const {
  return std::min<uint64_t>(max_queued, workers.size() + decoded_pictures);
}

QueuedPicture* H264Decoder::State::picture_to_open() {
  if (opening) return nullptr;
  for (auto& queued : queue)
    if (!queued.open) return &queued;
  return nullptr;
}

void H264Decoder::State::work() {
  std::unique_lock lock(mutex);
  while (true) {
    work_or_stop.wait(lock, [&] { return stopping || picture_with_slice() || picture_to_open(); });
    if (stopping) return;
    if (auto* ready = picture_with_ready_slice())
      parse_one(lock, *ready);
    else if (picture_to_open() && has_idle_job())
      open_next(lock);
    else if (auto* waiting = picture_with_slice())
      parse_one(lock, *waiting);
    else
      open_next(lock);
  }
}

void H264Decoder::State::open_next(std::unique_lock<std::mutex>& lock) {
  auto& queued = *picture_to_open();
  opening = true;
  lock.unlock();
  const std::size_t jobs = stage->jobs();
  if (!queued.failure) try_step(queued.failure, [&] { prepare(queued); });
  lock.lock();
  opening = false;
  // There was no memory for another job: one of those that there are will do, later.
  if (stage->jobs() < jobs) {
    queued.failure.reset();
    return;
  }
  queued.open = true;
  if (queued.failure) queued.next_slice = queued.parsed_slices = queued.picture.slices.size();
  // This worker goes on with one slice. The others have the rest, and the next picture's opening.
  wake(std::max<std::size_t>(queued.slices_to_take(), 1));
  if (queued.parsed_slices == queued.picture.slices.size()) complete(lock, queued);
}

void H264Decoder::State::wake(std::size_t workers_wanted) {
  for (std::size_t i = 0; i < std::min(workers_wanted, workers.size()); ++i)
    work_or_stop.notify_one();
}

// Gets the picture a job, and the motion that its direct prediction reads.
void H264Decoder::State::prepare(QueuedPicture& queued) {
  auto& picture = queued.picture;
  auto* const profile = queued.profile.get();
  add_cpu_lap(profile, &PictureProfile::cpu_wake);
  auto job = stage->acquire(PictureParser::coefficient_words(picture.parameters, picture.slices));
  if (!job) {
    queued.failure = job.error();
    return;
  }
  if (profile) profile->opened = profile_clock();
  add_cpu_lap(profile, &PictureProfile::cpu_acquire);
  queued.job = std::move(*job);

  PictureParser::Motion motion{};
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot)
    motion[slot] = queued.reference_motion[slot].get();
  queued.parser.begin(picture.parameters, picture.slices, motion, queued.motion.get(), *queued.job);
  add_cpu_lap(profile, &PictureProfile::cpu_open);
}

void H264Decoder::State::parse_one(std::unique_lock<std::mutex>& lock, QueuedPicture& queued) {
  const std::size_t slice = queued.next_slice++;
  lock.unlock();
  add_cpu_lap(queued.profile.get(), &PictureProfile::cpu_wake);
  std::optional<Error> failure;
  try_step(failure, [&] { queued.parser.parse_slice(slice); });
  add_cpu_lap(queued.profile.get(), &PictureProfile::cpu_entropy);
  lock.lock();
  if (failure) queued.failure = failure;
  if (++queued.parsed_slices == queued.picture.slices.size()) complete(lock, queued);
}

// All slices are in: later pictures may read this one's motion, and it may go to the GPU.
void H264Decoder::State::complete(std::unique_lock<std::mutex>& lock, QueuedPicture& queued) {
  lock.unlock();
  if (!queued.failure)
    try_step(queued.failure, [&] {
      for (const auto& range : queued.parser.finish())
        queued.damage.push_back({range.first, range.last});
    });
  if (queued.profile) queued.profile->parsed = profile_clock();
  add_cpu_lap(queued.profile.get(), &PictureProfile::cpu_finish);
  if (queued.failure && queued.motion) queued.motion->finish();  // the parser has not
  lock.lock();
  queued.parsed = true;
  submit_parsed(lock);
}

void H264Decoder::State::submit_parsed(std::unique_lock<std::mutex>& lock) {
  while (!submitting && !queue.empty() && queue.front().parsed) {
    submitting = true;
    Pictures done;
    done.splice(done.begin(), queue, queue.begin());
    auto& queued = done.front();
    lock.unlock();

    for (const auto& picture : queued.earlier) picture.decoder->wait_for(picture.number);
    add_cpu_lap(queued.profile.get(), &PictureProfile::cpu_wake);
    if (!queued.failure) try_step(queued.failure, [&] { submit(queued); });
    queued.job.reset();  // where it was not submitted
    if (queued.failure)
      log(LogLevel::error, "H.264: a picture of %ux%u with %zu bytes of slices was not decoded: %s",
          queued.picture.parameters.pic_width_in_mbs * 16,
          queued.picture.parameters.frame_height_in_mbs * 16, queued.picture.slice_data.size(),
          describe(*queued.failure));
    const bool decoded = !queued.failure, damaged = !queued.damage.empty();
    handover->reach(queued.number);
    // The caller's thread gets its surface back before this one lets go of its references.
    auto target = queued.picture.target->state_;
    {
      std::lock_guard target_lock(target->mutex);
      --target->queued;
      target->failure = queued.failure;
      target->damage = std::move(queued.damage);
    }
    target->submitted.notify_all();
    queued.clear();  // surfaces of a lost device may take their time to go

    lock.lock();
    submitting = false;
    decoded_pictures += decoded;
    damaged_pictures += damaged;
    idle.splice(idle.end(), done);
    room_or_idle.notify_all();
  }
}

void H264Decoder::State::submit(QueuedPicture& queued) {
  h264::ReconstructionStage::References references;
  std::shared_ptr<Picture> stand_in;
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot) {
    if (queued.picture.parameters.references[slot].present) {
      references[slot] = queued.picture.references[slot]->picture_;
      continue;
    }
    if (!stand_in) stand_in = substitute(queued);
    if (!stand_in) {
      queued.failure = Error::out_of_memory;
      return;
    }
    references[slot] = stand_in;
  }
  if (queued.profile) describe_job(*queued.job, *queued.profile);
  queued.job->profile = std::move(queued.profile);
  if (auto submitted =
          stage->submit(std::move(queued.job), queued.picture.target->picture_, references);
      !submitted)
    queued.failure = submitted.error();
}

// What the GPU reads where a stream refers to a picture that was lost.
std::shared_ptr<Picture> H264Decoder::State::substitute(const QueuedPicture& queued) {
  const auto& parameters = queued.picture.parameters;
  for (std::size_t slot = 0; slot < max_reference_pictures; ++slot)
    if (parameters.references[slot].present) return queued.picture.references[slot]->picture_;
  if (!grey) {
    auto made = device.create_picture(PictureFormat::nv12, width_in_mbs * 16, height_in_mbs * 16);
    if (!made) return nullptr;
    const std::vector<std::byte> samples((*made)->layout().size, std::byte{128});
    if (!(*made)->upload(samples)) return nullptr;
    grey = std::move(*made);
  }
  return grey;
}

}  // namespace daedalus
