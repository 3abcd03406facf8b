// SPDX-License-Identifier: MIT
#include "vp9/uncompressed_header.h"

#include <gtest/gtest.h>

#include <random>

#include "daedalus/vp9/job.h"
#include "vp9/stream_writer.h"

namespace daedalus::vp9 {
namespace {

using test::BitWriter;

constexpr uint32_t sync_code = 0x498342;

BitWriter start(uint32_t profile, bool key_frame, bool show_frame, bool error_resilient) {
  BitWriter bits;
  bits.f(2, 2).f(profile & 1, 1).f(profile >> 1, 1);
  if (profile == 3) bits.f(0, 1);
  bits.f(0, 1).f(!key_frame, 1).f(show_frame, 1).f(error_resilient, 1);
  return bits;
}

BitWriter key_frame(uint32_t width, uint32_t height) {
  BitWriter bits = start(0, true, true, false);
  bits.f(sync_code, 24).f(1, 3).f(0, 1);
  bits.f(width - 1, 16).f(height - 1, 16).f(0, 1);
  bits.f(1, 1).f(0, 1).f(2, 2);  // refresh_frame_context, parallel mode, context 2
  return bits;
}

// From the loop filter to the end: level 10, sharpness 3, no deltas, base_q_idx 60, no segments.
void plain_end(BitWriter& bits, uint32_t tile_bits, uint32_t size = 100) {
  bits.f(10, 6).f(3, 3).f(0, 1);
  bits.f(60, 8).f(0, 3);
  bits.f(0, 1);
  bits.f(0, tile_bits).f(0, 1);
  bits.f(size, 16);
}

class Header : public testing::Test {
 protected:
  Result<UncompressedHeader> parse(const std::vector<std::byte>& bytes) {
    picture.frame = bytes;
    return parse_uncompressed_header(picture, before);
  }
  Result<UncompressedHeader> parse(const BitWriter& bits) { return parse(bits.bytes()); }

  PictureParameters picture;
  PersistentHeader before;
};

TEST_F(Header, KeyFrame) {
  BitWriter bits = key_frame(352, 288);
  plain_end(bits, 0);
  before.lf_deltas.ref = {5, 5, 5, 5};
  before.features.enabled[3] = 1;
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->key_frame);
  EXPECT_TRUE(header->show_frame);
  EXPECT_EQ(header->width, 352u);
  EXPECT_EQ(header->height, 288u);
  EXPECT_EQ(header->persistent.bit_depth, 8);
  EXPECT_EQ(header->loop_filter_level, 10);
  EXPECT_EQ(header->loop_filter_sharpness, 3);
  EXPECT_EQ(header->quantizer.base_q_idx, 60);
  EXPECT_EQ(header->frame_context_idx, 2);
  EXPECT_EQ(header->context(), 0u) << "whatever is coded";
  EXPECT_TRUE(header->adapts());
  EXPECT_EQ(header->compressed_bytes, 100u);
  EXPECT_EQ(header->header_bytes, bits.bytes().size());
  EXPECT_EQ(header->persistent.lf_deltas.ref, (std::array<int8_t, 4>{1, 0, -1, -1}));
  EXPECT_EQ(header->persistent.features.enabled[3], 0);
}

TEST_F(Header, IsRefusedWhereverItEnds) {
  BitWriter bits = key_frame(352, 288);
  plain_end(bits, 0);
  for (std::size_t size = 0; size < bits.bytes().size(); ++size) {
    const auto header = parse({bits.bytes().begin(), bits.bytes().begin() + size});
    ASSERT_FALSE(header) << size;
    EXPECT_EQ(header.error(), Error::damaged) << size;
  }
}

TEST_F(Header, WhatNoValidStreamHas) {
  auto bytes = [] {
    BitWriter bits = key_frame(352, 288);
    plain_end(bits, 0);
    return bits.bytes();
  }();
  auto marker = bytes, sync = bytes;
  marker[0] ^= std::byte{0x40};
  sync[2] ^= std::byte{1};
  EXPECT_EQ(parse(marker).error(), Error::damaged);
  EXPECT_EQ(parse(sync).error(), Error::damaged);

  BitWriter no_compressed = key_frame(352, 288);
  plain_end(no_compressed, 0, 0);
  EXPECT_EQ(parse(no_compressed).error(), Error::damaged);

  BitWriter rgb = start(0, true, true, false);
  rgb.f(sync_code, 24).f(7, 3).f(0, 32).f(0, 32);
  EXPECT_EQ(parse(rgb).error(), Error::damaged);

  BitWriter shows_existing;
  shows_existing.f(2, 2).f(0, 2).f(1, 1).f(3, 3);
  EXPECT_EQ(parse(shows_existing).error(), Error::damaged);
}

TEST_F(Header, WhatIsOutOfScope) {
  for (const uint32_t profile : {1u, 3u}) {
    BitWriter bits = start(profile, true, true, false);
    bits.f(sync_code, 24).f(0, 32).f(0, 32);
    EXPECT_EQ(parse(bits).error(), Error::unsupported) << profile;
  }
  BitWriter twelve_bits = start(2, true, true, false);
  twelve_bits.f(sync_code, 24).f(1, 1).f(0, 32).f(0, 32);
  EXPECT_EQ(parse(twelve_bits).error(), Error::unsupported);

  BitWriter wide = key_frame(max_width + 1, 8);
  plain_end(wide, 4);
  EXPECT_EQ(parse(wide).error(), Error::unsupported);
  BitWriter high = key_frame(8, max_height + 1);
  plain_end(high, 0);
  EXPECT_EQ(parse(high).error(), Error::unsupported);
}

TEST_F(Header, TenBits) {
  BitWriter bits = start(2, true, true, true);
  bits.f(sync_code, 24).f(0, 1).f(1, 3).f(0, 1);
  bits.f(63, 16).f(63, 16).f(0, 1).f(1, 2);
  plain_end(bits, 0);
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->persistent.bit_depth, 10);
  EXPECT_FALSE(header->refresh_frame_context);
  EXPECT_TRUE(header->frame_parallel_decoding_mode);
  EXPECT_FALSE(header->adapts());
}

