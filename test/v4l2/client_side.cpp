// SPDX-License-Identifier: MIT
#include "client_side.h"

#include <fcntl.h>
#include <linux/media.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace daedalus::v4l2_test {
namespace {

int call(int fd, unsigned long request, void* argument) {
  return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

struct Buffer {
  v4l2_plane plane{};
  v4l2_buffer buffer{};
  Buffer(uint32_t type, uint32_t index) {
    buffer.type = type;
    buffer.index = index;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.length = 1;
    buffer.m.planes = &plane;
  }
};

// The module's media node. There is only one device at a time.
FileDescriptor open_media() {
  for (int i = 0; i < 16; ++i) {
    FileDescriptor fd(open(("/dev/media" + std::to_string(i)).c_str(), O_RDWR | O_CLOEXEC));
    media_device_info info{};
    if (fd && !call(fd.get(), MEDIA_IOC_DEVICE_INFO, &info) &&
        std::strcmp(info.driver, "daedalus") == 0)
      return fd;
  }
  return FileDescriptor();
}

}  // namespace

Client::Client(unsigned video, int flags)
    : video_(open(("/dev/video" + std::to_string(video)).c_str(), O_RDWR | O_CLOEXEC | flags)),
      media_(open_media()) {}

int Client::set_format(uint32_t codec, uint32_t width, uint32_t height, uint32_t most) {
  v4l2_format format{};
  format.type = kOutput;
  format.fmt.pix_mp.pixelformat = codec;
  format.fmt.pix_mp.width = width;
  format.fmt.pix_mp.height = height;
  format.fmt.pix_mp.num_planes = 1;
  format.fmt.pix_mp.plane_fmt[0].sizeimage = most;
  return call(video(), VIDIOC_S_FMT, &format);
}

v4l2_pix_format_mplane Client::format(uint32_t type) const {
  v4l2_format format{};
  format.type = type;
  call(video(), VIDIOC_G_FMT, &format);
  return format.fmt.pix_mp;
}

int Client::request_buffers(uint32_t type, uint32_t count) {
  v4l2_requestbuffers request{};
  request.type = type;
  request.count = count;
  request.memory = V4L2_MEMORY_MMAP;
  return call(video(), VIDIOC_REQBUFS, &request);
}

int Client::stream(uint32_t type, bool on) {
  int argument = static_cast<int>(type);
  return call(video(), on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &argument);
}

int Client::start(uint32_t codec, uint32_t width, uint32_t height, uint32_t count) {
  int error = set_format(codec, width, height);
  for (const uint32_t type : {kOutput, kCapture})
    if (!error) error = request_buffers(type, count);
  for (uint32_t i = 0; i < count && !error; ++i) error = queue_capture(i);
  for (const uint32_t type : {kOutput, kCapture})
    if (!error) error = stream(type, true);
  return error;
}

int Client::queue_capture(uint32_t index) {
  Buffer buffer(kCapture, index);
  return call(video(), VIDIOC_QBUF, &buffer.buffer);
}

int Client::queue_output(uint32_t index, std::span<const uint8_t> bytes, uint64_t timestamp_us,
                         int request, uint32_t flags) {
  Buffer buffer(kOutput, index);
  if (const int error = call(video(), VIDIOC_QUERYBUF, &buffer.buffer)) return error;
  void* memory = mmap(nullptr, buffer.plane.length, PROT_READ | PROT_WRITE, MAP_SHARED, video(),
                      buffer.plane.m.mem_offset);
  if (memory == MAP_FAILED) return -errno;
  const size_t size = std::min<size_t>(bytes.size(), buffer.plane.length);
  if (size) std::memcpy(memory, bytes.data(), size);
  munmap(memory, buffer.plane.length);
  buffer.plane.bytesused = static_cast<uint32_t>(size);
  buffer.buffer.timestamp.tv_sec = static_cast<time_t>(timestamp_us / 1000000);
  buffer.buffer.timestamp.tv_usec = static_cast<suseconds_t>(timestamp_us % 1000000);
  buffer.buffer.flags = flags | (request >= 0 ? V4L2_BUF_FLAG_REQUEST_FD : 0);
  buffer.buffer.request_fd = request >= 0 ? request : 0;
  return call(video(), VIDIOC_QBUF, &buffer.buffer);
}

int Client::set_control(uint32_t id, const void* payload, size_t size, int request) {
  v4l2_ext_control control{};
  control.id = id;
  control.size = static_cast<uint32_t>(size);
  control.ptr = const_cast<void*>(payload);
  v4l2_ext_controls controls{};
  controls.which = request >= 0 ? V4L2_CTRL_WHICH_REQUEST_VAL : V4L2_CTRL_WHICH_CUR_VAL;
  controls.request_fd = request >= 0 ? request : 0;
  controls.count = 1;
  controls.controls = &control;
  return call(video(), VIDIOC_S_EXT_CTRLS, &controls);
}

FileDescriptor Client::make_request() const {
  int fd = -1;
  return call(media(), MEDIA_IOC_REQUEST_ALLOC, &fd) ? FileDescriptor() : FileDescriptor(fd);
}

int Client::queue_request(int request) {
  return call(request, MEDIA_REQUEST_IOC_QUEUE, nullptr);
}

FileDescriptor Client::decode(uint32_t index, std::span<const uint8_t> bytes, uint64_t timestamp_us,
                              uint32_t flags) {
  FileDescriptor request = make_request();
  if (!request || queue_output(index, bytes, timestamp_us, request.get(), flags) ||
      queue_request(request.get()))
    return FileDescriptor();
  return request;
}

Dequeued Client::dequeue(uint32_t type) {
  Buffer buffer(type, 0);
  Dequeued result;
  result.error = call(video(), VIDIOC_DQBUF, &buffer.buffer);
  result.index = buffer.buffer.index;
  result.flags = buffer.buffer.flags;
  result.timestamp_us = static_cast<uint64_t>(buffer.buffer.timestamp.tv_sec) * 1000000 +
                        static_cast<uint64_t>(buffer.buffer.timestamp.tv_usec);
  return result;
}

int Client::flush() {
  v4l2_decoder_cmd command{};
  command.cmd = V4L2_DEC_CMD_FLUSH;
  return call(video(), VIDIOC_DECODER_CMD, &command);
}

int Client::first_sample(uint32_t index) const {
  Buffer buffer(kCapture, index);
  if (call(video(), VIDIOC_QUERYBUF, &buffer.buffer)) return -1;
  void* memory =
      mmap(nullptr, buffer.plane.length, PROT_READ, MAP_SHARED, video(), buffer.plane.m.mem_offset);
  if (memory == MAP_FAILED) return -1;
  const int sample = *static_cast<const uint8_t*>(memory);
  munmap(memory, buffer.plane.length);
  return sample;
}

}  // namespace daedalus::v4l2_test
