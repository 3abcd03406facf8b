// SPDX-License-Identifier: MIT
#include "va/video/session.h"

#include <algorithm>
#include <cstring>

#include "daedalus/log.h"
#include "va/status.h"
#include "va/video/process_buffer.h"

namespace daedalus::va {

Result<std::unique_ptr<Session>> VideoSession::create(Device& device, const ContextWish&) {
  auto processor = VideoProcessor::create(device);
  if (!processor) return tl::unexpected(processor.error());
  return std::unique_ptr<Session>(new VideoSession(std::move(*processor)));
}

// Regions, filters and references are in client memory, which must be read now.
Outcome VideoSession::render(const BufferContents& contents, const Surface& target,
                             const NamedObjects& objects) {
  if (contents.type != VAProcPipelineParameterBufferType)
    return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
  // Clients built with an older libva may have a shorter structure.
  constexpr std::size_t least = offsetof(VAProcPipelineParameterBuffer, input_surface_flag);
  if (contents.num_elements != 1 || contents.element_size < least)
    return VA_STATUS_ERROR_INVALID_BUFFER;
  if (source_)
    return {VA_STATUS_ERROR_UNIMPLEMENTED, "video processing: several sources in one picture"};
  VAProcPipelineParameterBuffer parameters{};
  memcpy(&parameters, contents.memory.get(),
         std::min<std::size_t>(contents.element_size, sizeof(parameters)));
  auto source = objects.surfaces.find(parameters.surface);
  if (!source) return VA_STATUS_ERROR_INVALID_SURFACE;
  auto outcome = read_process(parameters, *source, target, objects.buffers, process_);
  if (outcome.done())
    outcome = read_references(parameters, process_, *source, objects.surfaces, references_);
  if (!outcome.done()) return outcome;
  if (!names_matrix(parameters) && !told_matrix_) {
    told_matrix_ = true;
    log(LogLevel::info, "video processing: the client names no colour standard; using BT.%s %s",
        process_.source_color.matrix == video::Matrix::bt709 ? "709" : "601",
        process_.source_color.range == video::Range::limited ? "limited" : "full");
  }
  source_ = std::move(source);
  return VA_STATUS_SUCCESS;
}

Outcome VideoSession::end(const std::shared_ptr<Surface>& target, const SurfaceTable&) {
  if (!source_) return VA_STATUS_ERROR_INVALID_BUFFER;
  const auto& [previous, next] = references_;
  if (source_ == target || previous == target || next == target)
    return VA_STATUS_ERROR_INVALID_SURFACE;
  const auto core_of = [](const std::shared_ptr<Surface>& surface) {
    return surface ? surface->core.get() : nullptr;
  };
  return to_status(processor_->process(process_, {*source_->core, core_of(previous), core_of(next)},
                                       *target->core));
}

void VideoSession::reset() {
  source_.reset();
  references_ = {};
}

}  // namespace daedalus::va
