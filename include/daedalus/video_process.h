// SPDX-License-Identifier: MIT
// Video processing: a YUV picture scaled, cropped, turned and converted into another picture.
#pragma once

#include <cstdint>
#include <memory>

#include "daedalus/error.h"

namespace daedalus {

class Picture;

namespace video {

struct Rectangle {
  uint32_t x, y, width, height;  // samples; width and height at least 1

  bool operator==(const Rectangle&) const = default;
};

// How R, G, B make Y, Cb, Cr (ITU-T H.273 8.3, MatrixCoefficients 6, 1 and 9).
enum class Matrix { bt601, bt709, bt2020 };
enum class Range { limited, full };  // 16..235 and 16..240, or 0..255

// Where a chroma sample lies among the luma samples that it belongs to. Along an axis where each
// luma sample has its own (4:2:2 vertically) it says nothing.
enum class Siting { first, between };

struct Color {
  Matrix matrix = Matrix::bt709;
  Range range = Range::limited;
  Siting horizontal = Siting::first;
  Siting vertical = Siting::between;

  bool operator==(const Color&) const = default;
};

enum class Rotation { none, clockwise_90, clockwise_180, clockwise_270 };

enum class Scaling {
  bilinear,
  bicubic,  // Catmull-Rom, widened where it makes pictures smaller, so that nothing aliases
};

struct Process {
  // Inside of the source; samples outside of it are not read: it ends in its own border samples.
  Rectangle source_region;
  // Inside of the target. The turned source fills it.
  Rectangle target_region;
  // What the target has outside of its region: alpha, red, green, blue, from the high byte on.
  uint32_t background = 0xff000000;

  // In this order.
  Rotation rotation = Rotation::none;
  bool mirror_horizontally = false;  // left and right change places
  bool mirror_vertically = false;

  Scaling scaling = Scaling::bilinear;

  Color source_color;
  Color target_color;  // of RGB pictures the range alone counts

  bool operator==(const Process&) const = default;
};

// Any thread may call, one at a time. Destruction waits for what was submitted.
class ProcessingStage {
 public:
  virtual ~ProcessingStage() = default;

  // Hands one process to the GPU, as one queue submit of one dispatch, behind everything that was
  // submitted before, and returns. Waits where too many are in flight. The source is YUV, the
  // target RGB or 4:2:0, another picture than the source. Error::invalid_parameter where a region
  // is not inside of its picture.
  virtual Result<void> submit(const Process& process, std::shared_ptr<Picture> source,
                              std::shared_ptr<Picture> target) = 0;
};

}  // namespace video
}  // namespace daedalus
