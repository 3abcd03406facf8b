// SPDX-License-Identifier: MIT
// The driver in clients' typical lives: changing sizes, many threads, surfaces shared by contexts,
// seeks, termination in the middle of work.
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include "programs/resources.h"
#include "va/client.h"
#include "va/fixture.h"

namespace daedalus::test {

namespace {

class Life : public DriverTest {};

// Stream and surfaces of one size. Old ones live on for a while after a change.
struct Generation {
  Generation(VADisplay display, uint32_t width, uint32_t height, uint8_t first_seed)
      : stream(display, width, height), seed(first_seed) {
    for (auto& surface : surfaces) surface = stream.make_surface();
  }

  // Does not wait between pictures.
  void decode() {
    EXPECT_STATUS(SUCCESS, stream.decode_intra(surfaces[0], seed));
    EXPECT_STATUS(SUCCESS, stream.repeat(surfaces[1], surfaces[0]));
    EXPECT_STATUS(SUCCESS, stream.decode_intra(surfaces[2], static_cast<uint8_t>(seed + 100)));
    EXPECT_STATUS(SUCCESS, stream.decode_mean(surfaces[3], surfaces[1], surfaces[2]));
  }
  void expect_exact() const {
    const auto first = stream.intra_samples(seed);
    const auto second = stream.intra_samples(static_cast<uint8_t>(seed + 100));
    EXPECT_TRUE(stream.samples(surfaces[0]) == first);
    EXPECT_TRUE(stream.samples(surfaces[1]) == first);
    EXPECT_TRUE(stream.samples(surfaces[2]) == second);
    EXPECT_TRUE(stream.samples(surfaces[3]) == mean(first, second));
  }

  Stream stream;
  std::array<VASurfaceID, 4> surfaces;
  uint8_t seed;
};

TEST_F(Life, OfAHundredSizesLeavesNothingBehind) {
  // Cycles through ten sizes and compares memory at equal ones. Some surfaces are never used, so
  // that fifty changes' surfaces, 24 MiB, are far more than allocators retain.
  constexpr uint32_t sizes = 10, changes = 100, warm_up = 50, unused = 16;
  constexpr std::size_t growth = 8 << 20;
  Resources warm{};
  std::unique_ptr<Generation> old;
  for (uint32_t i = 0; i < changes; ++i) {
    const uint32_t width = 16 * (2 + i % sizes * 2), height = 16 * (12 - i % sizes);
    auto next = std::make_unique<Generation>(display, width, height, static_cast<uint8_t>(i));
    for (uint32_t j = 0; j < unused; ++j) next->stream.make_surface();
    next->decode();
    if (old) old->expect_exact();
    next->expect_exact();
    old = std::move(next);
    if (i + 1 == warm_up) warm = Resources::now();
  }
  const auto end = Resources::now();
  EXPECT_EQ(end.descriptors, warm.descriptors);
  EXPECT_EQ(end.threads, warm.threads);
  if (resident_is_meant) {
    EXPECT_LE(end.resident, warm.resident + growth);
  }
}

TEST_F(Life, OfOneContextMayChangeItsSize) {
  Stream stream(display, 64, 64);
  VASurfaceID last = stream.make_surface();
  for (auto [width, height] :
       {std::pair{64u, 64u}, {160u, 96u}, {160u, 32u}, {16u, 16u}, {64u, 64u}}) {
    stream.change_size(width, height);
    const auto seed = static_cast<uint8_t>(width + height);
    const auto first = stream.make_surface(), second = stream.make_surface();
    EXPECT_STATUS(SUCCESS, stream.repeat(second, last));  // of the previous size; concealed
    EXPECT_STATUS(SUCCESS, stream.decode_intra(first, seed));
    EXPECT_STATUS(SUCCESS, stream.repeat(second, first));
    EXPECT_TRUE(stream.samples(first) == stream.intra_samples(seed));
    EXPECT_TRUE(stream.samples(second) == stream.intra_samples(seed));
    last = second;
  }
}

// Contexts and displays.

// Makes each call for all contexts before the next call.
TEST_F(Life, OfContextsInTurnsIsExact) {
  constexpr uint8_t count = 4;
  struct Turn {
    Stream stream{display, 64, 64};
    VASurfaceID target = stream.make_surface();
    PcmPicture picture;
    std::vector<VABufferID> buffers;
  };
  std::array<Turn, count> turns;
  for (uint8_t i = 0; i < count; ++i) {
    Turn& turn = turns[i];
    PcmPicture& picture = turn.picture;
    picture = make_pcm_picture(4, 4, turn.target, i);
    const auto make_buffer = [&](VABufferType type, std::size_t size, void* data) {
      VABufferID id = no_id;
      EXPECT_STATUS(SUCCESS, vaCreateBuffer(display, turn.stream.context(), type,
                                            static_cast<unsigned>(size), 1, data, &id));
      turn.buffers.push_back(id);
    };
    make_buffer(VAPictureParameterBufferType, sizeof(picture.picture), &picture.picture);
    make_buffer(VASliceParameterBufferType, sizeof(picture.slice), &picture.slice);
    make_buffer(VASliceDataBufferType, picture.data.size(), picture.data.data());
  }
  for (auto& turn : turns)
    EXPECT_STATUS(SUCCESS, vaBeginPicture(display, turn.stream.context(), turn.target));
  for (std::size_t buffer = 0; buffer < 3; ++buffer)
    for (auto& turn : turns)
      EXPECT_STATUS(SUCCESS,
                    vaRenderPicture(display, turn.stream.context(), &turn.buffers[buffer], 1));
  for (auto& turn : turns) EXPECT_STATUS(SUCCESS, vaEndPicture(display, turn.stream.context()));
  for (uint8_t i = 0; i < count; ++i) {
    EXPECT_TRUE(turns[i].stream.samples(turns[i].target) == turns[i].stream.intra_samples(i));
    for (auto id : turns[i].buffers) EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, id));
  }
}

