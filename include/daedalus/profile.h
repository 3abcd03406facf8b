// SPDX-License-Identifier: MIT
// What each picture costs. While the setting `profile` names a file, a line is appended to it for
// each picture. Any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace daedalus {

struct JobWork;  // profile/job_work.h

// One decoded picture. Instants are nanoseconds of CLOCK_MONOTONIC; all other times are durations
// in nanoseconds. 0: it did not happen.
struct PictureProfile {
  uint64_t decoder = 0;  // numbered in the process
  uint64_t picture = 0;  // of the decoder, from 1, in decode order
  uint64_t kind = 0;     // 'I', 'P' or 'B': the type of most of its slices
  uint64_t width_in_mbs = 0, height_in_mbs = 0;
  uint64_t slices = 0;
  uint64_t nal_bytes = 0;  // of its slices

  uint64_t given = 0;      // vaEndPicture began
  uint64_t opened = 0;     // it got a job
  uint64_t parsed = 0;     // its slices are parsed into the job
  uint64_t submitted = 0;  // it is submitted to the GPU
  uint64_t completed = 0;  // the GPU is done with it, as seen by the CPU

  // CPU time. Each nanosecond of a driver thread counts in exactly one of these.
  // The client's VA calls since its last vaEndPicture:
  uint64_t cpu_setup = 0;    // calls that create or query configs, contexts and surfaces
  uint64_t cpu_sync = 0;     // vaSyncSurface and the like
  uint64_t cpu_calls = 0;    // the rest: buffers, copies
  uint64_t cpu_end = 0;      // vaEndPicture until the picture is queued
  uint64_t cpu_wake = 0;     // threads between pictures: locks, sleeping, waking up
  uint64_t cpu_acquire = 0;  // waiting for a job that the GPU is done with
  uint64_t cpu_open = 0;     // dividing the job among the slices
  uint64_t cpu_entropy = 0;  // parsing slices
  uint64_t cpu_finish = 0;   // concealment, the order of intra macroblocks
  uint64_t cpu_submit = 0;   // recording and handing over to the GPU's driver
  uint64_t cpu_profile = 0;  // making this record

  uint64_t gpu_timed = 0;  // 1 if the device has timestamps
  uint64_t gpu_inter = 0, gpu_residual = 0, gpu_intra = 0;
  uint64_t gpu_deblock_strip = 0, gpu_deblock_vertical = 0, gpu_deblock_horizontal = 0;
  uint64_t gpu_cdef = 0, gpu_superres = 0, gpu_restoration = 0, gpu_film_grain = 0;
  uint64_t gpu_copy = 0;  // to client memory that decoders cannot use directly

  // The job, see h264/job.h.
  uint64_t inter_mbs = 0, intra_mbs = 0, intra_levels = 0;
  uint64_t entries = 0, blocks = 0, coefficients = 0;
  uint64_t job_bytes = 0;  // written by the CPU
  uint64_t dispatches = 0, barriers = 0;

  std::shared_ptr<const JobWork> work;  // null unless a measuring device counts it
};

bool profile_enabled();

// Hands over a picture that was submitted. `finish` waits until the device is done with it and adds
// the device's times. The profile's thread calls it, one picture after another, so it must not
// depend on anything that may be destroyed earlier.
using FinishProfile = std::function<void(PictureProfile&)>;
void profile(std::unique_ptr<PictureProfile> picture, FinishProfile finish);

// The current time, comparable with the instants above.
uint64_t profile_clock();

// The CPU time of this thread since its last call; 0 if there is no profile.
uint64_t cpu_lap();

// Adds this thread's CPU time since its last call to a stage. Null if there is no profile.
inline void add_cpu_lap(PictureProfile* picture, uint64_t PictureProfile::*stage) {
  if (picture) std::atomic_ref(picture->*stage) += cpu_lap();
}

}  // namespace daedalus
