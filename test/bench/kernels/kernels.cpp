// SPDX-License-Identifier: MIT
// Measures each shader separately, and the scalar reference: blocks, macroblocks or edges per
// second on random jobs. Compares each shader's output with the reference in the same run. VP9's
// and AV1's shaders are in vp9.cpp and av1.cpp; a table at the end shows all results (summary.h).
//
// A dispatch's time is measured by the GPU, between timestamps: this program profiles its pictures
// as the driver does with the setting `profile`.
#include <benchmark/benchmark.h>

#include <bit>
#include <cstdio>
#include <optional>
#include <string>

#include "kernels/av1.h"
#include "kernels/measure.h"
#include "kernels/profile.h"
#include "kernels/summary.h"
#include "kernels/vp9.h"
#include "reference/deinterlace.h"
#include "reference/h264/deblocking.h"
#include "reference/h264/inter_prediction.h"
#include "reference/h264/macroblock.h"
#include "reference/video_process.h"
#include "video/plan.h"
#include "vulkan/fixture.h"

namespace daedalus::vulkan {
namespace {

using namespace h264;

constexpr uint32_t width_in_mbs = 60, height_in_mbs = 34;  // a quarter of 1080p
constexpr uint32_t mb_count = width_in_mbs * height_in_mbs;

// How inter macroblocks are predicted: the fractional part of every vector, and the number of
// lists.
struct Prediction {
  int x, y;
  bool both_lists;
};

void predict_all(PictureJob& job, const Prediction& prediction) {
  const auto fraction = [](int16_t whole, int part) {
    return static_cast<int16_t>((whole & ~3) | part);
  };
  for (uint32_t address = 0; address < mb_count; ++address) {
    constexpr std::size_t entries_of[] = {1, 2, 2, 4, 16};
    const MbRecord& mb = job.mbs[address];
    const uint32_t shape = mb.head >> mb_head::motion_shape_shift & 7;
    for (std::size_t i = 0; i < entries_of[shape]; ++i) {
      MotionEntry& motion = job.entries[mb.first_entry + i].motion;
      for (auto* mv : {&motion.mv_l0, &motion.mv_l1})
        *mv = {fraction((*mv)[0], prediction.x), fraction((*mv)[1], prediction.y)};
      const uint32_t slot =
          (motion.slots & 0xff) == no_reference ? motion.slots >> 8 & 0xff : motion.slots & 0xff;
      motion.slots = slot | (prediction.both_lists ? slot : uint32_t{no_reference}) << 8;
    }
  }
}

// A device, with everything that one kind of picture needs.
class Kernels : public DeviceFixture {
 public:
  explicit Kernels(const PictureStyle& style, const std::optional<Prediction>& prediction = {},
                   DispatchStrategy strategy = DispatchStrategy::automatic)
      : style_(style), prediction_(prediction) {
    the_profile();
    open(strategy);
    // A field has as many macroblocks as the frames of other kinds, and is half a picture.
    const uint32_t fields = style.structure == PictureStructure::frame ? 1 : 2;
    stage_ = make_stage(width_in_mbs, height_in_mbs * fields);
    target_ = make_picture(width_in_mbs, height_in_mbs * fields);
    references_ = make_references(width_in_mbs, height_in_mbs * fields, 1);
  }

  // Decodes the picture and returns its profile; nothing if the device fails or has
  // no timestamps.
  std::optional<PictureProfile> decode() {
    JobHandle job = fill();
    job->profile = std::make_unique<PictureProfile>();
    job->profile->kind = 'P';
    if (!stage_->submit(std::move(job), target_, references_)) return {};
    const auto picture = the_profile().next();
    if (picture.gpu_timed == 0) return {};
    return picture;
  }

  // Whether the last picture is correct.
  testing::AssertionResult is_right() {
    const auto actual = download(*target_);
    // The rows of the other field must be unchanged.
    const auto wanted = expected(*fill(), target_->layout(), references_, actual);
    return same_samples(actual, wanted, target_->layout());
  }

