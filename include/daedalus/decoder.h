// The decode core: surfaces and an asynchronous H.264 decoder on a Device. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/error.h"
#include "daedalus/h264_picture.h"

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

struct H264Picture {
  std::shared_ptr<Surface> target;
  h264::PictureParameters parameters;
  std::array<std::shared_ptr<Surface>, h264::max_reference_pictures> references;  // null: lost
  std::vector<h264::SliceParameters> slices;
  std::vector<std::byte> slice_data;  // the slices' nal_units are parts of it
};

// One stream's decoder. Destruction waits for the pictures it was given.
class H264Decoder {
 public:
  // Width and height in samples. `entropy_threads` >= 1.
  static Result<std::unique_ptr<H264Decoder>> create(Device& device, uint32_t width,
                                                     uint32_t height, uint32_t entropy_threads);
  ~H264Decoder();

  // Whether a picture with these parameters can be decoded: Error::unsupported for what is outside
  // of the scope, Error::invalid_parameter for values outside of their ranges.
  static Result<void> check(const h264::PictureParameters& parameters);

  // Queues the picture and returns; it waits only where the queue is full. Pictures reach the GPU
  // in the order of the calls. Error::unsupported, Error::invalid_parameter, Error::device_lost
  // (of the decoder or of the target): the picture was not taken. Where it was, `picture` is an
  // empty one whose vectors have room for another: who fills it again takes no new memory.
  Result<void> decode(H264Picture& picture);

 private:
  struct State;
  explicit H264Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daedalus
