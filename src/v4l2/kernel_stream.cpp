// SPDX-License-Identifier: MIT
// A stream of /dev/daedalus-v4l2.
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "daedalus/file_descriptor.h"
#include "daedalus/log.h"
#include "v4l2/connection.h"
#include "v4l2/kernel/daedalus_v4l2.h"

namespace daedalus::v4l2 {

namespace {

class KernelStream final : public Connection {
 public:
  KernelStream(FileDescriptor stream, FileDescriptor stopped)
      : stream_(std::move(stream)), stopped_(std::move(stopped)) {}

  std::span<const std::byte> read(std::vector<std::byte>& memory) override;
  Result<int> get(uint64_t buffer) override;
  void answer(uint64_t job, uint32_t status) override;
  void stop() override {
    const uint64_t once = 1;
    [[maybe_unused]] const auto written = write(stopped_.get(), &once, sizeof(once));
  }

 private:
  bool wait();

  const FileDescriptor stream_;
  const FileDescriptor stopped_;  // an eventfd
};

// False: the stream has ended.
bool KernelStream::wait() {
  std::array<pollfd, 2> waits = {pollfd{stream_.get(), POLLIN, 0},
                                 pollfd{stopped_.get(), POLLIN, 0}};
  while (poll(waits.data(), waits.size(), -1) < 0)
    if (errno != EINTR) return false;
  return waits[1].revents == 0;
}

std::span<const std::byte> KernelStream::read(std::vector<std::byte>& memory) {
  constexpr std::size_t usual_size = std::size_t{1} << 16;
  while (wait()) {
    const ssize_t count = ::read(stream_.get(), memory.data(), memory.size());
    if (count >= 0) return {memory.data(), static_cast<std::size_t>(count)};
    if (errno == EMSGSIZE) {
      memory.resize(std::max(2 * memory.size(), usual_size));
    } else if (errno != EAGAIN && errno != EINTR) {
      log(LogLevel::error, "reading from the kernel module: %s", strerror(errno));
      return {};
    }
  }
  return {};
}

Result<int> KernelStream::get(uint64_t buffer) {
  daedalus_v4l2_get request = {.buffer = buffer};
  const int descriptor = ioctl(stream_.get(), DAEDALUS_V4L2_GET, &request);
  if (descriptor >= 0) return descriptor;
  return tl::unexpected(errno == ENOMEM || errno == EMFILE || errno == ENFILE
                            ? Error::out_of_memory
                            : Error::invalid_parameter);
}

void KernelStream::answer(uint64_t job, uint32_t status) {
  const daedalus_v4l2_answer answer = {
      .header = {sizeof(answer), DAEDALUS_V4L2_ANSWER, DAEDALUS_V4L2_VERSION},
      .job = job,
      .status = status,
      .reserved = 0};
  if (write(stream_.get(), &answer, sizeof(answer)) < 0)
    log(LogLevel::debug, "an answer was not taken: %s", strerror(errno));
}

}  // namespace

Result<std::unique_ptr<Connection>> open_kernel_stream(int descriptor) {
  FileDescriptor stream(descriptor);
  FileDescriptor stopped(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stopped.get() < 0) return tl::unexpected(Error::out_of_memory);
  return std::make_unique<KernelStream>(std::move(stream), std::move(stopped));
}

}  // namespace daedalus::v4l2