  // The job and a picture, for the scalar reference.
  template <typename Work>
  void with_picture(Work&& work) {
    const JobHandle job = fill();
    std::vector<std::byte> samples = random_samples(target_->layout(), 7);
    std::array<std::vector<std::byte>, different_references> bytes;
    std::array<scalar::PictureView, max_reference_pictures> views;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = download(*references_[i]);
    for (std::size_t i = 0; i < views.size(); ++i)
      views[i] = view(bytes[i % bytes.size()], references_[i]->layout());
    work(*job, view(samples, target_->layout()), views);
  }

  // The number of residual blocks in the job.
  uint64_t coded_blocks() {
    const JobHandle job = fill();
    uint64_t count = 0;
    for (const MbRecord& mb : job->mbs)
      count += static_cast<uint64_t>(std::popcount(mb.coded_blocks));
    return count;
  }

 private:
  void TestBody() override {}

  JobHandle fill() {
    JobHandle job = *stage_->acquire(width_in_mbs, height_in_mbs,
                                     coefficient_words(width_in_mbs, height_in_mbs));
    fill_job(*job, width_in_mbs, height_in_mbs, style_);
    if (prediction_) predict_all(*job, *prediction_);
    return job;
  }

  const PictureStyle style_;
  const std::optional<Prediction> prediction_;
  std::unique_ptr<ReconstructionStage> stage_;
  std::shared_ptr<Picture> target_;
  ReconstructionStage::References references_;
};

// Measures the scalar reference, macroblock by macroblock.
template <typename Work>
void measure_reference(benchmark::State& state, Kernels& kernels, uint64_t items, Work&& work) {
  kernels.with_picture(
      [&](const PictureJob& job, const scalar::PictureView& target, scalar::References references) {
        for ([[maybe_unused]] auto _ : state) {
          for (uint32_t address = 0; address < mb_count; ++address)
            work(scalar::Macroblock(job, address), target, references);
          benchmark::ClobberMemory();
        }
      });
  state.SetItemsProcessed(static_cast<int64_t>(items) * state.iterations());
}

PictureStyle style_of(uint32_t intra_percent, uint32_t coded_percent) {
  PictureStyle style;
  style.seed = 1;
  style.pcm_percent = 0;
  style.intra_percent = intra_percent;
  style.coded_percent = coded_percent;
  style.unfiltered_percent = 0;
  style.min_qp = 20;
  style.max_qp = 40;
  return style;
}

// Rates count macroblocks, blocks with coefficients, luma edges of 16 samples, or samples.
void inter(benchmark::State& state, const Prediction& prediction) {
  Kernels kernels(style_of(0, 0), prediction);
  measure_stage(state, kernels, &PictureProfile::gpu_inter, mb_count);
}
void inter_reference(benchmark::State& state, const Prediction& prediction) {
  Kernels kernels(style_of(0, 0), prediction);
  measure_reference(state, kernels, mb_count,
                    [](const auto& mb, const auto& target, const auto& references) {
                      scalar::predict_inter(mb, target, references);
                    });
}

void residual(benchmark::State& state) {
  Kernels kernels(style_of(0, 60));
  measure_stage(state, kernels, &PictureProfile::gpu_residual, kernels.coded_blocks());
}
void residual_reference(benchmark::State& state) {
  Kernels kernels(style_of(0, 60));
  measure_reference(state, kernels, kernels.coded_blocks(),
                    [](const auto& mb, const auto& target, const auto&) {
                      scalar::reconstruct_after_inter_prediction(mb, target);
                    });
}

void intra(benchmark::State& state, DispatchStrategy strategy) {
  Kernels kernels(style_of(100, 20), {}, strategy);
  measure_stage(state, kernels, &PictureProfile::gpu_intra, mb_count);
}
void intra_reference(benchmark::State& state) {
  Kernels kernels(style_of(100, 20));
  measure_reference(state, kernels, mb_count, [](const auto& mb, const auto& target, const auto&) {
    scalar::reconstruct_after_inter_prediction(mb, target);
  });
}

void deblock(benchmark::State& state, uint64_t PictureProfile::*stage, uint64_t items) {
  Kernels kernels(style_of(20, 20));
  measure_stage(state, kernels, stage, items);
}
void deblock_reference(benchmark::State& state) {
  Kernels kernels(style_of(20, 20));
  measure_reference(state, kernels, mb_count, [](const auto& mb, const auto& target, const auto&) {
    scalar::deblock_macroblock(mb, target);
  });
}

// Field pictures and MBAFF frames have shaders of their own.
enum class Interlacing { field, mbaff };

PictureStyle interlaced(PictureStyle style, Interlacing interlacing) {
  if (interlacing == Interlacing::field) style.structure = PictureStructure::bottom_field;
  style.is_mbaff = interlacing == Interlacing::mbaff;
  return style;
}

struct InterlacedShader {
  Interlacing interlacing;
  uint32_t intra_percent, coded_percent;
  uint64_t PictureProfile::*stage;
  DispatchStrategy strategy = DispatchStrategy::automatic;
};

// Items are macroblocks.
void interlaced_shader(benchmark::State& state, const InterlacedShader& shader) {
  Kernels kernels(
      interlaced(style_of(shader.intra_percent, shader.coded_percent), shader.interlacing), {},
      shader.strategy);
  measure_stage(state, kernels, shader.stage, mb_count);
}

void register_interlaced(const std::string& kind, Interlacing interlacing) {
  const auto add = [&](const char* name, const InterlacedShader& shader) {
    benchmark::RegisterBenchmark((name + kind).c_str(), interlaced_shader, shader)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  };
  using P = PictureProfile;
  add("inter/", {interlacing, 0, 0, &P::gpu_inter});
  add("residual/", {interlacing, 0, 60, &P::gpu_residual});
  add("intra/levels/", {interlacing, 100, 20, &P::gpu_intra, DispatchStrategy::levels});
  add("intra/tickets/", {interlacing, 100, 20, &P::gpu_intra, DispatchStrategy::tickets});
  add("deblock/horizontal/", {interlacing, 20, 20, &P::gpu_deblock_horizontal});
  if (interlacing == Interlacing::field) return;  // the others are those of frames
  add("deblock/strip/", {interlacing, 20, 20, &P::gpu_deblock_strip});
  add("deblock/vertical/", {interlacing, 20, 20, &P::gpu_deblock_vertical});
}

// NV12 to BGRA of another size. The time is measured from the submit until the picture is complete.
class Video : public DeviceFixture {
 public:
  Video() {
    SetUp();
    auto created = device->create_processing_stage();
    if (created) stage_ = std::move(*created);
    source_ = make_picture(width_in_mbs, height_in_mbs);
    samples_ = random_samples(source_->layout(), 1);
    EXPECT_TRUE(source_->upload(samples_));
    auto target = device->create_picture(PictureFormat::bgra, width, height);
    if (target) target_ = *target;
    process_.source_region = {0, 0, width_in_mbs * 16, height_in_mbs * 16};
    process_.target_region = {0, 0, width, height};
  }

