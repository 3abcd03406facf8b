// SPDX-License-Identifier: MIT
// Small and varied streams, each picture compared with libavcodec's, including film grain. For all
// others run av1_compare_streams ../shared/vectors/av1/{conformance,made,clips,reported}/*.[iwom]*
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "av1/clip_comparison.h"
#include "av1/vectors.h"

namespace daedalus::av1::test {
namespace {

class Streams : public testing::TestWithParam<const char*> {};

TEST_P(Streams, AreExact) {
  const auto file = vector_file(GetParam());
  if (file.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  const auto comparison = compare_with_libavcodec(file, true);
  EXPECT_TRUE(comparison.equal()) << comparison.description();
}

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Sample, Streams,
    testing::Values("clips/av1dec-Halo_426x240_1frames_intrabc.ivf",
                    "conformance/av1-1-b10-00-quantizer-40.ivf",
                    "conformance/av1-1-b8-01-size-66x66.ivf", "conformance/dav1d-8bit-00001131.ivf",
                    "conformance/dav1d-8bit-309_odd_width.ivf", "made/annexb-160x90.obu",
                    "made/deltaq-deltalf.ivf", "made/grain-odd-161x91-test-12.ivf",
                    "made/grain-10bit-test-3.ivf", "made/lossless.ivf", "made/mono-10bit.ivf",
                    "made/resize-10bit-random.ivf", "made/screen-palette-intrabc.ivf",
                    "made/size-1x1.ivf", "made/size-17x15.ivf", "made/slow-alltools-10bit.ivf",
                    "made/superres-16-odd-161x91.ivf", "made/tiles-width-list.ivf",
                    "reported/grain-shown-three-times.ivf",
                    "reported/seq-max-176x96-frames-160x90.ivf",
                    "reported/still-two-quality-layers.ivf", "reported/svc-L3T3.ivf"),
    test_name);

}  // namespace
}  // namespace daedalus::av1::test
