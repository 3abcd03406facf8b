// SPDX-License-Identifier: MIT
// Decodes a clip as a player does.
#pragma once

#include <string>

#include "bench/clip.h"

namespace daedalus::bench {

// Decodes the clip repeatedly until `pictures` pictures have been sent, or once if that is 0. A
// clip that starts with a random access point is repeated without a gap.
class Decoding {
 public:
  // See open_codec.
  Decoding(const Clip& clip, AVBufferRef* device, int threads, uint64_t pictures,
           const std::string& decoder = {});

  // The next frame; null after the last one, or if decoding fails: see error().
  Frame next();
  const std::string& error() const { return error_; }

  // stop() sends no further pictures; finish_clip() only those that complete the clip.
  void stop() { pictures_ = sent_; }
  void finish_clip();

 private:
  bool send();

  const Clip& clip_;
  CodecContext codec_;
  uint64_t pictures_;
  uint64_t sent_ = 0;
  bool draining_ = false;
  std::string error_;
};

}  // namespace daedalus::bench