  static constexpr uint32_t width = 640, height = 360;

  bool process() {
    return stage_->submit(process_, source_, target_) && target_->wait(long_enough);
  }
  std::vector<std::byte> reference() const {
    return video::scalar::follow(video::make_plan(process_, source_->layout(), target_->layout()),
                                 samples_, source_->layout(), target_->layout());
  }
  bool is_right() { return download(*target_) == reference(); }

 private:
  void TestBody() override {}
  std::unique_ptr<video::ProcessingStage> stage_;
  std::shared_ptr<Picture> source_, target_;
  std::vector<std::byte> samples_;
  video::Process process_;
};

// The second field of a frame of NV12, with the frames before and after it. The time is measured
// from the submit until the picture is complete.
class Deinterlacing : public DeviceFixture {
 public:
  Deinterlacing() {
    SetUp();
    auto created = device->create_processing_stage();
    if (created) stage_ = std::move(*created);
    for (uint32_t i = 0; i < pictures_.size(); ++i) {
      pictures_[i] = make_picture(width_in_mbs, height_in_mbs);
      samples_[i] = random_samples(pictures_[i]->layout(), i);
      EXPECT_TRUE(pictures_[i]->upload(samples_[i]));
    }
    target_ = make_picture(width_in_mbs, height_in_mbs);
    process_.source_region = process_.target_region = {0, 0, width, height};
    process_.deinterlacing = video::Deinterlacing::motion_adaptive;
    process_.bottom_field = process_.second_field = true;
  }

  static constexpr uint32_t width = width_in_mbs * 16, height = height_in_mbs * 16;

