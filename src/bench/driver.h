// SPDX-License-Identifier: MIT
// The driver, opened as a VA-API client does.
#pragma once

#include <memory>
#include <string>

#include "bench/clip.h"

namespace daedalus::bench {

class Driver {
 public:
  // Null if it does not open; `error` says why.
  static std::unique_ptr<Driver> open(std::string& error);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  AVBufferRef* device() const { return device_.get(); }
  std::string name() const;

  // Waits until the frame is decoded.
  void sync(const AVFrame& frame) const;

 private:
  explicit Driver(VADisplay display) : display_(display) {}
  VADisplay display_;
  BufferReference device_;
};

}  // namespace daedalus::bench
