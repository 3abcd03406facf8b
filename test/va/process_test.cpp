// SPDX-License-Identifier: MIT
// The driver and its process: forks, sandboxes, and exiting without terminating. Each test runs in
// its own process.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <va/va_drmcommon.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "programs/resources.h"
#include "va/client.h"
#include "va/display.h"
#include "va/fixture.h"
#include "va/sandbox.h"

namespace daedalus::test {

namespace {

// Exit codes of a test's own process.
constexpr int fine = 0, failed = 1;

#define NEEDS(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      return failed;                                                  \
    }                                                                 \
  } while (false)

// Pictures of all three types, read back.
int decode_pictures(VADisplay display) {
  Stream stream(display, 64, 64);
  const auto first = stream.make_surface(), second = stream.make_surface();
  const auto between = stream.make_surface();
  for (uint8_t seed = 0; seed < 10; ++seed) {
    const auto later = static_cast<uint8_t>(seed + 50);
    NEEDS(stream.decode_intra(first, later) == VA_STATUS_SUCCESS);
    NEEDS(stream.repeat(second, first) == VA_STATUS_SUCCESS);
    NEEDS(stream.decode_intra(first, seed) == VA_STATUS_SUCCESS);
    NEEDS(stream.decode_mean(between, first, second) == VA_STATUS_SUCCESS);
    NEEDS(stream.samples(between) == mean(stream.intra_samples(seed), stream.intra_samples(later)));
  }
  return fine;
}

// A child's exit code; 128 + signal if a signal ended it, `failed` after a minute.
template <typename Body>
int in_a_child(Body&& body) {
  const pid_t child = fork();
  if (child == 0) body();
  for (int wait = 0; wait < 600; ++wait) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child)
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    usleep(100'000);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return failed;
}

// libva is loaded and has a display, but the driver is not initialised yet.
int initialise_in_children() {
  for (int i = 0; i < 2; ++i) {
    VADisplay display = open_test_display();
    NEEDS(in_a_child([&] {
            int major = 0, minor = 0;
            if (vaInitialize(display, &major, &minor) != VA_STATUS_SUCCESS) _exit(failed);
            const int decoded = decode_pictures(display);
            _exit(vaTerminate(display) == VA_STATUS_SUCCESS ? decoded : failed);
          }) == fine);
    int major = 0, minor = 0;
    NEEDS(vaInitialize(display, &major, &minor) == VA_STATUS_SUCCESS);
    NEEDS(decode_pictures(display) == fine);
    NEEDS(vaTerminate(display) == VA_STATUS_SUCCESS);
  }
  return fine;
}

// The number of descriptors in a newly started program, including its own three.
int inherited_descriptors() {
  return in_a_child([] {
    execlp("sh", "sh", "-c", "set -- /proc/self/fd/*; exit $#", nullptr);
    _exit(failed);
  });
}

int outlive_children() {
  const WithoutLayers no_layers;
  const int inherited = inherited_descriptors();
  VADisplay display = open_display();
  NEEDS(display);
  {
    Stream stream(display, 320, 192);
    const auto surface = stream.make_surface();
    for (uint8_t seed = 0; seed < 10; ++seed) {
      NEEDS(stream.decode_intra(surface, seed) == VA_STATUS_SUCCESS);
      NEEDS(inherited_descriptors() == inherited);
      NEEDS(in_a_child([] { _exit(7); }) == 7);
      NEEDS(stream.samples(surface) == stream.intra_samples(seed));
    }
  }
  NEEDS(decode_pictures(display) == fine);
  NEEDS(vaTerminate(display) == VA_STATUS_SUCCESS);
  return fine;
}

VAStatus terminate_in_a_child(VADisplay display) {
#ifdef __SANITIZE_THREAD__
  // vaTerminate unloads the driver after calling it. ThreadSanitizer takes a lock for that, which
  // one of the parent's threads may have held when it forked.
  const auto driver = static_cast<VADisplayContextP>(display)->pDriverContext;
  return driver->vtable->vaTerminate(driver);
#else
  return vaTerminate(display);
#endif
}

