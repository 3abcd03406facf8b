// SPDX-License-Identifier: MIT
#include "decoder/pipeline.h"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <new>
#include <utility>

#include "daedalus/log.h"
#include "profile/session.h"

namespace daedalus {

namespace {

// Pictures between queue() and the GPU, per worker: one in work; the others are next in line, wait
// for another picture, or are parsed and wait for an earlier one that takes longer, usually an I
// picture. The limit bounds latency and memory.
constexpr uint32_t queued_pictures_per_worker = 4;

// If an allocation fails in the step, its picture fails.
template <typename Step>
void try_step(std::optional<Error>& failure, Step&& step) noexcept {
  try {
    step();
  } catch (const std::bad_alloc&) {
    failure = Error::out_of_memory;
  }
}

uint32_t size_of(WorkerPool& pool) {
  std::lock_guard lock(pool.mutex());
  return pool.size();
}

uint64_t next_profile_id() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

}  // namespace

void QueuedPicture::reset() {
  clear();
  uses.clear();
  state.reset();
  part = {};
  profile.reset();
  number_ = {};
  earlier_.clear();
  failure_.reset();
  damage_.clear();
  open_ = parsed_ = false;
  task_count_ = next_task_ = done_tasks_ = 0;
}

Pipeline::Pipeline(std::shared_ptr<WorkerPool> pool, const PipelineCodec& codec)
    : pool_(std::move(pool)),
      codec_(codec),
      capacity_(queued_pictures_per_worker * size_of(*pool_)),
      profile_id_(next_profile_id()) {
  // Reserved here, so that neither queueing nor recycling a picture allocates.
  queue_.reserve(capacity_ + 1);
  idle_.reserve(capacity_ + 2);
  std::lock_guard lock(pool_->mutex());
  pool_->add(*this);
}

Pipeline::~Pipeline() {
  drain();
  std::lock_guard lock(pool_->mutex());
  pool_->remove(*this);
}

std::unique_ptr<QueuedPicture> Pipeline::take_idle() {
  std::lock_guard lock(pool_->mutex());
  if (idle_.empty()) return nullptr;
  auto picture = std::move(idle_.back());
  idle_.pop_back();
  return picture;
}

std::unique_ptr<PictureProfile> Pipeline::open_profile(uint64_t given) const {
  if (!profile_enabled()) return nullptr;
  auto profile = std::make_unique<PictureProfile>();
  take_calls(*profile);
  profile->decoder = profile_id_;
  profile->given = given;
  return profile;
}

void Pipeline::wait_for_room() {
  std::unique_lock lock(pool_->mutex());
  room_or_idle_.wait(lock, [&] { return queue_.size() < room(); });
}

void Pipeline::drain() {
  std::unique_lock lock(pool_->mutex());
  room_or_idle_.wait(lock, [&] { return queue_.empty() && !submitting_; });
}

Pipeline::Counts Pipeline::counts() const {
  std::lock_guard lock(pool_->mutex());
  return counts_;
}

void Pipeline::tell_of_closing(const char* codec, const DeviceCounters& counters) const {
  const Counts own = counts();
  log(LogLevel::info,
      "%s decoder closed: decoded=%" PRIu64 " damaged=%" PRIu64
      "; its device so far: picture_submits=%" PRIu64 " dispatches=%" PRIu64 " barriers=%" PRIu64,
      codec, own.decoded, own.damaged, counters.picture_submits, counters.dispatches,
      counters.barriers);
}

// One picture per worker, and one more with every decoded picture. Otherwise many streams that
// begin at once would parse their whole queues before any of them shows a frame.
std::size_t Pipeline::room() const {
  return std::min<uint64_t>(capacity_, pool_->size() + counts_.decoded);
}

void Pipeline::queue(std::unique_ptr<QueuedPicture> picture) {
  for (const auto& use : picture->uses)
    use.surface->uses().follow(use.access, handover_, picture->earlier_);
  note(*picture);
  if (picture->profile) picture->profile->picture = picture->number_.number;
  add_cpu_lap(picture->profile.get(), &PictureProfile::cpu_end);
  std::lock_guard lock(pool_->mutex());
  queue_.push_back(std::move(picture));
  pool_->wake(1);
}

void Pipeline::note(QueuedPicture& picture) {
  picture.number_ = {handover_, ++queued_pictures_};
  if (picture.state) picture.state->set_progress(DecodedState::Progress::queued);
  for (const auto& use : picture.uses)
    try_step(picture.failure_, [&] { use.surface->uses().note(use.access, picture.number_); });
  for (const auto& use : picture.uses) {
    if (use.access != Access::write) continue;
    auto& uses = use.surface->uses();
    uses.begin_picture(picture.number_, picture.state, picture.part);
    if (picture.failure_) uses.end_picture(picture.number_, picture.failure_, {});
  }
}

bool Pipeline::work(std::unique_lock<std::mutex>& lock, Effort effort) {
  if (queue_.empty()) return false;
  if (effort == Effort::following) return run_task(lock, QueuedPicture::Turn::following);
  return submit_next(lock) || run_task(lock, QueuedPicture::Turn::now) || open_next(lock);
}

// A task of the oldest picture that has such a task.
bool Pipeline::run_task(std::unique_lock<std::mutex>& lock, QueuedPicture::Turn turn) {
  QueuedPicture* found = nullptr;
  for (const auto& queued : queue_) {
    if (!queued->has_task()) continue;
    const auto of_task = queued->turn(queued->next_task_);
    if (of_task == QueuedPicture::Turn::later) pool_->note_blocked();
    if (of_task != turn) continue;
    found = queued.get();
    break;
  }
  if (!found) return false;
  auto& picture = *found;
  const std::size_t task = picture.next_task_++;
  if (picture.next_task_ == picture.task_count_ && picture.state)
    picture.state->set_progress(DecodedState::Progress::running);
  pool_->wake(1);  // for the next task, or for one that follows this picture
  lock.unlock();
  add_cpu_lap(picture.profile.get(), &PictureProfile::cpu_wake);
  std::optional<Error> failure;
  try_step(failure, [&] { picture.run(task); });
  add_cpu_lap(picture.profile.get(), &PictureProfile::cpu_entropy);
  lock.lock();
  if (failure) picture.failure_ = failure;
  pool_->unblock();  // other pictures' tasks may continue with this task's results
  if (++picture.done_tasks_ == picture.task_count_) complete(lock, picture);
  return true;
}

// The open pictures, and the one that is being submitted.
std::size_t Pipeline::open_pictures() const {
  const auto open =
      std::count_if(queue_.begin(), queue_.end(), [](const auto& queued) { return queued->open_; });
  return static_cast<std::size_t>(open) + submitting_;
}

bool Pipeline::open_next(std::unique_lock<std::mutex>& lock) {
  if (opening_) return false;
  const auto next =
      std::find_if(queue_.begin(), queue_.end(), [](const auto& queued) { return !queued->open_; });
  if (next == queue_.end() || open_pictures() >= codec_.jobs()) return false;
  if (!(*next)->failure_ && !(*next)->may_open()) {
    pool_->note_blocked();
    return false;
  }
  open(lock, **next);
  return true;
}

void Pipeline::open(std::unique_lock<std::mutex>& lock, QueuedPicture& picture) {
  opening_ = true;
  lock.unlock();
  add_cpu_lap(picture.profile.get(), &PictureProfile::cpu_wake);
  const std::size_t jobs = codec_.jobs();
  std::size_t tasks = 0;
  if (!picture.failure_)
    try_step(picture.failure_, [&] {
      const auto opened = picture.open();
      if (opened)
        tasks = *opened;
      else
        picture.failure_ = opened.error();
    });
  lock.lock();
  opening_ = false;
  if (picture.failure_ && codec_.jobs() < jobs) {  // it will reuse one of the existing jobs later
    picture.failure_.reset();
    return;
  }
  picture.open_ = true;
  picture.task_count_ = picture.failure_ ? 0 : tasks;
  // This worker goes on with one task. The others take the rest, and open the next picture.
  pool_->wake(std::max<std::size_t>(picture.task_count_, 1));
  if (picture.task_count_ == 0) complete(lock, picture);
}

// All tasks are done: later pictures may read its state, and it can be submitted.
void Pipeline::complete(std::unique_lock<std::mutex>& lock, QueuedPicture& picture) {
  lock.unlock();
  if (!picture.failure_) try_step(picture.failure_, [&] { picture.finish(picture.damage_); });
  if (picture.failure_) picture.give_up();
  if (picture.state) picture.state->set_progress(DecodedState::Progress::written);
  if (picture.profile) picture.profile->parsed = profile_clock();
  add_cpu_lap(picture.profile.get(), &PictureProfile::cpu_finish);
  lock.lock();
  picture.parsed_ = true;
  pool_->unblock();
  while (submit_next(lock)) {
  }
}

bool Pipeline::submit_next(std::unique_lock<std::mutex>& lock) {
  if (submitting_ || queue_.empty() || !queue_.front()->parsed_) return false;
  auto& earlier = queue_.front()->earlier_;
  std::erase_if(earlier, [](const PictureNumber& number) { return number.is_with_gpu(); });
  if (!earlier.empty()) {
    pool_->note_blocked();
    return false;
  }
  submitting_ = true;
  auto picture = std::move(queue_.front());
  queue_.erase(queue_.begin());
  lock.unlock();

  add_cpu_lap(picture->profile.get(), &PictureProfile::cpu_wake);
  if (!picture->failure_)
    try_step(picture->failure_, [&] {
      if (const auto submitted = picture->submit(); !submitted)
        picture->failure_ = submitted.error();
    });
  if (picture->failure_) picture->tell_of_failure(*picture->failure_);
  const bool decoded = !picture->failure_, damaged = !picture->damage_.empty();
  hand_over(*picture);
  picture->reset();  // destroying the surfaces of a lost device can take a while

  lock.lock();
  submitting_ = false;
  counts_.decoded += decoded;
  counts_.damaged += damaged;
  if (idle_.size() < idle_.capacity()) idle_.push_back(std::move(picture));
  room_or_idle_.notify_all();
  pool_->unblock();
  return true;
}

// Callers get their surfaces back before the picture releases its references.
void Pipeline::hand_over(QueuedPicture& picture) {
  for (const auto& use : picture.uses)
    if (use.access == Access::write)
      use.surface->uses().end_picture(picture.number_, picture.failure_, picture.damage_);
  *handover_ = picture.number_.number;
  for (const auto& use : picture.uses) use.surface->uses().passed();
}

}  // namespace daedalus
