// SPDX-License-Identifier: MIT
// AV1 through VA: parameters that no bitstream has, all the ways that clients send tiles, missing
// tiles and references, film grain's two surfaces. A refused request leaves the context unchanged.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "va/av1/stream.h"
#include "va/fixture.h"
#include "va/semiplanar.h"

namespace daedalus::test {

namespace {

constexpr Av1Wish following{.seed = 9};
constexpr Av1Wish four_tiles{.width = 128, .height = 128, .tile_columns = 2, .tile_rows = 2};

class Av1 : public DriverTest {
 protected:
  std::vector<std::byte> samples(VASurfaceID surface, const Av1Wish& wish = {}) {
    return read_semiplanar(display, surface, wish.bit_depth, wish.width, wish.height);
  }

  // Decodes the frame after `change`.
  VAStatus decode(Av1Client& client, Av1Frame frame,
                  const std::function<void(Av1Frame&)>& change = {}) {
    client.prepare(frame);
    if (change) change(frame);
    return client.decode(frame);
  }

  // Checks that a key frame and the next frame equal those of a context that decoded nothing else.
  void expect_intact(Av1Client& client) {
    Av1Client other(display, 8, 64, 64);
    for (const auto& frame : {make_av1_key_frame({}), make_av1_inter_frame(following)}) {
      EXPECT_STATUS(SUCCESS, decode(client, frame));
      EXPECT_EQ(errors_of(client.target()), 0u);
      EXPECT_STATUS(SUCCESS, decode(other, frame));
      EXPECT_EQ(samples(client.target()), samples(other.target()));
    }
  }
};

TEST_F(Av1, FramesAreDecoded) {
  Av1Client client(display, 8, 64, 64);
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({.seed = 1})));
  const auto first = samples(client.target());
  ASSERT_FALSE(first.empty());
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({.seed = 2})));
  EXPECT_NE(samples(client.target()), first);
  expect_intact(client);
}

TEST_F(Av1, FramesOfTenBitsAreDecoded) {
  constexpr Av1Wish wish{.bit_depth = 10};
  Av1Client client(display, 10, 64, 64);
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame(wish)));
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_inter_frame(wish)));
  EXPECT_EQ(errors_of(client.target()), 0u);
  EXPECT_FALSE(samples(client.target(), wish).empty());
}

TEST_F(Av1, FieldsThatTheContextCannotDecodeAreRefused) {
  Av1Client client(display, 8, 64, 64);
  const auto key = make_av1_key_frame({});
  const auto status_with = [&](const std::function<void(VADecPictureParameterBufferAV1&)>& change) {
    return decode(client, key, [&](Av1Frame& frame) { change(frame.picture); });
  };
  using Picture = VADecPictureParameterBufferAV1;
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE, status_with([](Picture& p) { p.profile = 1; }));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT, status_with([](Picture& p) { p.bit_depth_idx = 2; }));
  EXPECT_STATUS(ERROR_UNSUPPORTED_RT_FORMAT,
                status_with([](Picture& p) { p.seq_info_fields.fields.subsampling_y = 0; }));
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE,
                status_with([](Picture& p) { p.pic_info_fields.bits.large_scale_tile = 1; }));
  EXPECT_STATUS(ERROR_UNSUPPORTED_PROFILE,
                status_with([](Picture& p) { p.anchor_frames_num = 1; }));
  EXPECT_STATUS(ERROR_INVALID_SURFACE, status_with([](Picture& p) { p.bit_depth_idx = 1; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                status_with([](Picture& p) { p.order_hint_bits_minus_1 = 8; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) { p.tile_cols = 0; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) { p.tile_cols = 2; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) { p.tile_rows = 255; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                status_with([](Picture& p) { p.context_update_tile_id = 1; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) { p.primary_ref_frame = 0; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) { p.interp_filter = 5; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) {
                  p.pic_info_fields.bits.use_superres = 1;
                  p.superres_scale_denominator = 0;
                }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) { p.cdef_bits = 4; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER, status_with([](Picture& p) { p.filter_level[1] = 64; }));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                status_with([](Picture& p) { p.pic_info_fields.bits.allow_intrabc = 1; }));
  expect_intact(client);
}

// Without order hints GStreamer passes their number of bits, 0, minus one.
TEST_F(Av1, OrderHintsNeedNoBitsWhereThereAreNone) {
  Av1Client client(display, 8, 64, 64);
  auto frame = make_av1_key_frame({});
  frame.picture.seq_info_fields.fields.enable_order_hint = 0;
  frame.picture.seq_info_fields.fields.enable_jnt_comp = 0;
  frame.picture.order_hint_bits_minus_1 = 255;
  EXPECT_STATUS(SUCCESS, client.prepare_and_decode(frame));
  EXPECT_EQ(errors_of(client.target()), 0u);
}

TEST_F(Av1, FramesLargerThanTheirSurfacesAreRefused) {
  Av1Client client(display, 8, 64, 64);
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED,
                decode(client, make_av1_key_frame({.width = 65, .tile_bytes = 100})));
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED,
                decode(client, make_av1_key_frame({.height = 4096, .tile_bytes = 100})));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                decode(client, make_av1_key_frame({}), [](Av1Frame& frame) {
                  frame.picture.frame_width_minus1 = frame.picture.frame_height_minus1 = 65535;
                }));
  // The picture is in a corner of its surface.
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({.width = 17, .height = 9})));
  expect_intact(client);
}