TEST_F(Life, OfContextsAtTheSameTimeIsExact) {
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 6; ++i)
    threads.emplace_back([i] {
      for (uint32_t round = 0; round < 5; ++round) {
        Generation own(display, 32 + 16 * i, 64, static_cast<uint8_t>(i * 40 + round));
        own.decode();
        own.expect_exact();
      }
    });
  for (auto& thread : threads) thread.join();
}

TEST_F(Life, OfDisplaysAtTheSameTimeIsExact) {
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 4; ++i)
    threads.emplace_back([i] {
      for (uint32_t round = 0; round < 2; ++round) {
        VADisplay own = open_display();
        ASSERT_NE(own, nullptr);
        for (uint32_t size = 1; size < 4; ++size) {
          Generation generation(own, 16 + 16 * i, 16 * size, static_cast<uint8_t>(i + size));
          generation.decode();
          generation.expect_exact();
        }
        EXPECT_STATUS(SUCCESS, vaTerminate(own));
      }
    });
  for (auto& thread : threads) thread.join();
}

unsigned count_parsing_threads() {
  unsigned count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    count += name == "daedalus:parse";
  }
  return count;
}

// The system may list a joined thread for a moment longer.
unsigned parsing_threads(unsigned expected) {
  unsigned count = count_parsing_threads();
  for (int i = 0; i < 100 && count != expected; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    count = count_parsing_threads();
  }
  return count;
}

// The number must not depend on the number of contexts and displays. A thread that Mesa starts
// while a parsing thread submits inherits its name. With a pool for each context there would be 24
// in the end.
TEST(LifeOfAProcess, HasAsManyEntropyThreadsAsConfigured) {
  constexpr unsigned wanted = 3, displays_count = 2, of_mesa = 4 * displays_count;
  setenv("DAEDALUS_ENTROPY_THREADS", "3", 1);
  EXPECT_EQ(parsing_threads(0u), 0u);
  for (int round = 0; round < 2; ++round) {
    std::array<VADisplay, displays_count> displays = {open_display(), open_display()};
    {
      std::vector<std::unique_ptr<Generation>> contexts;
      for (uint8_t i = 0; i < 8; ++i) {
        contexts.push_back(std::make_unique<Generation>(displays[i % 2], 64, 64, i));
        EXPECT_GE(count_parsing_threads(), wanted) << +i;
        EXPECT_LE(count_parsing_threads(), wanted + of_mesa) << +i;
        contexts.back()->decode();
      }
      for (const auto& context : contexts) context->expect_exact();
      EXPECT_LE(count_parsing_threads(), wanted + of_mesa);
    }
    for (VADisplay display : displays) EXPECT_STATUS(SUCCESS, vaTerminate(display));
    EXPECT_EQ(parsing_threads(0u), 0u);
  }
  unsetenv("DAEDALUS_ENTROPY_THREADS");
}

