// SPDX-License-Identifier: MIT
// Plays the V4L2 kernel module's messages through the daemon's code, one after another; each is as
// long as its header says. Every job must be answered once, in order.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "daedalus/settings.h"
#include "null/null_device.h"
#include "v4l2/stream.h"
#include "va/open_device.h"

namespace daedalus::fuzz {
namespace {

constexpr std::size_t max_data = std::size_t{1} << 16;
constexpr off_t buffer_size = 512 * 512 * 3 / 2;

// A kernel whose buffers all have one size; larger ones are refused.
class Connection final : public v4l2::Connection {
 public:
  explicit Connection(std::span<const std::byte> messages) : messages_(messages) {}
  ~Connection() override {
    if (answered_ != given_) abort();
  }

  std::span<const std::byte> read(std::vector<std::byte>& memory) override {
    daedalus_v4l2_header header;
    if (messages_.size() < sizeof(header)) return {};
    memcpy(&header, messages_.data(), sizeof(header));
    const auto size = std::clamp<std::size_t>(header.size, sizeof(header), messages_.size());
    memory.assign(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(size));
    messages_ = messages_.subspan(size);
    number_job(memory);
    return memory;
  }
  Result<int> get(uint64_t) override {
    const int descriptor = memfd_create("capture", MFD_CLOEXEC);
    if (descriptor < 0 || ftruncate(descriptor, buffer_size) < 0) abort();
    return descriptor;
  }
  void answer(uint64_t job, uint32_t status) override {
    if (job != ++answered_ || status > DAEDALUS_V4L2_FAILED) abort();
  }
  void stop() override {}

 private:
  void number_job(std::vector<std::byte>& memory) {
    if (!v4l2::parse_message(memory)) return;
    daedalus_v4l2_job job;
    if (memory.size() < sizeof(job)) return;
    memcpy(&job, memory.data(), sizeof(job));
    if (job.header.type != DAEDALUS_V4L2_JOB) return;
    job.job = ++given_;
    memcpy(memory.data(), &job, sizeof(job));
  }

  std::span<const std::byte> messages_;
  uint64_t given_ = 0;     // used by the reader
  uint64_t answered_ = 0;  // used by the answering thread
};

Device& shared_device() {
  static const auto device = [] {
    Settings settings;
    settings.device = null::device_name;
    auto opened = va::open_device(settings, {});
    if (!opened) abort();
    return std::move(*opened);
  }();
  return *device;
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus;
  if (size > fuzz::max_data) return 0;
  v4l2::Metrics metrics;
  v4l2::StreamSettings settings;
  settings.entropy_threads = 2;
  settings.time_for_picture = std::chrono::minutes(1);
  auto stream = v4l2::Stream::start(
      fuzz::shared_device(),
      std::make_unique<fuzz::Connection>(std::as_bytes(std::span(data, size))), settings, metrics);
  if (!stream) abort();
  stream->reset();
  return 0;
}
