// SPDX-License-Identifier: MIT
// soak FRAMES: decodes that many frames in one process, in many contexts of H.264 (progressive, and
// alternating kinds of interlaced pictures), VP9 and AV1 with 8 and 10 bits, of many sizes, several
// at the same time. Fails if a frame is wrong or if the process keeps growing.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

#include "faults/faults.h"
#include "faults/sequences.h"
#include "programs/resources.h"
#include "va/client.h"

namespace daedalus::test {

namespace {

constexpr uint32_t threads = 4, contexts_per_thread = 3, frames_per_context = 25;
constexpr uint32_t frames_per_round = threads * contexts_per_thread * frames_per_context;
constexpr uint32_t sizes = 12;  // after four rounds each thread has used all of them
constexpr uint32_t min_rounds = 10;
// Allowance for what allocators retain. A leak of 100 bytes per frame exceeds it after 100,000
// frames.
constexpr std::size_t growth = 8 << 20;
// The C library caches up to 40 MiB of the stacks of ended threads, mostly address space.
constexpr std::size_t data_growth = 64 << 20;

bool has_pictures() {
  const char* device = getenv("DAEDALUS_DEVICE");
  return !device || strcmp(device, "null") != 0;
}

// Each of these decodes one context's frames, each predicted from earlier ones, and returns the
// number of wrong frames.
uint32_t decode_h264(VADisplay display, uint32_t number, uint32_t width, uint32_t height) {
  Stream stream(display, width, height);
  std::array<VASurfaceID, 4> surfaces;
  for (auto& surface : surfaces) surface = stream.make_surface();
  const auto seed = static_cast<uint8_t>(number);
  const auto first = stream.intra_samples(seed);
  const auto last = stream.intra_samples(static_cast<uint8_t>(seed + 50));
  uint32_t wrong = 0;
  const auto good = [&](VAStatus status) { wrong += status != VA_STATUS_SUCCESS; };
  good(stream.decode_intra(surfaces[0], seed));
  good(stream.decode_intra(surfaces[1], static_cast<uint8_t>(seed + 50)));
  for (uint32_t frame = 2; frame < frames_per_context; ++frame) {
    if (frame % 2 == 0)
      good(stream.decode_mean(surfaces[2], surfaces[0], surfaces[1]));
    else
      good(stream.repeat(surfaces[3], surfaces[2]));
  }
  if (!has_pictures()) return wrong;
  for (std::size_t i = 2; i < surfaces.size(); ++i)
    wrong += stream.samples(surfaces[i]) != mean(first, last);
  return wrong;
}

// Whether the samples equal those of the first such context's frame.
template <typename Sequence>
bool is_as_before(const SequenceWish& wish, std::size_t frame,
                  const std::vector<std::byte>& samples) {
  static std::mutex mutex;
  static std::map<std::tuple<uint32_t, uint32_t, std::size_t>, std::vector<std::byte>> first;
  const std::lock_guard lock(mutex);
  const auto known = first.try_emplace({wish.bit_depth, wish.width, frame}, samples).first;
  return known->second == samples;
}

template <typename Sequence>
uint32_t decode_sequence(VADisplay display, const SequenceWish& wish) {
  auto client = Sequence::open(display, wish);
  const auto frames = Sequence::make(wish, frames_per_context);
  uint32_t wrong = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    wrong += Sequence::decode(client, frames[i]) != VA_STATUS_SUCCESS;
    // Checks one frame of each size at the end.
    if (i != frames.size() - 2 && i != frames.size() - 1) continue;
    const auto samples =
        Sequence::read(display, Sequence::shown(client), wish.bit_depth, frames[i]);
    wrong += samples.empty() || !is_as_before<Sequence>(wish, i, samples);
  }
  return wrong;
}

// In the long run every codec gets every size.
uint32_t decode_context(VADisplay display, uint32_t number) {
  const uint32_t width = 16 * (1 + number % sizes), height = 16 * (sizes - number % sizes);
  switch ((number + number / sizes) % 6) {
    case 0:
      return decode_h264(display, number, width, height);
    case 1:
      return decode_sequence<Vp9Sequence>(display, {8, width, height});
    case 2:
      return decode_sequence<Vp9Sequence>(display, {10, width, height});
    case 3:
      return decode_sequence<Av1Sequence>(display, {8, width, height});
    case 4:
      return decode_sequence<InterlacedSequence>(display, {8, width, height});
    default:
      return decode_sequence<Av1Sequence>(display, {10, width, height});
  }
}

uint32_t decode_round(VADisplay display, uint32_t round) {
  std::array<uint32_t, threads> wrong{};
  std::vector<std::thread> clients;
  for (uint32_t thread = 0; thread < threads; ++thread)
    clients.emplace_back([&, thread] {
      for (uint32_t i = 0; i < contexts_per_thread; ++i)
        wrong[thread] += decode_context(display, round * contexts_per_thread + i + thread);
    });
  for (auto& client : clients) client.join();
  uint32_t sum = 0;
  for (const uint32_t count : wrong) sum += count;
  return sum;
}

// Measured while no context is open.
struct Sample {
  Resources resources = Resources::now();
  Live driver = live();