// Contexts that depend on each other's pictures, with one thread for all of them.
TEST(LifeOfAProcess, OfOneThreadDecodesWhatContextsShare) {
  setenv("DAEDALUS_ENTROPY_THREADS", "1", 1);
  VADisplay display = open_display();
  {
    constexpr uint8_t count = 4;
    std::vector<std::unique_ptr<Stream>> streams;
    std::vector<VASurfaceID> surfaces;
    for (uint8_t i = 0; i < count; ++i) {
      streams.push_back(std::make_unique<Stream>(display, 128, 64));
      surfaces.push_back(streams.back()->make_surface());
    }
    for (uint8_t round = 0; round < 20; ++round) {
      EXPECT_STATUS(SUCCESS, streams[0]->decode_intra(surfaces[0], round));
      for (uint8_t i = 1; i < count; ++i)
        EXPECT_STATUS(SUCCESS, streams[i]->repeat(surfaces[i], surfaces[i - 1u]));
      EXPECT_STATUS(SUCCESS, streams[1]->decode_mean(surfaces[0], surfaces[2], surfaces[3]));
      for (uint8_t i = 0; i < count; ++i)
        EXPECT_TRUE(streams[0]->samples(surfaces[i]) == streams[0]->intra_samples(round));
    }
  }
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
  unsetenv("DAEDALUS_ENTROPY_THREADS");
}

// The first context takes long to parse its slices, the second no time.
TEST_F(Life, OfASurfaceMayBeSharedByContexts) {
  constexpr uint32_t width = 512, height = 512;
  Stream slow(display, width, height), quick(display, width, height);
  const auto shared = slow.make_surface(), other = slow.make_surface();
  const auto copy = quick.make_surface(), still = quick.make_surface();
  const auto old = quick.intra_samples(200);
  ASSERT_OK(quick.decode_intra(still, 200));
  for (uint8_t round = 0; round < 10; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << int{round});
    const auto fresh = slow.intra_samples(round);
    // Read before it is written.
    EXPECT_STATUS(SUCCESS, slow.decode_intra(shared, round));
    EXPECT_STATUS(SUCCESS, quick.repeat(copy, shared));
    EXPECT_TRUE(quick.samples(copy) == fresh);
    // Overwritten before it is written.
    EXPECT_STATUS(SUCCESS, slow.decode_intra(shared, round));
    EXPECT_STATUS(SUCCESS, quick.repeat(shared, still));
    EXPECT_TRUE(quick.samples(shared) == old);
    // Overwritten before it is read.
    EXPECT_STATUS(SUCCESS, slow.decode_intra(shared, round));
    EXPECT_STATUS(SUCCESS, slow.repeat(other, copy));
    EXPECT_STATUS(SUCCESS, quick.repeat(copy, still));
    EXPECT_TRUE(quick.samples(copy) == old);
    EXPECT_TRUE(slow.samples(other) == fresh);
    // Dependencies in both directions.
    EXPECT_STATUS(SUCCESS, slow.decode_intra(shared, round));
    EXPECT_STATUS(SUCCESS, quick.decode_mean(copy, shared, still));
    EXPECT_STATUS(SUCCESS, slow.repeat(shared, copy));
    EXPECT_STATUS(SUCCESS, quick.repeat(copy, shared));
    EXPECT_TRUE(quick.samples(copy) == mean(fresh, old));
  }
}

// Threads.

template <typename Call>
VAStatus on_another_thread(Call&& call) {
  VAStatus status = VA_STATUS_ERROR_UNKNOWN;
  std::thread([&] { status = call(); }).join();
  return status;
}

