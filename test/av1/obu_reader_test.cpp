// SPDX-License-Identifier: MIT
// Headers of whole streams can be read to the end, and have values that the parser accepts.
#include "av1/obu_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "av1/picture_parser.h"
#include "av1/vectors.h"

namespace daedalus::av1::test {
namespace {

struct Stream {
  const char* name;
  uint32_t pictures;  // shown ones
};

class Headers : public testing::TestWithParam<Stream> {};

TEST_P(Headers, AreReadToTheirEnd) {
  const auto file = vector_file(GetParam().name);
  if (file.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  ObuReader reader;
  uint32_t shown = 0;
  for (const auto& unit : units_of(file)) {
    const bool read = reader.read(unit, [&](const CodedFrame& frame) {
      shown += frame.show_existing_frame || frame.picture.show_frame;
      if (frame.show_existing_frame) return;
      EXPECT_TRUE(PictureParser::check(frame.picture).has_value());
      EXPECT_EQ(frame.picture.tiles.size(),
                std::size_t{frame.picture.tile_columns} * frame.picture.tile_rows);
    });
    ASSERT_TRUE(read);
  }
  EXPECT_EQ(shown, GetParam().pictures);
}

std::string test_name(const testing::TestParamInfo<Stream>& info) {
  std::string name = info.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Sample, Headers,
    testing::Values(Stream{"conformance/Syntax_AV1_mainb8ss420_432x240_004.ivf", 10},
                    Stream{"conformance/Syntax_AV1_mainb8ss420_432x240_019.ivf", 10},
                    Stream{"conformance/av1-1-b8-03-sizeup.ivf", 20},
                    Stream{"conformance/av1-1-b8-23-film_grain-50.ivf", 10},
                    Stream{"conformance/av1-1-b10-23-film_grain-50.ivf", 10}),
    test_name);

TEST(ObuReader, SurvivesBrokenUnits) {
  const auto units = units_of(vector_file("conformance/av1-1-b8-03-sizeup.ivf"));
  if (units.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  for (std::size_t at = 0; at < std::min<std::size_t>(units[0].size(), 40); ++at)
    for (uint32_t bit = 0; bit < 8; ++bit) {
      auto broken = units;
      broken[0][at] ^= std::byte{1} << bit;
      ObuReader reader;
      for (const auto& unit : broken) reader.read(unit, [](const CodedFrame&) {});
    }
}

}  // namespace
}  // namespace daedalus::av1::test
