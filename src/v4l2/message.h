// SPDX-License-Identifier: MIT
// Checks the kernel module's messages (kernel/daedalus_v4l2.h). A client may control everything in
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <variant>

#include "daedalus/error.h"
#include "daedalus/picture.h"
#include "v4l2/kernel/daedalus_v4l2.h"

namespace daedalus::v4l2 {

// A picture to decode. Its spans point into the message.
struct Job {
  daedalus_v4l2_job head;
  std::span<const std::byte> controls;
  std::span<const std::byte> bitstream;

  // The bytes of a control's struct; empty if the control is missing.
  std::span<const std::byte> control_bytes(uint32_t id) const;

  // Empty if the control is missing or has another size.
  template <typename Control>
  std::optional<Control> control(uint32_t id) const {
    static_assert(std::is_trivially_copyable_v<Control>);
    const auto bytes = control_bytes(id);
    if (bytes.size() != sizeof(Control)) return {};
    Control value;
    memcpy(&value, bytes.data(), sizeof(value));
    return value;
  }

  // The layout of the client's buffer.
  PictureLayout layout() const;
};

struct BufferGone {
  uint64_t buffer;
};

using Message = std::variant<Job, BufferGone>;

// Error::damaged if the message violates the protocol, Error::unsupported for an unknown type or
// version.
Result<Message> parse_message(std::span<const std::byte> message);

}  // namespace daedalus::v4l2
