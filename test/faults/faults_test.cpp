// SPDX-License-Identifier: MIT
// Decodes from vaInitialize to vaTerminate while something fails: each Vulkan call and each
// allocation of the driver in turn. Nothing hangs or leaks, every failure is reported, pictures
// that are reported as decoded are exact, and objects created afterwards work.
#include "faults/faults.h"
#include "faults/sequences.h"

#include <va/va.h>
#include <va/va_vpp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <thread>
#include <vector>

#include "programs/resources.h"
#include "va/client.h"
#include "va/fixture.h"

namespace daedalus::test {

namespace {

constexpr uint32_t width = 64, height = 48;

// The null device's pictures are black.
bool has_pictures() {
  const char* device = getenv("DAEDALUS_DEVICE");
  return !device || strcmp(device, "null") != 0;
}

bool ok(VAStatus status) {
  return status == VA_STATUS_SUCCESS;
}

// The statuses with which a client may see a fault: its own, and those for ids of objects that
// could not be created.
bool tells_of_a_fault(VAStatus status) {
  return status == VA_STATUS_ERROR_ALLOCATION_FAILED ||
         status == VA_STATUS_ERROR_OPERATION_FAILED || status == VA_STATUS_ERROR_INVALID_CONTEXT ||
         status == VA_STATUS_ERROR_INVALID_SURFACE || status == VA_STATUS_ERROR_INVALID_BUFFER ||
         status == VA_STATUS_ERROR_INVALID_CONFIG;
}

VAStatus expect_fault(VAStatus status) {
  EXPECT_TRUE(ok(status) || tells_of_a_fault(status)) << "status " << std::hex << status;
  return status;
}

// A context of video processing.
class Processor {
 public:
  explicit Processor(VADisplay display) : display_(display) {
    expect_fault(
        vaCreateConfig(display, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &config_));
    expect_fault(vaCreateContext(display, config_, 0, 0, 0, nullptr, 0, &context_));
  }
  ~Processor() {
    vaDestroyContext(display_, context_);
    vaDestroyConfig(display_, config_);
  }
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  VAStatus copy(VASurfaceID source, VASurfaceID target) {
    VAProcPipelineParameterBuffer parameters{};
    parameters.surface = source;
    return run(parameters, target);
  }

  VAStatus deinterlace(VASurfaceID previous, VASurfaceID source, VASurfaceID next,
                       VASurfaceID target) {
    VAProcFilterParameterBufferDeinterlacing deinterlacing{};
    deinterlacing.type = VAProcFilterDeinterlacing;
    deinterlacing.algorithm = VAProcDeinterlacingMotionAdaptive;
    VABufferID filter = no_id;
    const auto status = vaCreateBuffer(display_, context_, VAProcFilterParameterBufferType,
                                       sizeof(deinterlacing), 1, &deinterlacing, &filter);
    if (!ok(status)) return expect_fault(status);
    VAProcPipelineParameterBuffer parameters{};
    parameters.surface = source;
    parameters.filters = &filter;
    parameters.forward_references = &previous;
    parameters.backward_references = &next;
    parameters.num_filters = 1;
    parameters.num_forward_references = parameters.num_backward_references = 1;
    const auto ran = run(parameters, target);
    vaDestroyBuffer(display_, filter);
    return ran;
  }

 private:
  VAStatus run(VAProcPipelineParameterBuffer& parameters, VASurfaceID target) {
    parameters.surface_color_standard = parameters.output_color_standard = VAProcColorStandardBT601;
    VABufferID buffer = no_id;
    auto status = vaBeginPicture(display_, context_, target);
    if (ok(status))
      status = vaCreateBuffer(display_, context_, VAProcPipelineParameterBufferType,
                              sizeof(parameters), 1, &parameters, &buffer);
    if (ok(status)) status = vaRenderPicture(display_, context_, &buffer, 1);
    if (ok(status)) status = vaEndPicture(display_, context_);
    vaDestroyBuffer(display_, buffer);
    return expect_fault(status);
  }

