// SPDX-License-Identifier: MIT
#include "av1/picture_parser.h"

#include <algorithm>
#include <utility>

#include "av1/cdf.h"
#include "av1/frame_context.h"
#include "av1/frame_motion.h"
#include "av1/job_writer.h"
#include "av1/tile_parser_pool.h"
#include "daedalus/sole_holder.h"

namespace daedalus::av1 {

namespace {

struct Tile {
  uint32_t row = 0, column = 0;
  TileParser::Place place{};
  uint32_t first_block = 0;
  std::span<const std::byte> bytes;  // empty: missing
  uint32_t copies = 0;               // a valid frame has one
  uint32_t damaged_from = 0;         // units; place.mi_row_end: undamaged
  TileRecords records;
  std::span<uint32_t> palettes;  // its part of the job's palettes
  uint32_t first_palette = 0, palette_end = 0;
};

// Each non-zero coefficient takes a bit for its sign, except the first one of a transform block,
// whose sign adapts. A broken tile decodes up to one more superblock before it is noticed, but
// never more than all its superblocks hold.
uint64_t coefficient_bound(std::size_t bytes, uint64_t units, uint64_t squares) {
  constexpr uint64_t square = max_room_per_64.coefficients;
  const uint64_t blocks = units * 3 / 2;
  return std::min(uint64_t{bytes} * 8 + blocks + 4 * square, squares * square);
}

uint32_t units_of(const TileParser::Place& place) {
  return (place.mi_row_end - place.mi_row_start) * (place.mi_col_end - place.mi_col_start);
}

uint32_t squares_of(const TileParser::Place& place) {
  return in_64s(4 * (place.mi_row_end - place.mi_row_start)) *
         in_64s(4 * (place.mi_col_end - place.mi_col_start));
}

// Null: there is none, or it is lost.
std::shared_ptr<const SavedFrame> primary_reference(const PictureParameters& picture,
                                                    const SavedReferences& references) {
  if (picture.primary_ref_frame == primary_ref_none) return nullptr;
  return references[picture.primary_ref_frame];
}

// Whether blocks may be predicted from the reference: it has the picture's format, and a size that
// 6.8.6 allows.
bool is_usable(const PictureParameters& picture, const SavedFrame& reference) {
  return reference.bit_depth == picture.bit_depth && reference.monochrome == picture.monochrome &&
         is_scale_valid(picture, {reference.upscaled_width, reference.height});
}

bool has_size(const PictureParameters& picture, const SavedFrame& reference) {
  return reference.upscaled_width == picture.width() && reference.height == picture.height;
}

}  // namespace

struct PictureParser::State {
  void open(const PictureParameters& opened, const SavedReferences& references, PictureJob& into);
  void set_references(const SavedReferences& references);
  void set_segments(const SavedReferences& references);
  void set_saved();
  void set_grid();
  void set_job();
  void set_filters();
  void set_cdfs(const SavedReferences& references);
  void begin_with_default_cdfs();
  bool knows_cdfs() const { return !primary || primary->cdfs_ready(); }
  const std::shared_ptr<const CdfContext>& first_cdfs() const {
    return primary ? primary->cdfs : default_cdfs;
  }
  void set_tiles();
  void share_job();
  uint64_t superblock_squares(const TileParser::Place& place) const;
  void parse(Tile& tile, bool is_context_tile);
  void save_cdfs(const Tile& tile, const CdfContext& cdfs);
  void write_filters();
  void release();

  const PictureParameters* picture = nullptr;
  PictureJob* job = nullptr;
  FrameContext frame;
  std::vector<std::unique_ptr<Tile>> tiles;  // grows only; reused by later frames
  std::size_t tile_count = 0;
  std::shared_ptr<TileParserPool> parsers;

  // The initial CDFs: those that `primary` saved, or the defaults if it is null.
  std::shared_ptr<const SavedFrame> primary;
  std::shared_ptr<const CdfContext> default_cdfs;
  std::shared_ptr<CdfContext> final_cdfs;  // room for the CDFs that this frame saves
  std::shared_ptr<SavedFrame> saved;
  SharedPool<SavedFrame> saved_pool;
  SharedPool<CdfContext> cdf_pool;

