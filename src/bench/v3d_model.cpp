// SPDX-License-Identifier: MIT
#include "bench/v3d_model.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "bench/append.h"
#include "bench/summary.h"
#include "profile/job_work.h"

namespace daedalus::bench {

namespace {

// The columns of the table: a stage's time and its bounds, for one unit of some work. The unit of
// time is an instruction of 16 lanes in one QPU: 4 cycles.
enum Quantity { time, first_bound, quantity_count = first_bound + v3d_bounds.size() };

// What a picture's job requires.
struct Work : PictureProfile, JobWork {
  explicit Work(const PictureProfile& profile)
      : PictureProfile(profile), JobWork(profile.work ? *profile.work : JobWork()) {}
};

struct WorkCost {
  uint64_t Work::*work;  // null: each picture
  std::array<double, quantity_count> costs;
};

// A pipeline's dispatches in a picture.
struct StageCosts {
  const char* name;
  uint64_t Work::*needs;  // without it there is nothing to dispatch; null: always
  std::span<const WorkCost> work;
  uint32_t dispatches = 1;  // 0: as many as its `needs`
};

namespace h264 {
#include "bench/v3d_costs.inc"
}
namespace h264_mbaff {
#include "bench/v3d_h264_mbaff_costs.inc"
}
namespace vp9 {
#include "bench/v3d_vp9_costs.inc"
}
namespace av1 {
#include "bench/v3d_av1_costs.inc"
}

std::span<const StageCosts> stages_of(const Work& work) {
  switch (static_cast<WorkCodec>(work.work_codec)) {
    case WorkCodec::h264:
      return h264::stage_costs;
    case WorkCodec::h264_mbaff:
      return h264_mbaff::stage_costs;
    case WorkCodec::vp9:
      return vp9::stage_costs;
    case WorkCodec::av1:
      return av1::stage_costs;
  }
  return {};
}

struct ShaderHash {
  std::string_view name;
  uint64_t hash;  // of its sources, see shaders/hash.py
};
constexpr ShaderHash measured_shaders[] = {
#include "bench/v3d_shaders.inc"
};
constexpr ShaderHash built_shaders[] = {
#include "shader_hashes.inc"
};

constexpr std::size_t memory_bound = 2;  // in v3d_bounds
constexpr double clock_hz = 0.96e9, cycles_per_instruction = 4;
constexpr double ms_per_instruction = cycles_per_instruction / clock_hz * 1000;
// Mesa 25.0's v3dv and the kernel, from a Raspberry Pi 5's log: two kernel jobs in a row.
constexpr double ms_per_dispatch = 0.033;

double quantity(const StageCosts& stage, const Work& work, std::size_t index) {
  double sum = 0;
  for (const auto& cost : stage.work)
    sum += cost.costs[index] * (cost.work ? static_cast<double>(work.*cost.work) : 1);
  return sum;
}

V3dStage model_stage(const StageCosts& costs, const Work& work) {
  V3dStage stage;
  stage.name = costs.name;
  if (costs.needs && work.*costs.needs == 0) return stage;
  stage.dispatches = costs.dispatches ? costs.dispatches : work.*costs.needs;
  stage.ms = quantity(costs, work, time) * ms_per_instruction;
  for (std::size_t i = 0; i < stage.bounds.size(); ++i)
    stage.bounds[i] = quantity(costs, work, first_bound + i) * ms_per_instruction;
  return stage;
}

// The modelled pictures of one kind.
struct Kind {
  char letter;
  std::vector<V3dPicture> pictures;

