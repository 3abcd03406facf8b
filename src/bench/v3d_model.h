// SPDX-License-Identifier: MIT
// How long the GPU of a Raspberry Pi 5 (V3D 7.1) would take for a picture: modelled from the work
// in its job (the profile's columns work_*) and a table of what each kind of work costs there.
// test/v3d/measure_costs makes the tables, v3d_costs.inc and v3d_h264_mbaff_costs.inc for H.264,
// v3d_vp9_costs.inc and v3d_av1_costs.inc: it executes the compiled shaders, counts, and fits.
// v3d_shaders.inc identifies these shaders.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daedalus/profile.h"

namespace daedalus::bench {

// The limits of a stage's speed: instructions of 12 QPUs, lookups of 3 texture units, 12
// GB/s of memory, waits for memory that threads do not hide, or a chain of dependent
// work.
inline constexpr std::array v3d_bounds = {"instructions", "lookups", "memory", "latency", "order"};

struct V3dStage {
  const char* name = nullptr;
  double ms = 0;                                      // without the cost of a dispatch
  std::array<double, v3d_bounds.size()> bounds = {};  // ms for each of them alone
  uint64_t dispatches = 0;
};

struct V3dPicture {
  std::vector<V3dStage> stages;
  double dispatch_ms = 0;  // the overhead of the kernel and the driver for dispatches
  double ms = 0;           // all of it
};

// Whether the table has the costs of a codec's shaders, by libavcodec's name of the codec.
bool is_modelled(std::string_view codec);

V3dPicture model_v3d(const PictureProfile& picture);  // of a codec that is modelled

// Those of this build's shaders that have changed since the table was measured.
std::vector<std::string> changed_v3d_shaders();

// For people: mean, 95th percentile and maximum of I, P and B pictures, and the stages' shares.
std::string describe_v3d(std::span<const PictureProfile> pictures);

}  // namespace daedalus::bench
