// SPDX-License-Identifier: MIT
#include "vp9/picture_parser.h"

#include <algorithm>
#include <utility>

#include "daedalus/sole_holder.h"
#include "vp9/adaptation.h"
#include "vp9/compressed_header.h"
#include "vp9/tile_parser.h"

namespace daedalus::vp9 {

namespace {

constexpr uint32_t max_tile_rows = 4;

struct Rows {
  uint32_t begin, end;  // of 8x8 units
};

struct TileColumn {
  uint32_t mi_col_begin = 0, mi_col_end = 0;
  std::array<std::span<const std::byte>, max_tile_rows> tiles;  // empty: missing
  uint32_t first_coefficient = 0, coefficient_count = 0;
  std::vector<Rows> damaged;
  TileParser parser;
};

// get_tile_offset()
uint32_t tile_offset(uint32_t index, uint32_t units, uint32_t tiles_log2) {
  return std::min((index * ((units + 7) / 8) >> tiles_log2) * 8, units);
}

// Each coefficient has a sign, which takes a little less than one bit (probability 128 of 255). The
// rest is room for a superblock that proves to be damaged.
std::size_t coefficient_bound(std::size_t tile_bytes, std::size_t tile_columns) {
  return tile_bytes * 8 + tile_bytes / 4 +
         tile_columns * 2 * std::size_t{max_room_per_superblock.coefficients};
}

std::span<const std::byte> after_headers(const PictureParameters& picture,
                                         const UncompressedHeader& header) {
  const std::size_t skipped = std::size_t{header.header_bytes} + header.compressed_bytes;
  return picture.frame.size() > skipped ? picture.frame.subspan(skipped)
                                        : std::span<const std::byte>{};
}

// Static, with a pointer that owns nothing: memory allocated here would outlive the last display.
std::shared_ptr<const SavedContext> default_context() {
  static const struct Defaults {
    Defaults() { context.set(default_probabilities()); }
    SavedContext context;
  } defaults;
  return {std::shared_ptr<const SavedContext>(), &defaults.context};
}

bool resets_all_contexts(const UncompressedHeader& header) {
  return header.key_frame || header.error_resilient_mode ||
         (header.intra_only && header.reset_frame_context == 3);
}

// The slot of a picture of this size and format; reference_slots if there is none.
uint32_t concealing_slot_of(const PictureParameters& picture, uint32_t width, uint32_t height,
                            uint32_t bit_depth) {
  const auto slot = std::find_if(
      picture.references.begin(), picture.references.end(), [=](const ReferenceSlot& candidate) {
        return candidate.present && candidate.width == width && candidate.height == height &&
               candidate.bit_depth == bit_depth;
      });
  return static_cast<uint32_t>(slot - picture.references.begin());
}

}  // namespace

struct PictureParser::State {
  void open_contexts(const StreamState* previous);
  void save_contexts();
  void open_field(const StreamState* previous);
  void open_state(const StreamState* previous);
  void set_frame();
  void set_references();
  void set_job();
  void split_columns();
  void find_tiles(std::span<const std::byte> data);
  void share_coefficients();
  void begin_columns();
  void parse(TileColumn& column);
  std::vector<DamagedSuperblocks> damage() const;
  void use_concealing_reference();
  void leave_probabilities(bool damaged);
  void release();
  void assemble();

  const PictureParameters* picture = nullptr;
  PictureJob* job = nullptr;
  FrameContext frame;
  std::vector<std::unique_ptr<TileColumn>> columns;  // kept from frame to frame
  std::size_t column_count = 0;

  std::array<std::shared_ptr<const SavedContext>, 4> contexts;
  std::shared_ptr<const SavedContext> loaded;  // the context that the frame begins with
  std::shared_ptr<SavedContext> saved;         // nullptr: it saves none
  std::shared_ptr<FrameField> field;
  std::shared_ptr<const FrameField> previous_field, map_before;  // kept while tiles depend on them
  std::shared_ptr<StreamState> after;

  SharedPool<SavedContext> context_pool;
  SharedPool<StreamState> state_pool;
  SharedPool<FrameField> field_pool;

