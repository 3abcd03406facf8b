// SPDX-License-Identifier: MIT
// VP9 streams through ffmpeg and the driver, each frame compared with libavcodec's.
#include "streams/frame_conformance.h"

namespace daedalus::test {
namespace {

class Vp9Conformance : public FrameConformance,
                       public testing::WithParamInterface<ConformanceRun> {};

TEST_P(Vp9Conformance, IsExact) {
  constexpr uint64_t most_dispatches = 10;
  const auto& [entry, dispatch, name] = GetParam();
  decodes_exactly(stream_of(entry, entry.scope == "profile2" ? 10 : 8), entry.md5, dispatch,
                  most_dispatches);
}

class Vp9OutOfScope : public FrameConformance, public testing::WithParamInterface<ManifestEntry> {};

// Other chroma formats and 12 bits.
TEST_P(Vp9OutOfScope, IsRefused) {
  is_refused({GetParam().path, 0, 0});
}

std::vector<ManifestEntry> in_scope() {
  auto entries = manifest("vp9", "profile0");
  for (auto& entry : manifest("vp9", "profile2")) entries.push_back(std::move(entry));
  return entries;
}

std::vector<ConformanceRun> runs(bool in_suite) {
  return runs_of(in_scope(), 12'000'000, in_suite);
}

INSTANTIATE_TEST_SUITE_P(Suite, Vp9Conformance, testing::ValuesIn(runs(true)), name_of_parameter);
// The rest: --gtest_also_run_disabled_tests.
INSTANTIATE_TEST_SUITE_P(DISABLED_Rest, Vp9Conformance, testing::ValuesIn(runs(false)),
                         name_of_parameter);
INSTANTIATE_TEST_SUITE_P(Streams, Vp9OutOfScope, testing::ValuesIn(manifest("vp9", "other")),
                         name_of_parameter);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Vp9Conformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Vp9OutOfScope);

TEST(Vectors, AreThere) {
  if (in_scope().empty())
    GTEST_SKIP() << "no VP9 streams: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