  std::array<uint8_t, reference_count> substitutes{};
  RefFrame concealing_reference = intra_frame;
  JobAssembler assembler;
  std::vector<const TileRecords*> records;
};

PictureParser::PictureParser() : PictureParser(std::make_shared<TileParserPool>()) {}
PictureParser::PictureParser(std::shared_ptr<TileParserPool> parsers)
    : state_(std::make_unique<State>()) {
  state_->parsers = std::move(parsers);
}
PictureParser::~PictureParser() = default;

JobRoom PictureParser::room(const PictureParameters& picture) {
  JobRoom room = max_room(picture.width(), picture.height);
  std::size_t bytes = 0;
  for (const TileData& tile : picture.tiles) bytes += tile.bytes.size();
  const uint64_t tile_count = uint64_t{picture.tile_columns} * picture.tile_rows;
  const uint64_t units = uint64_t{in_units(picture.width())} * in_units(picture.height);
  const uint64_t of_bytes =
      bytes * 8 + units * 3 / 2 + tile_count * 4 * max_room_per_64.coefficients;
  room.coefficients = static_cast<uint32_t>(std::min<uint64_t>(of_bytes, room.coefficients));
  if (!picture.allow_screen_content_tools) room.palette_words = 0;
  return room;
}

Result<void> PictureParser::begin(const PictureParameters& picture,
                                  const SavedReferences& references, PictureJob& job) {
  State& state = *state_;
  const bool lost =
      picture.primary_ref_frame != primary_ref_none && !primary_reference(picture, references);
  state.open(picture, references, job);
  if (lost || (!picture.intra() && state.concealing_reference == intra_frame))
    return tl::unexpected(Error::damaged);
  return {};
}

void PictureParser::State::open(const PictureParameters& opened, const SavedReferences& references,
                                PictureJob& into) {
  picture = &opened;
  job = &into;
  frame.picture = picture;
  frame.mi_cols = in_units(picture->width());
  frame.mi_rows = in_units(picture->height);
  frame.sb_units_log2 = picture->superblock_log2() - 2;
  set_references(references);
  set_segments(references);
  set_saved();
  set_job();
  set_filters();
  set_grid();
  set_cdfs(references);
  set_tiles();
  share_job();
}

// Finds the usable references, and a substitute for the others: the first usable one of this
// frame's size, else the first usable one.
void PictureParser::State::set_references(const SavedReferences& references) {
  frame.references = {};
  concealing_reference = intra_frame;
  for (uint32_t i = 0; i < reference_count && !picture->intra(); ++i) {
    if (!references[i] || !is_usable(*picture, *references[i])) continue;
    frame.references[i] = references[i];
    const bool first = concealing_reference == intra_frame;
    if (first || (!has_size(*picture, *references[concealing_reference - last_frame]) &&
                  has_size(*picture, *references[i])))
      concealing_reference = static_cast<RefFrame>(last_frame + i);
  }
  derive_motion(frame);
  job->references = {};
  substitutes.fill(no_reference);
  if (concealing_reference == intra_frame) return;
  for (uint32_t i = 0; i < reference_count; ++i) {
    const uint32_t used =
        frame.references[i] ? i : static_cast<uint32_t>(concealing_reference - last_frame);
    const SavedFrame& reference = *frame.references[used];
    substitutes[i] = static_cast<uint8_t>(used);
    job->references[i] = {reference.upscaled_width, reference.height};
    frame.is_scaled[last_frame + i] = !has_size(*picture, reference);
  }
}

// Segment values derived in 5.9.2, and SegIdPreSkip and LastActiveSegId (5.9.14).
void PictureParser::State::set_segments(const SavedReferences& references) {
  const Segmentation& segmentation = picture->segmentation;
  const PictureParameters& p = *picture;
  frame.coded_lossless = true;
  frame.seg_id_pre_skip = false;
  frame.last_active_seg_id = 0;
  const bool no_deltas = p.delta_q_y_dc == 0 && p.delta_q_u_ac == 0 && p.delta_q_u_dc == 0 &&
                         p.delta_q_v_ac == 0 && p.delta_q_v_dc == 0;
  for (uint32_t segment = 0; segment < max_segments; ++segment) {
    int32_t qindex = p.base_q_idx;
    if (frame.feature_enabled(segment, seg_lvl_alt_q))
      qindex = std::clamp(qindex + frame.feature_data(segment, seg_lvl_alt_q), 0, 255);
    const bool lossless = qindex == 0 && no_deltas;
    frame.lossless[segment] = lossless;
    frame.coded_lossless = frame.coded_lossless && lossless;
    frame.qm_level[segment] = {15, 15, 15};
    if (p.using_qmatrix && !lossless) frame.qm_level[segment] = {p.qm_y, p.qm_u, p.qm_v};
    if (!segmentation.enabled || segmentation.feature_mask[segment] == 0) continue;
    frame.last_active_seg_id = static_cast<uint8_t>(segment);
    if (segmentation.feature_mask[segment] >> seg_lvl_ref_frame != 0) frame.seg_id_pre_skip = true;
  }
  // load_previous_segment_ids()
  frame.previous_segment_ids.reset();
  auto previous = segmentation.enabled ? primary_reference(p, references) : nullptr;
  if (previous && previous->mi_cols == frame.mi_cols && previous->mi_rows == frame.mi_rows &&
      !previous->segment_ids.empty())
    frame.previous_segment_ids = std::move(previous);
}

void PictureParser::State::set_saved() {
  saved = saved_pool.take();
  saved->frame_type = picture->frame_type;
  saved->bit_depth = picture->bit_depth;
  saved->monochrome = picture->monochrome;
  saved->upscaled_width = picture->upscaled_width;
  saved->width = picture->width();
  saved->height = picture->height;
  saved->mi_cols = frame.mi_cols;
  saved->mi_rows = frame.mi_rows;
  saved->order_hint = picture->order_hint;
  saved->order_hint_bits = picture->order_hint_bits;
  saved->saved_order_hints = frame.order_hints;
  saved->global_motion = picture->global_motion;
  saved->set_motion_size();
  const bool has_map = picture->segmentation.enabled &&
                       (picture->segmentation.update_map || frame.previous_segment_ids);
  saved->segment_ids.resize(has_map ? std::size_t{frame.mi_rows} * frame.mi_cols : 0);
  saved->begin_rows(picture->tile_columns);
  frame.saved = saved;
}

void PictureParser::State::set_grid() {
  const std::size_t units = std::size_t{frame.mi_rows} * frame.mi_cols;
  constexpr uint32_t last = 31;  // of a superblock
  const uint32_t stride = (frame.mi_cols + last) & ~last, rows = (frame.mi_rows + last) & ~last;
  const std::size_t grid_size = std::size_t{rows} * stride;
  if (frame.blocks.size() != units || frame.grid.size() != grid_size || frame.grid_stride != stride)
    frame.grid.assign(grid_size, 0);
  frame.grid_stride = stride;
  frame.blocks.resize(units);
  frame.cdef_indices.assign(std::size_t{in_64s(job->width)} * in_64s(job->height), no_cdef);
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const uint32_t shift = plane == 0 ? 0 : 1;
    const uint32_t log2 = job->restoration_size_log2[plane];
    const std::size_t count =
        std::size_t{restoration_unit_count((job->upscaled_width + shift) >> shift, log2)} *
        restoration_unit_count((job->height + shift) >> shift, log2);
    const bool used = job->restoration[plane] != Restoration::none;
    frame.restoration_units[plane].assign(used ? count : 0, {});
  }
}

