// SPDX-License-Identifier: MIT
// macroblock_layer() (H.264 7.3.5): turns syntax elements into a macroblock's part of the job.
#pragma once

#include "h264/inter_parser.h"
#include "h264/intra_parser.h"
#include "h264/job_writer.h"
#include "h264/motion.h"
#include "h264/neighbours.h"
#include "h264/pair_neighbours.h"
#include "h264/slice_context.h"
#include "h264/syntax.h"

namespace daedalus::h264 {

// An intra macroblock and its dependency level: one more than the largest of the intra macroblocks
// it may predict from.
struct IntraMb {
  uint16_t address;
  uint16_t level;
  MbKind kind;
};
static_assert(max_width_in_mbs * max_height_in_mbs <= 1 << 16);

// The destinations of a slice's macroblocks.
struct SliceOutput {
  JobWriter job;
  MotionField* motion = nullptr;  // the picture's; nullptr if it is not needed
  IntraMb* intra_mbs = nullptr;   // room for as many as the slice has macroblocks
  uint32_t intra_mb_count = 0;
};

// Additional data for MBAFF frames: the contexts of field macroblocks, by parity.
struct PairContext {
  std::array<SliceContext, 2> field_contexts;
  PairNeighbours neighbours;
};

template <typename Syntax>
class MacroblockParser {
 public:
  // `pairs` is null except for MBAFF frames.
  MacroblockParser(const SliceContext& context, PairContext* pairs, int slice_qp, Syntax& syntax,
                   Neighbourhood& neighbourhood, SliceOutput& output);

  // The macroblock at this address. False if the stream is broken; the macroblock is then not in
  // the job.
  bool parse(uint32_t address);
  // In MBAFF frames: the next pair. Returns how many of its macroblocks are in the job.
  uint32_t parse_pair();
  // After the last one.
  void finish() { leave_row(); }

 private:
  void enter_row();
  void next_column();
  bool first_is_skipped(bool& second_is_skipped);
  bool parse_of_pair(uint32_t k, bool is_skipped);
  void enter_of_pair(uint32_t k);
  void store_mb();
  void leave_row();
  bool macroblock_layer();
  bool skipped();
  bool inter(uint32_t mb_type);
  bool intra(uint32_t mb_type);  // as in Table 7-11
  bool intra_nxn(const IntraNeighbours& available);
  bool intra_16x16(uint32_t mb_type, const IntraNeighbours& available);
  bool intra_chroma(const IntraNeighbours& available);
  bool pcm();

  bool residual(const ResidualShape& shape);
  bool mb_qp_delta();
  void set_kind(MbKind kind);
  void keep_motion();
  void keep_summary(uint32_t flags, uint32_t coded_block_pattern);
  uint32_t deblocking() const;

  const SliceContext& frame_context_;
  PairContext* const pairs_;
  const SliceContext* context_;  // of the macroblock's kind
  Syntax& syntax_;
  Neighbourhood& neighbourhood_;
  SliceOutput& output_;
  InterParser<Syntax> inter_;
  IntraParser<Syntax> intra_;
  const SliceType slice_type_;
  const bool monochrome_;
  const bool transform_8x8_mode_;
  const uint32_t list_count_;
  const uint32_t slice_deblocking_;
  const bool deblocks_within_slice_;
  int qp_;  // QP_Y of the macroblock before

  // Of the current macroblock.
  uint32_t address_ = 0;          // its place
  uint32_t context_address_ = 0;  // in the context's picture
  bool field_ = false;            // MBAFF: of the pair
  bool is_lower_frame_mb_ = false;
  uint32_t mb_x_, mb_y_;  // mb_y_ counts rows of pairs in MBAFF frames
  uint32_t row_begin_;    // the slice's first column in the row
  uint32_t head_ = 0;
  int16_t intra_level_ = -1;
};

}  // namespace daedalus::h264
