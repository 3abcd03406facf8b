// SPDX-License-Identifier: MIT
// A picture's memory and its layout.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/error.h"

namespace daedalus {

enum class PictureFormat {
  nv12,  // a plane of luma samples, then a plane of Cb, Cr pairs of half the height, same pitch
  p010,  // likewise in 16-bit words, whose high 10 bits are the sample
  i420,  // a plane each of luma, Cb and Cr; those of chroma have half the height and half the pitch
  yuy2,  // 4:2:2 in one plane: two samples are 4 bytes, Y, Cb, Y, Cr
  uyvy,  // Cb, Y, Cr, Y
  bgra,  // one plane; a sample is 4 bytes: blue, green, red, alpha
  rgba,  // red, green, blue, alpha
};

// The properties that all pictures of a format share.
struct FormatTraits {
  uint32_t planes;
  uint32_t sample_bytes;  // of the first plane, from a sample to its right neighbour
  uint32_t bits;          // of a component
  bool rgb;
  // Width and height are rounded up to multiples of these: 4:2:0 has whole macroblocks.
  uint32_t width_unit, height_unit;
  // A black picture, as 32-bit words of its first plane and of the others.
  uint32_t black, black_chroma;
};

constexpr FormatTraits traits_of(PictureFormat format) {
  switch (format) {
    case PictureFormat::nv12:
      return {2, 1, 8, false, 16, 16, 0x10101010, 0x80808080};
    case PictureFormat::p010:
      return {2, 2, 10, false, 16, 16, 0x10001000, 0x80008000};
    case PictureFormat::i420:
      return {3, 1, 8, false, 16, 16, 0x10101010, 0x80808080};
    case PictureFormat::yuy2:
      return {1, 2, 8, false, 2, 1, 0x80108010, 0};
    case PictureFormat::uyvy:
      return {1, 2, 8, false, 2, 1, 0x10801080, 0};
    case PictureFormat::bgra:
    case PictureFormat::rgba:
      break;
  }
  return {1, 4, 8, true, 1, 1, 0xff000000, 0};
}

// The even rows of an interlaced frame, or the odd ones.
enum class Field : uint8_t { top, bottom };

struct PictureLayout {
  PictureFormat format;
  uint32_t width, height;  // samples
  uint32_t pitch;          // bytes, a multiple of 16 (P010: 32)
  // Bytes from the first luma sample to the first of Cb and Cr (a multiple of 16), or of Cb alone
  // (I420; a multiple of 4). 0: there is no such plane.
  uint32_t chroma_offset;
  uint32_t cr_offset = 0;  // I420: likewise for Cr
  uint32_t size;           // bytes

  // NV12 and P010: the size in whole macroblocks that decoders write. The memory may be a client's
  // and have no room for so much; such pictures are decoded elsewhere and copied in the same
  // submit.
  uint32_t coded_width() const { return (width + 15) / 16 * 16; }
  uint32_t coded_height() const { return (height + 15) / 16 * 16; }

  bool operator==(const PictureLayout&) const = default;
};

// What VP9 and AV1 decode to.
constexpr PictureFormat format_of_depth(uint32_t bit_depth) {
  return bit_depth == 10 ? PictureFormat::p010 : PictureFormat::nv12;
}

// The layout of pictures in a device's own memory. Rows of all planes are multiples of 64 bytes.
constexpr PictureLayout picture_layout(PictureFormat format, uint32_t width, uint32_t height) {
  const auto round_up = [](uint32_t value, uint32_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
  };
  const FormatTraits traits = traits_of(format);
  PictureLayout layout = {};
  layout.format = format;
  layout.width = round_up(width, traits.width_unit);
  layout.height = round_up(height, traits.height_unit);
  layout.pitch = round_up(layout.width * traits.sample_bytes, traits.planes == 3 ? 128 : 64);
  layout.size = layout.pitch * layout.height;
  if (traits.planes == 1) return layout;
  const uint32_t luma = layout.size;
  layout.chroma_offset = luma;
  layout.size = luma + luma / 2;
  if (traits.planes == 3) layout.cr_offset = luma + luma / 4;
  return layout;
}

// Makes a picture black. `words` is all of its memory.
inline void fill_black(const PictureLayout& layout, std::span<uint32_t> words) {
  const FormatTraits traits = traits_of(layout.format);
  const std::size_t first_plane =
      traits.planes == 1 ? words.size() : layout.chroma_offset / sizeof(uint32_t);
  std::fill(words.begin(), words.begin() + first_plane, traits.black);
  std::fill(words.begin() + first_plane, words.end(), traits.black_chroma);
}

// The memory of one picture. It starts black, unless it is a client's, and never
// moves.
class Picture {
 public:
  virtual ~Picture() = default;
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  const PictureLayout& layout() const { return layout_; }

  // Waits for the last submitted write. Error::timeout, Error::device_lost.
  virtual Result<void> wait(std::chrono::nanoseconds timeout) = 0;
  // Also waits for all submitted work that reads it.
  virtual Result<void> wait_for_readers(std::chrono::nanoseconds timeout) = 0;

  // The samples in the CPU's address space, layout().size bytes; empty if the CPU cannot see the
  // memory. The caller waits first.
  virtual std::span<std::byte> map() = 0;

  // Copies the whole picture, in its layout, to or from ordinary memory of layout().size bytes,
  // after waiting for the last write; an upload counts as a write.
  virtual Result<void> download(std::span<std::byte> destination) = 0;
  virtual Result<void> upload(std::span<const std::byte> source) = 0;

  // NV12: after all submitted uses, copies each row of the field over the other field's row next to
  // it, and waits for that.
  virtual Result<void> repeat_field(Field field) = 0;

  // A new file descriptor of the dma-buf, which the caller closes. The memory lives at least
  // until the last descriptor is closed. Error::unsupported if Device::shares_dma_bufs() is
  // false.
  virtual Result<int> export_dma_buf() = 0;

  // Whether the dma-buf has a fence for the last submitted write, so that other devices and
  // processes wait for it by themselves.
  virtual bool has_fence() const { return false; }

 protected:
  explicit Picture(const PictureLayout& layout) : layout_(layout) {}
  PictureLayout layout_;
};

}  // namespace daedalus