  VADisplay display_;
  VAConfigID config_ = no_id;
  VAContextID context_ = no_id;
};

// A decoder's pictures, and a copy of one made by video processing.
class Pictures {
 public:
  explicit Pictures(VADisplay display)
      : display_(display), stream_(display, width, height), processor_(display) {
    for (auto& surface : surfaces_) surface = stream_.make_surface();
  }

  // Submits all pictures, then waits for each. Returns whether all were decoded. Compares pictures
  // that are reported as decoded, unless their references failed.
  bool decode(uint8_t seed) {
    const auto [first, second, third, between, copy] = surfaces_;
    const auto later = static_cast<uint8_t>(seed + 50);
    std::array there = {ok(stream_.decode_intra(first, seed)), ok(stream_.repeat(second, first)),
                        ok(stream_.decode_intra(third, later)),
                        ok(stream_.decode_mean(between, second, third)), ok(process(third, copy))};
    for (std::size_t i = 0; i < there.size(); ++i) there[i] &= sync(surfaces_[i]);
    there[1] &= there[0];
    there[3] &= there[1] && there[2];
    there[4] &= there[2];
    const auto past = stream_.intra_samples(seed), future = stream_.intra_samples(later);
    const std::array wanted = {past, past, future, mean(past, future), future};
    for (std::size_t i = 0; i < there.size(); ++i) {
      if (!there[i]) continue;
      const auto samples = stream_.samples(surfaces_[i]);
      there[i] = !samples.empty();
      if (there[i] && has_pictures()) {
        EXPECT_TRUE(samples == wanted[i]) << "picture " << i;
      }
    }
    return std::count(there.begin(), there.end(), true) == std::ssize(there);
  }

  VAStatus process(VASurfaceID source, VASurfaceID target) {
    return processor_.copy(source, target);
  }

  Stream& stream() { return stream_; }
  const auto& surfaces() const { return surfaces_; }

 private:
  bool sync(VASurfaceID surface) const {
    return ok(expect_fault(vaSyncSurface(display_, surface)));
  }

  VADisplay display_;
  Stream stream_;
  Processor processor_;
  std::array<VASurfaceID, 5> surfaces_;
};

// Frames of two sizes. Each frame depends on earlier ones, whose probabilities it adapts.
template <typename Sequence>
class SequencePictures {
 public:
  explicit SequencePictures(VADisplay display)
      : display_(display), client_(Sequence::open(display, {bit_depth, width, height})) {}

  // Like Pictures::decode(). The first life, without a fault, provides the frames that all others
  // are compared with.
  bool decode(uint8_t seed) {
    const auto frames = Sequence::make({bit_depth, width, height, seed}, frame_count);
    std::array<bool, frame_count> there{};
    for (std::size_t i = 0; i < frame_count; ++i) {
      const auto status = Sequence::decode(client_, frames[i]);
      // If the key frame was refused, later frames have no decoded reference.
      const bool has_no_reference = i > 0 && !there[0];
      if (!has_no_reference || status != VA_STATUS_ERROR_INVALID_PARAMETER) expect_fault(status);
      there[i] = ok(status);
      shown_[i] = Sequence::shown(client_);
    }
    bool all = true;
    for (std::size_t i = 0; i < frame_count; ++i) {
      all &= ok(expect_fault(vaSyncSurface(display_, shown_[i]))) && there[i];
      all = all && is_right(seed, i, shown_[i], frames[i]);
    }
    return all;
  }

 protected:
  static constexpr std::size_t frame_count = 5;

  // Whether there are samples. Wrong samples fail the test.
  template <typename Frame>
  bool is_right(uint8_t seed, std::size_t number, VASurfaceID surface, const Frame& frame) const {
    const auto samples = Sequence::read(display_, surface, bit_depth, frame);
    if (samples.empty()) return false;
    static std::map<std::pair<uint8_t, std::size_t>, std::vector<std::byte>> wanted;
    const auto& right = wanted.try_emplace({seed, number}, samples).first->second;
    EXPECT_TRUE(samples == right) << "frame " << number;
    return true;
  }

