// What the decode core needs of a GPU, without naming one: picture memory and a reconstruction
// stage.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "daedalus/error.h"
#include "daedalus/h264_job.h"
#include "daedalus/video_process.h"

namespace daedalus {

enum class PictureFormat {
  nv12,  // a plane of luma samples, then a plane of Cb, Cr pairs of half the height, same pitch
  bgra,  // one plane; a sample is 4 bytes: blue, green, red, alpha
  rgba,  // red, green, blue, alpha
};

struct PictureLayout {
  PictureFormat format;
  uint32_t width, height;  // samples, 16..4096; NV12: multiples of 16
  uint32_t pitch;          // bytes, a multiple of 16, all planes
  uint32_t chroma_offset;  // NV12: bytes from the first luma sample, a multiple of 16; else 0
  uint32_t size;           // bytes

  // What decoders may use of NV12: as large as the above, or larger where the memory is a client's
  // that does not hold whole macroblocks. Pictures are then decoded elsewhere, and copied as part
  // of the same submit.
  uint32_t coded_width() const { return (width + 15) / 16 * 16; }
  uint32_t coded_height() const { return (height + 15) / 16 * 16; }

  bool operator==(const PictureLayout&) const = default;
};

// The memory of one picture. It is black (NV12: 16, 128) when made, unless it is a client's, and
// stays where it is for life.
class Picture {
 public:
  virtual ~Picture() = default;
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  const PictureLayout& layout() const { return layout_; }

  // Waits for the last submitted write. Error::timeout, Error::device_lost.
  virtual Result<void> wait(std::chrono::nanoseconds timeout) = 0;

  // The samples in the CPU's address space, layout().size bytes; empty where the memory is not
  // visible to the CPU. The caller waits first.
  virtual std::span<std::byte> map() = 0;

  // Copies the whole picture, in its layout, to or from ordinary memory of layout().size bytes,
  // after waiting for the last write (and, for upload, as part of it).
  virtual Result<void> download(std::span<std::byte> destination) = 0;
  virtual Result<void> upload(std::span<const std::byte> source) = 0;

  // A new file descriptor of the dma-buf that is this memory, the caller's to close. The memory
  // lives until the last of them is closed. Error::unsupported where Device::shares_dma_bufs() is
  // false.
  virtual Result<int> export_dma_buf() = 0;

 protected:
  explicit Picture(const PictureLayout& layout) : layout_(layout) {}
  PictureLayout layout_;
};

namespace h264 {

// Enough for the GPU and the CPU to work at the same time.
inline constexpr uint32_t min_jobs = 4;

// Turns jobs into pictures, in the order of submit. One caller submits at a time; acquire may run
// beside it.
class ReconstructionStage {
 public:
  virtual ~ReconstructionStage() = default;

  // How many jobs there may be. While the caller has fewer of them, acquire waits for the GPU
  // alone; it fails and leaves fewer where there is no memory for another one.
  virtual std::size_t jobs() const = 0;

  // A job with room for `coefficient_words` levels. Waits for the oldest job in flight where the
  // ring is full. The caller gives it back with submit or discard. Error::out_of_memory,
  // Error::device_lost.
  virtual Result<PictureJob*> acquire(std::size_t coefficient_words) = 0;

  // Hands the job to the GPU, as one queue submit, and returns. All max_reference_pictures
  // references are non-null and at least as large as the target. The job belongs to the stage
  // again, also on error.
  using References = std::array<std::shared_ptr<Picture>, max_reference_pictures>;
  virtual Result<void> submit(PictureJob& job, std::shared_ptr<Picture> target,
                              const References& references) = 0;

  virtual void discard(PictureJob& job) = 0;
};

}  // namespace h264

// Counted since the device was opened; tests and benchmarks read them.
struct DeviceCounters {
  uint64_t picture_submits = 0;  // vkQueueSubmit calls for decoded pictures
  uint64_t dispatches = 0;       // vkCmdDispatch calls in them
  uint64_t barriers = 0;         // vkCmdPipelineBarrier calls in them
};

class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;

  // Width and height in samples, of NV12 rounded up to multiples of 16 by the callee.
  // Error::out_of_memory.
  virtual Result<std::shared_ptr<Picture>> create_picture(PictureFormat format, uint32_t width,
                                                          uint32_t height) = 0;

  // `jobs`: how many the caller can make use of at the same time, those that the GPU works on
  // included. The stage may have fewer, but at least h264::min_jobs.
  virtual Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(
      uint32_t width_in_mbs, uint32_t height_in_mbs, uint32_t jobs) = 0;

  // Whether pictures can be exported as dma-bufs, and dma-bufs be pictures.
  virtual bool shares_dma_bufs() const = 0;

  // A picture in a client's memory, as it is laid out there. The descriptor stays the caller's.
  // Error::invalid_parameter where the memory is too small for the layout or not this device's to
  // use, Error::unsupported where shares_dma_bufs() is false.
  virtual Result<std::shared_ptr<Picture>> import_picture(int dma_buf,
                                                          const PictureLayout& layout) = 0;

  virtual Result<std::unique_ptr<video::ProcessingStage>> create_processing_stage() = 0;

  // Once lost, it stays so. Its pictures and stages answer Error::device_lost and can be destroyed;
  // a device that is opened anew has nothing to do with it.
  virtual bool lost() const = 0;

  // Whether the picture is this device's. Stages take no other.
  virtual bool owns(const Picture& picture) const = 0;

  virtual DeviceCounters counters() const = 0;
};

}  // namespace daedalus
