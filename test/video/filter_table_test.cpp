// SPDX-License-Identifier: MIT
#include "video/filter_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace daedalus::video {
namespace {

struct Entry {
  uint32_t first;
  std::vector<int> weights;
};

std::vector<Entry> entries(const FilterTable& table) {
  std::vector<Entry> result;
  for (std::size_t at = 0; at < table.words.size(); at += table.stride()) {
    Entry entry{table.words[at], {}};
    for (uint32_t tap = 0; tap < table.taps; ++tap)
      entry.weights.push_back(
          static_cast<int16_t>(table.words[at + 1 + tap / 2] >> (tap % 2 * 16)));
    result.push_back(entry);
  }
  return result;
}

constexpr int one = 1 << weight_bits;

Axis axis(uint32_t source, uint32_t target, bool reversed = false) {
  return {{0, source, Siting::first}, {0, target, Siting::first}, reversed};
}

TEST(FilterTable, CopiesWithOneTap) {
  for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic}) {
    const auto table = make_filter_table(axis(20, 20), Plane::luma, scaling);
    ASSERT_EQ(table.taps, 1u);
    const auto all = entries(table);
    ASSERT_EQ(all.size(), 20u);
    for (uint32_t i = 0; i < 20; ++i) {
      EXPECT_EQ(all[i].first, i);
      EXPECT_EQ(all[i].weights, std::vector{one});
    }
    const auto reversed = entries(make_filter_table(axis(20, 20, true), Plane::luma, scaling));
    for (uint32_t i = 0; i < 20; ++i) EXPECT_EQ(reversed[i].first, 19 - i);
  }
}

TEST(FilterTable, DoublesAsExpected) {
  const auto all = entries(make_filter_table(axis(4, 8), Plane::luma, Scaling::bilinear));
  ASSERT_EQ(all.size(), 8u);
  // Sample 3 is at 1.25, a quarter of the way from 1 to 2.
  EXPECT_EQ(all[3].first, 1u);
  EXPECT_EQ(all[3].weights, (std::vector{one * 3 / 4, one / 4}));
  // Sample 0 is before the first sample, which gets all weight.
  EXPECT_EQ(all[0].first, 0u);
  EXPECT_EQ(all[0].weights[0], one);
}

TEST(FilterTable, CatmullRomHalfway) {
  // Three for two: sample 1 of each three is at 1/2.
  const auto all = entries(make_filter_table(axis(8, 12), Plane::luma, Scaling::bicubic));
  EXPECT_EQ(all[7].first, 3u);
  EXPECT_EQ(all[7].weights, (std::vector{-one / 16, one * 9 / 16, one * 9 / 16, -one / 16}));
}

TEST(FilterTable, ChromaLiesWhereItsSitingSays) {
  const auto weights = [](Siting source) {
    const Axis wanted{{0, 16, source}, {0, 16, Siting::first}, false};
    return entries(make_filter_table(wanted, Plane::chroma_at_luma, Scaling::bilinear));
  };
  // Luma sample 5 is halfway between the chroma samples at 4 and 6, and a quarter after the one at
  // 4.5.
  EXPECT_EQ(weights(Siting::first)[5].weights, (std::vector{one / 2, one / 2}));
  EXPECT_EQ(weights(Siting::between)[5].first, 2u);
  EXPECT_EQ(weights(Siting::between)[5].weights, (std::vector{one * 3 / 4, one / 4}));
}

// 4:2:2's rows: like luma at luma positions; every second one for chroma of half the rows.
TEST(FilterTable, ChromaOfEveryRowIsLikeLuma) {
  Axis wanted{{0, 16, Siting::first}, {0, 16, Siting::between}, false, false};
  for (const Siting source : {Siting::first, Siting::between}) {
    wanted.source.siting = source;
    EXPECT_EQ(make_filter_table(wanted, Plane::chroma_at_luma, Scaling::bicubic).words,
              make_filter_table(wanted, Plane::luma, Scaling::bicubic).words);
    const auto halves = entries(make_filter_table(wanted, Plane::chroma, Scaling::bilinear));
    ASSERT_EQ(halves.size(), 8u);
    // Sample 3 is between rows 6 and 7, and consists of those two plus half of each of their
    // neighbours.
    EXPECT_EQ(halves[3].first, 5u);
    EXPECT_EQ(halves[3].weights, (std::vector{one / 8, one * 3 / 8, one * 3 / 8, one / 8}));
  }
}

TEST(FilterTable, ReversedIsTheSameBackwards) {
  for (const Plane plane : {Plane::luma, Plane::chroma_at_luma})
    for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
      for (uint32_t source : {1u, 7u, 64u, 1920u})
        for (uint32_t target : {1u, 6u, 64u, 97u, 1280u}) {
          const auto forwards = entries(make_filter_table(axis(source, target), plane, scaling));
          auto backwards = entries(make_filter_table(axis(source, target, true), plane, scaling));
          std::reverse(backwards.begin(), backwards.end());
          for (uint32_t i = 0; i < target; ++i) {
            ASSERT_EQ(forwards[i].first, backwards[i].first);
            ASSERT_EQ(forwards[i].weights, backwards[i].weights);
          }
        }
}

// Except for the rounding remainder, which goes to one sample.
TEST(FilterTable, IsSymmetric) {
  for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
    for (uint32_t source : {2u, 7u, 64u, 1080u})
      for (uint32_t target : {1u, 6u, 64u, 97u, 720u}) {
        const auto table = make_filter_table(axis(source, target), Plane::luma, scaling);
        const auto all = entries(table);
        const auto weights = [&](const Entry& entry) {
          std::vector<int> row(source);
          for (uint32_t tap = 0; tap < table.taps; ++tap)
            row[entry.first + tap] = entry.weights[tap];
          return row;
        };
        for (uint32_t i = 0; i < target; ++i) {
          const auto left = weights(all[i]), right = weights(all[target - 1 - i]);
          for (uint32_t at = 0; at < source; ++at)
            ASSERT_NEAR(left[at], right[source - 1 - at], table.taps / 2);
        }
      }
}

