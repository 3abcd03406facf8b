// SPDX-License-Identifier: MIT
// Video processing: deinterlaces, scales, crops, rotates and converts a YUV picture into another
// picture.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "daedalus/error.h"
#include "daedalus/picture.h"

namespace daedalus {

namespace video {

struct Rectangle {
  uint32_t x, y, width, height;  // samples; width and height at least 1

  bool operator==(const Rectangle&) const = default;
};

// How R, G, B make Y, Cb, Cr (ITU-T H.273 8.3, MatrixCoefficients 6, 1 and 9).
enum class Matrix { bt601, bt709, bt2020 };
enum class Range { limited, full };  // 16..235 and 16..240, or 0..255

// Where a chroma sample lies among its luma samples. It has no meaning along an axis on which
// chroma is not subsampled (4:2:2 vertically).
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
  bicubic,  // Catmull-Rom, widened when scaling down, so that nothing aliases
};

// How the rows of one field, every second row of a frame, become a whole picture.
enum class Deinterlacing {
  none,             // the frame is a picture; both fields stay woven together
  bob,              // the rows between are interpolated from the field's own rows
  motion_adaptive,  // likewise, but they follow the fields before and after where nothing moves
};

// Whether frames of a format are deinterlaced motion-adaptively.
constexpr bool deinterlaces_adaptively(PictureFormat format) {
  return format == PictureFormat::nv12 || format == PictureFormat::p010;
}

struct Process {
  // Inside the source. Samples outside of it are not read: its border samples are repeated.
  Rectangle source_region;
  // Inside the target. The rotated source fills it.
  Rectangle target_region;
  // Fills the target outside of its region: alpha, red, green, blue, from the high byte on.
  uint32_t background = 0xff000000;

  // Before everything else.
  Deinterlacing deinterlacing = Deinterlacing::none;
  bool bottom_field = false;  // the field to show
  bool second_field = false;  // the frame's other field was captured before it

  // In this order.
  Rotation rotation = Rotation::none;
  bool mirror_horizontally = false;  // swaps left and right
  bool mirror_vertically = false;

  Scaling scaling = Scaling::bilinear;

  Color source_color;
  Color target_color;  // RGB pictures use only the range

  bool operator==(const Process&) const = default;
};

// The frame to process. Motion-adaptive deinterlacing also reads the frames captured before and
// after it; without them it detects less motion.
struct Source {
  Source(std::shared_ptr<Picture> frame_in) : frame(std::move(frame_in)) {}
  Source(std::shared_ptr<Picture> frame_in, std::shared_ptr<Picture> previous_in,
         std::shared_ptr<Picture> next_in)
      : frame(std::move(frame_in)), previous(std::move(previous_in)), next(std::move(next_in)) {}

  std::shared_ptr<Picture> frame, previous, next;  // the last two may be null
};

// Any thread may call, one at a time. Destruction waits for what was submitted.
class ProcessingStage {
 public:
  virtual ~ProcessingStage() = default;

  // Submits one process to the GPU, in one queue submit after everything submitted earlier, and
  // returns. The submit has one dispatch, or two if a frame is deinterlaced motion-adaptively and
  // also changed in other ways. Waits if too many are in flight. The source is YUV. The target is
  // RGB or 4:2:0 and is not one of the source's pictures. Error::invalid_parameter if a region is
  // not inside its picture. Motion-adaptive deinterlacing takes NV12 and P010, with previous and
  // next frames of the same format and size.
  virtual Result<void> submit(const Process& process, const Source& source,
                              std::shared_ptr<Picture> target) = 0;
};

}  // namespace video
}  // namespace daedalus