TEST_F(Life, OnAnotherThreadWithEveryCall) {
  Stream stream(display, 64, 64);
  const std::array surfaces = {stream.make_surface(), stream.make_surface()};
  for (uint8_t i = 0; i < 20; ++i) {
    const auto target = surfaces[i % 2], reference = surfaces[(i + 1) % 2];
    auto picture = i % 2 ? make_skipped_picture(4, 4, target, {&reference, 1})
                         : make_pcm_picture(4, 4, target, i);
    const auto buffer = [&](VABufferType type, std::size_t size, void* data) {
      VABufferID id = no_id;
      EXPECT_STATUS(SUCCESS, on_another_thread([&] {
                      return vaCreateBuffer(display, stream.context(), type,
                                            static_cast<unsigned>(size), 1, data, &id);
                    }));
      return id;
    };
    std::array buffers = {
        buffer(VAPictureParameterBufferType, sizeof(picture.picture), &picture.picture),
        buffer(VASliceParameterBufferType, sizeof(picture.slice), &picture.slice),
        buffer(VASliceDataBufferType, picture.data.size(), nullptr)};
    void* data = nullptr;
    EXPECT_STATUS(SUCCESS,
                  on_another_thread([&] { return vaMapBuffer(display, buffers[2], &data); }));
    memcpy(data, picture.data.data(), picture.data.size());
    EXPECT_STATUS(SUCCESS, on_another_thread([&] { return vaUnmapBuffer(display, buffers[2]); }));
    EXPECT_STATUS(SUCCESS, on_another_thread(
                               [&] { return vaBeginPicture(display, stream.context(), target); }));
    for (auto& id : buffers)
      EXPECT_STATUS(SUCCESS, on_another_thread([&] {
                      return vaRenderPicture(display, stream.context(), &id, 1);
                    }));
    EXPECT_STATUS(SUCCESS,
                  on_another_thread([&] { return vaEndPicture(display, stream.context()); }));
    for (auto id : buffers)
      EXPECT_STATUS(SUCCESS, on_another_thread([&] { return vaDestroyBuffer(display, id); }));
    Samples samples;
    on_another_thread([&] {
      samples = stream.samples(target);
      return VA_STATUS_SUCCESS;
    });
    EXPECT_TRUE(samples == stream.intra_samples(i & 0xfe)) << "picture " << int{i};
  }
}

// Buffers.

// Overwrites buffers before their picture is parsed, during parsing, and afterwards.
TEST_F(Life, OfBuffersThatAreWrittenAgainAndAgainIsExact) {
  constexpr uint8_t count = 100;
  Stream stream(display, 64, 64);
  std::array<VASurfaceID, 10> surfaces;
  for (auto& surface : surfaces) surface = stream.make_surface();
  std::array<VABufferID, 3> buffers{};
  for (uint8_t i = 0; i < count; ++i) {
    const auto target = surfaces[i % surfaces.size()];
    auto picture = make_pcm_picture(4, 4, target, i);
    const std::array<std::span<const std::byte>, 3> parts = {
        std::as_bytes(std::span(&picture.picture, 1)), std::as_bytes(std::span(&picture.slice, 1)),
        std::as_bytes(std::span(picture.data))};
    constexpr std::array types = {VAPictureParameterBufferType, VASliceParameterBufferType,
                                  VASliceDataBufferType};
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (i == 0) {
        ASSERT_OK(vaCreateBuffer(display, stream.context(), types[part],
                                 static_cast<unsigned>(parts[part].size()), 1, nullptr,
                                 &buffers[part]));
      }
      void* data = nullptr;
      ASSERT_OK(vaMapBuffer(display, buffers[part], &data));
      memcpy(data, parts[part].data(), parts[part].size());
      ASSERT_OK(vaUnmapBuffer(display, buffers[part]));
    }
    ASSERT_OK(vaBeginPicture(display, stream.context(), target));
    ASSERT_OK(vaRenderPicture(display, stream.context(), buffers.data(), buffers.size()));
    ASSERT_OK(vaEndPicture(display, stream.context()));
    if (i % surfaces.size() + 1 < surfaces.size()) continue;
    for (std::size_t j = 0; j < surfaces.size(); ++j)
      EXPECT_TRUE(stream.samples(surfaces[j]) ==
                  stream.intra_samples(static_cast<uint8_t>(i - surfaces.size() + 1 + j)));
  }
  for (auto buffer : buffers) EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, buffer));
}

// Seeks.