  const auto& shown() const { return shown_; }

 private:
  static constexpr uint32_t bit_depth = 8;

  VADisplay display_;
  typename Sequence::Client client_;
  std::array<VASurfaceID, frame_count> shown_{};
};
using Vp9Pictures = SequencePictures<Vp9Sequence>;
using Av1Pictures = SequencePictures<Av1Sequence>;

// Also deinterlaces one of the frames.
class InterlacedPictures : public SequencePictures<InterlacedSequence> {
 public:
  explicit InterlacedPictures(VADisplay display)
      : SequencePictures(display), display_(display), processor_(display) {
    expect_fault(vaCreateSurfaces(display, VA_RT_FORMAT_YUV420, width, height, &progressive_, 1,
                                  nullptr, 0));
  }
  ~InterlacedPictures() { vaDestroySurfaces(display_, &progressive_, 1); }
  InterlacedPictures(const InterlacedPictures&) = delete;
  InterlacedPictures& operator=(const InterlacedPictures&) = delete;

  bool decode(uint8_t seed) {
    const bool decoded = SequencePictures::decode(seed);
    const auto& frames = shown();
    bool there = ok(processor_.deinterlace(frames[1], frames[2], frames[3], progressive_));
    there &= ok(expect_fault(vaSyncSurface(display_, progressive_)));
    // The result is irrelevant if its input frames are wrong.
    return decoded && there &&
           is_right(seed, frame_count, progressive_, InterlacedFrame{{}, seed, width, height});
  }

 private:
  VADisplay display_;
  Processor processor_;
  VASurfaceID progressive_ = no_id;
};

// One life of the driver with one fault.
struct Life {
  bool complete = false;  // everything worked as without a fault
  Armed fault;
};

template <typename Pictures>
Life live_with(Fault fault, uint64_t number) {
  Life result;
  arm(fault, number);
  VADisplay display = open_display();
  if (display) {
    Pictures pictures(display);
    result.complete = pictures.decode(7);
    result.complete &= pictures.decode(90);
  }
  result.fault = disarm();
  if (!display) return result;
  EXPECT_TRUE(Pictures(display).decode(120)) << "afterwards";
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
  return result;
}

void open_display_and_close() {
  VADisplay display = open_display();
  ASSERT_NE(display, nullptr);
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
}

class Faults : public testing::Test {
 protected:
  void SetUp() override { before_ = live(); }
  void TearDown() override { make_discrete(false); }

  void expect_nothing_left() const {
    const auto left = live();
    EXPECT_EQ(left.vulkan_objects, before_.vulkan_objects);
    EXPECT_EQ(left.vulkan_memories, before_.vulkan_memories);
    EXPECT_EQ(left.vulkan_bytes, before_.vulkan_bytes);
    EXPECT_EQ(left.allocations, before_.allocations);
  }

  // Makes each call fail in turn, or every `step`th.
  template <typename Decoded = Pictures>
  void fail_each(Fault fault, uint64_t step = 1) const {
    const auto without = live_with<Decoded>(fault, 0);
    ASSERT_TRUE(without.complete);
    expect_nothing_left();
    uint64_t tried = 0, lives = 0, noticed = 0;
    for (uint64_t number = 1; number <= without.fault.calls && !HasFailure(); number += step) {
      const auto life = live_with<Decoded>(fault, number);
      expect_nothing_left();
      EXPECT_TRUE(life.fault.fired || life.complete);
      if (HasFailure())
        std::cout << "with call " << number << " failing, " << life.fault.function << std::endl;
      ++tried;
      lives += life.fault.fired;
      noticed += life.fault.fired && !life.complete;
    }
    EXPECT_GT(noticed, 0u);
    // The number of calls depends on the order of threads: waits, and objects created if none is
    // idle.
    EXPECT_GE(4 * lives, 3 * tried);
    std::cout << without.fault.calls << " calls, " << lives << " runs with one of them failing, "
              << noticed << " of them lost pictures" << std::endl;
  }