// Tiles are placed by their row and column, however they are passed.
TEST_F(Av1, TilesComeInAnyBuffers) {
  Av1Client client(display, 8, 128, 128);
  const auto key = make_av1_key_frame(four_tiles);
  EXPECT_STATUS(SUCCESS, decode(client, key));
  const auto wanted = samples(client.target(), four_tiles);
  ASSERT_FALSE(wanted.empty());
  for (const auto sending : {Av1Sending::together, Av1Sending::by_tile, Av1Sending::data_first}) {
    for (const bool turned : {false, true}) {
      auto frame = key;
      if (turned) std::reverse(frame.tiles.begin(), frame.tiles.end());
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
      for (auto& tile : frame.tiles)
        tile.tg_start = tile.tg_end = 77;  // the driver does not read them
#pragma GCC diagnostic pop
      client.prepare(frame);
      EXPECT_STATUS(SUCCESS, client.decode(frame, sending));
      EXPECT_EQ(errors_of(client.target()), 0u);
      EXPECT_EQ(samples(client.target(), four_tiles), wanted);
    }
  }
}

// Chromium leaves the sizes zero if tiles are spaced uniformly.
TEST_F(Av1, UniformTilesNeedNoSizes) {
  Av1Client client(display, 8, 128, 128);
  const auto key = make_av1_key_frame(four_tiles);
  EXPECT_STATUS(SUCCESS, decode(client, key));
  const auto wanted = samples(client.target(), four_tiles);
  const auto uniform = [](Av1Frame& frame) {
    frame.picture.pic_info_fields.bits.uniform_tile_spacing_flag = 1;
    std::fill(std::begin(frame.picture.width_in_sbs_minus_1),
              std::end(frame.picture.width_in_sbs_minus_1), uint16_t{});
  };
  EXPECT_STATUS(SUCCESS, decode(client, key, uniform));
  EXPECT_EQ(samples(client.target(), four_tiles), wanted);
}

TEST_F(Av1, MissingDuplicateAndMisplacedTilesAreConcealed) {
  Av1Client client(display, 8, 128, 128);
  const auto key = make_av1_key_frame(four_tiles);
  const std::function<void(Av1Frame&)> changes[] = {
      [](Av1Frame& frame) { frame.tiles.pop_back(); },
      [](Av1Frame& frame) { frame.tiles[1] = frame.tiles[0]; },
      [](Av1Frame& frame) {
        frame.tiles.push_back(frame.tiles[2]);
        frame.data.resize(2 * frame.data.size());
      },
      [](Av1Frame& frame) { frame.tiles[3].tile_row = 9; },
      [](Av1Frame& frame) { frame.tiles[3].tile_column = 65535; },
      [](Av1Frame& frame) { frame.tiles[3].slice_data_size = 1; },
  };
  for (const auto& change : changes) {
    EXPECT_STATUS(SUCCESS, decode(client, key, change));
    EXPECT_GE(errors_of(client.target()), 1u) << &change - changes;
  }
  EXPECT_STATUS(SUCCESS, decode(client, key));
  EXPECT_EQ(errors_of(client.target()), 0u);
}

