// A Device without a GPU, for tests: pictures are plain memory, and submit decodes before it
// returns, with the scalar reference.
#pragma once

#include <memory>

#include "daedalus/device.h"

namespace daedalus::h264::scalar {

std::unique_ptr<Device> create_scalar_device();

}  // namespace daedalus::h264::scalar