 private:
  Live before_;
};

TEST_F(Faults, InSubmits) {
  fail_each(Fault::submit_lost);
}

TEST_F(Faults, InSomeCallsOfVulkan) {
  fail_each(Fault::vulkan_memory, 9);
}

TEST_F(Faults, InSomeWaits) {
  fail_each(Fault::wait_lost, 9);
}

TEST_F(Faults, InSomeAllocations) {
  watch_allocations();
  fail_each(Fault::new_memory, 29);
}

TEST_F(Faults, InThreads) {
  fail_each(Fault::thread);
}

TEST_F(Faults, InSomeSubmitsOfVp9) {
  fail_each<Vp9Pictures>(Fault::submit_lost, 3);
}

TEST_F(Faults, InSomeSubmitsOfAv1) {
  fail_each<Av1Pictures>(Fault::submit_lost, 5);
}

TEST_F(Faults, InSomeSubmitsOfFields) {
  fail_each<InterlacedPictures>(Fault::submit_lost, 5);
}

TEST_F(Faults, InSomeCallsOfVulkanOfFields) {
  fail_each<InterlacedPictures>(Fault::vulkan_memory, 61);
}

TEST_F(Faults, InSomeWaitsOfFields) {
  fail_each<InterlacedPictures>(Fault::wait_lost, 29);
}

TEST_F(Faults, InSomeAllocationsOfFields) {
  watch_allocations();
  fail_each<InterlacedPictures>(Fault::new_memory, 131);
}

TEST_F(Faults, InSomeCallsOfVulkanOfVp9) {
  fail_each<Vp9Pictures>(Fault::vulkan_memory, 19);
}

TEST_F(Faults, InSomeCallsOfVulkanOfAv1) {
  fail_each<Av1Pictures>(Fault::vulkan_memory, 61);
}

TEST_F(Faults, InSomeWaitsOfVp9) {
  fail_each<Vp9Pictures>(Fault::wait_lost, 19);
}

TEST_F(Faults, InSomeWaitsOfAv1) {
  fail_each<Av1Pictures>(Fault::wait_lost, 29);
}

TEST_F(Faults, InSomeAllocationsOfVp9) {
  watch_allocations();
  fail_each<Vp9Pictures>(Fault::new_memory, 59);
}

TEST_F(Faults, InSomeAllocationsOfAv1) {
  watch_allocations();
  fail_each<Av1Pictures>(Fault::new_memory, 151);
}

TEST_F(Faults, InThreadsOfVp9) {
  fail_each<Vp9Pictures>(Fault::thread);
}

TEST_F(Faults, InThreadsOfAv1) {
  fail_each<Av1Pictures>(Fault::thread);
}

TEST_F(Faults, InSomeCallsOfADiscreteDeviceOfVp9) {
  make_discrete(true);
  fail_each<Vp9Pictures>(Fault::vulkan_memory, 43);
}

TEST_F(Faults, InSomeCallsOfADiscreteDeviceOfAv1) {
  make_discrete(true);
  fail_each<Av1Pictures>(Fault::vulkan_memory, 107);
}

TEST_F(Faults, InAContextsThreadsLeaveNone) {
  const WithoutLayers no_layers;
  VADisplay display = open_display();
  ASSERT_NE(display, nullptr);
  VAConfigID config = no_id;
  VAContextID context = no_id;
  ASSERT_OK(vaCreateConfig(display, VAProfileH264High, VAEntrypointVLD, nullptr, 0, &config));
  const auto before = Resources::now();
  bool fired = true;
  for (uint64_t number = 1; fired; ++number) {
    arm(Fault::thread, number);
    const auto status =
        vaCreateContext(display, config, width, height, VA_PROGRESSIVE, nullptr, 0, &context);
    fired = disarm().fired;
    EXPECT_EQ(status, fired ? VA_STATUS_ERROR_ALLOCATION_FAILED : VA_STATUS_SUCCESS);
    EXPECT_TRUE(fired || number > 1) << "a context takes no thread";
    if (fired) {
      EXPECT_EQ(Resources::settled(before).threads, before.threads);
    }
  }
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
  expect_nothing_left();
}

TEST_F(Faults, InTheProfilesThreadLeaveNothing) {
  const WithoutLayers no_layers;
  open_display_and_close();  // allocates what a process keeps permanently
  const auto before = Resources::now();
  setenv("DAEDALUS_PROFILE", "/dev/null", 1);
  for (int i = 0; i < 3; ++i) {
    arm(Fault::thread, 1);
    VADisplay display = open_test_display();
    int major = 0, minor = 0;
    EXPECT_STATUS(ERROR_ALLOCATION_FAILED, vaInitialize(display, &major, &minor));
    EXPECT_TRUE(disarm().fired);
    vaTerminate(display);
    EXPECT_EQ(Resources::now().descriptors, before.descriptors);
    EXPECT_EQ(Resources::settled(before).threads, before.threads);
    expect_nothing_left();
  }
  open_display_and_close();
  unsetenv("DAEDALUS_PROFILE");
  EXPECT_EQ(Resources::now().descriptors, before.descriptors);
  EXPECT_EQ(Resources::settled(before).threads, before.threads);
}

TEST_F(Faults, InSubmitsOfADiscreteDevice) {
  make_discrete(true);
  fail_each(Fault::submit_lost, 2);
}

TEST_F(Faults, InSomeCallsOfADiscreteDevice) {
  make_discrete(true);
  fail_each(Fault::vulkan_memory, 23);
}

TEST_F(Faults, NoneWhereThreadsCopyFromADiscreteDevice) {
  make_discrete(true);
  VADisplay display = open_display();
  ASSERT_NE(display, nullptr);
  std::vector<std::thread> threads;
  for (uint8_t i = 0; i < 4; ++i)
    threads.emplace_back([display, i] {
      Pictures pictures(display);
      for (uint8_t round = 0; round < 5; ++round)
        EXPECT_TRUE(pictures.decode(static_cast<uint8_t>(40 * i + round)));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
  expect_nothing_left();
}

// Run with --gtest_also_run_disabled_tests; they take several minutes.
TEST_F(Faults, DISABLED_InEachCallOfVulkan) {
  fail_each(Fault::vulkan_memory);
}

TEST_F(Faults, DISABLED_InEachCallOfADiscreteDevice) {
  make_discrete(true);
  fail_each(Fault::vulkan_memory);
}

TEST_F(Faults, DISABLED_InEachSubmitOfADiscreteDevice) {
  make_discrete(true);
  fail_each(Fault::submit_lost);
}

TEST_F(Faults, DISABLED_InEachWait) {
  fail_each(Fault::wait_lost);
}

TEST_F(Faults, DISABLED_InEachAllocation) {
  watch_allocations();
  fail_each(Fault::new_memory);
}

TEST_F(Faults, DISABLED_InEachCallOfVulkanOfFields) {
  fail_each<InterlacedPictures>(Fault::vulkan_memory);
}

TEST_F(Faults, DISABLED_InEachSubmitOfFields) {
  fail_each<InterlacedPictures>(Fault::submit_lost);
}

TEST_F(Faults, DISABLED_InEachWaitOfFields) {
  fail_each<InterlacedPictures>(Fault::wait_lost);
}

TEST_F(Faults, DISABLED_InEachAllocationOfFields) {
  watch_allocations();
  fail_each<InterlacedPictures>(Fault::new_memory);
}

TEST_F(Faults, DISABLED_InEachCallOfVulkanOfVp9) {
  fail_each<Vp9Pictures>(Fault::vulkan_memory);
}

TEST_F(Faults, DISABLED_InEachCallOfVulkanOfAv1) {
  fail_each<Av1Pictures>(Fault::vulkan_memory);
}

TEST_F(Faults, DISABLED_InEachCallOfADiscreteDeviceOfVp9) {
  make_discrete(true);
  fail_each<Vp9Pictures>(Fault::vulkan_memory);
}

TEST_F(Faults, DISABLED_InEachCallOfADiscreteDeviceOfAv1) {
  make_discrete(true);
  fail_each<Av1Pictures>(Fault::vulkan_memory);
}

TEST_F(Faults, DISABLED_InEachSubmitOfVp9) {
  fail_each<Vp9Pictures>(Fault::submit_lost);
}

TEST_F(Faults, DISABLED_InEachSubmitOfAv1) {
  fail_each<Av1Pictures>(Fault::submit_lost);
}

TEST_F(Faults, DISABLED_InEachWaitOfVp9) {
  fail_each<Vp9Pictures>(Fault::wait_lost);
}

TEST_F(Faults, DISABLED_InEachWaitOfAv1) {
  fail_each<Av1Pictures>(Fault::wait_lost);
}

TEST_F(Faults, DISABLED_InEachAllocationOfVp9) {
  watch_allocations();
  fail_each<Vp9Pictures>(Fault::new_memory);
}

TEST_F(Faults, DISABLED_InEachAllocationOfAv1) {
  watch_allocations();
  fail_each<Av1Pictures>(Fault::new_memory);
}

// In the steady state, pictures go from vaEndPicture to the GPU without another allocation.
TEST_F(Faults, NoneInPicturesForTheyTakeNoMemory) {
  watch_allocations();
  VADisplay display = open_display();
  ASSERT_NE(display, nullptr);
  {
    Stream stream(display, width, height);
    const std::array surfaces = {stream.make_surface(), stream.make_surface(),
                                 stream.make_surface()};
    uint32_t took_memory = 0;
    for (uint32_t i = 0; i < 200; ++i) {
      const VASurfaceID target = surfaces[i % 3];
      const std::array references = {surfaces[(i + 1) % 3], surfaces[(i + 2) % 3]};
      auto picture = i % 6 < 3 ? make_pcm_picture(width / 16, height / 16, target, 1)
                               : make_skipped_picture(width / 16, height / 16, target,
                                                      std::span(references).first(i % 2 + 1));
      ASSERT_EQ(VA_STATUS_SUCCESS, render(display, stream.context(), target, picture));
      arm(Fault::new_memory, 0);
      EXPECT_STATUS(SUCCESS, vaEndPicture(display, stream.context()));
      EXPECT_STATUS(SUCCESS, vaSyncSurface(display, target));
      took_memory += disarm().calls > 0;
    }
    // The first pictures of each kind may allocate, once per place in the queue.
    EXPECT_LT(took_memory, 50u);
    EXPECT_GT(took_memory, 0u);
  }
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
  expect_nothing_left();
}

// If memory for another job is missing, the existing jobs must do.
TEST_F(Faults, NoneInPicturesThatWaitForAJob) {
  VADisplay display = open_display();
  ASSERT_NE(display, nullptr);
  {
    Stream stream(display, width, height);
    std::array<VASurfaceID, 24> surfaces;
    for (auto& surface : surfaces) surface = stream.make_surface();
    // Each initial job grows for such pictures.
    for (uint8_t i = 0; i < 8; ++i) {
      EXPECT_STATUS(SUCCESS, stream.decode_intra(surfaces[0], i));
      EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surfaces[0]));
    }
    refuse_memory(true);
    for (uint8_t i = 0; i < surfaces.size(); ++i)
      EXPECT_STATUS(SUCCESS, stream.decode_intra(surfaces[i], i));
    for (const VASurfaceID surface : surfaces)
      EXPECT_STATUS(SUCCESS, vaSyncSurface(display, surface));
    EXPECT_GT(refuse_memory(false), 0u) << "no picture needed another job";
    for (uint8_t i = 0; i < surfaces.size(); ++i) {
      if (has_pictures()) {
        EXPECT_TRUE(stream.samples(surfaces[i]) == stream.intra_samples(i)) << "picture " << +i;
      }
    }
  }
  EXPECT_STATUS(SUCCESS, vaTerminate(display));
  expect_nothing_left();
}

// A device, and objects created on it.
class LostDevice : public Faults {
 protected:
  void SetUp() override {
    Faults::SetUp();
    display = open_display();
    ASSERT_NE(display, nullptr);
  }
  void TearDown() override {
    EXPECT_STATUS(SUCCESS, vaTerminate(display));
    Faults::TearDown();
  }

