// SPDX-License-Identifier: MIT
// Surfaces whose dma-bufs others read and write concurrently with the driver: who waits for whom.
#include <unistd.h>
#include <va/va.h>
#include <va/va_drmcommon.h>
#include <va/va_vpp.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "daedalus/file_descriptor.h"
#include "fences/fake_sharing.h"
#include "programs/resources.h"
#include "va/av1/stream.h"
#include "va/fixture.h"

namespace daedalus::test {

namespace {

using namespace std::chrono_literals;

constexpr auto soon = 10s;  // timeout for events that must happen
constexpr auto moment = 50ms;

class Fences : public DriverTest {
 protected:
  void SetUp() override {
    stream.emplace(display, 64, 64);
    take_submits();
  }
  void TearDown() override {
    set_lack(Lack::nothing);
    stream.reset();
  }

  // As Chromium does: exported before the first picture.
  VASurfaceID make_shared_surface() {
    const auto surface = stream->make_surface();
    files.emplace_back(export_file(surface));
    return surface;
  }
  int dma_buf(std::size_t surface = 0) const { return files.at(surface).get(); }

  static int export_file(VASurfaceID surface) {
    VADRMPRIMESurfaceDescriptor descriptor{};
    EXPECT_STATUS(SUCCESS,
                  vaExportSurfaceHandle(display, surface, VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2,
                                        VA_EXPORT_SURFACE_READ_ONLY, &descriptor));
    return descriptor.objects[0].fd;
  }

  static bool is_rendering(VASurfaceID surface) {
    VASurfaceStatus status{};
    EXPECT_STATUS(SUCCESS, vaQuerySurfaceStatus(display, surface, &status));
    return status == VASurfaceRendering;
  }

