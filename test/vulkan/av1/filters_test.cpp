// SPDX-License-Identifier: MIT
// Compares the device's filters with the scalar reference, on copies of a random picture.
#include <string>

#include "filter_picture.h"
#include "fixture.h"
#include "reference/av1/film_grain.h"
#include "reference/av1/filters.h"

namespace daedalus::vulkan {
namespace {

using av1::FilterStyle;
using av1::PictureJob;
using av1::scalar::Component;
using av1::scalar::PictureView;

class Av1FiltersTest : public Av1Fixture, public testing::WithParamInterface<uint32_t> {
 protected:
  void SetUp() override { open(DispatchStrategy::levels); }

  FilterStyle style_of(uint32_t seed) const {
    FilterStyle style;
    style.seed = seed;
    style.bit_depth = GetParam();
    return style;
  }

  // A reference after a prediction that copies it: beyond its size its last samples repeat.
  std::vector<std::byte> copied(std::vector<std::byte>& reference, const PictureLayout& layout,
                                const PictureJob& job, const PictureLayout& padded) {
    std::vector<std::byte> samples(padded.size);
    const PictureView from = view(reference, layout), to = view(samples, padded);
    for (const Component component : {Component::y, Component::cb, Component::cr}) {
      const int sub = component == Component::y ? 0 : 1;
      const int last_x = (static_cast<int>(job.width + sub) >> sub) - 1;
      const int last_y = (static_cast<int>(job.height + sub) >> sub) - 1;
      for (int y = 0; y < static_cast<int>(padded.height) >> sub; ++y)
        for (int x = 0; x < static_cast<int>(padded.width) >> sub; ++x)
          to.plane(component).set(x, y,
                                  from.plane(component)(std::min(x, last_x), std::min(y, last_y)));
    }
    return samples;
  }

  // Whether the device's picture equals the reference's.
  testing::AssertionResult filters(uint32_t upscaled_width, uint32_t height,
                                   const FilterStyle& style) {
    const uint32_t width = coded_width(upscaled_width, style);
    auto acquired = stage->acquire({width, height, upscaled_width}, av1::max_room(width, height));
    if (!acquired) return testing::AssertionFailure() << "no job";
    PictureJob& job = **acquired;
    fill_filter_job(job, style);
    const auto reference = make_picture(style.bit_depth, width, height);
    const auto target = make_picture(style.bit_depth, upscaled_width, height);
    const auto display = make_picture(style.bit_depth, upscaled_width, height);
    auto samples = av1::filter_samples(reference->layout(), style.seed);
    EXPECT_TRUE(reference->upload(samples));

    const PictureLayout padded = picture_layout(
        reference->layout().format, av1::in_units(width) * 4, av1::in_units(height) * 4);
    auto recon = copied(samples, reference->layout(), job, padded);
    std::vector<std::byte> wanted(target->layout().size), grained(display->layout().size);
    const PictureView wanted_view = view(wanted, target->layout());
    av1::scalar::filter_picture(job, view(recon, padded), wanted_view);
    const bool has_grain = job.film_grain.apply;
    if (has_grain)
      av1::scalar::add_film_grain(job.film_grain, job.monochrome, upscaled_width, height,
                                  wanted_view, view(grained, display->layout()));

    const auto submitted =
        stage->submit(std::move(*acquired), {target, has_grain ? display : nullptr}, {reference});
    if (!submitted) return testing::AssertionFailure() << "not submitted";
    auto actual = download(*target);
    auto same = same_samples(actual, wanted, target->layout(), upscaled_width, height);
    if (!same || !has_grain) return same;
    auto shown = download(*display);
    same = same_samples(shown, grained, display->layout(), upscaled_width, height);
    return same ? same : same << " with grain";
  }
};

TEST_P(Av1FiltersTest, CopiesWithoutFilters) {
  EXPECT_TRUE(filters(200, 136, style_of(1)));
}

TEST_P(Av1FiltersTest, Deblocks) {
  for (uint32_t seed = 1; seed <= 16; ++seed) {
    FilterStyle style = style_of(seed);
    style.deblocks = true;
    style.sharpness = seed % 3 ? 0 : seed % 8;
    style.only_tx_log2 = seed % 4 == 3 ? 2 + seed / 4 : 0;
    style.split_percent = seed % 2 ? 80 : 40;
    style.zero_level_percent = seed % 5 == 0 ? 60 : 5;
    style.least_level = seed % 2 ? 20 : 1;
    style.filters_cb = seed % 6 != 0;
    style.filters_cr = seed % 7 != 0;
    EXPECT_TRUE(filters(264 + seed * 3, 200 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Av1FiltersTest, EnhancesByDirection) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    FilterStyle style = style_of(seed);
    style.cdef = true;
    style.skip_percent = seed % 2 ? 30 : 90;
    style.only_primary = seed % 4 == 1;
    style.only_secondary = seed % 4 == 2;
    EXPECT_TRUE(filters(200 + seed * 3, 136 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Av1FiltersTest, RestoresWithWiener) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    FilterStyle style = style_of(seed);
    style.restores = style.only_wiener = true;
    style.cdef = seed % 2 == 0;
    EXPECT_TRUE(filters(200 + seed * 3, 136 + seed * 5, style)) << "seed " << seed;
  }
}

TEST_P(Av1FiltersTest, RestoresSelfGuided) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    FilterStyle style = style_of(seed);
    style.restores = style.only_self_guided = true;
    style.cdef = seed % 2 == 0;
    EXPECT_TRUE(filters(130 + seed * 3, 136 + seed * 5, style)) << "seed " << seed;
  }
}

TEST_P(Av1FiltersTest, RestoresEachUnitInItsWay) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    FilterStyle style = style_of(seed);
    style.restores = true;
    style.restores_luma = seed % 4 != 0;
    style.restores_chroma = seed % 4 != 1;
    style.deblocks = style.cdef = true;
    EXPECT_TRUE(filters(266 + seed * 3, 200 + seed * 5, style)) << "seed " << seed;
  }
}