  bool process() {
    return stage_->submit(process_, {pictures_[0], pictures_[1], pictures_[2]}, target_) &&
           target_->wait(long_enough);
  }
  std::vector<std::byte> reference() const {
    const auto frame = [&](std::size_t i) {
      return video::scalar::Frame{samples_[i], pictures_[i]->layout()};
    };
    const auto previous = frame(1), next = frame(2);
    return video::scalar::deinterlaced(process_, frame(0), &previous, &next, target_->layout());
  }
  bool is_right() { return bool{same_samples(download(*target_), reference(), target_->layout())}; }

 private:
  void TestBody() override {}
  std::unique_ptr<video::ProcessingStage> stage_;
  std::array<std::shared_ptr<Picture>, 3> pictures_;
  std::array<std::vector<std::byte>, 3> samples_;
  std::shared_ptr<Picture> target_;
  video::Process process_;
};

template <typename Pictures>
void process(benchmark::State& state) {
  Pictures pictures;
  for ([[maybe_unused]] auto _ : state) {
    if (pictures.process()) continue;
    state.SkipWithError("the device does not process the picture");
    return;
  }
  state.SetItemsProcessed(int64_t{Pictures::width} * Pictures::height * state.iterations());
  if (!pictures.is_right()) state.SkipWithError("the picture is not that of the reference");
}
template <typename Pictures>
void process_reference(benchmark::State& state) {
  const Pictures pictures;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(pictures.reference());
  state.SetItemsProcessed(int64_t{Pictures::width} * Pictures::height * state.iterations());
}

void register_all() {
  using benchmark::RegisterBenchmark;
  constexpr auto unit = benchmark::kMicrosecond;
  const std::pair<const char*, Prediction> predictions[] = {
      {"full", {0, 0, false}},           {"horizontal", {2, 0, false}},
      {"vertical", {0, 2, false}},       {"centre", {2, 2, false}},
      {"diagonal", {1, 3, false}},       {"full/two_lists", {0, 0, true}},
      {"centre/two_lists", {2, 2, true}}};
  for (const auto& [name, prediction] : predictions) {
    const std::string full = std::string("inter/") + name;
    RegisterBenchmark(full.c_str(), inter, prediction)->UseManualTime()->Unit(unit);
    RegisterBenchmark((full + "/reference").c_str(), inter_reference, prediction)->Unit(unit);
  }
  RegisterBenchmark("residual", residual)->UseManualTime()->Unit(unit);
  RegisterBenchmark("residual/reference", residual_reference)->Unit(unit);
  RegisterBenchmark("intra/levels", intra, DispatchStrategy::levels)->UseManualTime()->Unit(unit);
  RegisterBenchmark("intra/tickets", intra, DispatchStrategy::tickets)->UseManualTime()->Unit(unit);
  RegisterBenchmark("intra/reference", intra_reference)->Unit(unit);
  const auto deblocking = [&](const char* name, uint64_t PictureProfile::*stage, uint64_t items) {
    RegisterBenchmark(name, deblock, stage, items)->UseManualTime()->Unit(unit);
  };
  deblocking("deblock/strip", &PictureProfile::gpu_deblock_strip, mb_count);
  deblocking("deblock/vertical", &PictureProfile::gpu_deblock_vertical, 4 * mb_count);
  deblocking("deblock/horizontal", &PictureProfile::gpu_deblock_horizontal, 4 * mb_count);
  RegisterBenchmark("deblock/reference", deblock_reference)->Unit(unit);
  register_interlaced("field", Interlacing::field);
  register_interlaced("mbaff", Interlacing::mbaff);
  RegisterBenchmark("video", process<Video>)->UseRealTime()->Unit(unit);
  RegisterBenchmark("video/reference", process_reference<Video>)->Unit(unit);
  RegisterBenchmark("deinterlace", process<Deinterlacing>)->UseRealTime()->Unit(unit);
  RegisterBenchmark("deinterlace/reference", process_reference<Deinterlacing>)->Unit(unit);
}

}  // namespace
}  // namespace daedalus::vulkan

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  daedalus::vulkan::register_all();
  daedalus::vulkan::register_vp9();
  daedalus::vulkan::register_av1();
  daedalus::vulkan::SummingReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  // To standard error, because standard output may be CSV or JSON.
  fputs(reporter.summary().c_str(), stderr);
  return testing::UnitTest::GetInstance()->Failed() ? 1 : 0;
}
