// Surfaces: what decoders and video processing write, and clients read. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/error.h"

namespace daedalus {

// A picture's memory together with what decoding left in it.
class Surface {
 public:
  static Result<std::shared_ptr<Surface>> create(Device& device, PictureFormat format,
                                                 uint32_t width, uint32_t height);
  // In a client's memory, see Device::import_picture.
  static Result<std::shared_ptr<Surface>> import(Device& device, int dma_buf,
                                                 const PictureLayout& layout);
  ~Surface();

  Picture& picture() { return *picture_; }

  // Waits until everything handed to a decoder for this surface is in its memory. The damage of a
  // broken bitstream is no error here, see damage(). Error::timeout, Error::device_lost,
  // Error::out_of_memory.
  Result<void> sync(std::chrono::nanoseconds timeout);
  bool busy();

  // For who writes over it: waits until the pictures that decoders were given and that refer to it
  // are with the GPU, which keeps the order from there on.
  void wait_for_readers();

  // Macroblocks of the last decode that were lost or broken, as inclusive address ranges. Call
  // after sync.
  struct Damage {
    uint32_t first_mb, last_mb;
  };
  std::vector<Damage> damage();

  struct State;  // shared with the decoders that work on it

 private:
  explicit Surface(std::shared_ptr<Picture> picture);
  void wait_for_decoding();        // until what was handed to a decoder is with the GPU
  std::optional<Error> failure();  // why the last decode did not reach the GPU
  void forget_decoding();          // something else was written
  std::shared_ptr<Picture> picture_;
  std::shared_ptr<State> state_;
  friend class H264Decoder;
  friend class VideoProcessor;
};

}  // namespace daedalus
