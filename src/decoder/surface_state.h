// What a surface and the decoders that work on it share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daedalus/decoder.h"
#include "h264/motion_field.h"

namespace daedalus {

// A motion field that may still be in the making: readers wait on `parsed`.
struct PictureMotion {
  explicit PictureMotion(const void* decoder) : owner(decoder) {}

  const void* const owner;  // the decoder that writes it
  h264::MotionField field;
  std::atomic<bool> parsed = false;
};

struct Surface::State {
  std::mutex mutex;
  std::condition_variable submitted;

  // All under the mutex.
  uint32_t queued = 0;           // decodes taken and not yet with the GPU
  std::optional<Error> failure;  // why the last decode did not reach the GPU
  std::vector<Damage> damage;
  std::shared_ptr<PictureMotion> motion;  // of the decode taken last; null when it was no reference
};

}  // namespace daedalus