TEST_F(Av1, TilesOutsideTheirDataAreRefused) {
  Av1Client client(display, 8, 64, 64);
  const auto key = make_av1_key_frame({});
  for (const auto& [offset, size] :
       {std::pair{0u, 1u << 30}, {1u << 31, 10u}, {~0u, ~0u}, {0u, 0u}}) {
    EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                  decode(client, key, [&, offset = offset, size = size](Av1Frame& frame) {
                    frame.tiles[0].slice_data_offset = offset;
                    frame.tiles[0].slice_data_size = size;
                  }));
  }
  EXPECT_STATUS(ERROR_FLAG_NOT_SUPPORTED, decode(client, key, [](Av1Frame& frame) {
                  frame.tiles[0].slice_data_flag = VA_SLICE_DATA_FLAG_BEGIN;
                }));
  expect_intact(client);
}

TEST_F(Av1, LostReferencesHaveSubstitutes) {
  Av1Client client(display, 8, 64, 64);
  const VASurfaceID never_decoded = make_surface();
  for (const VASurfaceID wrong :
       {VASurfaceID{VA_INVALID_SURFACE}, VASurfaceID{12345}, never_decoded}) {
    EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({})));
    // The other references are enough.
    EXPECT_STATUS(SUCCESS, decode(client, make_av1_inter_frame(following), [&](Av1Frame& frame) {
                    frame.picture.ref_frame_map[1] = wrong;
                  }));
    EXPECT_STATUS(SUCCESS, vaSyncSurface(display, client.target()));
    // Without its primary reference nothing can be parsed.
    EXPECT_STATUS(SUCCESS, decode(client, make_av1_inter_frame(following), [&](Av1Frame& frame) {
                    std::fill(std::begin(frame.picture.ref_frame_map),
                              std::end(frame.picture.ref_frame_map), wrong);
                  }));
    EXPECT_EQ(errors_of(client.target()), 1u);
  }
  expect_intact(client);
  VASurfaceID gone = never_decoded;
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &gone, 1));
}

// A reference with another format or an invalid size counts as lost.
TEST_F(Av1, ReferencesThatDoNotFitAreLost) {
  Av1Client client(display, 8, 64, 64);
  Av1Client high(display, 10, 64, 64);
  Av1Client large(display, 8, 256, 256);
  EXPECT_STATUS(SUCCESS, decode(high, make_av1_key_frame({.bit_depth = 10})));
  EXPECT_STATUS(SUCCESS, decode(large, make_av1_key_frame({.width = 256, .height = 256})));
  for (const VASurfaceID wrong : {high.target(), large.target()}) {
    EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({})));
    EXPECT_STATUS(SUCCESS, decode(client, make_av1_inter_frame(following), [&](Av1Frame& frame) {
                    std::fill(std::begin(frame.picture.ref_frame_map),
                              std::end(frame.picture.ref_frame_map), wrong);
                  }));
    EXPECT_EQ(errors_of(client.target()), 1u);
  }
  expect_intact(client);
}

// For intra frames the map and the indices are stale.
TEST_F(Av1, ReferencesOfKeyFramesAreIgnored) {
  Av1Client client(display, 8, 64, 64);
  const auto key = make_av1_key_frame({});
  EXPECT_STATUS(SUCCESS, decode(client, key));
  const auto wanted = samples(client.target());
  EXPECT_STATUS(SUCCESS, decode(client, key, [](Av1Frame& frame) {
                  memset(frame.picture.ref_frame_map, 0xab, sizeof(frame.picture.ref_frame_map));
                  memset(frame.picture.ref_frame_idx, 0xcd, sizeof(frame.picture.ref_frame_idx));
                }));
  EXPECT_EQ(errors_of(client.target()), 0u);
  EXPECT_EQ(samples(client.target()), wanted);
}

TEST_F(Av1, FilmGrainIsInItsOwnSurfaceAlone) {
  constexpr Av1Wish grainy{.film_grain = true};
  Av1Client client(display, 8, 64, 64);
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({})));
  const auto plain = samples(client.target());
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame(grainy)));
  ASSERT_NE(client.shown(), client.target());
  EXPECT_EQ(samples(client.target()), plain);
  const auto with_grain = samples(client.shown());
  ASSERT_EQ(with_grain.size(), plain.size());
  EXPECT_NE(with_grain, plain);
  EXPECT_EQ(errors_of(client.shown()), 0u);
  // Without film grain the second surface is not used.
  for (const VASurfaceID unused : {VASurfaceID{VA_INVALID_SURFACE}, client.shown()}) {
    EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({}), [&](Av1Frame& frame) {
                    frame.picture.current_display_picture = unused;
                  }));
    EXPECT_EQ(samples(client.target()), plain);
  }
}

