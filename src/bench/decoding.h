// A clip being decoded, as a player does it.
#pragma once

#include <string>

#include "bench/clip.h"

namespace daedalus::bench {

// The clip again and again, until `pictures` of its pictures are sent; once, where that is 0.
// A clip that begins with a picture to begin at goes on without a gap.
class Decoding {
 public:
  // `device`: null for libavcodec alone.
  Decoding(const Clip& clip, AVBufferRef* device, int threads, uint64_t pictures);

  // The next frame, null after the last one and where decoding fails: see error().
  Frame next();
  const std::string& error() const { return error_; }

 private:
  bool send();

  const Clip& clip_;
  Codec codec_;
  const uint64_t pictures_;
  uint64_t sent_ = 0;
  bool draining_ = false;
  std::string error_;
};

}  // namespace daedalus::bench
