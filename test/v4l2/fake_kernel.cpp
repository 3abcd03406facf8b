// SPDX-License-Identifier: MIT
#include "v4l2/fake_kernel.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace daedalus::test {

namespace {

std::size_t padded(std::size_t size) {
  return (size + 7) / 8 * 8;
}

void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
  to.resize(padded(to.size()));
}

}  // namespace

uint32_t FakeFormat::pitch() const {
  const uint32_t row = aligned_width() * (pixel_format == V4L2_PIX_FMT_NV12 ? 1 : 2);
  return (row + 63) / 64 * 64;
}

JobMessage::JobMessage(uint32_t codec, const FakeFormat& format, uint64_t buffer,
                       uint64_t timestamp)
    : head{} {
  head.header = {0, DAEDALUS_V4L2_JOB, DAEDALUS_V4L2_VERSION};
  head.buffer = buffer;
  head.timestamp = timestamp;
  head.codec = codec;
  head.format = format.pixel_format;
  head.width = format.aligned_width();
  head.height = format.aligned_height();
  head.pitch = format.pitch();
  head.chroma_offset = format.pitch() * format.aligned_height();
  head.sizeimage = format.sizeimage();
}

void JobMessage::add_control(uint32_t id, std::span<const std::byte> value) {
  const daedalus_v4l2_control control = {id, static_cast<uint32_t>(value.size())};
  append(controls_, std::as_bytes(std::span(&control, 1)));
  append(controls_, value);
}

std::vector<std::byte> JobMessage::bytes(uint64_t job) const {
  daedalus_v4l2_job full = head;
  full.job = job;
  full.controls_offset = sizeof(full);
  full.controls_size = static_cast<uint32_t>(controls_.size());
  full.bitstream_offset = static_cast<uint32_t>(sizeof(full) + controls_.size());
  full.bitstream_size = static_cast<uint32_t>(bitstream_.size());
  full.header.size = static_cast<uint32_t>(full.bitstream_offset + padded(bitstream_.size()));
  std::vector<std::byte> bytes;
  bytes.reserve(full.header.size);
  append(bytes, std::as_bytes(std::span(&full, 1)));
  append(bytes, controls_);
  append(bytes, bitstream_);
  return bytes;
}

class FakeKernel::Stream final : public v4l2::Connection {
 public:
  explicit Stream(FakeKernel& kernel) : kernel_(kernel) {}

  std::span<const std::byte> read(std::vector<std::byte>& memory) override {
    std::unique_lock lock(kernel_.mutex_);
    kernel_.changed_.wait(
        lock, [&] { return kernel_.stopped_ || kernel_.hung_up_ || !kernel_.messages_.empty(); });
    if (kernel_.stopped_ || kernel_.messages_.empty()) return {};
    std::swap(memory, kernel_.messages_.front());
    kernel_.messages_.pop_front();
    return memory;
  }
  Result<int> get(uint64_t buffer) override {
    std::unique_lock lock(kernel_.mutex_);
    if (kernel_.is_slow) kernel_.changed_.wait(lock, [&] { return !kernel_.answers_.empty(); });
    const auto found = kernel_.buffers_.find(buffer);
    if (found == kernel_.buffers_.end()) return tl::unexpected(Error::invalid_parameter);
    return fcntl(found->second.descriptor, F_DUPFD_CLOEXEC, 0);
  }
  void answer(uint64_t job, uint32_t status) override {
    std::lock_guard lock(kernel_.mutex_);
    kernel_.answers_.emplace_back(job, status);
    kernel_.changed_.notify_all();
  }
  void stop() override {
    std::lock_guard lock(kernel_.mutex_);
    kernel_.stopped_ = true;
    kernel_.changed_.notify_all();
  }

 private:
  FakeKernel& kernel_;
};

FakeKernel::~FakeKernel() {
  for (const auto& [buffer, memory] : buffers_) {
    munmap(memory.bytes.data(), memory.bytes.size());
    close(memory.descriptor);
  }
}

std::unique_ptr<v4l2::Connection> FakeKernel::connect() {
  return std::make_unique<Stream>(*this);
}

uint64_t FakeKernel::add_buffer(const FakeFormat& format) {
  const std::size_t size = format.sizeimage();
  const int descriptor = memfd_create("capture", MFD_CLOEXEC);
  if (descriptor < 0 || ftruncate(descriptor, static_cast<off_t>(size)) < 0) return 0;
  void* const bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  std::lock_guard lock(mutex_);
  buffers_[++last_buffer_] = {descriptor, {static_cast<std::byte*>(bytes), size}};
  return last_buffer_;
}

void FakeKernel::remove_buffer(uint64_t buffer) {
  {
    std::lock_guard lock(mutex_);
    const auto found = buffers_.find(buffer);
    munmap(found->second.bytes.data(), found->second.bytes.size());
    close(found->second.descriptor);
    buffers_.erase(found);
  }
  const daedalus_v4l2_buffer_gone gone = {
      {sizeof(gone), DAEDALUS_V4L2_BUFFER_GONE, DAEDALUS_V4L2_VERSION}, buffer};
  const auto bytes = std::as_bytes(std::span(&gone, 1));
  send(std::vector(bytes.begin(), bytes.end()));
}

std::span<const std::byte> FakeKernel::memory(uint64_t buffer) {
  std::lock_guard lock(mutex_);
  return buffers_.at(buffer).bytes;
}

uint64_t FakeKernel::send(const JobMessage& message) {
  uint64_t job;
  {
    std::lock_guard lock(mutex_);
    job = ++last_job_;
  }
  auto bytes = message.bytes(job);
  if (record) record->push_back(bytes);
  send(std::move(bytes));
  return job;
}

void FakeKernel::send(std::vector<std::byte> message) {
  std::lock_guard lock(mutex_);
  messages_.push_back(std::move(message));
  changed_.notify_all();
}

void FakeKernel::hang_up() {
  std::lock_guard lock(mutex_);
  hung_up_ = true;
  changed_.notify_all();
}

std::optional<uint32_t> FakeKernel::wait(uint64_t job, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  auto found = answers_.rend();
  changed_.wait_for(lock, timeout, [&] {
    found = std::find_if(answers_.rbegin(), answers_.rend(),
                         [&](const auto& answer) { return answer.first == job; });
    return found != answers_.rend();
  });
  return found == answers_.rend() ? std::nullopt : std::optional(found->second);
}

std::vector<uint64_t> FakeKernel::answers() {
  std::lock_guard lock(mutex_);
  std::vector<uint64_t> jobs;
  for (const auto& [job, status] : answers_) jobs.push_back(job);
  return jobs;
}

}  // namespace daedalus::test