  template <typename Value>
  double mean_of(Value value) const {
    double sum = 0;
    for (const auto& picture : pictures) sum += value(picture);
    return sum / static_cast<double>(pictures.size());
  }
  double mean() const {
    return mean_of([](const V3dPicture& picture) { return picture.ms; });
  }
};

std::vector<Kind> by_kind(std::span<const PictureProfile> pictures) {
  std::vector<Kind> kinds;
  for (const char letter : {'I', 'P', 'B'}) {
    Kind kind{letter, {}};
    for (const auto& picture : pictures)
      if (picture.kind == static_cast<uint8_t>(letter)) kind.pictures.push_back(model_v3d(picture));
    if (!kind.pictures.empty()) kinds.push_back(std::move(kind));
  }
  return kinds;
}

void append_times(std::string& text, const Kind& kind) {
  std::vector<double> times;
  for (const auto& picture : kind.pictures) times.push_back(picture.ms);
  append(text, "    %6zu %c pictures %36.2f %8.2f %8.2f\n", times.size(), kind.letter, kind.mean(),
         percentile(times, 0.95), *std::max_element(times.begin(), times.end()));
}

void append_share(std::string& text, const char* name, double ms, const Kind& kind) {
  append(text, "    %-32s %8.2f %6.1f %%", name, ms, 100 * ms / kind.mean());
}

// A stage's mean time, and what limits it.
void append_stage(std::string& text, const Kind& kind, std::size_t index) {
  const auto stage = [&](const V3dPicture& picture) -> const V3dStage& {
    return picture.stages[index];
  };
  append_share(text, stage(kind.pictures[0]).name,
               kind.mean_of([&](const auto& picture) { return stage(picture).ms; }), kind);
  std::array<double, v3d_bounds.size()> bounds;
  for (std::size_t i = 0; i < bounds.size(); ++i)
    bounds[i] = kind.mean_of([&](const auto& picture) { return stage(picture).bounds[i]; });
  const auto most = std::max_element(bounds.begin(), bounds.end()) - bounds.begin();
  for (const double bound : bounds) append(text, " %12.2f", bound);
  append(text, "   %s\n", v3d_bounds[static_cast<std::size_t>(most)]);
}

void append_stages(std::string& text, const Kind& kind) {
  append(text, "  A mean %c picture's stages %12s %8s", kind.letter, "ms", "share");
  for (const char* bound : v3d_bounds) append(text, " %12s", bound);
  text += "   binds\n";
  for (std::size_t i = 0; i < kind.pictures[0].stages.size(); ++i) append_stage(text, kind, i);
  const double dispatch_ms =
      kind.mean_of([](const V3dPicture& picture) { return picture.dispatch_ms; });
  char name[64];
  snprintf(name, sizeof name, "%.1f dispatches", dispatch_ms / ms_per_dispatch);
  append_share(text, name, dispatch_ms, kind);
  text += '\n';
  const double memory_ms = kind.mean_of([](const V3dPicture& picture) {
    double sum = 0;
    for (const auto& stage : picture.stages) sum += stage.bounds[memory_bound];
    return sum;
  });
  append(text, "    memory: %.1f MB, %.1f GB/s of 12\n", memory_ms * 12,
         memory_ms * 12 / kind.mean());
}

}  // namespace

bool is_modelled(std::string_view codec) {
  return codec == "h264" || codec == "vp9" || codec == "av1";
}

V3dPicture model_v3d(const PictureProfile& picture) {
  const Work work(picture);
  V3dPicture modelled;
  for (const auto& costs : stages_of(work)) {
    modelled.stages.push_back(model_stage(costs, work));
    modelled.ms += modelled.stages.back().ms;
    modelled.dispatch_ms +=
        static_cast<double>(modelled.stages.back().dispatches) * ms_per_dispatch;
  }
  modelled.ms += modelled.dispatch_ms;
  return modelled;
}

std::vector<std::string> changed_v3d_shaders() {
  std::vector<std::string> changed;
  for (const auto& built : built_shaders) {
    const bool measured = std::any_of(
        std::begin(measured_shaders), std::end(measured_shaders), [&](const ShaderHash& shader) {
          return shader.name == built.name && shader.hash == built.hash;
        });
    if (!measured) changed.emplace_back(built.name);
  }
  return changed;
}

std::string describe_v3d(std::span<const PictureProfile> pictures) {
  std::string text =
      "  Modelled GPU ms per picture on V3D 7.1 (Raspberry Pi 5); nothing ran on one\n";
  for (const auto& name : changed_v3d_shaders())
    text += "  " + name + " has changed since its costs were measured (test/v3d/measure_costs)\n";
  append(text, "    %-46s %8s %8s %8s\n", "", "mean", "95 %", "most");
  const auto kinds = by_kind(pictures);
  for (const auto& kind : kinds) append_times(text, kind);
  for (const auto& kind : kinds) append_stages(text, kind);
  return text;
}

}  // namespace daedalus::bench