void PictureParser::State::set_job() {
  job->width = picture->width();
  job->height = picture->height;
  job->upscaled_width = picture->upscaled_width;
  job->superres_denominator = picture->superres_denominator;
  job->bit_depth = picture->bit_depth;
  job->monochrome = picture->monochrome;
  job->enable_intra_edge_filter = picture->enable_intra_edge_filter;
}

void PictureParser::State::set_filters() {
  const bool unfiltered = frame.coded_lossless || picture->allow_intrabc;
  job->filter_level = unfiltered ? std::array<uint8_t, 4>{} : picture->loop_filter_level;
  job->sharpness = picture->loop_filter_sharpness;
  job->cdef_damping = picture->cdef_damping;
  job->cdef_strengths = picture->cdef_strengths;
  job->cdef = false;
  for (uint32_t i = 0; i < 1u << picture->cdef_bits; ++i) {
    const CdefStrength& s = picture->cdef_strengths[i];
    if ((s.y_primary | s.y_secondary | s.uv_primary | s.uv_secondary) != 0) job->cdef = true;
  }
  if (unfiltered || !picture->enable_cdef) job->cdef = false;
  // Without superres, CodedLossless means AllLossless.
  const bool unrestored =
      picture->allow_intrabc || (frame.coded_lossless && picture->superres_denominator == 8);
  job->restoration = unrestored ? std::array<Restoration, 3>{} : picture->restoration;
  job->restoration_size_log2 = picture->restoration_size_log2;
}