// Each call fails at once, whatever the parent's threads were doing when it forked.
int refuse_in_a_child(VADisplay display, VAContextID context, VASurfaceID surface) {
  alarm(30);
  VAConfigID config = no_id;
  VASurfaceID made = no_id;
  VAContextID other = no_id;
  VABufferID buffer = no_id;
  VAImage image{};
  VASurfaceStatus status{};
  VADRMPRIMESurfaceDescriptor descriptor{};
  uint32_t word = 0;
  constexpr auto refused = VA_STATUS_ERROR_INVALID_DISPLAY;
  NEEDS(vaCreateConfig(display, VAProfileH264High, VAEntrypointVLD, nullptr, 0, &config) ==
        refused);
  NEEDS(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, 64, 64, &made, 1, nullptr, 0) == refused);
  NEEDS(vaCreateContext(display, config, 64, 64, 0, nullptr, 0, &other) == refused);
  NEEDS(vaCreateBuffer(display, context, VASliceDataBufferType, 4, 1, &word, &buffer) == refused);
  NEEDS(vaBeginPicture(display, context, surface) == refused);
  NEEDS(vaEndPicture(display, context) == refused);
  NEEDS(vaSyncSurface(display, surface) == refused);
  NEEDS(vaQuerySurfaceStatus(display, surface, &status) == refused);
  NEEDS(vaDeriveImage(display, surface, &image) == refused);
  NEEDS(vaExportSurfaceHandle(display, surface, VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2, 0,
                              &descriptor) == refused);
  NEEDS(vaDestroyContext(display, context) == refused);
  NEEDS(vaDestroySurfaces(display, &surface, 1) == refused);
  NEEDS(terminate_in_a_child(display) == refused);
  return fine;
}

int decode_on_a_display_of_its_own() {
  VADisplay display = open_display();
  NEEDS(display);
  NEEDS(decode_pictures(display) == fine);
  NEEDS(vaTerminate(display) == VA_STATUS_SUCCESS);
  return fine;
}

int refuse_in_children() {
  const WithoutLayers no_layers;
  VADisplay display = open_display();
  NEEDS(display);
  {
    Stream stream(display, 320, 192);
    std::array<VASurfaceID, 4> surfaces;
    for (auto& surface : surfaces) surface = stream.make_surface();
    for (uint8_t round = 0; round < 5; ++round) {
      for (uint8_t i = 0; i < surfaces.size(); ++i)
        NEEDS(stream.decode_intra(surfaces[i], static_cast<uint8_t>(round + i)) ==
              VA_STATUS_SUCCESS);
      NEEDS(in_a_child([&] {
              _exit(refuse_in_a_child(display, stream.context(), surfaces.back()));
            }) == fine);
      for (uint8_t i = 0; i < surfaces.size(); ++i)
        NEEDS(stream.samples(surfaces[i]) == stream.intra_samples(static_cast<uint8_t>(round + i)));
    }
  }
  NEEDS(decode_pictures(display) == fine);
  // Vulkan drivers have locks, too, but none of their threads is busy now. Sanitizers do not
  // support threads in a child.
  if (resident_is_meant) NEEDS(in_a_child([] { _exit(decode_on_a_display_of_its_own()); }) == fine);
  NEEDS(decode_pictures(display) == fine);
  NEEDS(vaTerminate(display) == VA_STATUS_SUCCESS);
  return fine;
}

int end_without_a_word() {
  const WithoutLayers no_layers;  // the validation layer is destroyed before threads that use it
  VADisplay display = open_display();
  NEEDS(display);
  auto* stream = new Stream(display, 320, 192);
  for (uint8_t seed = 0; seed < 10; ++seed)
    NEEDS(stream->decode_intra(stream->make_surface(), seed) == VA_STATUS_SUCCESS);
  return fine;
}

