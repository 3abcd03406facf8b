// SPDX-License-Identifier: MIT
// Measures each of AV1's shaders separately, and the scalar reference, like kernels.cpp for H.264.
#include "kernels/av1.h"

#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "kernels/measure.h"
#include "kernels/profile.h"
#include "reference/av1/film_grain.h"
#include "reference/av1/filters.h"
#include "reference/av1/inter_prediction.h"
#include "reference/av1/reconstruction.h"
#include "vulkan/av1/filter_picture.h"
#include "vulkan/av1/fixture.h"
#include "vulkan/av1/random_predictions.h"
#include "vulkan/av1/random_reconstruction.h"

namespace daedalus::vulkan {
namespace {

using namespace av1;

constexpr uint32_t width = 960, height = 576;  // a quarter of 1080p, in whole 64x64 squares
// Rates count squares of 8x8 luma samples with their chroma, except where they count transform
// blocks or intra records.
constexpr uint64_t units = width / 8 * height / 8;

// A kind of picture that keeps one shader busy.
struct Kind {
  std::variant<PredictionStyle, ReconstructionStyle, FilterStyle> style;
  uint32_t bit_depth = 8;
  ReferenceSize reference = {width, height};
  DispatchStrategy strategy = DispatchStrategy::levels;
  bool predicts = true;  // false for a filter's picture, whose input exists beforehand

  template <typename Style>
  const Style* as() const {
    return std::get_if<Style>(&style);
  }
  uint32_t superres_denominator() const {
    const auto* filter = as<FilterStyle>();
    return filter ? filter->superres_denominator : 8;
  }
};

using Items = uint64_t (*)(const PictureJob& job);

uint64_t all_units(const PictureJob&) {
  return units;
}

uint64_t transform_blocks(const PictureJob& job) {
  uint64_t sum = 0;
  for (const auto& list : job.transform_counts)
    for (const uint32_t count : list) sum += count;
  return sum;
}

uint64_t intra_records(const PictureJob& job) {
  uint64_t sum = 0;
  for (const auto& levels : job.intra_levels) sum += levels.empty() ? 0 : levels.back();
  return sum;
}

// A device, with everything that one kind of picture needs.
class Kernels : public Av1Fixture {
 public:
  explicit Kernels(const Kind& kind) : kind_(kind) {
    the_profile();
    open(kind.strategy);
    // A filter's picture is a copy of its reference.
    if (const auto* style = kind.as<FilterStyle>())
      kind_.reference = {av1::coded_width(width, *style), height};
    coded_width_ = kind.as<FilterStyle>() ? kind_.reference.width : width;
    target_ = make_picture(kind.bit_depth, width, height);
    display_ = make_picture(kind.bit_depth, width, height);
    before_ =
        kind.predicts ? random_samples(target_->layout(), 7) : filter_samples(target_->layout(), 1);
    for (uint32_t i = 0; i < references_.size(); ++i) {
      references_[i] = make_picture(kind.bit_depth, kind_.reference.width, kind_.reference.height);
      const auto& layout = references_[i]->layout();
      samples_[i] = kind.as<FilterStyle>() ? filter_samples(layout, 1) : random_samples(layout, i);
      EXPECT_TRUE(references_[i]->upload(samples_[i]));
      views_[i] = view(samples_[i], layout);
    }
  }
  ~Kernels() override { TearDown(); }

  // Decodes the picture and returns its profile; nothing if the device fails or has no timestamps.
  std::optional<PictureProfile> decode() {
    // Residuals are added to the existing samples.
    const bool changes = kind_.as<ReconstructionStyle>() || !kind_.predicts;
    if (changes && !target_->upload(before_)) return {};
    JobHandle job = fill();
    job->profile = std::make_unique<PictureProfile>();
    job->profile->kind = 'P';
    const bool grain = job->film_grain.apply;
    if (!stage->submit(std::move(job), {target_, grain ? display_ : nullptr}, references_))
      return {};
    const auto picture = the_profile().next();
    if (picture.gpu_timed == 0) return {};
    return picture;
  }

  // Whether the last picture is correct.
  testing::AssertionResult is_right() {
    const JobHandle job = fill();
    const bool grain = job->film_grain.apply;
    auto actual = download(grain ? *display_ : *target_);
    std::vector<std::byte> wanted = before_;
    reconstruct(*job, wanted);
    if (grain) {
      std::vector<std::byte> grained(wanted.size());
      add_grain(*job, wanted, grained);
      wanted = std::move(grained);
    }
    return same_samples(actual, wanted, target_->layout(), width, height);
  }