void PictureParser::State::set_cdfs(const SavedReferences& references) {
  final_cdfs = cdf_pool.take();
  primary = primary_reference(*picture, references);
  if (!primary) begin_with_default_cdfs();
}

void PictureParser::State::begin_with_default_cdfs() {
  const auto cdfs = cdf_pool.take();
  set_defaults(*cdfs, picture->base_q_idx);
  default_cdfs = cdfs;
  primary.reset();
}

void PictureParser::State::set_tiles() {
  tile_count = std::size_t{picture->tile_rows} * picture->tile_columns;
  while (tiles.size() < tile_count) tiles.push_back(std::make_unique<Tile>());
  const uint32_t log2 = frame.sb_units_log2;
  uint32_t first_block = 0;
  for (uint32_t i = 0; i < tile_count; ++i) {
    Tile& tile = *tiles[i];
    tile.row = i / picture->tile_columns;
    tile.column = i % picture->tile_columns;
    const auto unit = [&](const auto& starts, uint32_t at, uint32_t end) {
      return std::min(uint32_t{starts[at]} << log2, end);
    };
    tile.place = {unit(picture->tile_row_starts, tile.row, frame.mi_rows),
                  unit(picture->tile_row_starts, tile.row + 1, frame.mi_rows),
                  unit(picture->tile_column_starts, tile.column, frame.mi_cols),
                  unit(picture->tile_column_starts, tile.column + 1, frame.mi_cols)};
    tile.first_block = first_block;
    first_block += units_of(tile.place);
    tile.bytes = {};
    tile.copies = 0;
    tile.damaged_from = tile.place.mi_row_end;
  }
  for (const TileData& data : picture->tiles) {
    if (data.row >= picture->tile_rows || data.column >= picture->tile_columns) continue;
    Tile& tile = *tiles[std::size_t{data.row} * picture->tile_columns + data.column];
    tile.bytes = ++tile.copies == 1 ? data.bytes : std::span<const std::byte>{};
  }
}

// The number of 64x64 squares, rounded up to whole superblocks.
uint64_t PictureParser::State::superblock_squares(const TileParser::Place& place) const {
  const uint32_t log2 = frame.sb_units_log2, last = (1u << log2) - 1;
  const uint64_t rows = (place.mi_row_end - place.mi_row_start + last) >> log2;
  const uint64_t columns = (place.mi_col_end - place.mi_col_start + last) >> log2;
  return rows * columns << 2 * (log2 - 4);
}

// Divides the job's coefficients and palettes among the tiles.
void PictureParser::State::share_job() {
  std::size_t first_coefficient = 0, first_palette = 0;
  for (std::size_t i = 0; i < tile_count; ++i) {
    Tile& tile = *tiles[i];
    const auto coefficients = static_cast<std::size_t>(std::min<uint64_t>(
        coefficient_bound(tile.bytes.size(), units_of(tile.place), superblock_squares(tile.place)),
        job->coefficients.size() - first_coefficient));
    const std::size_t palettes =
        std::min(std::size_t{squares_of(tile.place)} * max_room_per_64.palette_words,
                 job->palettes.size() - first_palette);
    tile.records.begin(*job, static_cast<uint32_t>(first_coefficient),
                       static_cast<uint32_t>(coefficients));
    tile.palettes = job->palettes.subspan(first_palette, palettes);
    tile.first_palette = static_cast<uint32_t>(first_palette);
    tile.palette_end = 0;
    first_coefficient += coefficients;
    first_palette += palettes;
  }
}

// Conceals the remaining rows of a damaged tile.
void PictureParser::State::parse(Tile& tile, bool is_context_tile) {
  if (is_context_tile && picture->disable_frame_end_update_cdf) saved->set_cdfs(first_cdfs());
  auto parser = parsers->take();
  parser->begin(frame, *first_cdfs(), tile.place, tile.first_block, tile.records, tile.palettes,
                tile.first_palette);
  tile.damaged_from = parser->parse(tile.bytes);
  if (is_context_tile) save_cdfs(tile, parser->cdfs());
  if (tile.damaged_from != tile.place.mi_row_end)
    parser->conceal(tile.damaged_from, concealing_reference);
  tile.palette_end = parser->palette_end();
  parsers->give_back(std::move(parser));
}