int decode_in_a_sandbox() {
  const WithoutLayers no_layers;
  // Mesa searches its cache when a pipeline is first used, and continues without it: not the
  // driver's doing.
  setenv("MESA_SHADER_CACHE_DISABLE", "true", 1);
  VADisplay display = open_display();
  NEEDS(display);
  const Sandbox sandbox;
  NEEDS(sandbox.closed());
  NEEDS(decode_pictures(display) == fine);
  VAConfigID config = no_id;
  VAContextID context = no_id;
  NEEDS(vaCreateConfig(display, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &config) ==
        VA_STATUS_SUCCESS);
  NEEDS(vaCreateContext(display, config, 0, 0, 0, nullptr, 0, &context) == VA_STATUS_SUCCESS);
  NEEDS(vaTerminate(display) == VA_STATUS_SUCCESS);
  int status = fine;
  for (const auto& call : sandbox.refused()) {
    // glibc opens this before it returns memory, and copes with a refusal.
    if (call == "openat /proc/sys/vm/overcommit_memory") continue;
    fprintf(stderr, "after vaInitialize: %s\n", call.c_str());
    status = failed;
  }
  return status;
}

// The number of the driver's threads, by name, and of all threads that do not block a signal.
struct Threads {
  unsigned drivers = 0, taking_signal = 0;
};
Threads threads_now(int signal) {
  Threads found;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("Name:")) found.drivers += line.find("daedalus:") != std::string::npos;
      if (!line.starts_with("SigBlk:")) continue;
      const auto blocked = std::stoull(line.substr(strlen("SigBlk:")), nullptr, 16);
      found.taking_signal += !(blocked >> (signal - 1) & 1);
    }
  }
  return found;
}

// The application blocks a signal after the driver has started its threads, and waits for it.
int leave_signals_to_the_application() {
  const WithoutLayers no_layers;
  setenv("DAEDALUS_PROFILE", "/dev/null", 1);
  VADisplay display = open_display();
  NEEDS(display);
  {
    Stream stream(display, 64, 64);
    const auto surface = stream.make_surface();
    NEEDS(stream.decode_intra(surface, 1) == VA_STATUS_SUCCESS);
    NEEDS(stream.samples(surface) == stream.intra_samples(1));
    const auto threads = threads_now(SIGUSR1);
    NEEDS(threads.drivers >= 2);        // at least one that parses, and the profile's
    NEEDS(threads.taking_signal == 1);  // this one
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    NEEDS(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
    for (int i = 0; i < 10; ++i) {
      NEEDS(kill(getpid(), SIGUSR1) == 0);
      int signal = 0;
      NEEDS(sigwait(&signals, &signal) == 0 && signal == SIGUSR1);
    }
  }
  NEEDS(vaTerminate(display) == VA_STATUS_SUCCESS);
  // The system may list a joined thread for a moment longer.
  for (int i = 0; i < 100 && threads_now(SIGUSR1).drivers != 0; ++i) usleep(10'000);
  NEEDS(threads_now(SIGUSR1).drivers == 0);
  return fine;
}

class Process : public testing::Test {
 protected:
  // Starts a new program instead of forking this one.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

#define EXPECT_FINE(body) EXPECT_EXIT(exit(body()), testing::ExitedWithCode(fine), "")

TEST_F(Process, MayForkBeforeItInitialises) {
  EXPECT_FINE(initialise_in_children);
}
TEST_F(Process, OutlivesItsChildrenAndLeavesThemNothing) {
  EXPECT_FINE(outlive_children);
}
TEST_F(Process, RefusesWhatItsChildrenInherit) {
  EXPECT_FINE(refuse_in_children);
}
TEST_F(Process, MayExitWithoutTerminating) {
  EXPECT_FINE(end_without_a_word);
}
TEST_F(Process, LeavesSignalsToTheApplication) {
  EXPECT_FINE(leave_signals_to_the_application);
}
TEST_F(Process, OpensNothingOnceItHasInitialised) {
  if (!Sandbox::offered()) GTEST_SKIP() << "no seccomp notifications";
  EXPECT_FINE(decode_in_a_sandbox);
}

}  // namespace

}  // namespace daedalus::test
