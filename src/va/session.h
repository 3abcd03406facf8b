// SPDX-License-Identifier: MIT
// Processes a context's buffers.
#pragma once

#include <va/va.h>

#include <memory>

#include "va/buffer.h"
#include "va/object_table.h"
#include "va/outcome.h"
#include "va/surface.h"

namespace daedalus::va {

using SurfaceTable = ObjectTable<Surface, ObjectType::surface>;
using BufferTable = ObjectTable<Buffer, ObjectType::buffer>;

// The objects that buffers may refer to.
struct NamedObjects {
  const SurfaceTable& surfaces;
  const BufferTable& buffers;
};

// One call at a time.
class Session {
 public:
  virtual ~Session() = default;

  // Takes a buffer of the current picture. Pictures that cannot be decoded are refused as soon as a
  // buffer shows it.
  virtual Outcome render(const BufferContents& contents, const Surface& target,
                         const NamedObjects& objects) = 0;

  // Queues the picture.
  virtual Outcome end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) = 0;

  // The surface that the current picture writes besides its target; null if there is none. Call
  // after end().
  virtual std::shared_ptr<daedalus::Surface> display() const { return nullptr; }

  // Forgets the current picture.
  virtual void reset() = 0;
};

}  // namespace daedalus::va
