// SPDX-License-Identifier: MIT
// Small pictures, written by hand in CAVLC.
#include "h264/picture_parser.h"

#include <gtest/gtest.h>

#include <deque>

#include "bit_writer.h"
#include "expect_valid.h"

namespace daedalus::h264 {
namespace {

PictureParameters picture(uint32_t width, uint32_t height) {
  PictureParameters parameters;
  parameters.pic_width_in_mbs = width;
  parameters.frame_height_in_mbs = height;
  for (auto& list : parameters.scaling_list_4x4) list.fill(16);
  for (auto& list : parameters.scaling_list_8x8) list.fill(16);
  return parameters;
}

// A slice with a one-byte header.
SliceParameters slice(SliceType type, uint32_t first_mb, const BitWriter& data) {
  SliceParameters parameters;
  parameters.slice_type = type;
  parameters.first_mb_in_slice = first_mb;
  for (auto& list : parameters.ref_pic_list) list.fill(no_reference);
  parameters.ref_pic_list[0][0] = parameters.ref_pic_list[1][0] = 2;
  static std::deque<std::vector<std::byte>> nal_units;  // slices do not own their data
  auto& nal_unit = nal_units.emplace_back(data.bytes());
  nal_unit.insert(nal_unit.begin(), std::byte{0x65});
  parameters.nal_unit = nal_unit;
  parameters.slice_data_bit_offset = 8;
  return parameters;
}

struct Parsed {
  Parsed(const PictureParameters& parameters, const std::vector<SliceParameters>& slices,
         MotionField* current = nullptr)
      : memory(parameters.pic_width_in_mbs, parameters.frame_height_in_mbs,
               PictureParser::coefficient_words(parameters, slices)) {
    for (const auto& one : slices) EXPECT_TRUE(PictureParser::check(parameters, one));
    PictureParser parser;
    parser.begin(parameters, slices, {}, current, memory.job);
    for (std::size_t i = slices.size(); i-- > 0;) parser.parse_slice(i);
    damaged = parser.finish();
    expect_valid(memory, parameters.pic_width_in_mbs);
  }
  JobMemory memory;
  std::vector<MbRange> damaged;
};

// I_16x16 with DC prediction, no residual: mb_type 3, DC chroma, no QP change, no
// Intra16x16DCLevel.
void add_flat_intra(BitWriter& writer, uint32_t first_intra_mb_type = 0) {
  writer.ue(first_intra_mb_type + 3).ue(0).se(0).bits("1");
}

BitWriter flat_intra(uint32_t count) {
  BitWriter writer;
  for (uint32_t i = 0; i < count; ++i) add_flat_intra(writer);
  return writer.trailing_bits();
}

TEST(PictureParser, NoSliceAndNoReferenceIsGrey) {
  const Parsed parsed(picture(3, 2), {});
  ASSERT_EQ(parsed.damaged.size(), 1u);
  EXPECT_EQ(parsed.damaged[0].first, 0u);
  EXPECT_EQ(parsed.damaged[0].last, 5u);
  EXPECT_EQ(parsed.memory.job.intra_levels, (std::vector<uint32_t>{0, 6}));
  EXPECT_EQ(parsed.memory.job.inter_mb_count, 0u);
  for (const auto& mb : parsed.memory.mbs)
    EXPECT_EQ(mb.head, static_cast<uint32_t>(MbKind::intra_16x16) | 2u << 13);
}

TEST(PictureParser, LostSliceCopiesAReference) {
  auto parameters = picture(2, 2);
  parameters.references[2].present = true;
  MotionField motion;
  motion.begin(2, 2);
  const Parsed parsed(
      parameters, {slice(SliceType::i, 0, flat_intra(1)), slice(SliceType::i, 3, flat_intra(1))},
      &motion);
  ASSERT_EQ(parsed.damaged.size(), 1u);
  EXPECT_EQ(parsed.damaged[0].first, 1u);
  EXPECT_EQ(parsed.damaged[0].last, 2u);
  EXPECT_EQ(parsed.memory.job.inter_mb_count, 2u);
  EXPECT_EQ(parsed.memory.motion(1).slots, 2u | 0xffu << 8);
  EXPECT_EQ(parsed.memory.mbs[1].head, 0u);
  ASSERT_EQ(motion.mbs.size(), 4u);
  for (const auto& mb : motion.mbs) EXPECT_EQ(mb.ref_idx, (std::array<int8_t, 4>{-1, -1, -1, -1}));
}

// P_L0_16x16 with this vector difference and no residual.
void add_p_16x16(BitWriter& writer, int32_t mvd_x, int32_t mvd_y) {
  writer.ue(0).ue(0).se(mvd_x).se(mvd_y).ue(0);
}

// Macroblocks on either side move alike but refer to pictures at different distances.
TEST(PictureParser, LostMacroblocksMoveAsTheirNeighboursDo) {
  auto parameters = picture(1, 5);
  parameters.references[2] = {
      .present = true, .top_field_order_cnt = -2, .bottom_field_order_cnt = -2};
  parameters.references[3] = {
      .present = true, .top_field_order_cnt = -4, .bottom_field_order_cnt = -4};
  BitWriter above, below;
  add_p_16x16(above, -8, 6);
  add_p_16x16(below, -16, 12);
  auto first = slice(SliceType::p, 0, above.trailing_bits());
  auto last = slice(SliceType::p, 4, below.trailing_bits());
  last.ref_pic_list[0][0] = 3;
  const Parsed parsed(parameters, {first, last});
  ASSERT_EQ(parsed.damaged.size(), 1u);
  for (uint32_t address = 1; address < 4; ++address) {
    const MotionEntry& motion = parsed.memory.motion(address);
    EXPECT_EQ(motion.mv_l0, (std::array<int16_t, 2>{-8, 6})) << address;
    EXPECT_EQ(motion.slots, 2u | 0xffu << 8);
  }
}

// In a picture with B slices they are predicted from both directions.
TEST(PictureParser, LostMacroblocksOfBPicturesHaveTwoReferences) {
  auto parameters = picture(1, 3);
  parameters.references[2] = {
      .present = true, .top_field_order_cnt = -2, .bottom_field_order_cnt = -2};
  parameters.references[7] = {
      .present = true, .top_field_order_cnt = 6, .bottom_field_order_cnt = 6};
  BitWriter b;
  b.ue(0).ue(1).se(4).se(-4).ue(0);  // B_L0_16x16
  auto only = slice(SliceType::b, 0, b.trailing_bits());
  only.ref_pic_list[1][0] = 7;
  const Parsed parsed(parameters, {only});
  const MotionEntry& motion = parsed.memory.motion(2);
  EXPECT_EQ(motion.slots, 2u | 7u << 8);
  EXPECT_EQ(motion.mv_l0, (std::array<int16_t, 2>{4, -4}));
  EXPECT_EQ(motion.mv_l1, (std::array<int16_t, 2>{-12, 12}));
  EXPECT_EQ(motion.weights, weights_implicit | 16u << 2);  // three times the nearer one
  EXPECT_EQ(parsed.memory.job.reference_slots, 1u << 2 | 1u << 7);
}

// A fade continues.
TEST(PictureParser, LostMacroblocksHaveTheirPicturesWeights) {
  auto parameters = picture(1, 2);
  parameters.weighted_pred_flag = true;
  parameters.references[2].present = true;
  auto only = slice(SliceType::p, 0, BitWriter().ue(1).trailing_bits());
  only.weights = {};
  only.weights[0].luma_weight[0] = 3;
  const Parsed parsed(parameters, {only});
  ASSERT_EQ(parsed.damaged.size(), 1u);
  EXPECT_EQ(parsed.memory.motion(1).weights, weights_explicit | 0u << 2);
  EXPECT_EQ(parsed.memory.motion(0).weights, parsed.memory.motion(1).weights);
}

TEST(PictureParser, IntraLevels) {
  const Parsed parsed(picture(3, 2), {slice(SliceType::i, 0, flat_intra(6))});
  EXPECT_TRUE(parsed.damaged.empty());
  EXPECT_EQ(parsed.memory.job.intra_levels, (std::vector<uint32_t>{0, 1, 2, 4, 5, 6}));
  EXPECT_EQ(parsed.memory.intra_mbs, (std::vector<uint32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_TRUE(parsed.memory.job.deblocks);
  const uint32_t available = mb_head::left_available | mb_head::top_available |
                             mb_head::top_left_available | mb_head::top_right_available;
  EXPECT_EQ(parsed.memory.mbs[4].head & available, available);
  EXPECT_EQ(parsed.memory.mbs[5].head & available, available & ~mb_head::top_right_available);
}

TEST(PictureParser, LevelsAreSortedByKind) {
  // I_NxN with predicted modes, DC chroma and no residual.
  BitWriter intra_4x4;
  intra_4x4.ue(0).bits("1111111111111111").ue(0).ue(3);
  const Parsed parsed(picture(4, 1), {slice(SliceType::i, 0, flat_intra(2)),
                                      slice(SliceType::i, 2, intra_4x4.trailing_bits()),
                                      slice(SliceType::i, 3, flat_intra(1))});
  EXPECT_TRUE(parsed.damaged.empty());
  EXPECT_EQ(parsed.memory.job.intra_levels, (std::vector<uint32_t>{0, 3, 4}));
  EXPECT_EQ(parsed.memory.intra_mbs, (std::vector<uint32_t>{2, 0, 3, 1}));
}

TEST(PictureParser, SlicesDoNotPredictFromEachOtherButDeblock) {
  const std::vector<SliceParameters> slices = {slice(SliceType::i, 0, flat_intra(3)),
                                               slice(SliceType::i, 3, flat_intra(3))};
  const uint32_t filters = mb_head::filter_left | mb_head::filter_top | mb_head::filter_inside;
  {
    const Parsed parsed(picture(3, 2), slices);
    EXPECT_EQ(parsed.memory.job.intra_levels, (std::vector<uint32_t>{0, 2, 4, 6}));
    EXPECT_EQ(parsed.memory.mbs[4].head & filters, filters);
    EXPECT_FALSE(parsed.memory.mbs[4].head & mb_head::top_available);
  }
  auto within = slices;
  for (auto& one : within) one.disable_deblocking_filter_idc = 2;
  EXPECT_EQ(Parsed(picture(3, 2), within).memory.mbs[4].head & filters,
            filters & ~mb_head::filter_top);
  auto off = slices;
  for (auto& one : off) one.disable_deblocking_filter_idc = 1;
  EXPECT_FALSE(Parsed(picture(3, 2), off).memory.job.deblocks);
}

TEST(PictureParser, SkippedPicture) {
  auto parameters = picture(4, 4);
  parameters.references[2].present = true;
  MotionField motion;
  motion.begin(4, 4);
  const Parsed parsed(parameters, {slice(SliceType::p, 0, BitWriter().ue(16).trailing_bits())},
                      &motion);
  EXPECT_TRUE(parsed.damaged.empty());
  EXPECT_EQ(parsed.memory.job.inter_mb_count, 16u);
  EXPECT_TRUE(parsed.memory.job.intra_levels.empty());
  EXPECT_EQ(parsed.memory.motion(15).slots, 2u | 0xffu << 8);
  EXPECT_EQ(motion.mbs[15].ref_idx, (std::array<int8_t, 4>{}));
}

// A job waits only for the reference pictures that its slices name.
TEST(PictureParser, ReferencesOfAllSlices) {
  auto parameters = picture(1, 3);
  for (const std::size_t slot : {1, 2, 5, 9}) parameters.references[slot].present = true;
  const auto skipped = BitWriter().ue(1).trailing_bits();
  auto p = slice(SliceType::p, 1, skipped), b = slice(SliceType::b, 2, skipped);
  p.num_ref_idx_l0_active_minus1 = 1;
  p.ref_pic_list[0] = {9, 4, 1};  // the second is missing, the third inactive
  b.ref_pic_list[1][0] = 5;
  const auto i = slice(SliceType::i, 0, flat_intra(1));
  EXPECT_EQ(Parsed(parameters, {i, p, b}).memory.job.reference_slots, 1u << 9 | 1u << 2 | 1u << 5);
  parameters.frame_height_in_mbs = 1;
  EXPECT_EQ(Parsed(parameters, {i}).memory.job.reference_slots, 0u);
  EXPECT_EQ(Parsed(parameters, {}).memory.job.reference_slots, 1u << 1) << "a concealed picture";
}

TEST(PictureParser, ConstrainedIntraPrediction) {
  auto parameters = picture(2, 1);
  parameters.references[2].present = true;
  BitWriter writer;
  writer.ue(1);  // one skipped macroblock
  add_flat_intra(writer, 5);
  writer.trailing_bits();
  const std::vector<SliceParameters> slices = {slice(SliceType::p, 0, writer)};
  EXPECT_TRUE(Parsed(parameters, slices).memory.mbs[1].head & mb_head::left_available);
  parameters.constrained_intra_pred_flag = true;
  EXPECT_FALSE(Parsed(parameters, slices).memory.mbs[1].head & mb_head::left_available);
}

// A vertical vector difference, then levels: 16x16 with one level in the first block.
TEST(PictureParser, MotionAndLevels) {
  auto parameters = picture(2, 1);
  parameters.references[2].present = true;
  BitWriter writer;
  writer.ue(0).ue(0).se(-3).se(70);          // P_L0_16x16
  writer.ue(2).se(1);                        // coded_block_pattern 1, QP + 1
  writer.bits("01").bits("1").bits("0010");  // one trailing one, -1, after 4 zeros
  writer.bits("1").bits("1").bits("1");      // three empty blocks
  writer.ue(1).trailing_bits();              // P_Skip
  const Parsed parsed(parameters, {slice(SliceType::p, 0, writer)});
  EXPECT_TRUE(parsed.damaged.empty());
  EXPECT_EQ(parsed.memory.motion(0).mv_l0, (std::array<int16_t, 2>{-3, 70}));
  EXPECT_EQ(parsed.memory.motion(1).mv_l0, (std::array<int16_t, 2>{}));
  const MbRecord& mb = parsed.memory.mbs[0];
  EXPECT_EQ(mb.head >> mb_head::qp_shift & 63, 27u);
  EXPECT_EQ(mb.coded_blocks, 1u << coded_block::luma_block);
  const uint32_t word = parsed.memory.blocks[mb.first_block];
  EXPECT_EQ(word & 63, 0u);
  EXPECT_EQ(parsed.memory.coefficients[word >> 6], coefficient_word(-1, 5));  // zig-zag 4
}

TEST(PictureParser, Pcm) {
  BitWriter writer;
  writer.ue(25).align();
  for (uint32_t i = 0; i < 384; ++i) writer.bits(i * 7 & 0xff, 8);
  // A flat intra macroblock. Beside a macroblock with 16 levels in each block, such as I_PCM, "no
  // levels" is 000011.
  writer.ue(3).ue(0).se(0).bits("000011").trailing_bits();
  const Parsed parsed(picture(2, 1), {slice(SliceType::i, 0, writer)});
  EXPECT_TRUE(parsed.damaged.empty());
  const MbRecord& mb = parsed.memory.mbs[0];
  EXPECT_EQ(kind_of(mb), MbKind::pcm);
  EXPECT_EQ(mb.head >> mb_head::qp_shift & 63, 0u);
  EXPECT_EQ(parsed.memory.coefficients[mb.first_block + 1], 0x312a231cu);
  EXPECT_EQ(parsed.memory.mbs[1].head >> mb_head::qp_shift & 63, 26u);
}

// Overlapping slices, and bytes that no macroblock can use, take no memory.
TEST(PictureParser, RoomIsBoundedByThePictureWhateverSlicesClaim) {
  const auto parameters = picture(4, 4);
  BitWriter samples;
  for (uint32_t mb = 0; mb < 16; ++mb) {
    samples.ue(25).align();
    for (uint32_t i = 0; i < 384; ++i) samples.bits(mb + 1, 8);
  }
  BitWriter padded = samples;
  padded.trailing_bits();
  for (uint32_t i = 0; i < 3 << 20; ++i) padded.bits(0, 8);
  std::vector<SliceParameters> slices;
  for (const uint32_t first_mb : {0, 9, 9, 3, 15, 0})
    slices.push_back(slice(SliceType::i, first_mb, padded));
  EXPECT_EQ(PictureParser::coefficient_words(parameters, slices), 16u * max_coefficients_per_mb);
  const Parsed parsed(parameters, slices);
  EXPECT_TRUE(parsed.damaged.empty());
  for (const auto& [address, sample] :
       {std::pair{2u, 3u}, {8u, 6u}, {9u, 1u}, {14u, 6u}, {15u, 1u}})
    EXPECT_EQ(parsed.memory.coefficients[parsed.memory.mbs[address].first_block],
              sample * 0x01010101u)
        << "macroblock " << address;
}

// Short slices of a large picture: room for what their bits can hold.
TEST(PictureParser, RoomIsBoundedByTheSlicesBits) {
  const auto parameters = picture(100, 100);
  const std::vector<SliceParameters> slices = {slice(SliceType::i, 0, flat_intra(10000))};
  const std::size_t words = PictureParser::coefficient_words(parameters, slices);
  EXPECT_GE(words, slices[0].nal_unit.size() * 8);
  EXPECT_LT(words, 10000u * max_coefficients_per_mb / 10);
}

TEST(PictureParser, BSlicesWaitForTheirColocatedPicture) {
  auto parameters = picture(1, 1);
  parameters.references[2].present = true;
  auto elsewhere = slice(SliceType::b, 0, flat_intra(1));
  elsewhere.ref_pic_list[1][0] = no_reference;
  const std::vector<SliceParameters> slices = {slice(SliceType::p, 0, flat_intra(1)),
                                               slice(SliceType::b, 0, flat_intra(1)), elsewhere};
  MotionField motion;
  motion.begin(1, 1);
  JobMemory memory(1, 1, PictureParser::coefficient_words(parameters, slices));
  PictureParser parser;
  parser.begin(parameters, slices, {nullptr, nullptr, &motion}, nullptr, memory.job);
  using Progress = DecodedState::Progress;
  EXPECT_EQ(parser.progress_of_followed(0), Progress::written);
  EXPECT_EQ(parser.progress_of_followed(1), Progress::queued);
  EXPECT_EQ(parser.progress_of_followed(2), Progress::written);
  motion.set_progress(Progress::running);
  EXPECT_EQ(parser.progress_of_followed(1), Progress::running);
}

// Field macroblocks of an MBAFF frame may depend on another field than frame macroblocks.
TEST(PictureParser, MbaffFramesWaitForBothFields) {
  auto parameters = picture(1, 2);
  parameters.frame_mbs_only_flag = false;
  parameters.mb_adaptive_frame_field_flag = parameters.direct_8x8_inference_flag = true;
  parameters.references[2].present = true;
  const std::vector<SliceParameters> slices = {slice(SliceType::b, 0, flat_intra(1))};
  const auto first = std::make_shared<MotionField>();
  MotionField second;
  for (auto* field : {first.get(), &second}) field->begin(1, 1);
  first->structure = PictureStructure::bottom_field;
  second.structure = PictureStructure::top_field;
  second.first_field = first;
  JobMemory memory(1, 2, PictureParser::coefficient_words(parameters, slices));
  PictureParser parser;
  parser.begin(parameters, slices, {nullptr, nullptr, &second}, nullptr, memory.job);
  using Progress = DecodedState::Progress;
  EXPECT_EQ(parser.progress_of_followed(0), Progress::queued);
  first->set_progress(Progress::written);
  EXPECT_EQ(parser.progress_of_followed(0), Progress::queued);
  second.set_progress(Progress::running);
  EXPECT_EQ(parser.progress_of_followed(0), Progress::running);
}

TEST(PictureParser, RepeatedAndUnorderedSlices) {
  const auto first = slice(SliceType::i, 0, flat_intra(6));
  const auto second = slice(SliceType::i, 3, flat_intra(3));
  EXPECT_TRUE(Parsed(picture(3, 2), {second, first}).damaged.empty());
  EXPECT_TRUE(Parsed(picture(3, 2), {first, second, second, first}).damaged.empty());
}

TEST(PictureParser, DamagedSliceKeepsWhatCameBefore) {
  BitWriter writer;
  add_flat_intra(writer);
  writer.ue(26).trailing_bits();  // invalid mb_type
  const Parsed parsed(picture(3, 1), {slice(SliceType::i, 0, writer)});
  ASSERT_EQ(parsed.damaged.size(), 1u);
  EXPECT_EQ(parsed.damaged[0].first, 1u);
  EXPECT_EQ(parsed.damaged[0].last, 2u);
}

TEST(PictureParser, IntraModesThatNeedUnavailableSamples) {
  // Intra_16x16 with vertical prediction in the first macroblock.
  const Parsed parsed(
      picture(1, 1),
      {slice(SliceType::i, 0, BitWriter().ue(1).ue(0).se(0).bits("1").trailing_bits())});
  EXPECT_EQ(parsed.damaged.size(), 1u);
}

}  // namespace
}  // namespace daedalus::h264
