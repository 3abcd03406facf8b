// SPDX-License-Identifier: MIT
// The one place that answers "may this surface be read or written now?", for decoding, video
// processing, copies and exports.
//
// A use is a queued picture of any pipeline that reads or writes the surface. The GPU keeps
// submitted pictures in order (see Picture). So a conflicting use has to wait only until the
// picture is submitted, unless it is by the CPU, which also waits for the GPU.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "daedalus/decoded_state.h"
#include "daedalus/surface.h"

namespace daedalus {

// How many of its pictures a pipeline has submitted. Pictures are numbered from 1.
using Handover = std::atomic<uint64_t>;

struct PictureNumber {
  std::shared_ptr<const Handover> pipeline;
  uint64_t number;

  bool is_with_gpu() const { return *pipeline >= number; }
};

class SurfaceUses {
 public:
  using Clock = std::chrono::steady_clock;

  // For pipelines: adds to `earlier` the other pipelines' pictures that a picture with this access
  // must follow. Call it for all of the picture's surfaces before note(): otherwise two pictures
  // could wait for each other.
  void follow(Access access, const std::shared_ptr<Handover>& pipeline,
              std::vector<PictureNumber>& earlier);

  // Registers a queued picture. If it throws std::bad_alloc, the picture is not registered.
  void note(Access access, const PictureNumber& picture);

  // Which part of a frame a picture is.
  struct Part {
    bool continues = false;  // a second field: it adds to the picture before it
    std::optional<Field>
        lone_field;  // a first field: without its second one, half the rows are missing
  };
  // The picture becomes the surface's content.
  void begin_picture(const PictureNumber& picture, std::shared_ptr<const DecodedState> state,
                     const Part& part);
  // Before the picture counts as submitted. Does nothing if another picture has begun since.
  void end_picture(const PictureNumber& picture, std::optional<Error> failure,
                   std::span<const Surface::Damage> damage) noexcept;

  // A picture that used the surface was submitted.
  void passed();

  // For everyone else: waits until no queued picture conflicts. False if the deadline passed.
  bool wait_until(Access access, Clock::time_point deadline);
  void wait(Access access);
  bool is_free(Access access);

  // If the frame has only one field, copies its rows to the other field. For readers; no queued
  // picture may conflict.
  Result<void> complete_frame(Picture& picture);
  bool lacks_field();

  // The surface was overwritten with something other than a decoded picture.
  void overwrite();

  std::optional<Error> failure();  // why the last picture was not submitted
  std::vector<Surface::Damage> damage();
  std::shared_ptr<const DecodedState> state();

  // See Surface::is_read_without_sync.
  void share_memory();
  bool is_read_without_sync();

 private:
  // The last pictures of a pipeline that use the surface.
  struct Use {
    std::shared_ptr<const Handover> pipeline;
    uint64_t written, used;  // used: written or read

    uint64_t in_the_way_of(Access access) const { return access == Access::write ? used : written; }
  };
  bool is_free_now(Access access) const;

  std::mutex mutex_;
  std::condition_variable passed_;

  // All guarded by the mutex.
  std::vector<Use> uses_;  // one for each pipeline
  // Of the picture that the surface holds or will hold.
  std::shared_ptr<const Handover> pipeline_;
  uint64_t first_number_ = 0;
  std::optional<Error> failure_;
  std::vector<Surface::Damage> damage_;
  std::shared_ptr<const DecodedState> state_;
  std::optional<Field> lone_field_;
  bool had_picture_ = false;
  bool read_without_sync_ = false;
};

}  // namespace daedalus