TEST_F(Av1, FilmGrainNeedsASurfaceThatFits) {
  constexpr Av1Wish grainy{.film_grain = true};
  Av1Client client(display, 8, 64, 64);
  Av1Client high(display, 10, 64, 64);
  const auto status_with = [&](VASurfaceID shown) {
    return decode(client, make_av1_key_frame(grainy), [&](Av1Frame& frame) {
      frame.picture.current_display_picture = shown ? shown : frame.picture.current_frame;
    });
  };
  VASurfaceID small = make_surface(32, 64);
  EXPECT_STATUS(ERROR_INVALID_SURFACE, status_with(0));
  EXPECT_STATUS(ERROR_INVALID_SURFACE, status_with(VA_INVALID_SURFACE));
  EXPECT_STATUS(ERROR_INVALID_SURFACE, status_with(high.surfaces()[0]));
  EXPECT_STATUS(ERROR_RESOLUTION_NOT_SUPPORTED, status_with(small));
  EXPECT_STATUS(ERROR_INVALID_PARAMETER,
                decode(client, make_av1_key_frame(grainy),
                       [](Av1Frame& frame) { frame.picture.film_grain_info.num_y_points = 15; }));
  EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &small, 1));
  expect_intact(client);
}

// Both surfaces show one picture, so errors are reported for both.
TEST_F(Av1, DamageIsReportedInBothSurfacesOfFilmGrain) {
  constexpr Av1Wish grainy{.film_grain = true};
  Av1Client client(display, 8, 64, 64);
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame(grainy),
                                [](Av1Frame& frame) { frame.tiles[0].slice_data_size = 1; }));
  EXPECT_EQ(errors_of(client.target()), 1u);
  EXPECT_EQ(errors_of(client.shown()), 1u);
}

// Clients may name the surface with grain as a reference, but samples come from the one without.
TEST_F(Av1, EitherSurfaceOfFilmGrainIsAReference) {
  constexpr Av1Wish grainy{.film_grain = true};
  Av1Client client(display, 8, 64, 64);
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame(grainy)));
  const VASurfaceID with_grain = client.shown();
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_inter_frame(following)));
  const auto wanted = samples(client.target());
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame(grainy)));
  const VASurfaceID again = client.shown();
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_inter_frame(following), [&](Av1Frame& frame) {
                  std::fill(std::begin(frame.picture.ref_frame_map),
                            std::end(frame.picture.ref_frame_map), again);
                }));
  EXPECT_EQ(errors_of(client.target()), 0u);
  EXPECT_EQ(samples(client.target()), wanted);
  EXPECT_STATUS(SUCCESS, vaSyncSurface(display, with_grain));
}

// If a client gives the target as its own reference, the reference is lost.
TEST_F(Av1, NoFrameRefersToItself) {
  Av1Client client(display, 8, 64, 64);
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_key_frame({})));
  const VASurfaceID target = client.target();
  EXPECT_STATUS(SUCCESS, decode(client, make_av1_inter_frame(following),
                                [&](Av1Frame& frame) { frame.picture.current_frame = target; }));
  EXPECT_EQ(errors_of(client.target()), 1u);
  expect_intact(client);
}

// References of other sizes are scaled, and frames of a wish are deterministic.
TEST_F(Av1, SizesMayChangeInAContext) {
  constexpr Av1Wish wish{.width = 96, .height = 80, .tile_bytes = 40000};
  const auto frames = make_av1_sequence(wish, 8);
  std::vector<std::vector<std::byte>> wanted;
  for (uint32_t run = 0; run < 2; ++run) {
    Av1Client client(display, 8, 96, 80);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      EXPECT_STATUS(SUCCESS, decode(client, frames[i]));
      EXPECT_EQ(errors_of(client.target()), 0u) << i;
      const auto shown =
          read_semiplanar(display, client.shown(), 8, frames[i].width(), frames[i].height());
      if (run == 0)
        wanted.push_back(shown);
      else
        EXPECT_EQ(shown, wanted[i]) << i;
    }
  }
}

}  // namespace

}  // namespace daedalus::test
