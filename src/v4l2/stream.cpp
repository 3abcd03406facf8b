// SPDX-License-Identifier: MIT
#include "v4l2/stream.h"

#include <algorithm>
#include <new>

#include "daedalus/log.h"

namespace daedalus::v4l2 {

namespace {

constexpr const char* codec_names[DAEDALUS_V4L2_CODECS] = {"H.264", "VP9", "AV1"};

// Makes the picture black, or a copy of another one with the same layout. Nothing may be reading or
// writing it.
Result<void> fill(Surface& target, Surface* source) {
  const PictureLayout& layout = target.picture().layout();
  std::vector<std::byte> samples(layout.size);
  const bool copies = source && source != &target && source->picture().layout() == layout &&
                      source->picture().download(samples);
  if (!copies)
    fill_black(layout, {reinterpret_cast<uint32_t*>(samples.data()), samples.size() / 4});
  return target.picture().upload(samples);
}

}  // namespace

void Metrics::tell() const {
  log(LogLevel::info,
      "streams=%llu open=%llu h264=%llu vp9=%llu av1=%llu damaged=%llu refused=%llu failed=%llu "
      "buffers=%llu copied=%llu",
      static_cast<unsigned long long>(streams), static_cast<unsigned long long>(open_streams),
      static_cast<unsigned long long>(pictures[DAEDALUS_V4L2_H264]),
      static_cast<unsigned long long>(pictures[DAEDALUS_V4L2_VP9]),
      static_cast<unsigned long long>(pictures[DAEDALUS_V4L2_AV1]),
      static_cast<unsigned long long>(damaged), static_cast<unsigned long long>(refused),
      static_cast<unsigned long long>(failed), static_cast<unsigned long long>(buffers),
      static_cast<unsigned long long>(copied));
}

Stream::Stream(Device& device, std::unique_ptr<Connection> connection,
               const StreamSettings& settings, Metrics& metrics)
    : device_(device),
      connection_(std::move(connection)),
      settings_(settings),
      metrics_(metrics),
      buffers_(device, *connection_) {
  ++metrics_.streams;
  ++metrics_.open_streams;
}

Result<std::unique_ptr<Stream>> Stream::start(Device& device,
                                              std::unique_ptr<Connection> connection,
                                              const StreamSettings& settings, Metrics& metrics) {
  std::unique_ptr<Stream> stream(new Stream(device, std::move(connection), settings, metrics));
  auto reader = Thread::start("v4l2-read", [self = stream.get()] { self->read_jobs(); });
  if (!reader) {
    stream->reader_ended_ = true;
    return tl::unexpected(reader.error());
  }
  stream->reader_ = std::move(*reader);
  auto answerer = Thread::start("v4l2-answer", [self = stream.get()] { self->answer_jobs(); });
  if (!answerer) return tl::unexpected(answerer.error());
  stream->answerer_ = std::move(*answerer);
  return stream;
}

Stream::~Stream() {
  connection_->stop();
  reader_.join();
  answerer_.join();
  --metrics_.open_streams;
}

void Stream::tell_of_no_memory() const {
  log(LogLevel::error, "stream %llu: out of memory",
      static_cast<unsigned long long>(settings_.number));
}

void Stream::read_jobs() {
  std::vector<std::byte> memory;
  try {
    while (true) {
      const auto message = connection_->read(memory);
      if (message.empty() || !take(message)) break;
    }
  } catch (const std::bad_alloc&) {  // other streams go on
    tell_of_no_memory();
  }
  codec_.reset();  // waits for the pictures in flight
  {
    std::lock_guard lock(mutex_);
    reader_ended_ = true;
  }
  changed_.notify_one();
}

// Returns false if the module uses another version of the protocol.
bool Stream::take(std::span<const std::byte> message) {
  const auto parsed = parse_message(message);
  if (!parsed) {
    log(LogLevel::error, "stream %llu: a message of %zu bytes: %s",
        static_cast<unsigned long long>(settings_.number), message.size(),
        describe(parsed.error()));
    return false;
  }
  if (const auto* gone = std::get_if<BufferGone>(&*parsed))
    buffers_.drop(gone->buffer);
  else
    decode(std::get<Job>(*parsed));
  return true;
}

// The answering thread gets the job before the decoder does, so that it times out even if the
// decoder hangs.
void Stream::decode(const Job& job) {
  const uint32_t codec = std::min<uint32_t>(job.head.codec, DAEDALUS_V4L2_CODECS - 1);
  {
    std::lock_guard lock(mutex_);
    auto& pending = pending_.emplace_back();
    pending.job = job.head.job;
    pending.codec = codec;
    pending.read_at = Clock::now();
  }
  changed_.notify_one();
  const uint64_t made = buffers_.made();
  const auto buffer = buffers_.take(job);
  metrics_.buffers += buffers_.made() - made;
  bool failed = !buffer, refused = false;
  if (buffer) {
    if (const auto decoded = hand_over(job, **buffer); !decoded) {
      log(LogLevel::warning, "stream %llu: a %s picture is refused: %s",
          static_cast<unsigned long long>(settings_.number), codec_names[codec],
          describe(decoded.error()));
      refused = true;
      failed = !stand_in(**buffer);
    }
    buffers_.set_timestamp(**buffer, job.head.timestamp);
  } else {
    log(LogLevel::error, "stream %llu: no access to a buffer: %s",
        static_cast<unsigned long long>(settings_.number), describe(buffer.error()));
  }
  std::lock_guard lock(mutex_);
  // A job that timed out was answered already.
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [&](const Pending& other) { return other.job == job.head.job; });
  if (found == pending_.end()) return;
  found->refused = refused;
  found->state = failed ? Pending::State::failed : Pending::State::decoding;
  if (buffer) {
    found->surface = (*buffer)->surface;
    found->memory = (*buffer)->memory;
  }
  changed_.notify_one();
}