TEST_F(Life, AfterASeekIsExactFromTheNextIntraPictureOn) {
  Stream stream(display, 64, 64);
  auto gone = stream.make_surface();
  {
    Stream other(display, 64, 64);
    gone = other.make_surface();
  }
  for (uint8_t seed = 0; seed < 10; ++seed) {
    const auto fresh = stream.make_surface(), first = stream.make_surface();
    const auto second = stream.make_surface(), between = stream.make_surface();
    const std::array lost = {fresh, gone, no_id, first};
    for (auto reference : lost) EXPECT_STATUS(SUCCESS, stream.repeat(second, reference));
    for (auto reference : lost)
      EXPECT_STATUS(SUCCESS, stream.decode_mean(between, reference, second));
    for (auto reference : lost)
      EXPECT_STATUS(SUCCESS, stream.decode_mean(between, second, reference));
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, between));

    EXPECT_STATUS(SUCCESS, stream.decode_intra(first, seed));
    EXPECT_STATUS(SUCCESS, stream.decode_intra(second, static_cast<uint8_t>(seed + 50)));
    EXPECT_STATUS(SUCCESS, stream.decode_mean(between, first, second));
    const auto past = stream.intra_samples(seed);
    const auto future = stream.intra_samples(static_cast<uint8_t>(seed + 50));
    EXPECT_TRUE(stream.samples(first) == past);
    EXPECT_TRUE(stream.samples(second) == future);
    EXPECT_TRUE(stream.samples(between) == mean(past, future));
  }
}

// Ends.

// Leaves objects of all kinds behind, including pictures in flight.
void leave_everything() {
  constexpr uint32_t width = 320, height = 192;
  VADisplay display = open_display();
  ASSERT_NE(display, nullptr);
  VAConfigID config = no_id;
  ASSERT_OK(vaCreateConfig(display, VAProfileH264High, VAEntrypointVLD, nullptr, 0, &config));
  std::array<VASurfaceID, 8> surfaces;
  ASSERT_OK(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height, surfaces.data(),
                             surfaces.size(), nullptr, 0));
  VAContextID context = no_id;
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(vaCreateContext(display, config, width, height, 0, nullptr, 0, &context));
    for (auto surface : surfaces) {
      auto intra = make_pcm_picture(width / 16, height / 16, surface, 5);
      ASSERT_OK(decode(display, context, surface, intra));
      auto inter = make_skipped_picture(width / 16, height / 16, surfaces[0], {&surface, 1});
      ASSERT_OK(decode(display, context, surfaces[0], inter));
    }
  }
  // A picture that has begun, and mapped buffers and images.
  auto open = make_pcm_picture(width / 16, height / 16, surfaces[0], 5);
  VABufferID buffer = no_id;
  ASSERT_OK(vaCreateBuffer(display, context, VAPictureParameterBufferType, sizeof(open.picture), 1,
                           &open.picture, &buffer));
  ASSERT_OK(vaBeginPicture(display, context, surfaces[0]));
  ASSERT_OK(vaRenderPicture(display, context, &buffer, 1));
  void* data = nullptr;
  ASSERT_OK(vaMapBuffer(display, buffer, &data));
  VAImage image{};
  if (vaDeriveImage(display, surfaces[1], &image) == VA_STATUS_SUCCESS) {  // mappable
    ASSERT_OK(vaMapBuffer(display, image.buf, &data));
  }
  auto format = VAImageFormat{};
  format.fourcc = VA_FOURCC_BGRA;
  ASSERT_OK(vaCreateImage(display, &format, 16, 16, &image));
  VASubpictureID subpicture = no_id;
  ASSERT_OK(vaCreateSubpicture(display, image.image_id, &subpicture));
  ASSERT_OK(vaAssociateSubpicture(display, subpicture, surfaces.data(), 2, 0, 0, 16, 16, 0, 0, 16,
                                  16, 0));
  for (auto surface : surfaces) {
    auto intra = make_pcm_picture(width / 16, height / 16, surface, 7);
    VAContextID late = no_id;
    ASSERT_OK(vaCreateContext(display, config, width, height, 0, nullptr, 0, &late));
    ASSERT_OK(decode(display, late, surface, intra));
  }
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
}

TEST(LifeOfADisplay, EndsWithAllThatIsLeft) {
  leave_everything();  // the validation layer, if enabled, tracks Vulkan's objects
  const WithoutLayers no_layers;
  leave_everything();  // allocates what a process keeps permanently
  const auto before = Resources::now();
  for (int round = 0; round < 3; ++round) leave_everything();
  const auto after = Resources::settled(before);
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_EQ(after.threads, before.threads);
}

}  // namespace

}  // namespace daedalus::test