// intra_only frames of profile 0 have no colour config, and may follow 10-bit frames.
TEST_F(Header, IntraOnly) {
  before.bit_depth = 10;
  BitWriter bits = start(0, false, false, false);
  bits.f(1, 1).f(2, 2).f(sync_code, 24).f(0x41, 8);
  bits.f(99, 16).f(49, 16).f(0, 1).f(1, 1).f(1, 1).f(3, 2);
  plain_end(bits, 0);
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->intra_only);
  EXPECT_EQ(header->persistent.bit_depth, 8);
  EXPECT_EQ(header->reset_frame_context, 2);
  EXPECT_EQ(header->refresh_frame_flags, 0x41);
  EXPECT_EQ(header->width, 100u);
  EXPECT_EQ(header->frame_context_idx, 3);
  EXPECT_EQ(header->context(), 0u);
}

class InterHeader : public Header {
 protected:
  InterHeader() { picture.references.fill({true, 320, 200, 8}); }
  // Up to the sizes: slots 1, 2, 3, the last one with a sign bias.
  static BitWriter inter_frame(bool error_resilient = false) {
    BitWriter bits = start(0, false, true, error_resilient);
    if (!error_resilient) bits.f(0, 2);
    bits.f(1, 8);
    bits.f(1, 3).f(0, 1).f(2, 3).f(0, 1).f(3, 3).f(1, 1);
    return bits;
  }
  static void end(BitWriter& bits) {
    bits.f(0, 1);          // render size
    bits.f(1, 1).f(1, 1);  // high precision, switchable filter
    bits.f(1, 2).f(1, 2);  // refresh_frame_context, parallel mode, context 1
    plain_end(bits, 0);
  }
};

TEST_F(InterHeader, TakesItsSizeFromAReference) {
  picture.references[2] = {true, 176, 144, 8};
  BitWriter bits = inter_frame();
  bits.f(0, 1).f(1, 1);
  end(bits);
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->width, 176u);
  EXPECT_EQ(header->height, 144u);
  EXPECT_EQ(header->ref_frame_idx, (std::array<uint8_t, 3>{1, 2, 3}));
  EXPECT_TRUE(header->ref_frame_sign_bias[altref_frame]);
  EXPECT_FALSE(header->ref_frame_sign_bias[last_frame]);
  EXPECT_EQ(header->interp_filter, switchable);
  EXPECT_EQ(header->context(), 1u);
  EXPECT_EQ(header->ref_usable, (std::array<bool, 3>{true, true, true}));
}

TEST_F(InterHeader, OneUsableReferenceIsEnough) {
  picture.references[1] = {true, 2000, 200, 8};
  picture.references[3].present = false;
  BitWriter bits = inter_frame();
  bits.f(0, 3).f(319, 16).f(199, 16);
  end(bits);
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->ref_usable, (std::array<bool, 3>{false, true, false}));

  picture.references[2] = {true, 19, 12, 8};  // less than a sixteenth
  EXPECT_EQ(parse(bits).error(), Error::damaged);
  picture.references[2] = {true, 20, 13, 8};
  EXPECT_TRUE(parse(bits));
  picture.references[2].bit_depth = 10;
  EXPECT_EQ(parse(bits).error(), Error::damaged);
}

TEST_F(InterHeader, SizeOfAMissingReference) {
  picture.references[1].present = false;
  BitWriter bits = inter_frame();
  bits.f(1, 1);
  end(bits);
  EXPECT_EQ(parse(bits).error(), Error::damaged);
}

TEST_F(InterHeader, ErrorResilientFramesHaveNoSignBias) {
  BitWriter bits = inter_frame(true);
  bits.f(1, 1).f(0, 1).f(1, 1).f(1, 1).f(1, 2);
  plain_end(bits, 0);
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->ref_frame_sign_bias[altref_frame]);
  EXPECT_EQ(header->context(), 0u);
}

