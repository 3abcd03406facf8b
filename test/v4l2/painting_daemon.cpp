// SPDX-License-Identifier: MIT
// Creates the module's nodes and fills each picture with one shade, to test clients without a
// decoder.
//
// Prints the video node's name. Runs until it is killed.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "daemon_side.h"

namespace {

using daedalus::FileDescriptor;
using daedalus::v4l2_test::Control;
using daedalus::v4l2_test::paint;
using daedalus::v4l2_test::Stream;

// Returns false once the client is gone.
bool serve(Stream& stream) {
  const auto message = stream.read(0);
  if (!message) return true;
  if (message->bytes.empty()) return false;
  if (!message->is_job()) return true;
  const auto& job = message->job();
  const FileDescriptor dma_buf(stream.get(job.buffer));
  const bool painted = dma_buf && paint(job, dma_buf.get(), static_cast<uint8_t>(job.job * 8));
  stream.answer(job.job, painted ? DAEDALUS_V4L2_DONE : DAEDALUS_V4L2_FAILED);
  return true;
}

}  // namespace

int main() {
  Control control(daedalus::v4l2_test::everything());
  if (control.error() < 0) {
    std::fprintf(stderr, "CREATE: %s\n", std::strerror(-control.error()));
    return 1;
  }
  std::printf("/dev/video%u\n", control.video());
  std::fflush(stdout);
  std::vector<Stream> streams;
  for (;;) {
    std::vector<pollfd> polled{{control.fd(), POLLIN, 0}};
    for (const auto& stream : streams) polled.push_back({stream.fd(), POLLIN, 0});
    if (poll(polled.data(), polled.size(), -1) < 0) return 1;
    for (size_t i = streams.size(); i-- > 0;)
      if (polled[i + 1].revents && !serve(streams[i]))
        streams.erase(streams.begin() + static_cast<std::ptrdiff_t>(i));
    if (polled[0].revents)
      if (auto stream = control.accept(0)) streams.push_back(std::move(*stream));
  }
}