  void print(uint64_t frames) const {
    printf(
        "%8llu frames: resident %6zu KiB, data %7zu KiB, descriptors %zu, threads %zu, Vulkan "
        "objects %lld, memories %lld of %lld KiB, allocations %lld\n",
        static_cast<unsigned long long>(frames), resources.resident >> 10, resources.data >> 10,
        resources.descriptors, resources.threads, static_cast<long long>(driver.vulkan_objects),
        static_cast<long long>(driver.vulkan_memories),
        static_cast<long long>(driver.vulkan_bytes >> 10),
        static_cast<long long>(driver.allocations));
    fflush(stdout);
  }

  bool holds_more_than(const Sample& other) const {
    const bool memory =
        resident_is_meant && (resources.resident > other.resources.resident + growth ||
                              resources.data > other.resources.data + data_growth);
    return memory || resources.descriptors > other.resources.descriptors ||
           resources.threads > other.resources.threads ||
           driver.vulkan_objects > other.driver.vulkan_objects ||
           driver.vulkan_memories > other.driver.vulkan_memories ||
           driver.allocations > other.driver.allocations;
  }
};

// The system may list a joined thread and its resources for a moment longer.
Sample settled(Sample now, const Sample& warm) {
  for (int i = 0; i < 100 && now.holds_more_than(warm); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    now = Sample();
  }
  return now;
}

int soak(uint64_t frames) {
  mallopt(M_ARENA_MAX,
          1);  // with an arena for each of so many threads, the heap fragments without bound
  const WithoutLayers no_layers;
  watch_allocations();
  VADisplay display = open_display();
  if (!display) return EXIT_FAILURE;
  const auto rounds = std::max(
      min_rounds, static_cast<uint32_t>((frames + frames_per_round - 1) / frames_per_round));
  const uint32_t warm_up = rounds / 5, shown = std::max(rounds / 10, 1u);
  Sample warm;
  uint64_t wrong = 0;
  bool grows = false;
  for (uint32_t round = 1; round <= rounds; ++round) {
    wrong += decode_round(display, round);
    Sample now;
    bool more = false;
    if (round <= warm_up) {
      warm.resources.resident = std::max(warm.resources.resident, now.resources.resident);
      warm.resources.data = std::max(warm.resources.data, now.resources.data);
      warm.resources.descriptors = now.resources.descriptors;
      warm.resources.threads = now.resources.threads;
      warm.driver = now.driver;
    } else {
      now = settled(now, warm);
      more = now.holds_more_than(warm);
    }
    grows |= more;
    if (more || round % shown == 0) now.print(uint64_t{round} * frames_per_round);
  }
  const bool ended = vaTerminate(display) == VA_STATUS_SUCCESS;
  const auto left = live();
  printf("%llu wrong, %s, left behind: %lld Vulkan objects, %lld memories, %lld allocations\n",
         static_cast<unsigned long long>(wrong), grows ? "grew after the warm-up" : "flat",
         static_cast<long long>(left.vulkan_objects), static_cast<long long>(left.vulkan_memories),
         static_cast<long long>(left.allocations));
  const bool clean = left.vulkan_objects == 0 && left.vulkan_memories == 0 && left.allocations == 0;
  return wrong == 0 && !grows && ended && clean ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

}  // namespace daedalus::test

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: soak FRAMES\n");
    return EXIT_FAILURE;
  }
  return daedalus::test::soak(strtoull(argv[1], nullptr, 10));
}