  uint32_t concealing_reference = intra_frame;  // RefFrame
  uint32_t concealing_slot = 0;                 // of intra frames
  std::array<uint8_t, reference_count> slots{};
  Counts counts;
  JobAssembler assembler;
  std::vector<const TileRecords*> records;
};

PictureParser::PictureParser() : state_(std::make_unique<State>()) {}
PictureParser::~PictureParser() = default;

Result<UncompressedHeader> PictureParser::read_header(const PictureParameters& picture,
                                                      const StreamState* before) {
  auto header = parse_uncompressed_header(picture, before ? before->header : PersistentHeader{});
  if (header && !before && !header->independent()) return tl::unexpected(Error::damaged);
  return header;
}

bool PictureParser::may_begin(const UncompressedHeader& header, const StreamState* before) {
  if (!before || resets_all_contexts(header)) return true;
  return before->contexts[header.context()]->ready();
}

JobRoom PictureParser::room(const UncompressedHeader& header, const PictureParameters& picture) {
  JobRoom room = max_room(header.width, header.height);
  const std::size_t columns = std::size_t{1} << header.tile_cols_log2;
  const std::size_t bound = coefficient_bound(after_headers(picture, header).size(), columns);
  room.coefficients = static_cast<uint32_t>(std::min<std::size_t>(room.coefficients, bound));
  return room;
}

Result<void> PictureParser::begin(const PictureParameters& picture,
                                  const UncompressedHeader& header,
                                  const std::shared_ptr<const StreamState>& before,
                                  PictureJob& job) {
  State& state = *state_;
  state.picture = &picture;
  state.job = &job;
  state.frame.header = header;
  state.open_contexts(before.get());
  state.frame.probabilities = state.loaded->probabilities();
  if (picture.frame.size() <= std::size_t{header.header_bytes} + header.compressed_bytes)
    return tl::unexpected(Error::damaged);
  const auto compressed =
      parse_compressed_header(picture.frame.subspan(header.header_bytes, header.compressed_bytes),
                              header, state.frame.probabilities);
  if (!compressed) return tl::unexpected(compressed.error());
  state.frame.compressed = *compressed;
  state.save_contexts();
  state.split_columns();
  state.find_tiles(after_headers(picture, header));
  state.open_field(before.get());
  state.open_state(before.get());
  state.set_frame();
  state.set_references();
  state.set_job();
  state.share_coefficients();
  state.begin_columns();
  return {};
}

void PictureParser::State::open_contexts(const StreamState* previous) {
  const auto& header = frame.header;
  if (previous)
    contexts = previous->contexts;
  else
    contexts.fill(default_context());
  if (resets_all_contexts(header))
    contexts.fill(default_context());
  else if (header.intra_only && header.reset_frame_context == 2)
    contexts[header.frame_context_idx] = default_context();
  loaded = contexts[header.context()];
}

void PictureParser::State::save_contexts() {
  const auto& header = frame.header;
  saved.reset();
  if (!header.refresh_frame_context) return;
  auto context = context_pool.take();
  context->begin();
  if (header.adapts())
    saved = context;
  else
    context->set(frame.probabilities);
  contexts[header.context()] = std::move(context);
}

void PictureParser::State::open_field(const StreamState* previous) {
  const auto& header = frame.header;
  const bool same_size =
      previous && previous->width == header.width && previous->height == header.height;
  previous_field.reset();
  map_before.reset();
  if (same_size && !header.intra() && !header.error_resilient_mode && previous->shown &&
      !previous->intra_only && !previous->key_frame)
    previous_field = previous->last;
  if (same_size && !header.independent()) map_before = previous->map;
  field = field_pool.take();
  field->begin(header.mi_cols(), header.mi_rows(), static_cast<uint32_t>(column_count),
               header.segmentation.update_map);
}

void PictureParser::State::open_state(const StreamState* previous) {
  const auto& header = frame.header;
  state_pool.for_unused([](StreamState& state) { state = {}; });
  after = state_pool.take();
  after->header = header.persistent;
  after->contexts = contexts;
  after->width = header.width;
  after->height = header.height;
  after->shown = header.show_frame;
  after->intra_only = header.intra_only;
  after->key_frame = header.key_frame;
  after->last = field;
  after->map = header.segmentation.update_map ? field : map_before;
  frame.after_key = previous && previous->key_frame;
}

void PictureParser::State::set_frame() {
  const auto& header = frame.header;
  const auto& persistent = header.persistent;
  frame.mi_rows = header.mi_rows();
  frame.mi_cols = header.mi_cols();
  frame.sb_rows = in_superblocks(header.height);
  frame.sb_cols = in_superblocks(header.width);
  frame.field = field.get();
  frame.previous = previous_field.get();
  frame.map_before = map_before.get();
  frame.mv = mv_frame(frame.mi_rows, frame.mi_cols, header.ref_frame_sign_bias,
                      header.allow_high_precision_mv);
  frame.compound = compound_references(header.ref_frame_sign_bias);
  frame.reference_contexts = reference_context_table(frame.compound);
  const auto* const features = header.segmentation.enabled ? &persistent.features : nullptr;
  const auto* const deltas = header.loop_filter_delta_enabled ? &persistent.lf_deltas : nullptr;
  for (uint32_t segment = 0; segment < max_segments; ++segment) {
    frame.dequantization[segment] =
        dequantization(header.quantizer, features, segment, persistent.bit_depth);
    frame.filter_levels[segment] =
        filter_levels(header.loop_filter_level, deltas, features, segment);
  }
  frame.above.assign(frame.sb_cols, {});
  frame.above_levels.resize(frame.sb_cols);
  frame.above_small.resize(frame.mi_cols);
  frame.edges.assign(std::size_t{frame.sb_cols} * frame.sb_rows, {});
  frame.coefficient_bases.assign(frame.edges.size(), 0);
}

// Also chooses the reference for concealment: the first of this picture's size, or the first.
void PictureParser::State::set_references() {
  const auto& header = frame.header;
  const auto is_scaled = [&header](const ReferenceSlot& slot) {
    return slot.width != header.width || slot.height != header.height;
  };
  job->references = {};
  slots = {};
  frame.ref_usable = {};
  frame.ref_scaled = {};
  concealing_reference = intra_frame;
  for (std::size_t i = 0; i < reference_count && !header.intra(); ++i) {
    slots[i] = header.ref_frame_idx[i];
    const auto& slot = picture->references[slots[i]];
    if (!header.ref_usable[i]) continue;
    frame.ref_usable[last_frame + i] = true;
    frame.ref_scaled[last_frame + i] = is_scaled(slot);
    job->references[i] = {slot.width, slot.height};
    const bool replaces_scaled = frame.ref_scaled[concealing_reference] && !is_scaled(slot);
    if (concealing_reference == intra_frame || replaces_scaled)
      concealing_reference = static_cast<uint32_t>(last_frame + i);
  }
  if (!header.intra()) return;
  concealing_slot =
      concealing_slot_of(*picture, header.width, header.height, header.persistent.bit_depth);
  if (concealing_slot < vp9::reference_slots) concealing_reference = last_frame;
}

void PictureParser::State::set_job() {
  const auto& header = frame.header;
  job->width = header.width;
  job->height = header.height;
  job->bit_depth = header.persistent.bit_depth;
  job->lossless = header.quantizer.lossless();
  job->sharpness = header.loop_filter_sharpness;
}

void PictureParser::State::split_columns() {
  const auto& header = frame.header;
  column_count = std::size_t{1} << header.tile_cols_log2;
  while (columns.size() < column_count) columns.push_back(std::make_unique<TileColumn>());
  for (uint32_t i = 0; i < column_count; ++i) {
    columns[i]->mi_col_begin = tile_offset(i, header.mi_cols(), header.tile_cols_log2);
    columns[i]->mi_col_end = tile_offset(i + 1, header.mi_cols(), header.tile_cols_log2);
    columns[i]->tiles = {};
  }
}

// Each tile except the last is preceded by its size. A tile that does not fit counts as missing,
// and so do all later ones.
void PictureParser::State::find_tiles(std::span<const std::byte> data) {
  const std::size_t rows = std::size_t{1} << frame.header.tile_rows_log2;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < column_count; ++column) {
      std::size_t size = data.size();
      if (row + 1 < rows || column + 1 < column_count) {
        if (data.size() < 4) return;
        size = 0;
        for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<std::size_t>(data[i]);
        data = data.subspan(4);
        if (size > data.size()) return;
      }
      columns[column]->tiles[row] = data.first(size);
      data = data.subspan(size);
    }
}