  // Measures the scalar reference.
  void run_reference(benchmark::State& state) {
    const JobHandle job = fill();
    std::vector<std::byte> samples = before_, grained = before_;
    for ([[maybe_unused]] auto _ : state) {
      if (job->film_grain.apply)
        add_grain(*job, samples, grained);
      else
        reconstruct(*job, samples);
      benchmark::ClobberMemory();
    }
  }

  uint64_t count(Items items) { return items(*fill()); }

 private:
  void TestBody() override {}

  JobHandle fill() {
    JobHandle job = *stage->acquire({coded_width_, height, width}, max_room(coded_width_, height));
    job->bit_depth = kind_.bit_depth;
    job->references.fill(kind_.reference);
    if (const auto* predictions = kind_.as<PredictionStyle>())
      fill_with_predictions(*job, *predictions);
    if (const auto* reconstruction = kind_.as<ReconstructionStyle>())
      fill_random(*job, *reconstruction);
    if (const auto* filters = kind_.as<FilterStyle>()) fill_filter_job(*job, *filters);
    if (!kind_.predicts) job->prediction_counts = {};
    return job;
  }

  // What the scalar reference produces from the job, without film grain.
  void reconstruct(const PictureJob& job, std::vector<std::byte>& samples) {
    const auto target = view(samples, target_->layout());
    if (kind_.as<PredictionStyle>()) {
      av1::scalar::predict_inter(job, target, views_);
    } else if (kind_.as<ReconstructionStyle>()) {
      av1::scalar::add_inter_residuals(job, target);
      av1::scalar::reconstruct_intra(job, target);
    } else {
      auto recon = kind_.predicts ? samples_[0] : before_;
      av1::scalar::filter_picture(job, view(recon, references_[0]->layout()), target);
    }
  }

  void add_grain(const PictureJob& job, std::vector<std::byte>& from, std::vector<std::byte>& to) {
    av1::scalar::add_film_grain(job.film_grain, job.monochrome, width, height,
                                view(from, target_->layout()), view(to, target_->layout()));
  }