  VADisplay display = nullptr;
};

TEST_F(LostDevice, FailsForWhatItHasAndNotForWhatIsMadeLater) {
  constexpr auto lost = VA_STATUS_ERROR_OPERATION_FAILED;
  Pictures old(display);
  auto& stream = old.stream();
  ASSERT_TRUE(old.decode(1));
  const auto [done, target, other, source, copy] = old.surfaces();
  arm(Fault::submit_lost, 1);
  EXPECT_STATUS(SUCCESS, stream.decode_intra(target, 2));
  EXPECT_EQ(vaSyncSurface(display, target), lost);
  EXPECT_TRUE(disarm().fired);
  // All of the device's surfaces and contexts are refused.
  EXPECT_EQ(vaSyncSurface(display, done), lost);
  EXPECT_TRUE(stream.samples(done).empty());
  EXPECT_EQ(stream.decode_intra(target, 3), lost);
  EXPECT_EQ(old.process(source, copy), lost);

  Pictures fresh(display);
  EXPECT_TRUE(fresh.decode(4));
  // Objects of the two devices do not work together.
  EXPECT_EQ(fresh.stream().decode_intra(target, 5), lost);
  EXPECT_EQ(stream.decode_intra(fresh.surfaces()[0], 5), lost);
  EXPECT_EQ(fresh.process(source, fresh.surfaces()[4]), lost);
  EXPECT_EQ(fresh.process(fresh.surfaces()[2], copy), lost);
  // A reference on the lost device counts as a lost picture.
  EXPECT_STATUS(SUCCESS, fresh.stream().repeat(fresh.surfaces()[1], done));
  EXPECT_STATUS(SUCCESS, vaSyncSurface(display, fresh.surfaces()[1]));
  EXPECT_TRUE(fresh.decode(6));
}

TEST_F(LostDevice, MayBeLostAgain) {
  for (uint8_t i = 0; i < 3; ++i) {
    Pictures pictures(display);
    EXPECT_TRUE(pictures.decode(i));
    arm(Fault::wait_lost, 1);
    pictures.decode(i);
    disarm();
  }
  EXPECT_TRUE(Pictures(display).decode(9));
}

// Clients that wait, poll, keep submitting, and disconnect. The driver waits half a minute before
// it treats the device as lost.
TEST_F(LostDevice, MayBeOneThatDoesNotAnswer) {
  Pictures waits(display), asks(display), hands_over(display);
  auto goes = std::make_unique<Pictures>(display);
  arm(Fault::silence, 1);
  std::vector<std::thread> clients;
  clients.emplace_back([&] {
    waits.stream().decode_intra(waits.surfaces()[0], 1);
    EXPECT_STATUS(ERROR_OPERATION_FAILED, vaSyncSurface(display, waits.surfaces()[0]));
  });
  clients.emplace_back([&] {
    const auto surface = asks.surfaces()[0];
    asks.stream().decode_intra(surface, 1);
    VASurfaceStatus status = VASurfaceRendering;
    while (status == VASurfaceRendering) {
      EXPECT_STATUS(SUCCESS, vaQuerySurfaceStatus(display, surface, &status));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_STATUS(ERROR_OPERATION_FAILED, vaSyncSurface(display, surface));
  });
  clients.emplace_back([&] {
    VAStatus status = VA_STATUS_SUCCESS;
    while (ok(status)) status = hands_over.stream().decode_intra(hands_over.surfaces()[0], 1);
    EXPECT_STATUS(ERROR_OPERATION_FAILED, status);
  });
  clients.emplace_back([&] {
    goes->stream().decode_intra(goes->surfaces()[0], 1);
    goes.reset();
  });
  for (auto& client : clients) client.join();
  EXPECT_TRUE(disarm().fired);
  EXPECT_TRUE(Pictures(display).decode(2)) << "afterwards";
}

}  // namespace

}  // namespace daedalus::test
