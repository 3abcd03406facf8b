// SPDX-License-Identifier: MIT
#include "va/context.h"

#include <algorithm>
#include <utility>

#include "daedalus/log.h"
#include "va/buffer.h"
#include "va/config.h"
#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/names.h"
#include "va/offers.h"
#include "va/status.h"

namespace daedalus::va {

// A picture that was begun and never ended is dropped: clients whose vaRenderPicture failed may
// start the next one.
VAStatus Context::begin(std::shared_ptr<Surface> target) {
  std::lock_guard lock(mutex_);
  session_->reset();
  target_ = std::move(target);
  failure_ = VA_STATUS_SUCCESS;
  return VA_STATUS_SUCCESS;
}

VAStatus Context::render(Display& display, const VABufferID* buffers, int num_buffers) {
  std::lock_guard lock(mutex_);
  if (!target_) return VA_STATUS_ERROR_OPERATION_FAILED;
  // If there was no memory for a picture's buffers, the picture fails, whatever else arrives.
  const auto earlier = std::exchange(failure_, VA_STATUS_ERROR_ALLOCATION_FAILED);
  const auto status = finish(take(display, buffers, num_buffers));
  failure_ = status == VA_STATUS_SUCCESS ? earlier : status;
  return status;
}

// Clients silently fall back to software, or show grey: the reason is logged once, as an error.
VAStatus Context::finish(const Outcome& outcome) {
  if (outcome.done()) return outcome.status;
  log(std::exchange(told_, true) ? LogLevel::debug : LogLevel::error, "a picture is refused: %s",
      outcome.reason.empty() ? status_text(outcome.status) : outcome.reason.c_str());
  return outcome.status;
}

Outcome Context::take(Display& display, const VABufferID* buffers, int num_buffers) {
  if (num_buffers < 0 || (num_buffers > 0 && !buffers)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  for (int i = 0; i < num_buffers; ++i) {
    const auto buffer = display.buffers.find(buffers[i]);
    if (!buffer) return VA_STATUS_ERROR_INVALID_BUFFER;
    auto outcome =
        session_->render(buffer->contents(), *target_, {display.surfaces, display.buffers});
    if (!outcome.done()) return outcome;
  }
  return VA_STATUS_SUCCESS;
}

VAStatus Context::end(const SurfaceTable& surfaces) {
  std::unique_lock lock(mutex_);
  if (!target_) return VA_STATUS_ERROR_OPERATION_FAILED;
  const auto target = std::move(target_);
  const auto status =
      failure_ == VA_STATUS_SUCCESS ? finish(session_->end(target, surfaces)) : failure_;
  const std::shared_ptr<daedalus::Surface> written[] = {target->core, session_->display()};
  session_->reset();
  lock.unlock();
  if (status != VA_STATUS_SUCCESS) return status;
  for (const auto& surface : written) {
    if (!surface || !surface->is_read_without_sync()) continue;
    if (auto done = surface->wait_for_fence(); !done) return to_status(done.error());
  }
  return VA_STATUS_SUCCESS;
}

namespace {

VAStatus check_targets(const Display& display, const VASurfaceID* targets, int num_targets) {
  if (num_targets < 0 || (num_targets > 0 && !targets)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const bool known = std::all_of(targets, targets + num_targets, [&](VASurfaceID target) {
    return display.surfaces.find(target) != nullptr;
  });
  return known ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_SURFACE;
}

bool takes_size(const Offer& offer, int width, int height) {
  const int least = offer.context_has_size ? 1 : 0;
  return width >= least && height >= least && width <= static_cast<int>(offer.max_size.width) &&
         height <= static_cast<int>(offer.max_size.height);
}

}  // namespace

// The targets are a hint: any surface may be decoded into, even one that is created later.
VAStatus create_context(Display& display, VAConfigID config_id, int width, int height, int,
                        VASurfaceID* targets, int num_targets, VAContextID* id) {
  const auto config = display.configs.find(config_id);
  if (!config) return VA_STATUS_ERROR_INVALID_CONFIG;
  if (!id) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const Offer& offer = config->offer;
  if (!takes_size(offer, width, height)) {
    log(LogLevel::info, "refused: a context for pictures of %dx%d; the limit is %ux%u", width,
        height, offer.max_size.width, offer.max_size.height);
    return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
  }
  if (auto status = check_targets(display, targets, num_targets); status != VA_STATUS_SUCCESS)
    return status;

  auto device = display.device->get();
  if (!device) return to_status(device.error());
  auto session =
      offer.create_session(**device, {offer.profile, static_cast<uint32_t>(width),
                                      static_cast<uint32_t>(height), display.entropy_threads});
  if (!session) return to_status(session.error());
  *id = display.contexts.insert(std::make_shared<Context>(std::move(*device), std::move(*session)));
  return *id == VA_INVALID_ID ? VA_STATUS_ERROR_MAX_NUM_EXCEEDED : VA_STATUS_SUCCESS;
}

VAStatus destroy_context(Display& display, VAContextID id) {
  return display.contexts.remove(id) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_CONTEXT;
}

VAStatus begin_picture(Display& display, VAContextID id, VASurfaceID target_id) {
  const auto context = display.contexts.find(id);
  if (!context) return VA_STATUS_ERROR_INVALID_CONTEXT;
  auto target = display.surfaces.find(target_id);
  if (!target) return VA_STATUS_ERROR_INVALID_SURFACE;
  return context->begin(std::move(target));
}

VAStatus render_picture(Display& display, VAContextID id, VABufferID* buffers, int num_buffers) {
  const auto context = display.contexts.find(id);
  if (!context) return VA_STATUS_ERROR_INVALID_CONTEXT;
  return context->render(display, buffers, num_buffers);
}

VAStatus end_picture(Display& display, VAContextID id) {
  const auto context = display.contexts.find(id);
  if (!context) return VA_STATUS_ERROR_INVALID_CONTEXT;
  return context->end(display.surfaces);
}

}  // namespace daedalus::va
