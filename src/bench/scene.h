// SPDX-License-Identifier: MIT
// Synthetic moving pictures for encoders, which they compress like ordinary video: detail, motion
// at fractions of samples, objects that cover each other, and noise.
#pragma once

#include <cstdint>
#include <vector>

extern "C" {
#include <libavutil/frame.h>
}

namespace daedalus::bench {

// The same in every run.
class Scene {
 public:
  Scene(int width, int height);

  // Fills a frame of AV_PIX_FMT_YUV420P and the scene's size with picture `index`.
  void draw(int index, AVFrame& frame) const;

 private:
  struct Object {
    double x, y, dx, dy, size;  // of the picture's height; dx and dy per picture
    int texture_x, texture_y;
  };
  struct Plane;
  void draw_plane(int index, int which, const Plane& plane) const;

  const int width_, height_;
  std::vector<uint8_t> texture_;
  std::vector<Object> objects_;
};

}  // namespace daedalus::bench