  Kind kind_;
  uint32_t coded_width_ = 0;
  std::shared_ptr<Picture> target_, display_;
  std::vector<std::byte> before_;
  ReconstructionStage::References references_;
  std::array<std::vector<std::byte>, reference_count> samples_;
  std::array<av1::scalar::PictureView, reference_count> views_ = {};
};

struct Shader {
  uint64_t PictureProfile::*stage;
  Items items;
};

void measure(benchmark::State& state, const Kind& kind, const Shader& shader) {
  Kernels kernels(kind);
  measure_stage(state, kernels, shader.stage, kernels.count(shader.items));
}

void measure_reference(benchmark::State& state, const Kind& kind, Items items) {
  Kernels kernels(kind);
  kernels.run_reference(state);
  state.SetItemsProcessed(static_cast<int64_t>(kernels.count(items)) * state.iterations());
}

void set_bit_depth(Kind& kind, uint32_t bit_depth) {
  kind.bit_depth = bit_depth;
  std::visit(
      [&](auto& style) {
        if constexpr (requires { style.bit_depth; }) style.bit_depth = bit_depth;
      },
      kind.style);
}

void add_shader(const std::string& name, const Kind& kind, const Shader& shader) {
  benchmark::RegisterBenchmark(("av1/" + name).c_str(), measure, kind, shader)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

void add_reference(const std::string& name, const Kind& kind, Items items) {
  benchmark::RegisterBenchmark(("av1/" + name + "/reference").c_str(), measure_reference, kind,
                               items)
      ->Unit(benchmark::kMicrosecond);
}

// Adds the shader with 8 and with 10 bits, and the reference with 8.
void add(const std::string& name, Kind kind, const Shader& shader) {
  add_shader(name, kind, shader);
  add_reference(name, kind, shader.items);
  set_bit_depth(kind, 10);
  add_shader(name + "/10_bits", kind, shader);
}

void register_inter() {
  PredictionStyle plain;
  plain.compound_percent = 0;
  plain.whole_mv_percent = 0;
  plain.only_kernel = 0;
  const auto with = [&](auto change) {
    PredictionStyle style = plain;
    change(style);
    return Kind{style};
  };
  const auto add_inter = [](const char* name, const Kind& kind) {
    add(std::string("predict/") + name, kind, {&PictureProfile::gpu_inter, all_units});
  };
  add_inter("copy", with([](auto& style) { style.whole_mv_percent = 100; }));
  add_inter("regular", with([](auto&) {}));
  add_inter("sharp", with([](auto& style) { style.only_kernel = 2; }));
  add_inter("compound", with([](auto& style) { style.compound_percent = 100; }));
  add_inter("blend",
            with([](auto& style) { style.compound_percent = style.masked_percent = 100; }));
  add_inter("warp", with([](auto& style) { style.warp_percent = 100; }));
  add_inter("overlap", with([](auto& style) { style.overlap_percent = 100; }));
  Kind scaled{plain};
  scaled.reference = {width * 2, height * 2};
  add_inter("scaled", scaled);
}

void register_residual() {
  // TxSize's squares. Sides of 64 are in the shader's other half.
  constexpr std::pair<const char*, int> sizes[] = {
      {"4x4", 0}, {"8x8", 1}, {"16x16", 2}, {"32x32", 3}, {"64x64", 4}};
  for (const auto& [name, size] : sizes) {
    ReconstructionStyle style;
    style.intra_percent = 0;
    style.coded_percent = 80;
    style.only_size = size;
    add(std::string("residual/") + name, {style},
        {&PictureProfile::gpu_residual, transform_blocks});
  }
  ReconstructionStyle lossless;
  lossless.intra_percent = 0;
  lossless.lossless = true;
  add("residual/lossless", {lossless}, {&PictureProfile::gpu_residual, transform_blocks});
}

void register_intra() {
  ReconstructionStyle style;
  style.intra_percent = 100;
  style.coded_percent = 20;
  Kind kind{style};
  const Shader shader = {&PictureProfile::gpu_intra, intra_records};
  add_reference("intra", kind, intra_records);
  for (const uint32_t bits : {8, 10}) {
    set_bit_depth(kind, bits);
    const std::string end = bits == 8 ? "" : "/10_bits";
    kind.strategy = DispatchStrategy::levels;
    add_shader("intra/levels" + end, kind, shader);
    kind.strategy = DispatchStrategy::tickets;
    add_shader("intra/tickets" + end, kind, shader);
  }
}

void register_filters() {
  const auto with = [](auto change) {
    FilterStyle style;
    style.skip_percent = style.zero_level_percent = style.no_cdef_percent = 0;
    change(style);
    return Kind{style};
  };
  Kind deblock = with([](auto& style) { style.deblocks = true; });
  // The picture's first dispatch, which is included in the time of prediction.
  Kind edges = deblock;
  edges.predicts = false;
  add_shader("edges", edges, {&PictureProfile::gpu_inter, all_units});
  set_bit_depth(edges, 10);
  add_shader("edges/10_bits", edges, {&PictureProfile::gpu_inter, all_units});
  add_reference("deblock", deblock, all_units);
  for (const uint32_t bits : {8, 10}) {
    set_bit_depth(deblock, bits);
    const std::string end = bits == 8 ? "" : "/10_bits";
    add_shader("deblock/vertical" + end, deblock,
               {&PictureProfile::gpu_deblock_vertical, all_units});
    add_shader("deblock/horizontal" + end, deblock,
               {&PictureProfile::gpu_deblock_horizontal, all_units});
  }
  add("cdef", with([](auto& style) { style.cdef = true; }), {&PictureProfile::gpu_cdef, all_units});
  add("superres", with([](auto& style) { style.superres_denominator = 12; }),
      {&PictureProfile::gpu_superres, all_units});
  add("restoration/wiener", with([](auto& style) { style.restores = style.only_wiener = true; }),
      {&PictureProfile::gpu_restoration, all_units});
  add("restoration/self_guided",
      with([](auto& style) { style.restores = style.only_self_guided = true; }),
      {&PictureProfile::gpu_restoration, all_units});
  add("film_grain", with([](auto& style) { style.grain = true; }),
      {&PictureProfile::gpu_film_grain, all_units});
}

}  // namespace

void register_av1() {
  register_inter();
  register_residual();
  register_intra();
  register_filters();
}

}  // namespace daedalus::vulkan
