// What a surface and the decoders that work on it share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daedalus/surface.h"
#include "h264/motion_field.h"

namespace daedalus {

// How far a decoder is with handing its pictures to the GPU. It numbers them as they come.
struct Handover {
  std::atomic<uint64_t> last = 0;

  void reach(uint64_t picture) {
    last = picture;
    last.notify_all();
  }
  void wait_for(uint64_t picture) const {
    for (uint64_t now = last; now < picture; now = last) last.wait(now);
  }
};

// The last pictures of a decoder that have to do with a surface.
struct SurfaceUse {
  std::shared_ptr<Handover> decoder;
  uint64_t written, used;  // used: written or read
};

struct Surface::State {
  std::mutex mutex;
  std::condition_variable submitted;

  // All under the mutex.
  uint32_t queued = 0;           // decodes taken and not yet with the GPU
  std::optional<Error> failure;  // why the last decode did not reach the GPU
  std::vector<Damage> damage;
  // Of the decode taken last; null when it was no reference.
  std::shared_ptr<h264::MotionField> motion;
  std::vector<SurfaceUse> uses;  // one for each decoder
};

}  // namespace daedalus
