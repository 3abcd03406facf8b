// SPDX-License-Identifier: MIT
// Small and varied streams, each picture compared with libavcodec's. For all others run
// vp9_compare_streams ../shared/vectors/vp9/{conformance/vp9[02]*,made/*,clips/*,reported/*.[iw]*}
#include <gtest/gtest.h>

#include <algorithm>

#include "vp9/clip_comparison.h"
#include "vp9/vectors.h"

namespace daedalus::vp9::test {
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
    testing::Values(
        "conformance/vp90-2-00-quantizer-12.webm", "conformance/vp90-2-02-size-08x10.webm",
        "conformance/vp90-2-02-size-66x32.webm", "conformance/vp90-2-03-size-226x202.webm",
        "conformance/vp90-2-16-intra-only.webm", "made/aq3-rt.ivf", "made/lossless-inter.ivf",
        "made/multi-arf.ivf", "made/p2-10bit-arf-160x90.ivf", "made/p2-10bit-rt-aq3.ivf",
        "made/size-1x1.ivf", "made/size-17x15.ivf", "made/tiles-4x4-1030x70.ivf",
        "reported/hidden-frames-in-own-packets.ivf", "reported/p2-scale-2to1-and-back.ivf",
        "reported/segmentation-and-scale.ivf", "reported/show-existing-of-another-size.ivf"),
    test_name);

}  // namespace
}  // namespace daedalus::vp9::test
