// SPDX-License-Identifier: MIT
// AV1 streams through ffmpeg and the driver, each frame compared with libavcodec's libdav1d.
extern "C" {
#include <libavutil/version.h>
}

#include "streams/frame_conformance.h"

namespace daedalus::test {
namespace {

Stream av1_stream_of(const ManifestEntry& entry) {
  Stream stream = stream_of(entry, entry.scope == "main10" ? 10 : 8);
  stream.hardware_decoder = "av1";
  return stream;
}

constexpr uint64_t most_dispatches = 12;

class Av1Conformance : public FrameConformance,
                       public testing::WithParamInterface<ConformanceRun> {};

TEST_P(Av1Conformance, IsExact) {
  const auto& [entry, dispatch, name] = GetParam();
  if (LIBAVUTIL_VERSION_MAJOR < 60 && entry.path.ends_with("03-sizeup.ivf"))
    GTEST_SKIP() << "FFmpeg up to 7.1 keeps the first sequence's surfaces";
  decodes_exactly(av1_stream_of(entry), entry.md5, dispatch, most_dispatches);
}

class Av1WithoutGrain : public FrameConformance,
                        public testing::WithParamInterface<ManifestEntry> {};

// Players that apply film grain themselves ask for frames without it.
TEST_P(Av1WithoutGrain, IsExact) {
  Stream stream = av1_stream_of(GetParam());
  stream.options = "-export_side_data film_grain";
  decodes_exactly(stream, GetParam().md5_without_grain, "levels", most_dispatches);
}

class Av1OutOfScope : public FrameConformance, public testing::WithParamInterface<ManifestEntry> {};

// Other chroma formats and 12 bits. ffmpeg has no VA-API format for monochrome.
TEST_P(Av1OutOfScope, IsRefused) {
  is_refused(av1_stream_of(GetParam()));
}

std::vector<ManifestEntry> all(bool in_scope) {
  std::vector<ManifestEntry> chosen;
  for (const char* scope : {"main8", "main10", "other"})
    for (auto& entry : manifest("av1", scope))
      if ((entry.scope != "other" && !entry.is_monochrome) == in_scope)
        chosen.push_back(std::move(entry));
  return chosen;
}

std::vector<ConformanceRun> runs(bool in_suite) {
  return runs_of(all(true), 2'500'000, in_suite);
}

std::vector<ManifestEntry> with_grain() {
  auto entries = all(true);
  std::erase_if(entries,
                [](const ManifestEntry& entry) { return entry.md5_without_grain.empty(); });
  return entries;
}

INSTANTIATE_TEST_SUITE_P(Suite, Av1Conformance, testing::ValuesIn(runs(true)), name_of_parameter);
// The rest: --gtest_also_run_disabled_tests.
INSTANTIATE_TEST_SUITE_P(DISABLED_Rest, Av1Conformance, testing::ValuesIn(runs(false)),
                         name_of_parameter);
INSTANTIATE_TEST_SUITE_P(Grain, Av1WithoutGrain, testing::ValuesIn(with_grain()),
                         name_of_parameter);
INSTANTIATE_TEST_SUITE_P(Streams, Av1OutOfScope, testing::ValuesIn(all(false)), name_of_parameter);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Av1Conformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Av1WithoutGrain);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Av1OutOfScope);

TEST(Vectors, AreThere) {
  if (all(true).empty())
    GTEST_SKIP() << "no AV1 streams: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
