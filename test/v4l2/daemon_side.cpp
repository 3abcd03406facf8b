// SPDX-License-Identifier: MIT
#include "daemon_side.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace daedalus::v4l2_test {

short wait_for(int fd, short events, int timeout_ms) {
  pollfd polled{fd, events, 0};
  return poll(&polled, 1, timeout_ms) > 0 ? polled.revents : short{0};
}

const daedalus_v4l2_header& Message::header() const {
  return *reinterpret_cast<const daedalus_v4l2_header*>(bytes.data());
}

const daedalus_v4l2_job& Message::job() const {
  return *reinterpret_cast<const daedalus_v4l2_job*>(bytes.data());
}

bool Message::is_job() const {
  return bytes.size() >= sizeof(daedalus_v4l2_job) && header().type == DAEDALUS_V4L2_JOB;
}

std::span<const std::byte> Message::bitstream() const {
  return std::span(bytes).subspan(job().bitstream_offset, job().bitstream_size);
}

std::map<uint32_t, std::span<const std::byte>> Message::controls() const {
  std::map<uint32_t, std::span<const std::byte>> found;
  auto rest = std::span(bytes).subspan(job().controls_offset, job().controls_size);
  while (!rest.empty()) {
    daedalus_v4l2_control head;
    std::memcpy(&head, rest.data(), sizeof head);
    found[head.id] = rest.subspan(sizeof head, head.size);
    rest = rest.subspan(sizeof head + (head.size + 7) / 8 * 8);
  }
  return found;
}

std::optional<Message> Stream::read(int timeout_ms) {
  if (!wait_for(fd(), POLLIN, timeout_ms)) return std::nullopt;
  Message message;
  message.bytes.resize(1 << 14);
  ssize_t got;
  while ((got = ::read(fd(), message.bytes.data(), message.bytes.size())) < 0 && errno == EMSGSIZE)
    message.bytes.resize(2 * message.bytes.size());
  if (got < 0) return std::nullopt;
  message.bytes.resize(static_cast<size_t>(got));
  return message;
}

int Stream::answer(uint64_t job, uint32_t status) {
  daedalus_v4l2_answer answer{};
  answer.header = {sizeof answer, DAEDALUS_V4L2_ANSWER, DAEDALUS_V4L2_VERSION};
  answer.job = job;
  answer.status = status;
  const ssize_t written = write(fd(), &answer, sizeof answer);
  return written < 0 ? -errno : static_cast<int>(written);
}

int Stream::get(uint64_t buffer) const {
  daedalus_v4l2_get get{buffer};
  const int fd = ioctl(this->fd(), DAEDALUS_V4L2_GET, &get);
  return fd < 0 ? -errno : fd;
}

Control::Control(const daedalus_v4l2_create& create)
    : fd_(open("/dev/daedalus-v4l2", O_RDWR | O_CLOEXEC)), create_(create) {
  if (!fd_ || ioctl(fd(), DAEDALUS_V4L2_CREATE, &create_)) error_ = -errno;
}

std::optional<Stream> Control::accept(int timeout_ms) {
  if (!wait_for(fd(), POLLIN, timeout_ms)) return std::nullopt;
  FileDescriptor stream(ioctl(fd(), DAEDALUS_V4L2_ACCEPT));
  if (!stream) return std::nullopt;
  return Stream(std::move(stream));
}

daedalus_v4l2_create everything(uint32_t max_width, uint32_t max_height) {
  daedalus_v4l2_create create{};
  create.size = sizeof create;
  create.version = DAEDALUS_V4L2_VERSION;
  create.codecs[DAEDALUS_V4L2_H264] = {DAEDALUS_V4L2_INTERLACED | DAEDALUS_V4L2_MONOCHROME,
                                       max_width, max_height};
  create.codecs[DAEDALUS_V4L2_VP9] = {DAEDALUS_V4L2_10_BIT, max_width, max_height};
  create.codecs[DAEDALUS_V4L2_AV1] = {DAEDALUS_V4L2_10_BIT | DAEDALUS_V4L2_MONOCHROME, max_width,
                                      max_height};
  return create;
}

bool paint(const daedalus_v4l2_job& job, int dma_buf, uint8_t value) {
  void* memory = mmap(nullptr, job.sizeimage, PROT_READ | PROT_WRITE, MAP_SHARED, dma_buf, 0);
  if (memory == MAP_FAILED) return false;
  dma_buf_sync sync{DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE};
  ioctl(dma_buf, DMA_BUF_IOCTL_SYNC, &sync);
  auto* bytes = static_cast<uint8_t*>(memory);
  std::memset(bytes, value, job.chroma_offset);
  std::memset(bytes + job.chroma_offset, 128, job.sizeimage - job.chroma_offset);
  sync.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE;
  ioctl(dma_buf, DMA_BUF_IOCTL_SYNC, &sync);
  munmap(memory, job.sizeimage);
  return true;
}

}  // namespace daedalus::v4l2_test