  std::optional<Stream> stream;
  std::vector<FileDescriptor> files;
};

// vaEndPicture does not wait for the GPU: the dma-buf's readers do.
TEST_F(Fences, ComeWithEveryPictureOfASharedSurface) {
  const auto surface = make_shared_surface();
  for (uint8_t seed = 1; seed < 4; ++seed) {
    {
      const Hold hold;
      const auto executed = executed_submits();
      ASSERT_OK(stream->decode_intra(surface, seed));
      EXPECT_EQ(executed_submits(), executed);
      EXPECT_EQ(fences_given(dma_buf(), true), seed);
      EXPECT_FALSE(are_signalled(dma_buf(), false, 0ms));
      EXPECT_TRUE(is_rendering(surface));
    }
    EXPECT_TRUE(are_signalled(dma_buf(), false, soon));
    EXPECT_EQ(stream->samples(surface), stream->intra_samples(seed));
  }
}

// A picture with AV1's film grain writes two surfaces; vaEndPicture waits for the GPU in neither.
TEST_F(Fences, ComeWithBothSurfacesOfAPictureWithFilmGrain) {
  Av1Client client(display, 8, 64, 64);
  for (const auto surface : client.surfaces()) files.emplace_back(export_file(surface));
  const auto file_of = [&](VASurfaceID surface) {
    const auto& all = client.surfaces();
    return dma_buf(
        static_cast<std::size_t>(std::find(all.begin(), all.end(), surface) - all.begin()));
  };
  auto frame = make_av1_key_frame({.film_grain = true});
  client.prepare(frame);
  std::optional<Hold> hold(std::in_place);
  const auto executed = executed_submits();
  ASSERT_OK(client.decode(frame));
  EXPECT_EQ(executed_submits(), executed);
  ASSERT_NE(client.target(), client.shown());
  for (const auto surface : {client.target(), client.shown()}) {
    EXPECT_EQ(fences_given(file_of(surface), true), 1u);
    EXPECT_FALSE(are_signalled(file_of(surface), false, 0ms));
  }
  hold.reset();
  for (const auto surface : {client.target(), client.shown()})
    EXPECT_TRUE(are_signalled(file_of(surface), false, soon));
}

// A client that exports the dma-buf after the first picture calls vaSyncSurface, but also gets
// fences.
TEST_F(Fences, ComeWithPicturesAfterALaterExport) {
  const auto surface = stream->make_surface();
  ASSERT_OK(stream->decode_intra(surface, 1));
  files.emplace_back(export_file(surface));
  EXPECT_EQ(fences_given(dma_buf(), true), 0u);
  ASSERT_OK(stream->decode_intra(surface, 2));
  EXPECT_EQ(stream->samples(surface), stream->intra_samples(2));
  EXPECT_EQ(fences_given(dma_buf(), true), 1u);
}

TEST_F(Fences, HoldBackPicturesWhileOthersUseTheSurface) {
  const auto surface = make_shared_surface();
  uint8_t seed = 1;
  for (const bool writes : {false, true}) {
    ForeignUse use(dma_buf(), writes);
    const auto executed = executed_submits();
    ASSERT_OK(stream->decode_intra(surface, ++seed));
    std::this_thread::sleep_for(moment);
    EXPECT_EQ(executed_submits(), executed);
    EXPECT_TRUE(is_rendering(surface));
    use.end();
    EXPECT_EQ(stream->samples(surface), stream->intra_samples(seed));
  }
}

// Without a conflicting reader the GPU does not wait.
TEST_F(Fences, ThatAreSignalledAreNotWaitedFor) {
  const auto surface = make_shared_surface();
  ForeignUse(dma_buf(), false).end();
  take_submits();
  ASSERT_OK(stream->decode_intra(surface, 1));
  ASSERT_OK(vaSyncSurface(display, surface));
  const auto submits = take_submits();
  ASSERT_EQ(submits.size(), 1u);
  EXPECT_EQ(submits[0].waited, 0u);
  EXPECT_EQ(submits[0].signalled, 1u);
}

TEST_F(Fences, HoldBackPictureAfterPictureInOrder) {
  std::vector<VASurfaceID> surfaces;
  for (int i = 0; i < 4; ++i) surfaces.push_back(make_shared_surface());
  for (uint8_t round = 0; round < 8; ++round) {
    for (std::size_t i = 0; i < surfaces.size(); i += 2) {
      ASSERT_OK(stream->decode_intra(surfaces[i], static_cast<uint8_t>(round + i)));
      ASSERT_OK(stream->repeat(surfaces[i + 1], surfaces[i]));
    }
  }
  for (std::size_t i = 0; i < surfaces.size(); ++i)
    EXPECT_EQ(stream->samples(surfaces[i]),
              stream->intra_samples(static_cast<uint8_t>(7 + i / 2 * 2)));
}

// The CPU waits, as it does for surfaces on a device without such fences.
class FencesLacking : public Fences, public testing::WithParamInterface<Lack> {};

TEST_P(FencesLacking, MakeEndPictureWait) {
  const auto surface = make_shared_surface();
  set_lack(GetParam());
  for (uint8_t seed = 1; seed < 4; ++seed) {
    std::optional<Hold> hold(std::in_place);
    auto decoded =
        std::async(std::launch::async, [&] { return stream->decode_intra(surface, seed); });
    EXPECT_EQ(decoded.wait_for(moment), std::future_status::timeout);
    const auto executed = executed_submits();
    hold.reset();
    EXPECT_STATUS(SUCCESS, decoded.get());
    EXPECT_EQ(executed_submits(), executed + 1);
    EXPECT_FALSE(is_rendering(surface));
    EXPECT_EQ(stream->samples(surface), stream->intra_samples(seed));
  }
  set_lack(Lack::nothing);
  ASSERT_OK(stream->decode_intra(surface, 9));
  EXPECT_EQ(fences_given(dma_buf(), true), 1u);
  EXPECT_EQ(stream->samples(surface), stream->intra_samples(9));
}

INSTANTIATE_TEST_SUITE_P(Of, FencesLacking,
                         testing::Values(Lack::sync_files_of_dma_bufs, Lack::export_of_semaphores));

TEST_F(Fences, ThatCannotBeImportedAreWaitedForByTheCpu) {
  const auto surface = make_shared_surface();
  set_lack(Lack::import_into_semaphores);
  ForeignUse use(dma_buf(), false);
  const auto executed = executed_submits();
  auto decoded = std::async(std::launch::async, [&] { return stream->decode_intra(surface, 3); });
  EXPECT_EQ(decoded.wait_for(moment), std::future_status::timeout);
  EXPECT_EQ(executed_submits(), executed);
  use.end();
  EXPECT_STATUS(SUCCESS, decoded.get());
  EXPECT_EQ(stream->samples(surface), stream->intra_samples(3));
}

TEST_F(Fences, AreNotForSurfacesThatNobodyElseHas) {
  const auto first = stream->make_surface(), second = stream->make_surface();
  ASSERT_OK(stream->decode_intra(first, 1));
  ASSERT_OK(stream->repeat(second, first));
  ASSERT_OK(vaSyncSurface(display, second));
  const auto submits = take_submits();
  ASSERT_EQ(submits.size(), 2u);
  for (const auto& submit : submits)
    EXPECT_EQ(submit.acquired + submit.released + submit.waited + submit.signalled, 0u);
}

// Users acquire a picture, its writer releases it.
TEST_F(Fences, GoWithTheOwnershipOfTheMemory) {
  const auto first = make_shared_surface(), second = make_shared_surface();
  const auto third = stream->make_surface();
  auto submits = take_submits();
  ASSERT_EQ(submits.size(), 2u);
  for (const auto& submit : submits) {
    EXPECT_EQ(submit.acquired, 0u);
    EXPECT_EQ(submit.released, 1u);
  }
  ASSERT_OK(stream->decode_intra(first, 1));
  ASSERT_OK(stream->repeat(second, first));
  ASSERT_OK(stream->repeat(third, second));
  ASSERT_OK(vaSyncSurface(display, third));
  submits = take_submits();
  ASSERT_EQ(submits.size(), 3u);
  EXPECT_EQ(submits[0].acquired, 1u);
  EXPECT_EQ(submits[0].released, 1u);
  EXPECT_EQ(submits[1].acquired, 2u);
  EXPECT_EQ(submits[1].released, 1u);
  EXPECT_EQ(submits[2].acquired, 1u);
  EXPECT_EQ(submits[2].released, 0u);
  EXPECT_EQ(submits[2].signalled, 0u);
}

// The CPU writes here, so the CPU waits.
TEST_F(Fences, HoldBackVaPutImage) {
  const auto surface = make_shared_surface();
  const auto image = make_image(VA_FOURCC_I420, 64, 64);
  uint8_t* samples = nullptr;
  ASSERT_OK(vaMapBuffer(display, image.buf, reinterpret_cast<void**>(&samples)));
  std::fill_n(samples, image.data_size, uint8_t{77});
  ASSERT_OK(vaUnmapBuffer(display, image.buf));
  ForeignUse reader(dma_buf(), false);
  auto put = std::async(std::launch::async, [&] {
    return vaPutImage(display, surface, image.image_id, 0, 0, 64, 64, 0, 0, 64, 64);
  });
  EXPECT_EQ(put.wait_for(moment), std::future_status::timeout);
  EXPECT_EQ(stream->samples(surface), black_samples(64, 64));
  reader.end();
  EXPECT_STATUS(SUCCESS, put.get());
  EXPECT_EQ(stream->samples(surface), Samples(64 * 64 * 3 / 2, 77));
  EXPECT_STATUS(SUCCESS, vaDestroyImage(display, image.image_id));
}

// Video processing reads others' output, and others may overwrite it afterwards.
TEST_F(Fences, OfBothSurfacesHoldBackVideoProcessing) {
  const auto source = make_shared_surface(), target = make_shared_surface();
  ASSERT_OK(stream->decode_intra(source, 6));
  ASSERT_OK(vaSyncSurface(display, source));
  VAConfigID config = no_id;
  VAContextID context = no_id;
  ASSERT_OK(vaCreateConfig(display, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &config));
  ASSERT_OK(vaCreateContext(display, config, 0, 0, 0, nullptr, 0, &context));
  VAProcPipelineParameterBuffer parameters{};
  parameters.surface = source;
  VABufferID buffer = no_id;
  ForeignUse writer(dma_buf(0), true), reader(dma_buf(1), false);
  const auto executed = executed_submits();
  ASSERT_OK(vaBeginPicture(display, context, target));
  ASSERT_OK(vaCreateBuffer(display, context, VAProcPipelineParameterBufferType, sizeof(parameters),
                           1, &parameters, &buffer));
  EXPECT_STATUS(SUCCESS, vaRenderPicture(display, context, &buffer, 1));
  EXPECT_STATUS(SUCCESS, vaEndPicture(display, context));
  EXPECT_EQ(fences_given(dma_buf(0), false), 1u);
  EXPECT_EQ(fences_given(dma_buf(1), true), 1u);
  for (ForeignUse* use : {&writer, &reader}) {
    std::this_thread::sleep_for(moment);
    EXPECT_EQ(executed_submits(), executed);
    use->end();
  }
  EXPECT_EQ(stream->samples(target), stream->intra_samples(6));
  EXPECT_STATUS(SUCCESS, vaDestroyBuffer(display, buffer));
  EXPECT_STATUS(SUCCESS, vaDestroyContext(display, context));
  EXPECT_STATUS(SUCCESS, vaDestroyConfig(display, config));
}

TEST_F(Fences, LeaveNoDescriptors) {
  std::size_t before = 0;
  for (int round = 0; round < 3; ++round) {
    {
      const auto surface = make_shared_surface();
      for (uint8_t seed = 0; seed < 8; ++seed) ASSERT_OK(stream->decode_intra(surface, seed));
      ASSERT_OK(vaSyncSurface(display, surface));
    }
    files.clear();
    stream.reset();
    wait_for_idle_device();
    if (round == 0)
      before = Resources::now().descriptors;
    else
      EXPECT_EQ(Resources::now().descriptors, before);
    stream.emplace(display, 64, 64);
  }
}

}  // namespace

}  // namespace daedalus::test
