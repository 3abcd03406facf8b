// SPDX-License-Identifier: MIT
// The report for other programs, and for the page of report_html.cpp.
#include <nlohmann/json.hpp>

#include "bench/advice.h"
#include "bench/report.h"
#include "bench/summary.h"
#include "bench/v3d_model.h"
#include "profile/table.h"

namespace daedalus::bench {

namespace {

using Json = nlohmann::ordered_json;

Json run_of(const Measurement& measured) {
  return {{"frames", measured.frames},
          {"seconds", measured.seconds},
          {"frames_per_second", measured.frames_per_second()},
          {"cpu_ms_per_frame", measured.cpu_ms_per_frame()},
          {"open_ms", measured.open_seconds * 1000},
          {"first_frame_ms", first_frame_ms(measured)},
          {"peak_bytes", measured.peak_bytes}};
}

Json leg_of(const Leg& leg) {
  Json json = {{"decoder", leg.driver ? "daedalus" : "libavcodec"}, {"streams", leg.streams}};
  if (!leg.driver) json["threads"] = leg.threads;  // 0: one per core
  if (leg.load > 0) json["load"] = leg.load;
  return json;
}

Json row_of(const Row& row) {
  Json json = leg_of(row.leg);
  json["name"] = describe(row.leg);
  json["frames_per_second"] = row.median_of(frames_per_second);
  json["cpu_ms_per_frame"] = row.median_of(cpu_ms_per_frame);
  json["first_frame_ms"] = row.median_of(first_frame_ms);
  json["peak_bytes"] = row.median_of(peak_bytes);
  for (const auto& measured : row.measured) json["runs"].push_back(run_of(measured));
  return json;
}

Json ratio_of(const Ratio& ratio) {
  return {{"daedalus", describe(ratio.driver->leg)},
          {"libavcodec", describe(ratio.software->leg)},
          {"frames_per_second", ratio.frames_per_second},
          {"cpu", ratio.cpu}};
}

Json cpu_of(const Summary& summary) {
  Json json = {{"total", summary.total}, {"client", summary.client}};
  for (const auto& time : summary.cpu) json[time.stage->key] = time.ms;
  json["elsewhere"] = summary.elsewhere;
  return json;
}

Json gpu_of(const Summary& summary) {
  if (!summary.has_gpu_times) return nullptr;
  Json json;
  const auto add = [&](const StageTime& time) {
    json[time.stage->key] = {{"mean", time.mean}, {"p95", time.p95}};
  };
  add(summary.gpu_total);
  for (const auto& time : summary.gpu) add(time);
  return json;
}

// Stored by column, so that a long profile stays small.
Json pictures_of(const std::vector<PictureProfile>& pictures) {
  Json json;
  for (const auto& column : profile_columns()) {
    Json values = Json::array();
    for (const auto& picture : pictures) {
      if (column.value == &PictureProfile::kind)
        values.push_back(std::string(1, static_cast<char>(picture.kind)));
      else
        values.push_back(column.of(picture));
    }
    json[std::string(column.name)] = std::move(values);
  }
  return json;
}

Json profile_of(const FileReport& report) {
  const Summary summary(*report.profiled);
  const Latency& latency = summary.latency;
  Json json = leg_of(report.profiled_leg);
  json["run"] = run_of(*report.profiled);
  json["cpu_ms_per_frame"] = cpu_of(summary);
  json["gpu_ms_per_picture"] = gpu_of(summary);
  json["latency_ms"] = {
      {"p50", latency.p50}, {"p95", latency.p95}, {"p99", latency.p99}, {"max", latency.max}};
  json["pictures"] = pictures_of(report.profiled->pictures);
  return json;
}

// Modelled, not measured: ms of each stage of each picture.
Json model_of(const std::vector<PictureProfile>& pictures) {
  Json kinds = Json::array(), times = Json::array(), dispatches = Json::array(), stages;
  for (const auto& picture : pictures) {
    const V3dPicture modelled = model_v3d(picture);
    kinds.push_back(std::string(1, static_cast<char>(picture.kind)));
    times.push_back(modelled.ms);
    dispatches.push_back(modelled.dispatch_ms);
    for (const auto& stage : modelled.stages) stages[stage.name].push_back(stage.ms);
  }
  stages["dispatches"] = std::move(dispatches);
  return {{"of", "V3D 7.1"},
          {"changed_shaders", changed_v3d_shaders()},
          {"kind", kinds},
          {"ms", times},
          {"stages", stages}};
}

Json file_of(const FileReport& report) {
  Json json = {
      {"file", report.file},   {"width", report.width},          {"height", report.height},
      {"codec", report.codec}, {"profile_name", report.profile}, {"pictures", report.pictures},
      {"rows", Json::array()}, {"ratios", Json::array()}};
  for (const auto& row : report.rows)
    if (!row.measured.empty()) json["rows"].push_back(row_of(row));
  for (const auto& ratio : ratios(report)) json["ratios"].push_back(ratio_of(ratio));
  if (report.modelled && is_modelled(report.codec) && report.profiled)
    json["model"] = model_of(report.profiled->pictures);
  else if (report.profiled && !report.modelled)
    json["profile"] = profile_of(report);
  return json;
}

template <typename Value>
Json optional(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json figures_of(const std::optional<Figures>& figures) {
  if (!figures) return nullptr;
  Json json = {{"frames_per_second", figures->frames_per_second},
               {"cpu_ms_per_frame", figures->cpu_ms},
               {"peak_bytes", figures->peak_bytes}};
  if (figures->loaded_frames_per_second) {
    json["frames_per_second_beside_load"] = *figures->loaded_frames_per_second;
    json["load_kept"] = figures->load_kept;
  }
  return json;
}

Json advice_of(const Advice& advice) {
  return {{"codec", codec_names[static_cast<std::size_t>(advice.codec)]},
          {"width", advice.width},
          {"height", advice.height},
          {"modelled", advice.modelled},
          {"daedalus", figures_of(advice.driver)},
          {"libavcodec_one_thread", figures_of(advice.one_thread)},
          {"libavcodec_all_threads", figures_of(advice.all_threads)},
          {"gpu_ms_per_frame", optional(advice.gpu_ms)},
          {"cpu_saved", optional(advice.cpu_saved)},
          {"verdict", advice.use_driver ? "driver" : "software"},
          {"reason", advice.reason}};
}

Json recommendation_of(const Report& report) {
  const auto advices = advices_of(report);
  Json json = {{"profiles", spell(limits_of(advices))}, {"rows", Json::array()}};
  for (const auto& advice : advices) json["rows"].push_back(advice_of(advice));
  return json;
}

}  // namespace

std::string json(const Report& report) {
  Json json = {{"version", DAEDALUS_VERSION},
               {"device", report.device},
               {"cores", report.cores},
               {"files", Json::array()}};
  if (report.recommends) json["recommendation"] = recommendation_of(report);
  for (const auto& file : report.files) json["files"].push_back(file_of(file));
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace daedalus::bench