TEST_P(Av1FiltersTest, Upscales) {
  for (uint32_t denominator = 9; denominator <= 16; ++denominator) {
    FilterStyle style = style_of(denominator);
    style.superres_denominator = denominator;
    style.deblocks = denominator % 2 == 0;
    style.cdef = denominator % 3 == 0;
    style.restores = denominator % 4 < 2;
    style.only_wiener = true;
    EXPECT_TRUE(filters(190 + denominator * 7, 70 + denominator, style))
        << "denominator " << denominator;
  }
}

TEST_P(Av1FiltersTest, AddsFilmGrain) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    FilterStyle style = style_of(seed);
    style.grain = true;
    style.cdef = seed % 3 == 0;
    EXPECT_TRUE(filters(190 + seed * 5, 130 + seed * 3, style)) << "seed " << seed;
  }
}

TEST_P(Av1FiltersTest, FiltersMonochromePictures) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    FilterStyle style = style_of(seed);
    style.monochrome = true;
    style.deblocks = seed % 2 != 0;
    style.cdef = seed > 2;
    style.restores = seed > 3;
    style.superres_denominator = seed > 4 ? 11 : 8;
    style.grain = seed % 2 == 0;
    EXPECT_TRUE(filters(99 + seed, 77 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Av1FiltersTest, FiltersAllSizes) {
  for (uint32_t size = 0; size < 30; ++size) {
    FilterStyle style = style_of(size + 1);
    style.deblocks = size % 5 != 4;
    style.cdef = size % 3 != 2;
    style.restores = size % 4 != 3;
    style.grain = size % 2 != 0;
    style.superres_denominator = size % 7 == 6 ? 9 + size % 8 : 8;
    const uint32_t width = size * size % 83 + 1, height = size * 7 % 78 + 1;
    const uint32_t least = style.superres_denominator == 8 ? 1 : 16;
    EXPECT_TRUE(filters(std::max(width, least), height, style)) << width << "x" << height;
  }
}

INSTANTIATE_TEST_SUITE_P(BitDepths, Av1FiltersTest, testing::Values(8, 10),
                         [](const auto& bits) { return std::to_string(bits.param); });

}  // namespace
}  // namespace daedalus::vulkan
