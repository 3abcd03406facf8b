// SPDX-License-Identifier: MIT
// Measures each of VP9's shaders separately, and the scalar reference, like kernels.cpp for H.264.
#include "kernels/vp9.h"

#include <benchmark/benchmark.h>

#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "kernels/measure.h"
#include "kernels/profile.h"
#include "reference/vp9/inter_prediction.h"
#include "reference/vp9/loop_filter.h"
#include "vulkan/vp9/fixture.h"

namespace daedalus::vulkan {
namespace {

using namespace vp9;

constexpr uint32_t width = 960, height = 544;  // a quarter of 1080p
// Rates count squares of 8x8 luma samples with their chroma, except where they count transform
// blocks.
constexpr uint64_t units = width / 8 * height / 8;

// A kind of picture that keeps one shader busy.
struct Kind {
  PictureStyle style;
  // Every vector component's fraction, in eighths of a sample. Chroma halves vectors, so 8 is a
  // whole sample only in luma.
  struct Fraction {
    int x, y;
  };
  std::optional<Fraction> fraction;
  ReferenceSize reference = {width, height};
  DispatchStrategy strategy = DispatchStrategy::levels;
};

void set_fractions(PictureJob& job, const Kind::Fraction& fraction) {
  const auto set = [&](MotionVector& mv) {
    mv = {static_cast<int16_t>((mv[0] & ~15) | fraction.x),
          static_cast<int16_t>((mv[1] & ~15) | fraction.y)};
  };
  std::size_t end = 0;
  for (const BlockClass& blocks : job.block_classes) {
    for (BlockRecord& block : job.blocks.subspan(end, blocks.unscaled + blocks.scaled)) {
      set(block.mv_0);
      set(block.mv_1);
    }
    end += blocks.unscaled + blocks.scaled + blocks.intra;
  }
  for (SmallBlockRecord& block :
       job.small_blocks.first(job.unscaled_small_blocks + job.scaled_small_blocks)) {
    for (auto& part : block.parts) {
      set(part.mv_0);
      set(part.mv_1);
    }
  }
}

uint64_t sum(std::span<const uint32_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

// A chroma transform block counts once for both components.
uint64_t coded_blocks(const PictureJob& job) {
  return sum(job.luma_transform_counts) + sum(job.chroma_transform_counts);
}

uint64_t intra_blocks(const PictureJob& job) {
  return uint64_t{job.luma_intra_levels.back()} + job.chroma_intra_levels.back();
}

uint64_t all_units(const PictureJob&) {
  return units;
}

using Items = uint64_t (*)(const PictureJob& job);

// A device, with everything that one kind of picture needs.
class Kernels : public Vp9Fixture {
 public:
  explicit Kernels(const Kind& kind) : kind_(kind) {
    the_profile();
    open(kind.strategy);
    const uint32_t bits = kind.style.bit_depth;
    target_ = make_picture(bits, width, height);
    for (uint32_t i = 0; i < reference_count; ++i) {
      auto picture = make_picture(bits, kind.reference.width, kind.reference.height);
      samples_[i] = random_samples(picture->layout(), i);
      EXPECT_TRUE(picture->upload(samples_[i]));
      views_[i] = view(samples_[i], picture->layout());
      references_[i] = std::move(picture);
    }
  }
  ~Kernels() override { TearDown(); }

  // Decodes the picture and returns its profile; nothing if the device fails or has no timestamps.
  std::optional<PictureProfile> decode() {
    JobHandle job = fill();
    job->profile = std::make_unique<PictureProfile>();
    job->profile->kind = 'P';
    if (!stage->submit(std::move(job), target_, references_)) return {};
    const auto picture = the_profile().next();
    if (picture.gpu_timed == 0) return {};
    return picture;
  }

  // Whether the last picture is correct.
  testing::AssertionResult is_right() {
    auto actual = download(*target_);
    std::vector<std::byte> wanted(actual.size());
    vp9::scalar::reconstruct(*fill(), view(wanted, target_->layout()), views_);
    return same_samples(actual, wanted, target_->layout(), width, height);
  }

  // The job and a picture, for the scalar reference.
  template <typename Work>
  void with_picture(Work&& work) {
    const JobHandle job = fill();
    std::vector<std::byte> samples = random_samples(target_->layout(), 7);
    work(*job, view(samples, target_->layout()), vp9::scalar::References(views_));
  }

  uint64_t count(Items items) { return items(*fill()); }

 private:
  void TestBody() override {}

  JobHandle fill() {
    JobHandle job = *stage->acquire(width, height, max_room(width, height));
    job->references.fill(kind_.reference);
    fill_random(*job, kind_.style);
    if (kind_.fraction) set_fractions(*job, *kind_.fraction);
    return job;
  }

  const Kind kind_;
  std::shared_ptr<Picture> target_;
  ReconstructionStage::References references_;
  std::array<std::vector<std::byte>, reference_count> samples_;
  std::array<vp9::scalar::PictureView, reference_count> views_ = {};
};

struct Shader {
  uint64_t PictureProfile::*stage;
  Items items;
};

void measure(benchmark::State& state, const Kind& kind, const Shader& shader) {
  Kernels kernels(kind);
  measure_stage(state, kernels, shader.stage, kernels.count(shader.items));
}

using Reference = void (*)(const PictureJob& job, const vp9::scalar::PictureView& target,
                           vp9::scalar::References references);

void measure_reference(benchmark::State& state, const Kind& kind, Items items,
                       Reference reference) {
  Kernels kernels(kind);
  kernels.with_picture([&](const PictureJob& job, const vp9::scalar::PictureView& target,
                           vp9::scalar::References references) {
    for ([[maybe_unused]] auto _ : state) {
      reference(job, target, references);
      benchmark::ClobberMemory();
    }
  });
  state.SetItemsProcessed(static_cast<int64_t>(kernels.count(items)) * state.iterations());
}

void add_shader(const std::string& name, const Kind& kind, const Shader& shader) {
  benchmark::RegisterBenchmark(("vp9/" + name).c_str(), measure, kind, shader)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

void add_reference(const std::string& name, const Kind& kind, Items items, Reference reference) {
  benchmark::RegisterBenchmark(("vp9/" + name + "/reference").c_str(), measure_reference, kind,
                               items, reference)
      ->Unit(benchmark::kMicrosecond);
}

Kind kind_of(uint32_t intra_percent, uint32_t coded_percent) {
  Kind kind;
  kind.style.intra_percent = intra_percent;
  kind.style.coded_percent = coded_percent;
  kind.style.no_inner_percent = 0;
  kind.style.filters = false;
  return kind;
}

Kind inter_kind(const std::optional<Kind::Fraction>& fraction, uint32_t compound_percent) {
  Kind kind = kind_of(0, 0);
  kind.fraction = fraction;
  kind.style.compound_percent = compound_percent;
  return kind;
}

void register_inter() {
  Kind scaled = inter_kind({}, 0);
  scaled.reference = {width * 2, height * 2};
  const std::pair<const char*, Kind> kinds[] = {
      {"full", inter_kind(Kind::Fraction{0, 0}, 0)},
      {"horizontal", inter_kind(Kind::Fraction{4, 0}, 0)},
      {"vertical", inter_kind(Kind::Fraction{0, 4}, 0)},
      {"both", inter_kind(Kind::Fraction{4, 4}, 0)},
      {"both/compound", inter_kind(Kind::Fraction{4, 4}, 100)},
      {"scaled", scaled}};
  for (auto [name, kind] : kinds) {
    const std::string full = std::string("inter/") + name;
    add_shader(full, kind, {&PictureProfile::gpu_inter, all_units});
    add_reference(full, kind, all_units, vp9::scalar::predict_inter);
    kind.style.bit_depth = 10;
    add_shader(full + "/10_bits", kind, {&PictureProfile::gpu_inter, all_units});
  }
}

void register_residual() {
  const auto reference = [](const PictureJob& job, const vp9::scalar::PictureView& target,
                            vp9::scalar::References) {
    vp9::scalar::add_inter_residuals(job, target);
  };
  const Shader shader = {&PictureProfile::gpu_residual, coded_blocks};
  constexpr const char* names[] = {"4x4", "8x8", "16x16", "32x32"};
  for (uint32_t size = 0; size < 4; ++size) {
    Kind kind = kind_of(0, 60);
    kind.style.only_tx = size;
    const std::string name = std::string("residual/") + names[size];
    add_shader(name, kind, shader);
    add_reference(name, kind, coded_blocks, reference);
    kind.style.bit_depth = 10;
    add_shader(name + "/10_bits", kind, shader);
  }
  Kind lossless = kind_of(0, 60);
  lossless.style.lossless = true;
  add_shader("residual/lossless", lossless, shader);
  add_reference("residual/lossless", lossless, coded_blocks, reference);
}

void register_intra() {
  Kind kind = kind_of(100, 20);
  const Shader shader = {&PictureProfile::gpu_intra, intra_blocks};
  add_reference("intra", kind, intra_blocks,
                [](const PictureJob& job, const vp9::scalar::PictureView& target,
                   vp9::scalar::References) { vp9::scalar::reconstruct_intra(job, target); });
  for (const uint32_t bits : {8, 10}) {
    kind.style.bit_depth = bits;
    const std::string end = bits == 8 ? "" : "/10_bits";
    kind.strategy = DispatchStrategy::levels;
    add_shader("intra/levels" + end, kind, shader);
    kind.strategy = DispatchStrategy::tickets;
    add_shader("intra/tickets" + end, kind, shader);
  }
}

void register_filter() {
  Kind kind = kind_of(10, 5);
  kind.style.filters = true;
  kind.style.mv_range = 16;
  kind.style.no_inner_percent = 20;
  kind.style.unfiltered_percent = 0;
  add_reference("filter", kind, all_units,
                [](const PictureJob& job, const vp9::scalar::PictureView& target,
                   vp9::scalar::References) { vp9::scalar::filter_picture(job, target); });
  for (const uint32_t bits : {8, 10}) {
    kind.style.bit_depth = bits;
    const std::string end = bits == 8 ? "" : "/10_bits";
    // One dispatch for each level; for level 0 alternating between rows and columns.
    kind.strategy = DispatchStrategy::tickets;
    add_shader("filter/strip/tickets" + end, kind, {&PictureProfile::gpu_deblock_strip, all_units});
    kind.strategy = DispatchStrategy::levels;
    add_shader("filter/strip/levels" + end, kind, {&PictureProfile::gpu_deblock_strip, all_units});
    add_shader("filter/vertical" + end, kind, {&PictureProfile::gpu_deblock_vertical, all_units});
    add_shader("filter/horizontal" + end, kind,
               {&PictureProfile::gpu_deblock_horizontal, all_units});
  }
}

}  // namespace

void register_vp9() {
  register_inter();
  register_residual();
  register_intra();
  register_filter();
}

}  // namespace daedalus::vulkan
