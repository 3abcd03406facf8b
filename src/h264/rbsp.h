// SPDX-License-Identifier: MIT
// Extracts the RBSP of a NAL unit (H.264 7.3.1, 7.4.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace daedalus::h264 {

// A reusable buffer for one NAL unit without its emulation prevention bytes.
class Rbsp {
 public:
  // `nal_unit` starts at the NAL header; so do the positions in the result.
  void assign(std::span<const std::byte> nal_unit);

  const uint8_t* data() const { return bytes_.data(); }  // followed by rbsp_padding zero bytes
  std::size_t size() const { return size_; }
  // Position of rbsp_stop_one_bit in bits; 0 if no bit is set.
  std::size_t stop_bit() const { return stop_bit_; }

 private:
  std::vector<uint8_t> bytes_;
  std::size_t size_ = 0;
  std::size_t stop_bit_ = 0;
};

}  // namespace daedalus::h264
