// SPDX-License-Identifier: MIT
#include "bench/leg.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>

#include "bench/cpu_load.h"
#include "bench/decoding.h"
#include "bench/driver.h"
#include "profile/table.h"

namespace daedalus::bench {

namespace {

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// What the measuring process reports to its parent.
struct Report {
  std::atomic<uint64_t> frames;
  double seconds, cpu_seconds, client_cpu_seconds, first_frame_seconds, open_seconds;
  char device[256];
  char error[512];
};

void copy_text(const std::string& text, std::span<char> room) {
  snprintf(room.data(), room.size(), "%s", text.c_str());
}

// Plays the streams of a leg and measures them. All decoders stay open until the last stream is
// done.
class Streams {
 public:
  Streams(const Clip& clip, const Leg& leg, const Driver* driver, Report& report)
      : clip_(clip), leg_(leg), driver_(driver), report_(report) {}

  void run() {
    const double start = seconds(CLOCK_MONOTONIC), cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(leg_.streams));
    for (int i = 0; i < leg_.streams; ++i) threads.emplace_back([this] { play(); });
    for (auto& thread : threads) thread.join();
    report_.seconds = seconds(CLOCK_MONOTONIC) - start;
    report_.cpu_seconds = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
  }

 private:
  void play() {
    const double start = seconds(CLOCK_MONOTONIC);
    constexpr auto endless = std::numeric_limits<uint64_t>::max();
    auto decoding =
        std::make_unique<Decoding>(clip_, driver_ ? driver_->device() : nullptr, leg_.threads,
                                   leg_.seconds > 0 ? endless : leg_.pictures, leg_.decoder);
    Frame last;
    double first_frame = 0;
    while (Frame frame = decoding->next()) {
      if (leg_.seconds > 0) limit_time(*decoding, seconds(CLOCK_MONOTONIC) - start);
      if (!last) {
        if (driver_) driver_->sync(*frame);
        first_frame = seconds(CLOCK_MONOTONIC) - start;
      }
      ++report_.frames;
      last = std::move(frame);
    }
    // When the last picture is decoded, so are all earlier ones.
    if (driver_ && last) driver_->sync(*last);

    std::lock_guard lock(mutex_);
    report_.client_cpu_seconds += seconds(CLOCK_THREAD_CPUTIME_ID);
    report_.first_frame_seconds = std::max(report_.first_frame_seconds, first_frame);
    if (!decoding->error().empty()) copy_text(decoding->error(), report_.error);
    decodings_.push_back(std::move(decoding));
  }

  // Called for each frame. After the time, lets the clip end; after twice the time, stops at once.
  void limit_time(Decoding& decoding, double passed) const {
    if (passed >= 2 * leg_.seconds)
      decoding.stop();
    else if (passed >= leg_.seconds)
      decoding.finish_clip();
  }

  const Clip& clip_;
  const Leg& leg_;
  const Driver* driver_;
  Report& report_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Decoding>> decodings_;
};

// Runs in the measuring process.
void run(const Clip& clip, const Leg& leg, Report& report) {
  std::unique_ptr<Driver> driver;
  if (leg.driver) {
    const double start = seconds(CLOCK_MONOTONIC);
    std::string error;
    driver = Driver::open(error);
    report.open_seconds = seconds(CLOCK_MONOTONIC) - start;
    if (!driver) return copy_text(error, report.error);
    copy_text(driver->name(), report.device);
  }
  Streams(clip, leg, driver.get(), report).run();
}

// Memory shared by the two processes.
class SharedReport {
 public:
  SharedReport()
      : memory_(mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                     -1, 0)) {}
  ~SharedReport() {
    if (*this) munmap(memory_, sizeof(Report));
  }
  SharedReport(const SharedReport&) = delete;
  SharedReport& operator=(const SharedReport&) = delete;

  explicit operator bool() const { return memory_ != MAP_FAILED; }
  Report& operator*() const { return *static_cast<Report*>(memory_); }
  Report* operator->() const { return static_cast<Report*>(memory_); }

 private:
  void* const memory_;
};

// A file in memory to which the driver writes its profile.
class ProfileFile {
 public:
  ProfileFile() : file_(memfd_create("profile", 0)) {}
  ~ProfileFile() {
    if (file_ >= 0) close(file_);
  }
  ProfileFile(const ProfileFile&) = delete;
  ProfileFile& operator=(const ProfileFile&) = delete;

  void give_to_driver() const {
    setenv("DAEDALUS_PROFILE", ("/proc/self/fd/" + std::to_string(file_)).c_str(), 1);
  }

  std::optional<std::vector<PictureProfile>> read() const {
    const off_t size = lseek(file_, 0, SEEK_END);
    std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    if (pread(file_, text.data(), text.size(), 0) != size) return {};
    return read_profile(text);
  }

 private:
  const int file_;
};

// Waits for the measuring process and reports its progress.
std::string await(pid_t child, const Report& report, const std::function<void(uint64_t)>& progress,
                  rusage& usage) {
  const auto process = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  constexpr int interval = 100;  // milliseconds
  pollfd ended{process, POLLIN, 0};
  while (process >= 0 && poll(&ended, 1, interval) == 0) progress(report.frames);
  if (process >= 0) close(process);
  int status = 0;
  if (wait4(child, &status, 0, &usage) != child) return strerror(errno);
  if (WIFSIGNALED(status))
    return std::string("the decoder crashed: ") + strsignal(WTERMSIG(status));
  if (report.error[0] == '\0' && report.frames == 0) return "the file decodes to no frame";
  return report.error;
}

Measurement measurement_of(const Report& report, const rusage& usage) {
  Measurement measured;
  measured.frames = report.frames;
  measured.seconds = report.seconds;
  measured.cpu_seconds = report.cpu_seconds;
  measured.client_cpu_seconds = report.client_cpu_seconds;
  measured.first_frame_seconds = report.first_frame_seconds;
  measured.open_seconds = report.open_seconds;
  measured.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  measured.device = report.device;
  return measured;
}

}  // namespace

std::optional<Measurement> measure(const Clip& clip, const Leg& leg,
                                   const std::function<void(uint64_t)>& progress,
                                   std::string& error) {
  const SharedReport report;
  const ProfileFile profile;
  CpuLoad load(leg.load);
  fflush(nullptr);
  const pid_t child = report ? fork() : -1;
  if (child < 0) {
    error = strerror(errno);
    return {};
  }
  if (child == 0) {
    if (leg.profiled) profile.give_to_driver();
    run(clip, leg, *report);
    _exit(0);
  }
  rusage usage{};
  error = await(child, *report, progress, usage);
  if (!error.empty()) return {};
  Measurement measured = measurement_of(*report, usage);
  measured.load_rate = load.rate();
  if (leg.profiled) {
    auto pictures = profile.read();
    if (!pictures) {
      error = "the driver left no profile: is it as old as this program?";
      return {};
    }
    measured.pictures = std::move(*pictures);
  }
  return measured;
}

}  // namespace daedalus::bench
