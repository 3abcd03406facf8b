// SPDX-License-Identifier: MIT
#include "profile/session.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "daedalus/file_descriptor.h"
#include "daedalus/log.h"
#include "profile/table.h"
#include "threads/thread.h"

namespace daedalus {

namespace {

uint64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// An open file, and the thread that waits for pictures and writes to the file, so that decoding
// threads do not have to.
class Writer {
 public:
  // Throws std::bad_alloc also if the system has no room for another thread.
  explicit Writer(FileDescriptor file) : file_(std::move(file)) {
    if (lseek(file_.get(), 0, SEEK_END) == 0) {
      text_ = profile_head();
      write_text();  // before another display's writer can see an empty file
    }
    auto thread = Thread::start("daedalus:stats", [this] { work(); });
    if (!thread) throw std::bad_alloc();
    thread_ = std::move(*thread);
  }

  ~Writer() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    given_or_stop_.notify_one();
    thread_.join();
  }

  void give(std::unique_ptr<PictureProfile> picture, FinishProfile finish) {
    {
      std::lock_guard lock(mutex_);
      pictures_.emplace_back(std::move(picture), std::move(finish));
    }
    given_or_stop_.notify_one();
  }

 private:
  using Unfinished = std::pair<std::unique_ptr<PictureProfile>, FinishProfile>;

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      given_or_stop_.wait(lock, [&] { return stopping_ || !pictures_.empty(); });
      if (pictures_.empty()) return;
      auto pictures = std::exchange(pictures_, {});
      lock.unlock();
      for (const auto& [picture, finish] : pictures) {
        if (finish) finish(*picture);
        picture->cpu_profile += cpu_lap();
        add_line(*picture);
      }
      write_text();
      pictures.clear();  // without the lock, because it may destroy the device
      lock.lock();
    }
  }

  void add_line(const PictureProfile& picture) {
    try {
      text_ += profile_line(picture);
    } catch (const std::bad_alloc&) {
      log(LogLevel::error, "no memory for a line of the profile");
    }
  }

  // Write errors are logged, and the text is dropped.
  void write_text() {
    if (write(file_.get(), text_.data(), text_.size()) < 0)
      log(LogLevel::error, "cannot write the profile: %s", strerror(errno));
    text_.clear();
  }

  const FileDescriptor file_;
  std::string text_;  // used by the thread alone
  std::mutex mutex_;
  std::condition_variable given_or_stop_;
  std::vector<Unfinished> pictures_;  // guarded by the mutex
  bool stopping_ = false;             // likewise
  Thread thread_;
};

// The process's only state: constant-initialised and trivially destroyed, like the log's.
struct Sink {
  std::atomic<bool> enabled = false;
  std::mutex mutex;
  unsigned users = 0;
  Writer* writer = nullptr;
  pid_t process = 0;
};
constinit Sink sink;

thread_local uint64_t last_lap = 0;
thread_local std::array<uint64_t, 3> calls = {};  // by kind

std::unique_ptr<Writer> open_writer(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (file) return std::make_unique<Writer>(std::move(file));
  log(LogLevel::error, "cannot write the profile %s: %s", path.c_str(), strerror(errno));
  return nullptr;
}

}  // namespace

ProfileSession::ProfileSession(const std::string& path) {
  std::lock_guard lock(sink.mutex);
  // A forked child has a copy of its parent's writer but not the thread. It leaks it on purpose.
  if (sink.process != getpid()) {
    sink.process = getpid();
    sink.writer = nullptr;
    sink.users = 0;
  }
  if (!path.empty() && !sink.writer) sink.writer = open_writer(path).release();
  sink.enabled = sink.writer != nullptr;
  ++sink.users;
}

// Destroys the writer without the lock: that waits for the GPU.
ProfileSession::~ProfileSession() {
  std::unique_lock lock(sink.mutex);
  if (--sink.users > 0) return;
  sink.enabled = false;
  const std::unique_ptr<Writer> writer(std::exchange(sink.writer, nullptr));
  lock.unlock();
}

bool profile_enabled() {
  return sink.enabled.load(std::memory_order_relaxed);
}

// The caller's display still exists, and keeps the writer alive.
void profile(std::unique_ptr<PictureProfile> picture, FinishProfile finish) {
  sink.writer->give(std::move(picture), std::move(finish));
}

uint64_t profile_clock() {
  return read_clock(CLOCK_MONOTONIC);
}

uint64_t cpu_lap() {
  if (!profile_enabled()) return 0;
  const uint64_t now = read_clock(CLOCK_THREAD_CPUTIME_ID);
  return now - std::exchange(last_lap, now);
}

void ProfiledCall::begin() {
  (void)cpu_lap();  // the client's own time
}

void ProfiledCall::end() const {
  calls[static_cast<std::size_t>(kind_)] += cpu_lap();
}

void take_calls(PictureProfile& picture) {
  const auto taken = std::exchange(calls, {});
  picture.cpu_setup = taken[static_cast<std::size_t>(ProfiledCall::Kind::setup)];
  picture.cpu_sync = taken[static_cast<std::size_t>(ProfiledCall::Kind::sync)];
  picture.cpu_calls = taken[static_cast<std::size_t>(ProfiledCall::Kind::other)];
}

}  // namespace daedalus
