// vaPutSurface: a surface in an X11 window, for clients that leave it to the driver to show it.
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
  // Touches neither before the first put.
  Presenter(Device& device, void* x11_display) : device_(device), x11_display_(x11_display) {}

  struct Request {
    xcb_drawable_t drawable;
    video::Rectangle source;  // inside of the surface
    VARectangle destination;
    std::vector<xcb_rectangle_t> clips;
    unsigned flags;  // of vaPutSurface
  };
  VAStatus put(Surface& surface, const Request& request);

 private:
  Result<void> open();
  Result<void> convert(Surface& surface, const Request& request);
  Result<void> download();
  void blend_subpictures(Surface& surface, const Request& request, const x11::Canvas& canvas);

  Device& device_;
  void* const x11_display_;
  std::mutex mutex_;
  std::unique_ptr<VideoProcessor> processor_;
  std::optional<x11::Painter> painter_;
  std::shared_ptr<daedalus::Surface> converted_;  // as large as the window shows it
  std::vector<std::byte> samples_;                // its own, in its layout
};

VAStatus put_surface(Display&, VASurfaceID surface, void* drawable, short src_x, short src_y,
                     unsigned short src_width, unsigned short src_height, short dest_x,
                     short dest_y, unsigned short dest_width, unsigned short dest_height,
                     VARectangle* clips, unsigned num_clips, unsigned flags);

}  // namespace daedalus::va