Result<void> Stream::hand_over(const Job& job, Buffer& buffer) {
  if (auto opened = open_codec(job); !opened) return opened;
  if (auto decoded = codec_->decode(job, buffer, buffers_); !decoded) return decoded;
  last_ = buffer.surface;
  return {};
}

// VP9 and AV1 streams change their size between frames, and their decoders need earlier frames. An
// H.264 sequence begins with an IDR picture.
Result<void> Stream::open_codec(const Job& job) {
  const CodecWish wish = {job.head.codec, job.head.width, job.head.height,
                          settings_.entropy_threads};
  const bool same_size = opened_.width == wish.width && opened_.height == wish.height;
  if (codec_ && opened_.codec == wish.codec && (same_size || wish.codec != DAEDALUS_V4L2_H264))
    return {};
  codec_.reset();
  auto codec = create_codec(device_, wish);
  if (!codec) return tl::unexpected(codec.error());
  codec_ = std::move(*codec);
  opened_ = wish;
  return {};
}

// Replaces a refused picture by the previous one, or by black: clients show the buffer whatever the
// answer is.
Result<void> Stream::stand_in(Buffer& buffer) {
  if (auto idle = buffer.surface->sync(settings_.time_for_picture, Access::write);
      !idle && idle.error() == Error::timeout)
    return idle;
  auto last = last_.lock();
  if (last && !last->sync(settings_.time_for_picture)) last.reset();
  if (auto filled = fill(*buffer.surface, last.get()); !filled) return filled;
  buffer.reference = buffer.surface;
  return {};
}

void Stream::answer_jobs() {
  auto last_answer = Clock::now();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !pending_.empty() || reader_ended_; });
    if (pending_.empty()) break;
    const auto deadline =
        std::max(pending_.front().read_at, last_answer) + settings_.time_for_picture;
    changed_.wait_until(lock, deadline, [&] {
      return pending_.front().state != Pending::State::reading || reader_ended_;
    });
    Pending pending = std::move(pending_.front());
    pending_.pop_front();
    lock.unlock();
    bool done = false;
    try {
      done = finish(pending, deadline);
      count(pending, done);
    } catch (const std::bad_alloc&) {
      if (!done) ++metrics_.failed;
      tell_of_no_memory();
    }
    connection_->answer(pending.job, done ? DAEDALUS_V4L2_DONE : DAEDALUS_V4L2_FAILED);
    last_answer = Clock::now();
    pending = {};
    lock.lock();
  }
  ended_ = true;
}

// Returns whether the client's buffer holds the picture.
bool Stream::finish(Pending& pending, Clock::time_point deadline) {
  if (pending.state != Pending::State::decoding) return false;
  const auto left = std::max<Clock::duration>(deadline - Clock::now(), {});
  if (!pending.refused) {
    if (auto synced = pending.surface->sync(left); !synced) {
      log(LogLevel::error, "stream %llu: a picture was not decoded: %s",
          static_cast<unsigned long long>(settings_.number), describe(synced.error()));
      return false;
    }
  }
  if (!pending.memory) return true;
  ++metrics_.copied;
  return pending.memory->copy(pending.surface->picture()).has_value();
}

void Stream::count(const Pending& pending, bool done) {
  if (!done) {
    ++metrics_.failed;
    return;
  }
  ++metrics_.pictures[pending.codec];
  if (pending.refused)
    ++metrics_.refused;
  else if (!pending.surface->damage().empty())
    ++metrics_.damaged;
}

}  // namespace daedalus::v4l2
