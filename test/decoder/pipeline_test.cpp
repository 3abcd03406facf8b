// SPDX-License-Identifier: MIT
// The pipeline with a codec made for this test: its guarantees to codecs.
#include "decoder/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "null/null_device.h"

namespace daedalus {

namespace {

using namespace std::chrono_literals;

struct Mark final : DecodedState {
  static constexpr Kind kind{};
  Mark() : DecodedState(kind) {}
};

// A log of events, in order. Thread-safe.
class Story {
 public:
  void tell(std::string event) {
    std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  std::vector<std::string> events() {
    std::lock_guard lock(mutex_);
    return events_;
  }
  std::ptrdiff_t place(const std::string& event) {
    const auto all = events();
    const auto found = std::find(all.begin(), all.end(), event);
    EXPECT_NE(found, all.end()) << event;
    return found - all.begin();
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> events_;
};

// A picture whose behaviour the test defines.
class ToldPicture final : public QueuedPicture {
 public:
  ToldPicture(Story& story, std::string name) : story_(story), name_(std::move(name)) {}

  bool may_open() const override {
    return !opens_after || opens_after->progress() == DecodedState::Progress::written;
  }
  Result<std::size_t> open() override {
    story_.tell("open " + name_);
    if (open_fails) return tl::unexpected(Error::out_of_memory);
    return tasks;
  }
  Turn turn(std::size_t) const override {
    if (runs_after && !*runs_after) return Turn::later;
    if (!follows) return Turn::now;
    switch (follows->progress()) {
      case DecodedState::Progress::queued:
        return Turn::later;
      case DecodedState::Progress::running:
        return Turn::following;
      default:
        return Turn::now;
    }
  }
  void run(std::size_t task) override {
    if (on_run) on_run(task);
    story_.tell("run " + name_);
  }
  void finish(std::vector<Surface::Damage>& out) override {
    if (on_finish) on_finish();
    story_.tell("finish " + name_);
    out.insert(out.end(), damage.begin(), damage.end());
  }
  Result<void> submit() override {
    story_.tell("submit " + name_);
    return {};
  }
  void give_up() noexcept override { story_.tell("give up " + name_); }
  void tell_of_failure(Error) const noexcept override {}
  void clear() override {}

  std::size_t tasks = 1;
  bool open_fails = false;
  std::shared_ptr<const DecodedState> opens_after, follows;
  const std::atomic<bool>* runs_after = nullptr;
  std::vector<Surface::Damage> damage;
  std::function<void(std::size_t)> on_run;
  std::function<void()> on_finish;

 private:
  Story& story_;
  const std::string name_;
};

struct Codec final : PipelineCodec {
  std::size_t jobs() const override { return job_count; }
  std::size_t job_count = 8;
};

class PipelineTest : public testing::TestWithParam<uint32_t> {
 protected:
  std::shared_ptr<WorkerPool> pool() { return *WorkerPool::share(GetParam()); }
  std::shared_ptr<Surface> surface() {
    return *Surface::create(*device_, PictureFormat::nv12, 16, 16);
  }
  std::unique_ptr<ToldPicture> picture(const std::string& name) {
    return std::make_unique<ToldPicture>(story_, name);
  }
  static void put(Pipeline& pipeline, std::unique_ptr<ToldPicture> picture) {
    pipeline.wait_for_room();
    pipeline.queue(std::move(picture));
  }

  std::unique_ptr<Device> device_ = null::open_device();
  Story story_;
  Codec codec_;
};

TEST_P(PipelineTest, SubmitsInTheOrderOfTheQueue) {
  Pipeline pipeline(pool(), codec_);
  for (int i = 0; i < 50; ++i) {
    auto queued = picture(std::to_string(i));
    queued->tasks = static_cast<std::size_t>(i % 4);
    queued->on_run = [i](std::size_t) { std::this_thread::sleep_for(i % 3 * 200us); };
    put(pipeline, std::move(queued));
  }
  pipeline.drain();
  int next = 0;
  for (const auto& event : story_.events()) {
    if (event.starts_with("submit")) {
      EXPECT_EQ(event, "submit " + std::to_string(next++));
    }
  }
  EXPECT_EQ(next, 50);
  EXPECT_EQ(pipeline.counts().decoded, 50u);
}

// Like VP9's probabilities, which one picture passes to the next; here between two pipelines.
TEST_P(PipelineTest, OpensNoPictureBeforeThePictureItContinuesFrom) {
  Pipeline first(pool(), codec_), second(pool(), codec_);
  auto state = std::make_shared<Mark>();
  auto before = picture("before"), after = picture("after");
  before->state = state;
  before->tasks = 3;
  before->on_run = [](std::size_t) { std::this_thread::sleep_for(5ms); };
  after->opens_after = state;
  put(second, std::move(after));
  std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(story_.events().empty());
  put(first, std::move(before));
  second.drain();
  EXPECT_LT(story_.place("finish before"), story_.place("open after"));
}

// A thread that followed a task which no thread has taken would wait for itself.
TEST_P(PipelineTest, FollowsOnlyTasksThatThreadsHaveTaken) {
  Pipeline first(pool(), codec_), second(pool(), codec_);
  auto state = std::make_shared<Mark>();
  auto before = picture("before"), after = picture("after");
  before->state = state;
  before->tasks = 3;
  before->on_run = [](std::size_t) { std::this_thread::sleep_for(3ms); };
  after->follows = state;
  after->on_run = [state](std::size_t) {
    EXPECT_NE(state->progress(), DecodedState::Progress::queued);
    while (state->progress() != DecodedState::Progress::written) std::this_thread::sleep_for(1ms);
  };
  put(second, std::move(after));
  put(first, std::move(before));
  second.drain();
  EXPECT_EQ(second.counts().decoded, 1u);
}

// Like AV1's pyramids: frames of one branch wait for each other's CDFs, other branches' do not.
TEST_P(PipelineTest, TasksOvertakeThoseThatHaveToWait) {
  Pipeline pipeline(pool(), codec_);
  put(pipeline, picture("first"));
  pipeline.drain();  // from now on two pictures fit
  std::atomic<bool> left = false;
  auto waits = picture("waits"), leaves = picture("leaves");
  waits->runs_after = &left;
  leaves->on_run = [&left](std::size_t) { left = true; };
  put(pipeline, std::move(waits));
  put(pipeline, std::move(leaves));
  pipeline.drain();
  EXPECT_LT(story_.place("open waits"), story_.place("open leaves"));
  EXPECT_LT(story_.place("run leaves"), story_.place("run waits"));
  EXPECT_LT(story_.place("submit waits"), story_.place("submit leaves"));
}

// The first picture still has to be finished, which takes time.
TEST_P(PipelineTest, TasksContinueFromTasksOfAnUnfinishedPicture) {
  if (GetParam() == 1) GTEST_SKIP() << "needs a second thread";
  Pipeline pipeline(pool(), codec_);
  put(pipeline, picture("first"));
  pipeline.drain();
  std::atomic<bool> left = false, ran = false;
  auto leaves = picture("leaves"), goes_on = picture("goes on");
  leaves->on_run = [&left](std::size_t) {
    std::this_thread::sleep_for(5ms);  // by then the other picture is open and its thread sleeps
    left = true;
  };
  leaves->on_finish = [&ran] {
    for (int i = 0; i < 2000 && !ran; ++i) std::this_thread::sleep_for(1ms);
  };
  goes_on->runs_after = &left;
  goes_on->on_run = [&ran](std::size_t) { ran = true; };
  put(pipeline, std::move(leaves));
  put(pipeline, std::move(goes_on));
  pipeline.drain();
  EXPECT_LT(story_.place("run goes on"), story_.place("finish leaves"));
}

TEST_P(PipelineTest, SubmitsAfterOtherPipelinesPicturesThatItFollows) {
  Pipeline first(pool(), codec_), second(pool(), codec_);
  const auto shared = surface(), other = surface();
  auto writer = picture("writer"), reader = picture("reader"), overwriter = picture("overwriter");
  writer->uses = {{shared, Access::write}};
  writer->on_run = [](std::size_t) { std::this_thread::sleep_for(10ms); };
  reader->uses = {{shared, Access::read}, {other, Access::write}};
  overwriter->uses = {{shared, Access::write}};
  put(first, std::move(writer));
  put(second, std::move(reader));
  put(first, std::move(overwriter));
  EXPECT_TRUE(shared->sync(1min, Access::write));
  EXPECT_LT(story_.place("submit writer"), story_.place("submit reader"));
  EXPECT_LT(story_.place("submit reader"), story_.place("submit overwriter"));
}

// A picture with two outputs, as for film grain.
TEST_P(PipelineTest, LeavesStateAndDamageWithAllThatItWrites) {
  Pipeline pipeline(pool(), codec_);
  const auto shown = surface(), kept = surface();
  auto queued = picture("0");
  const auto state = std::make_shared<Mark>();
  queued->uses = {{shown, Access::write}, {kept, Access::write}};
  queued->state = state;
  queued->damage = {{1, 2}};
  put(pipeline, std::move(queued));
  for (const auto& output : {shown, kept}) {
    EXPECT_TRUE(output->sync(1min));
    EXPECT_EQ(output->damage().size(), 1u);
    EXPECT_EQ(output->uses().state(), state);
  }
  EXPECT_EQ(state->progress(), DecodedState::Progress::written);
}

TEST_P(PipelineTest, APictureThatFailsGoesTheWholeWay) {
  Pipeline pipeline(pool(), codec_);
  const auto target = surface();
  const auto state = std::make_shared<Mark>();
  auto fails = picture("fails"), throws = picture("throws"), next = picture("next");
  fails->uses = {{target, Access::write}};
  fails->open_fails = true;
  fails->state = state;
  throws->on_run = [](std::size_t) { throw std::bad_alloc(); };
  next->opens_after = state;
  put(pipeline, std::move(fails));
  put(pipeline, std::move(throws));
  put(pipeline, std::move(next));
  EXPECT_EQ(target->sync(1min).error(), Error::out_of_memory);
  pipeline.drain();
  EXPECT_EQ(pipeline.counts().decoded, 1u);
  story_.place("give up fails");
  story_.place("give up throws");
  story_.place("submit next");
}

TEST_P(PipelineTest, HasNoMorePicturesOpenThanThereAreJobs) {
  codec_.job_count = 2;
  Pipeline pipeline(pool(), codec_);
  std::atomic<int> open = 0;
  for (int i = 0; i < 20; ++i) {
    auto queued = picture(std::to_string(i));
    queued->on_run = [&open](std::size_t) {
      EXPECT_LE(++open, 2);
      std::this_thread::sleep_for(500us);
      --open;
    };
    put(pipeline, std::move(queued));
  }
  pipeline.drain();
}

// One pipeline's long queue does not block the others.
TEST_P(PipelineTest, ServesPipelinesInTurns) {
  const auto workers = pool();
  Pipeline busy(workers, codec_), late(workers, codec_);
  auto queued = picture("busy");
  queued->tasks = 200;
  std::atomic<bool> both_queued = false;
  queued->on_run = [&both_queued](std::size_t) {
    while (!both_queued) std::this_thread::sleep_for(200us);
    std::this_thread::sleep_for(200us);
  };
  put(busy, std::move(queued));
  put(late, picture("late"));
  both_queued = true;
  late.drain();
  EXPECT_LT(story_.place("submit late"), 60);
  busy.drain();
}

INSTANTIATE_TEST_SUITE_P(Threads, PipelineTest, testing::Values(1u, 2u, 5u));

TEST(WorkerPool, IsOneAndGrowsAndEndsWithItsLastHolder) {
  auto one = WorkerPool::share(1), two = WorkerPool::share(3);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->get(), two->get());
  EXPECT_EQ((*one)->size(), 3u);
  one->reset();
  EXPECT_EQ((*two)->size(), 3u);
  two->reset();
  EXPECT_EQ((*WorkerPool::share(1))->size(), 1u);
}

}  // namespace

}  // namespace daedalus
