// SPDX-License-Identifier: MIT
// A V4L2 client made from a VA client: libavcodec plays a clip through VA, and each picture that it
// submits becomes a job of the daemon's stream.
#pragma once

#include <va/va.h>
#include <va/va_backend.h>

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "streams/picture_parameter_sets.h"
#include "streams/player.h"
#include "v4l2/fake_kernel.h"

namespace daedalus::test {

// Sits between the display's client and its driver, which decodes on the null device. One at a
// time.
class V4l2Client {
 public:
  V4l2Client(VADisplay display, FakeKernel& kernel);
  ~V4l2Client();
  V4l2Client(const V4l2Client&) = delete;
  V4l2Client& operator=(const V4l2Client&) = delete;

  void play(const Clip& clip, AVBufferRef* device);
  void restore();  // gives the display back to its driver

  // For each frame that libavcodec outputs, the daemon's buffer as I420 (10 bits in 16). Empty if
  // the daemon has failed.
  std::vector<std::vector<uint8_t>> frames;
  uint64_t jobs = 0, done = 0;

  // libavcodec's buffers for a picture.
  struct Picture {
    std::vector<std::byte> parameters, matrices;
    std::vector<std::vector<std::byte>> slice_parameters, slice_data;
    std::vector<unsigned> slice_counts;  // elements in slice_parameters
    VAContextID context = VA_INVALID_ID;
    VASurfaceID target = VA_INVALID_SURFACE;
  };
  // Where to store pictures; null: not stored.
  std::vector<Picture>* record = nullptr;
  // Called after playing, while libavcodec's surfaces still exist.
  std::function<void()> at_end;

 private:
  struct CaptureBuffer {
    uint64_t number = 0, last_job = 0;
    FakeFormat format{};
  };

  static VAStatus begin(VADriverContextP driver, VAContextID context, VASurfaceID target);
  static VAStatus render(VADriverContextP driver, VAContextID context, VABufferID* buffers,
                         int count);
  static VAStatus end(VADriverContextP driver, VAContextID context);

  void keep(VADriverContextP driver, VABufferID buffer);
  void send();
  void send_h264();
  void send_vp9();
  void send_av1();
  void send(JobMessage& message, CaptureBuffer& buffer);
  CaptureBuffer& buffer_of(VASurfaceID surface, uint32_t width, uint32_t height, bool is_10_bit);
  void show(const AVFrame& frame);

  static inline V4l2Client* self = nullptr;
  FakeKernel& kernel_;
  VADriverVTable* table_;
  VADriverVTable driver_;  // the driver's own functions
  AVCodecID codec_ = AV_CODEC_ID_NONE;
  Picture picture_;
  PictureParameterSets sets_;
  std::map<VASurfaceID, CaptureBuffer> buffers_;
  std::vector<std::byte> bitstream_;
};

// The same frames, decoded by libavcodec in software.
std::vector<std::vector<uint8_t>> software_frames(const Clip& clip);

}  // namespace daedalus::test
