// SPDX-License-Identifier: MIT
// decode_tile() (VP9 bitstream specification, 6.4) of the tiles of one tile column.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vp9/bool_decoder.h"
#include "vp9/coefficient_parser.h"
#include "vp9/frame_context.h"
#include "vp9/job_writer.h"

namespace daedalus::vp9 {

// A block's position and syntax elements.
struct Block {
  uint32_t mi_row, mi_col;
  BlockSize size;
  uint32_t width, height;                  // in units of 8 samples
  uint32_t visible_width, visible_height;  // likewise, inside the frame
  ModeInfo* unit;                          // its position in the frame's field
  const ModeInfo* above;
  const ModeInfo* left;

  ModeInfo info;
  uint32_t segment_id = 0;
  bool skip = false;
  bool is_inter = false;
  TransformSize tx_size = tx_4x4;
  PredictionMode uv_mode = dc_pred;
  std::array<PredictionMode, 4> sub_modes;   // intra below 8x8
  std::array<std::array<Mv, 4>, 2> sub_mvs;  // inter below 8x8, [list][sub-block]

  bool is_small() const { return size < block_8x8; }
  bool is_compound() const { return info.ref_frame[1] != intra_frame; }
};

class TileParser {
 public:
  TileRecords records;
  Counts counts;

  // Call before a frame's first tile. Columns count 8x8 units.
  void begin(FrameContext& frame, uint32_t mi_col_begin, uint32_t mi_col_end);

  // Parses a tile with these rows of 8x8 units. Returns mi_row_end, or the first row of the first
  // damaged superblock row; no records are kept from there on.
  uint32_t parse(std::span<const std::byte> tile, uint32_t mi_row_begin, uint32_t mi_row_end);

  // In place of rows that could not be parsed: whole superblocks that copy the reference
  // `ref_frame` or, if that is intra_frame, have DC prediction.
  void conceal(uint32_t mi_row_begin, uint32_t mi_row_end, uint32_t ref_frame);

 private:
  // Saves the state before a superblock row, and restores it if the row is damaged.
  void mark();
  void return_to_mark();
  bool superblock_row(uint32_t mi_row);
  void begin_superblock_row();
  void begin_superblock(uint32_t mi_col);
  void end_superblock(uint32_t mi_row, uint32_t mi_col);

  void partition(uint32_t mi_row, uint32_t mi_col, uint32_t width_log2);
  Partition read_partition(uint32_t mi_row, uint32_t mi_col, uint32_t width_log2);
  void block(uint32_t mi_row, uint32_t mi_col, BlockSize size);
  void place(Block& block) const;
  void finish(Block& block);
  void add_record(const Block& block);
  void add_small_record(const Block& block, const BlockRecord& record, bool is_scaled);
  void add_inner_edges(const Block& block);
  void conceal_superblock(uint32_t mi_row, uint32_t mi_col, uint32_t ref_frame);
  void conceal_segment_ids(const Block& block);

  // mode_parser.cpp
  void modes(Block& block);
  void intra_frame_modes(Block& block);
  void inter_frame_modes(Block& block);
  void intra_block_modes(BoolDecoder& decoder, Block& block);
  uint32_t inter_mode_and_filter(BoolDecoder& decoder, Block& block, const MvNeighbourhood& at);
  void references(BoolDecoder& decoder, Block& block, const ReferenceContexts& contexts);
  uint32_t single_reference_of(BoolDecoder& decoder, const ReferenceContexts& contexts);
  void small_block_mvs(Block& block, const MvNeighbourhood& at, uint32_t mode_context);
  void mvs(BoolDecoder& decoder, Block& block, const MvNeighbourhood& at);
  MvNeighbourhood neighbourhood(const Block& block) const;
  PredictionMode read_intra_mode(BoolDecoder& decoder, const uint8_t* probabilities);
  PredictionMode read_inter_mode(BoolDecoder& decoder, uint32_t context);
  TransformSize read_tx_size(BoolDecoder& decoder, const Block& block, bool allow_select);
  bool read_skip(BoolDecoder& decoder, const Block& block);
  bool read_is_inter(BoolDecoder& decoder, const Block& block, const ReferenceContexts& contexts);
  Mv read_mv(BoolDecoder& decoder, Mv predicted);
  uint32_t read_interp_filter(BoolDecoder& decoder, const Block& block);
  uint32_t intra_segment_id(BoolDecoder& decoder, const Block& block);
  uint32_t inter_segment_id(BoolDecoder& decoder, Block& block);
  uint32_t predicted_segment_id(const Block& block) const;
  void set_segment_id(const Block& block, uint32_t segment_id);

  // residual_parser.cpp: whether any block has a token.
  bool inter_residual(const Block& block);
  void intra_residual(const Block& block);
  void intra_luma(const Block& block);
  void intra_chroma(const Block& block);
  void reset_coefficient_contexts(const Block& block);
  void leave_no_intra(const Block& block);
  CoefficientContext coefficient_context(const Block& block, uint32_t plane, TransformSize tx_size);
  uint32_t coefficients(const CoefficientContext& context, uint32_t first, const ScanStep* scan,
                        bool& any_token);

  FrameContext* frame_ = nullptr;
  BoolDecoder decoder_;
  uint32_t mi_col_begin_ = 0, mi_col_end_ = 0;
  bool broken_ = false;  // a value that no valid stream has was read

  EdgeContext* above_ = nullptr;  // of the superblock's column
  IntraLevels* above_levels_ = nullptr;
  EdgeContext left_;
  IntraLevels left_levels_;
  // The same for the 4x4 block above left of the next block of each row.
  IntraLevels corner_levels_;
  uint32_t luma_corner_intra_ = 0, chroma_corner_intra_ = 0;
  std::array<SmallBlockMvs, 8> left_small_{};
  struct {
    TileRecords::Mark records;
    std::vector<EdgeContext> above;
    std::vector<IntraLevels> above_levels;
  } mark_;
  uint64_t luma_inner_ = 0;    // the superblock's units with inner 4x4 edges
  uint32_t chroma_inner_ = 0;  // likewise
};

}  // namespace daedalus::vp9