void PictureParser::State::share_coefficients() {
  std::size_t next = 0;
  for (std::size_t i = 0; i < column_count; ++i) {
    auto& column = *columns[i];
    std::size_t bytes = 0;
    for (const auto& tile : column.tiles) bytes += tile.size();
    const std::size_t superblocks =
        std::size_t{(column.mi_col_end - column.mi_col_begin + 7) / 8} * frame.sb_rows;
    const std::size_t count =
        std::min({coefficient_bound(bytes, 1), superblocks * max_room_per_superblock.coefficients,
                  job->coefficients.size() - next});
    column.first_coefficient = static_cast<uint32_t>(next);
    column.coefficient_count = static_cast<uint32_t>(count);
    next += count;
  }
}

void PictureParser::State::begin_columns() {
  for (std::size_t i = 0; i < column_count; ++i) {
    auto& column = *columns[i];
    column.damaged.clear();
    column.parser.begin(frame, column.mi_col_begin, column.mi_col_end);
    column.parser.records.begin(*job, column.first_coefficient, column.coefficient_count);
  }
}

std::shared_ptr<const StreamState> PictureParser::state() const {
  return state_->after;
}

std::array<uint8_t, reference_count> PictureParser::reference_slots() const {
  return state_->slots;
}

std::size_t PictureParser::tile_column_count() const {
  return state_->column_count;
}

