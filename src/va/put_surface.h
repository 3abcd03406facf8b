// SPDX-License-Identifier: MIT
// vaPutSurface: shows a surface in an X11 window, for clients that leave that to the driver.
#pragma once

#include <va/va.h>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daedalus/video_processor.h"
#include "va/surface.h"
#include "x11/painter.h"

namespace daedalus::va {

// Shows surfaces in the windows of one X11 display. Any thread may call.
class Presenter {
 public:
  // The display is not touched before the first put.
  explicit Presenter(void* x11_display) : x11_display_(x11_display) {}

  struct Request {
    x11::Drawable drawable;
    video::Rectangle source;  // inside of the surface
    VARectangle destination;
    std::vector<x11::Rectangle> clips;
    unsigned flags;  // of vaPutSurface
  };
  VAStatus put(std::shared_ptr<Device> device, Surface& surface, const Request& request);

 private:
  // Converts one surface at a time to what the window shows, in CPU memory.
  struct Conversion {
    std::shared_ptr<Device> device;
    std::unique_ptr<VideoProcessor> processor;
    std::shared_ptr<daedalus::Surface> picture;  // as large as shown in the window
    std::vector<std::byte> samples;              // the picture's, in its layout
  };

  Result<Conversion> take_conversion(std::shared_ptr<Device> device);
  void give_back(Conversion&& conversion);
  Result<void> paint(const Conversion& conversion, Surface& surface, const Request& request);

  void* const x11_display_;
  std::mutex mutex_;  // guards the members below; not held while the GPU converts
  std::optional<x11::Painter> painter_;
  std::vector<Conversion> idle_;
};

VAStatus put_surface(Display&, VASurfaceID surface, void* drawable, short src_x, short src_y,
                     unsigned short src_width, unsigned short src_height, short dest_x,
                     short dest_y, unsigned short dest_width, unsigned short dest_height,
                     VARectangle* clips, unsigned num_clips, unsigned flags);

}  // namespace daedalus::va
