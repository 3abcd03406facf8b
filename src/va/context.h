// SPDX-License-Identifier: MIT
// VAContextID: one stream's decoding.
#pragma once

#include <va/va.h>

#include <memory>
#include <mutex>

#include "va/session.h"

namespace daedalus::va {

class Context {
 public:
  Context(std::shared_ptr<Device> device, std::unique_ptr<Session> session)
      : device_(std::move(device)), session_(std::move(session)) {}

  VAStatus begin(std::shared_ptr<Surface> target);
  VAStatus render(Display& display, const VABufferID* buffers, int num_buffers);
  VAStatus end(const SurfaceTable& surfaces);

 private:
  VAStatus finish(const Outcome& outcome);
  Outcome take(Display& display, const VABufferID* buffers, int num_buffers);

  const std::shared_ptr<Device> device_;  // the session's
  std::mutex mutex_;
  std::unique_ptr<Session> session_;
  std::shared_ptr<Surface> target_;  // null between pictures
  VAStatus failure_ = VA_STATUS_SUCCESS;
  bool told_ = false;  // the reason for a refused picture was logged
};

VAStatus create_context(Display&, VAConfigID config, int width, int height, int flags,
                        VASurfaceID* targets, int num_targets, VAContextID* id);
VAStatus destroy_context(Display&, VAContextID id);
VAStatus begin_picture(Display&, VAContextID id, VASurfaceID target);
VAStatus render_picture(Display&, VAContextID id, VABufferID* buffers, int num_buffers);
VAStatus end_picture(Display&, VAContextID id);

}  // namespace daedalus::va