std::shared_ptr<const SavedFrame> PictureParser::state() const {
  return state_->saved;
}

const std::array<uint8_t, reference_count>& PictureParser::substitutes() const {
  return state_->substitutes;
}

std::size_t PictureParser::tile_count() const {
  return state_->tile_count;
}

bool PictureParser::may_parse() const {
  return state_->knows_cdfs();
}

bool PictureParser::waits() const {
  const FrameContext& frame = state_->frame;
  const auto unfinished = [](const auto& saved) { return saved && !saved->finished(); };
  if (unfinished(frame.previous_segment_ids)) return true;
  return state_->picture->use_ref_frame_mvs &&
         std::any_of(frame.references.begin(), frame.references.end(), unfinished);
}

void PictureParser::parse_tile(std::size_t index) {
  state_->parse(*state_->tiles[index], index == state_->picture->context_update_tile_id);
}

// frame_end_update_cdf(), called as soon as its tile is parsed. A damaged tile's CDFs are not kept.
void PictureParser::State::save_cdfs(const Tile& tile, const CdfContext& cdfs) {
  if (picture->disable_frame_end_update_cdf) return;
  if (tile.damaged_from != tile.place.mi_row_end) return saved->set_cdfs(first_cdfs());
  *final_cdfs = cdfs;
  clear_counts(*final_cdfs);
  saved->set_cdfs(final_cdfs);
}

std::vector<DamagedSquares> PictureParser::finish() {
  State& state = *state_;
  state.saved->finish();
  std::vector<DamagedSquares> damage;
  state.records.clear();
  for (std::size_t i = 0; i < state.tile_count; ++i) {
    const Tile& tile = *state.tiles[i];
    state.records.push_back(&tile.records);
    if (tile.damaged_from == tile.place.mi_row_end) continue;
    damage.push_back({tile.damaged_from / 16, (tile.place.mi_row_end + 15) / 16,
                      tile.place.mi_col_start / 16, (tile.place.mi_col_end + 15) / 16});
  }
  state.assembler.write(state.records, global_warps(state.frame), *state.job);
  state.write_filters();
  state.release();
  return damage;
}

void PictureParser::State::write_filters() {
  std::copy(frame.cdef_indices.begin(), frame.cdef_indices.end(), job->cdef_indices.begin());
  for (std::size_t plane = 0; plane < 3; ++plane)
    std::copy(frame.restoration_units[plane].begin(), frame.restoration_units[plane].end(),
              job->restoration_units[plane].begin());
  job->palette_word_count = 0;
  if (!picture->allow_screen_content_tools) return;
  for (std::size_t i = 0; i < tile_count; ++i)
    job->palette_word_count = std::max(job->palette_word_count, tiles[i]->palette_end);
}

void PictureParser::give_up() noexcept {
  State& state = *state_;
  if (!state.saved) return;
  if (!state.saved->cdfs_ready() && state.final_cdfs) {
    set_defaults(*state.final_cdfs, state.picture->base_q_idx);
    state.saved->set_cdfs(state.final_cdfs);
  }
  state.saved->finish();
  state.release();
}

void PictureParser::conceal(const PictureParameters& picture, const SavedReferences& references,
                            PictureJob& job) {
  State& state = *state_;
  state.open(picture, references, job);
  state.begin_with_default_cdfs();   // a lost frame does not wait for another frame's CDFs
  state.frame.motion_field.reset();  // nor for vectors, which concealed blocks do not use
  for (std::size_t i = 0; i < state.tile_count; ++i) {
    state.tiles[i]->bytes = {};
    state.parse(*state.tiles[i], i == picture.context_update_tile_id);
  }
  if (!state.saved->cdfs_ready()) state.saved->set_cdfs(state.first_cdfs());
  finish();
}

// Releases what only parsing needs.
void PictureParser::State::release() {
  frame.references = {};
  frame.previous_segment_ids.reset();
  frame.saved.reset();
  primary.reset();
  default_cdfs.reset();
  final_cdfs.reset();
}

}  // namespace daedalus::av1
