// SPDX-License-Identifier: MIT
#include "v4l2/message.h"

#include <linux/videodev2.h>

namespace daedalus::v4l2 {

namespace {

constexpr std::size_t alignment = 8;

// linux/videodev2.h before 6.0 lacks it.
constexpr uint32_t pixel_format_p010 = v4l2_fourcc('P', '0', '1', '0');

template <typename T>
std::optional<T> read(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(T)) return {};
  T value;
  memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

// Empty if the part extends beyond the message.
std::optional<std::span<const std::byte>> part(std::span<const std::byte> message, uint32_t offset,
                                               uint32_t size) {
  if (offset % alignment != 0 || offset < sizeof(daedalus_v4l2_job) || offset > message.size() ||
      size > message.size() - offset)
    return {};
  return message.subspan(offset, size);
}

// A client's buffer must be large enough for its layout, even if the message is wrong.
bool is_consistent(const daedalus_v4l2_job& head) {
  const bool is_nv12 = head.format == V4L2_PIX_FMT_NV12;
  if (!is_nv12 && head.format != pixel_format_p010) return false;
  if (head.width == 0 || head.height == 0 || head.width > DAEDALUS_V4L2_MAX_SIZE ||
      head.height > DAEDALUS_V4L2_MAX_SIZE || head.width % 16 != 0 || head.height % 16 != 0)
    return false;
  const uint64_t row = uint64_t{head.width} * (is_nv12 ? 1 : 2);
  const uint64_t luma = uint64_t{head.pitch} * head.height;
  return head.pitch >= row && head.pitch % 64 == 0 && head.chroma_offset == luma &&
         luma + luma / 2 <= head.sizeimage;
}

Result<Message> parse_job(std::span<const std::byte> message) {
  const auto head = read<daedalus_v4l2_job>(message);
  if (!head || !is_consistent(*head) || head->bitstream_size > DAEDALUS_V4L2_MAX_BITSTREAM)
    return tl::unexpected(Error::damaged);
  const auto controls = part(message, head->controls_offset, head->controls_size);
  const auto bitstream = part(message, head->bitstream_offset, head->bitstream_size);
  if (!controls || !bitstream) return tl::unexpected(Error::damaged);
  return Job{*head, *controls, *bitstream};
}

}  // namespace

std::span<const std::byte> Job::control_bytes(uint32_t id) const {
  auto rest = controls;
  while (const auto control = read<daedalus_v4l2_control>(rest)) {
    rest = rest.subspan(sizeof(*control));
    if (control->size > rest.size()) return {};
    if (control->id == id) return rest.first(control->size);
    const std::size_t padded = (control->size + alignment - 1) / alignment * alignment;
    if (padded > rest.size()) return {};
    rest = rest.subspan(padded);
  }
  return {};
}

PictureLayout Job::layout() const {
  PictureLayout layout = {};
  layout.format = head.format == V4L2_PIX_FMT_NV12 ? PictureFormat::nv12 : PictureFormat::p010;
  layout.width = head.width;
  layout.height = head.height;
  layout.pitch = head.pitch;
  layout.chroma_offset = head.chroma_offset;
  layout.size = head.chroma_offset + head.chroma_offset / 2;
  return layout;
}

Result<Message> parse_message(std::span<const std::byte> message) {
  const auto header = read<daedalus_v4l2_header>(message);
  if (!header || header->size != message.size()) return tl::unexpected(Error::damaged);
  if (header->version != DAEDALUS_V4L2_VERSION) return tl::unexpected(Error::unsupported);
  switch (header->type) {
    case DAEDALUS_V4L2_JOB:
      return parse_job(message);
    case DAEDALUS_V4L2_BUFFER_GONE: {
      const auto gone = read<daedalus_v4l2_buffer_gone>(message);
      if (!gone) return tl::unexpected(Error::damaged);
      return BufferGone{gone->buffer};
    }
    default:
      return tl::unexpected(Error::unsupported);
  }
}

}  // namespace daedalus::v4l2