TEST(FilterTable, KnowsHowManySamplesMakeFour) {
  for (uint32_t source : {1u, 5u, 64u, 100u})
    for (uint32_t target : {1u, 3u, 63u, 64u, 65u, 128u})
      for (bool reversed : {false, true}) {
        const auto table =
            make_filter_table(axis(source, target, reversed), Plane::luma, Scaling::bilinear);
        const auto all = entries(table);
        uint32_t most = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
          const std::size_t end = std::min(all.size(), i + 4);
          for (std::size_t j = i; j < end; ++j)
            for (std::size_t k = i; k < end; ++k)
              most =
                  std::max(most, all[j].first + table.taps - std::min(all[j].first, all[k].first));
        }
        EXPECT_EQ(table.samples_of_four(), most) << source << " to " << target;
        // The shader expects neighbours in two words.
        if (target >= source) {
          EXPECT_LE(most, 5u);
        }
      }
}

// The field's rows are copied; between two of them each has half of the weight.
TEST(FilterTable, OfOneFieldHasEverySecondSample) {
  for (const bool bottom : {false, true}) {
    Axis wanted = axis(20, 20);
    wanted.one_field = true;
    wanted.bottom_field = bottom;
    const auto all = entries(make_filter_table(wanted, Plane::luma, Scaling::bilinear));
    for (uint32_t i = 1; i < 19; ++i) {
      const bool kept = (i % 2 == 1) == bottom;
      // A kept sample is the first of its pair, or at the end the second.
      if (kept && all[i].weights[0] == one) {
        EXPECT_EQ(all[i].first, i);
      } else if (kept) {
        EXPECT_EQ(all[i].first, i - 2);
        EXPECT_EQ(all[i].weights, (std::vector{0, one}));
      } else {
        EXPECT_EQ(all[i].first, i - 1);
        EXPECT_EQ(all[i].weights, (std::vector{one / 2, one / 2}));
      }
    }
    // At half the size, only the field is read.
    wanted.target.length = 10;
    for (const auto& entry : entries(make_filter_table(wanted, Plane::luma, Scaling::bilinear)))
      EXPECT_EQ(entry.first % 2, bottom ? 1u : 0u);
  }
}

TEST(FilterTable, StaysInsideOfFields) {
  for (const Plane plane : {Plane::luma, Plane::chroma_at_luma, Plane::chroma})
    for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
      for (const bool bottom : {false, true})
        for (uint32_t begin : {0u, 1u, 6u})
          for (uint32_t length : {1u, 2u, 3u, 4u, 5u, 7u, 64u, 1080u})
            for (uint32_t target_length : {1u, 2u, 5u, 64u, 300u}) {
              Axis wanted{{begin, length, Siting::between}, {0, target_length, Siting::between}};
              wanted.one_field = true;
              wanted.bottom_field = bottom;
              const auto table = make_filter_table(wanted, plane, scaling);
              ASSERT_LE(table.taps, max_taps);
              const uint32_t scale = plane == Plane::luma ? 1 : 2;
              const uint32_t first = begin / scale, last = (begin + length - 1) / scale;
              for (const Entry& entry : entries(table)) {
                ASSERT_GE(entry.first, first);
                ASSERT_LE(entry.first + 2 * (table.taps - 1), last);
                // A region of one row may contain no other.
                ASSERT_TRUE(entry.first % 2 == (bottom ? 1u : 0u) || first == last);
                int sum = 0;
                for (int weight : entry.weights) sum += weight;
                ASSERT_EQ(sum, one);
              }
            }
}

TEST(FilterTable, StaysInsideAndAddsUp) {
  for (const Plane plane : {Plane::luma, Plane::chroma_at_luma, Plane::chroma})
    for (const Scaling scaling : {Scaling::bilinear, Scaling::bicubic})
      for (const Siting siting : {Siting::first, Siting::between})
        for (uint32_t source_begin : {0u, 1u, 6u})
          for (uint32_t source_length : {1u, 2u, 3u, 7u, 64u, 4000u})
            for (uint32_t target_begin : {0u, 1u})
              for (uint32_t target_length : {1u, 2u, 5u, 64u, 300u})
                for (bool reversed : {false, true}) {
                  const Axis wanted{{source_begin, source_length, siting},
                                    {target_begin, target_length, siting},
                                    reversed};
                  const auto table = make_filter_table(wanted, plane, scaling);
                  const bool chroma = plane == Plane::chroma;
                  const uint32_t target_end = target_begin + target_length;
                  const uint32_t count =
                      chroma ? (target_end + 1) / 2 - (target_begin + 1) / 2 : target_length;
                  const auto all = entries(table);
                  ASSERT_EQ(all.size(), count);
                  ASSERT_LE(table.taps, max_taps);
                  const uint32_t scale = plane == Plane::luma ? 1 : 2;
                  const uint32_t last = (source_begin + source_length - 1) / scale;
                  for (const Entry& entry : all) {
                    ASSERT_GE(entry.first, source_begin / scale);
                    ASSERT_LE(entry.first + table.taps - 1, last);
                    int sum = 0, absolute = 0;
                    for (int weight : entry.weights) {
                      sum += weight;
                      absolute += std::abs(weight);
                    }
                    ASSERT_EQ(sum, one);
                    ASSERT_LE(absolute, one * 1.3);  // room in the shader's sums
                  }
                }
}

}  // namespace
}  // namespace daedalus::video
