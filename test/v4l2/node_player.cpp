// SPDX-License-Identifier: MIT
#include "node_player.h"

#include <linux/media.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace daedalus::v4l2_test {
namespace {

bool succeeded(const char* what, int result) {
  if (result < 0) perror(what);
  return result >= 0;
}

uint32_t coded_format(uint32_t codec) {
  constexpr uint32_t formats[] = {V4L2_PIX_FMT_H264_SLICE, V4L2_PIX_FMT_VP9_FRAME,
                                  v4l2_fourcc('A', 'V', '1', 'F')};
  return formats[codec];
}

}  // namespace

NodePlayer::NodePlayer(unsigned video, const std::vector<std::vector<std::byte>>& jobs)
    : client_(video) {
  for (const auto& job : jobs) jobs_.push_back({job});
  opened_ = !jobs_.empty() && jobs_.size() <= DAEDALUS_V4L2_MAX_BUFFERS && open();
}

NodePlayer::~NodePlayer() {
  for (const auto& bitstream : bitstreams_) munmap(bitstream.data(), bitstream.size());
}

bool NodePlayer::open() {
  const auto& first = jobs_[0].job();
  if (client_.set_format(coded_format(first.codec), first.width, first.height) ||
      client_.request_buffers(kOutput, depth))
    return false;
  const uint32_t size = client_.format(kOutput).plane_fmt[0].sizeimage;
  for (uint32_t i = 0; i < depth; ++i) {
    v4l2_plane plane{};
    v4l2_buffer buffer{};
    buffer.type = kOutput;
    buffer.index = i;
    buffer.length = 1;
    buffer.m.planes = &plane;
    if (!succeeded("QUERYBUF", ioctl(client_.video(), VIDIOC_QUERYBUF, &buffer))) return false;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, client_.video(),
                        plane.m.mem_offset);
    if (memory == MAP_FAILED) return false;
    bitstreams_.emplace_back(static_cast<std::byte*>(memory), size);
    requests_.push_back(client_.make_request());
  }
  // The depth of the sequence decides the CAPTURE format.
  for (const auto& [id, value] : jobs_[0].controls())
    if (const int error = client_.set_control(id, value.data(), value.size()); error) {
      fprintf(stderr, "control %x: %s\n", id, strerror(-error));
      return false;
    }
  return !client_.request_buffers(kCapture, static_cast<uint32_t>(jobs_.size())) &&
         !client_.stream(kOutput, true) && !client_.stream(kCapture, true);
}

bool NodePlayer::queue(std::size_t index) {
  const uint32_t slot = index % depth;
  const int request = requests_[slot].get();
  const Message& message = jobs_[index];
  std::vector<v4l2_ext_control> settings;
  for (const auto& [id, value] : message.controls()) {
    auto& setting = settings.emplace_back();
    setting = {};
    setting.id = id;
    setting.size = static_cast<uint32_t>(value.size());
    setting.ptr = const_cast<std::byte*>(value.data());
  }
  v4l2_ext_controls controls{};
  controls.which = V4L2_CTRL_WHICH_REQUEST_VAL;
  controls.request_fd = request;
  controls.count = static_cast<uint32_t>(settings.size());
  controls.controls = settings.data();
  const auto bitstream = message.bitstream();
  std::memcpy(bitstreams_[slot].data(), bitstream.data(),
              std::min(bitstream.size(), bitstreams_[slot].size()));
  v4l2_plane plane{};
  plane.bytesused = message.job().bitstream_size;
  v4l2_buffer buffer{};
  buffer.type = kOutput;
  buffer.index = slot;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.length = 1;
  buffer.m.planes = &plane;
  buffer.timestamp.tv_sec = static_cast<time_t>(message.job().timestamp / 1'000'000'000);
  buffer.timestamp.tv_usec =
      static_cast<suseconds_t>(message.job().timestamp % 1'000'000'000 / 1000);
  buffer.flags = V4L2_BUF_FLAG_REQUEST_FD;
  buffer.request_fd = request;
  return succeeded("S_EXT_CTRLS", ioctl(client_.video(), VIDIOC_S_EXT_CTRLS, &controls)) &&
         succeeded("QBUF", ioctl(client_.video(), VIDIOC_QBUF, &buffer)) &&
         succeeded("REQUEST_QUEUE", ioctl(request, MEDIA_REQUEST_IOC_QUEUE));
}

bool NodePlayer::finish(std::size_t index) {
  const int request = requests_[index % depth].get();
  if (!wait_for(request, POLLPRI, 60'000)) return false;
  const auto picture = client_.dequeue(kCapture);
  return !picture.error && !picture.failed() && !client_.dequeue(kOutput).error &&
         succeeded("REINIT", ioctl(request, MEDIA_REQUEST_IOC_REINIT));
}

bool NodePlayer::play() {
  if (!opened_) return false;
  const std::size_t count = jobs_.size();
  for (uint32_t i = 0; i < count; ++i)
    if (client_.queue_capture(i)) return false;
  for (std::size_t i = 0; i < count + depth; ++i) {
    if (i >= depth && !finish(i - depth)) return false;
    if (i < count && !queue(i)) return false;
  }
  return true;
}

}  // namespace daedalus::v4l2_test