TEST_F(InterHeader, DeltasAndFeaturesPersist) {
  before.lf_deltas.ref = {1, 2, 3, 4};
  before.features.enabled[5] = 1 << seg_skip;
  BitWriter bits = inter_frame();
  bits.f(1, 1).f(0, 1).f(1, 1).f(1, 1).f(1, 2).f(1, 2);
  bits.f(40, 6).f(0, 3).f(1, 1).f(1, 1);  // delta updates:
  bits.f(0, 1).f(1, 1).f(9, 6).f(1, 1).f(0, 2).f(0, 1).f(1, 1).f(63, 6).f(0, 1);
  bits.f(60, 8).f(1, 1).f(15, 4).f(1, 1).f(0, 2);
  bits.f(1, 1).f(0, 1).f(0, 1);  // segmentation, no updates
  bits.f(0, 1).f(100, 16);
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->persistent.lf_deltas.ref, (std::array<int8_t, 4>{1, -9, 3, 4}));
  EXPECT_EQ(header->persistent.lf_deltas.mode, (std::array<int8_t, 2>{0, 63}));
  EXPECT_EQ(header->quantizer.delta_q_y_dc, -15);
  EXPECT_TRUE(header->segmentation.enabled);
  EXPECT_FALSE(header->segmentation.update_map);
  EXPECT_TRUE(header->persistent.features.active(5, seg_skip));
}

TEST_F(Header, SegmentationUpdates) {
  BitWriter bits = key_frame(64, 64);
  bits.f(10, 6).f(3, 3).f(0, 1).f(60, 8).f(0, 3);
  bits.f(1, 1).f(1, 1);
  bits.f(1, 1).f(77, 8).f(0, 6);                 // tree probs: 77, then 255
  bits.f(1, 1).f(0, 1).f(1, 1).f(5, 8).f(0, 1);  // temporal: 255, 5, 255
  bits.f(1, 1).f(1, 1);                          // data, absolute
  for (uint32_t segment = 0; segment < 8; ++segment) {
    if (segment != 2) {
      bits.f(0, 4);
      continue;
    }
    bits.f(1, 1).f(200, 8).f(1, 1).f(1, 1).f(63, 6).f(0, 1).f(1, 1).f(3, 2).f(1, 1);
  }
  bits.f(0, 1).f(100, 16);
  const auto header = parse(bits);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->segmentation.tree_probs[0], 77);
  EXPECT_EQ(header->segmentation.tree_probs[6], 255);
  EXPECT_EQ(header->segmentation.pred_probs, (std::array<uint8_t, 3>{255, 5, 255}));
  const auto& features = header->persistent.features;
  EXPECT_TRUE(features.abs_or_delta_update);
  EXPECT_EQ(features.enabled[2], 15);
  EXPECT_EQ(features.data[2], (std::array<int16_t, 4>{-200, 63, 3, 0}));
}

TEST_F(Header, TileColumnsAreBoundByTheWidth) {
  BitWriter narrow = key_frame(447, 64);
  plain_end(narrow, 0);
  ASSERT_TRUE(parse(narrow));
  EXPECT_EQ(parse(narrow)->tile_cols_log2, 0);
  BitWriter wide = key_frame(8192, 64);  // 128 superblocks: 2 to 32 columns
  wide.f(10, 6).f(3, 3).f(0, 1).f(60, 8).f(0, 3).f(0, 1);
  wide.f(15, 4).f(1, 1).f(1, 1).f(100, 16);
  const auto header = parse(wide);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->tile_cols_log2, 5);
  EXPECT_EQ(header->tile_rows_log2, 2);
}

// For any bits, values stay within their ranges.
TEST_F(InterHeader, RandomBits) {
  std::mt19937 random(5);
  uint32_t accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::byte> bytes(4 + random() % 60);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    bytes[0] = static_cast<std::byte>(0x80 | (random() & 0x27));
    if ((bytes[0] & std::byte{4}) == std::byte{0}) {
      bytes[1] = std::byte{0x49};
      bytes[2] = std::byte{0x83};
      bytes[3] = std::byte{0x42};
    }
    const auto header = parse(bytes);
    if (!header) continue;
    ++accepted;
    ASSERT_LE(header->header_bytes, bytes.size());
    ASSERT_GE(header->width, 1u);
    ASSERT_LE(header->width, max_width);
    ASSERT_LE(header->height, max_height);
    ASSERT_LE(header->tile_cols_log2, 6);
    ASSERT_LE(header->tile_rows_log2, 2);
    for (const auto& data : header->persistent.features.data)
      ASSERT_TRUE(data[seg_ref_frame] >= 0 && data[seg_ref_frame] <= 3);
  }
  EXPECT_GT(accepted, 100u);
}

}  // namespace
}  // namespace daedalus::vp9
