// SPDX-License-Identifier: MIT
// One answer to "may this surface be read or written now?", for all that decodes, processes, copies
// and exports.
//
// A use is a queued picture, of any pipeline, that reads or writes the surface. Queued pictures go
// to the GPU, which keeps the order of what it is given (see Picture): so whoever is behind a use
// waits until its picture is with the GPU, and only the CPU waits for the GPU as well.
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

// How far a pipeline is with handing its pictures to the GPU. It numbers them from 1 as they come.
using Handover = std::atomic<uint64_t>;

struct PictureNumber {
  std::shared_ptr<const Handover> pipeline;
  uint64_t number;

  bool is_with_gpu() const { return *pipeline >= number; }
};

class SurfaceUses {
 public:
  using Clock = std::chrono::steady_clock;

  // For pipelines: adds to `earlier` what another pipeline's picture with this access has to follow
  // to the GPU. A picture follows all it has to before it is noted anywhere, so that none waits for
  // one that waits for it.
  void follow(Access access, const std::shared_ptr<Handover>& pipeline,
              std::vector<PictureNumber>& earlier);

  // The picture is queued from here on. Throws std::bad_alloc, and it is not noted then.
  void note(Access access, const PictureNumber& picture);

  // What of a frame a picture is.
  struct Part {
    bool continues = false;  // it adds to what the picture before it left: a second field
    std::optional<Field>
        lone_field;  // a first field: until the second one, there are half the rows
  };
  // The surface will hold it.
  void begin_picture(const PictureNumber& picture, std::shared_ptr<const DecodedState> state,
                     const Part& part);
  // Before it is counted as with the GPU. Where another picture began since, nothing is told.
  void end_picture(const PictureNumber& picture, std::optional<Error> failure,
                   std::span<const Surface::Damage> damage) noexcept;

  // A picture that used the surface is with the GPU.
  void passed();

  // For everyone else: until no queued picture is in the way. False: not before the deadline.
  bool wait_until(Access access, Clock::time_point deadline);
  void wait(Access access);
  bool is_free(Access access);

  // Where a frame has one field only, repeats its rows in place of the other one's. For whoever
  // reads; no queued picture is in the way.
  Result<void> complete_frame(Picture& picture);
  bool lacks_field();

  // What something else has written is no picture.
  void overwrite();

  std::optional<Error> failure();  // why the last picture did not reach the GPU
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

  // All under the mutex.
  std::vector<Use> uses_;  // one for each pipeline
  // Of the picture that the surface holds, or will.
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
