// SPDX-License-Identifier: MIT
// Threads that use shared objects without coordination: one destroys what another one is using.
#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "va/client.h"
#include "va/fixture.h"

namespace daedalus::test {

namespace {

constexpr uint32_t width = 64, height = 48;

class Threads : public DriverTest {
 protected:
  template <typename Body>
  static void run(uint32_t count, Body&& body) {
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
    for (auto& thread : threads) thread.join();
  }

  static PcmPicture repetition(VASurfaceID target, VASurfaceID reference) {
    return make_skipped_picture(width / 16, height / 16, target, {&reference, 1});
  }
  static PcmPicture intra(VASurfaceID target, uint8_t seed) {
    return make_pcm_picture(width / 16, height / 16, target, seed);
  }
};

TEST_F(Threads, DestroyWhatIsInFlight) {
  const auto config = make_config();
  run(6, [&](uint32_t thread) {
    for (uint32_t round = 0; round < 20; ++round) {
      const auto seed = static_cast<uint8_t>(thread * 20 + round);
      auto context = make_context(config, width, height);
      auto source = make_surface(width, height), between = make_surface(width, height);
      const auto target = make_surface(width, height);
      auto first = intra(source, seed);
      auto second = repetition(between, source), third = repetition(target, between);
      EXPECT_STATUS(SUCCESS, decode(context, source, first));
      EXPECT_STATUS(SUCCESS, decode(context, between, second));
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &source, 1));
      EXPECT_STATUS(SUCCESS, decode(context, target, third));
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &between, 1));
      EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
      EXPECT_TRUE(read_samples(display, target, width, height) == pcm_samples(width, height, seed));
      auto last = target;
      EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &last, 1));
    }
  });
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

// Statuses of calls that interleave with another thread's: on destroyed objects, on pictures that
// another thread has begun or ended, and for one thread's slices with the other's data.
bool is_possible(VAStatus status) {
  switch (status) {
    case VA_STATUS_SUCCESS:
    case VA_STATUS_ERROR_INVALID_CONTEXT:
    case VA_STATUS_ERROR_INVALID_SURFACE:
    case VA_STATUS_ERROR_INVALID_BUFFER:
    case VA_STATUS_ERROR_INVALID_PARAMETER:
    case VA_STATUS_ERROR_OPERATION_FAILED:
    case VA_STATUS_ERROR_SURFACE_BUSY:
      return true;
    default:
      return false;
  }
}

// Objects of one kind that threads share.
template <typename Make, typename Destroy>
class Meeting {
 public:
  Meeting(Make make, Destroy destroy) : make_(make), destroy_(destroy) {
    for (auto& id : ids_) id = make_();
  }
  ~Meeting() {
    for (auto& id : ids_) destroy_(id);
  }
  VAGenericID any(std::mt19937& random) const { return ids_[random() % ids_.size()]; }
  void replace_any(std::mt19937& random) {
    destroy_(ids_[random() % ids_.size()].exchange(make_()));
  }

 private:
  Make make_;
  Destroy destroy_;
  std::array<std::atomic<VAGenericID>, 6> ids_;
};

TEST_F(Threads, MeetInTheSameObjects) {
  const auto config = make_config();
  Meeting surfaces(
      [] { return make_surface(width, height); },
      [](VASurfaceID id) { EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &id, 1)); });
  Meeting contexts([&] { return make_context(config, width, height); },
                   [](VAContextID id) { EXPECT_STATUS(SUCCESS, vaDestroyContext(display, id)); });
  run(6, [&](uint32_t thread) {
    std::mt19937 random(thread);
    for (uint32_t step = 0; step < 150; ++step) {
      const auto target = surfaces.any(random), other = surfaces.any(random);
      auto picture =
          random() % 2 ? intra(target, static_cast<uint8_t>(step)) : repetition(target, other);
      VASurfaceStatus busy;
      void* errors = nullptr;
      auto status = VA_STATUS_SUCCESS;
      switch (random() % 8) {
        case 0:
          surfaces.replace_any(random);
          break;
        case 1:
          contexts.replace_any(random);
          break;
        case 2:
          status = vaSyncSurface(display, target);
          break;
        case 3:
          status = vaQuerySurfaceStatus(display, target, &busy);
          break;
        case 4:
          status = vaQuerySurfaceError(display, target, VA_STATUS_ERROR_DECODING_ERROR, &errors);
          break;
        case 5:
          read_samples(display, target, width, height);
          break;
        default:
          status = decode(contexts.any(random), target, picture);
      }
      EXPECT_TRUE(is_possible(status)) << std::hex << status;
    }
  });
  Stream afterwards(display, width, height);
  const auto surface = afterwards.make_surface();
  EXPECT_STATUS(SUCCESS, afterwards.decode_intra(surface, 3));
  EXPECT_TRUE(afterwards.samples(surface) == afterwards.intra_samples(3));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

// Each thread reads what the previous thread writes.
TEST_F(Threads, ShareSurfacesInACircle) {
  constexpr uint32_t count = 5;
  std::array<VASurfaceID, count> shared;
  for (auto& surface : shared) surface = make_surface(width, height);
  run(count, [&](uint32_t thread) {
    Stream stream(display, width, height);
    const auto own = stream.make_surface();
    const auto seed = static_cast<uint8_t>(thread * 30);
    for (uint32_t round = 0; round < 30; ++round) {
      EXPECT_STATUS(SUCCESS, stream.decode_intra(own, seed));
      EXPECT_STATUS(SUCCESS, stream.repeat(shared[thread], shared[(thread + 1) % count]));
      EXPECT_STATUS(SUCCESS, stream.decode_mean(shared[(thread + 2) % count], own, shared[thread]));
      EXPECT_TRUE(stream.samples(own) == stream.intra_samples(seed));
    }
  });
  for (auto& surface : shared) {
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surface));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &surface, 1));
  }
}

}  // namespace

}  // namespace daedalus::test