bool PictureParser::waits() const {
  const auto unfinished = [](const FrameField* field) { return field && !field->finished(); };
  return unfinished(state_->frame.previous) || unfinished(state_->frame.map_before);
}

void PictureParser::parse_tile_column(std::size_t index) {
  state_->parse(*state_->columns[index]);
}

// If a tile is damaged, the rest of its rows is concealed, and parsing continues with the next tile
// of the column.
void PictureParser::State::parse(TileColumn& column) {
  const uint32_t tile_rows_log2 = frame.header.tile_rows_log2;
  for (uint32_t row = 0; row < 1u << tile_rows_log2; ++row) {
    const uint32_t begin = tile_offset(row, frame.mi_rows, tile_rows_log2);
    const uint32_t end = tile_offset(row + 1, frame.mi_rows, tile_rows_log2);
    if (begin == end) continue;
    const uint32_t parsed = column.parser.parse(column.tiles[row], begin, end);
    if (parsed == end) continue;
    column.parser.conceal(parsed, end, concealing_reference);
    column.damaged.push_back({parsed, end});
  }
}

std::vector<DamagedSuperblocks> PictureParser::finish() {
  State& state = *state_;
  state.field->finish();
  auto damage = state.damage();
  state.leave_probabilities(!damage.empty());
  if (!damage.empty()) state.use_concealing_reference();
  state.assemble();
  return damage;
}

void PictureParser::State::assemble() {
  records.clear();
  for (std::size_t i = 0; i < column_count; ++i) records.push_back(&columns[i]->parser.records);
  assembler.write(records, frame.edges, *job);
  std::copy(frame.coefficient_bases.begin(), frame.coefficient_bases.end(),
            job->coefficient_bases.begin());
  release();
}

// Releases what only parsing needed.
void PictureParser::State::release() {
  previous_field.reset();
  map_before.reset();
  loaded.reset();
}

void PictureParser::conceal(const PictureParameters& picture, uint32_t width, uint32_t height,
                            uint32_t bit_depth, PictureJob& job) {
  State& state = *state_;
  state.picture = &picture;
  state.job = &job;
  auto& header = state.frame.header;
  header = {};
  header.key_frame = true;
  header.width = width;
  header.height = height;
  header.persistent.bit_depth = static_cast<uint8_t>(bit_depth);
  header.quantizer.base_q_idx = 1;  // 0 would mean lossless
  state.split_columns();
  state.open_field(nullptr);
  state.set_frame();
  state.set_references();
  state.set_job();
  state.share_coefficients();
  state.begin_columns();
  state.columns[0]->parser.conceal(0, state.frame.mi_rows, state.concealing_reference);
  state.field->finish();
  state.use_concealing_reference();
  state.assemble();
  state.after.reset();
}

void PictureParser::give_up() noexcept {
  State& state = *state_;
  if (state.field) state.field->finish();
  state.leave_probabilities(true);
  state.release();
}

std::vector<DamagedSuperblocks> PictureParser::State::damage() const {
  std::vector<DamagedSuperblocks> all;
  for (std::size_t i = 0; i < column_count; ++i)
    for (const auto& rows : columns[i]->damaged)
      all.push_back({.first_row = rows.begin / 8,
                     .end_row = (rows.end + 7) / 8,
                     .first_column = columns[i]->mi_col_begin / 8,
                     .end_column = (columns[i]->mi_col_end + 7) / 8});
  return all;
}

// The only reference of an intra frame.
void PictureParser::State::use_concealing_reference() {
  if (!frame.header.intra() || concealing_reference == intra_frame) return;
  job->references[0] = {frame.header.width, frame.header.height};
  slots[0] = static_cast<uint8_t>(concealing_slot);
}

void PictureParser::State::leave_probabilities(bool damaged) {
  if (!saved) return;
  if (damaged) {
    saved->set(loaded->probabilities());
    saved.reset();
    return;
  }
  const auto& header = frame.header;
  counts = columns[0]->parser.counts;
  for (std::size_t i = 1; i < column_count; ++i) counts.add(columns[i]->parser.counts);
  const AdaptationParameters parameters{.intra = header.intra(),
                                        .after_key = frame.after_key,
                                        .interp_filter = header.interp_filter == switchable,
                                        .tx_size = frame.compressed.tx_mode == tx_mode_select,
                                        .allow_high_precision_mv = header.allow_high_precision_mv};
  adapt(parameters, loaded->probabilities(), counts, frame.probabilities);
  saved->set(frame.probabilities);
  saved.reset();
}

}  // namespace daedalus::vp9
