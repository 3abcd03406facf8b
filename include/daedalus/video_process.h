// SPDX-License-Identifier: MIT
// Video processing: a YUV picture deinterlaced, scaled, cropped, turned and converted into another
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

// How the rows of one field, every second row of a frame, become a whole picture.
enum class Deinterlacing {
  none,             // the frame is a picture; both fields stay woven together
  bob,              // the rows between are interpolated from the field's own
  motion_adaptive,  // and follow the fields before and after where these say that nothing moves
};

// Whether frames of a format are deinterlaced motion-adaptively.
constexpr bool deinterlaces_adaptively(PictureFormat format) {
  return format == PictureFormat::nv12 || format == PictureFormat::p010;
}

struct Process {
  // Inside of the source; samples outside of it are not read: it ends in its own border samples.
  Rectangle source_region;
  // Inside of the target. The turned source fills it.
  Rectangle target_region;
  // What the target has outside of its region: alpha, red, green, blue, from the high byte on.
  uint32_t background = 0xff000000;

  // Before all else.
  Deinterlacing deinterlacing = Deinterlacing::none;
  bool bottom_field = false;  // the field that is shown
  bool second_field = false;  // the other field of the frame was captured before it

  // In this order.
  Rotation rotation = Rotation::none;
  bool mirror_horizontally = false;  // left and right change places
  bool mirror_vertically = false;

  Scaling scaling = Scaling::bilinear;

  Color source_color;
  Color target_color;  // of RGB pictures the range alone counts

  bool operator==(const Process&) const = default;
};

// The frame to process. Motion-adaptive deinterlacing also reads the frames captured before and
// after it: with only one of them, or none, it sees less of what moves.
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

  // Hands one process to the GPU, as one queue submit, behind everything that was submitted before,
  // and returns. The submit has one dispatch, and a second one where a frame is deinterlaced
  // motion-adaptively and then changed in other ways. Waits where too many are in flight. The
  // source is YUV, the target RGB or 4:2:0, another picture than any of the source's.
  // Error::invalid_parameter where a region is not inside of its picture. Motion-adaptive
  // deinterlacing takes NV12 and P010, and frames before and after of the same format and size.
  virtual Result<void> submit(const Process& process, const Source& source,
                              std::shared_ptr<Picture> target) = 0;
};

}  // namespace video
}  // namespace daedalus
